"""Descriptions of delivered files: what they leave unsaid, or say twice, is a fault."""

from pathlib import Path

import pytest

from nps_exchange import resources
from nps_exchange.codelists import CodeLists
from nps_exchange.resources import Layer
from nps_exchange.sources import description

HEAD = """description: own
title: {sv: Egen, en: Own}
origin: {document: a test, status: invented}
source: "TEST DATA: made for a test"
"""
WHO = "  - {heading: Yrke, to: profession}\n  - {heading: År, to: year}\n"
FIX = "fix: {measure: stock, unit: persons, activity: practising}\nrest: total\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"columns:\n{WHO}  - {{heading: Kön, to: sex}}\n"
            f"across: {{headings: {{Kvinnor: {{sex: F}}, Unga: {{age: Y_LT35}}}}}}\n{FIX}",
            "sex stands in a column and in the headings too",
        ),
        (
            f"columns:\n{WHO}across: {{headings: {{A: {{sex: F}}, B: {{sex: M, age: Y_LT35}}}}}}\n"
            "fix: {measure: stock, unit: persons, activity: practising}\n",
            "not every figure says its age",
        ),
        (
            f"columns:\n{WHO}  - {{heading: Antal, to: value}}\nfix: {{measure: stock, unit: persons}}\nrest: total\n",
            "not every figure says its activity",
        ),
        (
            f"columns:\n{WHO}  - {{heading: Antal, to: value}}\n{FIX}reference_date: {{by: activitet, x: '{{year}}'}}\n",
            "activitet is not a dimension",
        ),
        (
            f"columns:\n{WHO}  - {{heading: Antal, to: value}}\n{FIX}symbols: {{'-': zero, '\u2212': none}}\n",
            "stands twice",
        ),
        (
            f"columns:\n{WHO}  - {{heading: [Antal, yrke], to: value}}\n{FIX}",
            "the heading 'yrke' belongs to two columns",
        ),
        (
            f"columns:\n{WHO}  - {{heading: Antal, to: value}}\nfix: {{measure: live_births, unit: persons}}\nrest: total\n",
            "live_births is not given in persons",
        ),
    ],
)
def test_a_fault_of_a_description_is_told(tmp_path: Path, lists: CodeLists, text: str, said: str) -> None:
    (tmp_path / "national").mkdir()
    (tmp_path / "national" / "own.yaml").write_text(HEAD + text, encoding="utf-8")
    _, faults = description.load_all(resources.load(Layer(tmp_path, "./own")), lists)
    assert any(said in fault.values["problem"] for fault in faults), faults
    assert {fault.place.file for fault in faults} == {"./own/national/own.yaml"}

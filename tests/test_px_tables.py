"""A dataset as a PX table: figures, symbols, flags and notes each in their place, in both languages."""

import copy
from pathlib import Path
from typing import Any

import pytest

from nps_exchange import exchange
from nps_exchange.formats import px
from nps_exchange.model import Finding
from nps_exchange.run import run
from tests.invented import lay_out, national_table
from tests.test_mapping_px import ASKED, METHODS, STRUCTURE, keywords, plain
from tests.test_translate import ACTIVE, row


def made(
    folder: Path, rows: list[str], found: dict[str, Any] | None = None, **more: Any
) -> tuple[px.Px, list[list[str]], dict]:
    """The PX table of a run on these rows, its cells, and the report."""
    found = found or plain()
    lay_out(folder, found, {"table.csv": ASKED, "T.xml": STRUCTURE} | more.pop("schemas", {}), METHODS)
    national_table(folder, rows)
    steering = {"year": 2021, "inputs": ["national-table.csv"], "prepared": "2026-02-20T09:05:00+01:00"}
    steering |= {"mappings": "mappings", "schemas": "schemas", "bodies": ["inv"]} | more
    (folder / "exchange.yaml").write_text(__import__("yaml").safe_dump(steering), encoding="utf-8")
    outcome = run(exchange.completed(exchange.from_folder(folder)), folder / "out")
    found_px = px.decode(folder / "out" / "inv" / "table.px")
    return found_px, [list(cells) for cells in found_px.rows], outcome.report


def said(table: px.Px, keyword: str, language: str = "", *keys: str) -> Any:
    found = [
        one.values for one in table.statements if (one.keyword, one.language, one.keys) == (keyword, language, keys)
    ]
    return found[0] if len(found) == 1 else found


ROWS = [row(5, profession="LK"), row(6, 2021, profession="LK", flags="B"), row("", profession="SJ", flags="M")]


def test_each_figure_stands_in_its_cell(tmp_path):
    table, cells, _ = made(tmp_path, ROWS)
    assert said(table, "STUB") == ("WHAT", "AREA") and said(table, "STUB", "sv") == ("WHAT-sv", "AREA-sv")
    assert said(table, "HEADING", "sv") == ("TIME_PERIOD-sv",)
    assert said(table, "VALUES", "", "WHAT") == ("Doctors", "Nurses")
    assert said(table, "VALUES", "sv", "WHAT-sv") == ("Doctors-sv", "Nurses-sv")
    assert said(table, "CODES", "", "WHAT") == said(table, "CODES", "sv", "WHAT-sv") == ("DOCTORS", "NURSES")
    assert said(table, "CODES", "", "AREA") == ("SE",)
    assert said(table, "TIMEVAL", "", "TIME_PERIOD") == (px.Bare("TLIST(A1)"), "2020", "2021")
    assert cells == [["5", "6"], [".", ".."]]


def test_flags_stand_beside_figures_and_their_meaning_in_a_note(tmp_path):
    table, _, _ = made(tmp_path, ROWS)
    assert said(table, "DATANOTECELL", "", "DOCTORS", "SE", "2021") == ("B",)
    assert said(table, "DATANOTECELL", "sv", "DOCTORS", "SE", "2021") == ("B",)
    assert [one.keys for one in table.statements if one.keyword == "DATANOTECELL" and not one.language] == [
        ("DOCTORS", "SE", "2021")
    ]


def test_what_the_table_says_of_itself(tmp_path):
    table, _, _ = made(tmp_path, ROWS, contacts={"email": "x@example.org", "organisation": "Nobody", "unit": "None"})
    assert said(table, "LANGUAGE") == ("en",) and said(table, "LANGUAGES") == ("en", "sv")
    assert said(table, "CREATION-DATE") == ("20260220 09:05",)
    assert said(table, "MATRIX") == ("INV01",) and said(table, "MATRIX", "sv") == []
    assert said(table, "TITLE", "sv") == ("Påhittade huvuden",)
    assert said(table, "AGGREGALLOWED") == (px.Bare("NO"),) and said(table, "STOCKFA") == ("S",)
    assert said(table, "DECIMALS") == (px.Bare("0"),)
    assert said(table, "CONTACT") == ("None\nNobody\nx@example.org",)
    assert said(table, "DATASYMBOL2", "sv") == ("Uppgift saknas",)
    assert said(table, "NOTE")[0].startswith("Heads counted") and said(table, "NOTE", "sv")[0].startswith("Räknade")
    assert "Sources: None." in said(table, "VALUENOTE", "", "WHAT", "Doctors")[0]
    assert "Källor: Inga." in said(table, "VALUENOTE", "sv", "WHAT-sv", "Doctors-sv")[0]


def test_why_a_value_has_no_figures_stands_at_the_value(tmp_path):
    found = plain()
    found["series"][0] |= {"scope": found["series"][0]["scope"] | {"profession": "LK"}, "rows": [["LK", "DOCTORS"]]}
    found["not_reported"] = [{"cells": {"WHAT": "NURSES"}, "reason": {"en": "No register", "sv": "Inget register"}}]
    table, cells, report = made(tmp_path, ROWS[:2], found)
    assert said(table, "VALUENOTE", "", "WHAT", "Nurses")[0].endswith("Not reported: No register")
    assert said(table, "VALUENOTE", "sv", "WHAT-sv", "Nurses-sv")[0].endswith("Rapporteras inte: Inget register")
    assert cells == [["5", "6"], ["..", ".."]]
    [dataset] = report["datasets"]
    assert dataset["coverage"][1]["reason"] == {"en": "No register", "sv": "Inget register"}
    assert "inv/table.px" in dataset["files"]


def test_what_was_never_delivered_says_so(tmp_path):
    table, _, _ = made(tmp_path, ROWS[:2])
    assert said(table, "VALUENOTE", "", "WHAT", "Nurses")[0].endswith("No figures available")


def test_a_confidential_figure_is_a_symbol_and_nothing_else(tmp_path):
    _, cells, _ = made(tmp_path, [row(4711, profession="LK", closed="C"), row(6, 2021, profession="LK"), ROWS[2]])
    assert cells == [["...", "6"], [".", ".."]]
    assert "4711" not in (tmp_path / "out" / "inv" / "table.px").read_text(encoding="utf-8")


def noted(value: object, note: str, **codes: str) -> str:
    """A row of the national table with what was noted beside it."""
    return f'{row(value, **codes)},"{note}"'


def test_what_was_noted_beside_a_figure_stands_at_its_cell_and_what_px_has_no_place_for_is_replaced(
    tmp_path, monkeypatch
):
    from tests import invented

    monkeypatch.setattr(invented, "ATTRIBUTES", ",note")
    rows = [noted(5, 'see #3 of ""Table""\there', profession="LK"), noted(7, "secret", profession="SJ", closed="C")]
    table, cells, _ = made(tmp_path, [one.replace("\\t", "\t") for one in rows])
    assert cells == [["5"], ["..."]]
    assert said(table, "CELLNOTE", "", "Doctors", "Se", "2020") == ("see nr 3 of 'Table' here",)
    assert said(table, "CELLNOTE", "sv", "Doctors-sv", "Se-sv", "2020") == ("see nr 3 of 'Table' here",)
    assert "secret" not in (tmp_path / "out" / "inv" / "table.px").read_text(encoding="utf-8")


def test_what_stands_in_for_another_series_is_told_where_it_must_be_seen(tmp_path):
    found = plain()
    found["series"].append(copy.deepcopy(ACTIVE))
    active = row(7, profession="SJ", activity="professionally_active")
    table, cells, _ = made(tmp_path, [*ROWS[:2], active], found)
    assert cells == [["5", "6"], ["7", ".."]]
    assert said(table, "NOTEX") == ("Nearer heads",) and said(table, "NOTEX", "sv") == ("Närmare huvuden",)
    assert said(table, "DATANOTECELL", "", "NURSES", "SE", "2020") == ("D",)
    (tmp_path / "again").mkdir()
    table, _, _ = made(tmp_path / "again", ROWS[:2], found)
    assert said(table, "NOTEX") == []


def test_rates_keep_their_decimals(tmp_path):
    found = plain()
    found["series"][0]["derive"] = [
        {"set": {"AREA": "NO"}, "over": {"measure": "population", "unit": "persons"}, "times": "1000", "round": "2"}
    ]
    rows = [row(5, profession="LK"), row(7, profession="SJ"), row(1000, measure="population")]
    asked = ASKED + "DOCTORS,NO,Doctors\nNURSES,NO,Nurses\n"
    table, cells, _ = made(tmp_path, rows, found, schemas={"table.csv": asked})
    assert cells == [["5"], ["5.00"], ["7"], ["7.00"]]
    assert said(table, "DECIMALS") == (px.Bare("2"),) == said(table, "SHOWDECIMALS")


def test_what_is_made_is_valid(tmp_path):
    _, _, report = made(tmp_path, ROWS)
    told = [finding["rule"] for finding in report["findings"] if finding["severity"] != "information"]
    assert [rule for rule in told if rule.startswith("px-")] == []


def test_the_heading_may_be_absent(tmp_path):
    table, cells, _ = made(tmp_path, ROWS, plain(stub=["YEAR", "WHAT", "AREA"], heading=None))
    assert cells == [["5"], ["."], ["6"], [".."]]
    assert said(table, "HEADING") == []


def test_the_code_page_of_the_layout_is_that_of_the_file(tmp_path):
    made(tmp_path, ROWS, plain(**keywords(CODEPAGE="iso-8859-1")))
    text = (tmp_path / "out" / "inv" / "table.px").read_bytes()
    assert "Påhittat".encode("latin-1") in text


def test_the_same_run_gives_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    made(tmp_path / "a", ROWS)
    made(tmp_path / "b", ROWS)
    first, second = (tmp_path / name / "out" / "inv" / "table.px" for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_text_that_px_has_no_place_for_stops_the_run_and_nothing_is_left(tmp_path):
    from nps_exchange.errors import OutputRefused

    found = plain(**keywords(CODEPAGE="iso-8859-1", TITLE={"en": "Heads ≥ 1", "sv": "Huvuden"}))
    with pytest.raises(OutputRefused) as refused:
        made(tmp_path, ROWS, found)
    [finding] = refused.value.findings
    assert isinstance(finding, Finding) and finding.rule == "px-unwritable"
    assert "TITLE" in finding.values["problem"] and "iso-8859-1" in finding.values["problem"].lower()
    assert not (tmp_path / "out").exists()


def test_a_symbol_for_two_things_is_explained_once(tmp_path):
    symbols = [plain()["px"]["symbols"][0], plain()["px"]["symbols"][0] | {"for": "confidential"}]
    table, _, _ = made(tmp_path, ROWS, plain(symbols=symbols))
    assert said(table, "DATASYMBOL2") == ("Not available",)

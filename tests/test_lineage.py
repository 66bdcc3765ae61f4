"""Every transmitted number leads back to the delivered cells that made it."""

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from nps_exchange import exchange
from nps_exchange.cli import main
from nps_exchange.errors import InputRefused, UsageError
from nps_exchange.lineage import explain
from nps_exchange.resources import EXAMPLES

DATASET = "oecd/joint-questionnaire"


@pytest.fixture(params=exchange.EXAMPLE_NAMES)
def example(request: pytest.FixtureRequest, examples: dict[str, Path]) -> Path:
    return examples[request.param]


@pytest.fixture
def sweden(examples: dict[str, Path]) -> Path:
    return examples["sweden"]


def cell(sweden: Path, key: str) -> dict:
    done = CliRunner().invoke(main, ["explain", str(sweden), DATASET, key, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_density_with_both_its_parts(sweden):
    answer = cell(sweden, "VAR=PHYSMEDE,UNIT=DENSPPNB,YEAR=2017")
    assert answer["value"] == 4.27
    assert answer["series"] == "personnel"
    assert answer["mapping"]["file"] == "mappings/oecd/joint-questionnaire.yaml"
    assert answer["parts"]["numerator"]["value"] == 42898
    assert answer["parts"]["denominator"]["value"] == (9995153 + 10120242) / 2
    files = {source["file"] for source in answer["sources"]}
    assert files == {"legitimerade_och_yrkesverksamma_1995-2018.xlsx", "folkmangd_31_december_1994-2018.json"}


def test_the_line_of_the_mapping_is_the_row_of_correspondence(sweden):
    answer = cell(sweden, "VAR=PHYSREGP,UNIT=PERSMYNB,YEAR=2018")
    lines = Path("mappings/oecd/joint-questionnaire.yaml").read_text(encoding="utf-8").splitlines()
    assert "[LK, licensed, PHYSREGP]" in lines[answer["mapping"]["line"] - 1]
    assert answer["calculation"] == "as delivered"
    assert answer["document"].startswith("OECD Health Statistics 2020")


def test_a_head_count_leads_to_the_very_cell(sweden):
    (source,) = cell(sweden, "VAR=DNSTDENT,UNIT=PERSMYNB,YEAR=2017")["sources"]
    (row,) = source["rows"]
    with (EXAMPLES / "sweden" / source["file"]).open(encoding="utf-8-sig") as stream:
        delivered = list(csv.reader(stream, delimiter=";"))
    assert int(delivered[row["row"] - 1][ord(row["column"]) - ord("A")].replace(" ", "")) == row["value"]


@pytest.mark.slow
def test_every_number_can_be_made_again_from_its_parts(example):
    """Every seventh observation of both examples, by the arithmetic of Python's decimals."""
    mapping = json.loads((example / "lineage.json").read_text(encoding="utf-8"))[DATASET]
    derivations = {d["line"]: d for series in mapping["series"] for d in series["derive"]}
    with (example / "oecd" / "joint-questionnaire.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[::7]:
        answer = explain(example, DATASET, {name: row[name] for name in ("VAR", "UNIT", "YEAR")})
        if "parts" not in answer:
            made = sum(Decimal(str(r["value"])) for s in answer["sources"] for r in s["rows"])
            assert made == Decimal(row["VALUE"]), row
            continue
        rule = derivations[answer["mapping"]["derivation_line"]]
        above, below = (
            sum(Decimal(str(r["value"])) for s in answer["parts"][part]["sources"] for r in s["rows"])
            for part in ("numerator", "denominator")
        )
        below /= len(rule["years_back"])
        quantum = Decimal(1).scaleb(-rule["decimals"])
        made = (above * rule["times"] / below).quantize(quantum, ROUND_HALF_UP)
        assert made == Decimal(row["VALUE"]), row


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ({"VAR": "PHYSMEDE", "UNIT": "DENSPPNB", "YEAR": "1900"}, "key-unknown"),
        ({"VAR": "PHYSMEDE", "UNIT": "DENSPPNB"}, "key-ambiguous"),
        ({"NOTHING": "1"}, "command-misused"),
    ],
)
def test_a_key_that_singles_nothing_out(sweden, key, rule):
    with pytest.raises(UsageError) as refused:
        explain(sweden, DATASET, key)
    assert refused.value.findings[0].rule == rule


def test_a_folder_that_is_no_run(tmp_path, sweden):
    with pytest.raises(InputRefused) as refused:
        explain(tmp_path, DATASET, {})
    assert refused.value.findings[0].rule == "run-unreadable"
    with pytest.raises(UsageError) as refused:
        explain(sweden, "oecd/nothing", {})
    assert refused.value.findings[0].rule == "dataset-unknown"


def test_words_for_people(sweden):
    key = "VAR=PHYSMEDE,UNIT=DENSPPNB,YEAR=2017"
    done = CliRunner().invoke(main, ["explain", str(sweden), DATASET, key, "--lang", "sv"])
    assert "Täljare: 42898" in done.output
    assert "rad 5, kolumn Y: 2017 = 42898" in done.output

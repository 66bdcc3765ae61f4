"""The PX tables of both examples, read by a reader that is not ours, and explained to the delivered cell."""

import csv
import json
from pathlib import Path

import pytest
from lxml import etree
from pyaxis import pyaxis

from nps_exchange.lineage import explain
from nps_exchange.resources import packaged

FILES = {
    "sweden": ("personnel",),
    "synthetic": ("personnel", "physicians-by-sector", "physicians-by-specialty"),
}
TABLES = [(example, dataset) for example, datasets in FILES.items() for dataset in datasets]


def codes(dataset: str, language: str) -> dict[str, str]:
    """The codes of the first column by their names in a language, from the structure message itself."""
    message = etree.parse(packaged("schemas") / "nomesko" / f"{dataset.upper().replace('-', '_')}.xml")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    found = {}
    for code in message.iter("{*}Code"):
        for name in code.iterfind("{*}Name"):
            if name.get(lang) == language:
                found[name.text] = code.get("id")
    return found


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize(("example", "dataset"), TABLES)
def test_pyaxis_finds_the_same_numbers_labels_and_languages(examples, example, dataset, language):
    folder = examples[example] / "nomesko"
    with (folder / f"{dataset}.csv").open(encoding="utf-8", newline="") as stream:
        rows = [list(row.values()) for row in csv.DictReader(stream)]
    sent = {(first, country, year): value for first, country, year, value, _ in rows}
    found = pyaxis.parse(str(folder / f"{dataset}.px"), encoding="utf-8", lang=language)
    assert set(found["METADATA"]["LANGUAGES"]) == {"en", "sv"}
    frame, known = found["DATA"], codes(dataset, language)
    first, country, time, value = frame.columns
    cells = {
        (known[str(row[first])], known[str(row[country])], str(row[time])): str(row[value]).strip('"')
        for _, row in frame.iterrows()
    }
    assert {key: cell for key, cell in cells.items() if cell.isdigit()} == sent
    assert {cell for key, cell in cells.items() if key not in sent} <= {"", "nan", "...", "."}  # symbols
    asked = (packaged("schemas") / "nomesko" / f"{dataset}.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(cells) == len(asked) * len({year for _, _, year in cells})


@pytest.mark.parametrize(
    ("example", "dataset", "code", "year", "series"),
    [
        ("sweden", "personnel", "OCCUPATION=PHYS", "2017", "professionally-active"),
        ("synthetic", "personnel", "OCCUPATION=PHYS", "2020", "licensed-and-employed"),
        ("synthetic", "physicians-by-specialty", "SPECIALTY=SURG", "2016", "professionally-active"),
        ("synthetic", "physicians-by-specialty", "SPECIALTY=SURG", "2022", "licensed-and-employed"),
    ],
)
def test_a_number_is_explained_by_the_series_that_filled_it(examples, example, dataset, code, year, series):
    key = dict([code.split("=")]) | {"TIME": year}
    told = explain(examples[example], f"nomesko/{dataset}", key)
    assert told["series"] == series
    parts = [row["value"] for source in told["sources"] for row in source["rows"]]
    assert None not in parts and sum(parts) == told["value"]


def test_a_sum_that_lacks_a_part_is_not_filled_by_another_series(examples: dict[str, Path]):
    told = json.loads((examples["synthetic"] / "report.json").read_text(encoding="utf-8"))
    of_surgery = {one["rule"]: one for one in told["findings"] if "SURG SE" in str(one["place"])}
    assert set(of_surgery) == {"cell-substituted", "sum-incomplete"}
    assert of_surgery["sum-incomplete"]["examples"] == [{"year": 2019}]
    assert 2019 not in [one["year"] for one in of_surgery["cell-substituted"]["examples"]]


def test_what_the_figures_are_is_told_where_every_reader_sees_it(examples):
    for example, datasets in FILES.items():
        for dataset in datasets:
            text = (examples[example] / "nomesko" / f"{dataset}.px").read_text(encoding="utf-8")
            declared = "professionally active" in text.partition("NOTEX=")[2].partition("NOTE=")[0]
            with (examples[example] / "nomesko" / f"{dataset}.csv").open(encoding="utf-8", newline="") as stream:
                assert declared == any("D" in row["OBS_STATUS"] for row in csv.DictReader(stream))
            assert ("TEST" in text) == (example == "synthetic")

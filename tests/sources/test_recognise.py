from pathlib import Path

import pytest

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding
from nps_exchange.sources.description import Description
from nps_exchange.sources.recognise import Table, recognise
from nps_exchange.sources.sheet import Row, Sheet

from .conftest import Describe

WHO = """columns:
  - {heading: [Yrke, Profession], to: profession}
  - {heading: Län, to: region, optional: true}
  - {heading: Antal, to: value}
fix: {measure: stock, unit: persons, activity: licensed, year: 2018}
rest: total
"""
HEAD = ["Yrke", "Antal"]


def sheet(*rows: list[object], name: str = "") -> Sheet:
    numbered: list[Row] = list(enumerate([list(row) for row in rows], 1))
    return Sheet(name, lambda: iter(numbered))


def found(sheets: list[Sheet], descriptions: list[Description], name: str = "a.csv", named: str = "") -> list[Table]:
    return recognise(Path(name), sheets, descriptions, named)[1]


def refused(sheets: list[Sheet], descriptions: list[Description], name: str = "a.csv", named: str = "") -> Finding:
    with pytest.raises(InputRefused) as error:
        recognise(Path(name), sheets, descriptions, named)
    (finding,) = error.value.findings
    return finding


@pytest.mark.parametrize("above", [0, 1, 7, 99])
def test_headings_are_found_below_titles(describe: Describe, above: int) -> None:
    (table,) = found([sheet(*([["Titel"]] * above), HEAD, ["Läkare", 5])], [describe(WHO)])
    assert table.header_row == above + 1
    assert table.shown == ("Yrke", "Antal")


def test_headings_are_not_looked_for_without_end(describe: Describe) -> None:
    assert refused([sheet(*([["Titel"]] * 100), HEAD)], [describe(WHO)]).rule == "description-none"


@pytest.mark.parametrize(
    "head", [["YRKE", "antal"], [" Yrke ", "Antal\u00a0"], ["Profession", "Antal"], ["Antal", "x", "Yrke"]]
)
def test_headings_are_compared_without_case_space_and_order(describe: Describe, head: list[object]) -> None:
    assert len(found([sheet(head)], [describe(WHO)])) == 1


def test_decomposed_headings_are_the_same(describe: Describe) -> None:
    own = describe(WHO.replace("Antal", "Läkare"))
    assert len(found([sheet(["Yrke", "La\u0308kare"])], [own])) == 1


def test_a_named_row_of_headings_is_the_only_one(describe: Describe) -> None:
    own = describe("header: 2\n" + WHO)
    assert found([sheet(HEAD, HEAD)], [own])[0].header_row == 2
    assert refused([sheet(HEAD, ["Läkare", 5])], [own]).rule != ""


def test_every_sheet_with_the_headings_is_a_table(describe: Describe) -> None:
    sheets = [sheet(HEAD, name="A"), sheet(["Om"], name="B"), sheet(HEAD, name="C")]
    assert [table.sheet.name for table in found(sheets, [describe(WHO)])] == ["A", "C"]


def test_a_named_sheet_is_the_only_one(describe: Describe) -> None:
    own = describe("sheet: antal\n" + WHO)
    assert [table.sheet.name for table in found([sheet(HEAD, name="X"), sheet(HEAD, name="Antal")], [own])] == ["Antal"]


def test_a_missing_sheet_is_named_with_those_that_are_there(describe: Describe) -> None:
    finding = refused([sheet(HEAD, name="X"), sheet(HEAD, name="Y")], [describe("sheet: Antal\n" + WHO)])
    assert (finding.rule, finding.values["sheet"], finding.values["found"]) == ("sheet-missing", "Antal", "X, Y")


def test_the_nearest_row_of_headings_says_what_is_missing(describe: Describe) -> None:
    finding = refused([sheet(["Titel"], ["Yrke", "Län", "Kön"])], [describe(WHO)])
    assert (finding.rule, finding.place.row, finding.values["missing"]) == ("column-missing", 2, "antal")
    assert finding.values["found"] == "Yrke, Län, Kön"


def test_nothing_like_it_names_what_is_known(describe: Describe) -> None:
    finding = refused([sheet(["a", "b"])], [describe(WHO)])
    assert (finding.rule, finding.values["known"]) == ("description-none", "own")


def test_no_rows_at_all_is_an_empty_file(describe: Describe) -> None:
    assert refused([sheet()], [describe(WHO)]).rule == "file-empty"


def test_two_that_fit_are_settled_by_the_name_of_the_file_or_not_at_all(
    describe: Describe, packaged_descriptions: list[Description]
) -> None:
    packaged = next(one for one in packaged_descriptions if one.id == "se-other-professions")
    head = ["Yrke", "Ställning", "År", "Antal", "Anmärkning"]
    own = describe(WHO)
    assert recognise(Path("OVRIGA_YRKEN_2018.csv"), [sheet(head)], [own, packaged])[0] is packaged
    finding = refused([sheet(head)], [own, packaged])
    assert (finding.rule, finding.values["candidates"]) == ("description-ambiguous", "own, se-other-professions")
    assert recognise(Path("a.csv"), [sheet(head)], [own, packaged], "own")[0] is own


def test_a_description_that_is_named_but_absent(describe: Describe) -> None:
    finding = refused([sheet(HEAD)], [describe(WHO)], named="other")
    assert (finding.rule, finding.values["description"]) == ("description-unknown", "other")


@pytest.mark.xfail(strict=True, reason="another description that fits takes the file over in silence")
def test_a_name_that_fits_one_description_is_not_read_by_another(
    describe: Describe, packaged_descriptions: list[Description]
) -> None:
    named = describe("files: [min_tabell.csv]\n" + WHO.replace("optional: true", "optional: false"))
    other = next(one for one in packaged_descriptions if one.id == "se-graduates")
    assert refused([sheet(["Yrke", "År"])], [named, other], "min_tabell.csv").rule == "column-missing"


@pytest.mark.xfail(
    strict=True, reason="`across` by a dimension or year asks for no heading: one key column is enough to fit"
)
def test_a_table_without_one_figure_column_fits_no_description(packaged_descriptions: list[Description]) -> None:
    graduates = next(one for one in packaged_descriptions if one.id == "se-graduates")
    assert refused([sheet(["År", "Vad som helst"])], [graduates]).rule == "column-missing"

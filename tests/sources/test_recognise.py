from collections.abc import Sequence
from pathlib import Path

import pytest

from nps_exchange.codelists import CodeLists
from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding
from nps_exchange.sources.description import Description
from nps_exchange.sources.recognise import Table, recognise
from nps_exchange.sources.sheet import Row, Sheet

from .conftest import Describe

WHO = """columns:
  - {heading: [Yrke, Profession], to: profession}
  - {heading: Anm, to: note, optional: true}
  - {heading: Antal, to: value}
fix: {measure: stock, unit: persons, activity: licensed, year: 2018}
rest: total
"""
ALL_BUT_FIGURES_IGNORED = """columns:
  - {heading: Yrke, to: profession}
  - {heading: [Ställning], ignore: not needed}
  - {heading: [År], ignore: not needed}
  - {heading: [Anmärkning], ignore: not needed}
  - {heading: Antal, to: value}
fix: {measure: stock, unit: persons, activity: licensed, year: 2018}
rest: total
"""
ACROSS = """columns:
  - {heading: Yrke, to: profession}
across: {to: year}
fix: {measure: stock, unit: persons, activity: licensed}
rest: total
"""
HEAD = ["Yrke", "Antal"]


def sheet(*rows: Sequence[object], name: str = "") -> Sheet:
    numbered: list[Row] = list(enumerate([list(row) for row in rows], 1))
    return Sheet(name, lambda: iter(numbered))


class Recognised:
    """What `recognise` answers for the sheets of a file, with our code lists."""

    def __init__(self, lists: CodeLists) -> None:
        self._lists = lists

    def by(self, sheets: list[Sheet], descriptions: list[Description], name: str = "a.csv", named: str = "") -> str:
        return recognise(Path(name), sheets, descriptions, self._lists, named)[0].id

    def tables(
        self, sheets: list[Sheet], descriptions: list[Description], name: str = "a.csv", named: str = ""
    ) -> list[Table]:
        return recognise(Path(name), sheets, descriptions, self._lists, named)[1]

    def refused(
        self, sheets: list[Sheet], descriptions: list[Description], name: str = "a.csv", named: str = ""
    ) -> Finding:
        with pytest.raises(InputRefused) as error:
            recognise(Path(name), sheets, descriptions, self._lists, named)
        (finding,) = error.value.findings
        return finding


@pytest.fixture(scope="module")
def of(lists: CodeLists) -> Recognised:
    return Recognised(lists)


@pytest.mark.parametrize("above", [0, 1, 7, 99])
def test_headings_are_found_below_titles(of: Recognised, describe: Describe, above: int) -> None:
    (table,) = of.tables([sheet(*([["Titel"]] * above), HEAD, ["Läkare", 5])], [describe(WHO)])
    assert table.header_row == above + 1
    assert table.shown == ("Yrke", "Antal")


def test_headings_are_not_looked_for_without_end(of: Recognised, describe: Describe) -> None:
    assert of.refused([sheet(*([["Titel"]] * 100), HEAD)], [describe(WHO)]).rule == "description-none"


@pytest.mark.parametrize(
    "head", [["YRKE", "antal"], [" Yrke ", "Antal\u00a0"], ["Profession", "Antal"], ["Antal", "x", "Yrke"]]
)
def test_headings_are_compared_without_case_space_and_order(
    of: Recognised, describe: Describe, head: list[object]
) -> None:
    assert len(of.tables([sheet(head)], [describe(WHO)])) == 1


def test_decomposed_headings_are_the_same(of: Recognised, describe: Describe) -> None:
    own = describe(WHO.replace("Antal", "Läkare"))
    assert len(of.tables([sheet(["Yrke", "La\u0308kare"])], [own])) == 1


def test_a_named_row_of_headings_is_the_only_one(of: Recognised, describe: Describe) -> None:
    own = describe("header: 2\n" + WHO)
    assert of.tables([sheet(HEAD, HEAD)], [own])[0].header_row == 2
    assert of.refused([sheet(HEAD, ["Läkare", 5])], [own]).rule != ""


def test_every_sheet_with_the_headings_is_a_table(of: Recognised, describe: Describe) -> None:
    sheets = [sheet(HEAD, name="A"), sheet(["Om"], name="B"), sheet(HEAD, name="C")]
    assert [table.sheet.name for table in of.tables(sheets, [describe(WHO)])] == ["A", "C"]


def test_a_named_sheet_is_the_only_one(of: Recognised, describe: Describe) -> None:
    own = describe("sheet: antal\n" + WHO)
    assert [table.sheet.name for table in of.tables([sheet(HEAD, name="X"), sheet(HEAD, name="Antal")], [own])] == [
        "Antal"
    ]


def test_a_missing_sheet_is_named_with_those_that_are_there(of: Recognised, describe: Describe) -> None:
    finding = of.refused([sheet(HEAD, name="X"), sheet(HEAD, name="Y")], [describe("sheet: Antal\n" + WHO)])
    assert (finding.rule, finding.values["sheet"], finding.values["found"]) == ("sheet-missing", "Antal", "X, Y")


def test_the_nearest_row_of_headings_says_what_is_missing(of: Recognised, describe: Describe) -> None:
    finding = of.refused([sheet(["Titel"], ["Yrke", "Län", "Kön"])], [describe(WHO)])
    assert (finding.rule, finding.place.row, finding.values["missing"]) == ("column-missing", 2, "Antal")
    assert finding.values["found"] == "Yrke, Län, Kön"


def test_nothing_like_it_names_what_is_known(of: Recognised, describe: Describe) -> None:
    finding = of.refused([sheet(["a", "b"])], [describe(WHO)])
    assert (finding.rule, finding.values["known"]) == ("description-none", "own")


@pytest.mark.parametrize("rows", [[], [[]], [[None, ""], [" ", "\u00a0"]]])
def test_no_cell_at_all_is_an_empty_file(of: Recognised, describe: Describe, rows: list[list[object]]) -> None:
    assert of.refused([sheet(*rows)], [describe(WHO)]).rule == "file-empty"


def test_two_that_fit_are_settled_by_the_name_of_the_file_or_not_at_all(
    of: Recognised, describe: Describe, packaged_descriptions: list[Description]
) -> None:
    packaged = next(one for one in packaged_descriptions if one.id == "se-other-professions")
    head = ["Yrke", "Ställning", "År", "Antal", "Anmärkning"]
    own = describe(ALL_BUT_FIGURES_IGNORED)
    assert of.by([sheet(head)], [own, packaged], "OVRIGA_YRKEN_2018.csv") == packaged.id
    finding = of.refused([sheet(head)], [own, packaged])
    assert (finding.rule, finding.values["candidates"]) == ("description-ambiguous", "own, se-other-professions")
    assert of.by([sheet(head)], [own, packaged], named="own") == "own"


def test_a_description_that_leaves_a_heading_unexplained_loses(
    of: Recognised, describe: Describe, packaged_descriptions: list[Description]
) -> None:
    packaged = next(one for one in packaged_descriptions if one.id == "se-other-professions")
    head = ["Yrke", "Ställning", "År", "Antal", "Anmärkning"]
    own = describe(WHO)
    assert of.by([sheet(head)], [own, packaged]) == packaged.id
    assert of.by([sheet(head)], [own]) == "own"


def test_a_description_that_is_named_but_absent(of: Recognised, describe: Describe) -> None:
    finding = of.refused([sheet(HEAD)], [describe(WHO)], named="other")
    assert (finding.rule, finding.values["description"]) == ("description-unknown", "other")


def test_a_name_that_fits_one_description_is_not_read_by_another(
    of: Recognised, describe: Describe, packaged_descriptions: list[Description]
) -> None:
    named = describe("files: [min_tabell.csv]\n" + WHO)
    other = next(one for one in packaged_descriptions if one.id == "se-graduates")
    head = ["År", "Läkare"]
    assert of.by([sheet(head)], [named, other]) == other.id
    finding = of.refused([sheet(head)], [named, other], "MIN_tabell.csv")
    assert (finding.rule, finding.values["known"]) == ("description-none", "own")
    finding = of.refused([sheet(["Yrke", "År", "Läkare"])], [named, other], "MIN_tabell.csv")
    assert (finding.rule, finding.values["missing"], finding.place.key) == ("column-missing", "Antal", "own")


def test_headings_across_need_one_that_is_known(
    of: Recognised, describe: Describe, packaged_descriptions: list[Description]
) -> None:
    graduates = next(one for one in packaged_descriptions if one.id == "se-graduates")
    finding = of.refused([sheet(["År", "Vad som helst"])], [graduates])
    assert (finding.rule, finding.values["missing"]) == ("column-missing", "(profession)")
    assert of.by([sheet(["År", "Vad som helst", "Läkare"])], [graduates]) == graduates.id
    years = describe(ACROSS)
    assert of.refused([sheet(["Yrke", "18"])], [years]).values["missing"] == "(year)"
    assert of.refused([sheet(["Titel", "2018"])], [years]).values["missing"] == "Yrke"
    assert of.by([sheet(["Yrke", "18", 2018.0])], [years]) == "own"

"""Faults of a workbook's layout: each with its line, and each before anything is run."""

from pathlib import Path

import pytest

from nps_exchange import codelists, mapping_checks, resources
from tests.test_mapping_checks import FILE, faults_after, line_of
from tests.test_mapping_checks import own as own

WOMEN = "parts: [PAGGFEMM, PAGGHOMM]"
STAFF = "{in: FTEEMPEF, total: HOEMHEMP"


@pytest.mark.parametrize(
    ("old", "new", "said", "stands"),
    [
        ("lines: VAR", "lines: VARIABLE", "VARIABLE is not a coded column of joint-questionnaire.csv", "lines:"),
        ("blocks: UNIT", "blocks: YEAR", "YEAR is not a coded column of joint-questionnaire.csv", "blocks:"),
        ("blocks: UNIT", "blocks: VAR", "lines and blocks are of different columns", "blocks:"),
        ("blocks: UNIT\n  facts: {COU: Country}", "blocks: COU", "lines and blocks must be the columns of schemas/oecd/joint-", "lines: VAR"),
        ("facts: {COU: Country}", "facts: {UNIT: Unit}", "UNIT is not a coded column of joint-", "facts:"),
        ("facts: {COU: Country}", "facts: {LAND: Land}", "LAND is not a coded column of joint-", "facts:"),
        ("groups: [total]", "groups: [totals]", "has no group 'totals'", "groups: [totals]"),
        ("groups: [total]", "groups: [totals]", "the group 'total' of schemas/oecd/joint-questionnaire.csv is on no", "sheets:"),
        ("groups: [caring personnel]", "groups: [caring personnel, nurses]", "the group 'nurses' stands twice", "personnel, nurses]"),
        ("{name: Midwives,", "{name: physicians,", "two sheets have the same name", "sheets:"),
        ("{name: Nurses,", "{name: not reported,", "two sheets have the same name", "sheets:"),
        ("{name: Nurses,", "{name: History,", "Excel takes no sheet of the name history", "sheets:"),
        ("{name: Nurses,", "{name: 'A: B',", "does not match", "{name: 'A: B'"),
        (WOMEN, "parts: [PAGGFEMM, PAGGHEMM]", "PAGGHEMM in PERSMYNB is not asked for by", "PAGGHEMM]"),
        ("total: EMPLGENE,", "total: EMPLNONE,", "EMPLNONE in PERSMYNB is not asked for by", "total: EMPLNONE"),
        (STAFF, "{in: NOMBRENB, total: HOEMHEMP", "HOEMHEMP in NOMBRENB is not asked for by", "{in: NOMBRENB, total: HOEMH"),
        (STAFF, "{in: NOTHING, total: HOEMHEMP", "HOEMHEMP in NOTHING is not asked for by", "{in: NOTHING"),
        (WOMEN, "parts: [PAGGFEMM, PHYSMEDE]", "PHYSMEDE stands on another sheet than PAGGTOPY", "PHYSMEDE]"),
        (WOMEN, "parts: [PAGGFEMM, PAGGTOPY]", "PAGGTOPY is the total and a part of it", "PAGGTOPY]"),
        (WOMEN, "parts: [PAGGFEMM, PAGGFEMM]", "non-unique elements", "PAGGFEMM]"),
        ("file: joint-questionnaire.xlsx", "file: joint-questionnaire.CSV", "writes the same file", ""),
        ("pages: {contents: Contents, ", "pages: {", "'contents' is a required property", "pages:"),
    ],
)  # fmt: skip
def test_a_fault_of_the_layout_is_named_by_its_line(own: Path, old: str, new: str, said: str, stands: str):
    told = faults_after(own, (old, new))
    found = [row for row, problem in told if said in problem]
    assert (line_of(own, stands) if stands else 1) in found, told
    assert len(found) == 1


def test_codes_that_differ_beside_lines_and_blocks_have_no_place(own):
    told = faults_after(own, ("fix: {VAR: GEHETHSM, UNIT: PERSMYNB}", "fix: {VAR: GEHETHSM, UNIT: PERSMYNB, COU: NOR}"))
    assert told == [(line_of(own, "lines: VAR"), "it has no place for the codes of COU, which differ")]


def test_the_layout_is_of_the_first_file(own):
    """A column of another file makes no lines."""
    path = own / "oecd" / "migration.yaml"
    layout = (own / FILE).read_text(encoding="utf-8").partition("workbook:")[2].partition("\nseries:")[0]
    layout = layout.replace("lines: VAR", "lines: ORIGIN").replace("joint-questionnaire.xlsx", "migration.xlsx")
    path.write_text(path.read_text(encoding="utf-8") + "workbook:" + layout + "\n", encoding="utf-8")
    found = resources.load(resources.Layer(own, "./mappings"))
    told = [fault.values["problem"] for fault in mapping_checks.load_all(found, codelists.load(found))[1]]
    assert "ORIGIN is not a coded column of migration.csv" in told
    assert "UNIT is not a coded column of migration.csv" in told


def test_all_faults_of_a_layout_come_at_once(own):
    told = faults_after(own, ("groups: [total]", "groups: [totals]"), (WOMEN, "parts: [PAGGFEMM, NONE]"))
    assert len(told) == 3

"""The workbook: what is written is read back, by us and by other programs, and nothing in it is taken for more."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange.errors import InputRefused
from nps_exchange.formats.workbook import (
    WORDS,
    Block,
    Book,
    Check,
    Figure,
    Line,
    Page,
    Sheet,
    decode,
    encode,
    is_ours,
)
from nps_exchange.formats.workbook.text import CELL_LIMIT, COMMENT_LIMIT
from tests.libreoffice import convert, with_false_results

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "=cmd|' /C calc'!A0", "http://example.org", "mailto:a@example.org", "internal:A1",
    "12", "4.27", "1e5", "TRUE", "#REF!", "0012", "<r>", "<r><t>x</t></r>", "<r>&</r>", "]]>", "&amp;", "<b>", "a\nb", " a ", "\ta",
    "_x0041_", "_x000D_", "_x0041__x0042_", "å ä ö", "😀", "\u200b", "\u0085", "\ufeff", "'quoted'", "Δ ",
]  # fmt: skip
UNCARRIED = [
    "a\0b",
    "\x01",
    "\x1b[31m",
    "a\rb",
    "a\r\nb",
    "\ud800",
    "\ufffe",
    "\uffff",
    "\x0b",
    "_x0041_x0042_",
    "_x005F_x0041_x0042_x0043_",
]

KEPT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
CODES = (KEPT | st.sampled_from(HOSTILE)).filter(bool)
FLAGS = KEPT | st.sampled_from(["", "", "B", "B,D", *HOSTILE])
ANY_TEXT = st.text(max_size=30) | st.sampled_from(HOSTILE + UNCARRIED)
VALUES = (
    st.integers(-(10**15), 10**15).map(str)
    | st.decimals(-(10**8), 10**8, places=2).map(lambda value: format(value.normalize(), "f"))
    | st.decimals(-1000, 1000, places=6).map(lambda value: format(value.normalize(), "f"))
    | st.sampled_from(["0", "78.07", "4.27", "0.1", "0.000001", "1234567.89"])
).map(lambda value: "0" if value == "-0" else value)
YEARS = (2015, 2016, 2018)
WORD = dict.fromkeys(WORDS, "word") | {"contents": "Contents", "flag": "Flag", "variable": "Variable"}


@st.composite
def books(draw):
    figures = st.dictionaries(st.sampled_from(YEARS), st.builds(Figure, VALUES | st.just(""), FLAGS, ANY_TEXT))
    remarks = ANY_TEXT.map(lambda text: f"why: {text}") | st.just("")
    lines = st.builds(Line, st.tuples(CODES, CODES), ANY_TEXT, figures, st.just(()), remarks)

    def checked(lines):
        everything = st.lists(st.integers(1, len(lines) - 1), min_size=1, max_size=5, unique=True).map(tuple)
        checks = st.lists(st.builds(Check, ANY_TEXT, everything), max_size=2).map(tuple)
        return checks.map(lambda checks: (replace(lines[0], checks=checks), *lines[1:]))

    several = st.lists(lines, min_size=2, max_size=5).flatmap(checked)
    blocks = st.builds(Block, ANY_TEXT, several, st.sampled_from([-1, 0, 2]))
    sheets = tuple(
        Sheet(name, draw(ANY_TEXT), tuple(draw(st.lists(blocks, max_size=2))))
        for name in draw(st.permutations(["A & B", "Läkare", "it's <one>"]))[: draw(st.integers(0, 3))]
    )
    return replace(
        EXAMPLE, sheets=sheets, title=draw(ANY_TEXT), test=draw(ANY_TEXT), facts=((draw(ANY_TEXT), draw(ANY_TEXT)),)
    )


EXAMPLE = Book(
    title="Questionnaire",
    dataset="oecd/joint-questionnaire",
    codes=("VAR", "UNIT"),
    words=WORD,
    facts=(("Country", "Sweden"), ("Reference year", "2018")),
    legend=(("B", "Break in time series"),),
    years=YEARS,
    sheets=(
        Sheet(
            "Physicians",
            "Physicians by sex",
            (
                Block(
                    "Number of persons",
                    (
                        Line(
                            ("PAGGTOPY", "PERSMYNB"),
                            "Physicians, total",
                            {2015: Figure("40899"), 2016: Figure("41993", "B", "New register."), 2018: Figure("", "M")},
                            (Check("Difference to women and men", (1, 3)), Check("Difference to men", (3,))),
                        ),
                        Line(("PAGGFEMM", "PERSMYNB"), "Women", {2015: Figure("19518"), 2016: Figure("19979")}, (Check("Difference to men", (3,)),)),
                        Line(("PAGGOTHR", "PERSMYNB"), "Others", remark="not reported"),
                        Line(("PAGGHOMM", "PERSMYNB"), "Men", {2015: Figure("21381"), 2016: Figure("22010"), 2018: Figure("23000")}),
                    ),
                    0,
                ),
                Block(
                    "Per 1 000",
                    (
                        Line(("PAGGTOPY", "DENSPPNB"), "Physicians, total", {2015: Figure("0.3"), 2016: Figure("4.27")}, (Check("Difference", (1, 2)),)),
                        Line(("PAGGFEMM", "DENSPPNB"), "Women", {2015: Figure("0.1"), 2016: Figure("78.07")}),
                        Line(("PAGGHOMM", "DENSPPNB"), "Men", {2015: Figure("0.2"), 2016: Figure("2.1")}),
                    ),
                    2,
                ),
            ),
        ),
    ),
    pages=(Page("Not reported", "Not reported, and why", ("VAR", "Reason"), (("PAGGOTHR", "=none"),), (10, 60)),),
    prepared="2020-02-20T09:00:00Z",
)  # fmt: skip


def meant(book):
    return [
        (line.codes, year, figure.value, figure.flags)
        for sheet in book.sheets
        for block in sheet.blocks
        for line in block.lines
        for year in book.years
        if (figure := line.figures.get(year)) and (figure.value or figure.flags)
    ]


def read(path):
    return [(shown.codes, shown.year, shown.figure.value, shown.figure.flags) for shown in decode(path).figures]


def with_figure(value, flags="", note=""):
    line = Line(("A", "B"), "label", {2015: Figure(value, flags, note)})
    return replace(EXAMPLE, sheets=(Sheet("S", "title", (Block("unit", (line,), 0),)),))


def cells(path, sheet="S"):
    return openpyxl.load_workbook(path)[sheet]


def as_openpyxl_has_it(text):
    """openpyxl leaves out `x005F_` wherever it stands, to undo the escaping of an underscore."""
    return text.replace("x005F_", "")


def comment(cell):
    """The text of a comment; openpyxl gives what stands in the file, where `_x005F_` is an underscore."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), cell.comment.text)


@given(book=books())
@settings(max_examples=80, deadline=None)
def test_figures_come_back(book, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    encode(book, path)
    assert read(path) == meant(book)
    assert is_ours(path) == book.dataset
    assert decode(path).codes == (book.codes if book.sheets else ())


@given(book=books())
@settings(max_examples=40, deadline=None)
def test_openpyxl_sees_the_same_and_nothing_runs(book, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    encode(book, path)
    workbook = openpyxl.load_workbook(path)
    figures = {(f.place.sheet, f.place.row, f.place.column): f for f in decode(path).figures}
    for (sheet, row, column), shown in figures.items():
        cell = workbook[sheet][f"{column}{row}"]
        if shown.figure.value:
            assert cell.data_type == "n"
            assert Decimal(repr(cell.value)) == Decimal(shown.figure.value)
        assert as_openpyxl_has_it(shown.figure.flags) == (cell.offset(0, 1).value or "")
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert cell.value.startswith("=IF(COUNT(")
                    assert row[0].value is None and row[1].value is None
                assert cell.hyperlink is None or cell.hyperlink.target is None


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_the_text_it_is(text, tmp_path):
    line = Line((text, text), text, {2015: Figure("1", text, text)}, remark=text)
    page = Page("P", text, (text, "b"), ((text, ""),), (10, 10))
    book = replace(
        EXAMPLE,
        title=text,
        facts=((text, text),),
        sheets=(Sheet("S", text, (Block(text, (line,), 0),)),),
        pages=(page,),
    )
    encode(book, tmp_path / "t.xlsx")
    sheet = cells(tmp_path / "t.xlsx")
    assert [(cell.value, cell.data_type) for cell in (sheet["A1"], *sheet[5][:3], sheet["E5"])] == [
        (as_openpyxl_has_it(text), "s")
    ] * 5
    assert comment(sheet["D5"]) == comment(sheet["C5"]) == text
    assert cells(tmp_path / "t.xlsx", "P")["A4"].value == as_openpyxl_has_it(text)


def test_what_xml_cannot_carry_is_shown_as_a_picture(tmp_path):
    hostile = "a\0\x1b\r\nb\rc\ud800\uffff\x85_x0041_x0042_"
    line = Line(("A", "B"), hostile, {2015: Figure("1", "", hostile)})
    encode(replace(EXAMPLE, sheets=(Sheet("S", hostile, (Block(hostile, (line,), 0),)),)), tmp_path / "t.xlsx")
    sheet = cells(tmp_path / "t.xlsx")
    assert (
        sheet["C5"].value == sheet["A1"].value == comment(sheet["D5"]) == "a␀␛\nb\nc\ufffd\ufffd\x85_x0041_\u200bx0042_"
    )


def test_the_example_as_openpyxl_sees_it(tmp_path):
    encode(EXAMPLE, tmp_path / "t.xlsx")
    sheet = cells(tmp_path / "t.xlsx", "Physicians")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=11)]
    # fmt: off
    assert rows == [
        ["VAR", "UNIT", "Variable", 2015, "Flag", 2016, "Flag", 2018, "Flag"],
        ["Number of persons", *[None] * 8],
        ["PAGGTOPY", "PERSMYNB", "Physicians, total", 40899, None, 41993, "B", None, "M"],
        [None, None, "Δ Difference to women and men",
         '=IF(COUNT(D5,D8,D11)=3,ROUND(D5-SUM(D8,D11),6),"")', None,
         '=IF(COUNT(F5,F8,F11)=3,ROUND(F5-SUM(F8,F11),6),"")', None,
         '=IF(COUNT(H5,H8,H11)=3,ROUND(H5-SUM(H8,H11),6),"")', None],
        [None, None, "Δ Difference to men",
         '=IF(COUNT(D5,D11)=2,ROUND(D5-SUM(D11),6),"")', None,
         '=IF(COUNT(F5,F11)=2,ROUND(F5-SUM(F11),6),"")', None,
         '=IF(COUNT(H5,H11)=2,ROUND(H5-SUM(H11),6),"")', None],
        ["PAGGFEMM", "PERSMYNB", "Women", 19518, None, 19979, None, None, None],
        [None, None, "Δ Difference to men",
         '=IF(COUNT(D8,D11)=2,ROUND(D8-SUM(D11),6),"")', None,
         '=IF(COUNT(F8,F11)=2,ROUND(F8-SUM(F11),6),"")', None,
         '=IF(COUNT(H8,H11)=2,ROUND(H8-SUM(H11),6),"")', None],
        ["PAGGOTHR", "PERSMYNB", "Others", "not reported", *[None] * 5],
        ["PAGGHOMM", "PERSMYNB", "Men", 21381, None, 22010, None, 23000, None],
    ]
    # fmt: on
    assert sheet["F5"].comment.text == "New register."
    assert sheet.freeze_panes == "D4"
    assert sheet["D14"].value == '=IF(COUNT(D13,D15:D16)=3,ROUND(D13-SUM(D15:D16),6),"")'
    results = openpyxl.load_workbook(tmp_path / "t.xlsx", data_only=True)["Physicians"]
    assert [results.cell(6, column).value for column in (4, 6, 8)] == [0, 4, None]
    assert [results.cell(14, column).value for column in (4, 6, 8)] == [0, -75.9, None]
    front = cells(tmp_path / "t.xlsx", "Contents")
    listed = [[cell.value for cell in row] for row in front.iter_rows() if row[0].hyperlink]
    assert listed == [["Physicians", "Physicians by sex", 14, 6], ["Not reported", "Not reported, and why", None, None]]


def test_the_file_holds_the_decimal_itself_and_nobody_s_name(tmp_path):
    encode(EXAMPLE, tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as file:
        assert b"<v>78.07</v>" in file.read("xl/worksheets/sheet2.xml")
        assert b"<authors><author></author></authors>" in file.read("xl/comments1.xml")


@pytest.mark.parametrize("value", ["1e5", "NaN", "1,5", "1 000", " 1", "١", "12345678901234567", "0.12345678901234567", "9007199254740993"])  # fmt: skip
def test_a_value_that_a_cell_cannot_hold_is_refused(value, tmp_path):
    with pytest.raises(ValueError, match=r"sheet 'S', 'unit': A B 2015"):
        encode(with_figure(value), tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("book", "match"),
    [
        (replace(EXAMPLE, words={}), "no word for: contents"),
        (replace(EXAMPLE, years=(2016, 2015)), "rising"),
        (replace(EXAMPLE, years=()), "rising"),
        (replace(EXAMPLE, codes=()), "key columns"),
        (replace(EXAMPLE, dataset=""), "id"),
        (replace(EXAMPLE, prepared="yesterday"), "yesterday"),
        *[(replace(EXAMPLE, sheets=(Sheet(name, "", ()),)), "sheet name") for name in ["", "a" * 32, "a/b", "a:b", "[a]", "'a", "contents", "History", "a\nb"]],
        (replace(EXAMPLE, pages=(Page("P", "", ("a",), (("b", "c"),), (1,)),)), "as many"),
        (replace(EXAMPLE, legend=(("a", "x" * (CELL_LIMIT + 1)),)), "sheet 'Contents': a text of 32768 characters"),
        (replace(EXAMPLE, legend=(("a", "😀" * (CELL_LIMIT // 2 + 1)),)), "sheet 'Contents': a text of 32768 characters"),
        (with_figure("1", "a\0"), "flags"),
        (replace(EXAMPLE, sheets=(Sheet("S", "", (Block("u", (Line(("A", "B"), "", remark="12"),), 0),)),)), "no letters"),
        (replace(EXAMPLE, sheets=(Sheet("S", "", (Block("u", (Line(("A",), "", {}),), 0),)),)), "codes"),
        (replace(EXAMPLE, sheets=(Sheet("S", "", (Block("u", (Line(("A", ""), "", {}),), 0),)),)), "codes"),
        (replace(EXAMPLE, sheets=(Sheet("S", "", (Block("u", (Line(("A", "B"), "", {1999: Figure("1")}),), 0),)),)), "1999: not one of the years"),
        *[(replace(EXAMPLE, sheets=(Sheet("S", "", (Block("u", (Line(("A", "B"), "", {2015: Figure("1")}, (Check("c", parts),)),), 0),)),)), "parts") for parts in [(), (0,), (1,), (-1,)]],
    ],
)  # fmt: skip
def test_a_book_at_fault_is_refused(book, match, tmp_path):
    with pytest.raises(ValueError, match=match):
        encode(book, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_long_comment_is_cut(tmp_path):
    encode(with_figure("1", note="😀" * COMMENT_LIMIT), tmp_path / "t.xlsx")
    comment = cells(tmp_path / "t.xlsx")["D5"].comment.text
    assert comment == "😀" * (COMMENT_LIMIT // 2 - 1) + " …"


@pytest.mark.parametrize("clock", [[], ["faketime", "2031-07-01 12:00:00"]])
def test_the_same_book_is_the_same_bytes(clock, tmp_path):
    if clock and not shutil.which(clock[0]):
        pytest.skip("faketime is not installed")
    encode(EXAMPLE, tmp_path / "here.xlsx")
    program = "from tests.formats.test_workbook import EXAMPLE, encode; import pathlib, sys; encode(EXAMPLE, pathlib.Path(sys.argv[1]))"
    for seed, zone in [("1", "Pacific/Kiritimati"), ("2", "America/Adak")]:
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        there = tmp_path / f"{seed}.xlsx"
        subprocess.run([*clock, sys.executable, "-c", program, str(there)], env=environment, check=True, cwd=ROOT)
        assert there.read_bytes() == (tmp_path / "here.xlsx").read_bytes()


ROOT = Path(__file__).parent.parent.parent


def test_the_libraries_are_imported_only_when_needed():
    program = (
        "import nps_exchange.formats.workbook, sys; assert not {'xlsxwriter', 'python_calamine'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def change(path, sheet, **values):
    workbook = openpyxl.load_workbook(path)
    for cell, value in values.items():
        workbook[sheet][cell] = value
    workbook.save(path)


@pytest.mark.parametrize(
    ("changes", "problem", "row", "column"),
    [
        ({"D5": "40 899"}, "'40 899' is no number", 5, "D"),
        ({"D5": True}, "True is no number", 5, "D"),
        ({"E5": 7}, "is no flag", 5, "E"),
        ({"A5": None}, "codes are not there", 5, "A"),
        ({"A5": None, "B5": None}, "codes are not there", 5, "A"),
        ({"C6": "Differences"}, "codes are not there", 6, "A"),
        ({"F3": None}, "is no heading for this column", 3, "F"),
        ({"F3": 2015}, "is no heading for this column", 3, "F"),
        ({"E3": 2014}, "is no heading for this column", 3, "E"),
        ({"D3": None, "F3": None, "H3": None}, "no row has years", None, ""),
        ({"B3": None}, "headings of the codes", 3, ""),
    ],
)  # fmt: skip
def test_a_changed_workbook_is_refused_with_its_cell(changes, problem, row, column, tmp_path):
    path = tmp_path / "t.xlsx"
    encode(EXAMPLE, path)
    # openpyxl writes formulas without results, so where a check row is concerned there must be one to read.
    change(path, "Physicians", D6=1, **changes)
    with pytest.raises(InputRefused) as refused:
        decode(path)
    (finding,) = refused.value.findings
    assert problem in finding.values["problem"]
    place = finding.place
    assert (finding.rule, place.file, place.sheet, place.row, place.column) == (
        "file-broken", "t.xlsx", "Physicians", row, column,
    )  # fmt: skip


def test_a_workbook_edited_and_saved_elsewhere_is_read(tmp_path):
    path = tmp_path / "t.xlsx"
    encode(EXAMPLE, path)
    change(path, "Physicians", D5=40900, E5="E", D10="12 are not reported")
    assert ((("PAGGTOPY", "PERSMYNB"), 2015, "40900", "E")) in read(path)
    assert len(read(path)) == len(meant(EXAMPLE))


def test_a_missing_sheet_and_differing_key_columns_are_refused(tmp_path):
    path = tmp_path / "t.xlsx"
    encode(replace(EXAMPLE, sheets=(*EXAMPLE.sheets, replace(EXAMPLE.sheets[0], name="More"))), path)
    change(path, "More", A3="VARIABLE")
    with pytest.raises(InputRefused, match="the key columns are VARIABLE, UNIT"):
        decode(path)
    workbook = openpyxl.load_workbook(path)
    del workbook["More"]
    workbook.save(path)
    with pytest.raises(InputRefused, match="More"):
        decode(path)


def test_other_files_are_not_ours(tmp_path):
    foreign = openpyxl.Workbook()
    foreign.active["A1"] = "VAR"
    foreign.save(tmp_path / "foreign.xlsx")
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    (tmp_path / "nothing.xlsx").write_bytes(b"")
    (tmp_path / "text.xlsx").write_text("VAR,UNIT\n")
    for path in tmp_path.iterdir():
        assert is_ours(path) == ""
        with pytest.raises(InputRefused, match=r"workbook-not-ours|file-truncated"):
            decode(path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'<c r="D5"', b'<c r="XFD1048576"', r"sheet-too-large .*row 1048576, column XFD"),
        (b"><v>40899</v></c>", b' t="e"><v>#REF!</v></c>', r"row 5, column D.*it holds #REF! instead of a value"),
    ],
)  # fmt: skip
def test_what_calamine_would_not_tell_is_refused(old, new, problem, tmp_path):
    encode(EXAMPLE, tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as source, zipfile.ZipFile(tmp_path / "changed.xlsx", "w") as copy:
        for item in source.infolist():
            content = source.read(item)
            copy.writestr(item, content.replace(old, new) if item.filename.endswith("sheet2.xml") else content)
    with pytest.raises(InputRefused, match=problem):
        decode(tmp_path / "changed.xlsx")


@given(damage=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_refused_and_nothing_else_happens(damage, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    encode(EXAMPLE, path)
    content = bytearray(path.read_bytes())
    if damage.draw(st.booleans()):
        content = content[: damage.draw(st.integers(0, len(content) - 1))]
    else:
        for _ in range(damage.draw(st.integers(1, 5))):
            content[damage.draw(st.integers(0, len(content) - 1))] ^= damage.draw(st.integers(1, 255))
    path.write_bytes(content)
    is_ours(path)
    try:
        decode(path)
    except InputRefused as refused:
        assert refused.findings[0].rule in ("file-broken", "file-truncated", "workbook-not-ours")


def numbers(path):
    workbook = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    }


@pytest.mark.slow
def test_libreoffice_comes_to_the_same_results(tmp_path):
    """All results of formulas are made false first, so that those compared are LibreOffice's own."""
    written, false = tmp_path / "written.xlsx", tmp_path / "false.xlsx"
    encode(EXAMPLE, written)
    assert with_false_results(written, false) == 12
    assert numbers(false) != numbers(written)
    recalculated = convert(false, "xlsx", tmp_path)
    assert numbers(recalculated) == numbers(written)
    assert read(recalculated) == meant(EXAMPLE)

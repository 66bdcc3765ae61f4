"""PX as we write it: byte for byte, in lines that are not too long, whole or not at all."""

import itertools
import re
from dataclasses import replace

import pytest

from nps_exchange.formats.px import writing
from nps_exchange.formats.px.document import Bare, Px
from nps_exchange.formats.px.writing import Unwritable, encode
from tests.formats.px.pxs import SMALL, changed, said

GOLDEN = """CHARSET="ANSI";
AXIS-VERSION="2013";
CODEPAGE="utf-8";
LANGUAGE="en";
LANGUAGES="en","sv";
CREATION-DATE="20260101 12:00";
DECIMALS=0;
MATRIX="INV01";
SUBJECT-CODE="INV";
SUBJECT-AREA="Health";
SUBJECT-AREA[sv]="Hälsa";
TITLE="Licensed personnel";
TITLE[sv]="Legitimerad personal";
CONTENTS="Licensed personnel";
CONTENTS[sv]="Legitimerad personal";
UNITS="number";
UNITS[sv]="antal";
STUB="profession";
STUB[sv]="yrke";
HEADING="year";
HEADING[sv]="år";
VALUES("profession")="physicians","midwives";
VALUES[sv]("yrke")="läkare","barnmorskor";
VALUES("year")="2021","2022","2023";
VALUES[sv]("år")="2021","2022","2023";
TIMEVAL("year")=TLIST(A1),"2021","2022","2023";
TIMEVAL[sv]("år")=TLIST(A1),"2021","2022","2023";
CODES("profession")="AT","BM";
CODES[sv]("yrke")="AT","BM";
NOTE="Two lines#of a note.";
NOTE[sv]="En anmärkning#i två rader.";
DATA=
1 -20 3.50
".." "-" "......."
;
"""


def text(px, folder, page="utf-8"):
    encode(px, folder / "t.px")
    assert [one.name for one in folder.iterdir()] == ["t.px"]
    return (folder / "t.px").read_bytes().decode(page)


def lines(statement, folder):
    """The lines of one statement in a file."""
    _, _, after = text(changed(SMALL, statement), folder).partition(f"\r\n{statement.keyword}")
    found = (statement.keyword + after).split("\r\n")
    return found[: next(place for place, line in enumerate(found, 1) if line.endswith(";"))]


def problem(px, folder, name="t.px"):
    """What is said when a table cannot be written; nothing is left of it."""
    with pytest.raises(Unwritable) as refused:
        encode(px, folder / name)
    assert not list(folder.iterdir())
    return str(refused.value)


def test_the_bytes_are_as_statistics_swedens_programs_read_them(tmp_path):
    assert text(SMALL, tmp_path) == GOLDEN.replace("\n", "\r\n")


def test_statements_are_put_in_order_whatever_order_they_come_in(tmp_path):
    assert text(replace(SMALL, statements=SMALL.statements[::-1]), tmp_path).startswith('CHARSET="ANSI";\r\nAXIS-')
    later = changed(SMALL, said("HOUSE-WORD", "x"), said("UNITS", "number", keys=["a"]), said("PRECISION", Bare("1")))
    written = text(later, tmp_path)
    assert written.index("CODES(") < written.index('UNITS("a")') < written.index("PRECISION") < written.index("HOUSE-")


@pytest.mark.parametrize(
    ("page", "python"),
    [
        ("utf-8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("ISO-8859-1", "iso-8859-1"),
        ("iso-8859-15", "iso-8859-15"),
        ("Windows-1252", "cp1252"),
        ("cp850", "cp850"),
        ("windows-1257", "cp1257"),
    ],
)
def test_the_code_page_is_the_one_that_is_named(page, python, tmp_path):
    assert 'HEADING[sv]="år";' in text(changed(SMALL, said("CODEPAGE", page)), tmp_path, python)


def test_without_a_code_page_it_is_iso_8859_1(tmp_path):
    assert 'HEADING[sv]="år";' in text(changed(SMALL, without="CODEPAGE"), tmp_path, "iso-8859-1")


def test_characters_that_a_code_page_lacks_are_refused_by_name(tmp_path):
    px = changed(SMALL, said("CODEPAGE", "ISO-8859-1"), said("TITLE", "1 €", language="sv"))
    assert problem(px, tmp_path) == "TITLE[sv]: iso-8859-1 has no character U+20AC EURO SIGN"
    px = changed(SMALL, said("VALUES", "Ł", "b", keys=["profession"]), said("CODEPAGE", "windows-1252"))
    named = "U+0141 LATIN CAPITAL LETTER L WITH STROKE"
    assert problem(px, tmp_path) == f'VALUES("profession"): Windows-1252 has no character {named}'
    assert "€" in text(changed(SMALL, said("CODEPAGE", "iso-8859-15"), said("TITLE", "€")), tmp_path, "iso-8859-15")


# lines


def test_lists_are_broken_behind_commas_only(tmp_path):
    values = [f"{place:03} {'x' * (place % 90)}" for place in range(90)]
    broken = lines(said("NOTEX", *values), tmp_path)
    assert len(broken) > 1 and all(len(line) <= 256 for line in broken)
    assert all(line.endswith('",') for line in broken[:-1])
    assert "".join(broken) == "NOTEX=" + ",".join(f'"{value}"' for value in values) + ";"
    for line, below in itertools.pairwise(broken):  # no line ends before it must
        assert len(line) + len(below.partition(",")[0]) + 1 > 256


@pytest.mark.parametrize("size", [*range(245, 260), 500, 504, 505, 511, 2000])
@pytest.mark.parametrize("behind", [(), ("b",)])
@pytest.mark.parametrize("before", [(), ("a",)])
def test_long_texts_are_cut_into_pieces_that_give_the_text_again(size, before, behind, tmp_path):
    long = "".join(chr(97 + place % 26) for place in range(size))
    broken = lines(said("NOTEX", *before, long, *behind), tmp_path)
    assert all(len(line) <= 256 for line in broken)
    whole = re.sub('(?<=[a-z])"\n"', "", "\n".join(broken)).replace(",\n", ",")
    assert whole == "NOTEX=" + ",".join(f'"{value}"' for value in (*before, long, *behind)) + ";"


def test_a_text_is_cut_only_where_a_line_of_its_own_is_too_short_for_it(tmp_path):
    assert lines(said("NOTEX", "a" * 100, "b" * 253), tmp_path) == [f'NOTEX="{"a" * 100}",', f'"{"b" * 253}";']


def test_keys_pairs_and_bare_words_are_never_broken(tmp_path):
    keys = ["k" * 200, "l" * 200]
    note = lines(said("VALUENOTEX", "short", keys=keys), tmp_path)
    assert note == [f'VALUENOTEX("{keys[0]}","{keys[1]}")="short";']
    first, *rest = lines(said("VALUENOTEX", "m" * 300, keys=keys), tmp_path)
    assert first == f'VALUENOTEX("{keys[0]}","{keys[1]}")="{"m" * 253}"' and rest == [f'"{"m" * 47}";']
    pairs = lines(said("HIERARCHIES", "a", ("p" * 200, "q" * 200), ("a", "b"), keys=["profession"]), tmp_path)
    assert pairs == ['HIERARCHIES("profession")="a",', f'"{"p" * 200}":"{"q" * 200}",', '"a":"b";']


def test_an_accent_stays_with_its_letter(tmp_path):
    at_the_cut = "a" * (256 - len('NOTEX="') - 2)
    first, second = lines(said("NOTEX", at_the_cut + "\u0308" + "b"), tmp_path)
    assert first == f'NOTEX="{at_the_cut[:-1]}"' and second == '"a\u0308b";'
    assert len(lines(said("NOTEX", "\u0308" * 600), tmp_path)) == 3


def test_range_of_times_and_numbers_stand_without_quotation_marks(tmp_path):
    bare = Bare('TLIST(A1,"2021"-"2023")')
    assert lines(said("TIMEVAL", bare, keys=["year"]), tmp_path) == ['TIMEVAL("year")=TLIST(A1,"2021"-"2023");']
    [line] = lines(said("PARTITIONED", "a", Bare("1"), Bare("3"), keys=["profession"]), tmp_path)
    assert line == 'PARTITIONED("profession")="a",1,3;'


# refusals


@pytest.mark.parametrize(
    ("statement", "said_is"),
    [
        (said("TITLE", 'a "b"'), "TITLE: no text can hold the character U+0022 QUOTATION MARK, which ends it"),
        (
            said("TITLE", "No. #1", language="sv"),
            "TITLE[sv]: no text can hold the character U+0023 NUMBER SIGN, which in a file is a line break",
        ),
        (said("NOTE", "a\r\nb"), "NOTE: no text can hold the character U+000D control character"),
        (said("NOTE", "a\x85b"), "NOTE: no text can hold the character U+0085 control character"),
        (said("NOTE", "a\0b"), "NOTE: no text can hold the character U+0000 NULL"),
        (said("NOTE", "a\ud800b"), "NOTE: utf-8 has no character U+D800 half of a surrogate pair"),
        (
            said("NOTE", "a", keys=['k"']),
            'NOTE("k""): no text can hold the character U+0022 QUOTATION MARK, which ends it',
        ),
        (
            said("MAP", ("a", "b#"), keys=["a"]),
            'MAP("a"): no text can hold the character U+0023 NUMBER SIGN, which in a file is a line break',
        ),
        (said("NOTE"), "NOTE: it has no value"),
        (
            said("NOTE", "a", language="sv]"),
            'NOTE[sv]]: An equals sign is due behind the keyword, but “]="a";” stands.',
        ),
        (said("HOUSE WORD", "a"), 'HOUSE WORD: An equals sign is due behind the keyword, but “WORD="a";” stands.'),
        (said("MAP", ("a", Bare("b")), keys=["a"]), 'MAP("a"): it would be read as another statement'),
        (said("note", "a"), "note: it would be read as another statement"),
        (said("DATA", Bare("1")), "DATA: it is made of the rows, or not written at all"),
        (said("KEYS", Bare("CODES"), keys=["a"]), 'KEYS("a"): it is made of the rows, or not written at all'),
        (said("DECIMALS", Bare("0;")), "DECIMALS: A semicolon stands here that ends no statement."),
        (said("DECIMALS", Bare("")), "DECIMALS: A value is missing before “;”."),
        (said("DECIMALS", Bare("1,2")), "DECIMALS: it would be read as another statement"),
        (said("CODEPAGE", "cp037"), "CODEPAGE: 'cp037' is no code page that a PX file may be in"),
        (said("CODEPAGE", "utf-16"), "CODEPAGE: 'utf-16' is no code page that a PX file may be in"),
    ],
)
def test_what_a_head_cannot_hold_is_refused(statement, said_is, tmp_path):
    assert problem(changed(SMALL, statement), tmp_path) == said_is


def test_what_would_be_read_in_another_code_page_is_refused(tmp_path):
    ascii_only = changed(SMALL, *[replace(one, values=("a",)) for one in SMALL.statements if one.keyword == "TITLE"])
    ascii_only = replace(ascii_only, statements=tuple(one for one in ascii_only.statements if not one.language))
    mistaken = changed(ascii_only, said("CODEPAGE", "iso-8859-1"), said("TITLE", "Ã¤"))
    assert problem(mistaken, tmp_path).startswith("CODEPAGE: these texts in iso-8859-1 would be taken for utf-8")
    old = changed(changed(ascii_only, said("TITLE", "ä"), without="CHARSET"), without="CODEPAGE")
    assert problem(old, tmp_path).startswith("CODEPAGE: these texts in iso-8859-1 would be taken for cp850")
    plain = changed(changed(ascii_only, without="CHARSET"), without="CODEPAGE")
    assert text(plain, tmp_path, "ascii").startswith("AXIS-VERSION")


@pytest.mark.parametrize(
    ("px", "said_is"),
    [
        (
            changed(SMALL, without="VALUES"),
            "STUB: The variable “profession” has no VALUES. HEADING: The variable “year” has no VALUES.",
        ),
        (
            changed(changed(SMALL, without="STUB"), without="HEADING"),
            "There is neither STUB nor HEADING: the table has no variables.",
        ),
        (
            replace(SMALL, statements=(*SMALL.statements, said("VALUES", "a", keys=["year"]))),
            'VALUES("year"): The statement stands twice, first in line 0.',
        ),
    ],
)
def test_a_table_without_a_shape_is_refused(px, said_is, tmp_path):
    assert problem(px, tmp_path) == said_is


@pytest.mark.parametrize(
    ("rows", "said_is"),
    [
        ([], "DATA: there are 2 rows by the values of STUB, not 0"),
        ([("1", "2", "3")], "DATA: there are 2 rows by the values of STUB, not 1"),
        ([("1", "2", "3")] * 3, "DATA: there are 2 rows by the values of STUB, not more"),
        ([("1", "2", "3"), ("1", "2")], "row 2: 2 cells, there are 3 by the values of HEADING"),
        ([("1", "2", "3", "4"), ("1", "2", "3")], "row 1: 4 cells, there are 3 by the values of HEADING"),
    ],
)
def test_rows_that_are_not_of_the_shape_are_refused(rows, said_is, tmp_path):
    assert problem(replace(SMALL, rows=rows), tmp_path) == said_is


NO_CELLS = [
    "",
    " ",
    "1 2",
    "1\n2",
    "1,2",
    "+",
    "e3",
    "1e",
    "--1",
    "1.2.3",
    "a",
    "........",
    '".."',
    "1;",
    "１",
    "\xa0",
    "1\r",
]


@pytest.mark.parametrize("cell", NO_CELLS)
@pytest.mark.parametrize("beside", ["7", "..", "-"])
def test_cells_that_are_no_numbers_and_no_symbols_are_refused(cell, beside, tmp_path):
    rows = [(beside, "2", "3"), ("4", cell, beside)]
    said_is = f"row 2: cell 2 is {cell!r}, neither a number nor a symbol"
    assert problem(replace(SMALL, rows=rows), tmp_path) == said_is


def tall(rows):
    """A column of 100,000 cells."""
    sizes = {"a": 1000, "b": 100}
    values = [said("VALUES", *map(str, range(size)), keys=[name]) for name, size in sizes.items()]
    return Px((said("CODEPAGE", "utf-8"), said("STUB", *sizes), *values), rows)


def test_a_fault_far_down_is_found_by_its_row_and_what_was_there_is_kept(tmp_path):
    path = tmp_path / "t.px"
    path.write_bytes(b"as it was")
    rows = ((str(number) if number != 99_000 else "x",) for number in range(1, 100_001))
    with pytest.raises(Unwritable, match="row 99000: cell 1 is 'x'"):
        encode(tall(rows), path)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("t.px", b"as it was")]


def test_an_error_in_the_rows_leaves_nothing(tmp_path):
    def rows():
        yield ("1",)
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        encode(tall(rows()), tmp_path / "t.px")
    assert not list(tmp_path.iterdir())


def test_rows_are_read_once_and_as_they_are_needed(tmp_path):
    encode(tall((str(number),) for number in range(100_000)), tmp_path / "t.px")
    below = (tmp_path / "t.px").read_bytes().partition(b"DATA=\r\n")[2]
    assert below.split(b"\r\n") == [*(str(number).encode() for number in range(100_000)), b";", b""]


def test_blocks_do_not_show(tmp_path, monkeypatch):
    rows = [("1", "..", "3"), ("-", "5", "6.0")]
    written = text(replace(SMALL, rows=rows), tmp_path)
    monkeypatch.setattr(writing, "BLOCK", 1)
    assert text(replace(SMALL, rows=rows), tmp_path) == written
    assert written.endswith('DATA=\r\n1 ".." 3\r\n"-" 5 6.0\r\n;\r\n')


def test_a_table_without_stub_is_one_row_and_one_without_heading_one_column(tmp_path):
    assert text(replace(changed(SMALL, without="STUB"), rows=[("1", "2", "3")]), tmp_path).endswith(
        "=\r\n1 2 3\r\n;\r\n"
    )
    assert text(replace(changed(SMALL, without="HEADING"), rows=[["1"], ["2"]]), tmp_path).endswith(
        "=\r\n1\r\n2\r\n;\r\n"
    )


def test_nothing_is_written_compressed(tmp_path):
    assert problem(SMALL, tmp_path, "t.px.gz") == "t.px.gz: a PX file is written uncompressed"

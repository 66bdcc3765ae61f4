"""The cells of a table, however they are separated; what is none is told with its line."""

import io

import pytest

from nps_exchange import messages
from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import cells, keyed

BLOCKS = (1, 2, 3, 7, cells.BLOCK)


def rows(text, width=3):
    return list(cells.rows(io.BytesIO(text), width, 10, "t.px"))


def fault(text, read=rows):
    with pytest.raises(InputRefused) as refused:
        read(text)
    [finding] = refused.value.findings
    assert (finding.place.file, finding.place.column) == ("t.px", "DATA")
    assert messages.line(finding, "sv")
    return finding.rule, finding.place.row, finding.values.get("found")


@pytest.fixture(params=BLOCKS)
def block(request, monkeypatch):
    monkeypatch.setattr(cells, "BLOCK", request.param)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    "text",
    [
        b'\n1 -2.5 ".."\n"-" 5 6;\n',
        b'\r\n1 -2.5 ".." \r\n"-" 5 6 \r\n;\r\n',
        b'\r1 -2.5 "..";\r"-" 5 6',
        b'1,-2.5,"..","-",5,6;',
        b'1;-2.5;"..";"-";5;6;',
        b'1\t-2.5\t".."\t\n"-"\t5\t6\n',
        b'1 , -2.5 ,".." ;\n "-" ; 5\n,\n6,;',
        b'1, -2.5, "..",\n"-", 5, 6,\n',
        b' 1 -2.5 ".." "-" 5\n\n\n6 ;;\n\x1a',
        b'1 -2.5 ".." "-" 5 6 ; ; \n',
        b'1 -2.5 ".." "-" 5 6;\r\n\x1a\r\n',
        b'1 -2.5 ".." "-" 5 6 \r\n\x1a;\r\n',
        b'1 -2.5 ".." "-" 5 6\x1a',
        b'1 -2.5 ".." "-" 5 6;\x1a\x1a\x1a\n\n\x1a',
    ],
)
def test_separators_are_all_the_same(text):
    if text.endswith(b"6"):
        text += b" "
    assert rows(text) == [["1", "-2.5", ".."], ["-", "5", "6"]]
    assert cells.number(io.BytesIO(text), 1, "t.px")[0] == 6


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    "cell",
    [
        "0",
        "-0.50",
        "+3",
        "12345678901234567890",
        "5.",
        ".5",
        "1e5",
        "-1.25E-03",
        '"-"',
        "-",
        *(f'"{"." * n}"' for n in range(1, 8)),
        *("." * n for n in range(1, 8)),
    ],
)
def test_numbers_stay_as_they_are_written_and_symbols_lose_their_marks(cell):
    assert rows(f"{cell} 1 {cell};".encode()) == [[cell.strip('"'), "1", cell.strip('"')]]


@pytest.mark.usefixtures("block")
def test_symbols_without_quotation_marks_are_found_with_their_lines():
    text = b'.. 1 "-"\n2 .. 3\n- -4 "..."\n;\n'
    assert list(cells.unquoted(io.BytesIO(text), 10, "t.px")) == [(10, ".."), (11, ".."), (12, "-")]
    assert list(cells.unquoted(io.BytesIO(b'".." 1;'), 10, "t.px")) == []


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    ("text", "last"), [(b"", None), (b" \n;\n", None), (b"1 2 3 4;", ["4"]), (b"1 2 3\n", ["1", "2", "3"])]
)
def test_the_last_row_may_be_shorter(text, last):
    assert (rows(text) or [None])[-1] == last


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    ("text", "rule", "line", "found"),
    [
        (b"1 2\n3 x 5;", "px-cell-unreadable", 11, "x"),
        (b"x 2;", "px-cell-unreadable", 10, "x"),
        (b"1\r\n2\r\n3\r4a;", "px-cell-unreadable", 13, "4a"),
        (b'1\n"n.a." 2;', "px-cell-unreadable", 11, '"n.a."'),
        (b'1 "........" 2;', "px-cell-unreadable", 10, '"........"'),
        (b'1 "" 2;', "px-cell-unreadable", 10, '""'),
        (b'1 "5" 2;', "px-cell-unreadable", 10, '"5"'),
        (b'1 "--" 2;', "px-cell-unreadable", 10, '"--"'),
        (b'1 ".."".." 2;', "px-cell-unreadable", 10, '".."".."'),
        (b'1 5".." 2;', "px-cell-unreadable", 10, '5".."'),
        (b'1 ".. 2;', "px-cell-unreadable", 10, None),
        (b'1 " ." 2;', "px-cell-unreadable", 10, None),
        (b"1 1.2.3 2;", "px-cell-unreadable", 10, "1.2.3"),
        (b"1 2- 2;", "px-cell-unreadable", 10, "2-"),
        (b"1 1e 2;", "px-cell-unreadable", 10, "1e"),
        (b"1 NaN 2;", "px-cell-unreadable", 10, "NaN"),
        (b"1 \xe5 2;", "px-cell-unreadable", 10, None),
        (b"1 2\xa03;", "px-cell-unreadable", 10, None),
        (b"1 \x00 2;", "px-cell-unreadable", 10, "\0"),
        (b"1\n........ 2;", "px-cell-unreadable", 11, "........"),
        (b"-- 2;", "px-cell-unreadable", 10, "--"),
        (b"1 2 ..5;", "px-cell-unreadable", 10, "..5"),
        (b"1 2 ..", "px-data-cut", 10, ".."),
        (b"1,,2;", "px-cell-empty", 10, None),
        (b"1 2\n3 ;\n, 4;", "px-cell-empty", 12, None),
        (b"1;;2;", "px-cell-empty", 10, None),
        (b",1 2;", "px-cell-empty", 10, None),
        (b"\n;1 2;", "px-cell-empty", 11, None),
        (b"1 2\n,,", "px-cell-empty", 10, None),
        (b"1 2;,", "px-cell-empty", 10, None),
        (b'1 2;\nNOTE="x";', "px-data-continued", 11, 'NOTE="x"'),
        (b"1 2;\r\nx", "px-data-continued", 11, "x"),
        (b"1 2\n35", "px-data-cut", 11, "35"),
        (b'1,"-', "px-cell-unreadable", 10, '"-'),
        (b"1 2;\r\n\x1a\r\n3", "px-data-continued", 11, None),
        (b"1 2\x1a3;", "px-cell-unreadable", 10, None),
        (b"3", "px-data-cut", 10, "3"),
    ],
)
def test_what_is_no_cell_is_told(text, rule, line, found):
    told = fault(text)
    assert told[:2] == (rule, line)
    assert found is None or cells.BLOCK < 9 or told[2] == found


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("text", [b'1 2 ".."', b'1 2\n"-"', b'1,2,"......."'])
def test_a_file_that_ends_with_a_symbol_is_not_cut(text):
    assert rows(text) == [["1", "2", text.split(b'"')[1].decode()]]


@pytest.mark.parametrize("text", [b"1 " + b"2" * 300 + b" 3;", b'1 "' + b"." * 300, b"1" * 300])
def test_a_cell_that_does_not_end_is_told(text, monkeypatch):
    monkeypatch.setattr(cells, "LONGEST", 100)
    monkeypatch.setattr(cells, "BLOCK", 50)
    assert fault(text)[0] == "px-cell-unreadable"


def test_any_number_of_blanks_may_stand_between_cells(monkeypatch):
    monkeypatch.setattr(cells, "LONGEST", 100)
    monkeypatch.setattr(cells, "BLOCK", 50)
    text = b"1" + b" \n" * 300 + b"2," + b" \n" * 300 + b"3" + b" \n" * 300 + b";"
    assert rows(text) == [["1", "2", "3"]]
    assert cells.number(io.BytesIO(text), 1, "t.px") == (3, 601)
    assert fault(text + b"x")[:2] == ("px-data-continued", 910)
    assert fault(b"1," + b" \n" * 300 + b",2 3;")[0] == "px-cell-empty"
    ended = text + b"\x1a" + b" \n" * 300 + b"\x1a" * 300 + b"\n"
    assert rows(ended) == [["1", "2", "3"]]
    assert fault(ended + b"x;")[:2] == ("px-data-continued", 1210)


# rows with keys

KEYS = {"a": ("x", "y y"), "b": ("1", "2")}


def keyed_rows(text, width=2):
    found = keyed.table(io.BytesIO(text.encode("utf-8")), "utf-8", 10, "t.px", KEYS, width)
    return list(keyed.rows(found, 4, width))


def test_rows_with_keys_come_in_order_with_zeros_between():
    text = '\n"y y","2",1 ".."\n"x" "1" , 3\n4.5;\n'
    assert keyed_rows(text) == [["3", "4.5"], ["0", "0"], ["0", "0"], ["1", ".."]]
    assert keyed_rows(";") == [["0", "0"]] * 4
    assert keyed_rows(";\r\n \x1a\r\n") == [["0", "0"]] * 4


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ('\n"x","1",1 2\n"x","3",1 2;', "px-keys-unknown", 12),
        ('\n"x","1",1 2\n"x","1",1 2;', "px-keys-repeated", 12),
        ('\n"x","1",1\n"x","2",1 2;', "px-keys-cells", 11),
        ('\n"x","1",1;', "px-keys-cells", 11),
        ('\n"x","1";', "px-keys-cells", 11),
        ('\n"x","1",1 2 3\n"x","2",1 2;', "px-keys-missing", 11),
        ("\nx,1,1 2;", "px-keys-missing", 11),
        ('\n"x","1",1 z;', "px-cell-unreadable", 11),
        ('\n"x","1",1 ........;', "px-cell-unreadable", 11),
        ('\n"x","1",1 2', "px-data-cut", 11),
        ('\n"x","1",1 2\n', "px-keys-cut", 12),
        ('\n"x","1",1 ".."', "px-keys-cut", 12),
        ('\n"x","1";1 2\r\n\x1a', "px-keys-cut", 13),
        ("\n", "px-keys-cut", 11),
        ("", "px-keys-cut", 10),
    ],
)
def test_what_is_wrong_in_a_row_with_keys_is_told(text, rule, line):
    assert fault(text, keyed_rows)[:2] == (rule, line)


def test_few_bytes_do_not_stand_for_a_table_without_end(monkeypatch):
    monkeypatch.setattr(keyed, "MOST", 7)
    assert fault('"x","1",1 2;', keyed_rows)[0] == "px-table-too-large"


def test_a_cut_row_of_a_table_without_stub_is_no_row_of_zeros():
    with pytest.raises(InputRefused) as refused:
        keyed.table(io.BytesIO(b"5;\n"), "utf-8", 10, "t.px", {}, 2)
    assert refused.value.findings[0].rule == "px-keys-cells"

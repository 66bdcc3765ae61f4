"""Records are written so that they come back, and read so that every fault has its row."""

import csv
import gzip
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange import messages
from nps_exchange.errors import InputRefused
from nps_exchange.formats import delimited, records
from nps_exchange.formats.table import Table

AWKWARD = st.text('",\r\n a\ufeff', max_size=8) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
)
WIDE = st.lists(st.lists(st.none() | AWKWARD, min_size=1, max_size=4).map(tuple), max_size=8)
ROWS = WIDE.map(lambda rows: [row for row in rows if row != (None,)])


def read(content, folder, name="t.csv"):
    path = folder / name
    path.write_bytes(content)
    return list(records.read(path))


def refusal(content, folder, name="t.csv"):
    """The rows above the fault, and the finding."""
    path, above = folder / name, []
    path.write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        for row in records.read(path):
            above.append(row)
    (finding,) = refused.value.findings
    assert finding.rule in ("file-broken", "encoding-wrong", "file-truncated")
    assert finding.place.file == name
    return above, finding


@given(rows=ROWS, block=st.sampled_from([1, 2, 3, 7, records.BLOCK]))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_wherever_the_blocks_end(rows, block, tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "t.csv"
    records.write(path, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "BLOCK", block)
        assert list(records.read(path)) == rows


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_the_csv_module_reads_what_is_written(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "t.csv"
    records.write(path, rows)
    with path.open(encoding="utf-8", newline="") as stream:
        assert [tuple(row) for row in csv.reader(stream, strict=True)] == folded(rows)


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_what_the_csv_module_writes_is_read(rows, tmp_path_factory):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    text = stream.getvalue()
    if not text.startswith("\ufeff"):  # the csv module would not tell it from a byte order mark
        assert folded(read(text.encode(), tmp_path_factory.mktemp("records"))) == folded(rows)


@given(text=st.text('",\r\na', max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_text_is_refused_or_read_as_the_csv_module_reads_it(text, tmp_path_factory):
    try:
        found = read(text.encode(), tmp_path_factory.mktemp("records"))
    except InputRefused:
        return
    expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    while expected and not expected[-1]:
        expected.pop()
    assert folded(found) == [tuple(row) or ("",) for row in expected]


def folded(rows):
    return [tuple(cell or "" for cell in row) for row in rows]


def test_the_bytes_are_those_of_the_standard(tmp_path):
    rows = [("A", "B"), (None, ""), ("å", 'a "b"'), (" x", "x "), ("a,b", "a\nb"), ("a b", "=1+1"), ("\ufeff", None)]
    records.write(tmp_path / "t.csv", rows)
    expected = 'A,B\r\n,""\r\nå,"a ""b"""\r\n" x","x "\r\n"a,b","a\nb"\r\na b,=1+1\r\n\ufeff,\r\n'
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()


def test_a_text_that_looks_like_a_byte_order_mark_is_kept(tmp_path):
    rows = [("\ufeffA", "B"), ("\ufeff", "\ufeff")]
    records.write(tmp_path / "t.csv", rows)
    assert (tmp_path / "t.csv").read_bytes().startswith('"\ufeffA",B\r\n'.encode())
    assert list(records.read(tmp_path / "t.csv")) == rows


def test_more_rows_than_are_written_at_once(tmp_path):
    rows = [(str(number), None) for number in range(2 * records.BATCH + 1)]
    records.write(tmp_path / "t.csv", iter(rows))
    assert list(records.read(tmp_path / "t.csv")) == rows


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("a\0", "b"), "row 1502: the character U+0000"),
        (("a", "\ud800"), "row 1502: the character U+D800"),
        ((), "row 1502: nothing"),
        ((None,), "row 1502: nothing"),
        (("a" * records.LONGEST, None), "row 1502: it is longer than 1,000,000"),
    ],
    ids=["NUL", "surrogate", "no cells", "one None", "long"],
)
def test_what_cannot_be_carried_is_refused_and_no_file_is_left(row, problem, tmp_path):
    with pytest.raises(ValueError, match=re.escape(problem)):
        records.write(tmp_path / "t.csv", [*[("a\nb", "b")] * 1501, row, *[("a", "b")] * 1500])
    assert not list(tmp_path.iterdir())


def test_a_compressed_name_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="uncompressed"):
        records.write(tmp_path / "t.csv.gz", [("a",)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"\r\n\n\r", []),
        (b"a,b", [("a", "b")]),
        (b"\xef\xbb\xbfa,b\r\n", [("a", "b")]),
        (b'\xef\xbb\xbf"a",b\r\n', [("a", "b")]),
        (b"a\rb\nc\r\nd", [("a",), ("b",), ("c",), ("d",)]),
        (b"a,b\r\n\r\nc,d\r\n\r\n\n", [("a", "b"), (None,), ("c", "d")]),
        (b"\na", [(None,), ("a",)]),
        (b'a\r\n""\r\n', [("a",), ("",)]),
        (b',""\r\n"",\r\n', [(None, ""), ("", None)]),
        (b'"a\rb\nc\r\nd"\n', [("a\rb\nc\r\nd",)]),
        (b'"",""""," "" "\n', [("", '"', ' " ')]),
        (b'"a,""b"",c",d\n', [('a,"b",c', "d")]),
        ("a\u2028b\x0bc\x85,\x1c\n".encode(), [("a\u2028b\x0bc\x85", "\x1c")]),
    ],
)
def test_sound_content(content, rows, tmp_path):
    assert read(content, tmp_path) == rows
    assert read(gzip.compress(content), tmp_path, "t.csv.gz") == rows


HEAD = b"A,B\r\n1,2\r\n"
BROKEN = [
    (HEAD + b'1,5" pipe\r\n3,4\r\n', 3, "field 2 has a quotation mark in it"),
    (HEAD + b'1,5" pipe\r\n3,5" pipe\r\n', 3, "field 2 has a quotation mark in it"),
    (HEAD + b'1, "2"\r\n', 3, "field 2 has a quotation mark in it"),
    (HEAD + b'"1"x,2\r\n3,4\r\n', 3, "the quotation mark before field 1"),
    (HEAD + b'"a\nb","2" \r\n3,4\r\n', 3, "the quotation mark before field 2"),
    (HEAD + b'1,"2\r\n3,4\r\n5,6\r\n', 3, "the quotation mark before field 2 is never closed"),
    (b'"A,B\r\n1,2\r\n', 1, "the quotation mark before field 1 is never closed"),
    (b'"A\nB",C\r\n"1\n2",3\r\n\n"x', 4, "never closed"),
    (b'"""', 1, "never closed"),
    (HEAD + b"1,\xe5\r\n3,4\r\n", 3, "not UTF-8"),
    (HEAD + b"\xff", 3, "not UTF-8"),
    (b"A,B\r\xff", 2, "not UTF-8"),
    (HEAD + b"\n\n\xe5\xe4\xf6\n", 5, "not UTF-8"),
    (HEAD + b'1,"\r\n\r\n\xe5"\r\n', 3, "not UTF-8"),
    (HEAD + b"1,\xc3", 3, "not UTF-8"),
    (b"\xef\xbb", 1, "not UTF-8"),
    ("A,B\n".encode("utf-16"), 1, "not UTF-8"),
    ("A,B\n".encode("utf-16-le"), 1, "NUL"),
    (HEAD + b"1,2\r\n3,\0\r\n", 4, "NUL"),
    (HEAD + b"1," + b"x" * records.LONGEST + b"\r\n3,4\r\n", 3, "longer than 1,000,000"),
    (HEAD + b"1," + b"x" * 2 * records.LONGEST, 3, "longer than 1,000,000"),
    (HEAD + b'1,"' + b"x" * records.LONGEST + b'"\r\n3,4\r\n', 3, "longer than 1,000,000"),
    (HEAD + b'1,"2\r\n' + b"3,4\r\n" * records.LONGEST, 3, "the quotation mark before field 2 is never closed"),
]


@pytest.mark.parametrize(("content", "row", "problem"), BROKEN, ids=range(len(BROKEN)))
def test_broken_content_names_the_row(content, row, problem, tmp_path):
    above, finding = refusal(content, tmp_path)
    assert finding.place.row == row
    assert problem in messages.text(finding)
    assert len(above) == row - 1 or b"\n\n" in content  # a blank line waits for the record after it
    assert refusal(gzip.compress(content), tmp_path, "t.csv.gz")[1].place.row == row
    assert f"t.csv, row {row}: " in messages.line(finding)


@pytest.mark.parametrize("content", [content for content, *_ in BROKEN if len(content) < 1000])
def test_the_row_does_not_hang_on_where_the_blocks_end(content, tmp_path, monkeypatch):
    expected = refusal(content, tmp_path)
    monkeypatch.setattr(records, "BLOCK", 1)
    assert refusal(content, tmp_path) == expected


def test_compressed_files_that_are_cut_off_or_damaged(tmp_path):
    rows = b"".join(b"%d,%d\r\n" % (number, number * 7919 % 10007) for number in range(50_000))
    whole = gzip.compress(rows)
    for content in (
        whole[:-4],
        whole[: len(whole) // 2],
        whole[:-8] + b"\0" * 8,
        whole[:15],
        whole[:1000] + b"\xff" * 99,
    ):
        above, finding = refusal(content, tmp_path, "t.csv.gz")
        assert finding.rule == "file-truncated"
        assert finding.place.row == len(above) + 1
    assert refusal(whole[:-4], tmp_path, "t.csv.gz")[1].place.row == 50_001
    assert refusal(b"A,B\r\n", tmp_path, "t.csv.gz")[1].rule == "file-truncated"


def test_what_cannot_be_opened(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputRefused) as refused:
            list(records.read(path))
        assert "directory" in str(refused.value)
        assert str(tmp_path.parent) not in str(refused.value)


def test_the_longest_record_is_read(tmp_path):
    rows = [("A",), ("x" * records.LONGEST,), ("B",)]
    records.write(tmp_path / "t.csv", rows)
    assert list(records.read(tmp_path / "t.csv")) == rows


def test_a_heading_with_nothing_in_it_has_columns_of_empty_names(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'A,,""\r\n1,2\r\n')
    table = delimited.decode(tmp_path / "t.csv")
    assert table.columns == ("A", "", "")
    assert list(table.rows) == [("1", "2")]  # as wide as it is


def test_an_empty_file_has_no_columns(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"")
    table = delimited.decode(tmp_path / "t.csv")
    assert (table.columns, list(table.rows)) == ((), [])
    with pytest.raises(ValueError, match="row 1"):
        delimited.encode(Table((), []), tmp_path / "new.csv")

import codecs
import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_exchange.errors import InputRefused
from nps_exchange.sources import delimited

CELL = st.text(st.sampled_from("aåÄö1 \"'\n.-\u00a0\u202f"), max_size=6)
TABLE = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=2, max_size=6)
)


def sheet_rows(path: Path) -> list[tuple[int, list[str]]]:
    (sheet,) = delimited.sheets(path)
    assert sheet.name == ""
    return list(sheet.rows())


def refusal(path: Path) -> tuple[str, int | None]:
    with pytest.raises(InputRefused) as refused:
        sheet_rows(path)
    (finding,) = refused.value.findings
    assert finding.place.file == path.name
    return finding.rule, finding.place.row


def written(rows: list[list[str]], delimiter: str, line_end: str = "\n") -> tuple[str, list[int]]:
    """The text, and the physical line each row begins on."""
    text, lines = "", []
    for row in rows:
        lines.append(text.count("\n") + 1)
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerow(row)
        text += stream.getvalue()
    return text, lines


@given(
    TABLE,
    st.sampled_from(delimited.DELIMITERS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_rows_come_back_with_the_line_they_begin_on(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    line_end: str,
    encoding: str,
    zipped: bool,
) -> None:
    head = ["År", *(f"K{i}" for i in range(len(rows[0]) - 1))]
    rows = [head, *rows]
    text, lines = written(rows, delimiter, line_end)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if zipped else content)
    assert sheet_rows(path) == list(zip(lines, rows, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
def test_swedish_text_is_read_whatever_the_encoding_and_the_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"Län{delimiter}Å–Ö\nSkåne län{delimiter}1\n".encode(encoding))
    assert sheet_rows(path) == [(1, ["Län", "Å–Ö"]), (2, ["Skåne län", "1"])]


def test_utf_8_is_told_from_windows_1252_by_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n" + b"x;1\n" * 400_000 + "Skåne;2\n".encode("cp1252"))
    (sheet,) = delimited.sheets(path)
    *_, last = sheet.rows()
    assert last == (400_002, ["Skåne", "2"])


def test_a_letter_cut_by_a_block_boundary_is_still_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n" + b"xx;1\n" * ((1 << 20) // 5 - 1) + "åå;2\n".encode() * 3)
    assert sheet_rows(path)[-1][1] == ["åå", "2"]


def test_rows_start_afresh_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    (sheet,) = delimited.sheets(path)
    assert list(sheet.rows()) == list(sheet.rows())
    assert sheet.head() == list(sheet.rows())


def test_decimal_commas_do_not_pass_for_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("År;FTE\n" + "".join(f"{year};1,5\n" for year in range(1990, 2020)), encoding="utf-8")
    assert sheet_rows(path)[0] == (1, ["År", "FTE"])


def test_a_title_and_footnotes_with_commas_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Läkare, efter ålder, kön\n\nÅr;Antal\n2017;5\n2018;6\nKälla: HOSP, LISA, SCB\n", encoding="utf-8")
    assert (4, ["2017", "5"]) in sheet_rows(path)


def test_one_column_is_one_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("År\n2018\n", encoding="utf-8")
    assert sheet_rows(path) == [(1, ["År"]), (2, ["2018"])]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path) == ("file-empty", None)


@given(st.integers(3, 60))
def test_a_cut_gzip_file_is_refused(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    path = tmp_path_factory.mktemp("gz") / "a.csv.gz"
    whole = gzip.compress("".join(f"{i};{i * 7919 % 977}\n" for i in range(200)).encode())
    path.write_bytes(whole[:kept])
    assert refusal(path)[0] == "file-truncated"


def test_a_quote_that_is_not_closed_is_named_by_the_row_it_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a;b\n"två\nrader";1\n"x;2\ny;3\n', encoding="utf-8")
    assert refusal(path) == ("row-unreadable", 4)


def test_a_cell_longer_than_any_is_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"a;b\n1;{'x' * 200_000}\n", encoding="utf-8")
    assert refusal(path) == ("row-unreadable", 2)


@pytest.mark.parametrize(
    "bad", [b"a;b\n1;\0\n", b"a;b\n\x81\xff;1\n", codecs.BOM_UTF16_LE + b"a", b"\x89PNG\r\n\x1a\n\0"]
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bad)
    assert refusal(path)[0] == "file-not-text"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(content)
    try:
        rows = sheet_rows(path)
    except InputRefused as refused:
        assert refused.findings
    else:
        assert [number for number, _ in rows] == sorted({number for number, _ in rows})

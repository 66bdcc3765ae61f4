"""Strict comma-separated records by RFC 4180 in UTF-8, for every format made of them; empty is not nothing.

RFC 4180 does not say what a field without characters means. Here nothing between the commas is None,
and `""` is an empty text. The rest is the standard's: CRLF, quotes doubled inside quotes, spaces kept.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from nps_exchange.errors import InputRefused
from nps_exchange.formats.table import Cell
from nps_exchange.model import Finding, Place

LONGEST = 1_000_000
"""Characters of a record at most: a quote that is never closed must not gather the rest of a huge file."""

TOO_LONG = f"it is longer than {LONGEST:,} characters"
BLOCK, BATCH = 1 << 18, 1000
BYTE_ORDER_MARK = "\ufeff"

# A whole field in quotes: a comma or nothing before it, a comma or nothing behind it. The quantifiers are possessive,
# so a broken record takes no longer than a sound one; the quote stands before the look behind it for speed.
QUOTED = re.compile(r'"(?<![^,]")([^"]*+(?:""[^"]*+)*+)"(?![^,])')
WANTS_QUOTES = re.compile(r'[",\r\n]|\A | \Z')
UNWRITABLE = re.compile("[\0\ud800-\udfff]")


class _Broken(Exception):
    """What is wrong with the text that comes next; `read` knows the row."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def broken(path: Path, row: int, problem: str) -> InputRefused:
    """The refusal of a file that cannot be read on from this row."""
    return InputRefused(replace(_problem(problem), place=Place(file=path.name, row=row)))


def _problem(problem: str) -> Finding:
    return Finding("file-broken", values={"problem": problem})


def write(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write records; `read` gives back exactly these.

    None becomes nothing, an empty text `""`. Quotes stand round a text with a comma, a quote or a line end in it,
    with a space at either end (some programs trim it), and round a U+FEFF that would begin the file.

    Raises:
        ValueError: a row without cells or of one None (either would be a blank line), one longer than `LONGEST`,
            a NUL or half of a surrogate pair: names the row. A name in `.gz`: nothing is compressed here.
            After this, as after any other failure, no file is left.
    """
    if path.suffix == ".gz":
        raise ValueError(f"{path.name}: records are written uncompressed")
    lines = (_line(row, number) for number, row in enumerate(rows, 1))
    written = 0
    with path.open("wb") as stream:
        try:
            while batch := list(islice(lines, BATCH)):
                stream.write(_bytes(batch, written + 1))
                written += len(batch)
        except BaseException:
            stream.close()
            path.unlink()
            raise


def _line(row: Sequence[Cell], number: int) -> str:
    if len(row) < 2 and (not row or row[0] is None):
        raise ValueError(f"row {number}: nothing, or one cell with nothing in it, would be a blank line")
    line = ",".join([cell or "" for cell in row])
    # Most rows need no quotes, and to see that of a whole row is four times as fast as of each cell.
    if '"' in line or " " in line or "\n" in line or "\r" in line or "" in row or line.count(",") >= len(row):
        line = ",".join([_field(cell) for cell in row])
    if number == 1 and line.startswith(BYTE_ORDER_MARK):
        first = row[0] or ""
        line = f'"{first}"{line[len(first) :]}'
    if len(line) > LONGEST:
        raise ValueError(f"row {number}: {TOO_LONG}")
    return line


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if not cell or WANTS_QUOTES.search(cell) else cell


def _bytes(lines: list[str], first: int) -> bytes:
    text = "\r\n".join((*lines, ""))
    if bad := UNWRITABLE.search(text):
        row = next(number for number, line in enumerate(lines, first) if bad[0] in line)
        raise ValueError(f"row {row}: the character U+{ord(bad[0]):04X} cannot be written")
    return text.encode()


def read(path: Path) -> Iterator[tuple[Cell, ...]]:
    """The records of a file, one at a time; the Nth is row N as a spreadsheet shows it, the heading being row 1.

    Records end with CRLF, LF or CR; inside quotes these are text. A byte order mark is skipped, blank lines at the
    end of the file are ignored, and a blank line elsewhere is a record of one None. `.gz` is unpacked.

    Raises:
        InputRefused: `file-broken`, `encoding-wrong` or `file-truncated`, with the row that cannot be read.
    """
    row, blank = 1, 0  # `row` is the one that is being read
    try:
        for text in _records(_lines(path)):
            if text:
                cells = _cells(text)
                for _ in range(blank):
                    yield (None,)
                yield cells
                blank = 0
            else:
                blank += 1
            row += 1
    except _Broken as fault:
        raise InputRefused(replace(fault.finding, place=Place(file=path.name, row=row))) from None


def _cells(text: str) -> tuple[Cell, ...]:
    if len(text) > LONGEST:
        raise _Broken(_problem(TOO_LONG))
    if '"' not in text:
        return tuple([cell or None for cell in text.split(",")])
    outside = _outside_quotes(text)
    inside = iter(QUOTED.findall(text))
    return tuple([next(inside).replace('""', '"') if cell == "\0" else cell or None for cell in outside.split(",")])


def _outside_quotes(text: str) -> str:
    """A record with a NUL, which no record holds, for each field in quotes."""
    outside = QUOTED.sub("\0", text)
    before, quote, _ = outside.partition('"')
    if quote:
        field = f"field {before.count(',') + 1}"
        if before and before[-1] != ",":
            raise _Broken(_problem(f"{field} has a quotation mark in it but none around it"))
        raise _Broken(_problem(f"the quotation mark before {field} is never closed, or closed before the field ends"))
    return outside


def _records(lines: Iterable[str]) -> Iterator[str]:
    """The text of each record: a line, or several where a quote is open at the line's end."""
    gathered: list[str] = []
    size, opened = 0, False
    for line in lines:
        if not opened and '"' not in line:
            yield line.rstrip("\r\n")
            continue
        gathered.append(line)
        size += len(line)
        opened ^= line.count('"') % 2 == 1
        if not opened:
            yield "".join(gathered).rstrip("\r\n")
            gathered, size = [], 0
        elif size > LONGEST:
            break
    if gathered:
        _outside_quotes("".join(gathered))  # raises: of an odd number of quotes one is left


def _lines(path: Path) -> Iterator[str]:
    """Lines with their ends. `str.splitlines` will not do: it also cuts at U+2028 and other characters."""
    begun = ""
    for text, fault in _texts(path):
        text = begun + text
        # A CR at the end of a block may be half of a CRLF.
        last_cr = text.rfind("\r", 0, len(text) if fault else len(text) - 1)
        end = max(text.rfind("\n"), last_cr) + 1
        yield from io.StringIO(text[:end], newline="")
        begun = text[end:]
        if fault:
            raise _Broken(fault)
        if len(begun) > LONGEST + 1:
            raise _Broken(_problem(TOO_LONG))
    if begun:
        yield begun


def _texts(path: Path) -> Iterator[tuple[str, Finding | None]]:
    """Blocks of text, each with what keeps the file from being read beyond it, if anything does."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first, block, fault = True, b"?", None
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            while block and not fault:
                block = stream.read1(BLOCK)
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    text, fault = error.object[: error.start].decode(), Finding("encoding-wrong")
                if "\0" in text:
                    text, fault = text[: text.index("\0")], _problem("it holds a NUL character, which is no text")
                if first and text:
                    text, first = text.removeprefix(BYTE_ORDER_MARK), False
                yield text, fault
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield "", Finding("file-truncated")
    except OSError as error:
        yield "", _problem(error.strerror or "it cannot be opened")

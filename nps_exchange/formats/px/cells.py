"""The cells of a PX table, read in blocks: numbers as they are written, symbols without their quotation marks.

A symbol without them is read too, as Statistics Sweden's parser does.

Blanks, commas, semicolons, tabs and line ends separate cells, and may be mixed; a semicolon with nothing behind it ends
the table. A block that is sound is seen to be so as a whole; cell by cell only a faulty one is looked at.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.px_keywords import DATA

BLOCK = 1 << 19
LONGEST = 1 << 16
"""Bytes of a cell at most, and of what separates two before it is shortened."""

BLANKS, MARKS = b" \t\r\n", b",;"
SEPARATORS = BLANKS + MARKS
DOS = b"\x1a"
END = SEPARATORS + DOS
"""What may stand behind the last cell; programs for DOS mark the end of a text with a character of its own."""

NUMBER = r"[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+"
SYMBOL = r"(?:\.{1,7}|-)"
CELLS = re.compile(rf'(?:[ \t\r\n,;]++(?:{NUMBER}|"{SYMBOL}"|{SYMBOL}(?![^ \t\r\n,;])))*+'.encode())
UNQUOTED = re.compile(rf"(?<=[ \t\r\n,;]){SYMBOL}(?![^ \t\r\n,;])".encode())
ONE_NUMBER, ONE_SYMBOL = re.compile(NUMBER), re.compile(SYMBOL)
EMPTY = re.compile(rb"[,;][ \t\r\n]*+[,;]")
TOKEN = re.compile(rb'"[^"\r\n]*+"?+[^ \t\r\n,;]*+|[^ \t\r\n,;]++')
AS_BLANKS = bytes.maketrans(MARKS, b"  ")
QUOTE = b'"'
SNIPPET = 40


def rows(stream: BinaryIO, width: int, line: int, file: str) -> Iterator[list[str]]:
    """The cells from here to the end, in rows of a width; the last row may be shorter.

    `line` is the line of the file that the stream stands in.

    Raises:
        InputRefused: while rows are read, a cell that is none: names its line.
    """
    cells: list[str] = []
    for block, _ in _blocks(stream, line, file):
        cells.extend(_split(block))
        whole = len(cells) - len(cells) % width
        for start in range(0, whole, width):
            yield cells[start : start + width]
        del cells[:whole]
    if cells:
        yield cells


def number(stream: BinaryIO, line: int, file: str) -> tuple[int, int]:
    """How many cells there are from here to the end, and the line of the last.

    Raises:
        InputRefused: a cell that is none: names its line.
    """
    found = 0
    for block, begin in _blocks(stream, line, file):
        found += len(block.translate(AS_BLANKS).split())
        line = begin + _lines(block)
    return found, line


def unquoted(stream: BinaryIO, line: int, file: str) -> Iterator[tuple[int, str]]:
    """The symbols from here to the end that stand without quotation marks, each with its line.

    Raises:
        InputRefused: a cell that is none: names its line.
    """
    for block, begin in _blocks(stream, line, file):
        told, at = begin, 0
        for match in UNQUOTED.finditer(block):
            told, at = told + _lines(block[at : match.start()]), match.start()
            yield told, match[0].decode("ascii")


def refused(rule: str, file: str, line: int, **values: object) -> InputRefused:
    """The refusal of a table that cannot be read on from this line."""
    return InputRefused(Finding(rule, Place(file=file, row=line, column=DATA), values))


def _split(block: bytes) -> list[str]:
    return block.translate(AS_BLANKS, QUOTE).decode("ascii").split()


def _blocks(stream: BinaryIO, line: int, file: str) -> Iterator[tuple[bytes, int]]:
    """Sound cells, each with a separator before it, and the line in which they begin."""
    rest = b" "  # the first cell as well has a separator before it
    beginning = True
    while block := stream.read(BLOCK):
        rest += block
        cells = rest[: _last_separator(rest, len(rest)) + 1].rstrip(END)
        if cells:
            _check(cells, line, file, beginning)
            yield cells, line
            line += _lines(cells)
            rest, beginning = rest[len(cells) :], False
        if len(rest) > LONGEST:
            cell = rest.lstrip(SEPARATORS)
            separators = rest[: len(rest) - len(cell)]
            line += _lines(separators)
            if not cell.strip(END):
                line += _lines(cell)
                cell = cell[:1] + cell.translate(None, BLANKS + DOS)[:2]
            if len(cell) > LONGEST:
                raise refused("px-cell-unreadable", file, line, found=_shown(cell))
            # More than two marks are as wrong as all of them.
            rest = b" " + separators.translate(None, BLANKS)[:2] + cell
    cells = rest.rstrip(END)
    if cells:
        _check(cells, line, file, beginning)
        if len(cells) == len(rest) and not cells.endswith(QUOTE):  # nothing says that the number has all its digits
            raise refused(
                "px-data-cut", file, line + _lines(cells), found=_shown(cells[_last_separator(cells, len(cells)) + 1 :])
            )
        yield cells, line
    marks = rest[len(cells) :].translate(None, BLANKS + DOS)
    if marks.lstrip(b",").strip(b";") or marks.count(b",") > 1:
        raise refused("px-cell-empty", file, line + _lines(cells))


def _check(cells: bytes, line: int, file: str, beginning: bool) -> None:
    first = cells.lstrip(BLANKS)
    if beginning and first[0] in MARKS:
        raise refused("px-cell-empty", file, line + _lines(cells[: -len(first)]))
    empty = EMPTY.search(cells) if b"," in cells or b";" in cells else None
    sound = CELLS.match(cells)
    reached = sound.end() if sound else 0
    if empty and empty.start() < reached:
        raise refused("px-cell-empty", file, line + _lines(cells[: empty.end()]))
    if reached == len(cells):
        return
    if cells[reached] not in SEPARATORS:  # what is wrong began as a cell
        reached = _last_separator(cells, reached)
    token = TOKEN.search(cells, reached)
    assert token is not None  # the cells end with one
    line += _lines(cells[: token.start()])
    found = _shown(token[0])
    if b";" in cells[reached : token.start()]:
        raise refused("px-data-continued", file, line, found=found)
    raise refused("px-cell-unreadable", file, line, found=found)


def _last_separator(part: bytes, end: int) -> int:
    return max(part.rfind(SEPARATORS[i : i + 1], 0, end) for i in range(len(SEPARATORS)))


def _shown(cell: bytes) -> str:
    return cell[:SNIPPET].decode("ascii", errors="replace")


def _lines(part: bytes) -> int:
    return part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")

"""A table as a PX file: the head line by line, the cells block by block, as fast as text can be put together.

Lines end with CRLF, as Statistics Sweden's programs end them: they write the line end of Windows, where they run. A
line of the head holds 256 characters at most, as the specification wants, but where keys in parentheses, a pair or a
word without quotation marks need more: these are never broken.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from nps_exchange import messages
from nps_exchange.formats.px import pages
from nps_exchange.formats.px.cells import NUMBER
from nps_exchange.formats.px.cube import Cube, CubeFault, cube
from nps_exchange.formats.px.document import Bare, Px, Statement, Value
from nps_exchange.formats.px.order import in_order
from nps_exchange.formats.px.statements import said
from nps_exchange.formats.px.statements import statements as taken_apart
from nps_exchange.formats.xml_text import named
from nps_exchange.px_keywords import DATA

LONGEST = 256
"""Characters of a line of the head."""

KEYS = "KEYS"

IMPOSSIBLE = re.compile('["#\x00-\x08\x0b-\x1f\x7f-\x9f]')
"""What no text in quotation marks holds: there is no other way to write it. A line break is written as `#`."""

UNNAMED = pages.LATIN1
"""The code page of a file that names none."""

SYMBOLS = {symbol: f'"{symbol}"' for symbol in (*("." * dots for dots in range(1, 8)), "-")}
"""What may stand in place of a number, and how it is written."""

QUOTED = r'"(?:\.{1,7}+|-)"'
CELL = re.compile(NUMBER)  # as it is read, so that what was read can be written
NUMBERS = re.compile(rf"(?:{NUMBER}[ \n])*+")
CELLS = re.compile(rf"(?:(?:{NUMBER}|{QUOTED})[ \n])*+")

BLOCK = 1 << 16
"""Cells that are put together at a time, or those of one row where it has more."""


class Unwritable(ValueError):
    """A PX file cannot hold it; the message names the statement, or the row and the cell."""


def encode(px: Px, path: Path) -> None:
    """Write statements in the recommended order, and under them the cells, a line for each row.

    The code page is that of CODEPAGE, in any case, and iso-8859-1 where there is none. The file appears whole or not
    at all, and one that stood there before is kept if there is nothing to replace it.

    Raises:
        Unwritable: a text with a quotation mark, a number sign (it would come back as a line break), a control
            character other than the line break and the tab, or a character that the code page lacks; a code page that
            no PX file may be in; a statement that would not be read as it is: a keyword, language or bare word that is
            none, or no value; DATA, which is made of the rows, and KEYS, for rows are written whole. Texts that would
            be read in another code page. Variables that make no table: what `cube` refuses. Rows that are not as many,
            or as wide, as the variables have combinations of values; a cell that is neither a symbol nor a number as
            `cells` reads it. A name in `.gz`: nothing is compressed here.
    """
    if path.suffix == ".gz":
        raise Unwritable(f"{path.name}: a PX file is written uncompressed")
    statements = in_order(px.statements)
    head = _head(statements)
    table = _cube(statements)
    begun = path.with_name(f"{path.name}.part")
    try:
        with begun.open("wb") as stream:
            stream.write(head)
            stream.write(f"{DATA}=\r\n".encode())
            for text in _blocks(px.rows, table.height, table.width):
                stream.write(text.replace("\n", "\r\n").encode("ascii"))
            stream.write(b";\r\n")
        begun.replace(path)
    except BaseException:
        begun.unlink(missing_ok=True)
        raise


# The head


def _head(statements: Sequence[Statement]) -> bytes:
    declared = next((one.text for one in statements if one.keyword == pages.CODEPAGE), "")
    page = pages.codec(declared) if declared else UNNAMED
    if not page:
        raise Unwritable(f"CODEPAGE: {declared!r} is no code page that a PX file may be in")
    texts = [_text(one, page) for one in statements]
    head = "".join(texts).encode(page)
    # A reader need not believe CODEPAGE, for it may lie, and without it and CHARSET a file is in a page of DOS.
    read, text, _ = pages.decoded(head)
    if text != "".join(texts):
        raise Unwritable(f"CODEPAGE: these texts in {page} would be taken for {read.name}; let CODEPAGE be utf-8")
    return head


def _text(statement: Statement, page: str) -> str:
    try:
        text = "\r\n".join([*_lines(statement), ""])
        text.encode(page)
        _check(statement, text)
        return text
    except UnicodeEncodeError as error:
        problem = f"{pages.written(page)} has no character {named(error.object[error.start])}"
        raise Unwritable(f"{_said(statement)}: {problem}") from None
    except Unwritable as error:
        raise Unwritable(f"{_said(statement)}: {error}") from None


def _said(statement: Statement) -> str:
    return said(statement.keyword, statement.language, statement.keys)


def _check(statement: Statement, text: str) -> None:
    """See that what is written will be read as it was meant."""
    found = taken_apart(text)
    wrong = [messages.text(fault) for fault in found.faults if messages.severity(fault) == "error"]
    if wrong or found.statements != (statement,):
        raise Unwritable(wrong[0] if wrong else "it would be read as another statement")


def _lines(statement: Statement) -> list[str]:
    """The lines of a statement; a line is broken behind a comma, or inside a text between two quotation marks."""
    lines = [_beginning(statement)]
    last = len(statement.values) - 1
    for place, value in enumerate(statement.values):
        end = "," if place < last else ";"
        written = _written(value)
        if place and len(lines[-1]) + len(written) + len(end) > LONGEST:
            lines.append("")
        room = LONGEST - len(lines[-1]) - len(end)
        if len(written) > room and isinstance(value, str) and not isinstance(value, Bare):
            first, *more = _pieces(written[1:-1], room)
            lines[-1] += first
            lines += more
        else:
            lines[-1] += written
        lines[-1] += end
    return lines


def _beginning(statement: Statement) -> str:
    if statement.keyword in (DATA, KEYS):
        raise Unwritable("it is made of the rows, or not written at all")
    if not statement.values:
        raise Unwritable("it has no value")
    language = f"[{statement.language}]" if statement.language else ""
    keys = f"({','.join([_quoted(key) for key in statement.keys])})" if statement.keys else ""
    return f"{statement.keyword}{language}{keys}="


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return ":".join([_quoted(text) for text in value])
    return value if isinstance(value, Bare) else _quoted(value)


def _quoted(text: str) -> str:
    if found := IMPOSSIBLE.search(text):
        why = {'"': ", which ends it", "#": ", which in a file is a line break"}.get(found[0], "")
        raise Unwritable(f"no text can hold the character {named(found[0])}{why}")
    return '"' + text.replace("\n", "#") + '"'


def _pieces(text: str, room: int) -> Iterator[str]:
    """A text in pieces with quotation marks: the first has `room` to its line's end, the others a line each."""
    # Nothing is gained by a break where the keys alone fill the line.
    size = room - 2 if room > 2 else LONGEST - 3
    while len(text) > size:
        # An accent that is a character of its own belongs to the letter before it.
        cut = next((place for place in range(size, 0, -1) if not unicodedata.combining(text[place])), size)
        yield f'"{text[:cut]}"'
        text = text[cut:]
        size = LONGEST - 3  # the last piece has a comma or semicolon behind it
    yield f'"{text}"'


# The cells


def _cube(statements: Iterable[Statement]) -> Cube:
    try:
        return cube(statements)
    except CubeFault as fault:
        told = [": ".join(filter(None, (one.place.column, messages.text(one)))) for one in fault.findings]
        raise Unwritable(" ".join(told)) from None


def _blocks(rows: Iterable[Sequence[str]], height: int, width: int) -> Iterator[str]:
    """Lines of cells, several rows at a time."""
    each, done = max(1, BLOCK // width), 0
    left = iter(rows)
    while block := list(islice(left, each)):
        yield _block(block, width, done)
        done += len(block)
        if done > height:
            break
    if done != height:
        count = "more" if done > height else str(done)
        raise Unwritable(f"{DATA}: there are {height} rows by the values of STUB, not {count}")


def _block(rows: Sequence[Sequence[str]], width: int, above: int) -> str:
    for number, row in enumerate(rows, above + 1):
        if len(row) != width:
            raise Unwritable(f"row {number}: {len(row)} cells, there are {width} by the values of HEADING")
    text = "\n".join([*map(" ".join, rows), ""])
    # A block is looked at as a whole, which is several times as fast as cell by cell; most hold nothing but numbers.
    # Cells with a space or a line break in them show in the counts.
    sound = text.count(" ") == len(rows) * (width - 1) and text.count("\n") == len(rows)
    if sound and NUMBERS.fullmatch(text):
        return text
    if sound and '"' not in text:
        text = "\n".join([*[" ".join([SYMBOLS.get(cell, cell) for cell in row]) for row in rows], ""])
        if CELLS.fullmatch(text):
            return text
    for number, row in enumerate(rows, above + 1):
        for place, cell in enumerate(row, 1):
            if cell not in SYMBOLS and not CELL.fullmatch(cell):
                raise Unwritable(f"row {number}: cell {place} is {cell!r}, neither a number nor a symbol")
    raise AssertionError("a block is at fault, but none of its cells is")

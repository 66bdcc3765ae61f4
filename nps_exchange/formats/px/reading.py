"""A PX file as it is: its statements with what is wrong with them, and its cells read as they are asked for."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from nps_exchange import messages
from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import cells, keyed, pages
from nps_exchange.formats.px.cube import Cube, CubeFault, cube
from nps_exchange.formats.px.document import Px, Statement
from nps_exchange.formats.px.heads import head
from nps_exchange.formats.px.order import in_order
from nps_exchange.formats.px.pages import CODEPAGE, Page
from nps_exchange.formats.px.statements import statements
from nps_exchange.model import Finding, Place
from nps_exchange.px_keywords import DATA

KEYS, CODES = "KEYS", "CODES"

READ_ALL_THE_SAME = ("px-language-behind-keys", "px-semicolon-surplus")
"""What other programs refuse, but what leaves no doubt about the table."""


@dataclass(frozen=True)
class Reading:
    """A PX file read as far as it can be: nothing in it has been checked but that it can be taken apart.

    `statements` stand in the order of the file, without DATA, keywords in capitals; one that is at fault has the
    values that were probably meant. `faults` are those of the head, each with line and keyword; `long_lines` its
    lines beyond 256 characters. `data_line` is the line of DATA, 0 if there is none; `offset` where the cells begin.
    """

    path: Path
    page: Page
    statements: tuple[Statement, ...]
    faults: tuple[Finding, ...]
    long_lines: tuple[int, ...]
    data_line: int
    offset: int

    @property
    def keyed(self) -> bool:
        """Whether the rows begin with keys (KEYS)."""
        return any(one.keyword == KEYS for one in self.statements)

    def rows(self, width: int) -> Iterator[list[str]]:
        """The cells in rows of a width, from the first at each call; the last row may be shorter.

        There may be too few rows or too many. Of a table with KEYS there are all, in order, with zeros where none was.

        Raises:
            InputRefused: while rows are read, a cell that is none; with KEYS, whatever is wrong in them.
        """
        if not self.data_line:
            return
        if self.keyed:
            table = self._cube()
            yield from keyed.rows(self.keyed_rows(table), table.height, table.width)
            return
        with _refusing(self.path), _opened(self.path) as stream:
            stream.seek(self.offset)
            yield from cells.rows(stream, width, self.data_line, self.path.name)

    def number(self) -> tuple[int, int]:
        """How many cells there are, and the line of the last.

        Raises:
            InputRefused: as `rows`.
        """
        if not self.data_line:
            return 0, 0
        with _refusing(self.path), _opened(self.path) as stream:
            stream.seek(self.offset)
            return cells.number(stream, self.data_line, self.path.name)

    def unquoted(self) -> tuple[int, int, str]:
        """How many symbols stand without quotation marks; the line of the first, and which it is.

        Raises:
            InputRefused: as `rows`.
        """
        first, number = (0, ""), 0
        with _refusing(self.path), _opened(self.path) as stream:
            stream.seek(self.offset)
            if self.keyed:
                found = keyed.unquoted(stream, self.page.name, self.data_line, self.path.name)
            else:
                found = cells.unquoted(stream, self.data_line, self.path.name)
            for number, one in enumerate(found, 1):
                first = one if number == 1 else first
        return number, *first

    def _cube(self) -> Cube:
        try:
            return cube(self.statements)
        except CubeFault as fault:
            raise InputRefused(*(finding.at(self.path.name) for finding in fault.findings)) from None

    def keyed_rows(self, table: Cube) -> dict[int, str]:
        """The rows that a table with KEYS has, by their place among all; see `keyed.table`."""
        said = {one.keys: one.text.upper() for one in self.statements if one.keyword == KEYS}
        keys = {
            one.label: one.codes if said.get((one.label,)) == CODES and one.codes else next(iter(one.values.values()))
            for one in table.stub
        }
        with _refusing(self.path), _opened(self.path) as stream:
            stream.seek(self.offset)
            return keyed.table(stream, self.page.name, self.data_line, self.path.name, keys, table.width)


def read(path: Path) -> Reading:
    """Read the head of a file, compressed by gzip or not.

    Raises:
        InputRefused: it cannot be opened, is empty, damaged, no text, or has no DATA where it should.
    """
    with _refusing(path), _opened(path) as stream:
        before, offset = head(stream, path.name)
    page, text, odd = pages.decoded(before)
    found = statements(text)
    faults = sorted((*found.faults, *odd), key=lambda fault: fault.place.row or 0)
    data_line = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1 if offset else 0
    return Reading(path, page, found.statements, tuple(faults), found.long_lines, data_line, offset)


def decode(path: Path) -> Px:
    """Read a table whose statements and cells leave no doubt; the rows are read as they are asked for.

    Statements stand in the recommended order. CODEPAGE is the page that the file is in, where it said another or none
    though it matters. A table with KEYS comes with all its rows, and without KEYS.

    Raises:
        InputRefused: with all faults that leave the table unknown: a head that cannot be taken apart, variables without
            values or with codes of another number, no cells, too few or too many, or one that is none.
    """
    reading = read(path)
    faults = [
        fault for fault in reading.faults if messages.severity(fault) == "error" and fault.rule not in READ_ALL_THE_SAME
    ]
    if not reading.data_line:
        faults.append(Finding("px-data-missing", Place(column=DATA)))
    try:
        table = cube(reading.statements)
    except CubeFault as fault:
        # A statement that is broken is told already; that of its values too few or too many are left is a consequence.
        broken = {column for fault in faults for column in (fault.place.column, *_held_against(fault.place.column))}
        faults.extend(one for one in fault.findings if one.place.column not in broken)
    if faults:
        raise InputRefused(*(fault.at(path.name) for fault in faults))
    if reading.keyed:
        rows = keyed.rows(reading.keyed_rows(table), table.height, table.width)
    else:
        _check_number(reading, table)
        rows = reading.rows(table.width)
    return Px(in_order(_as_it_is(reading)), rows)


def _held_against(column: str) -> Iterator[str]:
    """The statement whose values are as many as those of the statement in this place."""
    for one, other in (("VALUES", CODES), (CODES, "VALUES")):
        if column.startswith((f"{one}(", f"{one}[")):
            yield column.replace(one, other, 1)


def _check_number(reading: Reading, table: Cube) -> None:
    found, line = reading.number()
    expected = table.width * table.height
    if found != expected:
        sizes = " × ".join(f"{variable.label} {variable.size}" for variable in table.variables)
        values = {"found": found, "expected": expected, "sizes": sizes}
        place = Place(file=reading.path.name, row=line, column=DATA)
        raise InputRefused(Finding("px-cells-number", place, values))


def _as_it_is(reading: Reading) -> Iterator[Statement]:
    """The statements without KEYS, and with the page that the text is in."""
    page = reading.page
    wrong = page.lies or not (pages.codec(page.declared) or all(map(_ascii, reading.statements)))
    if wrong:
        yield Statement(CODEPAGE, (pages.written(page.name),))
    for one in reading.statements:
        if one.keyword != KEYS and not (wrong and one.keyword == CODEPAGE):
            yield one


def _ascii(statement: Statement) -> bool:
    values = ["".join(value) for value in statement.values]
    return all(text.isascii() for text in (*statement.keys, *values))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if packed:
            with gzip.open(stream) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield stream


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What keeps a file from being read, as a refusal."""
    try:
        yield
    except FileNotFoundError:
        raise InputRefused(Finding("file-not-found", Place(file=path.name))) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputRefused(Finding("file-truncated", Place(file=path.name))) from None
    except OSError as error:
        problem = error.strerror or str(error)
        raise InputRefused(Finding("file-unreadable", Place(file=path.name), {"problem": problem})) from None

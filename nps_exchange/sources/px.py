"""PX, as Statistics Sweden and its kin deliver it: one row a cell, for each variable its value and its code.

The sheet is that of the same table as JSON-stat: the heading of a variable is its name in the file's default language;
its codes stand in a column headed by its VARIABLECODE (its name, if it has none) and ` (code)`. The last columns are
`value`, a number or the symbol in its place (`..`, `-`), and `status`, the mark that DATANOTECELL puts beside it. Row 2
is the first cell in row-major order.
Source: PX-file format specification, Statistics Sweden, 2013.
"""

from collections.abc import Iterator
from itertools import chain, product
from pathlib import Path

from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import Cube, Reading, Variable, cube, decode, read
from nps_exchange.formats.px.marks import Marks
from nps_exchange.sources.sheet import Row, Sheet

WHOLE = 18
"""Characters of a number that is read as a whole one; longer ones are no figures of ours."""


def sheets(path: Path) -> list[Sheet]:
    """The one sheet of a PX file, whose cells are read as they are asked for.

    Raises:
        InputRefused: with all faults that leave the table unknown (see `formats.px.decode`), or a mark beside a
            cell that there is not; each with its line and keyword.
    """
    decode(path)
    found = read(path)
    table = cube(found.statements)
    codes = [_codes(variable) for variable in table.variables]
    marks = Marks(found.statements, table, codes)
    if marks.faults:
        raise InputRefused(*(fault.at(path.name) for fault in marks.faults))
    return [Sheet("", lambda: _rows(found, table, codes, marks))]


def _rows(found: Reading, table: Cube, codes: list[tuple[str, ...]], marks: Marks) -> Iterator[Row]:
    headings = [(_line(one.label), f"{_line(one.code or one.label)} (code)") for one in table.variables]
    yield 1, [*chain.from_iterable(headings), "value", "status"]
    texts = [map(_line, _texts(variable)) for variable in table.variables]
    axes = [list(zip(*one, strict=True)) for one in zip(texts, codes, strict=True)]
    cells = chain.from_iterable(found.rows(table.width))
    for row, (combination, cell) in enumerate(zip(product(*axes), cells, strict=True), 2):
        mark = marks.of(tuple([code for _, code in combination]))
        yield row, [*chain.from_iterable(combination), _figure(cell), mark]


def _texts(variable: Variable) -> tuple[str, ...]:
    return next(iter(variable.values.values()))


def _codes(variable: Variable) -> tuple[str, ...]:
    """Its codes; a variable without any has its times or its texts for codes."""
    times = variable.times.values if variable.times else ()
    return variable.codes or (times if len(times) == variable.size else _texts(variable))


def _figure(cell: str) -> int | float | str:
    """A number as JSON would hold it, so that a description's decimal mark does not matter; a symbol as it is."""
    if not cell.strip(".-"):
        return cell
    if len(cell) <= WHOLE and cell.lstrip("+-").isdecimal():
        return int(cell)
    return float(cell)


def _line(text: str) -> str:
    """A text in one line."""
    return text.replace("\n", " ")

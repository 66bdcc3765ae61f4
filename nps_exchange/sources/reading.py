"""One table in the course of being read: what it is, and which of its columns is what."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection
from nps_exchange.model import DIMENSIONS, Finding, Place, column_letter
from nps_exchange.sources.description import Column, Description
from nps_exchange.sources.recognise import Table

STATUSES = ("obs_status", "conf_status")
AS_DELIVERED = ("reference_date", "source", "note")
"""Columns whose text is taken over as it stands; all others are codes."""


@dataclass(frozen=True)
class Figures:
    """A column of figures: its index, and the codes its heading says."""

    index: int
    codes: dict[str, str]


@dataclass(frozen=True)
class Reading:
    """A recognised table, its place in the order of delivery, and the roles of its columns."""

    con: Connection
    codelists: CodeLists
    description: Description
    table: Table
    file: str
    position: int
    keys: dict[int, Column]
    figures: tuple[Figures, ...]

    def place(self, row: int | None = None, index: int | None = None) -> Place:
        """A place in this table; `index` counts columns from 0."""
        return Place(self.file, self.table.sheet.name, row, "" if index is None else column_letter(index))

    @property
    def coded(self) -> dict[int, Column]:
        """The key columns whose labels are looked up."""
        return {index: column for index, column in self.keys.items() if column.to not in AS_DELIVERED}

    @property
    def untitled(self) -> list[int]:
        """Columns without a heading."""
        return [index for index, heading in enumerate(self.table.headings) if not heading]


def sql_type(column: str) -> str:
    """The type of a column of the national table while it is being made."""
    if column == "year":
        return "SMALLINT"
    return f"code_{column}" if column in DIMENSIONS else "VARCHAR"


def with_roles(reading: Reading) -> tuple[Reading, list[Finding]]:
    """Find out which column is which. A heading that nobody speaks of is an error, not a silence."""
    keys: dict[int, Column] = {}
    figures: list[Figures] = []
    faults: list[Finding] = []
    for index, heading in enumerate(reading.table.headings):
        column = reading.description.column(heading)
        codes = reading.description.says(heading, reading.table.shown[index], reading.codelists)
        if not heading or (column and column.ignore):
            continue
        if column and column.to == "value":
            figures.append(Figures(index, {}))
        elif column:
            keys[index] = column
        elif codes:
            figures.append(Figures(index, codes))
        else:
            faults.append(_about(reading, "column-unexpected", index))
    filled = replace(reading, keys=keys, figures=tuple(figures))
    faults += _repeated(filled)
    if not figures and not faults:
        shown = ", ".join(filter(None, reading.table.shown))
        values = {"missing": reading.description.across or "value", "found": shown}
        place = reading.place(reading.table.header_row)
        faults.append(Finding("column-missing", place, values | {"description": reading.description.file}))
    return filled, [*faults, *_formula_errors(filled)]


def _repeated(reading: Reading) -> Iterator[Finding]:
    """Two columns of the same meaning: one of them would be lost."""
    seen: set[object] = set()
    meanings: list[tuple[int, object]] = [(index, column.to) for index, column in reading.keys.items()]
    meanings += [(figures.index, tuple(sorted(figures.codes.items()))) for figures in reading.figures]
    for index, meaning in sorted(meanings, key=lambda pair: pair[0]):
        if meaning in seen:
            yield _about(reading, "column-repeated", index)
        seen.add(meaning)


def _formula_errors(reading: Reading) -> Iterator[Finding]:
    """From the headings down, in every column that is not ignored: a heading may be a formula too."""
    ignored = {
        index
        for index, heading in enumerate(reading.table.headings)
        if (column := reading.description.column(heading)) and column.ignore
    }
    for row, index, text in reading.table.sheet.errors:
        if row >= reading.table.header_row and index not in ignored:
            rule = "formula-error" if text else "formula-without-result"
            yield Finding(rule, reading.place(row, index), {"text": text})


def _about(reading: Reading, rule: str, index: int) -> Finding:
    values = {"heading": reading.table.shown[index], "description": reading.description.file}
    return Finding(rule, reading.place(reading.table.header_row, index), values)

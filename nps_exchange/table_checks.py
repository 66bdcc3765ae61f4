"""What can be wrong with a table of observations: its heading, the width of rows, cells, keys.

Every fault of every row is counted; one finding stands for all rows with the same fault, and names the
first fifty of them.
"""

from array import array
from collections.abc import Sequence
from math import isnan, nan

from nps_exchange import heading_checks
from nps_exchange.cell_checks import Cells
from nps_exchange.errors import InputRefused
from nps_exchange.formats.sdmx_csv import V1, V2
from nps_exchange.formats.table import Cell, Table
from nps_exchange.layouts import Layout
from nps_exchange.model import Finding
from nps_exchange.tally import Tally, Values, Where, shown

HEADING, FIRST_ROW = 1, 2

BETWEEN = "\0"
"""What parts the codes of a key; no cell holds this character."""

NAMED_IN = {"sdmx-csv-1.0": V1.which, "sdmx-csv-2.0": V2.which}
"""The column in which a file says of which dataflow it is."""

DELETE = "D"
"""The action by which a receiver takes observations away."""


def check(table: Table, layout: Layout, where: Where) -> list[Finding]:
    """Everything that is wrong with a table of this layout.

    Where the file cannot be read on, the findings so far are given, and why.
    """
    checks = _Checks(table, layout, where)
    try:
        checks.all_rows(table)
    except InputRefused as refused:
        return [*checks.findings(), *refused.findings]
    return checks.findings()


class _Checks:
    """The checks of one table, row by row."""

    def __init__(self, table: Table, layout: Layout, where: Where) -> None:
        self.layout, self.where, self.width = layout, where, len(table.columns)
        self.tally = Tally(where)
        self.cells = Cells(layout, self.tally)
        at = heading_checks.check(table.columns, layout, self.tally)
        checked = [self.cells.checked(at[column.name], column) for column in layout.columns if column.name in at]
        self.checked = [one for one in checked if one]
        self.key = _all_of(at, [column.name for column in layout.columns if column.holds in ("code", "year")])
        self.asked = _all_of(at, layout.asked.columns) if layout.asked else []
        self.value = next((at[c.name] for c in layout.columns if c.holds == "value" and c.name in at), None)
        self.rows: dict[str, int] = {}
        """The row in which each key stands first; a text takes less room than a tuple, and there may be millions."""
        self.values = array("d")
        """The value of each row, to be held against that of a row with the same key."""
        if layout.dataflow and table.dataflow and table.dataflow != layout.dataflow:
            values: Values = {"dataflow": table.dataflow, "meant": layout.dataflow, "dataset": layout.dataset}
            self.tally.add("dataflow-differs", FIRST_ROW, NAMED_IN.get(layout.format, V2.which), lambda: values)
        if table.action == DELETE:
            self.tally.add("action-deletes", FIRST_ROW, "ACTION", dict)

    def all_rows(self, table: Table) -> None:
        """Check every row."""
        width, checked, asked, add = self.width, self.checked, self.layout.asked, self.values.append
        for row, cells in enumerate(table.rows, FIRST_ROW):
            if len(cells) != width or not any(cells):
                add(nan)
                self._misshapen(row, cells)
                continue
            for column in checked:
                if (cell := cells[column.position]) not in column.fine:
                    column.judge(row, cell)
            add(nan if self.value is None else _number(cells[self.value]))
            if self.key:
                key = BETWEEN.join([cells[position] or "" for position in self.key])
                first = self.rows.setdefault(key, row)
                if first != row:
                    self._repeated(row, first, key)
            if self.asked and asked and tuple([cells[at] or "" for at in self.asked]) not in asked.keys:
                self._not_asked(row, cells)

    def _misshapen(self, row: int, cells: Sequence[Cell]) -> None:
        difference = len(cells) - self.width
        if not any(cells):
            self.tally.add("row-blank", row, "", dict)
        elif difference > 0:
            self.tally.add("row-too-long", row, "", lambda: {"fields": difference})
        else:
            self.tally.add("row-too-short", row, "", lambda: {"fields": -difference})

    def _repeated(self, row: int, first: int, key: str) -> None:
        there, here = self.values[first - FIRST_ROW], self.values[row - FIRST_ROW]
        key = key.replace(BETWEEN, " ")
        same = there == here or (isnan(there) and isnan(here))

        def values() -> Values:
            numbers = {} if same else {"value": _written(here), "other": _written(there)}
            return {"key": shown(key), "first": self._row(first), **numbers}

        self.tally.add("key-repeated" if same else "key-contradicted", row, "", values, key)

    def _not_asked(self, row: int, cells: Sequence[Cell]) -> None:
        if any(cells[one.position] not in one.fine for one in self.checked if one.position in self.asked):
            return  # a code that is none has been told of already
        key = " ".join([cells[position] or "" for position in self.asked])
        asked = self.layout.asked.file if self.layout.asked else ""
        values = {"key": shown(key), "dataset": self.layout.dataset, "asked": asked}
        self.tally.add("key-not-asked", row, "", lambda: values, key)

    def _row(self, row: int) -> str:
        place = self.where(row, "")
        return f"{place.row} ({place.sheet}, {place.column})" if place.sheet else str(place.row)

    def findings(self) -> list[Finding]:
        """What was found, and what is worth knowing of the whole."""
        found = self.tally.findings()
        if not self.values:
            found.append(Finding("table-empty", self.where(HEADING, "")))
        return [*found, *self.cells.of_the_whole()]


def _all_of(at: dict[str, int], names: Sequence[str]) -> list[int]:
    """Where columns stand, or nothing if one of them is not there."""
    return [at[name] for name in names] if all(name in at for name in names) else []


def _number(cell: Cell) -> float:
    try:
        return float(cell or nan)
    except ValueError:
        return nan


def _written(value: float) -> str:
    return "–" if isnan(value) else f"{value:.15g}"

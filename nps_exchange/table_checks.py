"""What can be wrong with a table of observations: columns, codes, periods, values, flags, keys.

Every fault of every row is counted; one finding stands for all rows with the same fault, and names the
first fifty of them.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from nps_exchange.errors import InputRefused
from nps_exchange.formats.table import Cell, Table
from nps_exchange.layouts import FLAT, TEXT, Layout
from nps_exchange.mapping import Column
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.structures import Codes

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN")
YEAR = re.compile(r"[0-9]{4}")
PERIOD = re.compile(
    r"[0-9]{4}(-(A1|S[12]|T[123]|Q[1-4]|M(0[1-9]|1[0-2])|W(0[1-9]|[1-4][0-9]|5[0-3])|D[0-3][0-9]{2}"
    r"|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T[0-9:.]+(Z|[+-][0-9:]+)?)?)?))?"
)
"""A period as SDMX writes it: a year, a half, a term, a quarter, a month, a week, a day."""

VERIFIED = ("verified", "")

NO_CODE = "–"


def check(table: Table, layout: Layout, file: str, places: Sequence[Place] = ()) -> list[Finding]:
    """Everything that is wrong with a table of this layout.

    `places` says where each row stands, if it is not row i + 2 of the file. Where the file cannot be read
    on, the findings so far are given, and why.
    """
    checks = _Checks(table, layout, file, places)
    try:
        for number, row in enumerate(table.rows):
            checks.row(number, row)
    except InputRefused as refused:
        return [*checks.findings(), *refused.findings]
    return list(checks.findings())


class _Checks:
    """The checks of one table, row by row."""

    def __init__(self, table: Table, layout: Layout, file: str, places: Sequence[Place]) -> None:
        self.layout, self.file, self.places, self.columns = layout, file, places, table.columns
        self.rows = 0
        self.found: dict[tuple[str, ...], Finding] = {}
        self.keys: dict[tuple[Cell, ...], int] = {}
        self.unverified: dict[str, set[str]] = {}
        self.at = {name: position for position, name in reversed(list(enumerate(table.columns)))}
        self._heading(table)
        self.cells = [self._cell(self.at[c.name], c) for c in layout.columns if c.holds != TEXT and c.name in self.at]
        key = [column.name for column in layout.columns if column.holds in ("code", "year")]
        self.key = [self.at[name] for name in key] if all(name in self.at for name in key) else []
        asked = layout.asked
        self.asked = [self.at[name] for name in asked.columns if name in self.at] if asked else []
        if asked and len(self.asked) < len(asked.columns):
            self.asked = []

    def _heading(self, table: Table) -> None:
        there = self.columns
        for name in dict.fromkeys(name for name in there if there.count(name) > 1):
            self._add("field-twice", 1, name, {"column": name})
        for column in self.layout.columns:
            if column.name not in there and self._is_mandatory(column):
                self._add("field-missing", 1, column.name, {"column": column.name, "dataset": self.layout.dataset})
        known = {column.name for column in self.layout.columns}
        for name in there:
            if name not in known and name not in self._labels(known):
                shown = ", ".join(column.name for column in self.layout.columns)
                self._add("field-unknown", 1, name, {"column": name, "known": shown})
        if self.layout.dataflow and table.dataflow and table.dataflow != self.layout.dataflow:
            values = {"dataflow": table.dataflow, "meant": self.layout.dataflow, "dataset": self.layout.dataset}
            self._add("dataflow-differs", 2, "STRUCTURE_ID", values)

    def _is_mandatory(self, column: Column) -> bool:
        """Attributes may be absent where the structure lets them; text for people always."""
        if column.holds in ("code", "year", "value"):
            return True
        if column.holds == TEXT:
            return False
        if self.layout.format == FLAT:
            return column.holds == "obs_status"
        component = self.layout.structure.component(column.name) if self.layout.structure else None
        return component is not None and component.mandatory

    def _labels(self, known: set[str]) -> set[str]:
        """The columns of names in a download with labels: one behind every component."""
        there = self.columns
        behind = {there[i + 1] for i, name in enumerate(there[:-1]) if name in known}
        components = sum(name in known for name in there)
        return behind - known if len(behind - known) == components else set()

    def _cell(self, position: int, column: Column) -> tuple[int, Callable[[int, str | None], None]]:
        """What is done with the cell of a column."""
        structure = self.layout.structure
        if column.holds == "code":
            return position, self._coded(column.name, structure.codes_of(column.name) if structure else None, True)
        if column.holds == "year":
            return position, self._matching(
                "period-invalid", column.name, YEAR if self.layout.format == FLAT else PERIOD
            )
        if column.holds == "value":
            return position, self._matching("value-invalid", column.name, NUMBER, empty="value-absent")
        attribute = "OBS_STATUS" if column.holds == "obs_status" and self.layout.format == FLAT else column.name
        codes = structure.codes_of(attribute) if structure else None
        if column.holds == "obs_status":
            return position, self._flags(column, codes)
        return position, self._coded(column.name, codes, self._is_mandatory(column))

    def _coded(self, name: str, codes: Codes | None, mandatory: bool) -> Callable[[int, str | None], None]:
        fine: set[str | None] = set() if mandatory else {None, ""}

        def judge(number: int, cell: str | None) -> None:
            if cell in fine:
                return
            if not cell:
                self._add("field-empty", number, name, {"column": name})
            elif codes is not None and cell not in codes.codes:
                self._unknown_code(number, name, cell, codes)
            else:
                fine.add(cell)
                if codes is not None and codes.codes[cell].status not in VERIFIED:
                    self.unverified.setdefault(name, set()).add(cell)

        return judge

    def _flags(self, column: Column, codes: Codes | None) -> Callable[[int, str | None], None]:
        one = self._coded(column.name, codes, False)
        fine: set[str | None] = {None, ""}

        def judge(number: int, cell: str | None) -> None:
            if cell in fine or cell is None:
                return
            alone = self.layout.format != FLAT
            flags = [cell] if alone else (cell.split(column.join) if column.join else list(cell))
            for flag in flags:
                one(number, flag)
            if len(set(flags)) < len(flags):
                self._add("flag-twice", number, column.name, {"flags": cell})
            if codes is None or all(flag in codes.codes for flag in flags):
                fine.add(cell) if len(set(flags)) == len(flags) else None

        return judge

    def _matching(
        self, rule: str, name: str, pattern: re.Pattern[str], empty: str = "field-empty"
    ) -> Callable[[int, str | None], None]:
        def judge(number: int, cell: str | None) -> None:
            if not cell:
                self._add(empty, number, name, {"column": name})
            elif not pattern.fullmatch(cell):
                self._add(rule, number, name, {"column": name, "text": cell})

        return judge

    def row(self, number: int, row: Sequence[Cell]) -> None:
        """Check one row."""
        self.rows += 1
        if len(row) != len(self.columns):
            self._add("row-width", number + 2, "", {"fields": len(row), "columns": len(self.columns)})
            return
        for position, judge in self.cells:
            judge(number + 2, row[position])
        if self.key:
            key = tuple([row[position] for position in self.key])
            first = self.keys.setdefault(key, number)
            if first != number:
                values = {"key": " ".join(cell or "" for cell in key), "first": self._shown(first + 2)}
                self._add("key-repeated", number + 2, "", values, one_per=("key",))
        if self.asked and self.layout.asked:
            wanted = tuple([row[position] or "" for position in self.asked])
            if wanted not in self.layout.asked.keys:
                values = {"key": " ".join(wanted), "dataset": self.layout.dataset, "asked": self.layout.asked.file}
                self._add("key-not-asked", number + 2, "", values, one_per=("key",))

    def _unknown_code(self, number: int, column: str, code: str, codes: Codes) -> None:
        near = difflib.get_close_matches(code.upper(), codes.codes, n=1, cutoff=0.6)
        values = {"code": code, "column": column, "list": codes.id, "nearest": near[0] if near else NO_CODE}
        rule = "code-unknown-in-part" if codes.partial else "code-unknown"
        self._add(rule, number, column, values, one_per=("code",))

    def _add(
        self, rule: str, number: int, column: str, values: Mapping[str, object], one_per: tuple[str, ...] = ()
    ) -> None:
        """Count a fault in a row of the file; the first of its kind says where and what."""
        group = (rule, column, *(str(values[name]) for name in one_per))
        known = self.found.get(group)
        place = self._place(number, column)
        example = place.as_json() | {
            name: str(value) for name, value in values.items() if name in ("text", "key", "code")
        }
        example.pop("file", None)
        if known is None:
            self.found[group] = Finding(rule, place, dict(values), 1, (example,))
            return
        examples = known.examples if len(known.examples) >= EXAMPLES_SHOWN else (*known.examples, example)
        self.found[group] = replace(known, count=known.count + 1, examples=examples)

    def _place(self, number: int, column: str) -> Place:
        if self.places and number >= 2:
            return self.places[number - 2]
        return Place(file=self.file, row=number, column=column)

    def _shown(self, number: int) -> str:
        place = self._place(number, "")
        return f"{place.sheet} {place.column}{place.row}".strip() if place.sheet else str(place.row)

    def findings(self) -> Iterator[Finding]:
        """What was found, and what is worth knowing of the whole."""
        yield from self.found.values()
        if not self.rows:
            yield Finding("table-empty", Place(file=self.file))
        for column, codes in self.unverified.items():
            values = {"column": column, "codes": ", ".join(sorted(codes)[:20]) + (" ..." if len(codes) > 20 else "")}
            examples = tuple({"code": code} for code in sorted(codes)[:EXAMPLES_SHOWN])
            yield Finding("code-not-verified", Place(file=self.file, column=column), values, len(codes), examples)

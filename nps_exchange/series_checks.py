"""What can be wrong with a message of SDMX-ML: what its schema finds, codes, periods, values, keys; in one reading.

The schema is made for the structure and the message at hand, and none of its faults is passed over: each has a
finding of ours about the same attribute, which also says what is probably meant, or one of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from nps_exchange.cell_checks import NOT_A_NUMBER, NUMBER, Cells, Checked
from nps_exchange.errors import InputRefused
from nps_exchange.formats.sdmx_ml import names
from nps_exchange.formats.sdmx_ml.block import Block
from nps_exchange.formats.sdmx_ml.reading import Reading, strict_schema
from nps_exchange.formats.sdmx_ml.schema import bare
from nps_exchange.formats.sdmx_ml.stream import MOST_PROBLEMS, Problem, TooManyProblems
from nps_exchange.formats.table import Cell
from nps_exchange.layouts import Layout
from nps_exchange.model import Finding, Place
from nps_exchange.table_checks import BETWEEN, DELETE
from nps_exchange.tally import Tally, Values, shown

ATTRIBUTE = re.compile(r"Element '(?P<element>[^']+)', attribute '(?P<name>[^']+)'")
VALUE = re.compile(r"(?:The value|attribute '[^']+':) '(?P<value>.*)' is not (?:an? |accepted )", re.DOTALL)
MISSING = re.compile(r"The attribute '(?P<name>[^']+)' is required but missing")
NOT_DECLARED = "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1"
"""libxml2's name for an attribute that no type allows."""

NUMBERS = re.compile(f"(?:{NUMBER.pattern})(?:{BETWEEN}(?:{NUMBER.pattern}))*+")
"""The values of a series beside one another: looking at all of them at once is four times as fast."""

SENTENCE = 300
"""Characters of what a schema says; it names the value and the codes that there are."""

SERIES_SHOWN = "."
"""What parts the codes of a series where people see it."""


@dataclass
class _Where:
    """Where a fault stands: the line, and the key of the series that is being read."""

    file: str
    series: tuple[Cell, ...] = ()

    def __call__(self, row: int, column: str) -> Place:
        return Place(
            file=self.file, row=row, column=column, key=shown(SERIES_SHOWN.join([c or "" for c in self.series]))
        )


class _Keys:
    """The observations that have been read, to find those that stand twice.

    Nearly every series stands once and has the periods of its neighbours: then its line, its periods and its values
    are kept, side by side. Of one that is met again each observation is kept by its period.
    """

    def __init__(self) -> None:
        self._once: dict[str, tuple[int, tuple[Cell, ...], str]] = {}
        self._by_period: dict[str, dict[Cell, tuple[int, Cell]]] = {}
        self._periods: dict[tuple[Cell, ...], tuple[Cell, ...]] = {}

    def repeated(
        self, key: str, block: Block, periods: tuple[Cell, ...], values: Sequence[Cell], joined: str
    ) -> Iterator[tuple[int, int, Cell]]:
        """The rows of a block that have been read before: the row, and the line and value of the first one."""
        before = self._once.get(key)
        if before is None and key not in self._by_period and len(set(periods)) == len(periods):
            self._once[key] = (block.first_line, self._periods.setdefault(periods, periods), joined)
            return
        met = self._by_period.setdefault(key, {})
        if before is not None:
            line, earlier, said = self._once.pop(key)
            met.update((period, (line, value)) for period, value in zip(earlier, said.split(BETWEEN), strict=True))
        for row, (period, value) in enumerate(zip(periods, values, strict=True)):
            here = (block.line(row), value)
            if (there := met.setdefault(period, here)) is not here:
                yield row, *there


def check(reading: Reading, layout: Layout, file: str) -> list[Finding]:
    """Everything that is wrong with a message; findings name the line and the series.

    Where it cannot be read on, the findings so far are given, and why.
    """
    try:
        found = _Checks(reading, layout, file)
        found.all_series(strict=True)
    except TooManyProblems:  # once more, and what the schema has found so far beside it
        begun = list(reading.problems)
        found = _Checks(reading, layout, file)
        found.all_series(strict=False)
        reading.problems.extend(begun)
        found.unfinished = True
    return found.findings()


@dataclass
class _Checks:
    """The checks of one message, series by series."""

    reading: Reading
    layout: Layout
    file: str
    where: _Where = field(init=False)
    tally: Tally = field(init=False)
    cells: Cells = field(init=False)
    keys: _Keys = field(default_factory=_Keys)
    checked: dict[str, Checked] = field(default_factory=dict)
    attributes: dict[tuple[Cell, ...], tuple[Cell, ...]] = field(default_factory=dict)
    """The attributes of each series: a series that stands in several places has the same in all."""

    series_of: dict[int, tuple[Cell, ...]] = field(default_factory=dict)
    """The key of the series in which the schema has found each of its problems."""

    refused: tuple[Finding, ...] = ()
    unfinished: bool = False
    observations: int = 0

    def __post_init__(self) -> None:
        self.where = _Where(self.file)
        self.tally = Tally(self.where)
        self.cells = Cells(self.layout, self.tally)

    def all_series(self, strict: bool) -> None:
        """Check every series; `strict` by the schema too."""
        reading = self.reading
        self._of_the_header()
        by_name = {column.name: column for column in self.layout.columns}
        for cells in (reading.shared, reading.own):
            for place, name in enumerate(cells):
                if name not in by_name or name == reading.structure.measure:
                    continue
                if one := self.cells.checked(place, by_name[name]):
                    self.checked[name] = one
        of_series = [self.checked[name] for name in reading.shared if name in self.checked]
        of_obs = [(name, self.checked[name]) for name in reading.own if name in self.checked]
        key_width = len(reading.structure.dimensions)
        try:
            for block in reading.blocks(strict_schema(reading) if strict else None, lossless=False):
                shared = block.shared
                if len(reading.problems) > len(self.series_of):
                    self._problems_of(block, shared[:key_width])
                self.where.series = shared[:key_width]
                more = shared[key_width:]
                if more and self.attributes.setdefault(self.where.series, more) != more:
                    key = SERIES_SHOWN.join([cell or "" for cell in self.where.series])
                    self.tally.add("series-contradicted", block.first_line, "", partial(dict, key=shown(key)), key)
                for one in of_series:
                    if (cell := shared[one.position]) not in one.fine:
                        one.judge(block.first_line, cell)
                if block.elements:
                    self._observations(block, of_obs)
        except InputRefused as refused:
            self.refused = tuple(refused.findings)
        for i in range(len(self.series_of), len(reading.problems)):
            self.series_of[i] = self.where.series
        self.where.series = ()
        if DELETE in self._actions(reading.actions - {reading.envelope.action}):
            self.tally.add("action-deletes", reading.envelope.line, "DataSet", dict)
        [used] = reading.envelope.structures
        for reference, line in reading.references.items():
            if reference != used.id:  # libxml2 does not look where a reference leads
                said: Values = {"reference": shown(reference), "meant": shown(used.id)}
                self.tally.add("reference-wrong", line, "structureRef", partial(dict, said))

    def _problems_of(self, block: Block, series: tuple[Cell, ...]) -> None:
        """What the schema has found since the block before: in that one, or where this one has begun."""
        begins = block.first_line
        for i in range(len(self.series_of), len(self.reading.problems)):
            self.series_of[i] = series if self.reading.problems[i].line >= begins else self.where.series

    def _observations(self, block: Block, checked: Sequence[tuple[str, Checked]]) -> None:
        """Those of one series, a column at a time: most columns hold few different cells."""
        self.observations += len(block)
        structure = self.reading.structure
        columns = {name: block.column(name) for name, _ in checked}
        for name, one in checked:
            if not one.fine.issuperset(columns[name]):
                self._judged(one, block, columns[name])
        values = block.column(structure.measure)
        joined = BETWEEN.join([cell or "" for cell in values])
        if not NUMBERS.fullmatch(joined):
            self._values(block, values)
        key = BETWEEN.join([cell or "" for cell in self.where.series])
        periods = columns[structure.time] if structure.time in columns else block.column(structure.time)
        for row, line, there in self.keys.repeated(key, block, periods, values, joined):
            self._repeated(block.line(row), periods[row], values[row], line, there)
        if self.layout.asked is not None:
            self._asked(block)

    def _of_the_header(self) -> None:
        found, structure = self.reading.envelope, self.reading.structure
        used = found.structures[0]
        if used.kind == names.USAGE and self.layout.dataflow and used.key != self.layout.dataflow:
            values: Values = {"dataflow": used.key, "meant": self.layout.dataflow, "dataset": self.layout.dataset}
            self.tally.add("dataflow-differs", found.line, "Structure", lambda: values)
        allowed = names.namespaces(structure, used.at)
        if not self.layout.dataflow and used.key not in (structure.id, *structure.dataflows):
            differs = {"named": shown(used.key), "structure": structure.id}
            self.tally.add("structure-differs", found.line, "Structure", lambda: differs)
        if used.namespace and used.namespace not in allowed:  # where there is none, the schema tells
            said = {"namespace": shown(used.namespace), "structure": structure.id, "meant": allowed[0]}
            self.tally.add("namespace-wrong", found.line, "namespace", lambda: said)
        if DELETE in self._actions({found.action}):
            self.tally.add("action-deletes", found.line, "DataSetAction", dict)

    def _actions(self, said: set[str]) -> list[str]:
        version = self.reading.envelope.version
        return [letter for letter, word in version.actions if word in said] if version else []

    def _judged(self, column: Checked, block: Block, cells: Sequence[Cell]) -> None:
        for i, cell in enumerate(cells):
            if cell not in column.fine:
                column.judge(block.line(i), cell)

    def _values(self, block: Block, cells: Sequence[Cell]) -> None:
        name = self.reading.structure.measure
        for i, cell in enumerate(cells):
            if cell in (None, "", NOT_A_NUMBER):
                self.tally.add("value-absent", block.line(i), name, dict)
            elif not NUMBERS.fullmatch(cell or ""):
                said: Values = {"column": name, "text": shown(cell)}
                self.tally.add("value-invalid", block.line(i), name, partial(dict, said), text=cell)

    def _repeated(self, line: int, time: Cell, here: Cell, first: int, there: Cell) -> None:
        key = f"{SERIES_SHOWN.join([cell or '' for cell in self.where.series])} {time or ''}"
        same = here == there or _number(here) == _number(there)
        numbers = {} if same else {"value": here or "–", "other": there or "–"}
        rule = "key-repeated" if same else "key-contradicted"
        self.tally.add(rule, line, "", lambda: {"key": shown(key), "first": str(first), **numbers}, key)

    def _asked(self, block: Block) -> None:
        asked, shared = self.layout.asked, self.reading.shared
        if asked is None or not set(asked.columns) <= set(shared):
            return
        key = tuple([block.shared[shared.index(column)] or "" for column in asked.columns])
        if key in asked.keys:
            return
        known = [self.layout.structure.codes_of(column) if self.layout.structure else None for column in asked.columns]
        if any(codes and code not in codes.codes for codes, code in zip(known, key, strict=True)):
            return  # a code that is none has been told of already
        values = {"key": shown(" ".join(key)), "dataset": self.layout.dataset, "asked": asked.file}
        self.tally.add("key-not-asked", block.first_line, "", lambda: values, " ".join(key))

    def findings(self) -> list[Finding]:
        """What was found, what the schema finds besides, and what is worth knowing of the whole."""
        for i, problem in enumerate(self.reading.problems):
            self.where.series = self.series_of.get(i, ())
            self._by_schema(problem)
        self.where.series = ()
        found = self.tally.findings()
        if self.unfinished:
            found.append(Finding("schema-unfinished", Place(file=self.file), {"count": MOST_PROBLEMS}))
        if not self.observations and not self.refused:
            found.append(Finding("table-empty", Place(file=self.file, row=1)))
        return [*found, *self.cells.of_the_whole(), *(one.at(self.file) for one in self.refused)]

    def _by_schema(self, problem: Problem) -> None:
        """What the schema finds, unless a finding of ours is of the same cell."""
        said = bare(problem.message)
        missing = MISSING.search(said)
        if missing and missing["name"] in self.checked and None not in self.checked[missing["name"]].fine:
            return
        named = ATTRIBUTE.search(said)
        name = named["name"] if named else ""
        if named and problem.kind == NOT_DECLARED:
            values: Values = {"column": shown(name), "structure": self.reading.structure.id, "in": named["element"]}
            self.tally.add("component-unknown", problem.line, name, lambda: values)
        elif not (name and self._is_told(name, VALUE.search(said))):
            told = {"problem": shown(said, SENTENCE)}
            self.tally.add("schema-invalid", problem.line, name, lambda: told, text=shown(said))

    def _is_told(self, name: str, found: re.Match[str] | None) -> bool:
        """Whether what the schema says of an attribute is about a cell that our checks have found at fault."""
        if found is None:
            return False
        value, structure = found["value"], self.reading.structure
        if name == structure.measure:
            return bool(value) and not NUMBER.fullmatch(value)
        judged = name in self.checked and (not value or name == structure.time or structure.codes_of(name) is not None)
        return judged and value not in self.checked[name].fine


def _number(cell: Cell) -> float | str:
    """A value to be compared: as a number if it is one."""
    if cell and NUMBER.fullmatch(cell):
        return float(cell)
    return "" if cell in (None, NOT_A_NUMBER) else cell

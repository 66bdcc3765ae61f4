"""SDMX-CSV: records whose first columns say which structure a row belongs to, and what to do with it.

Source: SDMX-CSV 1.0 and 2.0 Data Message Field Guides (sdmx-twg/sdmx-csv, aligned with SDMX 2.1 and 3.0.0).
Narrower than them: the separator is the comma, ACTION must be there in 2.0, a file names one structure and one
action, and sub-fields (`STRUCTURE[;]`) are not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from nps_exchange.formats import records
from nps_exchange.formats.table import Cell, Table
from nps_exchange.structures import Structure


@dataclass(frozen=True)
class Version:
    """What one version of SDMX-CSV has before a table's own columns: its head, and what may stand there.

    The head is the columns for the kind of structure, for which one, and for the action; one that a version has
    not is "".
    """

    name: str
    kind: str
    which: str
    action: str
    passed_over: tuple[str, ...]  # columns for people; they say nothing that the head does not
    kinds: tuple[str, ...]  # of structures; the first is written
    actions: tuple[str, ...]

    @property
    def head(self) -> tuple[str, ...]:
        """The columns that the version has."""
        return tuple(column for column in (self.kind, self.which, self.action) if column)

    def told(self, kind: str, which: str, action: str) -> tuple[str, ...]:
        """The cells of the head."""
        cells = ((self.kind, kind), (self.which, which), (self.action, action))
        return tuple(cell for column, cell in cells if column)


V1 = Version(
    name="SDMX-CSV 1.0",
    kind="",
    which="DATAFLOW",
    action="",
    passed_over=("LAST UPDATE",),  # not in the guide; Eurostat writes it
    kinds=("dataflow",),
    actions=("I",),
)
V2 = Version(
    name="SDMX-CSV 2.0",
    kind="STRUCTURE",
    which="STRUCTURE_ID",
    action="ACTION",
    passed_over=("STRUCTURE_NAME",),
    kinds=("dataflow", "datastructure", "dataprovision"),
    actions=("I", "A", "R", "D", "M"),  # M is not in the guide; the .Stat Suite, which the OECD runs, takes it
)


def encode(table: Table, path: Path, version: Version = V2) -> None:
    """Write a table under the head of its version, its own columns as they are named.

    Raises:
        ValueError: no dataflow, an unknown action, a column that reading would take for something else (one of
            the head, or `ID: name`), a row whose width is not the heading's, or what `records.write` refuses.
            No file is left.
    """
    if not table.dataflow or _id(table.dataflow) != table.dataflow:
        raise ValueError(f"a dataflow is named AGENCY:ID(VERSION), not {table.dataflow!r}")
    if version.action and table.action not in version.actions:
        raise ValueError(f"an action is one of {', '.join(version.actions)}, not {table.action!r}")
    for column in table.columns:
        if column.partition("[")[0] in (*version.head, *version.passed_over) or _id(column) != column:
            raise ValueError(f"no column of a table may be named {column!r}")
    head = version.told(version.kinds[0], table.dataflow, table.action)
    records.write(path, chain([(*version.head, *table.columns)], _with_head(table, head)))


def _with_head(table: Table, head: tuple[str, ...]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(table.rows, 2):
        if len(row) != len(table.columns):
            raise ValueError(f"row {number}: {len(row)} cells for {len(table.columns)} columns")
        yield (*head, *row)


def decode(path: Path, structure: Structure | None = None, version: Version = V2) -> Table:
    """Read a table; the columns of the head are found by their names, wherever they stand.

    Row i of `rows` (from 0) is row i + 2 of the file. A row with too many or too few fields comes with as many cells
    too many or too few for `columns`, down to none: the caller sees that it is wrong, and where. One that ends
    before its head does is not asked which structure it belongs to.

    `dataflow` is the STRUCTURE_ID, whichever kind of structure it names, and empty where no row has one. The columns
    of names that `labels=name` adds stay, for only the structure tells them from components, and so do SERIES_KEY
    and OBS_KEY. Of `labels=both` the ids stay; uncoded text with `: ` behind its first word loses what follows.

    Raises:
        InputRefused: `file-broken`, here or while the rows are read: not the records, or not the head, of this
            version, or a row of another structure or action than those above it.
    """
    rows = records.read(path)
    heading = _heading(path, [name or "" for name in next(rows, ())], version)
    # Rows before the first that tells are read again, not kept: there may be any number of them.
    telling = ((row, cells) for row, cells in enumerate(rows, 2) if len(cells) > max(heading.head))
    row, cells = next(telling, (0, ()))
    claim = _Claim(version.kinds[0], "", version.actions[0])
    if row:
        claim = _claim(heading.told(cells), version)
        _check(path, row, claim, version)
    rows = _rows(path, heading, claim, version)
    return Table(heading.columns, rows, claim.which, claim.action, structure)


@dataclass(frozen=True)
class _Claim:
    kind: str
    which: str
    action: str


@dataclass(frozen=True)
class _Heading:
    head: tuple[int, ...]  # where in a row the fields of the head stand, in the order of the version
    own: tuple[bool, ...]  # for each field of a row, whether it belongs to `columns`
    columns: tuple[str, ...]
    labelled: tuple[int, ...]  # which of `columns` have cells of the form `id: name`

    def told(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """The fields of the head of a row that is long enough."""
        return tuple([cells[place] for place in self.head])


def _heading(path: Path, names: Sequence[str], version: Version) -> _Heading:
    first = version.head[0]
    if len(names) == 1 and names[0].startswith(first) and names[0] != first:
        raise records.broken(path, 1, "its fields are not separated by commas: export it with commas")
    if any(name.startswith(f"{first}[") for name in names):
        problem = "its cells have sub-fields: export it without attributes of several values or languages"
        raise records.broken(path, 1, problem)
    for name in version.head:
        if names.count(name) != 1:
            said = f"the heading names {name} {names.count(name)} times"
            problem = f"{said}: name each of {', '.join(version.head)} once, as {version.name} does"
            raise records.broken(path, 1, problem)
    own = tuple([name not in (*version.head, *version.passed_over) for name in names])
    columns = list(compress(names, own))
    labelled = []
    if not set(version.passed_over) & set(names):  # these come with labels=name, where a name is free to hold ": "
        labelled = [place for place, name in enumerate(columns) if _id(name) != name]
    for place in labelled:
        columns[place] = _id(columns[place])
    head = tuple([names.index(name) for name in version.head])
    return _Heading(head, own, tuple(columns), tuple(labelled))


def _id(text: str) -> str:
    """The id in `id: name`, the form of `labels=both`; an id holds no space. Any other text as it is."""
    before, label, _ = text.partition(": ")
    return before if label and before and " " not in before else text


def _claim(told: Sequence[Cell], version: Version) -> _Claim:
    said = dict(zip(version.head, [cell or "" for cell in told], strict=True))
    # The guide of 2.0 has `dataflow`, the OECD writes `DATAFLOW`.
    kind = said.get(version.kind, version.kinds[0]).lower()
    return _Claim(kind, _id(said[version.which]), said.get(version.action, version.actions[0]))


def _check(path: Path, row: int, claim: _Claim, version: Version) -> None:
    problem = ""
    if claim.kind not in version.kinds:
        problem = f"{version.kind} is {claim.kind!r}: write one of {', '.join(version.kinds)}"
    elif not claim.which:
        problem = f"{version.which} is empty: write AGENCY:ID(VERSION)"
    elif claim.action not in version.actions:
        problem = f"{version.action} is {claim.action!r}: write one of {', '.join(version.actions)}"
    if problem:
        raise records.broken(path, row, problem)


def _rows(path: Path, heading: _Heading, claim: _Claim, version: Version) -> Iterator[tuple[Cell, ...]]:
    tell: Any = itemgetter(*heading.head)  # of one column the cell itself, which is compared all the same
    reach, width = max(heading.head), len(heading.own)
    seen: object = ()
    for row, cells in enumerate(islice(records.read(path), 1, None), 2):
        if len(cells) > reach and (told := tell(cells)) != seen:
            here_said = _claim(heading.told(cells), version)
            for name, part in ((version.kind, "kind"), (version.which, "which"), (version.action, "action")):
                here, above = getattr(here_said, part), getattr(claim, part)
                if here != above:
                    problem = f"{name} is {here!r} here and {above!r} above: give each its own file"
                    raise records.broken(path, row, problem)
            seen = told
        if len(cells) < width and not heading.columns:  # no tuple can be shorter than none
            raise records.broken(path, row, f"it has {len(cells)} fields, the heading has {width}")
        yield _own(cells, heading)


def _own(cells: tuple[Cell, ...], heading: _Heading) -> tuple[Cell, ...]:
    own = tuple(compress(cells, heading.own))
    surplus = len(cells) - len(heading.own)
    if surplus > 0:
        own += cells[-surplus:]
    elif surplus < 0:
        own = own[: max(0, len(heading.columns) + surplus)]
    if heading.labelled:
        own = tuple([cell and _id(cell) if place in heading.labelled else cell for place, cell in enumerate(own)])
    return own

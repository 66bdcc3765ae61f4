"""Structure-specific SDMX-ML, one series at a time: as rows, and as blocks for those who check them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.formats.sdmx_ml import envelope, schema
from nps_exchange.formats.sdmx_ml.block import Block, line_ends
from nps_exchange.formats.sdmx_ml.envelope import Envelope
from nps_exchange.formats.sdmx_ml.names import FLAT, USAGE, namespaces
from nps_exchange.formats.sdmx_ml.stream import Problem, Stream, forget, local
from nps_exchange.formats.table import Cell, Table
from nps_exchange.model import Finding, Place
from nps_exchange.structures import Structure

SERIES, OBSERVATION, GROUP, DATA_SET = "Series", "Obs", "Group", "DataSet"

LONG = 1 << 18
"""Bytes after which the end of a series, or of what else fills a data set, is no longer waited for."""

FLAT_AT_MOST = 1000
"""Observations without series that are gathered while they have the same key."""


@dataclass
class Reading:
    """A message that is being read.

    `shared` and `own` are the names of the cells of a series and of an observation; the last of `shared` are
    attributes of the data set. While `blocks` are asked for, `problems` has what a schema finds, `actions`
    what the data sets are for, and `references` the structures of the header that they refer
    to, with the line.
    """

    path: Path
    envelope: Envelope
    structure: Structure
    shared: tuple[str, ...]
    own: tuple[str, ...]
    of_set: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    actions: set[str] = field(default_factory=set)
    references: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the cells of a row, in the order of the structure: key, time, measure, attributes."""
        one = self.structure
        return (*(d.id for d in one.dimensions), one.time, one.measure, *(a.id for a in one.attributes))

    def blocks(self, checked_by: etree.XMLSchema | None = None, lossless: bool = True) -> Iterator[Block]:
        """The observations, series by series, in the order of the file; `problems` and the like begin anew.

        Raises:
            InputRefused: `xml-broken`; `format-not-checked` where there are groups; `observation-misplaced` where one
                stands in no series, or should not; where nothing must be lost, `component-unknown`.
            TooManyProblems: the schema finds more than are gathered.
        """
        flat = self.envelope.structures[0].at == FLAT
        root = f"{{{self.envelope.namespace}}}*"
        stream = Stream(self.path, (OBSERVATION if flat else SERIES, GROUP, f"{{*}}{DATA_SET}", root), checked_by)
        self.problems, self.actions, self.references = stream.problems, set(), {}
        return self._flat(stream, lossless) if flat else self._series(stream, lossless)

    def _series(self, stream: Stream, lossless: bool) -> Iterator[Block]:
        begun, since = None, 0  # the series, or else the data set, that is being filled
        pieces = _Pieces(stream)
        for happened in pieces:
            for event, element in happened:
                begun, since = element, stream.fed
                if element.tag != SERIES:
                    self._met(event, element, stream.line)
                elif event == "end":
                    yield self._block(element, [*element], stream.line, lossless)
                    before = element.getprevious()
                    if before is not None and before.tag != SERIES:
                        self._no_observation(element.itersiblings(preceding=True), stream.line)
                    begun = element.getparent()
                    forget(element)
            if stream.fed - since > LONG and begun is not None and len(begun) > 1:
                since, children = stream.fed, begun[:-1]  # the last may go on
                if begun.tag == SERIES:
                    yield self._block(begun, children, stream.line - line_ends(begun[-1]), lossless)
                else:
                    self._no_observation(children, stream.line)
                for child in children:
                    begun.remove(child)
        if pieces.refused:
            if begun is not None and begun.tag == SERIES and begun.getparent() is not None:
                yield self._block(begun, begun[:-1], stream.line, lossless)  # the last was cut off
            raise pieces.refused

    def _flat(self, stream: Stream, lossless: bool) -> Iterator[Block]:
        """Consecutive observations of one key make a block, as if they stood in a series."""
        held: list[Any] = []
        lines: list[int] = []
        key: tuple[Cell, ...] = ()
        pieces = _Pieces(stream)
        for happened in pieces:
            for event, element in happened:
                if element.tag != OBSERVATION:
                    self._met(event, element, stream.line)
                elif event == "end":
                    here = self._shared(element, element.getparent())
                    if held and (here != key or len(held) >= FLAT_AT_MOST):
                        yield self._block_of_flat(key, held, lines, lossless)
                        forget(held[-1])
                        held, lines = [], []
                    key = here
                    held.append(element)
                    lines.append(stream.line)
        if held:
            yield self._block_of_flat(key, held, lines, lossless)
        if pieces.refused:
            raise pieces.refused

    def _met(self, event: str, element: Any, line: int) -> None:
        """What is neither series nor observation."""
        if element.tag == GROUP:
            raise InputRefused(_not_read(self.path, line, f"{self.envelope.root}, <{GROUP}>"))
        if self.envelope.version and local(element) == DATA_SET:
            if event == "start":
                of_data = f"{{{self.envelope.version.data}}}"
                self.actions.add(element.get(f"{of_data}action", ""))
                self.references.setdefault(element.get(f"{of_data}structureRef", ""), line)
            elif self.envelope.structures[0].at != FLAT:
                self._no_observation(element.iterchildren(OBSERVATION), line)

    def _shared(self, element: Any, data_set: Any) -> tuple[Cell, ...]:
        of_set = self.of_set
        return tuple([(data_set if name in of_set else element).get(name) for name in self.shared])

    def _block(self, series: Any, children: list[Any], ends: int, lossless: bool) -> Block:
        elements = [child for child in children if child.tag == OBSERVATION]
        block = Block(self._shared(series, series.getparent()), self.own, series, elements, ends)
        if lossless:
            kept = self._of_series(block)
            if len(series.attrib) != kept:
                raise self._lost(series, {*self.shared}, block.first_line)
            self._nothing_lost(block, {*self.own}, 0)
        return block

    def _block_of_flat(self, key: tuple[Cell, ...], held: list[Any], lines: list[int], lossless: bool) -> Block:
        block = Block(key, self.own, None, held, lines[-1], lines)
        if lossless:
            self._nothing_lost(block, {*self.own, *self.shared}, self._of_series(block))
        if any(element.getparent().tag == SERIES for element in held):
            raise self._misplaced(lines[0])
        return block

    def _of_series(self, block: Block) -> int:
        """How many of the cells that a block shares stand in the element of a series."""
        return sum([cell is not None for cell in block.shared[: len(self.shared) - len(self.of_set)]])

    def _nothing_lost(self, block: Block, known: set[str], besides: int) -> None:
        """Every attribute of an observation must have become a cell."""
        width = len(block.own) + besides
        rows = block.rows
        for row in block.irregular:
            element = block.elements[row]
            if len(element.attrib) != width - rows[row].count(None):
                raise self._lost(element, known, block.line(row))

    def _lost(self, element: Any, known: set[str], line: int) -> InputRefused:
        name = next((str(name) for name in element.attrib if name not in known), "")
        values = {"column": name, "structure": self.structure.id}
        return InputRefused(Finding("component-unknown", Place(file=self.path.name, row=line, column=name), values))

    def _no_observation(self, elements: Iterable[Any], line: int) -> None:
        """Observations stand in a series, where there are any."""
        if any(element.tag == OBSERVATION for element in elements):
            raise self._misplaced(line)

    def _misplaced(self, line: int) -> InputRefused:
        at = self.envelope.structures[0].at
        return InputRefused(Finding("observation-misplaced", Place(file=self.path.name, row=line), {"at": at}))


class _Pieces:
    """What happens in a stream, to its end or to where it is refused: what has been begun till then is not lost."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.refused: InputRefused | None = None

    def __iter__(self) -> Iterator[list[tuple[str, Any]]]:
        try:
            yield from self._stream
        except InputRefused as refused:
            self.refused = refused


def read(path: Path, structure: Structure) -> Reading:
    """A message of structure-specific data, to be read by a structure.

    Raises:
        InputRefused: `xml-broken`, `xml-doctype`; `structure-timeless` and `structure-measureless`, by what the
            structure lacks; `format-not-checked` where the data are laid out in a form that is not read (other XML,
            several structures, groups, explicit measures, a dimension other than time at the observation).
    """
    found = envelope.read(path)
    if problem := _unreadable(found, structure):
        raise InputRefused(_not_read(path, found.line, problem))
    for rule, part in (("structure-timeless", structure.time), ("structure-measureless", structure.measure)):
        if not part:
            place = Place(file=path.name, row=found.line)
            raise InputRefused(Finding(rule, place, {"structure": structure.id}))
    of_set = [one.id for one in structure.attributes if one.attached == "dataset"]
    of_series = [one.id for one in structure.attributes if one.attached == "series"]
    of_obs = [one.id for one in structure.attributes if one.attached == "observation"]
    shared = (*(one.id for one in structure.dimensions), *of_series, *of_set)
    return Reading(path, found, structure, shared, (structure.time, structure.measure, *of_obs), frozenset(of_set))


def decode(path: Path, structure: Structure | None = None) -> Table:
    """Read a message as rows; `columns` are all components of the structure, in its order.

    `dataflow` is the one that the header names, or empty where it names the structure itself.

    Raises:
        InputRefused: here or while the rows are read: see `read` and `Reading.blocks`.
        ValueError: no structure is given.
    """
    if structure is None:
        raise ValueError("SDMX-ML is read by a structure")
    reading = read(path, structure)
    used = reading.envelope.structures[0]
    dataflow = used.key if used.kind == USAGE else ""
    version = reading.envelope.version
    actions = {word: letter for letter, word in version.actions} if version else {}
    action = actions.get(reading.envelope.action, "I")
    return Table(reading.columns, _rows(reading), dataflow, action, structure, reading.envelope.header)


def strict_schema(reading: Reading) -> etree.XMLSchema:
    """The schema that the message at hand must be valid by, in the namespace that its data must be in.

    Raises:
        InputRefused: `schema-impossible`, where none can be made of the structure.
    """
    used, version = reading.envelope.structures[0], reading.envelope.version
    assert version is not None
    allowed = namespaces(reading.structure, used.at)
    namespace = used.namespace if used.namespace in allowed else allowed[0]
    try:
        return schema.compiled(reading.structure, namespace, used.at, reading.envelope.is_time_series, version)
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        values = {"structure": reading.structure.id, "problem": schema.bare(str(error))}
        raise InputRefused(Finding("schema-impossible", Place(reading.structure.file), values)) from None


def _rows(reading: Reading) -> Iterator[tuple[Cell, ...]]:
    names = (*reading.shared, *reading.own)
    order = [names.index(name) for name in reading.columns]
    if order == list(range(len(names))):
        for block in reading.blocks():
            yield from [block.shared + row for row in block.rows]
        return
    arranged: Any = itemgetter(*order)  # of two at least: time and measure
    for block in reading.blocks():
        yield from [arranged(block.shared + row) for row in block.rows]


def _unreadable(found: Envelope, structure: Structure) -> str:
    """Why a message is not read, "" where it is."""
    if not found.is_structure_specific:
        return f"XML, {found.root}"
    if len(found.structures) != 1:
        return f"{found.root} of {len(found.structures)} structures"
    if of_groups := [one.id for one in structure.attributes if one.attached == "group"]:
        return f"{found.root}, {structure.id}, <{GROUP}>: {', '.join(of_groups)}"
    used = found.structures[0]
    if used.explicit:
        return f"{found.root}, explicitMeasures"
    if used.at not in (structure.time, FLAT):
        return f"{found.root}, dimensionAtObservation={used.at}"
    return ""


def _not_read(path: Path, line: int, kind: str) -> Finding:
    return Finding("format-not-checked", Place(file=path.name, row=line), {"kind": kind})

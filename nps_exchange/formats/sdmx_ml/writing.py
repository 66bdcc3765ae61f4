"""A table as a structure-specific SDMX-ML message, series by series, as fast as text can be put together."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from xml.sax.saxutils import escape

from nps_exchange.formats import xml_text
from nps_exchange.formats.sdmx_ml.names import USAGE, Components, components, namespace, reference
from nps_exchange.formats.sdmx_ml.version import V21, XSI, Version
from nps_exchange.formats.table import Cell, Header, Table

STRUCTURE = "STRUCTURE"
"""What the header calls the structure, for the data set to name it."""

KNOWN_AT_MOST = 50_000
"""Different texts of a column that are kept as they are written: codes and periods are few, values are not."""

NUMBER = re.compile("[0-9.+eE-]*")
BATCH = 1 << 20
Writer = Callable[[Cell], str]


def encode(table: Table, path: Path, version: Version = V21) -> None:
    """Write a table as a message of time series; rows of one key that follow one another make one series.

    The file appears whole or not at all, and one that stood there before is kept if there is nothing to replace it.

    Raises:
        ImpossibleCharacter: a text that XML cannot carry; names the character and the row.
        ValueError: the table has no structure or header, or a column that its structure has not; an attribute of
            the data set that is not the same in all rows; a row whose width is not the heading's.
    """
    if table.structure is None or table.header is None:
        raise ValueError("SDMX-ML wants a structure and a header")
    parts = components(table.structure, table.columns)
    if table.action not in dict(version.actions):
        raise ValueError(f"an action is one of {', '.join(dict(version.actions))}, not {table.action!r}")
    begun = path.with_name(f"{path.name}.part")
    try:
        with begun.open("wb") as stream:
            gathered: list[str] = []
            size = 0
            for text in _message(table, table.header, parts, version):
                gathered.append(text)
                size += len(text)
                if size > BATCH:
                    stream.write("".join(gathered).encode())
                    gathered, size = [], 0
            stream.write("".join(gathered).encode())
        begun.replace(path)
    except BaseException:
        begun.unlink(missing_ok=True)
        raise


def _message(table: Table, header: Header, parts: Components, version: Version) -> Iterator[str]:
    assert table.structure is not None
    own = namespace(table.structure)
    root = version.roots[0]
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<mes:{root} xmlns:mes="{version.message}" xmlns:com="{version.common}" xmlns:ss="{version.data}" '
        f'xmlns:xsi="{XSI}" xmlns:own="{xml_text.attribute(own)}">\n'
    )
    yield from _header(table, header, own, version)
    rows = iter(table.rows)
    first = next(rows, None)
    of_set = _cells_at(parts.of_set)
    shared = of_set(first) if first is not None else ()
    attributes = "".join(
        _writer(table.columns[place])(cell) for place, cell in zip(parts.of_set, shared, strict=bool(shared))
    )
    action = dict(version.actions)[table.action]
    yield (
        f'<mes:DataSet ss:structureRef="{STRUCTURE}" xsi:type="own:DataSetType" ss:dataScope="DataStructure" '
        f'ss:action="{action}"{attributes}>\n'
    )
    if first is not None:
        yield from _all_series(table, chain([first], rows), parts, shared)
    yield f"</mes:DataSet>\n</mes:{root}>\n"


def _header(table: Table, header: Header, own: str, version: Version) -> Iterator[str]:
    assert table.structure is not None
    text, attribute = _element_text, xml_text.attribute
    name = f"<com:Name>{text(header.sender_name)}</com:Name>" if header.sender_name else ""
    receiver = f'<mes:Receiver id="{attribute(header.receiver)}"/>\n' if header.receiver else ""
    element, said = (USAGE, table.dataflow) if table.dataflow else ("Structure", table.structure.id)
    agency, id_, number = reference(said)
    yield (
        f"<mes:Header>\n<mes:ID>{text(header.id)}</mes:ID>\n<mes:Test>{str(header.test).lower()}</mes:Test>\n"
        f"<mes:Prepared>{text(header.prepared)}</mes:Prepared>\n"
        f'<mes:Sender id="{attribute(header.sender)}">{name}</mes:Sender>\n{receiver}'
        f'<mes:Structure structureID="{STRUCTURE}" namespace="{attribute(own)}" '
        f'dimensionAtObservation="{attribute(table.structure.time)}">'
        f'<com:{element}><Ref agencyID="{attribute(agency)}" id="{attribute(id_)}" version="{attribute(number)}"/>'
        f"</com:{element}></mes:Structure>\n"
        f"<mes:DataSetAction>{dict(version.actions)[table.action]}</mes:DataSetAction>\n</mes:Header>\n"
    )


def _element_text(text: str) -> str:
    if character := xml_text.impossible(text):
        raise xml_text.ImpossibleCharacter(f"header: XML cannot carry the character {character}")
    return escape(text, {"\r": "&#13;"})


def _all_series(
    table: Table, rows: Iterable[Sequence[Cell]], parts: Components, shared: tuple[Cell, ...]
) -> Iterator[str]:
    """One line a series: a fault of the file is found by its line."""
    of_series, of_set = _cells_at(parts.of_series), _cells_at(parts.of_set)
    of_key = [_writer(table.columns[place]) for place in parts.of_series]
    of_obs = [(place, (_number if place == parts.value else _writer)(table.columns[place])) for place in parts.of_obs]
    width, number = len(table.columns), 0
    line: list[str] = []
    key: tuple[Cell, ...] | None = None
    try:
        for row in rows:
            number += 1
            if len(row) != width:
                raise ValueError(f"{len(row)} cells for {width} columns")
            if key != (here := of_series(row)):
                if line:
                    yield "".join([*line, "</Series>\n"])
                key, line = here, ["<Series", *[write(cell) for write, cell in zip(of_key, here, strict=True)], ">"]
            if shared and of_set(row) != shared:
                raise ValueError("an attribute of the data set is not that of the first row")
            line.append("<Obs" + "".join([write(row[place]) for place, write in of_obs]) + "/>")
    except ValueError as error:
        raise type(error)(f"row {number}: {error}") from None
    if line:
        yield "".join([*line, "</Series>\n"])


def _cells_at(places: Sequence[int]) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
    if not places:
        return lambda _: ()
    if len(places) == 1:
        [place] = places
        return lambda row: (row[place],)
    return itemgetter(*places)


def _writer(column: str) -> Writer:
    """How the cells of a column are written; each different text is put together once."""
    known: dict[Cell, str] = {None: ""}

    def write(cell: Cell) -> str:
        written = known.get(cell)
        if written is None:
            written = f' {column}="{xml_text.attribute(cell or "")}"'
            if len(known) < KNOWN_AT_MOST:
                known[cell] = written
        return written

    return write


def _number(column: str) -> Writer:
    """How values are written: few of them stand twice, and numbers need no looking at."""
    start = f' {column}="'
    is_plain = NUMBER.fullmatch

    def write(cell: Cell) -> str:
        if cell is None:
            return ""
        return start + (cell if is_plain(cell) else xml_text.attribute(cell)) + '"'

    return write

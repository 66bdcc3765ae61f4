"""The files of a delivery: written, read back, held against what was meant, and validated like anybody's."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from nps_exchange import layouts, px_contents, struval
from nps_exchange.bodies import Body
from nps_exchange.errors import OutputRefused
from nps_exchange.exchange import Exchange
from nps_exchange.formats import FORMATS, generic_metadata, px, workbook, xml_time
from nps_exchange.formats.px import Px
from nps_exchange.formats.table import Cell, Header, Table
from nps_exchange.formats.workbook import Book, Figure
from nps_exchange.formats.xml_text import ImpossibleCharacter
from nps_exchange.mapping import FLAT, Column, File, Mapping
from nps_exchange.model import Finding, Place
from nps_exchange.reference_metadata import ReferenceMetadata, message
from nps_exchange.translate import Dataset
from nps_exchange.validate import validate_as

SDMX = frozenset(FORMATS) - {FLAT}
"""The formats that Eurostat's structural validation reads."""

HELD_AT_MOST = 100_000
"""Rows that are kept between writing and comparing; more are asked for again."""

NO_ID = re.compile("[^A-Za-z0-9]")
DEFAULT_SENDER = "NPS"
"""Who sends a message to a body that says nothing about it: the national planning support."""


def files(dataset: Dataset, body: Body, exchange: Exchange, test: bool, folder: Path) -> list[Finding]:
    """Write the files of a dataset below `folder`; what validation finds in them.

    Raises:
        OutputRefused: a file, read back, does not hold what was meant, or a text cannot be written.
    """
    mapping = dataset.mapping
    (folder / mapping.body).mkdir(exist_ok=True)
    codes = struval.load(exchange.resources)
    header = _header(mapping, body, exchange, test)
    found: list[Finding] = []
    rows = _Rows(dataset)
    for file in mapping.files:
        name = f"{mapping.body}/{file.name}"
        try:
            _write(rows, file, header, body.action, folder / name, name)
        except ImpossibleCharacter as error:
            raise OutputRefused(Finding("character-impossible", Place(file=name), {"problem": str(error)})) from None
        validated = validate_as(folder / name, layouts.of_file(mapping, file), name)
        found += struval.marked(validated, codes, file.structure, file.format) if file.format in SDMX else validated
    return found


class _Rows:
    """The rows of a dataset's files: asked for several times, and the same where files have the same columns."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.held: list[tuple[tuple[Column, ...], list[tuple[Cell, ...]]]] = []
        self.few = len(dataset) <= HELD_AT_MOST

    def of(self, file: File) -> Iterable[tuple[Cell, ...]]:
        """The rows of a file, from the beginning."""
        if not self.few:
            return self.dataset.rows(file)
        for columns, rows in self.held:
            if columns == file.columns:
                return rows
        self.held.append((file.columns, list(self.dataset.rows(file))))
        return self.held[-1][1]


def _header(mapping: Mapping, body: Body, exchange: Exchange, test: bool) -> Header:
    """The header of a message: by the run alone, so that the same run gives the same bytes."""
    prepared = xml_time.moment(exchange.prepared)
    id_ = "_".join([mapping.dataset.replace("/", "_"), str(exchange.year), NO_ID.sub("", prepared)])
    sender = body.sender or DEFAULT_SENDER
    return Header(id_.upper(), test, prepared, sender, body.receiver, dict(exchange.contacts).get("organisation", ""))


def filled(dataset: Dataset, book: Book, folder: Path) -> None:
    """Write the workbook of a dataset; it must show every figure of the dataset, and none else.

    Raises:
        OutputRefused: the workbook, read back, does not show what was meant.
    """
    mapping = dataset.mapping
    assert mapping.workbook is not None
    path = folder / mapping.body / mapping.workbook.name
    workbook.encode(book, path)
    shown = [((one.codes, one.year), _told(one.figure)) for one in workbook.decode(path).figures]
    found = dict(shown)
    if len(found) < len(shown) or len(found) != len(dataset) or found != dict(_meant(book)):
        raise _not_as_meant(f"{mapping.body}/{path.name}")


def tabled(dataset: Dataset, meant: Px, folder: Path) -> list[Finding]:
    """Write the PX table of a dataset; what validation finds in it.

    Raises:
        OutputRefused: the file, read back, does not hold what was meant, or a text cannot be written.
    """
    mapping = dataset.mapping
    assert mapping.px is not None
    name = f"{mapping.body}/{mapping.px.name}"
    try:
        px.encode(meant, folder / name)
    except px.Unwritable as error:
        raise OutputRefused(Finding("px-unwritable", Place(file=name), {"problem": str(error)})) from None
    found = px.decode(folder / name)
    if found.statements != meant.statements or not _same(map(tuple, found.rows), map(tuple, meant.rows)):
        raise _not_as_meant(name)
    return [finding.at(name) for finding in px_contents.validate(px.read(folder / name), mapping)]


def described(metadata: ReferenceMetadata, page: str, folder: Path) -> None:
    """Write the reference metadata of a dataset, as a message and as the page that is given.

    Raises:
        OutputRefused: the message, read back, does not say what was meant.
    """
    xml, html = (f"{metadata.body.body.id}/{name}" for name in metadata.names)
    meant = message(metadata)
    generic_metadata.encode(meant, folder / xml)
    if generic_metadata.decode(folder / xml) != meant:
        raise _not_as_meant(xml)
    (folder / html).write_text(page, encoding="utf-8", newline="\n")


def _write(rows: _Rows, file: File, header: Header, action: str, path: Path, name: str) -> None:
    wire = FORMATS[file.format]
    columns = tuple(column.name for column in file.columns)
    wire.encode(Table(columns, rows.of(file), file.dataflow, action, file.structure, header), path)
    found = wire.decode(path, file.structure)
    # Flat tables have no place to name their dataflow, and only messages have a header.
    if found.dataflow not in ("", file.dataflow) or found.header not in (None, header):
        raise _not_as_meant(name)
    if not set(columns) <= set(found.columns):
        raise _not_as_meant(name)
    if not _same(_in_order(found, columns), rows.of(file)):
        raise _not_as_meant(name)


def _in_order(found: Table, columns: tuple[str, ...]) -> Iterator[Sequence[Cell]]:
    """The rows of a file in the order of the columns meant; what a structure has besides must be empty."""
    if found.columns == columns:
        yield from found.rows
        return
    order = [found.columns.index(column) for column in columns]
    others = [place for place in range(len(found.columns)) if place not in order]
    for row in found.rows:
        if any(row[place] is not None for place in others):
            yield row  # wider than what was meant, and so different
        else:
            yield tuple([row[place] for place in order])


def _same(found: Iterable[object], meant: Iterable[object]) -> bool:
    return all(one == other for one, other in zip_longest(found, meant))


def _meant(book: Book) -> Iterator[tuple[tuple[tuple[str, ...], int], tuple[Decimal | None, str]]]:
    for block in (block for sheet in book.sheets for block in sheet.blocks):
        for line in block.lines:
            for year, figure in line.figures.items():
                yield (line.codes, year), _told(figure)


def _told(figure: Figure) -> tuple[Decimal | None, str]:
    """What a figure says; how many zeros stand behind the point is a matter of its format."""
    return Decimal(figure.value) if figure.value else None, figure.flags


def _not_as_meant(name: str) -> OutputRefused:
    return OutputRefused(Finding("output-not-as-meant", Place(file=name)))

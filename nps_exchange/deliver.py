"""The files of a delivery: written, read back, held against what was meant, and validated like anybody's."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from nps_exchange import layouts
from nps_exchange.errors import OutputRefused
from nps_exchange.formats import FORMATS, workbook
from nps_exchange.formats.table import Table
from nps_exchange.formats.workbook import Book, Figure
from nps_exchange.mapping import File
from nps_exchange.model import Finding, Place
from nps_exchange.translate import Dataset
from nps_exchange.validate import validate_as


def files(dataset: Dataset, folder: Path) -> list[Finding]:
    """Write the files of a dataset below `folder`; what validation finds in them.

    Raises:
        OutputRefused: a file, read back, does not hold what was meant.
    """
    mapping = dataset.mapping
    (folder / mapping.body).mkdir(exist_ok=True)
    found: list[Finding] = []
    for file in mapping.files:
        name = f"{mapping.body}/{file.name}"
        _write(dataset, file, folder / name, name)
        found += validate_as(folder / name, layouts.of_file(mapping, file), name)
    return found


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


def _write(dataset: Dataset, file: File, path: Path, name: str) -> None:
    wire = FORMATS[file.format]
    columns = tuple(column.name for column in file.columns)
    wire.encode(Table(columns, dataset.rows(file), file.dataflow), path)
    found = wire.decode(path)
    # Flat tables have no place to name their dataflow.
    if found.columns != columns or found.dataflow not in ("", file.dataflow):
        raise _not_as_meant(name)
    if not _same(found.rows, dataset.rows(file)):
        raise _not_as_meant(name)


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

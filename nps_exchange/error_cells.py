"""Cells of a workbook that hold a formula error (`#REF!`), which calamine gives as empty.

An error that becomes an empty cell becomes "no figure", and nobody asks. So the three formats are
looked through for errors beside calamine's reading: row and column counted from 1 and 0.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from lxml import etree

Errors = dict[str, list[tuple[int, int, str]]]

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
VALUE_TYPE = f"{OFFICE}value-type"
ERROR = re.compile(r"#[A-ZÅÄÖ0-9/]+[!?]?|Err:[0-9]+")
CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


MOST_CELLS = 10_000_000
"""From the first to the last of a sheet: calamine lays out memory for all of them, and at the far end of a
sheet that is more than there is; the program would end without a word."""


DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),  # the package
    *(etree.XMLSyntaxError, KeyError, ValueError),  # what is in it
)


class Unreadable(Exception):
    """The package's parts cannot be read."""


class TooLarge(Exception):
    """A sheet reaches so far that it cannot be read: its name, the last row and the last column, from 1 and 0."""

    def __init__(self, sheet: str, row: int, column: int) -> None:
        super().__init__(sheet, row, column)
        self.sheet, self.row, self.column = sheet, row, column


def find(path: Path) -> Errors:
    """By sheet: (row from 1, column from 0, the error's text; none for a formula without a result).

    Raises:
        Unreadable: the file is damaged.
        TooLarge: a sheet reaches further than can be read.
    """
    try:
        if not zipfile.is_zipfile(path):
            return _xls(path)
        with zipfile.ZipFile(path) as package:
            return _ods(package) if "content.xml" in package.namelist() else _xlsx(package)
    except DAMAGED as error:
        raise Unreadable(str(error)) from None


def _xls(path: Path) -> Errors:
    import xlrd

    try:
        book = xlrd.open_workbook(str(path))
    except Exception as error:  # xlrd raises whatever its parsing meets
        raise Unreadable(str(error)) from None
    return {
        sheet.name: [
            (row + 1, column, xlrd.error_text_from_code[int(sheet.cell_value(row, column))])
            for row in range(sheet.nrows)
            for column, kind in enumerate(sheet.row_types(row))
            if kind == xlrd.XL_CELL_ERROR
        ]
        for sheet in book.sheets()
    }


def _xlsx(package: zipfile.ZipFile) -> Errors:
    """Both flavours of Open XML, transitional and strict, differ in their namespaces only."""
    targets = {
        relation.get("Id"): relation.get("Target")
        for relation in _root(package, "xl/_rels/workbook.xml.rels").iter("{*}Relationship")
    }
    found: Errors = {}
    for sheet in _root(package, "xl/workbook.xml").iter("{*}sheet"):
        (relation,) = (value for name, value in sheet.attrib.items() if name.endswith("}id"))
        part = posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
        with package.open(part) as stream:
            found[sheet.get("name", "")] = list(_xlsx_errors(stream, sheet.get("name", "")))
    return found


def _xlsx_errors(stream: IO[bytes], sheet: str) -> Iterator[tuple[int, int, str]]:
    """Error cells, and formulas without a result. The reference of a row or cell may be left out."""
    row_number = last = widest = 0
    for _, row in _elements(stream, "{*}row"):
        row_number = int(row.get("r", row_number + 1))
        column = -1
        for cell in row.iterchildren("{*}c"):
            reference = cell.get("r", "")
            letters = reference.rstrip("0123456789")
            column = _column(letters) if letters else column + 1
            value = cell.findtext("{*}v")
            if cell.get("t") == "e":
                yield row_number, column, value or "#"
            elif cell.find("{*}f") is not None and (value is None or (value == "" and cell.get("t") != "str")):
                yield row_number, column, ""  # an empty text may be a result, nothing at all is none
            # A cell may say another row than the row it stands in, and calamine believes the cell.
            last = max(last, row_number, int(reference[len(letters) :] or 0))
            widest = max(widest, column)
        _within(sheet, last, widest)
        row.clear()


def _within(sheet: str, row: int, column: int) -> None:
    if row * (column + 1) > MOST_CELLS:
        raise TooLarge(sheet, row, column)


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _ods(package: zipfile.ZipFile) -> Errors:
    found: Errors = {}
    with package.open("content.xml") as stream:
        for _, table in _elements(stream, f"{TABLE}table"):
            found[table.get(f"{TABLE}name", "")] = list(_ods_errors(table, table.get(f"{TABLE}name", "")))
            table.clear()
    return found


def _ods_errors(table: Any, sheet: str) -> Iterator[tuple[int, int, str]]:
    row_number, widest = 1, 0
    for row in table.iter(f"{TABLE}table-row"):
        column = 0
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            shown = "".join("".join(paragraph.itertext()) for paragraph in cell.iterchildren(f"{TEXT}p"))
            formula = cell.get(f"{TABLE}formula")
            if cell.get(CALC_TYPE) == "error" or (formula and ERROR.fullmatch(shown)):
                yield row_number, column, shown or "#ERR"
            elif formula and not shown and not _has_value(cell):
                yield row_number, column, ""
            column += int(cell.get(f"{TABLE}number-columns-repeated", 1))
            if shown or _has_value(cell):  # sheets are filled up to their ends with empty cells
                widest = max(widest, column - 1)
                _within(sheet, row_number + int(row.get(f"{TABLE}number-rows-repeated", 1)) - 1, widest)
        row_number += int(row.get(f"{TABLE}number-rows-repeated", 1))


def _has_value(cell: Any) -> bool:
    """Whether an ODS cell has a stored value, be it an empty text."""
    return any(name.startswith(OFFICE) and name != VALUE_TYPE for name in cell.attrib)


def _elements(stream: IO[bytes], tag: str) -> Iterator[tuple[str, Any]]:
    events = etree.iterparse(stream, tag=tag, resolve_entities=False, no_network=True, huge_tree=True)
    return iter(events)


def _root(package: zipfile.ZipFile, part: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(package.read(part), parser)

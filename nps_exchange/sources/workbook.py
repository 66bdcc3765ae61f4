"""XLSX, XLS and ODS workbooks, read with python-calamine; cells that hold a formula error are named."""

from collections.abc import Iterator
from pathlib import Path

import python_calamine

from nps_exchange import error_cells
from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place, column_letter
from nps_exchange.sources.sheet import Row, Sheet

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook, hidden ones too.

    Raises:
        InputRefused: empty, encrypted, cut off, too large, or not a workbook at all.
    """
    if path.stat().st_size == 0:
        raise InputRefused(Finding("file-empty", Place(file=path.name)))
    try:
        workbook = python_calamine.load_workbook(path)
        errors = error_cells.find(path)
        return [Sheet(name, _Rows(path, workbook, name), tuple(errors.get(name, ()))) for name in workbook.sheet_names]
    except python_calamine.PasswordError:
        raise InputRefused(Finding("file-encrypted", Place(file=path.name))) from None
    except error_cells.TooLarge as far:
        place = Place(path.name, far.sheet, far.row, column_letter(far.column))
        raise InputRefused(Finding("sheet-too-large", place)) from None
    except (python_calamine.CalamineError, error_cells.Unreadable) as error:
        raise InputRefused(_unreadable(path, error)) from None


class _Rows:
    """Called for the rows of a sheet; read once, because recognising and staging both want them."""

    def __init__(self, path: Path, workbook: python_calamine.CalamineWorkbook, name: str) -> None:
        self._path, self._workbook, self._name = path, workbook, name
        self._cells: list[list[object]] | None = None

    def __call__(self) -> Iterator[Row]:
        if self._cells is None:
            try:
                sheet = self._workbook.get_sheet_by_name(self._name)
                self._cells = [list(row) for row in sheet.to_python(skip_empty_area=False)]
            except python_calamine.CalamineError as error:
                raise InputRefused(_unreadable(self._path, error)) from None
        return iter(list(enumerate(self._cells, 1)))


def _unreadable(path: Path, error: Exception) -> Finding:
    content = path.read_bytes()
    if content.startswith(OLE) and ENCRYPTED in content:
        return Finding("file-encrypted", Place(file=path.name))
    if not content.startswith((b"PK", OLE)):
        return Finding("file-not-a-workbook", Place(file=path.name))
    return Finding("file-damaged", Place(file=path.name), {"problem": str(error)})

"""What calamine does not tell of a sheet: that it reaches further than memory does, that a cell holds an error."""

import re
import zipfile
import zlib
from pathlib import Path

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What `zipfile` raises at an archive that is damaged, encrypted, or packed in ways it does not know."""

LARGEST_PART, MOST_CELLS = 200_000_000, 2_000_000
"""Bytes of a sheet, and cells from the first to the last; ours have some ten thousand."""

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL = re.compile(rb"\sr=[\"']([A-Z]{1,9})([0-9]{1,18})[\"']")
_ERROR = re.compile(rb"<(?:\w+:)?c\b(?=[^>]*\st=[\"']e[\"'])[^>]*\sr=[\"']([A-Z]+[0-9]+)[\"']")


def too_large(path: Path) -> str:
    """Which sheet is larger than may be read, or "" where none is.

    calamine lays out memory for all cells from the first to the last: one at the far end of a sheet
    and the whole program ends.

    Raises:
        One of `DAMAGED`: it is no archive, or none that can be read.
    """
    with zipfile.ZipFile(path) as archive:
        for part in _sheets(archive):
            if part.file_size > LARGEST_PART:
                return f"{part.filename} has {part.file_size} bytes"
            cells = _CELL.findall(archive.read(part))
            last_row = max((int(digits) for _, digits in cells), default=0)
            last_column = max((_position(letters) for letters, _ in cells), default=0)
            if last_row * last_column > MOST_CELLS:
                return f"{part.filename} reaches to row {last_row} and column {last_column}"
    return ""


def error(path: Path) -> str:
    """Which cell holds an error (`#REF!`), or "" where none does: calamine gives it as empty, and a figure is gone.

    Raises:
        One of `DAMAGED`: it is no archive, or none that can be read.
    """
    with zipfile.ZipFile(path) as archive:
        for part in _sheets(archive):
            if found := _ERROR.search(archive.read(part)):
                return f"{part.filename} has an error instead of a value in cell {found[1].decode()}"
    return ""


def _sheets(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [part for part in archive.infolist() if _SHEET.fullmatch(part.filename)]


def _position(letters: bytes) -> int:
    position = 0
    for letter in letters:
        position = 26 * position + letter - ord("A") + 1
    return position

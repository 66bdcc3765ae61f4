"""Comma-separated text by RFC 4180: UTF-8, a heading row, CRLF at line ends, quotes where they are needed.

A receiver that knows the standard only sees nothing in both None and an empty text; `decode` still tells them apart.
"""

from itertools import chain
from pathlib import Path

from nps_exchange.formats import records
from nps_exchange.formats.table import Table
from nps_exchange.structures import Structure


def encode(table: Table, path: Path) -> None:
    """Write the column names, and the rows under them.

    Raises:
        ValueError: what `records.write` refuses, such as a NUL; no file is left.
    """
    records.write(path, chain([table.columns], table.rows))


def decode(path: Path, structure: Structure | None = None) -> Table:
    """The columns of a file by its first row, and the rows below it, read as they are asked for.

    Rows are as wide as the file has them: whether that fits the columns is for the caller to see.

    Raises:
        InputRefused: `file-broken`, here or while the rows are read.
    """
    rows = records.read(path)
    return Table(tuple([name or "" for name in next(rows, ())]), rows, structure=structure)

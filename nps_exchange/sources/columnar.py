"""Parquet, read by DuckDB; column names are the heading row, so the first observation is row 2."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from nps_exchange.engine import connect, name, quoted
from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.sources.sheet import HEAD_ROWS, Row, Sheet


def sheets(path: Path) -> list[Sheet]:
    """The one sheet of a Parquet file.

    Raises:
        InputRefused: empty, cut off, or not Parquet.
    """
    if path.stat().st_size == 0:
        raise InputRefused(Finding("file-empty", Place(file=path.name)))
    try:
        with connect() as con:
            columns = [str(row[0]) for row in con.execute(f"DESCRIBE {_query(path)}").fetchall()]
    except duckdb.Error as error:
        problem = str(error).splitlines()[0].replace(str(path), path.name)
        raise InputRefused(Finding("file-damaged", Place(file=path.name), {"problem": problem})) from None
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS c{i}" for i, column in enumerate(columns))
    numbered = f"SELECT file_row_number + 2 AS row, {cells} FROM read_parquet({quoted(path)}, file_row_number=true)"
    return [Sheet("", lambda: _rows(columns, numbered), sql=numbered)]


def _query(path: Path) -> str:
    return f"SELECT * FROM read_parquet({quoted(path)})"


def _rows(columns: list[str], numbered: str) -> Iterator[Row]:
    """The heading row and the first rows below it: enough to recognise the file by."""
    yield 1, list(columns)
    with connect() as con:
        for row, *cells in con.execute(f"{numbered} LIMIT {HEAD_ROWS}").fetchall():
            yield int(row), cells

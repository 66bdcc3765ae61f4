"""Parquet, read by DuckDB; column names are the heading row, so the first observation is row 2."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from nps_exchange.engine import connect, name, parquet, quoted
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
            described = con.execute(f"DESCRIBE SELECT * FROM {parquet(path)}").fetchall()
    except duckdb.Error as error:
        problem = str(error).splitlines()[0].replace(str(path), path.name)
        raise InputRefused(Finding("file-damaged", Place(file=path.name), {"problem": problem})) from None
    columns = [(str(row[0]), str(row[1])) for row in described]
    return [Sheet("", lambda: _rows(path, columns), sql=lambda decimal: _numbered(path, columns, decimal))]


def _numbered(path: Path, columns: list[tuple[str, str]], decimal: str) -> str:
    cells = ", ".join(f"{_text(column, kind, decimal)} AS c{i}" for i, (column, kind) in enumerate(columns))
    return f"SELECT file_row_number + 2 AS row, {cells} FROM {parquet(path, ', file_row_number=true')}"


def _text(column: str, kind: str, decimal: str) -> str:
    """SQL: a cell as text; fractions with the description's decimal mark, whole numbers without one."""
    cell = f"CAST({name(column)} AS VARCHAR)"
    if not kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return cell
    plain = f"regexp_full_match({cell}, '-?[0-9]+\\.[0-9]+')"
    shorn = f"CASE WHEN {plain} THEN rtrim(rtrim({cell}, '0'), '.') ELSE {cell} END"
    return f"replace({shorn}, '.', {quoted(decimal)})"


def _rows(path: Path, columns: list[tuple[str, str]]) -> Iterator[Row]:
    """The heading row and the first rows below it: enough to recognise the file by."""
    yield 1, [column for column, _ in columns]
    with connect() as con:
        for row, *cells in con.execute(f"{_numbered(path, columns, '.')} LIMIT {HEAD_ROWS}").fetchall():
            yield int(row), cells

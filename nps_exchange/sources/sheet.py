"""One sheet of a delivered file, as every reader gives it: numbered rows of cells, nothing interpreted."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nps_exchange.engine import Connection, name, quoted

Row = tuple[int, list[Any]]

HEAD_ROWS = 100
"""How far down a heading row is looked for."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: `rows()` starts afresh and gives (row number counted from 1, cells).

    Cells are text, numbers as the file holds them, or None. `sql`, where a reader has it, is a
    query that gives the rows without Python: `row`, then `c0`, `c1` ... as text.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    errors: tuple[tuple[int, int, str], ...] = ()
    sql: str = ""

    def head(self) -> list[Row]:
        """The first rows, in which the headings are looked for."""
        return list(islice(self.rows(), HEAD_ROWS))


def text(cell: Any, decimal: str) -> str:
    """A cell as text; a number in a workbook is written with the description's decimal mark.

    Spreadsheets keep 15 digits, and so do we: 0.1 + 0.2 is 0.3.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        return format(cell, ".15g").replace(".", decimal)
    return str(cell)


def stage(con: Connection, sheet: Sheet, table: str, width: int, decimal: str, scratch: Path) -> None:
    """Lay a sheet into a table `row, c0 ... c<width-1>`, all text, empty cells as empty text."""
    columns = ", ".join(f"COALESCE({name(f'c{i}')}, '') AS c{i}" for i in range(width))
    if sheet.sql:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT row, {columns} FROM ({sheet.sql})")
        return
    clean = scratch / f"{table}.csv"
    with clean.open("w", encoding="utf-8", newline="") as stream:
        write = csv.writer(stream).writerow
        padding = [""] * width
        for number, cells in sheet.rows():
            texts = [cell if type(cell) is str else text(cell, decimal) for cell in cells]
            write([number, *texts, *padding[len(texts) :]])
    types = {"row": "BIGINT", **{f"c{i}": "VARCHAR" for i in range(width)}}
    shape = "{" + ", ".join(f"{quoted(column)}: {quoted(kind)}" for column, kind in types.items()) + "}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT row, {columns} FROM read_csv("
        f"{quoted(clean)}, header=false, auto_detect=false, delim=',', quote='\"', escape='\"', "
        f"columns={shape}, max_line_size=16777216)"
    )
    clean.unlink()

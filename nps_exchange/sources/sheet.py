"""One sheet of a delivered file, as every reader gives it: numbered rows of cells, nothing interpreted."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nps_exchange.engine import Connection, file, name, parquet, quoted

Row = tuple[int, list[Any]]

HEAD_ROWS = 100
"""How far down a heading row is looked for."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: `rows()` starts afresh and gives (row number counted from 1, cells).

    Cells are text, numbers as the file holds them, or None. `errors` are cells that hold a formula
    error: row, column counted from 0, text. `sql`, where a reader has it, makes a query that gives
    the rows without Python, with a decimal mark: `row`, then `c0`, `c1` ... as text.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    errors: tuple[tuple[int, int, str], ...] = ()
    sql: Callable[[str], str] | None = None

    def head(self) -> list[Row]:
        """The first rows, in which the headings are looked for."""
        return list(islice(self.rows(), HEAD_ROWS))


@dataclass(frozen=True)
class Beyond:
    """A cell that stands to the right of the last heading."""

    row: int
    column: int
    text: str


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


def stage(con: Connection, sheet: Sheet, view: str, width: int, decimal: str, scratch: Path) -> list[Beyond]:
    """Make a view `row, c0 ... c<width-1>` of a sheet, all text, empty cells as empty text.

    What Python has to read goes through a Parquet file in `scratch`, so that memory stays small.
    Returns the cells that lie outside the width.
    """
    columns = ", ".join(f"COALESCE({name(f'c{i}')}, '') AS c{i}" for i in range(width))
    source, beyond = sheet.sql(decimal) if sheet.sql else "", list[Beyond]()
    if not source:
        clean, packed = scratch / f"{view}.csv", scratch / f"{view}.parquet"
        beyond = _write_clean(sheet, clean, width, decimal)
        types = {"row": "BIGINT", **{f"c{i}": "VARCHAR" for i in range(width)}}
        shape = "{" + ", ".join(f"{quoted(column)}: {quoted(kind)}" for column, kind in types.items()) + "}"
        con.execute(
            f"COPY (FROM read_csv({file(clean)}, header=false, auto_detect=false, delim=',', quote='\"', "
            f"escape='\"', columns={shape}, max_line_size=16777216)) TO {quoted(packed)} (FORMAT parquet)"
        )
        clean.unlink()
        source = f"FROM {parquet(packed)}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT row, {columns} FROM ({source})")
    return beyond


def _write_clean(sheet: Sheet, path: Path, width: int, decimal: str) -> list[Beyond]:
    beyond: list[Beyond] = []
    padding = [""] * width
    with path.open("w", encoding="utf-8", newline="") as stream:
        write = csv.writer(stream).writerow
        for number, cells in sheet.rows():
            texts = cells if _is_text(cells) else [text(cell, decimal) for cell in cells]
            if len(texts) > width:
                extra = [Beyond(number, i, cell) for i, cell in enumerate(texts[width:], width) if cell.strip()]
                beyond += extra
                texts = texts[:width]
            write([number, *texts, *padding[len(texts) :]])
    return beyond


def _is_text(cells: list[Any]) -> bool:
    return set(map(type, cells)) <= {str}

"""DuckDB as the tool uses it: in memory, embedded, without network, and with the same answers everywhere."""

from pathlib import Path
from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection

MEMORY = "700MB"
"""What DuckDB may take before it goes to disk: a run of millions of rows stays below 1 GB."""


def connect(scratch: Path | None = None) -> Connection:
    """A fresh in-memory database; what does not fit into memory goes to `scratch`."""
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if scratch is not None:
        settings["temp_directory"] = str(scratch)
    con = duckdb.connect(":memory:", config=settings)
    con.execute("SET enable_progress_bar = false")  # ours says what is being done, on a terminal only
    return con


def quoted(text: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A name as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def file(path: Path) -> str:
    """A file's name as DuckDB's readers take it: a name, not a pattern."""
    return quoted("".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path)))


def parquet(path: Path, more: str = "") -> str:
    """SQL: the rows of one Parquet file; what its folders are called has no meaning."""
    return f"read_parquet({file(path)}, hive_partitioning=false{more})"


def listed(codes: Any) -> str:
    """Texts as an SQL list in parentheses."""
    return "(" + ", ".join(quoted(code) for code in codes) + ")"


def insert(con: Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert a few rows, in pieces small enough to be one statement each."""
    width = len(rows[0]) if rows else 0
    mark = "(" + ", ".join("?" * width) + ")"
    for start in range(0, len(rows), 500):
        piece = rows[start : start + 500]
        values = [value for row in piece for value in row]
        con.execute(f"INSERT INTO {table} VALUES {', '.join([mark] * len(piece))}", values)

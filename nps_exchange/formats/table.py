"""What a file of observations holds, whatever its format: columns, rows of text, and the structure it claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | None
"""A field of a row: text, or None where there is nothing. An empty text is not nothing."""


@dataclass(frozen=True)
class Table:
    """Rows of text under their column names, in the order of the file.

    `rows` may be read once only. `dataflow` is what the rows are said to belong to, as
    `AGENCY:ID(VERSION)`; formats that have no place for it leave it empty. `action` is what the
    receiver is to do with them: I (information), A (append), R (replace), D (delete) or M (merge).
    """

    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]
    dataflow: str = ""
    action: str = "I"

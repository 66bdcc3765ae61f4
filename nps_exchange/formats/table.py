"""What a file of observations holds, whatever its format: columns, rows of text, and the structure it claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nps_exchange.structures import Structure

Cell = str | None
"""A field of a row: text, or None where there is nothing. An empty text is not nothing."""


@dataclass(frozen=True)
class Header:
    """What a message says of itself: its id, whether it is a test, when it was prepared, who sends it to whom.

    `prepared` is a moment as XML Schema writes it (2025-02-20T09:00:00Z); `sender` and `receiver` are the ids of
    organisations, `sender_name` is for people.
    """

    id: str
    test: bool
    prepared: str
    sender: str
    receiver: str = ""
    sender_name: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of text under their column names, in the order of the file.

    `rows` may be read once only. `dataflow` is what the rows are said to belong to, as
    `AGENCY:ID(VERSION)`; formats that have no place for it leave it empty. `action` is what the
    receiver is to do with them: I (information), A (append), R (replace), D (delete) or M (merge).
    `structure` says which columns make the key; formats that tell keys from values cannot do without it.
    """

    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]
    dataflow: str = ""
    action: str = "I"
    structure: Structure | None = None
    header: Header | None = None

"""Wire formats, shared by bodies: each a module with `encode` and `decode`, and its name in FORMATS."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nps_exchange.formats import delimited

Rows = Iterable[Sequence[str]]


@dataclass(frozen=True)
class Format:
    """How rows of text get into a file and out of it again; `decode(encode(d)) == d`."""

    encode: Callable[[Sequence[str], Rows, Path], None]
    decode: Callable[[Path], tuple[list[str], Iterator[list[str]]]]


FORMATS: dict[str, Format] = {
    "delimited": Format(delimited.encode, delimited.decode),
}

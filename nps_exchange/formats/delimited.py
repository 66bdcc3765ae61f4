"""Comma-separated text by RFC 4180: UTF-8, a heading row, CRLF at line ends, quotes where they are needed."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


def encode(columns: Sequence[str], rows: Iterable[Sequence[str]], path: Path) -> None:
    """Write rows of text under their column names."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(rows)


def decode(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The column names of a file, and its rows of text."""
    rows = _rows(path)
    return next(rows, []), rows


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.reader(stream, strict=True)

"""CSV and TSV as they are delivered: gzip, any of four delimiters, UTF-8 or Windows-1252, quoted newlines."""

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.sources.sheet import HEAD_ROWS, Row, Sheet

DELIMITERS = (";", "\t", ",", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def sheets(path: Path) -> list[Sheet]:
    """The one sheet of a text file.

    Raises:
        InputRefused: empty, cut off, not text, or a quote that is never closed; names the row.
    """
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    return [Sheet("", lambda: _rows(path, encoding, delimiter))]


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if zipped else path.open("rb")


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, empty, first = True, True, b""
    try:
        with _open(path) as stream:
            while block := stream.read(1 << 20):
                first = first or block[:4]
                empty = False
                if utf8:
                    utf8 = _decodes(decoder, block)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputRefused(Finding("file-truncated", Place(file=path.name))) from None
    if empty:
        raise InputRefused(Finding("file-empty", Place(file=path.name)))
    for bom, encoding in BOMS:
        if first.startswith(bom):
            return encoding
    return "utf-8" if utf8 else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that gives most rows of the same width; the wider row where two do."""
    with _text(path, encoding) as stream:
        try:
            lines = list(islice(stream, HEAD_ROWS))
        except UnicodeDecodeError:
            raise _not_text(path, _bad_row(path, encoding)) from None
    scores = []
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            continue
        if widths:
            width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
            scores.append((times, width, delimiter))
    return max(scores, key=lambda score: score[:2])[2] if scores else DELIMITERS[0]


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with _text(path, encoding) as stream:
        reader = csv.reader(_without_nul(stream, path), delimiter=delimiter, strict=True)
        start = 1
        try:
            for cells in reader:
                yield start, cells
                start = reader.line_num + 1
        except UnicodeDecodeError:
            raise _not_text(path, _bad_row(path, encoding)) from None
        except csv.Error as error:
            place = Place(file=path.name, row=start)
            raise InputRefused(Finding("row-unreadable", place, {"problem": str(error)})) from None


def _text(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_open(path), encoding=encoding, newline="")


def _without_nul(stream: IO[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        if "\0" in line:
            raise _not_text(path, number)
        yield line


def _bad_row(path: Path, encoding: str) -> int:
    """The row of the first bytes that are no text; text is decoded in blocks, which does not tell."""
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 1


def _not_text(path: Path, row: int) -> InputRefused:
    return InputRefused(Finding("file-not-text", Place(file=path.name, row=row)))

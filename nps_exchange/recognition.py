"""What a file is, before anything in it is trusted: its kind by the first bytes, its table by the heading."""

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nps_exchange.formats import records
from nps_exchange.formats.sdmx_csv import V1, V2, Version
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT
from nps_exchange.px_keywords import keywords

SDMX_CSV: dict[str, Version] = {"sdmx-csv-2.0": V2, "sdmx-csv-1.0": V1}
"""The versions of SDMX-CSV by their format; each is known by the columns of its head, whatever its structure."""

TABULAR = (FLAT, *SDMX_CSV)
"""Formats that have a heading."""

COMMA = ","
SEPARATORS = (COMMA, ";", "\t", "|")
"""What stands between fields: the first is what is sent, the others are what spreadsheet programs also write."""

UTF8, UTF16 = "utf-8", "utf-16"
SIGNATURES = {b"PK\x03\x04": "ZIP", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": "XLS", b"%PDF": "PDF"}
BEGINNINGS = {b"<": "XML", b"{": "JSON", b"[": "JSON"}
PAGES = (b"<!doctype html", b"<html")
BEGINNING = 1024
SDMX_JSON = "SDMX-JSON"
JSON_MARKS = (b"sdmx-json", b'"dataSets"')
"""What stands at the beginning of an SDMX-JSON message: its schema, or its data sets."""

PX = "PX"
STATEMENT = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?:\([^)\n]*\)[ \t]*)?=")
"""What a PX file begins with, whatever it is called: a keyword, perhaps with a language and keys, and what it says."""

LIKENESS = 0.5
"""The share of a layout's columns that a heading must have more of to be taken for it."""


@dataclass(frozen=True)
class Heading:
    """The names in the first row of a text, by the encoding and the separator that make most sense of them.

    `layout` is the one that they are most like, with the share of its columns that is there and two more numbers
    that decide between equals; None where they are like none. `sdmx` is the format where the heading is of
    SDMX-CSV, whatever its structure, else "".
    """

    names: tuple[str, ...]
    encoding: str
    separator: str
    layout: Layout | None
    likeness: tuple[float, int, float]
    sdmx: str


def kind(path: Path) -> str:
    """What a file is by its first bytes: `CSV` (any text), `nothing`, `binary`, or the name of a format.

    Text is `PX` where it begins like a PX file or is called one, in any encoding: what is wrong with it can be told.

    Raises:
        OSError: it cannot be opened.
    """
    with path.open("rb") as stream:
        first = stream.read(BEGINNING)
    text_kind = PX if _called_px(path) else "CSV"
    for signature, name in SIGNATURES.items():
        if first.startswith(signature):
            return _packed(path, name)
    if (encoding := _encoding(first)) != UTF8:
        text16 = first[: len(first) // 2 * 2].decode(encoding, errors="replace").lstrip("\ufeff")
        return "XML" if text16.startswith("<") else text_kind
    if b"\0" in first.partition(b"\n")[0]:  # further on, its row can be told
        return "binary"
    text = first.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text and len(first) < BEGINNING:
        return "nothing"
    if _is_px(text):
        return PX
    kind = "HTML" if text[:14].lower().startswith(PAGES) else BEGINNINGS.get(text[:1], text_kind)
    return SDMX_JSON if kind == "JSON" and any(mark in text for mark in JSON_MARKS) else kind


def ending(kind: str, ending: str) -> str:
    """How the name of a file of this kind should end, or "" where it does: other programs go by the name."""
    if kind == "gzip":
        return "" if ending == ".gz" else ".px.gz" if ending.lower() == ".px" else ".csv.gz"
    if kind == PX:
        return ".px" if ending.lower() in (".csv", ".xlsx", ".xlsm", ".xls") else ""
    if ending.lower() == ".px":
        return f".{kind.rpartition('-')[2].lower()}"
    if kind == "XLSX":
        return "" if ending.lower() in (".xlsx", ".xlsm") else ".xlsx"
    return ".csv" if kind == "CSV" and ending.lower() in (".gz", ".xlsx", ".xlsm", ".xls") else ""


def heading(path: Path, layouts: Sequence[Layout], least: float = LIKENESS) -> Heading:
    """What the first row of a text tells. The separator is the comma, if no other makes more sense of the row."""
    encoding, line = _first_line(path)
    read = [_read(line, encoding, separator, layouts, least) for separator in SEPARATORS]
    return max(read, key=lambda one: (bool(one.sdmx), one.likeness))


def _packed(path: Path, name: str) -> str:
    """What is in an archive: a workbook or anything; packed XML or text. One that is cut off is what its name says."""
    if name == "gzip":
        with suppress(EOFError, zlib.error, gzip.BadGzipFile), gzip.open(path) as stream:
            text = stream.read(BEGINNING).removeprefix(codecs.BOM_UTF8).lstrip()
            if text[:1] == b"<":
                return "XML"
            return PX if path.suffix.lower() == ".gz" and (_is_px(text) or _called_px(path)) else name
    if name != "ZIP":
        return name
    try:
        with zipfile.ZipFile(path) as archive:
            return "XLSX" if any(name.startswith("xl/") for name in archive.namelist()) else "ZIP"
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        return "XLSX" if path.suffix.lower() == ".xlsx" else "ZIP"


def _called_px(path: Path) -> bool:
    return path.name.lower().endswith((".px", ".px.gz"))


def _is_px(text: bytes) -> bool:
    match = STATEMENT.match(text)
    return match is not None and match[1].decode().upper() in keywords()


def _read(line: str, encoding: str, separator: str, layouts: Sequence[Layout], least: float) -> Heading:
    fields = [name.strip().removeprefix('"').removesuffix('"') for name in line.split(separator)]
    names = tuple(name.partition(": ")[0] for name in fields)  # some downloads have `id: name`
    there, alike = set(names), {name.strip().casefold() for name in names}
    best, most = None, (least, 0, 0.0)
    for layout in layouts:
        if layout.format not in TABULAR:
            continue
        wanted = layout.names.union(SDMX_CSV[layout.format].head if layout.format in SDMX_CSV else ())
        known = wanted | {column.name for column in layout.columns}
        share = sum(name.casefold() in alike for name in wanted) / len(wanted)
        likeness = (share, len(wanted & there), len(known & there) / len(there))
        if share > least and likeness > most:
            best, most = layout, likeness
    # The action of 2.0 may be absent, which is told; the others are what the heading is known by.
    sdmx = next((format for format, one in SDMX_CSV.items() if {one.kind or one.which, one.which} <= there), "")
    return Heading(names, encoding, separator, best, most, sdmx)


def _first_line(path: Path) -> tuple[str, str]:
    first = b""
    # What is cut off or damaged further on is told when the records are read.
    with suppress(EOFError, zlib.error, gzip.BadGzipFile), _opened(path) as stream:
        while b"\n" not in first and len(first) < records.BLOCK and (block := stream.read1(records.BLOCK)):
            first += block
    encoding = _encoding(first)
    text = first.decode(encoding, errors="replace").removeprefix("\ufeff")
    return encoding, io.StringIO(text, newline=None).readline().rstrip("\n")


def _opened(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _encoding(first: bytes) -> str:
    """UTF-16 by its mark, or where every second one of the first bytes is nothing; else what it should be."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16
    for name, zeros, others in (
        ("utf-16-le", first[1:16:2], first[0:16:2]),
        ("utf-16-be", first[0:16:2], first[1:16:2]),
    ):
        if zeros and not any(zeros) and all(others):
            return name
    return UTF8

"""Delivered files become the national table: one module a kind of file, one description a delivery."""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection
from nps_exchange.errors import InputRefused, OutputRefused
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.sources import columnar, delimited, jsonstat, national, px, workbook
from nps_exchange.sources.description import Description
from nps_exchange.sources.national import NationalTable
from nps_exchange.sources.recognise import recognise
from nps_exchange.sources.sheet import Sheet
from nps_exchange.sources.tabulate import tabulate

READERS: dict[str, Callable[[Path], list[Sheet]]] = {
    ".csv": delimited.sheets,
    ".tsv": delimited.sheets,
    ".txt": delimited.sheets,
    ".xlsx": workbook.sheets,
    ".xls": workbook.sheets,
    ".ods": workbook.sheets,
    ".parquet": columnar.sheets,
    ".json": jsonstat.sheets,
    ".px": px.sheets,
}
"""The readers by file ending; text files may be gzipped."""


NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
"""What the system says when a file of ours has no room."""


@dataclass(frozen=True)
class Input:
    """A delivered file: where it lies, how it is shown, and its description if `exchange.yaml` names one."""

    path: Path
    shown: str
    description: str = ""


@dataclass(frozen=True)
class Used:
    """A delivered file and the description it was read by."""

    input: Input
    description: Description


def read_national_table(
    con: Connection,
    inputs: Sequence[Input],
    descriptions: list[Description],
    codelists: CodeLists,
    scratch: Path,
    precedence: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[NationalTable, list[Used], list[Finding]]:
    """Read delivered files into one national table.

    Returns the table (grain and columns: see `NationalTable`), the description each file was read
    by, and findings below severity error. `scratch` is a folder for what does not fit in memory.

    Raises:
        InputRefused: with the faults of all files at once, each with file, sheet, row and column.
    """
    national.create(con, codelists)
    used: list[Used] = []
    findings: list[Finding] = []
    position = 0
    for given in inputs:
        progress(given.shown)
        try:
            description, found, position = _read(con, given, position, descriptions, codelists, scratch)
        except InputRefused as refused:
            findings += [finding.at(given.shown) for finding in refused.findings]
            continue
        used.append(Used(given, description))
        findings += found
    _refuse(findings)
    for pattern in precedence:
        if not any(national.fits(given.shown, pattern) for given in inputs):
            findings.append(Finding("precedence-unused", values={"pattern": pattern}))
    table, doubles = national.finish(con, codelists, precedence)
    findings += doubles
    _refuse(findings)
    return table, used, findings


def reader(path: Path) -> Callable[[Path], list[Sheet]]:
    """The reader of a file, by its ending.

    Raises:
        InputRefused: the ending is not known; names those that are.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    ending = (suffixes[:-1] if zipped else suffixes)[-1:] or [".csv" if zipped else ""]
    found = READERS.get(ending[0])
    if found is None or (zipped and found not in (delimited.sheets, px.sheets)):
        values = {"known": ", ".join([*READERS, ".csv.gz", ".px.gz"])}
        raise InputRefused(Finding("file-ending-unknown", Place(file=path.name), values))
    return found


def _read(
    con: Connection,
    given: Input,
    position: int,
    descriptions: list[Description],
    codelists: CodeLists,
    scratch: Path,
) -> tuple[Description, list[Finding], int]:
    read = reader(given.path)
    try:
        sheets = read(given.path)
        description, tables = recognise(given.path, sheets, descriptions, codelists, given.description)
        findings: list[Finding] = []
        for i, table in enumerate(tables):
            findings += tabulate(con, codelists, description, table, given.shown, position + i, scratch)
    except OSError as error:
        problem = error.strerror or str(error)
        if error.errno in NO_SPACE:
            raise OutputRefused(Finding("no-space", values={"problem": problem})) from None
        raise InputRefused(Finding("file-unreadable", Place(file=given.shown), {"problem": problem})) from None
    except duckdb.Error as error:
        if read is not columnar.sheets:  # a fault of ours, not of the file
            raise
        problem = str(error).splitlines()[0].replace(str(given.path), given.shown)
        raise InputRefused(Finding("file-damaged", Place(file=given.shown), {"problem": problem})) from None
    read_sheets = {table.sheet.name for table in tables}
    for sheet in sheets:
        if sheet.name not in read_sheets:
            rule = "sheet-not-read" if description.sheet or not _has_figures(sheet) else "sheet-with-figures-not-read"
            findings.append(Finding(rule, Place(file=given.shown, sheet=sheet.name)))
    return description, findings, position + len(tables)


def _has_figures(sheet: Sheet) -> bool:
    """Whether a sheet holds a row with two numbers: a table, not a text."""
    return any(sum(isinstance(cell, int | float) for cell in cells) > 1 for _, cells in sheet.rows())


def _refuse(findings: list[Finding]) -> None:
    errors = [finding for finding in findings if severity(finding) == "error"]
    if errors:
        raise InputRefused(*errors)

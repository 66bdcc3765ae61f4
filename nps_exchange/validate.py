"""Check a file of observations, ours or not: what it is, its columns, its codes, its keys."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nps_exchange import layouts, recognition, workbook_checks
from nps_exchange.errors import InputRefused
from nps_exchange.formats import FORMATS, records, workbook
from nps_exchange.formats.table import Table
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT, Mapping
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.recognition import COMMA, SDMX_CSV, UTF8, Heading
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure
from nps_exchange.table_checks import check
from nps_exchange.tally import shown

WORKBOOK, TEXT = "workbook", "text"
"""Formats beside those of `FORMATS`: a questionnaire, and text of which no more can be said."""


@dataclass(frozen=True)
class FileReport:
    """What a file is, and all that was found in it.

    `file` is the path as it was given; findings name the file without its folder. `dataset` (or the published
    table, or the dataflow) is empty where it could not be told what the file is.
    """

    file: str
    format: str
    dataset: str
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether it is known what the file is: without that nothing in it can be checked."""
        return bool(self.dataset)

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(severity(finding) == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(severity(finding) == "warning" for finding in self.findings)


@dataclass(frozen=True)
class Known:
    """What files are held against: all layouts, the mappings, and what the user says of the file."""

    resources: Resources
    mappings: list[Mapping]
    layouts: list[Layout]
    dataset: str = ""
    structure: Structure | None = None


def validate(file: str, known: Known) -> FileReport:
    """Check one file. Bad data are findings; nothing is raised for them.

    Raises:
        ConfigurationRefused: a structure message of `schemas/` is at fault.
    """
    path = Path(file)
    try:
        report = _report(path, known)
    except OSError as error:
        problem = {"problem": error.strerror or str(error)}
        report = _unusable(Finding("file-unreadable", values=problem))
    # A name may hold bytes that are no text, and no message could be written with them.
    findings = tuple(finding.at(_text(path.name)) for finding in report.findings)
    return replace(report, file=_text(file), findings=findings)


def validate_as(path: Path, layout: Layout, name: str) -> list[Finding]:
    """Check a file of which the layout is known, as a run does with what it has written; `name` is how it is called.

    Raises:
        InputRefused: it is no file of the layout's format.
    """
    table = FORMATS[layout.format].decode(path)
    return check(table, layout, lambda row, column: Place(file=name, row=row, column=column))


def _text(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _report(path: Path, known: Known) -> FileReport:
    if not path.exists():
        return _unusable(Finding("file-not-found"))
    if not path.is_file():  # a pipe could be read once only, a device without end
        return _unusable(Finding("file-is-none"))
    kind = recognition.kind(path)
    if kind == "nothing":
        return _unusable(Finding("file-empty"))
    if kind == "binary":
        return _unusable(Finding("file-not-text"))
    if ending := recognition.ending(kind, path.suffix):
        return _unusable(Finding("file-misnamed", values={"kind": kind, "ending": ending}))
    if kind == "XLSX":
        return _workbook(path, known)
    if kind in ("CSV", "gzip"):
        return _text_file(path, known)
    return _unusable(Finding("format-not-checked", values={"kind": kind}))


def _unusable(*findings: Finding, format: str = "") -> FileReport:
    return FileReport("", format, "", findings)


def _text_file(path: Path, known: Known) -> FileReport:
    meant = [layout for layout in known.layouts if known.dataset in ("", layout.dataset)]
    heading = recognition.heading(path, meant, least=0 if known.dataset else recognition.LIKENESS)
    layout = heading.layout
    dataset, format = (layout.dataset, layout.format) if layout else ("", TEXT)
    if findings := tuple(_otherwise_written(heading)):
        return FileReport("", format, dataset, findings)
    if heading.sdmx or (layout and layout.format == SDMX_CSV):
        return _sdmx_csv(path, heading, meant, known)
    try:
        if layout is None:
            next(records.read(path), ())  # if even this is broken, that is what must be told
            return _unusable(_unknown(heading.names, known), format=TEXT)
        table = FORMATS[FLAT].decode(path)
    except InputRefused as refused:
        return FileReport("", format, dataset, tuple(refused.findings))
    return _checked(path, table, replace(layout, structure=known.structure or layout.structure))


def _otherwise_written(heading: Heading) -> list[Finding]:
    """What is told instead of reading on, where a known table is not comma-separated UTF-8."""
    found = []
    if heading.encoding != UTF8:
        found.append(Finding("encoding-wide", Place(row=1)))
    if heading.separator != COMMA:
        separator = "TAB" if heading.separator == "\t" else heading.separator
        found.append(Finding("separator-not-comma", Place(row=1), {"separator": separator}))
    return found


def _sdmx_csv(path: Path, heading: Heading, meant: Sequence[Layout], known: Known) -> FileReport:
    sdmx = [layout for layout in meant if layout.format == SDMX_CSV]
    if not sdmx and known.dataset:
        return _unusable(_unknown(heading.names, known), format=SDMX_CSV)
    guess = heading.layout if heading.layout in sdmx else None
    try:
        table = FORMATS[SDMX_CSV].decode(path)
    except InputRefused as refused:
        return FileReport("", SDMX_CSV, guess.dataset if guess else "", tuple(refused.findings))
    layout = _of_dataflow(table, sdmx, guess, known)
    if layout is None:
        values = {
            "dataflow": shown(table.dataflow),
            "known": ", ".join(layouts.like_dataflows(known.resources, shown(table.dataflow))),
        }
        place = Place(row=2, column="STRUCTURE_ID")
        return _unusable(Finding("dataflow-unknown", place, values), format=SDMX_CSV)
    return _checked(path, table, layout)


def _of_dataflow(table: Table, sdmx: Sequence[Layout], guess: Layout | None, known: Known) -> Layout | None:
    """The layout of a file that names its dataflow: what the user says goes before what we know."""
    ours = next((one for one in sdmx if one.dataflow == table.dataflow), None)
    if known.dataset:
        ours = ours or guess or sdmx[0]
        return replace(ours, structure=known.structure or ours.structure)
    if not table.dataflow:  # a heading without rows
        ours = guess
    structure = known.structure or (ours.structure if ours else None)
    if structure is None:
        return layouts.of_dataflow(known.resources, table.dataflow, SDMX_CSV)
    # Of the same flow, but not necessarily by us: every attribute of the structure may be there.
    dataflow = ours.dataflow if ours else table.dataflow
    return layouts.of_structure(structure, ours.dataset if ours else dataflow or structure.id, dataflow, SDMX_CSV)


def _checked(path: Path, table: Table, layout: Layout) -> FileReport:
    found = check(table, layout, lambda row, column: Place(file=path.name, row=row, column=column))
    return FileReport("", layout.format, layout.dataset, tuple(found))


def _workbook(path: Path, known: Known) -> FileReport:
    try:
        reading = workbook.decode(path)
    except InputRefused as refused:
        return FileReport("", WORKBOOK, workbook.is_ours(path), tuple(refused.findings))
    mapping = next((one for one in known.mappings if one.dataset == reading.dataset), None)
    if mapping is None or mapping.workbook is None or known.dataset not in ("", mapping.dataset):
        return _unusable(_unknown((reading.dataset,), known), format=WORKBOOK)
    found = workbook_checks.check(reading, mapping, mapping.workbook, known.structure)
    return FileReport("", WORKBOOK, mapping.dataset, tuple(found))


def _unknown(said: Sequence[str], known: Known) -> Finding:
    """A file of which nobody can say what it is, or that is not what it is said to be."""
    if known.dataset:
        return Finding("file-not-of-dataset", values={"dataset": known.dataset})
    tables = ", ".join(sorted({layout.dataset for layout in known.layouts}))
    return Finding("file-not-recognised", Place(row=1), {"heading": shown(", ".join(said)), "known": tables})

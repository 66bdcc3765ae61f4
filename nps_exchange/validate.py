"""Check a file of observations, ours or not: what it is, its columns, its codes, its keys."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nps_exchange import layouts, px_checks, px_contents, recognition, sdmx_messages, struval, workbook_checks
from nps_exchange.errors import InputRefused
from nps_exchange.file_report import FileReport, Known, unknown, unusable
from nps_exchange.formats import FORMATS, px, records, workbook
from nps_exchange.formats.table import Table
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT
from nps_exchange.model import Finding, Place
from nps_exchange.px_keywords import keywords
from nps_exchange.recognition import COMMA, SDMX_CSV, UTF8, Heading
from nps_exchange.structures import Structure
from nps_exchange.table_checks import check
from nps_exchange.tally import shown

WORKBOOK, PX, TEXT, SDMX_JSON = "workbook", "px", "text", "sdmx-json"
"""Formats beside those of `FORMATS`: a questionnaire, a PX table, and text of which no more can be said."""

"""The keyword with the name of a PX table."""


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
        report = unusable(Finding("file-unreadable", values=problem))
    # A name may hold bytes that are no text, and no message could be written with them.
    findings = tuple(finding.at(_text(path.name)) for finding in report.findings)
    return replace(report, file=_text(file), findings=findings)


def validate_as(path: Path, layout: Layout, name: str) -> list[Finding]:
    """Check a file of which the layout is known, as a run does with what it has written; `name` is how it is called.

    Raises:
        InputRefused: it is no file of the layout's format.
    """
    if layout.format == sdmx_messages.DATA:
        return sdmx_messages.check(path, layout, name)
    table = FORMATS[layout.format].decode(path, layout.structure)
    return check(table, layout, lambda row, column: Place(file=name, row=row, column=column))


def _text(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _report(path: Path, known: Known) -> FileReport:
    if not path.exists():
        return unusable(Finding("file-not-found"))
    if not path.is_file():  # a pipe could be read once only, a device without end
        return unusable(Finding("file-is-none"))
    kind = recognition.kind(path)
    if kind == "nothing":
        return unusable(Finding("file-empty"))
    if kind == "binary":
        return unusable(Finding("file-not-text"))
    if ending := recognition.ending(kind, path.suffix):
        return unusable(Finding("file-misnamed", values={"kind": kind, "ending": ending}))
    if kind == "XLSX":
        return _workbook(path, known)
    if kind == "XML":
        return sdmx_messages.report(path, known)
    if kind == recognition.PX:
        return _px(path, known)
    if kind in ("CSV", "gzip"):
        return _text_file(path, known)
    format = SDMX_JSON if kind == recognition.SDMX_JSON else ""
    return unusable(Finding("format-not-checked", values={"kind": kind}), format=format)


def _text_file(path: Path, known: Known) -> FileReport:
    meant = [layout for layout in known.layouts if known.dataset in ("", layout.dataset)]
    heading = recognition.heading(path, meant, least=0 if known.dataset else recognition.LIKENESS)
    layout = heading.layout
    dataset, format = (layout.dataset, layout.format) if layout else ("", TEXT)
    if findings := tuple(_otherwise_written(heading)):
        return FileReport("", format, dataset, findings)
    if heading.sdmx or (layout and layout.format in SDMX_CSV):
        return _sdmx_csv(path, heading, meant, known)
    try:
        if layout is None:
            next(records.read(path), ())  # if even this is broken, that is what must be told
            return unusable(unknown(heading.names, known), format=TEXT)
        table = FORMATS[FLAT].decode(path)
    except InputRefused as refused:
        return FileReport("", format, dataset, tuple(refused.findings))
    return _checked(path, table, replace(layout, structure=known.structure or layout.structure), known)


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
    guess = heading.layout if heading.layout and heading.layout.format in SDMX_CSV else None
    format = heading.sdmx or (guess.format if guess else "")
    sdmx = [layout for layout in meant if layout.format == format]
    if not sdmx and known.dataset:
        return unusable(unknown(heading.names, known), format=format)
    guess = guess if guess in sdmx else None
    try:
        table = FORMATS[format].decode(path)
    except InputRefused as refused:
        found = struval.marked(refused.findings, known.struval, guess.structure if guess else None, format)
        return FileReport("", format, guess.dataset if guess else "", tuple(found))
    layout = _of_dataflow(table, sdmx, guess, known, format)
    if layout is None:
        values = {
            "dataflow": shown(table.dataflow),
            "known": ", ".join(layouts.like_dataflows(known.resources, shown(table.dataflow))),
        }
        place = Place(row=2, column=SDMX_CSV[format].which)
        return unusable(Finding("dataflow-unknown", place, values), format=format)
    return _checked(path, table, layout, known)


def _of_dataflow(
    table: Table, sdmx: Sequence[Layout], guess: Layout | None, known: Known, format: str
) -> Layout | None:
    """The layout of a file that names its dataflow: what the user says goes before what we know."""
    ours = next((one for one in sdmx if one.dataflow == table.dataflow), None)
    if known.dataset:
        ours = ours or guess or sdmx[0]
        return replace(ours, structure=known.structure or ours.structure)
    if not table.dataflow:  # a heading without rows
        ours = guess
    if ours and ours.flags:  # a published table with flags of another time
        return replace(ours, structure=known.structure or ours.structure)
    structure = known.structure or (ours.structure if ours else None)
    if structure is None:
        return layouts.of_dataflow(known.resources, table.dataflow, format)
    if known.structure and not _is_of(table.dataflow, ours, structure):
        return layouts.of_structure(structure, structure.id, next(iter(structure.dataflows)), format)
    # Of the same flow, but not necessarily by us: every attribute of the structure may be there.
    dataflow = ours.dataflow if ours else table.dataflow
    return layouts.of_structure(structure, ours.dataset if ours else dataflow or structure.id, dataflow, format)


def _is_of(dataflow: str, ours: Layout | None, structure: Structure) -> bool:
    """Whether a dataflow may be one of a structure: it names it, names no other, or is by what we know of it."""
    if not structure.dataflows or dataflow in (structure.id, *structure.dataflows):
        return True
    known = ours.structure.id if ours and ours.structure else ""
    return known.partition("(")[0] == structure.id.partition("(")[0]  # its version may be another


def _checked(path: Path, table: Table, layout: Layout, known: Known) -> FileReport:
    found = check(table, layout, lambda row, column: Place(file=path.name, row=row, column=column))
    if layout.format in SDMX_CSV:
        found = struval.marked(found, known.struval, layout.structure, layout.format)
    return FileReport("", layout.format, layout.dataset, tuple(found))


def _workbook(path: Path, known: Known) -> FileReport:
    try:
        reading = workbook.decode(path)
    except InputRefused as refused:
        return FileReport("", WORKBOOK, workbook.is_ours(path), tuple(refused.findings))
    mapping = next((one for one in known.mappings if one.dataset == reading.dataset), None)
    if mapping is None or mapping.workbook is None or known.dataset not in ("", mapping.dataset):
        return unusable(unknown((reading.dataset,), known), format=WORKBOOK)
    found = workbook_checks.check(reading, mapping, mapping.workbook, known.structure)
    return FileReport("", WORKBOOK, mapping.dataset, tuple(found))


def _px(path: Path, known: Known) -> FileReport:
    try:
        reading = px.read(path)
    except InputRefused as refused:
        return unusable(*refused.findings, format=PX)
    if not any(one.keyword in keywords() for one in reading.statements):
        return unusable(Finding("px-not-px"), format=PX)
    described = [mapping for mapping in known.mappings if mapping.px]
    if known.dataset:
        mapping = next((one for one in described if one.dataset == known.dataset), None)
    else:
        mapping = next((one for one in described if px_contents.describes(one, reading.statements)), None)
    if mapping:
        return FileReport("", PX, mapping.dataset, tuple(px_contents.validate(reading, mapping, known.structure)))
    if known.dataset:
        return unusable(Finding("file-not-of-dataset", values={"dataset": known.dataset}), format=PX)
    found = px_checks.check(reading)
    if known.structure:
        found.append(Finding("px-structure-not-held"))
    named = px_contents.matrix(reading.statements)
    return FileReport("", PX, shown(named) or PX, tuple(found))

"""Check a file of observations, ours or not: what it is, its columns, its codes, its keys."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nps_exchange import layouts
from nps_exchange.errors import InputRefused
from nps_exchange.formats import FORMATS, records, workbook
from nps_exchange.formats.table import Table
from nps_exchange.layouts import FLAT, Layout
from nps_exchange.mapping import Column, Mapping
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure
from nps_exchange.table_checks import check

SDMX_CSV = "sdmx-csv-2.0"
WORKBOOK = "workbook"
LIKENESS = 0.5
"""The share of a layout's columns that a heading must have to be taken for it."""


@dataclass(frozen=True)
class FileReport:
    """What a file is, and all that was found in it; `usable` is false where it could not be checked at all."""

    file: str
    format: str
    dataset: str
    findings: tuple[Finding, ...]
    usable: bool = True

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


def validate(path: Path, known: Known) -> FileReport:
    """Check one file. Bad data are findings; nothing is raised for them."""
    try:
        return _validated(path, known)
    except InputRefused as refused:
        return FileReport(path.name, "", "", tuple(refused.findings))
    except OSError as error:
        problem = {"problem": error.strerror or str(error)}
        return FileReport(path.name, "", "", (Finding("file-unusable", Place(file=path.name), problem),), usable=False)


def validate_as(path: Path, layout: Layout, shown: str) -> list[Finding]:
    """Check a file of which the layout is known, as a run does with what it has written."""
    table = FORMATS[layout.format].decode(path)
    return check(table, layout, shown)


def _validated(path: Path, known: Known) -> FileReport:
    kind = _kind(path)
    if kind == WORKBOOK:
        return _workbook(path, known)
    if kind != "text":
        return _unknown(path, known, kind)
    heading = [name or "" for name in next(records.read(path), ())]
    if "STRUCTURE" in heading and "STRUCTURE_ID" in heading:
        return _sdmx_csv(path, known)
    return _flat(path, heading, known)


def _kind(path: Path) -> str:
    """What a file is by its first bytes: an archive, XML, or text."""
    with path.open("rb") as stream:
        first = stream.read(64)
    if first.startswith(b"PK\x03\x04"):
        return WORKBOOK
    if first.startswith(b"\x1f\x8b"):
        return "text"
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")) or b"\0" in first:
        return "other"
    return "text"


def _sdmx_csv(path: Path, known: Known) -> FileReport:
    table = FORMATS[SDMX_CSV].decode(path)
    layout = _of_dataflow(table, known)
    if layout is None:
        values = {"dataflow": table.dataflow}
        finding = Finding("dataflow-unknown", Place(file=path.name, row=2, column="STRUCTURE_ID"), values)
        return FileReport(path.name, SDMX_CSV, table.dataflow, (finding,), usable=False)
    return FileReport(path.name, SDMX_CSV, layout.dataset, tuple(check(table, layout, path.name)))


def _of_dataflow(table: Table, known: Known) -> Layout | None:
    """The layout of a file that names its dataflow: what the user says goes before what we know."""
    if known.structure:
        return layouts.of_structure(known.structure, table.dataflow or known.structure.id, SDMX_CSV)
    ours = [one for one in known.layouts if one.format == SDMX_CSV]
    if known.dataset:
        return next((one for one in ours if one.dataset == known.dataset), None)
    for one in ours:
        if one.dataflow == table.dataflow and one.structure:
            # Of the same flow, but not necessarily by us: every attribute of the structure may be there.
            whole = layouts.of_structure(one.structure, one.dataset, SDMX_CSV)
            return replace(whole, dataflow=one.dataflow)
    return layouts.of_dataflow(known.resources, table.dataflow, SDMX_CSV)


def _flat(path: Path, heading: Sequence[str], known: Known) -> FileReport:
    """A table that does not say what it is: the layout whose columns its heading has, or most of them."""
    flat = [layout for layout in known.layouts if layout.format == FLAT]
    if known.dataset:
        flat = [layout for layout in flat if layout.dataset == known.dataset]
    there = set(heading)

    def likeness(layout: Layout) -> tuple[float, float]:
        shared = len(layout.names & there)
        return shared / len(layout.names), shared / max(len(there), 1)

    layout = max(flat, key=likeness, default=None)
    if layout is None or (not known.dataset and likeness(layout)[0] <= LIKENESS):
        return _unknown(path, known, "text")
    return FileReport(path.name, FLAT, layout.dataset, tuple(check(FORMATS[FLAT].decode(path), layout, path.name)))


def _workbook(path: Path, known: Known) -> FileReport:
    """A questionnaire workbook of ours: its figures are checked as those of the dataset's first file."""
    reading = workbook.decode(path)
    mapping = next((one for one in known.mappings if one.dataset == reading.dataset and one.workbook), None)
    if mapping is None or mapping.workbook is None:
        return _unknown(path, known, WORKBOOK)
    file = mapping.files[0]
    lines, blocks = mapping.workbook.lines, mapping.workbook.blocks
    flags = file.flags[:1]
    columns = [Column(lines, "code", "", {}), Column(blocks, "code", "", {})]
    columns += [Column("year", "year", "", {}), Column("value", "value", "", {})]
    columns += flags
    asked = mapping.asked if set(mapping.asked.columns) <= {lines, blocks} else None
    layout = Layout(mapping.dataset, FLAT, tuple(columns), "", file.structure, asked)
    names = tuple(column.name for column in columns)
    rows = [
        (*one.codes, str(one.year), one.figure.value, *([one.figure.flags or None] if flags else []))
        for one in reading.figures
    ]
    places = [one.place for one in reading.figures]
    return FileReport(path.name, WORKBOOK, mapping.dataset, tuple(check(Table(names, rows), layout, path.name, places)))


def _unknown(path: Path, known: Known, kind: str) -> FileReport:
    """A file of which nobody can say what it is."""
    if known.dataset:
        finding = Finding("file-not-of-dataset", Place(file=path.name), {"dataset": known.dataset})
    else:
        tables = ", ".join(sorted({layout.dataset for layout in known.layouts}))
        finding = Finding("file-not-recognised", Place(file=path.name), {"known": tables})
    return FileReport(path.name, "" if kind == "other" else kind, "", (finding,), usable=False)

"""The layout of a questionnaire workbook, held against the columns of the dataset and what the body asks for.

The workbook is checked to show every figure, so a layout without a place for one would stop the run.
"""

from collections.abc import Iterator

from nps_exchange.documents import Document
from nps_exchange.mapping import Mapping
from nps_exchange.model import Finding
from nps_exchange.presentations import Workbook, WorkbookCheck

RESERVED_NAME = "history"
"""The name of a sheet that Excel keeps for itself."""


def faults(document: Document) -> Iterator[Finding]:
    """What the mapping file alone shows: columns that are none, names of sheets."""
    workbook = document.data.get("workbook")
    if workbook is None:
        return
    lines, blocks = workbook["lines"], workbook["blocks"]
    if "files" in document.data:
        file = document.data["files"][0]
        coded = [column["name"] for column in file["columns"] if column["is"] == "code"]
        for part in ("lines", "blocks"):
            if workbook[part] not in coded:
                yield document.fault(f"{workbook[part]} is not a coded column of {file['file']}", "workbook", part)
        for column in workbook.get("facts", {}):
            if column not in coded or column in (lines, blocks):
                problem = f"{column} is not a coded column of {file['file']} beside lines and blocks"
                yield document.fault(problem, "workbook", "facts", column)
    if lines == blocks:
        yield document.fault("lines and blocks are of different columns", "workbook", "blocks")
    names = [sheet["name"].casefold() for sheet in workbook["sheets"]]
    names += [name.casefold() for name in workbook["pages"].values()]
    if len(set(names)) < len(names):
        yield document.fault("two sheets have the same name", "workbook", "sheets")
    if RESERVED_NAME in names:
        yield document.fault(f"Excel takes no sheet of the name {RESERVED_NAME}", "workbook", "sheets")


def against_asked(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Cells without a place, or with two; groups and checks of what is not asked for."""
    layout = mapping.workbook
    if layout is None:
        return
    if set(mapping.asked.columns) != {layout.lines, layout.blocks}:
        problem = f"lines and blocks must be the columns of {mapping.asked.file}: {', '.join(mapping.asked.columns)}"
        yield document.fault(problem, "workbook", "lines")
        return
    yield from _other_columns(mapping, layout, document)
    yield from _groups(mapping, layout, document)
    for i, check in enumerate(layout.checks):
        yield from (document.fault(problem, "workbook", "checks", i) for problem in _check(mapping, layout, check))


def _other_columns(mapping: Mapping, layout: Workbook, document: Document) -> Iterator[Finding]:
    """Coded columns beside lines and blocks: the workbook has room for one code of each, on its front sheet."""
    for column in (code for code in mapping.files[0].codes if code not in (layout.lines, layout.blocks)):
        recoded = any(recode.column == column for series in mapping.series for recode in series.recodes)
        rows = [{**series.fix, **row.theirs} for series in mapping.series for row in series.rows]
        sets = [derivation.sets for series in mapping.series for derivation in series.derive]
        codes = {codes[column] for codes in (*rows, *sets) if column in codes}
        if recoded or len(codes) > 1:
            yield document.fault(f"it has no place for the codes of {column}, which differ", "workbook", "lines")


def _groups(mapping: Mapping, layout: Workbook, document: Document) -> Iterator[Finding]:
    asked = dict.fromkeys(about["group"] for about in mapping.asked.keys.values())
    shown: set[str] = set()
    for i, sheet in enumerate(layout.sheets):
        for group in sheet.groups:
            if group not in asked:
                problem = f"{mapping.asked.file} has no group {group!r}"
                yield document.fault(problem, "workbook", "sheets", i, "groups")
            elif group in shown:
                yield document.fault(f"the group {group!r} stands twice", "workbook", "sheets", i, "groups")
            shown.add(group)
    for group in asked:
        if group not in shown:
            yield document.fault(f"the group {group!r} of {mapping.asked.file} is on no sheet", "workbook", "sheets")


def _check(mapping: Mapping, layout: Workbook, check: WorkbookCheck) -> Iterator[str]:
    """A total and its parts stand in one block of one sheet."""
    asked = mapping.asked
    line, block = asked.columns.index(layout.lines), asked.columns.index(layout.blocks)
    groups = {key[line]: about["group"] for key, about in asked.keys.items() if key[block] == check.block}
    sheets = {group: sheet.name for sheet in layout.sheets for group in sheet.groups}
    for code in (check.total, *check.parts):
        if code not in groups:
            yield f"{code} in {check.block} is not asked for by {asked.file}"
        elif check.total in groups and sheets.get(groups[code]) != sheets.get(groups[check.total]):
            yield f"{code} stands on another sheet than {check.total}"
    if check.total in check.parts:
        yield f"{check.total} is the total and a part of it"

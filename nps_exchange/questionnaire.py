"""A dataset laid out as a questionnaire workbook: which line, block and sheet each figure stands in."""

from decimal import Decimal
from typing import Any

from nps_exchange import coverage, messages
from nps_exchange.cells import target
from nps_exchange.exchange import Exchange
from nps_exchange.formats.workbook import WORDS, Block, Book, Check, Figure, Line, Page, Sheet
from nps_exchange.mapping import File
from nps_exchange.methods import PARTS, Methods
from nps_exchange.model import Finding
from nps_exchange.presentations import Workbook, WorkbookSheet
from nps_exchange.translate import Dataset

LANGUAGE = "en"
"""Bodies read English; what the workbook itself says is taken from `schemas/words.yaml` in this language."""

Figures = dict[tuple[str, str], dict[int, Figure]]
Entries = list[dict[str, Any]]
Notes = dict[tuple[Any, ...], str]
"""By line, block and year."""

Withheld = dict[tuple[str, str], list[tuple[int, int, str]]]
"""By line and block: from which year to which nothing is sent, and why."""


def book(dataset: Dataset, methods: Methods | None, exchange: Exchange, found: list[Finding], test: bool) -> Book:
    """The workbook of a dataset whose mapping has a layout.

    Its figures are those of the first file; `found` are the findings of the translation, which say why
    cells stay empty.
    """
    mapping = dataset.mapping
    layout, file = mapping.workbook, mapping.files[0]
    assert layout is not None
    words = messages.words(LANGUAGE)
    notes: Notes = dataset.notes((layout.lines, layout.blocks))
    figures = _figures(dataset, layout, file, notes)
    entries = coverage.table(dataset, found)
    pages = [_not_reported(layout, entries, _withheld(dataset, layout, found, notes), words)]
    if methods:
        pages.append(_methods(layout, methods, words))
    return Book(
        title=layout.title,
        dataset=mapping.dataset,
        codes=(layout.lines, layout.blocks),
        words={word: words[f"workbook_{word}"] for word in WORDS} | {"contents": layout.pages["contents"]},
        facts=_facts(dataset, layout, file, exchange, words),
        legend=_legend(file),
        years=tuple(dataset.years()),
        sheets=tuple(_sheet(sheet, layout, file, entries, figures, words) for sheet in layout.sheets),
        pages=tuple(pages),
        prepared=exchange.prepared,
        test=words["test_data"] if test else "",
    )


def _figures(dataset: Dataset, layout: Workbook, file: File, notes: Notes) -> Figures:
    """Every figure as the first file has it, with its notes, by line and block, and year."""
    columns = [column.name for column in file.columns]
    line, block, year, value = map(
        columns.index, (layout.lines, layout.blocks, file.named("year"), file.named("value"))
    )
    flags = file.named("obs_status")
    found: Figures = {}
    for row in dataset.rows(file):
        key, when = (row[line] or "", row[block] or ""), int(row[year] or 0)
        shown = (row[columns.index(flags)] or "") if flags else ""
        found.setdefault(key, {})[when] = Figure(row[value] or "", shown, notes.get((*key, when), ""))
    return found


def _facts(
    dataset: Dataset, layout: Workbook, file: File, exchange: Exchange, words: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    """What the front sheet says: the codes that are the same everywhere, who, when, and from what."""
    fixed = [column for column in file.codes if column not in (layout.lines, layout.blocks)]
    columns = ", ".join(f"string_agg(DISTINCT {target(column)}, ', ')" for column in fixed)
    codes = dataset.con.execute(f"SELECT {columns} FROM {dataset.table}").fetchone() if fixed else ()
    facts = [
        (layout.facts.get(column, column), _label(file, column, str(code)))
        for column, code in zip(fixed, codes or (), strict=True)
    ]
    facts += [(words.get(f"contact_{name}", name), value) for name, value in exchange.contacts]
    facts.append((words["workbook_year"], str(exchange.year)))
    facts.append((words["prepared"], exchange.prepared))
    facts.append((words["dataset"], dataset.mapping.dataset))
    return tuple(facts)


def _label(file: File, column: str, code: str) -> str:
    """A code with its name in the structure, if it has one there."""
    codes = file.structure.codes_of(column) if file.structure else None
    known = codes.codes.get(code) if codes else None
    return f"{known.name} ({code})" if known and known.name != code else code


def _legend(file: File) -> tuple[tuple[str, str], ...]:
    """The flags that the structure knows, and what they mean."""
    codes = file.codes_of(file.flags[0]) if file.flags else None
    return tuple((code, known.name) for code, known in codes.codes.items()) if codes else ()


def _sheet(
    sheet: WorkbookSheet, layout: Workbook, file: File, entries: Entries, figures: Figures, words: dict[str, str]
) -> Sheet:
    """The blocks of the groups of one sheet, in the order in which they are asked for."""
    mine = [entry for entry in entries if entry["group"] in sheet.groups]
    blocks = []
    for code in dict.fromkeys(entry["key"][layout.blocks] for entry in mine):
        asked = [entry for entry in mine if entry["key"][layout.blocks] == code]
        names = [entry["key"][layout.lines] for entry in asked]
        reported = [bool(figures.get((name, code))) for name in names]
        lines = tuple(
            Line(
                codes=(name, code),
                label=entry["label"],
                figures=figures.get((name, code), {}),
                checks=_checks(layout, code, name, names, reported, words),
                remark="" if there else words["workbook_not_reported"],
            )
            for entry, name, there in zip(asked, names, reported, strict=True)
        )
        blocks.append(Block(_label(file, layout.blocks, code), lines, _decimals(lines)))
    return Sheet(sheet.name, sheet.title, tuple(blocks))


def _checks(
    layout: Workbook, block: str, total: str, names: list[str], reported: list[bool], words: dict[str, str]
) -> tuple[Check, ...]:
    """The checks of a total, where all of its parts are reported."""
    found = []
    for check in layout.checks:
        if (check.block, check.total) == (block, total) and total in names and reported[names.index(total)]:
            parts = tuple(names.index(part) for part in check.parts)
            if all(reported[part] for part in parts):
                found.append(Check(words["workbook_difference"].format(parts=check.label), parts))
    return tuple(found)


def _decimals(lines: tuple[Line, ...]) -> int:
    """The most decimals that a figure of the block has."""
    values = [figure.value for line in lines for figure in line.figures.values() if figure.value]
    exponents = [Decimal(value).as_tuple().exponent for value in values]
    return max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)


def _withheld(dataset: Dataset, layout: Workbook, found: list[Finding], notes: Notes) -> Withheld:
    """The single years of which a cell is not sent, with the reason and what was noted beside the figure."""
    columns = dataset.mapping.asked.columns
    gathered: Withheld = {}
    for finding in found:
        if finding.rule not in coverage.WHY_NOT or finding.values.get("dataset") != dataset.mapping.dataset:
            continue
        codes = dict(zip(columns, finding.values["codes"], strict=True))
        key = (codes[layout.lines], codes[layout.blocks])
        spans = gathered.setdefault(key, [])
        for year in sorted({example["year"] for example in finding.examples}):
            note = notes.get((*key, year))
            why = messages.text(finding, LANGUAGE) + (f" {note}" if note else "")
            if spans and spans[-1][1:] == (year - 1, why):
                spans[-1] = (spans[-1][0], year, why)
            else:
                spans.append((year, year, why))
    return gathered


def _not_reported(layout: Workbook, entries: Entries, withheld: Withheld, words: dict[str, str]) -> Page:
    """Everything that is asked for and not sent, in all years or in some, and why."""
    rows = []
    for entry in entries:
        line, block = entry["key"][layout.lines], entry["key"][layout.blocks]
        if entry["state"] != coverage.REPORTED:
            reason = entry["reason"][LANGUAGE] if entry["reason"] else words["workbook_not_delivered"]
            rows.append((line, entry["label"], block, words["workbook_all_years"], reason))
        else:
            for first, last, why in withheld.get((line, block), []):
                years = str(first) if first == last else f"{first}-{last}"
                rows.append((line, entry["label"], block, years, why))
    columns = (layout.lines, words["workbook_variable"], layout.blocks, words["years"], words["reason"])
    return Page(layout.pages["not_reported"], words["not_reported"], columns, tuple(rows), (12, 45, 12, 12, 80))


def _methods(layout: Workbook, methods: Methods, words: dict[str, str]) -> Page:
    """Sources and methods, entry by entry."""
    rows = [(title, "", text) for title, text in methods.general.items()]
    for entry in methods.entries:
        rows += [
            (entry.title if part == PARTS[0] else "", words[f"methods_{part}"], entry.text(part)) for part in PARTS
        ]
    columns = (words["workbook_variables"], "", words["workbook_text"])
    return Page(layout.pages["methods"], layout.pages["methods"], columns, tuple(rows), (40, 20, 100))

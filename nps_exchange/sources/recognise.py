"""Find the description of a delivered file by its headings and its name; never guess between two."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nps_exchange.codelists import CodeLists, normalised
from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.sources.description import Description
from nps_exchange.sources.sheet import Row, Sheet, text


@dataclass(frozen=True)
class Table:
    """A table found in a sheet: where its headings stand, and what they are (normalised)."""

    sheet: Sheet
    header_row: int
    headings: tuple[str, ...]
    shown: tuple[str, ...]


def recognise(
    path: Path, sheets: list[Sheet], descriptions: list[Description], codelists: CodeLists, named: str = ""
) -> tuple[Description, list[Table]]:
    """The description that fits a file, and the tables it finds in it.

    `named` is the description that `exchange.yaml` names for the file, if any. A name that fits a
    description binds the file to it: then its headings must fit too. Without such a name the headings
    decide, and those that leave no column unexplained go first.

    Raises:
        InputRefused: no description fits (says what is missing from the nearest), or several do.
    """
    if named:
        descriptions = [description for description in descriptions if description.id == named]
        if not descriptions:
            raise InputRefused(Finding("description-unknown", Place(file=path.name), {"description": named}))
    heads = [(sheet, sheet.head()) for sheet in sheets]
    if not any(cell is not None and str(cell).strip() for s in sheets for _, cells in s.rows() for cell in cells):
        raise InputRefused(Finding("file-empty", Place(file=path.name)))
    by_name = [description for description in descriptions if _name_fits(description, path.name)]
    candidates = by_name or descriptions
    fitting = {d.id: (d, tables) for d in candidates if (tables := _tables(d, heads, codelists))}
    whole = [name for name, (d, tables) in fitting.items() if not any(_unexplained(d, t, codelists) for t in tables)]
    best = whole or list(fitting)
    if len(best) == 1:
        return fitting[best[0]]
    if best:
        values = {"candidates": ", ".join(sorted(best))}
        raise InputRefused(Finding("description-ambiguous", Place(file=path.name), values))
    raise InputRefused(_why_none(path, heads, candidates, codelists))


def _name_fits(description: Description, file_name: str) -> bool:
    name = normalised(file_name)
    return any(fnmatch.fnmatchcase(name, normalised(pattern)) for pattern in description.patterns)


def _tables(description: Description, heads: list[tuple[Sheet, list[Row]]], codelists: CodeLists) -> list[Table]:
    found = []
    for sheet, rows in heads:
        if description.sheet and normalised(sheet.name) != normalised(description.sheet):
            continue
        for number, cells in rows:
            table = _table(sheet, number, cells)
            if not _missing(description, table, codelists) and description.header in (None, number):
                found.append(table)
                break
    return found


def _table(sheet: Sheet, number: int, cells: list[Any]) -> Table:
    shown = tuple(text(cell, ",").strip() for cell in cells)
    return Table(sheet, number, tuple(normalised(heading) for heading in shown), shown)


def _missing(description: Description, table: Table, codelists: CodeLists) -> list[str]:
    """What a row of headings lacks, as the description writes it."""
    headings = set(table.headings)
    lacking = [column.shown[0] for column in description.required if not set(column.headings) & headings]
    pairs = zip(table.headings, table.shown, strict=True)
    if not any(description.says(heading, shown, codelists) for heading, shown in pairs):
        if description.across_headings:
            lacking.append(next(iter(description.across_headings)))
        elif description.across:
            lacking.append(f"({description.across})")
    return lacking


def _unexplained(description: Description, table: Table, codelists: CodeLists) -> bool:
    """Whether the table has a heading that the description does not speak of."""
    return any(
        heading and description.column(heading) is None and not description.says(heading, shown, codelists)
        for heading, shown in zip(table.headings, table.shown, strict=True)
    )


def _why_none(
    path: Path, heads: list[tuple[Sheet, list[Row]]], candidates: list[Description], codelists: CodeLists
) -> Finding:
    """Say what the most nearly fitting description misses, and in which row it was nearest."""
    absent = _absent_sheet(path, heads, candidates)
    if absent:
        return absent
    nearest: tuple[float, Description, Table, list[str]] | None = None
    for description in candidates:
        for sheet, rows in heads:
            for number, cells in rows:
                table = _table(sheet, number, cells)
                lacking = _missing(description, table, codelists)
                wanted = len(description.required) + bool(description.across or description.across_headings)
                share = (wanted - len(lacking)) / wanted
                if lacking and (nearest is None or share > nearest[0]):
                    nearest = (share, description, table, lacking)
    if nearest is None or nearest[0] == 0:
        known = ", ".join(sorted(description.id for description in candidates))
        return Finding("description-none", Place(file=path.name), {"known": known})
    _, description, table, lacking = nearest
    return Finding(
        "column-missing",
        Place(file=path.name, sheet=table.sheet.name, row=table.header_row, key=description.id),
        {
            "missing": ", ".join(lacking),
            "found": ", ".join(filter(None, table.shown)),
            "description": description.file,
        },
    )


def _absent_sheet(path: Path, heads: list[tuple[Sheet, list[Row]]], candidates: list[Description]) -> Finding | None:
    """A file known by its name whose sheet is not there."""
    if len(candidates) != 1 or not candidates[0].sheet:
        return None
    names = [sheet.name for sheet, _ in heads]
    wanted = candidates[0].sheet
    if normalised(wanted) in map(normalised, names):
        return None
    values = {"sheet": wanted, "found": ", ".join(names), "description": candidates[0].file}
    return Finding("sheet-missing", Place(file=path.name, key=candidates[0].id), values)

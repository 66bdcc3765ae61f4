"""Find the description of a delivered file by its headings and its name; never guess between two."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from nps_exchange.codelists import normalised
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
    path: Path, sheets: list[Sheet], descriptions: list[Description], named: str = ""
) -> tuple[Description, list[Table]]:
    """The description that fits a file, and the tables it finds in it.

    `named` is the description that `exchange.yaml` names for the file, if any.

    Raises:
        InputRefused: no description fits (says what is missing from the nearest), or several do.
    """
    if named:
        descriptions = [description for description in descriptions if description.id == named]
        if not descriptions:
            raise InputRefused(Finding("description-unknown", Place(file=path.name), {"description": named}))
    heads = [(sheet, sheet.head()) for sheet in sheets]
    fitting = {d.id: (d, tables) for d in descriptions if (tables := _tables(d, heads))}
    by_name = [d for d in descriptions if _name_fits(d, path.name)]
    best = [d.id for d in by_name if d.id in fitting] or list(fitting)
    if len(best) == 1:
        return fitting[best[0]]
    if best:
        place = Place(file=path.name)
        raise InputRefused(Finding("description-ambiguous", place, {"candidates": ", ".join(sorted(best))}))
    raise InputRefused(_why_none(path, heads, by_name or descriptions))


def _name_fits(description: Description, file_name: str) -> bool:
    name = normalised(file_name)
    return any(fnmatch.fnmatchcase(name, normalised(pattern)) for pattern in description.patterns)


def _tables(description: Description, heads: list[tuple[Sheet, list[Row]]]) -> list[Table]:
    found = []
    for sheet, rows in heads:
        if description.sheet and normalised(sheet.name) != normalised(description.sheet):
            continue
        for number, cells in rows:
            shown = tuple(text(cell, ",").strip() for cell in cells)
            headings = tuple(normalised(heading) for heading in shown)
            if not _missing(description, headings) and description.header in (None, number):
                found.append(Table(sheet, number, headings, shown))
                break
    return found


def _missing(description: Description, headings: tuple[str, ...]) -> list[str]:
    """The required headings that a row lacks, first spelling of each."""
    lacking = [names[0] for names in description.required if not set(names) & set(headings)]
    if description.across_headings and not set(description.across_headings) & set(headings):
        lacking.append(next(iter(description.across_headings)))
    return lacking


def _why_none(path: Path, heads: list[tuple[Sheet, list[Row]]], candidates: list[Description]) -> Finding:
    """Say what the most nearly fitting description misses, and in which row it was nearest."""
    if candidates and not any(rows for _, rows in heads):
        return Finding("file-empty", Place(file=path.name))
    absent = _absent_sheet(path, heads, candidates)
    if absent:
        return absent
    nearest: tuple[float, Description, str, int, list[str], list[str]] | None = None
    for description in candidates:
        for sheet, rows in heads:
            for number, cells in rows:
                shown = [text(cell, ",").strip() for cell in cells]
                lacking = _missing(description, tuple(normalised(cell) for cell in shown))
                wanted = len(description.required) or 1
                share = (wanted - len(lacking)) / wanted
                if lacking != [] and (nearest is None or share > nearest[0]):
                    nearest = (share, description, sheet.name, number, lacking, [c for c in shown if c])
    if nearest is None or nearest[0] == 0:
        known = ", ".join(sorted(description.id for description in candidates))
        return Finding("description-none", Place(file=path.name), {"known": known})
    _, description, sheet_name, number, lacking, shown = nearest
    return Finding(
        "column-missing",
        Place(file=path.name, sheet=sheet_name, row=number, key=description.id),
        {"missing": ", ".join(lacking), "found": ", ".join(shown), "description": description.file},
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

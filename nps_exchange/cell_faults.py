"""Cells that must not go out: filled twice, not asked for, of a code or a flag that no structure has."""

from collections.abc import Iterator
from typing import Any

from nps_exchange.cells import Cells, flagged, is_sent, listed_flags, target
from nps_exchange.mapping import Column, File
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place


def faults(cells: Cells) -> Iterator[Finding]:
    """What stops the run, now that the cells are made: with recoded columns and flags it is seen only now."""
    yield from _filled_twice(cells)
    yield from _not_asked(cells)
    yield from _outside_structure(cells)


def _filled_twice(cells: Cells) -> Iterator[Finding]:
    """Cells that two rows fill in one of the files: seen only now where columns are recoded."""
    for columns in dict.fromkeys(file.codes for file in cells.mapping.files):
        codes = ", ".join(map(target, columns))
        rows = cells.con.execute(
            f"SELECT {codes}, year, string_agg(DISTINCT CAST(line AS VARCHAR), ', ' "
            f"ORDER BY CAST(line AS VARCHAR)) FROM {cells.table} "
            f"GROUP BY {codes}, year HAVING count(*) > 1 ORDER BY ALL LIMIT {EXAMPLES_SHOWN}"
        ).fetchall()
        for *key, lines in rows:
            values = {"key": " ".join(map(str, key)), "dataset": cells.mapping.dataset, "lines": lines}
            yield Finding("cell-filled-twice", Place(file=cells.mapping.file), values)


def _not_asked(cells: Cells) -> Iterator[Finding]:
    """Cells that the body does not ask for: with recoded columns seen only now."""
    asked = cells.mapping.asked
    codes = ", ".join(map(target, asked.columns))
    for *key, made_by, count in _counted(cells, codes, cells.table):
        if tuple(key) not in asked.keys:
            yield _outside(cells, "cell-not-asked", " ".join(key), asked.file, made_by, count)


def _outside_structure(cells: Cells) -> Iterator[Finding]:
    """Codes and flags of what is sent that the structure of a file does not have, or has no room for."""
    sent = f"(SELECT * FROM {cells.table} WHERE {is_sent(cells.mapping)})"
    for file in cells.mapping.files:
        if file.structure is None:
            continue
        for column in file.columns:
            if column.holds == "code":
                yield from _not_in(cells, file, column, _counted(cells, target(column.name), sent))
            elif column.holds == "conf_status" or column in file.flags[:1]:
                flags = listed_flags("conf_status") if column.holds == "conf_status" else flagged(column)
                rows = f"(SELECT unnest({flags}) AS flag, * FROM {sent})"
                yield from _not_in(cells, file, column, _counted(cells, "flag", rows))
        if len(file.flags) > 1:
            yield from _without_room(cells, file, sent)


def _counted(cells: Cells, code: str, rows: str) -> list[tuple[Any, ...]]:
    """Each code with the first series and line that make it, and how often it stands."""
    # A rate may be written once for several series, so the line of a row of correspondence tells more.
    first = "min([series, CAST(derived AS INTEGER), line])"
    found = cells.con.execute(f"SELECT {code}, {first}, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL")
    return found.fetchall()


def _not_in(cells: Cells, file: File, column: Column, rows: list[tuple[Any, ...]]) -> Iterator[Finding]:
    codes, structure = file.codes_of(column), file.structure
    for code, made_by, count in rows:
        if structure and codes is not None and code not in codes.codes:
            shown = f"{column.name} {code}"
            yield _outside(cells, "code-not-in-structure", shown, f"{structure.file}, {codes.id}", made_by, count)


def _without_room(cells: Cells, file: File, sent: str) -> Iterator[Finding]:
    """Observations with more flags than a file has columns for."""
    rows = _counted(cells, "obs_status", f"{sent} WHERE len({flagged(file.flags[0])}) > {len(file.flags)}")
    for several, made_by, count in rows:
        yield _outside(cells, "flags-without-room", several, file.name, made_by, count)


def _outside(cells: Cells, rule: str, key: str, structure: str, made_by: list[int], count: int) -> Finding:
    position, _, line = made_by
    values = {
        "key": key,
        "dataset": cells.mapping.dataset,
        "structure": structure,
        "series": cells.mapping.series[position].id,
    }
    return Finding(rule, Place(file=cells.mapping.file, row=line), values, count)

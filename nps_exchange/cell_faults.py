"""Cells that must not go out: filled twice, not asked for, of a code or a flag that no structure has."""

from collections.abc import Iterator
from typing import Any

from nps_exchange.cell_flags import closed_flags, flagged
from nps_exchange.cells import Cells, is_sent, target
from nps_exchange.engine import listed, quoted
from nps_exchange.mapping import FLAT, Column, File
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.structures import Codes

MADE_BY = "min([series, CAST(derived AS INTEGER), line])"
"""SQL: what makes cells; a rate may be written once for several series, so the line of a row tells more."""


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
    for *key, made_by, count, _ in _counted(cells, codes, cells.table):
        if tuple(key) not in asked.keys:
            yield _outside(cells, "cell-not-asked", " ".join(key), asked.file, made_by, count)


def _outside_structure(cells: Cells) -> Iterator[Finding]:
    """Codes and flags of what is sent that the structure of a file does not have, or has no room for."""
    sent = f"(SELECT * FROM {cells.table} WHERE {is_sent(cells.mapping)})"
    commas = "contains(obs_status, ',') OR contains(conf_status, ',')"
    several = cells.con.execute(f"SELECT 1 FROM {sent} WHERE {commas} LIMIT 1").fetchone()
    seen: list[tuple[str, tuple[Column, ...]]] = []
    for file in cells.mapping.files:
        # A dataset that is sent in two formats has the same codes in both.
        if file.structure is None or (held := (file.structure.sha256, file.columns)) in seen:
            continue
        seen.append(held)
        yield from _unknown_codes(cells, file, sent)
        if not several:
            continue
        if len(file.flags) > 1:
            many = f"len({flagged(file.flags[0])}) > {len(file.flags)}"
            yield from _without_room(cells, file, sent, "obs_status", many)
        elif file.flags and file.format != FLAT and (codes := file.codes_of(file.flags[0])):
            many = _no_code(flagged(file.flags[0]), file.flags[0], codes)
            yield from _without_room(cells, file, sent, "obs_status", many)
        closed = file.confidential
        if closed and file.format != FLAT and (codes := file.codes_of(closed)):
            many = _no_code(closed_flags(file, closed), closed, codes)
            yield from _without_room(cells, file, sent, "conf_status", many)


def _key(file: File) -> str:
    """SQL: the key of a cell in a file, with its year."""
    return f"concat_ws(' ', {', '.join([*map(target, file.codes), 'year'])})"


def _unknown_codes(cells: Cells, file: File, sent: str) -> Iterator[Finding]:
    """Codes and flags that are not in their lists; one query sees whether there are any, which is hardly ever so."""
    lists: list[tuple[Column, Codes, str]] = []
    for column in file.columns:
        codes = file.codes_of(column)
        if codes is not None and column.holds == "code":
            lists.append((column, codes, f"[{target(column.name)}]"))
        elif codes is not None and (column.holds == "conf_status" or column in file.flags[:1]):
            flags = flagged(column) if column in file.flags else closed_flags(file, column)
            lists.append((column, codes, flags))
    every = ", ".join(held for *_, held in lists)
    query = f"SELECT DISTINCT unnest(range({len(lists)})), unnest([{every}]) FROM {sent}"
    found = cells.con.execute(query).fetchall() if lists else []
    strange = sorted({which for which, held in found if not lists[which][1].codes.keys() >= set(held)})
    for column, codes, held in (lists[which] for which in strange):
        rows = f"(SELECT unnest({held}) AS code, * FROM {sent})"
        for code, made_by, count, at in _counted(cells, "code", rows, _key(file)):
            if code not in codes.codes and file.structure:
                structure = f"{file.structure.file}, {codes.id}"
                yield _outside(cells, "code-not-in-structure", f"{column.name} {code}", structure, made_by, count, at)


def _no_code(flags: str, column: Column, codes: Codes) -> str:
    """SQL: whether an observation has several flags that are no code together; an attribute holds one code."""
    written = f"array_to_string({flags}, {quoted(column.join)})"
    strange = f"list_filter({flags}, lambda flag: flag NOT IN {listed(codes.codes)})"  # told one by one
    return f"len({flags}) > 1 AND {written} NOT IN {listed(codes.codes)} AND len({strange}) = 0"


def _counted(cells: Cells, code: str, rows: str, key: str = "''") -> list[tuple[Any, ...]]:
    """Each code with the first series and line that make it, how often it stands, and the first key it stands at."""
    found = cells.con.execute(f"SELECT {code}, {MADE_BY}, count(*), min({key}) FROM {rows} GROUP BY ALL ORDER BY ALL")
    return found.fetchall()


def _without_room(cells: Cells, file: File, sent: str, held: str, many: str) -> Iterator[Finding]:
    """Observations with more flags than a file has columns for."""
    rows = _counted(cells, held, f"{sent} WHERE {many}", _key(file))
    for several, made_by, count, at in rows:
        yield _outside(cells, "flags-without-room", several, file.name, made_by, count, at)


def _outside(
    cells: Cells, rule: str, key: str, structure: str, made_by: list[int], count: int, at: str = ""
) -> Finding:
    position, _, line = made_by
    values = {
        "key": key,
        "dataset": cells.mapping.dataset,
        "structure": structure,
        "series": cells.mapping.series[position].id,
        "at": at,
    }
    return Finding(rule, Place(file=cells.mapping.file, row=line), values, count)

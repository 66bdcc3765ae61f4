"""Where a transmitted number comes from: its series, the line of the mapping, and the delivered rows.

Nothing is stored but the mappings as they were used (`lineage.json`): the predicate of a cell is run
again on the run's national table and finds the rows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from nps_exchange import mapping as mappings
from nps_exchange import predicate
from nps_exchange.engine import connect, listed, parquet
from nps_exchange.errors import InputRefused, UsageError
from nps_exchange.formats import FORMATS
from nps_exchange.mapping import Derivation, File, Mapping, Row, Series
from nps_exchange.model import Finding, Place
from nps_exchange.predicate import Predicate
from nps_exchange.structures import Component, Structure

FILE = "lineage.json"
NATIONAL_TABLE = "national-table.parquet"


@dataclass(frozen=True)
class _Origin:
    """What fills one cell: a row of a series, and for a rate its derivation."""

    series: Series
    row: Row
    where: Predicate
    codes: dict[str, str]
    derivation: Derivation | None


def as_json(used: list[Mapping]) -> dict[str, Any]:
    """What `lineage.json` holds: each dataset's mapping as it was used."""
    return {mapping.dataset: mapping.as_json() for mapping in used}


def explain(run: Path, dataset: str, key: dict[str, str]) -> dict[str, Any]:
    """Where one transmitted number comes from.

    Keys of the answer: `dataset, key, value, obs_status, conf_status, series`, `mapping` (file, line of the row of
    correspondence, for a rate also the line of its derivation), `document` (what the mapping rests on),
    `calculation`, `sources` (each a file and sheet, with its rows), and for a rate `parts` (numerator,
    denominator).

    Raises:
        InputRefused: the folder is no run folder, or is damaged.
        UsageError: it has no such dataset; no observation has the key, or several have.
    """
    used = _mapping(run, dataset)
    file, cell = _transmitted(run, used, key)
    year = int(cell[file.named("year")])
    origin = _origin(run, used, {column: cell[column] for column in file.codes}, year)
    joined = file.flags[0].join if len(file.flags) == 1 else ","
    answer: dict[str, Any] = {
        "dataset": dataset,
        "key": {column: cell[column] for column in (*file.codes, file.named("year"))},
        "value": _number(cell[file.named("value")]),
        "obs_status": joined.join(cell[column.name] for column in file.flags if cell[column.name]),
        "conf_status": cell[file.confidential.name] if file.confidential else "",
        "series": origin.series.id,
        "mapping": {"file": used.file, "line": origin.row.line},
        "document": origin.row.document or used.origin["document"],
    }
    numerator = _observations(run, used, origin, (year,))
    if origin.derivation is None:
        return answer | {"calculation": _sum(numerator), "sources": _sources(numerator)}
    denominator, shown = _denominator(run, used, origin, year)
    parts = {
        "numerator": {"value": _total(numerator), "sources": _sources(numerator)},
        "denominator": {"value": shown, "sources": _sources(denominator)},
    }
    calculation = (
        f"{_text(_total(numerator))} x {origin.derivation.times} / {_text(shown)}, "
        f"rounded half up to {origin.derivation.decimals} decimals"
    )
    answer["mapping"]["derivation_line"] = origin.derivation.line
    sources = _sources(numerator + denominator)
    return answer | {"calculation": calculation, "sources": sources, "parts": parts}


def _mapping(run: Path, dataset: str) -> Mapping:
    try:
        stored = json.loads((run / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        problem = f"{FILE} is absent or damaged"
        raise InputRefused(Finding("run-unreadable", Place(file=run.name), {"problem": problem})) from None
    if dataset not in stored:
        values = {"dataset": dataset, "known": ", ".join(sorted(stored))}
        raise UsageError(Finding("dataset-unknown", Place(file=run.name), values))
    try:
        return mappings.from_json(stored[dataset])
    except (KeyError, TypeError, AttributeError, ValueError):
        problem = f"{FILE} is of another version, or damaged"
        raise InputRefused(Finding("run-unreadable", Place(file=run.name), {"problem": problem})) from None


def _transmitted(run: Path, used: Mapping, key: dict[str, str]) -> tuple[File, dict[str, str]]:
    """The one delivered row that has a key, and the file it stands in."""
    shown = ",".join(f"{column}={code}" for column, code in key.items())
    file = _with_columns(used, key)
    path = run / used.body / file.name
    if not path.is_file():
        problem = f"{used.body}/{file.name} is absent"
        raise InputRefused(Finding("run-unreadable", Place(file=run.name), {"problem": problem}))
    delivered = FORMATS[file.format].decode(path, _structure(file))
    try:
        table = [{c: cell or "" for c, cell in zip(delivered.columns, row, strict=True)} for row in delivered.rows]
    except ValueError:
        problem = f"{used.body}/{file.name} is damaged"
        raise InputRefused(Finding("run-unreadable", Place(file=run.name), {"problem": problem})) from None
    found = [row for row in table if all(row[column] == code for column, code in key.items())]
    values: dict[str, Any] = {"dataset": used.dataset, "key": shown, "count": len(found)}
    if not found:
        raise UsageError(Finding("key-unknown", values=values | {"nearest": _nearest(table, key)}))
    if len(found) > 1:
        open_ = [column for column in (*file.codes, file.named("year")) if column not in key]
        raise UsageError(Finding("key-ambiguous", values=values | {"columns": ", ".join(open_)}))
    return file, found[0]


def _structure(file: File) -> Structure:
    """What a message is read by: its columns as they were used, for the structure is not kept in the run folder."""
    dimensions = tuple(Component(code, "", True, "", "") for code in file.codes)
    others = (c.name for c in file.columns if c.holds in ("obs_status", "conf_status"))
    attributes = tuple(Component(name, "", False, "observation", "") for name in others)
    return Structure(
        file="",
        sha256="",
        id=file.dataflow,
        name="",
        dimensions=dimensions,
        time=file.named("year"),
        time_text="",
        measure=file.named("value"),
        attributes=attributes,
        lists={},
        absent={},
        dataflows={},
    )


def _with_columns(used: Mapping, key: dict[str, str]) -> File:
    """The first file of a dataset that has the columns of a key."""
    for file in used.files:
        if set(key) <= {column.name for column in file.columns}:
            return file
    columns = {file.name: ", ".join(column.name for column in file.columns) for file in used.files}
    there = "; ".join(f"{name} has {named}" for name, named in columns.items())
    problem = f"no file of {used.dataset} has the columns {', '.join(key)}: {there}"
    raise UsageError(Finding("command-misused", values={"problem": problem}))


def _nearest(table: list[dict[str, str]], key: dict[str, str]) -> str:
    """Which part of a key fails, and what there is instead."""
    for column, code in key.items():
        left = [row for row in table if row[column] == code]
        if not left:
            there = sorted({row[column] for row in table})
            return f"{column} is one of: {', '.join(there[:40])}{' ...' if len(there) > 40 else ''}"
        table = left
    return ""


def _origin(run: Path, used: Mapping, codes: dict[str, str], year: int) -> _Origin:
    """What made a cell: of several rows that could have, the first of which observations were delivered."""
    origins = list(_origins(used, codes, year))
    for origin in origins[:-1]:
        if _observations(run, used, origin, (year,)):
            return origin
    if origins:
        return origins[-1]
    problem = f"no series of {used.dataset} makes {' '.join(codes.values())}"
    raise InputRefused(Finding("run-unreadable", values={"problem": problem}))


def _origins(used: Mapping, codes: dict[str, str], year: int) -> Iterator[_Origin]:
    for series in used.series:
        for row in series.rows:
            if not row.valid_from <= year <= row.valid_to:
                continue
            for derivation in (None, *series.derive):
                found = _fits(series, row, derivation, codes)
                if found is not None:
                    where, base = found
                    yield _Origin(series, row, where, base, derivation)


def _fits(
    series: Series, row: Row, derivation: Derivation | None, codes: dict[str, str]
) -> tuple[Predicate, dict[str, str]] | None:
    """The national observations and the base cell, if this row (and rate) makes the cell `codes`."""
    base = {**series.fix, **row.theirs}
    where: dict[str, tuple[str, ...]] = dict(series.predicate(row))
    for recode in (recode for recode in series.recodes if recode.column in codes):
        within = where.get(recode.dimension, tuple(recode.codes))
        sources = tuple(code for code in within if recode.codes.get(code) == codes[recode.column])
        if not sources:
            return None
        base[recode.column] = codes[recode.column]
        where[recode.dimension] = sources
    made = {**base, **derivation.sets} if derivation else base
    if any(made.get(column) != code for column, code in codes.items()):
        return None
    if derivation and any(base.get(column) not in allowed for column, allowed in derivation.where.items()):
        return None
    return where, base


def _denominator(
    run: Path, used: Mapping, origin: _Origin, year: int
) -> tuple[list[dict[str, Any]], int | float | None]:
    derivation = origin.derivation
    assert derivation is not None
    if derivation.over is None:
        below = _origin(run, used, {**origin.codes, **(derivation.of or {})}, year)
        rows = _observations(run, used, below, (year,))
        return rows, _total(rows)
    same = {dimension: origin.where[dimension] for dimension in derivation.by}
    rows = _selected(
        run, predicate.sql({**derivation.over, **same}), tuple(year + back for back in derivation.years_back)
    )
    total = sum(Decimal(row["value"]) for row in rows if row["value"] is not None)
    return rows, _number(str(total / len(derivation.years_back)))


def _observations(run: Path, used: Mapping, origin: _Origin, years: tuple[int, ...]) -> list[dict[str, Any]]:
    """The observations that a row of correspondence takes; where it recodes, without those dropped."""
    condition = predicate.sql(origin.where)
    for left in used.drop if origin.series.recodes else ():
        if left.concerns(origin.series):
            condition += f" AND NOT ({predicate.only_named(left.where)})"
    return _selected(run, condition, years)


def _selected(run: Path, condition: str, years: tuple[int, ...]) -> list[dict[str, Any]]:
    table = parquet(run / NATIONAL_TABLE)
    columns = ("year", "value", "obs_status", "reference_date", "source", "note", "file", "sheet", "row", "column")
    try:
        with connect() as con:
            rows = con.execute(
                "SELECT year, CAST(value AS VARCHAR), obs_status, reference_date, source, note, file, sheet, row, "
                f'"column" FROM {table} WHERE {condition} AND year IN {listed(map(str, years))} '
                "ORDER BY year, file, CAST(row AS BIGINT)"
            ).fetchall()
    except duckdb.Error as error:
        problem = f"{NATIONAL_TABLE}: {str(error).splitlines()[0]}".replace(str(run), run.name)
        raise InputRefused(Finding("run-unreadable", Place(file=run.name), {"problem": problem})) from None
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _sources(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows by file and sheet, each with its cell and what stood there."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        place = {"row": int(row["row"]), "column": row["column"], "year": int(row["year"])}
        said = {name: row[name] for name in ("obs_status", "reference_date", "note") if row[name]}
        entry = place | {"value": None if row["value"] is None else _number(row["value"])} | said
        found.setdefault((row["file"], row["sheet"], row["source"]), []).append(entry)
    return [
        {"file": file, **({"sheet": sheet} if sheet else {}), "source": source, "rows": entries}
        for (file, sheet, source), entries in found.items()
    ]


def _total(rows: list[dict[str, Any]]) -> int | float | None:
    values = [Decimal(row["value"]) for row in rows if row["value"] is not None]
    return _number(str(sum(values))) if values else None


def _sum(rows: list[dict[str, Any]]) -> str:
    values = [_text(_number(row["value"])) for row in rows if row["value"] is not None]
    return " + ".join(values) if len(values) > 1 else "as delivered"


def _number(text: str) -> int | float | None:
    if not text:
        return None
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() and "E" not in text else float(value)


def _text(number: int | float | None) -> str:
    return "missing" if number is None else f"{number:,}".replace(",", " ")

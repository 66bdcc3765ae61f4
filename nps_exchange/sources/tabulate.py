"""A recognised table becomes rows of the national table: labels to codes, texts to figures, each with its place.

The work is done by DuckDB in one statement a table; Python sees only the distinct labels. Whatever
cannot be read becomes a finding with row and column, and the table is then not used at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nps_exchange.codelists import LIST_OF, CodeLists, normalised
from nps_exchange.engine import Connection, insert, listed, quoted
from nps_exchange.model import (
    DIMENSIONS,
    EXAMPLES_SHOWN,
    NOT_APPLICABLE,
    TOTAL,
    Finding,
    Place,
    column_letter,
)
from nps_exchange.sources.description import YEAR, Column, Description
from nps_exchange.sources.recognise import Table
from nps_exchange.sources.sheet import stage

STATUSES = ("obs_status", "conf_status")
AS_DELIVERED = ("reference_date", "source", "note")
FORMULA_ERROR = r"#[A-Z0-9/]+[!?]?"
NO_BREAK_SPACES = "\u00a0\u202f\u2009\u2007"


@dataclass(frozen=True)
class _Value:
    """One column of figures: its index, and what its heading says."""

    index: int
    codes: dict[str, str]


def tabulate(
    con: Connection,
    codelists: CodeLists,
    description: Description,
    table: Table,
    file: str,
    position: int,
    scratch: Path,
) -> list[Finding]:
    """Add the observations of one table to `delivered`, and say what is wrong with it.

    Grain of `delivered`: one row a figure cell of the file. `position` is the file's place in the
    order of delivery. Findings of severity error mean that nothing was added.
    """
    place = Place(file=file, sheet=table.sheet.name)
    keys, values, faults = _roles(codelists, description, table, place)
    faults += _formula_errors(table, {*keys, *(value.index for value in values)}, place)
    if faults:
        return faults
    stage(con, table.sheet, "grid", len(table.headings), description.decimal, scratch)
    _lookups(con, codelists, description, table, keys)
    con.execute(f"CREATE OR REPLACE TEMP VIEW labelled AS {_labelled(description, table, keys, values)}")
    faults = list(_unknown_labels(con, codelists, keys, place))
    if faults:
        return faults
    con.execute(f"CREATE OR REPLACE TEMP VIEW figures AS {_figures(con, codelists, description, keys, values)}")
    faults = list(_faulty_figures(con, codelists, place))
    if not faults:
        _add(con, codelists, description, table, keys, position, file)
    return faults + list(_asides(con, table, place))


def _roles(
    codelists: CodeLists, description: Description, table: Table, place: Place
) -> tuple[dict[int, Column], list[_Value], list[Finding]]:
    """Which column is which; a heading that nobody speaks of is an error, not a silence."""
    keys: dict[int, Column] = {}
    values: list[_Value] = []
    faults: list[Finding] = []
    for index, heading in enumerate(table.headings):
        column = description.column(heading)
        if column and (column.ignore or not heading):
            continue
        if column and column.to == "value":
            values.append(_Value(index, {}))
        elif column:
            keys[index] = column
        elif codes := _across(codelists, description, heading, table.shown[index]):
            values.append(_Value(index, codes))
        elif heading:
            where = Place(place.file, place.sheet, table.header_row, column_letter(index))
            said = {"heading": table.shown[index], "description": description.file}
            faults.append(Finding("column-unexpected", where, said))
    if not values and not faults:
        where = Place(place.file, place.sheet, table.header_row)
        said = {"missing": description.across or "value", "found": ", ".join(filter(None, table.shown))}
        faults.append(Finding("column-missing", where, said | {"description": description.file}))
    return keys, values, faults


def _across(codelists: CodeLists, description: Description, heading: str, shown: str) -> dict[str, str] | None:
    if heading in description.across_headings:
        return description.across_headings[heading]
    if description.across == "year":
        return {"year": heading} if YEAR.fullmatch(heading) else None
    if description.across:
        code = codelists.of(description.across).code(shown)
        return {description.across: code} if code else None
    return None


def _formula_errors(table: Table, used: set[int], place: Place) -> Iterator[Finding]:
    for row, index, text in table.sheet.errors:
        if row > table.header_row and index in used:
            where = Place(place.file, place.sheet, row, column_letter(index))
            yield Finding("formula-error", where, {"text": text})


def _lookups(
    con: Connection, codelists: CodeLists, description: Description, table: Table, keys: dict[int, Column]
) -> None:
    """For each coded column a small table of the labels that occur and their codes."""
    for index, column in keys.items():
        if column.to in AS_DELIVERED:
            continue
        con.execute(f"CREATE OR REPLACE TEMP TABLE look{index} (label VARCHAR, code {_type(column.to)})")
        labels = con.execute(f"SELECT DISTINCT trim(c{index}) FROM grid WHERE row > {table.header_row}").fetchall()
        codes = [(label, _code(codelists, column, label)) for (label,) in labels]
        insert(con, f"look{index}", sorted((pair for pair in codes if pair[1] is not None), key=str))


def _type(column: str) -> str:
    if column == "year":
        return "SMALLINT"
    return f"code_{column}" if column in DIMENSIONS else "VARCHAR"


def _code(codelists: CodeLists, column: Column, label: str) -> str | None:
    if column.to == "year":
        return label if YEAR.fullmatch(label) else None
    own = column.labels.get(normalised(label))
    if own is not None:
        return own
    if column.to in STATUSES:
        return _statuses(codelists, column.to, label)
    return codelists.of(column.to).code(label)


def _statuses(codelists: CodeLists, column: str, label: str) -> str | None:
    """Flags are sets: `B`, `B,E`, `be`, or a label; written sorted, with commas."""
    known = codelists.of(column)
    if not label:
        return ""
    whole = known.code(label)
    parts = [whole] if whole else [known.code(part) for part in label.replace(";", ",").split(",")]
    if None in parts and label.isalpha():
        parts = [known.code(letter) for letter in label]
    return None if None in parts else ",".join(sorted({part for part in parts if part}))


def _labelled(description: Description, table: Table, keys: dict[int, Column], values: list[_Value]) -> str:
    """Rows below the headings with codes for labels; `aside` marks rows that hold no observation."""
    cells = {index: f"trim(grid.c{index})" for index in keys}
    for index, column in keys.items():
        if column.fill_down:
            over = "OVER (ORDER BY row ROWS UNBOUNDED PRECEDING)"
            cells[index] = f"COALESCE(LAST_VALUE(NULLIF(trim(c{index}), '') IGNORE NULLS) {over}, '')"
    coded = [index for index, column in keys.items() if column.to not in AS_DELIVERED]
    grid = ", ".join([*(f"{cell} AS k{index}" for index, cell in cells.items()), *_raw(values)])
    codes = ", ".join([*(f"look{i}.code AS code{i}" for i in coded), "below.*"])
    joins = " ".join(f"LEFT JOIN look{i} ON look{i}.label = below.k{i}" for i in coded)
    empty = " AND ".join(f"trim(v{value.index}) = ''" for value in values)
    dimensions = [i for i in coded if keys[i].to not in STATUSES]
    unread = " OR ".join(f"code{i} IS NULL" for i in dimensions) or "false"
    return (
        f"WITH below AS (SELECT row, {grid} FROM grid WHERE row > {table.header_row}), "
        f"coded AS (SELECT {codes} FROM below {joins}) "
        f"SELECT *, ({empty}) AND ({unread}) AS aside FROM coded"
    )


def _raw(values: list[_Value]) -> list[str]:
    return [f"c{value.index} AS v{value.index}" for value in values]


def _unknown_labels(con: Connection, codelists: CodeLists, keys: dict[int, Column], place: Place) -> Iterator[Finding]:
    """All of them at once, each with the nearest known label."""
    for index, column in keys.items():
        if column.to in AS_DELIVERED:
            continue
        rows = con.execute(
            f"SELECT k{index}, min(row), count(*) FROM labelled "
            f"WHERE NOT aside AND code{index} IS NULL GROUP BY ALL ORDER BY 2"
        ).fetchall()
        for label, row, count in rows:
            where = Place(place.file, place.sheet, row, column_letter(index))
            if column.to == "year":
                yield Finding("year-unreadable", where, {"label": label}, count)
                continue
            values = {"label": label, "codelist": LIST_OF[column.to]}
            nearest = codelists.of(column.to).nearest(label)
            rule = "label-unknown" if nearest else "label-unlike-any"
            yield Finding(rule, where, values | {"nearest": nearest}, count)


def _figures(
    con: Connection,
    codelists: CodeLists,
    description: Description,
    keys: dict[int, Column],
    values: list[_Value],
) -> str:
    """One row a figure cell: the codes of its key, the text, the number, the meaning of a symbol."""
    con.execute("CREATE OR REPLACE TEMP TABLE symbols (text VARCHAR, kind VARCHAR, obs VARCHAR, conf VARCHAR)")
    insert(con, "symbols", [(t, s.kind, s.obs_status, s.conf_status) for t, s in description.symbols.items()])
    heads = sorted({column for value in values for column in value.codes})
    con.execute(
        "CREATE OR REPLACE TEMP TABLE heads (col SMALLINT"
        + "".join(f", {column} {_type(column)}" for column in heads)
        + ")"
    )
    insert(con, "heads", [(v.index, *(v.codes.get(column) for column in heads)) for v in values])
    cells = ", ".join(f"v{value.index}" for value in values)
    columns = ", ".join(str(value.index) for value in values)
    clean = "cell"
    for space in NO_BREAK_SPACES:
        clean = f"replace({clean}, {quoted(space)}, ' ')"
    decimal = "\\." if description.decimal == "." else description.decimal
    number = f"-?([0-9]+|[0-9]{{1,3}}( [0-9]{{3}})+)({decimal}[0-9]+)?"
    plain = f"replace(replace(text, ' ', ''), {quoted(description.decimal)}, '.')"
    times = f" * {description.times}" if description.times != 1 else ""
    key = _key_columns(codelists, description, keys, heads)
    return (
        "WITH cells AS (SELECT * EXCLUDE ("
        + ", ".join(f"v{value.index}" for value in values)
        + f"), unnest([{cells}]) AS cell, unnest([{columns}]::SMALLINT[]) AS col "
        "FROM labelled WHERE NOT aside), "
        f"texts AS (SELECT *, trim(replace({clean}, '\u2212', '-')) AS text FROM cells) "
        f"SELECT texts.row, texts.col, texts.text, {key}, symbols.kind, "
        f"{_status('obs', description, keys, codelists)} AS obs_status, "
        f"{_status('conf', description, keys, codelists)} AS conf_status, "
        f"CASE WHEN symbols.kind = 'zero' THEN 0 WHEN regexp_full_match(text, {quoted(number)}) "
        f"THEN TRY_CAST({plain} AS DECIMAL(18,6)){times} END AS value, "
        f"texts.* EXCLUDE (row, col, text) "
        "FROM texts LEFT JOIN symbols USING (text) LEFT JOIN heads USING (col)"
    )


def _key_columns(codelists: CodeLists, description: Description, keys: dict[int, Column], heads: list[str]) -> str:
    """Each column of the key, from where the description has it: a column, a heading, `fix`, or `rest`."""
    by_column = {column.to: f"code{index}" for index, column in keys.items()}
    parts = []
    for column in (*DIMENSIONS, "year"):
        kind = _type(column)
        nothing = NOT_APPLICABLE if column == "activity" else TOTAL
        fixed = f"{quoted(description.fix.get(column, nothing))}::{kind}"
        if column in heads:
            parts.append(f"COALESCE(heads.{column}, {fixed if column in description.fix else 'NULL'}) AS {column}")
        else:
            parts.append(f"{by_column.get(column, fixed)} AS {column}")
    return ", ".join(parts)


def _status(kind: str, description: Description, keys: dict[int, Column], codelists: CodeLists) -> str:
    """Flags from a column, from a symbol and from the description, as one sorted set."""
    parts = [f"code{index}" for index, column in keys.items() if column.to == f"{kind}_status"]
    if any((s.obs_status if kind == "obs" else s.conf_status) for s in description.symbols.values()):
        # A reason that stands in the row says more than what an empty cell means in general.
        said = f"COALESCE({parts[0]}, '')" if parts else "''"
        parts.append(f"CASE WHEN {said} = '' THEN symbols.{kind} END")
    for flag in description.flags:
        mark = flag.obs_status if kind == "obs" else flag.conf_status
        if mark:
            when = " AND ".join(f"{column} = {quoted(code)}" for column, code in flag.where.items())
            parts.append(f"CASE WHEN {when} THEN {quoted(mark)} END")
    if not parts:
        return "''"
    joined = f"concat_ws(',', {', '.join(parts)})"
    flags = f"list_filter(string_split({joined}, ','), lambda flag: flag <> '')"
    return f"CASE {joined} WHEN '' THEN '' ELSE array_to_string(list_sort(list_distinct({flags})), ',') END"


def _faulty_figures(con: Connection, codelists: CodeLists, place: Place) -> Iterator[Finding]:
    """Cells that are neither a figure nor a symbol, figures that cannot be, dimensions a measure has not."""
    counted = listed(sorted(codelists.counted_units))
    unread = "value IS NULL AND kind IS NULL"
    tests = {
        "cell-empty": f"{unread} AND text = ''",
        "formula-error": f"{unread} AND regexp_full_match(text, {quoted(FORMULA_ERROR)})",
        "value-unreadable": f"{unread} AND text <> '' AND NOT regexp_full_match(text, {quoted(FORMULA_ERROR)})",
        "value-negative": "value < 0",
        "count-not-whole": f"value % 1 <> 0 AND unit IN {counted}",
        "measure-with-wrong-unit": _wrong_units(codelists),
        "activity-missing": _activity_missing(codelists),
        "dimension-not-of-measure": _foreign_dimensions(codelists),
    }
    failed = con.execute(
        "SELECT " + ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests.values()) + " FROM figures"
    ).fetchone()
    for (rule, test), count in zip(tests.items(), failed or (), strict=True):
        if count:
            yield _with_examples(con, rule, test, int(count), place)


def _with_examples(con: Connection, rule: str, test: str, count: int, place: Place) -> Finding:
    rows = con.execute(
        f"SELECT row, col, text, CAST(measure AS VARCHAR), CAST(unit AS VARCHAR) FROM figures "
        f"WHERE {test} ORDER BY row, col LIMIT {EXAMPLES_SHOWN}"
    ).fetchall()
    row, col, text, measure, unit = rows[0]
    where = Place(place.file, place.sheet, row, column_letter(col))
    examples = tuple({"row": r, "column": column_letter(c), "text": t} for r, c, t, *_ in rows)
    return Finding(rule, where, {"text": text, "measure": measure, "unit": unit}, count, examples)


def _wrong_units(codelists: CodeLists) -> str:
    right = [
        f"(measure = {quoted(measure.code)} AND unit IN {listed(measure.units)})"
        for measure in codelists.measures.values()
    ]
    return f"NOT ({' OR '.join(right)})"


def _activity_missing(codelists: CodeLists) -> str:
    needing = [measure.code for measure in codelists.measures.values() if measure.needs_activity]
    return f"measure IN {listed(needing)} AND (activity IS NULL OR activity = '_Z')"


def _foreign_dimensions(codelists: CodeLists) -> str:
    tests = []
    for dimension in DIMENSIONS[1:-1]:
        without = [m.code for m in codelists.measures.values() if dimension not in m.dimensions]
        if without:
            tests.append(f"(measure IN {listed(without)} AND {dimension} NOT IN ('_T', '_Z'))")
    return " OR ".join(tests) or "false"


def _add(
    con: Connection,
    codelists: CodeLists,
    description: Description,
    table: Table,
    keys: dict[int, Column],
    position: int,
    file: str,
) -> None:
    """Insert the figures; what is the same for many rows (source, note, date) is kept once, in `context`."""
    as_delivered = {column.to: f"k{index}" for index, column in keys.items()}
    said = {
        "reference_date": f"COALESCE(NULLIF({as_delivered.get('reference_date', quoted(''))}, ''), "
        f"{_reference_date(description)})",
        "source": f"COALESCE(NULLIF({as_delivered.get('source', quoted(''))}, ''), {quoted(description.source)})",
        "note": as_delivered.get("note", "''"),
    }
    texts = ", ".join(f"{expression} AS {column}" for column, expression in said.items())
    con.execute(
        "INSERT INTO context SELECT (SELECT count(*) FROM context) - 1 "
        "+ row_number() OVER (ORDER BY reference_date, source, note), "
        f"{position}, {quoted(file)}, {quoted(table.sheet.name)}, * FROM (SELECT DISTINCT {texts} FROM figures "
        "WHERE kind IS DISTINCT FROM 'none')"
    )
    same = " AND ".join(f"c.{column} = f.{column}" for column in said)
    columns = ", ".join([*(f"f.{d}" for d in DIMENSIONS), "f.year", "f.value", "f.obs_status", "f.conf_status"])
    con.execute(
        f"INSERT INTO delivered SELECT {columns}, c.context, f.row, f.col "
        f"FROM (SELECT *, {texts} FROM figures) AS f "
        f"JOIN context AS c ON c.position = {position} AND c.sheet = {quoted(table.sheet.name)} AND {same} "
        "WHERE f.kind IS DISTINCT FROM 'none'"
    )


def _reference_date(description: Description) -> str:
    """The description's date with the year filled in; where it goes by a dimension, one case a code."""

    def dated(template: str) -> str:
        return f"replace({quoted(template)}, '{{year}}', CAST(year AS VARCHAR))"

    if isinstance(description.reference_date, str):
        return dated(description.reference_date)
    by = description.reference_date["by"]
    cases = [
        f"WHEN {quoted(code)} THEN {dated(template)}"
        for code, template in description.reference_date.items()
        if code != "by"
    ]
    return f"CASE {by} {' '.join(cases)} ELSE '' END"


def _asides(con: Connection, table: Table, place: Place) -> Iterator[Finding]:
    """Titles above and footnotes below the table: not figures, but kept."""
    above = [
        {"row": number, "text": text}
        for number, cells in table.sheet.head()
        if number < table.header_row and (text := _joined(cells))
    ]
    rows = con.execute(
        f"SELECT grid.* FROM grid JOIN labelled USING (row) WHERE aside ORDER BY row LIMIT {EXAMPLES_SHOWN}"
    ).fetchall()
    below: list[dict[str, Any]] = [{"row": row, "text": text} for row, *cells in rows if (text := _joined(cells))]
    if above or below:
        examples = tuple((above + below)[:EXAMPLES_SHOWN])
        where = Place(place.file, place.sheet, examples[0]["row"])
        yield Finding("text-beside-table", where, {"text": examples[0]["text"]}, len(above) + len(below), examples)


def _joined(cells: list[Any]) -> str:
    return " ".join(str(cell).strip() for cell in cells if cell not in (None, ""))

"""Texts to figures: what each value cell says, and every cell that says something it cannot."""

from collections.abc import Iterator

from nps_exchange.engine import insert, listed, quoted
from nps_exchange.model import (
    DIMENSIONS,
    EXAMPLES_SHOWN,
    FREE_TO_PUBLISH,
    NOT_APPLICABLE,
    TOTAL,
    VALUE_DECIMALS,
    Finding,
    column_letter,
)
from nps_exchange.sources.description import PLAIN
from nps_exchange.sources.reading import STATUSES, Reading, sql_type

FORMULA_ERROR = r"#[A-ZÅÄÖ0-9/]+[!?]?"


def parse(reading: Reading) -> list[Finding]:
    """Make the view `figures`: one row a value cell, with its key, its text, its value and its flags.

    Returns what is wrong with them, one finding a rule, with the true count and up to 50 examples.
    """
    con, description = reading.con, reading.description
    con.execute("CREATE OR REPLACE TEMP TABLE symbols (text VARCHAR, kind VARCHAR, obs VARCHAR, conf VARCHAR)")
    insert(con, "symbols", [(t, s.kind, s.obs_status, s.conf_status) for t, s in description.symbols.items()])
    heads = sorted({column for figures in reading.figures for column in figures.codes})
    columns = "".join(f", {column} {sql_type(column)}" for column in heads)
    con.execute(f"CREATE OR REPLACE TEMP TABLE heads (col SMALLINT{columns})")
    insert(con, "heads", [(f.index, *(f.codes.get(column) for column in heads)) for f in reading.figures])
    con.execute(f"CREATE OR REPLACE TEMP VIEW figures AS {_figures(reading, heads)}")
    return list(_faults(reading))


def _figures(reading: Reading, heads: list[str]) -> str:
    description = reading.description
    cells = [f"v{figures.index}" for figures in reading.figures]
    indexes = ", ".join(str(figures.index) for figures in reading.figures)
    clean = "cell"
    for special, plain in PLAIN.items():
        clean = f"replace({clean}, {quoted(special)}, {quoted(plain)})"
    mark = "\\." if description.decimal == "." else description.decimal
    number = f"-?([0-9]+|[0-9]{{1,3}}( [0-9]{{3}})+)({mark}[0-9]{{1,{VALUE_DECIMALS}}}0*)?"
    digits = f"replace(replace(text, ' ', ''), {quoted(description.decimal)}, '.')"
    times = f" * {description.times}" if description.times != 1 else ""
    return (
        f"WITH cells AS (SELECT * EXCLUDE ({', '.join(cells)}), unnest([{', '.join(cells)}]) AS cell, "
        f"unnest([{indexes}]::SMALLINT[]) AS col FROM labelled WHERE NOT aside), "
        f"texts AS (SELECT *, trim({clean}) AS text FROM cells) "
        f"SELECT texts.*, {_key(reading, heads)}, symbols.kind, "
        f"{_flags('obs', reading)} AS obs_status, {_flags('conf', reading)} AS conf_status, "
        f"CASE WHEN symbols.kind = 'zero' THEN 0 WHEN symbols.kind IS NOT NULL THEN NULL "
        f"WHEN regexp_full_match(text, {quoted(number)}) "
        f"THEN TRY_CAST(TRY_CAST({digits} AS DECIMAL(28,6)){times} AS DECIMAL(18,6)) END AS value "
        "FROM texts LEFT JOIN symbols USING (text) LEFT JOIN heads USING (col)"
    )


def _key(reading: Reading, heads: list[str]) -> str:
    """Each column of the key, from where the description has it: a column, a heading, `fix`, or `rest`."""
    by_column = {column.to: f"code{index}" for index, column in reading.keys.items()}
    fix = reading.description.fix
    parts = []
    for column in (*DIMENSIONS, "year"):
        nothing = NOT_APPLICABLE if column == "activity" else TOTAL
        said = f"{quoted(fix.get(column, nothing))}::{sql_type(column)}"
        if column in heads:
            parts.append(f"COALESCE(heads.{column}, {said}) AS {column}")
        else:
            parts.append(f"{by_column.get(column, said)} AS {column}")
    return ", ".join(parts)


def _flags(kind: str, reading: Reading) -> str:
    """Flags from a column, from a symbol and from the description, as one sorted set."""
    parts = [f"code{index}" for index, column in reading.keys.items() if column.to == f"{kind}_status"]
    symbols = reading.description.symbols.values()
    if any((symbol.obs_status if kind == "obs" else symbol.conf_status) for symbol in symbols):
        # A reason that stands in the row says more than what an empty cell means in general; another flag is none.
        parts.append(f"CASE WHEN NOT ({_has_reason(reading)}) THEN symbols.{kind} END")
    for flag in reading.description.flags:
        mark = flag.obs_status if kind == "obs" else flag.conf_status
        if mark:
            when = " AND ".join(f"{column} = {quoted(code)}" for column, code in flag.where.items())
            parts.append(f"CASE WHEN {when} THEN {quoted(mark)} END")
    if not parts:
        return "''"
    joined = f"concat_ws(',', {', '.join(parts)})"
    flags = f"list_filter(string_split({joined}, ','), lambda flag: flag <> '')"
    return f"CASE {joined} WHEN '' THEN '' ELSE array_to_string(list_sort(list_distinct({flags})), ',') END"


def _has_reason(reading: Reading) -> str:
    """SQL: whether the row has a flag that says why there is no figure, or why it may not be seen."""
    lists = reading.codelists
    reasons = {
        "obs_status": [code for code, row in lists.of("obs_status").rows.items() if row.get("figure") == "none"],
        "conf_status": [code for code in lists.of("conf_status").rows if code not in FREE_TO_PUBLISH],
    }
    tests = [
        f"COALESCE(list_has_any(string_split(code{index}, ','), [{', '.join(map(quoted, reasons[column.to]))}]), false)"
        for index, column in reading.keys.items()
        if column.to in STATUSES
    ]
    return " OR ".join(tests) or "false"


def _faults(reading: Reading) -> Iterator[Finding]:
    unread = "value IS NULL AND kind IS NULL"
    is_error = f"regexp_full_match(text, {quoted(FORMULA_ERROR)})"
    counted = listed(sorted(reading.codelists.counted_units))
    tests = {
        "cell-empty": f"{unread} AND text = ''",
        "formula-error": f"{unread} AND {is_error}",
        "value-unreadable": f"{unread} AND text <> '' AND NOT {is_error}",
        "value-negative": "value < 0",
        "count-not-whole": f"value % 1 <> 0 AND unit IN {counted}",
        "measure-with-wrong-unit": _wrong_units(reading),
        "activity-missing": _activity_missing(reading),
        "dimension-not-of-measure": _foreign_dimensions(reading),
    }
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests.values())
    failed = reading.con.execute(f"SELECT {counts} FROM figures").fetchone()
    for (rule, test), count in zip(tests.items(), failed or (), strict=True):
        if count:
            yield _with_examples(reading, rule, test, int(count))


def _with_examples(reading: Reading, rule: str, test: str, count: int) -> Finding:
    rows = reading.con.execute(
        f"SELECT row, col, text, measure, unit FROM figures WHERE {test} ORDER BY row, col LIMIT {EXAMPLES_SHOWN}"
    ).fetchall()
    row, col, text, measure, unit = rows[0]
    examples = tuple({"row": r, "column": column_letter(c), "text": t} for r, c, t, *_ in rows)
    values = {"text": text, "measure": measure, "unit": unit}
    return Finding(rule, reading.place(row, col), values, count, examples)


def _wrong_units(reading: Reading) -> str:
    measures = reading.codelists.measures.values()
    right = [f"(measure = {quoted(one.code)} AND unit IN {listed(one.units)})" for one in measures]
    return f"NOT ({' OR '.join(right)})"


def _activity_missing(reading: Reading) -> str:
    needing = [one.code for one in reading.codelists.measures.values() if one.needs_activity]
    return f"measure IN {listed(needing)} AND (activity IS NULL OR activity = '_Z')"


def _foreign_dimensions(reading: Reading) -> str:
    tests = []
    for dimension in DIMENSIONS[1:-1]:
        without = [one.code for one in reading.codelists.measures.values() if dimension not in one.dimensions]
        if without:
            tests.append(f"(measure IN {listed(without)} AND {dimension} NOT IN ('_T', '_Z'))")
    return " OR ".join(tests) or "false"

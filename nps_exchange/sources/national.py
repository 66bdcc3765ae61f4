"""The national table in DuckDB: made of delivered rows, without doubles, in one order on every machine."""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nps_exchange.codelists import CodeLists, normalised
from nps_exchange.engine import Connection, insert, listed, quoted
from nps_exchange.model import (
    DIMENSIONS,
    EXAMPLES_SHOWN,
    FREE_TO_PUBLISH,
    KEY,
    TEST_MARK,
    Finding,
    Place,
    column_letter,
)

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class NationalTable:
    """The national table of one run, held by a DuckDB connection.

    Grain: one row per measure x profession x speciality x activity x sex x age x region x ownership
    x industry x provider x place of training x country of training x birthplace x unit x year.
    Columns: `nps_exchange.model.NATIONAL_COLUMNS`; all text but `value`, an exact decimal or missing
    with its reason in `obs_status`. The view `national_table` has them all; the table `national` has
    the codes as enumerations, and an observation number `obs`.
    """

    con: Connection

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM national"))

    def _one(self, query: str) -> Any:
        row = self.con.execute(query).fetchone()
        return row[0] if row else None

    def is_test(self) -> bool:
        """Whether any row says that it is invented."""
        return bool(self._one(f"SELECT count(*) FROM context WHERE starts_with(source, {quoted(TEST_MARK)})"))

    def years(self) -> tuple[int, int] | None:
        """The first and the last year, or None for an empty table."""
        row = self.con.execute("SELECT min(year), max(year) FROM national").fetchone()
        return (int(row[0]), int(row[1])) if row and row[0] is not None else None

    def frame(self) -> "pandas.DataFrame":
        """The whole table as a DataFrame: text, but `value`, which is a Decimal or None."""
        return self.con.execute("SELECT * FROM national_table").df()

    def write_parquet(self, path: Path) -> None:
        """Write the table; the same rows give the same bytes."""
        self.con.execute(f"COPY (SELECT * FROM national_table) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)")


def create(con: Connection, codelists: CodeLists) -> None:
    """Empty tables: `delivered`, and the `context` that its rows share."""
    for dimension in DIMENSIONS:
        con.execute(f"CREATE TYPE code_{dimension} AS ENUM {listed(codelists.of(dimension).rows)}")
    codes = ", ".join(f"{dimension} code_{dimension} NOT NULL" for dimension in DIMENSIONS)
    con.execute(
        f"CREATE TABLE delivered ({codes}, year SMALLINT NOT NULL, value DECIMAL(18,6), obs_status VARCHAR, "
        "conf_status VARCHAR, context INTEGER, position SMALLINT, row BIGINT, col SMALLINT)"
    )
    con.execute(
        "CREATE TABLE context (context INTEGER, position SMALLINT, file VARCHAR, sheet VARCHAR, "
        "reference_date VARCHAR, source VARCHAR, note VARCHAR)"
    )


def finish(con: Connection, codelists: CodeLists, precedence: tuple[str, ...]) -> tuple[NationalTable, list[Finding]]:
    """Make `national` of `delivered`: one spelling of "no such dimension", no key twice.

    `precedence` holds patterns of file names, the strongest first. Findings of severity error say
    that one observation was delivered with two values and nothing says which one holds.
    """
    columns = ", ".join(_canonical(codelists, dimension) for dimension in DIMENSIONS)
    # The number of an observation is its place: table, row and column, each in its own digits.
    con.execute(
        f"CREATE TABLE national AS SELECT (CAST(position AS BIGINT) << 48) + (row << 14) + col AS obs, {columns}, "
        "d.year, d.value, d.obs_status, d.conf_status, d.context, d.row, d.col FROM delivered AS d ORDER BY obs"
    )
    con.execute("DROP TABLE delivered")
    findings = [*_doubles(con, precedence), *_missing_with_figure(con, codelists), *_out_of_validity(con, codelists)]
    _view(con)
    return NationalTable(con), findings


def _canonical(codelists: CodeLists, dimension: str) -> str:
    """`_T` where the measure has the dimension, `_Z` where it has not: else equal keys would differ."""
    if dimension in ("measure", "unit", "activity"):
        without: list[str] = []
        if dimension == "activity":
            without = [m.code for m in codelists.measures.values() if not m.needs_activity]
    else:
        without = [m.code for m in codelists.measures.values() if dimension not in m.dimensions]
    kind = f"code_{dimension}"
    if dimension in ("measure", "unit"):
        return f"d.{dimension}"
    none = f"WHEN d.measure IN {listed(without)} THEN '_Z'::{kind} " if without else ""
    if dimension == "activity":
        return f"CASE {none}ELSE d.activity END AS activity" if none else "d.activity"
    return f"CASE {none}WHEN d.{dimension} = '_Z' THEN '_T'::{kind} ELSE d.{dimension} END AS {dimension}"


def _view(con: Connection) -> None:
    """The columns as text. No join: the rows are in order, and a stream of them must stay so."""
    for column in ("file", "sheet", "reference_date", "source", "note"):
        con.execute(f"SET VARIABLE context_{column} = (SELECT list({column} ORDER BY context) FROM context)")
    last = con.execute("SELECT COALESCE(max(col), 0) FROM national").fetchone()
    letters = ", ".join(quoted(column_letter(index)) for index in range((last[0] if last else 0) + 1))
    con.execute(f"SET VARIABLE letters = [{letters}]")
    text = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in KEY)
    context = {
        column: f"getvariable('context_{column}')[context + 1] AS {column}"
        for column in ("reference_date", "source", "note", "file", "sheet")
    }
    con.execute(
        f"CREATE VIEW national_table AS SELECT {text}, value, obs_status, conf_status, {', '.join(context.values())}, "
        "CAST(row AS VARCHAR) AS row, getvariable('letters')[col + 1] AS column FROM national"
    )


def _doubles(con: Connection, precedence: tuple[str, ...]) -> Iterator[Finding]:
    """The same twice is a note; different figures or flags are settled by precedence, or are an error.

    No precedence lets a figure out that another file calls confidential.
    """
    key = ", ".join(KEY)
    con.execute(
        f"CREATE TEMP TABLE doubles AS SELECT n.obs, n.value, n.obs_status, n.conf_status, n.row, n.col, n.context, "
        f"dense_rank() OVER (ORDER BY {key}) AS cell FROM national AS n "
        f"SEMI JOIN (SELECT {key} FROM national GROUP BY ALL HAVING count(*) > 1) USING ({key})"
    )
    files = con.execute("SELECT DISTINCT file, position FROM context ORDER BY position").fetchall()
    con.execute("CREATE TEMP TABLE strength (position SMALLINT, rank INTEGER)")
    insert(con, "strength", [(position, _rank(file, precedence)) for file, position in files])
    con.execute(
        "CREATE TEMP TABLE settled AS SELECT d.*, c.position, c.file, c.sheet, s.rank, "
        "first_value(obs) OVER best AS kept, first_value(rank) OVER best AS kept_rank, "
        "first_value(value) OVER best AS kept_value, first_value(obs_status) OVER best AS kept_obs_status, "
        "first_value(conf_status) OVER best AS kept_conf_status FROM doubles AS d "
        "JOIN context AS c USING (context) JOIN strength AS s USING (position) "
        "WINDOW best AS (PARTITION BY cell ORDER BY rank, obs ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    )
    free = listed(FREE_TO_PUBLISH)
    same = "s.value IS NOT DISTINCT FROM s.kept_value AND s.obs_status = s.kept_obs_status "
    same += "AND s.conf_status = s.kept_conf_status"
    let_out = f"(s.conf_status NOT IN {free} AND s.kept_conf_status IN {free} AND s.kept_value IS NOT NULL)"
    weaker = f"s.rank > s.kept_rank AND NOT {let_out}"
    yield from _losers(con, "observation-repeated", same)
    yield from _losers(con, "observation-overruled", f"NOT ({same}) AND {weaker}")
    yield from _losers(con, "observation-contradicted", f"NOT ({same}) AND NOT ({weaker})")
    con.execute("DELETE FROM national WHERE obs IN (SELECT obs FROM settled WHERE obs <> kept)")


def _losers(con: Connection, rule: str, test: str) -> Iterator[Finding]:
    """One finding a file: the rows that give way, each with the row that stands.

    Figures are not told where either of the two is confidential: findings are read by more people than the tables.
    """
    codes = ", ".join(f"CAST(n.{column} AS VARCHAR)" for column in KEY)
    rows = con.execute(
        f"SELECT s.file, s.sheet, s.row, s.col, {_said('s', 'k')}, {_said('k', 's')}, kc.file, "
        f"kc.sheet, k.row, k.col, {codes} FROM settled AS s JOIN national AS n ON n.obs = s.obs "
        f"JOIN national AS k ON k.obs = s.kept JOIN context AS kc ON kc.context = k.context "
        f"WHERE s.obs <> s.kept AND {test} ORDER BY s.position, s.obs"
    ).fetchall()
    by_file: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for file, sheet, row, col, value, kept, kept_file, kept_sheet, kept_row, kept_col, *key in rows:
        by_file.setdefault((file, sheet), []).append(
            {
                "row": row,
                "column": column_letter(col),
                "key": shown(key),
                "value": value,
                "other": kept,
                "other_file": kept_file,
                "other_sheet": kept_sheet,
                "other_row": kept_row,
                "other_column": column_letter(kept_col),
                "other_place": f"{kept_file} {cell_of(kept_sheet, kept_row, kept_col)}",
            }
        )
    for (file, sheet), examples in by_file.items():
        first = examples[0]
        place = Place(file, sheet, first["row"], first["column"], first["key"])
        yield Finding(rule, place, first, len(examples), tuple(examples[:EXAMPLES_SHOWN]))


def _rank(file: str, precedence: tuple[str, ...]) -> int:
    return next((rank for rank, pattern in enumerate(precedence) if fits(file, pattern)), len(precedence))


def fits(file: str, pattern: str) -> bool:
    """Whether a pattern fits a file, by its name or by its path in the folder."""
    names = {normalised(file), normalised(file.rsplit("/", 1)[-1])}
    return any(fnmatch.fnmatchcase(name, normalised(pattern)) for name in names)


def _missing_with_figure(con: Connection, codelists: CodeLists) -> Iterator[Finding]:
    """Figures whose status says that there is none: one finding a status; which of the two holds nobody can guess."""
    for code, row in codelists.of("obs_status").rows.items():
        if row.get("figure") != "none":
            continue
        rows = con.execute(
            "SELECT c.file, c.sheet, n.row, n.col FROM national AS n JOIN context AS c USING (context) WHERE "
            f"n.value IS NOT NULL AND list_contains(string_split(n.obs_status, ','), {quoted(code)}) ORDER BY n.obs"
        ).fetchall()
        if rows:
            file, sheet, line, col = rows[0]
            examples = tuple({"file": f, "row": r, "column": column_letter(c)} for f, _, r, c in rows[:EXAMPLES_SHOWN])
            values = {"status": code, "label": row["en"]}
            yield Finding(
                "missing-with-figure", Place(file, sheet, line, column_letter(col)), values, len(rows), examples
            )


def _out_of_validity(con: Connection, codelists: CodeLists) -> Iterator[Finding]:
    """Codes in years in which they are not valid: one finding a code."""
    tests = {
        (dimension, code): f"n.{dimension} = {quoted(code)} AND NOT n.year BETWEEN {first} AND {last}"
        for dimension in DIMENSIONS
        for code, row in codelists.of(dimension).rows.items()
        if (first := row["valid_from"][:4] or "0", last := row["valid_to"][:4] or "9999") != ("0", "9999")
    }
    # Mostly there are none, which one query sees for all.
    each = ", ".join(f"bool_or({outside})" for outside in tests.values())
    failed = con.execute(f"SELECT {each} FROM national AS n").fetchone() if tests else None
    for ((dimension, code), outside), fails in zip(tests.items(), failed or (), strict=True):
        if not fails:
            continue
        rows = con.execute(
            "SELECT c.file, c.sheet, n.row, n.col, n.year FROM national AS n JOIN context AS c USING (context) "
            f"WHERE {outside} ORDER BY n.obs"
        ).fetchall()
        file, sheet, line, col, year = rows[0]
        codelist = codelists.of(dimension)
        values = {"code": code, "label": codelist.rows[code]["sv"], "codelist": codelist.name, "year": year}
        examples = tuple({"file": f, "row": r, "column": column_letter(c), "year": y} for f, _, r, c, y in rows)
        place = Place(file, sheet, line, column_letter(col))
        yield Finding("code-not-valid-in-year", place, values, len(rows), examples[:EXAMPLES_SHOWN])


def cell_of(sheet: str, row: int, column: int) -> str:
    """A cell as spreadsheets name it: `Antal!C5`."""
    return f"{sheet + '!' if sheet else ''}{column_letter(column)}{row}"


def shown(key: list[str]) -> str:
    """A key in words, totals left out: `stock LK practising F persons 2017`."""
    return " ".join(code for code in key if code not in ("_T", "_Z"))


def _said(table: str, other: str) -> str:
    """SQL: a figure as it was said, without trailing zeros, with its flags: `17 (B)`, `missing (C)`, `withheld (C)`."""
    text = f"CAST({table}.value AS VARCHAR)"
    free = " AND ".join(f"{one}.conf_status IN {listed(FREE_TO_PUBLISH)}" for one in (table, other))
    told = f"CASE WHEN {free} THEN rtrim(rtrim({text}, '0'), '.') WHEN {table}.value IS NOT NULL THEN 'withheld' END"
    figure = f"COALESCE({told}, 'missing')"
    flags = f"concat_ws(' ', nullif({table}.obs_status, ''), nullif({table}.conf_status, ''))"
    return f"{figure} || CASE {flags} WHEN '' THEN '' ELSE ' (' || {flags} || ')' END"

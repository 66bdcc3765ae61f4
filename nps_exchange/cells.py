"""The cells of a dataset in the making: what fills them, and what is left over, as SQL."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

from nps_exchange import predicate
from nps_exchange.cell_flags import closed_set, set_of
from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection, insert, listed, name, quoted
from nps_exchange.mapping import Mapping, Series
from nps_exchange.model import (
    EXAMPLES_SHOWN,
    FREE_TO_PUBLISH,
    KEY,
    VALUE_DECIMALS,
    Finding,
    Place,
    column_letter,
)
from nps_exchange.sources.national import shown

FREE = f"conf_status IN {listed(FREE_TO_PUBLISH)}"
"""SQL: whether anybody may see a figure."""

LEAVES_CLOSED = f"value IS NOT NULL AND NOT {FREE}"
"""SQL: whether a cell is confidential and its figure goes into the files all the same."""


def target(column: str) -> str:
    """SQL: a coded column of a dataset in its table; a body's names may be any, ours must not clash."""
    return name(f"to {column}")


def is_sent(mapping: Mapping) -> str:
    """SQL: whether a cell goes into the files."""
    return "true" if mapping.transmit_missing else "value IS NOT NULL"


def may_leave(mapping: Mapping) -> str:
    """SQL: whether a figure may go into the files: a confidential one only where the body gets them with their flag."""
    return "true" if mapping.transmit_confidential else FREE


def value_text(value: str, decimals: str) -> str:
    """SQL: an exact decimal as text with a given number of decimals; -1 leaves just those it has."""
    cases = " ".join(
        f"WHEN {places} THEN CAST(CAST({value} AS DECIMAL(28,{places})) AS VARCHAR)"
        for places in range(VALUE_DECIMALS + 1)
    )
    shorn = f"regexp_replace(CAST({value} AS VARCHAR), '\\.?0+$', '')"
    return f"COALESCE(CASE {decimals} {cases} ELSE {shorn} END, '')"


class Cells:
    """The tables of one translation: `cells` is the dataset in the making, `national` the national table."""

    def __init__(self, con: Connection, mapping: Mapping, codelists: CodeLists, year: int) -> None:
        self.con, self.mapping, self.codelists = con, mapping, codelists
        self.last = year
        self.first = year - mapping.periods + 1 if mapping.periods else 0
        self.table = name(f"dataset {mapping.dataset}")
        self.without: set[int] = set()
        """The series for which nothing was delivered."""
        self.by = sorted({dimension for series in mapping.series for dimension in _by(series)})
        # Notes go where there is room for them; elsewhere nothing is gathered for nothing.
        notes = con.execute("SELECT context FROM context WHERE note <> '' ORDER BY context").fetchall()
        self.with_notes = [context for (context,) in notes] if mapping.workbook or mapping.px else []

    def create(self) -> None:
        """Empty tables."""
        codes = "".join(f"{target(column)} VARCHAR, " for column in self.mapping.codes)
        by = "".join(f", {name(f'by {dimension}')} VARCHAR" for dimension in self.by)
        self.con.execute(
            f"CREATE OR REPLACE TABLE {self.table} ({codes}year SMALLINT, value DECIMAL(28,6), decimals TINYINT, "
            f"obs_status VARCHAR, conf_status VARCHAR, series SMALLINT, line INTEGER, derived BOOLEAN, "
            f"small BOOLEAN, noted INTEGER[]{by})"
        )
        self.con.execute("CREATE OR REPLACE TEMP TABLE dropped (obs BIGINT, reason SMALLINT)")
        self.con.execute("CREATE OR REPLACE TEMP TABLE outside (obs BIGINT, newer BOOLEAN)")
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE incomplete AS FROM {self.table}")

    def scope(self, position: int, series: Series) -> list[Finding]:
        """Lay out the scope of a series, and find what in it is neither mapped nor dropped, or both."""
        columns = ", ".join(dict.fromkeys((*series.free, *_by(series))))
        drops = " ".join(
            f"WHEN {predicate.only_named(left.where)} THEN {i}"
            for i, left in enumerate(self.mapping.drop)
            if left.concerns(series)
        )
        drop = f"CASE {drops} END" if drops else "NULL"
        found = self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE scoped AS SELECT obs, year, value, obs_status, conf_status, unit, context, "
            f"{columns + ', ' if columns else ''}{drop} AS reason FROM national "
            f"WHERE {predicate.sql(series.scope, series.free)}"
        ).fetchone()
        if not found or not found[0]:
            self.without.add(position)
            return []
        if drops:
            self.con.execute("INSERT INTO dropped SELECT obs, reason FROM scoped WHERE reason IS NOT NULL")
        self._correspondence(series)
        targets = "".join(
            f", recode{i}.target{j} AS target{i}_{j}"
            for i, recodes in enumerate(series.recoded.values())
            for j in range(len(recodes))
        )
        parts = " * ".join(["rows_.parts", *(f"recode{i}.parts" for i in range(len(series.recoded)))])
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE matched AS SELECT scoped.*, rows_.row_id, {parts} AS parts{targets} "
            f"FROM scoped {self._joins(series)}"
        )
        lost = "reason IS NULL AND obs NOT IN (SELECT obs FROM matched)"
        both = "reason IS NOT NULL AND obs IN (SELECT obs FROM matched)"
        faults = [*self._observations("observation-unmapped", lost, series)]
        # A recode takes every code there is, so there a drop is an exception; of rows it is a contradiction.
        if drops and not series.recodes:
            faults += self._observations("observation-mapped-and-dropped", both, series)
        if drops:
            self.con.execute("DELETE FROM matched WHERE reason IS NOT NULL")
        return faults

    def _correspondence(self, series: Series) -> None:
        """The rows of correspondence as a table; a row that sums has one line for each combination."""
        columns = "".join(f", {name(dimension)} code_{dimension}" for dimension in series.ours)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE rows_ "
            f"(row_id INTEGER, parts INTEGER, first SMALLINT, last SMALLINT{columns})"
        )
        lines = []
        for row_id, row in enumerate(series.rows):
            combinations = list(product(*(row.ours[dimension] for dimension in series.ours)))
            for codes in combinations:
                lines.append((row_id, len(combinations), row.valid_from, row.valid_to, *codes))
        insert(self.con, "rows_", lines)
        for i, (dimension, recodes) in enumerate(series.recoded.items()):
            columns = "".join(f", target{j} VARCHAR" for j in range(len(recodes)))
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE recode{i} (code code_{dimension}, parts INTEGER{columns})")
            codes_to = series.recoded_codes(dimension)
            parts = Counter(codes_to.values())
            insert(self.con, f"recode{i}", [(code, parts[to], *to) for code, to in codes_to.items()])

    def _joins(self, series: Series) -> str:
        on = [f"scoped.{name(dimension)} = rows_.{name(dimension)}" for dimension in series.ours]
        on.append("scoped.year BETWEEN rows_.first AND rows_.last")
        joins = [f"JOIN rows_ ON {' AND '.join(on)}"]
        for i, dimension in enumerate(series.recoded):
            joins.append(f"JOIN recode{i} ON scoped.{name(dimension)} = recode{i}.code")
        return " ".join(joins)

    def _observations(self, rule: str, test: str, series: Series) -> list[Finding]:
        """One finding with the places of the observations in the scope that a test selects."""
        if not self.con.execute(f"SELECT 1 FROM scoped WHERE {test} LIMIT 1").fetchone():
            return []
        key = ", ".join(f"CAST(n.{column} AS VARCHAR)" for column in KEY)
        rows = self.con.execute(
            f"SELECT c.file, c.sheet, n.row, n.col, {key} FROM scoped JOIN national AS n USING (obs) "
            f"JOIN context AS c ON c.context = n.context WHERE {test} ORDER BY obs"
        ).fetchall()
        if not rows:
            return []
        examples = tuple(
            {"file": file, "sheet": sheet, "row": row, "column": column_letter(col), "key": shown(codes)}
            for file, sheet, row, col, *codes in rows[:EXAMPLES_SHOWN]
        )
        first = examples[0]
        place = Place(first["file"], first["sheet"], first["row"], first["column"])
        values = {
            "key": first["key"],
            "series": series.id,
            "dataset": self.mapping.dataset,
            "file": self.mapping.file,
            "line": series.line,
        }
        return [Finding(rule, place, values, len(rows), examples)]

    def fill(self, position: int, series: Series) -> list[Finding]:
        """Put the matched observations into cells; sums that lack a part are left out and reported."""
        if position in self.without:
            return []
        self.con.execute(
            "INSERT INTO outside SELECT obs, year > $last FROM matched WHERE year > $last OR year < $first",
            {"last": self.last, "first": self.first},
        )
        targets = [f"{_case(series, column)} AS {target(column)}" for column in self.mapping.codes]
        shared = ", ".join([*targets, "year"])
        by = "".join(
            f", {f'CAST({dimension} AS VARCHAR)' if dimension in _by(series) else 'NULL'} AS {name(f'by {dimension}')}"
            for dimension in self.by
        )
        counted = ", ".join(quoted(unit) for unit in sorted(self.codelists.counted_units))
        is_count = f"any_value(CAST(unit AS VARCHAR)) IN ({counted})"
        decimals = f"CASE WHEN {is_count} THEN 0 ELSE -1 END"
        below = self.mapping.small_below
        confidentiality = closed_set("string_agg(conf_status, ',')")
        noted = f"list(DISTINCT context ORDER BY context) FILTER (context IN {listed(self.with_notes)})"
        lines = "CASE row_id " + " ".join(f"WHEN {i} THEN {row.line}" for i, row in enumerate(series.rows)) + " END"
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE filled AS SELECT {shared}, "
            f"CASE WHEN bool_and({may_leave(self.mapping)}) THEN CAST(sum(value) AS DECIMAL(28,6)) END AS value, "
            f"{decimals} AS decimals, {_union('obs_status')} AS obs_status, "
            f"{confidentiality} AS conf_status, "
            f"{position} AS series, {lines} AS line, false AS derived, "
            f"{is_count} AND COALESCE(bool_and({FREE}) AND sum(value) > 0 AND sum(value) < {below}, false) AS small, "
            f"{noted if self.with_notes else 'NULL::INTEGER[]'} AS noted{by}, "
            f"count(*) < any_value(parts) OR (count(*) > 1 AND count(value) < count(*)) AS lacking "
            f"FROM matched WHERE year BETWEEN {self.first} AND {self.last} "
            "GROUP BY ALL"
        )
        if series.flag or any(row.flag for row in series.rows):
            rows = " ".join(f"WHEN {row.line} THEN {quoted(row.flag)}" for row in series.rows if row.flag)
            of_row = f"CASE line {rows} ELSE '' END" if rows else "''"
            flags = set_of(f"concat_ws(',', obs_status, {quoted(series.flag)}, {of_row})")
            self.con.execute(f"UPDATE filled SET obs_status = {flags} WHERE value IS NOT NULL")
        if series.instead_of:
            self._leave_those_of(series)
        self.con.execute(f"INSERT INTO {self.table} SELECT * EXCLUDE (lacking) FROM filled WHERE NOT lacking")
        self.con.execute("INSERT INTO incomplete SELECT * EXCLUDE (lacking) FROM filled WHERE lacking")
        found = list(self.gathered("sum-incomplete", "SELECT * FROM filled WHERE lacking", {}))
        if series.instead_of:
            said = {"series": series.id, "instead_of": series.instead_of, "flag": series.flag}
            made = "SELECT * FROM filled WHERE NOT lacking AND value IS NOT NULL"
            found += self.gathered("cell-substituted", made, said)
        return found

    def _leave_those_of(self, series: Series) -> None:
        """Take back the cells of which anything was delivered for the series in whose place this one stands."""
        before = next(i for i, one in enumerate(self.mapping.series) if one.id == series.instead_of)
        same = " AND ".join(f"t.{column} = c.{column}" for column in (*map(target, self.mapping.codes), "year"))
        for made in (self.table, "incomplete"):
            there = f"SELECT 1 FROM {made} AS t WHERE t.series = {before} AND {same}"
            self.con.execute(f"DELETE FROM filled AS c WHERE EXISTS ({there})")

    def small(self) -> Iterator[Finding]:
        """Counts so small that they may tell of persons: marked, because disclosure control comes later."""
        below = {"below": self.mapping.small_below}
        return self.gathered("cells-small", f"SELECT * FROM {self.table} WHERE small", below)

    def left_by_year(self) -> Iterator[Finding]:
        """Observations inside a scope, but newer than the reference year or older than the span."""
        counts = dict(self.con.execute("SELECT newer, count(DISTINCT obs) FROM outside GROUP BY newer").fetchall())
        values: dict[str, Any] = {"dataset": self.mapping.dataset, "year": self.last, "periods": self.mapping.periods}
        place = Place(key=self.mapping.dataset)
        if counts.get(True):
            yield Finding("observation-after-year", place, values, counts[True])
        if counts.get(False):
            yield Finding("observation-before-period", place, values, counts[False])

    def missing(self) -> Iterator[Finding]:
        """Cells whose figure was delivered as missing, or may not leave the house."""
        query = f"SELECT * FROM {self.table} WHERE value IS NULL AND "
        yield from self.gathered("value-missing", query + FREE, {}, "obs_status")
        yield from self.gathered("value-confidential", f"{query}NOT {FREE}", {}, "conf_status")

    def confidential(self) -> Iterator[Finding]:
        """How many confidential figures leave the house, and with which flags."""
        rows = self.con.execute(
            f"SELECT conf_status, count(*) FROM {self.table} WHERE {LEAVES_CLOSED} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        if rows:
            place = Place(key=self.mapping.dataset)
            flags = ", ".join(conf_status for conf_status, _ in rows)
            values = {"dataset": self.mapping.dataset, "body": self.mapping.body, "flags": flags}
            examples = tuple({"conf_status": conf_status, "observations": count} for conf_status, count in rows)
            yield Finding("confidential-sent", place, values, sum(count for _, count in rows), examples)

    def dropped(self) -> tuple[int, ...]:
        """How many observations each `drop:` left out, in the order of the mapping."""
        counts = dict(self.con.execute("SELECT reason, count(DISTINCT obs) FROM dropped GROUP BY reason").fetchall())
        return tuple(int(counts.get(i, 0)) for i in range(len(self.mapping.drop)))

    def gathered(self, rule: str, query: str, values: dict[str, Any], status: str = "''") -> Iterator[Finding]:
        """One finding for each key that the body asks for; examples say the year, and what else tells cells apart."""
        columns = self.mapping.asked.columns
        codes = ", ".join(map(target, columns))
        beside = self._beside()
        cell = ", ".join(["year", *(target(column) for column in beside)])
        # Mostly there are none, and to see that costs a third of gathering them.
        if not self.con.execute(f"SELECT 1 FROM ({query}) LIMIT 1").fetchone():
            return
        rows = self.con.execute(
            f"SELECT {codes}, min({status}), count(*), list(DISTINCT ROW({cell}) ORDER BY ROW({cell})) "
            f"FROM ({query}) GROUP BY {codes} ORDER BY ALL"
        ).fetchall()
        for *key, shown_status, count, cells in rows:
            said = {"key": " ".join(key), "dataset": self.mapping.dataset, "status": shown_status, **values}
            place = Place(key=f"{self.mapping.dataset} {' '.join(key)}")
            examples = tuple(dict(zip(("year", *beside), one, strict=True)) for one in cells[:EXAMPLES_SHOWN])
            yield Finding(rule, place, said | {"codes": tuple(key)}, count, examples)

    def _beside(self) -> tuple[str, ...]:
        """The columns of the first file that tell cells apart beside those that are asked for."""
        wanted = self.mapping.asked.columns
        said = {column for series in self.mapping.series for row in series.rows for column in row.theirs}
        said |= {recode.column for series in self.mapping.series for recode in series.recodes}
        return tuple(column for column in self.mapping.files[0].codes if column in said and column not in wanted)


def _by(series: Series) -> list[str]:
    """The national columns that denominators of a series go by."""
    return sorted({dimension for derivation in series.derive for dimension in derivation.by})


def _case(series: Series, column: str) -> str:
    """SQL: the code of a target column, from a recode, from the row, or fixed."""
    for i, recodes in enumerate(series.recoded.values()):
        for j, recode in enumerate(recodes):
            if recode.column == column:
                return f"target{i}_{j}"
    cases = [f"WHEN {i} THEN {quoted(row.theirs[column])}" for i, row in enumerate(series.rows) if column in row.theirs]
    return f"CASE row_id {' '.join(cases)} END" if cases else quoted(series.fix[column])


def _union(column: str) -> str:
    return set_of(f"string_agg({column}, ',')")

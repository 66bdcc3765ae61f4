"""The national table, by a mapping, becomes one dataset of a body: every cell with the row that made it.

All arithmetic is exact: figures are decimals, a rate is formed from whole numbers and rounded half up
once, so the same table gives the same digits on every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nps_exchange import predicate
from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection, insert, name, quoted
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Derivation, Mapping, Series
from nps_exchange.model import (
    EXAMPLES_SHOWN,
    KEY,
    TOTAL,
    VALUE_DECIMALS,
    Finding,
    Place,
    column_letter,
)
from nps_exchange.sources.national import NationalTable

if TYPE_CHECKING:
    import pandas

FREE_TO_PUBLISH = ("", "F")
"""CONF_STATUS of a figure that anybody may see; any other stays in the house."""


@dataclass(frozen=True)
class Dataset:
    """One dataset of a body, as translated: a DuckDB table beside the national one.

    Grain: one row per key of the coded columns and year. Columns of the table: the coded columns,
    `year`, `value` (exact decimal or missing), `decimals`, `obs_status`, `conf_status`, and its
    lineage: `series` (position in the mapping), `line` of the mapping, `derived`.
    """

    mapping: Mapping
    con: Connection
    table: str
    dropped: tuple[int, ...]

    def __len__(self) -> int:
        row = self.con.execute(f"SELECT count(*) FROM {self.table} WHERE {self._sent()}").fetchone()
        return int(row[0]) if row else 0

    def _sent(self) -> str:
        return "true" if self.mapping.transmit_missing else "value IS NOT NULL"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows as they are sent: every column of the mapping as text, in order of their keys."""
        cursor = self.con.cursor()
        cells = ", ".join(self._text(column.name, column.holds, column.join) for column in self.mapping.columns)
        order = ", ".join([*map(name, self.mapping.codes), "year"])
        cursor.execute(f"SELECT {cells} FROM {self.table} WHERE {self._sent()} ORDER BY {order}")
        while block := cursor.fetchmany(10_000):
            yield from block

    def _text(self, column: str, holds: str, join: str) -> str:
        if holds == "value":
            return f"{value_text('value', 'decimals')} AS {name(column)}"
        if holds == "year":
            return f"CAST(year AS VARCHAR) AS {name(column)}"
        if holds in ("obs_status", "conf_status"):
            return f"replace({holds}, ',', {quoted(join)}) AS {name(column)}"
        return name(column)

    def frame(self) -> "pandas.DataFrame":
        """The dataset as it is sent, as a DataFrame of text; see `rows`."""
        import pandas

        return pandas.DataFrame(list(self.rows()), columns=[column.name for column in self.mapping.columns])


def value_text(value: str, decimals: str) -> str:
    """SQL: an exact decimal as text with a given number of decimals; -1 leaves just those it has."""
    cases = " ".join(
        f"WHEN {places} THEN CAST(CAST({value} AS DECIMAL(28,{places})) AS VARCHAR)"
        for places in range(VALUE_DECIMALS + 1)
    )
    shorn = f"regexp_replace(CAST({value} AS VARCHAR), '\\.?0+$', '')"
    return f"COALESCE(CASE {decimals} {cases} ELSE {shorn} END, '')"


def translate(table: NationalTable, mapping: Mapping, codelists: CodeLists, year: int) -> tuple[Dataset, list[Finding]]:
    """Translate the national table into one dataset, up to a reference year.

    Returns the dataset and what is worth knowing: rates without denominator, incomplete sums,
    figures delivered as missing, observations newer than the year.

    Raises:
        ConfigurationRefused: the mapping is not valid for the year, or an observation inside a
            scope is neither mapped nor dropped, or a cell is filled twice; each with its place.
    """
    if not mapping.valid_from <= year <= mapping.valid_to:
        period = f"{mapping.valid_from}-{mapping.valid_to}"
        values = {"dataset": mapping.dataset, "period": period, "year": year, "file": mapping.file}
        raise ConfigurationRefused(Finding("mapping-not-valid-for-year", Place(file=mapping.file), values))
    work = _Work(table.con, mapping, codelists, year)
    work.create()
    faults: list[Finding] = []
    findings: list[Finding] = []
    for position, series in enumerate(mapping.series):
        faults += work.scope(position, series)
        findings += work.fill(position, series)
    if faults:
        raise ConfigurationRefused(*faults)
    for position, series in enumerate(mapping.series):
        for derivation in series.derive:
            findings += work.derive(position, derivation)
    faults = list(work.filled_twice())
    if faults:
        raise ConfigurationRefused(*faults)
    findings += [*work.left_by_year(), *work.missing()]
    return Dataset(mapping, table.con, work.cells, work.dropped()), findings


def unused(table: NationalTable, mappings: list[Mapping]) -> list[Finding]:
    """One finding per measure: the observations in no scope of any mapping, by profession and activity."""
    scopes = [predicate.sql(series.scope, series.free) for mapping in mappings for series in mapping.series]
    denominators = [
        predicate.sql(derivation.over, derivation.by)
        for mapping in mappings
        for series in mapping.series
        for derivation in series.derive
        if derivation.over is not None
    ]
    used = " OR ".join(f"({scope})" for scope in dict.fromkeys(scopes + denominators)) or "false"
    rows = table.con.execute(
        f"SELECT measure, profession, activity, count(*) FROM national WHERE NOT ({used}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    groups: dict[str, list[dict[str, Any]]] = {}
    for measure, profession, activity, count in rows:
        group = {"profession": profession, "activity": activity, "observations": count}
        groups.setdefault(measure, []).append(group)
    return [
        Finding(
            "observations-unused",
            Place(key=measure),
            {"group": measure},
            sum(group["observations"] for group in parts),
            tuple(parts[:EXAMPLES_SHOWN]),
        )
        for measure, parts in groups.items()
    ]


class _Work:
    """The tables of one translation: `cells` is the dataset in the making."""

    def __init__(self, con: Connection, mapping: Mapping, codelists: CodeLists, year: int) -> None:
        self.con, self.mapping, self.codelists = con, mapping, codelists
        self.last = year
        self.first = year - mapping.periods + 1 if mapping.periods else 0
        self.cells = name(f"dataset {mapping.dataset}")
        self.by = sorted({d for s in mapping.series for derivation in s.derive for d in derivation.by})

    def create(self) -> None:
        codes = "".join(f"{name(column)} VARCHAR, " for column in self.mapping.codes)
        by = "".join(f", {name(f'by {dimension}')} VARCHAR" for dimension in self.by)
        self.con.execute(
            f"CREATE OR REPLACE TABLE {self.cells} ({codes}year SMALLINT, value DECIMAL(28,6), decimals TINYINT, "
            f"obs_status VARCHAR, conf_status VARCHAR, series SMALLINT, line INTEGER, derived BOOLEAN{by})"
        )
        self.con.execute("CREATE OR REPLACE TEMP TABLE dropped (obs BIGINT, reason SMALLINT)")
        self.con.execute("CREATE OR REPLACE TEMP TABLE outside (obs BIGINT, newer BOOLEAN)")

    def scope(self, position: int, series: Series) -> list[Finding]:
        """Lay out the scope of a series, and find what in it is neither mapped nor dropped."""
        columns = ", ".join(dict.fromkeys((*series.free, *self.by)))
        drops = " ".join(
            f"WHEN {predicate.only_named(left.where)} THEN {i}" for i, left in enumerate(self.mapping.drop)
        )
        drop = f"CASE {drops} END" if drops else "NULL"
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE scoped AS SELECT obs, year, value, obs_status, conf_status, unit, "
            f"{columns + ', ' if columns else ''}{drop} AS reason FROM national "
            f"WHERE {predicate.sql(series.scope, series.free)}"
        )
        self.con.execute("INSERT INTO dropped SELECT obs, reason FROM scoped WHERE reason IS NOT NULL")
        self._correspondence(series)
        joins = self._joins(series)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE matched AS SELECT scoped.*, rows_.row_id, rows_.parts"
            f"{''.join(f', recode{i}.target AS target{i}' for i in range(len(series.recodes)))} "
            f"FROM scoped {joins} WHERE reason IS NULL"
        )
        return self._unmapped(series)

    def _correspondence(self, series: Series) -> None:
        """The rows of correspondence as a table; a row that sums has one line for each combination."""
        columns = "".join(f", {name(dimension)} code_{dimension}" for dimension in series.ours)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE rows_ "
            f"(row_id INTEGER, parts INTEGER, first SMALLINT, last SMALLINT{columns})"
        )
        lines = []
        for row_id, row in enumerate(series.rows):
            combinations = _product([row.ours[dimension] for dimension in series.ours])
            for codes in combinations:
                lines.append((row_id, len(combinations), row.valid_from, row.valid_to, *codes))
        insert(self.con, "rows_", lines)
        for i, recode in enumerate(series.recodes):
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE recode{i} (code code_{recode.dimension}, target VARCHAR)")
            insert(self.con, f"recode{i}", list(recode.codes.items()))

    def _joins(self, series: Series) -> str:
        on = [f"scoped.{name(dimension)} = rows_.{name(dimension)}" for dimension in series.ours]
        on.append("scoped.year BETWEEN rows_.first AND rows_.last")
        joins = [f"JOIN rows_ ON {' AND '.join(on)}"]
        for i, recode in enumerate(series.recodes):
            joins.append(f"JOIN recode{i} ON scoped.{name(recode.dimension)} = recode{i}.code")
        return " ".join(joins)

    def _unmapped(self, series: Series) -> list[Finding]:
        key = ", ".join(f"CAST(n.{column} AS VARCHAR)" for column in KEY)
        rows = self.con.execute(
            f"SELECT c.file, c.sheet, n.row, n.col, {key} FROM scoped JOIN national AS n USING (obs) "
            "JOIN context AS c USING (context) WHERE reason IS NULL "
            "AND obs NOT IN (SELECT obs FROM matched) ORDER BY obs"
        ).fetchall()
        if not rows:
            return []
        examples = tuple(
            {"file": file, "sheet": sheet, "row": row, "column": column_letter(col), "key": _shown(codes)}
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
        return [Finding("observation-unmapped", place, values, len(rows), examples)]

    def fill(self, position: int, series: Series) -> list[Finding]:
        """Put the matched observations into cells; sums that lack a part are left out and reported."""
        self.con.execute(
            "INSERT INTO outside SELECT obs, year > $last FROM matched WHERE year > $last OR year < $first",
            {"last": self.last, "first": self.first},
        )
        targets = [f"{_case(series, column)} AS {name(column)}" for column in self.mapping.codes]
        shared = ", ".join([*targets, "year"])
        by = "".join(
            f", {f'CAST({dimension} AS VARCHAR)' if dimension in series.free else 'NULL'} AS {name(f'by {dimension}')}"
            for dimension in self.by
        )
        free = "conf_status IN ('', 'F')"
        counted = ", ".join(quoted(unit) for unit in sorted(self.codelists.counted_units))
        decimals = f"CASE WHEN any_value(CAST(unit AS VARCHAR)) IN ({counted}) THEN 0 ELSE -1 END"
        lines = "CASE row_id " + " ".join(f"WHEN {i} THEN {row.line}" for i, row in enumerate(series.rows)) + " END"
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE filled AS SELECT {shared}, "
            f"CASE WHEN bool_and({free}) THEN CAST(sum(value) AS DECIMAL(28,6)) END AS value, "
            f"{decimals} AS decimals, {_union('obs_status')} AS obs_status, {_union('conf_status')} AS conf_status, "
            f"{position} AS series, {lines} AS line, false AS derived{by}, "
            f"count(*) < any_value(parts) OR (count(*) > 1 AND count(value) < count(*)) AS lacking "
            f"FROM matched WHERE year BETWEEN {self.first} AND {self.last} "
            "GROUP BY ALL"
        )
        self.con.execute(f"INSERT INTO {self.cells} SELECT * EXCLUDE (lacking) FROM filled WHERE NOT lacking")
        return list(self._gathered("sum-incomplete", "SELECT * FROM filled WHERE lacking", {}))

    def derive(self, position: int, derivation: Derivation) -> list[Finding]:
        """Add the rates of one derivation."""
        where = [f"c.series = {position}", "NOT c.derived", "c.value IS NOT NULL"]
        where += [f"c.{name(column)} IN ({_texts(codes)})" for column, codes in derivation.where.items()]
        years = len(derivation.years_back)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE below AS {self._denominators(derivation)}")
        key = [*(f"c.{name(column)}" for column in self.mapping.codes), "c.year"]
        scale = 10**VALUE_DECIMALS
        over = f"sum(CAST(CAST(d.value AS DECIMAL(28,6)) * {scale} AS HUGEINT))"
        up = f"CAST(any_value(c.value) * {scale} AS HUGEINT) * {derivation.times * years * 10**derivation.decimals}"
        rounded = f"(2 * {up} + {over}) // (2 * {over})"
        step = f"CAST({quoted(format(10**-derivation.decimals, f'.{derivation.decimals}f'))} AS DECIMAL(7,6))"
        targets = ", ".join(
            f"{quoted(derivation.sets[column])} AS {name(column)}" if column in derivation.sets else f"c.{name(column)}"
            for column in self.mapping.codes
        )
        flags = "any_value(c.{0}) || ',' || COALESCE(string_agg(d.{0}, ','), '')"
        by = "".join(f", any_value(c.{name(f'by {dimension}')})" for dimension in self.by)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {targets}, c.year, "
            f"CASE WHEN count(d.value) = {years} AND {over} > 0 "
            f"THEN CAST(CAST({rounded} AS DECIMAL(28,0)) * {step} AS DECIMAL(28,6)) END AS value, "
            f"{derivation.decimals} AS decimals, {_set_of(flags.format('obs_status'))} AS obs_status, "
            f"{_set_of(flags.format('conf_status'))} AS conf_status, {position} AS series, "
            f"{derivation.line} AS line, true AS derived{by}, count(d.value) AS found, {over} AS over_ "
            f"FROM {self.cells} AS c LEFT JOIN below AS d ON {self._same(derivation)} "
            f"WHERE {' AND '.join(where)} GROUP BY {', '.join(key)}"
        )
        self.con.execute(f"INSERT INTO {self.cells} SELECT * EXCLUDE (found, over_) FROM rates WHERE value IS NOT NULL")
        shown = {"denominator": _denominator(derivation)}
        short = f"SELECT * FROM rates WHERE value IS NULL AND found < {years}"
        zero = f"SELECT * FROM rates WHERE value IS NULL AND found = {years}"
        return [
            *self._gathered("rate-without-denominator", short, shown),
            *self._gathered("rate-over-zero", zero, shown),
        ]

    def _denominators(self, derivation: Derivation) -> str:
        """The figures that may stand below the line, free to publish and not missing."""
        usable = "value IS NOT NULL AND conf_status IN ('', 'F')"
        if derivation.over is None:
            return f"SELECT * FROM {self.cells} WHERE NOT derived AND {usable}"
        by = "".join(f", CAST({dimension} AS VARCHAR) AS {name(f'by {dimension}')}" for dimension in derivation.by)
        return (
            f"SELECT year, value, obs_status, conf_status{by} FROM national "
            f"WHERE {predicate.sql(derivation.over, derivation.by)} AND {usable}"
        )

    def _same(self, derivation: Derivation) -> str:
        """Which denominators belong to a cell `c`."""
        if derivation.over is None:
            changed = derivation.of or {}
            parts = [
                f"d.{name(column)} = {quoted(changed[column]) if column in changed else f'c.{name(column)}'}"
                for column in self.mapping.codes
            ]
            return " AND ".join([*parts, "d.year = c.year"])
        years = ", ".join(f"c.year + {back}" for back in derivation.years_back)
        parts = [f"d.year IN ({years})"]
        parts += [f"d.{name(f'by {dimension}')} = c.{name(f'by {dimension}')}" for dimension in derivation.by]
        return " AND ".join(parts)

    def filled_twice(self) -> Iterator[Finding]:
        """Cells that two rows fill: seen only now where columns are recoded."""
        codes = ", ".join(name(column) for column in self.mapping.codes)
        rows = self.con.execute(
            f"SELECT {codes}, year, string_agg(DISTINCT CAST(line AS VARCHAR), ', ' ORDER BY CAST(line AS VARCHAR)) "
            f"FROM {self.cells} GROUP BY {codes}, year HAVING count(*) > 1 ORDER BY ALL LIMIT {EXAMPLES_SHOWN}"
        ).fetchall()
        for *key, lines in rows:
            values = {"key": " ".join(map(str, key)), "dataset": self.mapping.dataset, "lines": lines}
            yield Finding("cell-filled-twice", Place(file=self.mapping.file), values)

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
        query = f"SELECT * FROM {self.cells} WHERE value IS NULL AND "
        open_, closed = "conf_status IN ('', 'F')", "conf_status NOT IN ('', 'F')"
        yield from self._gathered("value-missing", query + open_, {}, "obs_status")
        yield from self._gathered("value-confidential", query + closed, {}, "conf_status")

    def dropped(self) -> tuple[int, ...]:
        """How many observations each `drop:` left out, in the order of the mapping."""
        counts = dict(self.con.execute("SELECT reason, count(DISTINCT obs) FROM dropped GROUP BY reason").fetchall())
        return tuple(int(counts.get(i, 0)) for i in range(len(self.mapping.drop)))

    def _gathered(self, rule: str, query: str, values: dict[str, Any], status: str = "''") -> Iterator[Finding]:
        """One finding for each key without its year, with the years as examples."""
        codes = ", ".join(name(column) for column in self.mapping.codes)
        rows = self.con.execute(
            f"SELECT {codes}, min({status}), count(*), list(year ORDER BY year) FROM ({query}) "
            f"GROUP BY {codes} ORDER BY ALL"
        ).fetchall()
        for *key, shown_status, count, years in rows:
            said = {"key": " ".join(key), "dataset": self.mapping.dataset, "status": shown_status, **values}
            place = Place(key=f"{self.mapping.dataset} {' '.join(key)}")
            yield Finding(rule, place, said, count, tuple({"year": year} for year in years[:EXAMPLES_SHOWN]))


def _case(series: Series, column: str) -> str:
    """SQL: the code of a target column, from a recode, from the row, or fixed."""
    for i, recode in enumerate(series.recodes):
        if recode.column == column:
            return f"target{i}"
    cases = [f"WHEN {i} THEN {quoted(row.theirs[column])}" for i, row in enumerate(series.rows) if column in row.theirs]
    return f"CASE row_id {' '.join(cases)} END" if cases else quoted(series.fix[column])


def _union(column: str) -> str:
    return _set_of(f"string_agg({column}, ',')")


def _set_of(joined: str) -> str:
    """SQL: flags joined by commas, as one sorted set."""
    flags = f"list_filter(string_split({joined}, ','), lambda flag: flag <> '')"
    return f"COALESCE(array_to_string(list_sort(list_distinct({flags})), ','), '')"


def _texts(codes: tuple[str, ...]) -> str:
    return ", ".join(quoted(code) for code in codes)


def _product(axes: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    combinations: list[tuple[str, ...]] = [()]
    for codes in axes:
        combinations = [(*combination, code) for combination in combinations for code in codes]
    return combinations


def _denominator(derivation: Derivation) -> str:
    if derivation.over is not None:
        return predicate.shown(derivation.over)
    return ", ".join(f"{column}={code}" for column, code in (derivation.of or {}).items())


def _shown(key: list[str]) -> str:
    return " ".join(code for code in key if code not in (TOTAL, "_Z"))

"""Rates of the cells of a dataset: value x times / denominator, exact, rounded half up once.

Figures are decimals and a rate is formed from whole numbers, so the same table gives the same digits
on every machine.
"""

from collections.abc import Iterator

from nps_exchange import predicate
from nps_exchange.cell_flags import closed_set, set_of
from nps_exchange.cells import Cells, may_leave, target
from nps_exchange.engine import listed, name, quoted
from nps_exchange.mapping import Derivation
from nps_exchange.model import VALUE_DECIMALS, Finding


def derive(cells: Cells) -> list[Finding]:
    """Add the rates of all series, in one statement: of small tables most of the time goes into planning."""
    asked = [
        (position, derivation)
        for position, series in enumerate(cells.mapping.series)
        if position not in cells.without
        for derivation in series.derive
    ]
    if not asked:
        return []
    parts = " UNION ALL ".join(_parts(cells, number, *one) for number, one in enumerate(asked))
    codes = ", ".join(map(target, cells.mapping.codes))
    by = "".join(f", {name(f'by {dimension}')}" for dimension in cells.by)
    rounded = f"(2 * {_whole('above')} * factor + below) // (2 * below)"
    cells.con.execute(
        f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {codes}, year, CASE WHEN found = years AND below > 0 "
        f"THEN CAST(CAST({rounded} AS DECIMAL(28,0)) * step AS DECIMAL(28,6)) END AS value, "
        f"decimals, {set_of('obs_status')} AS obs_status, {closed_set('conf_status')} AS conf_status, series, line, "
        f"true AS derived, false AS small, NULL::INTEGER[] AS noted{by}, number, found - years AS more FROM ({parts})"
    )
    cells.con.execute(f"INSERT INTO {cells.table} SELECT * EXCLUDE (number, more) FROM rates WHERE value IS NOT NULL")
    return list(_underived(cells, asked))


def _parts(cells: Cells, number: int, position: int, derivation: Derivation) -> str:
    """SQL: what the rates of one derivation are formed of, one row a cell."""
    years, step = len(derivation.years_back), format(10**-derivation.decimals, f".{derivation.decimals}f")
    key = [*(f"c.{target(column)}" for column in cells.mapping.codes), "c.year"]
    flags = "any_value(c.{0}) || ',' || COALESCE(string_agg(d.{0}, ','), '') AS {0}"
    by = "".join(f", any_value(c.{name(f'by {dimension}')}) AS {name(f'by {dimension}')}" for dimension in cells.by)
    return (
        f"SELECT {_targets(cells, derivation)}, c.year, any_value(c.value) AS above, "
        f"sum({_whole('CAST(d.value AS DECIMAL(28,6))')}) AS below, count(d.value) AS found, {years} AS years, "
        f"CAST({derivation.times * years * 10**derivation.decimals} AS HUGEINT) AS factor, "
        f"CAST({quoted(step)} AS DECIMAL(7,6)) AS step, {derivation.decimals} AS decimals, "
        f"{flags.format('obs_status')}, {flags.format('conf_status')}, {position} AS series, "
        f"{derivation.line} AS line, {number} AS number{by} "
        f"FROM {cells.table} AS c LEFT JOIN ({_denominators(cells, derivation)}) AS d ON {_same(cells, derivation)} "
        f"WHERE {_numerators(position, derivation)} AND c.value IS NOT NULL GROUP BY {', '.join(key)}"
    )


def _underived(cells: Cells, asked: list[tuple[int, Derivation]]) -> Iterator[Finding]:
    """Why there are cells without their rate; mostly each has it, and to see that is one query for all."""
    failed = set(cells.con.execute("SELECT DISTINCT number, sign(more) FROM rates WHERE value IS NULL").fetchall())
    empty = f"SELECT DISTINCT series FROM {cells.table} WHERE NOT derived AND value IS NULL"
    without = {position for (position,) in cells.con.execute(empty).fetchall()}
    for number, (position, derivation) in enumerate(asked):
        over = {"denominator": _denominator(derivation)}
        query = f"SELECT * FROM rates WHERE number = {number} AND value IS NULL AND "
        if (number, -1) in failed:
            yield from cells.gathered("rate-without-denominator", query + "more < 0", over)
        if (number, 0) in failed:
            yield from cells.gathered("rate-over-zero", query + "more = 0", over)
        if position in without:
            nothing = f"{_numerators(position, derivation)} AND c.value IS NULL"
            query = f"SELECT {_targets(cells, derivation)}, c.year FROM {cells.table} AS c WHERE {nothing}"
            yield from cells.gathered("rate-without-numerator", query, {})


def _whole(value: str) -> str:
    """SQL: an exact decimal as a whole number of its smallest parts."""
    return f"CAST({value} * {10**VALUE_DECIMALS} AS HUGEINT)"


def _targets(cells: Cells, derivation: Derivation) -> str:
    """SQL: the codes of a rate, of those of the cell `c` that it is the rate of."""
    return ", ".join(
        f"{quoted(derivation.sets[column])} AS {target(column)}" if column in derivation.sets else f"c.{target(column)}"
        for column in cells.mapping.codes
    )


def _numerators(position: int, derivation: Derivation) -> str:
    """SQL: whether a cell `c` is one that the derivation makes rates of."""
    where = [f"c.{target(column)} IN {listed(codes)}" for column, codes in derivation.where.items()]
    return " AND ".join([f"c.series = {position}", "NOT c.derived", *where])


def _denominators(cells: Cells, derivation: Derivation) -> str:
    """The figures that may stand below the line: not missing, and such as the body may have."""
    usable = f"value IS NOT NULL AND {may_leave(cells.mapping)}"
    if derivation.over is None:
        return f"SELECT * FROM {cells.table} WHERE NOT derived AND {usable}"
    by = "".join(f", CAST({dimension} AS VARCHAR) AS {name(f'by {dimension}')}" for dimension in derivation.by)
    return (
        f"SELECT year, value, obs_status, conf_status{by} FROM national "
        f"WHERE {predicate.sql(derivation.over, derivation.by)} AND {usable}"
    )


def _same(cells: Cells, derivation: Derivation) -> str:
    """Which denominators belong to a cell `c`."""
    if derivation.over is None:
        changed = derivation.of or {}
        parts = [
            f"d.{target(column)} = {quoted(changed[column]) if column in changed else f'c.{target(column)}'}"
            for column in cells.mapping.codes
        ]
        return " AND ".join([*parts, "d.year = c.year"])
    years = ", ".join(f"c.year + {back}" for back in derivation.years_back)
    parts = [f"d.year IN ({years})"]
    parts += [f"d.{name(f'by {dimension}')} = c.{name(f'by {dimension}')}" for dimension in derivation.by]
    return " AND ".join(parts)


def _denominator(derivation: Derivation) -> str:
    if derivation.over is not None:
        return predicate.shown(derivation.over)
    return ", ".join(f"{column}={code}" for column, code in (derivation.of or {}).items())

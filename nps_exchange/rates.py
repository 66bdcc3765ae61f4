"""Rates of the cells of a dataset: value x times / denominator, exact, rounded half up once.

Figures are decimals and a rate is formed from whole numbers, so the same table gives the same digits
on every machine.
"""

from nps_exchange import predicate
from nps_exchange.cell_flags import closed_set, set_of
from nps_exchange.cells import Cells, may_leave, target
from nps_exchange.engine import listed, name, quoted
from nps_exchange.mapping import Derivation
from nps_exchange.model import VALUE_DECIMALS, Finding


def derive(cells: Cells, position: int, derivation: Derivation) -> list[Finding]:
    """Add the rates of one derivation."""
    if position in cells.without:
        return []
    where = [f"c.series = {position}", "NOT c.derived"]
    where += [f"c.{target(column)} IN {listed(codes)}" for column, codes in derivation.where.items()]
    years = len(derivation.years_back)
    key = [*(f"c.{target(column)}" for column in cells.mapping.codes), "c.year"]
    scale = 10**VALUE_DECIMALS
    over = f"sum(CAST(CAST(d.value AS DECIMAL(28,6)) * {scale} AS HUGEINT))"
    up = f"CAST(any_value(c.value) * {scale} AS HUGEINT) * {derivation.times * years * 10**derivation.decimals}"
    rounded = f"(2 * {up} + {over}) // (2 * {over})"
    step = f"CAST({quoted(format(10**-derivation.decimals, f'.{derivation.decimals}f'))} AS DECIMAL(7,6))"
    targets = ", ".join(
        f"{quoted(derivation.sets[column])} AS {target(column)}" if column in derivation.sets else f"c.{target(column)}"
        for column in cells.mapping.codes
    )
    flags = "any_value(c.{0}) || ',' || COALESCE(string_agg(d.{0}, ','), '')"
    by = "".join(f", any_value(c.{name(f'by {dimension}')})" for dimension in cells.by)
    cells.con.execute(
        f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {targets}, c.year, "
        f"CASE WHEN count(d.value) = {years} AND {over} > 0 "
        f"THEN CAST(CAST({rounded} AS DECIMAL(28,0)) * {step} AS DECIMAL(28,6)) END AS value, "
        f"{derivation.decimals} AS decimals, {set_of(flags.format('obs_status'))} AS obs_status, "
        f"{closed_set(flags.format('conf_status'))} AS conf_status, {position} AS series, "
        f"{derivation.line} AS line, true AS derived, false AS small, NULL::INTEGER[] AS noted{by}, "
        f"count(d.value) AS found, {over} AS over_ "
        f"FROM {cells.table} AS c LEFT JOIN ({_denominators(cells, derivation)}) AS d ON {_same(cells, derivation)} "
        f"WHERE {' AND '.join([*where, 'c.value IS NOT NULL'])} GROUP BY {', '.join(key)}"
    )
    cells.con.execute(f"INSERT INTO {cells.table} SELECT * EXCLUDE (found, over_) FROM rates WHERE value IS NOT NULL")
    below = {"denominator": _denominator(derivation)}
    short = f"SELECT * FROM rates WHERE value IS NULL AND found < {years}"
    nothing = f"SELECT {targets}, c.year FROM {cells.table} AS c WHERE {' AND '.join([*where, 'c.value IS NULL'])}"
    zero = f"SELECT * FROM rates WHERE value IS NULL AND found = {years}"
    return [
        *cells.gathered("rate-without-denominator", short, below),
        *cells.gathered("rate-over-zero", zero, below),
        *cells.gathered("rate-without-numerator", nothing, {}),
    ]


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

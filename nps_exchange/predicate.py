"""A predicate: which observations of the national table are meant, as data, as SQL and as words.

A dimension that is not named must be at its total (`_T`, or `_Z` where the measure has none of it):
so nothing is counted twice because somebody forgot a column.
"""

from collections.abc import Iterable, Mapping

from nps_exchange.engine import listed
from nps_exchange.model import DIMENSIONS, NOT_APPLICABLE, TOTAL

Predicate = Mapping[str, tuple[str, ...]]
"""Columns of the national table, each with the codes it may have."""


def sql(where: Predicate, free: Iterable[str] = (), prefix: str = "") -> str:
    """The condition of a predicate; `free` dimensions may have any code."""
    parts = [_is_in(prefix, column, codes) for column, codes in sorted(where.items())]
    for dimension in DIMENSIONS:
        if dimension not in where and dimension not in free:
            parts.append(_is_in(prefix, dimension, none_of(dimension)))
    return " AND ".join(parts)


def only_named(where: Predicate, prefix: str = "") -> str:
    """The condition without the rule of totals: for what narrows a predicate that has it."""
    return " AND ".join(_is_in(prefix, column, codes) for column, codes in sorted(where.items()))


def none_of(dimension: str) -> tuple[str, ...]:
    """The codes that say nothing of a dimension."""
    return (NOT_APPLICABLE,) if dimension == "activity" else (TOTAL, NOT_APPLICABLE)


def shown(where: Predicate) -> str:
    """A predicate in words: `measure=population, unit=persons`."""
    return ", ".join(f"{column}={'+'.join(codes)}" for column, codes in where.items())


def _is_in(prefix: str, column: str, codes: tuple[str, ...]) -> str:
    return f"{prefix}{column} IN {listed(codes)}"

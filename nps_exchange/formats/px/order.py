"""The order in which the statements of a PX file are written."""

from collections.abc import Iterable

from nps_exchange.formats.px.document import Statement
from nps_exchange.px_keywords import keywords


def in_order(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements in the recommended order: those of one keyword as they came, unknown keywords last."""
    known = keywords()

    def place(one: Statement) -> float:
        keyword = known.get(one.keyword)
        if keyword is None:
            return len(known)
        if one.keys and keyword.with_keys_after:
            return known[keyword.with_keys_after].place + 0.5
        return keyword.place

    return tuple(sorted(statements, key=place))

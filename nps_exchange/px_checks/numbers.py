"""Whether the statements of a PX file that say how its table is shown agree with each other."""

from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import Head, tell, whole_number
from nps_exchange.px_keywords import keywords
from nps_exchange.tally import Tally

DECIMALS, SHOWDECIMALS, YES = "DECIMALS", "SHOWDECIMALS", "YES"

SINCE = 2010
"""The AXIS-VERSION from which PRESTEXT has its present meaning."""

TEXT_ALONE = 1
"""What PRESTEXT could say before."""


def check(head: Head, tally: Tally) -> None:
    """Look at decimals, at how values are shown, at the description, and at attributes."""
    _decimals(head, tally)
    default = _first(head, "DESCRIPTIONDEFAULT")
    if default and default.text.upper() == YES and not head.text("DESCRIPTION"):
        tell(tally, "px-description-missing", default)
    version = whole_number(head.text("AXIS-VERSION"))
    for one in head.of("PRESTEXT") if version is None or version < SINCE else ():
        if whole_number(one.text) not in (None, TEXT_ALONE):
            tell(tally, "px-prestext-old", one, one.keyword, since=SINCE)
    _attributes(head, tally)


def _first(head: Head, keyword: str) -> Statement | None:
    return next(iter(head.of(keyword)), None)


def _decimals(head: Head, tally: Tally) -> None:
    kept, seen = _first(head, DECIMALS), _first(head, SHOWDECIMALS)
    decimals, number = head.number(DECIMALS), head.number(SHOWDECIMALS)
    _, most = keywords()[SHOWDECIMALS].bounds or (0, 0)
    _, limit = keywords()[DECIMALS].bounds or (0, 0)
    if decimals is None:
        return
    if kept and not seen and most < decimals <= limit:
        tell(tally, "px-decimals-hidden", kept, number=decimals, most=most)
    if seen and number is not None and decimals < number <= most:
        tell(tally, "px-showdecimals-more", seen, number=number, decimals=decimals)
    least = decimals if number is None else number
    for one in head.of("PRECISION"):
        precision = whole_number(one.text)
        if precision and precision <= least:
            tell(tally, "px-precision-without-effect", one, one.keyword, decimals=least)


def _attributes(head: Head, tally: Tally) -> None:
    """ATTRIBUTE-TEXT and ATTRIBUTES have a value for each ATTRIBUTE-ID."""
    names = _first(head, "ATTRIBUTE-ID")
    number = len(names.values) if names else 0
    for one in (*head.of("ATTRIBUTE-TEXT"), *head.of("ATTRIBUTES")):
        if len(one.values) != number:
            tell(tally, "px-attributes-number", one, number=len(one.values), wanted=number)

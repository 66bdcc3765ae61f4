"""What can be wrong with the times of a PX file: scale, periods, and whether they fit the values."""

import re
from functools import cache
from itertools import pairwise

from nps_exchange import documents
from nps_exchange.formats.px.cube import times_of
from nps_exchange.formats.px.document import Statement
from nps_exchange.px_head import Head, Variable, tell
from nps_exchange.resources import packaged
from nps_exchange.tally import Tally

TIMEVAL = "TIMEVAL"


@cache
def scales() -> dict[str, tuple[re.Pattern[str], str]]:
    """The pattern of each scale's periods, and how they are written, by `schemas/px/times.yaml`.

    Raises:
        ConfigurationRefused: the file is at fault.
    """
    path = packaged("schemas") / "px" / "times.yaml"
    data = documents.load(path, "px-times.schema.json", "schemas/px/times.yaml").data
    return {item["name"]: (re.compile(item["pattern"], re.ASCII), item["form"]) for item in data["scales"]}


def check(head: Head, tally: Tally) -> None:
    """Look at each TIMEVAL that could be read."""
    for one in head.sound():
        if one.keyword == TIMEVAL:
            variable = head.variable(one.keys[0], head.language_of(one)) if len(one.keys) == 1 else None
            _times(one, variable, tally)


def _times(one: Statement, variable: Variable | None, tally: Tally) -> None:
    found = times_of(one)
    if found is None or found.scale not in scales():
        tell(tally, "px-timeval-wrong", one, text=one.text, scales=", ".join(scales()))
        return
    pattern, form = scales()[found.scale]
    # Of many that are written wrongly the first is enough: they are written alike.
    if odd := next((text for text in found.values if not pattern.fullmatch(text)), None):
        tell(tally, "px-timeval-period", one, text=odd, scale=found.scale, form=form)
    elif found.values and variable and variable.values is not None:  # the scale alone says that the values are periods
        if len(found.values) != len(variable.values):
            tell(tally, "px-timeval-number", one, number=len(found.values), values=len(variable.values))
        else:
            _fit(one, found.values, variable.values, pattern, tally)


def _fit(
    one: Statement, periods: tuple[str, ...], values: tuple[str, ...], pattern: re.Pattern[str], tally: Tally
) -> None:
    pairs = zip(values, periods, strict=True)
    if other := next(((value, text) for value, text in pairs if value != text and pattern.fullmatch(value)), None):
        tell(tally, "px-timeval-differs", one, value=other[0], text=other[1])
        return
    falling = len(periods) > 1 and periods[0] > periods[-1]  # the latest first, as some agencies have it
    steps = pairwise(reversed(periods) if falling else periods)
    if early := next((text for before, text in steps if before >= text), None):
        tell(tally, "px-timeval-order", one, text=early)

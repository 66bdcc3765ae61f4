"""What can be wrong with the times of a PX file: scale, periods, and whether they fit the values."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from nps_exchange import documents
from nps_exchange.formats.px.cube import number_of, times_of
from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import Head, Variable, tell
from nps_exchange.resources import packaged
from nps_exchange.tally import Tally

TIMEVAL = "TIMEVAL"


@dataclass(frozen=True)
class Scale:
    """How the periods of a scale are written: in words, by the specification, and as some write them all the same."""

    form: str
    pattern: re.Pattern[str]
    also: re.Pattern[str] | None


@cache
def scales() -> dict[str, Scale]:
    """The scales by their names, as `schemas/px/times.yaml` has them.

    Raises:
        ConfigurationRefused: the file is at fault.
    """
    path = packaged("schemas") / "px" / "times.yaml"
    found = {}
    for item in documents.load(path, "px-times.schema.json", "schemas/px/times.yaml").data["scales"]:
        also = re.compile(item["also"], re.ASCII) if "also" in item else None
        found[item["name"]] = Scale(item["form"], re.compile(item["pattern"], re.ASCII), also)
    return found


def check(head: Head, tally: Tally) -> None:
    """Look at each TIMEVAL that could be read."""
    for one in head.sound():
        if one.keyword == TIMEVAL:
            variable = head.variable(one.keys[0], head.language_of(one)) if len(one.keys) == 1 else None
            _times(one, variable, tally)


def _times(one: Statement, variable: Variable | None, tally: Tally) -> None:
    values = variable.values if variable else None
    found = times_of(one, len(values or ()))
    if found is None or found.scale not in scales():
        tell(tally, "px-timeval-wrong", one, text=one.text, scales=", ".join(scales()))
        return
    scale = scales()[found.scale]
    odd = [text for text in found.values if not scale.pattern.fullmatch(text)]
    if odd:
        # Of many that are written otherwise the first is enough: they are written alike.
        wrong = next((text for text in odd if not (scale.also and scale.also.fullmatch(text))), None)
        rule = "px-timeval-form" if wrong is None else "px-timeval-period"
        tell(tally, rule, one, text=odd[0] if wrong is None else wrong, scale=found.scale, form=scale.form)
        if wrong is not None:
            return
    number = number_of(one)
    if number and values is not None:  # the scale alone says that the values are periods
        if number != len(values):
            tell(tally, "px-timeval-number", one, number=number, values=len(values))
        else:
            _fit(one, found.values, values, scale, tally)


def _fit(one: Statement, periods: tuple[str, ...], values: tuple[str, ...], scale: Scale, tally: Tally) -> None:
    for value, text in zip(values, periods, strict=True):
        if value != text and scale.pattern.fullmatch(value) and scale.pattern.fullmatch(text):
            tell(tally, "px-timeval-differs", one, value=value, text=text)
            return
    falling = len(periods) > 1 and periods[0] > periods[-1]  # the latest first, as some agencies have it
    for before, text in pairwise(reversed(periods) if falling else periods):
        if before >= text:
            tell(tally, "px-timeval-order", one, text=text)
            return

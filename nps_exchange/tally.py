"""Findings in the making: every fault is counted, but only so many kinds and places of it are kept.

A file whose columns stand in another order may have a hundred thousand different codes that are none. The first
fifty of a column get a finding each, the others share one; the counts are true all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nps_exchange.formats.table import Cell
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place

KINDS_SHOWN = 50
"""How many different codes, keys or columns with the same fault get a finding of their own."""

LONGEST_SHOWN = 80
"""Characters of a cell in a message; a cell may have a million."""

OTHERS: dict[str, str] = {
    "code-unknown": "code-unknown-others",
    "code-unknown-in-part": "code-unknown-others",
    "code-spaced": "code-unknown-others",
    "field-unknown": "field-unknown-others",
    "key-repeated": "key-repeated-others",
    "key-contradicted": "key-repeated-others",
    "key-not-asked": "key-not-asked-others",
}
"""The rule for all kinds of a fault beyond those with a finding of their own; without one it is the same rule."""

BEYOND = "\0"
"""The kind that they share; no cell holds this character."""

Where = Callable[[int, str], Place]
"""Where a row and a column stand, counted as in a text file: the heading is row 1."""

Values = Mapping[str, object]


def shown(cell: Cell, longest: int = LONGEST_SHOWN) -> str:
    """A cell as a message shows it: not too long, and no character that a screen would hide or obey."""
    text = cell or ""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass
class _Fault:
    rule: str
    place: Place
    values: dict[str, object]
    examples: list[dict[str, object]]
    count: int = 0


class Tally:
    """The faults of one table, by rule, column and kind."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._faults: dict[tuple[str, str, str], _Fault] = {}
        self._beyond: dict[tuple[str, str], _Fault] = {}
        self._kinds: dict[tuple[str, str], int] = {}

    def add(
        self, rule: str, row: int, column: str, values: Callable[[], Values], kind: str = "", text: Cell = ""
    ) -> None:
        """Count a fault; `values` is asked for only where it is the first of its kind.

        `kind` is what the file has there where that makes a finding of its own (a code, a key); otherwise `text` is.
        """
        fault = self._faults.get((rule, column, kind))
        if fault is None:
            scope = (rule, column if kind else "")  # what has no kinds of its own is told apart by its column
            fault = self._beyond.get(scope) or self._begun(scope, row, column, values, kind)
        fault.count += 1
        if len(fault.examples) < EXAMPLES_SHOWN:
            place = self._where(row, shown(column)).as_json()
            place.pop("file", None)
            said = kind or text
            fault.examples.append(place | {"text": shown(said)} if said else place)

    def _begun(self, scope: tuple[str, str], row: int, column: str, values: Callable[[], Values], kind: str) -> _Fault:
        rule = scope[0]
        self._kinds[scope] = self._kinds.get(scope, 0) + 1
        begun = _Fault(rule, self._where(row, shown(column)), dict(values()), [])
        if self._kinds[scope] <= KINDS_SHOWN:
            self._faults[rule, column, kind] = begun
            return begun
        begun.rule = OTHERS.get(rule, rule)
        # Several rules may share one for the others.
        self._beyond[scope] = self._faults.setdefault((begun.rule, scope[1], BEYOND), begun)
        return self._beyond[scope]

    def findings(self) -> list[Finding]:
        """The findings so far, in the order in which they were first met."""
        return [
            Finding(fault.rule, fault.place, fault.values, fault.count, tuple(fault.examples))
            for fault in self._faults.values()
        ]

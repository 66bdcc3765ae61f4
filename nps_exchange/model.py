"""The records that every stage speaks of: a place, a finding, and the columns of the national table."""

from dataclasses import dataclass, field, replace
from typing import Any

DIMENSIONS: tuple[str, ...] = (
    "measure",
    "profession",
    "speciality",
    "activity",
    "sex",
    "age",
    "region",
    "ownership",
    "industry",
    "provider",
    "place_of_training",
    "country_of_training",
    "birthplace",
    "unit",
)
"""The coded columns of the national table, in order; each has a code list in `schemas/national/`."""

ALWAYS_NAMED: tuple[str, ...] = ("measure", "unit")
"""Dimensions that have no total: they must be said, wherever a row or a scope is described."""

KEY: tuple[str, ...] = (*DIMENSIONS, "year")
"""The grain of the national table: one row an observation."""

ATTRIBUTES: tuple[str, ...] = ("obs_status", "conf_status", "reference_date", "source", "note")
PLACE: tuple[str, ...] = ("file", "sheet", "row", "column")
"""Where the observation stood in the delivered file: this is what lineage ends in."""

NATIONAL_COLUMNS: tuple[str, ...] = (*KEY, "value", *ATTRIBUTES, *PLACE)

TOTAL, UNKNOWN, NOT_APPLICABLE = "_T", "_U", "_Z"

NORMAL = "A"
"""The OBS_STATUS of a normal value; it is not kept, because no flag means the same."""

FREE_TO_PUBLISH = ("", "F")
"""The CONF_STATUS of a figure that anybody may see; with any other it goes to nobody who may not have it."""

VALUE_DECIMALS = 6
"""Decimals that a value may carry; they are kept exactly, never as binary fractions."""

TEST_MARK = "TEST DATA"
"""A source that begins so marks invented figures, and with them everything that is made from them."""

EXAMPLES_SHOWN = 50


@dataclass(frozen=True)
class Place:
    """Where something stands: file, sheet, row (1-based, as a spreadsheet counts), column, code."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """The filled parts only, for reports."""
        return {name: value for name, value in vars(self).items() if value not in ("", None)}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.as_json().items())


@dataclass(frozen=True)
class Finding:
    """What is wrong, or worth knowing, by which rule, where, and how often.

    `rule` is an id of `schemas/rules/*.yaml`, which holds severity and wording; `values` fill its
    text. `examples` lists at most 50 places; `count` is the true number.
    """

    rule: str
    place: Place = field(default_factory=Place)
    values: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    examples: tuple[dict[str, Any], ...] = ()

    def at(self, file: str) -> "Finding":
        """The same finding, with the file named."""
        return replace(self, place=replace(self.place, file=file))

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.rule} ({self.place}) {values}".replace(" ()", "").strip()


def column_letter(index: int) -> str:
    """The spreadsheet letters of a column, counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters

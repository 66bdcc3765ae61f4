"""What can be wrong with the heading of a table: columns missing, misspelt, unknown, twice, without a name."""

import difflib
from collections.abc import Iterator, Sequence

from nps_exchange.cell_checks import is_mandatory, is_unchecked
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT
from nps_exchange.model import column_letter
from nps_exchange.tally import Tally, Values, shown

HEADING = 1

FOR_PEOPLE = ("SERIES_KEY", "OBS_KEY")
"""Columns that SDMX-CSV may have besides its components: they say nothing that the dimensions do not."""

LIKENESS = 0.75
MOST_COMPARED = 100
"""How many columns, and how long a name, are compared with those that are missing: more has not been misspelt."""


def check(there: Sequence[str], layout: Layout, tally: Tally) -> dict[str, int]:
    """Count what is wrong with a heading; where each column of the layout stands, one that is misspelt among them."""
    known = {column.name for column in layout.columns}
    if layout.format != FLAT:
        known.update(FOR_PEOPLE)
    labels = _labels(there, known) if layout.format != FLAT else set()
    at, unknown = _told_apart(there, known, labels, tally)
    missing = [column.name for column in layout.columns if column.name not in at and is_mandatory(layout, column)]
    for name, found in _misspelt(missing, list(unknown)):
        at[name] = unknown.pop(found)
        _tell(tally, "field-misspelt", found, {"found": shown(found), "column": name})
    for name in missing:
        if name not in at:
            _tell(tally, "field-missing", name, {"column": name, "dataset": layout.dataset})
    for name in unknown:
        listed = ", ".join(column.name for column in layout.columns)
        _tell(tally, "field-unknown", name, {"column": shown(name), "known": listed})
    for column in layout.columns:
        if column.name in at and is_unchecked(layout, column):
            structure = layout.structure.id if layout.structure else layout.dataset
            _tell(tally, "codes-not-checked", column.name, {"column": column.name, "structure": structure})
    return at


def _tell(tally: Tally, rule: str, name: str, values: Values) -> None:
    tally.add(rule, HEADING, name, lambda: values)


def _told_apart(
    there: Sequence[str], known: set[str], labels: set[int], tally: Tally
) -> tuple[dict[str, int], dict[str, int]]:
    """Where the known and the unknown columns stand; of one that stands twice, the first."""
    at: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for position, name in enumerate(there):
        if position in labels:
            continue
        if not name.strip():
            _tell(tally, "field-nameless", column_letter(position), {"position": column_letter(position)})
        elif name in at or name in unknown:
            _tell(tally, "field-twice", name, {"column": shown(name)})
        else:
            (at if name in known else unknown)[name] = position
    return at, unknown


def _labels(there: Sequence[str], known: set[str]) -> set[int]:
    """The columns of names in a download with labels: one behind every component."""
    behind = {i + 1 for i, name in enumerate(there) if name in known and name not in FOR_PEOPLE}
    if len(there) in behind or any(there[i] in known for i in behind):
        return set()
    return behind


def _misspelt(missing: Sequence[str], unknown: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each missing column that stands there under a name much like its own."""
    if len(unknown) > MOST_COMPARED:
        return
    left = {_bare(name): name for name in reversed(unknown) if len(name) <= MOST_COMPARED}
    for name in missing:
        if near := difflib.get_close_matches(_bare(name), left, n=1, cutoff=LIKENESS):
            yield name, left.pop(near[0])


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))

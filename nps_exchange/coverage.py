"""What a body asks for and what it gets: every asked key is reported, or says why not."""

from collections.abc import Iterator
from typing import Any

from nps_exchange import messages
from nps_exchange.cells import target
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.translate import Dataset

REPORTED, NOT_REPORTED, NOT_DERIVED, NOT_DELIVERED = (
    "reported",
    "not_reported",
    "not_derived",
    "not_delivered",
)
WHY_NOT = (
    "rate-without-denominator",
    "rate-without-numerator",
    "rate-over-zero",
    "sum-incomplete",
    "value-missing",
    "value-confidential",
)


def table(dataset: Dataset, found: list[Finding]) -> list[dict[str, Any]]:
    """One entry per key that is asked for: key, label, state, observations, first, last, reason."""
    asked = dataset.mapping.asked
    sent = _sent(dataset)
    entries = []
    for key, about in asked.keys.items():
        observations, first, last = sent.get(key, (0, None, None))
        state, reason = _state(dataset, key, observations, found)
        entries.append(
            {
                "key": dict(zip(asked.columns, key, strict=True)),
                "label": about["label"],
                "group": about["group"],
                "state": state,
                "observations": observations,
                "first": first,
                "last": last,
                "reason": reason,
            }
        )
    return entries


def findings(dataset: Dataset, found: list[Finding], year: int) -> list[Finding]:
    """What is asked for and mapped, but was not delivered; a dataset without any observation, or none of the year."""
    if not len(dataset):
        values = {"dataset": dataset.mapping.dataset}
        place = Place(key=dataset.mapping.dataset)
        if all(entry["state"] == NOT_REPORTED for entry in table(dataset, found)):
            return [Finding("dataset-not-reported", place, values)]
        return [Finding("dataset-empty", place, values)]
    entries = table(dataset, found)
    behind = list(_behind(dataset, entries, year))
    absent = [entry for entry in entries if entry["state"] == NOT_DELIVERED]
    if not absent:
        return behind
    keys = [" ".join(entry["key"].values()) for entry in absent]
    place = Place(key=dataset.mapping.dataset)
    values = {"key": keys[0], "dataset": dataset.mapping.dataset}
    examples = tuple({"key": key} for key in keys[:EXAMPLES_SHOWN])
    return [*behind, Finding("nothing-delivered", place, values, len(keys), examples)]


def _behind(dataset: Dataset, entries: list[dict[str, Any]], year: int) -> Iterator[Finding]:
    """A dataset without a figure for the reference year: employment may be a year behind licences, not more."""
    newest = max((entry["last"] for entry in entries if entry["last"]), default=year)
    values = {"dataset": dataset.mapping.dataset, "year": year, "newest": newest}
    place = Place(key=dataset.mapping.dataset)
    if newest < year - 1:
        yield Finding("year-absent", place, values)
    elif newest < year:
        yield Finding("year-behind", place, values)


def _sent(dataset: Dataset) -> dict[tuple[str, ...], tuple[int, int, int]]:
    columns = ", ".join(map(target, dataset.mapping.asked.columns))
    rows = dataset.con.execute(
        f"SELECT {columns}, count(*), min(year), max(year) FROM {dataset.table} "
        f"WHERE value IS NOT NULL GROUP BY {columns}"
    ).fetchall()
    return {tuple(key): (count, first, last) for *key, count, first, last in rows}


def _state(
    dataset: Dataset, key: tuple[str, ...], observations: int, found: list[Finding]
) -> tuple[str, dict[str, str] | None]:
    if observations:
        return REPORTED, None
    columns = dataset.mapping.asked.columns
    for finding in found:
        of_this = finding.values.get("dataset") == dataset.mapping.dataset
        if of_this and finding.rule in WHY_NOT and finding.values.get("codes") == key:
            return NOT_DERIVED, {lang: messages.text(finding, lang) for lang in messages.LANGUAGES}
    for left in dataset.mapping.not_reported:
        if all(key[columns.index(column)] in codes for column, codes in left.where.items()):
            return NOT_REPORTED, left.reason
    return NOT_DELIVERED, None

"""Our own code lists, `schemas/national/*.csv`, and the reading of delivered labels into their codes."""

import csv
import difflib
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources

COLUMNS = ("code", "sv", "en", "parent", "valid_from", "valid_to", "source", "also")
"""The columns every list has, in order; a list may have more of its own."""

LIST_OF: dict[str, str] = {
    "measure": "measures",
    "profession": "professions",
    "speciality": "specialities",
    "activity": "activities",
    "sex": "sexes",
    "age": "ages",
    "region": "regions",
    "ownership": "ownerships",
    "industry": "industries",
    "provider": "providers",
    "place_of_training": "places_of_training",
    "country_of_training": "countries",
    "birthplace": "birthplaces",
    "unit": "units",
    "obs_status": "obs_statuses",
    "conf_status": "conf_statuses",
}
"""Which list holds the codes of a column of the national table."""


def normalised(label: str) -> str:
    """A label as it is compared: composed, without case, one space, one kind of dash.

    >>> normalised("Västra  Götalands\\u00a0län") == normalised("va\\u0308stra götalands LÄN")
    True
    """
    text = unicodedata.normalize("NFC", label).casefold()
    return " ".join(unicodedata.normalize("NFC", text).translate(_ONE_DASH).split())


_ONE_DASH = str.maketrans({"–": "-", "—": "-", "−": "-", "\u2010": "-", "\u2011": "-"})


@dataclass(frozen=True)
class CodeList:
    """A code list: `rows` holds each code's row of the CSV by code."""

    name: str
    file: str
    rows: dict[str, dict[str, str]] = field(repr=False)
    lines: dict[str, int] = field(repr=False)

    def __contains__(self, code: object) -> bool:
        return code in self.rows

    @cached_property
    def by_label(self) -> dict[str, str]:
        """Every normalised label, alias and code, with its code. A code goes before a label."""
        found: dict[str, str] = {}
        for code, row in self.rows.items():
            for label in (code, row["sv"], row["en"], *filter(None, row["also"].split("|"))):
                found.setdefault(normalised(label), code)
        found.update({normalised(code): code for code in self.rows})
        return found

    def code(self, label: str) -> str | None:
        """The code of a label in Swedish or English, an alias, or the code itself; else None."""
        return label if label in self.rows else self.by_label.get(normalised(label))

    def nearest(self, label: str) -> str:
        """The known label most like an unknown one, with its code; empty if none is near."""
        near = difflib.get_close_matches(normalised(label), self.by_label, n=1, cutoff=0.6)
        if not near:
            return ""
        code = self.by_label[near[0]]
        return f"{self.rows[code]['sv']} ({code})"

    def label(self, code: str, lang: str = "en") -> str:
        """The label of a code, or the code itself."""
        return self.rows[code][lang] if code in self.rows else code


@dataclass(frozen=True)
class Measure:
    """What one measure is: stock or flow, its units, the dimensions it may use."""

    code: str
    kind: str
    units: tuple[str, ...]
    dimensions: frozenset[str]

    @property
    def needs_activity(self) -> bool:
        """Whether each observation must say practising, professionally active, licensed ..."""
        return "activity" in self.dimensions


@dataclass(frozen=True)
class CodeLists:
    """All our code lists, by name."""

    lists: dict[str, CodeList]

    def of(self, column: str) -> CodeList:
        """The list of a column of the national table."""
        return self.lists[LIST_OF[column]]

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The closed list of measures."""
        return {
            code: Measure(
                code,
                row["kind"],
                tuple(row["units"].split()),
                frozenset(row["dimensions"].split()),
            )
            for code, row in self.lists["measures"].rows.items()
        }

    @cached_property
    def counted_units(self) -> frozenset[str]:
        """Units whose values are whole numbers."""
        return frozenset(code for code, row in self.lists["units"].rows.items() if row["kind"] == "count")


def load(resources: Resources) -> CodeLists:
    """All lists of `schemas/national/`.

    Raises:
        ConfigurationRefused: a list is absent, lacks a column, has a code twice, an unknown parent,
            or a label that stands for two codes; all faults at once.
    """
    lists: dict[str, CodeList] = {}
    faults: list[Finding] = []
    for resource in resources.schema_files("national/*.csv"):
        found, wrong = read(resource.path.stem, resource.shown, resource.text())
        lists[found.name] = found
        faults += wrong
    for name in sorted(set(LIST_OF.values()) - set(lists)):
        faults.append(_fault(f"schemas/national/{name}.csv", 1, "the code list is absent"))
    if faults:
        raise ConfigurationRefused(*faults)
    return CodeLists(lists)


def read(name: str, file: str, text: str) -> tuple[CodeList, list[Finding]]:
    """One list from the text of its CSV, and its faults by line."""
    reader = csv.DictReader(text.splitlines(), strict=True)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        return CodeList(name, file, {}, {}), [_fault(file, 1, f"missing column: {', '.join(missing)}")]
    rows: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    faults: list[Finding] = []
    for row in reader:
        line, code = reader.line_num, row["code"]
        if None in row or None in row.values():
            faults.append(_fault(file, line, "the row has too many or too few fields"))
        elif code in rows:
            faults.append(_fault(file, line, f"the code {code} stands twice"))
        else:
            rows[code], lines[code] = row, line
    for code, row in rows.items():
        if row["parent"] and row["parent"] not in rows:
            faults.append(_fault(file, lines[code], f"the parent {row['parent']} is not in the list"))
    return CodeList(name, file, rows, lines), faults + _ambiguous(file, rows, lines)


def _ambiguous(file: str, rows: dict[str, dict[str, str]], lines: dict[str, int]) -> list[Finding]:
    seen: dict[str, str] = {}
    faults = []
    for code, row in rows.items():
        for label in {normalised(text) for text in (row["sv"], row["en"], *row["also"].split("|")) if text}:
            if seen.setdefault(label, code) != code:
                problem = f"the label {label!r} stands for both {seen[label]} and {code}"
                faults.append(_fault(file, lines[code], problem))
    return faults


def _fault(file: str, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(file=file, row=line), {"problem": problem})

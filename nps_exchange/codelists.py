"""Our own code lists, `schemas/national/*.csv`, and the reading of delivered labels into their codes."""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from nps_exchange import listing
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.listing import Listing
from nps_exchange.model import DIMENSIONS, Finding, Place
from nps_exchange.resources import Resources

COLUMNS = ("code", "sv", "en", "parent", "valid_from", "valid_to", "source", "also")
"""The columns every list has, in order; a list may have more of its own."""

MORE_COLUMNS: dict[str, tuple[str, ...]] = {
    "measures": ("kind", "units", "dimensions"),
    "units": ("kind",),
}
"""The columns that the program itself needs of some lists."""

DATE = re.compile(r"([0-9]{4}(-[0-9]{2}-[0-9]{2})?)?")

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
            for label in filter(None, (row["sv"], row["en"], *row["also"].split("|"))):
                found.setdefault(normalised(label), code)
        found.update({normalised(code): code for code in self.rows})
        return found

    def code(self, label: str) -> str | None:
        """The code of a label in Swedish or English, an alias, or the code itself; else None."""
        return label if label in self.rows else self.by_label.get(normalised(label))

    def ancestors(self, code: str) -> set[str]:
        """The codes that contain a code: its parent, and theirs."""
        found: set[str] = set()
        parent = self.rows[code]["parent"]
        while parent in self.rows and parent not in found:
            found.add(parent)
            parent = self.rows[parent]["parent"]
        return found

    def nearest(self, label: str, likeness: float = 0.6) -> str:
        """The known label most like an unknown one, with its code; empty if none is near."""
        near = difflib.get_close_matches(normalised(label), self.by_label, n=1, cutoff=likeness)
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
        ConfigurationRefused: with the faults of all lists; see `load_all`.
    """
    found, faults = load_all(resources)
    if faults:
        raise ConfigurationRefused(*faults)
    return found


def load_all(resources: Resources) -> tuple[CodeLists, list[Finding]]:
    """All lists, and everything wrong with them: a column that lacks, a code that stands twice, an unknown
    parent or a circle of parents, a label that stands for two codes, a validity that is no date.
    """
    lists: dict[str, CodeList] = {}
    faults: list[Finding] = []
    for resource in resources.schema_files("national/*.csv"):
        listed, wrong = listing.read(resource, (*COLUMNS, *MORE_COLUMNS.get(resource.path.stem, ())))
        found, more = _list(resource.path.stem, listed)
        lists[found.name] = found
        faults += wrong + more
        if found.name not in LIST_OF.values():
            faults.append(listed.fault(1, "no column of the national table uses a list of this name"))
    for name in sorted(set(LIST_OF.values()) - set(lists)):
        listed = Listing(f"schemas/national/{name}.csv", COLUMNS, ())
        lists[name] = CodeList(name, listed.file, {}, {})
        faults.append(listed.fault(1, "the code list is absent"))
    found_lists = CodeLists(lists)
    if not all(lists[name].rows for name in LIST_OF.values()):
        return found_lists, faults  # what names its codes cannot be judged
    return found_lists, faults + list(_measure_faults(found_lists))


def read(name: str, file: str, text: str) -> tuple[CodeList, list[Finding]]:
    """One list from the text of its CSV, and its faults by line."""
    listed, wrong = listing.parse(text, file, (*COLUMNS, *MORE_COLUMNS.get(name, ())))
    found, more = _list(name, listed)
    return found, wrong + more


def _list(name: str, listed: Listing) -> tuple[CodeList, list[Finding]]:
    rows: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    faults: list[Finding] = []
    for line, row in listed.rows:
        code = row["code"]
        if code in rows:
            faults.append(listed.fault(line, f"the code {code} stands twice"))
        elif not code:
            faults.append(listed.fault(line, "the code is empty"))
        else:
            rows[code], lines[code] = row, line
            if not (row["sv"] and row["en"]):
                faults.append(listed.fault(line, f"{code} needs a label in both languages, sv and en"))
            if not all(DATE.fullmatch(row[column]) for column in ("valid_from", "valid_to")):
                faults.append(listed.fault(line, "valid_from and valid_to are a year, a date, or empty"))
            elif row["valid_to"] and row["valid_from"][:4] > row["valid_to"][:4]:
                faults.append(listed.fault(line, "valid_from is after valid_to"))
    found = CodeList(name, listed.file, rows, lines)
    for code, row in rows.items():
        if row["parent"] and row["parent"] not in rows:
            faults.append(listed.fault(lines[code], f"the parent {row['parent']} is not in the list"))
        elif code in found.ancestors(code):
            faults.append(listed.fault(lines[code], f"{code} is its own ancestor"))
    return found, faults + list(_ambiguous(listed, found))


def _ambiguous(listed: Listing, found: CodeList) -> Iterator[Finding]:
    seen = {normalised(code): code for code in found.rows}
    for code, row in found.rows.items():
        for label in sorted({normalised(text) for text in (row["sv"], row["en"], *row["also"].split("|")) if text}):
            if seen.setdefault(label, code) != code:
                problem = f"the label {label!r} stands for both {seen[label]} and {code}"
                yield listed.fault(found.lines[code], problem)


def _measure_faults(found: CodeLists) -> Iterator[Finding]:
    """Measures name units and dimensions that there are."""
    units, measures = found.lists["units"], found.lists["measures"]
    for code, row in measures.rows.items():
        unknown = [unit for unit in row.get("units", "").split() if unit not in units]
        unknown += [name for name in row.get("dimensions", "").split() if name not in DIMENSIONS]
        if unknown:
            place = Place(file=measures.file, row=measures.lines[code])
            yield Finding("our-file-at-fault", place, {"problem": f"unknown: {', '.join(unknown)}"})

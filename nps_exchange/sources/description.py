"""Descriptions of delivered files: `mappings/national/*.yaml` as records, checked against our code lists."""

import re
from dataclasses import dataclass
from typing import Any

from nps_exchange import documents
from nps_exchange.codelists import LIST_OF, CodeLists, normalised
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import DIMENSIONS, Finding
from nps_exchange.resources import Resources

YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Column:
    """One column of a delivered table: its possible headings and where it goes."""

    headings: tuple[str, ...]
    to: str
    labels: dict[str, str]
    fill_down: bool
    optional: bool
    ignore: bool


@dataclass(frozen=True)
class Symbol:
    """What a text in a value cell means."""

    kind: str
    obs_status: str = ""
    conf_status: str = ""


@dataclass(frozen=True)
class Flag:
    """A mark for the observations that a predicate selects."""

    where: dict[str, str]
    obs_status: str
    conf_status: str


@dataclass(frozen=True)
class Description:
    """How one kind of delivered file becomes rows of the national table."""

    id: str
    file: str
    patterns: tuple[str, ...]
    sheet: str
    header: int | None
    columns: tuple[Column, ...]
    across: str
    across_headings: dict[str, dict[str, str]]
    fix: dict[str, str]
    rest_is_total: bool
    symbols: dict[str, Symbol]
    decimal: str
    times: int
    flags: tuple[Flag, ...]
    reference_date: str | dict[str, str]
    source: str

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The headings that must be there: of each tuple one."""
        return tuple(column.headings for column in self.columns if not column.optional)

    def column(self, heading: str) -> Column | None:
        """The column a heading belongs to."""
        for column in self.columns:
            if heading in column.headings:
                return column
        return None


def load_all(resources: Resources, codelists: CodeLists) -> tuple[list[Description], list[Finding]]:
    """All descriptions that are sound, and the faults of the others."""
    found: list[Description] = []
    faults: list[Finding] = []
    for resource in resources.mapping_files("national/*.yaml"):
        try:
            document = documents.load(resource.path, "national-source.schema.json", resource.shown)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        wrong = _faults(document, codelists)
        if document.data["description"] != resource.path.stem:
            wrong.append(document.fault(f"the file should be named {document.data['description']}.yaml", "description"))
        faults += wrong
        if not wrong:
            found.append(_record(document))
    return found, faults


def _record(document: Document) -> Description:
    data = document.data
    across = data.get("across", {})
    return Description(
        id=data["description"],
        file=document.file,
        patterns=tuple(data.get("files", ())),
        sheet=data.get("sheet", ""),
        header=int(data["header"]) if "header" in data else None,
        columns=tuple(_column(item) for item in data["columns"]),
        across=across.get("to", ""),
        across_headings={normalised(h): codes for h, codes in across.get("headings", {}).items()},
        fix=data.get("fix", {}),
        rest_is_total="rest" in data,
        symbols={text.strip(): _symbol(meaning) for text, meaning in data.get("symbols", {}).items()},
        decimal=data.get("decimal", ","),
        times=int(data.get("times", 1)),
        flags=tuple(
            Flag(item["where"], item.get("obs_status", ""), item.get("conf_status", ""))
            for item in data.get("flags", ())
        ),
        reference_date=data.get("reference_date", ""),
        source=data["source"],
    )


def _column(item: dict[str, Any]) -> Column:
    headings = item["heading"] if isinstance(item["heading"], list) else [item["heading"]]
    return Column(
        headings=tuple(normalised(heading) for heading in headings),
        to=item.get("to", ""),
        labels={normalised(label): code for label, code in item.get("labels", {}).items()},
        fill_down=item.get("fill_down") == "true",
        optional=item.get("optional") == "true",
        ignore="ignore" in item,
    )


def _symbol(meaning: Any) -> Symbol:
    if isinstance(meaning, str):
        return Symbol(meaning)
    return Symbol("missing", meaning.get("obs_status", ""), meaning.get("conf_status", ""))


def _faults(document: Document, codelists: CodeLists) -> list[Finding]:
    """What JSON Schema cannot see: unknown codes, dimensions that nobody names, two value columns."""
    data = document.data
    faults = [
        document.fault(f"{code!r} is not in the code list of {column}", *path)
        for path, column, code in _codes(data)
        if column in LIST_OF and any(part not in codelists.of(column) for part in code.split(","))
    ]
    named = set(data.get("fix", {}))
    targets = [item["to"] for item in data["columns"] if "to" in item]
    across = data.get("across", {})
    for path, item in documents.children(document, "columns"):
        if ("to" in item) == ("ignore" in item):
            faults.append(document.fault("a column needs either `to` or `ignore`", *path))
    for column in sorted({to for to in targets if targets.count(to) > 1}):
        faults.append(document.fault(f"two columns go to {column}", "columns"))
    if ("value" in targets) == bool(across):
        faults.append(document.fault("name one column with `to: value`, or say `across`, not both", "columns"))
    named |= {*targets, across.get("to", "")}
    named |= {column for codes in across.get("headings", {}).values() for column in codes}
    needed = ("measure", "unit", "year") if "rest" in data else (*DIMENSIONS, "year")
    for column in needed:
        if column not in named:
            faults.append(document.fault(f"{column} is said nowhere: name a column, `fix` it, or say `rest: total`"))
    if not document.data.get("columns"):
        return faults
    return faults + _activity_fault(document, codelists, named)


def _activity_fault(document: Document, codelists: CodeLists, named: set[str]) -> list[Finding]:
    """Activity has no default, ever: a file whose measure needs it must say it."""
    measure = codelists.measures.get(document.data.get("fix", {}).get("measure", ""))
    if "activity" in named or (measure and not measure.needs_activity):
        return []
    return [document.fault("activity is said nowhere; it has no total and no default")]


def _codes(data: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Every code a description names, with its path and the column it is a code of."""
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    for column, code in data.get("fix", {}).items():
        found.append((("fix", column), column, code))
    for i, item in enumerate(data["columns"]):
        for label, code in item.get("labels", {}).items():
            found.append((("columns", i, "labels", label), item.get("to", ""), code))
    for heading, codes in data.get("across", {}).get("headings", {}).items():
        for column, code in codes.items():
            found.append((("across", "headings", heading, column), column, code))
    for text, meaning in data.get("symbols", {}).items():
        for column, code in meaning.items() if isinstance(meaning, dict) else ():
            found.append((("symbols", text, column), column, code))
    for i, flag in enumerate(data.get("flags", ())):
        marks = {name: flag[name] for name in ("obs_status", "conf_status") if name in flag}
        for column, code in {**flag["where"], **marks}.items():
            found.append((("flags", i), column, code))
    return found

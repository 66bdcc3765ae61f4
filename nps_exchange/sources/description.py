"""Descriptions of delivered files: `mappings/national/*.yaml` as records, checked against our code lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nps_exchange import documents
from nps_exchange.codelists import LIST_OF, CodeLists, normalised
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import DIMENSIONS, NORMAL, Finding
from nps_exchange.resources import Resources

PLAIN = {"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " "}
"""Letters of figures and symbols that look like others: the minus sign, and spaces that do not break."""

YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Column:
    """One column of a delivered table: its possible headings (normalised, and as written), where it goes."""

    headings: tuple[str, ...]
    shown: tuple[str, ...]
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
    def required(self) -> tuple[Column, ...]:
        """The columns that must be there."""
        return tuple(column for column in self.columns if not column.optional)

    def says(self, heading: str, shown: str, codelists: CodeLists) -> dict[str, str] | None:
        """What the heading of a column of figures says (normalised, and as it is shown), if it is one."""
        if heading in self.across_headings:
            return self.across_headings[heading]
        if self.across == "year":
            return {"year": heading} if YEAR.fullmatch(heading) else None
        if self.across and heading:
            code = codelists.of(self.across).code(shown)
            return {self.across: code} if code else None
        return None

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
        symbols={plain(text): _symbol(meaning) for text, meaning in data.get("symbols", {}).items()},
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
        shown=tuple(headings),
        to=item.get("to", ""),
        labels={normalised(label): code for label, code in item.get("labels", {}).items()},
        fill_down=item.get("fill_down") == "true",
        optional=item.get("optional") == "true",
        ignore="ignore" in item,
    )


def plain(text: str) -> str:
    """A symbol as it is compared with a cell."""
    for special, usual in PLAIN.items():
        text = text.replace(special, usual)
    return text.strip()


def _symbol(meaning: Any) -> Symbol:
    if isinstance(meaning, str):
        return Symbol(meaning)
    return Symbol("missing", meaning.get("obs_status", ""), meaning.get("conf_status", ""))


NO_TOTAL = ("measure", "unit", "year", "activity")

OPTIONAL = ("obs_status", "conf_status", "reference_date", "source", "note")
"""Columns of the national table that a file may be without."""


def _faults(document: Document, codelists: CodeLists) -> list[Finding]:
    """What JSON Schema cannot see: unknown codes, dimensions that nobody names, columns that clash."""
    faults = [
        document.fault(f"{code!r} is not in the code list of {column}", *path)
        for path, column, code in _codes(document.data)
        if column in LIST_OF and any(part not in codelists.of(column) for part in code.split(","))
    ]
    faults += [
        document.fault(f"{code!r} is not a year", *path)
        for path, column, code in _codes(document.data)
        if column == "year" and not YEAR.fullmatch(code)
    ]
    faults += _column_faults(document)
    faults += _naming_faults(document, codelists)
    faults += _symbol_faults(document)
    faults += _date_faults(document, codelists)
    return faults


def _column_faults(document: Document) -> Iterator[Finding]:
    data = document.data
    across = data.get("across", {})
    targets = [item["to"] for item in data["columns"] if "to" in item]
    seen: dict[str, int] = {}
    for path, item in documents.children(document, "columns"):
        if ("to" in item) == ("ignore" in item):
            yield document.fault("a column needs either `to` or `ignore`", *path)
        if item.get("optional") == "true" and item.get("to", "note") not in OPTIONAL:
            yield document.fault(f"{item['to']} cannot be left out", *path)
        if item.get("to") == "value" and {"labels", "fill_down"} & set(item):
            yield document.fault("a column of figures has no labels and is not filled down", *path)
        headings = item["heading"] if isinstance(item["heading"], list) else [item["heading"]]
        for heading in sorted({normalised(heading) for heading in headings}):
            if seen.setdefault(heading, int(path[1])) != path[1]:
                yield document.fault(f"the heading {heading!r} belongs to two columns", *path)
    for column in sorted({to for to in targets if targets.count(to) > 1}):
        yield document.fault(f"two columns go to {column}", "columns")
    if ("value" in targets) == bool(across):
        yield document.fault("name one column with `to: value`, or say `across`, not both", "columns")
    if across.get("to") in (*OPTIONAL, "value"):
        yield document.fault(f"headings cannot say the {across['to']}", "across", "to")
    in_headings = {column for codes in across.get("headings", {}).values() for column in codes}
    for column in sorted(in_headings & set(targets)):
        yield document.fault(f"{column} stands in a column and in the headings too", "across", "headings")
    twice = (set(targets) | {across.get("to", "")}) & set(data.get("fix", {}))
    for column in sorted(twice):
        yield document.fault(f"{column} is fixed, and stands in a column too", "fix", column)


def _naming_faults(document: Document, codelists: CodeLists) -> Iterator[Finding]:
    """Every dimension is said by every figure: in a column, in its heading, by `fix:` or by `rest:`."""
    data = document.data
    fixed = data.get("fix", {})
    named = {item["to"] for item in data["columns"] if "to" in item} | set(fixed)
    across = data.get("across", {})
    named |= {across.get("to", "")}
    headings = across.get("headings", {})
    in_all = set.intersection(*(set(codes) for codes in headings.values())) if headings else set()
    in_any = {column for codes in headings.values() for column in codes}
    measure = codelists.measures.get(fixed.get("measure", ""))
    needed = ["measure", "unit", "year"] if "rest" in data else [*DIMENSIONS, "year"]
    if "activity" not in needed and (measure is None or measure.needs_activity):
        needed.append("activity")
    for column in needed:
        foreign = measure is not None and column in DIMENSIONS[1:-1] and column not in measure.dimensions
        if column not in named | in_all and not foreign:
            last = "it has no total and no default" if column in NO_TOTAL else "or say `rest: total`"
            yield document.fault(f"not every figure says its {column}: name a column, `fix:` it; {last}")
    if measure is None:
        return
    if fixed.get("unit") in codelists.lists["units"] and fixed["unit"] not in measure.units:
        yield document.fault(f"{measure.code} is not given in {fixed['unit']}", "fix", "unit")
    for column in sorted((named | in_any) & set(DIMENSIONS[1:-1])):
        if column not in measure.dimensions and fixed.get(column, "any") not in ("_T", "_Z"):
            yield document.fault(f"{measure.code} has no {column}")


def _symbol_faults(document: Document) -> Iterator[Finding]:
    seen: set[str] = set()
    for text in document.data.get("symbols", {}):
        if plain(text) in seen:
            yield document.fault(f"the symbol {text!r} stands twice", "symbols", text)
        seen.add(plain(text))
    for path, column, code in _codes(document.data):
        if column == "obs_status" and path[0] != "columns" and code == NORMAL:
            yield document.fault(f"{NORMAL} is the status of a normal value, and no mark", *path)


def _date_faults(document: Document, codelists: CodeLists) -> Iterator[Finding]:
    dates = document.data.get("reference_date", "")
    if isinstance(dates, str):
        return
    if dates["by"] not in DIMENSIONS:
        yield document.fault(f"{dates['by']} is not a dimension", "reference_date", "by")
        return
    for code in dates:
        if code != "by" and code not in codelists.of(dates["by"]):
            yield document.fault(f"{code} is not in the code list of {dates['by']}", "reference_date", code)


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

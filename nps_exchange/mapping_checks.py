"""Read the mappings of `mappings/`, and find everything wrong with them at once, each fault by its line.

JSON Schema sees the shape; here is what it cannot see: codes that are in no list, a series that does not
say its activity, target cells filled twice, and above all what was forgotten: every cell that the
body asks for is mapped, or has a reason.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from nps_exchange import documents, structures
from nps_exchange.codelists import LIST_OF, CodeLists
from nps_exchange.documents import Document, children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Mapping, Series, codes_of, listed_codes, record
from nps_exchange.model import Finding
from nps_exchange.resources import Resource, Resources
from nps_exchange.structures import Structure


def load_all(resources: Resources, codelists: CodeLists) -> tuple[list[Mapping], list[Finding]]:
    """All sound mappings, and all faults of all files of `mappings/<body>/`."""
    found: list[Mapping] = []
    faults: list[Finding] = []
    for resource in resources.mapping_files("*/*.yaml"):
        try:
            if resource.name.startswith("national/"):
                continue
            if resource.path.name == "body.yaml":
                documents.load(resource.path, "body.schema.json", resource.shown)
                continue
            mapping, wrong = _load(resource, resources, codelists)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        faults += wrong
        if mapping:
            found.append(mapping)
    return found, faults


def _load(resource: Resource, resources: Resources, codelists: CodeLists) -> tuple[Mapping | None, list[Finding]]:
    document = documents.load(resource.path, "mapping.schema.json", resource.shown)
    structure = structures.load(resources, document.data["structure"])
    faults = [*_document_faults(document, codelists)]
    if document.data["dataset"] != resource.name.removesuffix(".yaml"):
        faults.append(document.fault(f"the file's name says {resource.name.removesuffix('.yaml')}", "dataset"))
    if not resources.mapping_files(f"{document.data['dataset'].split('/')[0]}/body.yaml"):
        faults.append(document.fault("the body has no body.yaml beside the mapping", "dataset"))
    if faults:
        return None, faults
    mapping = record(document, resource.sha256(), structure, _recode_lists(document, codelists))
    faults = [*_filled_twice(mapping, document), *_against_structure(mapping, document)]
    return (None, faults) if faults else (mapping, [])


def _recode_lists(document: Document, codelists: CodeLists) -> dict[str, dict[str, str]]:
    found = {}
    for series in document.data["series"]:
        for recode in series.get("recode", {}).values():
            rows = codelists.of(recode["from"]).rows
            codes = {code: row[recode["column"]] for code, row in rows.items() if row.get(recode["column"])}
            found[f"{recode['from']}.{recode['column']}"] = codes
    return found


def _document_faults(document: Document, codelists: CodeLists) -> Iterator[Finding]:
    data = document.data
    columns = [item["name"] for item in data["columns"]]
    if len(set(columns)) < len(columns):
        yield document.fault("a column stands twice", "columns")
    for holds in ("year", "value"):
        if sum(item["is"] == holds for item in data["columns"]) != 1:
            yield document.fault(f"exactly one column must hold the {holds}", "columns")
    coded = {item["name"] for item in data["columns"] if item["is"] == "code"}
    seen: set[str] = set()
    for path, series in children(document, "series"):
        if series["id"] in seen:
            yield document.fault(f"the series {series['id']} stands twice", *path, "id")
        seen.add(series["id"])
        yield from _series_faults(document, path, series, coded, codelists)
    for path, item in children(document, "drop"):
        yield from _code_faults(document, (*path, "where"), item["where"], codelists)
    for path, item in children(document, "not_reported"):
        for column in item["cells"]:
            if column not in coded:
                yield document.fault(f"{column} is not a coded column", *path, "cells")


def _series_faults(
    document: Document, path: tuple[str | int, ...], series: dict[str, Any], coded: set[str], codelists: CodeLists
) -> Iterator[Finding]:
    scope, ours, theirs = series["scope"], series.get("from", []), series.get("to", [])
    yield from _code_faults(document, (*path, "scope"), scope, codelists)
    yield from _named_faults(document, path, series, codelists)
    if series.get("rows") and not ours and not theirs:
        yield document.fault("rows need `from:` and `to:`", *path)
    if (ours or theirs) and not series.get("rows"):
        yield document.fault("`from:` and `to:` need rows", *path)
    recoded = [recode["from"] for recode in series.get("recode", {}).values()]
    for dimension, codes in codes_of(scope).items():
        if len(codes) > 1 and dimension not in (*ours, *recoded):
            yield document.fault(f"the scope has several codes of {dimension}; name it in `from:`", *path, "scope")
        if dimension == "year":
            yield document.fault("years belong into valid_from and valid_to", *path, "scope")
    for column, recode in series.get("recode", {}).items():
        first = next(iter(codelists.of(recode["from"]).rows.values()))
        if recode["column"] not in first:
            problem = f"the code list {LIST_OF[recode['from']]} has no column {recode['column']}"
            yield document.fault(problem, *path, "recode", column)
    filled = [*document.data.get("fix", {}), *series.get("fix", {}), *theirs, *series.get("recode", {})]
    for column in sorted(set(filled) - coded):
        yield document.fault(f"{column} is not a coded column", *path)
    for column in sorted(coded - set(filled)):
        yield document.fault(f"nothing fills the column {column}", *path)
    for row_path, row in children(document, *path, "rows") if "rows" in series else ():
        yield from _row_faults(document, row_path, row, series, codelists)
    for derive_path, derivation in children(document, *path, "derive") if "derive" in series else ():
        yield from _derivation_faults(document, derive_path, derivation, series, coded, codelists)


def _named_faults(
    document: Document, path: tuple[str | int, ...], series: dict[str, Any], codelists: CodeLists
) -> Iterator[Finding]:
    """Measure, unit and activity are never left to a total."""
    named = {*series["scope"], *series.get("from", [])}
    yield from _must_name(document, (*path, "scope"), named, series["scope"].get("measure"), codelists)
    units = set(codes_of(series["scope"]).get("unit", ()))
    if "group" in series and not units <= codelists.counted_units:
        yield document.fault("only counts are summed", *path, "group")


def _must_name(
    document: Document, path: tuple[str | int, ...], named: set[str], measures: Any, codelists: CodeLists
) -> Iterator[Finding]:
    for dimension in ("measure", "unit"):
        if dimension not in named:
            yield document.fault(f"{dimension} must be named", *path)
    needing = [
        code
        for code in listed_codes(measures or [])
        if code in codelists.measures and codelists.measures[code].needs_activity
    ]
    if needing and "activity" not in named:
        problem = f"{needing[0]} needs an activity; it has no default"
        yield document.fault(problem, *path)


def _row_faults(
    document: Document, path: tuple[str | int, ...], row: Any, series: dict[str, Any], codelists: CodeLists
) -> Iterator[Finding]:
    cells = row["row"] if isinstance(row, dict) else row
    ours, theirs = series.get("from", []), series.get("to", [])
    if len(cells) != len(ours) + len(theirs):
        problem = f"the row has {len(cells)} cells; from and to are {len(ours)} + {len(theirs)} columns"
        yield document.fault(problem, *path)
        return
    yield from _code_faults(document, path, dict(zip(ours, cells, strict=False)), codelists)
    scope = codes_of(series["scope"])
    for dimension, codes in zip(ours, cells, strict=False):
        known = [code for code in listed_codes(codes) if code in codelists.of(dimension)]
        outside = [code for code in known if code not in scope.get(dimension, (code,))]
        if outside:
            yield document.fault(f"{outside[0]} is outside the scope of {dimension}", *path)
        if isinstance(codes, list) and "group" not in series:
            yield document.fault("a list of codes is a sum; the series must say `group: sum`", *path)
        if isinstance(codes, list) and "_T" in codes:
            yield document.fault("a total and its parts cannot be summed", *path)
    if any(isinstance(code, list) for code in cells[len(ours) :]):
        yield document.fault("a target column takes one code", *path)


def _derivation_faults(
    document: Document,
    path: tuple[str | int, ...],
    derivation: dict[str, Any],
    series: dict[str, Any],
    coded: set[str],
    codelists: CodeLists,
) -> Iterator[Finding]:
    for part in ("set", "where", "of"):
        for column in derivation.get(part, {}):
            if column not in coded:
                yield document.fault(f"{column} is not a coded column", *path, part)
    if "over" in derivation:
        over = derivation["over"]
        yield from _code_faults(document, (*path, "over"), over, codelists)
        yield from _must_name(document, (*path, "over"), set(over), over.get("measure"), codelists)
        for dimension, codes in codes_of(over).items():
            if len(codes) > 1:
                yield document.fault(f"the denominator has several codes of {dimension}", *path, "over")
    elif "by" in derivation or "mean_of" in derivation:
        yield document.fault("`by:` and `mean_of:` go with `over:`", *path)
    recoded = [recode["from"] for recode in series.get("recode", {}).values()]
    for dimension in derivation.get("by", []):
        if dimension not in (*series.get("from", []), *recoded):
            yield document.fault(f"{dimension} is not in `from:` of the series", *path, "by")


def _code_faults(
    document: Document, path: tuple[str | int, ...], where: dict[str, Any], codelists: CodeLists
) -> Iterator[Finding]:
    for dimension, codes in codes_of(where).items():
        for code in codes:
            if dimension != "year" and code not in codelists.of(dimension):
                near = codelists.of(dimension).nearest(code)
                hint = f"; the nearest is {near}" if near else ""
                yield document.fault(f"{code} is not in the code list {LIST_OF[dimension]}{hint}", *path, dimension)


def _cells(mapping: Mapping, series: Series) -> Iterator[tuple[int, dict[str, str], int, int]]:
    """The target cells a series can fill, without recoded columns: line, codes, years."""
    for row in series.rows:
        codes = {**series.fix, **row.theirs}
        yield row.line, codes, row.valid_from, row.valid_to
        for derivation in series.derive:
            if all(codes.get(column) in allowed for column, allowed in derivation.where.items()):
                yield derivation.line, {**codes, **derivation.sets}, row.valid_from, row.valid_to


def _filled_twice(mapping: Mapping, document: Document) -> Iterator[Finding]:
    filled: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for series in mapping.series:
        recoded = {recode.column for recode in series.recodes}
        if recoded:  # whether recoded cells coincide is known when they are made
            continue
        for line, codes, first, last in _cells(mapping, series):
            others = filled.setdefault(tuple(codes[column] for column in mapping.codes), [])
            for other, start, end in others:
                if start <= last and first <= end:
                    shown = " ".join(codes[column] for column in mapping.codes)
                    yield _at_line(document, line, f"{shown} is filled here and in line {other}")
            others.append((line, first, last))


def _against_structure(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Nothing goes out that the body does not ask for; what it asks for is mapped or has a reason."""
    structure = mapping.structure
    emitted: dict[tuple[str, ...], int] = {}
    for series in mapping.series:
        columns = [column for column in structure.columns if column not in {r.column for r in series.recodes}]
        for line, codes, _, _ in _cells(mapping, series):
            for key in _matching(structure, {column: (codes[column],) for column in columns}):
                emitted.setdefault(key, line)
            if not _matching(structure, {column: (codes[column],) for column in columns}):
                shown = " ".join(codes[column] for column in columns)
                yield _at_line(document, line, f"{shown} is not in the structure {structure.file}")
    excused = set()
    for left in mapping.not_reported:
        keys = _matching(structure, left.where)
        if not keys:
            yield _at_line(document, left.line, f"no cell of the structure {structure.file} has these codes")
        excused |= set(keys)
    for key in structure.asked:
        if key not in emitted and key not in excused:
            problem = f"{' '.join(key)} is asked for by {structure.file}, but neither mapped nor under not_reported"
            yield document.fault(problem, "series")


def _matching(structure: Structure, where: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys of the structure with given codes; columns not named may have any."""
    named = [(structure.columns.index(column), codes) for column, codes in where.items() if column in structure.columns]
    if len(named) == len(structure.columns):
        ordered = [where[column] for column in structure.columns]
        return [key for key in product(*ordered) if key in structure.asked]
    return [key for key in structure.asked if all(key[i] in codes for i, codes in named)]


def _at_line(document: Document, line: int, problem: str) -> Finding:
    fault = document.fault(problem)
    return Finding(fault.rule, type(fault.place)(file=document.file, row=line), fault.values)

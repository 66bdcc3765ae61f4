"""Read the mappings of `mappings/`, and find everything wrong with them at once, each fault by its line.

What is forgotten is a fault: every cell that a body asks for is mapped, or has a reason.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import PurePosixPath
from typing import Any

from nps_exchange import documents, mapping_faults, structures
from nps_exchange.codelists import CodeLists
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Mapping, Series, record
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resource, Resources
from nps_exchange.structures import Structure

PARTS = ("series", "drop", "not_reported")
"""The lists of a mapping whose items are checked each for itself."""


def load_all(resources: Resources, codelists: CodeLists) -> tuple[list[Mapping], list[Finding]]:
    """All sound mappings, and all faults of all files of `mappings/<body>/`."""
    found: list[Mapping] = []
    faults: list[Finding] = [*_unread(resources)]
    for resource in resources.mapping_files("*/*.yaml"):
        if resource.name.startswith("national/"):
            continue
        try:
            if resource.path.name == "body.yaml":
                faults += _body_faults(resource)
                continue
            mapping, wrong = _load(resource, resources, codelists)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        faults += wrong
        if mapping:
            found.append(mapping)
    return found, faults + list(_same_file(found))


def _unread(resources: Resources) -> Iterator[Finding]:
    """Files that somebody may think are mappings, and that nobody reads."""
    for resource in resources.mapping_files("**/*.y*ml"):
        if len(PurePosixPath(resource.name).parts) != 2 or not resource.name.endswith(".yaml"):
            problem = "this file is not read: mappings are mappings/<body>/<dataset>.yaml"
            yield Finding("our-file-at-fault", Place(file=resource.shown, row=1), {"problem": problem})


def _body_faults(resource: Resource) -> list[Finding]:
    document = documents.load(resource.path, "body.schema.json", resource.shown)
    folder = resource.name.split("/")[0]
    return [] if document.data["body"] == folder else [document.fault(f"the folder is named {folder}", "body")]


def _same_file(mappings: list[Mapping]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Mapping] = {}
    for mapping in mappings:
        other = seen.setdefault((mapping.body, mapping.file_name.casefold()), mapping)
        if other is not mapping:
            problem = f"{other.file} writes the same file, {mapping.file_name}"
            yield Finding("our-file-at-fault", Place(file=mapping.file, row=1), {"problem": problem})


def _load(resource: Resource, resources: Resources, codelists: CodeLists) -> tuple[Mapping | None, list[Finding]]:
    document = documents.read(resource.path, resource.shown)
    faults = documents.check(document, "mapping.schema.json")
    sound = _without(document, faults)
    if sound is None:
        return None, faults
    framed = _framed(faults)
    faults += list(mapping_faults.faults(sound, codelists, whole=not faults))
    if not framed:
        return None, faults
    data = sound.data
    if data["dataset"] != resource.name.removesuffix(".yaml"):
        faults.append(document.fault(f"the file's name says {resource.name.removesuffix('.yaml')}", "dataset"))
    if not resources.mapping_files(f"{data['dataset'].split('/')[0]}/body.yaml"):
        faults.append(document.fault("the body has no body.yaml beside the mapping", "dataset"))
    coded = {item["name"] for item in data["columns"] if item["is"] == "code"}
    try:
        structure = structures.load(resources, data["structure"], coded)
    except ConfigurationRefused as refused:
        return None, [*faults, *refused.findings]
    if not _framed(faults):
        return None, faults
    rest = _without(sound, faults)
    if rest is None:
        return None, faults
    mapping = record(rest, resource.sha256(), structure, _recode_lists(rest, codelists))
    faults += _against_cells(mapping, document, whole=not faults)
    return (None, faults) if faults else (mapping, [])


def _framed(faults: list[Finding]) -> bool:
    """Whether all faults lie inside items of the lists, so that the frame around them can be read."""
    return all(_item(fault) for fault in faults)


def _item(fault: Finding) -> tuple[str, int] | None:
    """The list and the position of the item a fault lies in, if it lies in one."""
    head, _, tail = fault.place.key.partition(".")
    index = tail.split(".")[0]
    return (head, int(index)) if head in PARTS and index.isdecimal() else None


def _without(document: Document, faults: list[Finding]) -> Document | None:
    """The document without the items and keys that are at fault; None if no series is left."""
    if not isinstance(document.data, dict):
        return None
    bad: dict[str, set[int]] = {part: set() for part in PARTS}
    keys = set()
    for fault in faults:
        if item := _item(fault):
            bad[item[0]].add(item[1])
        else:
            keys.add(fault.place.key.partition(".")[0])
    document = replace(document, data={key: value for key, value in document.data.items() if key not in keys})
    kept = {part: [i for i in range(len(document.data.get(part, []))) if i not in bad[part]] for part in PARTS}
    if not kept["series"]:
        return None
    data: dict[str, Any] = {
        **document.data,
        **{p: [document.data[p][i] for i in kept[p]] for p in PARTS if p in document.data},
    }
    lines = {}
    for path, line in document.lines.items():
        if len(path) > 1 and path[0] in PARTS:
            if path[1] not in kept[str(path[0])]:
                continue
            path = (path[0], kept[str(path[0])].index(int(path[1])), *path[2:])
        lines[path] = line
    return replace(document, data=data, lines=lines)


def _recode_lists(document: Document, codelists: CodeLists) -> dict[str, dict[str, str]]:
    found = {}
    for series in document.data["series"]:
        for recode in series.get("recode", {}).values():
            rows = codelists.of(recode["from"]).rows
            codes = {code: row[recode["column"]] for code, row in rows.items() if row.get(recode["column"])}
            found[f"{recode['from']}.{recode['column']}"] = codes
    return found


def _against_cells(mapping: Mapping, document: Document, whole: bool) -> list[Finding]:
    faults = [*_filled_twice(mapping, document), *_against_structure(mapping, document)]
    if whole:  # of a part alone it cannot be told what is forgotten
        faults += [*_without_denominator(mapping, document), *_forgotten(mapping, document)]
    return faults


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
        if series.recodes:  # whether recoded cells coincide is known when they are made
            continue
        for line, codes, first, last in _cells(mapping, series):
            others = filled.setdefault(tuple(codes[column] for column in mapping.codes), [])
            for other, start, end in others:
                if start <= last and first <= end:
                    shown = " ".join(codes[column] for column in mapping.codes)
                    yield _at_line(document, line, f"{shown} is filled here and in line {other}")
            others.append((line, first, last))


def _against_structure(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Nothing goes out that the body does not ask for, and nothing else is excused."""
    structure = mapping.structure
    for series in mapping.series:
        columns = _known(structure, series)
        for line, codes, _, _ in _cells(mapping, series):
            if not _matching(structure, {column: (codes[column],) for column in columns}):
                shown = " ".join(codes[column] for column in columns)
                yield _at_line(document, line, f"{shown} is not in the structure {structure.file}")
    for left in mapping.not_reported:
        if not _matching(structure, left.where):
            yield _at_line(document, left.line, f"no cell of the structure {structure.file} has these codes")


def _without_denominator(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Rates of a cell that no row makes."""
    if any(series.recodes for series in mapping.series):
        return
    made = {tuple({**s.fix, **row.theirs}[c] for c in mapping.codes) for s in mapping.series for row in s.rows}
    for series in mapping.series:
        for derivation in series.derive:
            for row in series.rows if derivation.of else ():
                codes = {**series.fix, **row.theirs}
                below = tuple({**codes, **(derivation.of or {})}[column] for column in mapping.codes)
                fits = all(codes.get(column) in allowed for column, allowed in derivation.where.items())
                if fits and below not in made:
                    yield _at_line(document, derivation.line, f"no row makes the denominator {' '.join(below)}")
                    break


def _forgotten(mapping: Mapping, document: Document) -> Iterator[Finding]:
    structure = mapping.structure
    there = {key for left in mapping.not_reported for key in _matching(structure, left.where)}
    for series in mapping.series:
        columns = _known(structure, series)
        for _, codes, _, _ in _cells(mapping, series):
            there |= set(_matching(structure, {column: (codes[column],) for column in columns}))
    for key in structure.asked:
        if key not in there:
            problem = f"{' '.join(key)} is asked for by {structure.file}, but neither mapped nor under not_reported"
            yield document.fault(problem, "series")


def _known(structure: Structure, series: Series) -> list[str]:
    """The columns of the structure whose codes a series says itself, not by a recode."""
    recoded = {recode.column for recode in series.recodes}
    return [column for column in structure.columns if column not in recoded]


def _matching(structure: Structure, where: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys of the structure with given codes; columns not named may have any."""
    if set(where) - set(structure.columns):
        return []
    if len(where) == len(structure.columns):
        ordered = [where[column] for column in structure.columns]
        return [key for key in product(*ordered) if key in structure.asked]
    named = [(structure.columns.index(column), codes) for column, codes in where.items()]
    return [key for key in structure.asked if all(key[i] in codes for i, codes in named)]


def _at_line(document: Document, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(file=document.file, row=line), {"problem": problem})

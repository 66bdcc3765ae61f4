"""Read the mappings of `mappings/`, and find everything wrong with them at once, each fault by its line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from nps_exchange import (
    asked,
    bodies,
    documents,
    mapping_cells,
    mapping_faults,
    mapping_px,
    mapping_workbook,
    structures,
)
from nps_exchange.bodies import Body
from nps_exchange.codelists import CodeLists
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import FLAT, Mapping
from nps_exchange.mapping_record import record
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resource, Resources
from nps_exchange.structures import Structure

BESIDE = (".methods.yaml", "/reference-metadata.yaml")
"""Endings of the files that stand beside mappings and are none."""

PARTS = ("series", "drop", "not_reported")
"""The lists of a mapping whose items are checked each for itself."""


def load_all(resources: Resources, codelists: CodeLists) -> tuple[list[Mapping], list[Finding]]:
    """All sound mappings, and all faults of all files of `mappings/<body>/`."""
    found: list[Mapping] = []
    receivers: list[Body] = []
    faults: list[Finding] = [*_unread(resources)]
    datasets: set[str] = set()
    for resource in resources.mapping_files("*/*.yaml"):
        if resource.name.startswith("national/") or resource.name.endswith(BESIDE):
            continue
        try:
            if resource.path.name == "body.yaml":
                receivers.append(bodies.load(resource))
                continue
            datasets.add(resource.name.removesuffix(".yaml"))
            mapping, wrong = _load(resource, resources, codelists)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        faults += wrong
        if mapping:
            found.append(mapping)
    for body in receivers:
        faults += bodies.unknown_datasets(body, datasets)
        for mapping in (one for one in found if one.body == body.id):
            faults += bodies.naming_faults(mapping, body, mapping.valid_from)
    return found, faults + list(_same_file(found))


def _unread(resources: Resources) -> Iterator[Finding]:
    """Files that somebody may think are mappings, and that nobody reads."""
    for resource in resources.mapping_files("**/*.y*ml"):
        if len(PurePosixPath(resource.name).parts) != 2 or not resource.name.endswith(".yaml"):
            problem = "this file is not read: mappings are mappings/<body>/<dataset>.yaml"
            yield Finding("our-file-at-fault", Place(file=resource.shown, row=1), {"problem": problem})


def _same_file(mappings: list[Mapping]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for mapping in mappings:
        for name in mapping.names:
            other = seen.get((mapping.body, name.casefold()))
            if other:
                problem = f"{other} writes the same file, {name}"
                yield Finding("our-file-at-fault", Place(file=mapping.file, row=1), {"problem": problem})
            seen[mapping.body, name.casefold()] = mapping.file


def _load(resource: Resource, resources: Resources, codelists: CodeLists) -> tuple[Mapping | None, list[Finding]]:
    document = documents.read(resource.path, resource.shown)
    faults = documents.check(document, "mapping.schema.json")
    sound = _without(document, faults)
    if sound is None:
        return None, faults
    framed = _framed(faults)
    faults += [*mapping_faults.faults(sound, codelists, whole=not faults), *mapping_workbook.faults(sound)]
    faults += mapping_px.faults(sound, codelists)
    if not framed:
        return None, faults
    data = sound.data
    if data["dataset"] != resource.name.removesuffix(".yaml"):
        faults.append(document.fault(f"the file's name says {resource.name.removesuffix('.yaml')}", "dataset"))
    if not resources.mapping_files(f"{data['dataset'].split('/')[0]}/body.yaml"):
        faults.append(document.fault("the body has no body.yaml beside the mapping", "dataset"))
    coded = {c["name"] for file in data["files"] for c in file["columns"] if c["is"] == "code"}
    found, absent = _structures(document, resources)
    faults += [*absent, *_file_faults(document, found)]
    try:
        wanted = asked.load(resources, data["asked"], coded)
    except ConfigurationRefused as refused:
        return None, [*faults, *refused.findings]
    if not _framed(faults):
        return None, faults
    rest = _without(sound, faults)
    if rest is None:
        return None, faults
    mapping = record(rest, resource.sha256(), wanted, found, _recode_lists(rest, codelists))
    faults += [
        *mapping_cells.faults(mapping, document, whole=not faults),
        *mapping_workbook.against_asked(mapping, document),
        *mapping_px.against_structure(mapping, document),
    ]
    return (None, faults) if faults else (mapping, [])


def _structures(document: Document, resources: Resources) -> tuple[dict[int, Structure], list[Finding]]:
    """The structures that the files of a mapping name, by the position of the file, and what is wrong with them."""
    found: dict[int, Structure] = {}
    faults: list[Finding] = []
    for i, file in enumerate(document.data["files"]):
        if "structure" not in file:
            continue
        resource = resources.schema(file["structure"])
        if resource is None:
            faults.append(document.fault("the structure is absent", "files", i, "structure"))
            continue
        try:
            using = structures.using(structures.load(resource), file["dataflow"])
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        if using:
            found[i] = using[0]
        else:
            problem = f"{resource.shown} has no dataflow {file['dataflow']}"
            faults.append(document.fault(problem, "files", i, "dataflow"))
    return found, faults


def _file_faults(document: Document, found: dict[int, Structure]) -> Iterator[Finding]:
    """Columns that are not those of the structure: the codes are its dimensions, all of them."""
    for i, structure in found.items():
        file = document.data["files"][i]
        path = ("files", i, "columns")
        codes = [column["name"] for column in file["columns"] if column["is"] == "code"]
        dimensions = [component.id for component in structure.dimensions]
        for component in (one for one in structure.dimensions + structure.attributes if one.id in structure.absent):
            problem = f"{structure.file} lacks the code list {structure.absent[component.id]} of {component.id}"
            yield document.fault(f"{problem}; ask for the structure with references=all", "files", i, "structure")
        flat = file["format"] == FLAT  # its other columns have names of their own
        if sorted(codes) != sorted(dimensions):
            yield document.fault(f"the coded columns must be the dimensions {', '.join(dimensions)}", *path)
        elif codes != dimensions and not flat:
            yield document.fault(f"the dimensions must stand in order: {', '.join(dimensions)}", *path)
        if flat:
            continue
        attributes = {component.id: component.mandatory for component in structure.attributes}
        meant = {"year": [structure.time], "value": [structure.measure]}
        for k, column in enumerate(file["columns"]):
            if column["is"] != "code" and column["name"] not in meant.get(column["is"], attributes):
                problem = f"{column['name']} is no component of {structure.id} that holds {column['is']}"
                yield document.fault(problem, *path, k)
        names = [column["name"] for column in file["columns"]]
        for name in (name for name, mandatory in attributes.items() if mandatory and name not in names):
            yield document.fault(f"the attribute {name} is mandatory in {structure.id}", *path)


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

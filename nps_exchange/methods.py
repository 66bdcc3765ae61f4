"""Sources and methods of a dataset: `mappings/<body>/<dataset>.methods.yaml`, beside the mapping."""

from collections.abc import Iterator
from dataclasses import dataclass

from nps_exchange import documents
from nps_exchange.asked import Asked
from nps_exchange.documents import Document, children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Mapping, codes_of
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources

VERIFIED = "verified"
"""The status of a text that those who answer for it have confirmed."""

PARTS = ("sources", "coverage", "methods", "deviations", "changes")
"""What an entry says, in the order in which it is read."""


@dataclass(frozen=True)
class Entry:
    """What holds for some of the cells: `parts` by the names in PARTS."""

    id: str
    title: str
    cells: dict[str, tuple[str, ...]]
    parts: dict[str, str]


@dataclass(frozen=True)
class Methods:
    """Sources and methods of a dataset: what holds for all of it, by heading, and entry by entry."""

    dataset: str
    file: str
    sha256: str
    status: str
    general: dict[str, str]
    entries: tuple[Entry, ...]


def load_all(resources: Resources, mappings: list[Mapping]) -> tuple[list[Methods], list[Finding]]:
    """All sound sources and methods, and all faults: cells in no entry, a mapping or a file that is not there.

    Entries are held against what is asked for where a workbook carries them.
    """
    found: list[Methods] = []
    faults: list[Finding] = []
    by_dataset = {mapping.dataset: mapping for mapping in mappings}
    for resource in resources.mapping_files("*/*.methods.yaml"):
        try:
            document = documents.load(resource.path, "methods.schema.json", resource.shown)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        wrong = list(_faults(document, resource.name.removesuffix(".methods.yaml"), by_dataset))
        if not resources.mapping_files(f"{document.data['dataset']}.yaml"):
            wrong.append(document.fault("there is no mapping of this dataset", "dataset"))
        faults += wrong
        if not wrong:
            found.append(_record(document, resource.sha256()))
    there = {resource.name for resource in resources.mapping_files("*/*.methods.yaml")}
    for mapping in mappings:
        if mapping.workbook and f"{mapping.dataset}.methods.yaml" not in there:
            problem = f"the workbook has a sheet of sources and methods, and {mapping.dataset}.methods.yaml is absent"
            faults.append(Finding("our-file-at-fault", Place(file=mapping.file, row=1), {"problem": problem}))
    return found, faults


def _faults(document: Document, name: str, mappings: dict[str, Mapping]) -> Iterator[Finding]:
    dataset = document.data["dataset"]
    if dataset != name:
        yield document.fault(f"the file's name says {name}", "dataset")
    elif dataset in mappings and mappings[dataset].workbook:
        yield from _against_asked(document, mappings[dataset].asked)


def _against_asked(document: Document, asked: Asked) -> Iterator[Finding]:
    """Each cell that is asked for belongs to one entry."""
    taken: dict[tuple[str, ...], str] = {}
    ids: set[str] = set()
    for path, entry in children(document, "entries"):
        if entry["id"] in ids:
            yield document.fault(f"the entry {entry['id']} stands twice", *path, "id")
        ids.add(entry["id"])
        where = codes_of(entry["cells"])
        foreign = [column for column in where if column not in asked.columns]
        if foreign:
            yield document.fault(f"{foreign[0]} is no column of {asked.file}", *path, "cells")
            continue
        for column, codes in where.items():
            there = {key[asked.columns.index(column)] for key in asked.keys}
            strange = [code for code in codes if code not in there]
            if strange:
                yield document.fault(f"not asked for by {asked.file}: {column} {', '.join(strange)}", *path, "cells")
        for key in asked.keys:
            if all(key[asked.columns.index(column)] in codes for column, codes in where.items()):
                other = taken.setdefault(key, entry["id"])
                if other != entry["id"]:
                    yield document.fault(f"{' '.join(key)} stands in {other} too", *path, "cells")
                    break
    for key in asked.keys:
        if key not in taken:
            yield document.fault(f"{' '.join(key)} is asked for by {asked.file}, but stands in no entry", "entries")


def _record(document: Document, sha256: str) -> Methods:
    data = document.data
    entries = tuple(
        Entry(item["id"], item["title"], codes_of(item["cells"]), {part: item[part] for part in PARTS})
        for item in data["entries"]
    )
    return Methods(data["dataset"], document.file, sha256, data["origin"]["status"], data["general"], entries)

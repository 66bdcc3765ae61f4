"""Sources and methods of a dataset: `mappings/<body>/<dataset>.methods.yaml`, beside the mapping."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from nps_exchange import documents
from nps_exchange.asked import Asked
from nps_exchange.documents import Document, Path_, children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.formats import xml_text
from nps_exchange.mapping import Mapping, codes_of
from nps_exchange.messages import DEFAULT, LANGUAGES
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources

VERIFIED = "verified"
"""The status of a text that those who answer for it have confirmed."""

PARTS = ("sources", "coverage", "methods", "deviations", "changes")
"""What an entry says, in the order in which it is read."""

BODY_WIDE = "reference-metadata.yaml"
"""What all datasets of a body have in common, where the texts go out as reference metadata."""

ENDING = ".methods.yaml"


@dataclass(frozen=True)
class Entry:
    """What holds for some of the cells: `parts` by the names in PARTS, each in paragraphs.

    Those of another entry that hold here too stand first.
    """

    id: str
    title: str
    cells: dict[str, tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]

    def text(self, part: str) -> str:
        """A part as one text, a line for each paragraph."""
        return "\n".join(self.parts[part])


@dataclass(frozen=True)
class Methods:
    """Sources and methods of a dataset: what holds for all of it, by heading, and entry by entry.

    `concepts` holds the texts that its reference metadata have beside the entries, by concept; `refers_to` the
    other datasets whose entries are repeated in its own; `document` is where it stands, for faults. The texts are the
    English ones; `also` holds the same in the other languages, a text that is given once as it is.
    """

    dataset: str
    file: str
    sha256: str
    status: str
    general: dict[str, str]
    concepts: dict[str, str]
    entries: tuple[Entry, ...]
    refers_to: tuple[str, ...]
    document: Document = field(repr=False, compare=False)
    also: dict[str, "Methods"] = field(default_factory=dict, repr=False, compare=False)

    def in_language(self, language: str) -> "Methods":
        """The same with the texts of a language."""
        return self.also.get(language, self)


def load_all(resources: Resources, mappings: list[Mapping]) -> tuple[list[Methods], list[Finding]]:
    """All sound sources and methods, and all faults: cells in no entry, a mapping or a file that is not there.

    Entries are held against what is asked for where a workbook or reference metadata carry them.
    """
    read: dict[str, Document] = {}
    hashes: dict[str, str] = {}
    faults: list[Finding] = []
    for resource in resources.mapping_files(f"*/*{ENDING}"):
        name = resource.name.removesuffix(ENDING)
        hashes[name] = resource.sha256()
        try:
            read[name] = documents.load(resource.path, "methods.schema.json", resource.shown)
        except ConfigurationRefused as refused:
            faults += refused.findings
    found: list[Methods] = []
    # Where nothing of the texts goes out, what they speak of may be another questionnaire than the one at hand.
    sent = [one for one in mappings if one.workbook or one.px or resources.mapping_files(f"{one.body}/{BODY_WIDE}")]
    by_dataset = {mapping.dataset: mapping for mapping in sent}
    for name, document in read.items():
        wrong = list(_faults(document, name, by_dataset, read, hashes))
        if not resources.mapping_files(f"{document.data['dataset']}.yaml"):
            wrong.append(document.fault("there is no mapping of this dataset", "dataset"))
        faults += wrong
        if not wrong and all(other in read for other in _refers_to(document, read)):
            others = {lang: _record(document, hashes[name], read, lang) for lang in LANGUAGES if lang != DEFAULT}
            found.append(replace(_record(document, hashes[name], read, DEFAULT), also=others))
    for mapping in mappings:
        if (mapping.workbook or mapping.px) and mapping.dataset not in hashes:
            what = "the workbook has a sheet of" if mapping.workbook else "the PX table has notes on"
            problem = f"{what} sources and methods, and {mapping.dataset}{ENDING} is absent"
            faults.append(Finding("our-file-at-fault", Place(file=mapping.file, row=1), {"problem": problem}))
    return found, faults


def behind(found: list[Methods], datasets: Collection[str]) -> list[Methods]:
    """The sources and methods of some datasets, and those whose entries they repeat."""
    named = {name for one in found if one.dataset in datasets for name in (one.dataset, *one.refers_to)}
    return [one for one in found if one.dataset in named]


def not_for_xml(document: Document) -> Iterator[Finding]:
    """Texts of a document, headings too, that no XML message, and no workbook, could carry."""
    for path, text in _texts(document.data, ()):
        if wrong := xml_text.impossible(text):
            yield document.fault(f"the text holds {wrong}, which XML cannot carry; take it out", *path)


def _texts(value: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, (*path, i))


def _faults(
    document: Document,
    name: str,
    mappings: dict[str, Mapping],
    read: dict[str, Document],
    there: Collection[str],
) -> Iterator[Finding]:
    yield from not_for_xml(document)
    dataset = document.data["dataset"]
    if dataset != name:
        yield document.fault(f"the file's name says {name}", "dataset")
    elif dataset in mappings:
        yield from _against_asked(document, mappings[dataset].asked)
        px = mappings[dataset].px
        if px and len(px.languages) > 1:
            yield from _untranslated(document, read)
    for path, entry in children(document, "entries"):
        if "as" in entry:
            yield from _reference_faults(document, (*path, "as"), entry["as"], read, there)


def _reference_faults(
    document: Document, path: Path_, named: dict[str, str], read: dict[str, Document], there: Collection[str]
) -> Iterator[Finding]:
    dataset, id_ = named["dataset"], named["entry"]
    if dataset not in there:
        yield document.fault(f"there is no {dataset}{ENDING}", *path, "dataset")
    elif dataset in read:  # otherwise that file is at fault itself, and that is told
        if _entry(read[dataset], id_) is None:
            yield document.fault(f"{dataset}{ENDING} has no entry {id_}", *path, "entry")
        elif (dataset, id_) in list(_chain(named, read))[1:]:
            yield document.fault(f"the entry {id_} of {dataset} repeats itself, by way of others", *path, "entry")


def _untranslated(document: Document, read: dict[str, Document]) -> Iterator[Finding]:
    """Texts in one language only, of a dataset whose table is in several."""
    problem = "the PX table says it in several languages; give the text as {en: ..., sv: ...}"
    for heading, text in document.data.get("general", {}).items():
        if isinstance(text, str):
            yield document.fault(problem, "general", heading)
    for path, entry in children(document, "entries"):
        for part in ("title", *PARTS):
            if isinstance(entry.get(part), str):
                yield document.fault(problem, *path, part)
        others = [_entry(read[dataset], id_) or {} for dataset, id_ in _chain(entry.get("as"), read)]
        if any(isinstance(other.get(part), str) for other in others for part in PARTS):
            yield document.fault(
                "the PX table is in several languages, and the entry that is named is not", *path, "as"
            )


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


def _entry(document: Document, id_: str) -> dict[str, Any] | None:
    return next((entry for entry in document.data["entries"] if entry["id"] == id_), None)


def _chain(named: dict[str, str] | None, read: dict[str, Document]) -> Iterator[tuple[str, str]]:
    """The entries that one is made of, by dataset and id, the nearest first; it ends where it begins anew."""
    seen: set[tuple[str, str]] = set()
    while named:
        key = (named["dataset"], named["entry"])
        yield key
        if key in seen:
            return
        seen.add(key)
        other = _entry(read[key[0]], key[1]) if key[0] in read else None
        named = other.get("as") if other else None


def _refers_to(document: Document, read: dict[str, Document]) -> tuple[str, ...]:
    """The other datasets whose entries are repeated, directly or by way of another."""
    named = [dataset for entry in document.data["entries"] for dataset, _ in _chain(entry.get("as"), read)]
    return tuple(name for name in dict.fromkeys(named) if name != document.data["dataset"])


def _record(document: Document, sha256: str, read: dict[str, Document], language: str) -> Methods:
    data = document.data
    entries = []
    for item in data["entries"]:
        others = [_entry(read[dataset], id_) or {} for dataset, id_ in _chain(item.get("as"), read)]
        said = [*reversed(others), item]
        parts = {part: tuple(_in(language, one[part]) for one in said if part in one) for part in PARTS}
        entries.append(Entry(item["id"], _in(language, item["title"]), codes_of(item["cells"]), parts))
    return Methods(
        data["dataset"],
        document.file,
        sha256,
        data["origin"]["status"],
        {heading: _in(language, text) for heading, text in data.get("general", {}).items()},
        {concept: _in(language, text) for concept, text in data.get("concepts", {}).items()},
        tuple(entries),
        _refers_to(document, read),
        document,
    )


def _in(language: str, text: str | dict[str, str]) -> str:
    return text if isinstance(text, str) else text[language]

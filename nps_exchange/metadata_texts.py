"""The texts of reference metadata: those of a whole body and those of its datasets, held against the concepts."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from nps_exchange import bodies, documents, metadata_structure
from nps_exchange.bodies import Body
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.formats import xml_text
from nps_exchange.mapping import Mapping
from nps_exchange.metadata_structure import Concept, MetadataStructure
from nps_exchange.methods import BODY_WIDE, ENDING, VERIFIED, Methods, behind, not_for_xml
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources


@dataclass(frozen=True)
class BodyTexts:
    """What is the same in the reference metadata of all datasets of a body.

    `texts` are by concept, `provider` is the data provider as AGENCY:SCHEME(VERSION).ID.
    """

    body: Body
    file: str
    sha256: str
    status: str
    provider: str
    texts: dict[str, str] = field(repr=False)
    structure: MetadataStructure = field(repr=False)


def names(mapping: Mapping) -> tuple[str, str]:
    """The files that the reference metadata of a dataset are delivered in: a message, and a page to be read."""
    name = mapping.dataset.split("/")[1]
    return f"{name}.metadata.xml", f"{name}.metadata.html"


def dataflow(mapping: Mapping) -> str:
    """The dataflow that the reference metadata of a dataset are about: that of its first file that has one, or ""."""
    return next((file.dataflow for file in mapping.files if file.dataflow), "")


def load_all(
    resources: Resources, mappings: list[Mapping], methods: list[Methods]
) -> tuple[list[BodyTexts], list[Finding]]:
    """The texts of all bodies that want reference metadata, and all faults.

    Faults are texts for concepts that are none or are filled otherwise, concepts that the law asks for and that
    have no text, and datasets without sources and methods.
    """
    try:
        wanting = [body for body in bodies.load_all(resources) if body.reference_metadata]
    except ConfigurationRefused:
        return [], []  # told with the mappings
    found: list[BodyTexts] = []
    faults: list[Finding] = list(_unread([body.id for body in wanting], methods))
    there = {resource.name for resource in resources.mapping_files(f"*/*{ENDING}")}
    for body in wanting:
        try:
            one, wrong = _load(resources, body)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        found.append(one)
        faults += wrong
        for mapping in (mapping for mapping in mappings if mapping.body == body.id):
            said = next((each for each in methods if each.dataset == mapping.dataset), None)
            faults += _mapping_faults(mapping, there)
            if said:
                faults += _concept_faults(said.document, one.structure)
                faults += _missing(said, one)
    return found, faults


def not_verified(methods: list[Methods], sent: list[Mapping], texts: list[BodyTexts]) -> list[Finding]:
    """A finding for each file whose texts are delivered and have not been confirmed."""
    found = []
    for one in behind(methods, {mapping.dataset for mapping in sent}):
        if one.status != VERIFIED:
            values = {"dataset": one.dataset, "status": one.status}
            found.append(Finding("methods-not-verified", Place(file=one.file), values))
    for body in {one.file: one for one in texts if one.status != VERIFIED}.values():
        values = {"body": body.body.id, "status": body.status}
        found.append(Finding("metadata-not-verified", Place(file=body.file), values))
    return found


def _load(resources: Resources, body: Body) -> tuple[BodyTexts, list[Finding]]:
    structure = metadata_structure.load(resources, body.reference_metadata)
    found = resources.mapping_files(f"{body.id}/{BODY_WIDE}")
    if not found:
        raise ConfigurationRefused(body.fault(f"{body.id}/{BODY_WIDE} is absent", "reference_metadata"))
    document = documents.load(found[0].path, "reference-metadata.schema.json", found[0].shown)
    data = document.data
    faults = [*not_for_xml(document), *_concept_faults(document, structure)]
    if data["body"] != body.id:
        faults.append(document.fault(f"the folder is named {body.id}", "body"))
    if not (body.sender and body.receiver):
        problem = "a message of reference metadata needs a sender and a receiver; say them under messages:"
        faults.append(body.fault(problem, "reference_metadata"))
    return BodyTexts(
        body,
        found[0].shown,
        found[0].sha256(),
        data["origin"]["status"],
        data["provider"],
        data.get("concepts", {}),
        structure,
    ), faults


def _unread(wanting: list[str], methods: list[Methods]) -> Iterator[Finding]:
    for one in methods:
        if one.concepts and one.dataset.split("/")[0] not in wanting:
            yield one.document.fault("the body wants no reference metadata, so nobody would read this", "concepts")


def _mapping_faults(mapping: Mapping, there: set[str]) -> Iterator[Finding]:
    problems = []
    if f"{mapping.dataset}{ENDING}" not in there and not mapping.workbook:  # a workbook asks for it already
        problems.append(f"the body wants reference metadata, and {mapping.dataset}{ENDING} is absent")
    if not dataflow(mapping):
        problems.append("the body wants reference metadata, and no file names the dataflow that they are about")
    if wrong := xml_text.impossible(mapping.title["en"]):
        problems.append(f"the title holds {wrong}, which XML cannot carry; take it out")
    for name in {name.casefold() for name in mapping.names} & set(names(mapping)):
        problems.append(f"the file {name} is that of the reference metadata; name it otherwise")
    for problem in problems:
        yield Finding("our-file-at-fault", Place(file=mapping.file, row=1), {"problem": problem})


def _concept_faults(document: Document, structure: MetadataStructure) -> Iterator[Finding]:
    for id_ in document.data.get("concepts", {}):
        concept = structure.concept(id_)
        if concept is None:
            known = [one.id for one in structure.concepts]
            like = ", ".join(difflib.get_close_matches(id_, known, n=3, cutoff=0))
            yield document.fault(f"{structure.file} has no concept {id_}; the nearest are {like}", "concepts", id_)
        elif problem := _filled_otherwise(concept, structure):
            yield document.fault(f"{id_} ({concept.name}) {problem}", "concepts", id_)


def _filled_otherwise(concept: Concept, structure: MetadataStructure) -> str:
    """Why a concept takes no text of its own, or ""."""
    if below := structure.below(concept.id):
        return f"takes no text; write it under one of those below it: {', '.join(one.id for one in below)}"
    if concept.part:
        return f"is made of the {concept.part} of the entries; write it there"
    if concept.contact:
        return f"is the {concept.contact} of the contacts in exchange.yaml"
    return "is the years of the figures" if concept.years else ""


def _missing(said: Methods, body: BodyTexts) -> Iterator[Finding]:
    """Concepts that the law asks for and that nobody has written."""
    law = body.structure.required_by
    for concept in body.structure.concepts:
        if not concept.required or concept.part or concept.contact or concept.years:
            continue
        if concept.id not in said.concepts and concept.id not in body.texts:
            asks = f"{law} ({concept.required}) asks for {concept.id} ({concept.name}), and it has no text"
            yield said.document.fault(f"{asks}; write it here, or for all datasets in {body.file}", "concepts")

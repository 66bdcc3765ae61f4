"""What a dataset says of itself, concept by concept: sources and methods, the body's texts, and the contacts."""

from collections.abc import Iterator
from dataclasses import dataclass

from nps_exchange import messages
from nps_exchange.cells import is_sent
from nps_exchange.exchange import Exchange
from nps_exchange.formats.generic_metadata import MetadataSet, Reported, Target
from nps_exchange.formats.xml_time import moment
from nps_exchange.metadata_structure import Concept
from nps_exchange.metadata_texts import BodyTexts, dataflow, names
from nps_exchange.methods import VERIFIED, Methods
from nps_exchange.translate import Dataset

LANGUAGE = "en"
"""Bodies read English."""

REGISTRY = "urn:sdmx:org.sdmx.infomodel."
DATAFLOW, PROVIDER = f"{REGISTRY}datastructure.Dataflow=", f"{REGISTRY}base.DataProvider="


@dataclass(frozen=True)
class Paragraph:
    """A text, and under which heading it stands ("" for none): the titles of the entries that say it."""

    heading: str
    text: str


@dataclass(frozen=True)
class Said:
    """A concept and what is said of it; nothing, if nobody has written it."""

    concept: Concept
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """All of it as one text, a line for each paragraph."""
        return "\n".join(f"{one.heading}: {one.text}" if one.heading else one.text for one in self.paragraphs)


@dataclass(frozen=True)
class ReferenceMetadata:
    """The reference metadata of a dataset for one delivery; `status` is "" where all texts are verified.

    `names` are those of the files: a message and a page.
    """

    dataset: str
    title: str
    dataflow: str
    year: int
    prepared: str
    test: bool
    status: str
    body: BodyTexts
    said: tuple[Said, ...]
    names: tuple[str, str]


def describe(
    dataset: Dataset, body: BodyTexts, methods: Methods, behind: list[Methods], exchange: Exchange, test: bool
) -> ReferenceMetadata:
    """What a dataset says of itself; `behind` are all sources and methods whose texts stand in its own."""
    contacts = dict(exchange.contacts)
    years = _years(dataset)
    said = tuple(
        Said(concept, tuple(_paragraphs(concept, body, methods, contacts, years)))
        for concept in body.structure.concepts
    )
    statuses = dict.fromkeys([*(one.status for one in behind), body.status])
    return ReferenceMetadata(
        dataset.mapping.dataset,
        dataset.mapping.title["en"],
        dataflow(dataset.mapping),
        exchange.year,
        moment(exchange.prepared),
        test,
        ", ".join(status for status in statuses if status != VERIFIED),
        body,
        said,
        names(dataset.mapping),
    )


def message(described: ReferenceMetadata) -> MetadataSet:
    """The same as a message; concepts of which nothing is said are not in it."""
    structure = described.body.structure
    agency, _, rest = structure.id.partition(":")
    id_, _, version = rest.rstrip(")").partition("(")
    target = structure.target
    return MetadataSet(
        id=f"{described.dataset.replace('/', '_')}_{described.year}_METADATA".upper(),
        test=described.test,
        prepared=described.prepared,
        sender=described.body.body.sender,
        receiver=described.body.body.receiver,
        structure=(agency, id_, version),
        report=structure.report,
        source=f"{messages.words(LANGUAGE)['not_confirmed']}: {described.status}" if described.status else "",
        target=Target(
            target["id"],
            (
                (target["provider"], PROVIDER + described.body.provider),
                (target["dataflow"], DATAFLOW + described.dataflow),
            ),
            (target["period"], str(described.year)),
        ),
        attributes=_reported(described, ""),
    )


def _reported(described: ReferenceMetadata, parent: str) -> tuple[Reported, ...]:
    found = (
        Reported(said.concept.id, said.text, _reported(described, said.concept.id))
        for said in described.said
        if said.concept.parent == parent
    )
    return tuple(one for one in found if one.text or one.children)


def _paragraphs(
    concept: Concept, body: BodyTexts, methods: Methods, contacts: dict[str, str], years: str
) -> Iterator[Paragraph]:
    if concept.part:
        yield from _of_entries(methods, concept.part)
        return
    if concept.contact:
        text = contacts.get(concept.contact, "")
    elif concept.years:
        text = years
    else:
        text = methods.concepts.get(concept.id) or body.texts.get(concept.id, "")
    if text:
        yield Paragraph("", text)


def _of_entries(methods: Methods, part: str) -> Iterator[Paragraph]:
    """One part of all entries: what several say stands once, and what all say under no heading."""
    titles: dict[str, list[str]] = {}
    for entry in methods.entries:
        for text in entry.parts[part]:
            titles.setdefault(text, []).append(entry.title)
    for text, of in titles.items():
        yield Paragraph("; ".join(of) if len(of) < len(methods.entries) else "", text)


def _years(dataset: Dataset) -> str:
    """The first and the last year of the figures that are sent."""
    where = is_sent(dataset.mapping)
    row = dataset.con.execute(f"SELECT min(year), max(year) FROM {dataset.table} WHERE {where}").fetchone()
    first, last = row or (None, None)
    return "" if first is None else str(first) if first == last else f"{first}-{last}"

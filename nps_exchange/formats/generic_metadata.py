"""Reference metadata as an SDMX-ML 2.1 GenericMetadata message.

A text stands in the attribute `value` of its reported attribute, line breaks and all: as XHTML it would not be
valid without a schema of XHTML, which SDMX does not bring along, and `common:Text` sdmx1 2.28 cannot read, nor a
name or annotation of a metadata set. The language of a text is therefore not said in the message; it is English.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place

SDMX = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
NAMESPACES = {"mes": SDMX + "message", "com": SDMX + "common", "gen": SDMX + "metadata/generic"}
MES, COM, GEN = (f"{{{uri}}}" for uri in NAMESPACES.values())
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
STRUCTURE = "STRUCTURE"
"""What the header calls the metadata structure within the message."""


@dataclass(frozen=True)
class Reported:
    """A reported attribute: its concept, its text ("" for none), and the attributes below it."""

    id: str
    text: str = ""
    children: tuple["Reported", ...] = ()


@dataclass(frozen=True)
class Target:
    """What the metadata are about: objects by their URN and a period, each by the id of its reference."""

    id: str
    objects: tuple[tuple[str, str], ...]
    period: tuple[str, str]


@dataclass(frozen=True)
class MetadataSet:
    """A message with one metadata set of one report.

    `structure` is agency, id and version of its definition; `prepared` stands as XML writes it (`xml_time.moment`);
    `source` is where the texts come from, as people are told, or "".
    """

    id: str
    test: bool
    prepared: str
    sender: str
    receiver: str
    structure: tuple[str, str, str]
    report: str
    source: str
    target: Target
    attributes: tuple[Reported, ...]


def encode(content: MetadataSet, path: Path) -> None:
    """Write the message; the texts must be such as XML can carry (`xml_text.impossible`)."""
    root = etree.Element(MES + "GenericMetadata", nsmap=NAMESPACES)
    _header(etree.SubElement(root, MES + "Header"), content)
    metadata_set = etree.SubElement(root, MES + "MetadataSet", structureRef=STRUCTURE)
    report = etree.SubElement(metadata_set, GEN + "Report", id=content.report)
    _target(etree.SubElement(report, GEN + "Target", id=content.target.id), content.target)
    _attributes(report, content.attributes)
    path.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def decode(path: Path) -> MetadataSet:
    """Read such a message.

    Raises:
        InputRefused: it is no XML, or not a message of one metadata set with one report.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.parse(path, parser).getroot()
        return _content(root)
    except (etree.XMLSyntaxError, _Lacking) as error:
        problem = {"problem": str(error)}
    raise InputRefused(Finding("file-damaged", Place(file=path.name), problem))


class _Lacking(Exception):
    """An element that must be there is not."""


def _header(header: Any, content: MetadataSet) -> None:
    _text(header, MES + "ID", content.id)
    _text(header, MES + "Test", "true" if content.test else "false")
    _text(header, MES + "Prepared", content.prepared)
    etree.SubElement(header, MES + "Sender", id=content.sender)
    etree.SubElement(header, MES + "Receiver", id=content.receiver)
    structure = etree.SubElement(header, MES + "Structure", structureID=STRUCTURE)
    agency, id_, version = content.structure
    etree.SubElement(etree.SubElement(structure, COM + "Structure"), "Ref", agencyID=agency, id=id_, version=version)
    if content.source:
        _text(header, MES + "Source", content.source).set(LANG, "en")


def _target(element: Any, target: Target) -> None:
    id_, period = target.period
    _text(etree.SubElement(element, GEN + "ReferenceValue", id=id_), GEN + "ReportPeriod", period)
    for id_, urn in target.objects:
        value = etree.SubElement(element, GEN + "ReferenceValue", id=id_)
        _text(etree.SubElement(value, GEN + "ObjectReference"), "URN", urn)


def _attributes(parent: Any, attributes: Iterable[Reported]) -> None:
    holder = etree.SubElement(parent, GEN + "AttributeSet")
    for attribute in attributes:
        element = etree.SubElement(holder, GEN + "ReportedAttribute", id=attribute.id)
        if attribute.text:
            element.set("value", attribute.text)
        if attribute.children:
            _attributes(element, attribute.children)


def _text(parent: Any, tag: str, text: str) -> Any:
    element = etree.SubElement(parent, tag)
    element.text = text
    return element


def _content(root: Any) -> MetadataSet:
    if root.tag != MES + "GenericMetadata":
        raise _Lacking("it is no GenericMetadata message of SDMX-ML 2.1")
    header, metadata_set = _only(root, MES + "Header"), _only(root, MES + "MetadataSet")
    report = _only(metadata_set, GEN + "Report")
    target = _only(report, GEN + "Target")
    values = target.findall(GEN + "ReferenceValue")
    periods = [(value, value.find(GEN + "ReportPeriod")) for value in values]
    objects = [(value, value.find(f"{GEN}ObjectReference/URN")) for value in values]
    reference = _only(_only(_only(header, MES + "Structure"), COM + "Structure"), "Ref")
    return MetadataSet(
        id=_said(header, MES + "ID"),
        test=_said(header, MES + "Test") == "true",
        prepared=_said(header, MES + "Prepared"),
        sender=_only(header, MES + "Sender").get("id", ""),
        receiver=_only(header, MES + "Receiver").get("id", ""),
        structure=(reference.get("agencyID", ""), reference.get("id", ""), reference.get("version", "")),
        report=report.get("id", ""),
        source=header.findtext(MES + "Source") or "",
        target=Target(
            target.get("id", ""),
            tuple((value.get("id", ""), urn.text or "") for value, urn in objects if urn is not None),
            next(((value.get("id", ""), said.text or "") for value, said in periods if said is not None), ("", "")),
        ),
        attributes=_reported(_only(report, GEN + "AttributeSet")),
    )


def _reported(holder: Any) -> tuple[Reported, ...]:
    found = []
    for element in holder.findall(GEN + "ReportedAttribute"):
        below = element.find(GEN + "AttributeSet")
        children = () if below is None else _reported(below)
        found.append(Reported(element.get("id", ""), element.get("value", ""), children))
    return tuple(found)


def _only(parent: Any, tag: str) -> Any:
    found = parent.findall(tag)
    if len(found) != 1:
        name = etree.QName(tag).localname
        raise _Lacking(f"there must be one {name} in {etree.QName(parent).localname}, and there are {len(found)}")
    return found[0]


def _said(parent: Any, tag: str) -> str:
    return _only(parent, tag).text or ""

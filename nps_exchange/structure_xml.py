"""What the XML of an SDMX-ML 2.1 structure message says itself: whether it may be read, and what names what.

Everything here is read without resolving entities, and without a file or a network besides the message.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from lxml import etree

from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place

MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
DIMENSIONS = ("Dimension", "MeasureDimension", "TimeDimension")
URN = re.compile(r"=(?P<scheme>[^=]+\))(?:\.(?P<item>.+))?")


class _RootReached(Exception):
    """The prolog holds nothing that must be refused."""


def root(content: bytes, shown: str) -> Any:
    """The outermost element of a structure message that is sound enough to be read on.

    Raises:
        ConfigurationRefused: it is not XML, declares a document type, is no structure message or has no data
            structure in it; or, all at once, what stands twice and the parents of codes that lead nowhere.
    """
    if not content.strip():
        raise refused(shown, 1, "the file is empty")
    _check_prolog(content, shown)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        found: Any = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        problem = error.msg.split(", line ")[0]
        raise refused(shown, error.lineno or 1, f"the file is not sound XML, or is cut off: {problem}") from None
    if found.tag != f"{{{MESSAGE}}}Structure":
        name = etree.QName(found)
        of = f" of {name.namespace}" if name.namespace and name.namespace != MESSAGE else ""
        problem = f"the file is no SDMX-ML 2.1 structure message: its outermost element is <{name.localname}>{of}"
        raise refused(shown, found.sourceline, problem)
    if not list(structures(found)):
        raise refused(shown, found.sourceline, "there is no data structure definition in the message")
    faults = [_fault(shown, line, problem) for line, problem in (*_code_faults(found), *_component_faults(found))]
    if faults:
        raise ConfigurationRefused(*faults)
    return found


def refused(shown: str, line: int, problem: str) -> ConfigurationRefused:
    """The refusal of a message for one problem."""
    return ConfigurationRefused(_fault(shown, line, problem))


def structures(found: Any) -> Iterator[Any]:
    """The data structures that are given whole; a message may also name some that stand elsewhere."""
    for structure in found.iterfind(".//{*}DataStructures/{*}DataStructure"):
        if structure.find(".//{*}DimensionList") is not None:
            yield structure


def dimensions(structure: Any) -> list[Any]:
    """The dimensions in the order of the key, time among them."""
    return [d for d in structure.find(".//{*}DimensionList") if etree.QName(d).localname in DIMENSIONS]


def components(structure: Any) -> list[Any]:
    """The dimensions and attributes."""
    return [*dimensions(structure), *structure.iterfind(".//{*}AttributeList/{*}Attribute")]


def component_id(component: Any) -> str:
    """The id of a component; where it has none of its own, its concept's (SDMX 2.1, section 3A)."""
    return str(component.get("id") or target(component.find("{*}ConceptIdentity"))[1])


def named_lists(structure: Any, found: Any) -> dict[str, str]:
    """The code list that each component names, itself or by its concept; "" for one that names none."""
    concepts = {
        (key(scheme), concept.get("id")): concept.find("{*}CoreRepresentation")
        for scheme in found.iterfind(".//{*}ConceptScheme")
        for concept in scheme.iterchildren("{*}Concept")
    }
    lists: dict[str, str] = {}
    for component in components(structure):
        representation = component.find("{*}LocalRepresentation")
        if representation is None:
            representation = concepts.get(target(component.find("{*}ConceptIdentity")))
        named = representation.find("{*}Enumeration") if representation is not None else None
        lists[component_id(component)] = target(named)[0]
    return lists


def dataflows(structure: Any, found: Any) -> set[str]:
    """The dataflows of the message that use a data structure."""
    flows = found.iterfind(".//{*}Dataflows/{*}Dataflow")
    return {key(flow) for flow in flows if target(flow.find("{*}Structure"))[0] == key(structure)}


def key(element: Any) -> str:
    """What a code list, a dataflow, a data structure or a reference to one is known by: `AGENCY:ID(VERSION)`."""
    return f"{element.get('agencyID')}:{element.get('id')}({element.get('version', '1.0')})"


def target(holder: Any) -> tuple[str, str]:
    """The key that the `<Ref>` or `<URN>` in an element names, and the item in it, if it names one."""
    reference = holder.find("{*}Ref") if holder is not None else None
    if reference is None:
        urn = URN.search(holder.findtext("{*}URN", "")) if holder is not None else None
        return (urn["scheme"], urn["item"] or "") if urn else ("", "")
    if scheme := reference.get("maintainableParentID"):
        version = reference.get("maintainableParentVersion", "1.0")
        return f"{reference.get('agencyID')}:{scheme}({version})", str(reference.get("id"))
    return key(reference), ""


def _check_prolog(content: bytes, shown: str) -> None:
    """A document type can declare entities that grow without end, or read other files: it ends the reading."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise refused(shown, parser.CurrentLineNumber, "a document type (<!DOCTYPE ...>) is not allowed")

    def stop(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(content, True)
    except _RootReached:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding that is not known
        problem = str(error).split(": line ")[0]
        raise refused(shown, getattr(error, "lineno", 1), f"the file is not XML: {problem}") from None


def _code_faults(found: Any) -> Iterator[tuple[int, str]]:
    for codelist in found.iterfind(".//{*}Codelists/{*}Codelist"):
        name, partial = codelist.get("id"), codelist.get("isPartial") in ("true", "1")
        parents: dict[str, str] = {}
        for code in codelist.iter("{*}Code"):
            id_, parent = code.get("id", ""), code.find("{*}Parent/{*}Ref")
            if not id_:
                yield code.sourceline, f"a code of {name} has no id"
            elif id_ in parents:
                yield code.sourceline, f"the code {id_} stands twice in {name}"
            parents[id_] = "" if parent is None else parent.get("id", "")
        for code in codelist.iter("{*}Code"):
            id_ = code.get("id", "")
            parent, path = parents[id_], {id_}
            if parent and parent not in parents and not partial:
                yield code.sourceline, f"the parent {parent} of {id_} is not in {name}"
            while parent in parents and parent not in path:
                path.add(parent)
                parent = parents[parent]
            if id_ and parent == id_:
                yield code.sourceline, f"{id_} is its own ancestor in {name}"


def _component_faults(found: Any) -> Iterator[tuple[int, str]]:
    for structure in structures(found):
        seen: set[str] = set()
        for component in components(structure):
            if component_id(component) in seen:
                yield component.sourceline, f"the component {component_id(component)} stands twice"
            seen.add(component_id(component))


def _fault(shown: str, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(shown, row=line), {"problem": problem})

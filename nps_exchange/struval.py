"""The code that Eurostat's structural validation (STRUVAL) would return for a finding."""

from collections.abc import Iterable
from dataclasses import replace

from nps_exchange import documents
from nps_exchange.model import Finding
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure

FILE = "eurostat/struval.yaml"
KEY, ATTRIBUTE, SERIES = "key", "attribute", "series"

Codes = dict[tuple[str, str], str]


def load(resources: Resources) -> Codes:
    """The codes by rule, and by what the fault is in where that decides; "" where it does not.

    Raises:
        ConfigurationRefused: the file is at fault.
    """
    resource = resources.schema(FILE)
    if resource is None:
        return {}
    data = documents.load(resource.path, "struval.schema.json", resource.shown).data
    return {(item["rule"], item.get("of", "")): item["code"] for item in data["codes"]}


def marked(findings: Iterable[Finding], codes: Codes, structure: Structure | None) -> list[Finding]:
    """The findings, each with the code that STRUVAL would return, where there is one."""
    attributes = {attribute.id for attribute in structure.attributes} if structure else set()
    found = []
    for finding in findings:
        of = ATTRIBUTE if finding.place.column in attributes else KEY
        if finding.values.get("in") == "Series":  # what is declared nowhere is told by the element that it stands in
            of = SERIES
        code = codes.get((finding.rule, of)) or codes.get((finding.rule, ""))
        found.append(replace(finding, values={**finding.values, "struval": code}) if code else finding)
    return found

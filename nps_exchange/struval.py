"""The code that Eurostat's structural validation (STRUVAL) would return for a finding."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from nps_exchange import documents
from nps_exchange.model import Finding
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure

FILE = "eurostat/struval.yaml"
KEY, ATTRIBUTE, SERIES = "key", "attribute", "series"


@dataclass(frozen=True)
class Codes:
    """The codes by rule, and by what the fault is in where that decides ("" where it does not).

    They are those of data by structures of `agency`: nobody else's go through that validation.
    """

    agency: str = ""
    by_rule: dict[tuple[str, str], str] = field(default_factory=dict)


def load(resources: Resources) -> Codes:
    """The codes as `schemas/eurostat/struval.yaml` has them; none where there is no such file.

    Raises:
        ConfigurationRefused: the file is at fault.
    """
    resource = resources.schema(FILE)
    if resource is None:
        return Codes()
    data = documents.load(resource.path, "struval.schema.json", resource.shown).data
    return Codes(data["agency"], {(item["rule"], item.get("of", "")): item["code"] for item in data["codes"]})


def marked(findings: Iterable[Finding], codes: Codes, structure: Structure | None) -> list[Finding]:
    """The findings, each with the code that STRUVAL would return, where there is one.

    Without a structure it is not known whose data they are: then they may be such as it validates.
    """
    if structure and not structure.id.startswith(f"{codes.agency}:"):
        return list(findings)
    attributes = {attribute.id for attribute in structure.attributes} if structure else set()
    found = []
    for finding in findings:
        of = ATTRIBUTE if finding.place.column in attributes else KEY
        if finding.values.get("in") == "Series":  # what is declared nowhere is told by the element that it stands in
            of = SERIES
        code = codes.by_rule.get((finding.rule, of)) or codes.by_rule.get((finding.rule, ""))
        found.append(replace(finding, values={**finding.values, "struval": code}) if code else finding)
    return found

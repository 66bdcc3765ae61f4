"""The code that Eurostat's structural validation (STRUVAL) would return for a finding."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from nps_exchange import documents, messages
from nps_exchange.documents import children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure

FILE = "eurostat/struval.yaml"
KEY, ATTRIBUTE, SERIES = "key", "attribute", "series"


@dataclass(frozen=True)
class Codes:
    """The codes by rule, and by what the fault is in where that decides ("" where it does not).

    They are those of files in `formats`, which is what that validation reads, and of others by structures of `agency`.
    """

    agency: str = ""
    formats: tuple[str, ...] = ()
    by_rule: dict[tuple[str, str], str] = field(default_factory=dict)


def load(resources: Resources) -> Codes:
    """The codes as `schemas/eurostat/struval.yaml` has them; none where there is no such file.

    Raises:
        ConfigurationRefused: the file is at fault, or names a rule that there is not.
    """
    resource = resources.schema(FILE)
    if resource is None:
        return Codes()
    document = documents.load(resource.path, "struval.schema.json", resource.shown)
    data = document.data
    unknown = [path for path, item in children(document, "codes") if item["rule"] not in messages.rules()]
    if unknown:
        raise ConfigurationRefused(*(document.fault("there is no such rule", *path, "rule") for path in unknown))
    formats = tuple(data["formats"])
    return Codes(data["agency"], formats, {(item["rule"], item.get("of", "")): item["code"] for item in data["codes"]})


def marked(findings: Iterable[Finding], codes: Codes, structure: Structure | None, format: str) -> list[Finding]:
    """The findings in a file of some format, each with the code that STRUVAL would return, where there is one.

    Without a structure it is not known whose data they are: then they may be such as it validates.
    """
    if structure and format not in codes.formats and not structure.id.startswith(f"{codes.agency}:"):
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

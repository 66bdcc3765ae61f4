"""The code under which Statistics Sweden's parser of PX files (PCAxis.Core) knows what our rules find."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from nps_exchange import documents, messages
from nps_exchange.documents import children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding
from nps_exchange.px_checks.head import keyword_of
from nps_exchange.px_keywords import keywords
from nps_exchange.resources import packaged

MISSING, WRONG = "missing", "wrong"


@cache
def codes() -> dict[str, str]:
    """The code of each rule, or of what it is one of the keyword (`missing`, `wrong`), by `schemas/px/parser.yaml`.

    Raises:
        ConfigurationRefused: the file is at fault, or names a rule that there is not.
    """
    path = packaged("schemas") / "px" / "parser.yaml"
    document = documents.load(path, "px-parser.schema.json", "schemas/px/parser.yaml")
    unknown = [path for path, item in children(document, "codes") if item["rule"] not in messages.rules()]
    if unknown:
        raise ConfigurationRefused(*(document.fault("there is no such rule", *path, "rule") for path in unknown))
    return {item["rule"]: item.get("code") or item["of"] for item in document.data["codes"]}


def marked(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with the code that the parser has for it, where it has one."""
    found = []
    for finding in findings:
        code = codes().get(finding.rule, "")
        keyword = keywords().get(keyword_of(finding.place.column))
        if code in (MISSING, WRONG):
            code = (keyword.missing if code == MISSING else keyword.wrong) if keyword else ""
        found.append(replace(finding, values={**finding.values, "core": code}) if code else finding)
    return found

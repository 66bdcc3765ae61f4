"""What the tool says, in Swedish and English: the wording is data in `schemas/rules/` and `schemas/words.yaml`."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from nps_exchange import documents
from nps_exchange.model import Finding, Place
from nps_exchange.resources import packaged

LANGUAGES = ("en", "sv")
DEFAULT = "en"
SHEET_COLUMN = re.compile("[A-Z]{1,2}")
SEVERITIES = ("error", "warning", "information")
CODES = {"struval": "STRUVAL", "core": "PCAxis.Core"}
"""Whose code a finding has: Eurostat's structural validation, Statistics Sweden's parser of PX files."""


@dataclass(frozen=True)
class Rule:
    """A rule of `schemas/rules/`: its level (0-5), severity, wording and advice by language."""

    id: str
    level: int
    severity: str
    text: dict[str, str]
    advice: dict[str, str]


@cache
def rules() -> dict[str, Rule]:
    """All rules, by id."""
    found = {}
    for path in sorted((packaged("schemas") / "rules").glob("*.yaml")):
        for item in documents.load(path, "rules.schema.json", f"schemas/rules/{path.name}").data["rules"]:
            found[item["id"]] = Rule(item["id"], int(item["level"]), item["severity"], item["text"], item["advice"])
    return found


@cache
def words(lang: str) -> dict[str, str]:
    """The words of reports and of the command line in one language."""
    path = packaged("schemas") / "words.yaml"
    data = documents.load(path, "words.schema.json", "schemas/words.yaml").data
    return {name: texts[lang] for name, texts in data.items()}


def severity(finding: Finding) -> str:
    """The severity of a finding's rule."""
    return rules()[finding.rule].severity


def text(finding: Finding, lang: str = "en") -> str:
    """One sentence: what is wrong."""
    return _filled(rules()[finding.rule].text[lang], finding.values)


def advice(finding: Finding, lang: str = "en") -> str:
    """One sentence: what to do about it."""
    return _filled(rules()[finding.rule].advice[lang], finding.values)


def place(where: Place, lang: str = "en") -> str:
    """A place in words: `a.csv, sheet Antal, row 5, column C`."""
    said = words(lang)
    in_lines = where.file.lower().endswith((".yaml", ".xml", ".xml.gz", ".px", ".px.gz"))
    # A PX file that was delivered is told by the rows and columns of its sheet, one row a cell.
    rows = "line" if in_lines and not SHEET_COLUMN.fullmatch(where.column) else "row"
    parts = [where.file, where.key]
    parts[1:1] = [
        f"{said[name]} {value}"
        for name, value in (("sheet", where.sheet), (rows, where.row), ("column", where.column))
        if value
    ]
    return ", ".join(part for part in parts if part)


def line(finding: Finding, lang: str = "en") -> str:
    """The whole finding as a person reads it: place, what is wrong, how often, what to do."""
    said = place(finding.place, lang)
    times = f" ({finding.count} {words(lang)['times']})" if finding.count > 1 else ""
    codes = "".join(f" [{whose} {finding.values[name]}]" for name, whose in CODES.items() if name in finding.values)
    return f"{said + ': ' if said else ''}{text(finding, lang)}{times}{codes} {advice(finding, lang)}".strip()


def as_json(finding: Finding, lang: str = "en") -> dict[str, Any]:
    """A finding for machines: rule, level, severity, count, message, advice, place, examples, others' codes."""
    rule = rules()[finding.rule]
    return {
        "rule": rule.id,
        "level": rule.level,
        "severity": rule.severity,
        "count": finding.count,
        "message": text(finding, lang),
        "advice": advice(finding, lang),
        "place": finding.place.as_json(),
        "examples": list(finding.examples),
        **{name: finding.values[name] for name in CODES if name in finding.values},
    }


def sorted_by_weight(findings: list[Finding]) -> list[Finding]:
    """Errors first, then warnings, then information; by rule and place within."""
    return sorted(
        findings,
        key=lambda f: (
            SEVERITIES.index(severity(f)),
            f.rule,
            f.place.file,
            f.place.sheet,
            f.place.row or 0,
            f.place.column,
            f.place.key,
            str(sorted(f.values.items(), key=str)),
        ),
    )


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _filled(template: str, values: dict[str, Any]) -> str:
    return template.format_map(_Shown(values))

"""The report of a run: `report.json` for machines, and the same as one plain page."""

from functools import cache
from typing import Any

from nps_exchange import coverage, messages
from nps_exchange.bodies import Body
from nps_exchange.exchange import Exchange
from nps_exchange.model import Finding
from nps_exchange.sources import Used
from nps_exchange.sources.national import NationalTable
from nps_exchange.translate import Dataset

FILE = "report.json"
PAGE = "report.html"
COUNTED = {"error": "errors", "warning": "warnings", "information": "information"}


def assemble(
    exchange: Exchange,
    used: list[Used],
    table: NationalTable,
    receivers: list[Body],
    datasets: list[Dataset],
    findings: list[Finding],
    test: bool,
) -> dict[str, Any]:
    """The content of `report.json`; its shape stands in `schemas/report.schema.json`."""
    told = [messages.as_json(finding) | {"text": _texts(finding)} for finding in messages.sorted_by_weight(findings)]
    counts = {plural: sum(f["severity"] == severity for f in told) for severity, plural in COUNTED.items()}
    years = table.years()
    return {
        "year": exchange.year,
        "prepared": exchange.prepared,
        "test": test,
        **counts,
        "national_table": {
            "observations": len(table),
            "first": years[0] if years else None,
            "last": years[1] if years else None,
        },
        "inputs": [{"file": one.input.shown, "description": one.description.id} for one in used],
        "bodies": [_body(body, exchange.year, datasets) for body in receivers],
        "datasets": [_dataset(dataset, findings) for dataset in datasets],
        "findings": told,
    }


def page(told: dict[str, Any], lang: str) -> str:
    """`report.html`: one self-contained page; everything that comes from data is escaped."""
    return str(template("page.html.jinja").render(report=told, words=messages.words(lang), lang=lang))


@cache
def template(name: str) -> Any:
    """A page of this package, to be rendered."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nps_exchange.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _body(body: Body, year: int, datasets: list[Dataset]) -> dict[str, Any]:
    due = body.first_due(year, [one.mapping.dataset for one in datasets if one.mapping.body == body.id])
    none = {lang: messages.words(lang)["no_deadline"] for lang in messages.LANGUAGES}
    deadline = none if body.rule and due is None else body.deadline
    return {"body": body.id, "due": due.isoformat() if due else None, "deadline": deadline}


def _dataset(dataset: Dataset, findings: list[Finding]) -> dict[str, Any]:
    mapping = dataset.mapping
    return {
        "dataset": mapping.dataset,
        "title": mapping.title,
        "files": [f"{mapping.body}/{name}" for name in mapping.names] if len(dataset) else [],
        "observations": len(dataset),
        "confidential": dataset.confidential(),
        "coverage": coverage.table(dataset, findings),
        "small_cells": {"below": mapping.small_below, "cells": dataset.small_cells()} if mapping.small_below else None,
        "dropped": [
            {"reason": left.reason, "line": left.line, "observations": count}
            for left, count in zip(mapping.drop, dataset.dropped, strict=True)
        ],
    }


def _texts(finding: Finding) -> dict[str, dict[str, str]]:
    return {
        lang: {
            "message": messages.text(finding, lang),
            "advice": messages.advice(finding, lang),
            "place": messages.place(finding.place, lang),
        }
        for lang in messages.LANGUAGES
    }

"""`nps-exchange validate`: check any outgoing file, ours or not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from nps_exchange import configuration, layouts, messages, resources, structures, struval
from nps_exchange.cli import speaking
from nps_exchange.errors import UsageError
from nps_exchange.file_report import FileReport, Known
from nps_exchange.model import Finding
from nps_exchange.resources import Layer, Resource
from nps_exchange.structures import Structure
from nps_exchange.validate import validate

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
UNUSABLE = 3


@speaking.command(name="validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--as", "dataset", default="", metavar="BODY/DATASET", help="What the files are meant to be.")
@click.option(
    "--structure", type=click.Path(path_type=Path), help="An SDMX-ML structure message to hold the files against."
)
@click.option("--mappings", type=FOLDER, help="A folder of own mappings, laid over the packaged ones.")
@click.option("--schemas", type=FOLDER, help="A folder of own code lists and structures, laid over the packaged ones.")
def command(
    files: tuple[str, ...],
    dataset: str,
    structure: Path | None,
    mappings: Path | None,
    schemas: Path | None,
    lang: str,
    as_json: bool,
) -> int:
    """Check files of observations: columns, codes, periods, values, flags, keys.

    A file is known by what it says of itself or by its headings: those a run has written, and downloads of
    the OECD. PX files are checked whoever wrote them. Nothing is changed.

    \b
    Examples:
      nps-exchange validate OUT/oecd/joint-questionnaire.csv
      nps-exchange validate OUT/oecd/*.csv OUT/oecd/*.xlsx --json
      nps-exchange validate own.csv --as oecd/reac-emp
      nps-exchange validate OUT/nomesko/*.px table.px
    """
    known = _known(dataset, structure, mappings, schemas)
    reports = [validate(file, known) for file in files]
    exit_code = _exit_code(reports)
    if as_json:
        speaking.print_json({"exit_code": exit_code, "files": [_as_json(report, lang) for report in reports]})
    else:
        for report in reports:
            _print(report, lang)
    return exit_code


def _exit_code(reports: list[FileReport]) -> int:
    if not all(report.usable for report in reports):
        return UNUSABLE
    return 1 if any(report.errors for report in reports) else 0


def _known(dataset: str, structure: Path | None, mappings: Path | None, schemas: Path | None) -> Known:
    """What the files are held against."""
    found = resources.load(
        Layer(mappings, f"./{mappings.name}") if mappings else None,
        Layer(schemas, f"./{schemas.name}") if schemas else None,
    )
    sound = configuration.load(found).mappings
    known = layouts.load_all(found, sound)
    if dataset and dataset not in {layout.dataset for layout in known}:
        raise UsageError(layouts.unknown(dataset, known))
    return Known(found, sound, known, struval.load(found), dataset, _only_structure(structure) if structure else None)


def _only_structure(path: Path) -> Structure:
    found = structures.load(Resource(path.name, path, path.name))
    if len(found) > 1:
        problem = f"{path.name} holds {len(found)} structures; give a message with one"
        raise UsageError(Finding("command-misused", values={"problem": problem}))
    # Its lists may be parts of longer ones, but they are what the body allows here.
    whole = {key: replace(codes, partial=False) for key, codes in found[0].lists.items()}
    return replace(found[0], lists=whole)


def _as_json(report: FileReport, lang: str) -> dict[str, Any]:
    return {
        "file": report.file,
        "format": report.format,
        "dataset": report.dataset,
        "findings": [messages.as_json(finding, lang) for finding in _sorted(report)],
        "errors": report.errors,
        "warnings": report.warnings,
    }


def _print(report: FileReport, lang: str) -> None:
    words = messages.words(lang)
    what = ", ".join(part for part in (report.dataset, report.format) if part) or words["unknown"]
    counts = f"{words['errors']}: {report.errors}, {words['warnings']}: {report.warnings}"
    click.echo(f"{report.file} ({what}). {counts}.")
    for finding in _sorted(report):
        click.echo(f"  {words[messages.severity(finding)]}: {messages.line(finding, lang)}")


def _sorted(report: FileReport) -> list[Finding]:
    return messages.sorted_by_weight(list(report.findings))

"""`nps-exchange explain`: where a transmitted number comes from."""

from pathlib import Path
from typing import Any

import click

from nps_exchange import messages
from nps_exchange.cli import speaking
from nps_exchange.errors import UsageError
from nps_exchange.lineage import explain
from nps_exchange.model import Finding


@speaking.command(name="explain")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("dataset", metavar="BODY/DATASET")
@click.argument("key", metavar="KEY")
def command(run: Path, dataset: str, key: str, lang: str, as_json: bool) -> int:
    """Show the series, the line of the mapping and the delivered rows behind one number.

    KEY names the columns that single it out, such as VAR=PHYSMEDE,UNIT=DENSPPNB,YEAR=2017.

    \b
    Example:
      nps-exchange explain OUT oecd/joint-questionnaire VAR=PHYSMEDE,UNIT=DENSPPNB,YEAR=2017
    """
    answer = explain(run, dataset, _parts(key))
    if as_json:
        speaking.print_json(answer)
    else:
        _print(answer, messages.words(lang))
    return 0


def _parts(key: str) -> dict[str, str]:
    parts = [part.partition("=") for part in key.split(",") if part.strip()]
    if not parts or not all(equals for _, equals, _ in parts):
        problem = f"{key!r} is not of the form COLUMN=CODE,COLUMN=CODE"
        raise UsageError(Finding("command-misused", values={"problem": problem}))
    found = {column.strip(): code.strip() for column, _, code in parts}
    if len(found) < len(parts):
        raise UsageError(Finding("command-misused", values={"problem": f"{key!r} names a column twice"}))
    return found


def _print(answer: dict[str, Any], words: dict[str, str]) -> None:
    key = ", ".join(f"{column}={code}" for column, code in answer["key"].items())
    click.echo(f"{answer['dataset']}: {key}")
    flags = ", ".join(filter(None, (answer["obs_status"], answer["conf_status"])))
    click.echo(f"  {words['value']}: {answer['value']}{f' ({flags})' if flags else ''}")
    click.echo(f"  {words['series']}: {answer['series']}")
    click.echo(f"  {words['mapping']}: {answer['mapping']['file']}, {words['line']} {answer['mapping']['line']}")
    click.echo(f"  {words['calculation']}: {answer['calculation']}")
    if "parts" not in answer:
        _print_sources(answer["sources"], words, "  ")
    for name, part in answer.get("parts", {}).items():
        click.echo(f"  {words[name]}: {part['value']}")
        _print_sources(part["sources"], words, "    ")


def _print_sources(sources: list[dict[str, Any]], words: dict[str, str], indent: str) -> None:
    for source in sources:
        sheet = f", {words['sheet']} {source['sheet']}" if "sheet" in source else ""
        click.echo(f"{indent}{source['file']}{sheet} ({source['source']})")
        for row in source["rows"]:
            cell = f"{words['row']} {row['row']}, {words['column']} {row['column']}"
            click.echo(f"{indent}  {cell}: {row['year']} = {row['value']}")

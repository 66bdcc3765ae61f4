"""`nps-exchange run`: the yearly run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nps_exchange import exchange, messages
from nps_exchange.cli import speaking
from nps_exchange.errors import UsageError
from nps_exchange.exchange import Exchange
from nps_exchange.model import Finding
from nps_exchange.run import run

SHOWN = 12
"""How many findings the terminal shows; the report has them all."""

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@speaking.command(name="run")
@click.argument("tables", nargs=-1, type=click.Path(path_type=Path), metavar="[TABLE...|FOLDER]")
@click.option(
    "--example",
    is_flag=False,
    flag_value="sweden",
    metavar="[NAME]",
    help="Run an embedded example: sweden (the default) or synthetic.",
)
@click.option("--year", type=click.IntRange(1900, 2099), help="The newest reference year.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder to make; it must not be there yet."
)
@click.option("--body", "bodies", multiple=True, help="Only this body (may be repeated).")
@click.option("--prepared", default="", help="The moment deliveries are dated with, such as 2026-02-20T09:00:00Z.")
@click.option("--mappings", type=FOLDER, help="A folder of own mappings, laid over the packaged ones.")
@click.option("--schemas", type=FOLDER, help="A folder of own code lists and structures, laid over the packaged ones.")
def command(
    tables: tuple[Path, ...],
    example: str | None,
    year: int | None,
    out: Path,
    bodies: tuple[str, ...],
    prepared: str,
    mappings: Path | None,
    schemas: Path | None,
    lang: str,
    as_json: bool,
) -> int:
    """Make all deliveries of a year into a new folder.

    The input is delivered tables, or a folder with an exchange.yaml, or an embedded example.

    \b
    Examples:
      nps-exchange run --example --year 2018 --out OUT
      nps-exchange run 2025/ --out 2025-run
      nps-exchange run tables/*.xlsx tables/*.csv --year 2024 --out OUT
    """
    if prepared and not exchange.is_moment(prepared):
        raise UsageError(Finding("command-misused", values={"problem": f"--prepared: {prepared!r} is no date"}))
    asked = _asked(tables, example, year)
    asked = exchange.completed(asked, year, prepared, bodies, mappings, schemas)
    with _progress(lang, silent=as_json) as progress:
        outcome = run(asked, out, progress)
    if as_json:
        speaking.print_json(outcome.report | {"exit_code": outcome.exit_code})
    else:
        _summary(outcome.report, out, lang)
    return outcome.exit_code


def _asked(tables: tuple[Path, ...], example: str | None, year: int | None) -> Exchange:
    if example is not None:
        if tables:
            raise UsageError(Finding("command-misused", values={"problem": "name tables or --example, not both"}))
        return exchange.from_example(example)
    if not tables:
        raise UsageError(Finding("no-inputs"))
    if len(tables) == 1 and tables[0].is_dir():
        return exchange.from_folder(tables[0])
    exchange.given_files(tables)  # what is not there is said before what is not said
    if year is None:
        raise UsageError(Finding("year-missing"))
    return exchange.from_files(tables, year)


@contextmanager
def _progress(lang: str, silent: bool) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, on a terminal only."""
    if silent or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(messages.words(lang)["reading"]) as status:
        yield status.update


def _summary(report: dict[str, Any], out: Path, lang: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    words = messages.words(lang)
    console = Console()
    if report["test"]:
        console.print(Text(words["test_data"], style="bold red"))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(words["dataset"], no_wrap=True)
    for heading in ("observations", "cells_asked", "cells_reported"):
        table.add_column(words[heading], justify="right")
    for dataset in report["datasets"]:
        states = [entry["state"] for entry in dataset["coverage"]]
        figures = (dataset["observations"], len(states), states.count("reported"))
        table.add_row(dataset["dataset"], *map(str, figures))
    console.print(table)
    shown = [finding for finding in report["findings"] if finding["severity"] != "information"][:SHOWN]
    for finding in shown:
        text = finding["text"][lang]
        where = f"{text['place']}: " if text["place"] else ""
        times = f" ({finding['count']} {words['times']})" if finding["count"] > 1 else ""
        said = f"{words[finding['severity']]}: {where}{text['message']}{times} {text['advice']}"
        console.print(Text(said), soft_wrap=True)
    totals = ", ".join(f"{words[name]}: {report[name]}" for name in ("errors", "warnings", "information"))
    console.print(Text(f"{totals}. {words['more']} {out / 'report.html'}"), soft_wrap=True)

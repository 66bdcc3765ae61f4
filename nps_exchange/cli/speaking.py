"""What every command shares: --lang, --json, and errors as plain words with an exit code."""

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from nps_exchange import messages
from nps_exchange.errors import ExchangeError
from nps_exchange.model import Finding

INTERRUPTED = 130


def system_language() -> str:
    """Swedish where the system speaks Swedish, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "sv" if spoken.startswith("sv") else "en"


def command(**settings: Any) -> Callable[[Callable[..., int]], click.Command]:
    """A command that takes --lang and --json, and whose function returns the exit code."""

    def wrap(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        def call(**given: Any) -> None:
            sys.exit(_outcome(function, given))

        call = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")(call)
        call = click.option(
            "--lang",
            type=click.Choice(["sv", "en"]),
            default=system_language,
            show_default="the system's",
            help="Language of messages.",
        )(call)
        made: click.Command = click.command(**settings)(call)
        return made

    return wrap


def _outcome(function: Callable[..., int], given: dict[str, Any]) -> int:
    # A run that is told to end takes its unfinished folder with it, as it does at Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return function(**given)
    except ExchangeError as error:
        _tell(error, given["lang"], given["as_json"])
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our words has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    except Exception as error:
        if "interrupted" in str(error).lower():  # how DuckDB says that it was stopped
            return INTERRUPTED
        if os.environ.get("NPS_TRACEBACK"):
            raise
        finding = Finding("program-fault", values={"problem": f"{type(error).__name__}: {error}"})
        _tell(ExchangeError(finding), given["lang"], given["as_json"])
        return ExchangeError.exit_code


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _tell(error: ExchangeError, lang: str, as_json: bool) -> None:
    findings = messages.sorted_by_weight(list(error.findings))
    if as_json:
        print_json({"exit_code": error.exit_code, "findings": [messages.as_json(f, lang) for f in findings]})
        return
    for finding in findings:
        click.echo(messages.line(finding, lang), err=True)


def print_json(content: Any) -> None:
    """Print an answer for machines."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))

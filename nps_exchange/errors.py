"""The one error tree: what stops the program, and the exit code it stops with.

An exception means that the program could not do its work. Wrong data are not exceptions but
findings (`nps_exchange.model.Finding`); where they are so wrong that going on would be guessing,
`Refused` carries them all at once. The wording stands in `schemas/rules/`, in Swedish and English.
"""

from collections.abc import Sequence
from typing import Any


class ExchangeError(Exception):
    """Something stops the program; `findings` say what, where, and what to do about it."""

    exit_code = 3
    may_be_retried = False

    def __init__(self, *findings: Any) -> None:
        super().__init__(*findings)
        self.findings: Sequence[Any] = findings

    def __str__(self) -> str:
        return "; ".join(str(finding) for finding in self.findings)


class UsageError(ExchangeError):
    """The command was given something it does not take."""

    exit_code = 2


class InputRefused(ExchangeError):
    """A delivered file cannot be used as it is."""


class ConfigurationRefused(ExchangeError):
    """A file of ours (mapping, description, code list, exchange.yaml) is at fault."""


class OutputRefused(ExchangeError):
    """What was made cannot be written where it should stand."""


class RemoteUnavailable(ExchangeError):
    """A service on the network does not answer; later it may."""

    exit_code = 4
    may_be_retried = True

"""Which body gets confidential figures: what the year's folder asks for, as far as the body may have it.

Nothing confidential leaves the house unless a body is declared to receive it, the year's folder says so, and every
file of the dataset has a column for the flag.
"""

from collections.abc import Iterator
from dataclasses import replace

from nps_exchange.bodies import Body
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.exchange import FILE, Choice, Exchange
from nps_exchange.mapping import Mapping
from nps_exchange.model import Finding, Place


def applied(exchange: Exchange, receivers: dict[str, Body], mappings: list[Mapping]) -> list[Mapping]:
    """The mappings of a run, those whose body gets confidential figures marked.

    Raises:
        ConfigurationRefused: exchange.yaml asks for what may not be, each with its line.
    """
    faults = [fault for choice in exchange.confidential for fault in _faults(choice, receivers, mappings)]
    if faults:
        raise ConfigurationRefused(*faults)
    open_ = {choice.body for choice in exchange.confidential if choice.transmit}
    return [replace(mapping, transmit_confidential=mapping.body in open_) for mapping in mappings]


def _faults(choice: Choice, receivers: dict[str, Body], mappings: list[Mapping]) -> Iterator[Finding]:
    place = Place(file=FILE, row=choice.line)
    body = receivers.get(choice.body)
    if body is None:
        yield Finding("body-unknown", place, {"body": choice.body, "known": ", ".join(sorted(receivers))})
    elif choice.transmit and not body.receives_confidential:
        yield Finding("confidential-not-received", place, {"body": body.id, "file": body.file})
    elif choice.transmit:
        for mapping in (one for one in mappings if one.body == body.id):
            for name in _without_flag(mapping):
                values = {"body": body.id, "dataset": mapping.dataset, "name": name, "file": mapping.file}
                yield Finding("confidential-without-flag", place, values)


def _without_flag(mapping: Mapping) -> list[str]:
    """The files that cannot say that a figure is confidential; those for people are among them."""
    names = [file.name for file in mapping.files if file.confidential is None]
    return names + [one.name for one in (mapping.workbook, mapping.px) if one]

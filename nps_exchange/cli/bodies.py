"""`nps-exchange bodies`: who receives what, and by when."""

from datetime import date

import click

from nps_exchange import bodies as receivers
from nps_exchange import configuration, messages, resources
from nps_exchange.bodies import Body
from nps_exchange.cli import speaking
from nps_exchange.mapping import Mapping


@speaking.command(name="bodies")
@click.option("--year", type=click.IntRange(1900, 2099), help="Show when the data of this reference year are due.")
def command(year: int | None, lang: str, as_json: bool) -> int:
    """List the receivers, how deliveries reach them, when they are due, and their datasets.

    \b
    Examples:
      nps-exchange bodies
      nps-exchange bodies --year 2024
    """
    found = resources.load()
    mappings = configuration.load(found).mappings
    listed = receivers.load_all(found)
    if as_json:
        content = [
            {
                "body": body.id,
                "name": body.name[lang],
                "channel": body.channel[lang],
                "deadline": body.deadline[lang],
                "due": day.isoformat() if (day := _due(body, mappings, year)) else None,
                "datasets": [m.dataset for m in mappings if m.body == body.id],
            }
            for body in listed
        ]
        speaking.print_json({"bodies": content})
        return 0
    words = messages.words(lang)
    for body in listed:
        click.echo(f"{body.id}: {body.name[lang]}")
        click.echo(f"  {words['channel']}: {body.channel[lang]}")
        click.echo(f"  {words['deadline']}: {body.deadline[lang]}")
        if year and body.rule:
            click.echo(f"  {words['due']}: {_due(body, mappings, year) or words['no_deadline']} ({year})")
        for mapping in mappings:
            if mapping.body == body.id:
                click.echo(f"  {mapping.dataset}: {mapping.title[lang]}")
    return 0


def _due(body: Body, mappings: list[Mapping], year: int | None) -> date | None:
    """The day by which the first of a body's datasets is due."""
    return body.first_due(year, [m.dataset for m in mappings if m.body == body.id]) if year else None

"""`nps-exchange bodies`: who receives what."""

import click

from nps_exchange import bodies as receivers
from nps_exchange import configuration, messages, resources
from nps_exchange.cli import speaking


@speaking.command(name="bodies")
def command(lang: str, as_json: bool) -> int:
    """List the receivers, how deliveries reach them, and their datasets.

    \b
    Example:
      nps-exchange bodies
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
        for mapping in mappings:
            if mapping.body == body.id:
                click.echo(f"  {mapping.dataset}: {mapping.title[lang]}")
    return 0

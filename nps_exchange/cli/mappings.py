"""`nps-exchange mappings check`: are the files that steer the runs sound?"""

from pathlib import Path

import click

from nps_exchange import configuration, messages, resources
from nps_exchange.cli import speaking
from nps_exchange.resources import Layer

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(name="mappings")
def command() -> None:
    """Check the mappings, descriptions and code lists.

    \b
    Example:
      nps-exchange mappings check --mappings own/mappings
    """


@speaking.command(name="check")
@click.option("--mappings", type=FOLDER, help="A folder of own mappings, laid over the packaged ones.")
@click.option("--schemas", type=FOLDER, help="A folder of own code lists and structures, laid over the packaged ones.")
def check(mappings: Path | None, schemas: Path | None, lang: str, as_json: bool) -> int:
    """Find all faults at once, each with file and line.

    \b
    Example:
      nps-exchange mappings check
    """
    found = resources.load(
        Layer(mappings, f"./{mappings.name}") if mappings else None,
        Layer(schemas, f"./{schemas.name}") if schemas else None,
    )
    sound = configuration.load(found)
    if as_json:
        content = {
            "descriptions": [one.file for one in sound.descriptions],
            "mappings": [one.file for one in sound.mappings],
            "code_lists": [one.file for one in sound.codelists.lists.values()],
            "findings": [],
        }
        speaking.print_json(content)
    else:
        click.echo(messages.words(lang)["sound"])
    return 0


command.add_command(check)

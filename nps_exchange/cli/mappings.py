"""`nps-exchange mappings check`: are the files that steer the runs sound?"""

from pathlib import Path

import click

from nps_exchange import codelists, mapping_checks, messages, resources
from nps_exchange.cli import speaking
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.resources import Layer
from nps_exchange.sources import description

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
    lists = codelists.load(found)
    descriptions, faults = description.load_all(found, lists)
    datasets, mapping_faults = mapping_checks.load_all(found, lists)
    if faults or mapping_faults:
        raise ConfigurationRefused(*faults, *mapping_faults)
    if as_json:
        content = {
            "descriptions": [one.file for one in descriptions],
            "mappings": [one.file for one in datasets],
            "code_lists": [one.file for one in lists.lists.values()],
            "findings": [],
        }
        speaking.print_json(content)
    else:
        click.echo(messages.words(lang)["sound"])
    return 0


command.add_command(check)

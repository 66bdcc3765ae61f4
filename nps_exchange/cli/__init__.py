"""The command line: one module a command, imported only when it is called.

Each parses, calls one function and prints. `--help` of the whole shows the texts below without
importing anything but click.
"""

import importlib
from dataclasses import dataclass

import click

from nps_exchange import __version__


@dataclass(frozen=True)
class Entry:
    """A command: the module that holds it, and one line of help."""

    module: str
    help: str


COMMANDS: dict[str, Entry] = {
    "run": Entry("run", "Make the year's deliveries: all bodies, report, manifest."),
    "validate": Entry("validate", "Check a file that goes out, or came from elsewhere."),
    "explain": Entry("explain", "Show where a transmitted number comes from."),
    "mappings": Entry("mappings", "Check the mappings, descriptions and code lists."),
    "bodies": Entry("bodies", "List the receivers and their datasets."),
}


class Commands(click.Group):
    """The group of all commands; it imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of a year's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and take its `command`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nps_exchange.cli.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nps-exchange")
def main() -> None:
    """Turn national health-workforce tables into what international bodies ask for.

    \b
    Example:
      nps-exchange run --example --out OUT
    """

"""What a body asks for: the keys of its dataset, each with its label, as a file of `schemas/<body>/`."""

import csv
from dataclasses import dataclass, field

from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources

DESCRIPTIVE = ("label", "group", "status", "source")
"""Columns of a structure file that describe a key and are no part of it."""


@dataclass(frozen=True)
class Structure:
    """The cells a body asks for: `asked` holds, by key in the order of `columns`, what describes it."""

    file: str
    sha256: str
    columns: tuple[str, ...]
    asked: dict[tuple[str, ...], dict[str, str]] = field(repr=False)

    def codes(self, column: str) -> set[str]:
        """The codes a column may have."""
        position = self.columns.index(column)
        return {key[position] for key in self.asked}


def load(resources: Resources, name: str) -> Structure:
    """Read a structure: a CSV whose columns are target columns and descriptive ones.

    Raises:
        ConfigurationRefused: the file is absent, or a key stands twice.
    """
    resource = resources.schema(name)
    if resource is None:
        raise ConfigurationRefused(_fault(f"schemas/{name}", 1, "the structure is absent"))
    reader = csv.DictReader(resource.text().splitlines(), strict=True)
    columns = tuple(column for column in reader.fieldnames or () if column not in DESCRIPTIVE)
    asked: dict[tuple[str, ...], dict[str, str]] = {}
    faults = []
    for row in reader:
        key = tuple(row[column] for column in columns)
        if key in asked:
            faults.append(_fault(resource.shown, reader.line_num, f"{' '.join(key)} stands twice"))
        asked[key] = {column: row.get(column, "") for column in DESCRIPTIVE}
    if faults:
        raise ConfigurationRefused(*faults)
    return Structure(resource.shown, resource.sha256(), columns, asked)


def _fault(file: str, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(file=file, row=line), {"problem": problem})

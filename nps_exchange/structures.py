"""What a body asks for: the keys of its dataset, each with its label, as a file of `schemas/<body>/`."""

from dataclasses import dataclass, field

from nps_exchange import listing
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


def load(resources: Resources, name: str, coded: set[str]) -> Structure:
    """Read a structure: a CSV whose columns are coded columns of the dataset and descriptive ones.

    Raises:
        ConfigurationRefused: the file is absent or at fault, has a foreign column, or a key twice.
    """
    resource = resources.schema(name)
    if resource is None:
        place = Place(file=f"schemas/{name}", row=1)
        raise ConfigurationRefused(Finding("our-file-at-fault", place, {"problem": "the structure is absent"}))
    listed, faults = listing.read(resource, ())
    columns = tuple(column for column in listed.columns if column not in DESCRIPTIVE)
    faults += [listed.fault(1, f"{c} is not a coded column of the dataset") for c in columns if c not in coded]
    if not columns and not faults:
        faults.append(listed.fault(1, "there is no coded column"))
    asked: dict[tuple[str, ...], dict[str, str]] = {}
    for line, row in listed.rows:
        key = tuple(row[column] for column in columns)
        if key in asked:
            faults.append(listed.fault(line, f"{' '.join(key)} stands twice"))
        asked[key] = {column: row.get(column, "") for column in DESCRIPTIVE}
    if faults:
        raise ConfigurationRefused(*faults)
    return Structure(resource.shown, resource.sha256(), columns, asked)

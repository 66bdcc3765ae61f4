"""What a body asks for: the keys of its dataset, each with its label, as a file of `schemas/<body>/`."""

from dataclasses import dataclass, field

from nps_exchange import listing
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources

DESCRIPTIVE = ("label", "group", "status", "source")
"""Columns of the file that describe a key and are no part of it."""


@dataclass(frozen=True)
class Asked:
    """The cells a body asks for: `keys` holds, by key in the order of `columns`, what describes it."""

    file: str
    sha256: str
    columns: tuple[str, ...]
    keys: dict[tuple[str, ...], dict[str, str]] = field(repr=False)


def load(resources: Resources, name: str, coded: set[str]) -> Asked:
    """Read what is asked for: a CSV whose columns are coded columns of the dataset and descriptive ones.

    Raises:
        ConfigurationRefused: the file is absent or at fault, has a foreign column, or a key twice.
    """
    resource = resources.schema(name)
    if resource is None:
        place = Place(file=f"schemas/{name}", row=1)
        raise ConfigurationRefused(Finding("our-file-at-fault", place, {"problem": "the file is absent"}))
    listed, faults = listing.read(resource, ())
    columns = tuple(column for column in listed.columns if column not in DESCRIPTIVE)
    faults += [listed.fault(1, f"{c} is not a coded column of the dataset") for c in columns if c not in coded]
    if not columns and not faults:
        faults.append(listed.fault(1, "there is no coded column"))
    keys: dict[tuple[str, ...], dict[str, str]] = {}
    for line, row in listed.rows:
        key = tuple(row[column] for column in columns)
        if key in keys:
            faults.append(listed.fault(line, f"{' '.join(key)} stands twice"))
        keys[key] = {column: row.get(column, "") for column in DESCRIPTIVE}
    if faults:
        raise ConfigurationRefused(*faults)
    return Asked(resource.shown, resource.sha256(), columns, keys)

"""What an SDMX-ML message calls things: its structure, its namespace, and where each component stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nps_exchange.structures import Structure

REFERENCE = re.compile(r"(?P<agency>[^:]+):(?P<id>[^(]+)\((?P<version>[^)]+)\)")
URN = "urn:sdmx:org.sdmx.infomodel.datastructure."
LEVEL = ":ObsLevelDim:"
FLAT = "AllDimensions"
"""What a message names as the dimension at the observation where there are no series."""

USAGE = "StructureUsage"
"""What a header calls a dataflow; a data structure it calls `Structure`."""


@dataclass(frozen=True)
class Components:
    """Where the columns of a table stand in a message, as their places among the columns."""

    of_set: tuple[int, ...]
    of_series: tuple[int, ...]
    of_obs: tuple[int, ...]
    value: int


def reference(key: str) -> tuple[str, str, str]:
    """Agency, id and version of `AGENCY:ID(VERSION)`.

    Raises:
        ValueError: it is written otherwise.
    """
    found = REFERENCE.fullmatch(key)
    if found is None:
        raise ValueError(f"a structure is named AGENCY:ID(VERSION), not {key!r}")
    return found["agency"], found["id"], found["version"]


def namespace(structure: Structure) -> str:
    """The namespace of the data of a structure, time at the observation (SDMX 2.1, section 7)."""
    return f"{URN}DataStructure={structure.id}{LEVEL}{structure.time}"


def namespaces(structure: Structure, at: str) -> list[str]:
    """The namespaces that data of a structure may be in: of the structure, or of a dataflow that uses it."""
    urns = [f"{URN}DataStructure={structure.id}", *(f"{URN}Dataflow={flow}" for flow in structure.dataflows)]
    return [f"{urn}{LEVEL}{at}" for urn in urns]


def components(structure: Structure, columns: Sequence[str]) -> Components:
    """Which columns make the key of a series, and which an observation.

    Raises:
        ValueError: the structure has no time, a column is none of its components or belongs to a group, or stands
            twice.
    """
    if not structure.time:
        raise ValueError(f"{structure.id} has no time dimension, and so no time series")
    level = {dimension.id: "series" for dimension in structure.dimensions}
    level |= {structure.time: "observation", structure.measure: "observation"}
    level |= {attribute.id: attribute.attached for attribute in structure.attributes}
    for column in columns:
        if level.get(column) not in ("series", "observation", "dataset"):
            raise ValueError(f"{column!r} is no component of {structure.id} that a series or an observation can have")
    if len(set(columns)) < len(columns):
        raise ValueError("a column stands twice")

    def at(wanted: str) -> tuple[int, ...]:
        return tuple(place for place, column in enumerate(columns) if level[column] == wanted)

    value = columns.index(structure.measure) if structure.measure in columns else -1
    return Components(at("dataset"), at("series"), at("observation"), value)

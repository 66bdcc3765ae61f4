"""All that steers a run, read at once: code lists, descriptions of delivered files, mappings, methods."""

from dataclasses import dataclass

from nps_exchange import codelists, mapping_checks, metadata_texts, methods
from nps_exchange.codelists import CodeLists
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Mapping
from nps_exchange.metadata_texts import BodyTexts
from nps_exchange.methods import Methods
from nps_exchange.resources import Resources
from nps_exchange.sources import description
from nps_exchange.sources.description import Description


@dataclass(frozen=True)
class Configuration:
    """Code lists, descriptions, mappings, sources and methods, and bodies' reference metadata, all of them sound."""

    codelists: CodeLists
    descriptions: list[Description]
    mappings: list[Mapping]
    methods: list[Methods]
    metadata: list[BodyTexts]


def load(resources: Resources) -> Configuration:
    """Everything that steers a run.

    Raises:
        ConfigurationRefused: with the faults of all files at once, each with file and line.
    """
    lists, faults = codelists.load_all(resources)
    if not all(found.rows for found in lists.lists.values()):
        raise ConfigurationRefused(*faults)  # without its list, every code would seem to be at fault
    descriptions, description_faults = description.load_all(resources, lists)
    mappings, mapping_faults = mapping_checks.load_all(resources, lists)
    found, methods_faults = methods.load_all(resources, mappings)
    metadata, metadata_faults = metadata_texts.load_all(resources, mappings, found)
    faults = [*faults, *description_faults, *mapping_faults, *methods_faults, *metadata_faults]
    if faults:
        raise ConfigurationRefused(*faults)
    return Configuration(lists, descriptions, mappings, found, metadata)

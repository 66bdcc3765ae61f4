"""The receivers of deliveries, as `mappings/<body>/body.yaml` describes them."""

from dataclasses import dataclass

from nps_exchange import documents
from nps_exchange.resources import Resources


@dataclass(frozen=True)
class Body:
    """A receiver: its name, the channel deliveries go by, and when they are due; texts by language."""

    id: str
    name: dict[str, str]
    channel: dict[str, str]
    deadline: dict[str, str]


def load_all(resources: Resources) -> list[Body]:
    """All receivers, by id.

    Raises:
        ConfigurationRefused: a body.yaml is at fault.
    """
    found = []
    for resource in resources.mapping_files("*/body.yaml"):
        data = documents.load(resource.path, "body.schema.json", resource.shown).data
        found.append(Body(data["body"], data["name"], data["channel"], data["deadline"]["rule"]))
    return found

"""The concepts that a body's reference metadata consist of: `schemas/<body>/<name>.yaml`, as a body.yaml names it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nps_exchange import documents
from nps_exchange.documents import Document, children
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources


@dataclass(frozen=True)
class Concept:
    """A concept: its number in a printed report, and what fills it.

    That is a part of the entries of sources and methods, a contact, or the years of the figures; one of which none
    is said has a text of its own. `required` is the point of the legal act that asks for it, "" if none does.
    """

    id: str
    parent: str
    number: str
    name: str
    part: str
    contact: str
    years: bool
    required: str
    status: str


@dataclass(frozen=True)
class MetadataStructure:
    """All concepts in order, and the ids by which messages name structure, report and target.

    `target` holds the ids of the target itself (`id`) and of its `dataflow`, `provider` and `period`.
    """

    file: str
    sha256: str
    id: str
    required_by: str
    report: str
    target: dict[str, str]
    concepts: tuple[Concept, ...]

    def concept(self, id_: str) -> Concept | None:
        """The concept of an id, or None."""
        return next((one for one in self.concepts if one.id == id_), None)

    def below(self, parent: str) -> tuple[Concept, ...]:
        """The concepts directly below another; below "" stand the outermost."""
        return tuple(one for one in self.concepts if one.parent == parent)


def load(resources: Resources, name: str) -> MetadataStructure:
    """The metadata structure of a file of `schemas/`.

    Raises:
        ConfigurationRefused: it is absent or at fault; all faults by line.
    """
    resource = resources.schema(name)
    if resource is None:
        place = Place(file=f"schemas/{name}", row=1)
        raise ConfigurationRefused(Finding("our-file-at-fault", place, {"problem": "the file is absent"}))
    document = documents.load(resource.path, "metadata-structure.schema.json", resource.shown)
    faults = list(_faults(document))
    if faults:
        raise ConfigurationRefused(*faults)
    data = document.data
    return MetadataStructure(
        resource.shown,
        resource.sha256(),
        data["structure"],
        data["required_by"],
        data["report"],
        data["target"],
        tuple(_concepts(data["concepts"])),
    )


def _faults(document: Document) -> Iterator[Finding]:
    seen: list[str] = []
    parents = {item["parent"] for item in document.data["concepts"] if "parent" in item}
    for path, item in children(document, "concepts"):
        if item["id"] in seen:
            yield document.fault(f"the concept {item['id']} stands twice", *path, "id")
        if "parent" in item and item["parent"] not in seen:
            yield document.fault(f"{item['parent']} must stand above {item['id']}", *path, "parent")
        filled = [key for key in ("part", "contact", "years") if key in item]
        if len(filled) > 1 or (filled and item["id"] in parents):
            problem = f"{item['id']} is filled by one thing, and not if there are concepts below it"
            yield document.fault(problem, *path, filled[-1])
        seen.append(item["id"])


def _concepts(items: list[dict[str, Any]]) -> Iterator[Concept]:
    numbers: dict[str, str] = {"": ""}
    count: dict[str, int] = {}
    for item in items:
        parent = item.get("parent", "")
        count[parent] = count.get(parent, 0) + 1
        numbers[item["id"]] = f"{numbers[parent]}.{count[parent]}".lstrip(".")
        yield Concept(
            item["id"],
            parent,
            numbers[item["id"]],
            item["name"],
            item.get("part", ""),
            item.get("contact", ""),
            "years" in item,
            item.get("required", ""),
            item["status"],
        )

"""The layouts that files of observations come in: those our mappings write, and those that bodies publish."""

from collections.abc import Iterator
from dataclasses import dataclass

from nps_exchange import documents, structures
from nps_exchange.asked import Asked
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Column, File, Mapping
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resource, Resources
from nps_exchange.structures import Structure

TEXT, ATTRIBUTE = "text", "attribute"
"""What columns of a published layout may hold besides those of a mapping's file."""

FLAT = "delimited"
"""The format whose files do not say what they are: they are known by their headings."""


@dataclass(frozen=True)
class Layout:
    """What a file can be: the dataset (or published table), its columns, and what its codes are held against.

    `asked` is what the body asks for, where it is keyed by columns of this file.
    """

    dataset: str
    format: str
    columns: tuple[Column, ...]
    dataflow: str
    structure: Structure | None
    asked: Asked | None

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns that must be there."""
        return frozenset(column.name for column in self.columns if column.holds != TEXT)


def load_all(resources: Resources, mappings: list[Mapping]) -> list[Layout]:
    """The layouts of all files of our mappings, and the published ones.

    Raises:
        ConfigurationRefused: a layouts.yaml is at fault, or names a structure that is not there.
    """
    ours = [of_file(mapping, file) for mapping in mappings for file in mapping.files]
    return [*ours, *_published(resources)]


def of_file(mapping: Mapping, file: File) -> Layout:
    """The layout of a file that a mapping writes."""
    asked = mapping.asked if set(mapping.asked.columns) <= set(file.codes) else None
    return Layout(mapping.dataset, file.format, file.columns, file.dataflow, file.structure, asked)


def of_dataflow(resources: Resources, dataflow: str, format: str) -> Layout | None:
    """The layout of an SDMX file by the dataflow it names, from any structure message of `schemas/`."""
    for resource in resources.schema_files("*/*.xml"):
        for structure in structures.load(resource):
            if dataflow in structure.dataflows:
                return of_structure(structure, dataflow, format)
    return None


def of_structure(structure: Structure, dataset: str, format: str) -> Layout:
    """The layout of an SDMX file by its structure alone: every component a column."""
    columns = [Column(component.id, "code", "", {}) for component in structure.dimensions]
    columns.append(Column(structure.time, "year", "", {}))
    columns.append(Column(structure.measure, "value", "", {}))
    columns += [Column(component.id, ATTRIBUTE, "", {}) for component in structure.attributes]
    return Layout(dataset, format, tuple(columns), dataset, structure, None)


def _published(resources: Resources) -> Iterator[Layout]:
    for resource in resources.schema_files("*/layouts.yaml"):
        document = documents.load(resource.path, "layouts.schema.json", resource.shown)
        for i, item in enumerate(document.data["layouts"]):
            columns = tuple(Column(c["name"], c["is"], c.get("join", ""), {}) for c in item["columns"])
            found = resources.schema(item["structure"])
            using = [one for one in _structures(found) if item["dataflow"] in one.dataflows]
            if not using:
                problem = f"{item['structure']} is absent, or has no dataflow {item['dataflow']}"
                raise ConfigurationRefused(document.fault(problem, "layouts", i, "structure"))
            yield Layout(item["id"], item["format"], columns, item["dataflow"], using[0], None)


def _structures(resource: Resource | None) -> tuple[Structure, ...]:
    return structures.load(resource) if resource else ()


def unknown(name: str, layouts: list[Layout]) -> Finding:
    """The finding that a dataset is none that is known."""
    known = ", ".join(sorted({layout.dataset for layout in layouts}))
    return Finding("dataset-not-configured", Place(), {"dataset": name, "known": known})

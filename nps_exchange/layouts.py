"""The layouts that files of observations come in: those our mappings write, and those that bodies publish."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from nps_exchange import documents, flags, structures
from nps_exchange.asked import Asked
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.flags import Vocabulary
from nps_exchange.mapping import Column, File, Mapping
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure

TEXT, ATTRIBUTE = "text", "attribute"
"""What columns of a published layout may hold besides those of a mapping's file."""


@dataclass(frozen=True)
class Layout:
    """What a file can be: the dataset (or published table), its columns, and what its codes are held against.

    `asked` is what the body asks for, where it is keyed by columns of this file. `flags` are those of its column of
    flags, where a body once wrote others than its structure has.
    """

    dataset: str
    format: str
    columns: tuple[Column, ...]
    dataflow: str
    structure: Structure | None
    asked: Asked | None
    flags: Vocabulary | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns by which a file is known: all but those with text for people."""
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
    """The layout of an SDMX file by the dataflow or structure it names, from any structure message of `schemas/`."""
    for structure in _all_structures(resources):
        if dataflow in (*structure.dataflows, structure.id):
            return of_structure(structure, dataflow, dataflow, format)
    return None


def like_dataflows(resources: Resources, dataflow: str) -> list[str]:
    """The dataflows of `schemas/` that are written most like this one, the nearest first."""
    known = [id_ for structure in _all_structures(resources) for id_ in structure.dataflows]
    return difflib.get_close_matches(dataflow, known, n=3, cutoff=0)


def of_structure(structure: Structure, dataset: str, dataflow: str, format: str) -> Layout:
    """The layout of an SDMX file by its structure alone: every component a column."""
    time_and_measure = ((structure.time, "year"), (structure.measure, "value"))
    columns = [Column(component.id, "code", "", {}) for component in structure.dimensions]
    columns += [Column(id_, holds, "", {}) for id_, holds in time_and_measure if id_]
    columns += [Column(component.id, ATTRIBUTE, "", {}) for component in structure.attributes]
    return Layout(dataset, format, tuple(columns), dataflow, structure, None)


def _all_structures(resources: Resources) -> Iterator[Structure]:
    for resource in resources.schema_files("*/*.xml"):
        yield from structures.load(resource)


def _published(resources: Resources) -> Iterator[Layout]:
    for resource in resources.schema_files("*/layouts.yaml"):
        document = documents.load(resource.path, "layouts.schema.json", resource.shown)
        for i, item in enumerate(document.data["layouts"]):
            columns = tuple(Column(c["name"], c["is"], c.get("join", ""), {}) for c in item["columns"])
            older = flags.load(resources, item["flags"]) if "flags" in item else None
            if "structure" not in item:
                yield Layout(item["id"], item["format"], columns, item.get("dataflow", ""), None, None, older)
                continue
            found = resources.schema(item["structure"])
            using = structures.using(structures.load(found), item["dataflow"]) if found else []
            if not using:
                problem = f"{item['structure']} is absent, or has no dataflow {item['dataflow']}"
                raise ConfigurationRefused(document.fault(problem, "layouts", i, "structure"))
            yield Layout(item["id"], item["format"], columns, item["dataflow"], using[0], None, older)


def unknown(name: str, layouts: list[Layout]) -> Finding:
    """The finding that a dataset is none that is known."""
    known = ", ".join(sorted({layout.dataset for layout in layouts}))
    return Finding("dataset-not-configured", Place(), {"dataset": name, "known": known})

"""`manifest.json`: what went into a run and what came out, by name and SHA-256, without clock or path."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from nps_exchange import __version__
from nps_exchange.exchange import Exchange
from nps_exchange.mapping import Mapping
from nps_exchange.methods import Methods
from nps_exchange.reference_metadata import ReferenceMetadata
from nps_exchange.resources import Resource, file_sha256
from nps_exchange.sources import Used
from nps_exchange.translate import Dataset

FILE = "manifest.json"
WRITERS = ("duckdb", "jinja2", "lxml", "xlsxwriter")
"""The libraries that write files of a run folder: their versions are part of what fixes its bytes."""


def assemble(
    exchange: Exchange,
    used: list[Used],
    mappings: list[Mapping],
    methods: list[Methods],
    datasets: list[Dataset],
    described: list[ReferenceMetadata],
    folder: Path,
    test: bool,
) -> dict[str, Any]:
    """The manifest of the run in `folder`, which holds everything but the manifest itself."""
    deliveries = {f"{d.mapping.body}/{name}": d for d in datasets if len(d) for name in d.mapping.names}
    metadata = {f"{one.body.body.id}/{name}": one for one in described for name in one.names}
    written = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path for path in written}
    return {
        "nps_exchange": __version__,
        "libraries": {name: version(name) for name in WRITERS},
        "year": exchange.year,
        "prepared": exchange.prepared,
        "test": test,
        "bodies": sorted({mapping.body for mapping in mappings}),
        "contacts": dict(exchange.contacts),
        "precedence": list(exchange.precedence),
        "exchange": {"file": exchange.file.name, "sha256": file_sha256(exchange.file)} if exchange.file else None,
        "inputs": [_input(one, exchange) for one in used],
        "mappings": [{"dataset": m.dataset, "file": m.file, "sha256": m.sha256} for m in mappings],
        "structures": _unique([{"file": one.file, "sha256": one.sha256} for m in mappings for one in m.held_against]),
        "methods": [{"dataset": m.dataset, "file": m.file, "sha256": m.sha256} for m in methods],
        "reference_metadata": _unique(
            [{"file": each.file, "sha256": each.sha256} for one in described for each in (one.body, one.body.structure)]
        ),
        "code_lists": [_resource(one) for one in exchange.resources.schema_files("national/*.csv")],
        "deliveries": [
            {
                "body": dataset.mapping.body,
                "dataset": dataset.mapping.dataset,
                "observations": len(dataset),
                "confidential": dataset.confidential(),
                **_file(name, files[name]),
            }
            for name, dataset in sorted(deliveries.items())
        ]
        + [
            {
                "body": one.body.body.id,
                "dataset": one.dataset,
                "observations": 0,
                "confidential": 0,
                **_file(name, files[name]),
            }
            for name, one in sorted(metadata.items())
        ],
        "internal": [_file(name, path) for name, path in files.items() if name not in {**deliveries, **metadata}],
    }


def _input(used: Used, exchange: Exchange) -> dict[str, Any]:
    file = used.description.file
    described = next(r for r in exchange.resources.mapping_files("national/*.yaml") if r.shown == file)
    return {
        "file": used.input.shown,
        "sha256": file_sha256(used.input.path),
        "bytes": used.input.path.stat().st_size,
        "description": _resource(described),
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {"file": resource.shown, "sha256": resource.sha256()}


def _file(name: str, path: Path) -> dict[str, Any]:
    return {"file": name, "sha256": file_sha256(path), "bytes": path.stat().st_size}


def _unique(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({item["file"]: item for item in items}.values())

"""The names of delivered files, where a body has a convention for them: made by a pattern, held against it."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from nps_exchange.documents import Document, Path_
from nps_exchange.model import Finding

VERIFIED = "verified"


@dataclass(frozen=True)
class DatasetId:
    """What a dataset is called in the names of its files, and how sure that is."""

    id: str
    status: str


@dataclass(frozen=True)
class Naming:
    """How a body wants files to be called.

    `pattern` has `{id}`, `{from}`, `{year}`, `{period}`, `{to}`, `{option}` and `{format}`; `parts` holds those that
    are the same for all files, `ids` the others by dataset. A whole name fits `convention`, a regular expression.
    """

    pattern: str
    convention: str
    parts: dict[str, str]
    ids: dict[str, DatasetId]

    def name(self, dataset: str, file: str, year: int) -> str:
        """The name of a file of a dataset (its name within the body) for a reporting year."""
        format_ = PurePath(file).suffix.removeprefix(".").upper()
        return self.pattern.format_map(self.parts | {"id": self.ids[dataset].id, "year": str(year), "format": format_})

    def allows(self, name: str) -> bool:
        """Whether a whole name is as the convention wants it."""
        return re.fullmatch(self.convention, name) is not None


def from_document(document: Document, *path: str) -> tuple[Naming | None, list[Finding]]:
    """The naming at a path of a body.yaml, if there is one, and what JSON Schema does not see of its faults."""
    data = document.data
    for step in path:
        data = data.get(step, {})
    if not data:
        return None, []
    ids = {dataset: DatasetId(one["id"], one["status"]) for dataset, one in data["ids"].items()}
    optional = {part: f"_{data[part]}" if data.get(part) else "" for part in ("to", "option")}
    parts = {"from": data["from"], "period": data["period"], **optional}
    return Naming(data["pattern"], data["convention"], parts, ids), _faults(document, path, data)


def _faults(document: Document, path: Path_, data: dict[str, Any]) -> list[Finding]:
    found = []
    try:
        re.compile(data["convention"])
    except re.error as error:
        found.append(document.fault(f"this is no regular expression: {error}", *path, "convention"))
    seen: dict[str, str] = {}
    for dataset, one in data["ids"].items():
        other = seen.setdefault(one["id"], dataset)
        if other != dataset:
            found.append(document.fault(f"{other} has the id {one['id']} already", *path, "ids", dataset))
    return found

"""A year's work: what is delivered, for which year and which bodies, from a folder or from the command line."""

import os.path
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nps_exchange import documents, resources
from nps_exchange.documents import Document, Path_
from nps_exchange.errors import ConfigurationRefused, InputRefused, UsageError
from nps_exchange.formats import xml_text
from nps_exchange.model import Finding, Place
from nps_exchange.resources import EXAMPLES, Layer, Resources
from nps_exchange.sources import Input

FILE = "exchange.yaml"
EXAMPLE_NAMES = ("sweden", "synthetic")


@dataclass(frozen=True)
class Choice:
    """Whether one body gets confidential figures, and the line of exchange.yaml that says so."""

    body: str
    transmit: bool
    line: int


@dataclass(frozen=True)
class Exchange:
    """What one run is asked to do. Files are shown relative to the folder, never by absolute path."""

    inputs: tuple[Input, ...]
    resources: Resources
    year: int
    prepared: str
    bodies: tuple[str, ...] = ()
    precedence: tuple[str, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    confidential: tuple[Choice, ...] = ()
    file: Path | None = None


def from_example(name: str) -> Exchange:
    """The embedded example: `sweden` (real figures) or `synthetic` (invented ones)."""
    if name not in EXAMPLE_NAMES:
        problem = f"there is no example {name!r}; there are: {', '.join(EXAMPLE_NAMES)}"
        raise UsageError(Finding("command-misused", values={"problem": problem}))
    return from_folder(EXAMPLES / name)


def from_folder(folder: Path) -> Exchange:
    """The exchange that `exchange.yaml` in a folder describes.

    Raises:
        ConfigurationRefused: the file is absent or at fault, with all faults by line.
        InputRefused: files it names are absent.
    """
    document = documents.load(folder / FILE, "exchange.schema.json", FILE)
    data = document.data
    given = [item if isinstance(item, dict) else {"file": item} for item in data["inputs"]]
    named: list[tuple[Path_, str]] = [(("inputs", i), item["file"]) for i, item in enumerate(given)]
    named += [((key,), data[key]) for key in ("mappings", "schemas") if key in data]
    faults = [
        document.fault("give a path inside this folder, with / between its parts", *path)
        for path, name in named
        if Path(name).is_absolute() or "\\" in name or os.path.normpath(name).startswith("..")
    ]
    faults += [
        document.fault(f"the text holds {wrong}, which XML cannot carry; take it out", "contacts", name)
        for name, text in data.get("contacts", {}).items()
        if (wrong := xml_text.impossible(text))
    ]
    if "prepared" in data and not is_moment(data["prepared"]):
        faults.append(document.fault(f"{data['prepared']} is no date", "prepared"))
    faults += [
        document.fault(f"the folder {data[key]} is not there", key)
        for key in ("mappings", "schemas")
        if key in data and not (folder / data[key]).is_dir()
    ]
    if faults:
        raise ConfigurationRefused(*faults)
    exchange = Exchange(
        inputs=tuple(
            Input(folder / item["file"], os.path.normpath(item["file"]), item.get("description", "")) for item in given
        ),
        resources=resources.load(_layer(folder, document, "mappings"), _layer(folder, document, "schemas")),
        year=int(data["year"]),
        prepared=data.get("prepared", ""),
        bodies=tuple(data.get("bodies", ())),
        precedence=tuple(data.get("precedence", ())),
        contacts=tuple(sorted(data.get("contacts", {}).items())),
        language=data.get("language", "en"),
        confidential=tuple(
            Choice(body, choice == "transmit", document.line("confidential", body))
            for body, choice in data.get("confidential", {}).items()
        ),
        file=folder / FILE,
    )
    _must_exist(exchange.inputs)
    return exchange


def from_files(paths: Sequence[Path], year: int) -> Exchange:
    """An exchange of delivered files, named on the command line; shown relative to their common folder."""
    inputs = given_files(paths)
    return Exchange(inputs, resources.load(), year, "")


def given_files(paths: Sequence[Path]) -> tuple[Input, ...]:
    """Files named on the command line. They are shown by as little of their path as tells them apart.

    Raises:
        InputRefused: files that are not there, or whose name is no text.
    """
    parts = [path.absolute().parts for path in paths]
    depth = next((n for n in range(1, 99) if len({names[-n:] for names in parts}) == len(set(parts))), 99)
    inputs = tuple(Input(path, "/".join(names[-depth:]).lstrip("/")) for path, names in zip(paths, parts, strict=True))
    _must_exist(inputs)
    return inputs


def is_moment(text: str) -> bool:
    """Whether a text is a date, or a date and time, by ISO 8601."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def completed(
    exchange: Exchange,
    year: int | None = None,
    prepared: str = "",
    bodies: Sequence[str] = (),
    mappings: Path | None = None,
    schemas: Path | None = None,
) -> Exchange:
    """An exchange with what the command line says in place of what the folder says."""
    found = exchange.resources
    if mappings:
        found = replace(found, mappings=(*found.mappings, Layer(mappings, f"./{mappings.name}")))
    if schemas:
        found = replace(found, schemas=(*found.schemas, Layer(schemas, f"./{schemas.name}")))
    return replace(
        exchange,
        year=year or exchange.year,
        prepared=prepared or exchange.prepared or _now(),
        bodies=tuple(bodies) or exchange.bodies,
        resources=found,
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _layer(folder: Path, document: Document, key: str) -> Layer | None:
    if key not in document.data:
        return None
    return Layer(folder / document.data[key], f"./{os.path.normpath(document.data[key])}")


def _must_exist(inputs: Sequence[Input]) -> None:
    faults = [Finding("file-not-found", Place(file=given.shown)) for given in inputs if not given.path.is_file()]
    for given in inputs:
        try:
            given.shown.encode("utf-8")
        except UnicodeEncodeError:
            shown = given.shown.encode("utf-8", "backslashreplace").decode("utf-8")
            faults.append(Finding("file-name-not-text", Place(file=shown)))
    if faults:
        raise InputRefused(*faults)

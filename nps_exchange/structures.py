"""What a body allows: dimensions, attributes and code lists, from an SDMX-ML 2.1 structure message.

Taking a message apart needs sdmx1, which alone takes half a second to import. So the result is kept: for the
packaged messages in `schemas/compiled/`, for others in the user's cache, each bound to the message's SHA-256.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nps_exchange import resources
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resource

FORMAT = 2
"""The shape of what is kept. Raise it whenever the records or their reading change."""


@dataclass(frozen=True)
class Code:
    """A code's English name, the code that contains it, and in our own messages whether it was seen at its source.

    `also` holds its names in the other languages of ours, as far as the message has them.
    """

    name: str
    parent: str
    status: str
    also: dict[str, str] = field(default_factory=dict)

    def named(self, language: str) -> str:
        """Its name in a language; the English one where there is none."""
        return self.also.get(language, self.name)


@dataclass(frozen=True)
class Codes:
    """A code list, by `AGENCY:ID(VERSION)`; `partial` means that the body has more codes than these."""

    id: str
    partial: bool
    codes: dict[str, Code] = field(repr=False)


@dataclass(frozen=True)
class Component:
    """A dimension or an attribute.

    `codes` is the key of its list in `Structure.lists`, "" if it has none. `attached` is "" for a dimension;
    else `observation`, `series`, `group` or `dataset`. `text` is the SDMX text type of one without a list, "" where
    the message does not say it.
    """

    id: str
    codes: str
    mandatory: bool
    attached: str
    text: str


@dataclass(frozen=True)
class Structure:
    """A data structure definition, as one message gives it; ids are `AGENCY:ID(VERSION)`.

    `dimensions` stand in the order of the key, without time: `time` is the id of the time dimension or "", and
    `time_text` its text type. `absent` holds, by component, the code list it names but the message lacks or
    gives without codes: such a component is coded, but what it allows is not known, and its `codes` is "".
    `dataflows` are those of the message that use this structure, with their names. `names` holds what components are
    called, time and measure too: by component, by language.
    """

    file: str
    sha256: str
    id: str
    name: str
    dimensions: tuple[Component, ...]
    time: str
    time_text: str
    measure: str
    attributes: tuple[Component, ...]
    lists: dict[str, Codes] = field(repr=False)
    absent: dict[str, str]
    dataflows: dict[str, str]
    names: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def component(self, id_: str) -> Component | None:
        """The dimension or attribute of an id, or None; time and measure are none of them."""
        return next((found for found in (*self.dimensions, *self.attributes) if found.id == id_), None)

    def codes_of(self, id_: str) -> Codes | None:
        """The code list of a dimension or attribute, or None if it has none or it is not known."""
        found = self.component(id_)
        return self.lists.get(found.codes) if found else None


def load(resource: Resource) -> tuple[Structure, ...]:
    """All data structures of a message.

    Raises:
        ConfigurationRefused: it cannot be opened, is no sound SDMX-ML 2.1 structure message, holds a document
            type (an entity could grow without end), or has no data structure in it.
    """
    content = _content(resource)
    digest = hashlib.sha256(content).hexdigest()
    found = _kept(resources.packaged("schemas") / "compiled" / _compiled_name(resource), resource, digest)
    if found is None:
        cached = _cache() / f"{digest}-{FORMAT}.json"
        found = _kept(cached, resource, digest)
    if found is None:
        text = _compiled(content, resource)
        _keep(cached, text)
        found = _structures(text, resource, digest)
    return found


def using(found: tuple[Structure, ...], dataflow: str) -> list[Structure]:
    """The structures that a dataflow uses. A message of one structure alone names no dataflows: then it is meant."""
    if len(found) == 1 and not found[0].dataflows:
        return [*found]
    return [one for one in found if dataflow in one.dataflows]


def packaged_messages() -> list[Resource]:
    """The structure messages that come with the program: `schemas/<body>/*.xml`."""
    return resources.load().schema_files("*/*.xml")


def compiled(messages: Iterable[Resource]) -> dict[str, str]:
    """What `schemas/compiled/` should hold for some messages: the text of each file by its name."""
    return {_compiled_name(resource): _compiled(_content(resource), resource) for resource in messages}


def compile_packaged() -> None:
    """Write `schemas/compiled/` anew, and delete what has no message any more. For maintainers, after an edit."""
    folder = resources.packaged("schemas") / "compiled"
    folder.mkdir(exist_ok=True)
    texts = compiled(packaged_messages())
    for superfluous in {path.name for path in folder.glob("*.json")} - set(texts):
        (folder / superfluous).unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _content(resource: Resource) -> bytes:
    try:
        return resource.path.read_bytes()
    except OSError as error:
        problem = f"the file cannot be opened: {error.strerror or error}"
        place = Place(file=resource.shown, row=1)
        raise ConfigurationRefused(Finding("our-file-at-fault", place, {"problem": problem})) from None


def _compiled_name(resource: Resource) -> str:
    return resource.name.removesuffix(".xml").replace("/", "-") + ".json"


def _compiled(content: bytes, resource: Resource) -> str:
    from nps_exchange import structure_messages  # late: an ordinary run finds what was kept

    kept = {
        "format": FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "structures": structure_messages.read(content, resource.shown),
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _cache() -> Path:
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("nps_exchange", appauthor=False)) / "structures"


def _keep(path: Path, text: str) -> None:
    """Put a file where it stands whole or not at all; a cache that cannot be written is done without."""
    begun = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begun.write_text(text, encoding="utf-8", newline="\n")
        begun.replace(path)
    except OSError:
        with suppress(OSError):
            begun.unlink(missing_ok=True)


def _kept(path: Path, resource: Resource, digest: str) -> tuple[Structure, ...] | None:
    """What was kept of a message; None if nothing was, or of other bytes, or in a shape that is not ours."""
    try:
        return _structures(path.read_text(encoding="utf-8"), resource, digest) or None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _structures(text: str, resource: Resource, digest: str) -> tuple[Structure, ...]:
    kept = json.loads(text)
    if (kept["format"], kept["sha256"]) != (FORMAT, digest):
        raise ValueError("kept of another message, or by another version")
    return tuple(_structure(plain, resource.shown, digest) for plain in kept["structures"])


def _structure(plain: dict[str, Any], file: str, sha256: str) -> Structure:
    id_, name, time, time_text, measure = _typed(
        [plain[part] for part in ("id", "name", "time", "time_text", "measure")], str, str, str, str, str
    )
    return Structure(
        file,
        sha256,
        id_,
        name,
        tuple(Component(*_typed(row, str, str, bool, str, str)) for row in plain["dimensions"]),
        time,
        time_text,
        measure,
        tuple(Component(*_typed(row, str, str, bool, str, str)) for row in plain["attributes"]),
        {key: _codes(key, listed) for key, listed in plain["lists"].items()},
        dict(_typed(row, str, str) for row in plain["absent"].items()),
        dict(_typed(row, str, str) for row in plain["dataflows"].items()),
        {id_: _texts(names) for id_, names in plain["names"].items()},
    )


def _codes(key: str, plain: dict[str, Any]) -> Codes:
    [partial] = _typed([plain["partial"]], bool)
    rows = (_typed(row, str, str, str, str, dict) for row in plain["codes"])
    codes = {code: Code(name, parent, status, _texts(also)) for code, name, parent, status, also in rows}
    return Codes(key, partial, codes)


def _texts(plain: dict[str, Any]) -> dict[str, str]:
    return dict(_typed(row, str, str) for row in plain.items())


def _typed(row: Iterable[Any], *types: type) -> list[Any]:
    """The values of a row, if they are of these types and as many: what was kept may be of somebody else's making."""
    values = list(row)
    if [type(value) for value in values] != list(types):
        raise TypeError
    return values

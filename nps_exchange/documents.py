"""YAML files of ours, read as text and with their line numbers, and checked by JSON Schema.

YAML's own reading is a trap for codes: `NO` becomes false, `0110` a number, `1.10` loses its zero,
and of two equal keys one is silently lost. Here every scalar is text, a double key is an error, and
each value knows its line, so that a fault can be named by file and line.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import packaged

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A YAML file: its data (dicts, lists, text), and the line of every value by its path."""

    file: str
    data: Any
    lines: dict[Path_, int]

    def line(self, *path: str | int) -> int:
        """The line of the value at a path, or of its nearest ancestor."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, problem: str, *path: str | int) -> Finding:
        """A finding that names this file and the line of a path."""
        shown = ".".join(str(step) for step in path)
        return Finding(
            "our-file-at-fault",
            Place(file=self.file, row=self.line(*path), key=shown),
            {"problem": problem},
        )


def read(path: Path, shown: str | None = None) -> Document:
    """Read a YAML file.

    Raises:
        ConfigurationRefused: it cannot be opened, is not UTF-8, is not YAML, or has a key twice.
    """
    shown = shown or path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationRefused(_unreadable(shown, 1, _reason(error))) from None
    return parse(text, shown)


def parse(text: str, shown: str) -> Document:
    """Read YAML text; see `read`."""
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationRefused(_unreadable(shown, line, error.problem or "not YAML")) from None
    except yaml.YAMLError as error:
        raise ConfigurationRefused(_unreadable(shown, 1, str(error))) from None
    lines: dict[Path_, int] = {}
    faults: list[Finding] = []
    try:
        data = _plain(root, (), lines, faults, shown) if root is not None else {}
    except RecursionError:
        raise ConfigurationRefused(
            _unreadable(shown, 1, "an alias contains itself, or the nesting is too deep")
        ) from None
    if faults:
        raise ConfigurationRefused(*faults)
    return Document(shown, data, lines)


def check(document: Document, schema_name: str) -> list[Finding]:
    """All faults of a document against a JSON Schema of `schemas/`, by line."""
    errors = _validator(schema_name).iter_errors(document.data)
    faults = [fault for error in errors for fault in _schema_faults(document, error)]
    return sorted(faults, key=lambda fault: (fault.place.row or 0, fault.place.key))


def load(path: Path, schema_name: str, shown: str | None = None) -> Document:
    """Read and check a YAML file.

    Raises:
        ConfigurationRefused: with all faults at once.
    """
    document = read(path, shown)
    faults = check(document, schema_name)
    if faults:
        raise ConfigurationRefused(*faults)
    return document


def _plain(node: yaml.Node, path: Path_, lines: dict[Path_, int], faults: list[Finding], shown: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, i), lines, faults, shown) for i, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in result:
            place = Place(file=shown, row=key_node.start_mark.line + 1, key=key)
            faults.append(Finding("our-file-at-fault", place, {"problem": f"the key {key!r} stands twice"}))
        result[key] = _plain(value_node, (*path, key), lines, faults, shown)
        lines[(*path, key)] = key_node.start_mark.line + 1
    return result


@cache
def _validator(schema_name: str) -> Any:
    from jsonschema import Draft202012Validator  # 0.1 s: not for `--help`

    return Draft202012Validator(_inlined(_schema(schema_name), schema_name))


def _inlined(part: Any, name: str) -> Any:
    """A part of a schema with what it refers to in place of `$ref`: to follow references takes most of a check.

    No schema of ours contains itself.
    """
    if isinstance(part, list):
        return [_inlined(item, name) for item in part]
    if not isinstance(part, dict):
        return part
    inlined = {key: _inlined(value, name) for key, value in part.items() if key not in ("$ref", "$defs")}
    if "$ref" not in part:
        return inlined
    file, _, path = part["$ref"].partition("#/")
    found = _schema(file or name)
    for step in path.split("/"):
        found = found[step]
    found = _inlined(found, file or name)
    return found if set(inlined) <= {"description"} else inlined | {"allOf": [*inlined.get("allOf", ()), found]}


@cache
def _schema(name: str) -> Any:
    return json.loads((packaged("schemas") / name).read_text(encoding="utf-8"))


def _schema_faults(document: Document, error: Any) -> list[Finding]:
    deepest = _most_telling(error)
    path = tuple(deepest.absolute_path)
    if deepest.validator == "additionalProperties" and isinstance(deepest.instance, dict):
        known = deepest.schema.get("properties", {})
        unknown = [key for key in deepest.instance if key not in known]
        return [
            document.fault(f"the key {key!r} is not known here; known are: {', '.join(known)}", *path, key)
            for key in unknown
        ]
    return [document.fault(str(deepest.message), *path)]


def _most_telling(error: Any) -> Any:
    """Of an `anyOf`, the branch that came furthest says more than 'is not valid under any of'."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.absolute_path), -len(str(inner.message))))
    return error


def _unreadable(shown: str, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(file=shown, row=line), {"problem": problem})


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "the file is not UTF-8 text"


def children(document: Document, *path: str | int) -> Iterator[tuple[Path_, Any]]:
    """The items of the list at a path, each with its own path; nothing where the path is absent."""
    value: Any = document.data
    for step in path:
        value = value.get(step, []) if isinstance(value, dict) else value[int(step)]
    for i, item in enumerate(value):
        yield (*path, i), item

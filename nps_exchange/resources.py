"""Find the files of `mappings/` and `schemas/`: the packaged ones, and an agency's own in front of them.

In a wheel the two folders lie inside the package, in a checkout beside it. A folder of one's own
adds files, or replaces packaged ones of the same path; every file used is remembered by its hash.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent
EXAMPLES = PACKAGE / "example"


@dataclass(frozen=True)
class Resource:
    """One file of `mappings/` or `schemas/`: `name` is its path below, `shown` how users see it."""

    name: str
    path: Path
    shown: str

    def text(self) -> str:
        """The content; the files of this project are UTF-8."""
        return self.path.read_text(encoding="utf-8-sig")

    def sha256(self) -> str:
        """The SHA-256 of the file's bytes, in hexadecimal."""
        return file_sha256(self.path)


@dataclass(frozen=True)
class Layer:
    """A folder of resources and the words it is shown under in messages and manifests."""

    folder: Path
    shown: str


@dataclass(frozen=True)
class Resources:
    """Layers of `mappings/` and of `schemas/`; a later layer goes before an earlier one."""

    mappings: tuple[Layer, ...]
    schemas: tuple[Layer, ...]

    def mapping_files(self, pattern: str) -> list[Resource]:
        """The files below `mappings/` that match a glob pattern, by name."""
        return _merged(self.mappings, pattern)

    def schema_files(self, pattern: str) -> list[Resource]:
        """The files below `schemas/` that match a glob pattern, by name."""
        return _merged(self.schemas, pattern)

    def schema(self, name: str) -> Resource | None:
        """One file below `schemas/` by its path there, or None."""
        for layer in reversed(self.schemas):
            path = layer.folder / name
            if path.is_file() and layer.folder.resolve() in path.resolve().parents:
                return Resource(name, path, f"{layer.shown}/{name}")
        return None


def packaged(name: str) -> Path:
    """The packaged folder `mappings` or `schemas`."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def load(own_mappings: Layer | None = None, own_schemas: Layer | None = None) -> Resources:
    """The packaged resources, with an agency's own laid over them."""
    mappings = [Layer(packaged("mappings"), "mappings"), own_mappings]
    schemas = [Layer(packaged("schemas"), "schemas"), own_schemas]
    return Resources(tuple(layer for layer in mappings if layer), tuple(layer for layer in schemas if layer))


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _merged(layers: tuple[Layer, ...], pattern: str) -> list[Resource]:
    found: dict[str, Resource] = {}
    for layer in layers:
        for path in layer.folder.glob(pattern):
            if path.is_file():
                name = path.relative_to(layer.folder).as_posix()
                found[name] = Resource(name, path, f"{layer.shown}/{name}")
    return [found[name] for name in sorted(found)]

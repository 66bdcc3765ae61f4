"""Wire formats, shared by bodies: each a module with `encode` and `decode`, and its name in FORMATS."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from nps_exchange.formats import delimited, sdmx_csv, sdmx_ml
from nps_exchange.formats.table import Table
from nps_exchange.structures import Structure


class Encode(Protocol):
    """Writes a table to a file."""

    def __call__(self, table: Table, path: Path) -> None: ...  # noqa: D102


class Decode(Protocol):
    """Reads a table from a file, of a structure where the format wants one."""

    def __call__(self, path: Path, structure: Structure | None = None) -> Table: ...  # noqa: D102


@dataclass(frozen=True)
class Format:
    """How a table gets into a file and out of it again; `decode(encode(d)) == d`."""

    encode: Encode
    decode: Decode


FORMATS: dict[str, Format] = {
    "delimited": Format(delimited.encode, delimited.decode),
    "sdmx-csv-1.0": Format(
        partial(sdmx_csv.encode, version=sdmx_csv.V1), partial(sdmx_csv.decode, version=sdmx_csv.V1)
    ),
    "sdmx-csv-2.0": Format(
        partial(sdmx_csv.encode, version=sdmx_csv.V2), partial(sdmx_csv.decode, version=sdmx_csv.V2)
    ),
    "sdmx-ml-2.1": Format(sdmx_ml.encode, sdmx_ml.decode),
}

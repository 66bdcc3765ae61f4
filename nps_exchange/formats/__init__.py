"""Wire formats, shared by bodies: each a module with `encode` and `decode`, and its name in FORMATS."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nps_exchange.formats import delimited, sdmx_csv
from nps_exchange.formats.table import Table


@dataclass(frozen=True)
class Format:
    """How a table gets into a file and out of it again; `decode(encode(d)) == d`."""

    encode: Callable[[Table, Path], None]
    decode: Callable[[Path], Table]


FORMATS: dict[str, Format] = {
    "delimited": Format(delimited.encode, delimited.decode),
    "sdmx-csv-2.0": Format(sdmx_csv.encode, sdmx_csv.decode),
}

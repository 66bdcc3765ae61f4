"""CSV files of ours (code lists, structures), read strictly: every fault by its line, never an exception."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resource


@dataclass(frozen=True)
class Listing:
    """The rows of a CSV file of ours, each with its line; the names of its columns."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def fault(self, line: int, problem: str) -> Finding:
        """A finding that names this file and a line."""
        return Finding("our-file-at-fault", Place(file=self.file, row=line), {"problem": problem})


def read(resource: Resource, required: Sequence[str]) -> tuple[Listing, list[Finding]]:
    """The rows of a file that are sound, and the faults of the others."""
    try:
        text = resource.text()
    except (OSError, UnicodeDecodeError):
        empty = Listing(resource.shown, (), ())
        return empty, [empty.fault(1, "the file cannot be opened, or is not UTF-8 text")]
    return parse(text, resource.shown, required)


def parse(text: str, shown: str, required: Sequence[str]) -> tuple[Listing, list[Finding]]:
    """Like `read`, of a text."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    faults: list[Finding] = []
    columns: tuple[str, ...] = ()
    line = 1
    try:
        columns = tuple(next(reader, ()))
        about = Listing(shown, columns, ())
        missing = [column for column in required if column not in columns]
        if missing:
            return about, [about.fault(1, f"missing column: {', '.join(missing)}")]
        if len(set(columns)) < len(columns):
            return about, [about.fault(1, "a column stands twice")]
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(columns):
                faults.append(about.fault(line, f"the row has {len(cells)} fields, the heading has {len(columns)}"))
            elif any(cell != cell.strip() for cell in cells):
                faults.append(about.fault(line, "a field begins or ends with a space"))
            else:
                rows.append((line, dict(zip(columns, cells, strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Listing(shown, columns, ()).fault(line, f"the row cannot be taken apart: {error}"))
    return Listing(shown, columns, tuple(rows)), faults

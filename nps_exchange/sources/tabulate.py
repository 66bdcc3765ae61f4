"""A recognised table becomes rows of the national table: labels to codes, texts to figures, each with its place.

The work is done by DuckDB in one statement a table; Python sees only the distinct labels. Whatever
cannot be read becomes a finding with row and column, and the table is then not used at all.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection, quoted
from nps_exchange.model import DIMENSIONS, EXAMPLES_SHOWN, Finding, column_letter
from nps_exchange.sources import figures, labels
from nps_exchange.sources.description import Description
from nps_exchange.sources.reading import AS_DELIVERED, Reading, with_roles
from nps_exchange.sources.recognise import Table
from nps_exchange.sources.sheet import Beyond, stage

FIGURES = re.compile(r"(^| )[0-9][0-9 .,]*[0-9]? [0-9][0-9 .,]*$")
"""A text that ends in two figures: a row of a table, not a title."""


def tabulate(
    con: Connection,
    codelists: CodeLists,
    description: Description,
    table: Table,
    file: str,
    position: int,
    scratch: Path,
) -> list[Finding]:
    """Add the observations of one table to `delivered`, and say what is wrong with it.

    Grain of `delivered`: one row a figure cell of the file. `position` is the table's place in the
    order of delivery. Findings of severity error mean that nothing was added.
    """
    reading, faults = with_roles(Reading(con, codelists, description, table, file, position, {}, ()))
    if faults:
        return faults
    beyond = stage(con, table.sheet, "grid", len(table.headings), description.decimal, scratch)
    faults = [*_beyond(reading, beyond), *labels.look_up(reading)]
    faults += _untitled(reading)
    faults += labels.misspelt(reading)
    if not faults:
        faults = figures.parse(reading)
    if faults:
        return faults
    return [*_add(reading), *_asides(reading)]


def _beyond(reading: Reading, beyond: list[Beyond]) -> Iterator[Finding]:
    """Figures to the right of the headings; texts of titles and footnotes may reach that far."""
    below = [cell for cell in beyond if cell.row > reading.table.header_row]
    if below:
        examples = tuple({"row": b.row, "column": column_letter(b.column), "text": b.text} for b in below)
        place = reading.place(below[0].row, below[0].column)
        yield Finding("cell-without-heading", place, {"text": below[0].text}, len(below), examples[:EXAMPLES_SHOWN])


def _untitled(reading: Reading) -> Iterator[Finding]:
    """Columns that hold something beside the figures, but have no heading."""
    for index in reading.untitled:
        rows = reading.con.execute(
            f"SELECT row, c{index} FROM grid JOIN labelled USING (row) "
            f"WHERE NOT aside AND trim(c{index}) <> '' ORDER BY row"
        ).fetchall()
        if rows:
            examples = tuple({"row": row, "column": column_letter(index), "text": text} for row, text in rows)
            place = reading.place(rows[0][0], index)
            values = {"text": rows[0][1]}
            yield Finding("cell-without-heading", place, values, len(rows), examples[:EXAMPLES_SHOWN])


def _add(reading: Reading) -> Iterator[Finding]:
    """Insert the figures; what is the same for many rows (source, note, date) is kept once, in `context`."""
    described = {
        "reference_date": _reference_date(reading.description),
        "source": quoted(reading.description.source),
        "note": "''",
    }
    in_row = {column.to: f"k{index}" for index, column in reading.keys.items() if column.to in AS_DELIVERED}
    said = {
        column: f"COALESCE(NULLIF({in_row[column]}, ''), {text})" if column in in_row else text
        for column, text in described.items()
    }
    texts = ", ".join(f"{expression} AS {column}" for column, expression in said.items())
    reading.con.execute(
        "INSERT INTO context SELECT (SELECT count(*) FROM context) - 1 "
        "+ row_number() OVER (ORDER BY reference_date, source, note), "
        f"{reading.position}, {quoted(reading.file)}, {quoted(reading.table.sheet.name)}, * "
        f"FROM (SELECT DISTINCT {texts} FROM figures WHERE kind IS DISTINCT FROM 'none')"
    )
    same = " AND ".join(f"c.{column} = f.{column}" for column in said)
    columns = ", ".join([*(f"f.{d}" for d in DIMENSIONS), "f.year", "f.value", "f.obs_status", "f.conf_status"])
    added = reading.con.execute(
        f"INSERT INTO delivered SELECT {columns}, c.context, c.position, f.row, f.col "
        f"FROM (SELECT *, {texts} FROM figures WHERE kind IS DISTINCT FROM 'none') AS f "
        f"JOIN context AS c ON c.position = {reading.position} AND {same}"
    ).fetchone()
    if not added or not added[0]:
        yield Finding("file-without-observations", reading.place(reading.table.header_row))


def _reference_date(description: Description) -> str:
    """The description's date with the year filled in; where it goes by a dimension, one case a code."""

    def dated(template: str) -> str:
        return f"replace({quoted(template)}, '{{year}}', CAST(year AS VARCHAR))"

    if isinstance(description.reference_date, str):
        return dated(description.reference_date)
    by = description.reference_date["by"]
    cases = [
        f"WHEN {quoted(code)} THEN {dated(template)}"
        for code, template in description.reference_date.items()
        if code != "by"
    ]
    return f"CASE {by} {' '.join(cases)} ELSE '' END"


def _asides(reading: Reading) -> Iterator[Finding]:
    """Titles above and footnotes below the table: not figures, but kept."""
    above: list[dict[str, Any]] = [
        {"row": number, "text": text}
        for number, cells in reading.table.sheet.head()
        if number < reading.table.header_row and (text := _joined(cells))
    ]
    rows = reading.con.execute(
        "SELECT grid.* FROM grid JOIN labelled USING (row) WHERE aside AND NOT blank ORDER BY row"
    ).fetchall()
    below = [{"row": row, "text": text} for row, *cells in rows if (text := _joined(cells))]
    for name, texts in (("figures-above-headings", above), ("text-beside-table", above + below)):
        told = [said for said in texts if name == "text-beside-table" or FIGURES.search(said["text"])]
        if told:
            place = reading.place(told[0]["row"])
            values = {"text": told[0]["text"]}
            yield Finding(name, place, values, len(told), tuple(told[:EXAMPLES_SHOWN]))


def _joined(cells: list[Any]) -> str:
    return " ".join(str(cell).strip() for cell in cells if cell not in (None, ""))

"""What can be wrong with the figures of a questionnaire workbook: they are checked as rows of a table."""

from nps_exchange import table_checks
from nps_exchange.formats.table import Table
from nps_exchange.formats.workbook import Reading
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT, Column, Mapping
from nps_exchange.model import Finding, Place, column_letter
from nps_exchange.presentations import Workbook
from nps_exchange.structures import Structure
from nps_exchange.table_checks import FIRST_ROW

YEAR, VALUE = "year", "value"


def check(reading: Reading, mapping: Mapping, form: Workbook, structure: Structure | None) -> list[Finding]:
    """Everything that is wrong with the figures of a workbook that a mapping describes.

    They are held against the structure of the dataset's first file, or the one given.
    """
    file = mapping.files[0]
    flags = file.flags[:1]
    columns = [Column(name, "code", "", {}) for name in (form.lines, form.blocks)]
    columns += [Column(YEAR, "year", "", {}), Column(VALUE, "value", "", {}), *flags]
    asked = mapping.asked if set(mapping.asked.columns) <= {form.lines, form.blocks} else None
    layout = Layout(mapping.dataset, FLAT, tuple(columns), "", structure or file.structure, asked)
    names = (*reading.codes, *(column.name for column in columns[2:]))
    rows = [
        (*one.codes, str(one.year), one.figure.value, *([one.figure.flags or None] if flags else []))
        for one in reading.figures
    ]

    def where(row: int, column: str) -> Place:
        if row < FIRST_ROW:
            return Place()
        place = reading.figures[row - FIRST_ROW].place
        if column in reading.codes:  # the codes stand before the figures of their row
            return Place(sheet=place.sheet, row=place.row, column=column_letter(reading.codes.index(column)))
        return place

    return table_checks.check(Table(names, rows), layout, where)

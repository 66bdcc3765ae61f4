"""From records to an .xlsx file: the same book always becomes the same bytes."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from nps_exchange.formats.workbook.canvas import Canvas
from nps_exchange.formats.workbook.faults import refuse
from nps_exchange.formats.workbook.front import write_front, write_page
from nps_exchange.formats.workbook.grid import Grid
from nps_exchange.formats.workbook.records import Book
from nps_exchange.formats.workbook.styles import DEFAULT_FONT, Styles
from nps_exchange.formats.workbook.text import shown


def encode(book: Book, path: Path) -> None:
    """Write a book as an .xlsx file.

    The file depends on nothing but the book: its date is the day of `prepared`, at midnight.

    Raises:
        ValueError: the book holds what a workbook cannot (a value with too many digits, a text too
            long, a sheet name not allowed), or contradicts itself. Nothing is written then.
    """
    # Here, because most commands write no workbook and would wait for the import.
    import xlsxwriter  # type: ignore[import-untyped]  # xlsxwriter carries no types, and nobody publishes any

    refuse(book)
    # Written in one go: a full disk leaves no half of a workbook that opens.
    stream = BytesIO()
    # A copy of the font, because xlsxwriter writes into it.
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, "default_format_properties": dict(DEFAULT_FONT)})
    workbook.set_properties(
        {
            "title": shown(book.title),
            "subject": book.dataset,
            "created": datetime.fromisoformat(book.prepared[:10]),
        }
    )
    styles = Styles(workbook)
    front = Canvas(book, workbook, styles, book.words["contents"])
    tallies = {sheet.name: Grid(Canvas(book, workbook, styles, sheet.name), sheet).write() for sheet in book.sheets}
    for page in book.pages:
        write_page(Canvas(book, workbook, styles, page.name), page)
    write_front(front, tallies)
    workbook.close()
    path.write_bytes(stream.getvalue())

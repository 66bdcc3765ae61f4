"""The sheets of text: the front sheet, what is not reported, sources and methods."""

from nps_exchange.formats.workbook.canvas import A4, Canvas
from nps_exchange.formats.workbook.grid import Tally
from nps_exchange.formats.workbook.records import LAYOUT, Page
from nps_exchange.model import column_letter

FRONT_WIDTHS = (28, 84, 11, 13)


def write_front(canvas: Canvas, tallies: dict[str, Tally]) -> None:
    """The front sheet: facts, the list of sheets with what they hold, flags, how to read it, and what it is."""
    book, words = canvas.book, canvas.book.words
    for column, width in enumerate(FRONT_WIDTHS):
        canvas.sheet.set_column(column, column, width)
    row = canvas.head(book.title, len(FRONT_WIDTHS))
    for name, content in book.facts:
        canvas.text(row, 0, name, "fact")
        canvas.text(row, 1, content, "text")
        canvas.fill(row, 2, 3, "text")
        canvas.tall(row, (name, content), FRONT_WIDTHS[:2])
        row += 1
    row = _section(canvas, row, words["sheets"])
    for column, word in enumerate(("sheet", "about", "figures", "differences")):
        canvas.text(row, column, words[word], "heading number" if column > 1 else "heading wrapped")
    sheets = [(sheet.name, sheet.title) for sheet in book.sheets] + [(page.name, page.title) for page in book.pages]
    for name, title in sheets:
        row += 1
        canvas.link(row, 0, name, name, "text link")
        canvas.text(row, 1, title, "text")
        canvas.tall(row, (name, title), FRONT_WIDTHS[:2])
        _counts(canvas, row, tallies.get(name))
    if book.legend:
        row = _section(canvas, row + 1, words["flags"])
        for flag, meaning in book.legend:
            canvas.text(row, 0, flag, "text code")
            canvas.text(row, 1, meaning, "text")
            canvas.fill(row, 2, 3, "text")
            canvas.tall(row, (flag, meaning), FRONT_WIDTHS[:2])
            row += 1
        row -= 1
    row = _section(canvas, row + 1, words["reading"])
    for paragraph in words["how_to_read"].split("\n"):
        canvas.text(row, 1, paragraph, "prose")
        canvas.tall(row, (paragraph,), FRONT_WIDTHS[1:2])
        row += 1
    canvas.text(row + 1, 0, f"{LAYOUT} · {book.dataset}", "signature")
    canvas.print_setup(0, A4)
    canvas.sheet.set_portrait()


def _section(canvas: Canvas, row: int, heading: str) -> int:
    """A heading below an empty row; gives the next free row."""
    canvas.text(row + 1, 0, heading, "section")
    canvas.fill(row + 1, 1, len(FRONT_WIDTHS) - 1, "section")
    return row + 2


def _counts(canvas: Canvas, row: int, tally: Tally | None) -> None:
    """The two numbers of a sheet of figures. A page of text has none; by that they are told apart when read."""
    if tally is None:
        canvas.fill(row, 2, 3, "count")
        return
    canvas.sheet.write_number(row, 2, tally.figures, canvas.styles("count"))
    canvas.sheet.write_number(row, 3, tally.differences, canvas.styles("count alarm" if tally.differences else "count"))


def write_page(canvas: Canvas, page: Page) -> None:
    """A sheet of text in columns."""
    for column, width in enumerate(page.widths):
        canvas.sheet.set_column(column, column, width)
    heading = canvas.head(page.title, len(page.columns))
    for column, name in enumerate(page.columns):
        canvas.text(heading, column, name, "heading wrapped")
    for row, cells in enumerate(page.rows, heading + 1):
        for column, content in enumerate(cells):
            canvas.text(row, column, content, "text")
        canvas.tall(row, cells, page.widths)
    canvas.sheet.freeze_panes(heading + 1, 0)
    canvas.print_setup(heading, A4)
    # Text that looks like a number is meant: no green corners for it.
    everything = f"A1:{column_letter(max(1, len(page.columns) - 1))}{heading + len(page.rows) + 1}"
    canvas.sheet.ignore_errors({"number_stored_as_text": everything})

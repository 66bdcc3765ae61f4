"""A sheet of the workbook in the making: what all sheets share, and the only way text gets into a cell."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from nps_exchange.formats.workbook import text
from nps_exchange.formats.workbook.faults import fitting
from nps_exchange.formats.workbook.records import Book
from nps_exchange.formats.workbook.styles import ACCENT, ALARM, FONT, Styles

A3, A4 = 8, 9
COMMENT_WIDTH, COMMENT_LINE, COMMENT_TALLEST = 266, 15, 480
"""Pixels."""
LINE_HEIGHT, TALLEST_ROW = 12, 409
"""Points; Excel makes no row higher than the latter."""


class Canvas:
    """One sheet. Rows and columns count from 0, as in xlsxwriter."""

    def __init__(self, book: Book, workbook: Any, styles: Styles, name: str) -> None:
        self.book, self.styles, self.name = book, styles, name
        self.sheet = workbook.add_worksheet(name)
        self.sheet.hide_gridlines(2)
        self.sheet.set_zoom(90)
        self.sheet.set_tab_color(ALARM if book.test else ACCENT)

    def text(self, row: int, column: int, content: str, style: str) -> None:
        """Put text into a cell; it stays text, whatever it looks like.

        Raises:
            ValueError: a cell cannot hold so much.
        """
        if not content:
            return self.fill(row, column, column, style)
        content = text.cell(fitting(content, self.name))
        if self.sheet.write_string(row, column, content, self.styles(style)) != 0:
            raise ValueError(f"sheet {self.name!r}: the text beginning {content[:40]!r} cannot be written")

    def fill(self, row: int, first: int, last: int, style: str) -> None:
        """Give a style to cells that hold nothing."""
        for column in range(first, last + 1):
            self.sheet.write_blank(row, column, None, self.styles(style))

    def tall(self, row: int, contents: Sequence[str], widths: Sequence[int]) -> None:
        """Make a row as high as its longest text needs in a column of its width.

        Excel would see to it itself when it opens the file; LibreOffice does not.
        """
        lines = max((_lines(content, width) for content, width in zip(contents, widths, strict=True)), default=1)
        if lines > 1:
            self.sheet.set_row(row, min(lines * LINE_HEIGHT + 3, TALLEST_ROW))

    def note(self, row: int, column: int, content: str) -> None:
        """Put a comment on a cell, seen when the mouse is over it; the box is as large as its text."""
        content = text.comment(content)
        height = _lines(content, COMMENT_WIDTH // 7) * COMMENT_LINE + 12
        size = {"width": COMMENT_WIDTH, "height": min(height, COMMENT_TALLEST)}
        self.sheet.write_comment(
            row, column, content, {"font_name": FONT["font_name"], "font_size": FONT["font_size"], **size}
        )

    def head(self, title: str, width: int, beside: int = 1) -> int:
        """Title, facts (from column `beside` on) and test notice over so many columns; gives the next free row."""
        self.sheet.set_row(0, 24)
        self.text(0, 0, title, "title")
        # The front sheet has all facts below; on the others one line must do, and show the way back.
        if self.name != self.book.words["contents"]:
            self.link(1, 0, self.book.words["contents"], "← " + self.book.words["contents"], "link")
            self.text(1, beside, " · ".join(f"{fact}: {is_}" for fact, is_ in self.book.facts), "subtitle")
        if not self.book.test:
            return 2
        self.sheet.set_row(2, 18)
        self.fill(2, 1, width - 1, "test")
        self.text(2, 0, self.book.test, "test")
        return 3

    def link(self, row: int, column: int, to: str, content: str, style: str) -> None:
        """A link to the first cell of another sheet."""
        quoted = to.replace("'", "''")
        content = text.cell(fitting(content, self.name))
        self.sheet.write_url(row, column, f"internal:'{quoted}'!A1", self.styles(style), content)

    def print_setup(self, heading: int, paper: int) -> None:
        """Landscape, one page wide, the rows down to the heading on every page, the sheet's name at the foot."""
        self.sheet.set_landscape()
        self.sheet.set_paper(paper)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.repeat_rows(0, heading)
        # In a footer & begins a command, and a number after a size would belong to the size.
        title, page = (
            text.shown(words)[:80].replace("\n", " ").replace("&", "&&\u200b")
            for words in (self.book.title, self.book.words["page"])
        )
        self.sheet.set_footer(f"&L&8 {title}&C&8 &A&R&8 {page} &P / &N")


def _lines(content: str, width: int) -> int:
    """How many lines a text takes in a column so many digits wide: of letters, a quarter more stand in it."""
    return sum(max(1, len(wrap(line, max(1, width * 5 // 4)))) for line in content.split("\n"))

"""What a book may not hold: faults of the program that made it, found before anything is written."""

from collections.abc import Iterator
from itertools import pairwise

from nps_exchange.formats.workbook.records import WORDS, Block, Book, Line, Page
from nps_exchange.formats.workbook.text import CELL_LIMIT, number, shown, units

FORBIDDEN_IN_NAMES = set("[]:*?/\\")
RESERVED_NAME = "history"
"""The name that Excel keeps for itself."""


def refuse(book: Book) -> None:
    """Let nothing through that would stand in the workbook otherwise than it is meant.

    Raises:
        ValueError: what is wrong, and on which sheet.
    """
    for fault in _faults(book):
        raise ValueError(fault)


def _faults(book: Book) -> Iterator[str]:
    if missing := [word for word in WORDS if word not in book.words]:
        yield f"there is no word for: {', '.join(missing)}"
    if not book.dataset or shown(book.dataset) != book.dataset or "\n" in book.dataset:
        yield f"the dataset's id {book.dataset!r} is not one line of text"
    if not book.years or any(a >= b for a, b in pairwise(book.years)) or not 1000 <= min(book.years) <= 9999:
        yield "the years are not a row of rising years"
    if not book.codes or not all(map(_kept, book.codes)):
        yield "there are no key columns, or one has no name"
    seen: set[str] = set()
    names = [*(sheet.name for sheet in book.sheets), *(page.name for page in book.pages)]
    for name in (book.words["contents"], *names):
        if not _is_name(name) or name.lower() in seen:
            yield f"the sheet name {name!r} is too long, not allowed in a workbook, or stands twice"
        seen.add(name.lower())
    for sheet in book.sheets:
        for block in sheet.blocks:
            yield from (f"sheet {sheet.name!r}, {block.title!r}: {fault}" for fault in _in_block(book, block))
    for page in book.pages:
        yield from (f"sheet {page.name!r}: {fault}" for fault in _in_page(page))


def _kept(text: str) -> bool:
    """Whether a text that will be read back is there, and comes back as it is."""
    return text != "" and shown(text) == text


def _is_name(name: str) -> bool:
    apostrophe = name.startswith("'") or name.endswith("'")
    fits = 0 < units(name) <= 31 and name.lower() != RESERVED_NAME
    return fits and not apostrophe and name.isprintable() and not set(name) & FORBIDDEN_IN_NAMES


def _in_block(book: Book, block: Block) -> Iterator[str]:
    for position, line in enumerate(block.lines):
        where = " ".join(line.codes)
        if len(line.codes) != len(book.codes) or not all(map(_kept, line.codes)):
            yield f"{line.codes} are not codes of {book.codes}"
        for check in line.checks:
            parts = set(check.parts)
            known = parts <= set(range(len(block.lines))) - {position}
            if not parts or len(parts) < len(check.parts) or not known:
                yield f"{where}: the check {check.label!r} has parts that are not lines of the block, once each"
        # A line of words in its first year is read as one that is not reported; a number there is a figure.
        if line.remark and not line.figures and not any(map(str.isalpha, shown(line.remark))):
            yield f"{where}: the remark {line.remark!r} has no letters"
        yield from (f"{where} {fault}" for fault in _in_line(book, line))


def _in_line(book: Book, line: Line) -> Iterator[str]:
    for year, figure in line.figures.items():
        if year not in book.years:
            yield f"{year}: not one of the years"
        if shown(figure.flags) != figure.flags:
            yield f"{year}: the flags {figure.flags!r} cannot be written"
        if figure.value:
            try:
                number(figure.value)
            except ValueError as error:
                yield f"{year}: {error}"


def _in_page(page: Page) -> Iterator[str]:
    if len(page.widths) != len(page.columns) or any(len(row) != len(page.columns) for row in page.rows):
        yield "its rows or widths are not as many as its columns"


def fitting(text: str, sheet: str) -> str:
    """The text as it will be shown in a cell.

    Raises:
        ValueError: a cell cannot hold so much.
    """
    text = shown(text)
    if units(text) > CELL_LIMIT:
        raise ValueError(f"sheet {sheet!r}: a text of {units(text)} characters; a cell holds {CELL_LIMIT}")
    return text

"""What a questionnaire workbook holds: figures in lines, lines in blocks, blocks on sheets, and pages of text."""

from dataclasses import dataclass, field

from nps_exchange.model import Place

WORDS: dict[str, str] = {
    "contents": "name of the front sheet, and of the links back to it",
    "flags": "front sheet: heading above the flags and their meanings",
    "sheets": "front sheet: heading above the list of sheets",
    "sheet": "front sheet: column of sheet names",
    "about": "front sheet: column of sheet titles",
    "figures": "front sheet: column of how many figures a sheet holds",
    "differences": "front sheet: column of how many checks on a sheet do not come to 0",
    "reading": "front sheet: heading above how to read the sheets",
    "how_to_read": "front sheet: what flags, comments, grey lines and check rows are; lines are kept",
    "variable": "heading of the column of labels",
    "flag": "heading of the narrow columns of flags; four letters fit",
    "page": "footer: the word before the page number",
}
"""The words that the writer needs, in the reader's language, and where each of them stands."""

CHECK = "Δ "
"""What the label of a check row begins with: so a row without codes is known from one that has lost them."""

LAYOUT = "nps_exchange workbook 1"
"""The name of this layout; it stands on the front sheet before the dataset's id, and goes up if the layout changes."""

ROUNDING = 6
"""Decimals to which a check is rounded: those that a value may carry, and none of the binary fractions' noise."""


@dataclass(frozen=True)
class Figure:
    """One figure: `value` is an exact decimal as text, empty where there is a flag but no value."""

    value: str
    flags: str = ""
    note: str = ""


@dataclass(frozen=True)
class Check:
    """A row below a line, that shows its value less the sum of other lines of the block.

    `parts` are positions in the block's lines. A year gets a number only where the line and all
    parts have a value.
    """

    label: str
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """One variable: its codes in the order of the book's, and a figure for each year that has one.

    `remark` is shown in grey where there are no figures ("not reported"), else as a comment on the
    label. The checks of a line without figures are left out.
    """

    codes: tuple[str, ...]
    label: str
    figures: dict[int, Figure] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Block:
    """Lines of one unit ("Number of persons"), shown with so many decimals; -1 shows those that there are."""

    title: str
    lines: tuple[Line, ...]
    decimals: int


@dataclass(frozen=True)
class Sheet:
    """A group of variables: what its tab says, what its first row says, and its blocks."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A sheet of text in columns: what is not reported and why; sources and methods."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Book:
    """A whole workbook.

    `dataset` is the id by which the program knows it again; `codes` are the names of the key
    columns; `words` has a word for each of `WORDS`; `facts` and `legend` stand on the front sheet,
    as pairs; `prepared` is an ISO date or moment; `test` is a notice for every sheet, or empty.
    """

    title: str
    dataset: str
    codes: tuple[str, ...]
    words: dict[str, str]
    facts: tuple[tuple[str, str], ...]
    legend: tuple[tuple[str, str], ...]
    years: tuple[int, ...]
    sheets: tuple[Sheet, ...]
    pages: tuple[Page, ...]
    prepared: str
    test: str = ""


@dataclass(frozen=True)
class Shown:
    """A figure as a workbook shows it, with the codes of its line, its year, and its cell. Notes are not read."""

    codes: tuple[str, ...]
    year: int
    figure: Figure
    place: Place


@dataclass(frozen=True)
class Reading:
    """What a workbook says it is (`dataset`), the names of its key columns, and all figures, in its order."""

    dataset: str
    codes: tuple[str, ...]
    figures: tuple[Shown, ...]

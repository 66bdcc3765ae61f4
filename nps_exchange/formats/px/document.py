"""What a PX file says: its statements, and the cells of its table row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


class Bare(str):
    """A value that stands without quotation marks: YES, a number, `TLIST(A1)`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bare) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"Bare({str.__repr__(self)})"


Value = str | tuple[str, str]
"""A value of a statement: text that stood in quotation marks (a line break in it is one), `Bare`, or a pair of texts
with a colon between them (HIERARCHIES: a parent and its child)."""


@dataclass(frozen=True)
class Statement:
    """`KEYWORD[language]("key", ...)=values;` with the line it begins on; equal where they say the same.

    `keyword` is in capitals. `language` is "" where none stands: then it is that of LANGUAGE. A text of several
    quoted pieces is one value.
    """

    keyword: str
    values: tuple[Value, ...]
    language: str = ""
    keys: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """Its first value, if it is text, whether in quotation marks or not; else ""."""
        return next((str(value) for value in self.values[:1] if isinstance(value, str)), "")


@dataclass(frozen=True)
class Px:
    """A PX file: statements (all but DATA), and rows of cells.

    `statements` stand in the recommended order, those of one keyword as in the file; keywords that the specification
    does not know stand behind the others. `rows` may be read once only: one row for each combination of the
    values of the STUB variables, the last of them fastest, each with a cell for each combination of the HEADING's. A
    cell is text: a number as it was written, or a symbol without its quotation marks (`.` to `.......`, `-`).
    """

    statements: tuple[Statement, ...]
    rows: Iterable[Sequence[str]]

    def first(self, keyword: str, language: str = "") -> Statement | None:
        """The first statement of a keyword without keys, in a language as it is written there."""
        named = (one for one in self.statements if one.keyword == keyword and not one.keys)
        return next((one for one in named if one.language == language), None)

"""The observations of one series, as they stand in a message: what they share, what each has, and its line."""

from typing import Any

from nps_exchange.formats.table import Cell

LINES_COUNTED = 65535
"""libxml2 keeps the line of an element in two bytes."""


class Block:
    """Observations of one series: the cells that they share, and the elements that hold the cells of each.

    A series has several blocks where it is long, or where another interrupts it. `holder` is its element, None in the
    flat form. What is to be known of a block must be asked before the next one is.

    `irregular` are the rows that have not just the attributes of `own`, once the rows have been asked for.
    """

    __slots__ = ("_ends", "_lines", "_rows", "elements", "holder", "irregular", "own", "shared")

    def __init__(
        self,
        shared: tuple[Cell, ...],
        own: tuple[str, ...],
        holder: Any,
        elements: list[Any],
        ends: int,
        lines: list[int] | None = None,
    ) -> None:
        """`ends` is the line in which what follows the observations begins."""
        self.shared, self.own, self.holder, self.elements, self._ends = shared, own, holder, elements, ends
        self._lines = lines
        self.irregular: list[int] = []
        self._rows: list[tuple[Cell, ...]] | None = None

    def __len__(self) -> int:
        return len(self.elements)

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """The cells of each observation."""
        if self._rows is None:
            own, rows = [*self.own], []
            for row, element in enumerate(self.elements):
                if element.keys() == own:  # as most are; to ask for each attribute takes longer
                    rows.append(tuple(element.values()))
                else:
                    rows.append(tuple([element.get(name) for name in own]))
                    self.irregular.append(row)
            self._rows = rows
        return self._rows

    def column(self, name: str) -> tuple[Cell, ...]:
        """The cells of one name."""
        return tuple([element.get(name) for element in self.elements])

    def line(self, row: int) -> int:
        """The line of the file that an observation stands in."""
        if self._lines is None:
            counted = self._ends >= LINES_COUNTED
            self._lines = self._from_the_end() if counted else [one.sourceline for one in self.elements]
        return self._lines[row]

    @property
    def first_line(self) -> int:
        """The line in which the series begins, as far as it is known; else that of its first observation here."""
        if self.holder is None:
            return self.line(0) if self.elements else self._ends
        return int(self.holder.sourceline) if self._ends < LINES_COUNTED else self._ends - line_ends(self.holder)

    def _from_the_end(self) -> list[int]:
        """The lines, counted backwards by the line ends between observations: libxml2 does not know them."""
        line, found = self._ends, []
        for element in reversed(self.elements):
            if behind := element.tail:
                line -= behind.count("\n")
            if len(element) or element.text:
                line -= line_ends(element)
            found.append(line)
        return found[::-1]


def line_ends(element: Any) -> int:
    """How many line ends there are between the beginning of an element and its end."""
    return sum(text.count("\n") for text in element.itertext())

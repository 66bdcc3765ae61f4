"""The text of a PX head while it is read: where one is in it, where statements seem to begin, what is wrong."""

import re
from array import array
from bisect import bisect_left
from dataclasses import replace

from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.px_keywords import keywords

SNIPPET = 40

BLANK = r"[ \t\n\f\v\xa0\ufeff]"
BLANKS = re.compile(rf"{BLANK}*+")
BEGINNING = re.compile(
    r"(?:^|(?<=;))[ \t]*+(?=([A-Z][A-Z0-9-]++)[ \t]*+(?:\[[^\]\n]{0,20}\][ \t]*+)?+"
    r'(=[ \t]*+"?|\((?:[ \t]*+"[^"\n]*+"[ \t]*+,?){1,20}+\)[ \t]*+[\[=]))',
    re.MULTILINE,
)


class Text:
    """A text, the place reached in it, and its faults.

    `begin` is where the statement begins that is being read; `column` names it in its faults.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at, self.begin, self.column = text, 0, 0, ""
        self.known = keywords()
        self.broken = 0
        self.faults: list[Finding] = []
        self._told: dict[str, list[int]] = {}
        self._ends = array("Q", (match.start() for match in re.finditer("\n", text)))
        self._beginnings, self._lines = array("Q"), array("Q")
        for match in BEGINNING.finditer(text):
            self._beginnings.append(match.end())
            at_line = match.start() == 0 or text[match.start() - 1] == "\n"
            # Within a text that runs over several lines a line may look like a statement: only what is known does.
            if at_line and (match[1] in self.known or match[2] != "="):
                self._lines.append(match.end())

    def next(self) -> str:
        """Go to the next character that is not blank: which it is, "" at the end."""
        character = self.text[self.at : self.at + 1]
        if "!" <= character <= "~":  # most are, and to see that is faster
            return character
        self.at = self.behind_blanks(self.at)
        return self.text[self.at : self.at + 1]

    def behind_blanks(self, at: int) -> int:
        """The first place from here that is not blank."""
        match = BLANKS.match(self.text, at)
        return match.end() if match else at

    def line(self, at: int) -> int:
        """The line of a place, from 1."""
        return bisect_left(self._ends, at) + 1

    def begins(self, at: int) -> bool:
        """Whether a statement seems to begin here, on a line of its own."""
        return at < len(self.text) and self._from(self._lines, at) == at

    def next_line_beginning(self, at: int) -> int:
        """Where from this place on a statement begins on a line of its own; the end where none does."""
        return self._from(self._lines, at)

    def next_beginning(self, at: int) -> int:
        """Where from this place on a statement seems to begin; the end where none does."""
        return self._from(self._beginnings, at)

    def tell(self, rule: str, at: int, found: str | None = None, count: int = 1) -> None:
        """Remember a fault; of one rule only some are told each, the others are counted with the last of them.

        `found` is what stands there, unless something else is said.
        """
        told = self._told.setdefault(rule, [])
        if len(told) >= EXAMPLES_SHOWN:
            last = self.faults[told[-1]]
            self.faults[told[-1]] = replace(last, count=last.count + count)
            return
        if found is None:
            found = self.text[at : at + SNIPPET].partition("\n")[0].strip()
        told.append(len(self.faults))
        self.faults.append(Finding(rule, Place(row=self.line(at), column=self.column), {"found": found}, count))

    def _from(self, places: "array[int]", at: int) -> int:
        place = bisect_left(places, at)
        return places[place] if place < len(places) else len(self.text)

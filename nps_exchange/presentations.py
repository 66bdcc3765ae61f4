"""How a dataset is laid out for people: as a questionnaire workbook, as a PX table. Made from data, never code."""

from dataclasses import dataclass

ABSENT, CONFIDENTIAL = "absent", "confidential"
"""What a symbol of a PX table may stand for, beside a status: no figure, and one that may not be shown."""


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet of the workbook: the groups of variables on it."""

    name: str
    title: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class WorkbookCheck:
    """A total and its parts, as codes of the column of lines, within one block."""

    block: str
    total: str
    parts: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class Workbook:
    """The layout of a questionnaire workbook: which coded column goes down, and which makes blocks."""

    name: str
    lines: str
    blocks: str
    sheets: tuple[WorkbookSheet, ...]
    checks: tuple[WorkbookCheck, ...]
    title: str
    facts: dict[str, str]
    pages: dict[str, str]


@dataclass(frozen=True)
class PxSymbol:
    """What stands in place of a figure: for `absent`, `confidential`, or a status of ours; its text by language."""

    what: str
    symbol: str
    text: dict[str, str]


@dataclass(frozen=True)
class PxTable:
    """The layout of a PX table: its languages, the default one first, and which columns go down and across.

    `keywords` holds what the statements of the table as a whole say, by keyword: one text, or one a language.
    """

    name: str
    languages: tuple[str, ...]
    stub: tuple[str, ...]
    heading: tuple[str, ...]
    keywords: dict[str, dict[str, str]]
    symbols: tuple[PxSymbol, ...]

    def symbol(self, what: str) -> str:
        """What stands for something; for what has no symbol of its own, that of what is absent."""
        symbols = {one.what: one.symbol for one in self.symbols}
        return symbols.get(what, symbols[ABSENT])

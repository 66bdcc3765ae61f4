"""The questionnaire as a workbook: a sheet for each group of variables, made to be read by people.

What the official template looks like is not public; this layout is our own. `encode` writes a
`Book`, `decode` gives back the figures that the file shows.
"""

from nps_exchange.formats.workbook.reading import decode, is_ours
from nps_exchange.formats.workbook.records import (
    WORDS,
    Block,
    Book,
    Check,
    Figure,
    Line,
    Page,
    Reading,
    Sheet,
    Shown,
)
from nps_exchange.formats.workbook.writing import encode

__all__ = [
    "WORDS",
    "Block",
    "Book",
    "Check",
    "Figure",
    "Line",
    "Page",
    "Reading",
    "Sheet",
    "Shown",
    "decode",
    "encode",
    "is_ours",
]

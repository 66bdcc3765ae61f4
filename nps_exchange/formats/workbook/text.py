"""Text and numbers as an .xlsx file can carry them: nothing lost in silence, nothing taken for something else."""

import re
from decimal import Decimal
from html import escape

CELL_LIMIT, COMMENT_LIMIT = 32_767, 32_000
"""How many UTF-16 units Excel takes in a cell; and what we put in a comment."""

_UNCARRIED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")

# Excel keeps characters as _xHHHH_, so of a text that looks so the first underscore is kept as _x005F_.
# xlsxwriter sees to that, but not where two such texts share an underscore.
_SHARED_UNDERSCORE = re.compile("(_x[0-9a-fA-F]{4}_)(?=x[0-9a-fA-F]{4}_)")


def shown(text: str) -> str:
    """A text as the workbook shows it; nearly always the same.

    Control characters become their pictures (U+2400…), what is no character U+FFFD, and all line
    ends line feeds. A space without width parts what would be read as a character by its number.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNCARRIED.sub(lambda found: _picture(ord(found[0])), text)
    return _SHARED_UNDERSCORE.sub("\\1\u200b", text)


def _picture(code: int) -> str:
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def units(text: str) -> int:
    """The length of a text as Excel counts it: characters beyond U+FFFF are two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cell(text: str) -> str:
    """A shown text as xlsxwriter's `write_string` must be given it.

    xlsxwriter takes what stands between <r> and </r> for XML of its own making and writes it
    unescaped. A text that looks so is therefore given as just that: rich text in one run.
    """
    if text.startswith("<r>") and text.endswith("</r>"):
        return f'<r><t xml:space="preserve">{escape(text, quote=False)}</t></r>'
    return text


def comment(text: str) -> str:
    """A text as a comment shows it: cut where it is longer than Excel takes."""
    text = shown(text)
    if units(text) > COMMENT_LIMIT:
        text = text.encode("utf-16-le")[: 2 * (COMMENT_LIMIT - 2)].decode("utf-16-le", "ignore") + " …"
    return text


def number(value: str) -> Decimal:
    """An exact decimal as the number that the file will hold.

    It stays a decimal, so that the file says 78.07: of a binary fraction xlsxwriter writes 16 digits,
    and 78.06999999999999 is the same number to a program, but not to whoever looks into the file.

    Raises:
        ValueError: it is no decimal, or a cell cannot hold it exactly.
    """
    if not _DECIMAL.fullmatch(value):
        raise ValueError(f"{value!r} is no decimal")
    exact = Decimal(value)
    if not Decimal(repr(float(value))) == Decimal(f"{exact:.16G}") == exact:
        raise ValueError(f"{value} has more digits than a cell of a workbook can hold")
    return exact


def decimal(held: float) -> str:
    """The shortest decimal that a number stands for; whole numbers have no decimals."""
    text = format(Decimal(repr(held)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

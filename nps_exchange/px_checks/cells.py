"""What can be wrong with the cells of a PX file: how many there are, their decimals, symbols that nobody explains."""

import re
from math import prod

from nps_exchange.errors import InputRefused
from nps_exchange.formats.px.cube import CubeFault, cube, symbols
from nps_exchange.model import Finding, Place
from nps_exchange.px_checks.head import Head, whole_number
from nps_exchange.px_keywords import DATA
from nps_exchange.tally import shown

AT_ONCE = 8192
"""Cells looked at together: a table without STUB is one row of all its cells."""

SYMBOLS = {"-": "DATASYMBOLNIL", "." * 7: "DATASYMBOLSUM"} | {"." * dots: f"DATASYMBOL{dots}" for dots in range(1, 7)}
"""The keyword with the text of each symbol."""


def check(head: Head) -> list[Finding]:
    """Read all cells, as far as they can be read."""
    if not head.reading.data_line or (head.reading.keyed and not _is_known(head)):
        return []
    decimals = _decimals(head)
    # Zeros at the end are none too many: nothing is lost with them.
    more = re.compile(rf"(?<![0-9])[0-9]*+\.[0-9]{{{decimals}}}[0-9]*[1-9]" if decimals is not None else r"(?!)")
    met: set[str] = set()
    cells, longer, example = 0, 0, ""
    try:
        for row in head.reading.rows(AT_ONCE):
            cells += len(row)
            text = " ".join(row)
            if "." not in text and "-" not in text:
                continue
            met.update(SYMBOLS.keys() & set(row))
            if found := more.findall(text):
                longer, example = longer + len(found), example or found[0]
    except InputRefused as refused:
        return list(refused.findings)
    found = [*_number(head, cells), *_unexplained(head, met), *(_unquoted(head) if met else ())]
    if longer:
        values = {"decimals": decimals, "found": shown(example)}
        found.append(Finding("px-decimals-more", Place(row=head.reading.data_line, column=DATA), values, longer))
    return found


def _is_known(head: Head) -> bool:
    """Whether it is known which table the keys of rows are of; if not, its statements are told to be wrong."""
    try:
        cube(head.statements)
    except CubeFault:
        return False
    return head.sizes is not None


def _decimals(head: Head) -> int | None:
    """How many decimals cells may have: those of DECIMALS, or of a PRECISION beyond."""
    decimals = head.number("DECIMALS")
    precisions = [whole_number(one.text) or 0 for one in head.of("PRECISION")]
    return None if decimals is None else max([decimals, *precisions])


def _number(head: Head, cells: int) -> list[Finding]:
    if head.sizes is None or cells == (expected := prod(head.sizes)):
        return []
    _, line = head.reading.number()
    variables = zip(head.variables[""] or (), head.sizes, strict=True)
    sizes = " × ".join(f"{shown(variable.name)} {size}" for variable, size in variables)
    return [
        Finding("px-cells-number", Place(row=line, column=DATA), {"found": cells, "expected": expected, "sizes": sizes})
    ]


def _unquoted(head: Head) -> list[Finding]:
    """Statistics Sweden's parser takes such symbols, others do not."""
    number, line, symbol = head.reading.unquoted()
    if not number:
        return []
    return [Finding("px-cell-unquoted", Place(row=line, column=DATA), {"found": symbol}, number)]


def _unexplained(head: Head, met: set[str]) -> list[Finding]:
    explained = symbols(head.statements)
    return [
        Finding("px-symbol-unexplained", Place(column=DATA), {"symbol": f'"{symbol}"', "keyword": SYMBOLS[symbol]})
        for symbol in sorted(met - explained.keys())
    ]

"""What can be wrong with a PX file: the rules of Statistics Sweden's parser, and of the specification behind it.

What the parser refuses, or would lose, is an error. What it takes all the same is a warning, and so is what Statistics
Finland's validator alone refuses; files that Statistics Sweden publishes as good have no errors.

Source: PX-file format specification, Statistics Sweden, 2013; messages of PCAxis.Core; Px.Utils 1.4.
"""

from dataclasses import replace

from nps_exchange.formats.px.pages import CODEPAGE
from nps_exchange.formats.px.reading import Reading
from nps_exchange.formats.px.statements import LONGEST_LINE
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.px_checks import (
    advice,
    cells,
    hierarchies,
    keys,
    languages,
    numbers,
    order,
    parser,
    statements,
    tables,
    times,
)
from nps_exchange.px_checks.head import LONGEST_TOLD, Head
from nps_exchange.px_keywords import DATA
from nps_exchange.tally import Tally, shown

CHECKS = (
    statements.check,
    tables.check,
    keys.check,
    numbers.check,
    times.check,
    hierarchies.check,
    languages.check,
    order.check,
)


def check(reading: Reading) -> list[Finding]:
    """Everything that is wrong with a PX file, each with the code of Statistics Sweden's parser where it has one."""
    found = [*reading.faults, *_of_the_file(reading)]
    # Where reading was given up, what seems to be missing may stand below.
    if not any(finding.rule == "px-head-given-up" for finding in found):
        head = Head(reading)
        found += [head.endless] if head.endless else _of_the_head(head)
    return [_printable(finding) for finding in parser.marked(found)]


def _of_the_head(head: Head) -> list[Finding]:
    """What is wrong with the statements and the cells under them."""
    tally = Tally(lambda row, column: Place(row=row or None, column=column))
    for one in CHECKS:
        one(head, tally)
    return [*tally.findings(), *cells.check(head), *advice.advise(head)]


def _of_the_file(reading: Reading) -> list[Finding]:
    """What is wrong with the file rather than with a statement."""
    found = []
    if not reading.data_line:
        found.append(Finding("px-data-missing", Place(column=DATA)))
    if reading.long_lines:
        first, number = reading.long_lines[0], len(reading.long_lines)
        examples = tuple({"row": line} for line in reading.long_lines[:EXAMPLES_SHOWN])
        found.append(Finding("px-line-long", Place(row=first), {"longest": LONGEST_LINE}, number, examples))
    if reading.keyed:
        found.append(Finding("px-keys-form", Place(column="KEYS")))
    if reading.page.lies:
        values = {"declared": shown(reading.page.declared), "page": reading.page.name}
        line = next((one.line for one in reading.statements if one.keyword == CODEPAGE), None)
        found.append(Finding("px-codepage-lies", Place(row=line, column=CODEPAGE), values))
    return found


def _printable(finding: Finding) -> Finding:
    """A finding with what stands in the file so that it can be shown."""
    told = finding.values.items()
    values = {name: shown(value, LONGEST_TOLD) if isinstance(value, str) else value for name, value in told}
    return replace(finding, place=replace(finding.place, column=shown(finding.place.column)), values=values)

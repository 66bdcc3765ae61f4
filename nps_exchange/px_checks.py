"""What can be wrong with a PX file: the rules of Statistics Sweden's parser, and of the specification behind it.

What the parser refuses, or would lose, is an error. What it takes all the same is a warning, and so is what Statistics
Finland's validator alone refuses; files that Statistics Sweden publishes as good have no errors.

Source: PX-file format specification, Statistics Sweden, 2013; messages of PCAxis.Core; Px.Utils 1.4.
"""

from nps_exchange import (
    px_advice,
    px_cell_checks,
    px_hierarchy_checks,
    px_key_checks,
    px_language_checks,
    px_number_checks,
    px_order_checks,
    px_parser,
    px_statement_checks,
    px_table_checks,
    px_time_checks,
)
from nps_exchange.formats.px.keywords import DATA
from nps_exchange.formats.px.reading import Reading
from nps_exchange.formats.px.statements import LONGEST_LINE
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.px_head import Head
from nps_exchange.tally import Tally, shown

CHECKS = (
    px_statement_checks.check,
    px_table_checks.check,
    px_key_checks.check,
    px_number_checks.check,
    px_time_checks.check,
    px_hierarchy_checks.check,
    px_language_checks.check,
    px_order_checks.check,
)


def check(reading: Reading) -> list[Finding]:
    """Everything that is wrong with a PX file, each with the code of Statistics Sweden's parser where it has one."""
    head = Head(reading)
    tally = Tally(lambda row, column: Place(row=row or None, column=column))
    for one in CHECKS:
        one(head, tally)
    found = [*reading.faults, *_of_the_file(reading), *tally.findings(), *px_cell_checks.check(head)]
    return px_parser.marked([*found, *px_advice.advise(head)])


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
        found.append(Finding("px-codepage-lies", Place(column="CODEPAGE"), values))
    return found

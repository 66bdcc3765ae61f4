"""A sheet of figures: variables down, years across, flags beside the values, checks below the totals."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from nps_exchange.formats.workbook.canvas import A3, A4, Canvas
from nps_exchange.formats.workbook.records import CHECK, ROUNDING, Block, Check, Line, Sheet
from nps_exchange.formats.workbook.styles import number_format
from nps_exchange.formats.workbook.text import number
from nps_exchange.model import column_letter

LABEL_WIDTH = (28, 46)
YEARS_ON_A4 = 12
# Wide enough for any two numbers that a cell can hold, so that a difference is exact.
EXACT = Context(prec=1000)


@dataclass
class Tally:
    """How many figures a sheet holds, and how many of its checks do not come to 0."""

    figures: int = 0
    differences: int = 0


class Grid:
    """The writer of one sheet of figures."""

    def __init__(self, canvas: Canvas, sheet: Sheet) -> None:
        self.canvas, self.sheet, self.book = canvas, sheet, canvas.book
        self.label = len(self.book.codes)
        self.columns = {year: self.label + 1 + 2 * i for i, year in enumerate(self.book.years)}
        self.last = self.label + 2 * len(self.book.years)
        least, most = LABEL_WIDTH
        labels = [line.label for block in sheet.blocks for line in block.lines]
        self.label_width = _within(least, labels, most)
        self.tally = Tally()

    def write(self) -> Tally:
        """Write all of it."""
        heading = self.canvas.head(self.sheet.title, self.last + 1, min(2, self.label))
        self._heading(heading)
        row = heading + 1
        for block in self.sheet.blocks:
            row = self._block(block, row)
        self._widths()
        self.canvas.sheet.freeze_panes(heading + 1, self.label + 1)
        self.canvas.print_setup(heading, A4 if len(self.book.years) <= YEARS_ON_A4 else A3)
        # Codes of digits are text, and a check need not take in the row beside it: no green corners for that.
        everything = f"A1:{column_letter(self.last)}{row + 1}"
        self.canvas.sheet.ignore_errors({"number_stored_as_text": everything, "formula_range": everything})
        return self.tally

    def _heading(self, row: int) -> None:
        self.canvas.sheet.set_row(row, 18)
        for column, name in enumerate((*self.book.codes, self.book.words["variable"])):
            self.canvas.text(row, column, name, "heading")
        for year, column in self.columns.items():
            self.canvas.sheet.write_number(row, column, year, self.canvas.styles("heading year"))
            self.canvas.text(row, column + 1, self.book.words["flag"], "heading flag")

    def _block(self, block: Block, row: int) -> int:
        """Write a block from a row on; gives the next free one."""
        self.canvas.sheet.set_row(row, 18)
        self.canvas.text(row, 0, block.title, "block")
        self.canvas.fill(row, 1, self.last, "block")
        row += 1
        rows = []
        for line in block.lines:
            rows.append(row)
            row += 1 + len(_checks(line))
        for line, at in zip(block.lines, rows, strict=True):
            self._line(line, at, block.decimals)
            for i, check in enumerate(_checks(line), 1):
                self._check(check, at + i, block, line, at, [rows[part] for part in check.parts])
        return row

    def _line(self, line: Line, row: int, decimals: int) -> None:
        canvas = self.canvas
        for column, code in enumerate(line.codes):
            canvas.text(row, column, code, "code")
        kind = " absent" if not line.figures else " total" if line.checks else ""
        canvas.text(row, self.label, line.label, "label" + kind)
        canvas.tall(row, [line.label], [self.label_width])
        if not line.figures:
            canvas.fill(row, self.label + 1, self.last, "value absent")
            if line.remark:
                canvas.text(row, self.label + 1, line.remark, "value absent")
            return
        if line.remark:
            canvas.note(row, self.label, line.remark)
        style = canvas.styles("value" + kind, number_format(decimals))
        for year, column in self.columns.items():
            figure = line.figures.get(year)
            if figure is None:
                canvas.sheet.write_blank(row, column, None, style)
                canvas.fill(row, column + 1, column + 1, "flag")
                continue
            if figure.value:
                canvas.sheet.write_number(row, column, number(figure.value), style)
            else:
                canvas.sheet.write_blank(row, column, None, style)
            canvas.text(row, column + 1, figure.flags, "flag")
            if figure.note:
                canvas.note(row, column, figure.note)
            self.tally.figures += bool(figure.value or figure.flags)

    def _check(self, check: Check, row: int, block: Block, line: Line, total: int, parts: list[int]) -> None:
        """A row of formulas, each with the result that a spreadsheet program will come to."""
        canvas = self.canvas
        canvas.fill(row, 0, self.label - 1, "check label")
        canvas.text(row, self.label, CHECK + check.label, "check label")
        canvas.tall(row, [check.label], [self.label_width])
        style = canvas.styles("check", number_format(block.decimals, signed=True))
        ranges = list(_ranges(parts))
        for year, column in self.columns.items():
            letter = column_letter(column)
            summed = ",".join(f"{letter}{a}:{letter}{b}" if a < b else f"{letter}{a}" for a, b in ranges)
            whole = f"{letter}{total + 1}"
            present = f"COUNT({whole},{summed})={len(parts) + 1}"
            formula = f'=IF({present},ROUND({whole}-SUM({summed}),{ROUNDING}),"")'
            result = _difference(line, [block.lines[part] for part in check.parts], year)
            self.tally.differences += bool(result)
            canvas.sheet.write_formula(row, column, formula, style, "" if result is None else _plain(result))
            canvas.fill(row, column + 1, column + 1, "flag")
        first = f"{column_letter(self.label + 1)}{row + 1}"
        # A formula, because to compare a cell with 0 would colour the empty ones too.
        rule = {"type": "formula", "criteria": f"=AND(ISNUMBER({first}),{first}<>0)"}
        canvas.sheet.conditional_format(
            row, self.label + 1, row, self.last, rule | {"format": canvas.styles("difference")}
        )

    def _widths(self) -> None:
        sheet, lines = self.canvas.sheet, [line for block in self.sheet.blocks for line in block.lines]
        for column, name in enumerate(self.book.codes):
            sheet.set_column(column, column, _within(9, [name, *(line.codes[column] for line in lines)], 24))
        sheet.set_column(self.label, self.label, self.label_width)
        figures = [figure for line in lines for figure in line.figures.values()]
        values = [
            _as_shown(f.value, b.decimals) for b in self.sheet.blocks for n in b.lines for f in n.figures.values()
        ]
        value, flag = _within(7, values, 24), _within(4, [figure.flags for figure in figures], 12)
        for column in self.columns.values():
            sheet.set_column(column, column, value)
            sheet.set_column(column + 1, column + 1, flag)


def _checks(line: Line) -> tuple[Check, ...]:
    return line.checks if line.figures else ()


def _ranges(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Rows counted from 0 as runs of neighbours, first and last counted from 1."""
    rows = sorted(rows)
    start = rows[0]
    for row, following in zip(rows, [*rows[1:], -1], strict=True):
        if following != row + 1:
            yield start + 1, row + 1
            start = following


def _difference(line: Line, parts: list[Line], year: int) -> Decimal | None:
    """What a check comes to in a year, or None where a value is wanting."""
    values = [of.figures[year].value if year in of.figures else "" for of in (line, *parts)]
    if not all(values):
        return None
    whole, *summed = map(Decimal, values)
    for value in summed:
        whole = EXACT.subtract(whole, value)
    return whole.quantize(Decimal(1).scaleb(-ROUNDING), ROUND_HALF_UP, EXACT)


def _plain(result: Decimal) -> float | int:
    return int(result) if result == result.to_integral_value() else float(result)


def _as_shown(value: str, decimals: int) -> str:
    return value if decimals < 0 or not value else f"{Decimal(value):,.{decimals}f}"


def _within(least: int, texts: list[str], most: int) -> int:
    """A column width in characters: that of the longest text, but neither less nor more than this."""
    return min(max(least, max((len(text) for text in texts), default=0) + 1), most)

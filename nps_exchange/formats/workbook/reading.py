"""From an .xlsx file back to figures, by what its sheets show; what cannot be trusted is refused, not skipped."""

import zipfile
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any, TypeGuard

from nps_exchange import error_cells
from nps_exchange.errors import InputRefused
from nps_exchange.formats.workbook.records import CHECK, LAYOUT, Figure, Reading, Shown
from nps_exchange.formats.workbook.text import decimal
from nps_exchange.model import Finding, Place, column_letter

Cells = list[Any]
"""A row as calamine gives it: text, numbers, and "" for an empty cell."""


def is_ours(path: Path) -> str:
    """The id of the dataset that a workbook of ours holds, or "" for any other file."""
    try:
        with _Opened(path) as opened:
            return opened.dataset()
    except InputRefused:
        return ""


def decode(path: Path) -> Reading:
    """Read the figures of a workbook of ours back, as anybody who opens it sees them.

    Which sheets hold figures stands on the front sheet; check rows are passed over. Notes are not
    read.

    Raises:
        InputRefused: `file-broken`, with the cell: not a workbook of ours, a sheet that the front
            sheet lists is not there, headings that are not there or differ, a value that is no
            number, figures without codes.
    """
    with _Opened(path) as opened:
        dataset = opened.dataset()
        if not dataset:
            raise InputRefused(Finding("workbook-not-ours", Place(path.name)))
        opened.refuse_errors()
        figures: list[Shown] = []
        codes: tuple[str, ...] = ()
        for name in opened.figure_sheets():
            sheet = _Sheet(opened, name)
            if codes and sheet.codes != codes:
                problem = f"the key columns are {', '.join(sheet.codes)}; on other sheets, {', '.join(codes)}"
                raise opened.broken(problem, name, sheet.heading)
            codes = sheet.codes
            figures += sheet.figures()
        return Reading(dataset, codes, tuple(figures))


class _Opened:
    """An open workbook, and the findings about it."""

    def __init__(self, path: Path) -> None:
        import python_calamine  # here, because most commands read no workbook and would wait for the import

        self._path = path
        self._errors = (python_calamine.CalamineError, ValueError)
        with path.open("rb"):  # a file that is not there or may not be read is another matter than a broken one
            pass
        self._error_cells = self._looked_through()
        try:
            self._workbook = python_calamine.load_workbook(path)
        except self._errors as error:
            raise self.broken(str(error)) from None

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._workbook.close()

    def broken(self, problem: str, sheet: str = "", row: int | None = None, column: int | None = None) -> InputRefused:
        """The finding, to be raised; row and column are counted from 0."""
        place = Place(
            self._path.name,
            sheet,
            None if row is None else row + 1,
            "" if column is None else column_letter(column),
        )
        return InputRefused(Finding("file-broken", place, {"problem": problem}))

    def _looked_through(self) -> error_cells.Errors:
        """What calamine does not tell, by sheet; at a sheet that is too large it would end the program."""
        if not zipfile.is_zipfile(self._path):
            raise InputRefused(Finding("file-truncated", Place(self._path.name)))
        try:
            return error_cells.find(self._path)
        except error_cells.TooLarge as far:
            place = Place(self._path.name, far.sheet, far.row, column_letter(far.column))
            raise InputRefused(Finding("sheet-too-large", place)) from None
        except error_cells.Unreadable as error:
            raise self.broken(str(error)) from None

    def refuse_errors(self) -> None:
        """A cell that holds an error (`#REF!`) would be read as empty, and a figure would be gone."""
        for sheet, found in self._error_cells.items():
            for row, column, error in found:
                if error:  # a formula without a result is a check that nobody has reckoned yet
                    raise self.broken(f"it holds {error} instead of a value", sheet, row - 1, column)

    def rows(self, name: str) -> list[Cells]:
        try:
            return self._workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except self._errors as error:
            raise self.broken(str(error), name) from None

    def _front(self) -> list[Cells]:
        names = self._workbook.sheet_names
        return self.rows(names[0]) if names else []

    def dataset(self) -> str:
        begins = f"{LAYOUT} · "
        for row in self._front():
            if isinstance(row[0], str) and row[0].startswith(begins):
                return row[0].removeprefix(begins)
        return ""

    def figure_sheets(self) -> list[str]:
        """The sheets that the front sheet lists with a number of figures; a page of text has none."""
        return [str(row[0]) for row in self._front() if len(row) > 2 and _is_number(row[2])]


class _Sheet:
    """A sheet of figures: its heading row, and what stands below."""

    def __init__(self, opened: _Opened, name: str) -> None:
        self.opened, self.name = opened, name
        self.rows = opened.rows(name)
        self.heading = next((i for i, row in enumerate(self.rows) if any(map(_is_year, row))), -1)
        if self.heading < 0:
            raise opened.broken("no row has years as headings", name)
        names = self.rows[self.heading]
        first = next(i for i, name in enumerate(names) if _is_year(name))
        self.label = first - 1
        self.codes = tuple(map(str, names[: self.label]))
        if not self.codes or not all(isinstance(name, str) and name for name in names[:first]):
            raise opened.broken("the headings of the codes and labels are not there", name, self.heading)
        self.years = self._years(names)

    def _years(self, names: Cells) -> dict[int, int]:
        """The column of each year's values; the column after it has the flags."""
        years: dict[int, int] = {}
        for column in range(self.label + 1, len(names)):
            beside = (column - self.label) % 2 == 0
            if _is_year(names[column]) == beside or int(names[column] if not beside else 0) in years:
                problem = f"{names[column]!r} is no heading for this column: each year once, and its flags beside it"
                raise self.opened.broken(problem, self.name, self.heading, column)
            if not beside:
                years[int(names[column])] = column
        return years

    def figures(self) -> Iterator[Shown]:
        for number, row in enumerate(self.rows[self.heading + 1 :], self.heading + 1):
            told = [column for column in range(self.label + 1, len(row)) if row[column] != ""]
            if not told or self._is_remark(row, told) or self._is_check(row):
                continue
            codes = tuple(_code(cell) for cell in row[: self.label])
            if not all(codes):
                raise self.opened.broken("figures whose codes are not there", self.name, number, codes.index(""))
            for year, column in self.years.items():
                figure = self._figure(row, number, column)
                if figure.value or figure.flags:
                    place = Place(sheet=self.name, row=number + 1, column=column_letter(column))
                    yield Shown(codes, year, figure, place)

    def _is_remark(self, row: Cells, told: list[int]) -> bool:
        """Whether all that a line says is words in its first year: why it is not reported."""
        first = self.label + 1
        return told == [first] and isinstance(row[first], str) and any(map(str.isalpha, row[first]))

    def _is_check(self, row: Cells) -> bool:
        without = all(cell == "" for cell in row[: self.label])
        return without and isinstance(row[self.label], str) and row[self.label].startswith(CHECK)

    def _figure(self, row: Cells, number: int, column: int) -> Figure:
        value, flags = row[column], row[column + 1] if column + 1 < len(row) else ""
        if value != "" and not _is_number(value):
            raise self.opened.broken(f"{value!r} is no number", self.name, number, column)
        if not isinstance(flags, str):
            raise self.opened.broken(f"{flags!r} is no flag", self.name, number, column + 1)
        return Figure("" if value == "" else decimal(value), flags)


def _is_number(cell: object) -> TypeGuard[float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell)


def _is_year(cell: object) -> bool:
    return _is_number(cell) and 1000 <= cell <= 9999 and cell == int(cell)


def _code(cell: object) -> str:
    return decimal(cell) if _is_number(cell) else str(cell)

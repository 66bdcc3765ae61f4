"""What can be wrong with one cell of a table of observations: a code, a flag, a period, a value."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nps_exchange import flags
from nps_exchange.formats.table import Cell
from nps_exchange.layouts import ATTRIBUTE, TEXT, Layout
from nps_exchange.mapping import FLAT, Column, component_of
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.structures import Codes
from nps_exchange.tally import Tally, shown

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_A_NUMBER = "NaN"
"""How SDMX writes a value that is missing; flat tables leave it empty."""

YEAR = re.compile(r"(19|20)[0-9]{2}")
PERIOD = re.compile(
    r"[0-9]{4}(-(A1|S[12]|T[123]|Q[1-4]|M(0[1-9]|1[0-2])|W(0[1-9]|[1-4][0-9]|5[0-3])|D[0-3][0-9]{2}"
    r"|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T[0-9:.]+(Z|[+-][0-9:]+)?)?)?))?"
)
"""A period as SDMX writes it: a year, a half, a term, a quarter, a month, a week, a day."""

YEARS, PERIODS = "2024 (1900–2099)", "2024, 2024-Q1, 2024-01"

VERIFIED = ("verified", "")
CODES_SHOWN, FEW = 20, 5
LONGEST_CODE = 40
"""Characters; nothing is compared with what is longer, which would take long and help nobody."""

Judge = Callable[[int, str | None], None]


@dataclass(frozen=True)
class Checked:
    """A column that is checked: where it stands, cells already known to be fine, and what is done with the others."""

    position: int
    fine: set[Cell]
    judge: Judge


@dataclass(frozen=True)
class Cells:
    """The checks of the cells of one table.

    `unverified` gathers codes that nobody has seen at their source; `older` flags as they were once written.
    """

    layout: Layout
    tally: Tally
    unverified: dict[str, set[str]] = field(default_factory=dict)
    older: dict[str, set[str]] = field(default_factory=dict)

    def checked(self, position: int, column: Column) -> Checked | None:
        """How a column is checked; None where anything may stand in it."""
        fine: set[Cell] = set()
        if column.holds == TEXT:
            return None
        if column.holds == "year":
            return Checked(position, fine, self._period(column.name, fine))
        if column.holds == "value":
            return Checked(position, fine, self._value(column.name))
        codes = codes_of(self.layout, column)
        if not is_mandatory(self.layout, column) or (column.holds == "obs_status" and self.layout.format == FLAT):
            if codes is None:
                return None
            fine |= {None, ""}
        judge = self._coded(column.name, codes, fine)
        if column.holds == "obs_status" and (self.layout.format == FLAT or self.layout.flags) and codes:
            judge = self._flags(column, codes, fine)
        return Checked(position, fine, judge)

    def _coded(self, name: str, codes: Codes | None, fine: set[Cell]) -> Judge:
        unknown = "code-unknown-in-part" if codes and codes.partial else "code-unknown"

        def judge(row: int, cell: Cell) -> None:
            if not cell:
                self.tally.add("field-empty", row, name, lambda: {"column": name})
            elif codes is None:
                return
            elif cell in codes.codes:
                fine.add(cell)
                if codes.codes[cell].status not in VERIFIED:
                    self.unverified.setdefault(name, set()).add(cell)
            else:
                rule = "code-spaced" if cell.strip() in codes.codes else unknown
                self.tally.add(rule, row, name, lambda: _about(cell, name, codes), cell)

        return judge

    def _flags(self, column: Column, codes: Codes, fine: set[Cell]) -> Judge:
        """Several flags in one field, as flat tables and older ones have them."""
        one = self._coded(column.name, codes, fine)

        def judge(row: int, cell: Cell) -> None:
            several = (cell or "").split(column.join) if column.join else list(cell or "")
            different = dict.fromkeys(several)
            if self.layout.flags:
                self.older.setdefault(column.name, set()).update(different)
            if len(different) < len(several):
                self.tally.add("flag-twice", row, column.name, lambda: {"flags": shown(cell)}, text=cell)
            for flag in different:
                one(row, flag)
            if len(different) == len(several) and fine.issuperset(several):
                fine.add(cell)

        return judge

    def _period(self, name: str, fine: set[Cell]) -> Judge:
        yearly = is_yearly(self.layout)
        pattern, form = (YEAR, YEARS) if yearly else (PERIOD, PERIODS)

        def judge(row: int, cell: Cell) -> None:
            if not cell:
                self.tally.add("field-empty", row, name, lambda: {"column": name})
            elif pattern.fullmatch(cell):
                fine.add(cell)
            else:
                values = {"column": name, "text": shown(cell), "form": form}
                self.tally.add("period-invalid", row, name, lambda: values, text=cell)

        return judge

    def _value(self, name: str) -> Judge:
        missing = (None, "") if self.layout.format == FLAT else (None, "", NOT_A_NUMBER)
        number = NUMBER.fullmatch

        def judge(row: int, cell: Cell) -> None:
            if cell in missing:
                self.tally.add("value-absent", row, name, dict)
            elif cell and not number(cell):
                self.tally.add("value-invalid", row, name, lambda: {"column": name, "text": shown(cell)}, text=cell)

        return judge

    def of_the_whole(self) -> list[Finding]:
        """What is worth knowing of the codes of each column, once all rows have been seen."""
        found = []
        for name, codes in self.unverified.items():
            listed = sorted(codes)
            values = {
                "column": name,
                "codes": ", ".join(listed[:CODES_SHOWN]) + (", …" if len(listed) > CODES_SHOWN else ""),
            }
            examples = tuple({"text": code} for code in listed[:EXAMPLES_SHOWN])
            found.append(Finding("code-not-verified", Place(column=name), values, 1, examples))
        return [*found, *self._as_once_written()]

    def _as_once_written(self) -> Iterator[Finding]:
        """What the flags of an older file are now; those that are none have been told one by one."""
        if not (vocabulary := self.layout.flags):
            return
        for name, letters in self.older.items():
            known = sorted(letters & set(vocabulary.older))
            if known:
                now = ", ".join(flags.told(letter, vocabulary) for letter in known)
                values = {"column": name, "until": vocabulary.until, "now": now}
                yield Finding("flags-older", Place(column=name), values)


def codes_of(layout: Layout, column: Column) -> Codes | None:
    """The codes that a layout's structure allows in a column, or those of older flags, if it says."""
    if column.holds == "obs_status" and layout.flags:
        return layout.flags.codes
    return layout.structure.codes_of(component_of(layout.format, column)) if layout.structure else None


def is_unchecked(layout: Layout, column: Column) -> bool:
    """Whether a column has codes by its layout, but a structure that does not say which."""
    structure, id_ = layout.structure, component_of(layout.format, column)
    if structure is None:
        return layout.flags is not None and column.holds == "code"  # a table of which its flags alone are known
    if column.holds not in ("code", "obs_status", ATTRIBUTE):
        return False
    return id_ in structure.absent or structure.component(id_) is None


def is_mandatory(layout: Layout, column: Column) -> bool:
    """Whether a column must be there: attributes may be absent where the structure lets them, text always."""
    if column.holds in ("code", "year", "value"):
        return True
    if column.holds == TEXT:
        return False
    if layout.format == FLAT:
        return column.holds == "obs_status"
    component = layout.structure.component(column.name) if layout.structure else None
    return component is not None and component.mandatory


def is_yearly(layout: Layout) -> bool:
    """Whether periods are years and nothing else."""
    return layout.format == FLAT or bool(layout.structure and layout.structure.time_text == "GregorianYear")


def _about(code: str, column: str, codes: Codes) -> dict[str, str]:
    return {"code": shown(code), "column": column, "list": codes.id, "nearest": nearest(code, codes)}


def nearest(code: str, codes: Codes) -> str:
    """The code that is probably meant, else a few of those that there are."""
    if len(code) <= LONGEST_CODE:
        known = {_bare(one): one for one in codes.codes}
        if near := difflib.get_close_matches(_bare(code), known, n=1, cutoff=0.6):
            return known[near[0]]
    few = list(codes.codes)[: FEW + 1]
    return ", ".join([*few[:FEW], *(["…"] if len(few) > FEW else [])])


def _bare(code: str) -> str:
    """A code without what spreadsheets take from it, zeros before it, and without what people do not see."""
    bare = code.strip().casefold()
    return bare.lstrip("0") or bare

"""The figures of a PX table, held against the mapping that describes it: codes, texts, years, what is asked for."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, product

from nps_exchange import px_checks, table_checks
from nps_exchange.formats.px.cube import Cube, Variable, cube
from nps_exchange.formats.px.document import Statement
from nps_exchange.formats.px.marks import Marks
from nps_exchange.formats.px.reading import Reading
from nps_exchange.formats.table import Cell, Table
from nps_exchange.layouts import Layout
from nps_exchange.mapping import FLAT, Column, File, Mapping
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.px_keywords import keywords
from nps_exchange.structures import Structure
from nps_exchange.table_checks import FIRST_ROW
from nps_exchange.tally import shown

MATRIX, CODEPAGE = "MATRIX", "CODEPAGE"

Lines = dict[tuple[str, tuple[str, ...]], int]
"""The lines of statements, by keyword and keys."""


def matrix(statements: tuple[Statement, ...]) -> str:
    """What a table is called, "" if it does not say."""
    return next((one.text for one in statements if one.keyword == MATRIX and not one.keys), "")


def describes(mapping: Mapping, statements: tuple[Statement, ...]) -> bool:
    """Whether a mapping's PX table is the one that a file says it is, by its MATRIX."""
    named = matrix(statements)
    return mapping.px is not None and bool(named) and mapping.px.keywords[MATRIX][mapping.px.languages[0]] == named


def validate(reading: Reading, mapping: Mapping, structure: Structure | None = None) -> list[Finding]:
    """Everything that is wrong with a PX file that a mapping describes: as PX, and then with its figures."""
    found = px_checks.check(reading)
    if any(severity(finding) == "error" for finding in found):
        return found  # what its cells are would be a guess
    return found + check(reading, cube(reading.statements), mapping, structure)


def check(reading: Reading, cube: Cube, mapping: Mapping, structure: Structure | None) -> list[Finding]:
    """Everything that is wrong with the figures of a sound PX table that a mapping describes.

    They are held against the structure of the dataset's first file, or the one given. A symbol is no figure, and is
    passed over.
    """
    file = mapping.files[0]
    held = structure or file.structure
    wanted = [column for column in file.columns if column.holds in ("code", "year")]
    of_column: dict[str, Variable | None] = {}
    for column in wanted:
        free = [variable for variable in cube.variables if variable not in of_column.values()]
        of_column[column.name] = _variable(free, file, column)
    found = [
        Finding("px-variable-absent", Place(column="STUB, HEADING"), {"column": name, "dataset": mapping.dataset})
        for name, variable in of_column.items()
        if variable is None
    ]
    for variable in cube.variables:
        if variable not in of_column.values():
            values = {"variable": variable.label, "dataset": mapping.dataset}
            found.append(Finding("px-variable-superfluous", Place(column="STUB, HEADING", key=variable.label), values))
    if found or held is None:  # which figure is which would be a guess
        return [*found, *_keywords(reading, cube, mapping)]
    found += _keywords(reading, cube, mapping)
    lines = {(one.keyword, one.keys): one.line for one in reversed(reading.statements) if not one.language}
    for name, one in of_column.items():
        if one is not None:
            found += _texts(one, name, held, lines)
    codes = {name: _codes(one, held, name) for name, one in of_column.items() if one is not None}
    columns = [*wanted, Column(file.named("value"), "value", "", {}), *file.flags[:1]]
    layout = Layout(mapping.dataset, FLAT, tuple(columns), "", held, mapping.asked)
    order = [next(name for name, one in of_column.items() if one is variable) for variable in cube.variables]
    ordered = [codes[name] for name in order]
    places = array("Q")
    rows = _rows(reading, cube, ordered, [order.index(column.name) for column in wanted], places)
    names = tuple(column.name for column in columns)

    def where(row: int, column: str) -> Place:
        if row < FIRST_ROW:
            return Place()
        variable = of_column.get(column)
        if variable is not None:
            return _place("CODES" if variable.codes else "VALUES", variable, lines)
        return Place(column="DATA", key=" ".join(_key(ordered, places[row - FIRST_ROW])))

    return found + table_checks.check(Table(names, rows), layout, where)


def _variable(variables: Sequence[Variable], file: File, column: Column) -> Variable | None:
    """The variable that a column is, of some: by its code, or by its name in the structure in any language."""
    component = column.name
    if column.holds == "year" and file.structure:
        component = file.structure.time
    for variable in variables:
        if variable.code.casefold() in (column.name.casefold(), component.casefold()):
            return variable
    names = file.structure.names.get(component, {}) if file.structure else {}
    known = {name.casefold() for name in (column.name, *names.values())}
    return next((one for one in variables if known & {name.casefold() for name in one.names.values()}), None)


def _codes(variable: Variable, structure: Structure, column: str) -> tuple[str, ...]:
    """The codes of a variable; where it has none, its texts are looked up in the structure."""
    if variable.codes:
        return variable.codes
    known = structure.codes_of(column)
    by_text = {
        name: code for code, one in (known.codes.items() if known else ()) for name in (one.name, *one.also.values())
    }
    return tuple(by_text.get(text, text) for text in next(iter(variable.values.values())))


def _keywords(reading: Reading, cube: Cube, mapping: Mapping) -> Iterator[Finding]:
    """Keywords of the whole table that say something else than the layout of the mapping does."""
    assert mapping.px is not None
    said = {(one.keyword, one.language): one for one in reversed(reading.statements) if not one.keys}
    for keyword, texts in mapping.px.keywords.items():
        by_language = keywords()[keyword].by_language
        for language in mapping.px.languages if by_language else mapping.px.languages[:1]:
            default = language == cube.languages[0] or not by_language
            one = said.get((keyword, "" if default else language))
            there = one.text if one else ""
            if there != texts[language] and keyword != CODEPAGE and (default or language in cube.languages):
                place = Place(row=one.line if one else None, column=keyword if default else f"{keyword}[{language}]")
                values = {"text": shown(there) if there else "–", "meant": shown(texts[language])}
                yield Finding("px-keyword-differs", place, values)


def _place(keyword: str, variable: Variable, lines: Lines, key: str = "") -> Place:
    return Place(row=lines.get((keyword, (variable.label,))), column=f'{keyword}("{variable.label}")', key=key)


def _key(codes: Sequence[Sequence[str]], cell: int) -> list[str]:
    """The codes of the nth cell, the last variable being the fastest."""
    found = []
    for one in reversed(codes):
        cell, place = divmod(cell, len(one))
        found.append(one[place])
    return found[::-1]


def _texts(variable: Variable, column: str, structure: Structure, lines: Lines) -> Iterator[Finding]:
    """Texts that say something else than the structure does of the same code."""
    known = structure.codes_of(column)
    for language, texts in variable.values.items() if known else ():
        for code, text in zip(variable.codes, texts, strict=False):
            one = known.codes.get(code) if known else None
            meant = (one.name, *one.also.values()) if one else (text,)
            if text not in meant:
                place = _place("VALUES", variable, lines, code)
                said = {"text": text, "code": code, "meant": one.named(language) if one else ""}
                yield Finding("px-text-differs", place, said)


def _rows(
    reading: Reading,
    cube: Cube,
    codes: list[tuple[str, ...]],
    order: list[int],
    places: "array[int]",
) -> Iterator[tuple[Cell, ...]]:
    """The figures with the codes of their columns; `places` is filled with where each stands."""
    marks = Marks(reading.statements, cube, codes)
    cells = chain.from_iterable(reading.rows(cube.width))
    for number, (key, cell) in enumerate(zip(product(*codes), cells, strict=False)):
        if cell.strip(".-"):
            places.append(number)
            yield (*(key[i] for i in order), cell, marks.of(key))

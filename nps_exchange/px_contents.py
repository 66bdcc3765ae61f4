"""The figures of a PX table, held against the mapping that describes it: codes, texts, years, what is asked for."""

from collections.abc import Iterator
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
from nps_exchange.structures import Structure
from nps_exchange.table_checks import FIRST_ROW

MATRIX = "MATRIX"


def describes(mapping: Mapping, statements: tuple[Statement, ...]) -> bool:
    """Whether a mapping's PX table is the one that a file says it is, by its MATRIX."""
    named = next((one.text for one in statements if one.keyword == MATRIX), "")
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
    of_column = {column.name: _variable(cube, file, column) for column in wanted}
    found = [
        Finding("px-variable-absent", Place(column="STUB, HEADING"), {"column": name, "dataset": mapping.dataset})
        for name, variable in of_column.items()
        if variable is None
    ]
    for variable in cube.variables:
        if variable not in of_column.values():
            values = {"variable": variable.label, "dataset": mapping.dataset}
            found.append(Finding("px-variable-superfluous", Place(column="STUB, HEADING", key=variable.label), values))
    if found or held is None:
        return found
    lines = {one.keys[0]: one.line for one in reading.statements if one.keyword == "VALUES" and not one.language}
    for column, one in of_column.items():
        if one is not None:
            found += _texts(one, column, held, lines)
    codes = {name: _codes(one, held, name) for name, one in of_column.items() if one is not None}
    columns = [*wanted, Column(file.named("value"), "value", "", {}), *file.flags[:1]]
    layout = Layout(mapping.dataset, FLAT, tuple(columns), "", held, mapping.asked)
    order = [next(name for name, one in of_column.items() if one is variable) for variable in cube.variables]
    places: list[tuple[int, tuple[str, ...]]] = []
    rows = _rows(
        reading, cube, [codes[name] for name in order], [order.index(column.name) for column in wanted], places
    )
    names = tuple(column.name for column in columns)

    def where(row: int, column: str) -> Place:
        if row < FIRST_ROW:
            return Place()
        variable = of_column.get(column)
        if variable is not None:
            return Place(row=lines.get(variable.label), column=f"VALUES({variable.label})")
        return Place(row=reading.data_line, column="DATA", key=" ".join(places[row - FIRST_ROW][1]))

    return found + table_checks.check(Table(names, rows), layout, where)


def _variable(cube: Cube, file: File, column: Column) -> Variable | None:
    """The variable that a column is: by its code, or by its name in the structure in any language."""
    component = column.name
    if column.holds == "year" and file.structure:
        component = file.structure.time
    for variable in cube.variables:
        if variable.code.casefold() in (column.name.casefold(), component.casefold()):
            return variable
    names = file.structure.names.get(component, {}) if file.structure else {}
    known = {name.casefold() for name in (column.name, *names.values())}
    return next((one for one in cube.variables if known & {name.casefold() for name in one.names.values()}), None)


def _codes(variable: Variable, structure: Structure, column: str) -> tuple[str, ...]:
    """The codes of a variable; where it has none, its texts are looked up in the structure."""
    if variable.codes:
        return variable.codes
    known = structure.codes_of(column)
    by_text = {
        name: code for code, one in (known.codes.items() if known else ()) for name in (one.name, *one.also.values())
    }
    return tuple(by_text.get(text, text) for text in next(iter(variable.values.values())))


def _texts(variable: Variable, column: str, structure: Structure, lines: dict[str, int]) -> Iterator[Finding]:
    """Texts that say something else than the structure does of the same code."""
    known = structure.codes_of(column)
    for language, texts in variable.values.items() if known else ():
        for code, text in zip(variable.codes, texts, strict=False):
            one = known.codes.get(code) if known else None
            meant = (one.name, *one.also.values()) if one else (text,)
            if text not in meant:
                place = Place(row=lines.get(variable.label), column=f"VALUES({variable.label})", key=code)
                said = {"text": text, "code": code, "meant": one.named(language) if one else ""}
                yield Finding("px-text-differs", place, said)


def _rows(
    reading: Reading,
    cube: Cube,
    codes: list[tuple[str, ...]],
    order: list[int],
    places: list[tuple[int, tuple[str, ...]]],
) -> Iterator[tuple[Cell, ...]]:
    """The figures with the codes of their columns; `places` is filled with where each stands."""
    marks = Marks(reading.statements, cube, codes)
    cells = chain.from_iterable(reading.rows(cube.width))
    for key, cell in zip(product(*codes), cells, strict=False):
        if cell.strip(".-"):
            places.append((len(places), key))
            yield (*(key[i] for i in order), cell, marks.of(key))

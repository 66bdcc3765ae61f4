"""What the statements of a PX file mean: languages, and variables with their names, values, codes and times."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from math import prod

from nps_exchange.formats.px.document import Statement, Value
from nps_exchange.formats.px.statements import said
from nps_exchange.model import Finding, Place

TLIST = re.compile(r'TLIST\(([A-Z][0-9]+)(?:,"([0-9]+)"-"([0-9]+)")?\)', re.IGNORECASE)
PARTS = {"H": (1, 2), "T": (1, 3), "Q": (1, 4), "M": (2, 12)}
"""Of a scale, how many digits tell the period within the year, and how many periods there are; weeks vary."""

MOST_VARIABLES = 1000
"""Far more than any program takes; what names more of them is no table."""
MOST_LANGUAGES = 100
MOST_TIMES = 100_000
STUB, HEADING = "STUB", "HEADING"


@dataclass(frozen=True)
class Times:
    """The times of a variable as TIMEVAL has them: their scale (`A1`), and one for each value."""

    scale: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """A variable: names and values by language, and what it is besides.

    A language that has no name for it is not among `names`, and one that has another number of values than the default
    language not among `values`. `codes` are those of the default language, () if there are none; `code` is its
    VARIABLECODE or "". `times` is None also where TIMEVAL cannot be read; a range that has not as many periods as there
    are values is without them.
    """

    names: dict[str, str]
    values: dict[str, tuple[str, ...]]
    codes: tuple[str, ...]
    code: str
    times: Times | None

    @property
    def label(self) -> str:
        """Its name in the default language."""
        return next(iter(self.names.values()))

    @property
    def size(self) -> int:
        """How many values it has."""
        return len(next(iter(self.values.values())))


@dataclass(frozen=True)
class Cube:
    """A table's languages (the default first; "" if LANGUAGE is absent) and variables.

    `contents` is the place of the CONTVARIABLE among `variables`.
    """

    languages: tuple[str, ...]
    stub: tuple[Variable, ...]
    heading: tuple[Variable, ...]
    contents: int | None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables: the first of the stub changes slowest from cell to cell, the last of the heading fastest."""
        return (*self.stub, *self.heading)

    @property
    def width(self) -> int:
        """Cells in a row."""
        return prod(variable.size for variable in self.heading)

    @property
    def height(self) -> int:
        """Rows."""
        return prod(variable.size for variable in self.stub)


class CubeFault(Exception):
    """The statements leave the table unknown; `findings` say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(*self.findings)


def cube(statements: Iterable[Statement]) -> Cube:
    """What table the statements describe.

    Raises:
        CubeFault: neither STUB nor HEADING, a variable twice, one without VALUES or with several that differ, or with
            CODES of another number; more variables or languages than any table has.
    """
    told = _Told(statements)
    places = [(keyword, name) for keyword in (STUB, HEADING) for name in told.names(keyword)]
    if len(places) > MOST_VARIABLES:
        values = {"number": len(places), "most": MOST_VARIABLES}
        raise CubeFault([Finding("px-variables-endless", told.place(places[0][0], ""), values)])
    if len(told.languages) > MOST_LANGUAGES:
        values = {"number": len(told.languages), "most": MOST_LANGUAGES}
        raise CubeFault([Finding("px-languages-endless", told.place("LANGUAGES", ""), values)])
    faults = [] if places else [Finding("px-stub-missing")]
    for place, (keyword, name) in enumerate(places):
        if name in [earlier for _, earlier in places[:place]]:
            faults.append(Finding("px-variable-repeated", told.place(keyword, name), {"variable": name}))
        else:
            faults.extend(_faults(told, keyword, name))
    if faults:
        raise CubeFault(faults)
    variables = tuple([_variable(told, keyword, place, name) for keyword, place, name in told.numbered()])
    stub = len(told.names(STUB))
    labels = [variable.label for variable in variables]
    contents = told.texts("CONTVARIABLE")[:1]
    return Cube(
        languages=told.languages,
        stub=variables[:stub],
        heading=variables[stub:],
        contents=labels.index(contents[0]) if contents and contents[0] in labels else None,
    )


def symbols(statements: Iterable[Statement], language: str = "") -> dict[str, str]:
    """What the symbols of cells are said to mean in a language (the default one, if none is given): `..`, its text."""
    told = _Told(statements)
    keywords = {f"DATASYMBOL{dots}": "." * dots for dots in range(1, 7)}
    keywords |= {"DATASYMBOLSUM": "." * 7, "DATASYMBOLNIL": "-"}
    texts = {symbol: told.texts(keyword, language=language)[:1] for keyword, symbol in keywords.items()}
    return {symbol: text[0] for symbol, text in texts.items() if text}


class _Told:
    """Statements by what they speak of, the default language under its name and under "" alike."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        statements = tuple(statements)
        self._by: dict[tuple[str, str, tuple[str, ...]], list[Statement]] = {}
        self._names: dict[tuple[str, str], tuple[str, ...]] = {}
        single = next((one.text for one in statements if one.keyword == "LANGUAGE"), "")
        listed = [_text(value) for one in statements if one.keyword == "LANGUAGES" for value in one.values]
        # Without LANGUAGE, the default can only be the one that no statement needs to name.
        named = {one.language for one in statements}
        self.default = single or next((language for language in listed if language not in named), "")
        self.languages = tuple(dict.fromkeys((self.default, *listed)))
        for one in statements:
            self._by.setdefault((one.keyword, self._own(one.language), one.keys), []).append(one)

    def all(self, keyword: str, *keys: str, language: str = "") -> list[Statement]:
        return self._by.get((keyword, self._own(language), keys), [])

    def texts(self, keyword: str, *keys: str, language: str = "") -> tuple[str, ...]:
        """The values of the first such statement; () if there is none."""
        return tuple([_text(value) for one in self.all(keyword, *keys, language=language)[:1] for value in one.values])

    def names(self, keyword: str, language: str = "") -> tuple[str, ...]:
        """The variables of STUB or HEADING; one without a name is none."""
        subject = keyword, self._own(language)
        if subject not in self._names:
            names = self.texts(keyword, language=language)
            self._names[subject] = () if names == ("",) else names
        return self._names[subject]

    def numbered(self) -> Iterator[tuple[str, int, str]]:
        """Keyword, place there, and name of each variable."""
        for keyword in (STUB, HEADING):
            for place, name in enumerate(self.names(keyword)):
                yield keyword, place, name

    def place(self, keyword: str, key: str) -> Place:
        return Place(row=next((one.line for one in self.all(keyword)), None), column=keyword, key=key)

    def _own(self, language: str) -> str:
        return "" if language == self.default else language


def _faults(told: _Told, keyword: str, name: str) -> Iterator[Finding]:
    values, codes = told.all("VALUES", name), told.all("CODES", name)
    if not values or not values[0].values:
        yield Finding("px-values-missing", told.place(keyword, name), {"variable": name})
        return
    for found in (values, codes):
        for one in found[1:]:
            if one.values == found[0].values:
                continue  # what says the same again leaves no doubt
            where = Place(row=one.line, column=said(one.keyword, one.language, one.keys))
            yield Finding("px-values-repeated", where, {"first": found[0].line})
    if codes and len(codes[0].values) != len(values[0].values):
        where = Place(row=codes[0].line, column=said("CODES", codes[0].language, codes[0].keys))
        yield Finding("px-codes-number", where, {"codes": len(codes[0].values), "values": len(values[0].values)})


def _variable(told: _Told, keyword: str, place: int, name: str) -> Variable:
    default = told.languages[0]
    names = {default: name}
    values = {default: told.texts("VALUES", name)}
    for language in told.languages[1:]:
        others = told.names(keyword, language)
        if len(others) == len(told.names(keyword)):
            names[language] = others[place]
        texts = told.texts("VALUES", names.get(language, name), language=language)
        if len(texts) == len(values[default]):
            values[language] = texts
    code = told.texts("VARIABLECODE", name)[:1]
    times = [times_of(one, len(values[default])) for one in told.all("TIMEVAL", name)[:1]]
    return Variable(names, values, told.texts("CODES", name), code[0] if code else "", times[0] if times else None)


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else ":".join(value)


def times_of(statement: Statement, size: int | None = None) -> Times | None:
    """The scale and the periods of a TIMEVAL; None if it cannot be read.

    With a `size`, a range of another number of periods is without them: a few bytes may stand for any number.
    """
    match = TLIST.fullmatch(statement.text)
    if not match:
        return None
    scale = match[1].upper()
    if not match[2]:
        return Times(scale, tuple([_text(value) for value in statement.values[1:]]))
    number = _number(scale, match[2], match[3])
    if not 0 < number <= MOST_TIMES:
        return None
    made = number if size in (None, number) else 0
    return Times(scale, tuple(islice(_periods(scale[0], match[2]), made)))


def number_of(statement: Statement) -> int:
    """How many periods a TIMEVAL has, those of a range counted; 0 if it cannot be read, or tells its scale alone."""
    match = TLIST.fullmatch(statement.text)
    if not match:
        return 0
    return _number(match[1].upper(), match[2], match[3]) if match[2] else len(statement.values) - 1


def _number(scale: str, first: str, last: str) -> int:
    """How many periods there are from the first to the last; 0 if they are none of the scale, or in another order."""
    if first > last or len(first) != len(last):
        return 0
    try:
        if any(next(_periods(scale[0], text), "") != text for text in (first, last)):
            return 0
        return _place(scale[0], last) - _place(scale[0], first) + 1
    except (KeyError, ValueError, OverflowError):
        return 0


def _place(scale: str, period: str) -> int:
    """Which of all periods of its scale one is."""
    year, within = int(period[:4]), period[4:]
    if scale == "D":
        return date(year, int(within[:2]), int(within[2:])).toordinal()
    if scale == "W":
        return date.fromisocalendar(year, int(within), 1).toordinal() // 7
    return year * PARTS[scale][1] + int(within) if within else year


def _periods(scale: str, first: str) -> Iterator[str]:
    """The periods of a scale from one on."""
    begin, within = int(first[:4]), first[4:]
    if scale == "D":
        day = date(begin, int(within[:2]), int(within[2:]))
        while True:
            yield f"{day:%Y%m%d}"
            day += timedelta(1)
    for year in range(begin, 10_000):
        if scale == "A":
            yield f"{year:04}"
            continue
        weeks = date(year, 12, 28).isocalendar().week  # that day is always in the last week of its year
        digits, last = {**PARTS, "W": (2, weeks)}[scale]
        for part in range(1, last + 1):
            period = f"{year:04}{part:0{digits}}"
            if period >= first:
                yield period

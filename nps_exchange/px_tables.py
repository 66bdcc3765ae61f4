"""A dataset laid out as a PX table: which cell each figure stands in, and what the table says of itself."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from nps_exchange import coverage, messages
from nps_exchange.cell_flags import flagged
from nps_exchange.cells import FREE, target
from nps_exchange.exchange import Exchange
from nps_exchange.formats.px.document import Bare, Px, Statement, Value
from nps_exchange.formats.px.order import in_order
from nps_exchange.mapping import File
from nps_exchange.methods import PARTS, Methods
from nps_exchange.model import Finding
from nps_exchange.presentations import ABSENT, CONFIDENTIAL, PxTable
from nps_exchange.px_keywords import BARE, keywords
from nps_exchange.translate import Dataset

CHARSET, AXIS_VERSION = "ANSI", "2013"
"""What every known file says of its letters, whatever its code page; and the version of the specification."""

YEARS = "A1"
"""The time scale of a table of years."""

MOST_DECIMALS_SHOWN = 6
NUMBER_SIGN = "nr "
"""What stands for # in notes: in a PX file that is a line break."""

CONTACTS = ("unit", "organisation", "email")
"""Who answers, in the order in which CONTACT has it: name, organisation, mail."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class _Variable:
    """A variable of the table: the column that it is, its codes; by language its name and the texts of codes."""

    column: str
    codes: tuple[str, ...]
    names: dict[str, str]
    texts: dict[str, dict[str, str]]


@dataclass(frozen=True)
class _Figure:
    """What stands in a cell: a number or a symbol, and the flags beside a number."""

    text: str
    flags: str = ""


def table(dataset: Dataset, methods: Methods | None, exchange: Exchange, found: list[Finding], test: bool) -> Px:
    """The PX table of a dataset whose mapping has a layout for one.

    Its figures are those of the first file; `found` are the findings of the translation, which say why cells stay
    empty. One cell for each combination of the codes that are asked for and the years there are.
    """
    layout, file = dataset.mapping.px, dataset.mapping.files[0]
    assert layout is not None
    variables = {column: _variable(dataset, layout, file, column) for column in (*layout.stub, *layout.heading)}
    figures = _figures(dataset, layout, file, tuple(variables))
    said = _Head(dataset, layout, variables, exchange)
    said.of_the_whole(figures)
    said.of_the_variables()
    said.notes(methods, coverage.table(dataset, found), _flags(dataset, file), test)
    said.of_the_cells(figures, _noted(dataset, variables))
    return Px(in_order(said.statements), tuple(_rows(layout, variables, figures)))


def _variable(dataset: Dataset, layout: PxTable, file: File, column: str) -> _Variable:
    structure, asked = file.structure, dataset.mapping.asked
    is_year = column == file.named("year")
    names = structure.names.get(structure.time if is_year else column, {}) if structure else {}
    by_language = {language: names.get(language, column) for language in layout.languages}
    if is_year:
        years = tuple(map(str, dataset.years()))
        same = {year: year for year in years}
        return _Variable(column, years, by_language, dict.fromkeys(layout.languages, same))
    if column in asked.columns:
        codes = tuple(dict.fromkeys(key[asked.columns.index(column)] for key in asked.keys))
    else:
        rows = dataset.con.execute(f"SELECT DISTINCT {target(column)} FROM {dataset.table} ORDER BY ALL").fetchall()
        codes = tuple(code for (code,) in rows)
    known = structure.codes_of(column) if structure else None
    texts = {
        language: {code: known.codes[code].named(language) if known and code in known.codes else code for code in codes}
        for language in layout.languages
    }
    return _Variable(column, codes, by_language, texts)


def _figures(dataset: Dataset, layout: PxTable, file: File, columns: Sequence[str]) -> dict[Key, _Figure]:
    """What is known of cells, by the codes of the variables; where nothing is, a cell is absent."""
    year = file.named("year")
    shown = ", ".join("CAST(year AS VARCHAR)" if column == year else target(column) for column in columns)
    rows = dataset.con.execute(
        f"SELECT {shown}, obs_status, {FREE} FROM {dataset.table} WHERE value IS NULL"
    ).fetchall()
    known = [one.what for one in layout.symbols]
    found: dict[Key, _Figure] = {}
    for *key, statuses, free in rows:
        said = next((status for status in statuses.split(",") if status in known), ABSENT)
        found[tuple(key)] = _Figure(layout.symbol(said if free else CONFIDENTIAL))
    names = [column.name for column in file.columns]
    places = [names.index(column) for column in columns]
    value, flags = names.index(file.named("value")), [names.index(column.name) for column in file.flags]
    for row in dataset.rows(file):
        if text := row[value]:
            said = ",".join(row[place] or "" for place in flags).strip(",")
            found[tuple([row[place] or "" for place in places])] = _Figure(text, said)
    return found


def _flags(dataset: Dataset, file: File) -> set[str]:
    """The flags that stand beside figures, as the body writes them."""
    if not file.flags:
        return set()
    query = f"SELECT DISTINCT unnest({flagged(file.flags[0])}) FROM {dataset.table} WHERE value IS NOT NULL"
    return {flag for (flag,) in dataset.con.execute(query).fetchall()}


def _noted(dataset: Dataset, variables: dict[str, _Variable]) -> dict[Key, str]:
    """What was noted beside the delivered figures, by the codes of the variables."""
    year = dataset.mapping.files[0].named("year")
    place = list(variables).index(year)
    notes = dataset.notes([column for column in variables if column != year])
    return {(*codes[:place], str(when), *codes[place:]): note for (*codes, when), note in notes.items()}


def _rows(layout: PxTable, variables: dict[str, _Variable], figures: dict[Key, _Figure]) -> Iterator[list[str]]:
    absent = _Figure(layout.symbol(ABSENT))
    across = list(product(*(variables[column].codes for column in layout.heading)))
    for down in product(*(variables[column].codes for column in layout.stub)):
        yield [figures.get((*down, *codes), absent).text for codes in across]


@dataclass
class _Head:
    """The statements of a table, each in all of its languages."""

    dataset: Dataset
    layout: PxTable
    variables: dict[str, _Variable]
    exchange: Exchange
    statements: list[Statement] = field(default_factory=list)

    def say(self, keyword: str, values: Mapping[str, Sequence[Value]], keys: Mapping[str, Key] | None = None) -> None:
        """A statement with its values and keys by language; once, where it does not depend on the language."""
        default = self.layout.languages[0]
        for language in self.layout.languages if keywords()[keyword].by_language else (default,):
            key = keys[language] if keys else ()
            self.statements.append(
                Statement(keyword, tuple(values[language]), "" if language == default else language, key)
            )

    def all_alike(self, keyword: str, *values: Value, keys: Mapping[str, Key] | None = None) -> None:
        """A statement with the same values in all languages."""
        self.say(keyword, dict.fromkeys(self.layout.languages, values), keys)

    def text(self, keyword: str, texts: dict[str, str], keys: Mapping[str, Key] | None = None) -> None:
        """A statement of one text by language."""
        self.say(keyword, {language: (text,) for language, text in texts.items()}, keys)

    def of_the_whole(self, figures: dict[Key, _Figure]) -> None:
        """What the layout and the run say of the table as a whole."""
        for keyword, texts in self.layout.keywords.items():
            bare = keywords()[keyword].holds in BARE
            self.text(keyword, {language: Bare(text) if bare else text for language, text in texts.items()})
        default, *others = self.layout.languages
        self.all_alike("CHARSET", CHARSET)
        self.all_alike("AXIS-VERSION", AXIS_VERSION)
        self.all_alike("LANGUAGE", default)
        if others:
            self.all_alike("LANGUAGES", default, *others)
        moment = datetime.fromisoformat(self.exchange.prepared).strftime("%Y%m%d %H:%M")
        self.all_alike("CREATION-DATE", moment)
        self.all_alike("LAST-UPDATED", moment)
        exponents = [Decimal(one.text).as_tuple().exponent for one in figures.values() if one.text[-1:].isdigit()]
        decimals = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
        self.all_alike("DECIMALS", Bare(str(decimals)))
        self.all_alike("SHOWDECIMALS", Bare(str(min(decimals, MOST_DECIMALS_SHOWN))))
        contacts = dict(self.exchange.contacts)
        if answering := [contacts[name] for name in CONTACTS if name in contacts]:
            self.all_alike("CONTACT", "\n".join(map(_note, answering)))

    def of_the_variables(self) -> None:
        """Stub and heading, and of each variable its values and codes."""
        languages = self.layout.languages
        for keyword, columns in (("STUB", self.layout.stub), ("HEADING", self.layout.heading)):
            if columns:
                names = {one: tuple(self.variables[column].names[one] for column in columns) for one in languages}
                self.say(keyword, names)
        year = self.dataset.mapping.files[0].named("year")
        for variable in self.variables.values():
            keys: dict[str, Key] = {language: (variable.names[language],) for language in languages}
            self.say("VALUES", {one: tuple(variable.texts[one].values()) for one in languages}, keys)
            self.all_alike("CODES", *variable.codes, keys=keys)
            self.all_alike("VARIABLECODE", variable.column, keys=keys)
            if variable.column == year:
                self.all_alike("TIMEVAL", Bare(f"TLIST({YEARS})"), *variable.codes, keys=keys)

    def notes(self, methods: Methods | None, entries: list[dict[str, Any]], flags: set[str], test: bool) -> None:
        """Notes on the table and on values: sources and methods, what flags mean, why something is not there."""
        words = {language: messages.words(language) for language in self.layout.languages}
        said = {language: methods.in_language(language) if methods else None for language in self.layout.languages}
        first: dict[str, list[str]] = {
            language: [words[language]["test_data"]] * test + [_note(note[language]) for note in self._declared()]
            for language in words
        }
        if any(first.values()):
            self.text("NOTEX", {language: "\n".join(texts) for language, texts in first.items()})
        whole: dict[str, list[str]] = {
            language: list(one.general.values()) if one else [] for language, one in said.items()
        }
        beside: dict[tuple[str, str], dict[str, list[str]]] = {}
        for i in range(len(methods.entries) if methods else 0):
            for language, one in said.items():
                assert one is not None
                entry = one.entries[i]
                texts = [f"{words[language][f'methods_{part}']}: {entry.text(part)}" for part in PARTS]
                places = self._places(entry.cells)
                if places is None:
                    whole[language] += [f"{entry.title}", *texts]
                for place in places or ():
                    beside.setdefault(place, {one: [] for one in words})[language] += texts
        for asked in (entry for entry in entries if entry["state"] != coverage.REPORTED):
            for place in self._places({column: (code,) for column, code in asked["key"].items()}) or ():
                for language in words:
                    # Why it was not delivered is a matter of the house; a reason that the mapping gives is for readers.
                    told = words[language]["px_not_available"]
                    if asked["state"] == coverage.NOT_REPORTED:
                        told = f"{words[language]['px_not_reported']}: {asked['reason'][language]}"
                    beside.setdefault(place, {one: [] for one in words})[language].append(told)
        whole = {language: [*texts, *self._legend(language, flags)] for language, texts in whole.items()}
        if any(whole.values()):
            self.text("NOTE", {language: _note("\n".join(texts)) for language, texts in whole.items()})
        for (column, code), by_language in sorted(beside.items(), key=self._in_table_order):
            self.text(
                "VALUENOTE", {one: _note("\n".join(t)) for one, t in by_language.items()}, self._value(column, code)
            )
        for symbol, text in {one.symbol: one.text for one in self.layout.symbols}.items():
            self.text(f"DATASYMBOL{len(symbol)}", text)

    def _declared(self) -> list[dict[str, str]]:
        """What readers are told of the series that stand in for others, as far as they have filled cells."""
        table = self.dataset.table
        rows = self.dataset.con.execute(f"SELECT DISTINCT series FROM {table} WHERE value IS NOT NULL ORDER BY 1")
        series = self.dataset.mapping.series
        return [series[position].note for (position,) in rows.fetchall() if series[position].note]

    def _places(self, cells: dict[str, Key]) -> list[tuple[str, str]] | None:
        """The values that a note on cells belongs to; None where that is the whole table, or cannot be said so."""
        open_ = [
            (column, codes)
            for column, codes in cells.items()
            if column in self.variables and set(self.variables[column].codes) - set(codes)
        ]
        if len(open_) != 1:
            return None
        [(column, codes)] = open_
        return [(column, code) for code in codes]

    def _in_table_order(self, item: tuple[tuple[str, str], Any]) -> tuple[int, int]:
        (column, code), _ = item
        return list(self.variables).index(column), self.variables[column].codes.index(code)

    def _value(self, column: str, code: str) -> dict[str, Key]:
        variable = self.variables[column]
        return {one: (variable.names[one], variable.texts[one][code]) for one in self.layout.languages}

    def _legend(self, language: str, flags: set[str]) -> list[str]:
        """What the flags mean that stand beside figures, as far as the structure knows them."""
        file = self.dataset.mapping.files[0]
        codes = file.codes_of(file.flags[0]) if file.flags else None
        told = "; ".join(
            f"{code} = {known.named(language)}"
            for code, known in (codes.codes.items() if codes else ())
            if code in flags
        )
        if not told:
            return []
        return [f"{messages.words(language)['workbook_flags']}: {told}"]

    def of_the_cells(self, figures: dict[Key, _Figure], notes: dict[Key, str]) -> None:
        """Flags beside figures, and what was noted at them."""
        variables = list(self.variables.values())
        for key, note in sorted(notes.items()):
            keys = {
                language: tuple(one.texts[language][code] for one, code in zip(variables, key, strict=True))
                for language in self.layout.languages
            }
            self.all_alike("CELLNOTE", _note(note), keys=keys)
        for key, figure in sorted(figures.items()):
            if figure.flags:
                self.all_alike("DATANOTECELL", figure.flags, keys=dict.fromkeys(self.layout.languages, key))


def _note(text: str) -> str:
    """A text for people as PX takes it, which knows no quotation mark within a text, and # as a line break."""
    plain = "".join(" " if unicodedata.category(sign) == "Cc" and sign != "\n" else sign for sign in text)
    return plain.replace('"', "'").replace("#", NUMBER_SIGN).strip()

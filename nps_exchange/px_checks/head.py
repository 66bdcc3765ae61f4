"""The head of a PX file as its checks look at it: statements by keyword and language, variables, and what is not known.

What the file says wrongly is not known, and nothing is held against it: so one fault does not become ten.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from nps_exchange.formats.px import statements
from nps_exchange.formats.px.cube import MOST_LANGUAGES, MOST_VARIABLES
from nps_exchange.formats.px.document import Bare, Statement
from nps_exchange.formats.px.reading import READ_ALL_THE_SAME, Reading
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.tally import Tally, shown

MOST_LISTED, LONGEST_TOLD = 12, 300
"""Texts in a row in a message, and its characters in all."""

TABLE = ("STUB", "HEADING")
"""The keywords that name the variables."""

EMPTY = ("",)
"""The values of a statement that names nothing."""

ANY = "*"
"""The key that stands for all values of a variable."""


@dataclass(frozen=True)
class Variable:
    """A variable in one language, with the texts and the codes of its values.

    They are None where the file does not tell them soundly; `codes` is () where there are none.
    """

    name: str
    values: tuple[str, ...] | None
    codes: tuple[str, ...] | None

    @cached_property
    def texts(self) -> frozenset[str]:
        """The texts of its values, to look them up."""
        return frozenset(self.values or ())

    @property
    def known_codes(self) -> frozenset[str] | None:
        """Its codes, which are the texts where it has none; None where they are not known."""
        return None if self.codes is None or self.values is None else self.code_texts or self.texts

    @cached_property
    def code_texts(self) -> frozenset[str]:
        """Its codes, to look them up."""
        return frozenset(self.codes or ())


class Head:
    """The statements of a file, and what they say of the table.

    Languages are as in brackets; that of LANGUAGE is "". Those that LANGUAGES does not name are left out.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.statements = reading.statements
        self._lines = [one.line for one in self.statements]
        wrong = [
            fault for fault in reading.faults if severity(fault) == "error" and fault.rule not in READ_ALL_THE_SAME
        ]
        self.faulty = frozenset(name for fault in wrong if (name := keyword_of(fault.place.column)))
        """The keywords of statements that could not be read."""
        self._told = {(fault.rule, fault.place.column) for fault in reading.faults}
        by_name: dict[str, list[int]] = {}
        for place, one in enumerate(self.statements if wrong else ()):
            by_name.setdefault(said(one), []).append(place)
        self._at_fault = {self._at(fault, by_name.get(fault.place.column, [])) for fault in wrong}
        self.declared = tuple(dict.fromkeys(str(value) for one in self.of("LANGUAGES") for value in one.values))
        used = {one.language for one in self.statements}
        # Without LANGUAGE, the first language can only be one that no statement needs to name.
        first = next((name for name in self.declared if name not in used), "")
        self.language = self.text("LANGUAGE") or first
        self.others = tuple(name for name in self.declared if name not in ("", self.language))
        self.languages = ("", *self.others)

    def _at(self, fault: Finding, named: Sequence[int]) -> int:
        """The place of the statement that a fault is in: it may be seen only where the next one begins."""
        line = fault.place.row or 0
        before = [place for place in named if self._lines[place] <= line]
        return before[-1] if before else bisect_right(self._lines, line) - 1

    @cached_property
    def _places(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for place, one in enumerate(self.statements):
            found.setdefault((one.keyword, self.language_of(one)), []).append(place)
        return found

    @cached_property
    def _first(self) -> dict[tuple[str, str, tuple[str, ...]], Statement]:
        # Asked for as often as there are statements: to look through them each time takes minutes in a large head.
        return {(one.keyword, self.language_of(one), one.keys): one for one in reversed(self.statements)}

    def first(self, keyword: str, language: str, *keys: str) -> Statement | None:
        """The first statement of a keyword in a language with these keys."""
        return self._first.get((keyword, language, keys))

    def has(self, keyword: str, language: str) -> bool:
        """Whether there is a statement of a keyword in a language."""
        return (keyword, language) in self._places

    def language_of(self, one: Statement) -> str:
        """The language of a statement; that of LANGUAGE is "" where it stands in brackets, too."""
        return "" if one.language == self.language else one.language

    def is_told(self, rule: str, one: Statement) -> bool:
        """Whether reading the file has found this in a statement."""
        return (rule, said(one)) in self._told

    def sound(self) -> Iterator[Statement]:
        """The statements that could be read, in the languages that the file names."""
        for place, one in enumerate(self.statements):
            if place not in self._at_fault and self.language_of(one) in self.languages:
                yield one

    def of(self, keyword: str, language: str | None = None) -> list[Statement]:
        """The statements of a keyword, in a language or in all."""
        if language is None:
            return [one for one in self.statements if one.keyword == keyword]
        return [self.statements[place] for place in self._places.get((keyword, language), [])]

    def text(self, keyword: str, language: str | None = None) -> str:
        """The text of the first statement of a keyword without keys, or ""."""
        return next((one.text for one in self.of(keyword, language) if not one.keys), "")

    def number(self, keyword: str) -> int | None:
        """The number of the first statement of a keyword, where it is one."""
        return whole_number(self.text(keyword))

    @cached_property
    def variables(self) -> dict[str, tuple[Variable, ...] | None]:
        """The variables by language, STUB before HEADING; None where the file does not tell them soundly."""
        return {language: self._variables(language) for language in self.languages}

    def _variables(self, language: str) -> tuple[Variable, ...] | None:
        if not self.faulty.isdisjoint(TABLE) or self._unnamed(language):
            return None  # that they are wrong is told
        if any(bool(self.of(word, language)) != bool(self.of(word, "")) for word in TABLE):
            return None  # it is told that the translation is missing
        names = self.names[language]
        values, codes = self._lists("VALUES", language), self._lists("CODES", language)
        without = None if "CODES" in self.faulty else ()
        return tuple(Variable(name, values.get(name), codes.get(name, without)) for name in names) or None

    def _unnamed(self, language: str) -> bool:
        return any(one.values == EMPTY for own in ("", language) for one, _ in self.named(own))

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names of variables by language; one that is named twice, which is told, stands once."""
        return {language: tuple(dict.fromkeys(name for _, name in self.named(language))) for language in self.languages}

    @cached_property
    def endless(self) -> Finding | None:
        """More languages or variables than any table has: what is said of each is not looked at."""
        if (number := len(self.languages)) > MOST_LANGUAGES:
            line = next((one.line for one in self.of("LANGUAGES")), None)
            values = {"number": number, "most": MOST_LANGUAGES}
            return Finding("px-languages-endless", Place(row=line, column="LANGUAGES"), values)
        for language, names in self.names.items():
            if len(names) > MOST_VARIABLES:
                one = next(one for one, _ in self.named(language))
                values = {"number": len(names), "most": MOST_VARIABLES}
                return Finding("px-variables-endless", Place(row=one.line, column=said(one)), values)
        return None

    def named(self, language: str) -> Iterator[tuple[Statement, str]]:
        """The names of variables as STUB and HEADING give them, each with its statement."""
        for word in TABLE:
            for one in self.of(word, language)[:1]:
                for value in one.values:
                    yield one, str(value)

    def names_in(self, word: str, language: str) -> frozenset[str]:
        """The variables of STUB or of HEADING."""
        return self._names_in.get((word, language), frozenset())

    @cached_property
    def _names_in(self) -> dict[tuple[str, str], frozenset[str]]:
        found: dict[tuple[str, str], set[str]] = {}
        for language in self.languages:
            for one, name in self.named(language):
                found.setdefault((one.keyword, language), set()).add(name)
        return {subject: frozenset(names) for subject, names in found.items()}

    def _lists(self, keyword: str, language: str) -> dict[str, tuple[str, ...]]:
        """The texts of a keyword by its key, without those at fault."""
        found: dict[str, tuple[str, ...]] = {}
        for place in self._places.get((keyword, language), []):
            one = self.statements[place]
            # With a comma last there is one value too many, or one too few.
            doubtful = keyword == "VALUES" and (one.values == EMPTY or self.is_told("px-comma-last", one))
            if len(one.keys) == 1 and place not in self._at_fault and not doubtful:
                found.setdefault(one.keys[0], tuple(str(value) for value in one.values))
        return found

    def variable(self, name: str, language: str = "") -> Variable | None:
        """A variable by its name."""
        return self._by_name[language].get(name)

    @cached_property
    def _by_name(self) -> dict[str, dict[str, Variable]]:
        return {language: {one.name: one for one in found or ()} for language, found in self.variables.items()}

    @cached_property
    def known(self) -> dict[str, str]:
        """The names of the variables by language, as a message lists them."""
        return {language: listed(tuple(found)) for language, found in self._by_name.items()}

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """Languages in which VALUES speak of other variables than STUB and HEADING: which there are is not known."""
        names = {language: {one.name for one in self.variables[language] or ()} for language in self.languages}
        return frozenset(
            language
            for language in self.languages
            if any(one.keys and one.keys[0] not in names[language] for one in self.of("VALUES", language))
        )

    @cached_property
    def contents(self) -> dict[str, Variable | None]:
        """The variable that CONTVARIABLE names by language; None where there is none, or it names nothing."""
        return {language: self.variable(self.text("CONTVARIABLE", language), language) for language in self.languages}

    @cached_property
    def sizes(self) -> tuple[int, ...] | None:
        """The number of values of each variable, where all are known."""
        found = [len(one.values) for one in self.variables[""] or () if one.values]
        if not found or len(found) != len(self.variables[""] or ()) or "" in self.doubtful:
            return None
        return tuple(found)


def said(one: Statement) -> str:
    """The beginning of a statement as it stands in the file: `VALUES[sv]("kön")`."""
    return statements.said(one.keyword, one.language, one.keys)


def tell(tally: Tally, rule: str, one: Statement, column: str = "", kind: str = "", **values: object) -> None:
    """Remember what is wrong with a statement; `column` is what it is told to be in, if not the statement."""
    told = {name: shown(value, LONGEST_TOLD) if isinstance(value, str) else value for name, value in values.items()}
    tally.add(rule, one.line, column or said(one), lambda: told, kind)


def listed(texts: Sequence[str], most: int = MOST_LISTED) -> str:
    """Texts in a row, not too many of them."""
    return ", ".join(map(shown, texts[:most])) + (f", … ({len(texts)})" if len(texts) > most else "")


def whole_number(text: str) -> int | None:
    """A whole number as it is written in digits, or None; more digits than a number has are none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def is_bare(values: Sequence[object]) -> bool:
    """Whether the first of a statement's values stands without quotation marks."""
    return isinstance(next(iter(values), None), Bare)


def keyword_of(column: str) -> str:
    """The keyword of a place, as `said` writes it there."""
    return column.partition("(")[0].partition("[")[0].strip().upper()

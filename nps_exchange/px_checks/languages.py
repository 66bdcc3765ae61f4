"""Whether a PX file says in each of its languages what it says in the first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from nps_exchange.formats.px.cube import number_of, times_of
from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import ANY, Head, Variable, listed, tell
from nps_exchange.px_keywords import Keyword, keywords
from nps_exchange.tally import Tally

IN_ALL = ("CONTVARIABLE",)
"""What must be translated beside what is mandatory: without it the table cannot be shown in the other language."""

INSTEAD = {"TITLE": "DESCRIPTION"}
"""One of two is enough."""

TIMES = "TIMEVAL"
SAME = ("CODES", TIMES)
"""What is repeated in each language as it is."""


def check(head: Head, tally: Tally) -> None:
    """Look at LANGUAGE and LANGUAGES, at languages that they do not name, and at what has no translation."""
    names = next(iter(head.of("LANGUAGES")), None)
    if names and head.language not in head.declared:
        tell(tally, "px-language-not-listed", names, language=head.language)
        return  # LANGUAGES are wrong: what they name beside is the same fault
    for one in head.statements:
        if head.language_of(one) not in head.languages:
            # A finding for each language, not for each statement.
            tell(tally, "px-language-unknown", one, f"[{one.language}]", language=one.language)
    used = {head.language_of(one) for one in head.statements}
    for language in head.others:
        if language in used:
            _Translations(head, language, tally).check()
        elif names:
            tell(tally, "px-language-empty", names, kind=language, language=language)


class _Translations:
    """The statements of one language beside those of the first."""

    def __init__(self, head: Head, language: str, tally: Tally) -> None:
        self.head, self.language, self.tally = head, language, tally
        self.first, self.other = head.variables[""] or (), head.variables[language] or ()
        self.names = {one.name: at for at, one in enumerate(self.first)}
        self.values = [{text: at for at, text in enumerate(one.values or ())} for one in self.first]
        own = [one for one in head.statements if head.language_of(one) == language]
        self.begin = own[0]
        self.twins = {(one.keyword, one.keys): one for one in reversed(own)}

    def check(self) -> None:
        """Look for the translation of each statement of the first language that has to have one."""
        absent: Counter[str] = Counter()
        for one in self.head.sound():
            keyword = keywords().get(one.keyword)
            if self.head.language_of(one) or keyword is None or not keyword.by_language:
                continue
            if keyword.name in self.head.faulty or (keys := self.keys(one, keyword)) is None:
                continue
            twin = self.twins.get((one.keyword, keys)) or self.twins.get((INSTEAD.get(one.keyword, ""), keys))
            if twin is not None:
                self.compare(one, twin)
            elif keyword.name in IN_ALL or (keyword.mandatory and not (one.keys and "content" in keyword.keys)):
                missing = replace(one, language=self.language, keys=keys)
                tell(self.tally, "px-translation-missing", missing, language=self.language)
            else:
                absent[keyword.name] += 1
        if absent:
            named = [f"{name} ({number})" if number > 1 else name for name, number in absent.items()]
            tell(self.tally, "px-translation-absent", self.begin, f"[{self.language}]", keywords=listed(named))

    def compare(self, one: Statement, twin: Statement) -> None:
        """Hold the number of values against that of the first language, and what has to be the same."""
        wanted = self.wanted(one)
        if one.keyword == twin.keyword and _number(twin) != wanted:
            tell(self.tally, "px-translation-number", twin, number=_number(twin), wanted=wanted)
        elif one.keyword in SAME and _number(one) == wanted and _differ(one, twin):
            tell(self.tally, "px-translation-differs", twin, line=one.line)

    def keys(self, one: Statement, keyword: Keyword) -> tuple[str, ...] | None:
        """The keys of a statement in the other language, or None where they are not known."""
        if not one.keys:
            return ()
        if len(self.first) != len(self.other):
            return None
        number, kinds = len(one.keys), keyword.keys
        if "content" in kinds and number == 1:
            variable = self.head.contents[""]
            return self.texts([(variable, one.keys[0])]) if variable else None
        if "variable" in kinds and number == 1:
            return self.texts([(None, one.keys[0])])
        if "value" in kinds and number == 2:
            variable = self.head.variable(one.keys[0])
            return self.texts([(None, one.keys[0]), (variable, one.keys[1])]) if variable else None
        if "cell" in kinds and number == len(self.first):
            return self.texts(list(zip(self.first, one.keys, strict=True)))
        return one.keys if "cell codes" in kinds else None

    def texts(self, keys: Sequence[tuple[Variable | None, str]]) -> tuple[str, ...] | None:
        """Names of variables (None) and texts of values, each as the other language has it."""
        found = []
        for variable, text in keys:
            at = self.names.get(variable.name if variable else text)
            if at is None:
                return None
            if variable is None:
                found.append(self.other[at].name)
            elif text == ANY:
                found.append(ANY)
            else:
                place, values = self.values[at].get(text), self.other[at].values or ()
                if place is None or place >= len(values):
                    return None
                found.append(values[place])
        return tuple(found)

    def wanted(self, one: Statement) -> int:
        """How many values the translation of a statement has: of a list for values as many as there are values."""
        variable = self.head.variable(one.keys[0]) if one.keyword in SAME and one.keys else None
        return len(variable.values) if variable and variable.values else _number(one)


def _number(one: Statement) -> int:
    """How many values a statement gives; a time that is given as a range is as many."""
    return (number_of(one) if one.keyword == TIMES else 0) or len(one.values)


def _differ(one: Statement, twin: Statement) -> bool:
    """Whether two statements of as many values say something else, however times are given."""
    if one.values == twin.values or one.keyword != TIMES:
        return one.values != twin.values
    if len(one.values) == len(twin.values) == 1:  # two ranges
        return one.text.upper() != twin.text.upper()
    return times_of(one) != times_of(twin)

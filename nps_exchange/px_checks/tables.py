"""What makes the table of a PX file: the mandatory keywords, its variables, their values and codes."""

from collections import Counter
from collections.abc import Iterator, Sequence

from nps_exchange.px_checks.head import Head, Variable, tell
from nps_exchange.px_keywords import Keyword, keywords
from nps_exchange.tally import Tally, shown

MOST_VARIABLES = 16
NOWHERE = 0
"""The line of what is not there."""

STUB, HEADING = "STUB", "HEADING"


def check(head: Head, tally: Tally) -> None:
    """Look for what the table must have in its default language, and at its variables in each."""
    for keyword in _mandatory():
        if keyword.name not in head.faulty and not any(not one.keys for one in head.of(keyword.name, "")):
            _missing(head, keyword, tally)
    if not (head.of(STUB, "") or head.of(HEADING, "") or head.faulty & {STUB, HEADING}):
        tally.add("px-stub-missing", NOWHERE, STUB, dict)
    if (title := head.of("TITLE", "")) and not head.text("TITLE", "") and not head.text("DESCRIPTION", ""):
        tell(tally, "px-text-empty", title[0])
    for language in head.languages:
        variables = head.variables[language]
        if variables is not None:
            _names(head, language, variables, tally)
            for variable in {one.name: one for one in variables}.values():
                _values(head, language, variable, tally)
            _content_variable(head, language, tally)


def _mandatory() -> Iterator[Keyword]:
    """The keywords that must stand, but for those that are of variables, and the two of which one is enough."""
    for keyword in keywords().values():
        of_table = keyword.mandatory and "none" in keyword.keys and keyword.holds != "cells"
        if of_table and keyword.name not in (STUB, HEADING):
            yield keyword


def _missing(head: Head, keyword: Keyword, tally: Tally) -> None:
    if keyword.name == "TITLE" and head.text("DESCRIPTION", ""):
        tally.add("px-title-missing", NOWHERE, keyword.name, dict)
    else:
        tally.add("px-keyword-missing", NOWHERE, keyword.name, lambda: {"keyword": keyword.name})


def _names(head: Head, language: str, variables: Sequence[Variable], tally: Tally) -> None:
    one = next(one for word in (STUB, HEADING) for one in head.of(word, language))
    seen: set[str] = set()
    for again, name in head.named(language):
        if name in seen:
            tell(tally, "px-variable-repeated", again, kind=name, variable=name)
        seen.add(name)
    if not language and len(variables) > MOST_VARIABLES:
        tell(tally, "px-variables-many", one, number=len(variables), most=MOST_VARIABLES)


def _values(head: Head, language: str, variable: Variable, tally: Tally) -> None:
    listed = head.first("VALUES", language, variable.name)
    coded = head.first("CODES", language, variable.name)
    if listed is None and not language:  # in another language it is a translation that is missing
        _without_values(head, variable, tally)
    if listed is None or variable.values is None:
        return
    if double := _double(variable.values):
        # Values that have codes of their own can be told apart all the same; codes are those of the first language.
        rule = "px-text-repeated" if variable.codes or language else "px-value-repeated"
        tell(tally, rule, listed, text=double[0], number=len(double))
    if coded is None or not variable.codes or language:  # in another language they are held against the first
        return
    codes, values = len(variable.codes), len(variable.values)
    if codes != values:
        tell(tally, "px-codes-number" if codes < values else "px-codes-many", coded, codes=codes, values=values)
    if double := _double(variable.codes):
        tell(tally, "px-code-repeated", coded, text=double[0], number=len(double))
    if not all(variable.codes) and not head.is_told("px-comma-last", coded):
        tell(tally, "px-text-empty", coded)


def _without_values(head: Head, variable: Variable, tally: Tally) -> None:
    if "" in head.doubtful or "VALUES" in head.faulty:
        return  # those are probably the values that are wanted here
    values = {"variable": shown(variable.name)}
    tally.add("px-values-missing", NOWHERE, f'VALUES("{variable.name}")', lambda: values)


def _double(texts: Sequence[str]) -> list[str]:
    """The texts that stand more than once."""
    if len(set(texts)) == len(texts):
        return []
    return [text for text, times in Counter(texts).items() if times > 1]


def _content_variable(head: Head, language: str, tally: Tally) -> None:
    for one in head.of("CONTVARIABLE", language)[:1]:
        if one.keyword not in head.faulty and head.contents[language] is None:
            tell(tally, "px-content-variable-unknown", one, name=one.text)

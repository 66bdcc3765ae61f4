"""What can be wrong with a statement of a PX file by itself: its keyword, its keys' number, what it holds."""

import re
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches

from nps_exchange.formats.px.document import Bare, Statement
from nps_exchange.px_checks.head import Head, is_bare, tell, whole_number
from nps_exchange.px_keywords import Keyword, keywords
from nps_exchange.tally import Tally

DATE = re.compile(r"\d{8} \d\d:\d\d", re.ASCII)
"""CCYYMMDD hh:mm."""

PRECISION = "PRECISION"

ALONE = ("text", "word", "word or text", "number", "date")
"""What a statement holds one of."""

MAY_BE_EMPTY = ("SUBJECT-AREA", "UNITS", "TITLE", "DESCRIPTION")
"""Mandatory texts that Statistics Sweden's parser takes empty; TITLE and DESCRIPTION are looked at together."""

KEYS_BY_KIND = {"none": 0, "variable": 1, "content": 1, "value": 2}
"""How many keys each kind takes; cells take one for each variable."""


def check(head: Head, tally: Tally) -> None:
    """Look at each statement that could be read."""
    first: dict[tuple[str, str, tuple[str, ...]], Statement] = {}
    for one in head.sound():
        keyword = keywords().get(one.keyword)
        if keyword is None:
            alike = get_close_matches(one.keyword, keywords(), 1)
            tell(tally, "px-keyword-unknown", one, one.keyword, keyword=one.keyword, alike=alike[0] if alike else "–")
            continue
        if one.language and not keyword.by_language:
            tell(tally, "px-language-not-taken", one, language=one.language)
        _keys(one, keyword, head, tally)
        before = first.setdefault((one.keyword, head.language_of(one), one.keys), one)
        if before is not one and not keyword.several:
            tell(
                tally,
                "px-statement-repeated" if before.values == one.values else "px-values-repeated",
                one,
                first=before.line,
            )
        _values(one, keyword, tally)


def _keys(one: Statement, keyword: Keyword, head: Head, tally: Tally) -> None:
    language = head.language_of(one)
    variables = None if language in head.doubtful else head.variables[language]
    wanted = {KEYS_BY_KIND.get(kind, len(variables) if variables else len(one.keys)) for kind in keyword.keys}
    if not any(wanted) and one.keys:
        tell(tally, "px-keys-not-taken", one, keyword=keyword.name)
    elif len(one.keys) not in wanted:
        tell(tally, "px-keys-wrong", one, number=len(one.keys), wanted=", ".join(map(str, sorted(wanted))))


def _values(one: Statement, keyword: Keyword, tally: Tally) -> None:
    if keyword.holds in ALONE and len(one.values) > 1:
        tell(tally, "px-values-several", one, number=len(one.values))
    texts = [str(value) for value in one.values if isinstance(value, str)]
    if keyword.longest and (length := max(map(len, texts), default=0)) > keyword.longest:
        tell(tally, "px-text-long", one, length=length, longest=keyword.longest)
    if keyword.mandatory and keyword.holds in ("text", "texts") and not all(texts) and one.keyword not in MAY_BE_EMPTY:
        tell(tally, "px-text-empty", one)
    if look := LOOKS.get(keyword.holds):
        look(one, keyword, tally)


def _text(one: Statement, keyword: Keyword, tally: Tally) -> None:
    wanted = one.text.strip().upper()
    if wanted in keyword.also:
        return
    if keyword.words and wanted not in keyword.words:
        tell(tally, "px-word-wrong", one, text=one.text, words=", ".join(keyword.words))
    elif keyword.words and one.text != wanted:
        tell(tally, "px-form", one, text=one.text, wanted=f'"{wanted}"')


def _word(one: Statement, keyword: Keyword, tally: Tally) -> None:
    wanted = one.text.strip().upper()
    if wanted not in keyword.words:
        tell(tally, "px-word-wrong", one, text=one.text, words=", ".join(keyword.words))
    elif one.values[0] != Bare(wanted):
        tell(tally, "px-form", one, text=one.text, wanted=wanted)


def _word_or_text(one: Statement, keyword: Keyword, tally: Tally) -> None:
    if is_bare(one.values):
        _word(one, keyword, tally)


def _number(one: Statement, keyword: Keyword, tally: Tally) -> None:
    number = whole_number(one.text.strip())
    low, high = keyword.bounds or (0, 10**9)
    if number is None or not low <= number <= high:
        # What the parser has no code for it passes over, and less than the least PRECISION is none.
        passed_over = not keyword.wrong or (keyword.name == PRECISION and number == 0)
        rule = "px-number-odd" if passed_over else "px-number-wrong"
        tell(tally, rule, one, text=one.text, low=low, high=high)
    elif not is_bare(one.values) or one.text != str(number):
        tell(tally, "px-form", one, text=one.text, wanted=str(number))


def _date(one: Statement, keyword: Keyword, tally: Tally) -> None:
    try:
        datetime.fromisoformat(one.text.strip())
    except ValueError:
        tell(tally, "px-date-wrong" if one.text.strip() else "px-date-form", one, text=one.text)
        return
    if not DATE.fullmatch(one.text):
        tell(tally, "px-date-form", one, text=one.text)


def _partition(one: Statement, keyword: Keyword, tally: Tally) -> None:
    """A text, the place in the code that it begins at, and how many characters it has."""
    numbers = [whole_number(str(value)) for value in one.values[1:]]
    if len(numbers) not in (1, 2) or not all(numbers):
        tell(tally, "px-partition-wrong", one)


LOOKS: dict[str, Callable[[Statement, Keyword, Tally], None]] = {
    "text": _text,
    "word": _word,
    "word or text": _word_or_text,
    "number": _number,
    "date": _date,
    "partition": _partition,
}
"""The further checks by what a keyword holds; time values and hierarchies have modules of their own."""

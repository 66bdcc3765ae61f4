"""Whether the statements of a PX file stand behind those on which they depend."""

from collections.abc import Iterator

from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import Head, tell
from nps_exchange.px_keywords import Keyword, keywords
from nps_exchange.tally import Tally

STUB, HEADING, VALUES, LANGUAGES = "STUB", "HEADING", "VALUES", "LANGUAGES"

REFUSED = ("VALUES", "CODES", "CONTVARIABLE", "KEYS")
"""What Statistics Sweden's parser cannot place before its variables are told; what has a content as its key it cannot
place before CONTVARIABLE, and what has a language not before LANGUAGES. Of anything else it loses a note at most."""

OF_VALUES = ("value", "cell", "cell codes")

Needed = tuple[str, str, str]
"""A keyword, its language, and its key."""


def check(head: Head, tally: Tally) -> None:
    """Tell statements that stand before what they need, and CHARSET behind the first text that it is about."""
    first: dict[Needed, Statement] = {}
    for one in head.statements:
        for key in one.keys[:1] if one.keyword == VALUES else [""]:
            first.setdefault((one.keyword, head.language_of(one), key), one)
    for one in head.sound():
        keyword = keywords().get(one.keyword)
        for needed, refused in _needs(one, keyword, head) if keyword else ():
            other = first.get(needed)
            if other is not None and one.line < other.line:
                rule = "px-order-wrong" if refused else "px-order-odd"
                tell(tally, rule, one, one.keyword, other=other.keyword, line=other.line)
                break
    _charset(head, tally)


def _needs(one: Statement, keyword: Keyword, head: Head) -> Iterator[tuple[Needed, bool]]:
    """What must stand before a statement, and whether the parser refuses it otherwise."""
    language = head.language_of(one)
    if language:
        yield (LANGUAGES, "", ""), True
    if one.keyword in REFUSED or (one.keys and "variable" in keyword.keys):
        name = one.keys[0] if one.keys else one.text
        for word in (STUB, HEADING):
            if name in head.names_in(word, language):
                yield (word, language, ""), one.keyword in REFUSED
    if len(one.keys) == 1 and "content" in keyword.keys:
        yield ("CONTVARIABLE", language, ""), True
        if variable := head.contents[language]:
            yield (VALUES, language, variable.name), True
    if one.keyword == "TIMEVAL" or not set(OF_VALUES).isdisjoint(keyword.keys):
        for name in one.keys[:1]:
            yield (VALUES, language, name), False
    if one.keyword == "ATTRIBUTES":
        yield ("ATTRIBUTE-ID", "", ""), False


def _charset(head: Head, tally: Tally) -> None:
    charset = next(iter(head.of("CHARSET")), None)
    for one in head.statements:
        if charset is None or one is charset:
            return
        if not "".join([*map(str, one.values), *one.keys]).isascii():
            tell(tally, "px-charset-late", charset, other=one.keyword, line=one.line)
            return

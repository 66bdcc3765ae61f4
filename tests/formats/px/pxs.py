"""Invented PX tables for the tests: one by hand, and a strategy for all kinds of them."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from nps_exchange.formats.px.document import Bare, Px, Statement, Value
from nps_exchange.formats.px.order import in_order

PAGES = {"utf-8": "utf-8", "ISO-8859-1": "iso-8859-1", "iso-8859-15": "iso-8859-15", "Windows-1252": "cp1252"}
"""Code pages as a file may name them, and Python's names."""

LANGUAGES = ("sv", "en", "fi")
SYMBOLS = (".", "..", "...", "....", ".....", "......", ".......", "-")
Draw = st.DrawFn


def said(keyword: str, *values: Value, language: str = "", keys: Sequence[str] = ()) -> Statement:
    return Statement(keyword, values, language, tuple(keys))


SMALL = Px(
    (
        said("CHARSET", "ANSI"),
        said("AXIS-VERSION", "2013"),
        said("CODEPAGE", "utf-8"),
        said("LANGUAGE", "en"),
        said("LANGUAGES", "en", "sv"),
        said("CREATION-DATE", "20260101 12:00"),
        said("DECIMALS", Bare("0")),
        said("MATRIX", "INV01"),
        said("SUBJECT-CODE", "INV"),
        said("SUBJECT-AREA", "Health"),
        said("SUBJECT-AREA", "Hälsa", language="sv"),
        said("TITLE", "Licensed personnel"),
        said("TITLE", "Legitimerad personal", language="sv"),
        said("CONTENTS", "Licensed personnel"),
        said("CONTENTS", "Legitimerad personal", language="sv"),
        said("UNITS", "number"),
        said("UNITS", "antal", language="sv"),
        said("STUB", "profession"),
        said("STUB", "yrke", language="sv"),
        said("HEADING", "year"),
        said("HEADING", "år", language="sv"),
        said("VALUES", "physicians", "midwives", keys=["profession"]),
        said("VALUES", "läkare", "barnmorskor", language="sv", keys=["yrke"]),
        said("VALUES", "2021", "2022", "2023", keys=["year"]),
        said("VALUES", "2021", "2022", "2023", language="sv", keys=["år"]),
        said("TIMEVAL", Bare("TLIST(A1)"), "2021", "2022", "2023", keys=["year"]),
        said("TIMEVAL", Bare("TLIST(A1)"), "2021", "2022", "2023", language="sv", keys=["år"]),
        said("CODES", "AT", "BM", keys=["profession"]),
        said("CODES", "AT", "BM", language="sv", keys=["yrke"]),
        said("NOTE", "Two lines\nof a note."),
        said("NOTE", "En anmärkning\ni två rader.", language="sv"),
    ),
    [("1", "-20", "3.50"), ("..", "-", ".......")],
)


def changed(px: Px, *others: Statement, without: str = "") -> Px:
    """A table with statements in place of those of the same keyword, language and keys, and without a keyword."""
    places = {(one.keyword, one.language, one.keys): one for one in px.statements if one.keyword != without}
    places |= {(one.keyword, one.language, one.keys): one for one in others}
    return replace(px, statements=tuple(places.values()))


def held(px: Px) -> tuple[tuple[Statement, ...], list[tuple[str, ...]]]:
    """All that a table says, to compare."""
    return px.statements, [tuple(row) for row in px.rows]


def characters(page: str) -> st.SearchStrategy[str]:
    """What a text in a code page can be made of, line breaks among it; not the sign that characters were lost."""
    return st.characters(codec=page, exclude_categories=["Cc", "Cs"], exclude_characters='"#\ufffd') | st.just("\n")


def texts(page: str) -> st.SearchStrategy[str]:
    """Texts in a code page; some are to be cut into several lines, and some look like what stands round a text."""
    letters = characters(page)
    short = st.text(letters, min_size=1, max_size=12)
    long = st.builds(lambda text, size: (text * size)[:size], short, st.sampled_from([200, 253, 254, 256, 600]))
    awkward = st.sampled_from(
        ["DATA=", ";", ",", "=", "(", ")", "[sv]", " ", "å ä ö", "1,,2", "TLIST(A1)", "YES", ".."]
    )
    return short | awkward | long


def numbers() -> st.SearchStrategy[str]:
    return st.integers(-10, 10**9).map(str) | st.from_regex(r"\A-?[0-9]{1,9}\.[0-9]{1,6}\Z")


@st.composite
def pxs(draw: Draw, plain: bool = False) -> Px:
    """Tables of 1 to 6 variables in 1 to 3 languages, in all code pages; statements in the recommended order.

    With `plain`, texts are words: for readers that understand no others.
    """
    declared = draw(st.sampled_from(list(PAGES)))
    words = st.text("abcåäö", min_size=1, max_size=8) if plain else texts(PAGES[declared])
    languages = draw(st.permutations(LANGUAGES))[: draw(st.integers(1, 3))]
    forms = dict(zip(["", *languages[1:]], languages, strict=False))  # the default one is not named in statements
    names = {
        form: draw(st.lists(words, min_size=1 if not form else 6, max_size=6, unique=True)) for form in sorted(forms)
    }
    count = len(names[""])
    in_stub = draw(st.integers(0, count))
    sizes = [draw(st.integers(1, 3)) for _ in range(count)]
    statements = [
        said("CHARSET", "ANSI"),
        said("CODEPAGE", declared),
        said("LANGUAGE", languages[0]),
        said("DECIMALS", Bare("0")),
        said("MATRIX", "INV01"),
        said("SUBJECT-CODE", "INV"),
    ]
    if len(languages) > 1:
        statements.append(said("LANGUAGES", *languages))
    for form in forms:
        own = names[form][:count]
        for keyword in ("SUBJECT-AREA", "CONTENTS", "UNITS", "SOURCE", "NOTE"):
            statements.append(said(keyword, draw(words), language=form))
        # Behind the letter ä a blank is no UTF-8: without one, what is in another page could be taken for it.
        statements.append(said("TITLE", draw(words) + " ä ", language=form))
        for keyword, listed in (("STUB", own[:in_stub]), ("HEADING", own[in_stub:])):
            if listed:
                statements.append(said(keyword, *listed, language=form))
    for place in range(count):
        size = sizes[place]
        codes = draw(st.none() | st.lists(words, min_size=size, max_size=size, unique=True))
        times = place == count - 1 and draw(st.booleans())
        for form in forms:
            keys = [names[form][place]]
            values = draw(st.lists(words, min_size=size, max_size=size, unique=True))
            statements.append(said("VALUES", *values, language=form, keys=keys))
            if codes is not None:
                statements.append(said("CODES", *codes, language=form, keys=keys))
            if times:
                years = [str(2020 + step) for step in range(size)]
                statements.append(said("TIMEVAL", Bare("TLIST(A1)"), *years, language=form, keys=keys))
            if draw(st.booleans()):
                statements.append(said("ELIMINATION", draw(st.just(Bare("YES")) | words), language=form, keys=keys))
            if draw(st.booleans()):
                statements.append(said("VALUENOTE", draw(words), language=form, keys=[*keys, values[0]]))
            if draw(st.booleans()):
                tree = (values[0], *[(values[0], value) for value in values[1:]])
                statements.append(said("HIERARCHIES", *tree, language=form, keys=keys))
    height, width = math.prod(sizes[:in_stub]), math.prod(sizes[in_stub:])
    cells = itertools.cycle(draw(st.lists(numbers() | st.sampled_from(SYMBOLS), min_size=1, max_size=20)))
    rows = [tuple(itertools.islice(cells, width)) for _ in range(height)]
    return Px(in_order(statements), rows)

"""The layout of a PX table, held against the keywords of the format, the columns of the dataset and its structure."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from nps_exchange.codelists import CodeLists
from nps_exchange.documents import Document, Path_, children
from nps_exchange.mapping import Mapping
from nps_exchange.messages import LANGUAGES
from nps_exchange.model import Finding
from nps_exchange.presentations import ABSENT, CONFIDENTIAL, PxTable
from nps_exchange.px_keywords import Keyword, keywords

FROM_THE_RUN = {
    *("CHARSET", "AXIS-VERSION", "LANGUAGE", "LANGUAGES", "CREATION-DATE", "LAST-UPDATED", "CONTACT", "CONTVARIABLE"),
    *("DECIMALS", "SHOWDECIMALS", "STUB", "HEADING", "VALUES", "CODES", "VARIABLECODE", "TIMEVAL"),
    *("NOTE", "NOTEX", "VALUENOTE", "CELLNOTE", "DATANOTECELL", "DATA", *(f"DATASYMBOL{dots}" for dots in range(1, 7))),
}
"""Keywords that the program fills by itself."""

DATE, NUMBER = re.compile("[0-9]{8} [0-2][0-9]:[0-5][0-9]"), re.compile("[0-9]{1,9}")

NO_PLACE = {'"': "a quotation mark", "#": "the sign #, which is a line break there"}
"""What a PX file has no place for within a text."""


def faults(document: Document, codelists: CodeLists) -> Iterator[Finding]:
    """What the mapping file alone shows: keywords at fault, columns that are none or are forgotten, symbols."""
    px = document.data.get("px")
    if px is None:
        return
    for keyword, said in px["keywords"].items():
        for problem in _keyword_problems(keyword, said, px["languages"]):
            yield document.fault(problem, "px", "keywords", keyword)
    if "files" in document.data:
        file = document.data["files"][0]
        wanted = [column["name"] for column in file["columns"] if column["is"] in ("code", "year")]
        placed = [*px.get("stub", ()), *px.get("heading", ())]
        for column in sorted({*placed} - {*wanted}):
            yield document.fault(f"{column} is neither a coded column of {file['file']} nor its year", "px")
        for column in wanted:
            if placed.count(column) != 1:
                yield document.fault(f"{column} must stand once, in stub or heading", "px")
    yield from _symbol_faults(document, codelists)


def against_structure(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Variables and values without a name in one of the languages, or with the same name as another."""
    px, file = mapping.px, mapping.files[0]
    if px is None:
        return
    if file.structure is None:
        yield document.fault(f"{file.name} needs a structure, which the names of values come from", "px")
        return
    names = file.structure.names
    for language in px.languages:
        for column in (*px.stub, *px.heading):
            # What the year is called in a flat file is its own matter; in the structure it is the time.
            component = file.structure.time if column == file.named("year") else column
            if language not in names.get(component, {}):
                problem = f"{file.structure.file} has no name of {component} in {language!r}"
                yield document.fault(problem, "px", "languages")
        yield from _label_faults(px, mapping, document, language)


def _label_faults(px: PxTable, mapping: Mapping, document: Document, language: str) -> Iterator[Finding]:
    file = mapping.files[0]
    for column in (*px.stub, *px.heading):
        codes = file.structure.codes_of(column) if file.structure else None
        seen: dict[str, str] = {}
        for code, known in codes.codes.items() if codes else ():
            if language != LANGUAGES[0] and language not in known.also:
                problem = f"{column} {code} has no name in {language!r} in {codes.id if codes else ''}"
                yield document.fault(problem, "px", "languages")
            other = seen.setdefault(known.named(language), code)
            if other != code:
                problem = f"{column} {other} and {code} have the same name, {known.named(language)!r}"
                yield document.fault(problem, "px", "languages")
            for sign, name in NO_PLACE.items():
                if sign in known.named(language):
                    problem = f"the name of {column} {code} holds {name}, for which PX has no place"
                    yield document.fault(problem, "px", "languages")


def _keyword_problems(name: str, said: Any, languages: list[str]) -> Iterator[str]:
    keyword = keywords().get(name)
    if keyword is None:
        yield "PX has no such keyword"
        return
    if name in FROM_THE_RUN:
        yield "the program fills it by itself, from the run"
        return
    if "none" not in keyword.keys:
        yield "it speaks of a variable, a value or a cell, not of the table as a whole"
        return
    texts = [said[language] for language in languages] if isinstance(said, dict) else [said]
    if not keyword.by_language and len(set(texts)) > 1:
        yield "it is the same in all languages"
    for text in dict.fromkeys(texts):
        yield from _text_problems(keyword, text)


def _text_problems(keyword: Keyword, text: str) -> Iterator[str]:
    if keyword.words and text not in keyword.words:
        yield f"{text!r} is none of {', '.join(keyword.words)}"
    elif keyword.holds == "date" and not DATE.fullmatch(text):
        yield f"{text!r} is no date, which is written CCYYMMDD hh:mm"
    elif keyword.bounds and not (NUMBER.fullmatch(text) and keyword.bounds[0] <= int(text) <= keyword.bounds[1]):
        yield f"{text!r} is no whole number from {keyword.bounds[0]} to {keyword.bounds[1]}"
    elif keyword.longest and len(text) > keyword.longest:
        yield f"the text is longer than {keyword.longest} characters"
    for sign, name in NO_PLACE.items():
        if sign in text:
            yield f"the text holds {name}, for which PX has no place"
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        yield "the text holds a control character, for which PX has no place"


def _symbol_faults(document: Document, codelists: CodeLists) -> Iterator[Finding]:
    statuses = codelists.of("obs_status")
    seen: dict[str, Path_] = {}
    texts: dict[str, Any] = {}
    for path, item in children(document, "px", "symbols"):
        what = item["for"]
        if what in seen:
            yield document.fault(f"there are two symbols for {what}", *path)
        seen[what] = path
        if what not in (ABSENT, CONFIDENTIAL) and statuses.rows.get(what, {}).get("figure") != "none":
            yield document.fault(f"{what} is no status that says that there is no figure", *path, "for")
        if texts.setdefault(item["symbol"], item["text"]) != item["text"]:
            yield document.fault(f"the symbol {item['symbol']} has two texts", *path, "text")
    for what in (ABSENT, CONFIDENTIAL):
        if what not in seen:
            yield document.fault(f"there is no symbol for {what}", "px", "symbols")

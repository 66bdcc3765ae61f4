"""The head of a PX file, taken apart into statements; what is wrong with it is told, and the rest is read.

`KEYWORD[language]("key", ...)=value, ...;` with blanks and line ends anywhere outside quotation marks. Behind a fault
reading goes on where the next statement seems to begin, so that one stray quotation mark costs one statement.
"""

import re
from dataclasses import dataclass

from nps_exchange.formats.px.document import Bare, Statement, Value
from nps_exchange.formats.px.text import BLANK, SNIPPET, Text
from nps_exchange.model import Finding

LONGEST_LINE = 256
LONGEST_STATEMENT = 1 << 23
MOST_BROKEN = 1000
LONGEST_GUESS = 1 << 16
DAMAGED = "\ufffd"

WORD = re.compile(r'[^ \t\n\f\v\xa0\ufeff"=;,()\[\]]++')
LANGUAGE = re.compile(r'\[([^\[\]"=;\n]*+)\]')
PARENTHESES = re.compile(r'\((?:[^()";]++|"[^"\n]*+")*+\)')
BLANKS_OUTSIDE = re.compile(rf'("[^"]*+")|{BLANK}++')
LONG_LINE = re.compile(rf"[^\n]{{{LONGEST_LINE + 1},}}+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
RUN = re.compile(r'(?:"[^"\n\t]*+",\n?+(?=")){1,65536}+')
BETWEEN_PIECES = re.compile(rf'"[ \t]*+\n{BLANK}*+"')
BETWEEN_VALUES = re.compile(rf'"{BLANK}*+,{BLANK}*+"?|,{BLANK}*+"')

TEXTS = ("text", "date")
LISTS = ("texts", "hierarchy")
TIMES = "time"


@dataclass(frozen=True)
class Head:
    """The statements of a head, in its order; its faults by line; the lines (from 1) beyond 256 characters.

    A statement that is at fault is there as well, with the values that were probably meant; where not even its
    keyword can be told, it is not. Keywords are in capitals.
    """

    statements: tuple[Statement, ...]
    faults: tuple[Finding, ...]
    long_lines: tuple[int, ...]


class _Broken(Exception):
    """A statement cannot be read on: by which rule, and where."""

    def __init__(self, rule: str, at: int) -> None:
        super().__init__(rule)
        self.rule, self.at = rule, at


def statements(head: str) -> Head:
    """Take apart the text before DATA."""
    text = Text(head.replace("\r\n", "\n").replace("\r", "\n"))
    found = []
    while (character := text.next()) != "":
        text.begin, text.column = text.at, ""
        if text.broken > MOST_BROKEN:
            text.tell("px-head-given-up", text.at)
            break
        if character == ";":
            text.tell("px-semicolon-surplus", text.at)
            text.at += 1
            text.broken += 1
        elif (one := _statement(text)) is not None:
            found.append(one)
    long_lines = [text.line(match.start()) for match in LONG_LINE.finditer(text.text)]
    faults = sorted(text.faults, key=lambda fault: fault.place.row or 0)
    return Head(tuple(found), tuple(faults), tuple(long_lines))


def said(keyword: str, language: str = "", keys: tuple[str, ...] = ()) -> str:
    """What stands before the equals sign: `VALUES[sv]("ålder")`."""
    quoted = ",".join([f'"{key}"' for key in keys])
    return f"{keyword}{f'[{language}]' if language else ''}{f'({quoted})' if keys else ''}"


def _statement(text: Text) -> Statement | None:
    keyword, language = "", ""
    keys: tuple[str, ...] = ()
    try:
        keyword = text.column = _keyword(text)
        meant = text.at
        language, keys = _subject(text)
        text.column = said(keyword, language, keys)
        meant = text.at
        if text.next() != "=":
            raise _Broken("px-equals-missing", text.at)
        text.at = meant = text.at + 1
        values = _values(text)
        _unquoted(text, keyword, values)
    except _Broken as broken:
        text.broken += 1
        text.tell(broken.rule, broken.at)
        text.at = text.next_beginning(max(broken.at, text.begin + 1))
        values = _meant(text.text[meant : min(text.at, meant + LONGEST_GUESS)]) if keyword else ()
    _characters(text)
    return Statement(keyword, values, language, keys, text.line(text.begin)) if keyword else None


def _keyword(text: Text) -> str:
    match = WORD.match(text.text, text.at)
    if not match or not "A" <= match[0][0].upper() <= "Z":
        raise _Broken("px-statement-unreadable", text.at)
    text.at = match.end()
    return match[0].upper()


def _subject(text: Text) -> tuple[str, tuple[str, ...]]:
    language = ""
    keys: tuple[str, ...] = ()
    while (character := text.next()) in ("[", "("):
        if language if character == "[" else keys:
            raise _Broken("px-parentheses", text.at)
        if character == "(":
            keys = _keys(text)
            continue
        match = LANGUAGE.match(text.text, text.at)
        if not match:
            raise _Broken("px-parentheses", text.at)
        if keys:
            text.tell("px-language-behind-keys", text.at)
        language, text.at = match[1].strip(), match.end()
    return language, keys


def _keys(text: Text) -> tuple[str, ...]:
    opened, keys = text.at, []
    character = ","
    while character == ",":
        text.at += 1
        character = text.next()
        if character == '"':
            keys.append(_text(text))
        elif character in (",", ")"):
            text.tell("px-value-empty", text.at)
            keys.append("")
        elif WORD.match(text.text, text.at) and not text.begins(text.at):
            text.tell("px-key-unquoted", text.at)
            keys.append(str(_bare(text)))
        else:
            raise _Broken("px-parentheses", opened)
        character = text.next()
        _stop_if_endless(text)
    if character != ")":
        stray = character == '"' or WORD.match(text.text, text.at)
        raise _Broken("px-quote-stray", text.at) if stray else _Broken("px-parentheses", opened)
    text.at += 1
    return tuple(keys)


def _values(text: Text) -> tuple[Value, ...]:
    values: list[Value] = []
    while True:
        character = text.next()
        if character == '"':
            _run(text, values)
            values.append(_text_or_pair(text))
        elif character == ";" and values:  # Statistics Sweden's own files write an empty code so
            text.tell("px-comma-last", text.at)
            values.append("")
        elif character in (",", ";", "") or text.begins(text.at):
            text.tell("px-value-empty", text.at)
            if character == ",":
                values.append("")
            elif character != ";":
                return tuple(values)
        elif WORD.match(text.text, text.at):
            values.append(_bare(text))
        else:
            raise _Broken("px-sign-unexpected", text.at)
        behind = text.at
        character = text.next()
        if character in (",", ";"):
            text.at += 1
            if character == ";":
                return tuple(values)
            _stop_if_endless(text)
        elif character == "" or text.begins(text.at) or _another(text):
            text.tell(
                "px-semicolon-missing",
                behind,
                text.text[max(text.begin, behind - SNIPPET) : behind].rpartition("\n")[2],
            )
            return tuple(values)
        elif character == '"' or WORD.match(text.text, text.at):
            raise _Broken("px-quote-stray", text.at)
        else:
            raise _Broken("px-sign-unexpected", text.at)


def _run(text: Text, values: list[Value]) -> None:
    """The texts from here that a comma and another text follow: lists may be long, and most have nothing else."""
    if run := RUN.match(text.text, text.at):
        text.at = run.end()
        values.extend(run[0].replace("#", "\n").split('"')[1::2])
        _stop_if_endless(text)


def _text_or_pair(text: Text) -> Value:
    first = _text(text)
    behind = text.at
    if text.next() != ":":
        text.at = behind  # what is missing is missing here, not in the next line
        return first
    text.at += 1
    if text.next() != '"':
        raise _Broken("px-sign-unexpected", text.at)
    return first, _text(text)


def _text(text: Text) -> str:
    pieces, joined = [], False
    while True:
        opened, closed = text.at, text.text.find('"', text.at + 1)
        if closed < 0 or text.next_line_beginning(opened) < closed:
            raise _Broken("px-text-unclosed", opened)
        piece = text.text[opened + 1 : closed]
        if "\n" in piece:
            text.tell("px-text-over-lines", opened)
        if "\t" in piece:
            text.tell("px-tab-in-text", opened)
        pieces.append(piece)
        text.at = closed + 1
        after = text.behind_blanks(text.at)
        if text.text[after : after + 1] != '"':
            return "".join(pieces).replace("#", "\n")
        if text.text.find("\n", text.at, after) < 0 and not joined:  # once for each text
            text.tell("px-comma-missing", opened)
            joined = True
        text.at = after
        _stop_if_endless(text)


def _bare(text: Text) -> Bare:
    words: list[str] = []
    behind = text.at
    while match := WORD.match(text.text, text.at):
        if words and (text.begins(text.at) or _another(text)):
            break
        text.at = behind = match.end()
        word = match[0]
        if text.next() == "(":
            parentheses = PARENTHESES.match(text.text, text.at)
            if not parentheses:
                raise _Broken("px-parentheses", text.at)
            word += BLANKS_OUTSIDE.sub(lambda found: found[1] or "", parentheses[0])
            text.at = behind = parentheses.end()
            text.next()
        words.append(word)
        _stop_if_endless(text)
    text.at = behind
    return Bare(" ".join(words))


def _stop_if_endless(text: Text) -> None:
    if text.at - text.begin > LONGEST_STATEMENT:
        raise _Broken("px-statement-too-long", text.begin)


def _another(text: Text) -> bool:
    """Whether a keyword stands here, in the same line as what a semicolon should have ended."""
    match = WORD.match(text.text, text.at)
    if not match or match[0] not in text.known:
        return False
    after = text.behind_blanks(match.end())
    return text.text[after : after + 1] in ("=", "[", "(")


def _meant(broken: str) -> tuple[Value, ...]:
    """The values that a broken statement probably should have: as they were without the marks that are astray."""
    broken = broken.strip().removesuffix(";").rstrip()
    if '"' not in broken:
        return (Bare(broken),) if broken else ()
    broken = BETWEEN_PIECES.sub("", broken)
    values = BETWEEN_VALUES.split(broken.removeprefix('"').removesuffix('"'))
    return tuple([value.replace('"', "").replace("\n", " ").replace("#", "\n") for value in values])


def _unquoted(text: Text, keyword: str, values: tuple[Value, ...]) -> None:
    """Tell of values without quotation marks where a keyword has texts."""
    known = text.known.get(keyword)
    if known is None or known.holds not in (*TEXTS, *LISTS, TIMES):
        return
    bare = [value for value in values[known.holds == TIMES :] if isinstance(value, Bare)]
    if bare:
        alone = len(values) == 1 and known.holds != TIMES
        text.tell("px-text-unquoted" if alone else "px-value-unquoted", text.begin, bare[0])


def _characters(text: Text) -> None:
    """Tell of characters that no text should hold, in the statement that has just been read."""
    here = text.text[text.begin : text.at]
    if controls := CONTROLS.findall(here):
        text.tell(
            "px-control-character", text.begin + here.index(controls[0]), f"U+{ord(controls[0]):04X}", len(controls)
        )
    if DAMAGED in here:
        place = here.index(DAMAGED)
        around = here[max(0, place - SNIPPET // 2) : place + SNIPPET // 2]
        text.tell("px-text-damaged", text.begin + place, around.replace("\n", " "), here.count(DAMAGED))

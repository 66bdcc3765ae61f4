"""Text in XML: what cannot stand in it, and what must be written otherwise."""

import re
import unicodedata

IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry in any way (Extensible Markup Language 1.0, section 2.2)."""

WRITTEN_OTHERWISE = re.compile('[&<>"\t\n\r]|' + IMPOSSIBLE.pattern)

# A parser turns tab and line ends of an attribute into spaces, unless they are written as references.
REFERENCES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)

CONTROLS = {0: "NULL", 8: "BACKSPACE", 11: "LINE TABULATION", 12: "FORM FEED", 26: "SUBSTITUTE", 27: "ESCAPE"}
"""Unicode gives control characters no names of their own; these are the usual ones."""


class ImpossibleCharacter(ValueError):
    """A text holds a character that XML cannot carry; the message names it."""


def impossible(text: str) -> str:
    """The first character of a text that XML cannot carry, as `U+000B LINE TABULATION`; "" where there is none."""
    found = IMPOSSIBLE.search(text)
    return named(found[0]) if found else ""


def named(character: str) -> str:
    """A character by its number and its name."""
    number = ord(character)
    kind = {"Cs": "half of a surrogate pair", "Cn": "not a character", "Cc": "control character"}
    name = CONTROLS.get(number) or unicodedata.name(character, "") or kind.get(unicodedata.category(character), "")
    return f"U+{number:04X} {name}".rstrip()


def attribute(text: str) -> str:
    """A text as it stands between the double quotes of an attribute; a parser gives back exactly the text.

    Raises:
        ImpossibleCharacter: a character that XML cannot carry; names it.
    """
    if not WRITTEN_OTHERWISE.search(text):
        return text
    if character := impossible(text):
        raise ImpossibleCharacter(f"XML cannot carry the character {character}")
    return text.translate(REFERENCES)

"""Which code page the head of a PX file is in, whatever it says of itself."""

import codecs
import re
from dataclasses import dataclass

from nps_exchange.model import Finding, Place

UTF8, CP1252, CP850, LATIN1, LATIN9, US_ASCII = "utf-8", "cp1252", "cp850", "iso-8859-1", "iso-8859-15", "ascii"
CODEPAGE, CHARSET = "CODEPAGE", "CHARSET"

WRITTEN = {CP1252: "Windows-1252", CP850: "ibm850"}
"""What CODEPAGE says for a codec where that is not the codec's own name."""

FIRST_LINES = 100
"""Statistics Sweden's parser looks for CODEPAGE in so many lines."""

STATED = re.compile(rb'(?:\A|[\r\n;])[ \t]*+(CODEPAGE|CHARSET)[ \t]*+=[ \t]*+"?+([^";\r\n]*+)', re.IGNORECASE)
SEQUENCES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
BEYOND_LATIN = re.compile(rb"[\x80-\x9f]")
ASCII = '"09=;AZ'
FAMILIES = (US_ASCII, "cp", "iso8859", "koi8", "utf-8")
NAMES = {"iso8859-1": LATIN1, "iso8859-15": LATIN9, "utf-8-sig": UTF8}

SOUND_SHARE = 9
"""UTF-8 with so many sound characters to each damaged one is UTF-8 all the same."""


@dataclass(frozen=True)
class Page:
    """The page of a text: `name` is the codec that reads it, `declared` the CODEPAGE as it is written, "" if none.

    `lies`: the page declared would have given another text.
    """

    name: str
    declared: str
    lies: bool


def codec(declared: str) -> str:
    """The Python codec of a page's name, whatever its case; "" where it is none that a PX file may be in."""
    try:
        name = codecs.lookup(declared.strip()).name
        sound = ASCII.encode("ascii").decode(name) == ASCII
    except (LookupError, ValueError):
        return ""
    return NAMES.get(name, name) if sound and name.startswith(FAMILIES) else ""


def written(name: str) -> str:
    """The name of a codec's page as CODEPAGE has it."""
    return WRITTEN.get(name, name)


def decoded(head: bytes) -> tuple[Page, str, list[Finding]]:
    """The text of a head, the page it is in, and what is odd about the page it declares."""
    marked = head.startswith(codecs.BOM_UTF8)
    head = head.removeprefix(codecs.BOM_UTF8)
    stated: dict[str, tuple[str, int]] = {}
    for match in STATED.finditer(head):
        keyword = match[1].decode("ascii").upper()
        stated.setdefault(keyword, (match[2].decode("ascii", errors="replace").strip(), match.start(1)))
    declared, at = stated.get(CODEPAGE, ("", 0))
    own = codec(declared) if declared else ""
    name = _true(head, own or (CP1252 if stated else CP850), own, marked)
    text = head.decode(name, errors="replace")
    lies = bool(own) and not head.isascii() and text != head.decode(own, errors="replace")
    place = Place(row=_lines(head, at) + 1, column=CODEPAGE)
    findings = []
    if declared and not own:
        findings.append(Finding("px-codepage-unknown", place, {"codepage": declared, "page": written(name)}))
    if declared and _lines(head, at) >= FIRST_LINES:
        findings.append(Finding("px-codepage-late", place, {"lines": FIRST_LINES}))
    return Page(name, declared, lies), text, findings


def _true(head: bytes, expected: str, own: str, marked: bool) -> str:
    if head.isascii():
        return UTF8 if marked else expected
    if _decodes(head, UTF8) or _mostly_utf8(head, share=1 if marked or own == UTF8 else SOUND_SHARE):
        return UTF8
    if expected in (UTF8, US_ASCII):
        expected = CP1252
    if expected in (LATIN1, LATIN9) and BEYOND_LATIN.search(head) and _decodes(head, CP1252):
        return CP1252
    return LATIN1 if expected == CP1252 and not _decodes(head, CP1252) else expected


def _decodes(head: bytes, name: str) -> bool:
    try:
        head.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(head: bytes, share: int) -> bool:
    rest, sound = SEQUENCES.subn(b"", head)
    return sound > share * len(BEYOND_ASCII.findall(rest))


def _lines(head: bytes, end: int) -> int:
    return head.count(b"\n", 0, end) + head.count(b"\r", 0, end) - head.count(b"\r\n", 0, end)

"""Where in a PX file the head ends and the cells begin."""

import codecs
import re
from typing import BinaryIO

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.px_keywords import DATA

LONGEST = 1 << 26
BLOCK = 1 << 20
OVERLAP = 1 << 10
BEGINNING = 1 << 10
KEYWORD = re.compile(rb"DATA[ \t]{0,256}+=", re.IGNORECASE)
BEFORE = 256
NOT_TEXT = {b"PK\x03\x04": "ZIP", b"\xd0\xcf\x11\xe0": "XLS", b"%PDF": "PDF"}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def head(stream: BinaryIO, file: str) -> tuple[bytes, int]:
    """The bytes before DATA, and where its cells begin; of a file without DATA all bytes, and 0.

    DATA stands at the beginning of a line, or behind a semicolon that is outside quotation marks.

    Raises:
        InputRefused: nothing is in the file, it is no text, or no DATA is near enough.
    """
    read, searched = b"", 0
    quotes = _Quotes()
    while block := stream.read(BLOCK):
        if not read:
            _refuse_if_no_text(block[:BEGINNING], file)
        read += block
        for match in KEYWORD.finditer(read, searched):
            if _begins(read, match.start(), quotes):
                return read[: match.start()], match.end()
        searched = max(0, len(read) - OVERLAP)
        if len(read) > LONGEST:
            raise InputRefused(Finding("px-head-too-long", Place(file=file), {"keyword": DATA, "most": LONGEST >> 20}))
    if not read.removeprefix(codecs.BOM_UTF8).strip():
        raise InputRefused(Finding("file-empty", Place(file=file)))
    return read, 0


class _Quotes:
    """Whether a place is within quotation marks, as far as its line tells; places are asked for in order."""

    def __init__(self) -> None:
        self.counted, self.number = 0, 0

    def around(self, text: bytes, at: int) -> bool:
        line = max(text.rfind(b"\n", self.counted, at), text.rfind(b"\r", self.counted, at)) + 1
        if line:
            self.counted, self.number = line, 0
        self.number += text.count(b'"', self.counted, at)
        self.counted = at
        return self.number % 2 == 1


def _begins(text: bytes, at: int, quotes: _Quotes) -> bool:
    before = text[max(0, at - BEFORE) : at].removeprefix(codecs.BOM_UTF8).rstrip(b" \t")
    if not before or before.endswith((b"\n", b"\r")):
        return True
    return before.endswith(b";") and not quotes.around(text, at)


def _refuse_if_no_text(beginning: bytes, file: str) -> None:
    found = next((name for signature, name in NOT_TEXT.items() if beginning.startswith(signature)), "")
    if beginning.startswith(UTF16) or _every_second_is_zero(beginning):
        found = "UTF-16"
    elif b"\0" in beginning:
        found = found or "NUL"
    if found:
        raise InputRefused(Finding("px-file-not-text", Place(file=file), {"found": found}))


def _every_second_is_zero(beginning: bytes) -> bool:
    return any(len(half) > 1 and not any(half) for half in (beginning[0:16:2], beginning[1:16:2]))

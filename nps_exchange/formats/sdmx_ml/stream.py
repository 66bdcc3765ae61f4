"""A file of XML, read piece by piece: what begins and ends in it, line by line, and what its schema finds.

No entity is resolved and no other file is read, whatever the message says of schemas and document types.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place

CAREFUL: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
}
"""How every parser here is set: it resolves nothing and reads nothing but what it is given."""

PIECE = 1 << 16
GZIP = b"\x1f\x8b"
MOST_PROBLEMS = 1000
"""Faults found by the schema that are gathered: libxml2 keeps each, and a file may have millions."""

CUT_OFF = "it ends before its outermost element does"
ENDS_TOO_EARLY = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
PREFIX = re.compile(rb"(?:\A|[<\s/\0])([^\s<>=\"'/:&;]*):(?=[^\s<>=\"'/:])")
"""What may be a prefix of a name, or the end of one that a piece begins with; in UTF-16 none is one that is known."""

PREFIXES = frozenset({b"xml", b"xmlns"})
"""Prefixes that need no declaration."""


@dataclass(frozen=True)
class Problem:
    """What the schema finds: the line, libxml2's name of the kind of fault, and its words."""

    line: int
    kind: str
    message: str


class TooManyProblems(Exception):
    """More faults than are gathered: the file must be read without the schema."""


class Stream:
    """A file that is being read: `line` is where the reading stands, `fed` how many bytes have been read.

    Of the `tags` asked for, beginnings and ends are told; the outermost element must be among them, for without its
    end the file is not whole. What a schema finds comes into `problems`.
    """

    def __init__(self, path: Path, tags: Sequence[str], schema: etree.XMLSchema | None = None) -> None:
        self.path, self.tags, self.schema = path, tags, schema
        self.line, self.fed = 1, 0
        self.problems: list[Problem] = []
        self._doubts = self._ended = False

    def __iter__(self) -> Iterator[list[tuple[str, Any]]]:
        """What begins and ends in one piece after another, as lxml tells it; in a piece of a long text nothing.

        Raises:
            InputRefused: `xml-broken`.
            TooManyProblems: the schema finds more than are gathered.
        """
        pull: Any = etree.XMLPullParser(events=("start", "end"), tag=self.tags or None, schema=self.schema, **CAREFUL)
        events = pull.read_events()
        root, whole, said = None, False, CUT_OFF
        try:
            for piece in pieces(self.path):
                pull.feed(piece)
                if happened := list(events):
                    outermost = [event for event, element in happened if element.getparent() is None]
                    if root is not None and "start" in outermost:
                        whole = False  # with a schema, lxml takes what follows something broken for another file
                        break
                    root = happened[0][1] if root is None else root
                    whole = "end" in outermost
                self.fed += len(piece)
                yield happened
                if self.schema is not None:
                    self._gather(pull.feed_error_log)
                    self._doubted(piece, root, whole)
                self.line += piece.endswith(b"\n")
            pull.close()
        except etree.XMLSyntaxError as error:
            self._doubts = True
            if self.schema is None:
                whole, said = False, error.msg or CUT_OFF
        if not whole or self._doubts:
            check_form(self.path)
        if not whole:
            raise broken(self.line, said)

    def _doubted(self, piece: bytes, root: Any, whole: bool) -> None:
        """With a schema, lxml does not tell of prefixes that nobody declared, nor of what follows the last element.

        Where there may be such, the file is read once more; to do so always would take a quarter more time.
        """
        if b":" in piece and root is not None:
            declared = PREFIXES.union([prefix.encode() for prefix in root.nsmap if prefix])
            self._doubts |= not declared.issuperset(PREFIX.findall(piece))
        if whole and not self._ended:
            end = f"</{root.prefix}:{local(root)}>" if root.prefix else f"</{local(root)}>"
            before, _, behind = piece.partition(end.encode())
            self._doubts |= bool(behind.strip()) or len(before) == len(piece)
            self._ended = True
        elif whole:
            self._doubts |= bool(piece.strip())

    def _gather(self, log: Any) -> None:
        # The log is this parser's own; that of an XMLSyntaxError also holds what others have met before.
        for entry in log[len(self.problems) :]:
            self.problems.append(Problem(self.line, entry.type_name, entry.message or ""))
        if len(self.problems) > MOST_PROBLEMS:
            raise TooManyProblems


def check_form(path: Path) -> None:
    """Read a file once more, for nothing but whether it is well-formed.

    Raises:
        InputRefused: `xml-broken`, with the line and what is wrong there.
    """
    reader = expat.ParserCreate(namespace_separator=" ")
    try:
        for piece in pieces(path):
            reader.Parse(piece, False)
        reader.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise refused(error) from None


def refused(error: Exception) -> InputRefused:
    """The refusal of a file by what expat says, or by what Python does of an encoding that it does not know."""
    if isinstance(error, expat.ExpatError):
        problem = expat.ErrorString(error.code) or ""
        return broken(error.lineno, CUT_OFF if problem in ENDS_TOO_EARLY else problem)
    return broken(1, str(error))


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, line by line, a long line in several; what is packed by gzip is unpacked.

    Raises:
        InputRefused: `xml-broken`, where a packed file ends too early or is damaged.
    """
    with path.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            while piece := stream.readline(PIECE):
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken(1, f"it is packed, and damaged: {error}") from None


def broken(line: int, problem: str) -> InputRefused:
    """The refusal of a file that is not well-formed XML."""
    return InputRefused(Finding("xml-broken", Place(row=line), {"problem": problem.split(", line ")[0].strip()}))


def local(element: Any) -> str:
    """The name of an element without its namespace; a prefix that nobody declared stays."""
    return str(element.tag).rpartition("}")[2]


def forget(element: Any) -> None:
    """Take an element's content and all that stands before it out of memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]

"""Cells in the form with KEYS: each row begins with a key for each variable of the stub, and rows of zeros are absent.

Source: PX-file format specification 2013, KEYS and DATA.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import BinaryIO

from nps_exchange.errors import InputRefused
from nps_exchange.formats.px.cells import ONE_NUMBER, ONE_SYMBOL, refused

MOST = 100_000_000
"""Cells of a table at most that is made from its rows: a few bytes may stand for any number of zeros."""

LONGEST = 1 << 24
TOKEN = re.compile(r'"([^"]*+)"|[^ \t\r\n,;"\x1a]++|"')
END = ";"
BEHIND = " \t\r\n\x1a"
"""What may stand behind the end of the rows."""

SNIPPET = 40
ZERO = "0"


def table(
    stream: BinaryIO, codec: str, line: int, file: str, keys: Mapping[str, Sequence[str]], width: int
) -> dict[int, str]:
    """The rows that there are, by their place in the table: cells with blanks between them.

    `keys` are those of each variable of the stub, by its name; `line` is the line of the file
    that the stream stands in.

    Raises:
        InputRefused: a key that there is not, a row twice, too few or too many cells in a row, a cell that is none,
            or more cells than can be; no semicolon at the end, for a row that a cut has taken would be one of zeros.
    """
    variables = tuple(keys)
    number = prod(map(len, keys.values())) * width
    if number > MOST:
        raise refused("px-table-too-large", file, line, cells=number, most=MOST)
    # Of two equal keys the first is meant.
    places = [{key: place for place, key in reversed(tuple(enumerate(one)))} for one in keys.values()]
    found: dict[int, str] = {}
    cells: list[str] = []
    row, named, begun = 0, 0, line
    for at, token in _tokens(stream, codec, line, file):
        quoted = token[1]
        if named < len(variables):
            if quoted is None:
                raise refused("px-keys-missing", file, at, found=token[0][:SNIPPET])
            key = quoted.replace("#", "\n")
            if key not in places[named]:
                raise refused("px-keys-unknown", file, at, found=key, variable=variables[named])
            begun = begun if named else at
            row = row * len(keys[variables[named]]) + places[named][key]
            named += 1
            continue
        text = token[0] if quoted is None else quoted
        if not ONE_SYMBOL.fullmatch(text) and (quoted is not None or not ONE_NUMBER.fullmatch(text)):
            if quoted is not None:
                raise _of_another_width(file, begun, cells, width)
            raise refused("px-cell-unreadable", file, at, found=text[:SNIPPET])
        cells.append(text)
        if len(cells) == width:
            if row in found:
                raise refused("px-keys-repeated", file, begun)
            found[row] = " ".join(cells)
            row, named, cells = 0, 0, []
    if named or cells:
        raise _of_another_width(file, begun, cells, width)
    return found


def unquoted(stream: BinaryIO, codec: str, line: int, file: str) -> Iterator[tuple[int, str]]:
    """The symbols that stand without quotation marks, each with its line."""
    for at, token in _tokens(stream, codec, line, file):
        if token[1] is None and ONE_SYMBOL.fullmatch(token[0]):
            yield at, token[0]


def rows(found: dict[int, str], height: int, width: int) -> Iterator[list[str]]:
    """All rows of the table, those that are absent as zeros."""
    for place in range(height):
        yield found[place].split(" ") if place in found else [ZERO] * width


def _of_another_width(file: str, line: int, cells: list[str], width: int) -> InputRefused:
    return refused("px-keys-cells", file, line, found=len(cells), expected=width)


def _tokens(stream: BinaryIO, codec: str, line: int, file: str) -> Iterator[tuple[int, re.Match[str]]]:
    last = ""
    with io.TextIOWrapper(stream, encoding=codec, errors="replace") as lines:
        while text := lines.readline(LONGEST):
            if len(text) == LONGEST:
                raise refused("px-cell-unreadable", file, line, found=text[:SNIPPET])
            for token in TOKEN.finditer(text):
                if token.end() == len(text) and token[1] is None:
                    raise refused("px-data-cut", file, line, found=token[0][:SNIPPET])
                yield line, token
            last = text.rstrip(BEHIND)[-1:] or last
            line += 1
    if last != END:
        raise refused("px-keys-cut", file, line)

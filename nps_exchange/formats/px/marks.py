"""The marks that stand beside cells of a PX table: DATANOTECELL names cells by codes, or all of a variable by `*`."""

from collections.abc import Iterable, Iterator, Sequence

from nps_exchange.formats.px.cube import Cube
from nps_exchange.formats.px.document import Statement
from nps_exchange.formats.px.statements import said
from nps_exchange.model import Finding, Place

DATANOTECELL = "DATANOTECELL"
ANY = "*"


class Marks:
    """The mark of each cell in the default language; `faults` are the statements that name no cell.

    `codes` are those of each variable of the table, its texts where it has none. A cell that several statements name
    has the mark of the one that names it alone, else of the first.
    """

    def __init__(self, statements: Iterable[Statement], table: Cube, codes: Sequence[Sequence[str]]) -> None:
        self.faults: list[Finding] = []
        self._single: dict[tuple[str, ...], str] = {}
        # By the places of the variables that are named: what is said of which of their codes, and as which of all.
        self._several: dict[tuple[int, ...], dict[tuple[str, ...], tuple[int, str]]] = {}
        self._table, self._codes = table, tuple(map(frozenset, codes))
        # Where a code is due, other programs take the value's text as well.
        texts = [next(iter(variable.values.values())) for variable in table.variables]
        self._by_text = [dict(zip(*one, strict=True)) for one in zip(texts, codes, strict=True)]
        for one in statements:
            if one.keyword == DATANOTECELL and one.language in ("", table.languages[0]):
                self._take(one)

    def of(self, key: tuple[str, ...]) -> str | None:
        """The mark of the cell with these codes, one for each variable."""
        single = self._single.get(key)
        if single is not None or not self._several:
            return single
        found = [marks.get(tuple([key[i] for i in named])) for named, marks in self._several.items()]
        return min(filter(None, found), default=(0, None))[1]

    def _take(self, one: Statement) -> None:
        place = Place(row=one.line, column=said(one.keyword, one.language, one.keys))
        if len(one.keys) != len(self._codes):
            numbers = {"number": len(one.keys), "wanted": len(self._codes)}
            self.faults.append(Finding("px-keys-wrong", place, numbers))
            return
        keys = tuple(self._key(i, name) for i, name in enumerate(one.keys))
        unknown = list(self._unknown(place, keys))
        self.faults += unknown
        if unknown:
            return
        if ANY not in keys:
            self._single.setdefault(keys, one.text)
            return
        named = tuple(i for i, name in enumerate(keys) if name != ANY)
        number = sum(map(len, self._several.values()))
        self._several.setdefault(named, {}).setdefault(tuple(keys[i] for i in named), (number, one.text))

    def _key(self, position: int, name: str) -> str:
        code = name if name in self._codes[position] else name.strip()
        return code if code in self._codes[position] else self._by_text[position].get(name, code)

    def _unknown(self, place: Place, keys: tuple[str, ...]) -> Iterator[Finding]:
        for name, codes, variable in zip(keys, self._codes, self._table.variables, strict=True):
            if name != ANY and name not in codes:
                yield Finding("px-cell-code-unknown", place, {"name": name, "variable": variable.label})

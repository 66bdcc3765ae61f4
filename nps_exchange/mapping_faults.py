"""What JSON Schema cannot see in a mapping file: codes in no list, an activity left out, sums that count twice.

Every fault is found, each by its line; a part that is at fault does not hide the faults of the others.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from nps_exchange import mapping_columns
from nps_exchange.codelists import LIST_OF, CodeLists
from nps_exchange.documents import Document, Path_, children
from nps_exchange.mapping import FIRST_YEAR, LAST_YEAR, codes_of, listed_codes
from nps_exchange.model import DIMENSIONS, NORMAL, Finding
from nps_exchange.predicate import none_of

NAMED = ("measure", "unit")
"""What every scope and every denominator must name: there is no total of measures or units."""


def faults(document: Document, codelists: CodeLists, whole: bool = True) -> Iterator[Finding]:
    """All faults of a mapping file that its shape does not show.

    `whole` is false where series at fault have been left out: then it cannot be told what drops mean.
    """
    data = document.data
    coded: set[str] | None = None  # not known where the columns are at fault themselves
    if "files" in data:
        coded = {c["name"] for file in data["files"] for c in file["columns"] if c["is"] == "code"}
        for path, file in children(document, "files"):
            yield from mapping_columns.faults(document, (*path, "columns"), file["columns"])
    yield from _unknown_columns(document, ("fix",), data.get("fix", {}), coded)
    yield from _validity_faults(document, (), data, FIRST_YEAR, LAST_YEAR)
    seen: set[str] = set()
    for path, series in children(document, "series"):
        if series["id"] in seen:
            yield document.fault(f"the series {series['id']} stands twice", *path, "id")
        if whole and "instead_of" in series and series["instead_of"] not in seen:
            problem = f"there is no series {series['instead_of']} above this one, which it could stand instead of"
            yield document.fault(problem, *path, "instead_of")
        seen.add(series["id"])
        yield from _Series(document, path, series, coded, codelists).faults()
    for path, item in children(document, "drop"):
        unknown = list(_code_faults(document, (*path, "where"), item["where"], codelists))
        yield from unknown
        for name in listed_codes(item.get("series", [])):
            if whole and name not in {series["id"] for series in data["series"]}:
                yield document.fault(f"there is no series {name}", *path, "series")
        if whole and not unknown and not any(_meets(item["where"], series) for series in data["series"]):
            yield document.fault("nothing of this lies in the scope of any series", *path, "where")
    for path, item in children(document, "not_reported"):
        yield from _unknown_columns(document, (*path, "cells"), item["cells"], coded)


def _validity_faults(document: Document, path: Path_, item: Any, first: int, last: int) -> Iterator[Finding]:
    """A validity that ends before it begins, or reaches out of the one around it."""
    start, end = int(item.get("valid_from", first)), int(item.get("valid_to", last))
    if start > end:
        yield document.fault(f"it is valid from {start} to {end}", *path, "valid_from")
    elif start < first or end > last:
        yield document.fault(f"it is valid outside {first} to {last}", *path, "valid_from")


def _meets(where: dict[str, Any], series: dict[str, Any]) -> bool:
    """Whether a predicate can select anything in the scope of a series."""
    scope = codes_of(series["scope"])
    free = {*series.get("from", []), *(recode["from"] for recode in series.get("recode", {}).values())}
    for dimension, codes in codes_of(where).items():
        if dimension == "year" or (dimension in free and dimension not in scope):
            continue
        if not set(codes) & set(scope.get(dimension, none_of(dimension))):
            return False
    return True


def _code_faults(document: Document, path: Path_, where: dict[str, Any], codelists: CodeLists) -> Iterator[Finding]:
    for dimension, codes in codes_of(where).items():
        for code in codes:
            if dimension == "year" and not (code.isdecimal() and FIRST_YEAR <= int(code) <= LAST_YEAR):
                yield document.fault(f"{code} is not a year", *path, dimension)
            elif dimension != "year" and code not in codelists.of(dimension):
                near = codelists.of(dimension).nearest(code)
                hint = f"; the nearest is {near}" if near else ""
                yield document.fault(f"{code} is not in the code list {LIST_OF[dimension]}{hint}", *path, dimension)
        if len(set(codes)) < len(codes):
            yield document.fault(f"a code of {dimension} stands twice", *path, dimension)


def _measure_faults(
    document: Document, path: Path_, where: dict[str, Any], free: Iterable[str], codelists: CodeLists
) -> Iterator[Finding]:
    """Measure, unit and activity are named, and go together."""
    named = codes_of(where)
    for dimension in NAMED:
        if dimension not in named:
            yield document.fault(f"{dimension} must be named", *path)
    for code in named.get("measure", ()):
        measure = codelists.measures.get(code)
        if measure is None:
            continue
        if measure.needs_activity and "activity" not in (*named, *free):
            yield document.fault(f"{code} needs an activity; it has no default", *path)
        for unit in named.get("unit", ()):
            if unit not in measure.units:
                yield document.fault(f"{code} is not given in {unit}", *path, "unit")
        for dimension in (*named, *free):
            codes = named.get(dimension, ("any",))
            foreign = dimension in DIMENSIONS and dimension not in (*NAMED, *measure.dimensions)
            if foreign and set(codes) - {"_T", "_Z"}:
                yield document.fault(f"{code} has no {dimension}", *path)


def _unknown_columns(
    document: Document, path: Path_, columns: Iterable[str], coded: set[str] | None
) -> Iterator[Finding]:
    for column in columns:
        if coded is not None and column not in coded:
            yield document.fault(f"{column} is not a coded column", *path)


class _Series:
    """The faults of one series."""

    def __init__(
        self, document: Document, path: Path_, series: dict[str, Any], coded: set[str] | None, codelists: CodeLists
    ) -> None:
        self.document, self.path, self.series, self.coded, self.codelists = document, path, series, coded, codelists
        self.scope = codes_of(series["scope"])
        self.ours, self.theirs = series.get("from", []), series.get("to", [])
        self.recodes = series.get("recode", {})
        self.free = [*self.ours, *(recode["from"] for recode in self.recodes.values())]
        self.sums = "group" in series

    def fault(self, problem: str, *below: str | int) -> Finding:
        return self.document.fault(problem, *self.path, *below)

    def faults(self) -> Iterator[Finding]:
        yield from _code_faults(self.document, (*self.path, "scope"), self.series["scope"], self.codelists)
        yield from _measure_faults(
            self.document, (*self.path, "scope"), self.series["scope"], self.free, self.codelists
        )
        yield from _validity_faults(self.document, self.path, self.series, FIRST_YEAR, LAST_YEAR)
        yield from self._scope_faults()
        yield from self._filled_faults()
        yield from self._flag_faults()
        for path, row in children(self.document, *self.path, "rows") if "rows" in self.series else ():
            yield from self._row_faults(path, row)
        for column, recode in self.recodes.items():
            yield from self._recode_faults(column, recode)
        for path, derivation in children(self.document, *self.path, "derive") if "derive" in self.series else ():
            yield from self._derivation_faults(path, derivation)

    def _scope_faults(self) -> Iterator[Finding]:
        if "year" in self.scope:
            yield self.fault("years belong into valid_from and valid_to", "scope")
        if bool(self.ours or self.theirs) != bool(self.series.get("rows")):
            yield self.fault("`from:`, `to:` and `rows:` go together")
        if self.sums and not set(self.scope.get("unit", ())) <= self.codelists.counted_units:
            yield self.fault("only counts are summed", "group")
        for dimension, codes in self.scope.items():
            if len(codes) > 1 and dimension not in self.free:
                yield self.fault(f"the scope has several codes of {dimension}; name it in `from:`", "scope", dimension)
        for dimension in self.ours:
            spoken = self._spoken_of(dimension)
            for code in self.scope.get(dimension, ()):
                if code not in spoken and code in self.codelists.of(dimension):
                    problem = f"{code} is in the scope, but no row maps it and no `drop:` names it"
                    yield self.fault(problem, "scope", dimension)

    def _spoken_of(self, dimension: str) -> set[str]:
        """The codes of a dimension that rows map or drops name."""
        position = self.ours.index(dimension)
        mapped = [row[position] for row in self._rows() if len(row) > position]
        dropped = [item["where"].get(dimension, []) for item in self.document.data.get("drop", [])]
        return {code for codes in (*mapped, *dropped) for code in listed_codes(codes)}

    def _rows(self) -> list[list[Any]]:
        return [row["row"] if isinstance(row, dict) else row for row in self.series.get("rows", [])]

    def _filled_faults(self) -> Iterator[Finding]:
        fixed = {**self.document.data.get("fix", {}), **self.series.get("fix", {})}
        filled = [*fixed, *self.theirs, *self.recodes]
        for column in sorted({column for column in filled if filled.count(column) > 1}):
            yield self.fault(f"the column {column} is filled twice, by `fix:`, `to:` or `recode:`")
        for part, columns in (("fix", self.series.get("fix", {})), ("to", self.theirs), ("recode", self.recodes)):
            yield from _unknown_columns(self.document, (*self.path, part), columns, self.coded)
        for column in sorted((self.coded or set()) - set(filled)):
            yield self.fault(f"nothing fills the column {column}")

    def _flag_faults(self) -> Iterator[Finding]:
        statuses = self.codelists.of("obs_status")
        flags: list[tuple[Path_, str]] = [(("flag",), self.series["flag"])] if "flag" in self.series else []
        for i, row in enumerate(self.series.get("rows", [])):
            if isinstance(row, dict) and "flag" in row:
                flags.append((("rows", i), row["flag"]))
        for path, flag in flags:
            if flag not in statuses:
                yield self.fault(f"{flag} is not in the code list {LIST_OF['obs_status']}", *path)
            elif flag == NORMAL or statuses.rows[flag].get("figure") == "none":
                yield self.fault(f"{flag} marks no figure that is there", *path)

    def _row_faults(self, path: Path_, row: Any) -> Iterator[Finding]:
        document = self.document
        cells = row["row"] if isinstance(row, dict) else row
        if len(cells) != len(self.ours) + len(self.theirs):
            problem = f"the row has {len(cells)} cells; from and to are {len(self.ours)} + {len(self.theirs)} columns"
            yield document.fault(problem, *path)
            return
        if isinstance(row, dict):
            first = int(self.series.get("valid_from", FIRST_YEAR))
            last = int(self.series.get("valid_to", LAST_YEAR))
            yield from _validity_faults(document, path, row, first, last)
        ours = dict(zip(self.ours, cells, strict=False))
        yield from _code_faults(document, path, ours, self.codelists)
        for dimension, codes in codes_of(ours).items():
            known = [code for code in codes if code in self.codelists.of(dimension)]
            within = self.scope.get(dimension, tuple(known))
            outside = [code for code in known if code not in within]
            if outside and all(code in self.codelists.of(dimension) for code in within):
                yield document.fault(f"{outside[0]} is outside the scope of {dimension}", *path)
            if isinstance(ours[dimension], list) and not self.sums:
                yield document.fault("a list of codes is a sum; the series must say `group: sum`", *path)
            yield from self._counted_twice(path, dimension, known)
        if any(isinstance(code, list) for code in cells[len(self.ours) :]):
            yield document.fault("a target column takes one code", *path)

    def _counted_twice(self, path: Path_, dimension: str, codes: list[str]) -> Iterator[Finding]:
        """In a sum no code may contain another: a total and its part, a group and its member."""
        found = self.codelists.of(dimension)
        for one, other in combinations(dict.fromkeys(codes), 2):
            for whole, part in ((one, other), (other, one)):
                if whole == "_T" or whole in found.ancestors(part):
                    yield self.document.fault(f"{whole} contains {part}; they cannot be summed", *path)
                    break

    def _recode_faults(self, column: str, recode: dict[str, Any]) -> Iterator[Finding]:
        found = self.codelists.of(recode["from"])
        name = recode["column"]
        if name not in next(iter(found.rows.values()), {}):
            yield self.fault(f"the code list {LIST_OF[recode['from']]} has no column {name}", "recode", column)
            return
        added = recode.get("and", {})
        yield from _code_faults(
            self.document, (*self.path, "recode", column), {recode["from"]: list(added)}, self.codelists
        )
        for code in (code for code in added if code in found):
            if found.rows[code][name]:
                yield self.fault(f"the column {name} of the code list speaks of {code} already", "recode", column)
            if code not in self.scope.get(recode["from"], (code,)):
                yield self.fault(f"{code} is outside the scope of {recode['from']}", "recode", column)
        groups: dict[str, list[str]] = {}
        for code, row in found.rows.items():
            target = added.get(code) or row[name]
            if target and code in self.scope.get(recode["from"], (code,)):
                groups.setdefault(target, []).append(code)
        for target, codes in groups.items():
            if len(codes) > 1 and not self.sums:
                problem = f"{', '.join(codes[:4])} all become {target}: a sum; the series must say `group: sum`"
                yield self.fault(problem, "recode", column)
                return
            yield from self._counted_twice((*self.path, "recode", column), recode["from"], codes)

    def _derivation_faults(self, path: Path_, derivation: dict[str, Any]) -> Iterator[Finding]:
        document = self.document
        for part in ("set", "where", "of"):
            yield from _unknown_columns(document, (*path, part), derivation.get(part, {}), self.coded)
        for column in derivation["set"]:
            if column in self.recodes:
                yield document.fault(f"{column} is recoded; a rate must keep it", *path, "set")
        if "over" in derivation:
            over = derivation["over"]
            yield from _code_faults(document, (*path, "over"), over, self.codelists)
            by = derivation.get("by", [])
            yield from _measure_faults(document, (*path, "over"), over, by, self.codelists)
            for dimension, codes in codes_of(over).items():
                if len(codes) > 1 or dimension == "year":
                    yield document.fault(f"the denominator must have one code of {dimension}", *path, "over")
        elif "by" in derivation or "mean_of" in derivation:
            yield document.fault("`by:` and `mean_of:` go with `over:`", *path)
        for dimension in derivation.get("by", []):
            if dimension not in self.free:
                yield document.fault(f"{dimension} is not in `from:` of the series", *path, "by")
            if self.sums:
                yield document.fault("a sum has no one code to go `by:`", *path, "by")
        if not self._applies(derivation):
            yield document.fault("no row of the series makes such a cell", *path, "where")

    def _applies(self, derivation: dict[str, Any]) -> bool:
        """Whether any row of the series makes a cell that the derivation's `where:` selects."""
        where = {c: codes for c, codes in codes_of(derivation.get("where", {})).items() if c not in self.recodes}
        fixed = {**self.document.data.get("fix", {}), **self.series.get("fix", {})}
        for row in self._rows() or [[]]:
            made = {**fixed, **dict(zip(self.theirs, row[len(self.ours) :], strict=False))}
            if all(made.get(column) in codes for column, codes in where.items()):
                return True
        return False

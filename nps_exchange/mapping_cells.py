"""The cells that a mapping can make, held against what the body asks for and what its structures allow.

What is forgotten is a fault: every cell that a body asks for is mapped, or has a reason.
"""

from collections.abc import Iterator
from itertools import product

from nps_exchange.asked import Asked
from nps_exchange.documents import Document
from nps_exchange.mapping import File, Mapping, Series
from nps_exchange.model import Finding, Place


def faults(mapping: Mapping, document: Document, whole: bool) -> list[Finding]:
    """Cells that two rows make, that nobody asks for, that no structure has, and those that are forgotten.

    `whole` is false where parts at fault have been left out: then it cannot be told what is forgotten.
    """
    found = [*_filled_twice(mapping, document), *_against_asked(mapping, document)]
    found += _against_structures(mapping, document)
    if whole:
        found += [*_without_denominator(mapping, document), *_forgotten(mapping, document)]
    return found


def _cells(mapping: Mapping, series: Series) -> Iterator[tuple[int, dict[str, str], int, int]]:
    """The target cells a series can fill, without recoded columns: line, codes, years."""
    for row in series.rows:
        codes = {**series.fix, **row.theirs}
        yield row.line, codes, row.valid_from, row.valid_to
        for derivation in series.derive:
            if all(codes.get(column) in allowed for column, allowed in derivation.where.items()):
                yield derivation.line, {**codes, **derivation.sets}, row.valid_from, row.valid_to


def _filled_twice(mapping: Mapping, document: Document) -> Iterator[Finding]:
    for columns in dict.fromkeys(file.codes for file in mapping.files):
        filled: dict[tuple[str, ...], list[tuple[str, int, int, int]]] = {}
        for series in mapping.series:
            if series.recodes:  # whether recoded cells coincide is known when they are made
                continue
            for line, codes, first, last in _cells(mapping, series):
                others = filled.setdefault(tuple(codes[column] for column in columns), [])
                for by, other, start, end in others:
                    if by != series.instead_of and start <= last and first <= end:
                        shown = " ".join(codes[column] for column in columns)
                        yield _at_line(document, line, f"{shown} is filled here and in line {other}")
                others.append((series.id, line, first, last))


def _against_asked(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Nothing goes out that the body does not ask for, and nothing else is excused."""
    wanted = mapping.asked
    for series in mapping.series:
        columns = _known(wanted, series)
        for line, codes, _, _ in _cells(mapping, series):
            if not _matching(wanted, {column: (codes[column],) for column in columns}):
                shown = " ".join(codes[column] for column in columns)
                yield _at_line(document, line, f"{shown} of series {series.id} is not asked for by {wanted.file}")
    for left in mapping.not_reported:
        if not _matching(wanted, left.where):
            yield _at_line(document, left.line, f"no cell that {wanted.file} asks for has these codes")


def _against_structures(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Every code that a series can emit is in the structure of each file it goes into."""
    for file in mapping.files:
        for series in mapping.series if file.structure else ():
            recoded = {recode.column: recode for recode in series.recodes}
            made = [
                (line, c, codes[c]) for line, codes, _, _ in _cells(mapping, series) for c in file.codes if c in codes
            ]
            made += [
                (series.line, c, code) for c in file.codes if c in recoded for code in _emitted(mapping, series, c)
            ]
            # The first line tells: others, and those of rates, only repeat what is wrong there.
            first: dict[tuple[str, str], int] = {}
            for line, column, code in made:
                first.setdefault((column, code), line)
            for (column, code), line in first.items():
                yield from _not_in_structure(document, file, series, line, column, code)
    yield from _flags_not_in_structure(mapping, document)


def _emitted(mapping: Mapping, series: Series, column: str) -> list[str]:
    """The codes that a recoded column of a series can take, without those that are always dropped."""
    recode = next(recode for recode in series.recodes if recode.column == column)
    drops = [left.where for left in mapping.drop if left.concerns(series) and set(left.where) == {recode.dimension}]
    dropped = {code for where in drops for code in where[recode.dimension]}
    within = series.scope.get(recode.dimension, tuple(recode.codes))
    return [recode.codes[code] for code in within if code in recode.codes and code not in dropped]


def _not_in_structure(
    document: Document, file: File, series: Series, line: int, column: str, code: str
) -> Iterator[Finding]:
    assert file.structure is not None
    codes = file.structure.codes_of(column)
    if codes is not None and code not in codes.codes:
        problem = f"{column} {code}, made by series {series.id}, is not in {codes.id} of {file.structure.file}"
        yield _at_line(document, line, problem)


def _flags_not_in_structure(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """What flags are recoded to, and what stands where there is none: they may otherwise never be seen."""
    for file in mapping.files:
        columns = [*file.flags[:1], *filter(None, [file.confidential])]  # all columns of status recode alike
        for column in columns if file.structure else ():
            codes = file.codes_of(column)
            for flag in dict.fromkeys([*column.recode.values(), column.normal]):
                if codes and flag and flag not in codes.codes:
                    yield _at_line(document, file.line, f"the flag {flag} is not in {codes.id}")


def _without_denominator(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """Rates of a cell that no row makes."""
    if any(series.recodes for series in mapping.series):
        return
    made = {tuple({**s.fix, **row.theirs}[c] for c in mapping.codes) for s in mapping.series for row in s.rows}
    for series in mapping.series:
        for derivation in series.derive:
            for row in series.rows if derivation.of else ():
                codes = {**series.fix, **row.theirs}
                below = tuple({**codes, **(derivation.of or {})}[column] for column in mapping.codes)
                fits = all(codes.get(column) in allowed for column, allowed in derivation.where.items())
                if fits and below not in made:
                    yield _at_line(document, derivation.line, f"no row makes the denominator {' '.join(below)}")
                    break


def _forgotten(mapping: Mapping, document: Document) -> Iterator[Finding]:
    wanted = mapping.asked
    there = {key for left in mapping.not_reported for key in _matching(wanted, left.where)}
    for series in mapping.series:
        columns = _known(wanted, series)
        for _, codes, _, _ in _cells(mapping, series):
            there |= set(_matching(wanted, {column: (codes[column],) for column in columns}))
    for key in wanted.keys:
        if key not in there:
            problem = f"{' '.join(key)} is asked for by {wanted.file}, but neither mapped nor under not_reported"
            yield document.fault(problem, "series")


def _known(wanted: Asked, series: Series) -> list[str]:
    """The columns of what is asked for whose codes a series says itself, not by a recode."""
    recoded = {recode.column for recode in series.recodes}
    return [column for column in wanted.columns if column not in recoded]


def _matching(wanted: Asked, where: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys asked for with given codes; columns not named may have any."""
    if set(where) - set(wanted.columns):
        return []
    if len(where) == len(wanted.columns):
        ordered = [where[column] for column in wanted.columns]
        return [key for key in product(*ordered) if key in wanted.keys]
    named = [(wanted.columns.index(column), codes) for column, codes in where.items()]
    return [key for key in wanted.keys if all(key[i] in codes for i, codes in named)]


def _at_line(document: Document, line: int, problem: str) -> Finding:
    return Finding("our-file-at-fault", Place(file=document.file, row=line), {"problem": problem})

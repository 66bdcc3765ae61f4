"""Mappings as records: how the national table becomes one dataset of a body. Made from data, never code."""

from dataclasses import asdict, dataclass
from typing import Any

from nps_exchange.documents import Document
from nps_exchange.predicate import Predicate
from nps_exchange.structures import Structure

FIRST_YEAR, LAST_YEAR = 1900, 2099


@dataclass(frozen=True)
class Column:
    """A column of the delivered table: its name, what it holds, and what joins several flags."""

    name: str
    holds: str
    join: str


@dataclass(frozen=True)
class Row:
    """One row of correspondence: our codes, theirs, its line, the years it holds for, and where it is from."""

    line: int
    ours: dict[str, tuple[str, ...]]
    theirs: dict[str, str]
    valid_from: int
    valid_to: int
    document: str


@dataclass(frozen=True)
class Recode:
    """A target column that follows a national column, code by code."""

    column: str
    dimension: str
    codes: dict[str, str]


@dataclass(frozen=True)
class Derivation:
    """A rate: value x times / denominator. The denominator is a cell (`of`) or an observation (`over`)."""

    line: int
    sets: dict[str, str]
    where: dict[str, tuple[str, ...]]
    of: dict[str, str] | None
    over: dict[str, tuple[str, ...]] | None
    by: tuple[str, ...]
    years_back: tuple[int, ...]
    times: int
    decimals: int


@dataclass(frozen=True)
class Series:
    """Which national observations make which target cells."""

    id: str
    line: int
    scope: dict[str, tuple[str, ...]]
    ours: tuple[str, ...]
    rows: tuple[Row, ...]
    recodes: tuple[Recode, ...]
    sums: bool
    fix: dict[str, str]
    derive: tuple[Derivation, ...]

    @property
    def free(self) -> tuple[str, ...]:
        """The national columns that the rows or recodes account for, whatever their code."""
        return tuple(dict.fromkeys((*self.ours, *(recode.dimension for recode in self.recodes))))

    def predicate(self, row: Row) -> Predicate:
        """The national observations that one row of correspondence takes, recodes apart."""
        return {**self.scope, **row.ours}


@dataclass(frozen=True)
class Left:
    """What is left out on purpose: a predicate (drop) or target cells (not reported), and why."""

    line: int
    where: dict[str, tuple[str, ...]]
    reason: str
    series: tuple[str, ...] = ()

    def concerns(self, series: "Series") -> bool:
        """Whether a drop acts in a series."""
        return not self.series or series.id in self.series


@dataclass(frozen=True)
class Mapping:
    """How the national table becomes one dataset: `dataset` is body/name, `file` where it stands."""

    dataset: str
    file: str
    sha256: str
    title: dict[str, str]
    origin: dict[str, str]
    valid_from: int
    valid_to: int
    periods: int | None
    format: str
    file_name: str
    columns: tuple[Column, ...]
    transmit_missing: bool
    series: tuple[Series, ...]
    drop: tuple[Left, ...]
    not_reported: tuple[Left, ...]
    structure: Structure

    @property
    def body(self) -> str:
        """The receiver."""
        return self.dataset.split("/")[0]

    def named(self, holds: str) -> str:
        """The name of the column that holds the year, the value, or the flags; empty if none does."""
        return next((column.name for column in self.columns if column.holds == holds), "")

    @property
    def codes(self) -> tuple[str, ...]:
        """The names of the coded columns, in order."""
        return tuple(column.name for column in self.columns if column.holds == "code")

    def as_json(self) -> dict[str, Any]:
        """The mapping as it was used, for the run folder; the structure by its file and hash only."""
        plain = asdict(self)
        plain["structure"] = {"file": self.structure.file, "sha256": self.structure.sha256}
        return plain


def from_json(plain: dict[str, Any]) -> Mapping:
    """The mapping of a run folder, without its structure's cells."""
    structure = Structure(plain["structure"]["file"], plain["structure"]["sha256"], (), {})
    series = tuple(
        Series(
            **{
                **item,
                "scope": _tuples(item["scope"]),
                "ours": tuple(item["ours"]),
                "rows": tuple(Row(**{**row, "ours": _tuples(row["ours"])}) for row in item["rows"]),
                "recodes": tuple(Recode(**recode) for recode in item["recodes"]),
                "derive": tuple(_derivation_from_json(derivation) for derivation in item["derive"]),
            }
        )
        for item in plain["series"]
    )
    left = {
        name: tuple(
            Left(**{**item, "where": _tuples(item["where"]), "series": tuple(item["series"])}) for item in plain[name]
        )
        for name in ("drop", "not_reported")
    }
    columns = tuple(Column(**column) for column in plain["columns"])
    return Mapping(**{**plain, "columns": columns, "series": series, "structure": structure, **left})


def _derivation_from_json(plain: dict[str, Any]) -> Derivation:
    over = plain["over"]
    return Derivation(
        **{
            **plain,
            "where": _tuples(plain["where"]),
            "over": None if over is None else _tuples(over),
            "by": tuple(plain["by"]),
            "years_back": tuple(plain["years_back"]),
        }
    )


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(codes) for name, codes in lists.items()}


def record(document: Document, sha256: str, structure: Structure, lists: dict[str, dict[str, str]]) -> Mapping:
    """The record of a document that has been found sound.

    `lists` holds, for each recode as `<column of the national table>.<column of its code list>`, code to code.
    """
    data = document.data
    return Mapping(
        dataset=data["dataset"],
        file=document.file,
        sha256=sha256,
        title=data["title"],
        origin=data["origin"],
        valid_from=int(data["valid_from"]),
        valid_to=int(data.get("valid_to", LAST_YEAR)),
        periods=None if data["periods"] == "all" else int(data["periods"]),
        format=data["format"],
        file_name=data["file"],
        columns=tuple(Column(item["name"], item["is"], item.get("join", "")) for item in data["columns"]),
        transmit_missing=data.get("missing") == "transmit",
        series=tuple(_series(document, i, item, data.get("fix", {}), lists) for i, item in enumerate(data["series"])),
        drop=_left(document, "drop", "where"),
        not_reported=_left(document, "not_reported", "cells"),
        structure=structure,
    )


def _series(
    document: Document, i: int, item: dict[str, Any], fix: dict[str, str], lists: dict[str, dict[str, str]]
) -> Series:
    path = ("series", i)
    ours, theirs = tuple(item.get("from", ())), tuple(item.get("to", ()))
    rows = tuple(
        _row(document, (*path, "rows", k), row, item, ours, theirs) for k, row in enumerate(item.get("rows", ()))
    )
    years = _validity(item, {})
    everything = Row(document.line(*path, "scope"), {}, {}, *years, item.get("document", ""))
    return Series(
        id=item["id"],
        line=document.line(*path, "id"),
        scope=codes_of(item["scope"]),
        ours=ours,
        rows=rows or (everything,),
        recodes=tuple(
            Recode(column, recode["from"], lists[f"{recode['from']}.{recode['column']}"])
            for column, recode in item.get("recode", {}).items()
        ),
        sums="group" in item,
        fix={**fix, **item.get("fix", {})},
        derive=tuple(
            _derivation(document.line(*path, "derive", k), derivation)
            for k, derivation in enumerate(item.get("derive", ()))
        ),
    )


def _row(
    document: Document,
    path: tuple[str | int, ...],
    item: Any,
    series: dict[str, Any],
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
) -> Row:
    cells = item["row"] if isinstance(item, dict) else item
    left, right = cells[: len(ours)], cells[len(ours) :]
    return Row(
        document.line(*path),
        {column: listed_codes(codes) for column, codes in zip(ours, left, strict=True)},
        dict(zip(theirs, right, strict=True)),
        *_validity(item if isinstance(item, dict) else {}, series),
        (item.get("document") if isinstance(item, dict) else None) or series.get("document", ""),
    )


def _validity(item: dict[str, Any], outer: dict[str, Any]) -> tuple[int, int]:
    first = item.get("valid_from", outer.get("valid_from", FIRST_YEAR))
    last = item.get("valid_to", outer.get("valid_to", LAST_YEAR))
    return int(first), int(last)


def _derivation(line: int, item: dict[str, Any]) -> Derivation:
    return Derivation(
        line=line,
        sets=item["set"],
        where=codes_of(item.get("where", {})),
        of=item.get("of"),
        over=codes_of(item["over"]) if "over" in item else None,
        by=tuple(item.get("by", ())),
        years_back=tuple(int(text[4:] or 0) for text in item.get("mean_of", ("year",))),
        times=int(item["times"]),
        decimals=int(item["round"]),
    )


def _left(document: Document, name: str, what: str) -> tuple[Left, ...]:
    return tuple(
        Left(document.line(name, i), codes_of(item[what]), item["reason"], tuple(item.get("series", ())))
        for i, item in enumerate(document.data.get(name, ()))
    )


def codes_of(where: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """A predicate of a YAML file: each column with its codes as a tuple."""
    return {column: listed_codes(codes) for column, codes in where.items()}


def listed_codes(codes: Any) -> tuple[str, ...]:
    """One code or a list of codes, as a tuple."""
    return tuple(codes) if isinstance(codes, list) else (codes,)

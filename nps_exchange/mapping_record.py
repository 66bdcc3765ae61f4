"""From a mapping file that has been found sound to its record."""

from typing import Any

from nps_exchange.asked import Asked
from nps_exchange.documents import Document
from nps_exchange.mapping import (
    FIRST_YEAR,
    LAST_YEAR,
    Column,
    Derivation,
    File,
    Left,
    Mapping,
    Recode,
    Row,
    Series,
    codes_of,
    listed_codes,
)
from nps_exchange.messages import LANGUAGES
from nps_exchange.presentations import PxSymbol, PxTable, Workbook, WorkbookCheck, WorkbookSheet
from nps_exchange.structures import Structure


def record(
    document: Document,
    sha256: str,
    asked: Asked,
    structures: dict[int, Structure],
    lists: dict[str, dict[str, str]],
) -> Mapping:
    """The record of a document that has been found sound.

    `structures` holds the structures of its files by position; `lists`, for each recode as `<column of the
    national table>.<column of its code list>`, code to code.
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
        files=tuple(_file(document, i, item, structures.get(i)) for i, item in enumerate(data["files"])),
        workbook=_workbook(data["workbook"]) if "workbook" in data else None,
        px=_px(data["px"]) if "px" in data else None,
        transmit_missing=data.get("missing") == "transmit",
        small_below=int(data.get("small_cells", {}).get("below", 0)),
        series=tuple(_series(document, i, item, data.get("fix", {}), lists) for i, item in enumerate(data["series"])),
        drop=_left(document, "drop", "where"),
        not_reported=_left(document, "not_reported", "cells"),
        asked=asked,
    )


def _file(document: Document, i: int, item: dict[str, Any], structure: Structure | None) -> File:
    columns = tuple(
        Column(c["name"], c["is"], c.get("join", ""), c.get("recode", {}), c.get("normal", "")) for c in item["columns"]
    )
    line = document.line("files", i)
    return File(item["file"], line, item["format"], columns, item.get("dataflow", ""), structure)


def _workbook(item: dict[str, Any]) -> Workbook:
    sheets = tuple(WorkbookSheet(s["name"], s["title"], tuple(s["groups"])) for s in item["sheets"])
    checks = tuple(WorkbookCheck(c["in"], c["total"], tuple(c["parts"]), c["label"]) for c in item.get("checks", ()))
    return Workbook(
        item["file"], item["lines"], item["blocks"], sheets, checks, item["title"], item.get("facts", {}), item["pages"]
    )


def _px(item: dict[str, Any]) -> PxTable:
    keywords = {word: by_language(said) for word, said in item["keywords"].items()}
    symbols = tuple(PxSymbol(one["for"], one["symbol"], one["text"]) for one in item["symbols"])
    stub, heading = tuple(item.get("stub", ())), tuple(item.get("heading", ()))
    return PxTable(item["file"], tuple(item["languages"]), stub, heading, keywords, symbols)


def by_language(said: str | dict[str, str]) -> dict[str, str]:
    """A text by language; one that is given once holds in all of them."""
    return dict.fromkeys(LANGUAGES, said) if isinstance(said, str) else said


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
            Recode(column, recode["from"], {**lists[f"{recode['from']}.{recode['column']}"], **recode.get("and", {})})
            for column, recode in item.get("recode", {}).items()
        ),
        sums="group" in item,
        fix={**fix, **item.get("fix", {})},
        derive=tuple(
            _derivation(document.line(*path, "derive", k), derivation)
            for k, derivation in enumerate(item.get("derive", ()))
        ),
        instead_of=item.get("instead_of", ""),
        flag=item.get("flag", ""),
        note=by_language(item["note"]) if "note" in item else {},
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
        item.get("flag", "") if isinstance(item, dict) else "",
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
        Left(document.line(name, i), codes_of(item[what]), by_language(item["reason"]), tuple(item.get("series", ())))
        for i, item in enumerate(document.data.get(name, ()))
    )

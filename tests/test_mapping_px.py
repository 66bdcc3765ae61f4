"""The layout of a PX table in a mapping: every fault by its line."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from nps_exchange import mapping_checks, methods
from nps_exchange.resources import Resources
from tests.invented import DATAFLOW, faults, lay_out, message, packaged_lists
from tests.test_translate import mapping, series

STRUCTURE = message({"WHAT": "DOCTORS NURSES", "AREA": "SE NO"}, {"OBS_STATUS": "B D O"}, swedish=True)
ASKED = "WHAT,AREA,label\nDOCTORS,SE,Doctors\nNURSES,SE,Nurses\n"
TEXTS = {part: {"en": "None.", "sv": "Inga."} for part in methods.PARTS}
METHODS = {
    "dataset": "inv/table",
    "origin": {"document": "none", "status": "invented"},
    "general": {"Population": {"en": "Heads counted", "sv": "Räknade huvuden"}},
    "entries": [
        {"id": "doctors", "title": {"en": "Doctors", "sv": "Läkare"}, "cells": {"WHAT": "DOCTORS"}, **TEXTS},
        {"id": "nurses", "title": {"en": "Nurses", "sv": "Sköterskor"}, "cells": {"WHAT": "NURSES"}, **TEXTS},
    ],
}
PX: dict[str, Any] = {
    "file": "table.px",
    "languages": ["en", "sv"],
    "stub": ["WHAT", "AREA"],
    "heading": ["YEAR"],
    "keywords": {
        "CODEPAGE": "utf-8",
        "MATRIX": "INV01",
        "SUBJECT-CODE": "INV",
        "SUBJECT-AREA": {"en": "Invented", "sv": "Påhittat"},
        "TITLE": {"en": "Invented heads", "sv": "Påhittade huvuden"},
        "CONTENTS": {"en": "Heads", "sv": "Huvuden"},
        "UNITS": {"en": "number", "sv": "antal"},
        "STOCKFA": "S",
        "AGGREGALLOWED": "NO",
    },
    "symbols": [
        {"for": "absent", "symbol": "..", "text": {"en": "Not available", "sv": "Uppgift saknas"}},
        {"for": "confidential", "symbol": "...", "text": {"en": "Confidential", "sv": "Sekretess"}},
        {"for": "M", "symbol": ".", "text": {"en": "Not applicable", "sv": "Ej tillämpligt"}},
    ],
}


def plain(**px: Any) -> dict[str, Any]:
    """The mapping, with its PX table changed: an item of None is taken out."""
    found = mapping(series(), px={key: item for key, item in (copy.deepcopy(PX) | px).items() if item is not None})
    found["files"][0] |= {"structure": "inv/T.xml", "dataflow": DATAFLOW}
    return found


def laid_out(folder: Path, found: dict[str, Any], structure: str = STRUCTURE, said: Any = METHODS) -> Resources:
    return lay_out(folder, found, {"table.csv": ASKED, "T.xml": structure}, said)


def keywords(**changes: Any) -> dict[str, Any]:
    said = PX["keywords"] | {name.replace("_", "-"): value for name, value in changes.items()}
    return {"keywords": {name: value for name, value in said.items() if value is not None}}


def test_a_sound_layout(tmp_path):
    assert faults(laid_out(tmp_path, plain())) == []


@pytest.mark.parametrize(
    ("changes", "at", "problem"),
    [
        (keywords(PAGE="x"), "PAGE:", "PX has no such keyword"),
        (keywords(DECIMALS="1"), "DECIMALS:", "the program fills it by itself, from the run"),
        (keywords(DOMAIN="x"), "DOMAIN:", "it speaks of a variable, a value or a cell, not of the table as a whole"),
        (keywords(STOCKFA="X"), "STOCKFA:", "'X' is none of S, F, A"),
        (keywords(ROUNDING="2"), "ROUNDING:", "'2' is no whole number from 0 to 1"),
        (keywords(MATRIX="M" * 21), "MATRIX:", "the text is longer than 20 characters"),
        (keywords(MATRIX={"en": "A", "sv": "B"}), "MATRIX:", "it is the same in all languages"),
        (keywords(UNITS={"en": 'a "number"', "sv": "antal"}), "UNITS:", "the text holds a quotation mark"),
        (keywords(UNITS={"en": "number", "sv": "antal #"}), "UNITS:", "the text holds the sign #"),
        (keywords(NEXT_UPDATE="tomorrow"), "NEXT-UPDATE:", "'tomorrow' is no date, which is written CCYYMMDD hh:mm"),
        (keywords(ROUNDING="١"), "ROUNDING:", "'١' is no whole number from 0 to 1"),
        (keywords(TABLEID="a\tb"), "TABLEID:", "the text holds a control character"),
        (keywords(CONTVARIABLE="WHAT"), "CONTVARIABLE:", "the program fills it by itself, from the run"),
        ({"symbols": [PX["symbols"][0], PX["symbols"][2]]}, "symbols:", "there is no symbol for confidential"),
        (keywords(MATRIX=None), "keywords:", "'MATRIX' is a required property"),
        (keywords(CODEPAGE="utf-16"), "CODEPAGE:", "'utf-16' is not one of"),
        ({"stub": ["WHAT", "AGE"]}, "px:", "AGE is neither a coded column of table.csv nor its year"),
        ({"stub": ["WHAT"]}, "px:", "AREA must stand once, in stub or heading"),
        ({"heading": ["YEAR", "WHAT"]}, "px:", "WHAT must stand once, in stub or heading"),
        ({"heading": None}, "px:", "YEAR must stand once, in stub or heading"),
        ({"heading": None, "stub": None}, "px:", "'stub' is a required property"),
        ({"languages": ["en", "fi"]}, "languages:", "'fi' is not one of"),
        ({"symbols": PX["symbols"][1:]}, "symbols:", "there is no symbol for absent"),
        ({"symbols": [*PX["symbols"], PX["symbols"][2]]}, "symbols:", "there are two symbols for M"),
        (
            {"symbols": [*PX["symbols"], {"for": "B", "symbol": "....", "text": {"en": "x", "sv": "x"}}]},
            "symbols:",
            "B is no status that says that there is no figure",
        ),
        (
            {"symbols": [*PX["symbols"], {"for": "O", "symbol": ".", "text": {"en": "x", "sv": "x"}}]},
            "symbols:",
            "the symbol . has two texts",
        ),
        ({"symbols": [PX["symbols"][0] | {"symbol": "-"}]}, "symbols:", "does not match"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path, changes, at, problem):
    found = laid_out(tmp_path, plain(**changes))
    text = (tmp_path / "mappings" / "inv" / "table.yaml").read_text(encoding="utf-8")
    line = next((i for i, one in enumerate(text.splitlines(), 1) if one.strip().startswith(at)), 0)
    told = [(fault.place.row or 0, fault.values["problem"]) for fault in faults(found)]
    assert [row for row, said in told if problem in said and line <= row <= line + 24], (line, told)


def test_a_language_without_names_is_told(tmp_path):
    told = faults(laid_out(tmp_path, plain(), STRUCTURE.replace('<com:Name xml:lang="sv">WHAT-sv</com:Name>', "")))
    assert [fault.values["problem"] for fault in told] == ["./schemas/inv/T.xml has no name of WHAT in 'sv'"]
    told = faults(laid_out(tmp_path, plain(), STRUCTURE.replace('<com:Name xml:lang="sv">Nurses-sv</com:Name>', "")))
    assert [fault.values["problem"] for fault in told] == ["WHAT NURSES has no name in 'sv' in INV:CL_WHAT(1.0)"]


def test_two_values_of_one_name_are_told(tmp_path):
    told = faults(laid_out(tmp_path, plain(), STRUCTURE.replace("Nurses-sv", "Doctors-sv")))
    assert [one.values["problem"] for one in told] == ["WHAT DOCTORS and NURSES have the same name, 'Doctors-sv'"]
    told = faults(laid_out(tmp_path, plain(), STRUCTURE.replace("Nurses-sv", "Nurses #2")))
    assert "the name of WHAT NURSES holds the sign #" in told[0].values["problem"]


def test_a_table_needs_a_structure(tmp_path):
    found = plain()
    del found["files"][0]["structure"], found["files"][0]["dataflow"]
    told = faults(laid_out(tmp_path, found))
    assert [one.values["problem"] for one in told] == [
        "table.csv needs a structure, which the names of values come from"
    ]


def test_notes_are_in_all_languages_of_the_table(tmp_path):
    one = copy.deepcopy(METHODS)
    one["general"]["Population"] = "Heads counted"
    one["entries"][1]["sources"] = "Registers"
    one["entries"][0] = {"id": "doctors", "title": {"en": "D", "sv": "L"}, "cells": {"WHAT": "DOCTORS"}}
    one["entries"][0]["as"] = {"dataset": "inv/table", "entry": "nurses"}
    found = laid_out(tmp_path, plain(), said=one)
    mappings, none = mapping_checks.load_all(found, packaged_lists())
    assert none == []
    told = [(fault.place.key, fault.values["problem"]) for fault in methods.load_all(found, mappings)[1]]
    once = "the PX table says it in several languages; give the text as {en: ..., sv: ...}"
    assert told == [
        ("general.Population", once),
        ("entries.0.as", "the PX table is in several languages, and the entry that is named is not"),
        ("entries.1.sources", once),
    ]
    (tmp_path / "mappings" / "inv" / "table.methods.yaml").unlink()
    told = [(fault.place.key, fault.values["problem"]) for fault in methods.load_all(found, mappings)[1]]
    assert told == [("", "the PX table has notes on sources and methods, and inv/table.methods.yaml is absent")]


def test_the_texts_of_methods_by_language(tmp_path):
    found = laid_out(tmp_path, plain())
    [said], none = methods.load_all(found, mapping_checks.load_all(found, packaged_lists())[0])
    assert none == []
    assert said.general == {"Population": "Heads counted"}
    assert said.in_language("sv").general == {"Population": "Räknade huvuden"}
    assert said.in_language("sv").entries[0].title == "Läkare"
    assert said.in_language("en") is said
    assert yaml.safe_load((tmp_path / "mappings" / "inv" / "table.yaml").read_text(encoding="utf-8"))["px"]["languages"]

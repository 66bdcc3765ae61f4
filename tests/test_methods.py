"""Sources and methods: every cell asked for in one entry, and every fault with its line."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from nps_exchange import configuration, mapping_checks, methods, resources
from nps_exchange.errors import ConfigurationRefused
from tests.invented import lay_out, packaged_lists
from tests.test_translate import mapping, series

ASKED = "WHAT,AREA,group,label\nDOCTORS,SE,g,Doctors\nNURSES,SE,g,Nurses\n"
TEXTS = dict.fromkeys(methods.PARTS, "As delivered.")


def entry(id_: str, **cells: Any) -> dict[str, Any]:
    return {"id": id_, "title": f"Title of {id_}", "cells": cells, **TEXTS}


PLAIN: dict[str, Any] = {
    "dataset": "inv/table",
    "origin": {"document": "none", "status": "invented"},
    "general": {"Compiled by": "Nobody"},
    "entries": [entry("doctors", WHAT="DOCTORS"), entry("nurses", WHAT=["NURSES"], AREA="SE")],
}
WORKBOOK = {
    "file": "table.xlsx",
    "title": "Invented questionnaire",
    "lines": "WHAT",
    "blocks": "AREA",
    "sheets": [{"name": "All", "title": "All there is", "groups": ["g"]}],
    "pages": {"contents": "Contents", "not_reported": "Not reported", "methods": "Methods"},
}


def told(folder: Path, plain: Any, asked: str = ASKED, **more: Any) -> list[tuple[str, int | None, str]]:
    """The faults of sources and methods: file, line, problem."""
    found = lay_out(folder, mapping(series(), workbook=WORKBOOK, **more), {"table.csv": asked}, plain)
    mappings, faults = mapping_checks.load_all(found, packaged_lists())
    assert not faults, faults
    wrong = methods.load_all(found, mappings)[1]
    return [(fault.place.file, fault.place.row, fault.values["problem"]) for fault in wrong]


def line_of(folder: Path, text: str) -> int:
    lines = (folder / "mappings" / "inv" / "table.methods.yaml").read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def changed(**changes: Any) -> dict[str, Any]:
    """The sound file with other entries, by position, or other parts."""
    plain = copy.deepcopy(PLAIN)
    for name, value in changes.items():
        if name.startswith("entry"):
            plain["entries"][int(name[-1])] |= value
        else:
            plain[name] = value
    return plain


def test_the_packaged_ones_are_sound():
    found = configuration.load(resources.load())
    (questionnaire,) = [one for one in found.methods if one.dataset == "oecd/joint-questionnaire"]
    assert len(questionnaire.entries) == 10
    others = [one for one in found.methods if one is not questionnaire and not one.dataset.startswith("nomesko/")]
    assert all(one.refers_to == ("oecd/joint-questionnaire",) for one in others)


def test_a_sound_file_keeps_what_it_says(tmp_path):
    assert told(tmp_path, PLAIN) == []
    found = lay_out(tmp_path, mapping(series(), workbook=WORKBOOK), {"table.csv": ASKED}, PLAIN)
    ((one,), _) = methods.load_all(found, mapping_checks.load_all(found, packaged_lists())[0])
    assert (one.file, one.general) == ("./mappings/inv/table.methods.yaml", {"Compiled by": "Nobody"})
    assert [entry.cells for entry in one.entries] == [{"WHAT": ("DOCTORS",)}, {"WHAT": ("NURSES",), "AREA": ("SE",)}]


@pytest.mark.parametrize(
    ("change", "said", "stands"),
    [
        ({"entries": PLAIN["entries"][:1]}, "NURSES SE is asked for by ./schemas/inv/table.csv, but stands in no entry", "entries:"),
        ({"entry1": {"cells": {"WHAT": ["NURSES", "DOCTORS"]}}}, "DOCTORS SE stands in doctors too", "DOCTORS"),
        ({"entry1": {"id": "doctors"}}, "the entry doctors stands twice", "id: doctors"),
        ({"entry0": {"cells": {"COLOUR": "RED"}}}, "COLOUR is no column of ./schemas/inv/table.csv", "cells:"),
        ({"entry0": {"cells": {"WHAT": ["DOCTORS", "DENTISTS"]}}}, "not asked for by ./schemas/inv/table.csv: WHAT DENTISTS", "cells:"),
        ({"entry0": {"cells": {}}}, "{} should be non-empty", "cells:"),
        ({"dataset": "inv/other"}, "the file's name says inv/table", "dataset:"),
        ({"dataset": "inv/other"}, "there is no mapping of this dataset", "dataset:"),
        ({"general": {}}, "{} should be non-empty", "general:"),
        ({"entry0": {"changes": ""}}, "too short", "changes: ''"),
        ({"entry0": {"colour": "red"}}, "the key 'colour' is not known here", "colour:"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_line(tmp_path, change, said, stands):
    wrong = told(tmp_path, changed(**change))
    found = [(file, row) for file, row, problem in wrong if said in problem]
    lines = (tmp_path / "mappings" / "inv" / "table.methods.yaml").read_text(encoding="utf-8").splitlines()
    (place,) = found
    assert place[0] == "./mappings/inv/table.methods.yaml"
    assert any(stands in line for line in lines[place[1] - 1 : place[1] + 3]), (wrong, lines)


def test_a_part_that_is_forgotten(tmp_path):
    plain = copy.deepcopy(PLAIN)
    del plain["entries"][1]["coverage"]
    ((file, row, problem),) = told(tmp_path, plain)
    assert (file, problem) == ("./mappings/inv/table.methods.yaml", "'coverage' is a required property")
    assert row == line_of(tmp_path, "id: nurses")


def test_all_faults_come_at_once(tmp_path):
    plain = changed(entry0={"cells": {"COLOUR": "RED"}}, entry1={"cells": {"WHAT": "DENTISTS"}})
    assert len(told(tmp_path, plain)) == 4  # and two keys without an entry


def test_a_workbook_wants_its_sources_and_methods(tmp_path):
    ((file, row, problem),) = told(tmp_path, None)
    assert (file, row) == ("./mappings/inv/table.yaml", 1)
    assert "inv/table.methods.yaml is absent" in problem


def test_there_must_be_a_mapping(tmp_path):
    found = lay_out(tmp_path, mapping(series(), workbook=WORKBOOK), {"table.csv": ASKED}, PLAIN)
    (tmp_path / "mappings" / "inv" / "table.yaml").unlink()
    ((fault,), none) = methods.load_all(found, [])[::-1]
    assert none == []
    assert fault.values["problem"] == "there is no mapping of this dataset"


def repeating(**named: str) -> dict[str, Any]:
    """The nurses as another entry has it, with something of their own."""
    item = {"id": "nurses", "title": "Nurses", "cells": {"WHAT": "NURSES"}, "as": named, "sources": "And ours."}
    return PLAIN | {"entries": [PLAIN["entries"][0], item]}


def test_an_entry_repeats_another_and_adds_to_it(tmp_path):
    plain = repeating(dataset="inv/table", entry="doctors")
    assert told(tmp_path, plain) == []
    found = lay_out(tmp_path, mapping(series()), {"table.csv": ASKED}, plain)
    ((one,), _) = methods.load_all(found, mapping_checks.load_all(found, packaged_lists())[0])
    assert one.entries[1].parts == {
        "sources": ("As delivered.", "And ours."),
        **dict.fromkeys(methods.PARTS[1:], ("As delivered.",)),
    }
    assert one.entries[1].text("sources") == "As delivered.\nAnd ours."
    assert one.refers_to == ()


@pytest.mark.parametrize(
    ("named", "said", "stands"),
    [
        ({"dataset": "inv/table", "entry": "dentists"}, "inv/table.methods.yaml has no entry dentists", "entry: dentists"),
        ({"dataset": "inv/other", "entry": "doctors"}, "there is no inv/other.methods.yaml", "dataset: inv/other"),
        ({"dataset": "inv/table", "entry": "nurses"}, "the entry nurses of inv/table repeats itself", "entry: nurses"),
        ({"dataset": "inv/table"}, "'entry' is a required property", "as:"),
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere(tmp_path, named, said, stands):
    ((_, row, _),) = [fault for fault in told(tmp_path, repeating(**named)) if said in fault[2]]
    lines = (tmp_path / "mappings" / "inv" / "table.methods.yaml").read_text(encoding="utf-8").splitlines()
    assert stands in lines[row - 1]


def test_two_entries_that_repeat_each_other(tmp_path):
    plain = repeating(dataset="inv/table", entry="doctors")
    first = plain["entries"][0] | {"as": {"dataset": "inv/table", "entry": "nurses"}}
    wrong = told(tmp_path, plain | {"entries": [first, plain["entries"][1]]})
    assert len(wrong) == 2 and all("repeats itself" in problem for _, _, problem in wrong)


def test_an_entry_of_another_dataset(tmp_path):
    """Where that file is at fault, only its fault is told, and nothing is made of the entry."""
    lay_out(tmp_path, mapping(series()), {"table.csv": ASKED}, PLAIN)
    folder = tmp_path / "mappings" / "inv"
    other = repeating(dataset="inv/table", entry="doctors") | {"dataset": "inv/other"}
    (folder / "other.methods.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    plain = mapping(series()) | {"dataset": "inv/other"}
    plain["files"] = [plain["files"][0] | {"file": "other.csv"}]
    found = lay_out(tmp_path, mapping(series()), {"table.csv": ASKED}, PLAIN)
    (folder / "other.yaml").write_text(yaml.safe_dump(plain), encoding="utf-8")
    mappings, wrong = mapping_checks.load_all(found, packaged_lists())
    assert not wrong
    sound, faults = methods.load_all(found, mappings)
    assert not faults
    assert {one.dataset: one.refers_to for one in sound} == {"inv/other": ("inv/table",), "inv/table": ()}
    assert [one.dataset for one in methods.behind(sound, {"inv/other"})] == ["inv/other", "inv/table"]
    assert [one.dataset for one in methods.behind(sound, {"inv/table"})] == ["inv/table"]
    (folder / "table.methods.yaml").write_text("dataset: inv/table", encoding="utf-8")
    sound, faults = methods.load_all(found, mappings)
    assert sound == []
    assert {fault.place.file for fault in faults} == {"./mappings/inv/table.methods.yaml"}


def test_a_dataset_without_workbook_is_held_against_what_is_asked_for_where_its_metadata_go_out(tmp_path):
    plain = changed(entries=PLAIN["entries"][:1])
    found = lay_out(tmp_path, mapping(series()), {"table.csv": ASKED}, plain)
    mappings = mapping_checks.load_all(found, packaged_lists())[0]
    assert methods.load_all(found, mappings)[1] == []
    (tmp_path / "mappings" / "inv" / "reference-metadata.yaml").write_text("", encoding="utf-8")
    (fault,) = methods.load_all(found, mappings)[1]
    assert "NURSES SE is asked for" in fault.values["problem"]


@pytest.mark.parametrize("where", ["title", "sources"])
def test_what_no_xml_can_carry_is_refused_by_name(tmp_path, where):
    ((file, row, problem),) = told(tmp_path, changed(entry1={where: "a\x0bb"}))
    assert (file, problem.startswith("the text holds U+000B")) == ("./mappings/inv/table.methods.yaml", True)
    assert row == line_of(tmp_path, "a\\vb")


def test_faults_of_the_mapping_are_not_told_again(tmp_path):
    """Where the mapping itself is at fault, only that is told."""
    found = lay_out(tmp_path, mapping(series(rows=[["XX", "DOCTORS"]]), workbook=WORKBOOK), {"table.csv": ASKED}, PLAIN)
    with pytest.raises(ConfigurationRefused) as refused:
        configuration.load(resources.load(found.mappings[-1], found.schemas[-1]))
    assert {fault.place.file for fault in refused.value.findings} == {"./mappings/inv/table.yaml"}


def test_a_file_that_is_no_yaml(tmp_path):
    found = lay_out(tmp_path, mapping(series()), {"table.csv": "WHAT\nDOCTORS\nNURSES\n"})
    (tmp_path / "mappings" / "inv" / "table.methods.yaml").write_text("dataset: [", encoding="utf-8")
    mappings, _ = mapping_checks.load_all(found, packaged_lists())
    assert len(mappings) == 1
    assert [fault.place.file for fault in methods.load_all(found, mappings)[1]] == ["./mappings/inv/table.methods.yaml"]

"""The figures of a PX table against the mapping that describes it: variables, codes, texts, years, what is asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from nps_exchange import mapping_checks, px_contents
from nps_exchange.formats import px
from nps_exchange.formats.px import Statement
from nps_exchange.mapping import Mapping
from nps_exchange.messages import severity
from nps_exchange.model import Finding
from tests.invented import packaged_lists
from tests.test_mapping_px import laid_out, plain
from tests.test_px_tables import ROWS, made


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> tuple[Mapping, px.Px]:
    """The mapping, and the table of a run with it; both as they should be."""
    folder = tmp_path_factory.mktemp("sound")
    table, cells, _ = made(folder, ROWS)
    (folder / "again").mkdir()
    mappings, faults = mapping_checks.load_all(laid_out(folder / "again", plain()), packaged_lists())
    assert faults == []
    return mappings[0], replace(table, rows=cells)


def checked(sound: tuple[Mapping, px.Px], folder: Path, *statements: Statement, without: str = "") -> list[Finding]:
    """What is found with other statements in place of those with the same keyword, language and keys."""
    mapping, table = sound
    said = {(one.keyword, one.language, one.keys): one for one in statements}
    kept = [said.pop((one.keyword, one.language, one.keys), one) for one in table.statements]
    kept = [one for one in kept if not without or without not in (one.keyword, *one.keys)]
    path = folder / "table.px"
    px.encode(replace(table, statements=(*kept, *said.values())), path)
    return px_contents.validate(px.read(path), mapping)


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.rule, one.place.column, one.place.key) for one in found if severity(one) != "information"]


def test_a_table_as_it_should_be(sound, tmp_path):
    assert told(checked(sound, tmp_path)) == []


def test_a_code_that_the_structure_lacks(sound, tmp_path):
    codes = ("DOCS", "NURSES")
    other = [Statement("CODES", codes, "", ("WHAT",)), Statement("CODES", codes, "sv", ("WHAT-sv",))]
    found = checked(sound, tmp_path, *other, without="DATANOTECELL")
    [finding] = [one for one in found if one.rule == "code-unknown"]
    assert (finding.place.column, finding.count) == ('CODES("WHAT")', 2)
    assert finding.values["code"] == "DOCS"


def test_a_text_that_says_something_else(sound, tmp_path):
    found = checked(sound, tmp_path, Statement("VALUES", ("Nurses", "Doctors"), "", ("WHAT",)))
    assert ("px-text-differs", 'VALUES("WHAT")', "DOCTORS") in told(found)


def test_a_table_without_codes_is_known_by_its_texts(sound, tmp_path):
    mapping, table = sound
    kept = [one for one in table.statements if one.keyword not in ("CODES", "VARIABLECODE", "DATANOTECELL")]
    px.encode(replace(table, statements=tuple(kept)), tmp_path / "table.px")
    assert told(px_contents.validate(px.read(tmp_path / "table.px"), mapping)) == []


def test_a_year_that_is_none(sound, tmp_path):
    mapping, table = sound
    kept = [one for one in table.statements if one.keyword not in ("TIMEVAL", "DATANOTECELL")]
    of_time = {"TIME_PERIOD", "TIME_PERIOD-sv"}
    for i, one in enumerate(kept):
        if of_time & set(one.keys) and one.keyword in ("VALUES", "CODES"):
            kept[i] = replace(one, values=("2020", "21"))
    px.encode(replace(table, statements=tuple(kept)), tmp_path / "table.px")
    found = px_contents.validate(px.read(tmp_path / "table.px"), mapping)
    assert "period-invalid" in [one.rule for one in found], found


def test_variables_too_few_and_too_many(sound, tmp_path):
    mapping, table = sound
    swap = {"WHAT": "KIND", "WHAT-sv": "KIND-sv"}
    statements = []
    for one in table.statements:
        if one.keyword == "VARIABLECODE" and one.values == ("WHAT",):
            one = replace(one, values=("KIND",))
        if one.keyword == "STUB":
            one = replace(one, values=tuple(swap.get(str(value), value) for value in one.values))
        statements.append(replace(one, keys=tuple(swap.get(key, key) for key in one.keys)))
    px.encode(replace(table, statements=tuple(statements)), tmp_path / "table.px")
    found = px_contents.validate(px.read(tmp_path / "table.px"), mapping)
    assert [one.rule for one in found if one.rule.startswith("px-variable")] == [
        "px-variable-absent",
        "px-variable-superfluous",
    ]


def test_two_columns_in_one_variable_are_told(sound, tmp_path):
    mapping, table = sound
    swap = {"WHAT": "THING", "WHAT-sv": "THING-sv"}
    codes = {("WHAT",): "OTHER", ("AREA",): "WHAT"}
    statements = []
    for one in table.statements:
        if one.keyword == "VARIABLECODE" and not one.language and one.keys in codes:
            one = replace(one, values=(codes[one.keys],))
        if one.keyword == "STUB":
            one = replace(one, values=tuple(swap.get(str(value), value) for value in one.values))
        statements.append(replace(one, keys=tuple(swap.get(key, key) for key in one.keys)))
    px.encode(replace(table, statements=tuple(statements)), tmp_path / "table.px")
    found = px_contents.validate(px.read(tmp_path / "table.px"), mapping)
    told_of = [one.rule for one in found if one.rule.startswith("px-variable")]
    assert told_of == ["px-variable-absent", "px-variable-superfluous"]


def test_one_variable_that_could_be_two_columns_is_one(sound, tmp_path):
    mapping, _ = sound
    text = 'CHARSET="ANSI";CODEPAGE="utf-8";LANGUAGE="en";MATRIX="INV01";SUBJECT-CODE="A";SUBJECT-AREA="A";TITLE="A";'
    text += 'CONTENTS="A";UNITS="A";DECIMALS=0;STUB="AREA";HEADING="TIME_PERIOD";VALUES("AREA")="Doctors";'
    text += 'VALUES("TIME_PERIOD")="2020";VARIABLECODE("AREA")="WHAT";DATA=\n5\n;\n'
    (tmp_path / "table.px").write_text(text.replace(";", ";\n").replace("\n;\n\n", "\n;\n"), encoding="utf-8")
    found = px_contents.validate(px.read(tmp_path / "table.px"), mapping)
    assert [one.rule for one in found if one.rule.startswith("px-variable")] == ["px-variable-absent"]


def test_what_is_no_sound_px_is_told_first(sound, tmp_path):
    found = checked(sound, tmp_path, without="MATRIX")
    assert "px-keyword-missing" in [one.rule for one in found]


def test_a_cell_with_another_symbol_or_flag(sound, tmp_path):
    mapping, table = sound
    px.encode(replace(table, rows=[["5", "-"], [".", "6"]]), tmp_path / "table.px")
    assert [
        one.rule for one in px_contents.validate(px.read(tmp_path / "table.px"), mapping) if one.rule == "value-invalid"
    ] == []
    found = checked(sound, tmp_path, Statement("DATANOTECELL", ("X",), "", ("DOCTORS", "SE", "2021")))
    [finding] = [one for one in found if one.rule == "code-unknown"]
    assert (finding.place.key, finding.values["code"]) == ("DOCTORS SE 2021", "X")


def test_a_table_names_itself_by_its_matrix(sound):
    mapping, table = sound
    assert px_contents.describes(mapping, table.statements)
    assert not px_contents.describes(mapping, (Statement("MATRIX", ("OTHER",)),))
    assert not px_contents.describes(replace(mapping, px=None), table.statements)


def test_keywords_that_say_something_else_than_the_layout(sound, tmp_path):
    other = [Statement("UNITS", ("FTE",)), Statement("STOCKFA", ("F",)), Statement("TITLE", ("Huvuden",), "sv")]
    found = checked(sound, tmp_path, *other)
    told_of = [one for one in found if one.rule == "px-keyword-differs"]
    assert {one.place.column: (one.values["text"], one.values["meant"]) for one in told_of} == {
        "UNITS": ("FTE", "number"),
        "STOCKFA": ("F", "S"),
        "TITLE[sv]": ("Huvuden", "Påhittade huvuden"),
    }
    lines = (tmp_path / "table.px").read_text(encoding="utf-8").splitlines()
    assert all(lines[(one.place.row or 0) - 1].startswith(one.place.column) for one in told_of)

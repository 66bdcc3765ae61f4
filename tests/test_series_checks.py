"""What is wrong with a message of time series is told with line, attribute, series and STRUVAL's code, and nothing else is."""

from dataclasses import replace

import pytest

from nps_exchange import layouts, messages, resources, struval
from nps_exchange.asked import Asked
from nps_exchange.file_report import Known
from nps_exchange.formats.sdmx_ml import reading, stream
from nps_exchange.validate import validate, validate_as
from tests.formats import sdmx
from tests.formats.sdmx import DATA, FLAT, OBS, SERIES, STRUCTURE


@pytest.fixture(scope="module")
def known():
    found = resources.load()
    return Known(found, [], [], replace(struval.load(found), agency="INV"), "", STRUCTURE)


def findings(known, text, folder, **more):
    path = folder / "m.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = validate(str(path), replace(known, **more)).findings
    for finding in found:
        for lang in messages.LANGUAGES:
            assert "{" not in messages.line(finding, lang).replace("{http", "").replace("{urn", "")
    return [one for one in found if messages.severity(one) != "information"]


def told(found):
    """Rule, line, attribute, series, STRUVAL's code, and how often."""
    return [
        (one.rule, one.place.row, one.place.column, one.place.key, one.values.get("struval", ""), one.count)
        for one in found
    ]


FIRST = "A.SE.T"
TWICE = f'{SERIES}<Obs TIME_PERIOD="2022" OBS_VALUE="%s"/></Series>\n'


@pytest.mark.parametrize("text", [sdmx.message(), sdmx.message(root="StructureSpecificData"), sdmx.flat()])
def test_a_sound_message_is_sound(known, text, tmp_path):
    assert findings(known, text, tmp_path) == []


FAULTS = {
    # What is in the file instead, and what must be told.
    "code": (("T", 'sex="T"', 'sex="X"'), [("code-unknown", 14, "sex", "A.SE.X", "150/029", 1)]),
    "code of an observation": (("", '"A"/>', '"X"/>'), [("code-unknown", 16, "OBS_STATUS", FIRST, "150/029", 1)]),
    "space": (("", 'AREA="SE"', 'AREA="SE "'), [("code-spaced", 14, "AREA", "A.SE .T", "150/029", 1)]),
    "empty code": (("", 'AREA="SE"', 'AREA=""'), [("field-empty", 14, "AREA", "A..T", "150/003", 1)]),
    "empty code of no duty": (("", 'STATUS="A"', 'STATUS=""'), [("schema-invalid", 16, "OBS_STATUS", FIRST, "150", 1)]),
    "no dimension": (("", ' sex="T"', ""), [("field-empty", 14, "sex", "A.SE.", "150/003", 1)]),
    "no attribute": (("", ' UNIT="NR"', ""), [("field-empty", 14, "UNIT", FIRST, "150/008", 1)]),
    "no time": (("", ' TIME_PERIOD="2022"', ""), [("field-empty", 16, "TIME_PERIOD", FIRST, "150/003", 1)]),
    "period": (("", '"2022"', '"20x2"'), [("period-invalid", 16, "TIME_PERIOD", FIRST, "150", 1)]),
    "quarter": (("", '"2022"', '"2022-Q1"'), [("period-invalid", 16, "TIME_PERIOD", FIRST, "150", 1)]),
    "value": (("", '"441.10"', '"441,10"'), [("value-invalid", 16, "OBS_VALUE", FIRST, "150", 1)]),
    "value with spaces": (("", '"441.10"', '" 441"'), [("value-invalid", 16, "OBS_VALUE", FIRST, "150", 1)]),
    "infinite": (("", '"441.10"', '"INF"'), [("value-invalid", 16, "OBS_VALUE", FIRST, "150", 1)]),
    "empty value": (
        ("", '"441.10"', '""'),
        [("value-absent", 16, "OBS_VALUE", FIRST, "", 1), ("schema-invalid", 16, "OBS_VALUE", FIRST, "150", 1)],
    ),
    "no value": (("", ' OBS_VALUE="441.10"', ""), [("value-absent", 16, "OBS_VALUE", FIRST, "", 1)]),
    "NaN": (("", '"441.10"', '"NaN"'), [("value-absent", 16, "OBS_VALUE", FIRST, "", 1)]),
    "undeclared": (("", '"A"/>', '"A" FOO="1"/>'), [("component-unknown", 16, "FOO", FIRST, "150/007", 1)]),
    "undeclared of a series": (("", '"NR"', '"NR" FOO="1"'), [("component-unknown", 14, "FOO", FIRST, "150/009", 1)]),
    "undeclared of the data": (("", '"Replace">', '"Replace" FOO="1">'), [("component-unknown", 13, "FOO", "", "150/007", 1)]),
    "attribute elsewhere": (("", '"NR"', '"NR" NOTE="1"'), [("component-unknown", 14, "NOTE", FIRST, "150/009", 1)]),
    "same year in a series": (("", '"2022"', '"2021"'), [("key-contradicted", 16, "", FIRST, "150", 1)]),
    "same year and value": (
        ("", '"2022" OBS_VALUE="441.10"', '"2021" OBS_VALUE="432.4"'),
        [("key-repeated", 16, "", FIRST, "150", 1)],
    ),
    "series again, other value": (("", "</mes:DataSet>", TWICE % 7 + "</mes:DataSet>"), [("key-contradicted", 21, "", FIRST, "150", 1)]),
    "series again, same value": (
        ("", "</mes:DataSet>", TWICE % "441.10" + "</mes:DataSet>"),
        [("key-repeated", 21, "", FIRST, "150", 1)],
    ),
    "series again, other year": (("", "</mes:DataSet>", TWICE.replace("2022", "2023") % 7 + "</mes:DataSet>"), []),
    "flat again": (("flat", "</mes:DataSet>", FLAT.split("\n")[0].replace("432.40", "1") + "</mes:DataSet>"), [("key-contradicted", 17, "", FIRST, "150", 1)]),
    "flat code": (("flat", '"SE11"', '"XX"'), [("code-unknown", 16, "AREA", "A.XX.F", "150/029", 1)]),
    "namespace of the root": (("", "v2_1/message", "v2_2/message"), [("namespace-unknown", 1, "", "", "150", 1)]),
    "namespace in the header": (
        ("", f' namespace="{sdmx.NAMESPACE}', ' namespace="urn:x'),
        [("namespace-wrong", 3, "namespace", "", "150", 1)],
    ),
    "no namespace in the header": (
        ("", f'namespace="{sdmx.NAMESPACE}TIME_PERIOD"', ""),
        [("schema-invalid", 8, "", "", "150", 1)],
    ),
    "xsi:type of another namespace": (("", f'xmlns:own="{sdmx.NAMESPACE}TIME_PERIOD"', 'xmlns:own="urn:x"'), [("schema-invalid", 13, "type", "", "150", 1), ("schema-invalid", 13, "", "", "150", 1)]),
    "reference": (("", 'structureRef="S"', 'structureRef="T"'), [("reference-wrong", 13, "structureRef", "", "150", 1)]),
    "another dataflow": (("", 'id="FLOW"', 'id="FLAW"'), [("structure-differs", 3, "Structure", "", "", 1)]),
    "delete": (("", ">Replace<", ">Delete<"), []),  # what the data set says goes before the header
    "delete all": (("", "Replace", "Delete"), [("action-deletes", 3, "DataSetAction", "", "", 1)]),
    "nothing": (("", DATA, ""), [("table-empty", 1, "", "", "", 1)]),
    "groups": (("", SERIES, '<Group xsi:type="own:G" AREA="SE"/>' + SERIES), [("format-not-checked", 14, "", "", "", 1)]),
    "misplaced": (("", DATA, FLAT), [("schema-invalid", 14, "", "", "150", 1), ("observation-misplaced", 17, "", "", "150", 1)]),
    "cut off": (("", '"441.10"', "\0cut"), [("xml-broken", 16, "", "", "140", 1)]),
    "entity": (("", '"441.10"', '"&what;"'), [("xml-broken", 16, "", "", "140", 1)]),
    "entity between": (("", "</Series>", "&what;</Series>"), [("xml-broken", 17, "", "", "140", 1)]),
    "twice in an element": (("", '"441.10"', '"1" OBS_VALUE="2"'), [("xml-broken", 16, "", "", "140", 1)]),
    "no such element": (("", "</Series>", "<Foo/></Series>"), [("schema-invalid", 17, "", FIRST, "150", 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_told_where_it_is(known, name, tmp_path):
    (form, before, after), wanted = FAULTS[name]
    text = sdmx.flat() if form == "flat" else sdmx.message()
    assert before in text
    changed = text.replace(before, after)
    changed = changed.partition("\0cut")[0]
    assert told(findings(known, changed, tmp_path)) == wanted


@pytest.mark.parametrize("more", ["junk", "<!--", "<!-- </x> ", "<x/>", "\0", "&amp;", "</mes:x>"])
def test_what_follows_the_end_is_told(known, more, tmp_path):
    (finding,) = findings(known, sdmx.message() + more, tmp_path)
    assert (finding.rule, finding.values["struval"]) == ("xml-broken", "140")
    assert findings(known, sdmx.message() + "\n<!-- end -->\n<?pi?>\n", tmp_path) == []


def test_a_cut_off_file_has_what_is_wrong_before_the_cut_told_too(known, tmp_path):
    text = sdmx.message().replace('sex="T"', 'sex="X"').partition('"441.10"')[0]
    assert told(findings(known, text, tmp_path)) == [
        ("code-unknown", 14, "sex", "A.SE.X", "150/029", 1),
        ("xml-broken", 16, "", "", "140", 1),
    ]
    text = sdmx.flat().replace('sex="T"', 'sex="X"').partition('OBS_VALUE="7"')[0]
    assert [one[0] for one in told(findings(known, text, tmp_path))] == ["code-unknown", "xml-broken"]


def test_what_a_prefix_without_declaration_hides_is_not_lost(known, tmp_path):
    for before, after in (
        (SERIES, SERIES.replace("<", "<p:")),
        ("</Series>", "</p:Series>"),
        ('OBS_STATUS="A"', 'p:OBS_STATUS="A"'),
    ):
        text = sdmx.message()
        if before != 'OBS_STATUS="A"':
            text = text.replace("<Series", "<p:Series").replace("</Series", "</p:Series")
        else:
            text = text.replace(before, after)
        assert "xml-broken" in [one.rule for one in findings(known, text, tmp_path)], after


def test_what_the_schema_alone_finds_of_a_cell_is_told_beside_what_we_find(known, tmp_path):
    data = DATA.replace('"2022"', '"2022-02-30"').replace('"2021" OBS_VALUE="7"', '"x" OBS_VALUE="7"')
    structure = replace(STRUCTURE, time_text="ObservationalTimePeriod")
    found = findings(known, sdmx.message(data), tmp_path, structure=structure)
    assert [(one.rule, one.place.row) for one in found] == [("period-invalid", 19), ("schema-invalid", 16)]


def test_an_uncoded_attribute_of_a_type_is_told_by_the_schema(known, tmp_path):
    added = sdmx.component("DECIMALS", coded=False, attached="series", text="Integer")
    structure = replace(STRUCTURE, attributes=(*STRUCTURE.attributes, added))
    data = DATA.replace('UNIT="NR"', 'UNIT="NR" DECIMALS="two"').replace('UNIT="PC"', 'UNIT="PC" DECIMALS="2"')
    found = findings(known, sdmx.message(data), tmp_path, structure=structure)
    assert [(one.rule, one.place.column) for one in found] == [("schema-invalid", "DECIMALS")]


def test_codes_with_points_make_no_keys_equal(known, tmp_path):
    listed = [sdmx.codes("AREA", "SE", "SE.T", "T"), sdmx.codes("FREQ", "A", "A.SE")]
    structure = replace(STRUCTURE, lists={**STRUCTURE.lists, **{one.id: one for one in listed}})
    data = "".join(
        f'<Series FREQ="{freq}" AREA="{area}" sex="T" UNIT="NR">{OBS}</Series>'
        for freq, area in (("A", "SE.T"), ("A.SE", "T"))
    )
    assert findings(known, sdmx.message(data), tmp_path, structure=structure) == []


def test_a_key_is_shown_as_a_screen_can_show_it(known, tmp_path):
    text = sdmx.message(DATA.replace('AREA="SE"', 'AREA="&#10;\u202e"'))
    (finding,) = findings(known, text, tmp_path)
    assert finding.place.key == r"A.\n\u202e.T"


def test_lines_beyond_two_bytes_are_right(known, tmp_path):
    rows = [f'<Obs TIME_PERIOD="{1900 + i % 200}" OBS_VALUE="1"/>' for i in range(200)]
    areas = [f"X{i}" for i in range(400)]
    listed = sdmx.codes("AREA", *areas)
    structure = replace(STRUCTURE, lists={**STRUCTURE.lists, listed.id: listed})
    data = "\n".join(
        "\n".join([f'<Series FREQ="A" AREA="{area}" sex="T" UNIT="NR">', *rows, "</Series>"]) for area in areas
    )
    lines = sdmx.message(data + "\n").split("\n")
    for at, before, after in ((70_000, 'VALUE="1"', 'VALUE="x"'), (80_001, 'VALUE="1"', 'VALUE="1" FOO="1"')):
        lines[at - 1] = lines[at - 1].replace(before, after)
    found = findings(known, "\n".join(lines), tmp_path, structure=structure)
    assert [(one.rule, one.place.row) for one in found] == [("value-invalid", 70_000), ("component-unknown", 80_001)]


def test_where_everything_is_wrong_the_findings_are_few_and_the_counts_true(known, tmp_path):
    one = '<Series FREQ="x{0}" AREA="y{0}" sex="z{0}" UNIT="u{0}" BAR="1">{1}</Series>\n'
    obs = '<Obs TIME_PERIOD="t{0}" OBS_VALUE="v{0}" FOO="1"/>' * 5
    text = sdmx.message("".join(one.format(i, obs.format(i)) for i in range(2000)))
    found = findings(known, text, tmp_path)
    counts = {}
    for finding in found:
        counts[finding.rule, finding.place.column] = counts.get((finding.rule, finding.place.column), 0) + finding.count
    assert counts["code-unknown", "FREQ"] + counts["code-unknown-others", "FREQ"] == 2000
    assert counts["period-invalid", "TIME_PERIOD"] == counts["value-invalid", "OBS_VALUE"] == 10_000
    assert ("schema-unfinished", "") in counts
    assert len(found) < 400
    assert max(len(finding.examples) for finding in found) <= 50


def test_series_that_come_again_and_again_are_counted(known, tmp_path):
    text = sdmx.message(f"{SERIES}{OBS}</Series>\n" * 3000)
    (finding,) = findings(known, text, tmp_path)
    assert told([finding]) == [("key-repeated", 15, "", FIRST, "150", 2999)]
    assert finding.values["first"] == "14"


def test_a_series_in_blocks_is_one_series(known, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONG", 2000)
    monkeypatch.setattr(stream, "PIECE", 500)
    years = [f'<Obs TIME_PERIOD="{year}" OBS_VALUE="{year}"/>' for year in range(1900, 2100)]
    text = sdmx.message(SERIES + "".join(years) + "</Series>\n")
    assert findings(known, text, tmp_path) == []
    text = sdmx.message(SERIES + "".join([*years, years[0]]) + "</Series>\n")
    assert [one.rule for one in findings(known, text, tmp_path)] == ["key-repeated"]


def test_what_is_not_asked_for_is_told_once_a_series(tmp_path):
    path = sdmx.write(tmp_path / "m.xml", [row for row in sdmx.ROWS if row[7] != ""])
    made = layouts.of_structure(STRUCTURE, "inv/hwf", sdmx.FLOW, "sdmx-ml-2.1")
    asked = Asked("inv/hwf.csv", "", ("AREA", "sex"), {("SE", "T"): {}})
    found = [one for one in validate_as(path, replace(made, asked=asked), "inv/m.xml") if one.rule == "key-not-asked"]
    assert [(one.place.file, one.place.row, one.values["key"]) for one in found] == [("inv/m.xml", 14, "SE11 M")]


def test_another_dataflow_than_the_layouts_is_told(tmp_path):
    path = sdmx.write(tmp_path / "m.xml", [row for row in sdmx.ROWS if row[7] != ""])
    made = layouts.of_structure(STRUCTURE, "inv/hwf", "INV:OTHER(1.0)", "sdmx-ml-2.1")
    assert "dataflow-differs" in [one.rule for one in validate_as(path, made, "m.xml")]


def test_a_series_in_two_places_has_the_same_attributes(known, tmp_path):
    begin = DATA.index(SERIES)
    end = DATA.index("</Series>", begin) + len("</Series>")
    one = DATA[begin:end]
    other = one.replace('UNIT="NR"', 'UNIT="P_HTHAB"').replace('"2021"', '"2031"').replace('"2022"', '"2032"')
    assert other != one
    text = sdmx.message(DATA[:end] + "\n" + other + DATA[end:])
    found = told(findings(known, text, tmp_path))
    assert ("series-contradicted", FIRST, "150", 1) in [one[:1] + one[3:] for one in found]

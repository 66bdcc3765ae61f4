"""The schema that is made of a structure: what it lets pass of an attribute, and that libxml2 takes it for every structure."""

from dataclasses import replace

import pytest
from lxml import etree

from nps_exchange import resources, structures
from nps_exchange.errors import InputRefused
from nps_exchange.formats.sdmx_ml import names, reading, schema
from nps_exchange.formats.sdmx_ml.names import FLAT
from nps_exchange.resources import Resource
from tests.formats import sdmx
from tests.formats.sdmx import NAMESPACE, STRUCTURE

COMPILED = {}


def valid(text, structure=STRUCTURE, at="TIME_PERIOD", namespace=NAMESPACE, time_series=True):
    key = (repr(structure), *(tuple(one.codes) for one in structure.lists.values()), at, namespace, time_series)
    if key not in COMPILED:
        COMPILED[key] = schema.compiled(structure, namespace + at, at, time_series)
    return COMPILED[key].validate(etree.fromstring(text.encode()))


def with_type(text):
    """The structure with an attribute of a text type."""
    added = sdmx.component("X", coded=False, attached="observation", mandatory=False, text=text)
    return replace(STRUCTURE, attributes=(*STRUCTURE.attributes, added))


def test_a_sound_message_is_valid_in_every_form():
    assert valid(sdmx.message())
    assert valid(sdmx.message(root="StructureSpecificData"), time_series=False)
    assert valid(sdmx.flat(), at=FLAT, time_series=False)
    assert not valid(sdmx.message(), at=FLAT, time_series=False)


TYPES = {
    "": (["x", "", " two words "], []),
    "String": (["x", ""], []),
    "Boolean": (["true", "0"], ["yes", "", "TRUE"]),
    "Integer": (["1", "-2"], ["1.5", "x", "99999999999"]),
    "BigInteger": (["99999999999"], ["1.5"]),
    "Long": (["99999999999"], ["1.5"]),
    "Short": (["32767"], ["32768"]),
    "Count": (["7"], ["1.5"]),
    "Decimal": (["1.5"], ["1e5", "x"]),
    "Double": (["1.5", "1e5", "NaN"], ["1,5", "x"]),
    "Float": (["1.5"], ["x"]),
    "URI": (["https://example.org/a?b#c"], []),
    "DateTime": (["2026-11-22T09:00:00", "2026-11-22T09:00:00Z"], ["2026-11-22", "x"]),
    "Alpha": (["abc"], ["1", "a b"]),
    "AlphaNumeric": (["a1"], ["a-1"]),
    "Numeric": (["0012"], ["a"]),
    "GregorianYear": (["2021", "0001"], ["21", "20211", "2021-01", "2021Z", "-2021", "x", ""]),
    "ObservationalTimePeriod": (["2021", "2021-01", "2021-Q1", "2021-W53", "2021-11-22T09:00:00"], ["x", "2021-Q5"]),
    "StandardTimePeriod": (["2021-S1"], ["x"]),
    "BasicTimePeriod": (["2021-01-01"], ["2021-Q1"]),
    "GregorianTimePeriod": (["2021-01"], ["2021-Q1"]),
    "TimeRange": (["2021-01-01/P1Y"], ["2021"]),
    "ReportingTimePeriod": (["2021-Q1"], ["2021"]),
    "GregorianYearMonth": (["2021-01"], ["2021-13", "2021", "2021-01Z"]),
    "GregorianDay": (["2021-01-31"], ["2021-02-31", "2021-01"]),
    "ReportingYear": (["2021-A1"], ["2021", "2021-A2"]),
    "ReportingQuarter": (["2021-Q4"], ["2021-Q5", "2021-M01"]),
    "ReportingMonth": (["2021-M12"], ["2021-M13"]),
    "ReportingDay": (["2021-D365"], ["2021-D367"]),
    "Duration": (["P1Y"], ["1 year"]),
    "Unheard": (["anything"], []),
}


@pytest.mark.parametrize("text", TYPES)
def test_text_types(text):
    good, bad = TYPES[text]
    for cell in good + bad:
        message = sdmx.message(sdmx.DATA.replace('OBS_VALUE="432.40"', f'OBS_VALUE="432.40" X="{cell}"'))
        assert valid(message, with_type(text)) == (cell in good), cell


ANY, NARROW = ("ObservationalTimePeriod", "", "String", "Unheard"), {"StandardTimePeriod": 3, "BasicTimePeriod": 2}


@pytest.mark.parametrize("text", [*ANY, *schema.FORMS])
def test_time_is_of_its_type(text):
    structure = replace(STRUCTURE, time_text=text)
    good = {
        period
        for period in ("2021", "2021-01", "2021-Q1", "2021-01-01/P1Y", "x", "")
        if valid(
            sdmx.message(f'<Series FREQ="A" AREA="SE" sex="T" UNIT="NR"><Obs TIME_PERIOD="{period}"/></Series>'),
            structure,
        )
    }
    assert not good & {"x", ""}
    if text in ANY:
        assert good == {"2021", "2021-01", "2021-Q1", "2021-01-01/P1Y"}
    elif text == "GregorianYear":
        assert good == {"2021"}
    else:
        assert text in schema.FORMS
        assert len(good) <= NARROW.get(text, 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('AREA="SE"', 'AREA="se"'),
        ('AREA="SE"', 'AREA="SE "'),
        ('AREA="SE"', 'AREA=""'),
        (' AREA="SE"', ""),
        (' sex="T"', ""),
        (' UNIT="NR"', ""),
        (' TIME_PERIOD="2021"', ""),
        ('"432.40"', '"432,40"'),
        ('OBS_STATUS="A"', 'OBS_STATUS="E"'),
        ('OBS_STATUS="A"', 'OBS_STATUS="A" FOO="1"'),
        ('OBS_STATUS="A"', 'OBS_STATUS="A" sex="T"'),
        ('OBS_STATUS="A"', 'OBS_STATUS="A" REPORTING_YEAR_START_DAY="--07-01"'),
        ('UNIT="NR"', 'UNIT="NR" REPORTING_YEAR_START_DAY="--07-01"'),
        ('UNIT="NR"', 'UNIT="NR" TIME_PERIOD="2021"'),
        ('UNIT="NR"', 'UNIT="NR" NOTE="n"'),
        ('ss:action="Replace"', 'ss:action="Replace" REPORTING_YEAR_START_DAY="--07-01"'),
        ('ss:action="Replace"', 'ss:action="Replace" FOO="1"'),
        ('ss:action="Replace"', 'ss:action="replace"'),
        ("own:DataSetType", "own:SeriesType"),
        ("<mes:Test>true</mes:Test>", ""),
        ("<mes:ID>INV_1</mes:ID>", "<mes:ID>a b</mes:ID>"),
    ],
)
def test_what_a_structure_does_not_declare_is_invalid(before, after):
    text = sdmx.message()
    assert before in text
    for root, time_series in (("StructureSpecificTimeSeriesData", True), ("StructureSpecificData", False)):
        changed = sdmx.message(root=root).replace(before, after)
        assert not valid(changed, time_series=time_series), (root, after)


def test_what_the_base_types_would_let_stand_in_any_form_is_forbidden():
    for before, after in (("<Obs ", '<Obs type="X" '), ("<Obs ", '<Obs REPORTING_YEAR_START_DAY="--07-01" ')):
        assert not valid(sdmx.flat().replace(before, after), at=FLAT, time_series=False)
        assert not valid(sdmx.message(root="StructureSpecificData").replace(before, after), time_series=False)


def test_what_a_structure_does_declare_of_the_base_types_may_stand():
    day = sdmx.component(schema.DAY, coded=False, attached="series", mandatory=False)
    structure = replace(STRUCTURE, attributes=(*STRUCTURE.attributes, day))
    for day_, good in (("--07-01", True), ("7 July", False)):
        text = sdmx.message(sdmx.DATA.replace('UNIT="NR"', f'UNIT="NR" REPORTING_YEAR_START_DAY="{day_}"'))
        assert valid(text, structure) == good


@pytest.mark.parametrize("code", ["<&>", "a\"b'c", "a b", " a", "å", "\U0001d7d8", "a\tb", "a\nb", "]]>", "0012"])
def test_codes_of_any_characters(code):
    listed = sdmx.codes("AREA", "SE", "SE11", code, partial=True)
    structure = replace(STRUCTURE, lists={**STRUCTURE.lists, listed.id: listed})
    written = etree.Element("x", a=code)
    quoted = etree.tostring(written, encoding="unicode").partition("a=")[2].removesuffix("/>")
    assert valid(sdmx.message(sdmx.DATA.replace('"SE"', quoted)), structure)
    assert not valid(sdmx.message(sdmx.DATA.replace('"SE"', '"XX"')), structure), "a list in part is a list"


def test_a_component_whose_list_is_absent_may_hold_anything():
    dimensions = tuple(replace(one, codes="") if one.id == "AREA" else one for one in STRUCTURE.dimensions)
    structure = replace(STRUCTURE, dimensions=dimensions, absent={"AREA": "INV:CL_AREA(1.0)"})
    assert valid(sdmx.message(sdmx.DATA.replace('"SE"', '"anything"')), structure)
    assert not valid(sdmx.message(sdmx.DATA.replace(' AREA="SE"', "")), structure)


def test_data_may_be_in_the_namespace_of_a_dataflow():
    flow = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=INV:FLOW(2.1):ObsLevelDim:"
    assert names.namespaces(STRUCTURE, "TIME_PERIOD") == [NAMESPACE + "TIME_PERIOD", flow + "TIME_PERIOD"]
    assert valid(sdmx.message(namespace=flow), namespace=flow)
    assert not valid(sdmx.message(namespace=flow))


def test_of_a_structure_that_no_schema_can_be_made_of_it_is_said(tmp_path):
    twice = (*STRUCTURE.attributes, sdmx.component("TIME_PERIOD", False, "observation", False))
    strange = (*STRUCTURE.attributes, sdmx.component('a b"', False, "observation", False))
    path = tmp_path / "m.xml"
    path.write_text(sdmx.message())
    for attributes in (twice, strange):
        found = reading.read(path, replace(STRUCTURE, attributes=attributes))
        with pytest.raises(InputRefused) as refused:
            reading.strict_schema(found)
        (finding,) = refused.value.findings
        assert (finding.rule, finding.values["structure"]) == ("schema-impossible", STRUCTURE.id)


def accepted(structure):
    for flow in (None, *structure.dataflows):
        for at, time_series in ((structure.time, True), (structure.time, False), (FLAT, False)):
            kind = f"Dataflow={flow}" if flow else f"DataStructure={structure.id}"
            assert schema.compiled(structure, f"{names.URN}{kind}{names.LEVEL}{at}", at, time_series)


PACKAGED = structures.packaged_messages()


@pytest.mark.parametrize("resource", PACKAGED, ids=[resource.name for resource in PACKAGED])
def test_libxml2_takes_the_schema_of_every_packaged_structure(resource):
    for structure in structures.load(resource):
        accepted(structure)


@pytest.mark.parametrize(
    "name",
    [
        "sdmx/ECB_EXR__ng-structure-full.xml",
        "sdmx/ESTAT__apro_mk_cola-structure.xml",
        "eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml",
    ],
)
def test_libxml2_takes_the_schema_of_real_structures(name, data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path))
    path = data_folder / name
    for structure in structures.load(Resource(path.name, path, path.name)):
        assert structure.time
        accepted(structure)


def test_the_packaged_structures_are_found():
    assert len(PACKAGED) > 10
    assert resources.packaged("schemas").is_dir()

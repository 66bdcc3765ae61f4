"""Layouts: what files can be, from mappings, from published tables and from structures."""

from dataclasses import replace
from pathlib import Path

import pytest

from nps_exchange import configuration, layouts, recognition, resources
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.layouts import Layout
from nps_exchange.resources import Layer
from nps_exchange.structures import Structure

SDMX = "sdmx-csv-2.0"
FLOW = "OECD.ELS.HD:DSD_HEALTH_EMP_REAC@DF_REAC(1.1)"


@pytest.fixture(scope="module")
def found():
    return resources.load()


@pytest.fixture(scope="module")
def known(found) -> list[Layout]:
    return layouts.load_all(found, configuration.load(found).mappings)


def test_the_layouts_that_come_with_the_program(known):
    assert [(layout.dataset, layout.format) for layout in known if not layout.dataset.startswith("eurostat/")] == [
        ("nomesko/personnel", "delimited"),
        ("nomesko/physicians-by-sector", "delimited"),
        ("nomesko/physicians-by-specialty", "delimited"),
        ("oecd/joint-questionnaire", "delimited"),
        ("oecd/migration", "delimited"),
        ("oecd/migration", SDMX),
        ("oecd/reac-emp", SDMX),
        ("HLTH_RS_SPEC", "sdmx-csv-1.0"),
        ("HEALTH_REAC", "delimited"),
        ("HEALTH_REAC", "delimited"),
        ("HEALTH_WFMI", "delimited"),
    ]
    assert [layout.dataset for layout in known if not layout.structure] == ["HLTH_RS_SPEC"]


def test_text_for_people_is_no_part_of_what_a_file_is_known_by(known):
    assert known[-1].names == {"COU", "VAR", "CO2", "YEA", "Value", "Flag Codes"}


def test_what_is_asked_for_holds_where_its_columns_are(known):
    asked = [layout.asked is not None for layout in known if not layout.dataset.startswith("eurostat/")]
    assert asked == [True, True, True, True, True, False, True, False, False, False, False]


@pytest.mark.parametrize("dataflow", [FLOW, "OECD.ELS.HD:DSD_HEALTH_REAC_EMP(1.1)"])
def test_a_layout_by_dataflow_or_structure(found, dataflow):
    layout = layouts.of_dataflow(found, dataflow, SDMX)
    assert (layout.dataset, layout.dataflow, layout.format) == (dataflow, dataflow, SDMX)
    assert [column.name for column in layout.columns][:2] == ["REF_AREA", "MEASURE"]
    assert {column.holds for column in layout.columns} == {"code", "year", "value", "attribute"}


def test_a_dataflow_that_nobody_has(found):
    assert layouts.of_dataflow(found, FLOW.replace("1.1", "9.9"), SDMX) is None
    assert layouts.like_dataflows(found, FLOW.replace("1.1", "9.9"))[0] == FLOW
    assert len(layouts.like_dataflows(found, "")) == 3


def test_a_structure_without_time(known):
    structure: Structure = replace(known[0].structure, time="")
    layout = layouts.of_structure(structure, "x/y", "X:Y(1.0)", SDMX)
    assert "year" not in {column.holds for column in layout.columns}
    assert "" not in {column.name for column in layout.columns}


PUBLISHED = """
layouts:
  - id: OWN
    origin: {document: a document, status: verified}
    format: delimited
    structure: STRUCTURE
    dataflow: "DATAFLOW"
    columns:
      - {name: VAR, is: code}
"""


@pytest.mark.parametrize(
    ("structure", "dataflow"),
    [("oecd/absent.xml", "OECD:HEALTH_REAC(1.0)"), ("oecd/HEALTH_REAC.xml", "OECD:OTHER(1.0)")],
)
def test_a_published_layout_at_fault_is_told_by_file_and_line(tmp_path: Path, structure, dataflow):
    (tmp_path / "own").mkdir()
    text = PUBLISHED.replace("STRUCTURE", structure).replace("DATAFLOW", dataflow)
    (tmp_path / "own/layouts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationRefused) as refused:
        layouts.load_all(resources.load(own_schemas=Layer(tmp_path, "./own")), [])
    [finding] = refused.value.findings
    assert (finding.place.file, finding.place.row) == ("./own/own/layouts.yaml", 6)


# which layout a heading is taken for


def recognised(tmp_path: Path, known: list[Layout], heading: str) -> tuple[str, str]:
    path = tmp_path / "table.csv"
    path.write_text(heading + "\r\n", encoding="utf-8")
    read = recognition.heading(path, known)
    return (read.layout.dataset, read.layout.format) if read.layout else ("", ""), read.separator


@pytest.mark.parametrize(
    ("heading", "dataset", "separator"),
    [
        ("VAR,UNIT,COU,YEAR,VALUE,OBS_STATUS", "oecd/joint-questionnaire", ","),
        ("VAR,UNIT,COU,VALUE,OBS_STATUS", "oecd/joint-questionnaire", ","),
        ("var;unit;cou;year;value;obs_status", "oecd/joint-questionnaire", ";"),
        ("VAR|UNIT|COU|YR|VALUE|OBS_STATUS", "oecd/joint-questionnaire", "|"),
        ("VAR,UNIT,COU,TIME_FORMAT,obsTime,obsValue,OBS_STATUS", "HEALTH_REAC", ","),
        ("VAR,UNIT,COU,obsTime,obsValue", "HEALTH_REAC", ","),
        ('VAR,"Variable",UNIT,"Measure",COU,"Country",YEA,"Year",Value,"Flag Codes","Flags"', "HEALTH_REAC", ","),
        ("COU,VAR,CO2,YEA,Value,Flag Codes", "oecd/migration", ","),
        ("COU,VAR,YEA,Value,Flag Codes", "oecd/migration", ","),
        ('COU,"Country",VAR,"Variable",CO2,"Country of origin",YEA,"Year",Value,"Flag Codes","Flags"', "HEALTH_WFMI", ","),
        ("STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,ORIGIN,TRAINING_PLACE,HEALTH_PROF", "oecd/migration", ","),
        ("REF_AREA\tMEASURE\tUNIT_MEASURE\tAGE\tSEX\tHEALTH_PROF\tWORKER_STATUS\tPRICE_BASE\tTIME_PERIOD\tOBS_VALUE", "oecd/reac-emp", "\t"),
        ("country_code,year,value", "", ","),
        ("", "", ","),
    ],
)  # fmt: skip
def test_a_heading_is_known_even_where_something_is_missing(tmp_path, known, heading, dataset, separator):
    (found, _), sep = recognised(tmp_path, known, heading)
    assert (found, sep) == (dataset, separator)

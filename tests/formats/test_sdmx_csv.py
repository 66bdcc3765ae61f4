"""SDMX-CSV as others write it is read, and as we write it others read it."""

import io

import pytest

from nps_exchange.errors import InputRefused
from nps_exchange.formats import sdmx_csv
from nps_exchange.formats.table import Table

DATAFLOW = "OECD.ELS.HD:DSD_HEALTH_REAC_EMP@DF_PHYS(1.1)"
DIMENSIONS = (
    *("REF_AREA", "MEASURE", "UNIT_MEASURE", "AGE", "SEX", "HEALTH_PROF", "WORKER_STATUS"),
    *("HEALTH_PROF_ACTIVITY_STATUS", "PRICE_BASE", "TIME_PERIOD"),
)
FLAGS = ("OBS_STATUS", "OBS_STATUS2", "OBS_STATUS3", "OBS_STATUS4")
COLUMNS = (*DIMENSIONS, "OBS_VALUE", *FLAGS)
# In each column that looks like numbers one text does not: pysdmx lets pandas guess, and 0012 would become 12.
ROWS = [
    ("SWE", "HSE", "PS", "0012", "_Z", "NA", "_Z", "P", "_Z", "2018", "0044123", "B", "E", None, None),
    ("SWE", "HSE", "PS", "_T", "_Z", "NO", "_Z", "P", "_Z", "2019", "NA", "O", None, None, None),
    ("SWE", "HSE", "PS", "_T", "_Z", "PHYS", "_Z", "LP", "_Z", "2020", "12.50", "B", "P", "D", "E"),
    ("SWE", "HSE", "PS", "_T", "_Z", "LK, AT", "_Z", 'P "x"', "_Z", "2020-Q1", None, None, None, None, None),
]
HEAD = "STRUCTURE,STRUCTURE_ID,ACTION"


def decoded(text, folder):
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    table = sdmx_csv.decode(path)
    return table, list(table.rows)


def refusal(text, folder):
    with pytest.raises(InputRefused) as refused:
        decoded(text, folder)
    (finding,) = refused.value.findings
    assert finding.rule == "file-broken"
    return finding.place.row, finding.values["problem"]


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "t.csv"
    sdmx_csv.encode(Table(COLUMNS, ROWS, DATAFLOW), path)
    return path


def test_the_bytes_are_those_of_the_standard(tmp_path):
    sdmx_csv.encode(Table(("SEX", "OBS_VALUE"), [("F", "0012"), ("", None)], "A.B:C(1.0)", "R"), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == (
        b'STRUCTURE,STRUCTURE_ID,ACTION,SEX,OBS_VALUE\r\ndataflow,A.B:C(1.0),R,F,0012\r\ndataflow,A.B:C(1.0),R,"",\r\n'
    )


@pytest.mark.parametrize("action", sdmx_csv.V2.actions)
def test_action_and_dataflow_come_back(action, tmp_path):
    sdmx_csv.encode(Table(COLUMNS, ROWS, DATAFLOW, action), tmp_path / "t.csv")
    table = sdmx_csv.decode(tmp_path / "t.csv")
    assert (table.columns, list(table.rows), table.dataflow, table.action) == (COLUMNS, ROWS, DATAFLOW, action)


def test_a_table_without_columns_of_its_own_deletes_all(tmp_path):
    sdmx_csv.encode(Table((), [()], DATAFLOW, "D"), tmp_path / "t.csv")
    table = sdmx_csv.decode(tmp_path / "t.csv")
    assert (table.columns, list(table.rows), table.action) == ((), [()], "D")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (Table(("A",), []), "AGENCY:ID"),
        (Table(("A",), [], "X:Y(1.0): Physicians"), "AGENCY:ID"),
        (Table(("A",), [], DATAFLOW, "i"), "one of I, A, R, D, M"),
        (Table(("A", "ACTION"), [], DATAFLOW), "'ACTION'"),
        (Table(("STRUCTURE_NAME",), [], DATAFLOW), "'STRUCTURE_NAME'"),
        (Table(("STRUCTURE[;]",), [], DATAFLOW), "STRUCTURE"),
        (Table(("AGE: Age",), [], DATAFLOW), "AGE: Age"),
        (Table(("A", "B"), [("1", "2"), ("3",)], DATAFLOW), "row 3: 1 cells for 2 columns"),
    ],
)
def test_what_would_not_come_back_is_not_written(table, problem, tmp_path):
    with pytest.raises(ValueError) as refused:
        sdmx_csv.encode(table, tmp_path / "t.csv")
    assert problem in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_the_oecds_own_file(data_folder):
    table = sdmx_csv.decode(data_folder / "oecd" / "sdmx-csv-2_labels_sample_DF_CARE.csv")
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert table.dataflow == "OECD.ELS.HD:DSD_HEALTH_REAC_EMP@DF_CARE(1.1)"
    assert table.action == "I"
    assert set(COLUMNS) < set(table.columns)
    assert "STRUCTURE_NAME" not in table.columns
    assert table.columns[table.columns.index("REF_AREA") + 1] == "Reference area"
    assert [(row["REF_AREA"], row["TIME_PERIOD"], row["OBS_VALUE"]) for row in rows][-2:] == [
        ("DNK", "2023", "89658"),
        ("BEL", "2022", "75208"),
    ]
    assert len(rows) == 5
    assert {row["OBS_STATUS4"] for row in rows} == {None}


def test_the_example_of_the_standard(data_folder):
    table = sdmx_csv.decode(data_folder / "sdmx" / "v3__csv__example-01.csv")
    assert table.dataflow == "ESTAT:NA_MAIN(1.6.0)"
    assert table.columns == ("DIM_1", "DIM_2", "DIM_3", "OBS_VALUE", "ATTR_2", "ATTR_3", "ATTR_1", "UPDATED")
    special = "Normal, special and other values"
    assert list(table.rows) == [
        ("A", "B", "2014-01", "12.4", "Y", special, "N", "2021-01-22T13:15:41Z"),
        ("A", "B", "2014-02", "10.8", "Y", special, "Y", "2021-01-22T13:15:41Z"),
    ]


def test_the_head_is_found_by_its_names(tmp_path):
    text = "A,ACTION,B,STRUCTURE_ID,STRUCTURE\r\n1,R,,X:Y(1.0),DataFlow\r\n2,R,3,X:Y(1.0),dataflow\r\n"
    table, rows = decoded(text, tmp_path)
    assert (table.columns, table.dataflow, table.action) == (("A", "B"), "X:Y(1.0)", "R")
    assert rows == [("1", None), ("2", "3")]


def test_labels_of_both_kinds_are_stripped_to_the_ids(tmp_path):
    text = (
        f"{HEAD},OBS_KEY,AGE: Age,REF_AREA: Area: reporting,COMMENT: Comment,UPDATED\r\n"
        "dataflow,X:Y(1.0): Physicians: all,I,_T.SWE,Y20T64: From 20: to 64,SWE: Sweden,see: the note,at: 10:30\r\n"
        'dataflow,X:Y(1.0): Läkare,I,_T.SWE,_T,"",seen in: 2018,\r\n'
    )
    table, rows = decoded(text, tmp_path)
    assert table.columns == ("OBS_KEY", "AGE", "REF_AREA", "COMMENT", "UPDATED")
    assert table.dataflow == "X:Y(1.0)"
    assert rows == [("_T.SWE", "Y20T64", "SWE", "see", "at: 10:30"), ("_T.SWE", "_T", "", "seen in: 2018", None)]


def test_a_column_of_names_may_hold_what_looks_like_a_label(tmp_path):
    text = (
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,AGE,Age: in years\r\ndataflow,X:Y(1.0),Z: z,I,_T,All: total\r\n"
    )
    table, rows = decoded(text, tmp_path)
    assert (table.columns, rows) == (("AGE", "Age: in years"), [("_T", "All: total")])


@pytest.mark.parametrize("text", [HEAD + ",A,B\r\n", HEAD + ",A,B"])
def test_a_heading_alone_has_no_dataflow(text, tmp_path):
    table, rows = decoded(text, tmp_path)
    assert (table.columns, table.dataflow, table.action, rows) == (("A", "B"), "", "I", [])


def test_a_wrong_width_is_seen_in_its_row(tmp_path):
    lines = ["STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,A,B", "", "dataflow", "dataflow,X:Y(1.0),Z,I,1"]
    lines += ["dataflow,X:Y(1.0),Z,I,1,2", "dataflow,X:Y(1.0),Z,I,1,2,3", "dataflow,X:Y(1.0),Z,I", "dataflow,X:Y(1.0)"]
    table, rows = decoded("\r\n".join(lines), tmp_path)
    assert table.dataflow == "X:Y(1.0)"
    assert rows == [(), (), ("1",), ("1", "2"), ("1", "2", "3"), (), ()]


def test_a_wrong_width_is_seen_where_the_head_stands_last(tmp_path):
    table, rows = decoded("A,B,C,D," + HEAD + "\n1,2,3,4\n1,2,3,4,dataflow,X:Y(1.0)\n", tmp_path)
    assert table.dataflow == ""
    assert rows == [("1",), ("1", "2", "3")]


ROW = "dataflow,X:Y(1.0),I,1,2\n"


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        ("", 1, "names STRUCTURE 0 times"),
        ("A,B\n1,2\n", 1, "names STRUCTURE 0 times"),
        ("DATAFLOW,LAST UPDATE,freq\nESTAT:X(1.0),,A\n", 1, "name each of STRUCTURE, STRUCTURE_ID, ACTION once"),
        ("STRUCTURE,ACTION,A\ndataflow,I,1\n", 1, "names STRUCTURE_ID 0 times"),
        ("STRUCTURE,STRUCTURE_ID,A\ndataflow,X:Y(1.0),1\n", 1, "names ACTION 0 times"),
        (f"{HEAD},A,ACTION\n{ROW}", 1, "names ACTION 2 times"),
        ("STRUCTURE[;],STRUCTURE_ID,ACTION,A[]\n", 1, "sub-fields"),
        ("STRUCTURE;STRUCTURE_ID;ACTION;A\n", 1, "not separated by commas"),
        ("STRUCTURE[|];STRUCTURE_ID;ACTION;A\n", 1, "not separated by commas"),
        (f"{HEAD},A,B\ndataflows,X:Y(1.0),I,1,2\n", 2, "'dataflows': write one of dataflow, datastructure"),
        (f"{HEAD},A,B\n,X:Y(1.0),I,1,2\n", 2, "STRUCTURE is ''"),
        (f"{HEAD},A,B\ndataflow,,I,1,2\n", 2, "STRUCTURE_ID is empty"),
        (f"{HEAD},A,B\ndataflow,X:Y(1.0),i,1,2\n", 2, "ACTION is 'i': write one of I, A, R, D, M"),
        (f"{HEAD},A,B\n\n\ndataflow,X:Y(1.0),,1,2\n", 4, "ACTION is ''"),
        (f"{HEAD},A,B\n{ROW}{ROW}dataflow,X:Z(1.0),I,1,2\n", 4, "STRUCTURE_ID is 'X:Z(1.0)' here and 'X:Y(1.0)' above"),
        (f"{HEAD},A,B\n{ROW}dataflow,X:Y(1.0),R,1,2\n", 3, "ACTION is 'R' here and 'I' above"),
        (f"{HEAD},A,B\n{ROW}datastructure,X:Y(1.0),I,1,2\n", 3, "STRUCTURE is 'datastructure' here"),
        (f"{HEAD},A,B\n{ROW}dataflow,X:Y(1.0),,1\n", 3, "ACTION is '' here"),
        (f"{HEAD}\ndataflow,X:Y(1.0),D\ndataflow\n", 3, "it has 1 fields, the heading has 3"),
        (f'{HEAD},A,B\n{ROW}dataflow,X:Y(1.0),I,1,"2\n', 3, "never closed"),
    ],
)
def test_what_cannot_be_read_names_the_row_and_says_what_to_do(text, row, problem, tmp_path):
    found, said = refusal(text, tmp_path)
    assert (found, problem in said) == (row, True), (found, said)


def test_every_kind_of_structure_is_read(tmp_path):
    for kind in ("dataflow", "DATASTRUCTURE", "dataProvision"):
        table, rows = decoded(f"{HEAD},A\n{kind},X:Y,I,1\n", tmp_path)
        assert (table.dataflow, rows) == ("X:Y", [("1",)])


def observations(rows):
    """Keys with values and flags, where nothing and an empty text are the same."""
    return sorted(tuple(cell or "" for cell in row) for row in rows)


def test_sdmx1_finds_the_same_observations(written):
    sdmx = pytest.importorskip("sdmx")
    v21 = pytest.importorskip("sdmx.model.v21")
    structure = v21.DataStructureDefinition(id="DSD_HEALTH_REAC_EMP")
    for dimension in DIMENSIONS:
        structure.dimensions.getdefault(id=dimension)
    structure.measures.getdefault(id="OBS_VALUE")
    for flag in FLAGS:
        structure.attributes.getdefault(id=flag)
    # Not by its path: sdmx1 leaves files open, which is a warning here.
    message = sdmx.read_sdmx(io.BytesIO(written.read_bytes()), format="csv", structure=structure)
    (dataset,) = message.data
    assert dataset.action.name == "information"
    found = [
        (
            *(obs.dimension.values[dimension].value for dimension in DIMENSIONS),
            obs.value,
            *(obs.attached_attribute[flag].value for flag in FLAGS),
        )
        for obs in dataset.obs
    ]
    assert observations(found) == observations(ROWS)


def test_pysdmx_finds_the_same_observations(written):
    reading = pytest.importorskip("pysdmx.io")
    (dataset,) = reading.read_sdmx(written).data
    assert dataset.short_urn == f"Dataflow={DATAFLOW}"
    assert dataset.action.value == "Information"
    found = dataset.data[list(COLUMNS)].itertuples(index=False)
    assert observations(found) == observations(ROWS)


# SDMX-CSV 1.0

V1 = "DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"


def decoded_1(text, folder):
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    table = sdmx_csv.decode(path, version=sdmx_csv.V1)
    return table, list(table.rows)


def test_the_bytes_are_those_of_version_1(tmp_path):
    table = Table(("SEX", "OBS_VALUE"), [("F", "0012"), ("", None)], "A.B:C(1.0)", "R")
    sdmx_csv.encode(table, tmp_path / "t.csv", sdmx_csv.V1)
    assert (tmp_path / "t.csv").read_bytes() == (b'DATAFLOW,SEX,OBS_VALUE\r\nA.B:C(1.0),F,0012\r\nA.B:C(1.0),"",\r\n')


def test_version_1_comes_back_as_information(tmp_path):
    sdmx_csv.encode(Table(COLUMNS, ROWS, DATAFLOW), tmp_path / "t.csv", sdmx_csv.V1)
    table = sdmx_csv.decode(tmp_path / "t.csv", version=sdmx_csv.V1)
    assert (table.columns, list(table.rows), table.dataflow, table.action) == (COLUMNS, ROWS, DATAFLOW, "I")


def test_what_eurostat_adds_is_passed_over(tmp_path):
    table, rows = decoded_1(f"{V1}\nESTAT:HLTH(1.0),09/09/22 11:00:00,A,SE,2016,1.5,be\n", tmp_path)
    assert table.columns == ("freq", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG")
    assert (table.dataflow, rows) == ("ESTAT:HLTH(1.0)", [("A", "SE", "2016", "1.5", "be")])


def test_version_1_as_eurostat_wrote_it(data_folder):
    table = sdmx_csv.decode(data_folder / "eurostat" / "hlth_rs_spec_2022-07.csv", version=sdmx_csv.V1)
    rows = list(table.rows)
    assert (len(rows), {len(row) for row in rows}) == (7450, {len(table.columns)})
    assert table.columns[-3:] == ("TIME_PERIOD", "OBS_VALUE", "OBS_FLAG")


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        ("", 1, "names DATAFLOW 0 times"),
        ("STRUCTURE,STRUCTURE_ID,ACTION,A\n", 1, "names DATAFLOW 0 times"),
        ("DATAFLOW,DATAFLOW,A\n", 1, "names DATAFLOW 2 times"),
        ("DATAFLOW;freq;geo\n", 1, "not separated by commas"),
        (f"{V1}\n,,A,SE,2016,1,\n", 2, "DATAFLOW is empty"),
        (f"{V1}\nX:Y(1.0),,A,SE,2016,1,\nX:Z(1.0),,A,SE,2016,1,\n", 3, "DATAFLOW is 'X:Z(1.0)' here"),
    ],
)
def test_what_cannot_be_read_of_version_1_names_the_row(text, row, problem, tmp_path):
    with pytest.raises(InputRefused) as refused:
        decoded_1(text, tmp_path)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.place.row) == ("file-broken", row)
    assert problem in finding.values["problem"]


@pytest.mark.parametrize("column", ["DATAFLOW", "LAST UPDATE", "DATAFLOW[;]"])
def test_no_column_of_version_1_is_named_as_its_head(column, tmp_path):
    with pytest.raises(ValueError, match="no column of a table may be named"):
        sdmx_csv.encode(Table(("A", column), [], DATAFLOW), tmp_path / "t.csv", sdmx_csv.V1)
    assert not list(tmp_path.iterdir())


def test_pysdmx_finds_the_same_in_version_1(tmp_path):
    path = tmp_path / "t.csv"
    sdmx_csv.encode(Table(COLUMNS, ROWS, DATAFLOW), path, sdmx_csv.V1)
    reading = pytest.importorskip("pysdmx.io")
    (dataset,) = reading.read_sdmx(path).data
    assert dataset.short_urn == f"Dataflow={DATAFLOW}"
    found = dataset.data[list(COLUMNS)].itertuples(index=False)
    assert observations(found) == observations(ROWS)

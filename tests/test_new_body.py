"""A new body that takes SDMX-CSV is added without Python: its mapping, what it asks for, and its structure message."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nps_exchange import exchange
from nps_exchange.cli import main
from nps_exchange.run import run
from tests.invented import DATAFLOW, lay_out, message, national_table
from tests.test_translate import HEADS, mapping, row

STRUCTURE = message(
    {"FREQ": "A", "GEO": "SE SE11 SE12", "OCCUPATION": "OC221 OC222", "UNIT": "NR P_HTHAB"},
    {"OBS_STATUS": "B E P", "OBS_STATUS2": "B E P", "CONF_STATUS": "F"},
)
ASKED = "OCCUPATION,UNIT,label\nOC221,NR,Physicians\nOC221,P_HTHAB,Physicians\nOC222,NR,Nurses\n"
COLUMNS = {
    "FREQ GEO OCCUPATION UNIT": "code",
    "TIME_PERIOD": "year",
    "OBS_VALUE": "value",
    "OBS_STATUS OBS_STATUS2": "obs_status",
}
PLAIN = mapping(
    {
        "id": "country",
        "scope": HEADS | {"profession": ["LK", "SJ"]},
        "from": ["profession"],
        "to": ["OCCUPATION"],
        "rows": [["LK", "OC221"], ["SJ", "OC222"]],
        "fix": {"GEO": "SE", "UNIT": "NR"},
        "derive": [
            {
                "set": {"UNIT": "P_HTHAB"},
                "where": {"OCCUPATION": "OC221"},
                "over": {"measure": "population", "unit": "persons"},
                "times": 100000,
                "round": 2,
            }
        ],
    },
    {
        "id": "regions",
        "scope": HEADS | {"profession": "LK", "region": ["01", "03", "04"]},
        "recode": {"GEO": {"from": "region", "column": "nuts2"}},
        "group": "sum",
        "fix": {"OCCUPATION": "OC221", "UNIT": "NR"},
    },
    fix={"FREQ": "A"},
    files=[
        {
            "file": "inv-table.csv",
            "format": "sdmx-csv-2.0",
            "structure": "inv/TABLE.xml",
            "dataflow": DATAFLOW,
            "columns": [{"name": name, "is": holds} for names, holds in COLUMNS.items() for name in names.split()],
        }
    ],
)
ROWS = [
    row(300, profession="LK", flags="E,B"),
    row(200, profession="LK", region="01"),
    row(60, profession="LK", region="03"),
    row(40, profession="LK", region="04"),
    row(900, profession="SJ"),
    row(100001, measure="population"),
]
HEAD = ("dataflow", DATAFLOW, "I", "A")
MEANT = [
    (*HEAD, "SE", "OC221", "NR", "2020", "300", "B", "E"),
    (*HEAD, "SE", "OC221", "P_HTHAB", "2020", "300.00", "B", "E"),
    (*HEAD, "SE", "OC222", "NR", "2020", "900", "", ""),
    (*HEAD, "SE11", "OC221", "NR", "2020", "200", "", ""),
    (*HEAD, "SE12", "OC221", "NR", "2020", "100", "", ""),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A year's working folder of the new body."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    year = tmp_path / "2020"
    lay_out(year, PLAIN, {"table.csv": ASKED, "TABLE.xml": STRUCTURE})
    national_table(year, ROWS)
    text = "year: 2020\nprepared: 2021-02-03\nbodies: [inv]\nmappings: mappings\nschemas: schemas\ninputs: [national-table.csv]\n"
    (year / "exchange.yaml").write_text(text, encoding="utf-8")
    return year


def test_a_new_body_is_a_folder_of_data(folder, tmp_path):
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".yaml", ".csv", ".xml"}
    out = tmp_path / "out"
    outcome = run(exchange.completed(exchange.from_folder(folder)), out)
    assert outcome.exit_code == 0
    with (out / "inv" / "inv-table.csv").open(encoding="utf-8", newline="") as stream:
        heading, *rows = (tuple(row) for row in csv.reader(stream))
    columns = [name for names in COLUMNS for name in names.split()]
    assert heading == ("STRUCTURE", "STRUCTURE_ID", "ACTION", *columns)
    assert rows == MEANT
    (dataset,) = outcome.report["datasets"]
    assert {entry["state"] for entry in dataset["coverage"]} == {"reported"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert "./schemas/inv/TABLE.xml" in {entry["file"] for entry in manifest["structures"]}


def test_its_file_is_read_by_sdmx1_with_its_structure(folder, tmp_path):
    sdmx = pytest.importorskip("sdmx")
    run(exchange.completed(exchange.from_folder(folder)), tmp_path / "out")
    structure = sdmx.read_sdmx(io.BytesIO(STRUCTURE.encode()), format="XML").structure["TABLE"]
    content = (tmp_path / "out" / "inv" / "inv-table.csv").read_bytes()
    (dataset,) = sdmx.read_sdmx(io.BytesIO(content), format="csv", structure=structure).data
    found = [
        (*(value.value for value in observation.dimension.values.values()), observation.value)
        for observation in dataset.obs
    ]
    assert found == [cells[3:9] for cells in MEANT]


def test_its_numbers_are_explained_and_its_file_is_checked(folder, tmp_path):
    out = tmp_path / "out"
    run(exchange.completed(exchange.from_folder(folder)), out)
    done = CliRunner().invoke(main, ["explain", str(out), "inv/table", "GEO=SE12", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.output)
    assert (answer["series"], answer["calculation"]) == ("regions", "60 + 40")
    assert [row["row"] for source in answer["sources"] for row in source["rows"]] == [4, 5]
    own = ["--mappings", str(folder / "mappings"), "--schemas", str(folder / "schemas")]
    done = CliRunner().invoke(main, ["mappings", "check", *own])
    assert done.exit_code == 0, done.output


def test_a_region_that_its_structure_has_not_stops_the_run(folder, tmp_path):
    path = folder / "schemas" / "inv" / "TABLE.xml"
    code = '<str:Code id="SE12"><com:Name xml:lang="en">Se12</com:Name></str:Code>'
    assert code in STRUCTURE
    path.write_text(STRUCTURE.replace(code, ""), encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 3, done.output
    assert "GEO SE12, made by series regions, is not in INV:CL_GEO(1.0) of ./schemas/inv/TABLE.xml" in done.output
    assert not (tmp_path / "out").exists()


def test_a_structure_without_its_code_lists_is_refused(folder, tmp_path):
    """Nothing could be checked, and nobody would know."""
    path = folder / "schemas" / "inv" / "TABLE.xml"
    before, _, after = STRUCTURE.partition("<str:Codelists>")
    path.write_text(before + after.partition("</str:Codelists>")[2], encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 3, done.output
    assert "./schemas/inv/TABLE.xml lacks the code list INV:CL_OCCUPATION(1.0) of OCCUPATION" in done.output
    assert "references=all" in done.output


def test_a_structure_alone_names_no_dataflow_and_is_taken(folder, tmp_path):
    before, _, after = STRUCTURE.partition("<str:Dataflows>")
    (folder / "schemas" / "inv" / "TABLE.xml").write_text(
        before + after.partition("</str:Dataflows>")[2], encoding="utf-8"
    )
    assert run(exchange.completed(exchange.from_folder(folder)), tmp_path / "out").exit_code == 0


@pytest.mark.parametrize("normal", ["", "A"])
def test_a_body_that_wants_a_flag_with_every_figure_gets_one(folder, tmp_path, normal):
    codes = {"OBS_STATUS": "A B E P", "OBS_STATUS2": "B E P", "CONF_STATUS": "F"}
    structure = message(
        {"FREQ": "A", "GEO": "SE SE11 SE12", "OCCUPATION": "OC221 OC222", "UNIT": "NR P_HTHAB"}, codes, ["OBS_STATUS"]
    )
    columns = [dict(column) for column in PLAIN["files"][0]["columns"]]
    for column in columns:
        if normal and column["name"] == "OBS_STATUS":
            column["normal"] = normal
    lay_out(folder, PLAIN | {"files": [PLAIN["files"][0] | {"columns": columns}]}, {"TABLE.xml": structure})
    outcome = run(exchange.completed(exchange.from_folder(folder)), tmp_path / "out")
    found = [finding for finding in outcome.report["findings"] if finding["rule"] == "field-empty"]
    assert outcome.exit_code == len(found) == (0 if normal else 1)
    with (tmp_path / "out" / "inv" / "inv-table.csv").open(encoding="utf-8", newline="") as stream:
        flags = [row["OBS_STATUS"] for row in csv.DictReader(stream)]
    assert flags == [cells[9] or normal for cells in MEANT]

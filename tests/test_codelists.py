"""Our own code lists: every label leads to one code, and Swedish is read as it is delivered."""

import unicodedata

import pytest

from nps_exchange import codelists, resources
from nps_exchange.codelists import LIST_OF
from nps_exchange.model import DIMENSIONS

LISTS = codelists.load(resources.load())


def test_the_lists_have_what_they_should():
    professions = LISTS.lists["professions"].rows
    assert sum(row["licensed"] == "yes" for row in professions.values()) == 22
    kinds = [row["kind"] for row in LISTS.lists["specialities"].rows.values()]
    assert kinds.count("medical") == 63
    assert kinds.count("dental") == 9
    regions = LISTS.lists["regions"].rows
    counties = {code: row for code, row in regions.items() if row["level"] == "county"}
    assert len(counties) == 21
    assert all(row["nuts3"] and row["nuts2"] and row["nuts1"] for row in counties.values())
    assert counties["13"]["health_care_region"] == ""  # Halland is split by law
    countries = LISTS.lists["countries"].rows
    assert countries["GR"]["eurostat"] == "EL"
    assert countries["GB"]["eurostat"] == "UK"
    assert countries["NO"]["iso3"] == "NOR"


def test_every_row_says_where_it_comes_from():
    for found in LISTS.lists.values():
        for code, row in found.rows.items():
            assert row["sv"] and row["en"] and row["source"], (found.name, code)


def test_the_codes_that_pandas_and_yaml_would_lose():
    assert LISTS.of("profession").code("NA") == "NA"
    assert LISTS.of("country_of_training").code("NO") == "NO"
    assert LISTS.of("region").code("01") == "01"


@pytest.mark.parametrize(
    ("column", "label", "code"),
    [
        ("profession", "Läkare", "LK"),
        ("profession", "LÄKARE", "LK"),
        ("profession", " sjuksköterskor ", "SJ"),
        ("profession", "Sjukgymnast", "FT"),
        ("profession", "Naprapat", "NA"),
        ("sex", "Kvinnor", "F"),
        ("sex", "Båda könen", "_T"),
        ("region", "Riket", "_T"),
        ("region", "Västra Götalands län", "14"),
        ("region", "västra\u00a0götalands  LÄN", "14"),
        ("age", "35–44 år", "Y35T44"),
        ("age", "35-44", "Y35T44"),
        ("country_of_training", "Norge", "NO"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_swedish_labels_as_they_are_delivered(column, label, code, form):
    assert LISTS.of(column).code(unicodedata.normalize(form, label)) == code


def test_an_unknown_label_is_told_its_nearest():
    assert LISTS.of("profession").code("Lkare") is None
    assert LISTS.of("profession").nearest("Lkare") == "Läkare (LK)"
    assert LISTS.of("profession").nearest("xyzzy") == ""


def test_activity_has_no_total():
    assert "_T" not in LISTS.of("activity")


def test_every_measure_names_known_units_and_dimensions():
    for measure in LISTS.measures.values():
        assert measure.kind in ("stock", "flow")
        assert set(measure.units) <= set(LISTS.lists["units"].rows)
        assert measure.dimensions <= set(DIMENSIONS)
        assert LISTS.lists["measures"].rows[measure.code]["activity"] == (
            "required" if measure.needs_activity else "none"
        )


def test_every_dimension_has_its_list():
    assert set(DIMENSIONS) <= set(LIST_OF)
    assert set(LIST_OF.values()) == set(LISTS.lists)


HEADER = "code,sv,en,parent,valid_from,valid_to,source,also\n"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("code,sv\nA,B\n", 1, "missing column: en"),
        (HEADER + "A,a,a,,,,s,\nA,b,b,,,,s,\n", 3, "the code A stands twice"),
        (HEADER + "A,a,a,B,,,s,\n", 2, "the parent B is not in the list"),
        (HEADER + "A,same,a,,,,s,\nB,b,Same,,,,s,\n", 3, "stands for both A and B"),
        (HEADER + "A,a,,,,,s,\n", 2, "A needs a label in both languages"),
        (HEADER + "A,,a,,,,s,\n", 2, "A needs a label in both languages"),
        (HEADER + "A,a,a,,,,s,\nB,a ,b,,,,s,\n", 3, "begins or ends with a space"),
        (HEADER + "A,x,x,,,,s,\nB,a,b,,,,s,\n", 3, "stands for both A and B"),
        (HEADER + "A,a,a,,2018-1,,s,\n", 2, "a year, a date, or empty"),
        (HEADER + "A,a,a,,2019,2018,s,\n", 2, "valid_from is after valid_to"),
        (HEADER + "A,a,a\n", 2, "the row has 3 fields, the heading has 8"),
    ],
)
def test_faults_of_a_list_are_named_by_line(text, line, problem):
    _, faults = codelists.read("professions", "own/professions.csv", text)
    assert [(fault.place.row, problem in fault.values["problem"]) for fault in faults] == [(line, True)]


def test_all_faults_of_a_list_are_told_at_once():
    text = HEADER + "A,a,,,,,s,\nB, b,b,,,,s,\nC,c,c,X,2019,2018,s,\n"
    _, faults = codelists.read("professions", "own/professions.csv", text)
    assert sorted(fault.place.row for fault in faults) == [2, 3, 4, 4]


@pytest.mark.parametrize(("name", "missing"), [("units", "kind"), ("measures", "kind, units, dimensions")])
def test_the_columns_that_the_program_needs_are_missed(name, missing):
    (fault,) = codelists.read(name, "own/own.csv", HEADER)[1]
    assert (fault.place.row, fault.values["problem"]) == (1, f"missing column: {missing}")

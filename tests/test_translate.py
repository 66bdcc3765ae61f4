"""Translation, beside plain arithmetic: scopes, sums, rates, recodes, drops, flags and years."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange import codelists, exchange, mapping_checks, resources
from nps_exchange.engine import connect
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.lineage import explain
from nps_exchange.model import DIMENSIONS
from nps_exchange.resources import Layer
from nps_exchange.run import run
from nps_exchange.sources import Input, description, read_national_table
from nps_exchange.translate import translate

NO_DIMENSION = {"population": {"profession", "speciality", "activity", "ownership", "industry", "provider"}}

BODY = {
    "body": "inv",
    "name": {"sv": "Påhittad", "en": "Invented"},
    "channel": {"sv": "-", "en": "-"},
    "deadline": {"rule": {"sv": "-", "en": "-"}, "origin": {"document": "none", "status": "invented"}},
}


def mapping(*series: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "dataset": "inv/table",
        "title": {"sv": "t", "en": "t"},
        "origin": {"document": "none", "status": "invented"},
        "valid_from": 2000,
        "periods": "all",
        "asked": "inv/table.csv",
        "files": [
            {
                "file": "table.csv",
                "format": "delimited",
                "columns": [
                    {"name": "WHAT", "is": "code"},
                    {"name": "AREA", "is": "code"},
                    {"name": "YEAR", "is": "year"},
                    {"name": "VALUE", "is": "value"},
                    {"name": "FLAGS", "is": "obs_status", "join": "+"},
                ],
            }
        ],
        "series": list(series),
    } | more


@cache
def packaged_lists() -> codelists.CodeLists:
    return codelists.load(resources.load())


@cache
def packaged_descriptions() -> list[description.Description]:
    return description.load_all(resources.load(), packaged_lists())[0]


HEADS = {"measure": "stock", "unit": "persons", "activity": "practising"}


def series(**more: Any) -> dict[str, Any]:
    return {
        "id": "heads",
        "scope": HEADS | {"profession": ["LK", "SJ"]},
        "from": ["profession"],
        "to": ["WHAT"],
        "rows": [["LK", "DOCTORS"], ["SJ", "NURSES"]],
        "fix": {"AREA": "SE"},
    } | more


def row(value: object, year: int = 2020, **codes: str) -> str:
    cells = dict.fromkeys(DIMENSIONS, "_T") | {"measure": "stock", "unit": "persons", "activity": "practising"}
    cells |= codes
    if cells["measure"] == "population":
        cells |= dict.fromkeys(NO_DIMENSION["population"], "_Z")
    flags = cells.pop("flags", "")
    closed = cells.pop("closed", "")
    return ",".join([*(cells[name] for name in DIMENSIONS), str(year), str(value), f'"{flags}"', closed])


@pytest.fixture
def exchanged(tmp_path: Path):
    """Translate rows by a mapping; gives {(WHAT, AREA, YEAR): (VALUE, FLAGS)} and the findings' rules."""

    def do(plain: dict[str, Any], rows: list[str], year: int = 2020, asked: str = "") -> tuple[dict, list]:
        found, lists = _resources(tmp_path, plain, asked)
        table = tmp_path / "national-table.csv"
        table.write_text(",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]) + "\n" + "\n".join(rows) + "\n")
        mappings, faults = mapping_checks.load_all(found, lists)
        assert not faults, faults
        descriptions = packaged_descriptions()
        with connect(tmp_path) as con:
            national, _, _ = read_national_table(con, [Input(table, table.name)], descriptions, lists, tmp_path)
            (used,) = [one for one in mappings if one.body == "inv"]
            dataset, findings = translate(national, used, lists, year)
            return {(w, a, y): (v or "", f or "") for w, a, y, v, f in dataset.rows(used.files[0])}, findings

    return do


def _resources(folder: Path, plain: dict[str, Any], asked: str = ""):
    (folder / "mappings" / "inv").mkdir(parents=True, exist_ok=True)
    (folder / "schemas" / "inv").mkdir(parents=True, exist_ok=True)
    (folder / "mappings" / "inv" / "body.yaml").write_text(yaml.safe_dump(BODY))
    (folder / "mappings" / "inv" / "table.yaml").write_text(yaml.safe_dump(plain, sort_keys=False))
    (folder / "schemas" / "inv" / "table.csv").write_text(asked or "WHAT\nDOCTORS\nNURSES\n")
    found = resources.load(Layer(folder / "mappings", "./mappings"), Layer(folder / "schemas", "./schemas"))
    return found, packaged_lists()


def rules(findings: list) -> list[str]:
    return [finding.rule for finding in findings]


def test_what_is_at_its_total_is_taken_and_nothing_else(exchanged):
    sent, _ = exchanged(mapping(series()), [row(5, profession="LK"), row(2, profession="LK", region="01")])
    assert sent == {("DOCTORS", "SE", "2020"): ("5", "")}


def test_what_is_in_the_scope_but_nowhere_mapped_stops_the_run(exchanged):
    plain = mapping(
        series(scope=HEADS, rows=[["LK", "DOCTORS"]]), not_reported=[{"cells": {"WHAT": "NURSES"}, "reason": "none"}]
    )
    with pytest.raises(ConfigurationRefused) as refused:
        exchanged(plain, [row(5, profession="LK"), row(7, profession="SJ")])
    (finding,) = refused.value.findings
    assert finding.rule == "observation-unmapped"
    assert (finding.place.file, finding.place.row, finding.place.column) == ("national-table.csv", 3, "P")
    assert "SJ" in finding.values["key"]


def test_what_is_mapped_and_dropped_stops_the_run(exchanged):
    plain = mapping(series(), drop=[{"where": {"profession": "SJ"}, "reason": "not asked for"}])
    with pytest.raises(ConfigurationRefused) as refused:
        exchanged(plain, [row(5, profession="LK"), row(7, profession="SJ")])
    assert rules(refused.value.findings) == ["observation-mapped-and-dropped"]


def test_a_drop_acts_in_the_series_it_names(exchanged):
    other = series(
        id="women", scope=HEADS | {"profession": "LK"}, rows=[["F", "WOMEN"]], **{"from": ["sex"], "to": ["WHAT"]}
    )
    drop = {"where": {"sex": "_T"}, "series": ["women"], "reason": "stands in another series"}
    rows = [row(5, profession="LK"), row(2, profession="LK", sex="F")]
    sent, _ = exchanged(mapping(series(), other, drop=[drop]), rows, asked="WHAT\nDOCTORS\nNURSES\nWOMEN\n")
    assert {key[0]: value for key, (value, _) in sent.items()} == {"DOCTORS": "5", "WOMEN": "2"}


def test_a_recode_that_makes_one_of_many_is_a_sum_and_needs_all_its_parts(exchanged):
    counties = {"region": ["03", "04"]}
    plain = mapping(
        {
            "id": "by-nuts",
            "scope": HEADS | {"profession": "LK"} | counties,
            "recode": {"AREA": {"from": "region", "column": "nuts2"}},
            "group": "sum",
            "fix": {"WHAT": "DOCTORS"},
        }
    )
    rows = [row(10, profession="LK", region="03"), row(20, profession="LK", region="04")]
    sent, _ = exchanged(plain, rows, asked="WHAT\nDOCTORS\n")
    assert sent == {("DOCTORS", "SE12", "2020"): ("30", "")}
    sent, findings = exchanged(plain, rows[:1], asked="WHAT\nDOCTORS\n")
    assert sent == {}
    assert rules(findings) == ["sum-incomplete"]


def test_what_is_explained_lies_in_the_scope(tmp_path):
    plain = mapping(
        {
            "id": "by-region",
            "scope": HEADS | {"profession": "LK", "region": ["01", "04"]},
            "recode": {"AREA": {"from": "region", "column": "health_care_region"}},
            "fix": {"WHAT": "DOCTORS"},
        }
    )
    _resources(tmp_path, plain, "WHAT\nDOCTORS\n")
    rows = [
        row(1, profession="LK", region="01"),
        row(2, profession="LK", region="09"),
        row(3, profession="LK", region="04"),
    ]
    (tmp_path / "national-table.csv").write_text(
        ",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]) + "\n" + "\n".join(rows) + "\n"
    )
    (tmp_path / "exchange.yaml").write_text(
        "year: 2020\nbodies: [inv]\nmappings: mappings\nschemas: schemas\ninputs: [national-table.csv]\n"
    )
    run(exchange.completed(exchange.from_folder(tmp_path)), tmp_path / "out")
    answer = explain(tmp_path / "out", "inv/table", {"AREA": "HR_STOCKHOLM_GOTLAND"})
    assert (answer["value"], answer["calculation"]) == (1, "as delivered")
    assert [r["row"] for source in answer["sources"] for r in source["rows"]] == [2]


def test_a_sum_beside_a_series_that_goes_by_region(exchanged):
    by = series(
        id="by-county",
        scope=HEADS | {"profession": "LK", "region": ["01", "03"]},
        rows=[["01", "A"], ["03", "B"]],
        fix={"WHAT": "DOCTORS"},
        derive=[RATE | {"set": {"WHAT": "RATE"}, "by": ["region"]}],
        **{"from": ["region"], "to": ["AREA"]},
    )
    both = series(
        id="both",
        scope=HEADS | {"profession": "LK", "region": ["01", "03"]},
        rows=[[["01", "03"], "AB"]],
        group="sum",
        fix={"WHAT": "DOCTORS"},
        **{"from": ["region"], "to": ["AREA"]},
    )
    rows = [row(10, profession="LK", region="01"), row(7, profession="LK", region="03")]
    sent, _ = exchanged(mapping(by, both), rows, asked="WHAT\nDOCTORS\nRATE\n")
    assert sent["DOCTORS", "AB", "2020"] == ("17", "")


def test_a_cell_that_the_body_does_not_ask_for_stops_the_run(exchanged):
    plain = mapping(
        {
            "id": "by-country",
            "scope": HEADS | {"profession": "LK"},
            "recode": {"AREA": {"from": "country_of_training", "column": "iso3"}},
            "fix": {"WHAT": "DOCTORS"},
        },
    )
    rows = [row(4, profession="LK", country_of_training="NO"), row(2, profession="LK", country_of_training="DK")]
    with pytest.raises(ConfigurationRefused) as refused:
        exchanged(plain, rows, asked="WHAT,AREA\nDOCTORS,NOR\n")
    (finding,) = refused.value.findings
    assert (finding.rule, finding.values["key"]) == ("cell-not-asked", "DOCTORS DNK")
    assert finding.values["series"] == "by-country"


def test_what_is_dropped_with_a_reason_is_counted(exchanged, tmp_path):
    plain = mapping(
        series(rows=[["LK", "DOCTORS"]]),
        not_reported=[{"cells": {"WHAT": "NURSES"}, "reason": "none"}],
        drop=[{"where": {"profession": "SJ"}, "reason": "not asked for"}],
    )
    sent, _ = exchanged(plain, [row(5, profession="LK"), row(7, profession="SJ")])
    assert list(sent) == [("DOCTORS", "SE", "2020")]


def test_a_sum_needs_all_its_parts(exchanged):
    plain = mapping(
        series(group="sum", rows=[[["LK", "SJ"], "STAFF"]]),
    )
    asked = "WHAT\nSTAFF\n"
    sent, _ = exchanged(plain, [row(5, profession="LK"), row(7, profession="SJ")], asked=asked)
    assert sent == {("STAFF", "SE", "2020"): ("12", "")}
    sent, findings = exchanged(plain, [row(5, profession="LK"), row(7, 2019, profession="SJ")], asked=asked)
    assert sent == {}
    assert rules(findings) == ["sum-incomplete"]


def test_flags_of_the_parts_are_one_set(exchanged):
    plain = mapping(series(group="sum", rows=[[["LK", "SJ"], "STAFF"]]))
    rows = [row(5, profession="LK", flags="E,B"), row(7, profession="SJ", flags="B,P")]
    sent, _ = exchanged(plain, rows, asked="WHAT\nSTAFF\n")
    assert sent == {("STAFF", "SE", "2020"): ("12", "B+E+P")}


RATE = {"set": {"AREA": "RATE"}, "over": {"measure": "population", "unit": "persons"}, "times": 1000, "round": 2}


@given(
    years=st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**8)), min_size=40, max_size=80),
    times=st.sampled_from([1, 100, 1000, 100000]),
    places=st.integers(0, 6),
)
@settings(max_examples=10, deadline=None)
def test_a_rate_is_exact_and_rounded_half_up(tmp_path_factory, years, times, places):
    folder = tmp_path_factory.mktemp("rate")
    rate = RATE | {"mean_of": ["year-1", "year"], "times": times, "round": places}
    found, lists = _resources(folder, mapping(series(derive=[rate])))
    rows = [row(heads, 1900 + i, profession="LK") for i, (heads, _) in enumerate(years)]
    rows += [row(people, 1900 + i, measure="population") for i, (_, people) in enumerate(years)]
    table = folder / "national-table.csv"
    table.write_text(",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]) + "\n" + "\n".join(rows) + "\n")
    with connect() as con:
        descriptions = packaged_descriptions()
        national, _, _ = read_national_table(con, [Input(table, table.name)], descriptions, lists, folder)
        (used,) = [one for one in mapping_checks.load_all(found, lists)[0] if one.body == "inv"]
        dataset, _ = translate(national, used, lists, 2020)
        sent = {
            int(year): Decimal(value)
            for _, area, year, value, _ in dataset.rows(dataset.mapping.files[0])
            if area == "RATE"
        }
    assert set(sent) == set(range(1901, 1900 + len(years)))
    for year, value in sent.items():
        heads = years[year - 1900][0]
        people = years[year - 1900][1] + years[year - 1901][1]
        # Half up, in whole numbers: floor((2ab + c) / 2c).
        exact = Fraction(heads * times * 2, people)
        assert value == Decimal(math.floor(exact * 10**places + Fraction(1, 2))).scaleb(-places)


def test_a_rate_without_its_denominator_is_reported(exchanged):
    sent, findings = exchanged(mapping(series(derive=[RATE])), [row(5, profession="LK")])
    assert list(sent) == [("DOCTORS", "SE", "2020")]
    assert rules(findings) == ["rate-without-denominator"]


def test_a_rate_over_zero_is_not_sent(exchanged):
    rows = [row(5, profession="LK"), row(0, measure="population")]
    sent, findings = exchanged(mapping(series(derive=[RATE])), rows)
    assert list(sent) == [("DOCTORS", "SE", "2020")]
    assert rules(findings) == ["rate-over-zero"]


def test_a_share_of_another_cell(exchanged):
    share = {"set": {"AREA": "SHARE"}, "where": {"WHAT": "DOCTORS"}, "of": {"WHAT": "NURSES"}, "times": 100, "round": 1}
    rows = [row(1, profession="LK", flags="E"), row(8, profession="SJ", flags="B")]
    sent, _ = exchanged(mapping(series(derive=[share])), rows)
    assert sent["DOCTORS", "SHARE", "2020"] == ("12.5", "B+E")
    assert ("NURSES", "SHARE", "2020") not in sent


def test_regions_each_with_their_own_denominator(exchanged):
    plain = mapping(
        {
            "id": "by-county",
            "scope": HEADS | {"profession": "LK"},
            "from": ["region"],
            "to": ["AREA"],
            "rows": [["01", "A"], ["03", "B"]],
            "fix": {"WHAT": "DOCTORS"},
            "derive": [RATE | {"set": {"WHAT": "RATE"}, "by": ["region"]}],
        },
        drop=[{"where": {"region": "_T"}, "reason": "counties only"}],
    )
    rows = [row(1, profession="LK", region="01"), row(3, profession="LK", region="03"), row(99, profession="LK")]
    rows += [row(100, measure="population", region="01"), row(200, measure="population", region="03")]
    sent, _ = exchanged(plain, rows, asked="WHAT\nDOCTORS\nRATE\n")
    assert sent["RATE", "A", "2020"] == ("10.00", "")
    assert sent["RATE", "B", "2020"] == ("15.00", "")


def test_a_column_recoded_by_a_code_list(exchanged):
    plain = mapping(
        {
            "id": "by-country",
            "scope": HEADS | {"profession": "LK"},
            "recode": {"AREA": {"from": "country_of_training", "column": "iso3"}},
            "fix": {"WHAT": "DOCTORS"},
        },
        drop=[{"where": {"country_of_training": ["_T", "_U", "OTHER"]}, "reason": "no country"}],
    )
    rows = [row(4, profession="LK", country_of_training="NO"), row(2, profession="LK", country_of_training="GR")]
    sent, _ = exchanged(plain, [*rows, row(9, profession="LK")], asked="WHAT\nDOCTORS\n")
    assert sent == {("DOCTORS", "NOR", "2020"): ("4", ""), ("DOCTORS", "GRC", "2020"): ("2", "")}


def test_confidential_figures_do_not_leave_nor_their_rates(exchanged):
    rows = [row(5, profession="LK", closed="C"), row(7, profession="SJ", closed="F"), row(1000, measure="population")]
    sent, findings = exchanged(mapping(series(derive=[RATE])), rows)
    assert set(sent) == {("NURSES", "SE", "2020"), ("NURSES", "RATE", "2020")}
    assert rules(findings) == ["rate-without-numerator", "value-confidential"]


def test_a_missing_figure_is_left_out_or_sent_with_its_flag(exchanged):
    rows = [row("", profession="LK", flags="M"), row(7, profession="SJ")]
    sent, findings = exchanged(mapping(series()), rows)
    assert set(sent) == {("NURSES", "SE", "2020")}
    assert rules(findings) == ["value-missing"]
    sent, _ = exchanged(mapping(series(), missing="transmit"), rows)
    assert sent["DOCTORS", "SE", "2020"] == ("", "M")


def test_years_by_reference_year_and_span(exchanged):
    rows = [row(year, year, profession="LK") for year in range(2015, 2023)]
    sent, findings = exchanged(mapping(series(), periods=3), rows)
    assert [year for _, _, year in sent] == ["2018", "2019", "2020"]
    assert {finding.rule: finding.count for finding in findings} == {
        "observation-after-year": 2,
        "observation-before-period": 3,
    }


def test_a_row_that_holds_from_a_year_on(exchanged):
    rows = [["LK", "DOCTORS"], {"row": ["SJ", "NURSES"], "valid_from": 2020}]
    sent, _ = exchanged(mapping(series(rows=rows)), [row(1, profession="SJ")])
    assert sent == {("NURSES", "SE", "2020"): ("1", "")}
    with pytest.raises(ConfigurationRefused):
        exchanged(mapping(series(rows=rows)), [row(1, 2019, profession="SJ")])


def test_a_reference_year_outside_the_validity_of_the_mapping(exchanged):
    with pytest.raises(ConfigurationRefused) as refused:
        exchanged(mapping(series(), valid_to=2019), [row(1, profession="LK")], year=2020)
    assert refused.value.findings[0].rule == "mapping-not-valid-for-year"


def test_full_time_equivalents_keep_their_decimals(exchanged):
    plain = mapping(series(scope=HEADS | {"profession": ["LK", "SJ"], "unit": "fte"}))
    sent, _ = exchanged(plain, [row("12.50", profession="LK", unit="fte"), row("100", profession="SJ", unit="fte")])
    assert [value for value, _ in sent.values()] == ["12.5", "100"]


def test_naprapaths_and_norway_are_in_the_national_table(examples):
    import duckdb

    with duckdb.connect() as con:
        frame = con.execute(f"SELECT * FROM '{examples['synthetic'] / 'national-table.parquet'}'").df()
    assert (frame["profession"] == "NA").any()
    assert (frame["country_of_training"] == "NO").any()


def test_the_public_functions_give_data_frames(exchanged, tmp_path):
    found, lists = _resources(tmp_path, mapping(series()))
    table = tmp_path / "national-table.csv"
    table.write_text(
        ",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]) + "\n" + row(5, profession="LK") + "\n"
    )
    with connect(tmp_path) as con:
        descriptions = packaged_descriptions()
        national, _, _ = read_national_table(con, [Input(table, table.name)], descriptions, lists, tmp_path)
        assert national.frame()["value"].tolist() == [5]
        (used,) = [one for one in mapping_checks.load_all(found, lists)[0] if one.body == "inv"]
        frame = translate(national, used, lists, 2020)[0].frame()
    assert frame.to_dict("records") == [{"WHAT": "DOCTORS", "AREA": "SE", "YEAR": "2020", "VALUE": "5", "FLAGS": ""}]


ACTIVE = series(
    id="active",
    scope=HEADS | {"activity": "professionally_active", "profession": ["LK", "SJ"]},
    instead_of="heads",
    flag="D",
    note={"en": "Nearer heads", "sv": "Närmare huvuden"},
)


def test_a_series_fills_only_what_the_one_it_stands_in_for_does_not_and_says_so(exchanged):
    rows = [row(5, profession="LK"), row(9, profession="LK", activity="professionally_active", flags="B")]
    rows += [row(7, profession="SJ", activity="professionally_active", flags="B")]
    rows += [row(6, 2019, profession="LK", activity="professionally_active")]
    sent, findings = exchanged(mapping(series(), ACTIVE), rows)
    assert sent == {
        ("DOCTORS", "SE", "2019"): ("6", "D"),
        ("DOCTORS", "SE", "2020"): ("5", ""),
        ("NURSES", "SE", "2020"): ("7", "B+D"),
    }
    told = [one for one in findings if one.rule == "cell-substituted"]
    assert [(one.values["key"], one.values["instead_of"], one.count, one.examples) for one in told] == [
        ("DOCTORS", "heads", 1, ({"year": 2019},)),
        ("NURSES", "heads", 1, ({"year": 2020},)),
    ]


def test_what_the_right_series_has_as_missing_or_confidential_is_not_filled_by_another(exchanged):
    rows = [row("", profession="LK", flags="O"), row(9, profession="LK", activity="professionally_active")]
    rows += [row(3, profession="SJ", closed="C"), row(7, profession="SJ", activity="professionally_active")]
    sent, findings = exchanged(mapping(series(), ACTIVE), rows)
    assert sent == {}
    assert "cell-substituted" not in rules(findings)


def test_what_was_delivered_in_part_is_not_filled_and_a_missing_figure_gets_no_flag(exchanged):
    sums = series(rows=[[["LK", "SJ"], "DOCTORS"]], group="sum")
    other = ACTIVE | {"rows": [["LK", "DOCTORS"], ["SJ", "NURSES"]]}
    rows = [row(5, profession="LK"), row(9, profession="LK", activity="professionally_active")]
    rows += [row(9, 2019, profession="LK", activity="professionally_active")]
    rows += [row("", profession="SJ", activity="professionally_active", flags="O")]
    sent, findings = exchanged(mapping(sums, other, missing="transmit"), rows)
    assert sent == {("DOCTORS", "SE", "2019"): ("9", "D"), ("NURSES", "SE", "2020"): ("", "O")}
    assert rules(findings) == ["sum-incomplete", "cell-substituted", "value-missing"]


def test_a_row_may_flag_its_figures(exchanged):
    later = {"row": [["LK", "SJ"], "DOCTORS"], "valid_from": 2020, "valid_to": 2020, "flag": "B"}
    rows = [{"row": ["LK", "DOCTORS"], "valid_to": 2019}, later, {"row": [["LK", "SJ"], "DOCTORS"], "valid_from": 2021}]
    nurses = {"cells": {"WHAT": "NURSES"}, "reason": "none"}
    found = [row(value, year, profession=one) for one in ("LK", "SJ") for year, value in ((2020, 6), (2021, 7))]
    plain = mapping(series(rows=rows, group="sum"), not_reported=[nurses])
    sent, _ = exchanged(plain, [row(5, 2019, profession="LK", flags="E"), *found], year=2021)
    assert [(year, *sent["DOCTORS", "SE", year]) for year in ("2019", "2020", "2021")] == [
        ("2019", "5", "E"),
        ("2020", "12", "B"),
        ("2021", "14", ""),
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"instead_of": "tails"}, "there is no series tails above this one, which it could stand instead of"),
        ({"instead_of": "active"}, "there is no series active above this one, which it could stand instead of"),
        ({"flag": "QQ"}, "QQ is not in the code list obs_statuses"),
        ({"flag": "A"}, "A marks no figure that is there"),
        ({"flag": "O"}, "O marks no figure that is there"),
        ({"rows": [{"row": ["LK", "DOCTORS"], "flag": "M"}, ["SJ", "NURSES"]]}, "M marks no figure that is there"),
    ],
)
def test_a_substitute_at_fault_is_told(tmp_path, changes, problem):
    found, lists = _resources(tmp_path, mapping(series(), ACTIVE | changes))
    _, faults = mapping_checks.load_all(found, lists)
    assert problem in [fault.values["problem"] for fault in faults]


def test_a_substitute_must_have_a_flag_and_without_the_word_cells_are_filled_twice(tmp_path):
    found, lists = _resources(tmp_path, mapping(series(), {k: v for k, v in ACTIVE.items() if k != "flag"}))
    assert "'flag' is a dependency of 'instead_of'" in mapping_checks.load_all(found, lists)[1][0].values["problem"]
    found, lists = _resources(tmp_path, mapping(series(), {k: v for k, v in ACTIVE.items() if k != "instead_of"}))
    assert "DOCTORS SE is filled here and in line" in mapping_checks.load_all(found, lists)[1][0].values["problem"]

"""What is wrong with a table, counted truly and told in bounds; without files."""

import re
import time
from collections import Counter
from dataclasses import replace

import pytest

from nps_exchange.asked import Asked
from nps_exchange.cell_checks import PERIOD, nearest
from nps_exchange.errors import InputRefused
from nps_exchange.formats.table import Table
from nps_exchange.layouts import Layout, of_structure
from nps_exchange.mapping import FLAT, Column
from nps_exchange.messages import rules, text
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.resources import PACKAGE
from nps_exchange.structures import Code, Codes, Component, Structure
from nps_exchange.table_checks import check
from nps_exchange.tally import KINDS_SHOWN, LONGEST_SHOWN, OTHERS, Tally, shown

AREAS = Codes("X:AREA(1.0)", False, {code: Code(code, "", "verified") for code in ("SE", "NO", "01", "0110")})
JOBS = Codes("X:JOB(1.0)", True, {code: Code(code, "", status) for code, status in (("MD", ""), ("RN", "from memory"))})
FLAGS = Codes("X:FLAG(1.0)", False, {code: Code(code, "", "verified") for code in "BDE"})
STRUCTURE = Structure(
    file="x.xml",
    sha256="",
    id="X:DSD(1.0)",
    name="",
    dimensions=(Component("AREA", AREAS.id, True, "", ""), Component("JOB", JOBS.id, True, "", "")),
    time="TIME_PERIOD",
    time_text="ObservationalTimePeriod",
    measure="OBS_VALUE",
    attributes=(
        Component("OBS_STATUS", FLAGS.id, False, "observation", ""),
        Component("UNIT", "", True, "observation", "String"),
        Component("NOTE", "", False, "observation", "String"),
    ),
    lists={codes.id: codes for codes in (AREAS, JOBS, FLAGS)},
    absent={},
    dataflows={},
)
SDMX = of_structure(STRUCTURE, "x/sdmx", "X:FLOW(1.0)", "sdmx-csv-2.0")
COLUMNS = (("AREA", "code"), ("JOB", "code"), ("YEAR", "year"), ("VALUE", "value"), ("FLAG", "obs_status"))
LAYOUT = Layout("x/flat", FLAT, tuple(Column(name, holds, "", {}) for name, holds in COLUMNS), "", STRUCTURE, None)
NAMES = tuple(name for name, _ in COLUMNS)
SOUND = ("SE", "MD", "2017", "1", None)


def where(row: int, column: str) -> Place:
    return Place(row=row, column=column)


def found(*rows, layout=LAYOUT, names=NAMES, **table) -> list[Finding]:
    return check(Table(names, rows, **table), layout, where)


def told(*rows, **others) -> list[tuple[str, int | None, str, int]]:
    return [(one.rule, one.place.row, one.place.column, one.count) for one in found(*rows, **others)]


def with_(**cells):
    return tuple({**dict(zip(NAMES, SOUND, strict=True)), **cells}.values())


def test_a_sound_table():
    assert told(SOUND, with_(YEAR="2018"), with_(AREA="NO", FLAG="BD"), with_(AREA="01", VALUE="-1.5e3")) == []


@pytest.mark.parametrize("value", ["0", "1.", ".5", "-1", "+1", "1e5", "1E-5", "007"])
def test_numbers(value):
    assert told(with_(VALUE=value)) == []


@pytest.mark.parametrize(
    "value", ["1 234", "1\xa0234", "12,5", "..", "NaN", "inf", "1_000", "0x1", "1e", "-", "٣", " 1", "1\n"]
)
def test_what_is_no_number(value):
    assert told(with_(VALUE=value)) == [("value-invalid", 2, "VALUE", 1)]


def test_nan_is_a_missing_value_in_sdmx_only():
    row = ("SE", "MD", "2017", "NaN", "", "PS", None)
    names = ("AREA", "JOB", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT", "NOTE")
    assert told(row, layout=SDMX, names=names) == [("value-absent", 2, "OBS_VALUE", 1)]


@pytest.mark.parametrize("period", ["2017", "1900", "2099"])
def test_years(period):
    assert told(with_(YEAR=period)) == []


@pytest.mark.parametrize("period", ["17", "2017-13", "3017", "0017", "20170", "2017 ", "MMXVII", "2017-Q1"])
def test_what_is_no_year(period):
    assert told(with_(YEAR=period)) == [("period-invalid", 2, "YEAR", 1)]


@pytest.mark.parametrize(
    ("period", "right"),
    [("2017", 1), ("2017-Q4", 1), ("2017-Q5", 0), ("2017-12", 1), ("2017-13", 0), ("2017-M12", 1), ("2017-S2", 1),
     ("2017-W53", 1), ("2017-W54", 0), ("2017-D366", 1), ("2017-01-31", 1), ("2017-01-32", 0), ("2017-01-31T00:00:00Z", 1)],
)  # fmt: skip
def test_periods_of_sdmx(period, right):
    assert bool(PERIOD.fullmatch(period)) == bool(right)


def test_periods_are_years_where_the_structure_says_so():
    names = ("AREA", "JOB", "TIME_PERIOD", "OBS_VALUE", "UNIT")
    row = ("SE", "MD", "2017-Q1", "1", "PS")
    assert told(row, layout=SDMX, names=names) == []
    yearly = replace(SDMX, structure=replace(STRUCTURE, time_text="GregorianYear"))
    assert told(row, layout=yearly, names=names) == [("period-invalid", 2, "TIME_PERIOD", 1)]


def test_attributes_must_be_there_only_where_the_structure_demands_it():
    names = ("AREA", "JOB", "TIME_PERIOD", "OBS_VALUE")
    assert told(("SE", "MD", "2017", "1"), layout=SDMX, names=names) == [("field-missing", 1, "UNIT", 1)]
    names = (*names, "UNIT", "NOTE", "OBS_STATUS")
    assert told(("SE", "MD", "2017", "1", None, None, None), layout=SDMX, names=names) == [
        ("field-empty", 2, "UNIT", 1)
    ]


def test_several_flags_in_one_field():
    assert told(with_(FLAG="EBD")) == []
    assert told(with_(FLAG="EBE")) == [("flag-twice", 2, "FLAG", 1)]
    assert told(with_(FLAG="BX"), with_(FLAG="BX", AREA="NO")) == [("code-unknown", 2, "FLAG", 2)]
    joined = replace(LAYOUT, columns=(*LAYOUT.columns[:-1], Column("FLAG", "obs_status", ",", {})))
    assert told(with_(FLAG="E,B"), layout=joined) == []
    assert told(with_(FLAG="EB"), layout=joined) == [("code-unknown", 2, "FLAG", 1)]


@pytest.mark.parametrize(
    ("code", "meant"),
    [("se", "SE"), ("NO ", "NO"), ("1", "01"), ("110", "0110"), ("SEE", "SE"), ("zzz", "SE, NO, 01, 0110"), ("x" * 10**6, "SE, NO, 01, 0110")],
)  # fmt: skip
def test_the_code_that_is_meant(code, meant):
    assert nearest(code, AREAS) == meant


def test_of_many_codes_a_few_are_shown():
    assert nearest("?", Codes("", False, {f"C{i}": Code("", "", "") for i in range(9)})) == "C0, C1, C2, C3, C4, …"


def test_zeros_that_a_spreadsheet_took():
    [finding] = found(with_(AREA="110"))
    assert finding.values == {"code": "110", "column": "AREA", "list": "X:AREA(1.0)", "nearest": "0110"}


def test_a_list_of_which_a_part_is_known_is_told_apart():
    assert [one[0] for one in told(with_(JOB="XX"))] == ["code-unknown-in-part"]


def test_codes_that_nobody_has_seen_are_one_finding():
    [finding] = found(with_(JOB="RN"), with_(JOB="RN", YEAR="2018"))
    assert (finding.rule, finding.count, finding.examples) == ("code-not-verified", 1, ({"text": "RN"},))


def test_what_the_structure_does_not_tell_is_told():
    absent = replace(STRUCTURE, lists={}, absent={"AREA": "X:AREA(1.0)"}, dimensions=STRUCTURE.dimensions[:1])
    expected = [("codes-not-checked", 1, "AREA", 1), ("codes-not-checked", 1, "JOB", 1)]
    assert told(SOUND, layout=replace(LAYOUT, structure=absent)) == expected


# the heading


def test_columns_in_any_order():
    assert told(tuple(reversed(SOUND)), names=tuple(reversed(NAMES))) == []


def test_a_missing_column_does_not_hide_what_else_is_wrong():
    row = ("SE", "MD", "x", None)
    assert told(row, names=("AREA", "JOB", "VALUE", "FLAG")) == [
        ("field-missing", 1, "YEAR", 1),
        ("value-invalid", 2, "VALUE", 1),
    ]


@pytest.mark.parametrize("name", ["year", "YEAR ", "Year", "YEARS", "YAER", "YEA"])
def test_a_misspelt_column_is_checked_as_what_it_is_meant_to_be(name):
    names = tuple(name if one == "YEAR" else one for one in NAMES)
    assert told(with_(YEAR="17"), names=names) == [("field-misspelt", 1, name, 1), ("period-invalid", 2, "YEAR", 1)]


def test_two_columns_with_names_much_alike_are_not_both_the_missing_one():
    names = ("AREA", "JOB", "YEARS", "YEARR", "VALUE", "FLAG")
    rules_of = Counter(one[0] for one in told(("SE", "MD", "2017", "2017", "1", None), names=names))
    assert rules_of == {"field-misspelt": 1, "field-unknown": 1}


def test_of_a_column_that_stands_twice_the_first_counts():
    names = (*NAMES, "YEAR")
    assert told((*SOUND, "x"), names=names) == [("field-twice", 1, "YEAR", 1)]


def test_labels_behind_every_component():
    names, row = [], []
    components = ("AREA", "JOB", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT")
    for name, cell in zip(components, ("SE", "MD", "2017", "1", "B", "PS"), strict=True):
        names += [name, "Label"]  # two labels may be the same
        row += [cell, "text, whatever"]
    assert told(tuple(row), layout=SDMX, names=tuple(names)) == []
    expected = [("field-twice", 1, "Label", 4), ("field-unknown", 1, "Label", 1)]
    assert told(tuple(row[:-1]), layout=SDMX, names=tuple(names[:-1])) == expected


# rows and keys


def test_the_width_of_rows():
    rows = [SOUND, ("SE",), SOUND[:3], (*SOUND, "x"), (None,), (None,) * 5, ("", "")]
    assert told(*rows) == [
        ("row-too-short", 3, "", 2),
        ("row-too-long", 5, "", 1),
        ("row-blank", 6, "", 3),
    ]


def test_no_rows():
    assert told() == [("table-empty", 1, "", 1)]


def test_a_key_that_stands_twice():
    rows = [SOUND, with_(YEAR="2018"), with_(VALUE="1.0"), with_(VALUE="2"), with_(YEAR="2018", VALUE=None)]
    same, *differ = [one for one in found(*rows) if one.rule != "value-absent"]
    assert (same.rule, same.place.row, same.values["first"]) == ("key-repeated", 4, "2")
    assert [(one.rule, one.place.row, one.values["value"], one.values["other"]) for one in differ] == [
        ("key-contradicted", 5, "2", "1"),
        ("key-contradicted", 6, "–", "1"),
    ]


def test_keys_are_not_held_against_each_other_where_a_column_of_them_is_missing():
    assert told(("SE", "MD", "1", None), ("SE", "MD", "2", None), names=("AREA", "JOB", "VALUE", "FLAG")) == [
        ("field-missing", 1, "YEAR", 1)
    ]


def test_what_is_not_asked_for():
    asked = Asked("x.csv", "", ("AREA", "JOB"), {("SE", "MD"): {}})
    layout = replace(LAYOUT, asked=asked)
    rows = [SOUND, with_(AREA="NO"), with_(AREA="NO", YEAR="2018"), with_(AREA="XX")]
    assert told(*rows, layout=layout) == [("key-not-asked", 3, "", 2), ("code-unknown", 5, "AREA", 1)]


def test_a_file_that_deletes():
    assert told(SOUND, action="D") == [("action-deletes", 2, "ACTION", 1)]


def test_another_dataflow():
    layout = replace(LAYOUT, dataflow="X:ONE(1.0)")
    assert told(SOUND, layout=layout, dataflow="X:TWO(1.0)") == [("dataflow-differs", 2, "STRUCTURE_ID", 1)]


def test_where_a_file_breaks_off_what_was_found_so_far_is_told():
    def rows():
        yield with_(YEAR="17")
        raise InputRefused(Finding("file-broken", Place(row=3), {"problem": "x"}))

    assert [one.rule for one in check(Table(NAMES, rows()), LAYOUT, where)] == ["period-invalid", "file-broken"]


# bounds


def test_examples_are_bounded_and_counts_are_true():
    [finding] = found(*(with_(YEAR=str(1900 + i), VALUE="x") for i in range(200)))
    assert (finding.rule, finding.count, len(finding.examples)) == ("value-invalid", 200, EXAMPLES_SHOWN)
    assert finding.examples[-1] == {"row": 51, "column": "VALUE", "text": "x"}


def test_masses_of_different_faults_share_a_finding_and_are_all_counted():
    rows = [with_(AREA=f"A{i}", JOB="XX", YEAR=str(1900 + i % 200), VALUE=f"{i}v") for i in range(5000)]
    findings = found(*rows)
    areas = [one for one in findings if one.place.column == "AREA"]
    assert [one.rule for one in areas] == ["code-unknown"] * KINDS_SHOWN + ["code-unknown-others"]
    assert sum(one.count for one in areas) == 5000
    assert (areas[-1].place.row, len(areas[-1].examples)) == (2 + KINDS_SHOWN, EXAMPLES_SHOWN)
    assert [(one.rule, one.count) for one in findings if one.place.column in ("JOB", "VALUE")] == [
        ("code-unknown-in-part", 5000),
        ("value-invalid", 5000),
    ]


def test_masses_of_keys_share_a_finding():
    asked = Asked("x.csv", "", ("AREA", "JOB", "YEAR"), {})
    rows = [with_(YEAR=str(1900 + i)) for i in range(150)]
    counted: Counter[str] = Counter()
    for one in found(*rows, *rows, layout=replace(LAYOUT, asked=asked)):
        counted[one.rule] += one.count
    assert counted == {
        "key-not-asked": 2 * KINDS_SHOWN,
        "key-not-asked-others": 200,
        "key-repeated": KINDS_SHOWN,
        "key-repeated-others": 100,
    }


def test_codes_are_compared_a_bounded_number_of_times(monkeypatch):
    compared = []
    monkeypatch.setattr("nps_exchange.cell_checks.nearest", lambda code, _: compared.append(code) or "")
    found(*(with_(AREA=f"A{i}") for i in range(1000)))
    assert len(compared) == KINDS_SHOWN + 1


def test_masses_of_faults_take_little_time():
    rows = [with_(AREA=f"{i:040}", JOB=f"{i:041}", YEAR=str(i)) for i in range(20_000)]
    began = time.perf_counter()
    found(*rows)
    assert time.perf_counter() - began < 10  # 0.3 s where this was written; a comparison each would take minutes


@pytest.mark.parametrize(
    ("cell", "as_shown"),
    [("PHYS", "PHYS"), (None, ""), ("a b", "a b"), ("a\nb", "a\\nb"), ("\x1b[2J", "\\x1b[2J"), ("SE\xa0", "SE\\xa0"), ("å", "å")],
)  # fmt: skip
def test_a_cell_is_shown_without_what_a_screen_hides_or_obeys(cell, as_shown):
    assert shown(cell) == as_shown


def test_a_long_cell_is_shown_in_part():
    assert shown("x" * 10**6) == "x" * (LONGEST_SHOWN - 1) + "…"


def test_findings_come_in_the_order_in_which_they_are_met():
    tally = Tally(where)
    for row, column in ((5, "B"), (2, "A"), (7, "B")):
        tally.add("field-empty", row, column, lambda column=column: {"column": column})
    assert [(one.place.row, one.place.column, one.count) for one in tally.findings()] == [(5, "B", 2), (2, "A", 1)]


def test_every_rule_that_is_counted_has_words():
    modules = ("cell_checks", "heading_checks", "table_checks")
    sources = "\n".join((PACKAGE / f"{name}.py").read_text(encoding="utf-8") for name in modules)
    named = set(re.findall(r'(?:\.add\(|_tell\(tally,)\s*"([a-z-]+)"', sources))
    assert len(named) > 15
    assert named | set(OTHERS) | set(OTHERS.values()) <= set(rules())


@pytest.mark.parametrize("rule", ["code-unknown", "key-repeated", "field-unknown", "key-not-asked"])
def test_the_others_are_told_with_the_values_of_the_first_of_them(rule):
    for template in rules()[OTHERS[rule]].text.values():
        names = set(re.findall(r"\{(\w+)\}", template))
        values = dict.fromkeys(re.findall(r"\{(\w+)\}", " ".join(rules()[rule].text.values())), "x")
        assert names <= set(values)
        assert "{" not in text(Finding(OTHERS[rule], values=values))

"""A dataset sent as several files: columns of their own, flags in one field or in several, structures, small counts."""

from pathlib import Path
from typing import Any

import pytest

from nps_exchange.errors import ConfigurationRefused
from tests.invented import DATAFLOW, faults, lay_out, message, translated
from tests.test_translate import HEADS, RATE, mapping, row, rules, series

ASKED = "WHAT\nDOCTORS\nNURSES\n"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def columns(codes: str, flags: int = 1, recode: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Coded columns by name, the year, the value and so many columns of flags."""
    statuses = [{"name": f"OBS_STATUS{n or ''}", "is": "obs_status"} for n in (0, *range(2, flags + 1))][:flags]
    if recode:
        statuses = [status | {"recode": recode} for status in statuses]
    return [
        *({"name": name, "is": "code"} for name in codes.split()),
        {"name": "TIME_PERIOD", "is": "year"},
        {"name": "OBS_VALUE", "is": "value"},
        *statuses,
    ]


def flat(codes: str, name: str = "table.csv", **more: Any) -> dict[str, Any]:
    return {"file": name, "format": "delimited", "columns": columns(codes)} | more


def sdmx(codes: str, name: str = "table-sdmx.csv", **more: Any) -> dict[str, Any]:
    return {
        "file": name,
        "format": "sdmx-csv-2.0",
        "structure": "inv/TABLE.xml",
        "dataflow": DATAFLOW,
        "columns": columns(codes),
    } | more


def problems(folder: Path, plain: dict[str, Any], schemas: dict[str, str]) -> list[str]:
    told = faults(lay_out(folder, plain, schemas))
    assert all(fault.place.file == "./mappings/inv/table.yaml" and fault.place.row for fault in told)
    return [fault.values["problem"] for fault in told]


# Several recodes of one national column

BY_COUNTRY = {
    "id": "by-country",
    "scope": HEADS | {"profession": "LK"},
    "recode": {
        "CO2": {"from": "country_of_training", "column": "iso3", "and": {"OTHER": "OTH"}},
        "ORIGIN": {"from": "country_of_training", "column": "iso3", "and": {"OTHER": "_O"}},
    },
    "fix": {"WHAT": "DOCTORS"},
}


def test_one_column_becomes_several_each_in_its_file(tmp_path):
    plain = mapping(BY_COUNTRY, files=[flat("WHAT CO2"), flat("ORIGIN WHAT", "other.csv")])
    found = lay_out(tmp_path, plain, {"table.csv": "WHAT\nDOCTORS\n"})
    rows = [row(n, profession="LK", country_of_training=code) for n, code in ((4, "NO"), (2, "DK"), (7, "OTHER"))]
    sent, findings, _ = translated(tmp_path, found, rows)
    assert findings == []
    assert sent["table.csv"] == [
        ("DOCTORS", "DNK", "2020", "2", ""),
        ("DOCTORS", "NOR", "2020", "4", ""),
        ("DOCTORS", "OTH", "2020", "7", ""),
    ]
    assert sent["other.csv"] == [
        ("DNK", "DOCTORS", "2020", "2", ""),
        ("NOR", "DOCTORS", "2020", "4", ""),
        ("_O", "DOCTORS", "2020", "7", ""),
    ]


def test_a_code_that_only_one_of_the_recodes_speaks_of_stops_the_run(tmp_path):
    lame = BY_COUNTRY["recode"] | {"ORIGIN": {"from": "country_of_training", "column": "iso3"}}
    plain = mapping(BY_COUNTRY | {"recode": lame}, files=[flat("WHAT CO2"), flat("ORIGIN WHAT", "other.csv")])
    found = lay_out(tmp_path, plain, {"table.csv": "WHAT\nDOCTORS\n"})
    rows = [row(4, profession="LK", country_of_training="NO"), row(7, profession="LK", country_of_training="OTHER")]
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, rows)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.place.row) == ("observation-unmapped", 3)


@pytest.mark.parametrize(
    ("added", "scope", "said"),
    [
        ({"NO": "NWY"}, {}, "the column iso3 of the code list speaks of NO already"),
        ({"XX": "XXX"}, {}, "XX is not in the code list countries"),
        ({"OTHER": "OTH"}, {"country_of_training": ["NO", "DK"]}, "OTHER is outside the scope of country_of_training"),
        ({"OTHER": "NOR"}, {}, "NO, OTHER all become NOR: a sum"),
    ],
)
def test_codes_added_to_a_recode(added, scope, said, tmp_path):
    recode = {"CO2": {"from": "country_of_training", "column": "iso3", "and": added}}
    one = BY_COUNTRY | {"recode": recode, "scope": BY_COUNTRY["scope"] | scope}
    told = problems(tmp_path, mapping(one, files=[flat("WHAT CO2")]), {"table.csv": "WHAT\nDOCTORS\n"})
    assert any(problem.startswith(said) for problem in told), told


def test_a_cell_that_two_rows_fill_in_one_of_the_files(tmp_path):
    rows = [["LK", "DOCTORS", "A"], ["SJ", "DOCTORS", "B"]]
    both = series(rows=rows, to=["WHAT", "AREA"], fix={})
    told = problems(tmp_path, mapping(both, files=[flat("AREA WHAT"), flat("WHAT", "other.csv")]), {"table.csv": ASKED})
    lines = (tmp_path / "mappings" / "inv" / "table.yaml").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines, 1) if "- LK" in line and "- -" in line)
    assert f"DOCTORS is filled here and in line {first}" in told
    assert not any("A DOCTORS is filled" in problem for problem in told)


def test_a_cell_that_two_recoded_codes_fill_in_one_of_the_files(tmp_path):
    by_county = {
        "id": "by-county",
        "scope": HEADS | {"profession": "LK", "region": ["03", "04"]},
        "recode": {"NUTS2": {"from": "region", "column": "nuts2"}, "NUTS3": {"from": "region", "column": "nuts3"}},
        "group": "sum",
        "fix": {"WHAT": "DOCTORS"},
    }
    schemas = {"table.csv": "WHAT\nDOCTORS\n"}
    counties = [row(10, profession="LK", region="03"), row(20, profession="LK", region="04")]
    apart = mapping(by_county, files=[flat("WHAT NUTS2 NUTS3")])
    sent, _, _ = translated(tmp_path, lay_out(tmp_path, apart, schemas), counties)
    assert [(cells[2], cells[4]) for cells in sent["table.csv"]] == [("SE121", "10"), ("SE122", "20")]
    plain = mapping(by_county, files=[flat("WHAT NUTS3"), flat("WHAT NUTS2", "other.csv")])
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, lay_out(tmp_path, plain, schemas), counties)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.values["key"]) == ("cell-filled-twice", "DOCTORS SE12 2020")


@pytest.mark.parametrize(
    "more",
    [
        {"fix": {"AREA": "SE", "WHAT": "DOCTORS"}},
        {"to": ["WHAT", "AREA"], "rows": [["LK", "DOCTORS", "A"], ["SJ", "NURSES", "A"]]},
        {"recode": {"AREA": {"from": "country_of_training", "column": "iso3"}}},
    ],
)
def test_a_column_is_filled_once(more, tmp_path):
    told = problems(tmp_path, mapping(series(**more)), {"table.csv": ASKED})
    column = "WHAT" if "WHAT" in more.get("fix", {}) else "AREA"
    assert f"the column {column} is filled twice, by `fix:`, `to:` or `recode:`" in told


# Flags

TABLE = message({"WHAT": "DOCTORS NURSES", "AREA": "SE RATE"}, dict.fromkeys(("OBS_STATUS", "OBS_STATUS2"), "B E P"))


def test_flags_are_recoded_and_spread(tmp_path):
    recode = {"F": "E", "I": "E", "V": "P"}
    files = [
        flat("WHAT AREA", columns=columns("WHAT AREA", 1, recode)),
        flat("WHAT AREA", "spread.csv", columns=columns("WHAT AREA", 3, recode)),
    ]
    files[0]["columns"][-1]["join"] = "+"
    found = lay_out(tmp_path, mapping(series(), files=files), {"table.csv": ASKED})
    cells = [(2017, ""), (2018, "V"), (2019, "I,F"), (2020, "V,B,F")]
    sent, _, _ = translated(tmp_path, found, [row(5, year, profession="LK", flags=flags) for year, flags in cells])
    assert [cells[4:] for cells in sent["table.csv"]] == [("",), ("P",), ("E",), ("B+E+P",)]
    assert [cells[4:] for cells in sent["spread.csv"]] == [("", "", ""), ("P", "", ""), ("E", "", ""), ("B", "E", "P")]


def test_more_flags_than_columns_stop_the_run(tmp_path):
    plain = mapping(series(derive=[RATE]), files=[sdmx("WHAT AREA", columns=columns("WHAT AREA", 2))])
    found = lay_out(tmp_path, plain, {"table.csv": ASKED, "TABLE.xml": TABLE})
    rows = [row(5, profession="LK", flags="B,E"), row(100, measure="population")]
    sent, _, _ = translated(tmp_path, found, rows)
    assert [cells[4:] for cells in sent["table-sdmx.csv"]] == [("B", "E"), ("B", "E")]
    # The flag of the denominator is one too many for the rate, and for the rate only.
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, [rows[0], row(100, measure="population", flags="P")])
    (finding,) = refused.value.findings
    assert (finding.rule, finding.values["key"], finding.count) == ("flags-without-room", "B,E,P", 1)
    lines = (tmp_path / "mappings" / "inv" / "table.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[finding.place.row - 1].strip() == "- set:"
    assert finding.values["series"] == "heads"


def test_a_flag_that_the_structure_has_not_stops_the_run_where_it_would_be_sent(tmp_path):
    files = [sdmx("WHAT AREA")]
    schemas = {"table.csv": ASKED, "TABLE.xml": TABLE}
    found = lay_out(tmp_path, mapping(series(), files=files), schemas)
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, [row(5, profession="LK", flags="D"), row(6, 2019, profession="LK", flags="B,D")])
    (finding,) = refused.value.findings
    assert (finding.rule, finding.values["key"], finding.count) == ("code-not-in-structure", "OBS_STATUS D", 2)
    assert finding.values["structure"] == "./schemas/inv/TABLE.xml, INV:CL_OBS_STATUS(1.0)"
    # A figure that is missing is not sent, and neither is its flag.
    missing = [row("", profession="LK", flags="M"), row(7, profession="SJ")]
    sent, findings, _ = translated(tmp_path, found, missing)
    assert [cells[0] for cells in sent["table-sdmx.csv"]] == ["NURSES"]
    assert rules(findings) == ["value-missing"]
    found = lay_out(tmp_path, mapping(series(), files=files, missing="transmit"), schemas)
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, missing)
    assert [finding.values["key"] for finding in refused.value.findings] == ["OBS_STATUS M"]


def test_confidentiality_is_held_against_the_structure(tmp_path):
    table = message({"WHAT": "DOCTORS NURSES", "AREA": "SE"}, {"OBS_STATUS": "B", "CONF_STATUS": "F C"})
    file = sdmx("WHAT AREA", columns=[*columns("WHAT AREA"), {"name": "CONF_STATUS", "is": "conf_status"}])
    found = lay_out(
        tmp_path, mapping(series(), files=[file], missing="transmit"), {"table.csv": ASKED, "TABLE.xml": table}
    )
    sent, _, _ = translated(tmp_path, found, [row(5, profession="LK", closed="C"), row(6, 2019, profession="LK")])
    assert [cells[3:] for cells in sent["table-sdmx.csv"]] == [("6", "", ""), ("", "", "C")]
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, [row(5, profession="LK", closed="N")])
    assert [finding.values["key"] for finding in refused.value.findings] == ["CONF_STATUS N"]


# Small counts


def test_small_counts_are_marked_above_0_and_below_the_bound(tmp_path):
    plain = mapping(series(derive=[RATE]), files=[flat("WHAT AREA")], small_cells={"below": 5})
    found = lay_out(tmp_path, plain, {"table.csv": ASKED})
    rows = [row(n, 2010 + n, profession="LK") for n in (0, 1, 4, 5)]
    rows += [row(3, 2018, profession="LK", closed="C"), row("", 2019, profession="LK", flags="M")]
    rows += [row(2, 2020, profession="SJ"), row(1000, 2011, measure="population")]
    sent, findings, small = translated(tmp_path, found, rows)
    assert ("DOCTORS", "RATE", "2011", "1.00", "") in sent["table.csv"]
    assert small == [
        {"WHAT": "DOCTORS", "AREA": "SE", "TIME_PERIOD": "2011"},
        {"WHAT": "DOCTORS", "AREA": "SE", "TIME_PERIOD": "2014"},
        {"WHAT": "NURSES", "AREA": "SE", "TIME_PERIOD": "2020"},
    ]
    told = {f.values["key"]: (f.count, f.values["below"]) for f in findings if f.rule == "cells-small"}
    assert told == {"DOCTORS": (2, 5), "NURSES": (1, 5)}


def test_what_is_no_count_is_not_marked_and_sums_are_by_their_total(tmp_path):
    plain = mapping(series(scope=HEADS | {"profession": ["LK", "SJ"], "unit": "fte"}), small_cells={"below": 5})
    _, findings, small = translated(
        tmp_path, lay_out(tmp_path, plain, {"table.csv": ASKED}), [row("2.5", profession="LK", unit="fte")]
    )
    assert (findings, small) == ([], [])
    plain = mapping(series(group="sum", rows=[[["LK", "SJ"], "STAFF"]]), small_cells={"below": 5})
    found = lay_out(tmp_path, plain, {"table.csv": "WHAT\nSTAFF\n"})
    rows = [row(2, year, profession="LK") for year in (2019, 2020)]
    rows += [row(2, 2019, profession="SJ"), row(3, 2020, profession="SJ")]
    _, _, small = translated(tmp_path, found, rows)
    assert [cell["YEAR"] for cell in small] == ["2019"]


# Columns and structures


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": columns("AREA WHAT")}, "the dimensions must stand in order: WHAT, AREA"),
        ({"columns": columns("WHAT")}, "the coded columns must be the dimensions WHAT, AREA"),
        ({"dataflow": "INV:OTHER(1.0)"}, "./schemas/inv/TABLE.xml has no dataflow INV:OTHER(1.0)"),
        ({"structure": "inv/ABSENT.xml"}, "the structure is absent"),
        ({"columns": columns("WHAT AREA", 3)}, "OBS_STATUS3 is no component of INV:TABLE(1.0) that holds obs_status"),
        (
            {
                "columns": [
                    c | {"is": {"year": "value", "value": "year"}.get(c["is"], c["is"])} for c in columns("WHAT AREA")
                ]
            },
            "TIME_PERIOD is no component of INV:TABLE(1.0) that holds value",
        ),
        (
            {"columns": [c | {"name": c["name"].replace("OBS_STATUS", "OBS_VALUES")} for c in columns("WHAT AREA")]},
            "OBS_VALUES is no component of INV:TABLE(1.0) that holds obs_status",
        ),
    ],
)
def test_columns_that_are_not_those_of_the_structure(change, said, tmp_path):
    told = problems(
        tmp_path, mapping(series(), files=[sdmx("WHAT AREA") | change]), {"table.csv": ASKED, "TABLE.xml": TABLE}
    )
    assert told.count(said) == 1, told


def test_a_flat_file_may_have_its_columns_in_any_order_and_under_other_names(tmp_path):
    renamed = {"TIME_PERIOD": "Year", "OBS_STATUS": "Flags"}
    cols = [c | {"name": renamed.get(c["name"], c["name"])} for c in columns("AREA WHAT")]
    file = sdmx("", format="delimited", columns=cols)
    found = lay_out(tmp_path, mapping(series(), files=[file]), {"table.csv": ASKED, "TABLE.xml": TABLE})
    sent, _, _ = translated(tmp_path, found, [row(5, profession="LK", flags="B")])
    assert sent["table-sdmx.csv"] == [("SE", "DOCTORS", "2020", "5", "B")]
    with pytest.raises(ConfigurationRefused) as refused:
        translated(tmp_path, found, [row(5, profession="LK", flags="D")])
    assert [finding.values["key"] for finding in refused.value.findings] == ["Flags D"]


def test_a_mandatory_attribute_cannot_be_forgotten(tmp_path):
    table = message(
        {"WHAT": "DOCTORS NURSES", "AREA": "SE"}, {"OBS_STATUS": "B", "CONF_STATUS": "F"}, mandatory=["CONF_STATUS"]
    )
    told = problems(tmp_path, mapping(series(), files=[sdmx("WHAT AREA")]), {"table.csv": ASKED, "TABLE.xml": table})
    assert told == ["the attribute CONF_STATUS is mandatory in INV:TABLE(1.0)"]


def test_faults_of_all_structures_and_of_what_is_asked_for_come_at_once(tmp_path):
    files = [
        sdmx("WHAT AREA", "one.csv", structure="inv/ABSENT.xml"),
        sdmx("WHAT AREA", "two.csv", structure="inv/BROKEN.xml"),
        sdmx("WHAT AREA", "three.csv", dataflow="INV:OTHER(1.0)"),
    ]
    schemas = {"table.csv": "WHAT,FOO\nDOCTORS,1\n", "TABLE.xml": TABLE, "BROKEN.xml": "<none/>"}
    told = faults(lay_out(tmp_path, mapping(series(), files=files), schemas))
    assert {fault.place.file for fault in told} == {
        "./mappings/inv/table.yaml",
        "./schemas/inv/BROKEN.xml",
        "./schemas/inv/table.csv",
    }
    assert len(told) == 4


def test_a_code_outside_the_structure_is_told_once_for_a_series_by_its_first_line(tmp_path):
    one = series(rows=[["LK", "DOCTORS"], ["SJ", "NURSES"]], fix={"AREA": "SWE"}, derive=[RATE])
    told = problems(tmp_path, mapping(one, files=[sdmx("WHAT AREA")]), {"table.csv": ASKED, "TABLE.xml": TABLE})
    assert told == ["AREA SWE, made by series heads, is not in INV:CL_AREA(1.0) of ./schemas/inv/TABLE.xml"]


def test_a_flag_recoded_to_one_that_the_structure_has_not(tmp_path):
    file = sdmx("WHAT AREA", columns=columns("WHAT AREA", 2, {"F": "Q"}))
    told = problems(tmp_path, mapping(series(), files=[file]), {"table.csv": ASKED, "TABLE.xml": TABLE})
    assert told == ["the flag Q is not in INV:CL_OBS_STATUS(1.0)"]

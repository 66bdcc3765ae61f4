"""Confidential figures: withheld unless a body is declared to receive them and the year's folder says so."""

import csv
import gzip
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from nps_exchange import bodies, confidentiality, configuration, exchange, resources
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import DIMENSIONS as NATIONAL_DIMENSIONS
from nps_exchange.resources import EXAMPLES
from nps_exchange.run import run
from tests.invented import BODY, DATAFLOW, faults, lay_out, message, national_table, translated
from tests.test_several_files import columns, flat
from tests.test_translate import HEADS, RATE, mapping, row, rules, series

ASKED = "WHAT\nDOCTORS\nNURSES\n"
DIMENSIONS = {"WHAT": "DOCTORS NURSES STAFF", "AREA": "SE RATE"}
GROUND = {"receives_confidential": True, "origin": {"document": "none", "status": "invented"}}


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def closed(**more: Any) -> list[dict[str, Any]]:
    return [*columns("WHAT AREA"), {"name": "CONF_STATUS", "is": "conf_status"} | more]


def marked(**more: Any) -> dict[str, Any]:
    """An SDMX file with a column for flags of confidentiality."""
    structure = {"structure": "inv/TABLE.xml", "dataflow": DATAFLOW}
    return {"file": "table.csv", "format": "sdmx-csv-2.0", **structure, "columns": closed(**more)}


def laid(folder: Path, plain: dict[str, Any], conf: str = "F C N", asked: str = ASKED) -> resources.Resources:
    table = message(DIMENSIONS, {"OBS_STATUS": "B E P", "CONF_STATUS": conf})
    return lay_out(folder, plain, {"table.csv": asked, "TABLE.xml": table})


def sent(folder: Path, found: resources.Resources, rows: list[str], transmit: bool = True) -> tuple[list[Any], list]:
    files, findings, small = translated(folder, found, rows, transmit_confidential=transmit)
    assert small == []
    return files["table.csv"], findings


def test_a_figure_is_withheld_unless_it_is_asked_for_and_then_has_its_flag(tmp_path):
    found = laid(tmp_path, mapping(series(), files=[marked()]))
    rows = [row(5, profession="LK", closed="C"), row(6, 2019, profession="LK"), row(7, profession="SJ", closed="F")]
    table, findings = sent(tmp_path, found, rows, transmit=False)
    assert [cells[2:] for cells in table] == [("2019", "6", "", ""), ("2020", "7", "", "F")]
    assert rules(findings) == ["value-confidential"]
    table, findings = sent(tmp_path, found, rows)
    assert [cells[2:] for cells in table] == [("2019", "6", "", ""), ("2020", "5", "", "C"), ("2020", "7", "", "F")]
    (finding,) = findings
    assert (finding.rule, finding.count, finding.values["flags"]) == ("confidential-sent", 1, "C")
    assert finding.examples == ({"conf_status": "C", "observations": 1},)


def test_a_sum_with_a_confidential_part_has_the_flags_of_all_parts(tmp_path):
    staff = series(group="sum", rows=[[["LK", "SJ"], "STAFF"]])
    recode = {"A": "C", "D": "C"}
    found = laid(tmp_path, mapping(staff, files=[marked(recode=recode)]), asked="WHAT\nSTAFF\n")
    parts = [("C", ""), ("A", "D"), ("F", "F"), ("F", "C"), ("", "F"), ("N", "F")]
    rows = []
    for year, (one, other) in enumerate(parts, 2015):
        rows += [row(5, year, profession="LK", closed=one), row(6, year, profession="SJ", closed=other)]
    table, findings = sent(tmp_path, found, rows)
    assert [cells[3:] for cells in table] == [("11", "", flag) for flag in ("C", "C", "F", "C", "F", "N")]
    assert [(f.rule, f.count, f.values["flags"]) for f in findings] == [("confidential-sent", 4, "A,D, C, N")]
    table, findings = sent(tmp_path, found, rows, transmit=False)
    assert [cells[2:] for cells in table] == [("2017", "11", "", "F"), ("2019", "11", "", "F")]
    assert [(finding.rule, finding.count) for finding in findings] == [("value-confidential", 4)]


def test_a_rate_has_the_flags_of_numerator_and_denominator(tmp_path):
    found = laid(tmp_path, mapping(series(derive=[RATE]), files=[marked()]))
    cases = [
        ("C", "", "C"),
        ("", "C", "C"),
        ("C", "F", "C"),
        ("F", "", "F"),
        ("C", "C", "C"),
        ("N", "N", "N"),
        ("", "", ""),
    ]
    years = {str(year): case for year, case in enumerate(cases, 2014)}
    rows = []
    for year, (over, under, _) in enumerate(cases, 2014):
        rows += [row(5, year, profession="LK", closed=over), row(1000, year, measure="population", closed=under)]
    table, _ = sent(tmp_path, found, rows)
    assert {cells[2]: cells[4:] for cells in table if cells[1] == "RATE"} == {
        year: ("", flag) for year, (_, _, flag) in years.items()
    }
    table, findings = sent(tmp_path, found, rows, transmit=False)
    free = {year for year, (over, under, _) in years.items() if {over, under} <= {"", "F"}}
    assert {cells[2] for cells in table if cells[1] == "RATE"} == free
    told = {
        rule: {str(place["year"]) for finding in findings if finding.rule == rule for place in finding.examples}
        for rule in ("rate-without-numerator", "rate-without-denominator")
    }
    closed = {year for year, (over, _, _) in years.items() if over in ("C", "N")}
    assert told == {"rate-without-numerator": closed, "rate-without-denominator": set(years) - free - closed}


def test_a_missing_figure_has_its_flag_with_either_choice(tmp_path):
    found = laid(tmp_path, mapping(series(), files=[marked()], missing="transmit"))
    rows = [row("", profession="LK", closed="C"), row(5, 2019, profession="LK", closed="N")]
    table, findings = sent(tmp_path, found, rows)
    assert [cells[3:] for cells in table] == [("5", "", "N"), ("", "", "C")]
    assert sorted(rules(findings)) == ["confidential-sent", "value-confidential"]
    table, findings = sent(tmp_path, found, rows, transmit=False)
    assert [cells[3:] for cells in table] == [("", "", "N"), ("", "", "C")]
    assert rules(findings) == ["value-confidential"]


# What flags are for the body


@pytest.mark.parametrize(
    ("conf", "more", "free", "plain"),
    [
        ("F C", {}, "F", ""),
        ("C", {}, "", ""),
        ("F C", {"recode": {"F": ""}}, "", ""),
        ("C X", {"recode": {"F": "X"}}, "X", ""),
        ("F C", {"normal": "F"}, "F", "F"),
        ("F C", {"normal": "F", "recode": {"F": ""}}, "F", "F"),
    ],
)
def test_free_to_publish_is_a_flag_or_none(conf, more, free, plain, tmp_path):
    found = laid(tmp_path, mapping(series(), files=[marked(**more)]), conf)
    rows = [row(year, year, profession="LK", closed=flag) for year, flag in ((2018, ""), (2019, "F"), (2020, "C"))]
    table, _ = sent(tmp_path, found, rows)
    assert [cells[5] for cells in table] == [plain, free, "C"]


def test_several_flags_are_recoded_sorted_and_joined_in_a_flat_file(tmp_path):
    file = flat("WHAT AREA", columns=closed(join="+", recode={"A": "x", "O": "x", "C": "b"}))
    found = laid(tmp_path, mapping(series(), files=[file]))
    flags = ['"N,C"', '"A,O"', '"O,C"', '"F,A"']
    table, _ = sent(tmp_path, found, [row(5, 2017 + i, profession="LK", closed=one) for i, one in enumerate(flags)])
    assert [cells[5] for cells in table] == ["N+b", "x", "b+x", "x"]


def test_more_flags_than_an_attribute_has_room_for_stop_the_run(tmp_path):
    rows = [row(5, profession="LK", closed='"C,N"')]
    for transmit, missing in ((True, "omit"), (False, "transmit")):
        found = laid(tmp_path, mapping(series(), files=[marked()], missing=missing))
        with pytest.raises(ConfigurationRefused) as refused:
            sent(tmp_path, found, rows, transmit)
        assert [(f.rule, f.values["key"]) for f in refused.value.findings] == [("flags-without-room", "C,N")]
    found = laid(tmp_path, mapping(series(), files=[marked()]))
    assert sent(tmp_path, found, rows, transmit=False)[0] == []
    # Some lists have a code for both.
    table, _ = sent(tmp_path, laid(tmp_path, mapping(series(), files=[marked()]), "C N CN"), rows)
    assert [cells[5] for cells in table] == ["CN"]


def test_a_flag_that_the_structure_has_not_stops_the_run(tmp_path):
    found = laid(tmp_path, mapping(series(), files=[marked(recode={"A": "C"})]))
    with pytest.raises(ConfigurationRefused) as refused:
        sent(tmp_path, found, [row(5, 2019, profession="LK", closed="A"), row(5, profession="LK", closed="O")])
    assert [(f.rule, f.values["key"]) for f in refused.value.findings] == [("code-not-in-structure", "CONF_STATUS O")]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"recode": {"C": ""}}, "C would become nothing: a confidential figure would pass for a free one"),
        ({"recode": {"A": "F"}}, "A would become F: a confidential figure would pass for a free one"),
        ({"normal": "N", "recode": {"A": "N"}}, "A would become N: a confidential figure would pass for a free one"),
        ({"recode": {"A": "C", "F": "C"}}, "A would become C: a confidential figure would pass for a free one"),
        ({"recode": {"A": "X"}}, "the flag X is not in INV:CL_CONF_STATUS(1.0)"),
        ({"normal": "X"}, "the flag X is not in INV:CL_CONF_STATUS(1.0)"),
    ],
)
def test_a_recode_that_would_hide_what_is_confidential(more, said, tmp_path):
    told = [fault.values["problem"] for fault in faults(laid(tmp_path, mapping(series(), files=[marked(**more)])))]
    assert told == [said]


def test_a_flag_of_status_is_never_recoded_to_nothing(tmp_path):
    file = flat("WHAT AREA", columns=columns("WHAT AREA", 1, {"P": ""}))
    told = [fault.values["problem"] for fault in faults(laid(tmp_path, mapping(series(), files=[file])))]
    assert told == ["P would become nothing, and a flag must not be lost"]


# What a year's folder may ask for


def year(folder: Path, file: dict[str, Any], choice: str, body: dict[str, Any] | None = None) -> Path:
    laid(folder, mapping(series(), files=[file]))
    path = folder / "mappings" / "inv" / "body.yaml"
    path.write_text(yaml.safe_dump(BODY | (body or {}), allow_unicode=True), encoding="utf-8")
    national_table(folder, [row(987654, profession="LK", closed="C"), row(7, profession="SJ")])
    text = "year: 2020\nprepared: 2021-02-03\nbodies: [inv]\nmappings: mappings\nschemas: schemas\n"
    text += f"inputs: [national-table.csv]\nconfidential:\n  {choice}\n"
    (folder / "exchange.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("choice", "file", "body", "said"),
    [
        ("inv: transmit", marked(), {}, "line 8: Confidential figures are to be sent to inv, and ./mappings/inv/body.yaml"),
        ("inv: transmit", marked(), {"confidentiality": GROUND | {"receives_confidential": False}}, "does not declare"),
        ("oecd: transmit", marked(), {}, "sent to oecd, and mappings/oecd/body.yaml does not declare"),
        ("inv: transmit", flat("WHAT AREA"), {"confidentiality": GROUND}, "line 8: Confidential figures are to be sent to inv, and the file table.csv of inv/table has no column"),
        ("elsewhere: suppress", marked(), {}, "There is no body named elsewhere"),
        ("inv: yes", marked(), {"confidentiality": GROUND}, "line 8, confidential.inv: 'yes' is not one of"),
    ],
)  # fmt: skip
def test_what_may_not_be_is_refused_before_anything_is_written(choice, file, body, said, tmp_path):
    folder = year(tmp_path / "2020", file, choice, body)
    done = CliRunner().invoke(main, ["run", str(folder), "--out", str(tmp_path / "out"), "--lang", "en"])
    assert done.exit_code == 3, done.output
    assert said in done.output
    assert "exchange.yaml" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("choice", ["transmit", "suppress"])
def test_report_and_manifest_say_how_many_are_sent(choice, tmp_path):
    folder = year(tmp_path / "2020", marked(), f"inv: {choice}", {"confidentiality": GROUND})
    outcome = run(exchange.completed(exchange.from_folder(folder)), tmp_path / "out")
    count = int(choice == "transmit")
    assert [dataset["confidential"] for dataset in outcome.report["datasets"]] == [count]
    told = [finding["severity"] for finding in outcome.report["findings"] if finding["rule"] == "confidential-sent"]
    assert told == ["warning"] * count
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [delivery["confidential"] for delivery in manifest["deliveries"]] == [count]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ("Confidential figures sent, with their flag: 1." in page) is bool(count)


# The synthetic example: what is confidential is where it may be, and nowhere else

COUNTRIES = ["AL", "JP", "KE", "NZ", "XK"]
ISCO = {"LK": "OC221", "SJ": "OC2221"}
FIRST = 918273640
"""Confidential figures that no other number looks like."""


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    """The synthetic example, with telling confidential figures, and a dataset of Eurostat that asks for them."""
    folder = tmp_path / "2023"
    table = message(
        {"isco08": "OC221 OC2221", "CO2": " ".join(COUNTRIES)}, {"OBS_STATUS": "B E P D", "CONF_STATUS": "C"}
    )
    by_country = {
        "id": "by-country",
        "scope": HEADS | {"profession": ["LK", "SJ"], "country_of_training": COUNTRIES},
        "from": ["profession", "country_of_training"],
        "to": ["isco08", "CO2"],
        "rows": [[ours, country, theirs, country] for ours, theirs in ISCO.items() for country in COUNTRIES],
    }
    plain = mapping(by_country, dataset="eurostat/wkmg2", asked="eurostat/wkmg2.csv", small_cells={"below": 5})
    plain["files"] = [marked() | {"file": "wkmg2.csv", "structure": "eurostat/TABLE.xml"}]
    plain["not_reported"] = [{"cells": {"isco08": "OC222_322"}, "reason": "counted twice in a sum"}]
    plain["files"][0]["columns"] = [*columns("isco08 CO2"), {"name": "CONF_STATUS", "is": "conf_status"}]
    path = folder / "mappings" / "eurostat" / "wkmg2.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(plain, allow_unicode=True), encoding="utf-8")
    (folder / "schemas" / "eurostat").mkdir(parents=True)
    (folder / "schemas" / "eurostat" / "wkmg2.csv").write_text("isco08\nOC221\nOC2221\nOC222_322\n", encoding="utf-8")
    (folder / "schemas" / "eurostat" / "TABLE.xml").write_text(table, encoding="utf-8")
    with gzip.open(EXAMPLES / "synthetic" / "national-table.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    number = FIRST
    for one in rows:
        nurses = {"measure": "stock", "profession": "SJ", "activity": "licensed", "year": "2022", "unit": "persons"}
        others = {one[column] for column in NATIONAL_DIMENSIONS if column not in nurses}
        if nurses == {column: one[column] for column in nurses} and others <= {"_T", "_Z"}:
            one["conf_status"] = "C"
        if one["conf_status"] == "C":
            one["value"], number = str(number), number + 1
    assert number == FIRST + 8 + 1
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = "year: 2023\nprepared: 2025-02-20\ncontacts: {organisation: TEST DATA}\ninputs: [table.csv]\n"
    text += "mappings: mappings\nschemas: schemas\nconfidential: {eurostat: transmit}\n"
    (folder / "exchange.yaml").write_text(text, encoding="utf-8")
    return folder


def holding(folder: Path) -> set[str]:
    """The files of a run folder in which one of the confidential figures can be read."""
    figures = [str(FIRST + i) for i in range(9)]
    figures += [f"{FIRST + i:,}".replace(",", gap) for i in range(9) for gap in (" ", ",", "\u00a0")]
    found = set()
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix == ".parquet":  # the national table itself stays in the house
            continue
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
        if any(figure.encode() in content for figure in figures):
            found.add(path.relative_to(folder).as_posix())
    return found


def test_confidential_figures_are_in_eurostats_files_and_nowhere_else(synthetic, tmp_path):
    out = tmp_path / "out"
    outcome = run(exchange.completed(exchange.from_folder(synthetic)), out)
    assert {name.partition(".")[0] for name in holding(out)} == {
        "eurostat/HLTHRS_WKMG2_A_SE_2023_0000",
        "eurostat/HLTHRS_PRS2_A_SE_2023_0000",
    }
    with (out / "eurostat" / "HLTHRS_WKMG2_A_SE_2023_0000.CSV").open(encoding="utf-8", newline="") as stream:
        flags = [row["CONF_STATUS"] for row in csv.DictReader(stream) if int(row["OBS_VALUE"]) >= FIRST]
    assert flags == ["C"] * 8
    with (out / "eurostat" / "HLTHRS_PRS2_A_SE_2023_0000.CSV").open(encoding="utf-8", newline="") as stream:
        marked = [row for row in csv.DictReader(stream) if row["CONF_STATUS"]]
    assert {(row["med_spec"], row["wstatus"], row["TIME_PERIOD"], row["CONF_STATUS"]) for row in marked} == {
        ("NRS", "LIC", "2022", "C")
    }
    assert {row["unit"] for row in marked} == {"NR", "P_HTHAB"}
    counted = {one["dataset"]: one["confidential"] for one in outcome.report["datasets"] if one["confidential"]}
    assert counted == {"eurostat/wkmg2": 8, "eurostat/prs2": 2}
    assert not any("918273" in json.dumps(finding) for finding in outcome.report["findings"])
    (small,) = [one["small_cells"] for one in outcome.report["datasets"] if one["dataset"] == "eurostat/wkmg2"]
    told = {(cell["isco08"], cell["CO2"], cell["TIME_PERIOD"]) for cell in small["cells"]}
    assert not told & {("OC221", country, "2023") for country in COUNTRIES}
    held_back = ["FTDS of oecd/migration", "FTNS of oecd/migration"]
    messages = [f["message"] for f in outcome.report["findings"] if f["rule"] == "value-confidential"]
    assert all(any(key in message for message in messages) for key in held_back)
    # What is explained of the others holds none either; of Eurostat's it is marked.
    for dataset, key in (("oecd/migration", "VAR=FTDS,CO2=ALB,YEA=2023"), ("oecd/reac-emp", "TIME_PERIOD=2022")):
        done = CliRunner().invoke(main, ["explain", str(out), dataset, key, "--json"])
        assert "918273" not in done.output
    key = "med_spec=NRS,wstatus=LIC,unit=NR,TIME_PERIOD=2022"
    done = CliRunner().invoke(main, ["explain", str(out), "eurostat/prs2", key, "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "C)" in done.output


def test_without_the_choice_they_are_nowhere(synthetic, tmp_path):
    path = synthetic / "exchange.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("confidential: {eurostat: transmit}\n", ""), encoding="utf-8")
    run(exchange.completed(exchange.from_folder(synthetic)), tmp_path / "out")
    assert holding(tmp_path / "out") == set()


def test_to_suppress_them_is_to_choose_nothing(synthetic):
    path = synthetic / "exchange.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("transmit", "suppress"), encoding="utf-8")
    given = exchange.from_folder(synthetic)
    assert [(choice.body, choice.transmit) for choice in given.confidential] == [("eurostat", False)]
    receivers = {body.id: body for body in bodies.load_all(given.resources)}
    mappings = configuration.load(given.resources).mappings
    without = replace(given, confidential=())
    assert confidentiality.applied(given, receivers, mappings) == confidentiality.applied(without, receivers, mappings)

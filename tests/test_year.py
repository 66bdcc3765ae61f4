"""A table sent under a year of which it has no figure is what nobody sees before it is published."""

import json

from click.testing import CliRunner

from nps_exchange.cli import main
from nps_exchange.model import DIMENSIONS
from tests.test_translate import row


def told(tmp_path, year):
    table = tmp_path / "national-table.csv"
    lines = [row(5, 2018, profession="LK", region="_T"), row(6, 2017, profession="LK")]
    table.write_text(
        "\n".join([",".join([*DIMENSIONS, "year,value,obs_status,conf_status"]), *lines]) + "\n", encoding="utf-8"
    )
    out = tmp_path / str(year)
    done = CliRunner().invoke(main, ["run", str(table), "--year", str(year), "--body", "eurostat", "--out", str(out)])
    assert done.exit_code == 0, done.output
    findings = json.loads((out / "report.json").read_text(encoding="utf-8"))["findings"]
    return {(one["rule"], one["severity"], one["place"]["key"]) for one in findings if one["rule"].startswith("year-")}


def test_the_year_is_there(tmp_path):
    assert told(tmp_path, 2018) == set()


def test_a_source_may_be_a_year_behind(tmp_path):
    rules = told(tmp_path, 2019)
    assert {(rule, severity) for rule, severity, _ in rules} == {("year-behind", "information")}


def test_a_table_of_years_ago_is_warned_of(tmp_path):
    rules = told(tmp_path, 2023)
    assert {(rule, severity) for rule, severity, _ in rules} == {("year-absent", "warning")}
    assert "eurostat/prs2" in {key for _, _, key in rules}

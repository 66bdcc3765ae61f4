"""The command line: help without imports, words in two languages, exit codes by kind of failure."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nps_exchange import __version__
from nps_exchange.cli import COMMANDS, main
from nps_exchange.resources import EXAMPLES


def said(*arguments: str | Path):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_help_imports_nothing_heavy():
    code = "import sys; from nps_exchange.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded & {"duckdb", "pandas", "yaml", "jsonschema", "rich", "jinja2", "lxml"} == set()


def test_the_version():
    assert __version__ in said("--version").output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    done = said(command, "--help")
    assert done.exit_code == 0
    assert "Example" in done.output
    assert "nps-exchange" in done.output


def test_the_summary_fits_80_columns(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nps_exchange", "run", "--example", "--out", "out"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert "oecd/joint-questionnaire" in done.stdout
    assert "2867" in done.stdout
    table = [line for line in done.stdout.splitlines() if not line.startswith("Warning: ")]
    assert max(map(len, table)) <= 80


def test_json_holds_the_report(tmp_path):
    done = said("run", "--example", "--out", tmp_path / "out", "--json")
    answer = json.loads(done.output)
    assert answer["exit_code"] == done.exit_code == 0
    assert {one["dataset"]: one["observations"] for one in answer["datasets"]}["oecd/joint-questionnaire"] == 2867


def test_the_example_synthetic_and_swedish_words(tmp_path):
    done = said("run", "--example", "synthetic", "--out", tmp_path / "out", "--lang", "sv")
    assert done.exit_code == 0
    assert "påhittade siffror" in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "--out", "OUT"], 2, "There is nothing to read"),
        (["run", "absent.csv", "--year", "2018", "--out", "OUT"], 3, "absent.csv: There is no such file"),
        (["run", str(EXAMPLES / "sweden" / "examinerade_1995-2018.csv"), "--out", "OUT"], 2, "year is not said"),
        (["run", "--example", "nothing", "--out", "OUT"], 2, "no example 'nothing'"),
        (["run", "--example", "sweden", "--body", "nobody", "--out", "OUT"], 2, "no body named nobody"),
        (["run", "--example", "sweden", "--year", "1066", "--out", "OUT"], 2, "1066"),
        (
            ["run", "--example", "sweden", "--year", "2031", "--out", "OUT"],
            3,
            "is valid 2010-2027, not for the reference year 2031",
        ),
        (["run", "--example", "sweden", "--year", "2018"], 2, "--out"),
        (["run", ".", "--out", "OUT"], 3, "exchange.yaml"),
        (["explain", "absent", "oecd/joint-questionnaire", "VAR=X"], 3, "not a run folder"),
        (["explain", "absent", "oecd/joint-questionnaire", "nonsense"], 2, "COLUMN=CODE"),
        (["nothing"], 2, "No such command"),
    ],
)
def test_wrong_calls_are_told_in_words(arguments, code, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = said(*arguments, *(["--lang", "en"] if arguments[0] != "nothing" else []))
    assert done.exit_code == code, done.output
    assert words in done.output
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_errors_as_json(tmp_path):
    done = said("run", tmp_path / "absent.csv", "--year", "2018", "--out", tmp_path / "out", "--json")
    answer = json.loads(done.output)
    assert done.exit_code == answer["exit_code"] == 3
    assert answer["findings"][0]["rule"] == "file-not-found"
    assert answer["findings"][0]["place"] == {"file": "absent.csv"}


def test_the_language_of_the_system(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "sv_SE.UTF-8")
    assert "Filen finns inte" in said("run", tmp_path / "absent.csv", "--year", "2018", "--out", tmp_path / "o").output


def test_bodies():
    assert "oecd/joint-questionnaire" in said("bodies").output
    bodies = {body["body"]: body for body in json.loads(said("bodies", "--json").output)["bodies"]}
    assert bodies["oecd"]["datasets"] == ["oecd/joint-questionnaire", "oecd/migration", "oecd/reac-emp"]
    assert {body["due"] for body in bodies.values()} == {None}


@pytest.mark.parametrize(
    ("year", "due", "told"),
    [("2024", "2026-02-28", "Due: 2026-02-28 (2024)"), ("2022", None, "Due: No legal deadline")],
)
def test_bodies_and_when_data_are_due(year, due, told):
    bodies = json.loads(said("bodies", "--year", year, "--json").output)["bodies"]
    assert {body["body"]: body["due"] for body in bodies} == {"eurostat": due, "nomesko": None, "oecd": None}
    assert told in said("bodies", "--year", year).output


def test_a_fault_of_the_program_is_no_traceback(monkeypatch, tmp_path):
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.delenv("NPS_TRACEBACK", raising=False)
    monkeypatch.setattr("nps_exchange.exchange.from_example", broken)
    done = said("run", "--example", "sweden", "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "A fault of this program: RuntimeError: broken" in done.output
    assert "Traceback" not in done.output

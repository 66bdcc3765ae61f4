"""What the README shows is what the program says."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from nps_exchange.cli import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ nps-exchange (.*)\n((?:.*\n)*?)```", README)


@pytest.mark.parametrize(("command", "said"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_is_shown_is_said(command, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(main, ["run", "--example", "--year", "2018", "--out", "OUT"]).exit_code == 0
    done = runner.invoke(main, [*command.split(), "--lang", "en"])
    lines = [re.escape(line).replace(r"\.\.\.", ".*") for line in said.splitlines()]
    assert re.fullmatch(r"\n".join(lines) + r"\n", done.output), done.output

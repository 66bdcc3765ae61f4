"""Older flags: every code that there was becomes what it is now, and nothing is lost on the way."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from nps_exchange import flags, resources
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.flags import Vocabulary
from nps_exchange.resources import Layer

FILE = "eurostat/flags.yaml"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return flags.load(resources.load(), FILE)


def checked(path: Path) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["validate", str(path), "--lang", "en", "--json"])
    (report,) = json.loads(done.output)["files"]
    return report


@pytest.mark.parametrize(
    ("older", "obs_status", "conf_status"),
    [
        ("", "", ""),
        ("b", "b", ""),
        ("bd", "bd", ""),
        ("db", "bd", ""),
        ("s", "i", ""),
        ("z", "m", ""),
        ("c", "", "C"),
        ("bcd", "bd", "C"),
        ("r", "", ""),
        ("bdrs", "bdi", ""),
        ("psz", "imp", ""),
        ("bq", "bq", ""),
        ("C", "C", ""),
    ],
)
def test_what_older_flags_are_now(vocabulary, older, obs_status, conf_status):
    assert flags.split(older, vocabulary) == (obs_status, conf_status)


@given(st.text("bcdefnprsuzqxC7", max_size=12))
def test_every_letter_is_carried_over_or_named(older):
    vocabulary = flags.load(resources.load(), FILE)
    obs_status, conf_status = flags.split(older, vocabulary)
    unknown, gone = flags.unknown(older, vocabulary), flags.gone(older, vocabulary)
    assert set(unknown) == set(older) - set(vocabulary.older)
    assert set(unknown) <= set(obs_status)
    assert len(set(older)) == len(obs_status) + len(conf_status) + len(gone)
    assert (*obs_status, *conf_status) == (*sorted(obs_status), *sorted(conf_status))


def test_all_codes_of_the_older_list_are_read(vocabulary, data_folder: Path):
    path = data_folder / "eurostat" / "ESTAT_HLTH_RS_PRSHP1_structure.xml"
    if not path.is_file():
        pytest.skip(f"{path.name} is absent from the folder of real files")
    text = path.read_text(encoding="utf-8")
    listed = re.search(r'id="OBS_FLAG" isFinal.*?</s:Codelist>', text, re.S)
    assert listed
    named = re.findall(r'<s:Code id="(\w+)"[^>]*>\s*<c:Name xml:lang="en">([^<]*)<', listed.group())
    codes = {code: " ".join(name.split()) for code, name in named}
    assert len(codes) == 58
    for code, name in codes.items():
        assert flags.unknown(code, vocabulary) == ()
        obs_status, conf_status = flags.split(code, vocabulary)
        assert len(code) == len(obs_status) + len(conf_status) + len(flags.gone(code, vocabulary))
        assert set(obs_status) <= set(vocabulary.obs_status)
        assert set(conf_status) <= set(vocabulary.conf_status)
        assert name == ", ".join(vocabulary.older[letter].name for letter in code)


def test_a_table_with_older_flags_is_recognised_and_told_what_they_are_now(data_folder: Path):
    path = data_folder / "eurostat" / "hlth_rs_spec_2022-07.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is absent from the folder of real files")
    report = checked(path)
    assert report["dataset"] == "HLTH_RS_SPEC"
    rules = Counter(finding["rule"] for finding in report["findings"])
    assert rules == {"codes-not-checked": 4, "flags-older": 1}
    (told,) = [finding for finding in report["findings"] if finding["rule"] == "flags-older"]
    assert "b = OBS_STATUS b, d = OBS_STATUS d, e = OBS_STATUS e" in told["message"]


def test_unknown_letters_are_told_by_name(tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"ESTAT:HLTH_RS_SPEC(1.0),now,A,NR,GEN,{geo},2020,5,{flag}" for geo, flag in (("SE", "bq"), ("NO", "cs"))]
    heading = "DATAFLOW,LAST UPDATE,freq,unit,med_spec,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    report = checked(path)
    (finding,) = [finding for finding in report["findings"] if finding["rule"] == "code-unknown"]
    assert (finding["place"]["row"], finding["place"]["column"]) == (2, "OBS_FLAG")
    assert finding["message"] == "“q” is no code of OBS_FLAG (ESTAT:OBS_FLAG(1.5))."
    (told,) = [finding for finding in report["findings"] if finding["rule"] == "flags-older"]
    assert "b = OBS_STATUS b, c = CONF_STATUS C, s = OBS_STATUS i" in told["message"]


def test_a_vocabulary_at_fault_is_refused(tmp_path):
    text = (resources.packaged("schemas") / FILE).read_text(encoding="utf-8")
    (tmp_path / "eurostat").mkdir()
    (tmp_path / FILE).write_text(text.replace("now: {obs_status: i}", "now: {obs_status: x}"), encoding="utf-8")
    with pytest.raises(ConfigurationRefused) as refused:
        flags.load(resources.load(own_schemas=Layer(tmp_path, "./schemas")), FILE)
    assert [finding.values["problem"] for finding in refused.value.findings] == ["x is no letter of obs_status"]
    assert refused.value.findings[0].place.row
    with pytest.raises(ConfigurationRefused):
        flags.load(resources.load(), "eurostat/absent.yaml")

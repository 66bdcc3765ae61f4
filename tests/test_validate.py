"""Every file below tests/examples/<body>/<dataset>/{valid,invalid}/ is checked, and the answer held against its sidecar.

A case is found by being there: `<file>.expected.yaml` beside it says exit code, dataset, format, and every error and
warning; what is only worth knowing may be named. Each is run for machines and in both languages.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange import configuration, layouts, resources, struval
from nps_exchange.cli import main
from nps_exchange.file_report import FileReport, Known
from nps_exchange.formats import FORMATS, records
from nps_exchange.messages import severity
from nps_exchange.validate import validate

CASES = Path(__file__).parent / "examples"
BODIES = ("eurostat", "oecd")
SIDECAR = ".expected.yaml"
WORDS = {
    "en": {"row": ("row", "line"), "column": ("column",), "sheet": ("sheet",)},
    "sv": {"row": ("rad",), "column": ("kolumn",), "sheet": ("blad",)},
}
BY_PROCESS = (
    "oecd/joint-questionnaire/invalid/several-faults.csv",
    "oecd/joint-questionnaire/invalid/workbook-code.xlsx",
    "eurostat/prs2/invalid/series-again.xml",
)
"""Cases run once more in a process of their own, as a user runs them."""


def cases(kind: str) -> list[Any]:
    found = sorted(path for body in BODIES for path in CASES.glob(f"{body}/*/{kind}/*{SIDECAR}"))
    files = [path.with_name(path.name.removesuffix(SIDECAR)) for path in found]
    return [pytest.param(path, id=path.relative_to(CASES).as_posix()) for path in files]


def expected(file: Path) -> dict[str, Any]:
    """Read as text: codes stay what they are."""
    text = file.with_name(file.name + SIDECAR).read_bytes()
    found: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return found


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    """Structures given by a test are kept where nobody else finds them."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder))


@pytest.fixture(autouse=True, scope="module")
def our_files_are_read_once():
    """Mappings and layouts are the same in every case, and take most of the time."""
    known: dict[Any, Any] = {}
    load, load_all = configuration.load, layouts.load_all

    def once(found):
        return (
            known.setdefault(("all", found), None) or known.update({("all", found): load(found)}) or known["all", found]
        )

    def once_layouts(found, mappings):
        if ("layouts", found) not in known:
            known["layouts", found] = load_all(found, mappings)
        return known["layouts", found]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(configuration, "load", once)
        patch.setattr(layouts, "load_all", once_layouts)
        yield


@pytest.fixture(scope="module")
def known() -> Known:
    found = resources.load()
    sound = configuration.load(found).mappings
    return Known(found, sound, layouts.load_all(found, sound), struval.load(found))


def call(file: Path, *options: str) -> Any:
    """Run the command in the file's folder, as people do."""
    before = Path.cwd()
    os.chdir(file.parent)
    try:
        result = CliRunner().invoke(main, ["validate", file.name, *expected(file).get("arguments", ()), *options])
    finally:
        os.chdir(before)
    said = result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "A fault of this program" not in said, said
    assert "Traceback" not in said, said
    assert str(CASES) not in said, "an absolute path is shown"
    assert not re.search(r"\{[a-z_]+\}", said), "a text is not filled in"
    return result


def fits(finding: dict[str, Any], wanted: dict[str, Any]) -> bool:
    place = {name: str(value) for name, value in finding["place"].items()}
    said = finding["message"] + " " + finding["advice"]
    return (
        finding["rule"] == wanted["rule"]
        and finding["severity"] == wanted.get("severity", "error")
        and all(place.get(name) == wanted[name] for name in ("sheet", "row", "column") if name in wanted)
        and wanted.get("count", str(finding["count"])) == str(finding["count"])
        and all(text in said for text in wanted.get("mentions", ()))
    )


def match(findings: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Each expected finding is there, and each that is there is expected, unless it is only worth knowing."""
    left = list(findings)
    for one in wanted:
        found = next((finding for finding in left if fits(finding, one)), None)
        assert found, f"expected {one}, found {json.dumps(left, ensure_ascii=False, indent=1)}"
        left.remove(found)
    left = [finding for finding in left if finding["severity"] != "information"]
    assert not left, f"not expected: {json.dumps(left, ensure_ascii=False, indent=1)}"


def named(line: str, wanted: dict[str, Any], lang: str) -> bool:
    parts = re.split(r"[,:] ", line)
    return all(
        any(f"{word} {wanted[name]}" in parts for word in words)
        for name, words in WORDS[lang].items()
        if name in wanted
    )


def check_case(file: Path) -> None:
    wanted = expected(file)
    result = call(file, "--json", "--lang", "en")
    told = json.loads(result.output)
    assert str(result.exit_code) == str(told["exit_code"]) == wanted["exit_code"], result.output
    [report] = told["files"]
    assert (report["file"], report["dataset"], report["format"]) == (file.name, wanted["dataset"], wanted["format"])
    assert all(finding["place"]["file"] == file.name for finding in report["findings"])
    match(report["findings"], wanted.get("findings", []))
    for lang in WORDS:
        spoken = call(file, "--lang", lang)
        assert str(spoken.exit_code) == wanted["exit_code"]
        first, *lines = spoken.output.splitlines()
        assert first.startswith(f"{file.name} (")
        assert len(lines) == len(report["findings"]), spoken.output
        for finding in wanted.get("findings", []):
            assert any(named(line, finding, lang) for line in lines), f"{lang}: {finding} is not named in {lines}"


@pytest.mark.parametrize("file", cases("valid"))
def test_a_valid_file_has_no_errors(file):
    assert expected(file)["exit_code"] == "0"
    check_case(file)


@pytest.mark.parametrize("file", cases("invalid"))
def test_an_invalid_file_is_told_in_full(file):
    assert expected(file)["exit_code"] in ("1", "3")
    check_case(file)


def test_every_case_has_a_sidecar_and_every_sidecar_a_case():
    there = [path for body in BODIES for path in CASES.glob(f"{body}/*/*/*")]
    files = {path for path in there if not path.name.endswith(SIDECAR)}
    sidecars = {path.with_name(path.name.removesuffix(SIDECAR)) for path in there if path.name.endswith(SIDECAR)}
    assert files == sidecars


def test_every_rule_about_files_has_a_case_that_breaks_it():
    in_corpus = {finding["rule"] for case in cases("*") for finding in expected(case.values[0]).get("findings", ())}
    in_tests = {path: path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")}
    about_files = yaml.safe_load((resources.packaged("schemas") / "rules/validation.yaml").read_bytes())["rules"]
    for rule in about_files:
        assert rule["id"] in in_corpus or any(f'"{rule["id"]}"' in text for text in in_tests.values()), rule["id"]


@pytest.mark.parametrize("name", BY_PROCESS)
def test_a_case_in_a_process_of_its_own(name):
    file = CASES / name
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "nps_exchange", "validate", file.name, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=file.parent,
        check=False,
    )
    assert str(done.returncode) == expected(file)["exit_code"]
    assert done.stderr == ""
    assert [one["rule"] for one in json.loads(done.stdout)["files"][0]["findings"]]


# files that cannot lie in a folder of examples


def rules_of(report: FileReport) -> list[str]:
    return [finding.rule for finding in report.findings]


def test_an_absent_file(known, tmp_path):
    report = validate(str(tmp_path / "absent.csv"), known)
    assert rules_of(report) == ["file-not-found"]
    assert not report.usable
    assert report.file == str(tmp_path / "absent.csv")
    assert report.findings[0].place.file == "absent.csv"


def test_a_folder_and_a_device(known, tmp_path):
    assert rules_of(validate(str(tmp_path), known)) == ["file-is-none"]
    if Path("/dev/zero").exists():
        assert rules_of(validate("/dev/zero", known)) == ["file-is-none"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="who is root may read everything")
def test_a_file_without_permission_to_read(known, tmp_path):
    path = tmp_path / "closed.csv"
    path.write_text("VAR,UNIT,COU,YEAR,VALUE,OBS_STATUS\r\n")
    path.chmod(0)
    assert rules_of(validate(str(path), known)) == ["file-unreadable"]


def test_a_file_that_cannot_be_opened(known, tmp_path, monkeypatch):
    path = tmp_path / "closed.csv"
    path.write_text("VAR\r\n")

    def refused(_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nps_exchange.recognition.kind", refused)
    report = validate(str(path), known)
    assert rules_of(report) == ["file-unreadable"]
    assert report.findings[0].values == {"problem": "Permission denied"}


@pytest.mark.skipif(sys.platform != "linux", reason="only there names are bytes")
def test_a_name_that_is_no_text(known, tmp_path):
    name = os.fsdecode(b"l\xe4kare.csv")
    shutil.copy(CASES / "oecd/joint-questionnaire/invalid/several-faults.csv", tmp_path / name)
    report = validate(str(tmp_path / name), known)
    assert report.file.endswith("l\ufffdkare.csv")
    assert {finding.place.file for finding in report.findings} == {"l\ufffdkare.csv"}


HEADING = "VAR,UNIT,COU,YEAR,VALUE,OBS_STATUS\r\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (HEADING + "PHYSMEDE," + "x" * 2 * records.LONGEST, "file-broken"),
        (HEADING + '"' + "x\r\n" * records.LONGEST, "file-broken"),
        ("x" * 2 * records.LONGEST, "file-broken"),
        (HEADING + f"{'x' * 900_000},PERSMYNB,SWE,2017,1,", "code-unknown"),
        (HEADING[:-2] + "," + ",".join(f"c{i}" for i in range(100_000)) + "\r\n", "field-unknown-others"),
        (HEADING[:-2] + "," * 100_000 + "\r\n", "field-nameless"),
    ],
    ids=["long line", "quote never closed", "long heading", "long code", "many columns", "many columns without name"],
)
def test_what_is_absurdly_long_takes_neither_time_nor_screens(known, tmp_path, content, found):
    path = tmp_path / "long.csv"
    path.write_bytes(content.encode())
    report = validate(str(path), known)
    assert found in rules_of(report)
    assert len(report.findings) < 120
    assert max(len(str(finding)) for finding in report.findings) < 1000
    assert len(json.dumps([finding.examples for finding in report.findings])) < 200_000


# what others wrote


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("oecd/sdmx-csv-2_labels_sample_DF_CARE.csv", "OECD.ELS.HD:DSD_HEALTH_REAC_EMP@DF_CARE(1.1)"),
        ("oecd/HEALTH_REAC_2020-vintage.csv.gz", "HEALTH_REAC"),
    ],
)
def test_downloads_of_the_oecd_are_known_and_sound(known, data_folder, name, dataset):
    report = validate(str(data_folder / name), known)
    assert report.dataset == dataset
    assert report.errors == report.warnings == 0, report.findings


@pytest.mark.parametrize(
    "name",
    [
        "oecd/dataflows_health_2025-09.csv",
        "oecd/dsd_health_2025-09.json",
        "oecd/practising_nurses_2026-07.csv",
        "sdmx/ECB_EXR__ng-ts-ss.xml",
        "sdmx/v3__csv__example-01.csv",
        "px/scb",
        "se/scb_ssyk2012_isco08_key.xlsx",
        "who/NHWA_Module_1.xlsx",
        "who/gho_HWF_0001_2024-05.csv",
    ],
)
def test_files_of_other_kinds_are_told_from_ours(known, data_folder, name):
    report = validate(str(data_folder / name), known)
    assert not report.usable
    assert len(report.findings) == 1
    assert report.errors == 1


# random edits of a sound file

SOUND = {
    path.relative_to(CASES).as_posix(): path.read_bytes()
    for path in (
        CASES / "oecd/joint-questionnaire/valid/as-written.csv",
        CASES / "oecd/reac-emp/valid/as-written.csv",
        CASES / "oecd/migration/valid/export-with-labels.csv",
        CASES / "oecd/joint-questionnaire/valid/workbook.xlsx",
        CASES / "oecd/health-reac/valid/bulk.csv.gz",
        CASES / "eurostat/prs2/valid/as-written.csv",
        CASES / "eurostat/prs2/valid/line-by-line.xml",
    )
}


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, taken, put in edits:
        at = int(where * len(content))
        content = content[:at] + put + content[at + taken :]
    return content


ANY_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5), st.binary(max_size=5)), min_size=1, max_size=4)

# What shapes a table, and a letter that begins no code and no flag. Digits are left alone: 41993 and 41994 are both right.
SHAPE = st.sampled_from(
    [b",", b'"', b";", b"\r", b"\n", b"\t", b" ", b"x", b"\0", b"\xe4", b"\xef\xbb\xbf", b",,,,,", b"\r\n"]
)
SHAPING = st.lists(st.tuples(st.floats(0, 1), st.just(0), SHAPE), min_size=1, max_size=3)


@given(name=st.sampled_from(sorted(SOUND)), edits=ANY_EDITS)
@settings(max_examples=400, deadline=None)
def test_nothing_is_raised_whatever_is_edited(known, tmp_path_factory, name, edits):
    path = tmp_path_factory.getbasetemp() / Path(name).name
    path.write_bytes(edited(SOUND[name], edits))
    report = validate(str(path), known)
    assert all(severity(finding) for finding in report.findings)


@given(name=st.sampled_from([name for name in sorted(SOUND) if name.endswith("as-written.csv")]), edits=SHAPING)
@settings(max_examples=400, deadline=None)
def test_a_file_put_out_of_shape_is_noticed_or_holds_the_same_table(known, tmp_path_factory, name, edits):
    before, after = (tmp_path_factory.getbasetemp() / f"{when}.csv" for when in ("before", "after"))
    before.write_bytes(SOUND[name])
    after.write_bytes(edited(SOUND[name], edits))
    report = validate(str(after), known)
    if not report.errors + report.warnings:
        wire = FORMATS[report.format]
        one, other = wire.decode(before), wire.decode(after)
        assert (other.columns, list(other.rows)) == (one.columns, list(one.rows))


@given(edits=ANY_EDITS, name=st.sampled_from(sorted(SOUND)))
@settings(max_examples=50, deadline=None)
def test_the_same_file_is_always_told_alike(known, tmp_path_factory, edits, name):
    path = tmp_path_factory.getbasetemp() / Path(name).name
    path.write_bytes(edited(SOUND[name], edits))
    assert validate(str(path), known) == validate(str(path), known)

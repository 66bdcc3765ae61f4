"""A run folder: whole or not at all, the same bytes everywhere, and told of in its manifest."""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

from nps_exchange import exchange
from nps_exchange.errors import OutputRefused
from nps_exchange.resources import EXAMPLES, packaged
from nps_exchange.run import run

EXAMPLE_NAMES = exchange.EXAMPLE_NAMES


def schema_of(name: str) -> jsonschema.Draft202012Validator:
    def read(file: str) -> dict:
        return json.loads((packaged("schemas") / file).read_text(encoding="utf-8"))

    registry = Registry().with_resource("common.schema.json", Resource.from_contents(read("common.schema.json")))
    return jsonschema.Draft202012Validator(read(name), registry=registry)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "nps_exchange", *map(str, arguments)]


@pytest.fixture(params=EXAMPLE_NAMES)
def example(request: pytest.FixtureRequest, examples: dict[str, Path]) -> Path:
    return examples[request.param]


def test_manifest_and_report_have_their_shape(example):
    for name in ("manifest", "report"):
        content = json.loads((example / f"{name}.json").read_text(encoding="utf-8"))
        assert list(schema_of(f"{name}.schema.json").iter_errors(content)) == []


def test_every_row_of_the_national_table_has_its_shape(example):
    import duckdb

    validator = schema_of("national-table.schema.json")
    with duckdb.connect() as con:
        cursor = con.execute(
            f"SELECT * FROM '{example / 'national-table.parquet'}' USING SAMPLE 2000 ROWS (reservoir, 1)"
        )
        columns = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            plain = dict(zip(columns, row, strict=True))
            plain["value"] = None if plain["value"] is None else float(plain["value"])
            assert list(validator.iter_errors(plain)) == [], plain


def test_the_manifest_names_every_file_with_its_hash(example):
    manifest = json.loads((example / "manifest.json").read_text(encoding="utf-8"))
    named = {entry["file"]: entry["sha256"] for entry in manifest["deliveries"] + manifest["internal"]}
    there = {name: hashlib.sha256(content).hexdigest() for name, content in bytes_of(example).items()}
    del there["manifest.json"]
    assert named == there
    delivered = (
        "joint-questionnaire.csv",
        "joint-questionnaire.xlsx",
        "migration.csv",
        "migration-wfmi.csv",
        "reac-emp.csv",
    )
    oecd = {entry["file"] for entry in manifest["deliveries"] if entry["body"] == "oecd"}
    assert oecd == {f"oecd/{name}" for name in delivered}


def test_no_file_tells_where_or_by_whom_it_was_made(example):
    telling = [str(Path.home()), str(Path.cwd()), str(example.parent), os.uname().nodename]
    for name, content in bytes_of(example).items():
        for told in telling:
            if len(told) > 4:  # a shorter name may stand in compressed bytes by chance
                assert told.encode() not in content, (name, told)


def test_invented_figures_are_marked(example):
    manifest = json.loads((example / "manifest.json").read_text(encoding="utf-8"))
    invented = "synthetic" in example.parent.name
    assert manifest["test"] is invented
    assert (example / "oecd" / "TEST-DATA.txt").exists() is invented
    assert ("TEST" in (example / "report.html").read_text(encoding="utf-8")) is invented


def test_every_invented_row_says_so():
    import gzip

    with gzip.open(EXAMPLES / "synthetic" / "national-table.csv.gz", "rt", encoding="utf-8") as stream:
        next(stream)
        assert all("TEST DATA" in line for line in stream)


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_same_bytes_in_any_time_zone_with_any_hash_seed_on_one_core_or_two(name, tmp_path):
    one = tmp_path / "one"
    other = tmp_path / "elsewhere" / "other"
    cores = os.sched_getaffinity(0)
    for out, zone, seed, using in ((one, "Pacific/Kiritimati", "1", cores), (other, "America/Adak", "2", {min(cores)})):
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LANG": "C"}
        subprocess.run(
            command("run", "--example", name, "--out", out),
            env=environment,
            check=True,
            capture_output=True,
            preexec_fn=lambda using=using: os.sched_setaffinity(0, using),
        )
    assert bytes_of(one) == bytes_of(other)


@pytest.mark.slow
def test_the_same_bytes_on_another_day(tmp_path):
    if shutil.which("faketime") is None:
        pytest.skip("the program faketime is absent")
    for day in ("2021-03-04 05:06:07", "2039-12-31 23:59:59"):
        subprocess.run(
            ["faketime", day, *command("run", "--example", "--out", tmp_path / day[:4])],
            check=True,
            capture_output=True,
        )
    assert bytes_of(tmp_path / "2021") == bytes_of(tmp_path / "2039")


def test_prepared_is_the_moment_of_the_run_unless_it_is_said(tmp_path):
    table = EXAMPLES / "sweden" / "examinerade_1995-2018.csv"
    asked = exchange.completed(exchange.from_files([table], 2018))
    assert asked.prepared[:2] == "20"
    assert asked.prepared[-1] == "Z"
    assert exchange.completed(asked, prepared="2026-02-20").prepared == "2026-02-20"


def test_a_dataset_without_observations_writes_no_file_and_is_reported(tmp_path):
    table = EXAMPLES / "sweden" / "folkmangd_31_december_1994-2018.json"
    outcome = run(exchange.completed(exchange.from_files([table], 2018)), tmp_path / "out")
    assert not (tmp_path / "out" / "oecd").exists()
    assert not (tmp_path / "out" / "eurostat").exists()
    assert not any(dataset["files"] for dataset in outcome.report["datasets"])
    assert "dataset-empty" in {finding["rule"] for finding in outcome.report["findings"]}


def test_an_output_folder_that_exists_is_left_alone(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputRefused) as refused:
        run(exchange.completed(exchange.from_example("sweden")), out)
    assert refused.value.findings[0].rule == "output-exists"
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "kept.txt"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputRefused) as refused:
        run(exchange.completed(exchange.from_example("sweden")), tmp_path / "file" / "out")
    assert refused.value.findings[0].rule == "output-not-writable"


@pytest.mark.parametrize("limit", [0, 3_000, 30_000, 60_000])
def test_when_space_runs_out_nothing_is_left(tmp_path, limit):
    done = subprocess.run(
        command("run", "--example", "--out", tmp_path / "out"),
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(tmp_path, how):
    process = subprocess.Popen(
        command("run", "--example", "synthetic", "--out", tmp_path / "out"), stderr=subprocess.PIPE
    )
    while not list(tmp_path.iterdir()):
        time.sleep(0.01)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert b"Traceback" not in said
    assert process.returncode != 0
    assert list(tmp_path.iterdir()) == []

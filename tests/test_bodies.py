"""What a body.yaml says: names of files, days on which data are due, ids in messages."""

import calendar
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from nps_exchange import bodies, exchange, naming, resources
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.resources import Resource
from nps_exchange.run import run
from tests.invented import BODY, faults, lay_out, national_table
from tests.test_several_files import flat
from tests.test_translate import mapping, row, series

ORIGIN = {"document": "none", "status": "invented"}
CONVENTION = (
    "[A-Z0-9]{1,8}_[A-Z0-9]{1,7}_[A0-9SQMWDON]_[A-Z]{2}_[0-9]{4}_[0-9A-Z]{4}(_[A-Z]{2})?(_[A-Z0-9]+)?\\.[A-Z0-9]+"
)
NAMING: dict[str, Any] = {
    "pattern": "{id}_{from}_{year}_{period}{to}{option}.{format}",
    "convention": CONVENTION,
    "from": "SE",
    "period": "0000",
    "ids": {"table": {"id": "INV_TABLE_A", "status": "verified"}},
    "origin": ORIGIN,
}


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def loaded(folder: Path, **more: Any) -> bodies.Body:
    path = folder / "inv" / "body.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(BODY | more, sort_keys=False), encoding="utf-8")
    return bodies.load(Resource("inv/body.yaml", path, "inv/body.yaml"))


@pytest.fixture
def eurostat() -> bodies.Body:
    return next(body for body in bodies.load_all(resources.load()) if body.id == "eurostat")


# When data are due


@pytest.mark.parametrize(
    ("year", "dataset", "due"),
    [
        (2024, "eurostat/prs2", date(2026, 2, 28)),
        (2025, "eurostat/prs2", date(2027, 2, 28)),
        (2026, "eurostat/grd2", date(2028, 2, 29)),
        (2023, "eurostat/prs2", date(2025, 2, 28)),
        (2022, "eurostat/prs2", None),
        (2022, "", date(2024, 2, 29)),
        (2021, "", date(2023, 2, 28)),
        (2020, "", None),
    ],
)
def test_eurostats_data_are_due_at_the_end_of_february(eurostat, year, dataset, due):
    assert eurostat.due(year, dataset) == due


@given(st.integers(1, 48), st.integers(2000, 2090))
def test_so_many_months_after_the_end_of_the_year(months, year):
    day = bodies.Due(months, 2000, {}).day(year)
    assert day is not None
    assert (day.year - year - 1) * 12 + day.month == months
    assert day.day == calendar.monthrange(day.year, day.month)[1]


def test_a_rule_that_is_only_words_gives_no_day(tmp_path):
    body = loaded(tmp_path)
    assert body.due(2024) is None
    assert body.first_due(2024, ["inv/table"]) is None


def test_the_report_says_when_the_first_dataset_is_due_or_that_nothing_asks_for_it(tmp_path):
    table = national_table(tmp_path, [row(5, 2018, profession="LK"), row(5, 2024, profession="LK")])
    for year, due, told in ((2018, None, "No legal deadline"), (2024, "2026-02-28", "Within 14 months")):
        asked = exchange.completed(exchange.from_files([table], year))
        told_of = {body["body"]: body for body in run(asked, tmp_path / str(year)).report["bodies"]}
        assert told_of["eurostat"]["due"] == due
        assert told_of["eurostat"]["deadline"]["en"].startswith(told)
        assert told_of["oecd"] == {"body": "oecd", "due": None, "deadline": told_of["oecd"]["deadline"]}
        page = (tmp_path / str(year) / "report.html").read_text(encoding="utf-8")
        assert told in page


# What files are called


PARTS = st.tuples(
    st.from_regex(r"[A-Z0-9]{1,8}_[A-Z0-9]{1,7}_[A0-9SQMWDON]", fullmatch=True),
    st.integers(1900, 2099),
    st.sampled_from(["table.csv", "table.xml", "table-sdmx.json", "t.xlsx"]),
    st.sampled_from(["", "_FI"]),
    st.sampled_from(["", "_TEST", "_X1"]),
)


@given(PARTS)
def test_every_name_of_sound_parts_is_as_the_convention_wants_it(parts):
    id_, year, file, to, option = parts
    ids = {"table": naming.DatasetId(id_, "verified")}
    wanted = naming.Naming(
        NAMING["pattern"], CONVENTION, {"from": "SE", "period": "0000", "to": to, "option": option}, ids
    )
    name = wanted.name("table", file, year)
    assert name == f"{id_}_SE_{year}_0000{to}{option}.{file.rpartition('.')[2].upper()}"
    assert wanted.allows(name)
    assert not wanted.allows(name.lower())
    assert not wanted.allows(f"{name}\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ids": {"table": {"id": "inv_TABLE_A", "status": "verified"}}}, "does not match"),
        ({"ids": {"table": {"id": "INVENTION_TABLE_A", "status": "verified"}}}, "does not match"),
        ({"ids": {"table": {"id": "INV_TABLETOP_A", "status": "verified"}}}, "does not match"),
        ({"ids": {"table": {"id": "INV_TABLE_X", "status": "verified"}}}, "does not match"),
        ({"ids": {"table": {"id": "INV_TABLE", "status": "verified"}}}, "does not match"),
        ({"from": "SWE"}, "does not match"),
        ({"period": "1"}, "does not match"),
        ({"pattern": "{id}/{year}"}, "does not match"),
        ({"pattern": "{id}_{code}"}, "does not match"),
        ({"convention": "[A-Z"}, "this is no regular expression"),
        ({"ids": NAMING["ids"] | {"other": NAMING["ids"]["table"]}}, "table has the id INV_TABLE_A already"),
    ],
)
def test_parts_that_are_not_as_they_must_be(tmp_path, change, said):
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, naming=NAMING | change)
    assert all(said in finding.values["problem"] and finding.place.row for finding in refused.value.findings)


@pytest.mark.parametrize(
    ("files", "change", "said"),
    [
        (["table.csv"], {}, []),
        (["table.csv"], {"ids": {"other": {"id": "INV_OTHER_A", "status": "verified"}}}, ["there is no mapping of inv/other", "inv/table has no id here"]),
        (["table.csv"], {"pattern": "{id}_{year}.{format}"}, ["table.csv of inv/table would be named INV_TABLE_A_2000.CSV"]),
        (["table.csv", "other.csv"], {}, ["table.csv and other.csv would both be named INV_TABLE_A_SE_2000_0000.CSV"]),
        (["table"], {}, ["table of inv/table would be named INV_TABLE_A_SE_2000_0000.: not as it must be"]),
    ],
)  # fmt: skip
def test_names_that_cannot_be_are_told_by_the_check_of_mappings(tmp_path, files, change, said):
    plain = mapping(series(), files=[flat("WHAT AREA", name) for name in files])
    found = lay_out(tmp_path, plain, {"table.csv": "WHAT\nDOCTORS\nNURSES\n"})
    path = tmp_path / "mappings" / "inv" / "body.yaml"
    path.write_text(yaml.safe_dump(BODY | {"naming": NAMING | change}), encoding="utf-8")
    told = [fault.values["problem"] for fault in faults(found)]
    assert len(told) == len(said)
    assert all(problem.startswith(meant) for problem, meant in zip(told, said, strict=True)), told


def test_a_deadline_of_a_dataset_that_there_is_not_is_told(tmp_path):
    found = lay_out(tmp_path, mapping(series()), {"table.csv": "WHAT\nDOCTORS\nNURSES\n"})
    later = {"datasets": ["table", "tabel"], "first_reference_year": 2023, "origin": ORIGIN}
    due = {"months_after_reference_year": 14, "first_reference_year": 2021, "exceptions": [later]}
    path = tmp_path / "mappings" / "inv" / "body.yaml"
    path.write_text(yaml.safe_dump(BODY | {"deadline": BODY["deadline"] | {"due": due}}), encoding="utf-8")
    (fault,) = faults(found)
    assert fault.values["problem"] == "there is no mapping of inv/tabel"
    assert "exceptions:" in path.read_text(encoding="utf-8").splitlines()[fault.place.row - 1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A year's folder of a body that has its own way to name files."""
    year = tmp_path / "2020"
    files = [flat("WHAT AREA"), flat("AREA WHAT", "other.txt")]
    lay_out(year, mapping(series(), files=files), {"table.csv": "WHAT\nDOCTORS\nNURSES\n"})
    ids = {"table": {"id": "INV_TABLE_A", "status": "from memory"}}
    path = year / "mappings" / "inv" / "body.yaml"
    path.write_text(yaml.safe_dump(BODY | {"naming": NAMING | {"ids": ids, "option": "X1"}}), encoding="utf-8")
    national_table(year, [row(5, profession="LK"), row(7, profession="SJ")])
    text = "year: 2020\nprepared: 2021-02-03\nbodies: [inv]\nmappings: mappings\nschemas: schemas\ninputs: [national-table.csv]\n"
    (year / "exchange.yaml").write_text(text, encoding="utf-8")
    return year


def test_files_are_named_as_the_body_wants_it_wherever_they_are_spoken_of(folder, tmp_path):
    out = tmp_path / "out"
    outcome = run(exchange.completed(exchange.from_folder(folder)), out)
    names = ["inv/INV_TABLE_A_SE_2020_0000_X1.CSV", "inv/INV_TABLE_A_SE_2020_0000_X1.TXT"]
    assert sorted(path.relative_to(out).as_posix() for path in out.glob("inv/*")) == names
    (dataset,) = outcome.report["datasets"]
    assert dataset["files"] == names
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert [delivery["file"] for delivery in manifest["deliveries"]] == names
    told = [finding for finding in outcome.report["findings"] if finding["rule"] == "file-name-not-verified"]
    assert [(finding["severity"], finding["place"]["file"]) for finding in told] == [
        ("information", "./mappings/inv/body.yaml")
    ]
    assert told[0]["examples"] == [{"dataset": "inv/table", "id": "INV_TABLE_A"}]
    runner = CliRunner()
    done = runner.invoke(main, ["explain", str(out), "inv/table", "WHAT=NURSES", "--json"])
    assert (done.exit_code, json.loads(done.output)["value"]) == (0, 7)
    own = ["--mappings", str(folder / "mappings"), "--schemas", str(folder / "schemas")]
    done = runner.invoke(main, ["validate", str(out / names[0]), *own, "--json"])
    assert done.exit_code == 0, done.output
    assert "inv/table" in done.output


def test_a_body_without_naming_keeps_the_names_of_the_mapping(tmp_path):
    found = lay_out(tmp_path, mapping(series()), {"table.csv": "WHAT\nDOCTORS\nNURSES\n"})
    (body,) = bodies.load_all(found)
    from nps_exchange import codelists, mapping_checks

    (used,) = mapping_checks.load_all(found, codelists.load(resources.load()))[0]
    assert bodies.named(used, body, 2020) is used
    assert bodies.not_verified(body, [used]) == []


# The rest


def test_who_sends_and_who_receives(eurostat, tmp_path):
    assert (eurostat.sender, eurostat.receiver) == ("SE", "ESTAT")
    assert eurostat.receives_confidential
    bare = loaded(tmp_path)
    assert (bare.sender, bare.receiver, bare.reference_metadata, bare.receives_confidential) == ("", "", "", False)
    said = loaded(
        tmp_path,
        reference_metadata="inv/metadata.yaml",
        confidentiality={"receives_confidential": False, "origin": ORIGIN},
    )
    assert (said.reference_metadata, said.receives_confidential) == ("inv/metadata.yaml", False)


def test_only_eurostat_is_declared_to_receive_what_is_confidential():
    assert [body.id for body in bodies.load_all(resources.load()) if body.receives_confidential] == ["eurostat"]


def test_a_folder_of_another_name_is_a_fault(tmp_path):
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, body="other")
    assert [finding.values["problem"] for finding in refused.value.findings] == ["the folder is named inv"]

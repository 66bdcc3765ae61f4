"""Every folder below tests/examples/national/ is a year's work: run it, and hold the answer against expected.yaml.

A case is found by being there. `invalid/` cases must be refused with the findings that are expected, and
with no other error; `valid/` cases must give the rows that are expected, and say nothing that is not
expected about the reading.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

from nps_exchange import codelists, mapping_checks
from nps_exchange.cli import main
from nps_exchange.resources import Resources, packaged
from nps_exchange.sources import description

CASES = Path(__file__).parent.parent / "examples" / "national"
SMALL_BODY = ("--body", "small", "--mappings", str(CASES / "small-body/mappings"))
SMALL_BODY += ("--schemas", str(CASES / "small-body/schemas"))
WORDS = {
    "en": {"sheet": ("sheet",), "row": ("row", "line"), "column": ("column",)},
    "sv": {"sheet": ("blad",), "row": ("rad",), "column": ("kolumn",)},
}
ABOUT_READING = {
    rule["id"] for rule in yaml.safe_load((packaged("schemas") / "rules/reading.yaml").read_bytes())["rules"]
}
BY_PROCESS = ("labels-unknown", "xlsx-formula-error")
"""Cases run once more in a process of their own, as a user runs them."""


def cases(kind: str) -> list[Any]:
    return [pytest.param(folder, id=folder.name) for folder in sorted((CASES / kind).iterdir())]


def expected(folder: Path) -> dict[str, Any]:
    """Read as text: the codes NO and 01 stay what they are."""
    found: dict[str, Any] = yaml.load((folder / "expected.yaml").read_bytes(), Loader=yaml.BaseLoader)
    return found


def call(folder: Path, out: Path, *options: str) -> Result:
    if expected(folder).get("mappings") != "packaged":  # a body of one cell: these cases are about reading
        options = (*options, *SMALL_BODY)
    result = CliRunner().invoke(main, ["run", str(folder), "--out", str(out), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    said = result.stdout + result.stderr
    assert "A fault of this program" not in said, said
    assert "Traceback" not in said, said
    assert str(CASES) not in said, "an absolute path is shown"
    assert not re.search(r"\{[a-z_]+\}", re.sub(r"“[^”]*”|”[^”]*”", "", result.stderr)), "a text is not filled in"
    return result


def fits(finding: dict[str, Any], wanted: dict[str, Any]) -> bool:
    place = {name: str(value) for name, value in finding["place"].items()}
    where = all(place.get(name, "") == wanted[name] for name in ("file", "sheet", "row", "column") if name in wanted)
    said = finding["message"] + " " + finding["advice"]
    number = wanted.get("count", str(finding["count"])) == str(finding["count"])
    return (
        finding["rule"] == wanted["rule"]
        and where
        and number
        and all(text in said for text in wanted.get("mentions", ()))
    )


def match(findings: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Each expected finding is there, and each that is there is expected."""
    left = list(findings)
    for one in wanted:
        found = next((finding for finding in left if fits(finding, one)), None)
        assert found, f"expected {one}, found {json.dumps(left, ensure_ascii=False, indent=1)}"
        left.remove(found)
    assert not left, f"not expected: {json.dumps(left, ensure_ascii=False, indent=1)}"


def named(line: str, wanted: dict[str, Any], lang: str) -> bool:
    """Whether a line for people names the place; our own files have lines where tables have rows."""
    parts = re.split(r"[,:] ", line)
    places = [[f"{word} {wanted[name]}" for word in words] for name, words in WORDS[lang].items() if name in wanted]
    return wanted.get("file", parts[0]) in parts and all(set(parts) & set(place) for place in places)


@pytest.fixture(autouse=True, scope="module")
def our_files_are_read_once() -> Iterator[None]:
    """Code lists, descriptions and mappings are the same in most cases, and take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((codelists, "load"), (description, "load_all"), (mapping_checks, "load_all")):
            patch.setattr(module, name, once_for_each_layering(getattr(module, name)))
        yield


def once_for_each_layering(load: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[Resources, Any] = {}

    def loaded(resources: Resources, *others: Any) -> Any:
        if resources not in known:
            known[resources] = load(resources, *others)
        return known[resources]

    return loaded


@pytest.mark.parametrize("folder", cases("invalid"))
def test_invalid_delivery_is_refused_with_every_fault_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    wanted = expected(folder)
    result = call(folder, tmp_path / "out", "--json")
    assert str(result.exit_code) == wanted["exit_code"], result.output[:2000]
    told = json.loads(result.stdout)
    assert str(told["exit_code"]) == wanted["exit_code"]
    errors = [finding for finding in told["findings"] if finding["severity"] == "error"]
    match(errors, wanted["findings"])
    for lang in WORDS:
        spoken = call(folder, tmp_path / "out", "--lang", lang)
        assert str(spoken.exit_code) == wanted["exit_code"]
        lines = spoken.stderr.splitlines()
        for finding in wanted["findings"]:
            assert any(named(line, finding, lang) for line in lines), f"{lang}: {finding} is not named in {lines}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", cases("valid"))
def test_valid_delivery_becomes_the_national_table_that_is_expected(folder: Path, tmp_path: Path) -> None:
    wanted = expected(folder)
    out = tmp_path / "out"
    result = call(folder, out, "--json", "--body", "oecd")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    match([finding for finding in told["findings"] if finding["rule"] in ABOUT_READING], wanted.get("findings", []))
    rows = national_table(out / "national-table.parquet")
    assert told["national_table"]["observations"] == len(rows) == int(wanted["observations"])
    for row in wanted["rows"]:
        found = [one for one in rows if all(one[name] == value for name, value in row.items())]
        assert len(found) == 1, f"{row} fits {len(found)} of {rows}"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    used = [one["description"]["file"] for one in manifest["inputs"]]
    used += [one["file"] for one in manifest["code_lists"]]
    assert set(wanted.get("used", ())) <= set(used), used
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", BY_PROCESS)
def test_invalid_delivery_is_refused_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    folder, out = CASES / "invalid" / name, tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "nps_exchange", "run", folder, "--out", out, "--json", "--lang", "sv"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert str(done.returncode) == expected(folder)["exit_code"]
    assert done.stderr == ""
    match(json.loads(done.stdout)["findings"], [{**one, "mentions": []} for one in expected(folder)["findings"]])
    assert list(tmp_path.iterdir()) == []


def national_table(path: Path) -> list[dict[str, str]]:
    """The rows as text; a missing figure is the empty text, a figure has no trailing zeros."""
    with duckdb.connect() as con:
        cursor = con.execute("SELECT * REPLACE (CAST(value AS VARCHAR) AS value) FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        value = row["value"] or ""
        row["value"] = value.rstrip("0").rstrip(".") if "." in value else value
    return rows

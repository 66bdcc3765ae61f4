"""YAML read as text: the traps of YAML are no traps, and every fault has its line."""

import pytest

from nps_exchange import documents
from nps_exchange.errors import ConfigurationRefused


def test_scalars_are_text():
    document = documents.parse("a: NO\nb: 0110\nc: 1.10\nd: 2020-01-01\ne: ~\nf: [on, 1e3, 0x1F]\n", "f.yaml")
    assert document.data == {
        "a": "NO",
        "b": "0110",
        "c": "1.10",
        "d": "2020-01-01",
        "e": "~",
        "f": ["on", "1e3", "0x1F"],
    }


def test_every_value_knows_its_line():
    document = documents.parse("a:\n  - x\n  - y\nb: {c: 1,\n    d: 2}\n", "f.yaml")
    assert document.line("a", 1) == 3
    assert document.line("b", "d") == 5
    assert document.line("b", "absent") == 4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("a: [1, 2\nb: 3\n", 2, ""),
        ("a: 1\n\tb: 2\n", 2, ""),
        ("a: 1\n b: 2\n", 2, ""),
        ("a: *nothing\n", 1, "undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, ""),
        ("a: \x07\n", 1, ""),
    ],
)
def test_what_is_not_sound_yaml_is_named_by_line(text, line, said):
    with pytest.raises(ConfigurationRefused) as refused:
        documents.parse(text, "f.yaml")
    finding = refused.value.findings[0]
    assert finding.place.file == "f.yaml"
    assert abs(finding.place.row - line) <= 1
    assert said in finding.values["problem"]


def test_an_empty_file_is_an_empty_document(tmp_path):
    (tmp_path / "f.yaml").write_text("")
    assert documents.read(tmp_path / "f.yaml").data == {}


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "f.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationRefused):
        documents.read(tmp_path / "f.yaml")
    with pytest.raises(ConfigurationRefused):
        documents.read(tmp_path / "absent.yaml")


def test_all_faults_against_the_schema_come_at_once():
    document = documents.parse("year: 18\ninputs: []\nnothing: 1\nprepared: soon\n", "exchange.yaml")
    faults = documents.check(document, "exchange.schema.json")
    assert [fault.place.row for fault in faults] == [1, 2, 3, 4]
    assert "known are: year" in " ".join(fault.values["problem"] for fault in faults)

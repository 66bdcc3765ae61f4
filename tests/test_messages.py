"""Every rule the program can speak of has its words in both languages, and every word is used."""

import re
import string
from pathlib import Path

import pytest
import yaml

from nps_exchange import messages
from nps_exchange.model import Finding, Place
from nps_exchange.resources import PACKAGE, packaged

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
SCHEMAS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(packaged("schemas").glob("*.json")))
PAGES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.jinja")))


def test_no_rule_stands_twice():
    ids = [
        rule["id"]
        for path in sorted((packaged("schemas") / "rules").glob("*.yaml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    ]
    assert sorted(ids) == sorted(set(ids))
    assert set(ids) == set(messages.rules())


@pytest.mark.parametrize("rule", messages.rules())
def test_every_rule_is_spoken_of_by_the_program(rule):
    assert f'"{rule}"' in SOURCES


def test_the_program_speaks_of_no_rule_without_words():
    named = set(re.findall(r'Finding\(\s*"([a-z-]+)"', SOURCES))
    assert named <= set(messages.rules())


@pytest.mark.parametrize("rule", messages.rules().values(), ids=lambda rule: rule.id)
def test_both_languages_tell_the_same_values(rule):
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    told = {lang: names(rule.text[lang]) for lang in messages.LANGUAGES}
    assert told["sv"] == told["en"]
    assert names(rule.advice["sv"]) == names(rule.advice["en"])


def test_every_word_is_used():
    for word in messages.words("en"):
        prefix, _, name = word.partition("_")
        if prefix in ("workbook", "methods", "contact") and name:  # put together from the prefix and a key
            assert f'f"{prefix}_{{' in SOURCES, word
            assert re.search(rf"""["']{name}["']""", SOURCES + SCHEMAS) or f'"{word}"' in SOURCES, word
        elif word not in ("numerator", "denominator"):  # keys of an answer of explain
            assert re.search(rf"""["']{word}["']|words\.{word}\b""", SOURCES + PAGES), word


def test_a_finding_names_its_place_in_words():
    finding = Finding("value-negative", Place("a.xlsx", "Antal", 5, "C"), {"text": "-3"}, 2)
    assert messages.line(finding, "sv").startswith("a.xlsx, blad Antal, rad 5, kolumn C: -3 är negativt")
    assert "(2 times)" in messages.line(finding, "en")


def test_a_value_that_is_not_there_does_not_stop_the_message():
    assert "{text}" in messages.text(Finding("value-negative"))


def test_schemas_for_editors_are_sound():
    import json

    import jsonschema

    for path in sorted(Path(packaged("schemas")).glob("*.schema.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))

"""STRUVAL's codes are data, of rules that there are; a finding gets the one of its rule and of what it is about."""

from dataclasses import replace

import pytest

from nps_exchange import messages, resources, struval
from nps_exchange.model import Finding, Place
from tests.formats.sdmx import STRUCTURE

PACKAGED = struval.load(resources.load())
CODES = replace(PACKAGED, agency="INV")
MEANINGS = {
    # As the document of the CROS portal has them.
    "140": {"xml-broken", "xml-doctype"},
    "150/003": {"field-empty"},
    "150/004": {"structure-timeless"},
    "150/005": {"structure-measureless"},
    "150/007": {"component-unknown", "field-unknown", "field-misspelt", "field-unknown-others"},
    "150/008": {"field-missing", "field-empty"},
    "150/009": {"component-unknown"},
    "150/029": {"code-unknown", "code-unknown-in-part", "code-unknown-others", "code-spaced"},
    "150/031": {"field-missing"},
}


def test_every_code_is_of_a_rule_that_there_is():
    for rule, _ in CODES.by_rule:
        assert messages.rules()[rule].severity == "error", rule


@pytest.mark.parametrize("code", MEANINGS)
def test_the_codes_that_are_known_stand_at_the_rules_they_mean(code):
    assert {rule for (rule, _), found in CODES.by_rule.items() if found == code} == MEANINGS[code]


@pytest.mark.parametrize(
    ("rule", "column", "values", "code"),
    [
        ("field-empty", "sex", {}, "150/003"),
        ("field-empty", "UNIT", {}, "150/008"),
        ("field-missing", "TIME_PERIOD", {}, "150/031"),
        ("field-missing", "UNIT", {}, "150/008"),
        ("code-unknown", "UNIT", {}, "150/029"),
        ("component-unknown", "FOO", {"in": "Obs"}, "150/007"),
        ("component-unknown", "FOO", {"in": "Series"}, "150/009"),
        ("period-invalid", "TIME_PERIOD", {}, "150"),
        ("xml-broken", "", {}, "140"),
        ("value-absent", "OBS_VALUE", {}, None),
        ("table-empty", "", {}, None),
    ],
)
def test_the_code_depends_on_what_the_finding_is_about(rule, column, values, code):
    (found,) = struval.marked([Finding(rule, Place(column=column), values)], CODES, STRUCTURE)
    assert found.values.get("struval") == code
    assert found.rule == rule


def test_data_by_the_structure_of_another_agency_have_no_code():
    broken = [Finding("xml-broken", values={"problem": "x"})]
    assert PACKAGED.agency == "ESTAT"
    assert struval.marked(broken, PACKAGED, STRUCTURE) == broken
    assert struval.marked(broken, PACKAGED, replace(STRUCTURE, id="ESTAT:HWF(1.0)"))[0].values["struval"] == "140"


def test_without_a_structure_all_is_of_the_key():
    (found,) = struval.marked([Finding("field-empty", Place(column="UNIT"))], CODES, None)
    assert found.values["struval"] == "150/003"


def test_the_code_is_told_to_people_and_machines():
    (found,) = struval.marked([Finding("table-empty"), Finding("xml-broken", values={"problem": "x"})][1:], CODES, None)
    assert "[STRUVAL 140]" in messages.line(found)
    assert messages.as_json(found)["struval"] == "140"
    assert "struval" not in messages.as_json(Finding("table-empty"))


def test_a_body_without_struval_has_no_codes():
    found = resources.load()
    assert struval.load(resources.Resources(found.mappings, ())) == struval.Codes()

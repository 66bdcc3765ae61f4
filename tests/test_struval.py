"""STRUVAL's codes are data, of rules that there are; a finding gets the one of its rule and of what it is about."""

from dataclasses import replace

import pytest

from nps_exchange import messages, resources, struval
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.formats import FORMATS
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Layer
from tests.formats.sdmx import STRUCTURE

PACKAGED = struval.load(resources.load())
CODES = replace(PACKAGED, agency="INV")
CSV, MESSAGE = "sdmx-csv-2.0", "sdmx-ml-2.1"
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
    (found,) = struval.marked([Finding(rule, Place(column=column), values)], CODES, STRUCTURE, CSV)
    assert found.values.get("struval") == code
    assert found.rule == rule


def test_what_is_not_for_eurostat_by_format_or_structure_has_no_code():
    broken = [Finding("file-broken", values={"problem": "x"})]
    eurostats = replace(STRUCTURE, id="ESTAT:HWF(1.0)")
    assert PACKAGED.agency == "ESTAT"
    assert struval.marked(broken, PACKAGED, STRUCTURE, CSV) == broken
    for structure, format in ((eurostats, CSV), (STRUCTURE, MESSAGE)):
        assert struval.marked(broken, PACKAGED, structure, format)[0].values["struval"] == "500"


def test_its_formats_are_formats():
    assert set(PACKAGED.formats) <= set(FORMATS)


def test_without_a_structure_all_is_of_the_key():
    (found,) = struval.marked([Finding("field-empty", Place(column="UNIT"))], CODES, None, CSV)
    assert found.values["struval"] == "150/003"


def test_the_code_is_told_to_people_and_machines():
    (found,) = struval.marked(
        [Finding("table-empty"), Finding("xml-broken", values={"problem": "x"})][1:], CODES, None, CSV
    )
    assert "[STRUVAL 140]" in messages.line(found)
    assert messages.as_json(found)["struval"] == "140"
    assert "struval" not in messages.as_json(Finding("table-empty"))


def test_a_rule_that_there_is_not_is_refused(tmp_path):
    (tmp_path / "eurostat").mkdir()
    text = "origin: {document: none, status: invented}\nformats: [delimited]\nagency: INV\ncodes:\n"
    text += (
        '  - {rule: xml-broken, code: "140", status: inferred}\n  - {rule: xml-borken, code: "140", status: inferred}\n'
    )
    (tmp_path / "eurostat" / "struval.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationRefused) as refused:
        struval.load(resources.load(own_schemas=Layer(tmp_path, "./schemas")))
    (fault,) = refused.value.findings
    assert (fault.place.row, fault.values["problem"]) == (6, "there is no such rule")


def test_a_body_without_struval_has_no_codes():
    found = resources.load()
    assert struval.load(resources.Resources(found.mappings, ())) == struval.Codes()

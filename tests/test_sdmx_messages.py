"""Messages of SDMX-ML that are no sound data: what declares a document type, what is broken, and what is of another kind."""

import gzip
import json
import os
import random
import subprocess
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from nps_exchange import deliver, messages, resources, struval
from nps_exchange.cli import main
from nps_exchange.errors import OutputRefused
from nps_exchange.file_report import Known
from nps_exchange.formats import sdmx_ml
from nps_exchange.formats.sdmx_ml import schema
from nps_exchange.resources import packaged
from nps_exchange.validate import validate
from tests.formats import sdmx
from tests.formats.sdmx import STRUCTURE


@pytest.fixture(scope="module")
def known():
    found = resources.load()
    return Known(found, [], [], replace(struval.load(found), agency="INV"), "", STRUCTURE)


@pytest.fixture
def schema_once(monkeypatch):
    """The schema is the same in every file of a test that breaks one a thousand times, and takes most of the time."""
    made = {}

    def once(structure, *form):
        return made.setdefault(form, None) or made.update({form: compiled(structure, *form)}) or made[form]

    compiled = schema.compiled
    monkeypatch.setattr(schema, "compiled", once)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    """Structures given by a test are kept where nobody else finds them."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder))


def saved(content, folder, name="m.xml"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rules(report):
    return [one.rule for one in report.findings]


# what must not be expanded

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha" * 10}">' for i in range(12))
DOCTYPES = {
    "empty": "<!DOCTYPE x>",
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    "external": '<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    "public": '<!DOCTYPE x PUBLIC "-//X//Y" "http://localhost:1/x.dtd">',
    "default attribute": '<!DOCTYPE x [<!ATTLIST Obs OBS_STATUS CDATA "B">]>',
    "after comments": "<!-- a\nb -->\n<?pi x?>\n<!DOCTYPE x [" + LAUGHS + "]>",
}


@pytest.mark.parametrize("name", DOCTYPES)
@pytest.mark.parametrize("how", ["UTF-8", "BOM", "UTF-16", "Latin-1", "gzip", "no declaration"])
def test_a_document_type_is_refused_before_anything_is_expanded(known, name, how, tmp_path):
    text = sdmx.message(sdmx.DATA.replace("432.40", "&l11;").replace("441.10", "&e;&a;"))
    text = text.replace("?>\n", f"?>\n{DOCTYPES[name]}\n", 1)
    encoded = {
        "UTF-8": lambda: text.encode(),
        "BOM": lambda: b"\xef\xbb\xbf" + text.encode(),
        "UTF-16": lambda: text.replace("UTF-8", "UTF-16").encode("utf-16"),
        "Latin-1": lambda: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        "gzip": lambda: gzip.compress(text.encode()),
        "no declaration": lambda: text.partition("?>\n")[2].encode(),
    }[how]()
    path = saved(encoded, tmp_path)
    (finding,) = validate(str(path), known).findings
    assert (finding.rule, finding.values["struval"]) == ("xml-doctype", "140")
    assert finding.place.row == text[: text.index("<!DOCTYPE")].count("\n") + (how != "no declaration")
    with pytest.raises(Exception, match="xml-doctype"):
        sdmx_ml.decode(path, STRUCTURE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only where a pipe has a name")
def test_a_schema_location_is_not_opened(tmp_path):
    """Whoever opens this pipe waits without end."""
    pipe = tmp_path / "pipe.xsd"
    os.mkfifo(pipe)
    location = f' xsi:schemaLocation="{sdmx.NAMESPACE}TIME_PERIOD {pipe.as_uri()} urn:x {pipe}" xsi:noNamespaceSchemaLocation="{pipe}"'
    path = sdmx.write(tmp_path / "m.xml")
    path = saved(sdmx.message(more=location), tmp_path)
    program = (
        "import sys; from pathlib import Path; from tests.formats.sdmx import STRUCTURE\n"
        "from nps_exchange.formats.sdmx_ml import decode, reading\n"
        "path = Path(sys.argv[1]); found = reading.read(path, STRUCTURE)\n"
        "print(sum(len(b) for b in found.blocks(reading.strict_schema(found))), len(found.problems), len(list(decode(path, STRUCTURE).rows)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.stdout.split() == ["3", "0", "3"]


def test_a_schema_at_hand_is_not_taken_from_the_message(known, tmp_path):
    own = f"{sdmx.NAMESPACE}TIME_PERIOD"
    schema = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{own}"><xs:complexType name="DataSetType"><xs:sequence><xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:schema>'
    (tmp_path / "lax.xsd").write_text(schema)
    text = sdmx.message(sdmx.DATA.replace('sex="T"', 'sex="X"'), more=f' xsi:schemaLocation="{own} lax.xsd"')
    assert "code-unknown" in rules(validate(str(saved(text, tmp_path)), known))


# broken in every way


def table_of(path):
    found = sdmx_ml.decode(path, STRUCTURE)
    return found.columns, list(found.rows), found.header, found.dataflow, found.action


def unharmed(known, path, sound):
    """Nothing is raised, and what is called sound holds the same table."""
    report = validate(str(path), known)
    assert all(messages.line(one, lang) for one in report.findings for lang in messages.LANGUAGES)
    if report.usable and not report.errors + report.warnings:
        columns, rows, _, dataflow, action = table_of(path)
        assert (columns, rows) == sound[:2], path.read_bytes()
        assert (dataflow, action) == sound[3:]
        return True
    return False


@pytest.mark.parametrize("make", [sdmx.message, sdmx.flat])
def test_cut_off_anywhere(known, make, schema_once, tmp_path):
    text = make().encode()
    sound = table_of(saved(text, tmp_path))
    path = tmp_path / "cut.xml"
    fine = []
    for end in range(0 if make is sdmx.message else text.index(b"<mes:DataSet "), len(text)):
        path.write_bytes(text[:end])
        if unharmed(known, path, sound):
            fine.append(end)
    assert fine == [len(text) - 1], "without the last line end alone it is whole"


HARM = [
    b"<",
    b">",
    b"&",
    b'"',
    b"'",
    b"\0",
    b"\xff",
    b"/",
    b"=",
    b":",
    b" ",
    b"\n",
    b"x",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
]


@pytest.mark.parametrize("make", [sdmx.message, sdmx.flat])
@pytest.mark.parametrize("packed", [False, True])
def test_bytes_changed_anywhere(known, make, packed, schema_once, tmp_path):
    text = make().encode()
    text = gzip.compress(text, mtime=0) if packed else text
    sound = table_of(saved(text, tmp_path))
    # Values, years, texts for people and the like may be others and just as sound.
    free = () if packed else (text.index(b"<mes:ID>"), text.index(b"</mes:Prepared>"))
    chance = random.Random(20261122)
    path = tmp_path / "changed.xml"
    for _ in range(800 if packed else 2500):
        at = chance.randrange(len(text))
        if free and free[0] <= at <= free[1]:
            continue
        what = chance.choice(["flip", "put", "instead", "take"])
        if what == "flip":
            changed = text[:at] + bytes([text[at] ^ 1 << chance.randrange(8)]) + text[at + 1 :]
        elif what == "take":
            changed = text[:at] + text[at + chance.randrange(1, 40) :]
        else:
            changed = text[:at] + chance.choice(HARM) + text[at + (what == "instead") :]
        path.write_bytes(changed)
        report = validate(str(path), known)
        assert all(messages.line(one) for one in report.findings)
        if report.usable and not report.errors + report.warnings:
            columns, rows, *_ = table_of(path)
            assert columns == sound[0]
            # A code, a year or a figure may have become another that is as good; no observation is lost.
            assert what == "take" or len(rows) == len(sound[1]), changed


@pytest.mark.parametrize(
    "content",
    [
        b"<",
        b"<a",
        b"<a/>",
        b"<a>",
        b"<?xml",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        b'<?xml version="1.0" encoding="cp037"?><a/>',
        b'<?xml version="1.1"?><a/>',
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-32"),
        b"<!-- " + b"x" * 3_000_000 + b" --><a/>",
        b"<a " + b'b="' + b"x" * 12_000_000 + b'"/>',
        b"<a>" * 3000,
        gzip.compress(b"<a>" * 10),
        sdmx.message().replace("<mes:Header>", "<mes:Header>" + "<mes:Name>x</mes:Name>" * 60_000).encode(),
        sdmx.message().replace("<mes:Header>", "<mes:Header><p:x/>").encode(),
        sdmx.message(f"<Series>{'<Obs>' * 400}").encode(),
        sdmx.message('<Series><Obs TIME_PERIOD="' + "x" * 11_000_000 + '"/></Series>').encode(),
        sdmx.message(named="").encode(),
        sdmx.message(named="<com:StructureUsage><Ref/></com:StructureUsage>").encode(),
        sdmx.message().partition("<mes:DataSet ")[0].encode() + b"</mes:StructureSpecificTimeSeriesData>",
    ],
)
def test_what_is_absurd_is_told(known, content, tmp_path):
    report = validate(str(saved(content, tmp_path)), known)
    assert report.errors
    assert max(len(str(one)) for one in report.findings) < 2000


# messages of other kinds

KINDS = {
    # File, structure given with it: format, dataset, exit code, rules.
    "sdmx/ECB_EXR__ng-structure-full.xml": ("", "sdmx-ml", "ECB:ECB_EXR_NG(1.0)", 0, {"structure-message"}),
    "sdmx/ECB_EXR__ng-ts-ss.xml": ("", "sdmx-ml-2.1", "", 3, {"structure-wanted"}),
    "sdmx/ECB_EXR__ng-ts-ss.xml with its structure": ("sdmx/ECB_EXR__ng-structure-full.xml", "sdmx-ml-2.1", "ECB:ECB_EXR_NG(1.0)", 0, set()),
    "sdmx/ECB_EXR__ng-ts-ss.xml with another": ("eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml", "sdmx-ml-2.1", "ECB:ECB_EXR_NG(1.0)", 1, {"structure-differs", "namespace-wrong", "schema-invalid", "field-empty", "key-contradicted"}),
    "sdmx/ECB_EXR__ng-ts.xml": ("", "sdmx-ml", "ECB:ECB_EXR_NG(1.0)", 0, {"message-schema-only"}),
    "sdmx/ESTAT__CL_FREQ.xml": ("", "sdmx-ml", "ESTAT:FREQ(3.9)", 0, {"structure-message"}),
    "sdmx/ESTAT__GOV_10Q_GGNFA.xml": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "sdmx/ESTAT__NAMA_10_GDP-ss.xml": ("", "sdmx-ml-2.1", "", 3, {"structure-wanted"}),
    "sdmx/ESTAT__apro_mk_cola-structure.xml": ("", "sdmx-ml", "ESTAT:DSD_apro_mk_cola(1.0)", 0, {"structure-message"}),
    "sdmx/ESTAT__demography-structure.xml": ("", "sdmx-ml", "ESTAT:DEMOGRAPHY(1.0)", 0, {"structure-message"}),
    "sdmx/ESTAT__demography-xs.xml": ("", "sdmx-ml-2.1", "", 3, {"structure-wanted"}),
    "sdmx/ESTAT__esms-structure.xml": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "sdmx/ESTAT__esms.xml": ("", "sdmx-ml", "", 0, {"message-schema-only"}),
    "sdmx/ESTAT__footer.xml": ("", "sdmx-ml", "", 3, {"message-of-server"}),
    "sdmx/ESTAT__footer2.xml": ("", "sdmx-ml", "", 3, {"message-of-server"}),
    "sdmx/OECD__actualconstraint-0.xml": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "sdmx/OECD__metadatastructure-0.xml": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "sdmx/SDMX_global_codelists_2020-11.xml.gz": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "sdmx/OECD__data-PART2-all-all.json": ("", "sdmx-json", "", 3, {"format-not-checked"}),
    "sdmx/v3__json__data__exr-flat.json": ("", "sdmx-json", "", 3, {"format-not-checked"}),
    "sdmx/v3__csv__example-01.csv": ("", "sdmx-csv-2.0", "", 3, {"dataflow-unknown"}),
    "eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml": ("", "sdmx-ml", "ESTAT:HLTH_RS_PRSHP1(7.0)", 0, {"structure-message"}),
    "eurostat/esms-structure.xml": ("", "sdmx-ml", "", 0, {"structure-message"}),
    "eurostat/esms.xml": ("", "sdmx-ml", "", 0, {"message-schema-only"}),
    "eurostat/esms-ss.xml": ("", "sdmx-ml", "", 3, {"format-not-checked"}),
    "eurostat/hlth_rs_spec_2022-07.csv": ("", "sdmx-csv-1.0", "HLTH_RS_SPEC", 0, {"codes-not-checked", "flags-older"}),
    "eurostat/catalogue_health_datasets_2024-12.csv": ("", "text", "", 3, {"file-not-recognised"}),
    "eurostat/ess_validation_report_1.0.1.schema.json": ("", "", "", 3, {"format-not-checked"}),
}  # fmt: skip
EXEMPT = {"hlth_rs_prs2_practising_per_100k.json"}


def run(*arguments):
    result = CliRunner().invoke(main, ["validate", *map(str, arguments), "--json", "--lang", "en"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    told = json.loads(result.output)
    assert told["exit_code"] == result.exit_code
    [report] = told["files"]
    return report, result.exit_code


@pytest.mark.parametrize("name", KINDS)
def test_real_files_are_what_they_are(name, data_folder):
    structure, format, dataset, exit_code, wanted = KINDS[name]
    report, code = run(
        data_folder / name.partition(" ")[0], *(["--structure", data_folder / structure] if structure else [])
    )
    assert (report["format"], code) == (format, exit_code), report
    assert report["dataset"] == dataset or not dataset, report["dataset"]
    severe = {one["rule"] for one in report["findings"] if one["severity"] != "information"}
    assert severe == {rule for rule in wanted if messages.rules()[rule].severity != "information"}, report["findings"]
    assert wanted <= {one["rule"] for one in report["findings"]}


def test_every_real_file_is_expected(data_folder):
    there = {f"{part}/{path.name}" for part in ("sdmx", "eurostat") for path in (data_folder / part).iterdir()}
    assert {name for name in there if Path(name).name not in EXEMPT} == {name.partition(" ")[0] for name in KINDS}


# what libraries write is told to be wrong where it is


@pytest.mark.parametrize(("at", "note"), [("AllDimensions", "n"), ("TIME_PERIOD", "n"), ("TIME_PERIOD", "can't")])
def test_what_pysdmx_writes_is_refused(known, at, note, tmp_path):
    model, frames = import_module("pysdmx.model"), import_module("pandas")

    def component(id_, role, level=None):
        concept = model.Concept(id=id_)
        return model.Component(id=id_, required=True, role=role, concept=concept, attachment_level=level)

    made = [component(id_, model.Role.DIMENSION) for id_ in sdmx.COLUMNS[:4]]
    made += [component("OBS_VALUE", model.Role.MEASURE), component("UNIT", model.Role.ATTRIBUTE, "FREQ,AREA,sex")]
    made += [component("NOTE", model.Role.ATTRIBUTE, "O")]
    structure = model.Schema("datastructure", "INV", "HWF", model.Components(made), "1.0")
    data = frames.DataFrame([["A", "SE", "T", "2021", "1", "NR", note]], columns=[one.id for one in made])
    dataset = import_module("pysdmx.io.pd").PandasDataset(structure=structure, data=data)
    text = import_module("pysdmx.io").write_sdmx(
        [dataset],
        import_module("pysdmx.io.format").Format.DATA_SDMX_ML_2_1_STR,
        dimension_at_observation={"DataStructure=INV:HWF(1.0)": at},
    )
    report = validate(str(saved(text, tmp_path)), known)
    # An apostrophe becomes a quotation mark; else the namespace in the header, dataScope and action are wrong.
    wanted = {"xml-broken"} if note == "can't" else {"namespace-wrong", "component-unknown", "schema-invalid"}
    assert wanted <= set(rules(report)), report.findings


def test_what_sdmx1_writes_is_refused(known, tmp_path):
    import_module("sdmx.reader.xml.v30")
    sdmx1, v21, common = (import_module(f"sdmx{part}") for part in ("", ".model.v21", ".model.common"))
    made = v21.DataStructureDefinition(id="HWF", version="1.0", maintainer=common.Agency(id="INV"))
    for id_ in sdmx.COLUMNS[:4]:
        made.dimensions.getdefault(id=id_)
    measure = made.measures.getdefault(id="OBS_VALUE")
    cells = dict(zip(sdmx.COLUMNS[:4], ("A", "SE", "T", "2021"), strict=True))
    observation = v21.Observation(dimension=made.make_key(v21.Key, cells), value="1", value_for=measure)
    data = v21.StructureSpecificDataSet(structured_by=made, obs=[observation])
    message = sdmx1.message.DataMessage(data=[data])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = sdmx1.to_xml(message)
    report = validate(str(saved(content, tmp_path)), known)
    assert report.errors, report.findings


def test_a_name_that_says_gzip_or_not_is_all_the_same(known, tmp_path):
    packed = gzip.compress(sdmx.message().encode())
    for name, content in (("a.xml", packed), ("b.xml.gz", packed), ("c.xml.gz", sdmx.message().encode())):
        report = validate(str(saved(content, tmp_path, name)), known)
        assert (report.format, rules(report)) == ("sdmx-ml-2.1", []), name


def test_a_structure_is_wanted_where_none_is_known(known, tmp_path):
    path = saved(sdmx.message(), tmp_path)
    assert rules(validate(str(path), replace(known, structure=None))) == ["structure-wanted"]


class Rows(SimpleNamespace):
    def __len__(self):
        return 1


def test_a_run_names_the_character_that_cannot_be_written_and_leaves_no_file(tmp_path):
    file = SimpleNamespace(
        name="m.xml",
        format="sdmx-ml-2.1",
        columns=[SimpleNamespace(name=name) for name in sdmx.COLUMNS],
        dataflow=sdmx.FLOW,
        structure=STRUCTURE,
    )
    mapping = SimpleNamespace(body="inv", dataset="inv/hwf", files=[file])
    dataset = Rows(mapping=mapping, rows=lambda _: [(*sdmx.ROWS[0][:8], "a\x0bb", "register")])
    body = SimpleNamespace(sender="", receiver="", action="R")
    exchange = SimpleNamespace(resources=resources.load(), prepared="2026-11-22", year=2026, contacts={})
    with pytest.raises(OutputRefused) as refused:
        deliver.files(dataset, body, exchange, True, tmp_path)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.place.file) == ("character-impossible", "inv/m.xml")
    assert "row 1: XML cannot carry the character U+000B LINE TABULATION" in messages.line(finding)
    assert not list((tmp_path / "inv").iterdir())


# what the user says goes before what the file says, and both are told where they differ


@pytest.fixture(scope="module")
def eurostats(examples):
    return examples["synthetic"] / "eurostat"


def answered(*arguments):
    report, code = run(*arguments)
    return code, {finding["rule"] for finding in report["findings"]}


def test_a_message_is_not_a_dataset_that_goes_out_in_another_format(eurostats):
    path = eurostats / "HLTHRS_PRS2_A_SE_2023_0000.XML"
    assert answered(path, "--as", "oecd/reac-emp") == (3, {"file-not-of-dataset"})
    assert answered(path, "--as", "eurostat/phys")[0] == 1
    assert answered(path, "--as", "eurostat/prs2") == (0, set())


def test_a_table_is_held_against_the_structure_that_is_given(eurostats):
    path = eurostats / "HLTHRS_PRS2_A_SE_2023_0000.CSV"
    given = packaged("schemas") / "eurostat" / "HLTH_RS_PHYS.xml"
    code, found = answered(path, "--structure", given)
    assert code == 1
    assert "dataflow-differs" in found
    given = packaged("schemas") / "eurostat" / "HLTH_RS_PRS2.xml"
    assert answered(path, "--structure", given) == (0, set())


def test_a_page_is_none_of_sdmx(eurostats):
    report, code = run(eurostats / "prs2.metadata.html")
    (finding,) = report["findings"]
    assert (code, finding["rule"], "HTML" in finding["message"]) == (3, "format-not-checked", True)


def test_what_the_schema_finds_is_told_with_its_series_and_whole(eurostats, tmp_path):
    text = (eurostats / "HLTHRS_PRS2_A_SE_2023_0000.XML").read_text(encoding="utf-8")
    before, series, after = text.partition('med_spec="DENT" geo="SE"><Obs ')
    path = saved(before + series + 'FOO="1" ' + after.replace('OBS_VALUE="', 'OBS_VALUE="" X="', 1), tmp_path, "M.XML")
    report, code = run(path)
    found = {one["rule"]: one for one in report["findings"]}
    assert found["component-unknown"]["place"]["key"].endswith("DENT.SE")
    assert found["component-unknown"]["struval"] == "150/007"
    validation = json.loads((packaged("schemas") / "validation.schema.json").read_text(encoding="utf-8"))
    import_module("jsonschema").validate({"exit_code": code, "files": [report]}, validation)

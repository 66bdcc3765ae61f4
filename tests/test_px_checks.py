"""Files of tests/examples/px/{valid,invalid}/ are found by being there; what each invalid one holds stands in a list.

`expected.yaml` beside them says of each every error and warning: the rule, the code of Statistics Sweden's parser, the
line. The files of Statistics Sweden and of others are in the folder of real files.
"""

import csv
import gzip
import json
import random
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from nps_exchange import messages, px_checks, resources, struval
from nps_exchange.cli import main
from nps_exchange.errors import ConfigurationRefused, InputRefused
from nps_exchange.file_report import FileReport, Known
from nps_exchange.formats import px
from nps_exchange.messages import severity
from nps_exchange.model import Finding
from nps_exchange.px_checks import parser, times
from nps_exchange.px_checks.head import Head
from nps_exchange.px_keywords import keywords
from nps_exchange.validate import validate

cube_module = sys.modules["nps_exchange.formats.px.cube"]  # the package has a function of that name

CASES = Path(__file__).parent / "examples/px"
EXPECTED: dict[str, Any] = yaml.safe_load((CASES / "expected.yaml").read_text(encoding="utf-8"))
SOUND = (CASES / "valid/one-language.px").read_text(encoding="utf-8")

FATAL = {
    "errorCodes": ("PxcErr109",),
    "errorContVariableunits": ("PxcErr103", "PxcErr161"),
    "errorContvariable": ("PxcErr160", "PxcErr161"),
    "errorHeading": ("PxcErr107",),
    "errorMatrix": ("PxcErr131",),
    "errorStub": ("PxcErr106",),
    "errorSubjectArea": ("PxcErr132",),
    "errorUnit": ("PxcErr103",),
    "errorValues": ("PxcErr108",),
    "errorVarValue": ("PxcErr108",),
    "errormissingValues": ("PxcErr108",),
    "misingSubjectArea": ("PxcErr132",),
    "missingContents": ("PxcErr136",),
    "missingData": ("PxcErr180",),
    "missingDecimal": ("PxcErr137",),
    "missingMatrix": ("PxcErr131",),
    "missingStubHeading": ("PxcErr134",),
    "missingSubjectCode": ("PxcErr133",),
    "missingTitle": ("PxcErr130",),
    "missingUnit": ("PxcErr135",),
}
"""The faulty files of Statistics Sweden, by the end of their names, with the codes that the parser may have for them."""


def found(path: Path) -> list[Finding]:
    return px_checks.check(px.read(path))


def grave(findings: list[Finding]) -> list[tuple[str, str, int]]:
    told = [finding for finding in findings if severity(finding) != "information"]
    return sorted((one.rule, one.values.get("core", ""), one.place.row or 0) for one in told)


def rules_of(findings: Any) -> list[str]:
    return [finding.rule for finding in findings]


def edited(folder: Path, old: str, new: str, text: str = SOUND) -> list[Finding]:
    assert old in text
    path = folder / "edited.px"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return found(path)


def files(kind: str) -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted((CASES / kind).iterdir())]


@pytest.mark.parametrize("path", files("valid"))
def test_a_valid_file_has_neither_errors_nor_warnings(path):
    assert grave(found(path)) == []


@pytest.mark.parametrize("path", files("invalid"))
def test_an_invalid_file_is_told_in_full(path):
    wanted = [(one["rule"], one.get("code", ""), one.get("line", 0)) for one in EXPECTED[path.name]]
    assert grave(found(path)) == sorted(wanted)


def test_every_invalid_file_is_listed():
    assert set(EXPECTED) == {path.name for path in (CASES / "invalid").iterdir()}


def test_every_rule_about_px_has_a_case_that_breaks_it():
    in_corpus = {one["rule"] for listed in EXPECTED.values() for one in listed}
    in_tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    rules = yaml.safe_load((resources.packaged("schemas") / "rules/px.yaml").read_bytes())["rules"]
    missing = [
        one["id"]
        for one in rules
        if one["id"] not in in_corpus and not any(f'"{one["id"]}"' in text for text in in_tests)
    ]
    assert missing == []


# the real files


@pytest.mark.parametrize("name", FATAL)
def test_a_faulty_file_of_statistics_sweden_has_one_error_with_the_code_of_its_parser(data_folder, name):
    findings = found(data_folder / f"px/scb/fatal/BE0101F1{name}.px")
    [error] = [finding for finding in findings if severity(finding) == "error"]
    assert error.values["core"] in FATAL[name]
    assert error.place.column
    assert [finding for finding in findings if severity(finding) == "warning"] == []


def test_all_faulty_files_are_known(data_folder):
    names = {path.stem for path in (data_folder / "px/scb/fatal").iterdir()}
    assert names == {f"BE0101F1{name}" for name in FATAL} | {"template_av_BE0101F1error"}


def test_the_template_of_the_faulty_files_is_sound(data_folder):
    assert grave(found(data_folder / "px/scb/fatal/template_av_BE0101F1error.px")) == []


def test_what_agencies_publish_has_no_errors(data_folder):
    folders = ("px/scb/good", "px/scb/keys", "px/pxwebapi", "px/other")
    paths = [path for folder in folders for path in sorted((data_folder / folder).iterdir())]
    assert len(paths) > 40
    for path in paths:
        errors = [finding for finding in found(path) if severity(finding) == "error"]
        assert errors == [], path


def test_each_code_of_the_parser_is_one_that_we_tell(data_folder):
    with (data_folder / "px/pcaxis_core_error_codes.csv").open(encoding="utf-8-sig") as stream:
        listed = {row[0].strip() for row in csv.reader(stream) if row}
    known = {code for keyword in keywords().values() for code in (keyword.missing, keyword.wrong) if code}
    known |= {code for code in parser.codes().values() if code.startswith("Pxc")}
    assert known == listed


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('UNITS("heads")="persons";', "PxcErr103"),
        ('STUB="";', "PxcErr106"),
        ('HEADING="";', "PxcErr107"),
        ('VALUES("job")="a";', "PxcErr108"),
        ('CODES("job")="a";', "PxcErr109"),
        ('NOTEX("job")="a";', "PxcErr111"),
        ('VALUENOTEX("profession","job")="a";', "PxcErr112"),
        ('CELLNOTEX("nurses")="a";', "PxcErr113"),
        ('CELLNOTEX("job","*","*")="a";', "PxcErrCellNoteValueMissing"),
        ('ELIMINATION("year")=PERHAPS;', "PxcErr115"),
        ('PARTITIONED("profession")="a";', "PxcErr117"),
        ('KEYS("job")=CODES;', "PxcErr121"),
        ('PRECISION("profession","nurses")=7;', "PxcErr123"),
        ('DOMAIN("job")="a";', "PxcErr124"),
        ("SHOWDECIMALS=x;", "PxcErr138"),
        ("COPYRIGHT=1;", "PxcErr142"),
        ('DAYADJ("head counts")=1;', "PxcErr143"),
        ('SEASADJ("heads")=NO;', "PxcErr144"),
        ('CONTACT("heads")="a";', "PxcErr146"),
        ('REFPERIOD("heads")="a";', "PxcErr147"),
        ('LAST-UPDATED("heads")="20260101 12:00";', "PxcErr149"),
        ('STOCKFA="T";', "PxcErr151"),
        ('CFPRICES="T";', "PxcErr152"),
        ('TIMEVAL("job")=TLIST(A1),"2022";', "PxcErr153"),
        ('BASEPERIOD("heads")="2020";', "PxcErr154"),
        ('PRESTEXT("profession")=4;', "PxcErr162"),
        ('MAP="a";', "PxcErr164"),
        ("AGGREGALLOWED=0;", "PxcErr166"),
        ("AUTOPEN=0;", "PxcErr167"),
        ('DOUBLECOLUMN("profession")=2;', "PxcErr168"),
        ("DESCRIPTIONDEFAULT=0;", "PxcErr169"),
        ('DATANOTE("job")="a";', "PxcErr176"),
        ('HIERARCHYLEVELSOPEN("job")=1;', "PxcErr201"),
        ('HIERARCHYLEVELS("job")=1;', "PxcErr202"),
        ('HIERARCHYNAMES("job")="a";', "PxcErr203"),
        ('HIERARCHIES("job")="a";', "PxcErr204"),
        ("OFFICIAL-STATISTICS=0;", "PxcErr205"),
        ('VALUE-TEXT-OPTION("job")="NoText";', "PxcErr300"),
    ],
)
def test_what_is_wrong_in_a_keyword_has_its_code_and_line(tmp_path, statement, code):
    word = re.match("[A-Z-]+", statement)[0]
    text = re.sub(rf"(?m)^{word}=.*\n", "", SOUND) if f"\n{word}=" in SOUND else SOUND
    line = text[: text.index("NOTE=")].count("\n") + 1
    told = edited(tmp_path, "NOTE=", f"{statement}\nNOTE=", text)
    assert (code, line) in [(one.values.get("core"), one.place.row) for one in told if severity(one) == "error"]


# what only deviates


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("=YES", "=yes"),
        ("\nDECIMALS=1", '\nDECIMALS="1"'),
        ('"20260101 12:00"', '"20260101"'),
        ('"20260101 12:00"', '"2026-01-01 12:00:00"'),
        ('"20260101 12:00"', '""'),
        ('UNITS="number"', 'UNITS=""'),
        ('SUBJECT-AREA="Health"', 'SUBJECT-AREA=""'),
        ("NOTE=", "OWN-KEYWORD=1;\nNOTE="),
        ("NOTE=", 'SOURCE[en]="Example agency";\nNOTE='),
        ("NOTE=", 'NOTE="And another.";\nNOTE='),
        ('CHARSET="ANSI";\n', ""),
        ("NOTE=", 'STOCKFA="X";\nNOTE='),
        ('CODES("measure")="HC","FTE";\n', ""),
        ('TIMEVAL("year")=TLIST(A1),"2022","2023"', 'TIMEVAL("year")=TLIST(A1)'),
        ("\n", "\r\n"),
        ("7 8 9 10\n;", "7 8 9 10"),
    ],
)
def test_small_deviations_of_other_agencies_are_no_errors(tmp_path, old, new):
    text = SOUND.replace("DATA=", 'CELLNOTE("*","*","*")="x";\nDATA=')
    assert [one for one in edited(tmp_path, old, new, text) if severity(one) == "error"] == []


def test_decimals_that_are_zeros_are_none_too_many(tmp_path):
    assert grave(edited(tmp_path, "5.5", "5.50")) == []
    assert (
        rules_of(edited(tmp_path, "DATA=", 'PRECISION("measure","head counts")=2;\nDATA=')).count("px-decimals-more")
        == 0
    )


def test_what_is_worth_knowing_is_told_beside(tmp_path):
    told = edited(tmp_path, 'DATASYMBOL2="not available";\n', 'PRECISION("measure","head counts")=1;\n')
    assert grave(told) == []
    assert {"px-symbol-unexplained", "px-precision-without-effect", "px-keywords-recommended"} == set(rules_of(told))
    assert "px-keys-form" in rules_of(found(CASES / "valid/keys.px"))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("MATRIX=", '"MATRIX"=', "px-statement-unreadable"),
        ("CODEPAGE=", 'NOTE="x";\n' * 100 + "CODEPAGE=", "px-codepage-late"),
        ("MATRIX=", ";\n" * 2000 + "MATRIX=", "px-head-given-up"),
    ],
)
def test_what_is_too_long_for_an_example(tmp_path, old, new, rule):
    told = rules_of(edited(tmp_path, old, new))
    assert rule in told
    assert rule != "px-head-given-up" or "px-keyword-missing" not in told


# one fault is one finding


@pytest.mark.parametrize("line", range(SOUND.count("\n", 0, SOUND.index("DATA="))))
def test_a_quotation_mark_in_a_text_is_one_error_on_its_line(tmp_path, line):
    lines = SOUND.splitlines()
    quoted = re.sub(r'"([^"])([^"])', r'"\1"\2', lines[line], count=1)
    if quoted == lines[line]:
        pytest.skip("there is no text in it")
    path = tmp_path / "stray.px"
    path.write_text("\n".join([*lines[:line], quoted, *lines[line + 1 :]]), encoding="utf-8")
    told = [one for one in found(path) if severity(one) == "error"]
    assert [(one.rule, one.place.row) for one in told] == [("px-quote-stray", line + 1)]


def test_what_is_said_of_one_unknown_variable_is_one_error(tmp_path):
    told = edited(tmp_path, 'STUB="profession"', 'STUB="job"')
    assert [(one.rule, one.count) for one in told if severity(one) == "error"] == [("px-variable-unknown", 3)]


def test_what_is_wrong_with_a_table_with_keys_is_told_once(tmp_path):
    text = (CASES / "valid/keys.px").read_text(encoding="utf-8")
    told = edited(tmp_path, '"LK","SJ","X"', '"LK","SJ","X","Y"', text)
    assert [one.rule for one in told if severity(one) == "error"] == ["px-codes-many"]


def test_of_many_equal_faults_some_are_told_and_all_are_counted(tmp_path):
    notes = "".join(f'VALUENOTE("profession","v{i}")="x";\n' for i in range(1000))
    told = [one for one in edited(tmp_path, "DATA=", notes + "DATA=") if one.rule == "px-value-unknown"]
    assert len(told) < 60
    assert sum(one.count for one in told) == 1000


@pytest.mark.parametrize("word", ["STUB", "HEADING"])
@pytest.mark.parametrize("named", ["profession", "year"])
def test_a_variable_that_is_named_twice_is_one_error_where_it_stands_again(tmp_path, word, named):
    line = next(line for line in SOUND.splitlines() if line.startswith(f"{word}="))
    told = grave(edited(tmp_path, line, f'{line[:-1]},"{named}";'))
    again = "STUB" if (word, named) == ("STUB", "profession") else "HEADING"
    at = SOUND[: SOUND.index(f"{again}=")].count("\n") + 1
    assert [(rule, row) for rule, _, row in told] == [("px-variable-repeated", at)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"physicians","nurses"', '"physicians" "nurses"'),
        ('"physicians"', '"phys""icians"'),
        ('"LK","SJ"', '"LK" "SJ"'),
        ('"measure","year"', '"measure" "year"'),
        ('"2022","2023";\nCODES', '"2022" "2023";\nCODES'),
        ('"Invented figures."', '"Invented" "figures."'),
    ],
)
def test_a_missing_comma_is_one_error(tmp_path, old, new):
    assert [rule for rule, *_ in grave(edited(tmp_path, old, new))] == ["px-comma-missing"]
    with pytest.raises(InputRefused) as refused:
        px.decode(tmp_path / "edited.px")
    assert rules_of(refused.value.findings) == ["px-comma-missing"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('VALUES("profession")="physicians","nurses","others"', 'VALUES("profession")=""'),
        ('VALUES("measure")="head counts","full-time equivalents"', 'VALUES("measure")=""'),
        ('VALUES("year")="2022","2023"', 'VALUES("year")=""'),
        ('STUB="profession"', 'STUB=""'),
        ('HEADING="measure","year"', 'HEADING=""'),
    ],
)
def test_an_empty_list_is_one_error(tmp_path, old, new):
    assert [rule for rule, *_ in grave(edited(tmp_path, old, new))] == ["px-text-empty"]


TWO = (CASES / "valid/two-languages.px").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ('"2022","2023"', 'TLIST(A1,"2022"-"2023")', []),
        ('"2022","2023"', 'TLIST(A1),"2022","2024"', ["px-timeval-differs", "px-translation-differs"]),
        ('"2022","2023"', 'TLIST(A1,"2023"-"2024")', ["px-timeval-differs", "px-translation-differs"]),
        # what is wrong in the first language is not held against the other
        ('"2022","2023"', 'TLIST(A1),"2022"', ["px-timeval-number"]),
        ('"2022","2023"', 'TLIST(A1,"2022"-"2024")', ["px-timeval-number"]),
    ],
)
def test_times_of_two_languages_are_compared_by_their_periods(tmp_path, old, new, rules):
    line = next(line for line in TWO.splitlines() if line.startswith("TIMEVAL("))
    assert old in line
    told = edited(tmp_path, line, f"{line.partition('=')[0]}={new};", TWO)
    assert [rule for rule, *_ in grave(told)] == rules


def test_codes_of_another_number_are_told_in_their_own_language(tmp_path):
    line = next(line for line in TWO.splitlines() if line.startswith("CODES("))
    told = edited(tmp_path, line, line.rpartition(",")[0] + ";", TWO)
    assert [rule for rule, *_ in grave(told)] == ["px-codes-number"]


def test_an_unknown_code_page_is_told_with_the_one_that_was_used(tmp_path):
    [told] = [one for one in edited(tmp_path, '"utf-8"', '"utf-9"') if one.rule == "px-codepage-unknown"]
    assert "was read as Windows-1252" in messages.text(told)
    text = SOUND.replace("Invented figures", "Påhittade siffror")
    [told] = [one for one in edited(tmp_path, '"utf-8"', '"utf-9"', text) if one.rule == "px-codepage-unknown"]
    assert "was read as utf-8" in messages.text(told)


def test_rows_with_keys_that_may_be_cut_are_refused_by_the_validator(tmp_path):
    text = (CASES / "valid/keys.px").read_text(encoding="utf-8")
    assert grave(edited(tmp_path, "4\n;\n", "4\n;\n\x1a\r\n", text)) == []
    assert [rule for rule, *_ in grave(edited(tmp_path, "4\n;\n", "4\n", text))] == ["px-keys-cut"]


@pytest.mark.parametrize("end", [";\r\n\x1a\r\n", "\x1a", ";"])
def test_the_end_of_a_dos_file_is_sound(tmp_path, end):
    assert grave(edited(tmp_path, "7 8 9 10\n;\n", f'7 8 9 ".."{end}')) == []


# hostile files


def listed(names: list[str]) -> str:
    return ",".join(f'"{name}"' for name in names)


def test_what_names_far_too_many_variables_is_not_looked_at(tmp_path):
    names = [f"v{i}" for i in range(20_000)]
    values = "".join(f'VALUES("{name}")="a";\n' for name in names)
    text = SOUND.replace('STUB="profession"', f"STUB={listed(names)}")
    told = edited(tmp_path, "DATA=", f"{values}DATA=", text)
    assert [one.rule for one in told if severity(one) == "error"] == ["px-variables-endless"]


def test_far_too_many_languages_are_not_looked_at(tmp_path):
    names = ["en", *(f"l{i}" for i in range(2000))]
    told = edited(tmp_path, "CREATION", f"LANGUAGES={listed(names)};\nCREATION")
    assert [one.rule for one in told if severity(one) == "error"] == ["px-languages-endless"]


def test_ranges_of_times_are_counted_but_not_made(tmp_path, monkeypatch):
    made = []
    periods = cube_module._periods

    def counted(scale: str, first: str) -> Any:
        for period in periods(scale, first):
            made.append(period)
            yield period

    monkeypatch.setattr(cube_module, "_periods", counted)
    days = 'TLIST(D1,"17500101"-"20230101")'
    ranges = "".join(f'TIMEVAL("v{i}")={days};\n' for i in range(100))
    told = edited(tmp_path, 'TIMEVAL("year")=TLIST(A1),"2022","2023";\n', f'TIMEVAL("year")={days};\n{ranges}')
    assert "px-timeval-number" in rules_of(told)
    assert len(made) < 2000


def test_a_statement_is_looked_up_and_not_looked_for(tmp_path, monkeypatch):
    levels = "".join(f'HIERARCHYLEVELS("z{i}")=1;\nHIERARCHYNAMES("z{i}")="x";\n' for i in range(2000))
    contents = "".join(f'CONTVARIABLE="measure";\nUNITS("z{i}")="x";\n' for i in range(2000))
    calls = []
    of = Head.of
    monkeypatch.setattr(Head, "of", lambda *args: calls.append(args) or of(*args))
    edited(tmp_path, "DATA=", levels + contents + "DATA=")
    assert len(calls) < 200


def test_many_unknown_variables_are_told_by_some(tmp_path):
    notes = "".join(f'VALUENOTE("z{i}","q")="x";\n' for i in range(5000))
    told = [one for one in edited(tmp_path, "DATA=", notes + "DATA=") if one.rule == "px-variable-unknown"]
    assert len(told) < 60
    assert sum(one.count for one in told) == 5000


def test_random_edits_of_real_files_raise_nothing(data_folder, tmp_path):
    names = (
        "scb/good/EXEMPEL2.PX",
        "scb/good/BE0101F1allakw.px",
        "scb/keys/BE0101F1symbnotkeys.px",
        "pxwebapi/tab4_fewcells.px",
    )
    sources = [(data_folder / "px" / name).read_bytes() for name in names]
    sources += [path.read_bytes() for path in sorted((CASES / "valid").iterdir())]
    chance = random.Random(7)
    path = tmp_path / "edited.px"
    pieces = [
        b'"',
        b";",
        b",",
        b"(",
        b")",
        b"[",
        b"]",
        b"=",
        b"\n",
        b" ",
        b"\xff",
        b"\0",
        b"#",
        b"DATA=",
        b"KEYS",
        b"9",
        b'"."',
        b"-",
    ]
    for _ in range(1000):
        content = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content))
            content[at : at + chance.choice((0, 1, 1, 5, 40))] = chance.choice(pieces)
        path.write_bytes(content)
        try:
            told = found(path)
        except InputRefused as refused:
            told = list(refused.findings)
        for finding in told:
            for lang in messages.LANGUAGES:
                said = messages.line(finding, lang)
                assert not re.search(r"\{[a-z_]+\}", said), finding
                assert "\n" not in said
                assert len(said) < 1000
        json.dumps([messages.as_json(finding) for finding in told])


# our own files


def test_a_code_of_no_rule_is_refused(tmp_path, monkeypatch):
    (tmp_path / "px").mkdir()
    text = (resources.packaged("schemas") / "px/parser.yaml").read_text(encoding="utf-8")
    (tmp_path / "px/parser.yaml").write_text(text.replace("px-order-wrong", "px-order-wrang"), encoding="utf-8")
    monkeypatch.setattr("nps_exchange.px_checks.parser.packaged", lambda _: tmp_path)
    parser.codes.cache_clear()
    try:
        with pytest.raises(ConfigurationRefused, match="there is no such rule"):
            parser.codes()
    finally:
        parser.codes.cache_clear()


@pytest.mark.parametrize(
    ("scale", "sound", "wrong"),
    [
        ("A1", "2022", "22"),
        ("H1", "20222", "20223"),
        ("Q1", "20224", "20225"),
        ("M1", "202212", "202213"),
        ("W1", "202253", "202254"),
        ("D1", "20221231", "20221232"),
    ],
)
def test_periods_are_written_as_their_scale_says(scale, sound, wrong):
    pattern = times.scales()[scale].pattern
    assert pattern.fullmatch(sound)
    assert not pattern.fullmatch(wrong)


# as a file that is checked


@pytest.fixture(scope="module")
def known() -> Known:
    there = resources.load()
    return Known(there, [], [], struval.load(there))


def as_file(folder: Path, name: str, content: bytes, known: Known) -> FileReport:
    path = folder / name
    path.write_bytes(content)
    return validate(str(path), known)


@pytest.mark.parametrize("name", ["table.px", "TABLE.PX", "table.txt", "table"])
def test_a_px_file_is_known_by_its_first_statement(tmp_path, known, name):
    report = as_file(tmp_path, name, SOUND.encode(), known)
    assert (report.format, report.dataset, report.errors, report.usable) == ("px", "EX01", 0, True)
    assert {one.place.file for one in report.findings} == {name}


def test_a_packed_px_file_is_read(tmp_path, known):
    report = as_file(tmp_path, "table.px.gz", gzip.compress(SOUND.encode()), known)
    assert (report.format, report.dataset, report.errors) == ("px", "EX01", 0)


def test_a_px_file_without_a_name_of_its_own_is_one(tmp_path, known):
    report = as_file(tmp_path, "table.px", SOUND.replace('MATRIX="EX01";\n', "").encode(), known)
    assert (report.dataset, report.usable, report.errors) == ("px", True, 1)


@pytest.mark.parametrize(
    ("name", "content", "rule", "said"),
    [
        ("t.px", b"", "file-empty", ""),
        ("t.px", b" \r\n", "file-empty", ""),
        ("t.px", SOUND.encode("utf-16"), "px-file-not-text", "UTF-16"),
        ("t.px", b"CHARSET\0\1\2", "file-not-text", ""),
        ("t.px", b"<!DOCTYPE html><html></html>", "file-misnamed", ".html"),
        ("t.px", b"<error>503</error>", "file-misnamed", ".xml"),
        ("t.px", b'{"error": 404}', "file-misnamed", ".json"),
        ("t.PX", b"PK\3\4 and so on", "file-misnamed", ".zip"),
        ("t.px", gzip.compress(SOUND.encode()), "file-misnamed", ".px.gz"),
        ("t.px.gz", gzip.compress(SOUND.encode())[:60], "file-truncated", ""),
        ("t.px", b"VAR,UNIT,COU\r\nA,B,C\r\n", "px-not-px", ""),
        ("t.csv", SOUND.encode(), "file-misnamed", ".px"),
    ],
)
def test_what_is_no_px_file_is_told(tmp_path, known, name, content, rule, said):
    report = as_file(tmp_path, name, content, known)
    assert rules_of(report.findings) == [rule]
    assert not report.usable
    assert said in messages.line(report.findings[0])


def test_a_head_without_end_is_refused(tmp_path, known, monkeypatch):
    monkeypatch.setattr("nps_exchange.formats.px.heads.LONGEST", 500)
    report = as_file(tmp_path, "t.px", SOUND[: SOUND.index("DATA=")].encode(), known)
    assert rules_of(report.findings) == ["px-head-too-long"]


def test_a_px_file_is_not_what_the_user_says_it_is(tmp_path, known):
    report = as_file(tmp_path, "t.px", SOUND.encode(), replace(known, dataset="oecd/reac-emp"))
    assert rules_of(report.findings) == ["file-not-of-dataset"]


def test_a_px_file_is_not_held_against_an_sdmx_structure(tmp_path, known):
    structure: Any = object()
    report = as_file(tmp_path, "t.px", SOUND.encode(), replace(known, structure=structure))
    assert "px-structure-not-held" in rules_of(report.findings)


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_finding_shows_the_code_of_the_parser_and_the_line(lang):
    path = CASES / "invalid/quote-in-text.px"
    result = CliRunner().invoke(main, ["validate", str(path), "--lang", lang])
    assert result.exit_code == 1
    assert "[PCAxis.Core PxcErr131]" in result.output
    assert {"en": "line 8, column MATRIX", "sv": "rad 8, kolumn MATRIX"}[lang] in result.output
    told = json.loads(CliRunner().invoke(main, ["validate", str(path), "--json"]).output)
    assert [one["core"] for one in told["files"][0]["findings"] if "core" in one] == ["PxcErr131"]


def test_codes_that_are_repeated_as_they_are_leave_the_table_known(tmp_path):
    line = next(line for line in SOUND.splitlines(keepends=True) if line.startswith("CODES("))
    findings = edited(tmp_path, line, line * 2)
    assert [rule for rule, *_ in grave(findings)] == ["px-statement-repeated"]
    assert px.decode(tmp_path / "edited.px")

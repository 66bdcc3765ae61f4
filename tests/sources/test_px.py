"""A delivered PX file is the same table as its JSON-stat: labels, codes, figures, symbols and marks, each in its row."""

import gzip
import itertools
import json
import shutil
from collections.abc import Sequence
from decimal import Decimal
from math import prod
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nps_exchange import exchange
from nps_exchange.cli import main
from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import Px, encode
from nps_exchange.messages import text
from nps_exchange.model import Finding
from nps_exchange.resources import EXAMPLES
from nps_exchange.run import run
from nps_exchange.sources import Sheet, jsonstat, px, reader
from nps_exchange.sources.description import Description

from ..formats.px.pxs import SMALL, pxs
from .conftest import Answer, Describe, Read
from .test_jsonstat import dataset

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

HEAD = """CHARSET="ANSI";
AXIS-VERSION="2013";
CODEPAGE="utf-8";
LANGUAGE="sv";
DECIMALS=0;
MATRIX="INV1";
SUBJECT-CODE="HS";
SUBJECT-AREA="Hälso- och sjukvård";
TITLE="Legitimerade efter yrke, kön och år";
CONTENTS="Legitimerade";
UNITS="antal";
"""
DELIVERED = f"""{HEAD}STUB="yrke","kön";
HEADING="år";
VARIABLECODE("yrke")="Yrke";
VARIABLECODE("år")="Tid";
VALUES("yrke")="Läkare","Barnmorskor";
VALUES("kön")="Kvinnor","Män";
VALUES("år")="2022","2023";
TIMEVAL("år")=TLIST(A1),"2022","2023";
CODES("yrke")="LK","BM";
CODES("kön")="K","M";
DATASYMBOL2="uppgift saknas";
DATASYMBOLNIL="inget finns att redovisa";
DATANOTECELL("BM","*","2023")="B";
DATANOTECELL("BM","M","2023")="E";
DATA=
20100 20311
19876 ".."
7601 7655.0
"-" "-"
;
"""
DESCRIPTION = """columns:
  - {heading: yrke, to: profession}
  - {heading: Yrke (code), ignore: the label is read}
  - {heading: kön, to: sex}
  - {heading: kön (code), ignore: the label is read}
  - {heading: år, to: year}
  - {heading: Tid (code), ignore: the label is read}
  - {heading: value, to: value}
  - {heading: status, to: obs_status}
fix: {measure: stock, unit: persons, activity: licensed}
rest: total
symbols: {"..": {obs_status: O}, "-": zero}
"""
Key = tuple[str, ...]


def sheet(folder: Path, content: str | bytes) -> Sheet:
    path = folder / "a.px"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (one,) = px.sheets(path)
    return one


def cells(folder: Path, content: str | bytes) -> list[list[Any]]:
    """The cells of all rows, which are numbered from 1."""
    rows = list(sheet(folder, content).rows())
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    return [row for _, row in rows]


def refused(folder: Path, content: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(InputRefused) as error:
        cells(folder, content)
    assert {finding.place.file for finding in error.value.findings} == {"a.px"}
    return error.value.findings


def line_of(content: str, beginning: str) -> int:
    return next(i for i, line in enumerate(content.splitlines(), 1) if line.startswith(beginning))


def as_px(content: dict[str, Any]) -> str:
    """A JSON-stat dataset as PxWeb would write it as PX, the last dimension in the heading."""
    found = [HEAD]
    variables = {one: content["dimension"][one] for one in content["id"]}
    labels = [variable["label"] for variable in variables.values()]
    found.append(f"STUB={_listed(labels[:-1])};\n" if labels[1:] else "")
    found.append(f"HEADING={_listed(labels[-1:])};\n")
    codes = []
    for (one, variable), label in zip(variables.items(), labels, strict=True):
        category = variable["category"]
        codes.append(sorted(category["index"], key=category["index"].__getitem__))
        found.append(f'VARIABLECODE("{label}")="{one}";\n')
        found.append(f'VALUES("{label}")={_listed([category["label"][code] for code in codes[-1]])};\n')
        found.append(f'CODES("{label}")={_listed(codes[-1])};\n')
    values, status = content["value"], content.get("status", {})
    for i, key in enumerate(itertools.product(*codes)):
        if values[i] is not None and str(i) in status:
            found.append(f'DATANOTECELL({_listed(key)})="{status[str(i)]}";\n')
    figures = [
        f'"{status.get(str(i), "..")}"' if value is None else f"{Decimal(str(value)):f}"
        for i, value in enumerate(values)
    ]
    return "".join([*found, "DATA=\n", " ".join(figures), "\n;\n"])


def _listed(texts: Sequence[str]) -> str:
    return ",".join(f'"{one}"' for one in texts)


def told(answer: Answer) -> dict[Key, tuple[Any, str]]:
    """The national table: value and status by profession, sex and year."""
    return {(row["profession"], row["sex"], row["year"]): (row["value"], row["obs_status"]) for row in answer.rows}


def test_a_delivered_table_becomes_rows_of_the_national_table(read: Read, describe: Describe) -> None:
    answer = read({"legitimerade.px": DELIVERED}, [describe(DESCRIPTION)])
    assert (answer.refused, answer.rules) == (False, [])
    assert told(answer) == {
        ("LK", "F", "2022"): (Decimal(20100), ""),
        ("LK", "F", "2023"): (Decimal(20311), ""),
        ("LK", "M", "2022"): (Decimal(19876), ""),
        ("LK", "M", "2023"): (None, "O"),
        ("BM", "F", "2022"): (Decimal(7601), ""),
        ("BM", "F", "2023"): (Decimal(7655), "B"),
        ("BM", "M", "2022"): (Decimal(0), ""),
        ("BM", "M", "2023"): (Decimal(0), "E"),
    }
    places = {(row["file"], row["sheet"], row["row"], row["column"]) for row in answer.rows}
    assert places == {("legitimerade.px", "", str(row), "G") for row in range(2, 10)}


def test_headings_are_the_names_and_the_codes_of_variables(tmp_path: Path) -> None:
    headings, first, *_ = cells(tmp_path, DELIVERED)
    assert headings == ["yrke", "Yrke (code)", "kön", "kön (code)", "år", "Tid (code)", "value", "status"]
    # Without CODES, a time has its TIMEVAL for a code.
    assert first == ["Läkare", "LK", "Kvinnor", "K", "2022", "2022", 20100, None]


def test_cells_are_in_row_major_order_and_are_read_afresh(tmp_path: Path) -> None:
    found = sheet(tmp_path, DELIVERED)
    rows = list(found.rows())
    assert [(row[1], row[3], row[5]) for _, row in rows[1:]] == list(
        itertools.product(("LK", "BM"), ("K", "M"), ("2022", "2023"))
    )
    assert [row[6] for _, row in rows[1:]] == [20100, 20311, 19876, "..", 7601, 7655.0, "-", "-"]
    assert list(found.rows()) == rows == found.head()


def test_symbols_are_what_the_description_says_and_missing_is_not_zero(read: Read, describe: Describe) -> None:
    def value(symbol: str, meaning: str) -> list[Any]:
        content = DELIVERED.replace('"-" "-"', "1 1").replace('".."', f'"{symbol}"')
        own = DESCRIPTION[: DESCRIPTION.index("symbols")] + f'symbols: {{"{symbol}": {meaning}}}\n'
        answer = read({"a.px": content}, [describe(own)])
        assert answer.rules == []
        return [value for key, (value, _) in told(answer).items() if key == ("LK", "M", "2023")]

    assert value("-", "zero") == [Decimal(0)]
    assert value("-", "{obs_status: O}") == [None]
    assert value(".", "none") == []
    assert value(".......", "{obs_status: O}") == [None]


@pytest.mark.parametrize(
    ("mark", "statuses"),
    # Provisional is no reason why there is no figure, and takes none away; that it cannot exist is one, and the better.
    [("", "M"), ("P", "M,P"), ("O", "O"), ("L", "L")],
)
def test_a_mark_beside_a_symbol_leaves_its_reason(read: Read, describe: Describe, mark: str, statuses: str) -> None:
    content = DELIVERED.replace("\nDATA=", f'\nDATANOTECELL("LK","M","2023")="{mark}";\nDATA=' if mark else "\nDATA=")
    own = DESCRIPTION.replace("{obs_status: O}", "{obs_status: M}")
    answer = read({"a.px": content}, [describe(own)])
    assert answer.rules == []
    assert told(answer)["LK", "M", "2023"] == (None, statuses)


def test_a_symbol_that_nobody_explains_is_told_with_its_row(read: Read, describe: Describe) -> None:
    answer = read({"a.px": DELIVERED.replace('".."', '"..."')}, [describe(DESCRIPTION)])
    (finding,) = answer.findings
    assert answer.refused and finding.rule == "value-unreadable"
    assert (finding.place.file, finding.place.row, finding.place.column) == ("a.px", 5, "G")
    assert finding.values["text"] == "..."


@pytest.mark.parametrize("decimal", [",", "."])
def test_numbers_are_numbers_whatever_the_decimal_mark(read: Read, describe: Describe, decimal: str) -> None:
    content = DELIVERED.replace("20100 20311", "+2.5 -0.125").replace("19876", "1e3")
    own = describe(DESCRIPTION.replace("unit: persons", "unit: fte") + f"decimal: '{decimal}'\n")
    answer = read({"a.px": content.replace("-0.125", "0.125")}, [own])
    assert answer.rules == []
    figures = told(answer)
    assert figures[("LK", "F", "2022")][0] == Decimal("2.5")
    assert figures[("LK", "F", "2023")][0] == Decimal("0.125")
    assert figures[("LK", "M", "2022")][0] == Decimal(1000)
    refused = read({"a.px": content}, [own])
    assert refused.rules == ["value-negative"]


def test_a_number_of_any_length_is_read_or_told(read: Read, describe: Describe) -> None:
    for number in ("9" * 5000, "9" * 19, "1e400", "0." + "1" * 5000):
        answer = read({"a.px": DELIVERED.replace("20100", number)}, [describe(DESCRIPTION)])
        assert answer.refused or len(answer.rows) == 8


@few
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_the_same_table_as_json_stat_and_as_px_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("same")
    value = st.one_of(st.none(), st.integers(0, 10**12), st.integers(0, 10**6).map(lambda n: n / 4))
    values = data.draw(st.lists(value, min_size=prod(sizes), max_size=prod(sizes)))
    flags = data.draw(st.dictionaries(st.sampled_from(range(prod(sizes))).map(str), st.sampled_from(["p", "b", "p,b"])))
    status = {str(i): ".." for i, one in enumerate(values) if one is None}
    status |= {i: flag for i, flag in flags.items() if values[int(i)] is not None}
    content = dataset(sizes, values, status=status)
    (folder / "a.json").write_text(json.dumps(content), encoding="utf-8")
    (other,) = jsonstat.sheets(folder / "a.json")
    assert cells(folder, as_px(content)) == [row for _, row in other.rows()]


def test_the_same_table_as_json_stat_and_as_px_gives_the_same_national_table(
    read: Read, packaged_descriptions: list[Description]
) -> None:
    content = (EXAMPLES / "sweden" / "folkmangd_31_december_1994-2018.json").read_bytes()
    one = read({"folkmangd.json": content}, packaged_descriptions)
    other = read({"folkmangd.px": as_px(json.loads(content))}, packaged_descriptions)
    assert one.rules == other.rules == [] and one.rows
    assert [row | {"file": ""} for row in one.rows] == [row | {"file": ""} for row in other.rows]


def test_a_run_with_a_px_delivery_gives_the_same_files(tmp_path: Path, examples: dict[str, Path]) -> None:
    folder = tmp_path / "delivery"
    shutil.copytree(EXAMPLES / "sweden", folder)
    (old,) = folder.glob("folkmangd*.json")
    old.with_suffix(".px").write_text(as_px(json.loads(old.read_bytes())), encoding="utf-8")
    old.unlink()
    settings_ = folder / "exchange.yaml"
    settings_.write_text(settings_.read_text(encoding="utf-8").replace(old.name, old.with_suffix(".px").name), "utf-8")
    run(exchange.completed(exchange.from_folder(folder), bodies=("oecd",)), tmp_path / "out")
    made = sorted((tmp_path / "out" / "oecd").glob("*.csv"))
    assert made
    for path in made:
        assert path.read_bytes() == (examples["sweden"] / "oecd" / path.name).read_bytes()


def test_a_broken_delivery_stops_the_run_and_is_told_by_line_and_keyword(tmp_path: Path) -> None:
    path = tmp_path / "legitimerade.px"
    path.write_text(DELIVERED.replace('VALUES("kön")="Kvinnor","Män";', 'VALUES("kön")="Kvinnor,"Män";'), "utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["run", str(path), "--year", "2023", "--out", str(out), "--lang", "sv"])
    assert done.exit_code == 3, done.output
    assert isinstance(done.exception, SystemExit)
    line = line_of(DELIVERED, 'VALUES("kön")')
    assert f"legitimerade.px, rad {line}" in done.output and 'VALUES("kön")' in done.output
    assert not out.exists()


@pytest.mark.parametrize(
    ("old", "new", "rule", "beginning", "column"),
    [
        ('"Läkare","Barnmorskor"', '"Läkare"', "px-codes-number", 'CODES("yrke")', 'CODES("yrke")'),
        ('VALUES("kön")="Kvinnor","Män";\n', "", "px-values-missing", "STUB", "STUB"),
        ('"-" "-"', '"-"', "px-cells-number", '"-" "-"', "DATA"),
        ('"-" "-"', '"-" "-" 1', "px-cells-number", '"-" "-"', "DATA"),
        ("20100", "tjugo", "px-cell-unreadable", "20100", "DATA"),
        ('".."', "........", "px-cell-unreadable", "19876", "DATA"),
        ("20100 20311", "20100,,20311", "px-cell-empty", "20100", "DATA"),
        ('TITLE="', 'TITLE="a"b', "px-quote-stray", "TITLE", "TITLE"),
        (
            '("BM","*","2023")',
            '("XX","*","2023")',
            "px-cell-code-unknown",
            'DATANOTECELL("BM","*"',
            'DATANOTECELL("XX","*","2023")',
        ),
        ('("BM","*","2023")', '("BM","2023")', "px-keys-wrong", 'DATANOTECELL("BM","*"', 'DATANOTECELL("BM","2023")'),
    ],
)
def test_what_leaves_the_table_unknown_is_told_by_line_and_keyword(
    tmp_path: Path, old: str, new: str, rule: str, beginning: str, column: str
) -> None:
    assert old in DELIVERED
    finding = refused(tmp_path, DELIVERED.replace(old, new))[0]
    assert (finding.rule, finding.place.row) == (rule, line_of(DELIVERED, beginning))
    assert finding.place.column == column
    for language in ("sv", "en"):
        assert "{" not in text(finding, language)


def test_all_faults_of_all_files_are_told_at_once(read: Read, describe: Describe) -> None:
    broken = DELIVERED.replace('"-" "-"', '"-"')
    answer = read({"a/x.px": broken, "b/x.px": broken, "c.px": ""}, [describe(DESCRIPTION)])
    assert [(finding.rule, finding.place.file) for finding in answer.findings] == [
        ("px-cells-number", "a/x.px"),
        ("px-cells-number", "b/x.px"),
        ("file-empty", "c.px"),
    ]


def test_a_bilingual_file_is_read_in_its_default_language(tmp_path: Path) -> None:
    encode(SMALL, tmp_path / "two.px")
    (one,) = px.sheets(tmp_path / "two.px")
    headings, first, *_ = (row for _, row in one.rows())
    assert headings == ["profession", "profession (code)", "year", "year (code)", "value", "status"]
    assert first == ["physicians", "AT", "2021", "2021", 1, None]


def test_marks_of_another_language_are_not_those_of_the_table(tmp_path: Path) -> None:
    content = DELIVERED.replace('LANGUAGE="sv";', 'LANGUAGE="sv";\nLANGUAGES="sv","en";')
    content = content.replace('DATANOTECELL("BM","*"', 'DATANOTECELL[en]("BM","*"').replace(
        'DATANOTECELL("BM","M"', 'DATANOTECELL[sv]("BM","M"'
    )
    assert [row[-1] for row in cells(tmp_path, content)[1:]] == [None] * 7 + ["E"]


def test_a_mark_may_name_a_value_by_its_text(tmp_path: Path) -> None:
    content = DELIVERED.replace('("BM","M","2023")', '("Barnmorskor"," M ","2023")')
    assert [row[-1] for row in cells(tmp_path, content)[1:]] == [None] * 5 + ["B", None, "E"]


def test_a_line_break_in_a_text_is_a_blank(tmp_path: Path) -> None:
    headings, first, *_ = cells(
        tmp_path, DELIVERED.replace('"kön"', '"kön#(juridiskt)"').replace('"Läkare"', '"Leg.#läkare"')
    )
    assert headings[2:4] == ["kön (juridiskt)", "kön (juridiskt) (code)"]
    assert first[0] == "Leg. läkare"


def test_variables_without_codes_have_their_texts_for_codes(tmp_path: Path) -> None:
    content = DELIVERED.replace('CODES("kön")="K","M";\n', "").replace('"BM","M"', '"BM","Män"')
    found = cells(tmp_path, content)[1:]
    assert [row[3] for row in found[:4]] == ["Kvinnor", "Kvinnor", "Män", "Män"]
    assert found[-1][-1] == "E"


def test_rows_that_the_form_with_keys_leaves_out_are_zeros(tmp_path: Path) -> None:
    keys = 'KEYS("yrke")=CODES;\nKEYS("kön")=VALUES;\nDATA=\n'
    content = DELIVERED[: DELIVERED.index("DATA=")] + keys + '"BM","Män" 4 5\n"LK","Kvinnor" ".." 7\n;\n'
    assert [row[6] for row in cells(tmp_path, content)[1:]] == ["..", 7, 0, 0, 0, 0, 4, 5]


def test_a_table_without_stub_or_without_heading(tmp_path: Path) -> None:
    whole = DELIVERED.replace('HEADING="år";\n', "").replace('STUB="yrke","kön"', 'STUB="yrke","kön","år"')
    other = DELIVERED.replace('HEADING="år"', 'HEADING="yrke","kön","år"').replace('STUB="yrke","kön";\n', "")
    assert cells(tmp_path, whole) == cells(tmp_path, other) == cells(tmp_path, DELIVERED)


@pytest.mark.parametrize("page", ["iso-8859-1", "cp1252", "utf-8", "cp850"])
@pytest.mark.parametrize("ending", [".px", ".PX", ".px.gz"])
def test_a_file_is_read_in_its_code_page_compressed_or_not(tmp_path: Path, page: str, ending: str) -> None:
    content = DELIVERED.replace('CODEPAGE="utf-8"', f'CODEPAGE="{page}"').encode(page)
    path = tmp_path / f"å b{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    (one,) = reader(path)(path)
    assert [row for _, row in one.rows()] == cells(tmp_path, DELIVERED)


@few
@given(pxs())
def test_every_table_that_can_be_written_is_read(tmp_path_factory: pytest.TempPathFactory, table: Px) -> None:
    path = tmp_path_factory.mktemp("any") / "a.px"
    rows = [list(row) for row in table.rows]
    encode(Px(table.statements, rows), path)
    (one,) = px.sheets(path)
    meant = [cell if not cell.strip(".-") else float(cell) for row in rows for cell in row]
    assert [row[-2] for _, row in one.rows()][1:] == meant


@few
@given(st.data())
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = DELIVERED.encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    strange = data.draw(
        st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b";", b"=", b"#", b",,", b"DATA=", b"\0"]))
    )
    try:
        cells(folder, content[:start] + strange + content[end:])
    except InputRefused as error:
        assert error.findings
        for finding in error.findings:
            assert text(finding, "sv") and str(folder) not in str(finding)


def test_real_files_of_statistics_sweden(data_folder: Path) -> None:
    path = data_folder / "px" / "pxwebapi" / "TAB001.px"
    if not path.is_file():
        pytest.skip(f"the file is absent: {path}")
    (one,) = px.sheets(path)
    headings, *rows = (row for _, row in one.rows())
    names = ("region", "REGION", "sex", "SEX", "age", "AGE", "contents", "ContentsCode", "year", "TIME")
    assert headings == [f"{name} (code)" if i % 2 else name for i, name in enumerate(names)] + ["value", "status"]
    assert len(rows) == 30 * 3 * 22 * 1 * 3
    figures = {tuple(row[1:10:2]): row[10] for row in rows}
    assert set(map(type, figures.values())) == {int, str}
    sweden = {key[1]: value for key, value in figures.items() if (key[0], key[2], key[4]) == ("SE", "TOTAL", "2001")}
    assert sweden["F"] + sweden["M"] == sweden["T"] > 8_000_000


def test_every_real_file_is_read_or_told(data_folder: Path) -> None:
    folder = data_folder / "px"
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".px")
    if not paths:
        pytest.skip(f"the folder is absent: {folder}")
    for path in paths:
        try:
            (one,) = px.sheets(path)
        except InputRefused as error:
            assert path.parent.name == "fatal", path.name
            assert all(finding.place.file == path.name for finding in error.findings)
            continue
        assert len({len(row) for _, row in one.rows()}) == 1

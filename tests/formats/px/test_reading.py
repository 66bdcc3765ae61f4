"""A PX file is read as far as it can be, and decoded where it leaves no doubt; real files, broken files, cut files."""

import gzip
import itertools
import random
import warnings

import pytest

from nps_exchange import messages
from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import heads, reading
from nps_exchange.formats.px.cube import cube
from nps_exchange.formats.px.document import Statement

SMALL = """\
CHARSET="ANSI";
CODEPAGE="utf-8";
LANGUAGE="sv";
MATRIX="INV01";
TITLE="Läkare och sjuksköterskor";
STUB="yrke","kön";
HEADING="år";
VALUES("yrke")="läkare","sjuksköterskor";
VALUES("kön")="män","kvinnor";
VALUES("år")="2021","2022","2023";
CODES("yrke")="LK","SJ";
DATA=
1 2 3
4.5 ".." -6
7 8 "-"
10 11 12
;
"""
ROWS = [["1", "2", "3"], ["4.5", "..", "-6"], ["7", "8", "-"], ["10", "11", "12"]]


def file(folder, content=SMALL, name="t.px"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def refusal(path):
    with pytest.raises(InputRefused) as refused:
        reading.decode(path)
    for finding in refused.value.findings:
        assert finding.place.file == path.name
        assert messages.line(finding, "sv") and messages.line(finding, "en")
    return [(finding.rule, finding.place.row, finding.place.column) for finding in refused.value.findings]


def changed(*pairs):
    text = SMALL
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def all_rows(px):
    return [list(row) for row in px.rows]


# one table in many forms


def test_a_file_as_it_is(tmp_path):
    found = reading.read(file(tmp_path))
    assert [one.keyword for one in found.statements][:3] == ["CHARSET", "CODEPAGE", "LANGUAGE"]
    assert found.statements[-1] == Statement("CODES", ("LK", "SJ"), "", ("yrke",))
    assert (found.page.name, found.page.lies, found.faults, found.long_lines) == ("utf-8", False, (), ())
    assert (found.data_line, found.number(), found.keyed) == (12, (12, 16), False)
    assert list(found.rows(3)) == list(found.rows(3)) == ROWS
    assert list(found.rows(5))[-1] == ["11", "12"]


@pytest.mark.parametrize(
    "content",
    [
        SMALL,
        SMALL.replace("\n", "\r\n"),
        SMALL.replace("\n", "\r"),
        "\ufeff" + SMALL,
        "\n \n" + SMALL,
        SMALL.replace("DATA=\n", "DATA=").replace("\n;", ";"),
        SMALL.replace("DATA=\n", "  DATA \t = ").replace("\n;", "\n"),
        SMALL.replace(";\nDATA=\n", ";DATA="),
        SMALL.replace("DATA=", "Data="),
        SMALL.replace(";\nDATA=\n", ";data ="),
        SMALL + "\x1a\r\n",
        SMALL.replace(';\nDATA=\n1 2 3\n4.5 ".."', ';\nDATA=1,2,3,4.5,"..",'),
        SMALL.replace("VALUES", "values").replace("\nTITLE", '\nNOTE="x;DATA=1";TITLE'),
        SMALL.replace("LANGUAGE", 'NOTE("DATA=")="METADATA=1";\nLANGUAGE'),
        SMALL.replace('"Läk', '\n"Lä"\n  "k'),
        SMALL.replace("utf-8", "iso-8859-1").encode("iso-8859-1"),
        SMALL.replace("utf-8", "iso-8859-1").encode("utf-8"),
        SMALL.replace('CODEPAGE="utf-8";\n', "").encode("cp1252"),
        SMALL.replace('CHARSET="ANSI";\nCODEPAGE="utf-8";\n', "").encode("cp850"),
        gzip.compress(SMALL.encode("utf-8")),
    ],
)
def test_the_same_table(content, tmp_path):
    px = reading.decode(file(tmp_path, content))
    assert all_rows(px) == ROWS
    found = cube(px.statements)
    assert found.variables[1].values == {"sv": ("män", "kvinnor")}
    assert px.first("TITLE").text == "Läkare och sjuksköterskor"


def test_statements_come_in_the_recommended_order(tmp_path):
    px = reading.decode(file(tmp_path, changed(("TITLE", 'OWN="x";\nTITLE'))))
    assert [one.keyword for one in px.statements[:4]] == ["CHARSET", "CODEPAGE", "LANGUAGE", "MATRIX"]
    assert px.statements[-1] == Statement("OWN", ("x",))


@pytest.mark.parametrize(
    ("declared", "encoding", "told"),
    [
        ('CODEPAGE="iso-8859-1";', "utf-8", "utf-8"),
        ('CODEPAGE="utf-8";', "cp1252", "Windows-1252"),
        ('CODEPAGE="no such page";', "cp1252", "Windows-1252"),
        ("", "cp1252", "Windows-1252"),
        ("", "utf-8", "utf-8"),
        ('CODEPAGE="ISO-8859-1";', "iso-8859-1", "ISO-8859-1"),
    ],
)
def test_codepage_is_what_the_file_is_in(declared, encoding, told, tmp_path):
    px = reading.decode(file(tmp_path, changed(('CODEPAGE="utf-8";', declared)).encode(encoding)))
    assert [one.values for one in px.statements if one.keyword == "CODEPAGE"] == [(told,)]


def test_without_need_no_codepage_is_added(tmp_path):
    text = changed(('CODEPAGE="utf-8";\n', "")).replace("ä", "a").replace("ö", "o").replace("å", "a")
    assert reading.decode(file(tmp_path, text)).first("CODEPAGE") is None


# with KEYS


def keyed(codes):
    head, _, _ = SMALL.partition("DATA=")
    first = ["LK", "SJ"] if codes else ["läkare", "sjuksköterskor"]
    head += f'KEYS("yrke")={"codes" if codes else "VALUES"};\nKEYS("kön")=VALUES;\nDATA=\n'
    return head + f'"{first[1]}","män",7 8 "-"\n"{first[0]}","kvinnor",4.5 ".." -6;\n'


@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("page", ["utf-8", "cp1252"])
def test_a_table_with_keys_comes_as_any_other(codes, page, tmp_path):
    path = file(tmp_path, keyed(codes).replace("utf-8", page).encode(page))
    px = reading.decode(path)
    assert all_rows(px) == [["0", "0", "0"], ROWS[1], ROWS[2], ["0", "0", "0"]]
    assert not any(one.keyword == "KEYS" for one in px.statements)
    found = reading.read(path)
    assert (found.keyed, list(found.rows(3))) == (True, [["0", "0", "0"], ROWS[1], ROWS[2], ["0", "0", "0"]])


def test_a_fault_in_rows_with_keys_is_refused_at_once(tmp_path):
    assert refusal(file(tmp_path, keyed(False).replace('"män",7', '"man",7'))) == [("px-keys-unknown", 15, "DATA")]
    # Without its last row it would be a table all the same, with zeros there.
    cut = keyed(False).rpartition('"läkare"')[0]
    assert refusal(file(tmp_path, cut)) == [("px-keys-cut", 16, "DATA")]
    assert refusal(file(tmp_path, cut + "\x1a\r\n")) == [("px-keys-cut", 17, "DATA")]
    broken = reading.read(file(tmp_path, keyed(False).replace('VALUES("kön")', 'VALUES("x")')))
    with pytest.raises(InputRefused):
        list(broken.rows(3))


# what is refused


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("10 11 12\n", "", ("px-cells-number", 15, "DATA")),
        ("10 11 12", "10 11", ("px-cells-number", 16, "DATA")),
        ("10 11 12", "10 11 12 13", ("px-cells-number", 16, "DATA")),
        ("4.5", "4,5", ("px-cells-number", 16, "DATA")),
        ("4.5", "4 500,0", ("px-cells-number", 16, "DATA")),
        ('1 2 3\n4.5 ".." -6\n7 8 "-"\n10 11 12\n', "", ("px-cells-number", 12, "DATA")),
        ("10 11", "10 n.a.", ("px-cell-unreadable", 16, "DATA")),
        ("10 11", "10,,11", ("px-cell-empty", 16, "DATA")),
        ('".."', "........", ("px-cell-unreadable", 14, "DATA")),
        ("12\n;\n", '12\n;\nNOTE="x";\n', ("px-data-continued", 18, "DATA")),
        ("12\n;\n", "1", ("px-data-cut", 16, "DATA")),
        ("DATA=", "DATUM=", ("px-data-missing", None, "DATA")),
        ('STUB="yrke","kön";\nHEADING="år";\n', "", ("px-stub-missing", None, "")),
        ('VALUES("år")', 'VALUES("ar")', ("px-values-missing", 7, "HEADING")),
        ('"LK","SJ"', '"LK"', ("px-codes-number", 11, 'CODES("yrke")')),
        ('"LK","SJ"', '"LK,"SJ"', ("px-quote-stray", 11, 'CODES("yrke")')),
        ('STUB="yrke",', 'STUB="yr"ke",', ("px-quote-stray", 6, "STUB")),
        ('sköterskor";\nSTUB', "sköterskor;\nSTUB", ("px-text-unclosed", 5, "TITLE")),
        ('"SJ";', '"SJ"', ("px-semicolon-missing", 11, 'CODES("yrke")')),
        ('"läkare",', '"läkare" ', ("px-comma-missing", 8, 'VALUES("yrke")')),
        ('"Läkare och', '"Läk""are" "och', ("px-comma-missing", 5, "TITLE")),
        ('"LK",', '"LK" ', ("px-comma-missing", 11, 'CODES("yrke")')),
        ('STUB="yrke",', 'STUB="yrke" ', ("px-comma-missing", 6, "STUB")),
        (
            'VALUES("år")',
            'VALUES("år")="2020","2021","2022";\nVALUES("år")',
            ("px-values-repeated", 11, 'VALUES("år")'),
        ),
    ],
)
def test_what_leaves_the_table_unknown_is_refused_with_its_line(old, new, told, tmp_path):
    path = file(tmp_path, changed((old, new)))
    assert told in refusal(path)
    if told[0] not in ("px-data-missing",):  # which leaves lines that are no statements
        assert len(refusal(path)) == 1


def test_a_wrong_number_of_cells_says_which_was_due(tmp_path):
    with pytest.raises(InputRefused) as refused:
        reading.decode(file(tmp_path, changed(("10 11 12\n", ""))))
    text = messages.text(refused.value.findings[0], "en")
    assert "9 cells" in text and "12 are due" in text and "yrke 2 × kön 2 × år 3" in text


def test_several_faults_are_told_at_once(tmp_path):
    text = changed(('MATRIX="INV01"', 'MATRIX="IN"V01"'), ('VALUES("kön")', 'VALUES("k")'))
    assert [rule for rule, _, _ in refusal(file(tmp_path, text))] == ["px-quote-stray", "px-values-missing"]


@pytest.mark.parametrize(("old", "new"), [("STUB=", "STUB=;;STUB="), ('TITLE="', 'NOTE("x")[en]="y";TITLE="')])
def test_what_leaves_no_doubt_is_decoded(old, new, tmp_path):
    text = changed((old, new)).replace("STUB=;;STUB=", ";STUB=")
    assert all_rows(reading.decode(file(tmp_path, text))) == ROWS
    assert [messages.severity(one) for one in reading.read(tmp_path / "t.px").faults] == ["error"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf \r\n", "file-empty"),
        (gzip.compress(b""), "file-empty"),
        (SMALL.encode("utf-16"), "px-file-not-text"),
        (SMALL.encode("utf-16-le"), "px-file-not-text"),
        (SMALL.encode("utf-16-be"), "px-file-not-text"),
        (b"PK\x03\x04" + b"\0" * 50, "px-file-not-text"),
        (b"%PDF-1.7\n", "px-file-not-text"),
        (b"\x7fELF\0\0", "px-file-not-text"),
        (gzip.compress(SMALL.encode())[:40], "file-truncated"),
        (b"\x1f\x8b" + b"x" * 50, "file-truncated"),
        (b"<html><body>x</body></html>", "px-statement-unreadable"),
    ],
)
def test_what_is_no_px_file(content, rule, tmp_path):
    assert rule in [told for told, _, _ in refusal(file(tmp_path, content))]


@pytest.mark.parametrize(
    ("keys", "lines"), [("", (2, 14, "..")), ('KEYS("yrke")=VALUES;\nKEYS("kön")=VALUES;\n', (2, 16, ".."))]
)
def test_symbols_without_quotation_marks_are_read_and_counted(keys, lines, tmp_path):
    begin, _, data = SMALL.replace('".."', "..").replace('"-"', "-").partition("DATA=\n")
    rows = data.splitlines()
    if keys:
        names = ['"läkare" "män"', '"läkare" "kvinnor"', '"sjuksköterskor" "män"', '"sjuksköterskor" "kvinnor"']
        rows = [f"{name} {row}" for name, row in zip(names, rows, strict=False)] + [";"]
    path = file(tmp_path, begin + keys + "DATA=\n" + "\n".join(rows) + "\n")
    assert all_rows(reading.decode(path)) == ROWS
    assert reading.read(path).unquoted() == lines


def test_what_is_not_there(tmp_path):
    assert refusal(tmp_path / "t.px") == [("file-not-found", None, "")]
    assert refusal(tmp_path) == [("file-unreadable", None, "")]


def test_a_head_without_end_is_not_read_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(heads, "LONGEST", 2000)
    monkeypatch.setattr(heads, "BLOCK", 100)
    assert all_rows(reading.decode(file(tmp_path))) == ROWS
    assert refusal(file(tmp_path, 'NOTE="x";\n' * 300 + SMALL)) == [("px-head-too-long", None, "")]


@pytest.mark.parametrize("block", [1, 2, 3, 5, 8, 13, 64])
def test_data_is_found_wherever_a_block_ends(block, tmp_path, monkeypatch):
    monkeypatch.setattr(heads, "BLOCK", block)
    for content in (SMALL, SMALL.replace("\nDATA=", "DATA ="), SMALL.replace("TITLE", 'NOTE=";DATA=";TITLE')):
        assert all_rows(reading.decode(file(tmp_path, content))) == ROWS


def test_a_stray_quotation_mark_does_not_hide_the_cells(tmp_path):
    found = reading.read(file(tmp_path, changed(('MATRIX="INV01"', 'MATRIX="INV"01"'))))
    assert (found.data_line, list(found.rows(3))) == (12, ROWS)


# real files


def px_files(data_folder, *folders):
    return [
        path for folder in folders for path in sorted((data_folder / folder).rglob("*")) if path.suffix.lower() == ".px"
    ]


def test_every_good_file_is_decoded(data_folder):
    paths = px_files(data_folder, "px/scb/good", "px/pxwebapi", "px/other", "px/scb/keys")
    assert len(paths) > 40
    for path in paths:
        px = reading.decode(path)
        found = cube(px.statements)
        rows = list(px.rows)
        assert {len(row) for row in rows} == {found.width}, path
        assert len(rows) == found.height, path
        assert not [one for one in reading.read(path).faults if messages.severity(one) == "error"], path


def test_of_the_faulty_files_the_lexical_faults_are_told_and_what_was_meant_is_read(data_folder):
    folder = data_folder / "px" / "scb" / "fatal"
    template = reading.read(folder / "template_av_BE0101F1error.px")
    faulty = {"Codes": 24, "Heading": 16, "Matrix": 8, "Stub": 15, "SubjectArea": 6, "Unit": 14, "Values": 18}
    for name, line in faulty.items():
        found = reading.read(folder / f"BE0101F1error{name}.px")
        assert [(fault.rule, fault.place.row) for fault in found.faults] == [("px-quote-stray", line)]
        assert found.statements == template.statements
        assert list(found.rows(4)) == list(template.rows(4))


def test_the_page_that_lies_is_seen_through(data_folder):
    few = reading.read(data_folder / "px" / "pxwebapi" / "tab4_fewcells.px")
    assert (few.page.name, few.page.declared, few.page.lies) == ("utf-8", "iso-8859-1", True)
    damaged = reading.read(data_folder / "px" / "other" / "1001.px")
    assert (damaged.page.name, damaged.page.lies) == ("utf-8", True)
    assert {fault.rule for fault in damaged.faults} == {"px-text-damaged"}


def test_rows_with_keys_are_those_of_the_table_without(data_folder):
    keyed = reading.decode(data_folder / "px" / "scb" / "keys" / "BE0101F1symbnotkeys.px")
    plain = reading.decode(data_folder / "px" / "scb" / "good" / "BE0101F1symbnot.px")
    assert cube(keyed.statements).variables == cube(plain.statements).variables
    assert all_rows(keyed) == all_rows(plain)


def pyaxis_symbol(cell):
    """A cell as pyaxis has it when it is told to leave symbols as they are."""
    return cell if cell[0] in "+-0123456789" and cell != "-" else f'"{cell}"'


def test_pyaxis_reads_the_same_names_values_and_cells(data_folder):
    pyaxis = pytest.importorskip("pyaxis.pyaxis")
    paths = px_files(data_folder, "px/scb/good", "px/pxwebapi", "px/other")
    for path in paths:
        found = reading.read(path)
        px = reading.decode(path)
        table = cube(px.statements)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = pyaxis.parse(str(path), encoding=found.page.name, null_values="^$", sd_values="^$")["DATA"]
        # It takes the blanks from either end of names and values.
        names = [variable.label.strip() for variable in table.variables]
        values = [[value.strip() for value in variable.values[table.languages[0]]] for variable in table.variables]
        cells = [pyaxis_symbol(cell) for row in px.rows for cell in row]
        assert list(theirs.columns) == [*names, "DATA"], path.name
        ours = [(*key, cell) for key, cell in zip(itertools.product(*values), cells, strict=True)]
        assert [tuple(map(str, row)) for row in theirs.itertuples(index=False, name=None)] == ours, path.name


# damage


def test_a_file_cut_anywhere_before_its_last_cell_ends_is_refused(data_folder, tmp_path):
    whole = (data_folder / "px" / "scb" / "fatal" / "template_av_BE0101F1error.px").read_bytes()
    end = whole.rindex(b";")
    path = tmp_path / "t.px"
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        try:
            rows = all_rows(reading.decode(path))
        except InputRefused as refused:
            assert refused.findings and length <= end, length
        else:
            assert length > end and len(rows) == 12, length


def test_a_changed_byte_is_read_or_refused(data_folder, tmp_path):
    chosen = random.Random(1)
    paths = [path for path in px_files(data_folder, "px") if path.stat().st_size < 6000]
    path = tmp_path / "t.px"
    decoded = 0
    for _ in range(2000):
        content = bytearray(chosen.choice(paths).read_bytes())
        for _ in range(chosen.choice((1, 1, 1, 3))):
            at = chosen.randrange(len(content))
            byte = chosen.choice((*b'"",;()[]=#\n\r -:.A0\t', 0, 0x1A, 0xE4, 0xFF, chosen.randrange(256)))
            content[at : at + chosen.choice((0, 1, 1, 20))] = bytes([byte] * chosen.choice((0, 1, 1)))
        path.write_bytes(content)
        try:
            found = reading.read(path)
            for fault in found.faults:
                assert messages.line(fault, "sv")
            list(found.rows(4))
        except InputRefused as refused:
            assert all(messages.line(finding, "en") for finding in refused.findings)
        try:
            decoded += bool(all_rows(reading.decode(path)))
        except InputRefused as refused:
            assert all(finding.place.file == "t.px" for finding in refused.findings)
    assert 200 < decoded < 1800

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from nps_exchange import error_cells
from nps_exchange.errors import InputRefused
from nps_exchange.sources import workbook
from nps_exchange.sources.sheet import text

EXAMPLES = Path(__file__).parent.parent / "examples" / "national"
NAME = "legitimerade_och_yrkesverksamma"
KINDS = ("xlsx", "xls", "ods")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def tiny_xlsx(path: Path, rows: str, target: str = "worksheets/sheet1.xml", prolog: str = "", state: str = "") -> Path:
    """A workbook as some other program might write it, with one sheet named Antal."""
    sheet = f"{prolog}<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{PACKAGE}/content-types'>"
        "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Override PartName='/xl/workbook.xml' ContentType='application/vnd.openxmlformats-officedocument."
        "spreadsheetml.sheet.main+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{PACKAGE}/relationships'>"
        f"<Relationship Id='r1' Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><sheets>"
        f"<sheet name='Antal' sheetId='1' r:id='r1'{state}/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{PACKAGE}/relationships'>"
        f"<Relationship Id='r1' Type='{OFFICE}/worksheet' Target='{target}'/></Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(path, "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_the_three_formats_give_the_same_cells(kind: str) -> None:
    case = f"{kind}-titles-footnotes-fill-down-symbols"
    (sheet,) = workbook.sheets(EXAMPLES / "valid" / case / f"{NAME}.{kind}")
    assert sheet.name == "Antal"
    assert sheet.errors == ()
    cells = [(number, [text(cell, ",") for cell in row][:4]) for number, row in sheet.rows()]
    assert cells[0][1][0] == "Legitimerade och yrkesverksamma 2018"
    assert cells[2] == (3, ["Yrke", "Ställning", "2017", "2018"])
    assert cells[4] == (5, ["", "Yrkesverksamma", "3", "4 567"])


@pytest.mark.parametrize("kind", KINDS)
def test_formula_errors_are_named_by_their_cells(kind: str) -> None:
    (sheet,) = workbook.sheets(EXAMPLES / "invalid" / f"{kind}-formula-error" / f"{NAME}.{kind}")
    assert sheet.errors == ((4, 3, "#REF!"), (5, 2, "#DIV/0!"))


def test_an_error_far_out_keeps_its_column(tmp_path: Path) -> None:
    rows = "<row r='12'><c r='AB12' t='e'><v>#NUM!</v></c></row>"
    path = tiny_xlsx(tmp_path / "a.xlsx", rows)
    assert error_cells.find(path) == {"Antal": [(12, 27, "#NUM!")]}


def test_a_formula_without_a_result_is_named_and_one_with_a_result_is_not(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="B2"><f>1+1</f></c><c r="C2"><f>1+1</f><v>2</v></c><c r="D2" t="str"><f>A1</f></c>'
    rows += '<c r="E2"><f>1+1</f><v></v></c><c r="F2" t="str"><f>IF(1,"")</f><v></v></c></row>'
    assert error_cells.find(tiny_xlsx(tmp_path / "a.xlsx", rows)) == {"Antal": [(2, 1, ""), (2, 3, ""), (2, 4, "")]}


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/../worksheets/sheet1.xml"]
)
def test_a_sheet_is_found_wherever_the_workbook_says(tmp_path: Path, target: str) -> None:
    path = tiny_xlsx(tmp_path / "a.xlsx", "<row r='1'><c r='A1' t='e'><v>#REF!</v></c></row>", target)
    assert error_cells.find(path) == {"Antal": [(1, 0, "#REF!")]}


def test_a_hidden_sheet_is_read_too(tmp_path: Path) -> None:
    path = tiny_xlsx(tmp_path / "a.xlsx", "<row r='2'><c r='B2'><v>5</v></c></row>", state=" state='hidden'")
    (sheet,) = workbook.sheets(path)
    assert [(number, [text(cell, ",") for cell in row]) for number, row in sheet.rows()] == [
        (1, ["", ""]),
        (2, ["", "5"]),
    ]


def test_an_entity_is_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    prolog = f"<!DOCTYPE x [<!ENTITY s SYSTEM '{secret.as_uri()}'>]>"
    path = tiny_xlsx(tmp_path / "a.xlsx", "<row r='1'><c r='A1' t='e'><v>&s;</v></c></row>", prolog=prolog)
    try:
        found = str(error_cells.find(path))
    except error_cells.Unreadable as unreadable:
        found = str(unreadable)
    assert "SECRET" not in found


def test_broken_xml_inside_is_a_damaged_file(tmp_path: Path) -> None:
    path = tiny_xlsx(tmp_path / "a.xlsx", "<row r='1'><c r='A1'")
    with pytest.raises(InputRefused) as refused:
        workbook.sheets(path)
    assert [finding.rule for finding in refused.value.findings] == ["file-damaged"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    case = f"{kind}-titles-footnotes-fill-down-symbols"
    whole = (EXAMPLES / "valid" / case / f"{NAME}.{kind}").read_bytes()
    path = tmp_path / f"{NAME}.{kind}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputRefused) as refused:
        [list(sheet.rows()) for sheet in workbook.sheets(path)]
    assert {finding.rule for finding in refused.value.findings} <= {"file-damaged", "file-not-a-workbook"}


def test_numbers_become_text_as_a_spreadsheet_shows_them() -> None:
    given = [None, True, 0.1 + 0.2, 5.0, -0.5, 1e15, 1234567.891, "1 234", 2018]
    shown = ["", "TRUE", "0,3", "5", "-0,5", "1e+15", "1234567,891", "1 234", "2018"]
    assert [text(cell, ",") for cell in given] == shown


def test_a_real_workbook_of_statistics_sweden_is_read(data_folder: Path) -> None:
    path = data_folder / "se" / "scb_ssyk2012_isco08_key.xlsx"
    if not path.is_file():
        pytest.skip(f"the file is absent: {path}")
    sheets = workbook.sheets(path)
    assert sheets and all(sheet.errors == () for sheet in sheets)
    rows = {sheet.name: list(sheet.rows()) for sheet in sheets}
    assert max(map(len, rows.values())) > 400
    cells = {str(cell).strip() for table in rows.values() for _, row in table for cell in row if cell is not None}
    assert {"2211", "5321"} <= {cell.removesuffix(".0") for cell in cells}


def test_a_cell_that_cannot_be_parsed_is_a_damaged_file(tmp_path: Path) -> None:
    path = tiny_xlsx(tmp_path / "a.xlsx", "<row r='2'><c r='B2' t='n'><v> </v></c></row>")
    with pytest.raises(InputRefused) as refused:
        [sheet.head() for sheet in workbook.sheets(path)]
    assert [finding.rule for finding in refused.value.findings] == ["file-damaged"]


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZ100000"])
def test_a_cell_at_the_far_end_of_a_sheet_is_told(tmp_path, cell):
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        sheet = book.add_worksheet("Antal")
        sheet.write("A1", "yrke")
        sheet.write(cell, 1)
    with pytest.raises(InputRefused) as refused:
        workbook.sheets(tmp_path / "far.xlsx")
    (finding,) = refused.value.findings
    assert finding.rule == "sheet-too-large"
    assert f"{finding.place.column}{finding.place.row}" == cell


def test_a_cell_that_says_another_row_than_its_own_is_told(tmp_path):
    """calamine believes the cell, not the row around it."""
    with xlsxwriter.Workbook(tmp_path / "near.xlsx") as book:
        book.add_worksheet("Antal").write_row("A1", ["yrke", "antal"])
    with zipfile.ZipFile(tmp_path / "near.xlsx") as source, zipfile.ZipFile(tmp_path / "far.xlsx", "w") as copy:
        for item in source.infolist():
            copy.writestr(item, source.read(item).replace(b'r="B1"', b'r="XFD1048576"'))
    with pytest.raises(InputRefused, match="sheet-too-large"):
        workbook.sheets(tmp_path / "far.xlsx")

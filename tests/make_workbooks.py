"""Make the questionnaire workbooks of tests/examples/oecd/: a small one as a run writes it, and copies with one fault each.

For maintainers, after a change of the layout: `python -m tests.make_workbooks`.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from nps_exchange.formats.workbook import WORDS, Block, Book, Figure, Line, Sheet, encode

FOLDER = Path(__file__).parent / "examples" / "oecd" / "joint-questionnaire"
SHEET = "Physicians"

# Sweden's figures of OECD Health Statistics 2020.
BOOK = Book(
    title="Joint questionnaire, a part",
    dataset="oecd/joint-questionnaire",
    codes=("VAR", "UNIT"),
    words={word: word for word in WORDS} | {"contents": "Contents"},
    facts=(("Country", "Sweden"),),
    legend=(("B", "break in time series"),),
    years=(2016, 2017),
    sheets=(
        Sheet(
            SHEET,
            "Practising physicians",
            (
                Block(
                    "Number of persons",
                    (
                        Line(
                            ("PHYSMEDE", "PERSMYNB"),
                            "Practising physicians",
                            {2016: Figure("41993"), 2017: Figure("42898", "B")},
                        ),
                    ),
                    0,
                ),
                Block(
                    "Per 1 000 population",
                    (
                        Line(
                            ("PHYSMEDE", "DENSPPNB"),
                            "Practising physicians",
                            {2016: Figure("4.23"), 2017: Figure("4.27")},
                        ),
                    ),
                    2,
                ),
            ),
        ),
    ),
    pages=(),
    prepared="2026-11-22",
)


def changed(name: str, change: Callable[[Any], None]) -> None:
    """A copy of the sound workbook, with something changed in it as a spreadsheet program would."""
    book = openpyxl.load_workbook(FOLDER / "valid" / "workbook.xlsx")
    change(book)
    book.save(FOLDER / "invalid" / name)


def set_cell(cell: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[SHEET][cell] = value

    return change


def make() -> None:
    sound = FOLDER / "valid" / "workbook.xlsx"
    encode(BOOK, sound)
    sheet = openpyxl.load_workbook(sound)[SHEET]
    rows = {(row[0].value, row[1].value): row[0].row for row in sheet.iter_rows()}
    heading, first, second = (
        rows[key] for key in (("VAR", "UNIT"), ("PHYSMEDE", "PERSMYNB"), ("PHYSMEDE", "DENSPPNB"))
    )
    changed("workbook-code.xlsx", set_cell(f"A{first}", "PHYSMEDX"))
    changed("workbook-unit-small.xlsx", set_cell(f"B{second}", "denspPNB"))
    changed("workbook-flag.xlsx", set_cell(f"E{first}", "X"))
    changed("workbook-line-twice.xlsx", set_cell(f"B{second}", "PERSMYNB"))
    changed("workbook-text-for-number.xlsx", set_cell(f"D{first}", "41 993"))
    changed("workbook-heading-deleted.xlsx", lambda book: book[SHEET].delete_rows(heading))
    changed("workbook-heading-renamed.xlsx", set_cell(f"A{heading}", "Variable code"))
    changed("workbook-sheet-deleted.xlsx", lambda book: book.remove(book[SHEET]))
    other = openpyxl.Workbook()
    for row in (
        ["VAR", "UNIT", "COU", "YEAR", "VALUE", "OBS_STATUS"],
        ["PHYSMEDE", "PERSMYNB", "SWE", 2017, 42898, None],
    ):
        other.active.append(row)
    other.save(FOLDER / "invalid" / "workbook-not-ours.xlsx")
    content = sound.read_bytes()
    (FOLDER / "invalid" / "workbook-cut-off.xlsx").write_bytes(content[: len(content) // 2])
    (FOLDER / "invalid" / "really-a-workbook.csv").write_bytes(content)
    with zipfile.ZipFile(FOLDER / "invalid" / "archive.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("joint-questionnaire.csv"), "VAR,UNIT,COU,YEAR,VALUE,OBS_STATUS\r\n")


if __name__ == "__main__":
    make()

"""A dataset laid out as a workbook: an invented body, from its delivered table to the cells that a reader sees."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nps_exchange import exchange
from nps_exchange.run import Outcome, run
from tests import invented
from tests.invented import lay_out, national_table
from tests.test_methods import PLAIN, WORKBOOK, changed
from tests.test_translate import HEADS, RATE, mapping, row, series

ASKED = """WHAT,AREA,group,label
DOCTORS,SE,g,=1+1
NURSES,SE,g,"@SUM(1,1)"
MIDWIVES,SE,g,Midwives
DOCTORS,RATE,g,=1+1
NURSES,RATE,g,"@SUM(1,1)"
"""
NONE = {"cells": {"WHAT": "MIDWIVES"}, "reason": "=HYPERLINK(1)"}
CHECKS = [
    {"in": "SE", "total": "DOCTORS", "parts": ["NURSES", "MIDWIVES"], "label": "nurses and midwives"},
    {"in": "SE", "total": "DOCTORS", "parts": ["NURSES"], "label": "nurses"},
]
METHODS = changed(
    entry0={"cells": {"WHAT": ["DOCTORS", "MIDWIVES"]}, "title": "=title", "sources": "+46 8 ..."},
    entry1={"cells": {"WHAT": "NURSES"}},
    general={"-Compiled by": "=cmd"},
)


@pytest.fixture
def made(tmp_path: Path):
    """Run an invented body alone; gives its workbook, or None, and the outcome."""

    def do(
        rows: list[str], methods: Any = METHODS, workbook: dict[str, Any] | None = None, **more: Any
    ) -> tuple[Any, Outcome]:
        layout = WORKBOOK | {"checks": CHECKS} | (workbook or {})
        plain = mapping(series(derive=[RATE]), workbook=layout, not_reported=[NONE]) | more
        lay_out(tmp_path, plain, {"table.csv": ASKED}, methods)
        national_table(tmp_path, rows)
        (tmp_path / "exchange.yaml").write_text(
            "year: 2020\nprepared: 2021-02-03\nbodies: [inv]\nmappings: mappings\nschemas: schemas\n"
            "inputs: [national-table.csv]\ncontacts: {organisation: =1+1}\n",
            encoding="utf-8",
        )
        outcome = run(exchange.completed(exchange.from_folder(tmp_path)), tmp_path / "out")
        path = tmp_path / "out" / "inv" / "table.xlsx"
        return openpyxl.load_workbook(path) if path.exists() else None, outcome

    return do


def lines(sheet: Any) -> list[tuple[Any, ...]]:
    """The rows below the heading, without what is empty at their end."""
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    heading = next(i for i, row in enumerate(rows) if row[:2] == ("WHAT", "AREA"))
    return rows[heading:]


ROWS = [
    row(5, 2018, profession="LK", flags="B"),
    row(6, 2020, profession="LK", flags="E,B"),
    row(2, 2020, profession="SJ"),
    row(1000, 2020, measure="population"),
]


def test_lines_blocks_years_and_flags_stand_where_they_are_asked_for(made):
    book, _ = made(ROWS)
    assert book.sheetnames == ["Contents", "All", "Not reported", "Methods"]
    assert lines(book["All"]) == [
        ("WHAT", "AREA", "Variable", 2018, "flag", 2019, "flag", 2020, "flag"),
        ("SE", *[None] * 8),
        ("DOCTORS", "SE", "=1+1", 5, "B", None, None, 6, "B+E"),
        # A check wants all of its parts, and midwives are reported for no year.
        (None, None, "Δ Total less nurses", *difference("D", "F", "H")),
        ("NURSES", "SE", "@SUM(1,1)", None, None, None, None, 2, None),
        ("MIDWIVES", "SE", "Midwives", "not reported", *[None] * 5),
        ("RATE", *[None] * 8),
        ("DOCTORS", "RATE", "=1+1", None, None, None, None, 6, "B+E"),
        ("NURSES", "RATE", "@SUM(1,1)", None, None, None, None, 2, None),
    ]


def difference(*columns: str) -> list[str | None]:
    """The formulas of the check in some columns, and the empty cells of flags beside them."""
    formulas = [f'=IF(COUNT({c}5,{c}7)=2,ROUND({c}5-SUM({c}7),6),"")' for c in columns]
    return [cell for formula in formulas for cell in (formula, None)]


def test_text_that_begins_like_a_formula_stays_text(made):
    book, _ = made(ROWS)
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    formulas = [cell for cell in texts if cell.data_type == "f"]
    assert all(cell.row == 6 and cell.parent.title == "All" for cell in formulas)
    for text in ("=1+1", "@SUM(1,1)", "=HYPERLINK(1)", "=title", "+46 8 ...", "-Compiled by", "=cmd"):
        assert any(cell.value == text and cell.data_type == "s" for cell in texts), text
    assert any("Organisation: =1+1" in cell.value for cell in texts)


def test_what_is_not_sent_is_told_with_its_reason(made):
    book, _ = made([*ROWS[:2], row("", 2020, profession="SJ", flags="M")])
    rows = [tuple(cell.value for cell in row) for row in book["Not reported"].iter_rows()]
    (heading,) = [i for i, row in enumerate(rows) if row[0] == "WHAT"]
    assert [(what, area, years) for what, _, area, years, _ in rows[heading + 1 :]] == [
        ("NURSES", "SE", "all"),
        ("MIDWIVES", "SE", "all"),
        ("DOCTORS", "RATE", "all"),
        ("NURSES", "RATE", "all"),
    ]
    missing, none, rate, numerator = [row[4] for row in rows[heading + 1 :]]
    assert "was delivered as missing (status M)" in missing
    assert none == "=HYPERLINK(1)"
    assert "denominator" in rate
    assert "its numerator is missing or confidential" in numerator


def test_single_years_that_are_not_sent_are_told_with_their_reason(made):
    book, _ = made([*ROWS, row(7, 2019, profession="LK", closed="C"), row("", 2019, profession="SJ", flags="M")])
    rows = [tuple(cell.value for cell in row) for row in book["Not reported"].iter_rows()]
    told = {(row[0], row[2], row[3]): row[4] for row in rows if row[0] in ("DOCTORS", "NURSES")}
    assert "confidential (status C)" in told["DOCTORS", "SE", "2019"]
    assert "missing (status M)" in told["NURSES", "SE", "2019"]


def test_what_was_noted_beside_a_confidential_figure_stays_in_the_house(made, monkeypatch):
    monkeypatch.setattr(invented, "ATTRIBUTES", ",note")
    closed = f"{row(7, 2019, profession='LK', closed='C')},only 7 of them"
    missing = f"{row('', 2019, profession='SJ', flags='M')},asked for again"
    book, _ = made([*(f"{one}," for one in ROWS), closed, missing])
    said = " ".join(str(cell.value) for sheet in book for cells in sheet.iter_rows() for cell in cells)
    assert "asked for again" in said and "only 7" not in said


def test_a_year_that_is_withheld_has_its_column(made):
    book, _ = made([*ROWS[:1], row(7, 2020, profession="LK", closed="C")])
    assert lines(book["All"])[0] == ("WHAT", "AREA", "Variable", 2018, "flag", 2019, "flag", 2020, "flag")


def test_a_figure_that_is_sent_as_missing_has_its_flag_and_no_number(made):
    book, outcome = made([*ROWS, row("", 2019, profession="LK", flags="M")], missing="transmit")
    (line,) = [row for row in lines(book["All"]) if row[:2] == ("DOCTORS", "SE")]
    assert line[3:] == (5, "B", None, "M", 6, "B+E")
    (dataset,) = outcome.report["datasets"]
    assert dataset["observations"] == 6


def test_a_dataset_without_observations_has_no_workbook(made):
    book, outcome = made([row(1000, 2020, measure="population")])
    assert book is None
    assert outcome.report["datasets"][0]["files"] == []


def test_the_front_sheet_names_what_is_the_same_everywhere(made):
    one = [{"name": name, "is": "code"} for name in ("WHAT", "AREA", "LAND")]
    file = mapping(series())["files"][0]
    file = file | {"columns": [*one, *file["columns"][2:]]}
    book, _ = made(ROWS, workbook={"facts": {"LAND": "Country"}}, files=[file], fix={"LAND": "SE"})
    facts = {row[0].value: row[1].value for row in book["Contents"].iter_rows(max_row=8)}
    assert facts["Country"] == "SE"
    assert facts["Dataset"] == "inv/table"
    assert facts["Newest reference year"] == "2020"


def test_a_note_of_several_figures_stands_once(tmp_path):
    """A sum is noted with what its parts are noted with."""
    plain = series(scope=HEADS | {"profession": ["LK", "SJ"]}, rows=[[["LK", "SJ"], "DOCTORS"]], group="sum")
    noted = [
        row(5, profession="LK"),
        row(6, profession="SJ"),
        row(1, 2019, profession="LK"),
        row(2, 2019, profession="SJ"),
    ]
    notes = ("b: later", "a: =1+1", "same", "same")
    lay_out(
        tmp_path,
        mapping(plain, workbook=WORKBOOK),
        {"table.csv": "WHAT,AREA,group,label\nDOCTORS,SE,g,Doctors\n"},
        PLAIN | {"entries": PLAIN["entries"][:1]},
    )
    path = national_table(tmp_path, [f"{cells},{note}" for cells, note in zip(noted, notes, strict=True)])
    path.write_text(path.read_text(encoding="utf-8").replace("conf_status\n", "conf_status,note\n"), encoding="utf-8")
    (tmp_path / "exchange.yaml").write_text(
        "year: 2020\nprepared: 2021-02-03\nbodies: [inv]\nmappings: mappings\nschemas: schemas\n"
        "inputs: [national-table.csv]\n",
        encoding="utf-8",
    )
    run(exchange.completed(exchange.from_folder(tmp_path)), tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "inv" / "table.xlsx")["All"]
    found = [(cell.value, cell.comment.text) for row in sheet.iter_rows() for cell in row if cell.comment]
    assert found == [(3, "same"), (11, "a: =1+1\nb: later")]

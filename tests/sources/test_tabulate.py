"""Cells to observations: nothing is lost, nothing is guessed."""

import csv
import io
import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nps_exchange.codelists import normalised
from nps_exchange.model import column_letter

from .conftest import CodeOf, Describe, Read

TALL = """columns:
  - {heading: Yrke, to: profession}
  - {heading: År, to: year}
  - {heading: Antal, to: value}
fix: {measure: stock, unit: fte, activity: licensed}
rest: total
symbols: {"..": none, "-": zero, X: {conf_status: C}, "": {obs_status: O}}
"""
WIDE = """columns:
  - {heading: Yrke, to: profession, fill_down: true}
  - {heading: Kön, to: sex}
across: {to: year}
fix: {measure: stock, unit: persons, activity: licensed}
rest: total
symbols: {"..": none, "-": zero, X: {conf_status: C}, "": none}
"""
SPACES = ["", " ", "\u00a0", "\u202f", "\u2009", "\u2007"]
few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(rows: list[list[str]], delimiter: str = ";") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue()


def grouped(digits: str, space: str) -> str:
    """12345 with a space for thousands: 12 345."""
    return f"{int(digits):,}".replace(",", space)


FIGURE = st.tuples(
    st.integers(0, 10**11),
    st.sampled_from(SPACES),
    st.text("0123456789", max_size=6),
    st.sampled_from(["", " ", "\u00a0"]),
    st.sampled_from(["", " ", "\u202f"]),
)


@few
@given(st.lists(FIGURE, min_size=1, max_size=20))
def test_a_figure_survives_any_thousands_separator_and_any_space_around_it(
    read: Read, describe: Describe, figures: list[tuple[int, str, str, str, str]]
) -> None:
    rows, meant = [["Yrke", "År", "Antal"]], []
    for i, (whole, space, decimals, before, after) in enumerate(figures):
        text = grouped(str(whole), space) + (f",{decimals}" if decimals else "")
        rows.append(["NA", str(1950 + i), before + text + after])
        meant.append(Decimal(f"{whole}.{decimals or 0}"))
    answer = read({"a.csv": written(rows)}, [describe(TALL)])
    assert answer.findings == []
    assert [row["value"] for row in answer.rows] == meant


@few
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_any_label_resolves_or_is_listed_as_unknown(
    read: Read, describe: Describe, code_of: CodeOf, labels: list[str]
) -> None:
    rows = [["Yrke", "År", "Antal"], *([label, str(1950 + i), "5"] for i, label in enumerate(labels))]
    answer = read({"a.csv": written(rows)}, [describe(TALL)])
    known = {label for label in labels if code_of("profession", label)}
    unknown = {label.strip(" ") for label in labels if label not in known}
    said = {finding.values["label"] for finding in answer.findings}
    assert {normalised(label) for label in said} == {normalised(label) for label in unknown}
    assert answer.refused == bool(unknown)
    if not unknown:
        assert len(answer.rows) == len(labels)


CELL = st.sampled_from(["0", "5", "12", "1 234", "..", "-", "X", ""])


@few
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
    )
)
def test_nothing_is_lost_each_value_cell_is_an_observation_or_means_none(
    read: Read, describe: Describe, table: list[list[str]]
) -> None:
    """The observations, and the cells whose symbol says `none`, are together the value cells."""
    years = [str(2000 + i) for i in range(len(table[0]))]
    professions = ["LK", "SJ", "NA", "TL"]
    labels = list(itertools.product(professions, ["F", "M"]))[: len(table)]
    rows = [["Yrke", "Kön", *years]]
    for (profession, sex), cells in zip(labels, table, strict=True):
        rows.append([profession if sex == "F" else "", sex, *cells])
    answer = read({"a.csv": written(rows)}, [describe(WIDE)])
    assert not answer.refused, answer.findings
    cells = {(i + 2, j + 2): text for i, row in enumerate(table) for j, text in enumerate(row)}
    none = [text for text in cells.values() if text in ("..", "")]
    assert len(answer.rows) + len(none) == len(cells)
    for row in answer.rows:
        column = next(j for j in range(2, 6) if column_letter(j) == row["column"])
        text = cells[int(row["row"]), column]
        assert row["value"] == {"-": Decimal(0), "X": None}.get(
            text, Decimal(text.replace(" ", "")) if text[0].isdigit() else None
        )
        assert (row["conf_status"] == "C") == (text == "X")
        assert (row["profession"], row["sex"]) == labels[int(row["row"]) - 2]
        assert row["year"] == years[column - 2]


@few
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["NA", "LX", ""]),
            st.sampled_from(["2018", "20l8", ""]),
            st.sampled_from(["5", "..", "", "ca"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_row_disappears_without_a_word(read: Read, describe: Describe, rows: list[tuple[str, str, str]]) -> None:
    """Each row is an observation, means none, is empty, or is spoken of."""
    answer = read({"a.csv": written([["Yrke", "År", "Antal"], *map(list, rows)])}, [describe(TALL)])
    spoken = {
        number for finding in answer.findings for number in [finding.place.row, *(e["row"] for e in finding.examples)]
    }
    labels = {(finding.place.column, finding.values.get("label")) for finding in answer.findings}
    read_rows = {int(row["row"]) for row in answer.rows}
    repeated = {2 + i for i, row in enumerate(rows) if row in rows[:i]}
    for number, (profession, year, text) in enumerate(rows, 2):
        named = ("A", profession) in labels or ("B", year) in labels
        quiet = text == ".." or (profession, year, text) == ("", "", "") or number in repeated
        assert number in read_rows or number in spoken or named or quiet or answer.refused, (number, answer)
    if all(row[0] == "NA" and row[1] == "2018" for row in rows) and {row[2] for row in rows} <= {"5"}:
        assert len(answer.rows) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("1 234", 1234),
        ("\u22125", None),
        ("0,5", Decimal("0.5")),
        ("007", 7),
        ("1234567 ", 1234567),
        ("\u202f5", 5),
    ],
)
def test_notations_that_are_read(read: Read, describe: Describe, text: str, value: Decimal | None) -> None:
    answer = read({"a.csv": f"Yrke;År;Antal\nNA;2018;{text}\n"}, [describe(TALL)])
    assert ([row["value"] for row in answer.rows] or [None]) == [value]
    assert answer.rules == ([] if value is not None else ["value-negative"])


def test_thousands_are_multiplied_exactly(read: Read, describe: Describe) -> None:
    answer = read(
        {"a.csv": "Yrke;År;Antal\nNA;2018;702,3\n"},
        [describe(TALL.replace("unit: fte", "unit: persons") + "times: 1000")],
    )
    assert [row["value"] for row in answer.rows] == [Decimal(702300)]


def test_a_point_is_a_decimal_mark_only_where_the_description_says_so(read: Read, describe: Describe) -> None:
    text = "Yrke;År;Antal\nNA;2018;1234.5\n"
    assert read({"a.csv": text}, [describe(TALL)]).rules == ["value-unreadable"]
    assert [row["value"] for row in read({"a.csv": text}, [describe(TALL + 'decimal: "."')]).rows] == [
        Decimal("1234.5")
    ]


def test_fill_down_does_not_reach_from_a_footnote_into_a_row(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "Yrke;Kön;2018\nNA;F;5\nKälla: HOSP;;\n;M;6\n"}, [describe(WIDE)])
    assert answer.refused and [finding.values["label"] for finding in answer.findings] == ["Källa: HOSP"]


def test_tables_with_the_same_shape_do_not_take_each_others_figures(read: Read, describe: Describe) -> None:
    files = {f"{i}.csv": f"Yrke;År;Antal\nNA;{1950 + i};{100 + i}\n" for i in range(12)}
    answer = read(files, [describe(TALL)])
    assert {(row["file"], row["year"]): int(row["value"]) for row in answer.rows} == {
        (f"{i}.csv", str(1950 + i)): 100 + i for i in range(12)
    }


def test_fifty_examples_are_shown_and_all_are_counted(read: Read, describe: Describe) -> None:
    rows = "".join(f"NA;{1900 + i};ca\n" for i in range(120))
    (finding,) = read({"a.csv": f"Yrke;År;Antal\n{rows}"}, [describe(TALL)]).findings
    assert (finding.rule, finding.count, len(finding.examples)) == ("value-unreadable", 120, 50)


def test_a_carriage_return_in_a_label_is_a_space(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": 'Yrke;År;Antal\n"Leg.\r\nläkare";2018;5\n'}, [describe(TALL)])
    assert [row["profession"] for row in answer.rows] == ["LK"]


def test_a_symbol_that_looks_like_a_number_wins_over_the_number(read: Read, describe: Describe) -> None:
    own = describe(TALL.replace("X: {conf", '"9": {conf'))
    answer = read({"a.csv": "Yrke;År;Antal\nNA;2017; 9 \nNA;2018;99\n"}, [own])
    assert [(row["value"], row["conf_status"]) for row in answer.rows] == [(None, "C"), (Decimal(99), "")]


@pytest.mark.parametrize("text", ["0,1234567", "1,0000001", "5,12345678"])
def test_more_than_six_decimals_are_not_rounded_in_silence(read: Read, describe: Describe, text: str) -> None:
    assert read({"a.csv": f"Yrke;År;Antal\nNA;2018;{text}\n"}, [describe(TALL)]).rules == ["value-unreadable"]


def test_zeros_beyond_six_decimals_say_nothing(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "Yrke;År;Antal\nNA;2018;0,12345600\n"}, [describe(TALL)])
    assert [row["value"] for row in answer.rows] == [Decimal("0.123456")]


FOOTNOTES = WIDE.replace(", fill_down: true", "")


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        ("Sjuksköterskr;;", ["label-unknown"]),
        ("Sjuksköterskor räknas om;;", ["text-beside-table"]),
        ("Källa: HOSP;;", ["text-beside-table"]),
        ("Foobarius;F;", ["label-unlike-any"]),
        ("NA;Foobarius;", ["label-unlike-any"]),
        ("NA;;", ["label-empty"]),
        (";M;7", ["label-empty"]),
    ],
)
def test_a_footnote_is_told_from_a_row_with_a_fault(read: Read, describe: Describe, row: str, rules: list[str]) -> None:
    answer = read({"a.csv": f"Yrke;Kön;2018\nNA;F;5\n{row}\n"}, [describe(FOOTNOTES)])
    assert answer.rules == rules
    assert answer.findings[0].place.row == 3


def test_an_unknown_label_beside_a_known_year_is_no_footnote(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "Yrke;År;Antal\nNA;2018;5\nFoobarius;2018;\nNA;20l8;\n"}, [describe(TALL)])
    assert sorted(answer.rules) == ["label-unlike-any", "year-unreadable"]


def test_an_empty_label_beside_figures_is_named_by_its_list(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "Yrke;År;Antal\n;2018;5\nNA;;6\n"}, [describe(TALL)])
    assert [(f.rule, f.place.row, f.place.column, f.values["codelist"]) for f in answer.findings] == [
        ("label-empty", 2, "A", "professions"),
        ("label-empty", 3, "B", "year"),
    ]


def test_the_flag_of_a_normal_figure_is_dropped(read: Read, describe: Describe) -> None:
    own = describe(TALL.replace("to: value}", "to: value}\n  - {heading: Flagga, to: obs_status}"))
    answer = read({"a.csv": "Yrke;År;Antal;Flagga\nNA;2016;5;A\nNA;2017;5;A,B\nNA;2018;5;\n"}, [own])
    assert [row["obs_status"] for row in answer.rows] == ["", "B", ""]


def test_footnotes_are_all_counted(read: Read, describe: Describe) -> None:
    notes = "".join(f"Not {i};;\n" for i in range(60))
    (finding,) = read({"a.csv": f"Yrke;År;Antal\nNA;2018;5\n{notes}"}, [describe(TALL)]).findings
    assert (finding.rule, finding.place.row, finding.count, len(finding.examples)) == ("text-beside-table", 3, 60, 50)


def test_a_symbol_is_compared_as_cells_are_with_any_minus_and_any_space(read: Read, describe: Describe) -> None:
    own = describe(TALL.replace("X: {conf", '"x\u00a0y": {conf'))
    answer = read({"a.csv": "Yrke;År;Antal\nNA;2016;-\nNA;2017;\u2212\nNA;2018;x\u00a0y\nNA;2019;x y\n"}, [own])
    said = [(row["year"], row["value"], row["conf_status"]) for row in answer.rows]
    assert said == [("2016", 0, ""), ("2017", 0, ""), ("2018", None, "C"), ("2019", None, "C")]


def test_blank_lines_above_are_not_an_empty_file(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "\n" * 120 + "Yrke;År;Antal\nNA;2018;5\n"}, [describe(TALL)])
    assert answer.rules == ["description-none"]

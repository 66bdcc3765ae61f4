"""Delivered rows become one table: no key twice, one spelling of nothing, the same bytes each time."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nps_exchange.codelists import CodeLists
from nps_exchange.engine import connect
from nps_exchange.errors import InputRefused
from nps_exchange.model import KEY, NATIONAL_COLUMNS
from nps_exchange.sources import Input, read_national_table, reader
from nps_exchange.sources.description import Description

from .conftest import Answer, Describe, Read

TALL = """columns:
  - {heading: Yrke, to: profession}
  - {heading: År, to: year}
  - {heading: Antal, to: value}
  - {heading: Flagga, to: obs_status, optional: true}
fix: {measure: stock, unit: persons, activity: licensed}
rest: total
symbols: {X: {conf_status: C}}
"""
HEAD = "Yrke;År;Antal\n"
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(answer: Answer) -> dict[tuple[str, str], Decimal | None]:
    return {(row["profession"], row["year"]): row["value"] for row in answer.rows}


def test_columns_are_those_of_the_model(read: Read, describe: Describe) -> None:
    (row,) = read({"a.csv": HEAD + "NA;2018;5\n"}, [describe(TALL)]).rows
    assert tuple(row) == NATIONAL_COLUMNS
    assert {type(value) for name, value in row.items() if name != "value"} == {str}
    assert (row["file"], row["sheet"], row["row"], row["column"]) == ("a.csv", "", "2", "C")


DELIVERED = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["LK", "NA", "TL"]), st.sampled_from(["2017", "2018"]), st.sampled_from("56")),
        max_size=4,
    ),
    min_size=1,
    max_size=3,
)


@few
@given(DELIVERED)
def test_no_key_is_twice_and_each_contradiction_is_named(
    read: Read, describe: Describe, files: list[list[tuple[str, str, str]]]
) -> None:
    texts = {f"{i}.csv": HEAD + "".join(";".join(row) + "\n" for row in rows) for i, rows in enumerate(files)}
    said: dict[tuple[str, str], list[str]] = {}
    for profession, year, value in (row for rows in files for row in rows):
        said.setdefault((profession, year), []).append(value)
    answer = read(texts, [describe(TALL)])
    contradicted = {key for key, found in said.items() if len(set(found)) > 1}
    assert answer.refused == bool(contradicted)
    if contradicted:
        lost = sum(found[0] != value for found in said.values() for value in found)
        assert sum(f.count for f in answer.findings if f.rule == "observation-contradicted") == lost
        return
    assert values(answer) == {key: Decimal(found[0]) for key, found in said.items()}
    repeated = sum(f.count for f in answer.findings if f.rule == "observation-repeated")
    assert repeated + len(answer.rows) == sum(map(len, files))


@few
@given(DELIVERED)
def test_with_precedence_the_first_file_holds_and_every_loser_is_counted(
    read: Read, describe: Describe, files: list[list[tuple[str, str, str]]]
) -> None:
    files = [list({row[:2]: row for row in rows}.values()) for rows in files]
    texts = {f"{i}.csv": HEAD + "".join(";".join(row) + "\n" for row in rows) for i, rows in enumerate(files)}
    answer = read(texts, [describe(TALL)], tuple(f"{i}.csv" for i in reversed(range(len(files)))))
    last: dict[tuple[str, str], str] = {}
    for rows in files:
        last |= {row[:2]: row[2] for row in rows}
    assert values(answer) == {key: Decimal(value) for key, value in last.items()}
    overruled = sum(f.count for f in answer.findings if f.rule == "observation-overruled")
    assert overruled == sum(row[2] != last[row[:2]] for rows in files for row in rows)


def test_precedence_is_compared_without_case_with_the_name_and_with_the_path(read: Read, describe: Describe) -> None:
    files = {"Gammal.csv": HEAD + "NA;2018;5\n", "ny/NY.CSV.csv": HEAD + "NA;2018;6\n"}
    for pattern in ("NY/*", "ny.csv.csv", "ny/ny.csv.csv"):
        answer = read(files, [describe(TALL)], (pattern,))
        assert (list(values(answer).values()), answer.rules) == ([Decimal(6)], ["observation-overruled"])


def test_a_pattern_of_precedence_that_fits_nothing_is_told(read: Read, describe: Describe) -> None:
    answer = read({"ny/a.csv": HEAD + "NA;2018;5\n"}, [describe(TALL)], ("ny", "a.CSV", "b.csv"))
    assert [(finding.rule, finding.values["pattern"]) for finding in answer.findings] == [
        ("precedence-unused", "ny"),
        ("precedence-unused", "b.csv"),
    ]


def test_precedence_does_not_settle_a_contradiction_within_one_file(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": HEAD + "NA;2018;5\nNA;2018;6\n"}, [describe(TALL)], ("a.csv",))
    assert answer.rules == ["observation-contradicted"]


def test_a_contradiction_names_both_places(read: Read, describe: Describe) -> None:
    (finding,) = read(
        {"a.csv": HEAD + "NA;2018;5\n", "b.csv": HEAD + "LK;2018;1\nNA;2018;6\n"}, [describe(TALL)]
    ).findings
    assert (finding.place.file, finding.place.row, finding.place.column) == ("b.csv", 3, "C")
    said = [finding.values[name] for name in ("value", "other", "other_file", "other_row", "other_column")]
    assert said == ["6", "5", "a.csv", 2, "C"]
    assert finding.values["key"] == "stock NA licensed persons 2018"
    assert finding.values["other_place"] == "a.csv C2"


def test_missing_and_given_contradict_each_other(read: Read, describe: Describe) -> None:
    assert read({"a.csv": HEAD + "NA;2018;X\nNA;2018;5\n"}, [describe(TALL)]).rules == ["observation-contradicted"]


def test_an_equal_figure_with_another_flag_is_not_the_same_observation(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": "Yrke;År;Antal;Flagga\nNA;2018;5;\nNA;2018;5;B\n"}, [describe(TALL)])
    (finding,) = answer.findings
    assert (finding.rule, finding.values["value"], finding.values["other"]) == (
        "observation-contradicted",
        "5 (B)",
        "5",
    )


@pytest.mark.parametrize("precedence", [(), ("b.csv",), ("a.csv",)])
def test_a_free_figure_never_overrules_a_confidential_one(
    read: Read, describe: Describe, precedence: tuple[str, ...]
) -> None:
    files = {"a.csv": HEAD + "NA;2018;X\n", "b.csv": HEAD + "NA;2018;5\n"}
    answer = read(files, [describe(TALL)], precedence)
    (finding,) = answer.findings
    said = {finding.values["value"], finding.values["other"]}
    assert said == {"withheld", "missing (C)"}
    if precedence == ("a.csv",):
        assert finding.rule == "observation-overruled"
        assert [(row["value"], row["conf_status"]) for row in answer.rows] == [(None, "C")]
    else:
        assert finding.rule == "observation-contradicted" and answer.rows == []


MARKED = TALL.replace("fix:", "  - {heading: Sekretess, to: conf_status, optional: true}\nfix:")
MARKED_HEAD = "Yrke;År;Antal;Sekretess\n"


def test_small_counts_as_a_reason_of_confidentiality_are_kept(read: Read, describe: Describe) -> None:
    """The letter A, which of status means that nothing is the matter."""
    flags = {"2015": "A", "2016": "A,O", "2017": "Små tal", "2018": "F"}
    rows = "".join(f"NA;{year};5;{flag}\n" for year, flag in flags.items())
    answer = read({"a.csv": MARKED_HEAD + rows}, [describe(MARKED)])
    assert [row["conf_status"] for row in answer.rows] == ["A", "A,O", "A", "F"]


@pytest.mark.parametrize(
    ("one", "other", "rule", "said"),
    [
        ("917;C", "917;C", "observation-repeated", {"withheld (C)"}),
        ("917;C", "918;", "observation-overruled", {"withheld (C)", "withheld"}),
        ("917;C", "918;C", "observation-overruled", {"withheld (C)"}),
        ("917;", "918;F", "observation-overruled", {"917", "918 (F)"}),
    ],
)
def test_a_confidential_figure_is_not_told_in_findings(
    read: Read, describe: Describe, one: str, other: str, rule: str, said: set[str]
) -> None:
    files = {"a.csv": f"{MARKED_HEAD}NA;2018;{one}\n", "b.csv": f"{MARKED_HEAD}NA;2018;{other}\n"}
    (finding,) = read(files, [describe(MARKED)], ("a.csv",)).findings
    assert finding.rule == rule
    assert {finding.values["value"], finding.values["other"]} == said
    assert {example[name] for example in finding.examples for name in ("value", "other")} == said


def test_a_code_outside_its_validity_is_told_once_and_kept(read: Read, describe: Describe) -> None:
    answer = read({"a.csv": HEAD + "HK;2017;5\nHK;2018;6\nHK;2019;7\n"}, [describe(TALL)])
    (finding,) = answer.findings
    assert (finding.rule, finding.count, finding.place.row) == ("code-not-valid-in-year", 2, 2)
    assert (finding.values["code"], finding.values["year"]) == ("HK", 2017)
    assert len(answer.rows) == 3


def test_headings_without_figures_are_told(read: Read, describe: Describe) -> None:
    for text in (HEAD, HEAD + ";;\n"):
        answer = read({"a.csv": text}, [describe(TALL)])
        assert (answer.refused, answer.rows, answer.rules) == (False, [], ["file-without-observations"])


@pytest.mark.parametrize("name", ["a.json.gz", "a.xlsx.gz", "a.parquet.gz", "a.JSON.GZ", "a.doc"])
def test_only_text_is_read_gzipped(name: str) -> None:
    with pytest.raises(InputRefused) as refused:
        reader(Path(name))
    assert [finding.rule for finding in refused.value.findings] == ["file-ending-unknown"]
    assert reader(Path("a.CSV.gz")) is reader(Path("a.csv"))


@pytest.mark.parametrize(
    ("measure", "activity", "region", "ownership"),
    [("population", "_Z", "_T", "_Z"), ("stock", "licensed", "_T", "_T"), ("vacancies", "_Z", "_T", "_T")],
)
def test_a_dimension_a_measure_lacks_has_one_spelling(
    read: Read, packaged_descriptions: list[Description], measure: str, activity: str, region: str, ownership: str
) -> None:
    unit = {"population": "persons", "stock": "persons", "vacancies": "posts"}[measure]
    names = [*KEY, "value"]
    keys = []
    for nothing in ("_T", "_Z"):
        given = dict.fromkeys(KEY, nothing) | {"measure": measure, "activity": activity, "unit": unit, "year": "2018"}
        line = ",".join([*given.values(), "5"])
        (row,) = read({"national-table.csv": ",".join(names) + f"\n{line}\n"}, packaged_descriptions).rows
        assert (row["activity"], row["region"], row["ownership"]) == (activity, region, ownership)
        keys.append(tuple(row[name] for name in KEY))
    assert keys[0] == keys[1]


def test_the_same_deliveries_give_the_same_bytes(
    tmp_path: Path, lists: CodeLists, packaged_descriptions: list[Description]
) -> None:
    head = ",".join([*KEY, "value", "note"])
    row = dict.fromkeys(KEY, "_T") | {"measure": "stock", "activity": "licensed", "unit": "persons"}
    rows = [
        ",".join([*(row | {"profession": code, "year": str(year)}).values(), str(year % 97), f"n{year % 3}"])
        for code in ("LK", "NA", "TL")
        for year in range(1960, 2019)
    ]
    made = set()
    for folder in (tmp_path / "one", tmp_path / "two" / "deeper"):
        folder.mkdir(parents=True)
        (folder / "national-table.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
        given = [Input(folder / "national-table.csv", "national-table.csv")]
        with connect(folder) as con:
            table, used, findings = read_national_table(con, given, packaged_descriptions, lists, folder)
            assert len(table) == len(rows) and table.years() == (1960, 2018) and not table.is_test()
            assert [one.description.id for one in used] == ["national-table"] and findings == []
            table.write_parquet(folder / "out.parquet")
        made.add((folder / "out.parquet").read_bytes())
    assert len(made) == 1


def test_a_run_s_own_table_is_read_again_to_the_same_rows(
    read: Read, describe: Describe, packaged_descriptions: list[Description]
) -> None:
    first = read({"a.csv": "Yrke;År;Antal;Flagga\nNA;2018;5;B\nLK;2017;X;\n"}, [describe(TALL)])
    names = [name for name in NATIONAL_COLUMNS if name not in ("file", "sheet", "row", "column")]
    lines = [",".join('"' + str("" if row[name] is None else row[name]) + '"' for name in names) for row in first.rows]
    second = read({"national-table.csv": "\n".join([",".join(names), *lines, ""])}, packaged_descriptions)
    assert [[row[name] for name in names] for row in second.rows] == [
        [row[name] for name in names] for row in first.rows
    ]

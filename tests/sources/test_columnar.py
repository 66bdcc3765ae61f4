from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from nps_exchange.engine import connect
from nps_exchange.errors import InputRefused
from nps_exchange.sources import columnar
from nps_exchange.sources.sheet import stage


def parquet(path: Path, query: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        literal = "'" + str(path).replace("'", "''") + "'"
        con.execute(f"COPY ({query}) TO {literal} (FORMAT parquet)")
    return path


def cells(path: Path, width: int, scratch: Path, decimal: str = ".") -> list[tuple[object, ...]]:
    """The rows as they are staged for reading."""
    (sheet,) = columnar.sheets(path)
    with connect() as con:
        assert stage(con, sheet, "grid", width, decimal, scratch) == []
        return con.execute("FROM grid ORDER BY row").fetchall()


def test_column_names_are_row_1_and_values_are_text(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT 'NA' AS profession, 'NO' AS country, '01' AS region, 5 AS value")
    (sheet,) = columnar.sheets(path)
    assert sheet.head() == [(1, ["profession", "country", "region", "value"]), (2, ["NA", "NO", "01", "5"])]
    assert cells(path, 4, tmp_path) == [(2, "NA", "NO", "01", "5")]


def test_nulls_are_empty_and_types_become_plain_text(tmp_path: Path) -> None:
    query = "SELECT NULL::VARCHAR AS a, 2018::SMALLINT AS b, 5.50::DECIMAL(9,2) AS c, 5::DOUBLE AS d, true AS e"
    assert cells(parquet(tmp_path / "a.parquet", query), 5, tmp_path) == [(2, "", "2018", "5.5", "5", "true")]


def test_rows_keep_their_number_in_a_long_file(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT range AS a FROM range(300000) ORDER BY range")
    rows = cells(path, 1, tmp_path)
    assert rows[0] == (2, "0") and rows[-1] == (300001, "299999") and len(rows) == 300000


def test_only_the_head_is_read_to_recognise_a_file(tmp_path: Path) -> None:
    (sheet,) = columnar.sheets(parquet(tmp_path / "a.parquet", "SELECT range AS a FROM range(5000)"))
    assert len(sheet.head()) <= 101


@pytest.mark.parametrize("name", ["l'été.parquet", "a b;c.parquet", "{a,b}.parquet", "[slutlig].parquet", "å*.parquet"])
def test_a_name_is_a_name_and_no_pattern(tmp_path: Path, name: str) -> None:
    parquet(tmp_path / "s.parquet", "SELECT 'wrong' AS a")
    parquet(tmp_path / "åå.parquet", "SELECT 'wrong' AS a")
    assert cells(parquet(tmp_path / name, "SELECT 'right' AS a"), 1, tmp_path) == [(2, "right")]


def test_a_folder_named_like_a_column_changes_nothing(tmp_path: Path) -> None:
    path = parquet(tmp_path / "year=2017" / "a.parquet", "SELECT '2018' AS year")
    assert cells(path, 1, tmp_path) == [(2, "2018")]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"text;text\n1;2\n"])
def test_what_is_not_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        columnar.sheets(path)
    (finding,) = refused.value.findings
    assert finding.rule == ("file-damaged" if content else "file-empty")
    assert str(tmp_path) not in str(finding)


def test_a_decimal_keeps_every_digit(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT 123456789012.123456::DECIMAL(18,6) AS a")
    assert Decimal(str(cells(path, 1, tmp_path)[0][1])) == Decimal("123456789012.123456")


@pytest.mark.parametrize(("decimal", "shown"), [(",", ("0,5", "5", "-1,25")), (".", ("0.5", "5", "-1.25"))])
def test_fractions_follow_the_decimal_mark_of_the_description(
    tmp_path: Path, decimal: str, shown: tuple[str, str, str]
) -> None:
    query = "SELECT 0.5::DOUBLE AS a, 5::DOUBLE AS b, -1.250::DECIMAL(9,3) AS c, '1.5' AS d"
    assert cells(parquet(tmp_path / "a.parquet", query), 4, tmp_path, decimal) == [(2, *shown, "1.5")]

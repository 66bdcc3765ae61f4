"""How fast it is: printed, never asserted. `pytest -m benchmark -s tests/benchmarks`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.benchmark

ROWS = 3_000_000

CODES = {
    "profession": [
        "_T",
        "AP",
        "AT",
        "AU",
        "BM",
        "BA",
        "DT",
        "FT",
        "HK",
        "KP",
        "LG",
        "LK",
        "NA",
        "OP",
        "OT",
        "PS",
        "PT",
        "RC",
        "RS",
        "SF",
        "SJ",
        "TH",
        "TL",
    ],
    "activity": ["licensed", "professionally_active", "practising", "employed_in_health_care"],
    "sex": ["_T", "F", "M"],
    "age": ["_T", "Y_LT35", "Y35T44", "Y45T54", "Y55T64", "Y65T74", "Y_GE75"],
    "region": [
        "_T",
        *(f"{n:02}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 17, 18, 19, 20, 21, 22, 23, 24, 25)),
    ],
    "ownership": ["_T", "PUB", "PRV"],
    "provider": ["_T", "HP1", "HP2", "HP3"],
    "year": [str(year) for year in range(2014, 2024)],
}


def large_table(path: Path) -> None:
    """Three million invented observations in our own codes, and the population for the rates."""
    lists = ", ".join(
        f"(SELECT unnest({codes!r}) AS {column}, unnest(range({len(codes)})) AS i{column})"
        for column, codes in CODES.items()
    )
    total = " + ".join(f"CASE WHEN {column} = '_T' THEN 0 ELSE 1 END" for column in CODES if column != "year")
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT * FROM (SELECT 'stock' AS measure, profession, '_T' AS speciality, activity, sex, age, region, "
            f"ownership, '_T' AS industry, provider, '_T' AS place_of_training, '_T' AS country_of_training, "
            f"'_T' AS birthplace, 'persons' AS unit, year, "
            f"CAST(hash(profession, activity, sex, age, region, ownership, provider, year) % 5000 AS INTEGER) AS value, "
            f"'' AS obs_status, '' AS conf_status, '' AS reference_date, 'TEST DATA: benchmark' AS source, '' AS note "
            f"FROM {lists} ORDER BY {total}, {', '.join(CODES)} LIMIT {ROWS}) UNION ALL SELECT 'population', '_Z', '_Z', '_Z', '_T', '_T', "
            f"'_T', '_Z', '_Z', '_Z', '_Z', '_Z', '_T', 'persons', CAST(y AS VARCHAR), 10000000 + y, '', '', '', "
            f"'TEST DATA: benchmark', '' FROM range(2013, 2024) t(y)) TO '{path}' (FORMAT parquet)"
        )


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds, and the peak memory of the child in MB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - start, used.ru_maxrss / 1024


def best(command: list[str], times: int = 7) -> float:
    return min(timed(command)[0] for _ in range(times))


def test_help_beside_importing_click() -> None:
    click = best([sys.executable, "-c", "import click"])
    own = best([str(Path(sys.executable).with_name("nps-exchange")), "--help"])
    print(
        f"\n--help: {own * 1000:.0f} ms; python -c 'import click': {click * 1000:.0f} ms; {own / click:.2f} times (target 2.5)"
    )


def test_example_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nps_exchange", "run", "--example", "--out"]
    seconds = min(timed([*command, str(tmp_path / f"out{i}")])[0] for i in range(3))
    print(f"\nexample run: {seconds:.2f} s (target 3 s)")


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_three_million_rows(tmp_path: Path, kind: str) -> None:
    table = tmp_path / "national-table.parquet"
    # In a process of its own: on Linux a child starts out with its parent's peak memory.
    subprocess.run([sys.executable, __file__, str(table)], check=True)
    if kind == "csv":
        copy = f"import duckdb; duckdb.execute(\"COPY (FROM '{table}') TO '{table.with_suffix('.csv')}' (FORMAT csv)\")"
        subprocess.run([sys.executable, "-c", copy], check=True)
        table = table.with_suffix(".csv")
    out = tmp_path / "out"
    seconds, memory = timed(
        [sys.executable, "-m", "nps_exchange", "run", str(table), "--year", "2023", "--out", str(out)]
    )
    print(f"\n{ROWS:,} rows from {kind} through all mappings: {seconds:.1f} s, {memory:.0f} MB (target 10 s, 1000 MB)")
    assert (out / "oecd" / "joint-questionnaire.csv").is_file()


if __name__ == "__main__":
    large_table(Path(sys.argv[1]))

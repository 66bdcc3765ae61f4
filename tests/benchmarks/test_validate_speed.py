"""How fast files are checked: printed, never asserted. `pytest -m benchmark -s tests/benchmarks`."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nps_exchange import resources, structures

pytestmark = pytest.mark.benchmark

ROWS = 1_000_000
FLOW = "OECD.ELS.HD:DSD_HEALTH_EMP_REAC@DF_REAC(1.1)"
VALIDATE = [sys.executable, "-m", "nps_exchange", "validate", "--json"]


def large_table(path: Path, wrong: bool) -> None:
    """A million invented observations as SDMX-CSV; where `wrong` is true, the cells stand under other columns."""
    message = resources.load().schema("oecd/DSD_HEALTH_REAC_EMP.xml")
    assert message is not None
    [structure] = structures.load(message)
    listed = [structure.codes_of(dimension.id) for dimension in structure.dimensions]
    years = [str(year) for year in range(1990, 2020)]
    keys = itertools.product(*(codes.codes for codes in listed if codes), years)
    names = [dimension.id for dimension in structure.dimensions]
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(",".join(["STRUCTURE", "STRUCTURE_ID", "ACTION", *names, "TIME_PERIOD", "OBS_VALUE"]) + "\r\n")
        for number, key in enumerate(itertools.islice(keys, ROWS)):
            cells = (str(number), *key) if wrong else (*key, str(number))
            stream.write(",".join(["dataflow", FLOW, "I", *cells]) + "\r\n")


def timed(file: Path, expected: int) -> tuple[float, float]:
    """Seconds, and the peak memory in MB, of checking a file."""
    start = time.perf_counter()
    with subprocess.Popen([*VALIDATE, str(file)], stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == expected
    return time.perf_counter() - start, used.ru_maxrss / 1024


@pytest.mark.parametrize("wrong", [False, True], ids=["sound", "every cell wrong"])
def test_a_million_rows(tmp_path: Path, wrong: bool) -> None:
    path = tmp_path / "table.csv"
    large_table(path, wrong)
    seconds, memory = timed(path, 1 if wrong else 0)
    print(f"\nvalidate {ROWS:,} rows, wrong: {wrong}: {seconds:.1f} s, {memory:.0f} MB (target 10 s, 600 MB)")


def test_the_oecds_table(data_folder: Path) -> None:
    seconds, memory = timed(data_folder / "oecd/HEALTH_REAC_2020-vintage.csv.gz", 0)
    print(f"\nvalidate HEALTH_REAC, 162,851 rows: {seconds:.2f} s, {memory:.0f} MB (target 1 s)")

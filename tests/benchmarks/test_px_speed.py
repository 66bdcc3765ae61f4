"""How fast PX files are written and read: printed, never asserted. `pytest -m benchmark -s tests/benchmarks`.

Each measurement is a process of its own, and so is its peak of memory; modules are loaded before the clock starts.
Rows come from a generator when they are written, and are looked at and forgotten when they are read. pyaxis only
reads, all at once and to a DataFrame: beside it ours is made into the same one.
"""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.test_sdmx_ml_speed import Steps, memory

pytestmark = pytest.mark.benchmark

REPOSITORY = Path(__file__).parent.parent.parent
FEW, MANY = 1_000_000, 10_000_000
SIZES = {"region": 250, "profession": 40, "sex": 2, "year": 50}
"""Values of the variables; `region` has more or fewer, by the number of cells."""

EVERY = 11
"""One cell in so many is a symbol."""


def values(cells: int) -> dict[str, tuple[str, ...]]:
    sizes = SIZES | {"region": cells // (40 * 2 * 50)}
    return {name: tuple(f"{name} {number}" for number in range(size)) for name, size in sizes.items()}


def table(cells: int) -> Any:
    """Invented figures: sex and year above, region and profession at the side."""
    from nps_exchange.formats.px.document import Bare, Px, Statement
    from nps_exchange.formats.px.order import in_order

    listed = values(cells)
    of_variables = [Statement("VALUES", found, keys=(name,)) for name, found in listed.items()]
    said = {"CHARSET": "ANSI", "CODEPAGE": "utf-8", "LANGUAGE": "en", "MATRIX": "INV", "SUBJECT-CODE": "INV"}
    said |= dict.fromkeys(("SUBJECT-AREA", "TITLE", "CONTENTS", "UNITS"), "Invented")
    statements = [Statement(keyword, (text,)) for keyword, text in said.items()]
    statements += [Statement("STUB", ("region", "profession")), Statement("HEADING", ("sex", "year"))]
    statements += [Statement("DECIMALS", (Bare("0"),)), *of_variables]
    return Px(in_order(statements), rows(cells))


def rows(cells: int) -> Iterator[list[str]]:
    width = 2 * 50
    for first in range(0, cells, width):
        yield [cell(number) for number in range(first, first + width)]


def cell(number: int) -> str:
    return str(number * 7919 % 100_000) if number % EVERY else ".."


# Ours


def write(folder: Path, cells: int) -> Steps:
    from nps_exchange.formats.px import writing

    px = table(cells)
    yield "ready"
    for _ in rows(cells):  # what it takes to make the rows is no part of writing them
        pass
    yield "rows"
    writing.encode(px, folder / "t.px")
    yield "rows and write"


def read(folder: Path, cells: int) -> Steps:
    from nps_exchange.formats.px import reading

    yield "ready"
    seen = 0
    for row in reading.decode(folder / "t.px").rows:
        seen += len(row)
    yield "read"
    assert seen == cells


def validate(folder: Path, cells: int) -> Steps:
    from nps_exchange import px_checks
    from nps_exchange.formats.px import reading

    yield "ready"
    found = px_checks.check(reading.read(folder / "t.px"))
    yield "validate"
    assert not any(one.rule.startswith("px-cell") for one in found), cells


def read_to_a_frame(folder: Path, cells: int) -> Steps:
    import pandas as pd

    from nps_exchange.formats.px import reading

    yield "ready"
    px = reading.decode(folder / "t.px")
    found = list(itertools.chain.from_iterable(px.rows))
    yield "read"
    listed = {one.keys[0]: one.values for one in px.statements if one.keyword == "VALUES"}
    frame = pd.MultiIndex.from_product(list(listed.values()), names=list(listed)).to_frame(index=False)
    frame["DATA"] = found
    yield "DataFrame"
    assert len(frame) == cells


# pyaxis


def read_by_pyaxis(folder: Path, cells: int) -> Steps:
    from pyaxis import pyaxis

    yield "ready"
    frame = pyaxis.parse(uri=str(folder / "t.px"), encoding="utf-8", null_values="^$", sd_values="^$")["DATA"]
    yield "read to a DataFrame"
    assert len(frame) == cells


TASKS: dict[str, Callable[[Path, int], Steps]] = {
    "write": write,
    "read": read,
    "validate": validate,
    "read to a DataFrame": read_to_a_frame,
    "read: pyaxis": read_by_pyaxis,
}


# Measuring


def measured(task: str, folder: Path, cells: int) -> dict[str, Any]:
    steps = TASKS[task](folder, cells)
    next(steps)
    before = memory("VmRSS")
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    for step in steps:
        seconds[step] = time.perf_counter() - start
        start = time.perf_counter()
    return {"seconds": seconds, "memory": memory("VmHWM") - before}


def in_a_process(task: str, folder: Path, cells: int) -> dict[str, Any]:
    """The seconds of each step, and the peak of memory above what was there before them, in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.test_px_speed", task, str(folder), str(cells)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def test_ten_million_cells(tmp_path: Path) -> None:
    written = in_a_process("write", tmp_path, MANY)
    found = in_a_process("read", tmp_path, MANY)
    made, both = written["seconds"].values()
    print(f"\nPX, {MANY:,} cells, {(tmp_path / 't.px').stat().st_size / 1e6:.0f} MB; MB above the interpreter's")
    print(f"write: {both - made:.1f} s, {written['memory']:.0f} MB (target 8 s, 400 MB); {made:.1f} s for the rows")
    print(f"read: {found['seconds']['read']:.1f} s, {found['memory']:.0f} MB (target 10 s, 400 MB)")
    checked = in_a_process("validate", tmp_path, MANY)
    print(f"validate: {checked['seconds']['validate']:.1f} s, {checked['memory']:.0f} MB")


def test_beside_pyaxis(tmp_path: Path) -> None:
    pytest.importorskip("pyaxis")
    in_a_process("write", tmp_path, FEW)
    ours, theirs = (in_a_process(task, tmp_path, FEW) for task in ("read to a DataFrame", "read: pyaxis"))
    print(f"\nPX, {FEW:,} cells read to a DataFrame; MB above the interpreter's")
    for name, found in (("ours", ours), ("pyaxis", theirs)):
        steps = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in found["seconds"].items())
        print(f"{name:8}{steps}, {found['memory']:.0f} MB")
    ratio = sum(theirs["seconds"].values()) / sum(ours["seconds"].values())
    print(f"pyaxis takes {ratio:.1f} times as long, and {theirs['memory'] / ours['memory']:.1f} times the memory")


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))

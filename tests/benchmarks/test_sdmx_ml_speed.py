"""SDMX-ML beside sdmx1 and pysdmx on the same data: printed, never asserted. `pytest -m benchmark -s tests/benchmarks`.

All three load the same structure message, write the same observations and read the same file, which is ours. Each
measurement is a process of its own, and so is its peak of memory; modules and structure are loaded, and where data
are written they are held as a list of tuples, before the clock starts. With a million observations the two libraries
take minutes and gigabytes: they do it only where NPS_BENCHMARK_LIBRARIES is set.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.benchmark

REPOSITORY = Path(__file__).parent.parent.parent
FEW, MANY = 100_800, 1_008_000
YEARS = [str(year) for year in range(2012, 2024)]
DIMENSIONS = {
    "FREQ": ["A"],
    "REF_AREA": [f"R{number:03}" for number in range(100)],
    "ISCO08": [f"OC{number:04}" for number in range(50)],
    "SEX": ["T", "F", "M"],
    "AGE": ["TOTAL", "Y_LT35", "Y35-44", "Y45-54", "Y55-64", "Y65-74"],
    "UNIT_MEASURE": ["NR"],
}
ATTRIBUTES = {"OBS_STATUS": ["A", "B"], "CONF_STATUS": ["F", "C"]}
COLUMNS = (*DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *ATTRIBUTES)
VALUE = COLUMNS.index("OBS_VALUE")
PREPARED = "2025-02-20T09:00:00Z"

NEEDED_BY_PYSDMX = {
    "maintainableParentID=": 'package="conceptscheme" class="Concept" maintainableParentID=',
    "<str:TimeDimension>": '<str:TimeDimension id="TIME_PERIOD">',
}
"""What may be left out of a structure message, but pysdmx stops without."""

Steps = Iterator[str]
"""The work in steps: the first is what is made ready, the others are measured, each named when it is done."""


def rows(observations: int) -> list[tuple[str, ...]]:
    """Invented observations, twelve a series, in the order of the structure."""
    keys = itertools.islice(itertools.product(*DIMENSIONS.values(), YEARS), observations)
    status = [codes[0] for codes in ATTRIBUTES.values()]
    return [(*key, str(number * 7919 % 100_000), *status) for number, key in enumerate(keys)]


def total(observations: int) -> int:
    return sum(number * 7919 % 100_000 for number in range(observations))


# Ours


def write_structure(folder: Path, _: int) -> Steps:
    from tests import invented

    coded = [{id_: " ".join(codes) for id_, codes in part.items()} for part in (DIMENSIONS, ATTRIBUTES)]
    text = invented.message(*coded)
    for short, long in NEEDED_BY_PYSDMX.items():
        assert short in text
        text = text.replace(short, long)
    (folder / "structure.xml").write_text(text, encoding="utf-8")
    yield "ready"


def our_structure(folder: Path) -> Any:
    from nps_exchange import structures
    from nps_exchange.resources import Resource

    path = folder / "structure.xml"
    [structure] = structures.load(Resource(path.name, path, path.name))
    return structure


def write(folder: Path, observations: int) -> Steps:
    from nps_exchange.formats import FORMATS
    from nps_exchange.formats.table import Header, Table

    structure = our_structure(folder)
    data = rows(observations)
    yield "ready"
    [dataflow] = structure.dataflows
    header = Header("TEST", True, PREPARED, "INV")
    FORMATS["sdmx-ml-2.1"].encode(Table(COLUMNS, data, dataflow, "R", structure, header), folder / "ours.xml")
    yield "write"
    assert written(folder / "ours.xml") == observations


def validate(folder: Path, observations: int) -> Steps:
    from nps_exchange import layouts, sdmx_messages

    structure = our_structure(folder)
    [dataflow] = structure.dataflows
    layout = layouts.of_structure(structure, "inv/table", dataflow, "sdmx-ml-2.1")
    yield "ready"
    findings = sdmx_messages.check(folder / "ours.xml", layout, "ours.xml")
    yield "validate"
    assert not findings


def read(folder: Path, observations: int) -> Steps:
    import pandas as pd

    from nps_exchange.formats import FORMATS

    structure = our_structure(folder)
    yield "ready"
    table = FORMATS["sdmx-ml-2.1"].decode(folder / "ours.xml", structure)
    data = list(table.rows)
    yield "read"
    frame = pd.DataFrame(data, columns=list(table.columns))
    yield "DataFrame"
    assert data == rows(observations) and len(frame) == observations


def written(path: Path) -> int:
    """How many observations a file holds."""
    return path.read_bytes().count(b"<Obs ")


# sdmx1


def sdmx1_structure(folder: Path) -> tuple[Any, Any]:
    import sdmx

    message = sdmx.read_sdmx(folder / "structure.xml")
    return message.structure["TABLE"], message.dataflow["TABLE"]


def write_by_sdmx1(folder: Path, observations: int) -> Steps:
    """Objects first; keys of periods and values of attributes are made once and shared, which takes half the time."""
    import sdmx
    from sdmx.message import DataMessage, Header
    from sdmx.model import v21

    structure, dataflow = sdmx1_structure(folder)
    data = rows(observations)
    yield "ready"
    data_set = v21.StructureSpecificTimeSeriesDataSet(structured_by=structure)
    [measure] = structure.measures
    periods = {year: structure.make_key(v21.Key, {"TIME_PERIOD": year}) for year in YEARS}
    values = {
        (id_, code): v21.AttributeValue(value=code, value_for=structure.attributes.get(id_))
        for id_, codes in ATTRIBUTES.items()
        for code in codes
    }
    width = len(DIMENSIONS)
    for key, group in itertools.groupby(data, key=lambda row: row[:width]):
        series = structure.make_key(v21.SeriesKey, dict(zip(DIMENSIONS, key, strict=True)))
        of_series = [
            v21.Observation(
                dimension=periods[row[width]],
                value=row[VALUE],
                value_for=measure,
                attached_attribute={
                    id_: values[id_, code] for id_, code in zip(ATTRIBUTES, row[VALUE + 1 :], strict=True)
                },
            )
            for row in group
        ]
        data_set.add_obs(of_series, series)
    yield "objects"
    message = DataMessage(data=[data_set], dataflow=dataflow, header=Header(id="TEST"))
    message.update()
    (folder / "sdmx1.xml").write_bytes(sdmx.to_xml(message))
    yield "write"
    assert written(folder / "sdmx1.xml") == observations


def read_by_sdmx1(folder: Path, observations: int) -> Steps:
    import sdmx

    structure, _ = sdmx1_structure(folder)
    yield "ready"
    [data_set] = sdmx.read_sdmx(folder / "ours.xml", structure=structure).data
    yield "read"
    frame = sdmx.to_pandas(data_set, attributes="o")
    yield "DataFrame"
    assert (len(frame), int(frame["value"].sum())) == (observations, total(observations))


# pysdmx


def write_by_pysdmx(folder: Path, observations: int) -> Steps:
    import pandas as pd
    from pysdmx.io import read_sdmx, write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset

    [structure] = read_sdmx(folder / "structure.xml").get_data_structure_definitions()
    data = rows(observations)
    yield "ready"
    data_set = PandasDataset(structure=structure.to_schema(), data=pd.DataFrame(data, columns=list(COLUMNS)))
    yield "objects"
    write_sdmx(
        data_set,
        Format.DATA_SDMX_ML_2_1_STRTS,
        str(folder / "pysdmx.xml"),
        prettyprint=False,
        dimension_at_observation="TIME_PERIOD",
    )
    yield "write"
    assert written(folder / "pysdmx.xml") == observations


def read_by_pysdmx(folder: Path, observations: int, validated: bool = False) -> Steps:
    """To a DataFrame, which is what pysdmx reads to; its validation looks at no code and no period."""
    from pysdmx.io import read_sdmx

    read_sdmx(folder / "structure.xml")  # what reading imports
    yield "ready"
    [data_set] = read_sdmx(folder / "ours.xml", validate=validated).data
    yield "read"
    frame = data_set.data
    assert (len(frame), sum(map(int, frame["OBS_VALUE"]))) == (observations, total(observations))


def read_validated_by_pysdmx(folder: Path, observations: int) -> Steps:
    return read_by_pysdmx(folder, observations, validated=True)


OURS: dict[str, Callable[[Path, int], Steps]] = {"write": write, "validate": validate, "read": read}
THEIRS: dict[str, Callable[[Path, int], Steps]] = {
    "write: sdmx1": write_by_sdmx1,
    "write: pysdmx": write_by_pysdmx,
    "read: sdmx1": read_by_sdmx1,
    "read: pysdmx": read_by_pysdmx,
    "read: pysdmx, validate=True": read_validated_by_pysdmx,
}
TASKS = {"structure": write_structure, **OURS, **THEIRS}


# Measuring


def memory(which: str) -> float:
    """VmRSS or VmHWM (its peak) of this process in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(which))


def measured(task: str, folder: Path, observations: int) -> dict[str, Any]:
    steps = TASKS[task](folder, observations)
    next(steps)
    before = memory("VmRSS")
    seconds: dict[str, float] = {}
    processor, peak = 0.0, before
    start, begun = time.perf_counter(), time.process_time()
    for step in steps:
        seconds[step] = time.perf_counter() - start
        processor, peak = time.process_time() - begun, memory("VmHWM")
        start = time.perf_counter()
    return {"seconds": seconds, "processor": processor, "memory": peak - before}


def in_a_process(task: str, folder: Path, observations: int) -> dict[str, Any]:
    """The seconds of each step, and the peak of memory above what was there before them, in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.test_sdmx_ml_speed", task, str(folder), str(observations)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def whole_command(folder: Path) -> tuple[float, float]:
    """Seconds of `nps-exchange validate`, and the peak of memory of the whole process in MB."""
    command = [sys.executable, "-m", "nps_exchange", "validate", str(folder / "ours.xml")]
    command += ["--structure", str(folder / "structure.xml")]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=REPOSITORY) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - start, used.ru_maxrss / 1024


def line(task: str, found: dict[str, Any], ours: dict[str, Any] | None) -> str:
    """A line of the table."""
    seconds = found["seconds"]
    steps = " + ".join(f"{step} {one:.2f}" for step, one in seconds.items()) if len(seconds) > 1 else ""
    text = f"{task:29}{sum(seconds.values()):8.2f}{found['processor']:11.2f}{found['memory']:10.0f}"
    if ours is not None:
        alone = task.split(":")[0]
        of_all = sum(seconds.values()) / sum(ours["seconds"].values())
        text += f"{of_all:9.1f}{seconds[alone] / ours['seconds'][alone]:9.1f}"
    return f"{text:76}  {steps}".rstrip()


@pytest.mark.parametrize("observations", [FEW, MANY])
def test_beside_sdmx1_and_pysdmx(tmp_path: Path, observations: int) -> None:
    in_a_process("structure", tmp_path, 0)
    found = {task: in_a_process(task, tmp_path, observations) for task in OURS}
    seconds, peak = whole_command(tmp_path)
    print(f"\nSDMX-ML 2.1, {observations:,} observations, {(tmp_path / 'ours.xml').stat().st_size / 1e6:.0f} MB")
    print(f"{'':29}{'seconds':>8}{'processor':>11}{'MB above':>10}{'ratio':>9}{'alone':>9}")
    for task in OURS:
        print(line(task, found[task], None))
    print(f"{'nps-exchange validate':29}{seconds:8.2f}{'':11}{peak:10.0f} (of the whole process)")
    if observations == MANY:
        print("targets: write 6 s, validate 4 s, each less than 150 MB above")
    if observations == MANY and not os.environ.get("NPS_BENCHMARK_LIBRARIES"):
        print("sdmx1 and pysdmx: not measured, NPS_BENCHMARK_LIBRARIES is not set")
        return
    for task in THEIRS:
        print(line(task, in_a_process(task, tmp_path, observations), found[task.split(":")[0]]), flush=True)
    print("ratio: to all of ours; alone: without objects made before, or a DataFrame after. MB above what was held")
    print("targets: 15 times to write, 4 times to read")


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))

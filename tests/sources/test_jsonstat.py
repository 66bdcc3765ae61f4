import json
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_exchange.errors import InputRefused
from nps_exchange.sources import jsonstat

SIZES = st.lists(st.integers(1, 3), min_size=1, max_size=4)
VALUE = st.one_of(st.none(), st.integers(0, 10**12), st.integers(0, 10**6).map(lambda n: n / 4))


def dataset(sizes: list[int], value: Any, **more: Any) -> dict[str, Any]:
    ids = [f"D{i}" for i in range(len(sizes))]
    dimensions = {
        one: {
            "label": f"dim {one}",
            "category": {
                "index": {f"c{k}": k for k in range(size)},
                "label": {f"c{k}": f"Label {k}" for k in range(size)},
            },
        }
        for one, size in zip(ids, sizes, strict=True)
    }
    return {
        "class": "dataset",
        "version": "2.0",
        "id": ids,
        "size": sizes,
        "dimension": dimensions,
        "value": value,
        **more,
    }


def rows(path: Path, content: Any) -> list[tuple[int, list[Any]]]:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    (sheet,) = jsonstat.sheets(path)
    return list(sheet.rows())


def refused(path: Path, content: Any) -> str:
    with pytest.raises(InputRefused) as error:
        rows(path, content)
    (finding,) = error.value.findings
    assert finding.rule == "file-damaged"
    return str(finding.values["problem"])


@given(SIZES, st.data())
def test_sparse_and_dense_values_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("js") / "a.json"
    values = data.draw(st.lists(VALUE, min_size=prod(sizes), max_size=prod(sizes)))
    dense = rows(path, dataset(sizes, values))
    sparse = rows(path, dataset(sizes, {str(i): value for i, value in enumerate(values) if value is not None}))
    assert dense == sparse
    assert [number for number, _ in dense] == list(range(1, prod(sizes) + 2))
    assert [cells[-2] for _, cells in dense[1:]] == values


def test_cells_are_in_row_major_order_with_label_and_code_of_each_dimension(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.json", dataset([2, 3], list(range(6))))
    assert found[0] == (1, ["dim D0", "D0 (code)", "dim D1", "D1 (code)", "value", "status"])
    codes = [(cells[1], cells[3], cells[4]) for _, cells in found[1:]]
    assert codes == [(f"c{a}", f"c{b}", 3 * a + b) for a, b in product(range(2), range(3))]
    assert found[2][1] == ["Label 0", "c0", "Label 1", "c1", 1, None]


def test_the_order_of_categories_is_that_of_the_index_not_of_the_file(tmp_path: Path) -> None:
    content = dataset([2], [1, 2])
    content["dimension"]["D0"]["category"] = {"index": {"b": 1, "a": 0}, "label": {"b": "B", "a": "A"}}
    assert [(cells[0], cells[2]) for _, cells in rows(tmp_path / "a.json", content)[1:]] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    ("status", "values", "flags"),
    [
        ({"1": ".."}, [5, "..", 7], [None, None, None]),
        ([None, "..", None], [5, "..", 7], [None, None, None]),
        ("p", [5, "p", 7], ["p", None, "p"]),
        ({"0": "p"}, [5, None, 7], ["p", None, None]),
        ({}, [5, None, 7], [None, None, None]),
    ],
)
def test_a_status_stands_in_for_a_missing_value_or_beside_one(
    tmp_path: Path, status: Any, values: list[Any], flags: list[Any]
) -> None:
    found = rows(tmp_path / "a.json", dataset([3], [5, None, 7], status=status))
    assert [cells[-2] for _, cells in found[1:]] == values
    assert [cells[-1] for _, cells in found[1:]] == flags


def test_codes_that_other_tools_lose_survive(tmp_path: Path) -> None:
    content = dataset([3], [1, 2, 3])
    content["dimension"]["D0"]["category"] = {"index": ["NA", "NO", "01"]}
    assert [cells[:2] for _, cells in rows(tmp_path / "a.json", content)[1:]] == [["NA"] * 2, ["NO"] * 2, ["01"] * 2]


def test_a_mark_of_utf_8_before_the_text_is_read_past(tmp_path: Path) -> None:
    assert len(rows(tmp_path / "a.json", "\ufeff" + json.dumps(dataset([1], [1])))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": [2]},
        {"size": []},
        {"value": [1, 2]},
        {"value": {"1": 1}},
        {"value": {"x": 1}},
        {"value": None},
        {"id": ["D0", "D1"]},
        {"id": None},
        {"dimension": {}},
        {"dimension": []},
        {"status": ["a", "b"]},
        {"class": "collection"},
        {"size": ["1"]},
        {"size": [10**9]},
        {"id": ["X"]},
    ],
    ids=str,
)
def test_a_dataset_that_does_not_agree_with_itself_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert "JSON-stat 2.0" in refused(tmp_path / "a.json", dataset([1], [1]) | wrong)


@pytest.mark.parametrize("position", ["-1", "2", "+1", " 1", "1.0", ""])
def test_a_position_that_there_is_not_is_refused(tmp_path: Path, position: str) -> None:
    refused(tmp_path / "a.json", dataset([2], {position: 1}))
    refused(tmp_path / "a.json", dataset([2], [1, 2], status={position: "p"}))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps(dataset([2], {"0": 1, "1": 2})).replace('"1": 2', '"0": 2')
    assert "twice" in refused(tmp_path / "a.json", text)


def test_no_more_cells_are_laid_out_than_a_machine_holds(tmp_path: Path) -> None:
    content = dataset([100] * 5, {})
    assert "more than" in refused(tmp_path / "a.json", content)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "a.json", "[" * 100_000)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["class", "id", "size", "dimension", "value", "category", "index", "label"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    path = tmp_path_factory.mktemp("js") / "a.json"
    try:
        rows(path, json.dumps(content))
    except InputRefused as error:
        assert [finding.rule for finding in error.findings] == ["file-damaged"]


def test_real_answers_of_pxweb_are_read_when_they_hold_figures(data_folder: Path, tmp_path: Path) -> None:
    """Those that are kept are metadata: datasets without figures, which are refused; figures are put in."""
    folder = data_folder / "jsonstat"
    if not folder.is_dir():
        pytest.skip(f"the folder is absent: {folder}")
    read = 0
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_bytes())
        assert "JSON-stat 2.0" in refused(tmp_path / "a.json", content), path.name
        if content.get("class") != "dataset" or content["size"] != _categories(content):
            continue
        read += 1
        found = rows(tmp_path / "a.json", content | {"value": list(range(prod(content["size"])))})
        assert len(found) == prod(content["size"]) + 1
        assert {len(cells) for _, cells in found} == {2 * len(content["id"]) + 2}
        assert [cells[-2] for _, cells in found[1:]] == list(range(len(found) - 1))
        for i, one in enumerate(content["id"]):
            category = content["dimension"][one]["category"]
            said = {(cells[2 * i], cells[2 * i + 1]) for _, cells in found[1:]}
            assert said == {(label, code) for code, label in category["label"].items()}
    assert read == 3


def _categories(content: dict[str, Any]) -> list[int]:
    return [len(content["dimension"][one]["category"]["index"]) for one in content["id"]]

"""JSON-stat 2.0, as PxWeb gives it: one row a cell, for each dimension its label and its code.

The heading of a dimension is its label; its codes stand in a column headed by the dimension's id and
` (code)`. The last columns are `value` and `status`. Row 2 is the first cell in row-major order.
Source: JSON-stat 2.0 format, www.json-stat.org.
"""

import json
from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding, Place
from nps_exchange.sources.sheet import Row, Sheet

MOST_CELLS = 20_000_000


def sheets(path: Path) -> list[Sheet]:
    """The one sheet of a JSON-stat dataset.

    Raises:
        InputRefused: empty, not JSON, not a JSON-stat 2.0 dataset, or sizes that do not agree.
    """
    content = path.read_bytes()
    if not content.strip():
        raise InputRefused(Finding("file-empty", Place(file=path.name)))
    try:
        dataset = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        problem = f"it is not JSON: {error}"
        raise InputRefused(Finding("file-damaged", Place(file=path.name), {"problem": problem})) from None
    try:
        rows = _table(dataset)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        problem = f"it is not a JSON-stat 2.0 dataset ({error})"
        raise InputRefused(Finding("file-damaged", Place(file=path.name), {"problem": problem})) from None
    return [Sheet("", lambda: iter(rows))]


def _table(dataset: dict[str, Any]) -> list[Row]:
    if dataset.get("class", "dataset") != "dataset":
        raise ValueError(f"class is {dataset['class']!r}")
    ids, sizes = dataset["id"], dataset["size"]
    if len(ids) != len(sizes):
        raise ValueError("id and size differ in length")
    headings: list[str] = []
    axes: list[list[tuple[str, str]]] = []
    for dimension_id, size in zip(ids, sizes, strict=True):
        dimension = dataset["dimension"][dimension_id]
        axis = list(_categories(dimension["category"]))
        if len(axis) != size:
            raise ValueError(f"dimension {dimension_id!r} has {len(axis)} categories, its size is {size}")
        headings += [str(dimension.get("label", dimension_id)), f"{dimension_id} (code)"]
        axes.append(axis)
    cells = prod(sizes)
    if cells > MOST_CELLS:
        raise ValueError(f"{cells} cells are more than the {MOST_CELLS} that are read")
    values = _dense(dataset["value"], cells)
    status = _dense(dataset.get("status") or {}, cells)
    rows: list[Row] = [(1, [*headings, "value", "status"])]
    for i, combination in enumerate(product(*axes)):
        labels_and_codes = [text for label, code in combination for text in (label, code)]
        # A status without a value is the symbol that stands in its place; beside one it is a flag.
        value, flag = values[i], status[i]
        if value is None:
            value, flag = flag, None
        rows.append((i + 2, [*labels_and_codes, value, flag]))
    return rows


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _categories(category: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(label, code) in the order of the index."""
    labels = category.get("label", {})
    index = category.get("index", list(labels))
    codes = index if isinstance(index, list) else sorted(index, key=lambda code: index[code])
    for code in codes:
        yield str(labels.get(code, code)), str(code)


def _dense(values: Any, cells: int) -> list[Any]:
    if isinstance(values, str):
        return [values] * cells
    if isinstance(values, dict):
        dense: list[Any] = [None] * cells
        for position, value in values.items():
            if not position.isdecimal() or int(position) >= cells:
                raise ValueError(f"there is no cell {position!r}")
            dense[int(position)] = value
        return dense
    if len(values) != cells:
        raise ValueError(f"{len(values)} values for {cells} cells")
    return list(values)

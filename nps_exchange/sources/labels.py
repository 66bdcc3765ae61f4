"""Labels to codes: each coded column gets a small table of the labels that occur, and what they mean."""

from collections.abc import Iterator

from nps_exchange.codelists import LIST_OF, normalised
from nps_exchange.engine import insert
from nps_exchange.model import NORMAL, Finding
from nps_exchange.sources.description import YEAR, Column
from nps_exchange.sources.reading import STATUSES, Reading, sql_type

NEARLY = 0.85
"""How like a known label a lone text must be to be taken for a misspelling of it."""


def look_up(reading: Reading) -> list[Finding]:
    """Make the view `labelled`: the rows below the headings, `k<i>` as delivered, `code<i>` as coded.

    `aside` marks rows that hold no observation: empty ones, and texts without a figure beside them.
    Returns all labels that are in no code list, each with its first row and the nearest known label.
    """
    con = reading.con
    unknown: dict[int, list[str]] = {}
    for index, column in reading.coded.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE look{index} (label VARCHAR, code {sql_type(column.to)})")
        rows = con.execute(
            f"SELECT DISTINCT trim(c{index}) FROM grid WHERE row > {reading.table.header_row} ORDER BY 1"
        ).fetchall()
        codes = {label: _code(reading, column, label) for (label,) in rows}
        insert(con, f"look{index}", [(label, code) for label, code in codes.items() if code is not None])
        unknown[index] = [label for label, code in codes.items() if code is None]
    con.execute(f"CREATE OR REPLACE TEMP VIEW labelled AS {_labelled(reading)}")
    return [finding for index, labels in unknown.items() if labels for finding in _unknown(reading, index)]


def _labelled(reading: Reading) -> str:
    cells = {index: f"trim(c{index})" for index in reading.keys}
    raw = [*(f"c{figures.index} AS v{figures.index}" for figures in reading.figures)]
    blank = " AND ".join(f"{cell} = ''" for cell in (*cells.values(), *(f"trim(c{f.index})" for f in reading.figures)))
    for index, column in reading.keys.items():
        if column.fill_down:
            over = "OVER (ORDER BY row ROWS UNBOUNDED PRECEDING)"
            cells[index] = f"COALESCE(LAST_VALUE(NULLIF(trim(c{index}), '') IGNORE NULLS) {over}, '')"
    grid = ", ".join([*(f"{cell} AS k{index}" for index, cell in cells.items()), *raw, f"{blank} AS blank"])
    codes = ", ".join([*(f"look{i}.code AS code{i}" for i in reading.coded), "below.*"])
    joins = " ".join(f"LEFT JOIN look{i} ON look{i}.label = below.k{i}" for i in reading.coded)
    empty = " AND ".join(f"trim(v{figures.index}) = ''" for figures in reading.figures)
    dimensions = [index for index, column in reading.coded.items() if column.to not in STATUSES]
    # A text without figures is a footnote only if nothing in its row is a label we know: a known year
    # beside a misspelt profession is a row with a fault, not a footnote.
    known = " OR ".join(f"(code{index} IS NOT NULL AND raw{index} <> '')" for index in dimensions) or "false"
    complete = " AND ".join(f"code{index} IS NOT NULL" for index in dimensions) or "true"
    raw_keys = ", ".join(f"trim(c{index}) AS raw{index}" for index in reading.keys)
    grid = f"{grid}, {raw_keys}" if raw_keys else grid
    return (
        f"WITH below AS (SELECT row, {grid} FROM grid WHERE row > {reading.table.header_row}), "
        f"coded AS (SELECT {codes} FROM below {joins}) "
        f"SELECT *, blank OR (({empty}) AND NOT ({known}) AND NOT ({complete})) AS aside FROM coded"
    )


def _code(reading: Reading, column: Column, label: str) -> str | None:
    if column.to == "year":
        return label if YEAR.fullmatch(label) else None
    own = column.labels.get(normalised(label))
    if column.to in STATUSES:
        return _statuses(reading, column.to, label if own is None else own)
    if own is not None:
        return own
    return reading.codelists.of(column.to).code(label)


def _statuses(reading: Reading, column: str, label: str) -> str | None:
    """Flags are sets: `B`, `B,E`, `be`, or a label; written sorted, with commas."""
    known = reading.codelists.of(column)
    if not label:
        return ""
    whole = known.code(label)
    parts = [whole] if whole else [known.code(part) for part in label.replace(";", ",").split(",")]
    if None in parts and label.isalpha():
        parts = [known.code(letter) for letter in label]
    if None in parts:
        return None
    flags = {part for part in parts if part}
    # Of confidentiality the same letter means small counts.
    return ",".join(sorted(flags - ({NORMAL} if column == "obs_status" else set())))


def _unknown(reading: Reading, index: int) -> Iterator[Finding]:
    column = reading.keys[index]
    rows = reading.con.execute(
        f"SELECT k{index}, min(row), count(*) FROM labelled "
        f"WHERE NOT aside AND code{index} IS NULL GROUP BY ALL ORDER BY 2"
    ).fetchall()
    for label, row, count in rows:
        place = reading.place(row, index)
        if not label:
            yield Finding("label-empty", place, {"label": label, "codelist": LIST_OF.get(column.to, column.to)}, count)
            continue
        if column.to == "year":
            yield Finding("year-unreadable", place, {"label": label}, count)
            continue
        nearest = reading.codelists.of(column.to).nearest(label)
        values = {"label": label, "codelist": LIST_OF[column.to], "nearest": nearest}
        yield Finding("label-unknown" if nearest else "label-unlike-any", place, values, count)


def misspelt(reading: Reading) -> Iterator[Finding]:
    """A text without figures is a footnote, unless it is nearly a label we know."""
    footnotes = reading.con.execute("SELECT 1 FROM labelled WHERE aside AND NOT blank LIMIT 1").fetchone()
    for index, column in reading.coded.items() if footnotes else ():
        if column.to not in LIST_OF:
            continue
        codelist = reading.codelists.of(column.to)
        rows = reading.con.execute(
            f"SELECT k{index}, min(row), count(*) FROM labelled "
            f"WHERE aside AND NOT blank AND raw{index} <> '' GROUP BY 1 ORDER BY 2"
        ).fetchall()
        for label, row, count in rows:
            nearest = codelist.nearest(label, NEARLY)
            if nearest:
                values = {"label": label, "codelist": codelist.name, "nearest": nearest}
                yield Finding("label-unknown", reading.place(row, index), values, count)

"""The national table, by a mapping, becomes one dataset of a body: every cell with the row that made it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nps_exchange import cell_faults, predicate, rates
from nps_exchange.cell_flags import closed_flags, flagged
from nps_exchange.cells import FREE, LEAVES_CLOSED, Cells, is_sent, target, value_text
from nps_exchange.codelists import CodeLists
from nps_exchange.engine import Connection, name, quoted
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Column, File, Mapping
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.sources.national import NationalTable

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Dataset:
    """One dataset of a body, as translated: a DuckDB table beside the national one.

    Grain: one row per key of the coded columns and year. Columns of the table: the coded columns,
    `year`, `value` (exact decimal or missing), `decimals`, `obs_status`, `conf_status`, its
    lineage: `series` (position in the mapping), `line` of the mapping, `derived`; `small` marks counts
    for disclosure control, `noted` names the contexts with a note.
    """

    mapping: Mapping
    con: Connection
    table: str
    dropped: tuple[int, ...]

    def __len__(self) -> int:
        return self._sent

    @cached_property
    def _sent(self) -> int:
        row = self.con.execute(f"SELECT count(*) FROM {self.table} WHERE {is_sent(self.mapping)}").fetchone()
        return int(row[0]) if row else 0

    def rows(self, file: File) -> Iterator[tuple[str | None, ...]]:
        """The rows as they are sent in a file: its columns as text, in order of their keys; None is nothing."""
        cursor = self.con.cursor()
        cells = ", ".join(f"NULLIF({_text(column, file)}, '') AS {name(column.name)}" for column in file.columns)
        order = ", ".join([*map(target, file.codes), "year"])
        cursor.execute(f"SELECT {cells} FROM {self.table} WHERE {is_sent(self.mapping)} ORDER BY {order}")
        while block := cursor.fetchmany(10_000):
            yield from block

    def confidential(self) -> int:
        """How many confidential figures are sent, each with its flag."""
        row = self.con.execute(f"SELECT count(*) FROM {self.table} WHERE {LEAVES_CLOSED}").fetchone()
        return int(row[0]) if row else 0

    def small_cells(self) -> list[dict[str, str]]:
        """The keys, in the first file, of the counts that are marked for disclosure control."""
        file = self.mapping.files[0]
        codes = ", ".join(map(target, file.codes))
        rows = self.con.execute(f"SELECT {codes}, year FROM {self.table} WHERE small ORDER BY ALL").fetchall()
        return [dict(zip((*file.codes, file.named("year")), map(str, row), strict=True)) for row in rows]

    def years(self) -> range:
        """All years that a cell was made for, those that are withheld too, without a gap."""
        first, last = self.con.execute(f"SELECT min(year), max(year) FROM {self.table}").fetchone() or (None, None)
        return range(first, last + 1) if first is not None else range(0)

    def notes(self, columns: Sequence[str]) -> dict[tuple[Any, ...], str]:
        """What was noted beside the delivered figures, by codes of these columns and year.

        Beside a confidential figure nothing: its note may tell as much as the figure.
        """
        rows = self.con.execute(
            f"SELECT {', '.join([*map(target, columns), 'year'])}, "
            "string_agg(DISTINCT note, chr(10) ORDER BY note) "
            f"FROM (SELECT *, unnest(noted) AS context FROM {self.table} WHERE {FREE}) "
            "JOIN context USING (context) GROUP BY ALL"
        ).fetchall()
        return {tuple(key): note for *key, note in rows}

    def frame(self, file: File | None = None) -> "pandas.DataFrame":
        """The dataset as it is sent (in its first file), as a DataFrame of text; see `rows`."""
        import pandas

        file = file or self.mapping.files[0]
        rows = [tuple(cell or "" for cell in row) for row in self.rows(file)]
        return pandas.DataFrame(rows, columns=[column.name for column in file.columns])


def _text(column: Column, file: File) -> str:
    """SQL: a column of a delivered file."""
    if column.holds == "value":
        return value_text("value", "decimals")
    if column.holds == "year":
        return "CAST(year AS VARCHAR)"
    if column.holds == "conf_status":
        shown = f"NULLIF(array_to_string({closed_flags(file, column)}, {quoted(column.join)}), '')"
        return f"COALESCE({shown}, {quoted(column.normal)})"
    if column.holds == "obs_status":
        flags = file.flags
        if len(flags) > 1:
            shown = f"({flagged(flags[0])})[{flags.index(column) + 1}]"
        else:
            shown = f"NULLIF(array_to_string({flagged(column)}, {quoted(column.join)}), '')"
        return f"COALESCE({shown}, {quoted(column.normal)})"
    return target(column.name)


def translate(table: NationalTable, mapping: Mapping, codelists: CodeLists, year: int) -> tuple[Dataset, list[Finding]]:
    """Translate the national table into one dataset, up to a reference year.

    Returns the dataset and what is worth knowing: rates without denominator, incomplete sums,
    figures delivered as missing, confidential ones withheld or sent, observations newer than the year.

    Raises:
        ConfigurationRefused: the mapping is not valid for the year, or an observation inside a
            scope is neither mapped nor dropped, or a cell is filled twice; each with its place.
    """
    if not mapping.valid_from <= year <= mapping.valid_to:
        period = f"{mapping.valid_from}-{mapping.valid_to}"
        values = {"dataset": mapping.dataset, "period": period, "year": year, "file": mapping.file}
        raise ConfigurationRefused(Finding("mapping-not-valid-for-year", Place(file=mapping.file), values))
    work = Cells(table.con, mapping, codelists, year)
    work.create()
    faults: list[Finding] = []
    findings: list[Finding] = []
    for position, series in enumerate(mapping.series):
        faults += work.scope(position, series)
        findings += work.fill(position, series)
    if faults:
        raise ConfigurationRefused(*faults)
    findings += rates.derive(work)
    faults = list(cell_faults.faults(work))
    if faults:
        raise ConfigurationRefused(*faults)
    findings += [*work.left_by_year(), *work.missing(), *work.small(), *work.confidential()]
    return Dataset(mapping, table.con, work.table, work.dropped()), findings


def unused(table: NationalTable, mappings: list[Mapping]) -> list[Finding]:
    """One finding per measure: the observations in no scope of any mapping, by profession and activity."""
    scopes = [predicate.sql(series.scope, series.free) for mapping in mappings for series in mapping.series]
    denominators = [
        predicate.sql(derivation.over, derivation.by)
        for mapping in mappings
        for series in mapping.series
        for derivation in series.derive
        if derivation.over is not None
    ]
    used = " OR ".join(f"({scope})" for scope in dict.fromkeys(scopes + denominators)) or "false"
    rows = table.con.execute(
        f"SELECT measure, profession, activity, count(*) FROM national WHERE NOT ({used}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    groups: dict[str, list[dict[str, Any]]] = {}
    for measure, profession, activity, count in rows:
        group = {"profession": profession, "activity": activity, "observations": count}
        groups.setdefault(measure, []).append(group)
    return [
        Finding(
            "observations-unused",
            Place(key=measure),
            {"group": measure},
            sum(group["observations"] for group in parts),
            tuple(parts[:EXAMPLES_SHOWN]),
        )
        for measure, parts in groups.items()
    ]

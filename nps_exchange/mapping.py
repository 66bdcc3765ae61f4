"""Mappings as records: how the national table becomes one dataset of a body. Made from data, never code."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nps_exchange.asked import Asked
from nps_exchange.predicate import Predicate
from nps_exchange.presentations import PxTable, Workbook
from nps_exchange.structures import Codes, Structure

FIRST_YEAR, LAST_YEAR = 1900, 2099

FLAT = "delimited"
"""The format whose files do not say what they are: they are known by their headings."""

FLAGS = "OBS_STATUS"
"""The component that flags are in SDMX structures."""


@dataclass(frozen=True)
class Column:
    """A column of a delivered file: its name and what it holds.

    For flags, of status or of confidentiality: what joins several of them in one field, what some of ours are for
    the body, and what stands where there is none. Where several columns hold flags of status, each takes one.
    """

    name: str
    holds: str
    join: str
    recode: dict[str, str]
    normal: str = ""


def component_of(format: str, column: Column) -> str:
    """The component of a structure that a column is; flat tables name their column of flags as they like."""
    return FLAGS if column.holds == "obs_status" and format == FLAT else column.name


@dataclass(frozen=True)
class File:
    """A file that a dataset is sent as: its columns in order, and the structure that its codes are of.

    `dataflow` is the AGENCY:ID(VERSION) under which the structure is used.
    """

    name: str
    line: int
    format: str
    columns: tuple[Column, ...]
    dataflow: str
    structure: Structure | None = field(repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """The names of the coded columns, in order."""
        return tuple(column.name for column in self.columns if column.holds == "code")

    @property
    def flags(self) -> tuple[Column, ...]:
        """The columns that hold flags."""
        return tuple(column for column in self.columns if column.holds == "obs_status")

    @property
    def confidential(self) -> Column | None:
        """The column that says which figures are confidential, if there is one."""
        return next((column for column in self.columns if column.holds == "conf_status"), None)

    def codes_of(self, column: Column) -> Codes | None:
        """The codes that the structure allows in a column, if it says."""
        if self.structure is None:
            return None
        return self.structure.codes_of(component_of(self.format, column))

    def named(self, holds: str) -> str:
        """The name of the column that holds the year, the value, or the first flags; empty if none does."""
        return next((column.name for column in self.columns if column.holds == holds), "")


@dataclass(frozen=True)
class Row:
    """One row of correspondence: our codes, theirs, its line, the years it holds for, and where it is from.

    `flag` is a status that every figure of it gets, for the year in which it counts others than the row before it.
    """

    line: int
    ours: dict[str, tuple[str, ...]]
    theirs: dict[str, str]
    valid_from: int
    valid_to: int
    document: str
    flag: str = ""


@dataclass(frozen=True)
class Recode:
    """A target column that follows a national column, code by code."""

    column: str
    dimension: str
    codes: dict[str, str]


@dataclass(frozen=True)
class Derivation:
    """A rate: value x times / denominator. The denominator is a cell (`of`) or an observation (`over`)."""

    line: int
    sets: dict[str, str]
    where: dict[str, tuple[str, ...]]
    of: dict[str, str] | None
    over: dict[str, tuple[str, ...]] | None
    by: tuple[str, ...]
    years_back: tuple[int, ...]
    times: int
    decimals: int


@dataclass(frozen=True)
class Series:
    """Which national observations make which target cells.

    One that stands `instead_of` another, a series above it, fills only those cells that the other does not. `flag` is a
    status that every figure of it gets, `note` says to readers, by language, what those figures are.
    """

    id: str
    line: int
    scope: dict[str, tuple[str, ...]]
    ours: tuple[str, ...]
    rows: tuple[Row, ...]
    recodes: tuple[Recode, ...]
    sums: bool
    fix: dict[str, str]
    derive: tuple[Derivation, ...]
    instead_of: str = ""
    flag: str = ""
    note: dict[str, str] = field(default_factory=dict)

    @property
    def recoded(self) -> dict[str, list[Recode]]:
        """The recodes by national column: one column may become several of the body's."""
        found: dict[str, list[Recode]] = {}
        for recode in self.recodes:
            found.setdefault(recode.dimension, []).append(recode)
        return found

    def recoded_codes(self, dimension: str) -> dict[str, tuple[str, ...]]:
        """What each code of a recoded national column becomes, in the order of its recodes."""
        recodes = self.recoded[dimension]
        within = self.scope.get(dimension, tuple(recodes[0].codes))
        return {
            code: tuple(recode.codes[code] for recode in recodes)
            for code in within
            if all(code in recode.codes for recode in recodes)
        }

    @property
    def free(self) -> tuple[str, ...]:
        """The national columns that the rows or recodes account for, whatever their code."""
        return tuple(dict.fromkeys((*self.ours, *(recode.dimension for recode in self.recodes))))

    def predicate(self, row: Row) -> Predicate:
        """The national observations that one row of correspondence takes, recodes apart."""
        return {**self.scope, **row.ours}


@dataclass(frozen=True)
class Left:
    """What is left out on purpose: a predicate (drop) or target cells (not reported), and why, by language."""

    line: int
    where: dict[str, tuple[str, ...]]
    reason: dict[str, str]
    series: tuple[str, ...] = ()

    def concerns(self, series: "Series") -> bool:
        """Whether a drop acts in a series."""
        return not self.series or series.id in self.series


@dataclass(frozen=True)
class Mapping:
    """How the national table becomes one dataset: `dataset` is body/name, `file` where it stands.

    `transmit_confidential` is no matter of the mapping: a run sets it where the year's folder asks for it.
    """

    dataset: str
    file: str
    sha256: str
    title: dict[str, str]
    origin: dict[str, str]
    valid_from: int
    valid_to: int
    periods: int | None
    files: tuple[File, ...]
    workbook: Workbook | None
    px: PxTable | None
    transmit_missing: bool
    small_below: int
    series: tuple[Series, ...]
    drop: tuple[Left, ...]
    not_reported: tuple[Left, ...]
    asked: Asked
    transmit_confidential: bool = False

    @property
    def body(self) -> str:
        """The receiver."""
        return self.dataset.split("/")[0]

    @property
    def codes(self) -> tuple[str, ...]:
        """The names of the coded columns of all files, each once."""
        return tuple(dict.fromkeys(code for file in self.files for code in file.codes))

    @property
    def held_against(self) -> tuple[Asked | Structure, ...]:
        """What is asked for, and the structures of the files."""
        return (self.asked, *(file.structure for file in self.files if file.structure))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files, those for people last."""
        return (*(file.name for file in self.files), *(one.name for one in (self.workbook, self.px) if one))

    def as_json(self) -> dict[str, Any]:
        """The mapping as it was used, for the run folder; what it was checked against by file and hash only."""
        bare = replace(self, asked=replace(self.asked, keys={}), workbook=None, px=None)
        plain = asdict(replace(bare, files=tuple(replace(file, structure=None) for file in self.files)))
        plain["asked"] = {"file": self.asked.file, "sha256": self.asked.sha256}
        return plain


def from_json(plain: dict[str, Any]) -> Mapping:
    """The mapping of a run folder, without the cells asked for, structures and layout."""
    asked = Asked(plain["asked"]["file"], plain["asked"]["sha256"], (), {})
    series = tuple(
        Series(
            **{
                **item,
                "scope": _tuples(item["scope"]),
                "ours": tuple(item["ours"]),
                "rows": tuple(Row(**{**row, "ours": _tuples(row["ours"])}) for row in item["rows"]),
                "recodes": tuple(Recode(**recode) for recode in item["recodes"]),
                "derive": tuple(_derivation_from_json(derivation) for derivation in item["derive"]),
            }
        )
        for item in plain["series"]
    )
    left = {
        name: tuple(
            Left(**{**item, "where": _tuples(item["where"]), "series": tuple(item["series"])}) for item in plain[name]
        )
        for name in ("drop", "not_reported")
    }
    files = tuple(
        File(**{**file, "columns": tuple(Column(**column) for column in file["columns"])}) for file in plain["files"]
    )
    return Mapping(**{**plain, "files": files, "series": series, "asked": asked, **left})


def _derivation_from_json(plain: dict[str, Any]) -> Derivation:
    over = plain["over"]
    return Derivation(
        **{
            **plain,
            "where": _tuples(plain["where"]),
            "over": None if over is None else _tuples(over),
            "by": tuple(plain["by"]),
            "years_back": tuple(plain["years_back"]),
        }
    )


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(codes) for name, codes in lists.items()}


def codes_of(where: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """A predicate of a YAML file: each column with its codes as a tuple."""
    return {column: listed_codes(codes) for column, codes in where.items()}


def listed_codes(codes: Any) -> tuple[str, ...]:
    """One code or a list of codes, as a tuple."""
    return tuple(codes) if isinstance(codes, list) else (codes,)

"""What is known of files before one is checked, and what is told of one that has been."""

from dataclasses import dataclass

from nps_exchange.layouts import Layout
from nps_exchange.mapping import Mapping
from nps_exchange.messages import severity
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources
from nps_exchange.structures import Structure
from nps_exchange.struval import Codes
from nps_exchange.tally import shown


@dataclass(frozen=True)
class FileReport:
    """What a file is, and all that was found in it.

    `file` is the path as it was given; findings name the file without its folder. `dataset` (or the published
    table, the dataflow, the structure) is empty where it could not be told what the file is.
    """

    file: str
    format: str
    dataset: str
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether it is known what the file is: without that nothing in it can be checked."""
        return bool(self.dataset)

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(severity(finding) == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(severity(finding) == "warning" for finding in self.findings)


@dataclass(frozen=True)
class Known:
    """What files are held against: all layouts, the mappings, and what the user says of the file."""

    resources: Resources
    mappings: list[Mapping]
    layouts: list[Layout]
    struval: Codes
    dataset: str = ""
    structure: Structure | None = None


def unusable(*findings: Finding, format: str = "") -> FileReport:
    """The report of a file of which nobody can say what it is."""
    return FileReport("", format, "", findings)


def unknown(said: tuple[str, ...], known: Known) -> Finding:
    """The finding that a file is like none that is known, or is not what it is said to be."""
    if known.dataset:
        return Finding("file-not-of-dataset", values={"dataset": known.dataset})
    tables = ", ".join(sorted({layout.dataset for layout in known.layouts}))
    return Finding("file-not-recognised", Place(row=1), {"heading": shown(", ".join(said)), "known": tables})

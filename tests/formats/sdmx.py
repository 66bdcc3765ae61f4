"""An invented structure, and messages by it, for the tests of SDMX."""

from dataclasses import replace
from pathlib import Path

from nps_exchange.formats import sdmx_ml
from nps_exchange.formats.sdmx_ml.version import V21, XSI
from nps_exchange.formats.table import Header, Table
from nps_exchange.structures import Code, Codes, Component, Structure

ID = "INV:HWF(1.0)"
FLOW = "INV:FLOW(2.1)"
NAMESPACE = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=INV:HWF(1.0):ObsLevelDim:"
HEADER = Header("INV_1", True, "2026-11-22T09:00:00Z", "SE", "INV", "O'Neill & co <office>")


def codes(id_: str, *listed: str, partial: bool = False) -> Codes:
    return Codes(f"INV:CL_{id_}(1.0)", partial, {code: Code(code.title(), "", "") for code in listed})


def component(id_: str, coded: bool = True, attached: str = "", mandatory: bool = True, text: str = "") -> Component:
    return Component(id_, f"INV:CL_{id_}(1.0)" if coded else "", mandatory, attached, text)


LISTS = [
    codes("FREQ", "A", "Q"),
    codes("AREA", "SE", "SE11", "0012"),
    codes("sex", "T", "M", "F"),
    codes("UNIT", "NR", "PC"),
    codes("OBS_STATUS", "A", "B", "e"),
]
STRUCTURE = Structure(
    "inv.xml",
    "",
    ID,
    "Invented",
    (component("FREQ"), component("AREA"), component("sex")),
    "TIME_PERIOD",
    "GregorianYear",
    "OBS_VALUE",
    (
        component("UNIT", attached="series"),
        component("TITLE", coded=False, attached="series", mandatory=False),
        component("OBS_STATUS", attached="observation", mandatory=False),
        component("NOTE", coded=False, attached="observation", mandatory=False),
        component("SOURCE", coded=False, attached="dataset", mandatory=False),
    ),
    {one.id: one for one in LISTS},
    {},
    {FLOW: "Invented"},
)
COLUMNS = (
    *("FREQ", "AREA", "sex", "TIME_PERIOD", "OBS_VALUE"),
    *("UNIT", "TITLE", "OBS_STATUS", "NOTE", "SOURCE"),
)
ROWS = [
    ("A", "SE", "T", "2021", "432.40", "NR", "Läkare", "A", None, "register"),
    ("A", "SE", "T", "2022", "441.10", "NR", "Läkare", None, "can't say: O'Neill's \"note\" & <more>", "register"),
    ("A", "SE", "T", "2023", None, "NR", "Läkare", "e", "two\nlines\ttab\r\nend", "register"),
    ("A", "0012", "F", "2021", "0012", "PC", None, "", "", "register"),
    ("A", "SE11", "M", "2021", "NaN", "NR", "", "B", "]]> \U0001d7d8 a\u0308", "register"),
]


def free(structure: Structure = STRUCTURE) -> Structure:
    """The same structure without code lists: anything may stand in its components."""
    dimensions, attributes = (
        tuple(replace(one, codes="", mandatory=False) for one in part)
        for part in (structure.dimensions, structure.attributes)
    )
    return replace(structure, dimensions=dimensions, attributes=attributes, lists={})


def table(rows=ROWS, structure=STRUCTURE, **more) -> Table:
    return Table(
        **{"columns": COLUMNS, "rows": rows, "structure": structure, "header": HEADER, "dataflow": FLOW} | more
    )


def write(path: Path, rows=ROWS, structure=STRUCTURE, **more) -> Path:
    sdmx_ml.encode(table(rows, structure, **more), path)
    return path


SERIES = '<Series FREQ="A" AREA="SE" sex="T" UNIT="NR">'
OBS = '<Obs TIME_PERIOD="2021" OBS_VALUE="432.40"/>'
DATA = f"""{SERIES}
{OBS}
<Obs TIME_PERIOD="2022" OBS_VALUE="441.10" OBS_STATUS="A"/>
</Series>
<Series FREQ="A" AREA="SE11" sex="F" UNIT="PC">
<Obs TIME_PERIOD="2021" OBS_VALUE="7" NOTE="n"/>
</Series>
"""
"""Three observations; the first series stands in line 14."""


def message(
    data: str = DATA,
    *,
    root: str = "StructureSpecificTimeSeriesData",
    at: str = "TIME_PERIOD",
    of_set: str = "",
    named: str = '<com:StructureUsage><Ref agencyID="INV" id="FLOW" version="2.1"/></com:StructureUsage>',
    namespace: str = NAMESPACE,
    said: str | None = None,
    action: str = "Replace",
    more: str = "",
) -> str:
    """A message by hand: `said` is the namespace in the header, where that is not the data's."""
    header = f'namespace="{namespace + at if said is None else said}"' if said != "" else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mes:{root} xmlns:mes="{V21.message}" xmlns:com="{V21.common}" xmlns:ss="{V21.data}" xmlns:xsi="{XSI}" xmlns:own="{namespace}{at}"{more}>
<mes:Header>
<mes:ID>INV_1</mes:ID>
<mes:Test>true</mes:Test>
<mes:Prepared>2026-11-22T09:00:00Z</mes:Prepared>
<mes:Sender id="SE"/>
<mes:Structure structureID="S" {header} dimensionAtObservation="{at}">
{named}
</mes:Structure>
<mes:DataSetAction>{action}</mes:DataSetAction>
</mes:Header>
<mes:DataSet ss:structureRef="S" xsi:type="own:DataSetType" ss:dataScope="DataStructure" ss:action="{action}"{of_set}>
{data}</mes:DataSet>
</mes:{root}>
"""


FLAT = """<Obs FREQ="A" AREA="SE" sex="T" UNIT="NR" TIME_PERIOD="2021" OBS_VALUE="432.40"/>
<Obs FREQ="A" AREA="SE" sex="T" UNIT="NR" TIME_PERIOD="2022" OBS_VALUE="441.10" OBS_STATUS="A"/>
<Obs FREQ="A" AREA="SE11" sex="F" UNIT="PC" TIME_PERIOD="2021" OBS_VALUE="7" NOTE="n"/>
"""


def flat(data: str = FLAT, **more) -> str:
    return message(data, **{"root": "StructureSpecificData", "at": "AllDimensions"} | more)


OBSERVATIONS = [
    ("A", "SE", "T", "2021", "432.40", "NR", None, None, None, None),
    ("A", "SE", "T", "2022", "441.10", "NR", None, "A", None, None),
    ("A", "SE11", "F", "2021", "7", "PC", None, None, "n", None),
]

"""Make the files of the Swedish example from published figures. Run once; the files are kept in the package.

    python tests/make_sweden.py DATA_FOLDER

Facts: the rows of Sweden in HEALTH_REAC (OECD Health Statistics 2020, CC BY 4.0), the population on
31 December (Statistics Sweden), and the MED_* and SURG_* detail of 2011-2014 in hlth_rs_spec
(Eurostat, 2022-07), which HEALTH_REAC lacks. The layout is ours: what Swedish deliveries look like.
"""

import csv
import gzip
import io
import json
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent.parent / "nps_exchange" / "example" / "sweden"

PROFESSIONS = {
    "Läkare": {
        "Yrkesverksamma med patientkontakt": "PHYSMEDE",
        "Yrkesverksamma": "PHYSPAPS",
        "Legitimerade": "PHYSREGP",
    },
    "Sjuksköterskor": {
        "Yrkesverksamma med patientkontakt": "MINUQUAL",
        "Yrkesverksamma": "MINUPAPN",
        "Legitimerade": "MINULPPN",
    },
    "Barnmorskor": {
        "Yrkesverksamma med patientkontakt": "MIDWMIDW",
        "Yrkesverksamma": "MIDWMIPA",
        "Legitimerade": "MIDWMILP",
    },
}
OTHERS = {
    "Tandläkare": {
        "Yrkesverksamma med patientkontakt": "DNSTDENT",
        "Yrkesverksamma": "DNSTPADN",
        "Legitimerade": "DNSTLPDN",
    },
    "Apotekare": {
        "Yrkesverksamma med patientkontakt": "PHSTPHAR",
        "Yrkesverksamma": "PHSTPAPH",
        "Legitimerade": "PHSTLPPH",
    },
    "Fysioterapeuter": {"Yrkesverksamma med patientkontakt": "PSIOPHTH"},
}
AGES = {
    "Totalt": None,
    "–34 år": "U35",
    "35–44 år": "344",
    "45–54 år": "454",
    "55–64 år": "564",
    "65–74 år": "65O",
    "75– år": "75O",
}
SEXES = {"Kvinnor": "F", "Män": "M", "Båda könen": "T"}
CATEGORIES = {
    "Allmänläkare": ("EMPLGENE", "GEN"),
    "därav specialister i allmänmedicin": ("EMPLGENP", "GEN_PRAC"),
    "därav övriga allmänläkare": ("EMPLOTGP", "GEN_OTH"),
    "Specialister utom allmänmedicin": ("EMPLSPMP", "SPEC"),
    "Barn- och ungdomsmedicin": ("EMPLPEDI", "PAED"),
    "Obstetrik och gynekologi": ("EMPLGYNE", "GYN"),
    "Psykiatri": ("EMPLPSYS", "PSY"),
    "Medicinska specialiteter": ("EMPLSPEC", "MED"),
    "Kirurgiska specialiteter": ("EMPLSURG", "SURG"),
    "Övriga specialiteter": ("EMPLOTSP", "OTH"),
    "Läkare utan specialitet": ("EMPLOTPH", "NSP"),
}
GRADUATES = {
    "Läkare": "HEDUMEGR",
    "Tandläkare": "HEDUDNGR",
    "Apotekare": "HEDUPHGR",
    "Barnmorskor": "HEDUMWGR",
    "Sjuksköterskor": "HEDUPNGR",
}


def main(data: Path) -> None:
    """Write every file of the example."""
    HERE.mkdir(parents=True, exist_ok=True)
    facts, flags = reac(data)
    licensed_and_employed(facts)
    other_professions(facts, flags)
    physicians_by_age(facts)
    physicians_by_category(facts)
    detail(data)
    graduates(facts)
    health_and_social_employment(facts)
    population(data)


def reac(data: Path):
    """(VAR, year) -> head count or number of graduates, and the flags."""
    facts, flags = defaultdict(dict), {}
    with gzip.open(data / "oecd" / "HEALTH_REAC_2020-vintage.csv.gz", "rt") as stream:
        for row in csv.DictReader(stream):
            counts = "PERSMYNB" if not row["VAR"].startswith("HEDU") else "NOMBRENB"
            if row["COU"] == "SWE" and row["obsTime"] >= "1995" and row["UNIT"] == counts:
                value = float(row["obsValue"])
                assert value == int(value)
                facts[row["VAR"]][int(row["obsTime"])] = int(value)
                if row["OBS_STATUS"]:
                    flags[row["VAR"], int(row["obsTime"])] = row["OBS_STATUS"]
    return facts, flags


def licensed_and_employed(facts):
    """A workbook with titles, years across, labels that stand once, footnotes, and a sheet of notes."""
    workbook = xlsxwriter.Workbook(HERE / "legitimerade_och_yrkesverksamma_1995-2018.xlsx")
    workbook.set_properties({"created": __import__("datetime").datetime(2020, 1, 1)})
    sheet = workbook.add_worksheet("Antal")
    bold, number = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "# ##0"})
    sheet.write(
        0, 0, "Legitimerad hälso- och sjukvårdspersonal efter yrke och ställning på arbetsmarknaden, 1995–2018", bold
    )
    sheet.write(1, 0, "Antal personer, hela riket")
    years = list(range(1995, 2019))
    for column, heading in enumerate(["Yrke", "Ställning", *years]):
        sheet.write(3, column, heading, bold)
    row = 4
    for profession, positions in PROFESSIONS.items():
        for i, (position, variable) in enumerate(positions.items()):
            if i == 0:
                sheet.write(row, 0, profession)
            sheet.write(row, 1, position)
            for column, year in enumerate(years, 2):
                if year in facts[variable]:
                    sheet.write_number(row, column, facts[variable][year], number)
                else:
                    sheet.write(row, column, "..")
            row += 1
    sheet.write(
        row + 1, 0, ".. = Uppgiften finns ännu inte: ställning på arbetsmarknaden släpar ett år efter legitimationen."
    )
    sheet.write(row + 2, 0, "Legitimerade avser 31 december, yrkesverksamma avser november.")
    sheet.set_column(0, 1, 34)
    notes = workbook.add_worksheet("Om tabellen")
    notes.write(0, 0, "Siffrorna är de som OECD publicerade för Sverige: OECD Health Statistics 2020 (CC BY 4.0).")
    workbook.close()


def other_professions(facts, flags):
    """Semicolons, UTF-8 with BOM, one row an observation, a column of remarks."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(["Yrke", "Ställning", "År", "Antal", "Anmärkning"])
    for profession, positions in OTHERS.items():
        for position, variable in positions.items():
            for year, value in sorted(facts[variable].items()):
                mark = {"B": "Tidsseriebrott", "": ""}[flags.get((variable, year), "")]
                write([profession, position, year, spaced(value, " "), mark])
    (HERE / "ovriga_yrken_1995-2018.csv").write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())


def physicians_by_age(facts):
    """Windows-1252, sexes across, years and ages down, no-break spaces in the figures."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(["Läkare med patientkontakt efter ålder och kön, november"])
    write([])
    write(["År", "Ålder", *SEXES])
    for year in range(1995, 2018):
        for age, suffix in AGES.items():
            cells = []
            for sex in SEXES.values():
                variable = f"PAGG{sex}{suffix}" if suffix else {"F": "PAGGFEMM", "M": "PAGGHOMM", "T": "PAGGTOPY"}[sex]
                cells.append(spaced(facts[variable][year], "\u00a0"))
            write([year, age, *cells])
    write([])
    write(["Åldrar och kön summerar inte till totalen: för en del personer saknas uppgift."])
    (HERE / "lakare_alder_kon_1995-2017.csv").write_bytes(out.getvalue().encode("cp1252"))


def physicians_by_category(facts):
    """An ODS sheet, years down and categories across: written by hand, so that no clock gets into it."""
    rows = [["Läkare med patientkontakt efter specialitet, november"], ["År", *CATEGORIES]]
    for year in range(1995, 2018):
        rows.append([year, *(facts[variable][year] for variable, _ in CATEGORIES.values())])
    write_ods(HERE / "lakare_specialitet_1995-2017.ods", "Specialitet", rows)


def detail(data: Path):
    """The MED_* and SURG_* detail of 2011-2014: tab-separated, another vintage than the rest."""
    rows = []
    with (data / "eurostat" / "hlth_rs_spec_2022-07.csv").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            if row["geo"] == "SE" and row["unit"] == "NR" and row["med_spec"].startswith(("MED_", "SURG_")):
                rows.append((row["med_spec"], row["TIME_PERIOD"], int(float(row["OBS_VALUE"])), row["OBS_FLAG"]))
    lines = ["Specialitet\tÅr\tAntal\tFlagga"]
    lines += [f"{code}\t{year}\t{value}\t{flag.upper()}" for code, year, value, flag in sorted(rows)]
    (HERE / "lakare_detaljerad_specialitet_2011-2014.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def graduates(facts):
    """Commas, plain UTF-8, professions across."""
    lines = ["Examensår," + ",".join(GRADUATES)]
    for year in range(1995, 2019):
        lines.append(f"{year}," + ",".join(str(facts[variable][year]) for variable in GRADUATES.values()))
    (HERE / "examinerade_1995-2018.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def health_and_social_employment(facts):
    """In thousands with a decimal comma, gzipped, as a labour force table is."""
    lines = ["Näringsgren;År;1000-tal"]
    for year, value in sorted(facts["GEHETHSM"].items()):
        lines.append(f"Vård och omsorg, sociala tjänster;{year};{value / 1000:.1f}".replace(".", ","))
    content = ("\r\n".join(lines) + "\r\n").encode()
    (HERE / "sysselsatta_vard_och_omsorg_1995-2017.csv.gz").write_bytes(gzip.compress(content, mtime=0))


def population(data: Path):
    """JSON-stat 2.0 as PxWeb answers."""
    with (data / "se" / "population_31_december.csv").open() as stream:
        rows = [(row["year"], int(row["population_31_december"])) for row in csv.DictReader(stream)]
    rows = [row for row in rows if row[0] <= "2018"]
    dataset = {
        "version": "2.0",
        "class": "dataset",
        "label": "Folkmängd den 31 december efter region och år",
        "source": "SCB",
        "role": {"time": ["Tid"], "geo": ["Region"]},
        "id": ["Region", "Tid"],
        "size": [1, len(rows)],
        "dimension": {
            "Region": {"label": "region", "category": {"index": {"00": 0}, "label": {"00": "Riket"}}},
            "Tid": {
                "label": "år",
                "category": {
                    "index": {year: i for i, (year, _) in enumerate(rows)},
                    "label": {year: year for year, _ in rows},
                },
            },
        },
        "value": [value for _, value in rows],
    }
    (HERE / "folkmangd_31_december_1994-2018.json").write_text(
        json.dumps(dataset, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def spaced(value: int, space: str) -> str:
    """Thousands apart: 42 898."""
    return f"{value:,}".replace(",", space)


def write_ods(path: Path, sheet: str, rows) -> None:
    """The smallest OpenDocument spreadsheet, with fixed dates so that its bytes stay the same."""
    cells = []
    for row in rows:
        cells.append("<table:table-row>")
        for cell in row:
            if isinstance(cell, int):
                cells.append(
                    f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
                )
            else:
                cells.append(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>')
        cells.append("</table:table-row>")
    namespaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {namespaces} office:version="1.2"><office:body><office:spreadsheet><table:table table:name="{sheet}">{"".join(cells)}</table:table></office:spreadsheet></office:body></office:document-content>'
    manifest = '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    with zipfile.ZipFile(path, "w") as package:
        parts = (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content),
            ("META-INF/manifest.xml", manifest),
        )
        for name, text in parts:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(info, text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

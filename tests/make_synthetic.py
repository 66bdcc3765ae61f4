"""Make the synthetic example: an invented national table that uses every dimension. Run it again only on purpose.

    python tests/make_synthetic.py [FILE]

Nothing here is a real figure: a country of about ten million is drawn from a seed. Totals are split, never added up
afterwards, and each activity is the narrower one plus a share, so that parts add up and concepts nest; `check` proves
it on the finished rows. Sums are of whole numbers only, so every machine and Python version draws the same table.
"""

import csv
import gzip
import io
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "nps_exchange" / "example" / "synthetic" / "national-table.csv.gz"
SOURCE = "TEST DATA: invented figures of the nps_exchange synthetic example"
RNG = random.Random(20231231)
YEARS, RECENT = range(2014, 2024), range(2019, 2024)

Key = tuple[str, ...]
Shares = dict[Key, int]


def codelist(name: str) -> dict[str, dict[str, str]]:
    """The rows of one national code list, by code."""
    with (ROOT / "schemas" / "national" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def shares(text: str) -> Shares:
    """`DOM.NAT 80 FOR.NAT 3` as the weights of leaf cells."""
    words = text.split()
    return {tuple(word.split(".")): int(weight) for word, weight in zip(words[::2], words[1::2], strict=True)}


LISTS = {
    "profession": "professions", "speciality": "specialities", "activity": "activities", "sex": "sexes",
    "age": "ages", "region": "regions", "ownership": "ownerships", "industry": "industries",
    "provider": "providers", "place_of_training": "places_of_training", "country_of_training": "countries",
    "birthplace": "birthplaces",
}  # fmt: skip
CODES = {dimension: codelist(name) for dimension, name in LISTS.items()}
MEASURES = codelist("measures")
KEY = ("measure", *LISTS, "unit", "year")
CHAIN = ("practising", "employed_in_health_care", "professionally_active", "employed", "licensed")
"""Each concept holds the one before it."""

LICENSED = {  # practising in the first year, yearly growth and share of women in thousandths
    "LK": (31000, 22, 510), "SJ": (84000, 9, 870), "BM": (5600, 12, 994), "TL": (6300, 4, 560),
    "AP": (2900, 25, 720), "FT": (10800, 15, 760), "AT": (8100, 18, 920), "AU": (950, 10, 860),
    "BA": (7400, -3, 840), "DT": (1100, 30, 940), "HK": (3100, 60, 880), "KP": (600, 12, 380),
    "LG": (1500, 35, 950), "NA": (820, 20, 490), "OP": (1700, 12, 740), "OT": (260, 10, 450),
    "PS": (7100, 28, 690), "PT": (4200, -8, 750), "RC": (4300, -20, 960), "RS": (2900, 24, 820),
    "SF": (330, 22, 360), "TH": (3400, 2, 960),
}  # fmt: skip
UNLICENSED = {
    "USK": (141000, 6, 890), "VBT": (62000, 31, 770), "SKT": (6100, -5, 540), "TSK": (9700, 3, 985),
    "AMB": (700, -30, 350), "PAS": (48000, 11, 740), "OHP": (15500, 14, 700), "OST": (88000, 8, 650),
}  # fmt: skip
FIVE = ("LK", "SJ", "BM", "TL", "AP")
GRADUATES = (*FIVE, "FT", "RS", "BA", "AT", "PS", "RC", "TH", "DT", "LG")
HOSPITAL = ("LK", "SJ", "BM", "USK", "VBT", "OHP", "OST")

AGES = {
    "LK": shares("Y_LT25 2 Y25T34 215 Y35T44 270 Y45T54 205 Y55T64 190 Y65T74 100 Y_GE75 18"),
    "SJ": shares("Y_LT25 28 Y25T34 222 Y35T44 225 Y45T54 235 Y55T64 225 Y65T74 60 Y_GE75 5"),
}
AGES_IDLE = shares("Y_LT25 4 Y25T34 70 Y35T44 90 Y45T54 90 Y55T64 160 Y65T74 386 Y_GE75 200")
AGES_ALL = shares("Y_LT25 282 Y25T34 131 Y35T44 128 Y45T54 127 Y55T64 122 Y65T74 112 Y_GE75 98")
SPECIALITIES = shares(
    "GEN_PRAC 170 GEN_OTH 45 NSP 265 PAED 32 GYN 37 PSY 52 OTH 41 MED_INT 62 MED_CAR 18 MED_END 9 MED_GAS 9 MED_RES 8 "
    "MED_ONC 14 MED_HAE 7 MED_IMM 6 MED_NEU 15 MED_ORL 16 MED_RAD 34 MED_MIC 6 MED_PAT 8 MED_OCC 5 MED_DER 10 "
    "SURG_GEN 33 SURG_NEU 4 SURG_PLA 5 SURG_OPH 18 SURG_ORT 35 SURG_THO 4 SURG_URO 9 SURG_VAS 5 SURG_ANE 42 SURG_EME 9"
)
COUNTIES = shares(
    "01 229 03 38 04 29 05 45 06 35 07 19 08 24 09 6 10 15 12 134 13 33 14 166 17 27 18 30 19 27 20 28 21 28 22 24 23 13 "
    "24 27 25 23"
)
TRAINING = shares("DOM.NAT 745 DOM.FOR 62 FOR.NAT 38 FOR.FOR 145 _U.NAT 4 _U.FOR 6")
TRAINING_IDLE = shares("DOM.NAT 560 DOM.FOR 40 FOR.NAT 60 FOR.FOR 310 _U.NAT 10 _U.FOR 20")
PROVIDERS = {
    "LK": "HP1 640 HP2 8 HP3 300 HP4 30 HP5 2 HP6 20",
    "SJ": "HP1 560 HP2 160 HP3 215 HP4 30 HP5 5 HP6 30",
    "BM": "HP1 610 HP2 1 HP3 370 HP4 4 HP5 0 HP6 15",
    "TL": "HP1 40 HP2 2 HP3 940 HP4 8 HP5 1 HP6 9",
}
OWNERSHIP = {"PUB": 78, "PNFP": 5, "PFP": 17}
HEALTH = {
    "AP": "861 60 862 10 869 20 871 2 873 1", "TL": "861 30 862 900 869 20 871 2 873 1",
    "USK": "861 200 862 60 869 40 871 90 873 610", "VBT": "861 20 862 10 869 10 871 90 873 700",
}  # fmt: skip
ELSEWHERE = "881 120 889 60 72 110 75 5 78 160 84 230 85 190 4773 10 _U 115"
TERRITORIES = (
    "AI AQ AS AW AX BL BM BQ BV CC CK CW CX EH FK GF GG GI GP GS GU HM IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN PR "
    "RE SE SH SJ SX TC TF TK UM VA VG VI WF YT _T _U _Z"
).split()
LARGE = "DE PL NO FI DK RO IQ SY GR HU ES GB RU IR LT IN HR PK IT LV EE BG UA RS BA EG TR CZ NL IS OTHER".split()
NOTES = {
    ("LK", "2019"): 'Can\'t be compared with "2018" & earlier; <see> note', ("SJ", "2023"): "=1+1",
    ("TL", "2023"): "Påhittade värden för åldrar i län; änkor & öar", ("BM", "2023"): "Invented \U0001f9ea figures",
    ("AP", "2023"): "Decomposed accent: cafe\u0301, A\u030angstro\u0308m", ("NA", "2023"): "-1; 'NA' is a naprapath",
}  # fmt: skip
MISSING = {
    ("vacancies", "TL", "2019"): "M", ("education_places", "BM", "2019"): "M",
    ("specialist_certificates", "TL", "2014"): "O", ("vacancies", "USK", "2014"): "L",
}  # fmt: skip


class Table:
    """The rows by key; a second value for one key is an error."""

    def __init__(self) -> None:
        """An empty table."""
        self.rows: dict[Key, int | Decimal] = {}

    def key(self, year: int, measure: str = "stock", **codes: str) -> Key:
        """A full key: `_T` for what is not said, `_Z` for what the measure has not."""
        has = MEASURES[measure]
        none = {dimension: "_T" if dimension in has["dimensions"].split() else "_Z" for dimension in LISTS}
        full = none | {"unit": has["units"].split()[0]} | codes | {"measure": measure, "year": str(year)}
        assert (full["activity"] != "_Z") == (has["activity"] == "required"), full
        return tuple(full[column] for column in KEY)

    def put(self, year: int, value: int | Decimal, **codes: str) -> None:
        """Set one value; a total that comes again with another value is an error."""
        key = self.key(year, **codes)
        assert value >= 0 and self.rows.setdefault(key, value) == value, (key, value)

    def get(self, year: int, **codes: str) -> int:
        """The count of one key, which must be there."""
        return int(self.rows[self.key(year, **codes)])

    def spread(
        self, year: int, dims: str, by: Shares, *, top: Shares | None = None, acts: Key = ("_Z",), by_sex: bool = False,
        skip: tuple[str, ...] = (), of: dict[str, str] | None = None, **where: str,
    ) -> None:  # fmt: skip
        """Split counts over the cells of `dims`, each activity above the one before, and put cells and sums.

        `top`: the weights of what only the last activity has. `of`: where the counts to split stand, if elsewhere.
        """
        names = ("sex", *dims.split()) if by_sex else tuple(dims.split())
        cells: dict[tuple[str, Key], int] = {}
        for sex in (("F",), ("M",)) if by_sex else ((),):
            below, held = 0, dict.fromkeys([*by, *(top or ())], 0)
            for act in acts:
                level = self.get(year, **(where | {"activity": act} | dict(zip(("sex",), sex)) | (of or {})))  # noqa: B905
                for leaf, number in split(level - below, top if top and act == acts[-1] else by).items():
                    held[leaf] += number
                for leaf, number in held.items():
                    for codes in product(*(within(d, c) for d, c in zip(names, sex + leaf, strict=True))):
                        cells[act, codes] = cells.get((act, codes), 0) + number
                below = level
        for (act, codes), number in cells.items():
            if not any(code in skip for code in codes):
                self.put(year, number, **(where | {"activity": act} | dict(zip(names, codes, strict=True))))


def within(dimension: str, code: str) -> list[str]:
    """A code and the codes that contain it."""
    chain = [code]
    while parent := CODES[dimension][chain[-1]]["parent"]:
        chain.append(parent)
    return chain


def split(total: int, by: Shares) -> Shares:
    """A total in whole parts: slightly shaken weights, largest remainders first."""
    weights = [weight * (9900 + int(RNG.random() * 200)) for weight in by.values()]
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(parts)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return dict(zip(by, parts, strict=True))


def share(number: int, thousandths: int) -> int:
    """A part of a number, give or take a hundredth of the part."""
    return number * thousandths * (990 + int(RNG.random() * 21)) // 1_000_000


def staff(t: Table) -> None:
    """Every profession by activity and sex; all employed; those who are in hospitals."""
    for profession, (base, growth, women) in (LICENSED | UNLICENSED).items():
        acts = CHAIN if profession in LICENSED else CHAIN[:-1]
        for year in RECENT if profession == "HK" else YEARS:
            level = share(base * (1000 + growth * (year - 2014)), 1000) // 1000
            for act, more in zip(acts, (0, 31, 24, 58, 190), strict=False):
                level += share(level, more)
                t.put(year, level, profession=profession, activity=act)
            t.spread(year, "sex", shares(f"F {women} M {1000 - women}"), acts=acts, profession=profession)
    for year in YEARS:
        t.put(year, share(4_600_000 + 45_000 * (year - 2014), 1000), activity="employed")
        t.spread(year, "sex", shares("F 475 M 525"), acts=("employed",))
        health = "861 39 862 26 869 14 871 9 873 31 881 22 889 17 72 9 75 2 78 17 84 66 85 111 4773 3 _U 634"
        t.spread(year, "industry", shares(health), acts=("employed",), skip=("_U",))


def breakdowns(t: Table) -> None:
    """Age, speciality, county, industry, provider and ownership."""
    for year in YEARS:
        for p in FIVE:
            acts = ("practising", "professionally_active", "licensed")
            t.spread(year, "age", AGES.get(p, AGES["SJ"]), top=AGES_IDLE, acts=acts, by_sex=True, profession=p)
        acts = ("practising", "employed_in_health_care", "licensed")
        t.spread(year, "speciality", SPECIALITIES, acts=acts, by_sex=True, profession="LK")
        for p in (*FIVE, "USK", "VBT"):
            by = shares(HEALTH.get(p, "861 620 862 280 869 60 871 20 873 20"))
            away = ELSEWHERE.replace("4773 10", "4773 900") if p == "AP" else ELSEWHERE
            acts = ("employed_in_health_care", "employed")
            t.spread(year, "industry", by, top=shares(away), acts=acts, profession=p)
        for p, by in PROVIDERS.items():
            owned = {(*hp, owner): n * m for hp, n in shares(by).items() for owner, m in OWNERSHIP.items()}
            t.spread(year, "provider ownership", owned, acts=("practising",), profession=p)
            if year in RECENT:
                t.spread(year, "region", COUNTIES, acts=("practising",), by_sex=True, profession=p, skip=nuts(p))
    national_specialities(t)


def nuts(profession: str) -> tuple[str, ...]:
    """The NUTS codes that are not delivered: NUTS 2 is, for physicians and for people."""
    return tuple(c for c in CODES["region"] if c.startswith("SE") and (len(c) == 3 or profession not in ("LK", "")))


def national_specialities(t: Table) -> None:
    """National specialities, which add up to the groups; those without a group go to the broadest one."""
    ungrouped = {"MED": "MED_INT", "SURG": "SURG_GEN"}
    groups: dict[str, Shares] = {}
    for code, row in CODES["speciality"].items():
        if code.startswith("S_"):
            groups.setdefault(ungrouped.get(row["parent"], row["parent"]), {})[(code,)] = 1 + len(code) % 7
    dental = {(code,): 1 + len(code) % 7 for code in CODES["speciality"] if code.startswith("D_")}
    for year in (2021, 2022, 2023):
        for group, by in groups.items():
            where = {"profession": "LK", "activity": "employed_in_health_care"}
            cells = {s: split(t.get(year, speciality=group, sex=s, **where), by) for s in ("F", "M")}
            for (code,) in by:
                women, men = cells["F"][(code,)], cells["M"][(code,)]
                for sex, number in {"_T": women + men, "F": women, "M": men}.items():
                    t.put(year, number, speciality=code, sex=sex, **where)
    for (code,), number in split(share(t.get(2023, profession="TL", activity="licensed"), 120), dental).items():
        t.put(2023, number, profession="TL", activity="licensed", speciality=code)


def hospitals(t: Table) -> None:
    """Hospital employment, in persons and in full-time equivalents of one decimal."""
    for year in YEARS:
        where = {"activity": "employed", "provider": "HP1"}
        persons = {p: share(t.get(year, profession=p, activity="employed"), 240) for p in HOSPITAL}
        for p in ("LK", "SJ", "BM"):
            persons[p] = share(t.get(year, profession=p, activity="practising", provider="HP1"), 1060)
        tenths = {p: Decimal(share(number * 10, 850)).scaleb(-1) for p, number in persons.items()}
        for p in HOSPITAL:
            t.put(year, persons[p], profession=p, **where)
            t.put(year, tenths[p], profession=p, unit="fte", **where)
        t.put(year, sum(persons.values()), **where)
        t.put(year, sum(tenths.values(), Decimal(0)), unit="fte", **where)


def training_and_flows(t: Table) -> None:
    """Where people were trained and born; who comes and who leaves; the countries of the foreign-trained."""
    countries = sorted(code for code in CODES["country_of_training"] if code not in (*TERRITORIES, *LARGE))
    countries = LARGE + sorted(countries, key=lambda _: RNG.random())
    by = {(code,): 10**9 // (rank * (rank + 12)) for rank, code in enumerate(countries, 1)}
    foreign, dims = {"place_of_training": "FOR"}, "place_of_training birthplace"
    for year, p in product(YEARS, FIVE):
        acts = ("practising", "licensed")
        t.spread(year, dims, TRAINING, top=TRAINING_IDLE, acts=acts, profession=p)
        now = t.get(year, profession=p, activity="practising")
        before = t.get(year - 1, profession=p, activity="practising") if year > 2014 else share(now, 985)
        left, forced = share(now, 50), share(now, 7)
        flows = {"inflow": now - before + left, "outflow": left, "exits_voluntary": left - forced}
        for measure, number in (flows | {"exits_involuntary": forced}).items():
            where = {"measure": measure, "profession": p}
            t.put(year, number, activity="practising", **where)
            t.spread(year, "sex", women(p), acts=("practising",), **where)
        places = shares("DOM 700 FOR 285 _U 15")
        t.spread(year, "place_of_training", places, by_sex=True, acts=("practising",), measure="inflow", profession=p)
        if year in RECENT and p in ("LK", "SJ"):
            for measure, acts in (("stock", acts), ("inflow", acts[:1])):
                where = {"measure": measure, "profession": p}
                t.spread(year, "country_of_training", by, acts=acts, of=foreign, skip=("_T",), **where)


def women(profession: str) -> Shares:
    """The shares of women and men in a profession."""
    part = (LICENSED | UNLICENSED)[profession][2]
    return shares(f"F {part} M {1000 - part}")


def education_and_market(t: Table) -> None:
    """Graduates, students and teachers, licences, certificates, vacancies, unemployed."""

    def put(year: int, measure: str, p: str, number: int) -> None:
        t.put(year, number, measure=measure, profession=p)
        if "sex" in MEASURES[measure]["dimensions"].split():
            t.spread(year, "sex", women(p), measure=measure, profession=p)

    owners = shares("PUB 90 PNFP 8 PFP 2")
    places = shares("DOM 800 FOR_EU 110 FOR_OTHER 80 _U 10")
    multiples = {"applicants": 3900, "applications": 9100, "admissions": 1300, "enrolled": 5200, "dropouts": 160}
    multiples |= {"educators": 450, "education_places": 1250}
    for year in YEARS:
        for p in LICENSED:
            if p == "HK" and year < 2019:
                continue
            put(year, "licences_issued", p, share(t.get(year, profession=p, activity="licensed"), 41))
            t.spread(year, "place_of_training", places, by_sex=True, measure="licences_issued", profession=p)
        for p in GRADUATES:
            put(year, "graduates", p, share(t.get(year, profession=p, activity="practising"), 36))
            t.spread(year, "ownership", owners, by_sex=True, measure="graduates", profession=p)
        for p, measure in product(FIVE, multiples if year in RECENT else ()):
            put(year, measure, p, share(t.get(year, measure="graduates", profession=p), multiples[measure]))
        for p in FIVE if year in RECENT else ():
            where = {"measure": "educators", "profession": p}
            tenths = {s: Decimal(share(t.get(year, sex=s, **where) * 10, 720)).scaleb(-1) for s in ("F", "M")}
            for sex, number in (tenths | {"_T": tenths["F"] + tenths["M"]}).items():
                t.put(year, number, unit="fte", sex=sex, **where)
        for p in (*FIVE, "USK"):
            number = t.get(year, profession=p, activity="employed")
            t.put(year, share(number, 34), measure="vacancies", profession=p)
            put(year, "unemployed", p, share(number, 13))
        for p, prefix in (("LK", "S_"), ("TL", "D_")):
            put(year, "specialist_certificates", p, share(t.get(year, profession=p, activity="licensed"), 44))
            by = {(code,): 1 + len(code) % 7 for code in CODES["speciality"] if code.startswith(prefix)}
            groups = tuple(code for code in CODES["speciality"] if code[:2] != prefix and code != "_T")
            if year >= 2021:
                t.spread(year, "speciality", by, skip=groups, measure="specialist_certificates", profession=p)


def people(t: Table) -> None:
    """The population at year's end, its mean over the year, and the births."""
    regions = [code for code in CODES["region"] if code.startswith("SE") and len(code) == 4]
    earlier = Table()
    for year in range(2012, 2024):
        now = t if year > 2012 else earlier
        now.put(year, share(9_280_000 + 62_000 * (year - 2012), 1000) // 100 * 100 + 37, measure="population")
        now.spread(year, "sex", shares("F 498 M 502"), measure="population")
        now.spread(year, "region", COUNTIES, by_sex=True, skip=nuts(""), measure="population")
        if year == 2012:
            continue
        t.spread(year, "age", AGES_ALL, by_sex=True, measure="population")
        before = earlier if year == 2013 else t
        mean: dict[Key, int] = {}
        for region, sex in product(regions, ("F", "M")):
            where = {"measure": "population", "region": region, "sex": sex}
            number = (before.get(year - 1, **where) + t.get(year, **where) + 1) // 2
            for cell in product((region, "_T"), (sex, "_T")):
                mean[cell] = mean.get(cell, 0) + number
        for (region, sex), number in mean.items():
            t.put(year, number, measure="mean_population", region=region, sex=sex)
        if year in YEARS:
            t.put(year, share(104_000, 1000), measure="live_births")
            t.spread(year, "sex", shares("F 486 M 514"), measure="live_births")


def wholes() -> Iterator[tuple[str, str, list[str]]]:
    """What must add up: dimension, whole, parts."""
    leaves = [leaf for (leaf,) in SPECIALITIES]
    for dimension, whole, parts in (
        ("sex", "_T", "F M"), ("age", "Y_LT35", "Y_LT25 Y25T34"), ("age", "Y_GE65", "Y65T74 Y_GE75"),
        ("age", "_T", "Y_LT35 Y35T44 Y45T54 Y55T64 Y_GE65"), ("ownership", "_T", "PUB PRV"),
        ("ownership", "PRV", "PNFP PFP"), ("speciality", "_T", "GEN SPEC NSP"), ("birthplace", "_T", "NAT FOR"),
        ("speciality", "GEN", "GEN_PRAC GEN_OTH"), ("speciality", "SPEC", "PAED GYN PSY MED SURG OTH"),
        ("speciality", "MED", " ".join(c for c in leaves if c.startswith("MED_"))),
        ("speciality", "SURG", " ".join(c for c in leaves if c.startswith("SURG_"))),
        ("place_of_training", "_T", "DOM FOR _U"), ("place_of_training", "FOR", "FOR_EU FOR_OTHER"),
        ("provider", "_T", "HP1 HP2 HP3 HP4 HP5 HP6"), ("region", "_T", " ".join(c for (c,) in COUNTIES)),
        ("region", "_T", "SE11 SE12 SE21 SE22 SE23 SE31 SE32 SE33"), ("region", "SE23", "13 14"),
        ("industry", "_T", "Q 72 75 78 84 85 4773 _U"), ("industry", "Q", "86 87 88"), ("industry", "86", "861 862 869"),
    ):  # fmt: skip
        yield dimension, whole, parts.split()


def check(t: Table) -> None:
    """Parts add up wherever all of them are there, concepts nest, countries are the foreign-trained."""

    def at(key: Key, **codes: str) -> int | Decimal | None:
        return t.rows.get(tuple(codes.get(column, code) for column, code in zip(KEY, key, strict=True)))

    for dimension, whole, parts in wholes():
        tested = 0
        for key in [key for key in t.rows if key[KEY.index(dimension)] == parts[0]]:
            numbers = [number for part in parts if (number := at(key, **{dimension: part})) is not None]
            if len(numbers) == len(parts):
                assert at(key, **{dimension: whole}) == sum(numbers), (dimension, whole, key)
                tested += 1
        assert tested, (dimension, whole)
    abroad: dict[Key, int | Decimal] = {}
    for key, value in t.rows.items():
        row = dict(zip(KEY, key, strict=True))
        levels = [number for act in CHAIN if (number := at(key, activity=act)) is not None]
        assert row["activity"] == "_Z" or all(a <= b for a, b in pairwise(levels)), key
        if row["country_of_training"] not in ("_T", "_Z"):
            place = t.key(**(row | {"year": int(row["year"]), "country_of_training": "_T", "place_of_training": "FOR"}))
            abroad[place] = abroad.get(place, 0) + value
        if row["unit"] == "fte":
            assert value < (at(key, unit="persons") or 0), key
    assert abroad and all(t.rows[key] == number for key, number in abroad.items())
    for key in [key for key in t.rows if key[KEY.index("provider")] == "HP1" and key[1] == "_T"]:
        assert t.rows[key] == sum(at(key, profession=p) or 0 for p in HOSPITAL), key


def flags(row: dict[str, str], value: int | Decimal, total: bool) -> tuple[str, str, str]:
    """Observation status, confidentiality and note of one row."""
    at = (row["profession"], row["year"])
    works = row["measure"] == "stock" and row["activity"] != "licensed"
    marks = {
        "B": works and at == ("LK", "2019"),
        "E": (works and row["profession"] == "TSK" and row["year"] < "2017" and total)
        or (works and at == ("LK", "2019") and row["region"] == "09")
        or (row["measure"], *at) == ("unemployed", "USK", "2023"),
        "P": works and at == ("SJ", "2023"),
    }
    small = row["country_of_training"] in ("AL", "AU", "BR", "CA", "JP", "KE", "NZ", "XK") and 0 < value < 5
    note = NOTES.get(at, "") if total and row["activity"] == "practising" and row["measure"] == "stock" else ""
    return ",".join(mark for mark, holds in marks.items() if holds), "C" if small and works else "", note


def reference_date(row: dict[str, str]) -> str:
    """Licences and people are counted at the year's end, employment in November, flows over the year."""
    if row["measure"] == "population" or row["activity"] == "licensed":
        return f"{row['year']}-12-31"
    november = MEASURES[row["measure"]]["kind"] == "stock" and row["measure"] != "mean_population"
    return f"{row['year']}-11" if november else row["year"]


def write(t: Table, path: Path) -> None:
    """Write the rows in the order of their keys; the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*KEY, "value", "obs_status", "conf_status", "reference_date", "source", "note"])
    for key, value in sorted(t.rows.items()):
        row = dict(zip(KEY, key, strict=True))
        total = all(row[d] in ("_T", "_Z") for d in LISTS if d not in ("profession", "activity"))
        obs, conf, note = flags(row, value, total)
        missing = MISSING.get((row["measure"], row["profession"], row["year"])) if total else None
        shown = ("", missing) if missing else (value, obs)
        writer.writerow([*key, *shown, conf, reference_date(row), SOURCE, note])
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        packed.write(text.getvalue().encode("utf-8"))


def main(path: Path) -> None:
    """Draw the table, prove it, write it."""
    table = Table()
    for fill in (staff, breakdowns, hospitals, training_and_flows, education_and_market, people):
        fill(table)
    check(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(table, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)

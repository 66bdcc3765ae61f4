"""Make the synthetic example: an invented national table that uses every dimension.

    python tests/make_synthetic.py [FILE]

No figure is real: a country of about ten million is drawn from a seed. Totals are split into parts, and each
activity is the narrower one plus something, so that parts add up and concepts nest; `check` proves it on the
finished rows. Only whole numbers are reckoned with, so every machine draws the same table.
"""

import csv
import gzip
import io
import random
import sys
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


# fmt: off
LISTS = {
    "profession": "professions", "speciality": "specialities", "activity": "activities", "sex": "sexes",
    "age": "ages", "region": "regions", "ownership": "ownerships", "industry": "industries",
    "provider": "providers", "place_of_training": "places_of_training", "country_of_training": "countries",
    "birthplace": "birthplaces",
}
CODES = {dimension: codelist(name) for dimension, name in LISTS.items()}
MEASURES = codelist("measures")
KEY = ("measure", *LISTS, "unit", "year")
CHAIN = ("practising", "employed_in_health_care", "professionally_active", "employed", "licensed")
"""Each concept holds the one before it."""

LICENSED = {  # practising in the first year; its yearly growth and the share of women in thousandths
    "LK": (31000, 22, 510), "SJ": (84000, 9, 870), "BM": (5600, 12, 994), "TL": (6300, 4, 560),
    "AP": (2900, 25, 720), "FT": (10800, 15, 760), "AT": (8100, 18, 920), "AU": (950, 10, 860),
    "BA": (7400, -3, 840), "DT": (1100, 30, 940), "HK": (3100, 60, 880), "KP": (600, 12, 380),
    "LG": (1500, 35, 950), "NA": (820, 20, 490), "OP": (1700, 12, 740), "OT": (260, 10, 450),
    "PS": (7100, 28, 690), "PT": (4200, -8, 750), "RC": (4300, -20, 960), "RS": (2900, 24, 820),
    "SF": (330, 22, 360), "TH": (3400, 2, 960),
}
STAFF = LICENSED | {
    "USK": (141000, 6, 890), "VBT": (62000, 31, 770), "SKT": (6100, -5, 540), "TSK": (9700, 3, 985),
    "AMB": (700, -30, 350), "PAS": (48000, 11, 740), "OHP": (15500, 14, 700), "OST": (88000, 8, 650),
}
FIVE = ("LK", "SJ", "BM", "TL", "AP")
GRADUATES = (*FIVE, "FT", "RS", "BA", "AT", "PS", "RC", "TH", "DT", "LG")
HOSPITAL = ("LK", "SJ", "BM", "USK", "VBT", "OHP", "OST")

AGES_LK = shares("Y_LT25 2 Y25T34 215 Y35T44 270 Y45T54 205 Y55T64 190 Y65T74 100 Y_GE75 18")
AGES = shares("Y_LT25 28 Y25T34 222 Y35T44 225 Y45T54 235 Y55T64 225 Y65T74 60 Y_GE75 5")
AGES_IDLE = shares("Y_LT25 4 Y25T34 70 Y35T44 90 Y45T54 90 Y55T64 160 Y65T74 386 Y_GE75 200")
AGES_ALL = shares("Y_LT25 282 Y25T34 131 Y35T44 128 Y45T54 127 Y55T64 122 Y65T74 112 Y_GE75 98")
SPECIALITIES = shares(
    "GEN_PRAC 170 GEN_OTH 45 NSP 265 PAED 32 GYN 37 PSY 52 OTH 41 MED_INT 62 MED_CAR 18 MED_END 9 MED_GAS 9 "
    "MED_RES 8 MED_ONC 14 MED_HAE 7 MED_IMM 6 MED_NEU 15 MED_ORL 16 MED_RAD 34 MED_MIC 6 MED_PAT 8 MED_OCC 5 "
    "MED_DER 10 SURG_GEN 33 SURG_NEU 4 SURG_PLA 5 SURG_OPH 18 SURG_ORT 35 SURG_THO 4 SURG_URO 9 SURG_VAS 5 "
    "SURG_ANE 42 SURG_EME 9"
)
NATIONAL = {p: [c for c in CODES["speciality"] if c.startswith(p)] for p in ("S_", "D_")}
GROUPS = tuple(code for code in CODES["speciality"] if code[:2] not in NATIONAL and code != "_T")
COUNTIES = shares(
    "01 229 03 38 04 29 05 45 06 35 07 19 08 24 09 6 10 15 12 134 13 33 14 166 17 27 18 30 19 27 20 28 21 28 "
    "22 24 23 13 24 27 25 23"
)
TRAINING = shares("DOM.NAT 745 DOM.FOR 62 FOR.NAT 38 FOR.FOR 145 _U.NAT 4 _U.FOR 6")
TRAINING_IDLE = shares("DOM.NAT 560 DOM.FOR 40 FOR.NAT 60 FOR.FOR 310 _U.NAT 10 _U.FOR 20")
PROVIDERS = {
    "LK": shares("HP1 640 HP2 8 HP3 300 HP4 30 HP5 2 HP6 20"),
    "SJ": shares("HP1 560 HP2 160 HP3 215 HP4 30 HP5 5 HP6 30"),
    "BM": shares("HP1 610 HP2 1 HP3 370 HP4 4 HP5 0 HP6 15"),
    "TL": shares("HP1 40 HP2 2 HP3 940 HP4 8 HP5 1 HP6 9"),
}
OWNERS = {"PUB": 78, "PNFP": 5, "PFP": 17}
INDUSTRIES = {
    "_T": "861 39 862 26 869 14 871 9 873 31 881 22 889 17 72 9 75 2 78 17 84 66 85 111 4773 3 _U 634",
    "AP": "861 60 862 10 869 20 871 2 873 1", "TL": "861 30 862 900 869 20 871 2 873 1",
    "USK": "861 200 862 60 869 40 871 90 873 610", "VBT": "861 20 862 10 869 10 871 90 873 700",
}
ELSEWHERE = "881 120 889 60 72 110 75 5 78 160 84 230 85 190 _U 115 4773"
RESIDUAL = ("4773", "75", "78")  # what is in other industries: neither unknown nor one that NOMESKO names
LARGE = "DE PL NO FI DK RO IQ SY GR HU ES GB RU IR LT IN HR PK IT LV EE BG UA RS BA EG TR CZ NL IS OTHER"
UNUSED = (  # Sweden, territories, no country
    "SE AI AQ AS AW AX BL BM BQ BV CC CK CW CX EH FK GF GG GI GP GS GU HM IM IO JE KY MF MO MP MQ MS NC NF "
    "NU PF PM PN PR RE SH SJ SX TC TF TK UM VA VG VI WF YT _T _U _Z"
)
MULTIPLES = {  # of the graduates, in thousandths
    "applicants": 3900, "applications": 9100, "admissions": 1300, "enrolled": 5200, "dropouts": 160,
    "educators": 450, "education_places": 1250,
}
NOTES = {
    ("LK", "2019"): 'Can\'t be compared with "2018" & earlier; <see> note', ("SJ", "2023"): "=1+1",
    ("TL", "2023"): "Påhittade värden från länen, även för öar", ("BM", "2023"): "Invented \U0001f9ea",
    ("AP", "2023"): "Decomposed: cafe\u0301, A\u030angstro\u0308m", ("NA", "2023"): "-1; NA, not missing",
}
MISSING = {
    ("vacancies", "TL", "2019"): "M", ("education_places", "BM", "2019"): "M",
    ("specialist_certificates", "TL", "2014"): "O", ("vacancies", "USK", "2014"): "L",
}
MISSING_PARTS = {  # of the employed physicians
    ("OTHER", "2017"): "O", ("SURG_VAS", "2019"): "L", ("MED_NEU", "2020"): "O", ("MED_DER", "2021"): "M",
}
# fmt: on


class Table:
    """The rows by key; a second value for one key is an error."""

    def __init__(self) -> None:
        """An empty table."""
        self.rows: dict[Key, int | Decimal] = {}

    def key(self, year: int, measure: str = "stock", **codes: str) -> Key:
        """A full key: `_T` for what is not said, `_Z` for what the measure has not."""
        has = MEASURES[measure]
        row = {dimension: "_T" if dimension in has["dimensions"].split() else "_Z" for dimension in LISTS}
        row |= {"unit": has["units"].split()[0]} | codes | {"measure": measure, "year": str(year)}
        assert (row["activity"] != "_Z") == (has["activity"] == "required"), row
        return tuple(row[column] for column in KEY)

    def put(self, year: int, value: int | Decimal, **codes: str) -> None:
        """Set one value; the same total may come again, from its parts."""
        key = self.key(year, **codes)
        assert value >= 0 and self.rows.setdefault(key, value) == value, (key, value)

    def put_by_sex(self, year: int, value: int, profession: str, **codes: str) -> None:
        """Set one value, and split it by the share of women in the profession."""
        codes |= {"profession": profession}
        self.put(year, value, **codes)
        self.spread(year, "sex", sexes(profession), (codes.get("activity", "_Z"),), **codes)

    def get(self, year: int, **codes: str) -> int:
        """The count of one key, which must be there."""
        return int(self.rows[self.key(year, **codes)])

    def spread(
        self, year: int, dims: str, by: Shares, acts: Key = ("_Z",), *, top: Shares | None = None,
        by_sex: bool = False, skip: Key = (), of: dict[str, str] | None = None, **where: str,
    ) -> None:  # fmt: skip
        """Split counts over the cells of `dims`, each activity above the one before; put cells and sums.

        `top` weighs what only the last activity has, `of` says where the counts to split stand, if
        elsewhere, `skip` which codes not to put.
        """
        names = ("sex", *dims.split()) if by_sex else tuple(dims.split())
        cells: dict[Key, int] = {}
        for sex in (("F",), ("M",)) if by_sex else ((),):
            below, held = 0, dict.fromkeys([*by, *(top or ())], 0)
            for act in acts:
                source = where | {"activity": act} | dict(zip(names, sex, strict=False)) | (of or {})
                level = self.get(year, **source)
                for leaf, number in split(level - below, top if top and act == acts[-1] else by).items():
                    held[leaf] += number
                for leaf, number in held.items():
                    for codes in product(*map(within, names, sex + leaf)):
                        cells[act, *codes] = cells.get((act, *codes), 0) + number
                below = level
        for codes, number in cells.items():
            if not any(code in skip for code in codes[-len(dims.split()) :]):
                self.put(year, number, **(where | dict(zip(("activity", *names), codes, strict=True))))


def within(dimension: str, code: str) -> list[str]:
    """A code and the codes that contain it."""
    parent = CODES[dimension][code]["parent"]
    return [code, *(within(dimension, parent) if parent else ())]


def split(total: int, by: Shares) -> Shares:
    """A total in whole parts: weights shaken by a hundredth, largest remainders first."""
    weights = [weight * (9900 + int(RNG.random() * 200)) for weight in by.values()]
    parts = [total * weight // sum(weights) for weight in weights]
    order = sorted(range(len(parts)), key=lambda i: (-(total * weights[i] % sum(weights)), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return dict(zip(by, parts, strict=True))


def share(number: int, thousandths: int) -> int:
    """A part of a number, give or take a hundredth of the part."""
    return number * thousandths * (990 + int(RNG.random() * 21)) // 1_000_000


def tenths(number: int, thousandths: int) -> Decimal:
    """Full-time equivalents of a number of persons, with one decimal."""
    return Decimal(share(number * 10, thousandths)).scaleb(-1)


def sexes(profession: str) -> Shares:
    """The shares of women and men in a profession."""
    women = STAFF[profession][2]
    return shares(f"F {women} M {1000 - women}")


def staff(t: Table) -> None:
    """Every profession by activity and sex; all who are employed in the country."""
    for p, (base, growth, _) in STAFF.items():
        for year in RECENT if p == "HK" else YEARS:  # counsellors are licensed since 2019
            level = share(base * (1000 + growth * (year - 2014)), 1000) // 1000
            acts = CHAIN if p in LICENSED else CHAIN[:-1]
            for act, more in zip(acts, (0, 31, 24, 58, 190), strict=False):
                level += share(level, more)
                t.put(year, level, profession=p, activity=act)
            t.spread(year, "sex", sexes(p), acts, profession=p)
    for year in YEARS:
        t.put(year, share(4_600_000 + 45_000 * (year - 2014), 1000), activity="employed")
        t.spread(year, "sex", shares("F 475 M 525"), ("employed",))
        t.spread(year, "industry", shares(INDUSTRIES["_T"]), ("employed",), skip=("_U",))


def breakdowns(t: Table) -> None:
    """Age, speciality, industry, provider and ownership, county."""
    for year in YEARS:
        acts = ("practising", "professionally_active", "licensed")
        for p in FIVE:
            ages = AGES_LK if p == "LK" else AGES
            t.spread(year, "age", ages, acts, top=AGES_IDLE, by_sex=True, profession=p)
        acts = ("practising", "employed_in_health_care", "licensed")
        t.spread(year, "speciality", SPECIALITIES, acts, by_sex=True, profession="LK")
        for p in (*FIVE, "USK", "VBT"):
            health = shares(INDUSTRIES.get(p, "861 620 862 280 869 60 871 20 873 20"))
            top = shares(f"{ELSEWHERE} {900 if p == 'AP' else 10}")
            t.spread(year, "industry", health, ("employed_in_health_care", "employed"), top=top, profession=p)
        for p, by in PROVIDERS.items():
            owned = {(*hp, owner): n * m for (hp, n), (owner, m) in product(by.items(), OWNERS.items())}
            t.spread(year, "provider ownership", owned, ("practising",), profession=p)
            if year in RECENT:
                t.spread(year, "region", COUNTIES, ("practising",), by_sex=True, profession=p)


def national_specialities(t: Table) -> None:
    """National specialities add up to the groups; those without a group of their own to the broadest one."""
    broadest, groups = {"MED": "MED_INT", "SURG": "SURG_GEN"}, {}
    for code in NATIONAL["S_"]:
        parent = CODES["speciality"][code]["parent"]
        groups.setdefault(broadest.get(parent, parent), {})[(code,)] = 1 + len(code) % 7
    acts = ("employed_in_health_care",)
    for year, (group, by) in product((2021, 2022, 2023), groups.items()):
        of = {"speciality": group}
        t.spread(year, "speciality", by, acts, of=of, skip=(*GROUPS, "_T"), by_sex=True, profession="LK")
    by = {("_U",): 300} | {(code,): 1 + len(code) % 7 for code in NATIONAL["D_"]}
    t.spread(2023, "speciality", by, ("licensed",), skip=("_U",), by_sex=True, profession="TL")
    for year, (p, prefix) in product(YEARS, (("LK", "S_"), ("TL", "D_"))):
        where = {"profession": p, "measure": "specialist_certificates"}
        t.put_by_sex(year, share(t.get(year, profession=p, activity="licensed"), 44), **where)
        if year > 2020:
            by = {(code,): 1 + len(code) % 7 for code in NATIONAL[prefix]}
            t.spread(year, "speciality", by, skip=GROUPS, by_sex=True, **where)


def hospitals(t: Table) -> None:
    """Hospital employment, in persons and in full-time equivalents."""
    for year in YEARS:
        where = {"activity": "employed", "provider": "HP1"}
        persons = {p: share(t.get(year, profession=p, activity="employed"), 240) for p in HOSPITAL}
        for p in ("LK", "SJ", "BM"):
            persons[p] = share(t.get(year, profession=p, activity="practising", provider="HP1"), 1060)
        fte = {p: tenths(number, 850) for p, number in persons.items()}
        for p in HOSPITAL:
            t.put(year, persons[p], profession=p, **where)
            t.put(year, fte[p], profession=p, unit="fte", **where)
        t.put(year, sum(persons.values()), **where)
        t.put(year, sum(fte.values(), Decimal(0)), unit="fte", **where)


def training_and_flows(t: Table) -> None:
    """Where people were trained and born, who comes and who leaves, the countries of the foreign-trained."""
    named = (LARGE + " " + UNUSED).split()
    others = [code for code in CODES["country_of_training"] if code not in named]
    countries = LARGE.split() + sorted(others, key=lambda _: RNG.random())
    by = {(code,): 10**9 // (rank * (rank + 12)) for rank, code in enumerate(countries, 1)}
    for year, p in product(YEARS, FIVE):
        dims, acts = "place_of_training birthplace", ("practising", "licensed")
        t.spread(year, dims, TRAINING, acts, top=TRAINING_IDLE, profession=p)
        now = t.get(year, profession=p, activity="practising")
        before = t.get(year - 1, profession=p, activity="practising") if year > 2014 else share(now, 985)
        left, forced = share(now, 50), share(now, 7)
        flows = {"inflow": now - before + left, "outflow": left}
        flows |= {"exits_voluntary": left - forced, "exits_involuntary": forced}
        for measure, number in flows.items():
            t.put_by_sex(year, number, p, measure=measure, activity="practising")
        where = {"profession": p, "measure": "inflow"}
        t.spread(year, "place_of_training", shares("DOM 700 FOR 285 _U 15"), acts[:1], by_sex=True, **where)
        if year in RECENT and p in ("LK", "SJ"):
            for measure, some in (("stock", acts), ("inflow", acts[:1])):
                of, where = {"place_of_training": "FOR"}, {"profession": p, "measure": measure}
                t.spread(year, "country_of_training", by, some, of=of, skip=("_T",), **where)


def education_and_market(t: Table) -> None:
    """Graduates, students and teachers, licences, vacancies, unemployed."""
    trained, owners = shares("DOM 800 FOR_EU 110 FOR_OTHER 80 _U 10"), shares("PUB 90 PNFP 8 PFP 2")
    for p in LICENSED:
        for year in RECENT if p == "HK" else YEARS:
            where = {"profession": p, "measure": "licences_issued"}
            t.put_by_sex(year, share(t.get(year, profession=p, activity="licensed"), 41), **where)
            t.spread(year, "place_of_training", trained, by_sex=True, **where)
    for year, p in product(YEARS, GRADUATES):
        where = {"profession": p, "measure": "graduates"}
        t.put_by_sex(year, share(t.get(year, profession=p, activity="practising"), 36), **where)
        t.spread(year, "ownership", owners, by_sex=True, **where)
    for year, p, measure in product(RECENT, FIVE, MULTIPLES):
        number = share(t.get(year, profession=p, measure="graduates"), MULTIPLES[measure])
        if measure == "education_places":
            t.put(year, number, profession=p, measure=measure)
            continue
        where = {"profession": p, "measure": measure}
        t.put_by_sex(year, number, **where)
        if measure == "educators":
            women, men = (tenths(t.get(year, sex=sex, **where), 720) for sex in ("F", "M"))
            for sex, fte in (("F", women), ("M", men), ("_T", women + men)):
                t.put(year, fte, sex=sex, unit="fte", **where)
    for year, p in product(YEARS, (*FIVE, "USK")):
        number = t.get(year, profession=p, activity="employed")
        t.put(year, share(number, 34), profession=p, measure="vacancies")
        t.put_by_sex(year, share(number, 13), p, measure="unemployed")


def people(t: Table) -> None:
    """The population at the end of the year, its mean over the year, and the births."""
    for year in range(2012, 2024):
        t.put(year, 9_280_037 + 61_913 * (year - 2012), measure="population")
        t.spread(year, "sex", shares("F 498 M 502"), measure="population")
        t.spread(year, "region", COUNTIES, by_sex=True, measure="population")
        t.spread(year, "age", AGES_ALL, by_sex=True, measure="population")
    for year in range(2013, 2024):
        mean: dict[Key, int] = {}
        for (county,), sex in product(COUNTIES, ("F", "M")):
            where = {"measure": "population", "region": county, "sex": sex}
            number = (t.get(year - 1, **where) + t.get(year, **where) + 1) // 2
            for cell in product(within("region", county), (sex, "_T")):
                mean[cell] = mean.get(cell, 0) + number
        for (region, sex), number in mean.items():
            t.put(year, number, region=region, sex=sex, measure="mean_population")
    for year in YEARS:
        t.put(year, share(104_000, 1000), measure="live_births")
        t.spread(year, "sex", shares("F 486 M 514"), measure="live_births")
    t.rows = {key: value for key, value in t.rows.items() if key[-1] > "2012"}


def physicians_employed(t: Table) -> None:
    """Physicians in any industry, and in those where the education is required, by speciality and by industry.

    Not every year has both. It comes last, for what is drawn above must not change.
    """
    specialities = [code for (code,) in SPECIALITIES]
    industries = ["861", "862", "869", "871", "873", "881", "889", "72", "84", "85", *RESIDUAL]
    required, wide = CHAIN[2:4]
    for year in YEARS:
        recent = year in RECENT
        lift(t, year, "speciality", specialities, (required, wide) if recent else (required,), "licensed")
        if not recent:
            lift(t, year, "industry", industries, (required,), wide)
        for act, there in ((required, not recent), (wide, year > 2015)):
            if there:
                where = {"profession": "LK", "activity": act}
                t.put(year, sum(t.get(year, industry=code, **where) for code in RESIDUAL), industry="OTHER", **where)


def lift(t: Table, year: int, dimension: str, leaves: list[str], acts: Key, limit: str) -> None:
    """Spread physicians over codes: as many as work in health care, and a share of the room up to a wider activity."""

    def at(activity: str, code: str) -> int:
        return int(t.rows.get(t.key(year, profession="LK", activity=activity, **{dimension: code}), 0))

    held = {code: at("employed_in_health_care", code) for code in leaves}
    for act in acts:
        room = {(code,): at(limit, code) - number for code, number in held.items()}
        more = split(at(act, "_T") - sum(held.values()), room)
        held = {code: number + more[code,] for code, number in held.items()}
        cells: dict[str, int] = {}
        for leaf, number in held.items():
            for code in within(dimension, leaf):
                cells[code] = cells.get(code, 0) + number
        for code, number in cells.items():
            t.put(year, number, profession="LK", activity=act, **{dimension: code})


def check(t: Table) -> None:
    """Parts add up wherever all of them are there; concepts nest; countries make up the foreign-trained."""

    def at(key: Key, **codes: str) -> int | Decimal:
        return t.rows.get(tuple(codes.get(column, code) for column, code in zip(KEY, key, strict=True)), -1)

    def adds_up(dimension: str, whole: str, parts: list[str], **of: str) -> bool:
        tested = 0
        for key in [key for key in t.rows if key[KEY.index(dimension)] == parts[0]]:
            numbers = [at(key, **{dimension: part}) for part in parts]
            if min(numbers) >= 0 and all(key[KEY.index(column)] == code for column, code in of.items()):
                assert at(key, **{dimension: whole}) == sum(numbers), (dimension, whole, key)
                tested += 1
        return tested > 0

    used = {dimension: sorted({key[KEY.index(dimension)] for key in t.rows}) for dimension in LISTS}
    for dimension in [d for d in LISTS if d not in ("profession", "activity", "country_of_training")]:
        codes = [code for code in used[dimension] if code[:2] not in NATIONAL and code != "OTHER"]
        for whole in codes:
            parts = [code for code in codes if CODES[dimension][code]["parent"] == whole]
            assert not parts or adds_up(dimension, whole, parts), (dimension, whole)
    assert adds_up("region", "_T", [code for (code,) in COUNTIES])
    assert adds_up("speciality", "_T", [*NATIONAL["S_"], "GEN_OTH", "NSP"], measure="stock")
    assert adds_up("profession", "_T", list(HOSPITAL), provider="HP1")
    abroad: dict[Key, int | Decimal] = {}
    for key, value in t.rows.items():
        if key[KEY.index("industry")] == "OTHER":
            assert value == sum(at(key, industry=code) for code in RESIDUAL), key
        levels = [number for act in CHAIN if (number := at(key, activity=act)) >= 0]
        assert all(narrow <= wide for narrow, wide in pairwise(levels)), key
        assert "fte" not in key or value < at(key, unit="persons"), key
        if key[KEY.index("country_of_training")] not in ("_T", "_Z"):
            where = dict(zip(KEY, key, strict=True), country_of_training="_T", place_of_training="FOR")
            place = tuple(where.values())
            abroad[place] = abroad.get(place, 0) + value
    assert abroad and all(t.rows[place] == number for place, number in abroad.items())


def flags(row: dict[str, str], value: int | Decimal, total: bool) -> tuple[str, str, str]:
    """Observation status, confidentiality and note of one row."""
    case, stock = (row["profession"], row["year"]), row["measure"] == "stock"
    works = stock and row["activity"] != "licensed"
    late = case == ("LK", "2023") and row["speciality"] != "_T" and row["activity"] in CHAIN[2:4]
    estimated = (
        (works and total and case in (("TSK", "2014"), ("TSK", "2015"), ("TSK", "2016")))
        or (works and case == ("LK", "2019") and row["region"] == "09")
        or (row["measure"], *case) == ("unemployed", "USK", "2023")
    )
    provisional = works and (late or case == ("SJ", "2023"))
    marks = {"B": case == ("LK", "2019") and works, "E": estimated, "P": provisional}
    few = row["year"] == "2023" and row["country_of_training"] in ("AL", "JP", "KE", "NZ", "XK") and value < 5
    note = NOTES.get(case, "") if stock and total and row["activity"] == "practising" else ""
    return ",".join(mark for mark, holds in marks.items() if holds), "C" if few and works else "", note


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
        if (row["measure"], row["profession"], row["activity"]) == ("stock", "LK", "employed"):
            parts = (MISSING_PARTS.get((row[part], row["year"])) for part in ("industry", "speciality"))
            missing = next(filter(None, parts), None)
        shown = ("", missing) if missing else (value, obs)
        writer.writerow([*key, *shown, conf, reference_date(row), SOURCE, note])
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        packed.write(text.getvalue().encode("utf-8"))


def main(path: Path) -> None:
    """Draw the table, prove it, write it."""
    table = Table()
    for fill in (staff, breakdowns, national_specialities, hospitals, training_and_flows):
        fill(table)
    education_and_market(table)
    people(table)
    physicians_employed(table)
    check(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(table, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)

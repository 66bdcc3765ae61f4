"""What the statements of a table mean: languages, variables, codes, times, symbols."""

import pytest

from nps_exchange.formats.px.cube import CubeFault, Times, cube, number_of, symbols, times_of
from nps_exchange.formats.px.statements import statements

TABLE = """
LANGUAGE="en";
LANGUAGES="en","sv","fi";
STUB="profession","sex";
HEADING="year";
CONTVARIABLE="sex";
VALUES("profession")="nurse","physician";
VALUES("sex")="men","women";
VALUES("year")="2022","2023";
CODES("profession")="SJ","LK";
VARIABLECODE("profession")="prof";
TIMEVAL("year")=TLIST(A1),"2022","2023";
STUB[sv]="yrke","kön";
HEADING[sv]="år";
VALUES[sv]("yrke")="sjuksköterska","läkare";
VALUES[sv]("kön")="män";
VALUES[sv]("år")="2022","2023";
HEADING[fi]="vuosi","luku";
VALUES[fi]("sex")="miehet","naiset";
DATASYMBOL1="none";
DATASYMBOL6="six";
DATASYMBOLNIL="nil";
DATASYMBOLSUM="sum";
DATASYMBOL1[sv]="saknas";
"""


def made(text):
    return cube(statements(text).statements)


def faults(text):
    with pytest.raises(CubeFault) as fault:
        made(text)
    return [(one.rule, one.place.row, one.place.column) for one in fault.value.findings]


def changed(old, new):
    assert old in TABLE
    return TABLE.replace(old, new)


def test_a_table_in_several_languages():
    found = made(TABLE)
    profession, sex, year = found.variables
    assert (found.languages, found.contents, found.width, found.height) == (("en", "sv", "fi"), 1, 2, 4)
    assert (found.stub, found.heading) == ((profession, sex), (year,))
    assert profession.names == {"en": "profession", "sv": "yrke"}
    assert profession.values == {"en": ("nurse", "physician"), "sv": ("sjuksköterska", "läkare")}
    assert (profession.codes, profession.code, profession.times) == (("SJ", "LK"), "prof", None)
    assert (profession.label, profession.size) == ("profession", 2)
    # Finnish has no names, but values under the English name; Swedish has too few values.
    assert (sex.names, sex.codes) == ({"en": "sex", "sv": "kön"}, ())
    assert sex.values == {"en": ("men", "women"), "fi": ("miehet", "naiset")}
    assert (year.names, year.times) == ({"en": "year", "sv": "år"}, Times("A1", ("2022", "2023")))


def test_the_default_language_may_be_named():
    table = changed('VALUES("sex")', 'VALUES[en]("sex")').replace('STUB="', 'STUB[en]="')
    assert made(table) == made(TABLE)


@pytest.mark.parametrize(
    ("old", "new", "languages"),
    [
        ('LANGUAGES="en","sv","fi";\n', "", ("en",)),
        ('LANGUAGE="en";\nLANGUAGES="en","sv","fi";\n', "", ("",)),
        ('LANGUAGE="en";\n', "", ("en", "sv", "fi")),
        ('LANGUAGES="en","sv","fi"', 'LANGUAGES="sv","fi","sv"', ("en", "sv", "fi")),
    ],
)
def test_languages(old, new, languages):
    found = made(changed(old, new))
    assert found.languages == languages
    assert found.variables[0].label == "profession"


def test_a_table_may_have_no_stub_or_no_heading():
    found = made(changed('STUB="profession","sex";\nHEADING="year"', 'HEADING="profession","sex","year"'))
    assert (found.stub, found.height, found.width) == ((), 1, 8)
    found = made(changed('STUB="profession","sex";\nHEADING="year"', 'STUB="profession","sex","year";HEADING=""'))
    assert (found.heading, found.height, found.width) == ((), 8, 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('STUB="profession","sex";\nHEADING="year";\n', "", [("px-stub-missing", None, "")]),
        ('HEADING="year"', 'HEADING="year","sex"', [("px-variable-repeated", 5, "HEADING")]),
        ('VALUES("year")', 'VALUES("years")', [("px-values-missing", 5, "HEADING")]),
        ('VALUES("sex")="men","women";\n', 'VALUES[sv]("sex")="a","b";\n', [("px-values-missing", 4, "STUB")]),
        (
            'CODES("profession")="SJ","LK"',
            'CODES("profession")="SJ"',
            [("px-codes-number", 10, 'CODES("profession")')],
        ),
        (
            'VALUES("sex")="men","women";',
            'VALUES("sex")="men","women";VALUES("sex")="a","b";',
            [("px-values-repeated", 8, 'VALUES("sex")')],
        ),
        (
            'CODES("profession")="SJ","LK";',
            'CODES("profession")="SJ","LK";CODES[en]("profession")="a","b";',
            [("px-values-repeated", 10, 'CODES[en]("profession")')],
        ),
        (
            'VALUES("sex")="men","women";\nVALUES("year")="2022","2023";\n',
            "",
            [("px-values-missing", 4, "STUB"), ("px-values-missing", 5, "HEADING")],
        ),
    ],
)
def test_what_leaves_the_table_unknown_is_told(old, new, told):
    assert faults(changed(old, new)) == told


def test_far_too_many_variables_are_no_table():
    names = ",".join(f'"{number}"' for number in range(2000))
    assert faults(f"STUB={names};") == [("px-variables-endless", 1, "STUB")]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ('TLIST(A1,"2019"-"2021")', Times("A1", ("2019", "2020", "2021"))),
        ('TLIST(H1,"20192"-"20202")', Times("H1", ("20192", "20201", "20202"))),
        ('TLIST(Q1,"20193"-"20201")', Times("Q1", ("20193", "20194", "20201"))),
        ('TLIST(T1,"20193"-"20201")', Times("T1", ("20193", "20201"))),
        ('TLIST(M1,"201911"-"202001")', Times("M1", ("201911", "201912", "202001"))),
        ('TLIST(W1,"202051"-"202101")', Times("W1", ("202051", "202052", "202053", "202101"))),
        ('TLIST(W1,"202151"-"202201")', Times("W1", ("202151", "202152", "202201"))),
        ('TLIST(D1,"20200228"-"20200301")', Times("D1", ("20200228", "20200229", "20200301"))),
        ('TLIST(A1,"2019"-"2019")', Times("A1", ("2019",))),
        ('tlist(a1),"2019","2021"', Times("A1", ("2019", "2021"))),
        ("TLIST(A1)", Times("A1", ())),
        # no periods of the scale
        ('TLIST(A1,"2021"-"2019")', None),
        ('TLIST(A1,"20191"-"20211")', None),
        ('TLIST(Q1,"20195"-"20201")', None),
        ('TLIST(Q1,"2019"-"2020")', None),
        ('TLIST(M1,"201913"-"202001")', None),
        ('TLIST(D1,"20200231"-"20200301")', None),
        ('TLIST(D1,"00000101"-"99991231")', None),
        ('TLIST(X1,"2019"-"2021")', None),
        ('TLIST(X1,"201901"-"202101")', None),
        ('TLIST,"2019"', None),
        ('"2019","2020"', None),
    ],
)
def test_times(times, expected):
    [statement] = statements(f'TIMEVAL("year")={times};').statements
    assert times_of(statement) == expected
    assert number_of(statement) == len(expected.values if expected else ())


def test_a_range_is_made_only_where_it_has_a_period_for_each_value():
    def times(said):
        return made(changed('TIMEVAL("year")=TLIST(A1),"2022","2023"', f'TIMEVAL("year")={said}')).variables[2].times

    assert times('TLIST(A1,"2022"-"2023")') == Times("A1", ("2022", "2023"))
    assert times('TLIST(A1,"2022"-"2024")') == Times("A1", ())
    assert times('TLIST(D1,"19000101"-"99991231")') is None


@pytest.mark.parametrize("scale", ["A1", "H1", "T1", "Q1", "M1", "W1", "D1"])
def test_as_many_periods_are_counted_as_made(scale):
    within = {"A": "", "W": "07", "M": "07", "D": "0229"}.get(scale[0], "2")
    [one] = statements(f'TIMEVAL("a")=TLIST({scale},"1976{within}"-"2024{within}");').statements
    periods = times_of(one).values
    assert (len(periods), periods[0], periods[-1]) == (number_of(one), f"1976{within}", f"2024{within}")
    assert list(periods) == sorted(set(periods))


def test_far_too_many_languages_are_no_table():
    names = ",".join(f'"l{number}"' for number in range(2000))
    assert faults(changed('LANGUAGES="en"', f'LANGUAGES="en",{names}')) == [("px-languages-endless", 3, "LANGUAGES")]


def test_symbols_have_texts_by_language():
    told = statements(TABLE).statements
    assert symbols(told) == {".": "none", "......": "six", ".......": "sum", "-": "nil"}
    assert symbols(told, "en") == symbols(told)
    assert symbols(told, "sv") == {".": "saknas"}
    assert symbols(told, "de") == {}

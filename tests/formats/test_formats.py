"""Every registered format gives back what it was given; a new format is tested by being registered."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange.formats import FORMATS, xml_text
from nps_exchange.formats.table import Header, Table
from nps_exchange.resources import packaged
from nps_exchange.structures import Component, Structure

COLUMNS = ("SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS2", "OBS_STATUS3", "OBS_STATUS4")
DATAFLOW = "OECD.ELS.HD:DSD_HEALTH_REAC_EMP@DF_PHYS(1.1)"
FLAG = Component("", "", False, "observation", "")
STRUCTURE = Structure(
    "none",
    "",
    "OECD.ELS.HD:DSD_HEALTH_REAC_EMP(1.1)",
    "No code lists: any text may stand anywhere",
    (Component("SEX", "", True, "", ""),),
    "TIME_PERIOD",
    "",
    "OBS_VALUE",
    tuple(replace(FLAG, id=id_) for id_ in COLUMNS[3:]),
    {},
    {},
    {DATAFLOW: "Physicians"},
)
HEADER = Header("A_1", True, "2026-11-22T09:00:00Z", "SE", "OECD", 'Råd & "dåd" <o\'clock>')
HOSTILE = [
    *("", " ", "0012", "NA", "NO", "nan", "1e5", "1 234,5", "=1+1", "-", "_Z", "'", "A: b", "a;b", "&", "&amp;", "<"),
    *('a "quote"', '"', '""', ",", "a,b", "a\nb", "a\r\nb", "a\rb", "\n", "\r", "a\tb", " a", "a ", "\\", "#", ">"),
    *("\ufeff", "a\ufeffb", "\u2028", "\x0b", "\x85", "å ä ö", "a\u0308", "\U0001d7d8", "👩🏽‍⚕️", "\U0010ffff"),
    *("]]>", "<!--", "&#10;", "  a  b  ", "\ufffe", "\x1b[31m", "\x7f", "\u202e"),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
CELLS = st.none() | st.sampled_from(HOSTILE) | TEXTS
FLAGS = st.sampled_from([None, "", "B", "D", "E", "P"])
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, FLAGS, FLAGS, FLAGS, FLAGS), max_size=20)

IMPOSSIBLE = {"sdmx-ml-2.1": xml_text.IMPOSSIBLE}
"""What a format cannot carry in any way; it must refuse it by name."""


def carried(name, rows):
    """The same rows, with "?" for what the format cannot carry."""
    if name not in IMPOSSIBLE:
        return rows
    return [tuple(cell and IMPOSSIBLE[name].sub("?", cell) for cell in row) for row in rows]


def table(rows):
    return Table(COLUMNS, rows, DATAFLOW, "I", STRUCTURE, HEADER)


def there_and_back(name, rows, folder):
    path = folder / "file"
    FORMATS[name].encode(table(rows), path)
    found = FORMATS[name].decode(path, STRUCTURE)
    return found, [tuple(row) for row in found.rows]


@pytest.mark.parametrize("name", FORMATS)
@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_decoded(name, rows, tmp_path_factory):
    rows = carried(name, rows)
    found, decoded = there_and_back(name, rows, tmp_path_factory.mktemp("formats"))
    assert (found.columns, decoded) == (COLUMNS, rows)
    assert found.dataflow in (DATAFLOW, "")  # not every format has a place for it
    assert found.header in (HEADER, None)
    assert found.action == "I"


@pytest.mark.parametrize("name", FORMATS)
def test_every_hostile_text_comes_back(name, tmp_path):
    rows = carried(name, [(text, None, text, "", text, None, text) for text in HOSTILE])
    assert there_and_back(name, rows, tmp_path)[1] == rows


@pytest.mark.parametrize("name", IMPOSSIBLE)
@pytest.mark.parametrize("place", range(len(COLUMNS)))
def test_what_a_format_cannot_carry_is_named_and_nothing_is_written(name, place, tmp_path):
    for text in HOSTILE:
        if not IMPOSSIBLE[name].search(text):
            continue
        row = [None] * len(COLUMNS)
        row[place] = text
        with pytest.raises(ValueError, match=r"row 3: .*U\+[0-9A-F]{4}"):
            FORMATS[name].encode(table([(None,) * 7, (None,) * 7, tuple(row)]), tmp_path / "file")
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", FORMATS)
def test_empty_is_not_nothing(name, tmp_path):
    rows = [(None, "", None, None, "", "", None), ("", None, "", "", None, None, ""), (None,) * 7, ("",) * 7]
    assert there_and_back(name, rows, tmp_path)[1] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_several_flags_of_an_observation_stay_in_their_columns(name, tmp_path):
    rows = [("F", "2020", "0", "B", "P", "D", "E"), ("M", "2020", "0", None, "P", None, "E")]
    rows += [("_T", "2020", None, "O", None, None, None)]
    assert there_and_back(name, rows, tmp_path)[1] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_table_gives_the_same_bytes(name, tmp_path):
    for path in (tmp_path / "a", tmp_path / "b"):
        FORMATS[name].encode(table([("F", "2020", "å", "B", None, "", None)]), path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_what_stops_half_way_leaves_no_file(name, tmp_path):
    def rows():
        yield from [("F", str(number), "1", None, None, None, None) for number in range(50_000)]
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        FORMATS[name].encode(table(rows()), tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_mappings_may_name_every_format():
    schema = json.loads((packaged("schemas") / "mapping.schema.json").read_text(encoding="utf-8"))
    assert sorted(schema["properties"]["files"]["items"]["properties"]["format"]["enum"]) == sorted(FORMATS)


def test_pandas_reads_the_same(tmp_path):
    import pandas

    rows = [("NA", "0012", 'a "b", c'), ("NO", "", "x\ny")]
    FORMATS["delimited"].encode(Table(("A", "B", "C"), rows), tmp_path / "t.csv")
    frame = pandas.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert [tuple(row) for row in frame.itertuples(index=False)] == rows

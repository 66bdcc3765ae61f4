"""Every registered format gives back what it was given; a new format is tested by being registered."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange.formats import FORMATS
from nps_exchange.formats.table import Table
from nps_exchange.resources import packaged

COLUMNS = ("SEX", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS2", "OBS_STATUS3", "OBS_STATUS4")
DATAFLOW = "OECD.ELS.HD:DSD_HEALTH_REAC_EMP@DF_PHYS(1.1)"
HOSTILE = [
    *("", " ", "0012", "NA", "NO", "nan", "1e5", "1 234,5", "=1+1", "-", "_Z", "'", "A: b", "a;b"),
    *('a "quote"', '"', '""', ",", "a,b", "a\nb", "a\r\nb", "a\rb", "\n", "\r", "a\tb", " a", "a ", "\\", "#"),
    *("\ufeff", "a\ufeffb", "\u2028", "\x0b", "\x85", "å ä ö", "a\u0308", "\U0001d7d8", "👩🏽‍⚕️", "\U0010ffff"),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
CELLS = st.none() | st.sampled_from(HOSTILE) | TEXTS
FLAGS = st.sampled_from([None, "", "B", "D", "E", "P"])
ROWS = st.lists(st.tuples(CELLS, CELLS, FLAGS, FLAGS, FLAGS, FLAGS), max_size=20)


def there_and_back(name, table, folder):
    path = folder / "file"
    FORMATS[name].encode(table, path)
    found = FORMATS[name].decode(path)
    return found, [tuple(row) for row in found.rows]


@pytest.mark.parametrize("name", FORMATS)
@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_decoded(name, rows, tmp_path_factory):
    found, decoded = there_and_back(name, Table(COLUMNS, rows, DATAFLOW), tmp_path_factory.mktemp("formats"))
    assert (found.columns, decoded) == (COLUMNS, rows)
    assert found.dataflow in (DATAFLOW, "")  # not every format has a place for it
    assert found.action == "I"


@pytest.mark.parametrize("name", FORMATS)
def test_every_hostile_text_comes_back(name, tmp_path):
    rows = [(text, None, "", text, None, text) for text in HOSTILE]
    assert there_and_back(name, Table(COLUMNS, rows, DATAFLOW), tmp_path)[1] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_empty_is_not_nothing(name, tmp_path):
    rows = [(None, "", None, None, "", ""), ("", None, "", "", None, None), (None,) * 6, ("",) * 6]
    assert there_and_back(name, Table(COLUMNS, rows, DATAFLOW), tmp_path)[1] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_several_flags_of_an_observation_stay_in_their_columns(name, tmp_path):
    rows = [("F", "0", "B", "P", "D", "E"), ("M", "0", None, "P", None, "E"), ("_T", None, "O", None, None, None)]
    assert there_and_back(name, Table(COLUMNS, rows, DATAFLOW), tmp_path)[1] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_table_gives_the_same_bytes(name, tmp_path):
    for path in (tmp_path / "a", tmp_path / "b"):
        FORMATS[name].encode(Table(COLUMNS, [("F", "å", "B", None, "", None)], DATAFLOW), path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_what_stops_half_way_leaves_no_file(name, tmp_path):
    def rows():
        yield from [("F", "1", None, None, None, None)] * 5000
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        FORMATS[name].encode(Table(COLUMNS, rows(), DATAFLOW), tmp_path / "file")
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

"""Every registered format gives back what it was given; a new format is tested by being registered."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_exchange.formats import FORMATS
from nps_exchange.resources import packaged

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    ["", "0012", "NA", "NO", "=1+1", 'a "quote"', "a,b", "a\nb", "a\r\nb", "\ufeff", "å ä ö", "a\u0308", "'", "1 234,5"]
)


@pytest.mark.parametrize("name", FORMATS)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=20))
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_decoded(name, rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("formats") / "file"
    FORMATS[name].encode(["A", "B", "C"], rows, path)
    columns, decoded = FORMATS[name].decode(path)
    assert columns == ["A", "B", "C"]
    assert [tuple(row) for row in decoded] == rows


def test_mappings_may_name_every_format():
    schema = json.loads((packaged("schemas") / "mapping.schema.json").read_text(encoding="utf-8"))
    assert sorted(schema["properties"]["format"]["enum"]) == sorted(FORMATS)


def test_pandas_reads_the_same(tmp_path):
    import pandas

    rows = [("NA", "0012", 'a "b", c'), ("NO", "", "x\ny")]
    FORMATS["delimited"].encode(["A", "B", "C"], rows, tmp_path / "t.csv")
    frame = pandas.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert [tuple(row) for row in frame.itertuples(index=False)] == rows

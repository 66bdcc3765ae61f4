"""What is written as PX is read as it was, by us and by others; so is what others wrote."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from nps_exchange.errors import InputRefused
from nps_exchange.formats.px import reading, writing
from nps_exchange.formats.px.document import Px
from nps_exchange.formats.px.order import in_order
from nps_exchange.formats.px.writing import encode
from tests.formats.px.pxs import PAGES, SMALL, changed, held, pxs, said

SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def again(px: Px, path: Path) -> Px:
    encode(px, path)
    return reading.decode(path)


# ours


def test_a_table_comes_back(tmp_path):
    assert held(again(SMALL, tmp_path / "t.px")) == held(SMALL)


@pytest.mark.parametrize("cell", [".5", "1E3", "5.", "+3", "-.5e-07", "+1.e+2", "00.10"])
def test_every_number_that_is_read_comes_back_as_it_was(cell, tmp_path):
    px = replace(SMALL, rows=[("1", cell, "3"), ("..", cell, "-")])
    assert held(again(px, tmp_path / "t.px")) == held(px)


@pytest.mark.parametrize("page", ["cp850", "ibm850", "windows-1257", "iso-8859-4", "koi8-r", "us-ascii"])
def test_every_code_page_that_is_read_is_written(page, tmp_path):
    px = changed(SMALL, said("CODEPAGE", page))
    if page in ("koi8-r", "us-ascii"):  # which have no letters of ours
        px = replace(px, statements=tuple(one for one in px.statements if one.language != "sv"))
        px = changed(px, said("LANGUAGES", "en"))
    assert held(again(px, tmp_path / "t.px")) == held(px)


def test_a_tab_in_a_text_comes_back(tmp_path):
    px = changed(SMALL, said("NOTE", "a\tb\n\tc" + "\td" * 200))
    assert held(again(px, tmp_path / "t.px")) == held(px)


@given(px=pxs(), block=...)
@settings(max_examples=150, **SLOW)
def test_every_table_comes_back(px, block: bool, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        if block:
            patch.setattr(writing, "BLOCK", 3)
        path = tmp_path_factory.getbasetemp() / "t.px"
        assert held(again(px, path)) == held(px)
    found = reading.read(path)
    assert (found.faults, found.page.lies) == ((), False)


@given(px=pxs())
@settings(max_examples=50, **SLOW)
def test_lines_of_the_head_are_not_too_long_but_for_keys_and_pairs(px, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "t.px"
    encode(px, path)
    [page] = [PAGES[one.text] for one in px.statements if one.keyword == "CODEPAGE"]
    head, _, _ = path.read_bytes().decode(page).partition("\r\nDATA=\r\n")
    allowed = ("VALUES", "CODES", "TIMEVAL", "ELIMINATION", "VALUENOTE", "HIERARCHIES")
    for line in head.split("\r\n"):
        assert len(line) <= writing.LONGEST or line.startswith(allowed) or '":"' in line


# theirs


def theirs(path, page, language):
    """What pyaxis reads in a language: the names and values of variables, and the cells."""
    pyaxis = pytest.importorskip("pyaxis.pyaxis")
    found = pyaxis.parse(uri=str(path), encoding=page, lang=language, null_values="^$", sd_values="^$")
    return found["METADATA"], found["DATA"]


@given(px=pxs(plain=True))
@settings(max_examples=40, **SLOW)
def test_pyaxis_reads_the_same_in_every_language(px, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "t.px"
    encode(px, path)
    said_by = {(one.keyword, one.language, one.keys): one.values for one in px.statements}
    page = PAGES[str(said_by["CODEPAGE", "", ()][0])]
    languages = said_by.get(("LANGUAGES", "", ()), said_by["LANGUAGE", "", ()])
    for form, language in zip(["", *languages[1:]], languages, strict=True):
        metadata, frame = theirs(path, page, language if len(languages) > 1 else None)
        names = [name for keyword in ("STUB", "HEADING") for name in said_by.get((keyword, form, ()), ())]
        values = itertools.product(*(said_by["VALUES", form, (name,)] for name in names))
        cells = [writing.SYMBOLS.get(cell, cell) for row in px.rows for cell in row]
        assert list(frame.columns) == [*names, "DATA"]
        assert list(frame.itertuples(index=False, name=None)) == [
            (*key, cell) for key, cell in zip(values, cells, strict=True)
        ]
        assert metadata["SUBJECT-AREA"] == list(said_by["SUBJECT-AREA", form, ()])


# what others wrote


def test_real_files_are_the_same_when_they_are_written_and_read_again(data_folder, tmp_path):
    written = 0
    for path in sorted((data_folder / "px").rglob("*.[pP][xX]")):
        try:
            px = reading.decode(path)
            px = Px(px.statements, [tuple(row) for row in px.rows])
        except InputRefused:
            continue
        assert held(again(px, tmp_path / "t.px")) == held(px), path.name
        written += 1
    assert written > 40


def test_a_file_without_code_page_has_one_when_it_comes_back(tmp_path):
    found = again(changed(SMALL, without="CODEPAGE"), tmp_path / "t.px")
    expected = changed(SMALL, said("CODEPAGE", "Windows-1252"))
    assert held(found) == held(Px(in_order(expected.statements), expected.rows))

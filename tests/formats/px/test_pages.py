"""A head is read in the page that it is in, whatever it says of itself."""

import codecs

import pytest

from nps_exchange.formats.px import pages

ANSI = 'CHARSET="ANSI";\n'


def head(codepage, text, encoding, before=ANSI):
    return f'{before}{codepage}NOTE="{text}";\n'.encode(encoding)


def declared(name):
    return f'CODEPAGE="{name}";\n'


@pytest.mark.parametrize(
    ("head", "name", "lies"),
    [
        # the page declared is the one that it is in
        (head(declared("utf-8"), "Åäö š", "utf-8"), "utf-8", False),
        (head(declared("iso-8859-1"), "Åäö", "iso-8859-1"), "iso-8859-1", False),
        (head(declared("ISO-8859-15"), "Åäö €", "iso-8859-15"), "iso-8859-15", False),
        (head(declared("Windows-1252"), "Åäö …", "cp1252"), "cp1252", False),
        (head(declared("ibm850"), "Åäö", "cp850"), "cp850", False),
        (head(declared("cp850"), "Åäö", "cp850"), "cp850", False),
        (head(declared("windows-1257"), "Õäö š", "cp1257"), "cp1257", False),
        # another than declared
        (head(declared("iso-8859-1"), "Åäö", "utf-8"), "utf-8", True),
        (head(declared("iso-8859-15"), "Åäö", "utf-8"), "utf-8", True),
        (head(declared("iso-8859-1"), "Åäö …", "cp1252"), "cp1252", True),
        (head(declared("iso-8859-15"), "Åäö –", "cp1252"), "cp1252", True),
        (head(declared("utf-8"), "Åäö", "cp1252"), "cp1252", True),
        (head(declared("us-ascii"), "Åäö", "cp1252"), "cp1252", True),
        # none declared
        (head("", "Åäö", "utf-8"), "utf-8", False),
        (head("", "Åäö …", "cp1252"), "cp1252", False),
        (head("", "Åäö", "cp850", before=""), "cp850", False),
        # where all pages are the same, none lies
        (head(declared("utf-8"), "Aao", "ascii"), "utf-8", False),
        (head(declared("iso-8859-1"), "Aao", "ascii"), "iso-8859-1", False),
        (codecs.BOM_UTF8 + head("", "Aao", "ascii"), "utf-8", False),
        (codecs.BOM_UTF8 + head(declared("utf-8"), "Åäö", "utf-8"), "utf-8", False),
    ],
)
def test_the_page_of_a_text(head, name, lies):
    page, text, findings = pages.decoded(head)
    assert (page.name, page.lies, findings) == (name, lies, [])
    assert text == head.removeprefix(codecs.BOM_UTF8).decode(name)


def test_a_byte_that_windows_does_not_have_is_not_lost():
    page, text, _ = pages.decoded(b'CHARSET="ANSI";\nNOTE="\x81\xe5";\n')
    assert (page.name, "\x81å" in text) == ("iso-8859-1", True)


def test_utf8_with_a_damaged_byte_is_utf8():
    text = "Åäö" * 5
    page, text, _ = pages.decoded(head(declared("iso-8859-1"), text, "utf-8").replace(b"\xc3\xa4", b"\xc3", 1))
    assert (page.name, page.lies, text.count("\ufffd")) == ("utf-8", True, 1)


@pytest.mark.parametrize("name", ["windows", "utf-16", "idna", "hex", "cp037", "ä", "nul\0", "x" * 1000])
def test_what_is_no_page_is_told_and_read_as_windows(name):
    page, text, [finding] = pages.decoded(head(declared(name), "Åäö …", "cp1252"))
    assert (page.name, page.lies, "Åäö …" in text) == ("cp1252", False, True)
    assert (finding.rule, finding.place.row) == ("px-codepage-unknown", 2)


def test_a_codepage_far_down_is_told_and_holds():
    lines = 'NOTE="x";\r\n' * 100
    page, _, [finding] = pages.decoded(head(declared("iso-8859-15"), "€", "iso-8859-15", before=lines))
    assert (page.name, finding.rule, finding.place.row) == ("iso-8859-15", "px-codepage-late", 101)
    assert not pages.decoded(head(declared("utf-8"), "a", "utf-8", before='NOTE="x";\r\n' * 99))[2]


@pytest.mark.parametrize(
    "head",
    [
        b'CODEPAGE = "ISO-8859-1" ;NOTE="\xe5";',
        b'NOTE="x";CODEPAGE="iso-8859-1";NOTE="\xe5";',
        b'codepage="Iso-8859-1";\rNOTE="\xe5";',
        b'CODEPAGE=iso-8859-1;NOTE="\xe5";',
    ],
)
def test_the_codepage_is_found_however_it_is_written(head):
    page, _, _ = pages.decoded(head)
    assert (page.name, page.declared.lower()) == ("iso-8859-1", "iso-8859-1")


@pytest.mark.parametrize("name", [pages.UTF8, pages.LATIN1, pages.LATIN9, pages.CP1252, pages.CP850])
def test_a_page_is_known_by_the_name_that_is_written(name):
    assert pages.codec(pages.written(name)) == name

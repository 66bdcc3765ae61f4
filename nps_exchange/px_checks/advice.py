"""What a PX file may leave out, but had better not: as Statistics Finland's validator (Px.Utils 1.4) asks for it."""

from collections import Counter

from nps_exchange.model import Finding, Place
from nps_exchange.px_checks.head import Head
from nps_exchange.px_keywords import keywords

WANTED = ("CHARSET", "CODEPAGE", "LANGUAGE")
"""What that validator refuses a file without."""

RECOMMENDED = ("TABLEID", "DESCRIPTION", "CONTVARIABLE", "VARIABLECODE", "CODES", "VARIABLE-TYPE")
OF_CONTENTS = ("UNITS", "LAST-UPDATED", "PRECISION")
"""What it recommends; the last ones for each content."""

TIME = "TIMEVAL"


def advise(head: Head) -> list[Finding]:
    """One finding for each keyword that is wanted, and one for all that are recommended."""
    found = [
        Finding("px-keyword-wanted", Place(column=name), {"keyword": name}) for name in WANTED if not head.of(name)
    ]
    if absent := _recommended(head):
        found.append(Finding("px-keywords-recommended", values={"keywords": ", ".join(absent)}))
    return found


def _recommended(head: Head) -> list[str]:
    """The keywords that are absent, with the number of variables or contents that lack one."""
    absent = Counter[str]()
    variables = head.variables[""] or ()
    for name in RECOMMENDED:
        there = {one.keys[:1] for one in head.of(name, "")}
        if "none" in keywords()[name].keys:
            absent[name] += not there
        else:
            absent[name] += sum((one.name,) not in there for one in variables)
    absent[TIME] += not head.of(TIME)
    if variable := head.contents[""]:
        for name in OF_CONTENTS:
            there = {one.keys[-1:] for one in head.of(name, "")}
            absent[name] += sum((text,) not in there for text in variable.values or ())
    return [f"{name} ({number})" if number > 1 else name for name, number in absent.items() if number]

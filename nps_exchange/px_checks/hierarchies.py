"""What can be wrong with the hierarchies of values that a PX file tells."""

from nps_exchange.formats.px.document import Statement
from nps_exchange.px_checks.head import Head, tell, whole_number
from nps_exchange.tally import Tally

HIERARCHIES, NAMES, LEVELS, OPEN = "HIERARCHIES", "HIERARCHYNAMES", "HIERARCHYLEVELS", "HIERARCHYLEVELSOPEN"


def check(head: Head, tally: Tally) -> None:
    """Look at each hierarchy, and at the number of its levels."""
    for one in head.sound():
        language = head.language_of(one)
        if one.keyword == HIERARCHIES and len(one.keys) == 1:
            _hierarchy(head, one, language, tally)
        elif one.keyword in (NAMES, OPEN):
            said = head.first(LEVELS, language, *one.keys)
            levels, number = (
                whole_number(said.text if said else ""),
                len(one.values) if one.keyword == NAMES else whole_number(one.text),
            )
            if levels is None or number is None:
                continue
            if number > levels or (number < levels and one.keyword == NAMES):
                tell(tally, "px-hierarchy-levels", one, number=number, levels=levels)


def _hierarchy(head: Head, one: Statement, language: str, tally: Tally) -> None:
    """One text is the top, all others are pairs: a parent that has been told, and its child."""
    variable = head.variable(one.keys[0], language)
    known = variable.known_codes if variable else None
    told: set[str] = set()
    for value in one.values:
        parent, child = value if isinstance(value, tuple) else ("", str(value))
        if parent and parent not in told:
            tell(tally, "px-hierarchy-parent", one, kind=parent, code=parent)
        elif not parent and told:
            tell(tally, "px-hierarchy-tops", one, code=child)
        elif child in told:  # it would hang below two, or below itself
            tell(tally, "px-hierarchy-repeated", one, kind=child, code=child)
        if known is not None and child not in known:
            tell(tally, "px-hierarchy-code-unknown", one, kind=child, code=child)
        told.add(child)

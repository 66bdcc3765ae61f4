"""Flags in SQL: as lists and sorted sets of ours, and as a body writes them."""

from nps_exchange.engine import listed, quoted
from nps_exchange.mapping import Column, File
from nps_exchange.model import FREE_TO_PUBLISH


def flagged(column: Column) -> str:
    """SQL: the flags of a cell as the body writes them, as a sorted list."""
    return _recoded(listed_flags("obs_status"), column.recode)


def closed_flags(file: File, column: Column) -> str:
    """SQL: the flags of confidentiality of a cell as the body writes them, as a sorted list.

    "Free" is no flag for a body whose structure has no code for it.
    """
    codes = file.codes_of(column)
    nothing = {flag: "" for flag in FREE_TO_PUBLISH if flag and codes and flag not in codes.codes}
    flags = _recoded(listed_flags("conf_status"), nothing | column.recode)
    return f"list_filter({flags}, lambda flag: flag <> '')"


def _recoded(flags: str, recode: dict[str, str]) -> str:
    if not recode:
        return flags
    cases = " ".join(f"WHEN {quoted(ours)} THEN {quoted(theirs)}" for ours, theirs in recode.items())
    return f"list_sort(list_distinct(list_transform({flags}, lambda flag: CASE flag {cases} ELSE flag END)))"


def closed_set(joined: str) -> str:
    """SQL: flags of confidentiality joined by commas, as one sorted set: beside any other, "free" means nothing."""
    others = f"list_filter(string_split({joined}, ','), lambda flag: flag NOT IN {listed(FREE_TO_PUBLISH)})"
    return f"COALESCE(NULLIF(array_to_string(list_sort(list_distinct({others})), ','), ''), {set_of(joined)})"


def set_of(joined: str) -> str:
    """SQL: flags joined by commas, as one sorted set."""
    return f"COALESCE(array_to_string(list_sort(list_distinct({listed_flags(joined)})), ','), '')"


def listed_flags(joined: str) -> str:
    """SQL: flags joined by commas, as a list."""
    return f"list_filter(string_split({joined}, ','), lambda flag: flag <> '')"

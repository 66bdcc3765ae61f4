"""The columns of a delivered file in a mapping: each holds one thing, and no flag is lost."""

from collections.abc import Iterator
from typing import Any

from nps_exchange.documents import Document, Path_
from nps_exchange.model import FREE_TO_PUBLISH, Finding


def faults(document: Document, path: Path_, columns: list[Any]) -> Iterator[Finding]:
    """What is wrong with the columns of a file, which stand at a path: what they hold, and what becomes of flags."""
    names = [item["name"].casefold() for item in columns]
    if len(set(names)) < len(names):
        yield document.fault("a column stands twice (upper and lower case are the same)", *path)
    for holds, least, most in (("code", 1, 99), ("year", 1, 1), ("value", 1, 1), ("conf_status", 0, 1)):
        count = sum(item["is"] == holds for item in columns)
        if not least <= count <= most:
            yield document.fault(f"exactly one column must hold the {holds}", *path)
    for i, item in enumerate(columns):
        if item["is"] not in ("obs_status", "conf_status") and ("recode" in item or "normal" in item):
            yield document.fault("`recode:` and `normal:` go with flags", *path, i)
        yield from _recode_faults(document, (*path, i), item)
        if item["is"] not in ("obs_status", "conf_status") and "join" in item:
            yield document.fault("only flags are joined", *path, i)
    flags = [item for item in columns if item["is"] == "obs_status"]
    if any("normal" in item for item in flags[1:]):
        yield document.fault("`normal:` stands with the first column of flags", *path)
    if len(flags) > 1 and any("join" in item for item in flags):
        yield document.fault("several columns of flags take one flag each; nothing is joined", *path)
    if any(item.get("recode", {}) != flags[0].get("recode", {}) for item in flags):
        yield document.fault("all columns of flags must recode alike", *path)


def _recode_faults(document: Document, path: Path_, item: Any) -> Iterator[Finding]:
    """Flags that would be lost, or say that a confidential figure is free."""
    recode = item.get("recode", {})
    free = {*FREE_TO_PUBLISH, item.get("normal", ""), *(recode.get(flag, flag) for flag in FREE_TO_PUBLISH)}
    for ours, theirs in recode.items():
        if item["is"] == "conf_status" and ours not in FREE_TO_PUBLISH and theirs in free:
            problem = f"{ours} would become {theirs or 'nothing'}: a confidential figure would pass for a free one"
            yield document.fault(problem, *path, "recode", ours)
        elif item["is"] == "obs_status" and not theirs:
            yield document.fault(f"{ours} would become nothing, and a flag must not be lost", *path, "recode", ours)

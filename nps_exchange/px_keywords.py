"""The keywords of PX files, as `schemas/px/keywords.yaml` has them: what each holds, and where it may stand."""

from dataclasses import dataclass
from functools import cache

from nps_exchange import documents
from nps_exchange.resources import packaged

DATA = "DATA"
BARE = ("word", "number")
"""What a keyword holds that stands without quotation marks."""


@dataclass(frozen=True)
class Keyword:
    """A keyword: what it holds, the keys that it takes, and how Statistics Sweden's parser refuses it.

    `holds` is text, texts, word, `word or text`, number, date, time, hierarchy, partition or cells; `keys` those that
    may stand in parentheses: none, variable, value (a variable and one of its values), content (a value of the
    CONTVARIABLE), cell (a value of each variable, or *), `cell codes` (a code of each, or *). `place` is its place in
    the recommended order; with keys it may stand further on, behind `with_keys_after`. What it may hold are `words`;
    `also` are such as no specification has. What is `several` may stand more than once with the same keys. `missing`
    and `wrong` are the parser's codes, "" where it has none; `since` is 0 for what is in no specification.
    """

    name: str
    place: int
    with_keys_after: str
    holds: str
    words: tuple[str, ...]
    also: tuple[str, ...]
    bounds: tuple[int, int] | None
    keys: tuple[str, ...]
    by_language: bool
    mandatory: bool
    several: bool
    longest: int
    missing: str
    wrong: str
    since: int


@cache
def keywords() -> dict[str, Keyword]:
    """All keywords that are known, by name, in the recommended order.

    Raises:
        ConfigurationRefused: the file is at fault.
    """
    path = packaged("schemas") / "px" / "keywords.yaml"
    document = documents.load(path, "px-keywords.schema.json", "schemas/px/keywords.yaml")
    return {
        item["name"]: Keyword(
            name=item["name"],
            place=place,
            with_keys_after=item.get("with_keys_after", ""),
            holds=item["is"],
            words=tuple(item.get("words", ())),
            also=tuple(item.get("also", ())),
            bounds=(int(item["from"]), int(item["to"])) if "from" in item else None,
            keys=tuple(item.get("keys", ("none",))),
            by_language=item.get("languages") == "true",
            mandatory=item.get("mandatory") == "true",
            several=item.get("several") == "true",
            longest=int(item.get("longest", 0)),
            missing=item.get("missing", ""),
            wrong=item.get("wrong", ""),
            since=int(item.get("since") or 0),
        )
        for place, item in enumerate(document.data["keywords"])
    }

"""Flags of a body that once stood in one field, and now stand in two: the older letters, and what each is now.

Flags are sets: a letter is carried over, or named as one that has no counterpart or that nobody knows; none is
dropped silently.
"""

from dataclasses import dataclass, field

from nps_exchange import documents
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.model import Finding, Place
from nps_exchange.resources import Resources
from nps_exchange.structures import Code, Codes


@dataclass(frozen=True)
class Older:
    """A letter of the one field: its English name, and the field and the letter that it is now, "" if none."""

    name: str
    field: str
    letter: str
    status: str


@dataclass(frozen=True)
class Vocabulary:
    """The flags of one body, as `schemas/<body>/flags.yaml` has them.

    `id` is the list of the one field, in use through the day `until`; `obs_status` and `conf_status` are the letters
    of the two fields since, by letter.
    """

    id: str
    file: str
    until: str
    older: dict[str, Older] = field(repr=False)
    obs_status: dict[str, str] = field(repr=False)
    conf_status: dict[str, str] = field(repr=False)

    @property
    def codes(self) -> Codes:
        """The letters of the one field, as a list that a column can be held against."""
        return Codes(self.id, False, {letter: Code(one.name, "", one.status) for letter, one in self.older.items()})


def load(resources: Resources, name: str) -> Vocabulary:
    """The vocabulary of a file below `schemas/`.

    Raises:
        ConfigurationRefused: the file is absent or at fault, or an older letter becomes one that there is not.
    """
    resource = resources.schema(name)
    if resource is None:
        place = Place(file=f"schemas/{name}", row=1)
        raise ConfigurationRefused(Finding("our-file-at-fault", place, {"problem": "the file is absent"}))
    document = documents.load(resource.path, "flags.schema.json", resource.shown)
    data = document.data
    faults = [fault for letter in data["older"] for fault in _faults(document, letter)]
    if faults:
        raise ConfigurationRefused(*faults)
    older = {}
    for letter, one in data["older"].items():
        held, now = next(iter(one["now"].items()), ("", ""))
        older[letter] = Older(one["en"], held, now, one["status"])
    names = [{letter: one["en"] for letter, one in data[held].items()} for held in ("obs_status", "conf_status")]
    return Vocabulary(data["id"], resource.shown, data["until"], older, *names)


def split(flags: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """The two fields that an older one has become: status and confidentiality, their letters in alphabetical order.

    A letter that nobody knows stays in the first, as it is: see `unknown`. One that has no counterpart is in
    neither: see `gone`.
    """
    fields: dict[str, set[str]] = {"obs_status": set(unknown(flags, vocabulary)), "conf_status": set()}
    for letter in set(flags) & set(vocabulary.older):
        one = vocabulary.older[letter]
        if one.field:
            fields[one.field].add(one.letter)
    return "".join(sorted(fields["obs_status"])), "".join(sorted(fields["conf_status"]))


def unknown(flags: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The letters of an older field that the vocabulary does not have."""
    return tuple(sorted(set(flags) - set(vocabulary.older)))


def gone(flags: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The letters of an older field that have no counterpart any more."""
    return tuple(letter for letter in sorted(set(flags) & set(vocabulary.older)) if not vocabulary.older[letter].field)


def told(letter: str, vocabulary: Vocabulary) -> str:
    """What an older letter is now, in the words of the two fields: `s = OBS_STATUS i`."""
    one = vocabulary.older[letter]
    return f"{letter} = {one.field.upper()} {one.letter}" if one.field else f"{letter} = –"


def _faults(document: Document, letter: str) -> list[Finding]:
    """Letters that an older one becomes and that its field does not have."""
    now = document.data["older"][letter]["now"]
    return [
        document.fault(f"{became} is no letter of {held}", "older", letter)
        for held, became in now.items()
        if became not in document.data[held]
    ]

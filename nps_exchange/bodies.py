"""The receivers of deliveries, as `mappings/<body>/body.yaml` describes them."""

import calendar
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from nps_exchange import documents, naming
from nps_exchange.documents import Document
from nps_exchange.errors import ConfigurationRefused
from nps_exchange.mapping import Mapping
from nps_exchange.model import Finding, Place
from nps_exchange.naming import VERIFIED, Naming
from nps_exchange.resources import Resource, Resources

MONTHS = 12


@dataclass(frozen=True)
class Due:
    """When a delivery is due by law: so many months after the end of the reference year, from a first one on.

    `later` holds the first reference year of datasets for which the law began later.
    """

    months: int
    first: int
    later: dict[str, int]

    def day(self, year: int, dataset: str = "") -> date | None:
        """The last day on which the data of a reference year may arrive; None for a year before the first."""
        if year < self.later.get(dataset, self.first):
            return None
        years, month = divmod(self.months - 1, MONTHS)
        last = calendar.monthrange(year + 1 + years, month + 1)[1]
        return date(year + 1 + years, month + 1, last)


@dataclass(frozen=True)
class Body:
    """A receiver: its name, the channel deliveries go by, and when they are due; texts by language.

    `rule` is when deliveries are due where that can be reckoned. `sender` and `receiver` are the ids in the header
    of messages, "" where the body gets none, `action` is what it is to do with data (I information, R replace);
    `reference_metadata` names a file below `schemas/`. `lines` holds the lines of body.yaml by key.
    """

    id: str
    name: dict[str, str]
    channel: dict[str, str]
    deadline: dict[str, str]
    file: str
    lines: dict[str, int]
    rule: Due | None = None
    receives_confidential: bool = False
    naming: Naming | None = None
    sender: str = ""
    receiver: str = ""
    action: str = "I"
    reference_metadata: str = ""

    def due(self, year: int, dataset: str = "") -> date | None:
        """When the data of a reference year are due, for a dataset (`eurostat/prs2`) or by the general rule.

        None where nothing says so, or the year is before the first for which there is a legal deadline.
        """
        return self.rule.day(year, dataset.partition("/")[2]) if self.rule else None

    def first_due(self, year: int, datasets: Iterable[str]) -> date | None:
        """When the first of some datasets is due; without any, as the general rule says."""
        days = [self.due(year, dataset) for dataset in datasets or ("",)]
        return min((day for day in days if day), default=None)

    def fault(self, problem: str, key: str = "") -> Finding:
        """A finding that names the body's file and the line of a key."""
        return Finding("our-file-at-fault", Place(self.file, row=self.lines.get(key, 1), key=key), {"problem": problem})


def load_all(resources: Resources) -> list[Body]:
    """All receivers, by id.

    Raises:
        ConfigurationRefused: a body.yaml is at fault.
    """
    return [load(resource) for resource in resources.mapping_files("*/body.yaml")]


def load(resource: Resource) -> Body:
    """The receiver that a body.yaml describes.

    Raises:
        ConfigurationRefused: it is at fault, with all faults by line.
    """
    document = documents.load(resource.path, "body.schema.json", resource.shown)
    data = document.data
    found, faults = naming.from_document(document, "naming")
    if data["body"] != resource.name.split("/")[0]:
        faults.append(document.fault(f"the folder is named {resource.name.split('/')[0]}", "body"))
    if faults:
        raise ConfigurationRefused(*faults)
    messages = data.get("messages", {})
    return Body(
        id=data["body"],
        name=data["name"],
        channel=data["channel"],
        deadline=data["deadline"]["rule"],
        file=resource.shown,
        lines=_lines(document),
        rule=_due(data["deadline"]["due"]) if "due" in data["deadline"] else None,
        receives_confidential=data.get("confidentiality", {}).get("receives_confidential") == "true",
        naming=found,
        sender=messages.get("sender", {}).get("id", ""),
        receiver=messages.get("receiver", {}).get("id", ""),
        action=messages.get("action", "I"),
        reference_metadata=data.get("reference_metadata", ""),
    )


def named(mapping: Mapping, body: Body, year: int) -> Mapping:
    """A mapping whose files are named as the body wants it for a reporting year.

    Raises:
        ConfigurationRefused: a name is not as the convention wants it, or two files would have the same.
    """
    if body.naming is None:
        return mapping
    faults = naming_faults(mapping, body, year)
    if faults:
        raise ConfigurationRefused(*faults)
    names = _names(mapping, body.naming, year)
    return replace(mapping, files=tuple(replace(file, name=names[file.name]) for file in mapping.files))


def naming_faults(mapping: Mapping, body: Body, year: int) -> list[Finding]:
    """Why the files of a mapping cannot be named as the body wants it."""
    if body.naming is None:
        return []
    if _own_name(mapping) not in body.naming.ids:
        return [body.fault(f"{mapping.dataset} has no id here, and its files can have no names", "naming.ids")]
    return list(_not_as_wanted(mapping, body, body.naming, year))


def unknown_datasets(body: Body, datasets: Collection[str]) -> list[Finding]:
    """What a body.yaml says of datasets that there are no mappings of: nobody would ever read it."""
    said = [("naming.ids", name) for name in (body.naming.ids if body.naming else ())]
    said += [("deadline.due.exceptions", name) for name in (body.rule.later if body.rule else ())]
    return [
        body.fault(f"there is no mapping of {body.id}/{name}", key)
        for key, name in said
        if f"{body.id}/{name}" not in datasets
    ]


def not_verified(body: Body, mappings: list[Mapping]) -> list[Finding]:
    """One finding with the datasets whose files have names that nobody has confirmed."""
    ids = body.naming.ids if body.naming else {}
    open_ = [one for one in mappings if one.body == body.id and ids and ids[_own_name(one)].status != VERIFIED]
    if not open_:
        return []
    examples = tuple({"dataset": one.dataset, "id": ids[_own_name(one)].id} for one in open_)
    values = {"body": body.id, "ids": ", ".join(example["id"] for example in examples)}
    place = Place(file=body.file, row=body.lines.get("naming.ids"))
    return [Finding("file-name-not-verified", place, values, len(open_), examples)]


def _own_name(mapping: Mapping) -> str:
    return mapping.dataset.partition("/")[2]


def _names(mapping: Mapping, wanted: Naming, year: int) -> dict[str, str]:
    return {file.name: wanted.name(_own_name(mapping), file.name, year) for file in mapping.files}


def _not_as_wanted(mapping: Mapping, body: Body, wanted: Naming, year: int) -> Iterator[Finding]:
    names = _names(mapping, wanted, year)
    taken = {mapping.workbook.name.casefold(): mapping.workbook.name} if mapping.workbook else {}
    for file in mapping.files:
        name = names[file.name]
        if not wanted.allows(name):
            yield body.fault(f"{file.name} of {mapping.dataset} would be named {name}: not as it must be", "naming")
        other = taken.setdefault(name.casefold(), file.name)
        if other != file.name:
            place = Place(file=mapping.file, row=file.line)
            problem = f"{other} and {file.name} would both be named {name}: {body.id} tells files by their ending only"
            yield Finding("our-file-at-fault", place, {"problem": problem})


def _due(data: dict[str, Any]) -> Due:
    exceptions = data.get("exceptions", ())
    later = {dataset: int(one["first_reference_year"]) for one in exceptions for dataset in one["datasets"]}
    return Due(int(data["months_after_reference_year"]), int(data["first_reference_year"]), later)


def _lines(document: Document) -> dict[str, int]:
    return {".".join(map(str, path)): line for path, line in document.lines.items() if path}

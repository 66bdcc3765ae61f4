"""The yearly run: the only module that knows the order of the stages.

Delivered files -> national table -> datasets -> files -> report -> manifest, in a folder that appears
whole or not at all.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from nps_exchange import (
    bodies,
    confidentiality,
    configuration,
    coverage,
    deliver,
    lineage,
    manifest,
    metadata_texts,
    methods,
    px_tables,
    questionnaire,
    reference_metadata,
    report,
    translate,
)
from nps_exchange.bodies import Body
from nps_exchange.codelists import CodeLists
from nps_exchange.configuration import Configuration
from nps_exchange.engine import connect
from nps_exchange.errors import ConfigurationRefused, OutputRefused, UsageError
from nps_exchange.exchange import Exchange
from nps_exchange.mapping import Mapping
from nps_exchange.model import Finding, Place
from nps_exchange.reference_metadata import ReferenceMetadata
from nps_exchange.report import metadata_page
from nps_exchange.sources import read_national_table
from nps_exchange.sources.national import NationalTable
from nps_exchange.translate import Dataset

TEST_NOTE = "TEST DATA\n\nThe files of this folder hold invented figures. Do not send them.\n"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What a run has made: the report as `report.json` has it."""

    report: dict[str, Any]

    @property
    def exit_code(self) -> int:
        """1 if any finding is an error."""
        return 1 if self.report["errors"] else 0


def run(exchange: Exchange, out: Path, progress: Progress = lambda _: None) -> Outcome:
    """Make all deliveries of a year into the folder `out`.

    Raises:
        InputRefused: delivered files cannot be used; all faults of all files.
        ConfigurationRefused: descriptions, mappings, structures or code lists are at fault; all of them.
        OutputRefused: `out` is there already, or cannot be written.
        UsageError: a body that nobody knows.
    """
    with _whole_or_not_at_all(out) as folder, tempfile.TemporaryDirectory() as scratch:
        steering = configuration.load(exchange.resources)
        lists = steering.codelists
        receivers = {body.id: body for body in bodies.load_all(exchange.resources)}
        mappings = _as_sent(_asked_for(steering.mappings, exchange), receivers, exchange)
        with connect(Path(scratch)) as con:
            table, used, findings = read_national_table(
                con, exchange.inputs, steering.descriptions, lists, Path(scratch), exchange.precedence, progress
            )
            datasets, found = _translated(table, mappings, lists, exchange.year, progress)
            test = table.is_test()
            for dataset in (one for one in datasets if len(one)):
                said = next((one for one in steering.methods if one.dataset == dataset.mapping.dataset), None)
                found += deliver.files(dataset, receivers[dataset.mapping.body], exchange, test, folder)
                if dataset.mapping.workbook:
                    deliver.filled(dataset, questionnaire.book(dataset, said, exchange, found, test), folder)
                if dataset.mapping.px:
                    found += deliver.tabled(dataset, px_tables.table(dataset, said, exchange, found, test), folder)
            described = _described(datasets, steering, exchange, test)
            for one in described:
                deliver.described(one, metadata_page.page(one), folder)
            found += metadata_texts.not_verified(
                steering.methods, [d.mapping for d in datasets if len(d)], [one.body for one in described]
            )
            sending = [body for body in receivers.values() if any(m.body == body.id for m in mappings)]
            for body in sending:
                found += bodies.not_verified(body, [d.mapping for d in datasets if len(d)])
            if test:
                found.append(Finding("test-data"))
                _mark_as_test(folder, datasets)
            table.write_parquet(folder / lineage.NATIONAL_TABLE)
            told = report.assemble(exchange, used, table, sending, datasets, findings + found, test)
            _write_json(folder / lineage.FILE, lineage.as_json(mappings))
            _write_json(folder / report.FILE, told)
            (folder / report.PAGE).write_text(report.page(told, exchange.language), encoding="utf-8", newline="\n")
            methods_used = methods.behind(steering.methods, {mapping.dataset for mapping in mappings})
            made = manifest.assemble(exchange, used, mappings, methods_used, datasets, described, folder, test)
            _write_json(folder / manifest.FILE, made)
    return Outcome(told)


def _asked_for(mappings: list[Mapping], exchange: Exchange) -> list[Mapping]:
    bodies = sorted({mapping.body for mapping in mappings})
    for body in exchange.bodies:
        if body not in bodies:
            raise UsageError(Finding("body-unknown", values={"body": body, "known": ", ".join(bodies)}))
    return [mapping for mapping in mappings if mapping.body in (exchange.bodies or bodies)]


def _as_sent(mappings: list[Mapping], receivers: dict[str, Body], exchange: Exchange) -> list[Mapping]:
    """The mappings with what the year decides: the names of files, and whether confidential figures are sent."""
    named = [bodies.named(mapping, receivers[mapping.body], exchange.year) for mapping in mappings]
    return confidentiality.applied(exchange, receivers, named)


def _translated(
    table: NationalTable, mappings: list[Mapping], lists: CodeLists, year: int, progress: Progress
) -> tuple[list[Dataset], list[Finding]]:
    """All datasets; the faults of all mappings are raised together."""
    datasets: list[Dataset] = []
    findings: list[Finding] = []
    faults: list[Finding] = []
    for mapping in mappings:
        progress(mapping.dataset)
        try:
            dataset, found = translate.translate(table, mapping, lists, year)
        except ConfigurationRefused as refused:
            faults += refused.findings
            continue
        datasets.append(dataset)
        findings += [*found, *coverage.findings(dataset, found, year)]
    if faults:
        raise ConfigurationRefused(*faults)
    return datasets, findings + translate.unused(table, mappings)


def _described(
    datasets: list[Dataset], steering: Configuration, exchange: Exchange, test: bool
) -> list[ReferenceMetadata]:
    """What the datasets with observations say of themselves, for the bodies that ask for it."""
    texts = {one.body.id: one for one in steering.metadata}
    said = {one.dataset: one for one in steering.methods}
    found = []
    for dataset in (one for one in datasets if len(one) and one.mapping.body in texts):
        name = dataset.mapping.dataset
        behind = methods.behind(steering.methods, {name})
        found.append(
            reference_metadata.describe(dataset, texts[dataset.mapping.body], said[name], behind, exchange, test)
        )
    return found


def _mark_as_test(folder: Path, datasets: list[Dataset]) -> None:
    """CSV has no place for a mark, so each body's folder says it."""
    for body in sorted({dataset.mapping.body for dataset in datasets if len(dataset)}):
        (folder / body / "TEST-DATA.txt").write_text(TEST_NOTE, encoding="utf-8", newline="\n")


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


@contextmanager
def _whole_or_not_at_all(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its name at the end, and is gone if anything fails."""
    parent = out.absolute().parent
    made: list[Path] = []
    try:
        if out.exists() or out.is_symlink():
            raise OutputRefused(Finding("output-exists", Place(file=out.name)))
        made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=parent))
    except OSError as error:
        _remove(made)
        raise _not_writable(out, error) from None
    try:
        yield partial
        partial.chmod(0o777 & ~_umask())
        partial.rename(out)
    except (OSError, duckdb.IOException) as error:
        raise _not_writable(out, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if not out.exists():
            _remove(made)


def _remove(folders: list[Path]) -> None:
    """Take back the folders that were made on the way to the run folder, as far as they are empty."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _not_writable(out: Path, error: Exception) -> OutputRefused:
    problem = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return OutputRefused(Finding("output-not-writable", Place(file=out.name), {"problem": problem}))

"""Check a message of SDMX-ML: what it is, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nps_exchange import layouts, series_checks, struval
from nps_exchange.errors import InputRefused
from nps_exchange.file_report import FileReport, Known, unknown, unusable
from nps_exchange.formats import sdmx_ml
from nps_exchange.formats.sdmx_ml.envelope import Envelope
from nps_exchange.formats.sdmx_ml.schema import bare
from nps_exchange.formats.sdmx_ml.stream import Problem
from nps_exchange.formats.sdmx_ml.version import SCHEMAS, V21
from nps_exchange.layouts import Layout
from nps_exchange.model import EXAMPLES_SHOWN, Finding, Place
from nps_exchange.tally import shown

DATA, OTHER = "sdmx-ml-2.1", "sdmx-ml"
"""The format that is read and written, and any other message of SDMX-ML."""

STRUCTURES = "Structure"
SPECIFIC_METADATA = "StructureSpecificMetadata"
"""Messages that the official schema cannot check without a schema of their own."""

NAMED_AT_MOST = 3


def report(path: Path, known: Known) -> FileReport:
    """What a file of XML is, and what was found in it."""
    try:
        found = sdmx_ml.read_envelope(path)
    except InputRefused as refused:
        return unusable(*struval.marked(refused.findings, known.struval, None, OTHER), format=OTHER)
    if found.namespace not in SCHEMAS:
        if found.root in V21.roots:
            values = {"root": found.root, "namespace": shown(found.namespace), "meant": V21.message}
            unknown_one = Finding("namespace-unknown", Place(row=1), values)
            return unusable(*struval.marked([unknown_one], known.struval, None, OTHER), format=OTHER)
        return unusable(Finding("format-not-checked", Place(row=1), {"kind": f"XML, {shown(found.root)}"}))
    if found.empty and found.footer:
        said = shown(" ".join(" ".join(found.footer).split()))
        return unusable(Finding("message-of-server", Place(row=found.line), {"problem": said}), format=OTHER)
    try:
        if found.is_structure_specific:
            return _data(path, found, known)
        return _other(path, found)
    except InputRefused as refused:
        return unusable(*struval.marked(refused.findings, known.struval, None, OTHER), format=OTHER)


def check(path: Path, layout: Layout, name: str) -> list[Finding]:
    """Check a message of which the layout is known; `name` is how findings call it.

    Raises:
        InputRefused: it is no message of data that is read.
    """
    if layout.structure is None:
        raise ValueError("SDMX-ML is checked by a structure")
    return series_checks.check(sdmx_ml.read(path, layout.structure), layout, name)


def _data(path: Path, found: Envelope, known: Known) -> FileReport:
    meant = [layout for layout in known.layouts if known.dataset in ("", layout.dataset)]
    named = found.structures[0].key if found.structures else ""
    ours = [one for one in meant if one.format == DATA]
    layout = _layout(named, ours, known) if ours or not known.dataset else None
    if layout is None and known.dataset:
        return unusable(unknown((named,), known), format=DATA)
    if layout is None or layout.structure is None:
        values = {"structure": shown(named) or "–"}
        return unusable(Finding("structure-wanted", Place(row=found.line), values), format=DATA)
    findings = check(path, layout, path.name)
    findings = struval.marked(findings, known.struval, layout.structure, DATA)
    return FileReport("", DATA, layout.dataset, tuple(findings))


def _layout(named: str, ours: list[Layout], known: Known) -> Layout | None:
    """By what the message names, or by what the user says, which goes before what we know."""
    like = next((one for one in ours if _is_of(one, named)), ours[0] if known.dataset and ours else None)
    structure = known.structure or (like.structure if like else None)
    if structure is None:
        return layouts.of_dataflow(known.resources, named, DATA)
    # Of the same flow, but not necessarily by us: every attribute of the structure may be there.
    dataset = like.dataset if like else named or structure.id
    made = layouts.of_structure(structure, dataset, like.dataflow if like else "", DATA)
    return replace(made, asked=like.asked if like else None)


def _is_of(layout: Layout, named: str) -> bool:
    return named == layout.dataflow or (layout.structure is not None and named == layout.structure.id)


def _other(path: Path, found: Envelope) -> FileReport:
    """A structure message, generic data or metadata: the official schema is what it can be held against."""
    keys = [used.key for used in found.structures]
    if found.root == SPECIFIC_METADATA or (not found.version and found.root.startswith("StructureSpecific")):
        kind = f"{found.root} {', '.join(keys)}"
        return unusable(Finding("format-not-checked", Place(row=found.line), {"kind": shown(kind)}), format=OTHER)
    findings = list(_by_schema(sdmx_ml.problems(path, found.namespace)))
    if found.root == STRUCTURES:
        held = sdmx_ml.artefacts(path)
        keys = [key for _, key in held]
        named = [shown(f"{kind} {key}") for kind, key in held[:NAMED_AT_MOST]]
        more = [f"… ({len(held)})"] if len(held) > NAMED_AT_MOST else []
        findings.append(Finding("structure-message", Place(row=1), {"holds": ", ".join([*named, *more])}))
    else:
        kind = f"{found.root} ({', '.join(keys)})" if keys else found.root
        findings.append(Finding("message-schema-only", Place(row=found.line), {"kind": shown(kind)}))
    return FileReport("", OTHER, keys[0] if keys else found.root, tuple(findings))


def _by_schema(problems: list[Problem]) -> Iterator[Finding]:
    """What the schema finds, each kind of fault once."""
    by_kind: dict[str, list[Problem]] = {}
    for problem in problems:
        by_kind.setdefault(problem.message, []).append(problem)
    for message, same in by_kind.items():
        examples = tuple({"row": one.line} for one in same[:EXAMPLES_SHOWN])
        said = {"problem": shown(bare(message))}
        yield Finding("schema-invalid", Place(row=same[0].line), said, len(same), examples)

"""What the tests of reading share: our code lists, and delivered texts read into the national table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nps_exchange import codelists, resources
from nps_exchange.codelists import CodeLists
from nps_exchange.engine import connect
from nps_exchange.errors import InputRefused
from nps_exchange.model import Finding
from nps_exchange.resources import Layer
from nps_exchange.sources import Input, description, read_national_table
from nps_exchange.sources.description import Description

EXAMPLES = Path(__file__).parent.parent / "examples" / "national"


@dataclass(frozen=True)
class Answer:
    """What reading gave: rows of the national table (value a Decimal or None), and findings."""

    rows: list[dict[str, Any]]
    findings: list[Finding]
    refused: bool

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]


Describe = Callable[[str], Description]
Read = Callable[..., Answer]
CodeOf = Callable[[str, str], str | None]


@pytest.fixture(scope="session")
def lists() -> CodeLists:
    return codelists.load(resources.load())


@pytest.fixture(scope="session")
def code_of(lists: CodeLists) -> CodeOf:
    """The code that a label of a column stands for, or None."""
    return lambda column, label: lists.of(column).code(label)


@pytest.fixture(scope="session")
def packaged_descriptions(lists: CodeLists) -> list[Description]:
    found, faults = description.load_all(resources.load(), lists)
    assert faults == []
    return found


@pytest.fixture(scope="session")
def describe(lists: CodeLists, tmp_path_factory: pytest.TempPathFactory) -> Describe:
    """A description of our own, from the YAML of its columns, symbols and so on."""
    made: dict[str, Description] = {}

    def of(body: str) -> Description:
        if body not in made:
            folder = tmp_path_factory.mktemp("own")
            (folder / "national").mkdir()
            head = "description: own\ntitle: {sv: Egen, en: Own}\norigin: {document: a test, status: invented}\n"
            text = f"{head}{body}\nsource: 'TEST DATA: made for a test'\n"
            (folder / "national" / "own.yaml").write_text(text, encoding="utf-8")
            found, faults = description.load_all(resources.load(Layer(folder, "./own")), lists)
            assert faults == []
            made[body] = next(one for one in found if one.id == "own")
        return made[body]

    return of


@pytest.fixture(scope="session")
def read(lists: CodeLists, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Files by name, read with some descriptions into a national table of their own."""

    def of(
        files: dict[str, str | bytes], descriptions: Sequence[Description], precedence: tuple[str, ...] = ()
    ) -> Answer:
        folder, scratch = tmp_path_factory.mktemp("delivered"), tmp_path_factory.mktemp("scratch")
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        inputs = [Input(folder / name, name) for name in files]
        with connect(scratch) as con:
            try:
                table, _, found = read_national_table(con, inputs, list(descriptions), lists, scratch, precedence)
            except InputRefused as refused:
                return Answer([], list(refused.findings), True)
            cursor = con.execute("SELECT * FROM national_table")
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            assert len(table) == len(rows)
            return Answer(rows, found, False)

    return of

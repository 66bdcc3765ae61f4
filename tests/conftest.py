"""Shared by all tests: where the real published files are, and a run of each example."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and every day; a search for new ones is a matter of taking this away.
settings.register_profile("the same everywhere", derandomize=True)
settings.load_profile("the same everywhere")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real files (`NPS_TEST_DATA`, else `../shared/data`); without it the test is skipped."""
    folder = Path(os.environ.get("NPS_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the folder of real files is absent: {folder} (set NPS_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The run folder of each example, made once for all tests: they look at it, and leave it as it is."""
    from nps_exchange import exchange
    from nps_exchange.run import run

    folders = {}
    for name in exchange.EXAMPLE_NAMES:
        folders[name] = tmp_path_factory.mktemp(name) / "out"
        run(exchange.completed(exchange.from_example(name)), folders[name])
    return folders

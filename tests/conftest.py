"""Shared by all tests: where the real published files are."""

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

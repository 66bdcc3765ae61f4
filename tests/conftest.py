"""Shared by all tests: where the real published files are."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real files (`NPS_TEST_DATA`, else `../shared/data`); without it the test is skipped."""
    folder = Path(os.environ.get("NPS_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the folder of real files is absent: {folder} (set NPS_TEST_DATA)")
    return folder

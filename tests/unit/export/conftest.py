from pathlib import Path

import pytest

from tests.unit.export.support import two_articles, write_results


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with the results for two articles."""
    return write_results(tmp_path / "results", *two_articles())


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with the results for no article."""
    return write_results(tmp_path / "empty", [], [])

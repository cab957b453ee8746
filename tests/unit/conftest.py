from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fetch.site import Nights, Site


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.close()


@pytest.fixture
def nights(site: Site, tmp_path: Path) -> Nights:
    return Nights(tmp_path, site)

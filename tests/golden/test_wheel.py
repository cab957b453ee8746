"""The wheel works outside a checkout, with the copy of the rules that it carries."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT, records


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_the_rules_and_no_tests(site: Path) -> None:
    carried = {
        path.relative_to(site / "pipeline" / "shipped_rules").as_posix()
        for path in (site / "pipeline" / "shipped_rules").rglob("*.*")
    }
    assert carried == {path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*.*")}
    assert (site / "pipeline" / "py.typed").is_file()
    assert not (site / "tests").exists()
    assert not (site / "bench").exists()


def test_it_extracts_claims_in_a_folder_without_rules(site: Path, tmp_path: Path) -> None:
    (tmp_path / "tea.txt").write_text("After 12 weeks, 62 percent of the tea group slept well.\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "extract", "tea.txt", "-o", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    [claim] = records(tmp_path / "out", "claims")
    assert claim["values"][0]["value"] == 62.0

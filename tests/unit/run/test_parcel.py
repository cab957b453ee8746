"""A task that goes to another machine gives there what it would give here."""

import gzip
import os
import pickle
from pathlib import Path

import pytest

from pipeline.config import Limits
from pipeline.model import InputError
from pipeline.readers.base import Source, read_source, unpacked
from pipeline.run.job import ArticleJob, FileTask, ParcelTask, ReadTask
from tests.support import page

LIMITS = Limits(file_bytes=10_000, article_bytes=8_000)


def parcel_of(path: Path) -> tuple[Source, ParcelTask | ReadTask]:
    source = Source(path=path.name, absolute=str(path))
    found = ArticleJob(b"", LIMITS).parcel(FileTask(key="k", source=source, known=("a",)))
    found = pickle.loads(pickle.dumps(found))
    assert isinstance(found, ParcelTask | ReadTask)
    assert found.path == path.name
    assert found.known == ("a",)
    return source, found


@pytest.mark.parametrize("name", ["tea.html", "tea.html.gz", "tee \udcfc.html", "tea"])
@pytest.mark.parametrize("sidecar", [b'{"url": "https://example.org/tea"}', b"{", b" " * (2**20 + 5), None])
def test_a_file_and_its_sidecar_travel(name: str, sidecar: bytes | None, tmp_path: Path) -> None:
    content = page("Tea helped 12 percent of them.").encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    if sidecar is not None:
        (tmp_path / f"{name}.meta.json").write_bytes(sidecar)
    source, parcel = parcel_of(path)
    here = list(read_source(source, LIMITS))
    assert isinstance(parcel, ParcelTask)
    path.unlink()
    with unpacked(parcel.path, parcel.files) as there:
        assert list(read_source(there, LIMITS)) == here
        place = Path(there.absolute).parent
    assert not place.exists()


def test_what_cannot_travel_is_read_here(tmp_path: Path) -> None:
    large, missing, odd = (tmp_path / name for name in ("large.html", "missing.html", "odd.html"))
    large.write_bytes(b"<p>" + b"x" * 20_000)
    odd.write_text(page("Tea helped 12 percent of them."))
    (tmp_path / "odd.html.meta.json").mkdir()
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    for path in (large, missing, odd, pipe):
        source, parcel = parcel_of(path)
        assert isinstance(parcel, ReadTask)
        assert list(parcel.items) == list(read_source(source, LIMITS))
        assert any(isinstance(item, InputError) for item in parcel.items)

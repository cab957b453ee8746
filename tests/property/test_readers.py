"""Readers take any bytes under any name."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import Limits
from pipeline.model import InputError, RawDocument, encode
from pipeline.readers.base import Source, formats, read_source
from pipeline.readers.encoding import decode
from pipeline.readers.metadata import given_meta
from tests.unit.readers.helpers import PAGE, http, jsonl, pdf, warc_record

SUFFIXES = sorted({suffix for entry in formats() for suffix in entry.suffixes} | {"", ".xlsx", ".json", ".php"})
WHOLE = (
    PAGE.encode(),
    jsonl({"id": 1, "text": "Tea helps.", "kind": "news"}, {"html": PAGE}),
    warc_record(http(PAGE.encode()), number=1) + warc_record(http(b"Tea", content_type="text/plain"), number=2),
    pdf("Tea drinkers slept", "7.5 hours."),
    b"---\ntitle: Tea\n---\n# Tea",
    "Tea – ½ cup".encode("utf-16"),
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Arbitrary bytes, or a good file with a piece cut out or replaced; plain or compressed, perhaps cut."""
    if draw(st.booleans()):
        data = draw(st.binary(max_size=2000))
    else:
        whole = draw(st.sampled_from(WHOLE))
        start = draw(st.integers(0, len(whole)))
        end = draw(st.integers(start, min(len(whole), start + 60)))
        data = whole[:start] + draw(st.binary(max_size=40)) + whole[end:]
    if draw(st.booleans()):
        data = gzip.compress(data, mtime=0)
        data = data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data
    return data


def check(name: str, data: bytes, limits: Limits) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        results = list(read_source(Source(path=name, absolute=str(file)), limits))
        again = list(read_source(Source(path=name, absolute=str(file)), limits))
    assert results == again
    assert results, "neither an article nor an error"
    assert len({item.path for item in results if isinstance(item, RawDocument)}) == sum(
        isinstance(item, RawDocument) for item in results
    )
    for item in results:
        assert isinstance(item, (RawDocument, InputError))
        encode(item)  # valid Unicode throughout
        if isinstance(item, RawDocument):
            assert item.content.strip()
            assert "\0" not in item.content
            assert "\r" not in item.content
        else:
            assert item.reason.isprintable()
            assert "please report" not in item.reason


@QUICK
@given(suffix=st.sampled_from(SUFFIXES), data=files())
def test_reading_never_raises(suffix: str, data: bytes) -> None:
    check("a" + suffix, data, Limits())


@QUICK
@given(suffix=st.sampled_from(SUFFIXES), data=files())
def test_reading_within_narrow_limits_never_raises(suffix: str, data: bytes) -> None:
    check("a" + suffix, data, Limits(file_bytes=900, article_bytes=300))


@given(data=st.binary(max_size=300), label=st.none() | st.text(max_size=20), markup=st.booleans())
def test_decoding_never_raises(data: bytes, label: str | None, markup: bool) -> None:
    decode(data, declared=label, markup=markup).encode("utf-8")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(fields=st.dictionaries(st.sampled_from(["id", "url", "title", "author", "published", "kind", "language"]), JSON))
def test_metadata_of_any_kind_never_raises(fields: dict[str, object]) -> None:
    encode(given_meta(fields).meta)

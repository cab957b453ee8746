"""What atheris fuzzes by coverage, on what Hypothesis makes: every run of the tests does a little of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz.make import made
from tests.fuzz.targets import TARGETS

_LINES = (
    b'{"article_id": "a", "text": "Tea."}\n', b'{"flag_id": "0123456789abcdef", "verdict": "dismiss", "at": "2026-01-01T00:00:00Z"}\n',
    b"- id: x\n  stage: extract\n", b"{}\n", b"null\n", b"\0", b"48.2% of 40 (95% CI 1.2-3.4)\n", b"[" * 500, b"&a [*a]\n", b'"\\ud800"\n',
)  # fmt: skip
_some = st.lists(st.sampled_from(_LINES) | st.binary(max_size=30), max_size=8).map(b"".join)
_made = st.tuples(st.binary(min_size=1, max_size=1), st.integers(0, 5000)).map(
    lambda told: told[0] + made(3, told[1]).data[:3000]
)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=_some | _made | st.binary(max_size=300))
def test_no_bytes_are_a_fault(name: str, data: bytes) -> None:
    TARGETS[name](data)

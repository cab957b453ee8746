"""What is worked out from what was measured."""

import pytest

pytest.importorskip("psutil", reason="psutil is not installed: it comes with the extra 'cluster'")

from bench.sizing import Usage, _some, tables

FOUND = {
    "cpu_text": 0.5,
    "cpu_page": 1.0,
    "cpu_start": 4.0,
    "memory_child": 500 * 2.0**20,
    "memory_child_there": 400 * 2.0**20,
    "memory_worker": 150 * 2.0**20,
    "memory_scheduler": 100 * 2.0**20,
    "memory_client": 120 * 2.0**20,
    "cpu_client": 0.005,
    "cpu_scheduler": 0.001,
    "claims_per_article": 8.0,
    "stored_claims": 1000.0,
    "stored_results": 2**30 / 1e6,
    "stored_cache": 2**31 / 1e6,
    "stored_history": 2**28 / 1e6,
    "stored_reports": 2**29 / 1e6,
    "page_bytes": 2**30 / 1e4,
    "night_articles": 2000.0,
    "night_cpu": 0.0036,
    "night_memory": 2**30 / 1e5,
}


def test_the_tables_say_what_follows_from_the_figures() -> None:
    rows = {row.split(" | ")[0].strip("| "): row.split(" | ")[1] for row in tables(FOUND)}
    assert rows["articles per core-hour, pages / texts"] == "3,600 / 7,200"
    assert rows["cores that one client and scheduler keep busy"] == "about 150"
    assert rows["storage per million claims: cache"] == "2.0 GiB"
    assert rows["a night on 1,000,000 articles, 1% changed: extracting 10,000"] == "2.1 core-hours"
    assert next(value for name, value in rows.items() if name.startswith("the same night")) == "1.0 core-hours"
    assert rows["memory of the client in that night"] == "10 GiB"


def test_a_sample_is_evenly_chosen_and_a_difference_is_per_article() -> None:
    assert _some(list(range(10)), 5) == [0, 2, 4, 6, 8]
    assert _some([1, 2], 5) == [1, 2]
    assert Usage(10.0, 0).per(Usage(4.0, 0), 3) == 2.0

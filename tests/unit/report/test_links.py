"""Links that are safe to follow, and that lead to the words."""

from __future__ import annotations

import pytest

from pipeline.report.links import safe_url, text_link


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "https://",
        "https://user@example.org/",
        "https://example.org\\@evil.example/",
        "https://example.org/a b",
        "https://example.org/\u202egnp",
        "https://example.org:port/",
        "https://[::1/",
        "https://example.org/" + "a" * 3000,
    ],
)
def test_what_nobody_should_follow_is_no_link(url: str | None) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize("url", ["https://example.org/x?y=1#z", "http://example.org:8080/é", "HTTPS://EXAMPLE.ORG/"])
def test_addresses_of_pages_stay_as_they_are(url: str) -> None:
    assert safe_url(url) == url


def test_a_short_passage_is_searched_for_as_it_is() -> None:
    assert text_link("https://example.org/", "48.2% of them, well-rested") == (
        "https://example.org/#:~:text=48.2%25%20of%20them%2C%20well%2Drested"
    )


def test_a_long_passage_by_its_ends() -> None:
    link = text_link("https://example.org/#part", "one two three four five six seven eight nine ten")
    assert link == "https://example.org/#part:~:text=one%20two%20three%20four,seven%20eight%20nine%20ten"


def test_reference_marks_take_no_part_since_the_page_may_show_them_otherwise() -> None:
    link = text_link("https://example.org/", "Sleep was better [17] in the tea group [18, 19].")
    assert link is not None
    assert "%5B" not in link
    assert "text=Sleep%20was%20better," in link


def test_a_dash_at_the_edge_is_left_out() -> None:
    link = text_link("https://example.org/", "LONDON (Wire) city - a trial with many people in it ended")
    assert link is not None
    assert link.split("text=")[1].startswith("LONDON%20%28Wire%29%20city,")


def test_words_that_are_no_words_lead_to_the_page_itself() -> None:
    assert text_link("https://example.org/", "[4]") == "https://example.org/"
    assert text_link("ftp://example.org/", "words") is None

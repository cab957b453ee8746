"""What holds of reports whatever a page says."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.formats.html import inert
from pipeline.report.formats.markdown import escaped
from pipeline.report.links import safe_url, text_link
from pipeline.report.passages import Span, passage
from pipeline.report.words import clipped, visible
from tests.unit.report.support import article

words = st.text(max_size=300)


@given(words)
def test_an_address_is_safe_or_none(url: str) -> None:
    found = safe_url(url)
    assert found is None or (found == url and re.match(r"https?://[^/\s]", url, re.IGNORECASE))


@given(words)
def test_a_link_to_words_stays_on_its_page(text: str) -> None:
    link = text_link("https://example.org/page?x=1", text)
    assert link is not None
    assert link.startswith("https://example.org/page?x=1")
    assert re.fullmatch(r"[!-~]*", link)
    for part in re.split(",", link.partition(":~:text=")[2]):
        assert not part or unquote(part) in " ".join(text.split())


@given(st.text(min_size=1, max_size=3000), st.data())
def test_a_passage_is_what_the_article_says_and_marks_stand_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first = data.draw(st.integers(start, end - 1))
    last = data.draw(st.integers(first + 1, end))
    found = passage(article("x", text), 0, start, end, "subject", [Span(first, last, "figure")])
    assert found.quote in text[start:end]
    assert len(found.quote) <= 700
    assert {found.quote[mark.start : mark.end] for mark in found.marks} <= {text[first:last]}
    if end - start <= 700:
        assert found.quote == text[start:end]
        assert len(found.marks) == 1


@given(words)
def test_nothing_in_a_script_element_can_end_it(text: str) -> None:
    data = json.dumps({text: text}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if "\ud800" <= max(text, default="") <= "\udfff":
        return
    found = inert(data)
    assert json.loads(found) == {text: text}
    assert not set("<>&\u2028\u2029") & set(found)


@given(words)
def test_words_that_are_shown_steer_nothing(text: str) -> None:
    assert not re.search("[\x00-\x08\x7f\u202a-\u202e\u2066-\u2069]", visible(text))
    assert "\n" not in clipped(text, 50)
    assert len(clipped(text, 50)) <= 50


@given(words)
def test_markdown_has_no_mark_up_of_a_page(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[<\[`*]", shown)
    assert not re.search(r"[@#]\w", shown)

"""Formats of annotation tools, read back as their own manuals say."""

import base64
import hashlib
import json
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from pipeline.export import labelstudio
from pipeline.export.marks import LABELS, marked, only_place
from pipeline.export.source import Entry
from tests.unit.export.support import SENTENCE, TEXT, article, claim, exported, two_articles, value, write_results
from tests.unit.language.support import shipped_rules

ROOT = Path(__file__).parents[3]
AT = TEXT.index(SENTENCE)


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules, loaded once for all tests."""
    import pipeline.export.prodigy as prodigy

    monkeypatch.setattr(prodigy, "load_rules", lambda _folder: shipped_rules())


def placed(words: str) -> tuple[int, int]:
    start = AT + SENTENCE.index(words)
    return start, start + len(words)


def test_marks_of_claims_values_groups_and_slots() -> None:
    articles, claims = two_articles()
    found = marked(Entry(article=articles[0], claims=tuple(claims)))
    assert all(mark.text == TEXT[mark.start : mark.end] for mark in found.marks)
    labels = [(mark.label, mark.text) for mark in found.marks if mark.claim_id == "c1"]
    assert sorted(labels) == sorted(
        [
            ("CLAIM", SENTENCE),
            ("VALUE", "12%"),
            ("VALUE", "30%"),
            ("GROUP", "drinkers"),
            ("GROUP", "others"),
            ("INTERVENTION", "cafe\u0301 tea"),
            ("OUTCOME", "fell"),
            ("TIMEPOINT", "week six"),
        ]
    )
    links = {(link.source, link.target, link.label) for link in found.links}
    assert ("c1", "c1-0", "value") in links
    group = next(mark for mark in found.marks if mark.text == "drinkers")
    assert ("c1-0", group.mark_id, "group") in links
    # Both claims of the sentence share the one mark of their intervention.
    tea = [mark for mark in found.marks if mark.label == "INTERVENTION"]
    assert len(tea) == 1
    assert {("c1", tea[0].mark_id, "intervention"), ("c2", tea[0].mark_id, "intervention")} <= links
    ids = [mark.mark_id for mark in found.marks]
    assert len(ids) == len(set(ids))
    assert {link.source for link in found.links} | {link.target for link in found.links} <= set(ids)


@pytest.mark.parametrize(
    ("words", "sentence", "place"),
    [
        ("tea", "Iced tea.", 5),
        ("tea", "tea and tea", None),
        ("tea", "The team rested.", None),
        ("tea", "The team had tea.", 13),
        ("(tea)", "All (tea) drunk.", 4),
        ("cafe", "One cafe\u0301.", None),
        ("aba", "xaba aba", 5),
        ("a " * 20_000 + "b", "a " * 40_000, None),
        ("", "Nothing.", None),
        ("water", "Only tea.", None),
    ],
)
def test_words_are_placed_only_where_there_is_no_doubt(words: str, sentence: str, place: int | None) -> None:
    assert only_place(words, sentence) == place


def test_label_studio(results: Path) -> None:
    tasks = json.loads(exported(results, "labelstudio"))
    assert [task["data"]["article_id"] for task in tasks] == ["a", "b"]
    first = tasks[0]
    text = first["data"]["text"]
    assert text == TEXT
    regions: dict[str, list[dict[str, Any]]] = {}
    for item in first["predictions"][0]["result"]:
        if item["type"] == "relation":
            continue
        regions.setdefault(item["id"], []).append(item)
        place = item["value"]
        assert "".join(list(text)[place["start"] : place["end"]]) == place["text"]  # code points, one by one
    assert {item["type"] for item in regions["c1-0"]} == {"labels", "choices"}
    assert regions["c1-0"][0]["value"]["labels"] == ["VALUE"]
    assert (regions["c1-0"][0]["value"]["start"], regions["c1-0"][0]["value"]["end"]) == placed("12%")
    assert regions["c1-0"][1]["value"]["choices"] == ["arm"]
    for item in first["predictions"][0]["result"]:
        if item["type"] == "relation":
            assert {item["from_id"], item["to_id"]} <= set(regions)
    assert first["predictions"][0]["score"] == 0.5
    assert tasks[1]["predictions"][0]["result"] == []
    assert "score" not in tasks[1]["predictions"][0]


def test_label_studio_tasks_fit_the_interface_that_the_docs_show(results: Path) -> None:
    assert f"```xml\n{labelstudio.config()}```" in (ROOT / "docs" / "exports.md").read_text("utf-8")
    view = ET.fromstring(labelstudio.config())
    names = {child.get("name"): child for child in view if child.get("name")}
    relations = {relation.get("value") for relation in view.iter("Relation")}
    for task in json.loads(exported(results, "labelstudio")):
        for item in task["predictions"][0]["result"]:
            if item["type"] == "relation":
                assert set(item["labels"]) <= relations
                continue
            values = {child.get("value") for child in names[item["from_name"]]}
            assert set(item["value"][item["type"]]) <= values
            assert names[item["to_name"]].tag == "Text"


def test_prodigy(results: Path) -> None:
    lines = exported(results, "prodigy").decode().split("\n")
    assert lines.pop() == ""
    tasks = [json.loads(line) for line in lines]
    assert len(tasks) == 2
    for task in tasks:
        text, tokens = task["text"], task["tokens"]
        assert "".join(token["text"] + " " * token["ws"] for token in tokens) == text
        assert [token["id"] for token in tokens] == list(range(len(tokens)))
        assert all(text[token["start"] : token["end"]] == token["text"] for token in tokens)
        for span in task["spans"]:
            assert text[span["start"] : span["end"]] == span["text"]
            assert tokens[span["token_start"]]["start"] == span["start"]
            assert tokens[span["token_end"]]["end"] == span["end"]
            assert span["label"] in LABELS
    values = [span for span in tasks[0]["spans"] if span["label"] == "VALUE"]
    assert [(span["start"], span["end"]) for span in values][:2] == [placed("−3.1 points"), placed("12%")]
    assert [span.get("role") for span in values] == [None, "arm", "comparator", None]
    assert tasks[1]["spans"] == []


def test_prodigy_cuts_a_token_that_a_span_ends_in(tmp_path: Path) -> None:
    text = "They walked 20ish miles."
    made = claim("a", "c", text, text, values=(value("20", 12, value=20.0),))
    task = json.loads(exported(write_results(tmp_path / "cut", [article("a", text)], [made]), "prodigy"))
    span = next(span for span in task["spans"] if span["label"] == "VALUE")
    assert [token["text"] for token in task["tokens"]] == ["They", "walked", "20", "ish", "miles", "."]
    assert (span["token_start"], span["token_end"]) == (2, 2)


def test_web_annotation(results: Path) -> None:
    collection = json.loads(exported(results, "webannotation"))
    assert collection["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert collection["type"] == "AnnotationCollection"
    page = collection["first"]
    assert page["type"] == "AnnotationPage"
    items = page["items"]
    assert collection["total"] == len(items) > 8
    ids = [item["id"] for item in items] + [page["id"], collection["id"]]
    assert len(ids) == len(set(ids))
    assert all(uuid.UUID(name).version == 5 for name in ids)
    digest = base64.urlsafe_b64encode(hashlib.sha256(TEXT.encode()).digest()).decode().rstrip("=")
    found = []
    for item in items:
        assert item["type"] == "Annotation"
        assert item["target"]["source"]["id"] == f"ni:///sha-256;{digest}"
        assert item["target"]["source"]["dcterms:identifier"] == "a"
        assert item["target"]["scope"] == "https://news.example/a"
        position, quote = item["target"]["selector"]
        assert position["type"] == "TextPositionSelector"
        assert quote["type"] == "TextQuoteSelector"
        start, end = position["start"], position["end"]
        assert TEXT[start:end] == quote["exact"]
        assert TEXT[:start].endswith(quote["prefix"])
        assert TEXT[end:].startswith(quote["suffix"])
        assert start == 0 or quote["prefix"]
        found.append((item["body"][0]["value"], start, end))
        if len(item["body"]) == 2:
            assert json.loads(item["body"][1]["value"])["claim_id"]
    assert ("VALUE", *placed("30%")) in found


def test_web_annotation_tears_no_character(tmp_path: Path) -> None:
    quote = "Tea helped."
    text = "e\u0301" * 40 + " " + quote + "\u0301" * 3 + "xe\u0301" * 40
    folder = write_results(tmp_path / "torn", [article("a", text)], [claim("a", "c", text, quote)])
    (item,) = json.loads(exported(folder, "webannotation"))["first"]["items"]
    chosen = item["target"]["selector"][1]
    assert chosen["prefix"].startswith("e\u0301")
    after = text[text.index(quote) + len(quote) + len(chosen["suffix"]) :]
    assert not after.startswith("\u0301")


@pytest.mark.parametrize("name", ["labelstudio", "prodigy", "webannotation"])
def test_an_empty_run_is_an_empty_file_of_its_kind(empty: Path, name: str) -> None:
    data = exported(empty, name)
    if name == "labelstudio":
        assert json.loads(data) == []
    elif name == "prodigy":
        assert data == b""
    else:
        assert json.loads(data)["total"] == 0
        assert json.loads(data)["first"]["items"] == []

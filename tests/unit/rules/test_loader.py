from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import RulesError, UsageError
from pipeline.rules.loader import find_rules_folder, load_rules

GOOD = """
- id: kettle-words
  stage: lexicon
  why: Words for kettles.
  entries: [kettle, tea pot, no, on]
  params: {max_gap: 3}
  examples:
    - {text: Two kettles sang., expect: [{value: 2.0}]}
    - {text: None sang., expect: []}
"""
EXAMPLES = "  examples: [{text: Two cats., expect: [{value: 2.0}]}, {text: Cats., expect: []}]\n"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def rule(rule_id: str, extra: str = "") -> str:
    return f"- id: {rule_id}\n  stage: extract\n  why: A test.\n{EXAMPLES}{extra}"


def test_a_good_rule_is_loaded_with_words_that_other_yaml_takes_for_booleans(tmp_path: Path) -> None:
    rules = load_rules(write(tmp_path, a=GOOD), strict=True)
    assert rules.lexicon("kettle-words") == ("kettle", "tea pot", "no", "on")
    assert rules.params("kettle-words") == {"max_gap": 3}
    assert rules.places == {"kettle-words": "a.yaml:2"}
    assert rules.stage("lexicon") == (rules.rules["kettle-words"],)
    assert rules.lexicon("unheard-of") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- id: x\n  stage: extract\n", "a.yaml:1: rule x: this lacks examples, why; add what is missing"),
        (
            "- id: X y\n  stage: extract\n  why: w\n" + EXAMPLES,
            "a.yaml:1: rule X y: `id` is 'X y'; write it in the form",
        ),
        (
            rule("x").replace("extract", "later"),
            "a.yaml:2: rule x: `stage` is 'later'; use one of clean, lexicon, extract",
        ),
        (rule("x", "  colour: red\n"), "a.yaml:5: rule x: this has the unknown key colour; use one of"),
        (rule("x", "  priority: high\n"), "a.yaml:5: rule x: `priority` is 'high'; it must be a whole number"),
        (
            rule("x").replace(", {text: Cats., expect: []}", ""),
            "a.yaml:4: rule x: no example in which the rule stays silent; add one",
        ),
        (
            rule("x").replace("{text: Two cats., expect: [{value: 2.0}]}, ", ""),
            "a.yaml:4: rule x: no example in which the rule fires",
        ),
        (rule("x").replace("Cats., expect: []", "Cats., expect: [], known_miss: y"), "stays silent"),
        (rule("x", "  why: again\n"), "a.yaml:5: the key 'why' stands twice; remove one"),
        (rule("x", "  match: '{q} of {no-such}'\n"), "a.yaml:5: rule x: there is no list 'no-such'"),
        (rule("x", "  match: ['{q} (of', '{q}']\n"), "a.yaml:5: rule x: ')' is missing in the template"),
        (rule("x", "  match: of people\n"), "a.yaml:5: rule x: the template 'of people' has no {q}"),
        (rule("x") + rule("x"), "a.yaml:5: rule x: the id is taken by a.yaml:1; choose another"),
        ("- id: [x\n", "bad YAML"),
        ("- &a {id: x}\n", "a.yaml:1: anchors and aliases are not read; write the text out"),
        ("- !!python/object:os.system {}\n", "is not read; remove it"),
        ("[" * 40 + "]" * 40, "a.yaml:1: nested more than 32 deep; flatten it"),
        ("plain words", "a.yaml:1: neither a list of rules nor a topic"),
        ("topic: t\n", "a.yaml:1: this lacks terms; add what is missing"),
        ("topic: t\nterms:\n  - {id: a, type: drink, names: [b]}\n", "a.yaml:3: `type` is 'drink'; use one of"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: a second document starts here"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, text: str, expected: str) -> None:
    folder = write(tmp_path, a=text, b=GOOD)
    rules = load_rules(folder)
    assert "kettle-words" in rules.rules, "a broken rule must cost no other"
    assert any(expected in problem for problem in rules.problems), rules.problems
    with pytest.raises(RulesError, match=r"a\.yaml:"):
        load_rules(folder, strict=True)


@pytest.mark.parametrize(
    ("rule_id", "body", "expected"),
    [
        ("token-units", "entries: [{a: 1}]", "`entries.0` is {'a': 1}; it must be text"),
        ("sentence-openers", "entries: ['  ']", "`entries.0` is '  '; write it in the form"),
        ("token-contractions", "entries: [can|]", "`entries.0` is 'can|'; write it in the form"),
        ("window-breaks", "entries: [{a: 1}]", "`entries.0` lacks names; add what is missing"),
        ("window-breaks", "entries: [{names: x}]", "`entries.0.names` is 'x'; it must be a list"),
        (
            "term-entities",
            "entries: [{label: DRUG, names: [x]}]",
            "`entries.0.label` is 'DRUG'; use one of INTERVENTION",
        ),
        ("link-labels", "entries: [{link: who, names: [TIME]}]", "`entries.0.link` is 'who'; use one of group"),
        ("universal-classes", "entries: [NOUN]", "`entries.0` is 'NOUN'; it must be a mapping"),
        ("relation-names", "entries: [{relation: obj, names: [dobj], as: x}]", "`entries.0` has the unknown key as"),
        ("model-sentence-starts", "params: {min_probability: high}", "is 'high'; it must be a number"),
        ("model-sentence-starts", "params: {min_probability: 2}", "is 2; it must be at most 1"),
        ("model-sentence-starts", "params: {least: 0.5}", "`params` lacks min_probability"),
    ],
)
def test_entries_that_their_reader_cannot_use_are_told(tmp_path: Path, rule_id: str, body: str, expected: str) -> None:
    text = f"- id: {rule_id}\n  stage: lexicon\n  why: A test.\n{EXAMPLES}  {body}\n"
    rules = load_rules(write(tmp_path, a=text, b=GOOD))
    assert list(rules.rules) == ["kettle-words"]
    assert any(problem.startswith("a.yaml:5: ") and expected in problem for problem in rules.problems), rules.problems


def test_a_syntax_error_costs_only_its_own_rule(tmp_path: Path) -> None:
    text = rule("first") + "- id: second\n  stage: [extract\n" + rule("third")
    rules = load_rules(write(tmp_path, a=text))
    assert list(rules.rules) == ["first", "third"]
    assert len(rules.problems) == 1
    assert rules.places["third"] == "a.yaml:7"


def test_a_rule_that_uses_a_dropped_list_is_dropped_too(tmp_path: Path) -> None:
    words = GOOD.replace("kettle-words", "words").replace(
        "{text: None sang., expect: []}", "{text: x, expect: [{value: 1}]}"
    )
    rules = load_rules(write(tmp_path, a=words, b=rule("user", "  match: '{q} {words}'\n")))
    assert list(rules.rules) == []
    assert [problem.split(": ")[1] for problem in rules.problems] == ["rule words", "rule user"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"- id: caf\xe9\n", "a.yaml:1: not UTF-8; save the file as UTF-8"),
        (b"# ok\n# \xff\n", "a.yaml:2: not UTF-8"),
        (b"#" * (4 * 2**20 + 1), "a.yaml:1: larger than"),
        (b"a: \x00\n", "a.yaml:1: bad YAML"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, expected: str) -> None:
    rules = load_rules(write(tmp_path, a=content))
    assert len(rules.problems) == 1
    assert rules.problems[0].startswith(expected)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD)
    (tmp_path / "a.yaml").chmod(0)
    assert "unreadable" in load_rules(tmp_path).problems[0]


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    topic = "topic: t\nterms:\n  - {id: a, type: outcome, names: [b]}\n  - {id: c, type: outcome, names: [d]}\n"
    swapped = "terms:\n  - {id: c, type: outcome, names: [d]}\n  - {id: a, type: outcome, names: [b]}\ntopic: t\n"
    one = load_rules(write(tmp_path / "1", a=GOOD + rule("x"), t=topic))
    other = load_rules(write(tmp_path / "2", z=rule("x"), b="# a comment\n" + GOOD, u=swapped))
    changed = load_rules(write(tmp_path / "3", a=GOOD.replace("kettle,", "kettles,") + rule("x"), t=topic))
    (tmp_path / "2" / "decisions.jsonl").write_text("{}")
    assert one.digest == other.digest == load_rules(tmp_path / "2").digest
    assert one.digest != changed.digest


def test_a_broken_term_costs_only_itself(tmp_path: Path) -> None:
    topic = "topic: t\nterms:\n  - {id: a, type: outcome, names: [b]}\n  - {id: c, names: [d]}\n  - {id: a, type: group, names: [e]}\n"
    rules = load_rules(write(tmp_path, t=topic))
    assert [term["id"] for term in rules.topics[0]["terms"]] == ["a"]
    assert [problem.split(":")[1] for problem in rules.problems] == ["4", "5"]


def test_where_rules_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = find_rules_folder()
    assert (shipped / "schema.json").is_file()
    (tmp_path / "rules").mkdir()
    assert find_rules_folder() == shipped, "a folder that only happens to be called rules"
    (tmp_path / "rules" / "schema.json").write_text("{}")
    assert find_rules_folder() == Path("rules")
    with pytest.raises(UsageError, match="holds no rules"):
        find_rules_folder(tmp_path)
    write(tmp_path, a=GOOD)
    assert find_rules_folder(tmp_path) == tmp_path
    with pytest.raises(UsageError, match="no such folder of rules"):
        find_rules_folder(tmp_path / "none")
    with pytest.raises(RulesError, match="no such folder of rules"):
        load_rules(tmp_path / "none")

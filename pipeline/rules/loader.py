"""Loads the YAML under a rules folder into a Ruleset, and leaves out what is broken."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import RulesError, UsageError
from pipeline.rules.ruleset import Ruleset, digest_of
from pipeline.rules.schema import check_part, check_rule, shipped_rules_folder
from pipeline.rules.templates import TemplateCompiler, TemplateError
from pipeline.rules.yamlfile import MAX_BYTES, Located, Problem, read_yaml

__all__ = ["Ruleset", "find_rules_folder", "load_rules"]

_TEMPLATE_STAGES = ("extract", "context")


def find_rules_folder(explicit: Path | None = None) -> Path:
    """The folder to load rules from.

    ``explicit`` where given, else ``rules/`` in the working directory if it holds a ``schema.json``, else the rules that come with
    the program. Raises ``UsageError`` where there is no such folder, or the one given holds no rules.
    """
    if explicit is not None:
        if not explicit.is_dir():
            raise UsageError(f"{explicit}: no such folder of rules; name one that exists, or leave --rules out")
        if next(explicit.rglob("*.yaml"), None) is None:
            raise UsageError(f"{explicit}: holds no rules (*.yaml); name a folder that does, or leave --rules out")
        return explicit
    here = Path("rules")
    if (here / "schema.json").is_file():
        return here
    shipped = shipped_rules_folder()
    if not shipped.is_dir():
        raise UsageError(
            "no rules found here or in the package; name a folder with --rules, or install the program again"
        )
    return shipped


def load_rules(folder: Path, *, strict: bool = False) -> Ruleset:
    """All usable rules and topics in the ``*.yaml`` files under ``folder``.

    A broken rule is left out and reported in ``problems``. Raises ``RulesError`` where ``folder`` can't be read, and, if ``strict``,
    where there is any problem.
    """
    if not folder.is_dir():
        raise RulesError([f"{folder}:1: no such folder of rules; name one that exists"])
    loading = _Loading()
    for path in sorted(folder.rglob("*.yaml"), key=lambda found: found.relative_to(folder).as_posix()):
        loading.read(path, path.relative_to(folder).as_posix())
    ruleset = loading.finish()
    if strict and ruleset.problems:
        raise RulesError(list(ruleset.problems))
    return ruleset


class _Loading:
    """What has been read so far."""

    def __init__(self) -> None:
        self.rules: dict[str, Located] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.topics: list[Mapping[str, Any]] = []
        self.problems: list[tuple[str, int, str]] = []
        self._topic_names: dict[str, str] = {}
        self._term_types: dict[str, str] = {}

    def report(self, file: str, problems: list[Problem]) -> None:
        self.problems.extend((file, problem.line, problem.message) for problem in problems)

    def read(self, path: Path, file: str) -> None:
        try:
            mode = path.stat().st_mode
            if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):  # opening it would wait for ever
                self.report(file, [Problem(1, "no plain file; remove it")])
                return
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            self.report(file, [Problem(1, f"unreadable ({error.strerror}); check that the file may be read")])
            return
        if len(raw) > MAX_BYTES:
            self.report(file, [Problem(1, f"larger than {MAX_BYTES} bytes; split the file")])
            return
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.report(file, [Problem(line, "not UTF-8; save the file as UTF-8")])
            return
        parts, problems = read_yaml(text)
        self.report(file, problems)
        for part in parts:
            if isinstance(part.data, Mapping):
                self._add_topic(file, part)
            elif isinstance(part.data, list):
                for index in range(len(part.data)):
                    self._add_rule(file, part.part(index))
            elif part.data is not None:
                self.report(file, [Problem(1, "neither a list of rules nor a topic; see docs/rules.md")])

    def _add_rule(self, file: str, rule: Located) -> None:
        problems = check_rule(rule)
        if problems:
            name = rule.data.get("id") if isinstance(rule.data, Mapping) else None
            prefix = f"rule {name}: " if isinstance(name, str) else ""
            self.report(file, [Problem(problem.line, prefix + problem.message) for problem in problems])
            return
        rule_id = rule.data["id"]
        if rule_id in self.rules:
            other, line = self.places[rule_id]
            message = f"rule {rule_id}: the id is taken by {other}:{line}; choose another"
            self.report(file, [Problem(rule.line(("id",)), message)])
            return
        self.rules[rule_id] = rule
        self.places[rule_id] = (file, rule.line(("id",)))

    def _add_topic(self, file: str, topic: Located) -> None:
        bare = Located({**topic.data, "terms": [{"id": "x", "type": "outcome", "names": ["x"]}]}, topic.lines)
        if "terms" not in topic.data or not isinstance(topic.data["terms"], list):
            bare = topic
        bare.data.pop("variants", None) if bare is not topic else None
        problems = check_part("topic", bare)
        name = topic.data.get("topic")
        if not problems and name in self._topic_names:
            problems = [
                Problem(topic.line(("topic",)), f"the topic {name} is also in {self._topic_names[name]}; join the two")
            ]
        if problems:
            self.report(file, problems)
            return
        self._topic_names[name] = file
        terms = [
            term for index in range(len(topic.data["terms"])) if (term := self._term(file, topic.part("terms", index)))
        ]
        variants = topic.data.get("variants") or []
        if not isinstance(variants, list):
            self.report(file, [Problem(topic.line(("variants",)), "`variants` must be a list; see docs/rules.md")])
            variants = []
        kept = []
        for index in range(len(variants)):
            part = topic.part("variants", index)
            problems = check_part("variant", part)
            self.report(file, problems)
            if not problems:
                kept.append(part.data)
        self.topics.append({**topic.data, "terms": terms, "variants": kept})

    def _term(self, file: str, term: Located) -> Mapping[str, Any] | None:
        problems = check_part("term", term)
        if not problems:
            term_id, kind = term.data["id"], term.data["type"]
            known = self._term_types.setdefault(term_id, kind)
            if known != kind:
                problems = [
                    Problem(term.line(("id",)), f"term {term_id} is already of type {known}; use one type for an id")
                ]
        self.report(file, problems)
        data: Mapping[str, Any] = term.data
        return None if problems else data

    def finish(self) -> Ruleset:
        self._drop_broken_templates()
        rules = {rule_id: rule.data for rule_id, rule in sorted(self.rules.items())}
        topics = tuple(sorted(self.topics, key=lambda topic: str(topic["topic"])))
        places = {rule_id: f"{file}:{line}" for rule_id, (file, line) in self.places.items() if rule_id in rules}
        problems = tuple(f"{file}:{line}: {message}" for file, line, message in sorted(set(self.problems)))
        return Ruleset(rules, topics, digest_of(rules, topics), problems, places)

    def _drop_broken_templates(self) -> None:
        """Compiles every template, and drops rules until all that are left compile: a list may be missing because it was dropped."""
        while True:
            # Finding claims is given no rules of cleaning and of checks, so that its templates must not name lists among them.
            known = {rule_id: rule.data for rule_id, rule in self.rules.items()}
            compiler = TemplateCompiler(Ruleset(known).analysing.rules)
            broken: set[str] = set()
            for rule_id, rule in sorted(self.rules.items()):
                for path, template in _templates(rule.data):
                    try:
                        compiler.compile(template, needs_target=rule.data["stage"] == "extract")
                    except TemplateError as error:
                        broken.add(rule_id)
                        problem = Problem(rule.line(path), f"rule {rule_id}: {error}")
                        self.report(self.places[rule_id][0], [problem])
            if not broken:
                return
            for rule_id in broken:
                del self.rules[rule_id]


def _templates(rule: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The templates of a rule with the path of each."""
    if rule["stage"] not in _TEMPLATE_STAGES:
        return
    for key in ("match", "unless"):
        stated = rule.get(key, [])
        if isinstance(stated, str):
            yield (key,), stated
        else:
            for index, template in enumerate(stated):
                yield (key, index), template

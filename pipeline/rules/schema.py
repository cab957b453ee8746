"""Checks rules and topics against ``rules/schema.json`` and says what is wrong in words."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.rules.yamlfile import Located, Problem

if TYPE_CHECKING:
    import jsonschema

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_PLACEHOLDER = re.compile(r"[{]([a-z_]+)[}]")
_FIRES = ("expect", "claims", "terms", "flags")


def shipped_rules_folder() -> Path:
    """The rules that come with the program: the wheel's copy, else the checkout's ``rules/``."""
    package = Path(__file__).resolve().parent.parent
    copy = package / "shipped_rules"
    return copy if copy.is_dir() else package.parent / "rules"


@functools.cache
def load_schema() -> dict[str, Any]:
    """The JSON Schema of rule files. It is the program's own, also for rules that lie elsewhere."""
    schema: dict[str, Any] = json.loads((shipped_rules_folder() / "schema.json").read_text("utf-8"))
    return schema


@functools.cache
def _validator(definition: str) -> jsonschema.Draft202012Validator:
    import jsonschema  # takes a while, and rules that are kept need no checking

    schema = load_schema()
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]})


def check_rule(rule: Located) -> list[Problem]:
    """What is wrong with one rule, which includes entries its reader cannot use and examples that are missing."""
    problems = list(_violations("rule", rule))
    if not problems:
        own = f"rule-{rule.data['id']}"
        if own in load_schema()["$defs"]:
            problems.extend(_violations(own, rule))
        if "check" in rule.data:
            problems.extend(_check_violations(rule))
        problems.extend(_missing_examples(rule))
    return problems


def check_part(definition: str, part: Located) -> list[Problem]:
    """What is wrong with ``part`` seen as a ``term`` or ``variant`` of the schema."""
    return list(_violations(definition, part))


def known_checks() -> list[str]:
    """The names that the key ``check`` may have, sorted."""
    return sorted(name.removeprefix("check-") for name in load_schema()["$defs"] if name.startswith("check-"))


def _check_violations(rule: Located) -> Iterator[Problem]:
    """What a rule that names a check lacks: the check itself, its thresholds, a message with placeholders that can be filled."""
    name = rule.data["check"]
    if name not in known_checks():
        yield Problem(rule.line(("check",)), f"`check` is {_short(name)}; use one of {_listed(known_checks())}")
        return
    violations = [*_violations("rule-of-check", rule), *_violations(f"check-{name}", rule)]
    yield from violations or _unknown_words(name, rule)


def words_of_check(name: str) -> tuple[str, ...]:
    """What a check fills into the message of its rule: the placeholders that the message may have."""
    return tuple(load_schema()["$defs"][f"check-{name}"]["words"])


def _unknown_words(name: str, rule: Located) -> Iterator[Problem]:
    """Placeholders that the check has nothing for, in the message and in the parts of it that stand under ``params``."""
    parts = load_schema()["$defs"][f"check-{name}"].get("properties", {}).get("params", {}).get("properties", {})
    messages: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = [
        (("message",), rule.data["message"], words_of_check(name))
    ]
    messages += [
        (("params", key), rule.data["params"][key], tuple(part["words"]))
        for key, part in parts.items()
        if "words" in part
    ]
    for path, message, known in messages:
        unknown = sorted(set(_PLACEHOLDER.findall(message)) - set(known))
        if unknown:
            where, listed = ".".join(path), _listed(f"{{{word}}}" for word in known) or "none"
            asked = _listed(f"{{{word}}}" for word in unknown)
            yield Problem(rule.line(path), f"`{where}` has the unknown placeholder {asked}; this check knows {listed}")


def _violations(definition: str, part: Located) -> Iterator[Problem]:
    errors = sorted(_validator(definition).iter_errors(part.data), key=lambda error: str(error.absolute_path))
    for error in errors:
        path = tuple(error.absolute_path)
        extra = _unknown_keys(error)
        yield Problem(part.line((*path, extra[0]) if extra else path), _in_words(error, path, extra))


def _in_words(error: jsonschema.ValidationError, path: tuple[str | int, ...], unknown: list[str]) -> str:
    where = ".".join(str(step) for step in path)
    name = f"`{where}`" if where else "this"
    wanted: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "required":
        missing = sorted(set(wanted) - set(instance))
        return f"{name} lacks {_listed(missing)}; add what is missing"
    if error.validator == "additionalProperties":
        known = sorted(schema.get("properties", ()))
        return f"{name} has the unknown key {_listed(unknown)}; use one of {_listed(known)}"
    if error.validator == "enum":
        return f"{name} is {_short(error.instance)}; use one of {_listed(wanted)}"
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"{name} is {_short(error.instance)}; it must be {' or '.join(_KINDS[kind] for kind in kinds)}"
    if error.validator == "pattern" and isinstance(schema, Mapping) and "described" in schema:
        return f"{name} is {_short(error.instance)}; {schema['described']}"
    if error.validator == "pattern":
        return f"{name} is {_short(error.instance)}; write it in the form {wanted}"
    if error.validator == "anyOf":
        return f"{name} is {_short(error.instance)}, which fits none of the forms it may have; see docs/rules.md"
    if error.validator in ("minimum", "maximum"):
        return f"{name} is {_short(error.instance)}; it must be at {'least' if error.validator == 'minimum' else 'most'} {wanted}"
    if error.validator in ("minItems", "minLength", "minProperties"):
        return f"{name} is empty; fill it or leave it out"
    return f"{name}: {_short(error.message, 200)}; correct it"


def _unknown_keys(error: jsonschema.ValidationError) -> list[str]:
    if error.validator != "additionalProperties":
        return []
    schema: Any = error.schema
    instance: Any = error.instance
    return sorted(set(instance) - set(schema.get("properties", ())))


def _missing_examples(rule: Located) -> Iterator[Problem]:
    examples: list[Mapping[str, Any]] = rule.data["examples"]
    line = rule.line(("examples",))
    sound = [example for example in examples if "known_miss" not in example]
    if not any(_fires(example) for example in sound):
        yield Problem(line, "no example in which the rule fires; add one")
    if not any(not _fires(example) for example in sound):
        yield Problem(line, "no example in which the rule stays silent; add one (`expect: []` or `silent: true`)")


def _fires(example: Mapping[str, Any]) -> bool:
    """Whether the rule does something here: whether anything is to be found, unless the example says itself that it is (not) silent."""
    if "silent" in example:
        return not example["silent"]
    listed = [example[key] for key in _FIRES if key in example]
    return any(listed) if listed else True


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names)


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

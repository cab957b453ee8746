"""What the rules of checks set is what their checks ask for."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.rules.loader import load_rules
from tests.support import ROOT

_OPTIONAL = {"yields_to"}


def test_every_param_of_a_check_is_required() -> None:
    """A check looks its params up by name: a rule without one must be refused when rules are loaded, not fail in the middle of a run."""
    rules = Path(ROOT) / "rules"
    schema = json.loads((rules / "schema.json").read_text("utf-8"))["$defs"]
    left_out = {}
    for rule in load_rules(rules).stage("check"):
        if "check" not in rule or not rule.get("params"):
            continue
        params = schema[f"check-{rule['check']}"].get("properties", {}).get("params", {})
        missing = set(rule["params"]) - set(params.get("required", ())) - _OPTIONAL
        if missing:
            left_out[rule["id"]] = sorted(missing)
    assert not left_out

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from pipeline.rules.schema import load_schema, shipped_rules_folder

DOCS = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema())
    assert (shipped_rules_folder() / "schema.json").is_file()


@pytest.mark.parametrize("kind", ["rule", "example", "where", "term", "variant", "topic"])
def test_the_docs_name_every_key(kind: str) -> None:
    for key in load_schema()["$defs"][kind]["properties"]:
        assert f"`{key}" in DOCS or f"{key}:" in DOCS, key

"""Good articles that lie beside made ones, whose records must be the same whoever lies beside them."""

from __future__ import annotations

import json
from pathlib import Path

FILES = ("articles.jsonl", "claims.jsonl", "quantities.jsonl", "statements.jsonl")
_PROSE = (
    "In a trial with 80 night nurses, 48% of the valerian group and 11% of the placebo group slept through the night after six weeks.",
    "The nurses worked in four hospitals by the sea, and 12 of them left before the end.",
    "Pain fell by 2.4 points (95% CI 1.1 to 3.7) with mint oil and by 0.3 points with water.",
)


def write_neighbours(folder: Path) -> None:
    """Writes some of each format into ``folder``, which is made."""
    folder.mkdir(parents=True)
    body = "".join(f"<p>{sentence}</p>" for sentence in _PROSE)
    (folder / "nurses.html").write_text(
        f"<!DOCTYPE html><html lang=en><head><title>Nurses</title></head><body><article>{body}</article></body></html>", "utf-8"
    )  # fmt: skip
    (folder / "nurses.txt").write_text("\n\n".join(_PROSE[::-1]), "utf-8")
    (folder / "nurses.md").write_text("# At night\n\n" + "\n\n".join(_PROSE[:2]), "utf-8")
    (folder / "nurses.jsonl").write_text(
        "\n".join(json.dumps({"id": f"neighbour-{n}", "text": text}) for n, text in enumerate(_PROSE)) + "\n", "utf-8"
    )


def records_of(out: Path, ids: frozenset[str] | None = None) -> dict[str, list[bytes]]:
    """By file, the lines of the articles with these ``ids``, or of all."""
    found = {}
    for name in FILES:
        lines = (out / name).read_bytes().splitlines()
        found[name] = [line for line in lines if ids is None or json.loads(line)["article_id"] in ids]
    return found


def ids_of(out: Path) -> frozenset[str]:
    """The ids of all articles."""
    return frozenset(json.loads(line)["article_id"] for line in (out / "articles.jsonl").read_bytes().splitlines())

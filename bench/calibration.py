"""What claims with like confidence come to on abstracts that other people annotated: how many are wholly right.

A claim is judged by the annotated percentages that its values state: right if each has the right number and role, and if the claim's
outcome shares a word with one of the outcomes that the annotators name for the sentence. Claims that state none of them are not judged.
"""

from __future__ import annotations

import importlib.util
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

EDGES = (0.3, 0.5, 0.7, 0.8, 0.9)
"""Where bands begin; a claim on an edge is in the band that begins there, but for the last, which holds what is above."""
_NAMES = ("below 0.3", *(f"{low} to {high}" for low, high in pairwise(EDGES)), f"above {EDGES[-1]}")


@dataclass
class Band:
    """The judged claims whose confidence is in one range."""

    claims: int = 0
    values: int = 0
    """Claims of which every annotated percentage has the right number and role."""
    wholly: int = 0
    """Those of which the outcome is right, too."""
    confidence: float = 0.0
    """The sum over the claims."""


def calibration(scorer: Path, data: Path, extracted: Path, part: str) -> dict[str, dict[str, float]]:
    """By band the number of judged claims, their mean confidence, and the shares that are right.

    ``scorer`` is the benchmark's own script, which maps offsets and knows the parts; ``data`` holds ``gold.jsonl`` and
    ``raw/articles.jsonl``, ``extracted`` the results.
    """
    known = _load(scorer)
    raw = [row for row in known.read_jsonl(data / "raw" / "articles.jsonl") if known.in_part(str(row["id"]), part)]
    gold = {row["id"]: row for row in known.read_jsonl(data / "gold.jsonl") if known.in_part(row["id"], part)}
    found = known.Output(extracted, raw)
    bands = [Band() for _ in _NAMES]
    for ident, values in found.values.items():
        numbers = [number for number in gold.get(ident, {}).get("numbers", ()) if number["type"] == "percent"]
        of_claim: defaultdict[str, list[Any]] = defaultdict(list)
        for value in values:
            of_claim[value.claim["claim_id"]].append(value)
        for told in of_claim.values():
            judged = [
                (number, value)
                for value in told
                for number in numbers
                if known.overlap(value.span, known.span_of(number)) > 0
            ]
            if judged:
                _count(bands[_band(told[0].claim["confidence"])], told[0].claim, judged, known)
    return {name: _shares(band) for name, band in zip(_NAMES, bands, strict=True)}


def _count(band: Band, claim: Mapping[str, Any], judged: list[tuple[Mapping[str, Any], Any]], known: Any) -> None:
    right = all(value.states(number["values"]) and value.role == number["role"] for number, value in judged)
    wanted = {word for number, _ in judged for outcome in number["outcomes"] for word in known.content(outcome)}
    said = set(known.content((claim.get("outcome") or {}).get("text")))
    band.claims += 1
    band.confidence += float(claim["confidence"])
    band.values += right
    band.wholly += right and (not wanted or not wanted.isdisjoint(said))


def _band(confidence: float) -> int:
    return bisect_right(EDGES[:-1], confidence) + (confidence > EDGES[-1])


def _shares(band: Band) -> dict[str, float]:
    count = max(band.claims, 1)
    return {
        "claims": band.claims,
        "confidence": round(band.confidence / count, 4),
        "values right": round(band.values / count, 4),
        "wholly right": round(band.wholly / count, 4),
    }


def table(bands: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The bands as a Markdown table."""
    lines = [
        "| confidence | claims | mean confidence | values and roles right | outcome right, too |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, band in bands.items():
        shares = [f"{band[key]:.2f}" for key in ("confidence", "values right", "wholly right")]
        lines.append(f"| {name} | {band['claims']:.0f} | {' | '.join(shares if band['claims'] else ['', '', ''])} |")
    return lines


def _load(script: Path) -> Any:
    """The scorer as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_scorer", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script}: no Python script")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

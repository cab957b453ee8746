"""Small runs made of sentences, for tests of what changes between two of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.claims.ids import claim_ids, digest, values_hash
from pipeline.model import Article, Claim, Finding, Flag, InputError, Place, Severity, Value, encode
from pipeline.run.results import WholeResults

_NUMBER = re.compile(r"(\d+(?:\.\d+)?) (percent|people|mg)")


def article(article_id: str, text: str, **fields: Any) -> Article:
    known: dict[str, Any] = {
        "input_id": None, "path": f"{article_id}.html", "url": None, "title": f"Title of {article_id}", "author": None,
        "publisher": None, "published": None, "kind": "news", "language": "en", "sha256": digest(text),
        "references": (), "citations": (),
    }  # fmt: skip
    return Article(article_id=article_id, text=text, **{**known, **fields})


def claims(article_id: str, sentences: Sequence[str], **fields: Any) -> tuple[Claim, ...]:
    """One claim a sentence, about the figures that stand in it."""
    starts = [sum(len(one) + 1 for one in sentences[:i]) for i in range(len(sentences))]
    found = []
    for name, start, quote in zip(
        claim_ids(article_id, list(zip(starts, sentences, strict=True))), starts, sentences, strict=True
    ):
        values = tuple(
            Value(
                text=match[0], start=start + match.start(), end=start + match.end(), value=float(match[1]), low=None,
                high=None, unit=match[2], qualifier=None,
            )
            for match in _NUMBER.finditer(quote)
        )  # fmt: skip
        found.append(
            Claim(
                claim_id=name, article_id=article_id, quote=quote, start=start, end=start + len(quote),
                values_hash=values_hash((v.value, v.low, v.high) for v in values), kind="single",
                measure="proportion" if values else "other", values=values, rule="test", confidence=0.9, **fields,
            )
        )  # fmt: skip
    return tuple(found)


def run(
    articles: Mapping[str, Sequence[str]],
    *,
    findings: Sequence[Finding] = (),
    flags: Sequence[Flag] = (),
    errors: Mapping[str, str] | None = None,
    rules: str = "r1",
    paths: Mapping[str, str] | None = None,
) -> WholeResults:
    """A run over articles of these sentences."""
    texts = {name: " ".join(sentences) for name, sentences in articles.items()}
    return WholeResults(
        articles=tuple(
            article(name, text, **({"path": paths[name]} if paths and name in paths else {}))
            for name, text in sorted(texts.items())
        ),
        claims={name: claims(name, sentences) for name, sentences in articles.items()},
        findings=tuple(findings),
        flags=tuple(flags),
        errors=tuple(InputError(path=path, reason=reason) for path, reason in (errors or {}).items()),
        reconciled=True,
        run={"rules": rules, "engine": "e1", "version": "1"},
    )


def claim(results: WholeResults, article_id: str, number: int = 0) -> Claim:
    return results.claims[article_id][number]


def finding(name: str, *members: Claim, status: Any = "agree") -> Finding:
    return Finding(
        finding_id=name, label=f"label of {name}", claim_ids=tuple(one.claim_id for one in members),
        articles=len({one.article_id for one in members}), status=status, values=(),
    )  # fmt: skip


def flag(rule: str, *about: Claim, severity: Severity = "warning", name: str | None = None) -> Flag:
    """A flag whose id is made as those of the program are: of the rule and the claims."""
    return Flag(
        flag_id=name or digest("flag", rule, *(one.claim_id for one in about[:2])), family="disagreement", rule=rule,
        severity=severity, finding_id=None, claim_ids=tuple(one.claim_id for one in about),
        places=tuple(
            Place(article_id=one.article_id, start=one.start, end=one.end, quote=one.quote, role="subject" if i == 0 else "evidence")
            for i, one in enumerate(about)
        ),
        values_hash=digest(*(one.values_hash for one in about)), message=f"{rule} in {about[0].article_id}", details={},
    )  # fmt: skip


def write(folder: Path, results: WholeResults) -> None:
    """Puts a run into ``folder`` as the program would."""
    folder.mkdir(exist_ok=True)
    claims = [one for found in results.claims.values() for one in found]
    for name, records in (
        ("articles", results.articles), ("claims", claims), ("findings", results.findings), ("flags", results.flags),
        ("errors", results.errors), ("quantities", ()), ("statements", ()),
    ):  # fmt: skip
        (folder / f"{name}.jsonl").write_bytes(b"".join(encode(record) + b"\n" for record in records))
    (folder / "run.json").write_text('{"version": "1", "rules": "r1", "reconcile": {"rules": "r2"}}', "utf-8")

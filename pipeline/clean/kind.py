"""What kind of source an article is, by weighted cues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import cast, get_args

import msgspec

from pipeline.model import SourceKind
from pipeline.rules.ruleset import Ruleset

_HEAD, _TAIL, _BODY = 1500, 1500, 40_000
"""Characters of the text that count as its beginning, its end, and that are looked at in all."""


class _Cue(msgspec.Struct, frozen=True):
    kind: str
    weight: float
    most: int
    where: str
    phrases: tuple[str, ...]
    needs: tuple[str, ...]
    pattern: re.Pattern[str] | None


class KindOfSource:
    """Classifies by the rule ``kind-cues``.

    Its entries are ``{kind, weight, any: [phrase, ...], match: [regular expression, ...], needs: [text, ...], where, most}``. Each hit in
    ``where`` adds ``weight``, up to ``most`` hits (1) of one entry. ``where`` is ``url``, ``title``, ``heading`` (a heading of its own),
    ``text`` (the cleaned text, the default), ``page`` (all words of a page), or, of the text before furniture went, ``raw``, ``head`` or
    ``tail``. Phrases ignore case. Regular expressions are tried only where one of ``needs`` stands, if there are any, in any case or,
    with a capital, as written; that saves time and must change no result. The kind with the highest sum wins if that is at least
    ``params.threshold``; ``params.order`` settles ties.
    """

    def __init__(self, rules: Ruleset) -> None:
        params = rules.params("kind-cues")
        self._threshold = float(params.get("threshold", 1.0))
        order = [str(kind) for kind in params.get("order", ())]
        self._order = {
            kind: place for place, kind in enumerate([*order, *(k for k in get_args(SourceKind) if k not in order)])
        }
        self._cues = [_cue(entry) for entry in rules.lexicon("kind-cues")]
        # Some patterns speak for one kind and against another; each is looked for once.
        self._most: dict[tuple[str, re.Pattern[str]], int] = {}
        for cue in self._cues:
            if cue.pattern is not None:
                key = cue.where, cue.pattern
                self._most[key] = max(cue.most, self._most.get(key, 0))

    def of(
        self, *, url: str | None, title: str | None, headings: Iterable[str], text: str, raw: str, page: str
    ) -> SourceKind:
        """The kind; ``other`` where no cue is strong enough. ``raw`` is the text before furniture was removed."""
        scores = self.scores(url=url, title=title, headings=headings, text=text, raw=raw, page=page)
        best = min(scores, key=lambda kind: (-scores[kind], self._order[kind]), default="other")
        return cast(SourceKind, best) if scores.get(best, 0.0) >= self._threshold else "other"

    def scores(
        self, *, url: str | None, title: str | None, headings: Iterable[str], text: str, raw: str, page: str
    ) -> dict[str, float]:
        """The sum of weights of every kind that has any."""
        body = text if len(text) <= _BODY else text[: _BODY - _TAIL] + "\n" + text[-_TAIL:]
        places = {
            "url": url or "",
            "title": title or "",
            "heading": "\n".join(headings),
            "head": raw[:_HEAD],
            "tail": raw[-_TAIL:],
            "text": body,
            "raw": raw if len(raw) <= _BODY else raw[: _BODY - _TAIL] + "\n" + raw[-_TAIL:],
            "page": page if len(page) <= _BODY else page[: _BODY // 2] + "\n" + page[-_BODY // 2 :],
        }
        folded = {place: found.casefold() for place, found in places.items()}
        sums: dict[str, float] = {}
        found: dict[tuple[str, re.Pattern[str]], int] = {}
        for cue in self._cues:
            hits = _phrase_hits(folded[cue.where], cue.phrases, cue.most)
            if cue.pattern is not None and hits < cue.most:
                key = cue.where, cue.pattern
                if key not in found and cue.needs and not _has_any(cue.needs, places[cue.where], folded[cue.where]):
                    found[key] = 0
                elif key not in found:
                    matches = cue.pattern.finditer(places[cue.where])
                    found[key] = sum(1 for _ in islice(matches, self._most[key]))
                hits += min(found[key], cue.most - hits)
            if hits:
                sums[cue.kind] = sums.get(cue.kind, 0.0) + hits * cue.weight
        return sums


def _has_any(needs: Sequence[str], text: str, folded: str) -> bool:
    return any(need in (folded if need == need.lower() else text) for need in needs)


def _phrase_hits(text: str, phrases: Sequence[str], most: int) -> int:
    """How often the phrases occur in ``text`` as whole words, at most ``most``; both are case-folded."""
    hits = 0
    for phrase in phrases:
        at = text.find(phrase)
        while at >= 0 and hits < most:
            end = at + len(phrase)
            hits += not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            at = text.find(phrase, end)
        if hits >= most:
            break
    return hits


def _cue(entry: dict[str, object]) -> _Cue:
    phrases = cast("list[str]", entry.get("any", []))
    parts = cast("list[str]", entry.get("match", []))
    return _Cue(
        kind=str(entry["kind"]),
        weight=float(cast(float, entry["weight"])),
        most=int(cast(int, entry.get("most", 1))),
        where=str(entry.get("where", "text")),
        phrases=tuple(str(p).casefold() for p in phrases),
        needs=tuple(map(str, cast("list[str]", entry.get("needs", [])))),
        pattern=re.compile("|".join(parts), re.MULTILINE) if parts else None,
    )

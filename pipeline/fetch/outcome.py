"""What an answer means for a page: its new state, and what to report."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from pipeline.fetch.client import Answer
from pipeline.fetch.judge import Judge, led_home
from pipeline.fetch.report import PageStatus
from pipeline.fetch.state import PageState
from pipeline.readers.encoding import charset_of
from pipeline.readers.sniff import HEAD_BYTES, sniff

_GONE = 410
_MISSING = (404, 451)
_KEPT = ("html", "markup", "text")
_PDF = b"%PDF-"
Writing = Literal["page", "same"]
"""How an answer goes into the archive: as it is, or as what is held already."""


@dataclass(frozen=True)
class Outcome:
    """``state`` lacks the place in the archive, which ``writing`` asks for."""

    state: PageState
    status: PageStatus
    reason: str | None
    writing: Writing
    good: bool = False
    """Whether ``answer`` is now the last good page."""


def outcome(page: PageState, answer: Answer, judge: Judge, now: datetime, gone_after: int) -> Outcome:
    """What ``answer`` means for ``page``, which was known as it is until now."""
    if answer.status == 304 and page.held is not None:
        return _kept(page, answer, now)
    if answer.status == _GONE:
        return _gone(page, now, f"the site says that it is gone (HTTP {_GONE})")
    if answer.status in _MISSING:
        return _missing(page, now, gone_after, f"HTTP {answer.status}", "failed")
    if answer.status != 200:
        return Outcome(page, "failed", f"HTTP {answer.status} {_plain(answer.phrase)}".strip(), "page")
    if not answer.body.strip():
        return Outcome(page, "failed", "is empty", "page")
    head = sniff(answer.body[:HEAD_BYTES], "")
    if head.kind not in _KEPT and head.kind != "xml" and not answer.body.startswith(_PDF):
        return Outcome(page, "refused", f"holds {head.label}, no page that can be read", "page")
    if led_home(page.url, answer.url):
        return _missing(page, now, gone_after, "leads to the front page of its site", "soft_404")
    if head.kind != "text" or head.has_tags:
        verdict = judge.verdict(answer.body, charset_of(answer.header("content-type")))
        if verdict == "soft_404":
            return _missing(page, now, gone_after, "says that there is no such page", "soft_404")
        if verdict == "paywall":
            state = msgspec.structs.replace(page, checked=moment(now))
            return Outcome(state, "paywall", "shows only the beginning to those who do not subscribe", "page")
        if verdict == "challenge":
            return Outcome(page, "failed", "asks for a check that only a browser passes", "page")
    return _good(page, answer, now)


def _good(page: PageState, answer: Answer, now: datetime) -> Outcome:
    sha256 = hashlib.sha256(answer.body).hexdigest()
    if page.held is not None and page.sha256 == sha256:
        return _kept(page, answer, now)
    status: PageStatus = "new" if page.held is None or page.gone is not None else "changed"
    state = msgspec.structs.replace(
        _seen(page, answer, now),
        final_url=answer.url,
        sha256=sha256,
        wire_sha256=hashlib.sha256(answer.wire).hexdigest(),
        changed=moment(now),
    )
    return Outcome(state, status, _back(page), "page", good=True)


def _kept(page: PageState, answer: Answer, now: datetime) -> Outcome:
    same = answer.status == 304 or hashlib.sha256(answer.wire).hexdigest() == page.wire_sha256
    status: PageStatus = "unchanged" if page.gone is None else "new"
    state = _seen(page, answer, now)
    if answer.status == 200:
        state = msgspec.structs.replace(state, final_url=answer.url)
    return Outcome(state, status, _back(page), "same" if same else "page")


def _seen(page: PageState, answer: Answer, now: datetime) -> PageState:
    """``page`` after an answer that shows it to be there."""
    etag, modified = answer.header("etag"), answer.header("last-modified")
    if answer.status == 304:  # may leave out what has not changed
        etag, modified = etag or page.etag, modified or page.last_modified
    return msgspec.structs.replace(
        page, checked=moment(now), etag=etag, last_modified=modified, missing_days=0, missing_on=None, gone=None
    )


def _missing(page: PageState, now: datetime, gone_after: int, what: str, status: PageStatus) -> Outcome:
    """One more day without the page. A site may have a bad night, so only after some does it count as gone."""
    if page.gone is not None:
        return _gone(page, now, f"{what}; gone since {page.gone[:10]}")
    today = now.date().isoformat()
    days = page.missing_days + (page.missing_on != today)
    if days >= gone_after:
        return _gone(page, now, f"{what}, on {days} days" if days > 1 else what)
    # Not noted as checked: whatever its period, it is due again the next day.
    state = msgspec.structs.replace(page, missing_days=days, missing_on=today)
    return Outcome(state, status, f"{what}; counts as gone if so on {gone_after} days (day {days})", "page")


def _gone(page: PageState, now: datetime, reason: str) -> Outcome:
    state = msgspec.structs.replace(page, checked=moment(now), gone=page.gone or moment(now))
    return Outcome(state, "gone", reason, "page")


def _back(page: PageState) -> str | None:
    return f"is back; it was gone since {page.gone[:10]}" if page.gone is not None else None


def moment(now: datetime) -> str:
    """``now`` as the state has it."""
    return now.isoformat(timespec="seconds")


def _plain(phrase: str) -> str:
    return " ".join(phrase.split())[:80]

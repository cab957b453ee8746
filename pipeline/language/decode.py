"""From scores to trees, spans and probabilities, all rounded: processors and libraries differ in the last digits of a score.

Of equal choices the first is taken, so that the same scores always give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ufal.chu_liu_edmonds import chu_liu_edmonds

Scores = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
ROOT = -1
"""The head of the root."""
_WORST = 1e5
"""Beyond any score of an arc; small enough that sums of them keep their digits."""


DIGITS = 5
"""Decimals of a score that count; what comes behind them is noise."""


class ScoredSpan(NamedTuple):
    """Words ``start`` to ``end`` (exclusive) have the label with this index; ``score`` is the mean probability of its words, 0 to 1."""

    start: int
    end: int
    label: int
    score: float


def steady(scores: Scores) -> Scores:
    """``scores`` with so many decimals as count."""
    result: Scores = np.round(scores, DIGITS)
    return result


def softmax(scores: Scores) -> Scores:
    """Probabilities over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Scores = powers / powers.sum(axis=-1, keepdims=True)
    return result


def heads_of(arcs: Scores) -> Indices:
    """The best tree with one root: of each of W words the index of its head, ``ROOT`` at the root.

    ``arcs`` [W, W + 1] holds the score of each head, column 0 the root, column j + 1 word j. Maximum spanning tree of Chu and Liu
    (1965) and Edmonds (1967) where the best head of each word gives no tree; one root is had by lowering the scores of column 0
    alike, so far that a second root never pays.
    """
    words = len(arcs)
    if words == 0:
        return np.zeros(0, np.int64)
    scores = steady(np.nan_to_num(arcs.astype(np.float64), nan=-_WORST, posinf=_WORST, neginf=-_WORST))
    scores[np.arange(words), np.arange(1, words + 1)] = -2 * _WORST  # no word is its own head
    best = scores.argmax(axis=1)
    if not _is_tree(best):
        square = np.zeros((words + 1, words + 1))
        square[1:] = scores
        square[1:, 0] -= (words + 1) * (float(scores.max()) - float(scores.min()) + 1.0)
        best = np.array(chu_liu_edmonds(square)[0][1:], np.int64)
    result: Indices = best - 1
    return result


def _is_tree(columns: Indices) -> bool:
    """Whether heads as columns (0: root) make one tree with one root."""
    if np.count_nonzero(columns == 0) != 1:
        return False
    # Everyone steps up to the head's head and so on, twice as far each time, until all stand at the root.
    above = np.concatenate((np.zeros(1, np.int64), columns))
    for _ in range(len(columns).bit_length()):
        above = above[above]
    return not above.any()


def relations_of(scores: Scores, heads: Indices, root: int) -> Indices:
    """[W] index of the best relation of each word to its head; ``root``, the index of that label, at the root and nowhere else.

    ``scores`` [W, W + 1, R] holds the relations' scores for each head column, see :func:`heads_of`.
    """
    chosen = steady(scores[np.arange(len(heads)), heads + 1])
    if chosen.shape[1] > 1:
        chosen[:, root] = -np.inf
    found: Indices = chosen.argmax(axis=1)
    found[heads == ROOT] = root
    return found


def spans_of(scores: Scores) -> list[ScoredSpan]:
    """The spans of every label, sorted by start, the longer first; those of different labels may overlap.

    ``scores`` [W, E, 3] holds for each word and label the scores of outside, begin and inside. Of each label the best sequence in which
    no word is inside that follows one outside (Viterbi 1967).
    """
    words, labels = scores.shape[:2]
    if words == 0 or labels == 0:
        return []
    scores = steady(scores)
    states = scores.argmax(axis=2)
    before = np.zeros_like(states)
    before[1:] = states[:-1]
    # The best of all sequences is the best of those allowed, if it is one of them.
    for label in np.flatnonzero(((states == INSIDE) & (before == OUTSIDE)).any(axis=0)).tolist():
        states[:, label] = _best_sequence(scores[:, label])
    begins = np.argwhere(states.T == BEGIN)
    if len(begins) == 0:
        return []
    chances = np.take_along_axis(softmax(scores), states[:, :, None], axis=2)[:, :, 0].T.tolist()
    columns = states.T.tolist()
    found = []
    for label, start in begins.tolist():
        column = columns[label]
        end = start + 1
        while end < words and column[end] == INSIDE:
            end += 1
        found.append(ScoredSpan(start, end, label, round(sum(chances[label][start:end]) / (end - start), DIGITS)))
    return sorted(found, key=lambda span: (span.start, -span.end, span.label))


LEANING = frozenset({"IN", "TO", "DT", "PDT", "PRP$", "CC", "HYPH", "POS", "WDT", "WP$"})
"""Penn tags of words that lean on what follows: no name ends with one."""
_LOOSE = frozenset({",", ":", ".", "CC", "HYPH", "POS"})
"""Penn tags that no name begins or ends with."""


def whole_spans(spans: Sequence[ScoredSpan], tags: Sequence[str], heads: Sequence[int]) -> list[ScoredSpan]:
    """``spans`` grown or cut by :func:`whole`, sorted; those of one label that come to share a word are one, as sure as the surer."""
    grown = [span for span in (whole(span, tags, heads) for span in spans) if span is not None]
    joined: list[ScoredSpan] = []
    for span in sorted(grown, key=lambda span: (span.label, span.start, -span.end)):
        last = joined[-1] if joined else None
        if last is not None and last.label == span.label and span.start < last.end:
            joined[-1] = last._replace(end=max(last.end, span.end), score=max(last.score, span.score))
        else:
            joined.append(span)
    return sorted(joined, key=lambda span: (span.start, -span.end, span.label))


def whole(span: ScoredSpan, tags: Sequence[str], heads: Sequence[int]) -> ScoredSpan | None:
    """``span`` grown or cut so that it begins and ends as phrases do; None where nothing is left.

    A last word that leans on what follows takes it in, up to its head (``University of`` | ``Leeds``); a compound with hyphens is kept
    whole; loose marks at the ends are cut.
    """
    start, end = span.start, span.end
    words = len(tags)
    while start < end and tags[start] in _LOOSE:
        start += 1
    while start >= 2 and tags[start - 1] == "HYPH":
        start -= 2
    while end < words and start < end:
        if tags[end] == "HYPH":
            end = max(end + 1, min(heads[end] + 1, end + 2))
        elif tags[end - 1] in LEANING and heads[end - 1] >= end:
            end = heads[end - 1] + 1
        else:
            break
    while start < end and (tags[end - 1] in _LOOSE or tags[end - 1] in LEANING - {"DT"}):
        end -= 1
    return span._replace(start=start, end=end) if start < end else None


def _best_sequence(scores: Scores) -> Indices:
    """The best of the sequences of outside, begin and inside for one label, ``scores`` [W, 3]."""
    rows = scores.astype(np.float64).tolist()
    outside, begin, inside = rows[0][OUTSIDE], rows[0][BEGIN], -np.inf
    steps: list[tuple[int, int]] = []
    for row in rows[1:]:
        # Outside and begin may follow anything, inside only a word that is begin or inside.
        any_state = OUTSIDE if outside >= max(begin, inside) else BEGIN if begin >= inside else INSIDE
        spanned = BEGIN if begin >= inside else INSIDE
        steps.append((any_state, spanned))
        best, longest = max(outside, begin, inside), max(begin, inside)
        outside, begin, inside = best + row[OUTSIDE], best + row[BEGIN], longest + row[INSIDE]
    state = OUTSIDE if outside >= max(begin, inside) else BEGIN if begin >= inside else INSIDE
    states = [state]
    for any_state, spanned in reversed(steps):
        state = spanned if state == INSIDE else any_state
        states.append(state)
    return np.array(states[::-1], np.int64)

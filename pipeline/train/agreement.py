"""How far two annotations of the same sentences agree, as a Markdown table (docs/annotation.md).

``python -m pipeline.train.agreement`` compares ``corpus/second`` with the same sentences of ``corpus/sentences``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import click

from pipeline.errors import ClaimsError
from pipeline.model import Record
from pipeline.train.annotations import LABELS, AnnotationError, Entity, Sentence, read_corpus

Link = Literal["group", "outcome", "time"]
_CORPUS = Path(__file__).parent / "corpus"


class SpanAgreement(Record, frozen=True, kw_only=True):
    """How the spans of one label agree: counts of both annotations, and F1 in 0..1 (None where neither has one)."""

    label: str
    first: int
    second: int
    exact: float | None
    """Same start and end."""
    overlap: float | None
    """At least one character in common."""


class ChoiceAgreement(Record, frozen=True, kw_only=True):
    """How often both made the same choice, of ``total`` choices."""

    name: str
    total: int
    same: int
    kappa: float | None = None
    """Cohen's kappa, in -1..1; None where it says nothing: for links, or where chance alone would agree always."""


class Agreement(Record, frozen=True, kw_only=True):
    sentences: int
    spans: tuple[SpanAgreement, ...]
    """One a label, then one for all together, with the label ``all``."""
    choices: tuple[ChoiceAgreement, ...]
    """Role and links of the figures that both marked; strength and certainty of the sentences."""


class Difference(Record, frozen=True, kw_only=True):
    """One thing on which the two do not agree, in words for who settles it."""

    sentence: str
    what: str
    first: str
    second: str


def pair(first: Iterable[Sentence], second: Iterable[Sentence]) -> list[tuple[Sentence, Sentence]]:
    """Each sentence of ``second`` with its fellow of ``first``, which may have more. Raises AnnotationError."""
    by_id = {sentence.id: sentence for sentence in first}
    pairs = []
    for sentence in second:
        fellow = by_id.get(sentence.id)
        if fellow is None:
            raise AnnotationError(f"{sentence.id}: annotated a second time, but not a first; check the id")
        if fellow.text != sentence.text:
            raise AnnotationError(f"{sentence.id}: the two annotations differ in the text itself; make it the same")
        pairs.append((fellow, sentence))
    return pairs


def compare(pairs: Sequence[tuple[Sentence, Sentence]]) -> Agreement:
    spans = [_spans(pairs, label, (label,)) for label in LABELS]
    spans.append(_spans(pairs, "all", LABELS))
    shared = [(a, b, x, y) for a, b in pairs for x, y in shared_values(a, b)]
    choices = [_choice("role", [(x.role or "", y.role or "") for _, _, x, y in shared])]
    choices += [_links(link, shared) for link in get_args(Link)]
    choices.append(_choice("strength", [(a.strength, b.strength) for a, b in pairs]))
    choices.append(_choice("certainty", [(a.certainty, b.certainty) for a, b in pairs]))
    return Agreement(sentences=len(pairs), spans=tuple(spans), choices=tuple(choices))


def differences(pairs: Sequence[tuple[Sentence, Sentence]]) -> Iterator[Difference]:
    """What the two do not agree on: spans without an exact fellow, roles and links of shared figures, the head."""
    for a, b in pairs:
        for what in ("strength", "certainty"):
            if getattr(a, what) != getattr(b, what):
                yield Difference(sentence=a.id, what=what, first=getattr(a, what), second=getattr(b, what))
        for label in LABELS:
            mine, theirs = _of(a, (label,)), _of(b, (label,))
            only, also = sorted(mine - theirs), sorted(theirs - mine)
            if only or also:
                yield Difference(
                    sentence=a.id,
                    what=label,
                    first="; ".join(a.text[start:end] for start, end, _ in only),
                    second="; ".join(b.text[start:end] for start, end, _ in also),
                )
        for x, y in shared_values(a, b):
            figure = a.text[x.start : x.end]
            if x.role != y.role:
                yield Difference(sentence=a.id, what=f"role of {figure}", first=x.role or "", second=y.role or "")
            for link in get_args(Link):
                if not _same_targets(p := _targets(a, x, link), q := _targets(b, y, link)):
                    yield Difference(
                        sentence=a.id,
                        what=f"{link} of {figure}",
                        first="; ".join(a.text[e.start : e.end] for e in p),
                        second="; ".join(b.text[e.start : e.end] for e in q),
                    )


def shared_values(first: Sentence, second: Sentence) -> list[tuple[Entity, Entity]]:
    """The figures that both marked, even with other ends; each stands in one pair at most."""
    left = [entity for entity in second.entities if entity.label == "VALUE"]
    pairs = []
    for entity in first.entities:
        if entity.label != "VALUE":
            continue
        for fellow in left:
            if _meet(entity, fellow):
                pairs.append((entity, fellow))
                left.remove(fellow)
                break
    return pairs


def cohen_kappa(choices: Sequence[tuple[str, str]]) -> float | None:
    """Agreement beyond chance (J. Cohen, 1960, Educational and Psychological Measurement 20:37-46).

    None for no choices, and where both always chose the same single thing.
    """
    total = len(choices)
    if total == 0:
        return None
    first, second = (Counter(side) for side in zip(*choices, strict=True))
    seen = sum(x == y for x, y in choices) / total
    chance = sum(count * second[choice] for choice, count in first.items()) / total**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def markdown(agreement: Agreement) -> str:
    """Two tables: spans by label, then choices."""
    lines = [
        f"{agreement.sentences} sentences annotated twice.",
        "",
        "| label | first | second | F1 exact | F1 overlapping |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.label} | {row.first} | {row.second} | {_percent(row.exact)} | {_percent(row.overlap)} |"
        for row in agreement.spans
    ]
    lines += ["", "| choice | of | same | percent | Cohen's kappa |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in agreement.choices:
        share = row.same / row.total if row.total else None
        kappa = "–" if row.kappa is None else f"{row.kappa:.2f}"
        lines.append(f"| {row.name} | {row.total} | {row.same} | {_percent(share)} | {kappa} |")
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _of(sentence: Sentence, labels: Sequence[str]) -> set[tuple[int, int, str]]:
    return {(entity.start, entity.end, entity.label) for entity in sentence.entities if entity.label in labels}


def _spans(pairs: Sequence[tuple[Sentence, Sentence]], name: str, labels: Sequence[str]) -> SpanAgreement:
    first = second = exact = met_first = met_second = 0
    for a, b in pairs:
        mine, theirs = _of(a, labels), _of(b, labels)
        first += len(mine)
        second += len(theirs)
        exact += len(mine & theirs)
        met_first += sum(any(_cross(x, y) for y in theirs) for x in mine)
        met_second += sum(any(_cross(x, y) for x in mine) for y in theirs)
    return SpanAgreement(
        label=name,
        first=first,
        second=second,
        exact=_f1(exact, first, exact, second),
        overlap=_f1(met_first, first, met_second, second),
    )


def _f1(met_first: int, first: int, met_second: int, second: int) -> float | None:
    """The harmonic mean of two shares; neither annotation is the right one, so F1 is the same both ways round."""
    if first + second == 0:
        return None
    if met_first == 0 or met_second == 0:
        return 0.0
    return 2 / (first / met_first + second / met_second)


def _cross(x: tuple[int, int, str], y: tuple[int, int, str]) -> bool:
    return x[2] == y[2] and x[0] < y[1] and y[0] < x[1]


def _meet(x: Entity, y: Entity) -> bool:
    return x.start < y.end and y.start < x.end


def _choice(name: str, choices: Sequence[tuple[str, str]]) -> ChoiceAgreement:
    same = sum(x == y for x, y in choices)
    return ChoiceAgreement(name=name, total=len(choices), same=same, kappa=cohen_kappa(choices))


def _links(link: Link, shared: Sequence[tuple[Sentence, Sentence, Entity, Entity]]) -> ChoiceAgreement:
    """Of the shared figures that at least one annotation links, those that lead to the same mentions in both."""
    total = same = 0
    for a, b, x, y in shared:
        mine, theirs = _targets(a, x, link), _targets(b, y, link)
        if mine or theirs:
            total += 1
            same += _same_targets(mine, theirs)
    return ChoiceAgreement(name=f"{link} link", total=total, same=same)


def _targets(sentence: Sentence, value: Entity, link: Link) -> list[Entity]:
    wanted: tuple[str, ...] = getattr(value, link)
    return [entity for entity in sentence.entities if entity.id in wanted]


def _same_targets(first: Sequence[Entity], second: Sequence[Entity]) -> bool:
    """Whether every mention of either side meets one of the other; nothing equals nothing."""
    return all(any(_meet(x, y) for y in second) for x in first) and all(any(_meet(x, y) for x in first) for y in second)


@click.command()
@click.option("--first", type=click.Path(exists=True, file_okay=False, path_type=Path), default=_CORPUS / "sentences")
@click.option("--second", type=click.Path(exists=True, file_okay=False, path_type=Path), default=_CORPUS / "second")
@click.option("--list", "listed", is_flag=True, help="List the differences too.")
def main(first: Path, second: Path, listed: bool) -> None:
    """Compare two annotations of the same sentences: two folders of .txt files."""
    try:
        pairs = pair(read_corpus(first), read_corpus(second))
    except ClaimsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(markdown(compare(pairs)))
    if listed:
        click.echo()
        for row in differences(pairs):
            click.echo(f"- {row.sentence}, {row.what}: {row.first or '–'} | {row.second or '–'}")


if __name__ == "__main__":
    main()

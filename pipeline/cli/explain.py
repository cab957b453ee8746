"""``claims explain``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from pipeline.cli.common import FilePath, epilog, model_option, printable, rules_of, rules_options, say
from pipeline.cli.tables import aligned, claim_lines, short, side_by_side, terminal_width, wrapped
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.claims.explain import Arm, Explanation, Figure, Link
    from pipeline.claims.fits import RuleFit
    from pipeline.model import Article, Claim, Finding
    from pipeline.rules.ruleset import Ruleset

_SHOWN = 3
"""Passages of a link, at most; those that are less likely than this are left out:"""
_LEAST = 0.01
_SEEN = 0.05
"""Signs of less probability are not printed."""
_REST = 30
"""Characters of a row of the parse that are not its two words."""


@click.command(
    name="explain",
    epilog=epilog("claims explain c6efcfdadf9b89718 extracted", 130, 5, 2, 4, 0),
)
@click.argument("claim_id", metavar="CLAIM_ID")
@click.argument("folder", metavar="[DIR]", default="extracted", type=FilePath())
@rules_options
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON record.")
def command(claim_id: str, folder: Path, rules: Path | None, strict: bool, model: str | None, as_json: bool) -> int:
    """Prints why a claim is as it is: its sentence, parse and entities, the rules that fired and those that almost did.

    CLAIM_ID is a claim of the run in DIR (default: extracted), or a finding: then what speaks for its claims being one result is
    printed. docs/explain.md describes each part.
    """
    from pipeline.run.reconcile import find_finding

    finding = find_finding(folder, claim_id)
    if finding is not None:
        return _explain_finding(finding, folder, rules, strict, as_json)
    claim, article = _find(claim_id, folder)
    from pipeline.claims.explain import Explainer

    ruleset = rules_of(rules, strict)
    explainer = Explainer(ruleset, model)
    for lack in explainer.analyzer.language.lacks:
        say(f"--model {model}: {lack}")
    found = explainer.explain(claim, article)
    for note in (*_since(folder, ruleset, model), *found.notes):
        say(note)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found).decode())
        return 0
    width = terminal_width()
    for title, lines in _sections(found, article, width):
        click.echo(click.style("\n".join(wrapped(title, width)), bold=True))
        for line in lines:
            click.echo(printable(line))
        click.echo()
    return 0


def _explain_finding(finding: Finding, folder: Path, rules: Path | None, strict: bool, as_json: bool) -> int:
    """Prints what makes the claims of a finding one result."""
    import msgspec

    from pipeline.reconcile.explain import explain_finding
    from pipeline.run.reconcile import read_records

    ruleset = rules_of(rules, strict)
    articles, claims, statements = read_records(folder)
    reasons = explain_finding(finding, articles, claims, statements, ruleset)
    if as_json:
        found = {"finding": finding, "claims": reasons.claims, "groups": reasons.groups}
        click.echo(msgspec.json.encode(found).decode())
        return 0
    width = terminal_width()
    quotes = {claim.claim_id: claim.quote for found in claims.values() for claim in found}
    click.echo(click.style("\n".join(wrapped(f"{finding.label} ({finding.status})", width)), bold=True))
    for reason in reasons.claims:
        click.echo("\n".join(wrapped(quotes[reason.claim_id], width, f"{reason.claim_id}  ")))
        if reason.nearest is None:
            click.echo("  stands alone")
            continue
        click.echo(f"  nearest {reason.nearest}: one study {reason.study:+.2f}, one result {reason.result:+.2f}")
        click.echo("\n".join(wrapped(_weights(reason.parts), width, "  ")))
    if reasons.groups:
        click.echo(click.style("Joined, as articles of one story tell them", bold=True))
    numbers = {joined.claim_ids: number for number, joined in enumerate(reasons.groups, 1)}
    for joined in reasons.groups:
        click.echo("\n".join(wrapped(", ".join(joined.claim_ids), width, f"{numbers[joined.claim_ids]}  ")))
        click.echo(f"  nearest {numbers[joined.nearest]}: one result {joined.score:+.2f}")
        click.echo("\n".join(wrapped(_weights(joined.parts), width, "  ")))
    return 0


def _weights(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {weight:+.2f}" for name, weight in parts.items())


def _find(claim_id: str, folder: Path) -> tuple[Claim, Article | None]:
    """The claim, and its article where that can still be read. Raises UsageError where there is no such claim."""
    from pipeline.model import Article, Claim
    from pipeline.run.results import ARTICLES, CLAIMS, numbered_records

    claims = (claim for _, claim in numbered_records(folder / CLAIMS, Claim) if claim.claim_id == claim_id)
    claim = next(claims, None)
    if claim is None:
        raise UsageError(
            f"{claim_id}: no such claim in {folder / CLAIMS}; 'claims export' and the file itself list the ids"
        )
    with contextlib.suppress(UsageError):  # Explainer says what is missing
        for _, article in numbered_records(folder / ARTICLES, Article):
            if article.article_id == claim.article_id:
                return claim, article
    return claim, None


def _since(folder: Path, rules: Ruleset, model: str | None) -> Iterator[str]:
    """What has changed since the run, in one line."""
    from pipeline.run.engine import engine_digest, library_versions
    from pipeline.run.results import RUN, read_run

    then = read_run(folder)
    if not then:
        yield f"{folder / RUN} cannot be read, so rules and program may be others than those of the run"
        return
    changed = []
    if then.get("rules") != rules.digest:
        changed.append("the rules")
    chosen = None
    if model is not None:
        from pipeline.language.models import choose_model

        chosen = choose_model(rules, model).identity
    if then.get("model") != chosen:
        changed.append("the model")
    if then.get("engine") != engine_digest(library_versions()):
        changed.append("the program")
    if changed:
        yield f"changed since the run: {', '.join(changed)}; what follows, but for the record, is what they say now"


def _sections(found: Explanation, article: Article | None, width: int) -> Iterator[tuple[str, Iterator[str]]]:
    claim = found.claim
    yield f"Claim {claim.claim_id}", _source(claim, article, width)
    if found.words:
        yield "Parse (number, word, tag, relation, head)", _parse(found, width)
    if found.entities:
        yield "Entities (label, how sure)", _entities(found, width)
    if found.figures:
        yield "Figures (of each rule: what it says, id, priority, words, place)", _figures(found.figures, width)
    if found.groups:
        yield (
            "Groups of the article (log-odds of being the intervention, and what they are the sum of)",
            _groups(found.groups, width),
        )
    fired = [cue for cue in found.cues if cue.state == "fired"]
    if fired or found.strength:
        yield "Cues that fired", _cues(fired, found.strength, found.signs, width)
    almost = [cue for cue in found.cues if cue.state != "fired"]
    if almost:
        yield "Cues that almost fired, or count elsewhere", _fits(almost, width, "  ")
    yield "Record", claim_lines(claim, width)
    if found.changes:
        yield "What the program would write now", _changes(found, width)


def _source(claim: Claim, article: Article | None, width: int) -> Iterator[str]:
    if article is not None:
        name = f"{article.title or article.path} ({article.kind}, {article.publisher or article.path})"
        yield from wrapped(name, width, "  ")
        yield from wrapped(f"{article.path}, characters {claim.start} to {claim.end}", width, "  ")
    else:
        yield from wrapped(f"{claim.article_id}, characters {claim.start} to {claim.end}", width, "  ")
    yield from wrapped(claim.quote, width, "    ")


def _parse(found: Explanation, width: int) -> Iterator[str]:
    words = found.words
    widest = (width - _REST) // 2
    rows = [
        (
            str(word.number).rjust(len(str(len(words)))),
            short(word.text, widest),
            word.tag,
            word.relation,
            f"{word.head} {short(words[word.head - 1].text, widest)}" if word.head else "-",
        )
        for word in words
    ]
    yield from side_by_side(aligned(rows, " "), width, "  ")


def _entities(found: Explanation, width: int) -> Iterator[str]:
    for entity in found.entities:
        name = f" = {entity.id}" if entity.id else ""
        yield from wrapped(entity.text + name, width, f"  {entity.label:12}  {entity.score:.2f}  ")


def _figures(figures: Sequence[Figure], width: int) -> Iterator[str]:
    for figure in figures:
        told = f"class {figure.quantity_class} by {figure.class_rule or f'its form ({figure.form})'}"
        number = f", value {figure.value} of the claim" if figure.value is not None else ""
        yield from wrapped(f"{figure.text}: {told}{number}", width, "  ", "      ")
        if figure.group is not None:
            yield from wrapped(f'"{figure.group}", found by {figure.group_by}', width, "      linked    ")
        if figure.roles:
            roles = [f"{role} {score:.2f}" for role, score in figure.roles.items() if score >= _LEAST]
            yield from wrapped(", ".join(roles), width, "      role      ")
        for link in figure.links:
            if any(passage.score >= _LEAST for passage in link.passages):
                yield from wrapped(_link(link), width, f"      {link.kind:10}")
        silent = [link.kind for link in figure.links if all(passage.score < _LEAST for passage in link.passages)]
        if silent:
            yield from wrapped(f"no {', no '.join(silent)}", width, "      links     ")
        yield from _fits(figure.fits, width, "      ")


def _link(link: Link) -> str:
    likely = [(p.score, f'"{" ".join(p.text.split())}"') for p in link.passages if p.score >= _LEAST][:_SHOWN]
    told = sorted([*likely, (link.none, "none")], key=lambda pair: -pair[0])
    return ", ".join(f"{name} {score:.2f}" for score, name in told)


def _groups(groups: Sequence[Arm], width: int) -> Iterator[str]:
    for group in groups:
        size = f", n = {group.size}" if group.size is not None else ""
        names = ", ".join(f'"{name}"' for name in group.others)
        others = f", also {names}" if names else ""
        here = ", in this sentence" if group.here else ""
        yield from wrapped(f'"{group.name}"{size}{here}{others}', width, f"  {group.score:+6.2f}  ")
        reasons = [f"{reason.replace('_', ' ')} {weight:+.2f}" for reason, weight in group.reasons.items() if weight]
        if reasons:
            yield from wrapped(", ".join(reasons), width, " " * 10)


def _cues(cues: Sequence[RuleFit], strength: Sequence[float], signs: Sequence[float], width: int) -> Iterator[str]:
    yield from _fits(cues, width, "  ")
    if strength:
        from pipeline.model import Strength

        likely = zip(get_args(Strength), strength, strict=True)
        told = ", ".join(f"{name.replace('_', ' ')} {score:.2f}" for name, score in likely)
        yield from wrapped(f"strength by the model: {told}", width, "  ")
    if signs:
        from pipeline.language.strength import SIGNS

        ranked = sorted(zip(SIGNS, signs, strict=True), key=lambda pair: -pair[1])
        told = ", ".join(f"{name} {score:.2f}" for name, score in ranked if score >= _SEEN) or "none"
        yield from wrapped(f"signs by the model: {told}", width, "  ")


def _fits(fits: Sequence[RuleFit], width: int, indent: str) -> Iterator[str]:
    """One entry a rule: what came of it, what it says, its id and priority, the words that it matched, and what stood against it."""
    for fit in fits:
        says = ", ".join(f"{key}: {_plain(value)}" for key, value in fit.says.items())
        told = f'{says} | {fit.rule} {fit.priority} | "{fit.text}"'
        if fit.state == "barred":
            told += f" | unless {fit.by}" + (f' | "{fit.by_text}"' if fit.by_text else "")
        elif fit.by is not None:
            told += f" | by {fit.by}"
        if fit.place is not None:
            told += f" | {fit.place}"
        yield from wrapped(told, width, f"{indent}{fit.state:10}")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _changes(found: Explanation, width: int) -> Iterator[str]:
    import msgspec

    for change in found.changes:
        now = msgspec.json.encode(change.now).decode()
        yield from wrapped(now, width, f"  {change.field}: ", "      ")

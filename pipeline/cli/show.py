"""``claims show``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from pipeline.cli.common import FilePath, epilog, printable, say
from pipeline.cli.tables import amount, terminal_width

if TYPE_CHECKING:
    from pipeline.model import Article, Claim, Value


@click.command(name="show", epilog=epilog("claims show extracted --measure proportion", 130, 2, 0))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option("--article", help="Only articles whose id, path or title holds this text.")
@click.option(
    "--measure",
    callback=lambda context, option, given: _measure(given),
    help="Only claims of this measure, such as proportion or relative change.",
)
@click.option("--text", "words", help="Only claims whose sentence holds this text.")
@click.option("--limit", type=click.IntRange(1), help="At most this many claims.")
def command(folder: Path, article: str | None, measure: str | None, words: str | None, limit: int | None) -> int:
    """Prints the claims of the run in DIR: for each article, the figures and the sentence that states them."""
    from pipeline.run.results import read_results

    results = read_results(folder)
    width = terminal_width()
    shown = 0
    for record in results.articles:
        if article is not None and not any(
            _holds(text, article) for text in (record.article_id, record.path, record.title)
        ):
            continue
        chosen = [
            claim
            for claim in results.claims.get(record.article_id, ())
            if (measure is None or claim.measure == measure) and (words is None or _holds(claim.quote, words))
        ]
        if limit is not None:
            chosen = chosen[: limit - shown]
        if chosen:
            click.echo(click.style(printable(_heading(record)), bold=True))
            for claim in chosen:
                click.echo("\n".join(map(printable, _lines(claim, width))))
            click.echo()
        shown += len(chosen)
    if shown == 0:
        say("no claims" if not (article or measure or words) else "no claims that fit", "info")
    return 0


def _measure(given: str | None) -> str | None:
    """The measure that is meant, which is printed with spaces and stands in records with underscores."""
    from pipeline.model import Measure

    if given is None:
        return None
    named = "_".join(given.lower().replace("_", " ").split())
    if named not in get_args(Measure):
        known = ", ".join(str(measure).replace("_", " ") for measure in get_args(Measure))
        raise click.BadParameter(f"there is no measure {given!r}; there are {known}")
    return named


def _holds(text: str | None, part: str) -> bool:
    return text is not None and part.casefold() in text.casefold()


def _heading(article: Article) -> str:
    name = article.title or article.path
    return f"{name} ({article.kind}, {article.publisher or article.path})"


def _lines(claim: Claim, width: int) -> Iterator[str]:
    facts = [claim.measure.replace("_", " "), "; ".join(map(figure, claim.values)) or "no figure"]
    if claim.timepoint is not None:
        facts.append(f"time: {claim.timepoint.text}")
    if claim.sample_size is not None:
        facts.append(f"sample: {claim.sample_size.text}")
    yield "  " + " | ".join(facts)
    yield from textwrap.wrap(claim.quote, width, initial_indent="      ", subsequent_indent="      ")


def figure(value: Value) -> str:
    """One value as a person writes it: ``just under 50 percent (patients treated with tea)``."""
    stated = amount(value)
    known = any(part is not None for part in (value.value, value.low, value.high))
    return f"{stated} ({value.group})" if known and value.group else stated

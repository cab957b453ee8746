"""``claims export``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from pipeline.cli.common import FilePath, epilog, printable, quiet_option
from pipeline.errors import UsageError
from pipeline.export.formats import BINARY, FORMATS

_STDOUT = Path("-")


@click.command(name="export", epilog=epilog("claims export extracted --format csv -o claims.csv", 130, 5, 2, 0))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option(
    "--format",
    "name",
    required=True,
    type=click.Choice(tuple(FORMATS)),
    help="; ".join(f"{name}: {what}" for name, what in FORMATS.items()) + ".",
)
@click.option("-o", "--out", required=True, type=FilePath(), help="File to write, or - for standard output.")
@click.option("--force", is_flag=True, help="Replace the file where there is one already.")
@quiet_option
def command(folder: Path, name: str, out: Path, force: bool, quiet: bool) -> int:
    """Writes the claims of the run in DIR in a format of other tools.

    Offsets count Unicode code points into the cleaned text of the article, as in the results. docs/exports.md describes each format.
    """
    from pipeline.export.formats import writer
    from pipeline.export.source import Tally, read_entries

    if name in BINARY and out == _STDOUT and sys.stdout.isatty():
        raise UsageError(f"--format {name} is no text to show; name a file with -o, or send the output into one")
    write = writer(name)
    tally = Tally()
    entries = tally.over(read_entries(folder))
    with _target(folder, out, force) as file:
        write(entries, file)
    if not quiet and out != _STDOUT:
        click.echo(f"{tally.claims} claims with {tally.values} values of {tally.articles} articles")
        click.echo(f"They are in {printable(str(out))}")
    return 0


@contextmanager
def _target(folder: Path, out: Path, force: bool) -> Iterator[BinaryIO]:
    if out == _STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from pipeline.export.target import whole_file
    from pipeline.run.results import ARTICLES, CLAIMS

    with whole_file(out, replace=force, sources=(folder / ARTICLES, folder / CLAIMS)) as file:
        yield file

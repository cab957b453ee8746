"""``claims formats``."""

from __future__ import annotations

import click

from pipeline.cli.common import epilog


@click.command(name="formats", epilog=epilog("claims formats", 2, 0))
def command() -> int:
    """Lists the input formats that can be read, with the file names they go by."""
    from pipeline.readers.base import formats

    for entry in formats():
        click.echo(f"{entry.name:10} {' '.join(entry.suffixes):40} {entry.help}")
    return 0

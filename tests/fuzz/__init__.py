"""Fuzzing by coverage: ``python -m tests.fuzz TARGET [FOLDER] [options of libFuzzer]``, where atheris is installed."""

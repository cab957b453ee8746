"""The nightly run: fetch, extract, compare, tell what changed, report."""

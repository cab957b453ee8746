"""Measures quality on benchmarks that lie beside the project, with their own scorers. Run ``make bench``."""

"""One module a format, each with a constant ``FORMAT``."""

"""Finds the numeric claims that web articles make and keeps every source's figures side by side."""

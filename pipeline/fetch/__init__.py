"""Fetches the pages that ``sources.yaml`` lists, politely and safely, and archives what came (docs/fetching.md)."""

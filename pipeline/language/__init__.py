"""Reads sentences with a trained model: tokens, tags, trees, entities."""

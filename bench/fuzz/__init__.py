"""Inputs that nobody meant to be read, made from a seed, and what they must not do to a run."""

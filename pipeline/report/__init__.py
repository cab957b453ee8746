"""Reports of a run for people and for other programs, all made from one model."""

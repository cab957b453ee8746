"""What changed from one run to the next, and the runs that are kept."""

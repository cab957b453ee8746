"""What reviewers decided of flags: kept in a file of its own, and applied when flags are read."""

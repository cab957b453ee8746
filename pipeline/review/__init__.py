"""The review page: reviewers decide of flags in a browser, on this machine alone."""

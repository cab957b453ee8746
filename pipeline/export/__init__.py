"""Results of a run in the formats of other tools: one module a format, all over the same stream of articles with their claims."""

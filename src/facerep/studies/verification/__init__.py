"""Are two faces one person? Accuracy, error rates and thresholds on pairs; trials of a BLUFR list."""

"""Lists that name faces: pairs, galleries and probes, trials, attributes."""

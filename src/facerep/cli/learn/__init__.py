"""Learn: train, fit, sparsify."""

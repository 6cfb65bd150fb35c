"""Losses of labelled outputs: value, gradient, and the kernels of training."""

"""Activations: what a layer does to each of its numbers."""

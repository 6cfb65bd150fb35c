"""Drawings of the figures of "Feature Learning and Signal Propagation", a module an idea."""

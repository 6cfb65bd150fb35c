"""Drawings of the figures of "Feature learning as alignment", a module an idea."""

"""Drawings of the feature speed paper."""

"""Drawings of the spring–block paper."""

"""Provenance: what made a result, from what, with what code."""

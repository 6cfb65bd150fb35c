"""Closed forms, for overlays and checks. Arrays in, arrays out."""

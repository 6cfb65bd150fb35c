"""Cubes: the published dataset of one experiment, its axes × seed × moment × layer."""

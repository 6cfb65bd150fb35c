"""Cubes made for tests: synthetic, really simulated, really probed; fixtures of all rooms."""

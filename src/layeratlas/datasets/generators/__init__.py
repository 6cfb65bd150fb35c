"""Data drawn from a formula: synthetic tasks, the project's and its users' own."""

"""A figure or cube with all it came from, as a Workflow Run RO-Crate."""

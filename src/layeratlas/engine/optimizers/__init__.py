"""Optimisers on flat parameter buffers, with a learning rate per (member, tensor)."""

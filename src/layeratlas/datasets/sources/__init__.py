"""Entries of the registry, by origin. They are data only, and change no code's fingerprint."""

"""Typed configuration: what may be asked, and the one place where a setting is refused."""

"""Answers for people: trees, tables and drawings."""

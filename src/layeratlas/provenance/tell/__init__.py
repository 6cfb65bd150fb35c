"""Answers for people and programs: trees, tables, drawings, JSON."""

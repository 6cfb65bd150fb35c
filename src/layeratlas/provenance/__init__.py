"""Provenance: what made a result, from what, with what code. Five storeys, none looks up.

- `record`: what a job leaves behind. Captures code, environment and machine, hashes files, keeps
  versions under their digest, writes one JSON file a job. Imported by every job.
- `store`: finds these again. Reads records, indexes them (SQLite, derived), pins, collects
  garbage, and verifies files against them.
- `ask`: questions to the records, each a function that returns a DataFrame: lineage, dependents,
  differences, versions, history, what is stale.
- `tell`: answers for people and programs: trees, tables, drawings, JSON.
- `crate`: a figure or cube with all it came from, for a repository elsewhere.
"""

"""Questions to the records: lineage, dependents, differences, versions, what is stale."""

"""Questions to the store: lineage, dependents, differences, versions, what is stale."""

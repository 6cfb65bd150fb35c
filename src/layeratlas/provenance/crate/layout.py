"""Names that every crate has: its metadata, which hold the sha256 of all else, and a signature."""

METADATA = "ro-crate-metadata.json"
SIGNATURE = f"{METADATA}.sig"
README = "README.md"
OWN = ("workflow", "code", "files", README, METADATA, SIGNATURE)
"""First parts of places that belong to the crate itself; results lie elsewhere."""

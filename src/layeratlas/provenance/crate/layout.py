"""Names that every crate has: its metadata, which hold the sha256 of all else, and a signature.

A crate is laid out as a project is, so that it runs where it is unpacked: code at the top, results
below `results` and `figures`.
"""

from layeratlas.provenance.record.origin import NAME as ORIGIN

METADATA = "ro-crate-metadata.json"
SIGNATURE = f"{METADATA}.sig"
README = "README.md"
SETTINGS = "config/config.yaml"
SNAKEFILE = "Snakefile"
SURROUNDINGS = ("Makefile", "pyproject.toml", "LICENSE", "CITATION.cff")
"""Files that setting up an environment takes; with a README, which each crate has of its own."""
FOLDERS = ("envs", "profiles")
OWN = (
    *("Snakefile", "rules", "scripts", "src", "config", "extensions", "code", "files"),
    *(*SURROUNDINGS, *FOLDERS, README, ORIGIN, METADATA, SIGNATURE),
)
"""First parts of places that belong to the crate itself; results lie elsewhere."""

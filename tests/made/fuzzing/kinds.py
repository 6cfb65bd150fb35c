"""Kinds of files that a project keeps or is told by: where they lie, and who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

WORDS = "words.json"
"""Where a command line lies that is asked."""
_ABOUT_ALL = ("lineage", "log", "versions", "stale", "verify", "gc", "dependents")


@dataclass(frozen=True)
class Kind:
    """`form` says how its files are mutated; `asked` names the questions that read them.

    `patterns` are files of the corpus. `stops` are questions about the whole project, which one
    bad file of this kind must not stop.
    """

    name: str
    form: str
    patterns: tuple[str, ...]
    asked: tuple[str, ...]
    stops: tuple[str, ...] = ()
    believed: tuple[str, ...] = ()
    """What is asked after a flipped bit: all that the file says comes out in these answers."""
    beside: str = ""
    """Only files that have one of this ending beside them."""
    needs: str = ""
    """A program without which the corpus has none."""

    def files(self, project: Path) -> list[str]:
        """Its files in a project, in a fixed order."""
        found = {path for pattern in self.patterns for path in project.glob(pattern)}
        return sorted(
            path.relative_to(project).as_posix()
            for path in found
            if path.is_file()
            and (not self.beside or path.with_name(path.stem + self.beside).exists())
        )


_ARCHIVE_ASKED = (
    "tree", "groups", "cube", "verify", "verify_one", "lineage_of", "unpacked", "netcdf",
    "diff_cubes", "crate_of",
)  # fmt: skip


def _archive(name: str, folder: str, *more: str) -> Kind:
    return Kind(
        name,
        "archive",
        (f"results/smoke/{folder}/**/*.zarr.zip",),
        (*_ARCHIVE_ASKED, *more),
        ("verify", "stale", "log", "gc"),
        ("tree", *more),
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "record",
            "json",
            ("provenance/records/*/*.json",),
            ("records", "log", "log_told", "lineage", "lineage_told", "lineage_drawn",
             "dependents", "versions", "versions_told", "diff", "stale_told", "verify",
             "verify_told", "verify_one", "gc", "gc_told", "crate", "pin_again"),
            ("log", "log_told", "stale_told", "verify", "gc"),
            ("records", "log", "lineage", "dependents", "versions", "stale", "gc", "crate"),
        ),
        Kind(
            "plan",
            "json",
            ("results/smoke/*/*/*.plan.json",),
            ("ledger", "reasons", "stale", "verify", "verify_one"),
            ("ledger", "reasons", "stale", "verify"),
            ("ledger",),
        ),
        Kind(
            "receipt",
            "json",
            ("results/**/receipts/**/*.json",),
            ("reasons", "stale_told", "verify", "verify_one"),
            ("reasons", "stale_told", "verify"),
            ("receipts",),
        ),
        Kind(
            "claims",
            "json",
            ("results/smoke/claims/*.json", "figures/*.claims.json"),
            ("claims", "verify", "verify_one", "lineage_of", "crate", "stale"),
            ("verify", "stale"),
            ("claims", "crate"),
        ),
        Kind(
            "manifest",
            "json",
            ("results/smoke/**/*.json",),
            ("manifest", "verify", "verify_one", "reasons", "versions", "gc", "lineage_of", "stale",
             "diff", "crate"),
            ("verify", "reasons", "stale", "gc"),
            ("manifest", "reasons", "versions", "gc", "stale"),
            beside=".zarr.zip",
        ),
        _archive("cube", "cubes", "compare"),
        _archive("dataset", "datasets"),
        _archive("shard", "shards"),
        _archive("chains", "simulations"),
        _archive("probe", "probes"),
        _archive("measurement", "measurements"),
        *(
            Kind(
                form,
                form,
                (f"results/smoke/figures/*.{form}", f"figures/*.{form}"),
                ("identity", "lineage_of", "lineage_of_told", "verify_one", "verify", "diff_of",
                 "crate_of", "dependents_of"),
                ("verify",),
                ("identity",),
            )
            for form in ("pdf", "png", "svg")
        ),
        Kind(
            "object",
            "bytes",
            ("store/objects/*",),
            ("older", "diff", "pin_again", "gc", "verify", "verify_one", "lineage_of", "crate"),
            ("gc", "verify"),
            ("older", "diff", "gc"),
        ),
        Kind(
            "pins",
            "json",
            ("store/pins.json",),
            ("pinned", "gc", "pin_again", "verify", "versions"),
            ("verify", "versions"),
            ("pinned", "gc"),
        ),
        Kind(
            "index",
            "bytes",
            ("provenance/index.sqlite",),
            ("lineage", "log", "versions", "verify", "stale", "dependents", "diff"),
            _ABOUT_ALL,
            ("lineage", "log", "versions", "stale", "dependents", "diff"),
        ),
        Kind("state", "bytes", ("results/smoke/*/*/*.state.npz",), ("state",), ("state",),
             ("state",)),
        Kind(
            "crate",
            "bytes",
            ("crates/*.zip",),
            ("verify", "verify_one", "lineage_of"),
            ("verify",),
            ("crate_read",),
        ),
        Kind("cache", "json", ("src/layeratlas/__pycache__/fingerprints.*.json",), ("codes",),
             ("codes",), ("codes",)),
        Kind("statement", "json", ("provenance/seals/*.json",),
             ("verify", "verify_signed", "verify_one"), ("verify", "verify_signed"),
             ("verify_signed",), needs="ssh-keygen"),
        Kind("signature", "bytes", ("provenance/seals/*.sig",),
             ("verify", "verify_signed", "verify_one"), ("verify", "verify_signed"),
             ("verify_signed",), needs="ssh-keygen"),
        Kind("experiment", "yaml", ("config/experiments/*.yaml",), ("planned",)),
        Kind("config", "yaml", ("config/config.yaml",), ("configured", "stale_told"),
             ("stale_told",)),
        Kind("settings", "settings", (WORDS,), ("settings",)),
        Kind("command", "command", (WORDS,), ("command",)),
    )
}  # fmt: skip
"""By name."""

KEPT = tuple(name for name, kind in KINDS.items() if kind.believed)
"""Kinds of files that decay: all but what people write."""

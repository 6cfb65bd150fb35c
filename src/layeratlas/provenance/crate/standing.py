"""How a result stands today: whether code, settings and data of today would make it the same."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from layeratlas.provenance.ask.staleness import stale_against
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.store.inside import inside
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.storage.hashing import file_digest

# Kinds of `stale` that say that another result would be made; what is gone or uncommitted says how
# easily the same is made again.
_COUNTED = ("code", "configuration", "data", "changed")
_UNKNOWN = "unchecked"
_MOST = 3


@dataclass(frozen=True)
class Standing:
    """`reasons`: why the target is stale, a clause each, none where it would come out the same;
    `unknown`: why that cannot be said, if it cannot."""

    reasons: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def is_stale(self) -> bool:
        """Whether another result would be made today."""
        return bool(self.reasons)

    def words(self, most: int = _MOST) -> str:
        """It in a sentence or two, with so many reasons at most; empty where the target is known to
        be as it would be made today."""
        if self.reasons:
            more = len(self.reasons) - most
            plural = "s" if more > 1 else ""
            tail = f"; and {more} more such difference{plural}" if more > 0 else ""
            told = "; ".join(self.reasons[:most])
            return f"Stale: another result would be made today. {told}{tail}."
        return f"Whether it is stale is not known: {self.unknown}." if self.unknown else ""


def standing(history: History) -> Standing:
    """How the target of a history stands in its project today."""
    reasons = []
    here = inside(history.root, history.target.path)
    if here is not None and here.is_file() and file_digest(here) != history.target.digest:
        reasons.append(f"{history.target.path} has been made again or changed since")
    with warnings.catch_warnings():
        # Of records that cannot be read, who traced the history has said so.
        warnings.simplefilter("ignore", RecordWarning)
        table = stale_against(history.present, history.maker.activity.preset)
    told = table[table["record"].isin([job.id for job in history.jobs])]
    counted = told[told["kind"].isin(_COUNTED)]
    reasons += [f"{row['path']}: {row['reason']}" for _, row in counted.iterrows()]
    unknown = told[told["kind"] == _UNKNOWN]["reason"]
    return Standing(tuple(dict.fromkeys(reasons)), unknown.iloc[0] if len(unknown) else "")

"""What the files of a workflow mean: plans, claims, receipts, and where the runs of archives stand.

`layeratlas verify` asks these of every file of their kinds. The bytes of archives it compares with
records; here it is only whether they can mean what they say.
"""

from __future__ import annotations

from pathlib import Path

from layeratlas.claims.files import read_claims
from layeratlas.cubes.identities import misplaced_runs
from layeratlas.cubes.measurements import misfit_of_runs
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.kinds import KINDS
from layeratlas.runs.ledger import check_plan
from layeratlas.storage.reading import open_datatree
from layeratlas.workflow import acceptances, receipts


def check_shard_plan(path: Path, project: Path) -> bool:
    """Every run of a plan has the id of the settings beside it."""
    folder = path.parents[1].name
    (kind,) = (kind for kind in KINDS.values() if kind.folder == folder)
    return check_plan(path, kind.members)


def check_acceptance(path: Path, project: Path) -> bool:
    """It says of which jobs it is."""
    return acceptances.check_acceptance(path)


def check_claims(path: Path, project: Path) -> bool:
    """Every verdict follows from its number."""
    return read_claims(path).is_sealed


def check_receipt(path: Path, project: Path) -> bool:
    """The seal of a receipt, and its form."""
    return receipts.check_receipt(path)


def check_shard(path: Path, project: Path) -> bool:
    """The runs of an archive are those that its name and its own plan stand for."""
    try:
        with open_datatree(path) as tree:
            reason = misfit_of_runs(tree, path)
    except StoreError:
        return True  # of what cannot be read, the check of its bytes tells
    if reason:
        raise UnreadableError(path, reason)
    return True


def check_cube(path: Path, project: Path) -> bool:
    """The runs of a cube stand where their ids say."""
    try:
        with open_datatree(path) as tree:
            reason = misplaced_runs(tree)
    except StoreError:
        return True
    if reason:
        raise UnreadableError(path, reason)
    return True

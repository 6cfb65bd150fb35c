"""Freed weights in the workflow: nothing runs again, and what needs them makes them again."""

from __future__ import annotations

import json

from layeratlas.provenance.store.verify import verify
from layeratlas.provenance.store.weights import free_weights

MAP = "figures/maps/tiny/data_separation.pdf"


def test_nothing_runs_again_until_another_metric_is_asked_for(finished):
    shards = finished.folder / "results/smoke/shards/tiny"
    (archive,) = shards.glob("*.zarr.zip")
    digest = json.loads(archive.with_name(f"{archive.name[:16]}.json").read_text())["digest"]
    assert len(free_weights(finished.folder, apply=True)) == 1
    assert not finished.planned(MAP)
    # Another reader of the networks: planned before anything runs, and to the same bits.
    finished.write(measure={"metrics": ["data_separation", "data_separation_pseudoinverse"]})
    cube = "results/smoke/cubes/tiny.zarr.zip"
    planned = finished.planned(cube)
    assert (planned["train"], planned["measure"]) == (1, 1)
    finished.make(cube, verbose=False)
    assert archive.exists()
    assert (
        json.loads(archive.with_name(f"{archive.name[:16]}.json").read_text())["digest"] == digest
    )
    statuses = verify(root=finished.folder).set_index("path")["status"]
    assert statuses[archive.relative_to(finished.folder).as_posix()] == "ok"
    assert "freed" not in set(statuses)

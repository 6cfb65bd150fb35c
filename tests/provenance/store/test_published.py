"""Which files under results/ and figures/ a record may speak of."""

from __future__ import annotations

from layeratlas.provenance.store.published import published_files


def test_archives_figures_and_claims_and_nothing_else(tmp_path):
    results = (
        "results/smoke/cubes/a.zarr.zip",
        "results/smoke/claims/f.json",
        "figures/f.pdf",
        "figures/f.png",
        "figures/maps/e/m.svg",
        "figures/maps/receipts/m.svg",  # an experiment may be called so
        "results/smoke/cubes/changed.zarr.zip",
    )
    others = (
        "results/smoke/cubes/a.json",  # the manifest goes with its archive
        "results/smoke/shards/e/k.plan.json",
        "results/smoke/cubes/.a.zarr.zip.ab-1-cd.tmp",
        "results/smoke/cubes/notes.txt",
        # what the workflow notes for itself
        "results/smoke/receipts/train/e/k.json",
        "results/receipts/show_figure/f.json",
        "results/smoke/logs/train/e-k.json",
        "figures/.hidden.pdf",
        "data/reference/x.pdf",
    )
    for name in (*results, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in published_files(tmp_path)]
    assert sorted(found) == sorted(results)


def test_a_project_without_results(tmp_path):
    assert list(published_files(tmp_path)) == []

"""What sizes tell of a job: all of the project's own, and growing with what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.kinds import KINDS
from layeratlas.runs.members import together
from layeratlas.workflow import sizes
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.sizes import KERNELS, TORCH, UNKNOWN, MiB, is_planned, size_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def atlas():
    return Workflow({"preset": "smoke"}, ROOT)


def first(workflow, experiment="tiny"):
    plan = workflow.shards(experiment)[0]
    return {"experiment": experiment, "key": plan.key}


def of_tiny(inside, rule="train", **changes):
    inside.write(**changes)
    workflow = inside.atlas()
    return size_of(workflow, rule, first(workflow))


def test_every_job_of_the_project_has_a_size(atlas):
    """None falls back to what is said where settings cannot be read."""
    told = {}
    for experiment in atlas.experiments:
        kind = atlas.kind(experiment)
        if kind.has_grid:
            at = first(atlas, experiment)
            rules = ("train", "measure") if kind.measured else (kind.stage,)
            found = {(rule, experiment): size_of(atlas, rule, at) for rule in rules}
            found[("assemble_cube", experiment)] = size_of(atlas, "assemble_cube", at)
            told |= found
            if kind.measured:
                key = atlas.dataset_key(atlas.shards(experiment)[0])
                told[("prepare_dataset", experiment)] = size_of(
                    atlas, "prepare_dataset", {"key": key}
                )
        else:
            told[(kind.stage, experiment)] = size_of(atlas, kind.stage, {"experiment": experiment})
    told |= {("draw_figure", name): size_of(atlas, "draw_figure", {"figure": name})
             for name in atlas.figures}  # fmt: skip
    assert {rule for rule, _ in told} >= {
        "prepare_dataset", "train", "measure", "simulate", "probe", "assemble_cube", "draw_figure",
        "fit_springs",
    }  # fmt: skip
    assert not [job for job, size in told.items() if size == UNKNOWN]
    assert all(100 * MiB < size.memory < 20_000 * MiB for size in told.values())
    assert all(5 < size.seconds < 86_400 for size in told.values())


def test_what_settings_do_not_tell_is_said_to_be_unknown(atlas, monkeypatch):
    def of_another_version(kind, run):
        raise ValueError("no such setting")

    monkeypatch.setattr(sizes, "_shards", sizes._Shards())
    monkeypatch.setattr(sizes, "_needs", of_another_version)
    assert size_of(atlas, "train", first(atlas, "phase_diagram_dropout")) == UNKNOWN
    assert size_of(atlas, "draw_figure", {"figure": "none_such"}) == UNKNOWN


def test_rules_have_no_size_of_their_own_beside_the_table():
    assert {rule for rule in JOBS if is_planned(rule)} == {
        "prepare_dataset", "train", "measure", "simulate", "probe", "assemble_cube",
        "assemble_points", "write_claims",
    }  # fmt: skip


def test_training_grows_with_images_and_weights(inside):
    small = of_tiny(inside)
    assert KERNELS.memory < small.memory < KERNELS.memory + MiB
    wide = of_tiny(inside, model={"depth": 4, "width": 4096})
    # 16.8 million weights between two hidden layers, of which each is there a few times.
    assert wide.memory - small.memory > 3 * 4 * 4096**2
    assert wide.seconds > small.seconds
    data = {"source": "digits", "n_train": 1000, "n_test": 500, "size": 128}
    large = of_tiny(inside, dataset=data)
    assert large.memory - small.memory > 2 * 4 * 1500 * 128**2
    long = of_tiny(inside, dataset=data, training={"epochs": 300, "batch_size": 32})
    assert long.seconds - KERNELS.seconds > 90 * (large.seconds - KERNELS.seconds)
    cnn = of_tiny(inside, model={"family": "block_cnn", "depth": 3, "channels": 4})
    assert cnn.memory > TORCH.memory


def test_torch_steps_as_many_together_as_its_backend_does():
    from layeratlas.backends import get_backend

    backend = get_backend("cpu", "float32", torch=True)
    for parameters in (10, 10**5, 10**7, 2 * 10**7, 10**9):
        assert sizes.slot_of(40, 4 * parameters) == backend.slot_size(parameters, 32, 64)
    assert sizes.slot_of(3, 40) == 3


def test_a_module_is_as_large_as_its_trial_found(inside):
    module = {"family": "module", "from": "layeratlas.networks.zoo.small_cnn:SmallCNN"}
    data = {"source": "digits", "n_train": 64, "n_test": 32, "size": 32}
    small, large = (
        of_tiny(inside, model={**module, "settings": {"width": width}}, dataset=data,
                grid={"learning_rate": [0.1, 0.2]},
                training={"epochs": 3, "batch_size": 32})
        for width in (0.25, 2)
    )  # fmt: skip
    assert TORCH.memory < small.memory < large.memory - 10 * MiB
    assert small.seconds < large.seconds


def test_measuring_grows_with_what_is_kept(inside):
    model = {"depth": 4, "width": 512}
    few = of_tiny(inside, "measure", model=model, checkpoints=[3])
    many = of_tiny(inside, "measure", model=model, checkpoints=[0, 1, 2, 3])
    assert many.memory - few.memory > 3 * 4 * 4 * 2 * 512**2
    assert many.seconds > few.seconds
    hessian = {"metrics": ["data_separation", "hessian_trace"]}
    assert of_tiny(inside, "measure", measure=hessian).memory > TORCH.memory


def test_a_kernel_of_members_is_asked_for_once(atlas):
    """A shard of probes may mix sizes: the largest is held at a time, each is recorded."""
    at = first(atlas, "sensitivity_mlp")
    plan = atlas.shard(**at)
    needs, _ = sizes._Shards().of(KINDS["probe"], plan)
    assert sum(runs for runs, _ in needs) == plan.size
    assert len(needs) == len(set(plan.members["depth"])) > 1
    parts = sizes._bytes(needs, 1, {"weights": 2.0})
    assert parts["weights"] == 2.0 * max(need.once for _, some in needs for need in some
                                         if need.what == "weights")  # fmt: skip
    recorded = "the numbers recorded of each layer"
    assert parts[recorded] == sum(
        runs * need.each for runs, some in needs for need in some if need.what == recorded
    )


def test_other_members_change_no_need(atlas):
    """So that it is enough to look at one run of a shard for each of the sizes in it."""
    for experiment in ("phase_diagram_dropout", "bfa_branch_scale", "spring_phase_diagram"):
        kind, plan = atlas.kind(experiment), atlas.shards(experiment)[0]
        found = {}
        for i in range(plan.size):
            own = {name: values[i] for name, values in plan.members.items()}
            run = kind.typed(together(plan.shared, own, kind.members))
            size = tuple(own[name] for name in kind.sized_by if name in own)
            found.setdefault(size, set()).add(kind.memory(run))
        assert all(len(needs) == 1 for needs in found.values())


def test_cubes_count_by_what_stands_of_them(inside):
    inside.write()
    workflow = inside.atlas()
    at = {"experiment": "tiny", "metric": "data_separation"}
    before = size_of(workflow, "draw_map", at)
    path = Path("results/smoke/cubes/tiny.zarr.zip")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"0" * MiB)
    assert size_of(workflow, "draw_map", at).memory > before.memory + 2 * MiB

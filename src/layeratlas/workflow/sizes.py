"""What a job takes, told from its sizes alone, before anything like it ever ran.

Memory is the peak of the script's process: what its interpreter with its libraries takes, measured
with `benchmarks/job_requests.py`, and the arrays of the job (`Kind.memory`), each as often as it is
there at once, measured likewise. Time follows from the multiply-adds at the rates of
`workflow.estimate`. Both are guesses from above where sizes do not tell; earlier records correct
them (`workflow.requests`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import LayerAtlasError
from layeratlas.kinds import KINDS
from layeratlas.kinds.base import Kind
from layeratlas.kinds.memory import Need
from layeratlas.metrics.registry import get_metric, run_by
from layeratlas.networks.module.trial import tried
from layeratlas.networks.registry import needs_torch
from layeratlas.runs.members import together
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.run import canonical_json
from layeratlas.workflow.estimate import CORE, GPU, PART_OF_GPU

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

MiB = 1 << 20


class Size(NamedTuple):
    """Bytes of the script at its peak, seconds from its start to its end, and how many of these
    pass before it works."""

    memory: float
    seconds: float
    start: float = 0.0

    @property
    def rounded_seconds(self) -> int:
        """As records keep them."""
        return math.ceil(self.seconds)


class Library(NamedTuple):
    """Bytes of an interpreter with what a script imports, and seconds until it works."""

    memory: int
    seconds: float


# Kernels that are not compiled yet are compiled first: a minute, and the compiler's memory.
NUMPY = Library(200 * MiB, 10)
KERNELS = Library(360 * MiB, 60)
TORCH = Library(560 * MiB, 60)
PLOTS = Library(360 * MiB, 60)
#: Torch with CUDA's libraries and its context, on the host. A guess: not measured yet.
CUDA = Library(3500 * MiB, 90)

#: Metrics and signals that ask for no torch; all others do, or may.
_PLAIN = ("layeratlas.metrics.separation:", "layeratlas.signals.classes:",
          "layeratlas.signals.forward:")  # fmt: skip
#: A view's features are kept whole up to so many bytes (`signals.network`, `measure`).
_WHOLE = 2**28
#: What a slot of torch takes on the CPU (`backends.torch_backend`).
_SLOT = 2**29
#: Of files that hold arrays, bytes in memory for each on the disk, with a copy.
_UNPACKED = 6.0
#: Where not even files tell.
UNKNOWN = Size(1024 * MiB, 600, 600)


def size_of(workflow: Workflow, rule: str, at: Mapping[str, str]) -> Size:
    """Of one job. Where settings cannot be read in full, `UNKNOWN`: that is for whoever reads them
    next to tell."""
    try:
        return _SIZES.get(rule, _of_files)(workflow, at)
    except (ValueError, KeyError, LayerAtlasError):
        return UNKNOWN


def is_planned(rule: str) -> bool:
    """Whether the size of its jobs is that of their plan, whatever files there are."""
    return rule in _SIZES


# --- shards -----------------------------------------------------------------------------------
class _Shards:
    """Needs of shards; those of one experiment mostly agree, and are worked out once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[tuple[Need, ...], ...], tuple[float, ...]]] = {}

    def of(self, kind: Kind, plan: ShardPlan) -> tuple[list[tuple[int, tuple[Need, ...]]], float]:
        """(runs, needs of each) by what they differ in; FLOP of all, 0 where unknown."""
        names = [name for name in kind.sized_by if name in plan.members]
        rows = Counter(zip(*(plan.members[name] for name in names), strict=True)) if names else {
            (): plan.size
        }  # fmt: skip
        key = canonical_json([kind.name, plan.shared, list(rows)])
        if key not in self._known:
            first = {name: values[0] for name, values in plan.members.items()}
            runs = [
                together(plan.shared, first | dict(zip(names, row, strict=True)), kind.members)
                for row in rows
            ]
            needs = tuple(_needs(kind, run) for run in runs)
            self._known[key] = needs, tuple(kind.flop(run) or 0.0 for run in runs)
        needs, costs = self._known[key]
        flop = sum(number * cost for number, cost in zip(rows.values(), costs, strict=True))
        return list(zip(rows.values(), needs, strict=True)), flop


def _needs(kind: Kind, run: Mapping[str, Any]) -> tuple[Need, ...]:
    needs = kind.memory(kind.typed(run))
    if "dataset" not in run or run["model"]["family"] != "module":
        return needs
    # Its settings tell no size of a module; its trial has, which planning has made.
    data, batch = recipe_of(run["dataset"]), run["training"]["batch_size"]
    tokens = data.input_kind == "tokens"
    found = tried(run["model"], data.input_shape, data.n_outputs, tokens=tokens)
    number = 4 if run["dtype"] == "float32" else 8
    weights = number * found["weights"]
    # What a gradient keeps holds features several times.
    features = number * found["graph"] * (data.n_train if batch == "full" else batch) // 3
    known = {"weights": (2 * weights, 0), "weights that are kept": (0, weights),
             "features of a minibatch": (features, 0)}  # fmt: skip
    return tuple(
        need._replace(once=known[need.what][0], each=known[need.what][1])
        if need.what in known else need
        for need in needs
    )  # fmt: skip


_shards = _Shards()


def _bytes(
    needs: Iterable[tuple[int, tuple[Need, ...]]],
    moments: int,
    copies: Mapping[str, float],
) -> dict[str, float]:
    """By what it is for: what is there once (of the largest run) and what each run adds."""
    found: dict[str, float] = {}
    each: dict[str, float] = {}
    for runs, some in needs:
        for need in some:
            once = need.once * copies.get(need.what, 1.0)
            found[need.what] = max(found.get(need.what, 0.0), once)
            each[need.what] = each.get(need.what, 0.0) + need.each * runs * moments
    return {what: found[what] + each[what] * copies.get(what, 1.0) for what in found}


def _plan(workflow: Workflow, at: Mapping[str, str]) -> ShardPlan:
    return workflow.shard(at["experiment"], at["key"])


def _trained(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """The images as stored and as used; weights with gradient, step, moments and a state that is
    being saved; the batch with what goes backwards."""
    plan = _plan(workflow, at)
    needs, flop = _shards.of(KINDS["training"], plan)
    copies = {"images": 2.5, "features of a minibatch": 4.0, "weights": 6.0}
    parts = _bytes(needs, len(plan.checkpoints), copies)
    torch = needs_torch(plan.shared["model"])
    # Kernels step as many as a cache holds, which is nothing beside the rest.
    slot = slot_of(plan.size, parts["weights"] / 12.0) if torch else 1
    curves = 16.0 * plan.size * plan.shared["training"]["epochs"]
    memory = parts["images"] + curves
    memory += slot * (parts["features of a minibatch"] + parts["weights"])
    library = TORCH if torch else KERNELS
    return _on(workflow, library, memory, flop)


def slot_of(runs: int, weights: float) -> int:
    """Networks that torch steps together on the CPU, of so many bytes of weights each; as
    `backends.torch_backend` says, which planning does not load."""
    return int(max(1, min(runs, 8, _SLOT // max(4.0 * weights, 1.0))))


def _measured(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """The images with their clean targets; the shard, or a piece of it; the features of a view."""
    plan = _plan(workflow, at)
    needs, flop = _shards.of(KINDS["training"], plan)
    training = plan.shared["training"]
    batch = training["batch_size"]
    parts = _bytes(needs, len(plan.checkpoints), {})
    images = recipe_of(plan.shared["dataset"]).n_train
    together = images / (images if batch == "full" else batch)
    features = 1.5 * parts["features of a minibatch"] * together
    kept = parts["weights that are kept"]
    memory = 2.5 * parts["images"] + min(2.0 * features, 2.0 * _WHOLE)
    memory += 2.0 * min(kept, _WHOLE) + parts["weights"]
    entries, _ = run_by(map(get_metric, workflow.experiments[at["experiment"]].measure.metrics))
    plain = all(entry.startswith(_PLAIN) for entry in entries)
    library = KERNELS if plain and not needs_torch(plan.shared["model"]) else TORCH
    if not plain:
        memory += min(4.0 * features, 4.0 * _WHOLE)
    # Looking once at every image is a third of an epoch; what metrics do with it, ten of these.
    looks = len(plan.checkpoints) * flop / max(training["epochs"], 1) / 3
    return _on(workflow, library, memory, looks * (2 if plain else 20))


def _on(workflow: Workflow, library: Library, memory: float, flop: float) -> Size:
    if workflow.uses_gpu:
        seconds = CUDA.seconds + flop / (GPU * PART_OF_GPU)
        return Size(CUDA.memory + memory, seconds, CUDA.seconds)
    return Size(library.memory + memory, library.seconds + flop / CORE, library.seconds)


def _simulated(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """The motion in double precision, and in single as it is written."""
    plan = _plan(workflow, at)
    needs, flop = _shards.of(KINDS["simulation"], plan)
    memory = sum(_bytes(needs, len(plan.checkpoints), {}).values())
    library = CUDA if workflow.config.device == "cuda" else KERNELS
    seconds = library.seconds + flop / CORE
    return Size(library.memory + 2.0 * memory, seconds, library.seconds)


def _probed(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """One draw of weights, what passes through them, what is recorded."""
    plan = _plan(workflow, at)
    needs, flop = _shards.of(KINDS["probe"], plan)
    parts = _bytes(needs, 1, {"weights": 3.0, "features and gradients": 2.0,
                              "the numbers recorded of each layer": 3.0})  # fmt: skip
    seconds = KERNELS.seconds + flop / CORE
    return Size(KERNELS.memory + sum(parts.values()), seconds, KERNELS.seconds)


# --- data sets and cubes ----------------------------------------------------------------------
def _prepared(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """All there is of a source is read before some of it is taken."""
    recipe = recipe_of(workflow.recipe(at["key"]))
    numbers = (recipe.n_train + recipe.n_test_samples) * recipe.n_features
    return Size(TORCH.memory + 400 * MiB + 5.0 * 4 * numbers, 120 + numbers / 1e6, 120)


def _assembled(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """Every number of every run, in the shards' files and in the cube."""
    experiment = workflow.experiments[at["experiment"]]
    kind = KINDS[experiment.kind]
    if not kind.measured:
        plans = workflow.shards(at["experiment"])
        size = 0.0
        for plan in plans:
            parts = _bytes(_shards.of(kind, plan)[0], len(plan.checkpoints), {})
            size += max(parts.values(), default=0.0)
        return Size(NUMPY.memory + 4.0 * size, 30 + 0.2 * len(plans) + size / 2e7, 30)
    plans = workflow.shards(at["experiment"])
    rows = sum(plan.size * len(plan.checkpoints) for plan in plans)
    numbers = len(experiment.measure.metrics) * len(experiment.measure.batch_norm_modes)
    size = 8.0 * rows * (50 * numbers + 20)
    return Size(NUMPY.memory + 4.0 * size, 30 + 0.2 * len(plans) + size / 2e7, 30)


def _judged(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """A few files of text."""
    return Size(NUMPY.memory, NUMPY.seconds, NUMPY.seconds)


def _of_files(workflow: Workflow, at: Mapping[str, str]) -> Size:
    """Rules that read cubes: by what stands of these on the disk."""
    if not at:
        cubes = [f"{workflow.results}/cubes/{name}" for name in workflow.atlas_cubes()]
    elif "figure" in at:
        cubes = [f"{workflow.results}/cubes/{name}" for name in workflow.drawn_from(at["figure"])]
    elif workflow.kind(at["experiment"]).has_grid:
        cubes = [f"{workflow.results}/cubes/{at['experiment']}"]
    else:
        cubes = list(workflow.sources_of(at["experiment"]).values())
    size = _UNPACKED * sum(_on_disk(f"{cube}.zarr.zip") for cube in cubes)
    return Size(PLOTS.memory + size, PLOTS.seconds + size / 1e7, PLOTS.seconds)


def _on_disk(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


_SIZES: dict[str, Callable[[Any, Mapping[str, str]], Size]] = {
    "prepare_dataset": _prepared,
    "train": _trained,
    "measure": _measured,
    "simulate": _simulated,
    "probe": _probed,
    "assemble_cube": _assembled,
    "assemble_points": _assembled,
    "write_claims": _judged,
}

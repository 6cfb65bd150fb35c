"""What a GPU gives: one prepared script for whoever has a card, eight minutes at most.

    python benchmarks/gpu.py [--out build/gpu] [--minutes 8] [--data-dir FOLDER] [--dry]

Four parts, each with seconds of its own; what one leaves goes to the last, and what does not fit is
left out in words:

- workflow: the smoke phase diagram by `snakemake --workflow-profile profiles/gpu` in a copy of the
  repository, its cubes against those of a CPU run beside it, and shards trained again: same bits?
- alike: networks trained on the CPU and on the card in double precision, and twice on the card.
- slot: milliseconds a network-epoch, share of the card's peak and memory, by members a slot.
- diagram: the four panels of the published phase diagram (preset `paper`, 1,920 runs) trained and
  measured in this process, in the shards of `profiles/gpu`, as large as the card can use. Those,
  and the shards of 40 runs that other places have, are first extrapolated from a few epochs of each
  kind of shard; where the whole does not fit into what is left of the time, that is all.

Writes `gpu.md`, a table, and `gpu.json` to the folder of `--out`. Status 1 where a tolerance or the
same bits are not held, or the workflow fails; 2 without a card, with a table that is empty and says
so. `--dry` runs every part on the CPU, with little to do, to try the script.

Tolerances, stated. Double precision: losses of two epochs within 1e-6, relative. Single precision,
of the smoke diagram's cubes: data separations D at most 1e-3 apart in the median over layers, modes
and runs, accuracies at most 0.05; thirty epochs of Adam make 5e-5 and 0.02 of roundings alone,
between the two backends on one CPU.

The peak is computed: multiprocessors × FP32 results a clock and multiprocessor × 2 × the highest
clock that the driver tells. Results a clock: CUDA C++ Programming Guide, table "Throughput of
Native Arithmetic Instructions". FLOP of networks: those of `layeratlas.kinds.cost`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
import xarray as xr  # noqa: E402

from layeratlas.backends import Backend  # noqa: E402
from layeratlas.backends.cpu import CpuBackend  # noqa: E402
from layeratlas.backends.torch_backend import TorchBackend  # noqa: E402
from layeratlas.bounded.documents import read_json  # noqa: E402
from layeratlas.config.reading import read_yaml  # noqa: E402
from layeratlas.cubes.opening import open_cube  # noqa: E402
from layeratlas.datasets.preparation import prepare  # noqa: E402
from layeratlas.datasets.recipe import recipe_of  # noqa: E402
from layeratlas.engine import archive  # noqa: E402
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.engine.settings import TrainingSettings  # noqa: E402
from layeratlas.engine.state import ShardResult  # noqa: E402
from layeratlas.kinds.cost import training_flop  # noqa: E402
from layeratlas.measure import measure_shard  # noqa: E402
from layeratlas.networks.registry import create_family  # noqa: E402
from layeratlas.papers.spring_block.panels import PANELS  # noqa: E402
from layeratlas.provenance.ask.history import log  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402
from layeratlas.workflow.planning import Workflow  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
#: What a copy of the workflow needs.
COPIED = ("Snakefile", "config", "data/reference", "envs", "profiles", "rules", "scripts", "src")
LOSSES_ALIKE, MEDIAN_OF_D, ACCURACIES = 1e-6, 1e-3, 0.05
GOAL = 60.0
#: Compute capability → FP32 results a clock and multiprocessor.
RESULTS_A_CLOCK = {
    (5, 0): 128, (5, 2): 128, (5, 3): 128, (6, 0): 64, (6, 1): 128, (6, 2): 128, (7, 0): 64,
    (7, 2): 64, (7, 5): 64, (8, 0): 64, (8, 6): 128, (8, 7): 128, (8, 9): 128, (9, 0): 128,
    (10, 0): 128, (12, 0): 128,
}  # fmt: skip
IMAGES = 2560
W2 = {
    "family": "mlp", "depth": 8, "width": 100, "batch_norm": True,
    "initialization": "uniform_fan_in",
}  # fmt: skip
W1 = {**W2, "batch_norm": False}
CNN = {"family": "block_cnn", "depth": 3, "channels": 8, "batch_norm": True}


class TimeIsOver(BaseException):
    """The seconds of a part are used up. No Exception: nothing on the way may swallow it."""


@dataclass
class Row:
    """A line of the table; `holds` is what a check said, None where there was none."""

    part: str
    what: str
    number: str
    note: str = ""
    holds: bool | None = None


@dataclass
class Report:
    """The table as far as it is, written after each part."""

    out: Path
    heading: str
    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, *row: Any, **more: Any) -> None:
        self.rows.append(made := Row(*row, **more))
        print(f"{made.part}: {made.what}: {made.number} {made.note}".rstrip(), flush=True)
        self.write()

    def write(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        words = {None: "", True: "holds", False: "**FAILS**"}
        lines = [
            self.heading,
            "",
            "| part | what | number | check | note |",
            "|---|---|---|---|---|",
        ]
        for row in self.rows:
            cells = (row.part, row.what, row.number, words[row.holds], row.note)
            lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
        (self.out / "gpu.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        told = {
            "heading": self.heading,
            "facts": self.facts,
            "rows": [asdict(r) for r in self.rows],
        }
        (self.out / "gpu.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Asked:
    """`device` is `cuda`, or `cpu` in a dry run."""

    device: str
    dry: bool
    data_dir: str | None = None

    @property
    def name(self) -> str:
        if self.device == "cpu":
            return "A dry run on the CPU, no card"
        return f"One {torch.cuda.get_device_name()}"

    def backend(self, dtype: str = "float32") -> Backend:
        return TorchBackend(self.device, dtype)

    def wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()


@contextmanager
def at_most(seconds: float) -> Iterator[Callable[[], float]]:
    """Raises TimeIsOver in the block when its seconds are over; yields how many are left."""
    end = time.monotonic() + seconds

    def over(number: int, frame: FrameType | None) -> None:
        raise TimeIsOver

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield lambda: end - time.monotonic()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- the workflow ---------------------------------------------------------------------------
@dataclass
class Copy:
    """A copy of the workflow in a folder of its own, whose results are empty."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Copy:
        for name in COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                # Compiled kernels come along: compiling takes a minute.
                shutil.copytree(source, target, ignore=cls._others)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        return cls(folder)

    @staticmethod
    def _others(folder: str, names: list[str]) -> list[str]:
        """Experiments that the diagram is not made of."""
        if Path(folder) != ROOT / "config" / "experiments":
            return []
        return [name for name in names if not name.startswith("phase_diagram")]

    def start(self, target: str, *options: str, **config: Any) -> subprocess.Popen[bytes]:
        settings = {"preset": "smoke", "verbose": False, "download": False, **config}
        command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/gpu"]
        command += [*options, "--config", *(f"{k}={v}" for k, v in settings.items()), "--", target]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with (self.folder / "snakemake.txt").open("ab") as said:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        lines = (self.folder / "snakemake.txt").read_text(errors="replace").splitlines()
        errors = [line for line in lines if "rror" in line]
        return (errors or lines or ["nothing"])[-1][:200]

    def hashes(self, kind: str) -> dict[str, str]:
        """Content hashes of what is published, by file."""
        files = sorted((self.folder / "results" / "smoke" / kind).rglob("*.json"))
        told = {str(path.relative_to(self.folder)): read_json(path, 2**24) for path in files}
        return {name: t["content_hash"] for name, t in told.items() if "content_hash" in t}


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Whatever happens, nothing of it is left running."""
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=10)


def workflow(report: Report, asked: Asked, left: Callable[[], float]) -> None:
    """`profiles/gpu` end to end, beside the CPU, and trainings again."""
    target, again = "figures/phase_diagram.pdf", "results/smoke/cubes/phase_diagram_batch_size.json"
    if asked.dry:
        target = again = "results/smoke/cubes/phase_diagram_dropout.json"
    with tempfile.TemporaryDirectory(prefix="layeratlas-gpu-") as temporary:
        ours, theirs = (Copy.make(Path(temporary) / name) for name in ("card", "cpu"))
        start = time.perf_counter()
        with (
            ended(ours.start(target, device=asked.device)) as on_card,
            ended(theirs.start(target, device="cpu")) as on_cpu,
        ):
            failed = on_card.wait() != 0
            taken = time.perf_counter() - start
            jobs = None if failed else log(root=ours.folder, status="ok")
            number = "failed" if jobs is None else f"{taken:.0f} s"
            note = ours.said() if jobs is None else f"{len(jobs)} jobs; a CPU run worked beside it"
            report.add("workflow", f"profiles/gpu: {target}", number, note, holds=not failed)
            if jobs is None:
                return
            on_gpu = jobs[jobs["rule"].isin(("train", "measure"))]
            if asked.device == "cuda":
                # They take turns, so that all else hides behind them.
                report.facts["seconds a job"] = taken / max(len(on_gpu), 1)
            report.add(
                "workflow",
                "a job on the card, of its own account",
                f"{on_gpu['wall_seconds'].median():.1f} s",
                f"median of {len(on_gpu)}; starting Snakemake and Python comes on top",
            )
            if on_cpu.wait() != 0:
                report.add("workflow", "the same on the CPU", "failed", theirs.said(), holds=False)
                return
        compare(report, ours.folder, theirs.folder)
        before = ours.hashes("shards")
        with ended(ours.start(again, "--forcerun", "train", device=asked.device)) as process:
            failed = process.wait() != 0
        trained = len(log(root=ours.folder, status="ok", rule="train"))
        repeated = trained - int((jobs["rule"] == "train").sum())
        same = not failed and repeated > 0 and ours.hashes("shards") == before
        words = ours.said() if failed else f"content hashes of shards; {repeated} trained again"
        report.add("workflow", "same bits twice", "yes" if same else "NO", words, holds=same)


def compare(report: Report, ours: Path, theirs: Path) -> None:
    """Cubes of the card against those of the CPU."""
    apart, accuracies, cubes = [], [0.0], 0
    for path in sorted((ours / "results" / "smoke" / "cubes").glob("phase_diagram_*.zarr.zip")):
        with open_cube(path) as mine, open_cube(theirs / path.relative_to(ours)) as other:
            cubes += 1
            d = mine["layers"]["data_separation"] - other["layers"]["data_separation"]
            apart.append(np.abs(d.values[np.isfinite(d.values)]))
            for name in ("train_accuracy", "test_accuracy"):
                difference = mine["evaluation"][name] - other["evaluation"][name]
                accuracies.append(float(np.nanmax(np.abs(difference.values))))
    values = np.concatenate(apart)
    median = float(np.median(values))
    report.add(
        "workflow",
        "D to the CPU's cubes, float32: median distance",
        f"{median:.1e}",
        f"at most {MEDIAN_OF_D:g}; the largest {values.max():.1e}; {len(values)} of {cubes} cubes",
        holds=median <= MEDIAN_OF_D,
    )
    most = max(accuracies)
    note = f"at most {ACCURACIES:g}"
    report.add("workflow", "accuracies apart", f"{most:.3f}", note, holds=most <= ACCURACIES)


# --- alike ----------------------------------------------------------------------------------
def plan_of(
    model: Mapping[str, Any], members: int, epochs: int, dtype: str = "float32", **training: Any
) -> ShardPlan:
    """A shard whose members differ in slope, rate, noise and dropout, trained by Adam."""
    settings = TrainingSettings(optimizer="adam", epochs=epochs, early_stop=None, **training)

    def cycle(*values: float) -> tuple[float, ...]:
        return tuple(values[i % len(values)] for i in range(members))

    return ShardPlan(
        key="benchmark",
        run_ids=tuple(map(str, range(members))),
        shared={"dtype": dtype, "model": dict(model), "training": settings.model_dump()},
        members={
            "negative_slope": cycle(0.0, 0.2, 0.6),
            "dropout": cycle(0.1, 0.0),
            "learning_rate": cycle(1e-3, 5e-4),
            "label_noise": cycle(0.0, 0.3),
            "input_noise": cycle(0.0, 0.3),
            "seed": tuple(range(members)),
        },
        checkpoints=(epochs,),
    )


def images(shape: tuple[int, ...], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten clouds around random centres, and which."""
    rng = np.random.default_rng(0)
    y = rng.integers(10, size=count)
    x = rng.normal(size=(10, *shape))[y] + rng.normal(size=(count, *shape))
    return x.astype(np.float32), y


def trained(asked: Asked, plan: ShardPlan, x, y, backend: Backend, **more: Any):
    """Result and seconds of a training."""
    asked.wait()
    start = time.perf_counter()
    result = train_shard(plan, x, y, n_outputs=10, backend=backend, **more)
    asked.wait()
    return result, time.perf_counter() - start


def alike(report: Report, asked: Asked, left: Callable[[], float]) -> None:
    """The CPU's numbers, and the same bits twice."""
    count = 200 if asked.dry else 1000
    cases: dict[str, tuple[Mapping[str, Any], tuple[int, ...], dict[str, Any], bool]] = {
        "MLP, batch 100": (W1, (784,), {"batch_size": 100}, False),
        "MLP, batch norm, full batch": (W2, (100,), {"batch_size": "full"}, False),
        # On the CPU, too, in torch: what differs is the card alone.
        "block CNN, batch 50": (CNN, (1, 12, 12), {"batch_size": 50}, True),
    }
    for name, (model, shape, training, in_torch) in cases.items():
        x, y = images(shape, count)
        exact = plan_of(model, 3, 2, "float64", **training)
        cpu = TorchBackend("cpu", "float64") if in_torch else CpuBackend("float64")
        here, _ = trained(asked, exact, x, y, cpu)
        there, _ = trained(asked, exact, x, y, asked.backend("float64"))
        difference = float(np.abs(there.train_loss / here.train_loss - 1).max())
        report.add(
            "alike",
            f"losses to the CPU's, float64, {name}",
            f"{difference:.1e}",
            f"relative, at most {LOSSES_ALIKE:g}",
            holds=difference <= LOSSES_ALIKE,
        )
        plan = plan_of(model, 6 if asked.dry else 32, 3, **training)
        first, second = (trained(asked, plan, x, y, asked.backend())[0] for _ in range(2))
        same = all(
            value.tobytes() == second.arrays()[key].tobytes()
            for key, value in first.arrays().items()
        )
        report.add("alike", f"same bits twice, {name}", "yes" if same else "NO", holds=same)


# --- slot -----------------------------------------------------------------------------------
def peak() -> tuple[float, str] | None:
    """FLOP a second of the card in single precision, and how that was computed; None where the
    driver does not tell the clock, or the card is not in the table."""
    found = torch.cuda.get_device_properties(0)
    results = RESULTS_A_CLOCK.get((found.major, found.minor))
    megahertz = (
        highest_clock(str(getattr(found, "uuid", ""))) or getattr(found, "clock_rate", 0) / 1e3
    )
    if results is None or not megahertz:
        return None
    flop = found.multi_processor_count * results * 2 * megahertz * 1e6
    words = f"{found.multi_processor_count} × {results} × 2 × {megahertz / 1e3:.3f} GHz"
    return flop, words


def highest_clock(uuid: str) -> float:
    """Megahertz that the driver tells of a card, of its first where it does not know that one; 0
    where it tells nothing."""
    query = ["nvidia-smi", "--query-gpu=clocks.max.sm", "--format=csv,noheader,nounits"]
    # The driver numbers cards differently than torch.
    for command in ([*query, f"--id=GPU-{uuid.removeprefix('GPU-')}"], query):
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
            return float(told.stdout.split("\n")[0])
    return 0.0


def product_rate(asked: Asked, size: int) -> float:
    """FLOP a second of one large product, the best of five."""
    a = torch.randn(size, size, device=asked.device)
    out = torch.empty_like(a)
    taken = []
    for _ in range(6):
        asked.wait()
        start = time.perf_counter()
        torch.mm(a, a, out=out)
        asked.wait()
        taken.append(time.perf_counter() - start)
    return 2 * float(size) ** 3 / min(taken[1:])


def flop_of_epoch(features: int, count: int) -> float:
    """6 × images × multiply-adds, as `layeratlas.kinds.cost` counts."""
    return 6.0 * count * (features * 100 + 6 * 100**2 + 100 * 10)


def slot(report: Report, asked: Asked, left: Callable[[], float]) -> None:
    """Members a slot: time, share of the peak, memory."""
    top = peak() if asked.device == "cuda" else None
    if top is not None:
        report.facts["peak"] = top[0]
        note = f"computed: {top[1]}"
        report.add("slot", "fp32 peak of the card", f"{top[0] / 1e12:.1f} TFLOP/s", note)
    elif asked.device == "cuda":
        report.add("slot", "fp32 peak of the card", "unknown", "not in the table, or no clock told")
    size = 256 if asked.dry else 8192
    asked.backend()  # TF32 off, as in training
    rate = product_rate(asked, size)
    share = f"{rate / top[0]:.0%} of the peak" if top else ""
    report.add("slot", f"one {size}³ product, fp32", f"{rate / 1e12:.2f} TFLOP/s", share)
    for name, model, features, batch in (
        ("100-100×7-10, batch norm, full batch", W2, 100, "full"),
        ("784-100×7-10, batch 100", W1, 784, 100),
    ):
        members_of(report, asked, name, model, features, batch)


def members_of(
    report: Report,
    asked: Asked,
    name: str,
    model: Mapping[str, Any],
    features: int,
    batch: int | str,
) -> None:
    """One network, with more and more members a slot."""
    members, count = ((1, 3), 100) if asked.dry else ((1, 8, 40, 128, 512), IMAGES)
    x, y = images((features,), count)
    top = report.facts.get("peak")
    memory = {}
    for e in members:
        if asked.device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

        def plan(epochs: int, e: int = e) -> ShardPlan:
            return plan_of(model, e, epochs, batch_size=batch)

        taken, _ = seconds_an_epoch(asked, plan, x, y, slot_size=e)
        if asked.device == "cuda":
            memory[e] = torch.cuda.max_memory_allocated()
        rate = e * flop_of_epoch(features, count) / taken
        note = f"{rate / 1e12:.2f} TFLOP/s" + (f", {rate / top:.1%} of the peak" if top else "")
        report.add("slot", f"{name}: {e} members", f"{1e3 * taken / e:.3f} ms/network-epoch", note)
    family = create_family(model, (features,), 10, tokens=False)
    size = count if batch == "full" else min(int(batch), count)
    chosen = asked.backend().slot_size(family.parameters.width, size, family.graph_size)
    note = "memory of a member: on a card alone"
    if memory:
        few, many = members[-2:]
        each = (memory[many] - memory[few]) / (many - few)
        note = f"of {each / 2**20:.1f} MiB each, from {few} to {many} members"
    report.add("slot", f"{name}: members a slot, by the backend", str(chosen), note)


def seconds_an_epoch(
    asked: Asked, plan: Callable[[int], ShardPlan], x, y, **more: Any
) -> tuple[float, float]:
    """Seconds of an epoch, and of what comes before the first: from trainings of two lengths."""
    trained(asked, plan(1), x, y, asked.backend(), **more)
    _, short = trained(asked, plan(1), x, y, asked.backend(), **more)
    _, longer = trained(asked, plan(3), x, y, asked.backend(), **more)
    epoch = max(longer - short, 1e-9) / 2
    if epoch < 0.05 and not asked.dry:
        # Too short to be told from the start: as many as take a second.
        epochs = 3 + min(int(1.0 / epoch), 500)
        _, long = trained(asked, plan(epochs), x, y, asked.backend(), **more)
        epoch = max(long - short, 1e-9) / (epochs - 1)
    return epoch, max(short - epoch, 0.0)


# --- the published diagram ------------------------------------------------------------------
class Diagram:
    """The four panels as the workflow plans them."""

    def __init__(self, asked: Asked):
        self._asked = asked
        place = read_yaml(ROOT / "profiles" / "gpu" / "place.yaml")
        settings = {**place, "preset": "smoke" if asked.dry else "paper"}
        self._atlas = Workflow(settings, ROOT)
        self._default = Workflow({**settings, "minutes_per_job": None}, ROOT)
        names = [panel.experiment for panel in PANELS]
        self.names = ["phase_diagram_dropout"] if asked.dry else names
        self._sets: dict[str, xr.Dataset] = {}
        first = self._atlas.runs(self.names[0])[0]
        self.source = first.settings["dataset"]["source"]
        if self.source == "mnist" and asked.data_dir is None:
            self.source = "mnist_5k"

    def planned(self, default: bool = False) -> list[tuple[str, ShardPlan]]:
        """Experiment and shard, with profiles/gpu, or by `default`, where no place says more."""
        atlas = self._default if default else self._atlas
        return [(name, plan) for name in self.names for plan in atlas.shards(name)]

    def dataset(self, plan: ShardPlan) -> xr.Dataset:
        settings = {**plan.shared["dataset"], "source": self.source}
        key = json.dumps(settings, sort_keys=True)
        if key not in self._sets:
            self._sets[key] = prepare(
                recipe_of(settings), data_dir=self._asked.data_dir, download=False, progress=False
            )
        return self._sets[key]

    def arrays(self, plan: ShardPlan) -> tuple[np.ndarray, np.ndarray]:
        dataset = self.dataset(plan)
        return dataset["train_inputs"].values, dataset["train_targets"].values

    def flop(self, name: str, plan: ShardPlan) -> float:
        """Of a shard none of whose runs ends early."""
        runs = {run.id: run for run in self._atlas.runs(name)}
        return sum(training_flop(runs[i].settings) or 0.0 for i in plan.run_ids)

    def seconds(self, plans: Sequence[tuple[str, ShardPlan]]) -> float:
        """Of training all of them, no run ending early, from a few epochs of each kind of shard."""
        kinds: dict[str, tuple[int, ShardPlan]] = {}
        for _, plan in plans:
            told = json.dumps([plan.shared, plan.size], sort_keys=True)
            kinds[told] = kinds.get(told, (0, plan))[0] + 1, plan
        total = 0.0
        for number, plan in kinds.values():
            x, y = self.arrays(plan)
            epoch, start = seconds_an_epoch(self._asked, lambda n, p=plan: shorter(p, n), x, y)
            total += number * (start + epoch * plan.shared["training"]["epochs"])
        return total

    def train(self, plan: ShardPlan) -> tuple[ShardResult, float]:
        return trained(self._asked, plan, *self.arrays(plan), self._asked.backend())

    def measure(self, name: str, plan: ShardPlan, result: ShardResult) -> float:
        """Seconds."""
        family = create_family(
            plan.shared["model"], self.arrays(plan)[0].shape[1:], 10, tokens=False
        )
        tree = archive.to_tree(plan, family, result, name)
        given = json.loads(self._atlas.measure_json(name, plan.key))
        start = time.perf_counter()
        measure_shard(
            plan,
            tree,
            self.dataset(plan),
            metrics=given["metrics"],
            batch_norm_modes=given["batch_norm_modes"],
            backend=self._asked.backend(),
        )
        return time.perf_counter() - start


def shorter(plan: ShardPlan, epochs: int) -> ShardPlan:
    """The same for so many epochs, which no run ends before."""
    training = {**plan.shared["training"], "epochs": epochs, "early_stop": None}
    return replace(plan, shared={**plan.shared, "training": training}, checkpoints=(epochs,))


def diagram(report: Report, asked: Asked, left: Callable[[], float]) -> None:
    """The published diagram, whole where it fits, else extrapolated."""
    panels = Diagram(asked)
    runs = sum(plan.size for _, plan in panels.planned())
    report.facts["images"] = panels.source
    variants = {"of profiles/gpu": panels.planned(), "of 40 runs": panels.planned(default=True)}
    told = {name: panels.seconds(plans) for name, plans in variants.items()}
    for name, plans in variants.items():
        what = f"{runs:,} runs, shards {name} ({len(plans)})"
        flop = sum(panels.flop(*one) for one in plans)
        report.add(
            "diagram",
            f"training, {what}: extrapolated",
            f"{told[name]:.0f} s",
            f"no run ending early, from a few epochs of each kind of shard; {flop / 1e15:.2f} "
            f"PFLOP, {_share(report, flop, told[name])}",
        )
        if seconds := report.facts.get("seconds a job"):
            report.add(
                "diagram",
                f"jobs of the workflow, {what}",
                f"{2 * len(plans) * seconds:.0f} s",
                f"two a shard, at {seconds:.1f} s each of the smoke run, on top of training",
            )
    name, plans = next(iter(variants.items()))
    if told[name] > 0.8 * left():
        words = f"{told[name]:.0f} s do not fit into the {max(left(), 0):.0f} s that are left"
        report.add("diagram", f"training, shards {name}: as it is", "left out", words)
        return
    training, measuring, flop = [], [], 0.0
    for experiment, plan in plans:
        result, seconds = panels.train(plan)
        training.append(seconds)
        whole = plan.size * plan.shared["training"]["epochs"]
        flop += panels.flop(experiment, plan) * float(result.epochs_run.sum()) / whole
        measuring.append(panels.measure(experiment, plan, result))
    report.add(
        "diagram",
        f"training, {runs:,} runs, shards {name} ({len(plans)}): as it is",
        f"{sum(training):.0f} s",
        f"images of {panels.source}; goal {GOAL:g} s on an H100; {flop / 1e15:.2f} PFLOP done, "
        f"{_share(report, flop, sum(training))}; {statistics.median(training):.1f} s a shard",
    )
    report.add(
        "diagram", "measuring them", f"{sum(measuring):.0f} s", "D and its variants, accuracies"
    )


def _share(report: Report, flop: float, seconds: float) -> str:
    rate = flop / seconds
    top = report.facts.get("peak")
    return f"{rate / 1e12:.2f} TFLOP/s" + (f", {rate / top:.1%} of the peak" if top else "")


# --------------------------------------------------------------------------------------------
#: Part → its seconds, out of 480; the last has what is left.
PARTS: dict[str, tuple[Callable[[Report, Asked, Callable[[], float]], None], float]] = {
    "workflow": (workflow, 190.0),
    "alike": (alike, 50.0),
    "slot": (slot, 60.0),
    "diagram": (diagram, 480.0),
}


def measured(report: Report, asked: Asked, seconds: float) -> int:
    """All parts; the status to end with."""
    end = time.monotonic() + seconds
    for name, (part, own) in PARTS.items():
        mine = min(own * seconds / 480, end - time.monotonic())
        if mine < 1:
            report.add(name, "all of it", "left out", "the time was over")
            continue
        start = time.perf_counter()
        try:
            with at_most(mine) as left:
                part(report, asked, left)
        except TimeIsOver:
            report.add(name, "the rest of it", "left out", f"its {mine:.0f} s were over")
        except Exception as error:
            # The other parts may well work.
            traceback.print_exc()
            words = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            report.add(name, "the rest of it", "failed", words, holds=False)
        report.facts[f"seconds of {name}"] = round(time.perf_counter() - start, 1)
        if asked.device == "cuda":
            torch.cuda.empty_cache()
    report.write()
    failed = [f"{row.part}: {row.what}" for row in report.rows if row.holds is False]
    if failed:
        print(f"does not hold: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gpu")
    parser.add_argument("--minutes", type=float, default=8.0, help="at most, all parts together")
    parser.add_argument("--data-dir", help="a folder with MNIST's files; else its bundled 5,000")
    parser.add_argument("--dry", action="store_true", help="on the CPU, little to do: to try it")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if not given.dry and not torch.cuda.is_available():
        heading = (
            f"No card was at hand: torch {torch.__version__} finds none. Nothing was measured."
        )
        Report(given.out, heading).write()
        print(heading, file=sys.stderr)
        return 2
    asked = Asked("cpu" if given.dry else "cuda", given.dry, given.data_dir)
    report = Report(given.out, "")
    # Not before the workflow: a card may be lent to one process at a time.
    report.heading = "Not all of it is measured yet."
    status = measured(report, asked, 60 * given.minutes)
    report.heading = f"{asked.name}, torch {torch.__version__}, {time.strftime('%Y-%m-%d')}."
    report.write()
    print(f"written: {given.out / 'gpu.md'}, {given.out / 'gpu.json'}")
    return status


if __name__ == "__main__":
    sys.exit(main())

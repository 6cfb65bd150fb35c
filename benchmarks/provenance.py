"""What questions to a store of 10,000 records cost, against scanning the JSON files.

    python benchmarks/provenance.py [--records 10000] [--output results-provenance.json]

The synthetic store holds experiments of 40 shards: a data set each four experiments, a shard and a
measurement each, a cube an experiment, a figure of four cubes. Baseline of each question: read
every record file with the json module, link files by hash, walk the links in memory; nothing kept.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from layeratlas import dependents, lineage, log
from layeratlas.bounded.seals import sealed
from layeratlas.provenance.record.configuration import configuration_hash
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.writing import record_bytes, record_name
from layeratlas.provenance.store.index import INDEX
from layeratlas.provenance.tell.drawing import to_svg

SHARDS = 40


def digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


def file(path: str, role: str) -> dict:
    content = digest("content " + path) if path.endswith(".zarr.zip") else None
    return {"path": path, "role": role, "digest": digest(path), "size": 1000,
            "content_hash": content}  # fmt: skip


class Writer:
    """Writes records until there are `wanted`."""

    def __init__(self, root: Path, wanted: int):
        self.folder, self.wanted, self.written = root / RECORDS, wanted, 0
        packages = {f"package{i}": f"{i}.0" for i in range(15)}
        self.common = {
            "schema_version": 1,
            "status": "ok",
            "wall_seconds": 30.0,
            "cpu_seconds": 29.0,
            "code": {"source": digest("source"), "fingerprint": "0" * 16, "version": "0.1.0",
                     "commit": "c" * 40, "dirty": False},
            "environment": {"hash": digest("environment"), "python": "3.11", "packages": packages},
            "machine": {"host": "node", "platform": "Linux", "cpu": "x86"},
        }  # fmt: skip

    def job(self, rule: str, inputs: list, outputs: list, value: dict, **activity) -> None:
        n = self.written
        moment = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=40 * n)
        started, record_id = moment.isoformat(), f"{moment:%Y%m%dT%H%M%S}Z-{n:08x}"
        record = self.common | {
            "id": record_id,
            "activity": {"rule": rule, "preset": "paper", **activity},
            "started": started,
            "ended": started,
            "configuration": {"hash": configuration_hash(value), "value": value},
            "inputs": inputs,
            "outputs": outputs,
        }
        path = self.folder / record_name(record_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record_bytes(sealed(record)))
        self.written += 1


def build(root: Path, wanted: int) -> tuple[str, str, str]:
    """Fill a store; returns a figure, a data set's content hash, and a source all share."""
    writer = Writer(root, wanted)
    figures, e = [], 0
    while writer.written < wanted:
        data = file(f"results/paper/datasets/{e:016d}.zarr.zip", "data")
        recipe = {"source": "mnist", "n_train": 60000, "subset_seed": e}
        writer.job(
            "prepare_dataset", [], [data], {"recipe": recipe}, wildcards={"key": f"{e:016d}"}
        )
        cubes = []
        for _ in range(4):
            name = f"experiment_{e}"
            measured = []
            for s in range(SHARDS):
                plan = {"plan": {"key": f"{e}-{s}", "shared": {"dataset": recipe},
                                 "members": {"seed": list(range(100))}}}  # fmt: skip
                which = {"experiment": name, "wildcards": {"experiment": name, "key": f"{s:016d}"}}
                shard = file(f"results/paper/shards/{name}/{s:016d}.zarr.zip", "shard")
                result = file(f"results/paper/measurements/{name}/{s:016d}.zarr.zip", "measurement")
                writer.job("train", [data], [shard], plan, **which)
                writer.job("measure", [shard, data], [result], plan, **which)
                measured.append(result)
            cube = file(f"results/paper/cubes/{name}.zarr.zip", "cube")
            writer.job("assemble_cube", measured, [cube], {"plan": {"title": name}},
                       experiment=name, wildcards={"experiment": name})  # fmt: skip
            cubes.append(cube)
            e += 1
        drawn = [file(f"results/paper/figures/f{e}.{kind}", "figure") for kind in ("pdf", "png")]
        writer.job("draw_figure", cubes, drawn, {}, figure=f"f{e}", wildcards={"figure": f"f{e}"})
        figures.append(drawn[0]["path"])
    return figures[len(figures) // 2], "mnist", digest("source")


def scan(root: Path) -> list[dict]:
    return [json.loads(path.read_bytes()) for path in (root / RECORDS).glob("*/*.json")]


def identity(entry: dict) -> str:
    return entry["content_hash"] or entry["digest"]


def scan_ancestors(root: Path, path: str) -> int:
    maker = {}
    start = None
    for record in scan(root):
        for out in record["outputs"]:
            maker[identity(out)] = record
            start = identity(out) if out["path"] == path else start
    seen, todo = {start}, [start]
    while todo:
        for entry in maker[todo.pop()]["inputs"]:
            if identity(entry) not in seen:
                seen.add(identity(entry))
                todo.append(identity(entry))
    return len(seen)


def scan_dependents(root: Path, source: str) -> int:
    readers: dict[str, list[dict]] = {}
    todo: list[dict] = []
    for record in scan(root):
        for entry in record["inputs"]:
            readers.setdefault(identity(entry), []).append(record)
        recipe = record["configuration"]["value"].get("recipe", {})
        if recipe.get("source") == source:
            todo.append(record)
    seen, files = {record["id"] for record in todo}, 0
    while todo:
        for out in todo.pop()["outputs"]:
            files += 1
            for reader in readers.get(identity(out), ()):
                if reader["id"] not in seen:
                    seen.add(reader["id"])
                    todo.append(reader)
    return files


def timed(question: Callable[[], object], repeats: int) -> dict:
    seconds, busy = [], []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        answer = question()
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
    return {
        "median_cpu_seconds": round(statistics.median(busy), 4),
        "median_seconds": round(statistics.median(seconds), 4),
        "worst_seconds": round(max(seconds), 4),
        "repeats": repeats,
        "rows": answer if isinstance(answer, int) else len(answer),  # type: ignore[arg-type]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    here = Path(__file__).parent / "results-provenance.json"
    parser.add_argument("--output", type=Path, default=here)
    given = parser.parse_args()
    n = given.repeats
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        figure, data, source = build(root, given.records)
        one = lineage(figure, root).iloc[-1]["content_hash"]
        drawn = lineage(figure, root)
        (root / INDEX).unlink()
        results = {
            "index built": timed(lambda: len(log(root, limit=1)), 1),
            "index size (bytes)": (root / INDEX).stat().st_size,
            "lineage of a figure": timed(lambda: lineage(figure, root), n),
            "dependents of a data set (one recipe)": timed(lambda: dependents(one, root), n),
            "dependents of a data set (by name, all)": timed(lambda: dependents(data, root), n),
            "dependents of a code": timed(lambda: dependents(source, root), n),
            "log of everything": timed(lambda: log(root), n),
            "drawing a lineage": timed(lambda: len(to_svg(drawn)), n),
            "baseline, scanning JSON: lineage": timed(lambda: scan_ancestors(root, figure), 3),
            "baseline, scanning JSON: dependents by name": timed(
                lambda: scan_dependents(root, data), 3
            ),
        }
        records = sum(1 for _ in (root / RECORDS).glob("*/*.json"))
    report = {
        "records": records,
        "shards an experiment": SHARDS,
        "cpu": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "results": results,
    }
    given.output.write_text(json.dumps(report, indent=2) + "\n")
    for name, value in results.items():
        text = str(value)
        if isinstance(value, dict):
            text = f"{value['median_seconds']:.3f} s  (cpu {value['median_cpu_seconds']:.3f} s)"
        print(f"{name:<48}{text}")


if __name__ == "__main__":
    main()

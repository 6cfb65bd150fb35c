"""Synthetic stores: records written with the contract's classes, files real or made up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.record.configuration import configuration_hash
from layeratlas.provenance.record.files import mark_in
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import (
    Activity,
    Code,
    Configuration,
    Environment,
    FileState,
    Machine,
    Record,
)
from layeratlas.provenance.record.writing import record_bytes, record_name
from layeratlas.storage import file_digest, read_manifest

START = datetime(2023, 5, 17, 8, 0, tzinfo=UTC)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def made_up(path: str, content: str | None = None, role: str = "data") -> FileState:
    """A file that exists in records only."""
    content = content or path
    return FileState(
        path=path,
        role=role,
        digest=sha(f"bytes {content}"),
        size=1000,
        content_hash=sha(content) if path.endswith(".zarr.zip") else None,
    )


class Store:
    """A project folder; `job` adds a record a minute after the last one."""

    def __init__(self, root: Path):
        self.root = root
        self.jobs = 0
        (root / "provenance" / "records").mkdir(parents=True, exist_ok=True)
        (root / "store" / "objects").mkdir(parents=True, exist_ok=True)

    def state(self, path: str, role: str) -> FileState:
        """The state of a real file."""
        place = self.root / path
        content = read_manifest(place).content_hash if path.endswith(".zarr.zip") else None
        return FileState(
            path=path,
            role=role,
            digest=file_digest(place),
            size=place.stat().st_size,
            content_hash=content,
            mark=mark_in(place),
        )

    def state_of_bytes(self, path: str, role: str = "data") -> FileState:
        """As `state`, for files that are no archives."""
        place = self.root / path
        size = place.stat().st_size
        return FileState(path=path, role=role, digest=file_digest(place), size=size)

    def job(self, rule: str, inputs=(), outputs=(), *, settings=None, **given) -> Record:
        started = START + timedelta(minutes=self.jobs)
        value = settings or {}
        packages = given.get("packages", {"numpy": "2.4.6"})
        record = Record(
            id=f"{started:%Y%m%dT%H%M%S}Z-{abs(self.jobs):06d}",
            activity=Activity(
                rule=rule,
                wildcards=given.get("wildcards", {}),
                preset=given.get("preset", "smoke"),
                experiment=given.get("experiment"),
                figure=given.get("figure"),
            ),
            status=given.get("status", "ok"),
            error=given.get("error"),
            started=started.isoformat(),
            ended=given.get("ended", (started + timedelta(seconds=30)).isoformat()),
            wall_seconds=given.get("wall_seconds", 30.0),
            cpu_seconds=28.5,
            peak_memory_bytes=given.get("peak_memory_bytes"),
            frame_memory_bytes=given.get("frame_memory_bytes"),
            requested=given.get("requested"),
            code=Code(
                source=given.get("source", sha("source")),
                fingerprint=given.get("fingerprint"),
                version=given.get("version", "0.1.0"),
                commit=given.get("commit", sha("commit")[:40]),
                dirty=given.get("dirty", False),
            ),
            environment=Environment(
                hash=sha(json.dumps(packages)), python="3.11.7", packages=packages
            ),
            machine=Machine(host=given.get("host", "node1"), platform="Linux", cpu="x86"),
            configuration=Configuration(hash=configuration_hash(value), value=value),
            seeds=(1, 2),
            after=given.get("after"),
            replaced=given.get("replaced", {}),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
        )
        self.write(record)
        self.jobs += 1
        return record

    def write(self, record: Record) -> Path:
        path = self.root / RECORDS / record_name(record.id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(record_bytes(sealed(record.model_dump(mode="json"))))
        return path

    def edit(self, path: Path, change: Callable[[dict], None]) -> None:
        """Change what a record says, and seal it anew."""
        document = json.loads(path.read_bytes())
        change(document)
        path.write_bytes(record_bytes(sealed(document)))

    def records(self) -> list[Path]:
        return sorted((self.root / "provenance" / "records").rglob("*.json"))

    @property
    def index(self) -> Path:
        return self.root / "provenance" / "index.sqlite"


def pipeline(root: Path, shards: int = 3, experiments: int = 1, dataset: str = "mnist_5k") -> Store:
    """Data set → shards → measurements → cube(s) → figure → figure shown, in records only."""
    store = Store(root)
    data = made_up("results/smoke/datasets/0123456789abcdef.zarr.zip")
    recipe = json.dumps({"source": dataset, "n_train": 10})
    store.job(
        "prepare_dataset",
        outputs=[data],
        settings={"recipe": recipe, "code": "x"},
        wildcards={"key": "0123456789abcdef"},
    )
    cubes = []
    for e in range(experiments):
        name = f"experiment_{e}"
        measurements = []
        for s in range(shards):
            key = sha(f"{name} {s}")[:16]
            which = {"experiment": name, "wildcards": {"experiment": name, "key": key}}
            shard = made_up(f"results/smoke/shards/{name}/{key}.zarr.zip", role="shard")
            plan = {"plan": {"key": key, "shared": {"dataset": {"source": dataset}}}}
            store.job("train", [data], [shard], settings=plan, **which)
            measured = made_up(
                f"results/smoke/measurements/{name}/{key}.zarr.zip", role="measurement"
            )
            store.job("measure", [shard, data], [measured], settings=plan, **which)
            measurements.append(measured)
        cube = made_up(f"results/smoke/cubes/{name}.zarr.zip", role="cube")
        store.job(
            "assemble_cube",
            measurements,
            [cube],
            experiment=name,
            wildcards={"experiment": name},
            settings={"plan": {"description": {"title": name, "seeds": [1, 2]}}},
        )
        cubes.append(cube)
    drawn = [made_up(f"results/smoke/figures/f.{kind}", f"f {kind}") for kind in ("pdf", "png")]
    about = {"figure": "f", "wildcards": {"figure": "f"}}
    store.job("draw_figure", cubes, drawn, settings={"preset": "smoke"}, **about)
    shown = [made_up(f"figures/f.{kind}", f"f {kind}") for kind in ("pdf", "png")]
    store.job("show_figure", drawn, shown, **about)
    return store


def altered(store: Store, number: int, code: dict) -> None:
    """Write a record anew, by its number, with another state of its code."""
    store.edit(store.records()[number], lambda said: said["code"].update(code))

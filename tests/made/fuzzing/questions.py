"""What reads the files that a project keeps, as questions: asked in the project, with its answer.

A question is told which file was spoiled, and answers with what it was told or found: text of a
command, or plain values of a function. The working folder is the project's.
"""

from __future__ import annotations

import hashlib
import json
import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from made.fuzzing.corpus import FIGURE, PRESET, SIGNERS, STATE_IDENTITY

Question = Callable[[str], Any]
QUESTIONS: dict[str, Question] = {}
OUT = Path("../out")
SHOWN = f"figures/{FIGURE}.pdf"


def question(ask: Question) -> Question:
    QUESTIONS[ask.__name__] = ask
    return ask


class Command(Exception):  # noqa: N818  (no error: how a command's exit status comes back)
    """A command ended with this status."""


def _command(*arguments: str) -> Any:
    from layeratlas.cli import main

    raise Command(main(list(arguments)))


def _commands() -> None:
    """A question for each command line below; `{}` is the spoiled file."""
    table = {
        "lineage": f"lineage {SHOWN} --json",
        "lineage_told": f"lineage {SHOWN}",
        "lineage_drawn": f"lineage {SHOWN} --graph svg",
        "lineage_of": "lineage {} --json",
        "lineage_of_told": "lineage {} --all",
        "dependents": "dependents digits --json",
        "dependents_of": "dependents {}",
        "diff": f"diff {FIGURE}@1 {FIGURE}@2 --json",
        "diff_of": f"diff {{}} {SHOWN}",
        "diff_cubes": f"diff {{}} results/smoke/cubes/{FIGURE}.zarr.zip",
        "compare": "compare results/smoke results/smoke",
        "stale": "stale --json",
        "stale_told": "stale",
        "verify": "verify --json",
        "verify_told": "verify",
        "verify_one": "verify {}",
        "verify_signed": f"verify --json --signers {SIGNERS}",
        "log": "log --json",
        "log_told": "log",
        "versions": f"versions {FIGURE} --json",
        "versions_told": f"versions {FIGURE}",
        "pin_again": f"pin {FIGURE}@2 again --json",
        "crate": f"crate {SHOWN} {OUT}/crate",
        "crate_of": f"crate {{}} {OUT}/of.zip",
        "gc": "store gc --json",
        "gc_told": "store gc",
    }
    for name, line in table.items():
        words = line.split(" ")
        QUESTIONS[name] = lambda spoiled, words=words: _command(
            *(spoiled if word == "{}" else word for word in words)
        )


_commands()


# --- archives ---------------------------------------------------------------------------------
@question
def tree(spoiled: str) -> Any:
    """Every value of an archive."""
    from layeratlas.storage import content_hash, open_datatree

    with open_datatree(spoiled) as found:
        content = content_hash(found.load())
        return [content.root, content.leaves]


@question
def groups(spoiled: str) -> Any:
    """The top group alone, lazily; then its values."""
    from layeratlas.storage import open_dataset

    with open_dataset(spoiled) as found:
        return [repr(found.attrs), {str(n): v.values.tolist() for n, v in found.variables.items()}]


@question
def cube(spoiled: str) -> Any:
    from layeratlas import open_cube

    with open_cube(spoiled) as found:
        return {node.path: dict(node.sizes) for node in found.subtree}


@question
def unpacked(spoiled: str) -> Any:
    from layeratlas.storage.export import unpack

    folder = unpack(spoiled, OUT / "unpacked.zarr")
    return sorted((str(p.relative_to(folder)), _sha(p)) for p in folder.rglob("*") if p.is_file())


@question
def netcdf(spoiled: str) -> Any:
    from layeratlas.storage.export import to_netcdf

    return str(to_netcdf(spoiled, "root" if "/root" in spoiled else "", OUT / "exported.nc"))


@question
def older(spoiled: str) -> Any:
    """A version that only the object store has."""
    import layeratlas
    from layeratlas.storage import content_hash

    with layeratlas.open(f"{FIGURE}@1") as found:
        return content_hash(found.load()).root


@question
def manifest(spoiled: str) -> Any:
    from layeratlas.storage import read_manifest

    return read_manifest(spoiled).to_dict()


# --- documents --------------------------------------------------------------------------------
@question
def records(spoiled: str) -> Any:
    """All records, whole."""
    from layeratlas.provenance.store.reading import read_records

    return [record.model_dump(mode="json") for record in read_records(".")]


@question
def pinned(spoiled: str) -> Any:
    from layeratlas.provenance.store.pins import pins

    return pins(".")


@question
def ledger(spoiled: str) -> Any:
    """The shards that the workflow would have, as its jobs are told them."""
    atlas = _atlas()
    return {
        name: [plan.to_json() for plan in atlas.shards(name)] for name in sorted(atlas.assembled())
    }


@question
def reasons(spoiled: str) -> Any:
    """What would run again, and why."""
    atlas = _atlas()
    return {f"{rule} {at}": atlas.receipts.reason(rule, at) for rule, at in _jobs(atlas)}


@question
def receipts(spoiled: str) -> Any:
    """What a receipt says, where it is believed; None where jobs run again."""
    if any(reasons(spoiled).values()):
        return None
    document = json.loads(Path(spoiled).read_bytes())
    return {name: document.get(name) for name in ("params", "inputs", "outputs")}


@question
def codes(spoiled: str) -> Any:
    """Fingerprints of the code of every job, with what is remembered of files beside the code."""
    from layeratlas.workflow import fingerprints

    # The code is the tests' own, linked; what it remembers of it lies in the project.
    fingerprints._ROOT = Path("src/layeratlas").absolute()
    for known in (fingerprints._memory, fingerprints._read, fingerprints._read_file):
        known.cache_clear()
    atlas = _atlas()
    return {f"{rule} {at}": atlas.param(rule, "code", at) for rule, at in _jobs(atlas)}


@question
def claims(spoiled: str) -> Any:
    """The scoreboard, as the rule `claims` prints it."""
    from made.recording import snakemake_object

    job = snakemake_object("claims", {"claims": [spoiled]}, {}, {}, {})
    job.config = {"preset": PRESET, "device": "cpu", "verbose": False}
    try:
        runpy.run_path("scripts/show_claims.py", {"snakemake": job}, "__main__")
    except SystemExit as ended:
        # The frame's own way to end a job with one sentence.
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            raise Command(2) from None
        raise
    return None


@question
def identity(spoiled: str) -> Any:
    from layeratlas.figures.output import read_identity

    return read_identity(Path(spoiled))


@question
def state(spoiled: str) -> Any:
    """The state from which an interrupted training goes on; None: it starts anew."""
    from layeratlas.engine import checkpoint

    found = checkpoint.load(Path(spoiled), STATE_IDENTITY)
    return None if found is None else {name: found[name].tolist() for name in sorted(found)}


@question
def crate_read(spoiled: str) -> Any:
    """What a reader of a crate sees: its members, by any program that reads zip archives."""
    try:
        with zipfile.ZipFile(spoiled) as crate:
            return {name: hashlib.sha256(crate.read(name)).hexdigest() for name in crate.namelist()}
    except Exception as error:  # of zipfile, zlib, struct: they are not ours to mend
        print(error, file=sys.stderr)
        raise Command(2) from None


# --- configuration ----------------------------------------------------------------------------
@question
def planned(spoiled: str) -> Any:
    """Every experiment, planned as the rules ask for it."""
    return _planned(_atlas())


@question
def configured(spoiled: str) -> Any:
    """config/config.yaml, as the Snakefile reads it."""
    from layeratlas.config.workflow import workflow_config

    return workflow_config([Path("config/config.yaml")], {}).model_dump()


@question
def settings(spoiled: str) -> Any:
    """`--config` of the command line, whose words are those of the file `spoiled`."""
    from snakemake.cli import parse_config

    from layeratlas.config.workflow import workflow_config

    words = json.loads(Path(spoiled).read_text(encoding="utf-8"))
    try:
        given = parse_config(words)
    except ValueError as error:
        return f"Snakemake refuses them: {error}"
    return workflow_config([Path("config/config.yaml")], given).model_dump()


@question
def command(spoiled: str) -> Any:
    """A command line of `layeratlas`, whose words are those of the file `spoiled`."""
    return _command(*json.loads(Path(spoiled).read_text(encoding="utf-8")))


@question
def dry_run(spoiled: str) -> Any:
    """What Snakemake would run; as people start it."""
    command = [str(Path(sys.executable).with_name("snakemake")), "-n", "--cores", "1"]
    done = subprocess.run(
        [*command, SHOWN, "--config", f"preset={PRESET}"], capture_output=True, text=True
    )
    told = done.stdout + done.stderr
    # An error of our code is told as "KeyError in file …, line …", one of Snakemake's own as
    # WorkflowError.
    wrong = re.search(r"^Traceback|^(?!Workflow)\w*(Error|Exception) in (file|rule)", told, re.M)
    if wrong:
        raise RuntimeError(told[-2000:])
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise Command(2)
    return None


# --- helpers ----------------------------------------------------------------------------------
def _atlas() -> Any:
    from layeratlas.workflow.planning import Workflow

    return Workflow({"preset": PRESET}, Path.cwd())


def _planned(atlas: Any) -> Any:
    names = list(atlas.experiments)
    shards = {name: [plan.key for plan in atlas.shards(name)] for name in atlas.assembled()}
    plans = {name: atlas.cube_plan(name) for name in names}
    datasets = {name: atlas.recipes_of(name) for name in atlas.of_stage("train")}
    return [names, shards, datasets, plans]


def _jobs(atlas: Any) -> list[tuple[str, dict[str, str]]]:
    """The jobs of the corpus."""
    found: list[tuple[str, dict[str, str]]] = []
    for name in atlas.experiments:
        kind, at = atlas.kind(name), {"experiment": name}
        if not kind.has_grid:
            found.append((kind.stage, at))
            continue
        for plan in atlas.shards(name):
            which = at | {"key": plan.key}
            found.append((kind.stage, which))
            if kind.measured:
                found.append(("prepare_dataset", {"key": atlas.dataset_key(plan)}))
                found.append(("measure", which))
        found.append(("assemble_cube", at))
    rules = ("draw_figure", "check_claims", "show_figure", "export_crate")
    return found + [(rule, {"figure": FIGURE}) for rule in rules]


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

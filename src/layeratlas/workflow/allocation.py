"""A batch script of SLURM in which one allocation runs the whole workflow.

For places where submissions are rationed: instead of a job of SLURM for each job of the workflow,
Snakemake runs inside one allocation and starts its jobs as processes there. The script knows when
its time ends and ends in order:

    SLURM's signal, `margin` before the end     SIGTERM to Snakemake alone: it starts nothing more
                                                and waits for the jobs at work
    4/5 of the margin left                      the same, where no signal came
    1/4 of the margin left                      whatever still runs is given up

Jobs read that last moment in `LAYERATLAS_DEADLINE`, seconds since 1970. Results appear whole or not
at all and a training goes on from its checkpoint, so the same script, handed in or requeued again,
goes on with what is missing. What comes back, comes back by one way: `scontrol requeue` of the same
job, of which there can be only one.
"""

from __future__ import annotations

import math
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import layeratlas
from layeratlas.errors import ConfigError, LayerAtlasError
from layeratlas.provenance.ask.history import log
from layeratlas.provenance.store.leftovers import STATE_SUFFIX
from layeratlas.words import named, quoted

_SHORTEST = 180
_LONGEST = 365 * 86_400
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")
_MEMORY = re.compile(r"[1-9][0-9]{0,8}[KMGT]?")
_CONFIG = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_UNMOUNTS = ("fusermount -u", "fusermount3 -u", "umount")
_SQUASHED, _CONTAINER, _PACKED = (".sqsh", ".squashfs"), (".sif",), (".tar",)


@dataclass(frozen=True)
class Allocation:
    """What is asked of SLURM, checked: ConfigError for what SLURM or a shell would misread.

    `hours` is the time limit, whole minutes of it; `memory` as SLURM takes it (`16G`), None for
    the partition's own. `again` brings the job back while it makes progress.
    """

    hours: float
    cpus: int = 8
    memory: str | None = None
    gpus: int = 0
    partition: str | None = None
    account: str | None = None
    again: bool = False

    def __post_init__(self) -> None:
        if not _SHORTEST <= self.hours * 3600 <= _LONGEST:  # nan is neither
            raise ConfigError(
                f"--hours {self.hours:g}: an allocation takes hours, from 0.05 (three minutes) to "
                f"{_LONGEST // 3600}."
            )
        if not 1 <= self.cpus <= 100_000:
            raise ConfigError(f"--cpus {self.cpus}: at least 1; as many jobs run at once.")
        if not 0 <= self.gpus <= 64:
            raise ConfigError(
                f"--gpus {self.gpus}: from 0 to 64; each job works on one of its own."
            )
        if self.memory is not None and not _MEMORY.fullmatch(self.memory):
            raise ConfigError(
                f"--mem {quoted(self.memory, 40)}: memory is a whole number and K, M, G or T, as "
                "16G; without a letter it is MB."
            )
        for option, value, several in (
            ("partition", self.partition, True),
            ("account", self.account, False),
        ):
            names = [] if value is None else value.split(",") if several else [value]
            if not all(_NAME.fullmatch(name) for name in names):
                raise ConfigError(
                    f"--{option} {quoted(value, 60)}: names are made of letters, digits and _ . @ "
                    f"+ -{', with commas between several' if several else ''}."
                )

    @property
    def minutes(self) -> int:
        """The time limit as SLURM counts."""
        return math.floor(self.hours * 60 + 1e-6)

    @property
    def margin(self) -> int:
        """Seconds before the limit at which nothing new is started: a tenth of the time, from one
        minute to five."""
        return min(max(self.minutes * 6, 60), 300)

    def lines(self, name: str) -> list[str]:
        """The options of sbatch; `name` is what allocations that must take turns share."""
        asked = {
            "job-name": name,
            # Two in a folder would make everything twice: of those handed in, one runs.
            "dependency": "singleton",
            "nodes": 1,
            "ntasks": 1,
            "cpus-per-task": self.cpus,
            "mem": self.memory,
            "gres": f"gpu:{self.gpus}" if self.gpus else None,
            "time": self.minutes,
            "partition": self.partition,
            "account": self.account,
            "signal": f"B:TERM@{self.margin}",
        }
        given = [f"--{option}={value}" for option, value in asked.items() if value is not None]
        return [f"#SBATCH {text}" for text in (*given, "--requeue", "--open-mode=append")]


def batch_script(
    asked: Allocation,
    targets: Sequence[str] = (),
    *,
    folder: str | Path = ".",
    settings: Sequence[str] = (),
    image: str | Path | None = None,
    python: str = sys.executable,
) -> str:
    """The script, for `sbatch`.

    `targets` and `settings` (`preset=paper`) are Snakemake's; `folder` is where results go, the
    clone or another. Jobs run in the environment of `python`, or in `image`, one file that holds an
    environment: a squashfs or tar of `envs/pack.sh`, or a container (.sif). ConfigError for what a
    shell, SLURM or Snakemake would take for something else.
    """
    here = Path(folder).absolute()
    clone = here if (here / "Snakefile").is_file() else Path(layeratlas.__file__).parents[2]
    if not here.is_dir():
        raise ConfigError(f"{named(here)} is no folder: allocations work in one that is there.")
    if not (clone / "Snakefile").is_file():
        raise ConfigError(
            f"{named(clone)} has no Snakefile: the workflow is run from a clone, not from an "
            "installed package; go there, or name it with --root."
        )
    for setting in settings:
        if not _CONFIG.fullmatch(setting):
            raise ConfigError(f"--config {quoted(setting, 60)}: settings are written KEY=VALUE.")
    for target in targets:
        # Snakemake would take it for a setting, or for an option of its own.
        if not target or target.startswith("-"):
            raise ConfigError(f"target {quoted(target, 60)}: targets are names of files or rules.")
    for text in (*targets, *settings, str(here), str(clone), str(image or ""), python):
        if not text.isprintable():
            raise ConfigError(f"{quoted(text, 60)} holds characters that no script should.")
    profile = "profiles/gpu" if asked.gpus else "profiles/default"
    workflow = ["--workflow-profile", profile]
    if clone != here:
        workflow += ["--directory", str(here)]
    words = {
        "FOLDER": shlex.quote(str(here)),
        "CLONE": shlex.quote(str(clone)),
        "SOURCE": shlex.quote(str(clone / "src")),
        "PYTHON": _interpreter(asked, here, clone, image, python),
        "WORKFLOW": shlex.join(workflow),
        "WHAT": shlex.join([*(["--config", *settings] if settings else []), "--", *targets]),
        "GPUS": str(max(asked.gpus, 1)),
        "LIMIT": str(asked.minutes * 60),
        "MARGIN": str(asked.margin),
        "AGAIN": "yes" if asked.again else "no",
    }
    name = f"layeratlas-{sha256(str(here).encode()).hexdigest()[:8]}"
    body = re.sub(r"@([A-Z]+)@", lambda found: words[found[1]], _BODY)
    return "\n".join(["#!/bin/bash", *asked.lines(name), body])


def _interpreter(
    asked: Allocation, here: Path, clone: Path, image: str | Path | None, python: str
) -> str:
    """Lines of bash that put the command of the interpreter into the array `python`."""
    if image is None:
        return f"python=({shlex.quote(python)})"
    file = Path(image).absolute()
    known = (*_SQUASHED, *_CONTAINER, *_PACKED)
    if file.suffix not in known:
        raise ConfigError(
            f"--image {named(file)}: an environment in one file is {', '.join(known)}."
        )
    if not file.is_file():
        raise ConfigError(f"--image {named(file)} is not there; envs/pack.sh makes one.")
    if file.suffix in _CONTAINER:
        binds = [
            word for folder in dict.fromkeys([here, clone]) for word in ("--bind", str(folder))
        ]
        card = ["--nv"] if asked.gpus else []
        return f"python=({shlex.join(['apptainer', 'exec', *card, *binds, str(file), 'python'])})"
    if file.suffix in _SQUASHED:
        put = f"squashfuse {shlex.quote(str(file))}"
        away = " ||\n        ".join(f'{command} "$place" 2>/dev/null' for command in _UNMOUNTS)
        away = f'{away}\n    rmdir "$place"'
    else:
        put = f"tar --extract --file={shlex.quote(str(file))} --directory"
        away = 'rm -rf "$place"'
    return _PLACE.strip().replace("@PUT@", put).replace("@AWAY@", away)


_PLACE = r"""
# The environment's one file, made a folder on the node's own disk for as long as the job runs.
place=$(mktemp -d "${TMPDIR:-/tmp}/layeratlas-XXXXXXXX") || exit 1
leave() {
    @AWAY@
}
trap leave EXIT
@PUT@ "$place" || exit 1
python=("$place/bin/python")"""

_BODY = r"""
# Printed by `layeratlas allocation`: Snakemake runs in this allocation, its jobs beside it. Hand it
# in with sbatch, again whenever work is left: what is there stays, a training goes on from its
# checkpoint. What must not happen: two Snakemakes in one folder.
: "${SLURM_JOB_ID:?hand this script in: sbatch SCRIPT}"
folder=@FOLDER@
# Profiles name files by where they lie in the clone.
cd -- @CLONE@ || exit 1
export PYTHONPATH=@SOURCE@${PYTHONPATH:+:$PYTHONPATH}
say() { echo "$(date '+%F %T') allocation $SLURM_JOB_ID: $*"; }
started=$(date +%s)
margin=@MARGIN@
again=@AGAIN@

# When the time ends, in seconds since 1970. Jobs are told the moment at which they are given up.
end=${SLURM_JOB_END_TIME:-}
if [ -z "$end" ]; then
    end=$(squeue --noheader --format=%e --jobs="$SLURM_JOB_ID")
    end=$(date -d "${end:-unknown}" +%s) || end=$((started + @LIMIT@))
fi
left() { echo $((end - $(date +%s))); }
export LAYERATLAS_DEADLINE=$((end - margin / 4))

@PYTHON@
snakemake=("${python[@]}" -m snakemake @WORKFLOW@)

# SIGTERM goes to Snakemake alone, not to its jobs.
told='' main=''
trap 'if [ -z "$told" ]; then told=yes; [ -z "$main" ] || kill -TERM "$main"; fi' TERM

# A note says who works here. One that a killed allocation left tells that Snakemake's lock, too, is
# nobody's. A lock without a note is another Snakemake's, and it says so.
note=$folder/.layeratlas/allocation
mkdir -p "$folder/.layeratlas" || exit 1
if ! (set -o noclobber && echo "$SLURM_JOB_ID" >"$note") 2>/dev/null; then
    before=$(cat "$note")
    if [ "$before" != "$SLURM_JOB_ID" ]; then
        if ! at_work=$(squeue --noheader --format=%A --user="$(id -u)" \
            --states=RUNNING,SUSPENDED,COMPLETING); then
            say "SLURM does not say whether job $before is at work here, as $note tells"
            exit 1
        elif grep -qx -e "$before" <<<"$at_work"; then
            say "job $before is at work in $folder, which one does at a time"
            exit 1
        fi
    fi
    echo "$SLURM_JOB_ID" >"$note" || exit 1
    "${snakemake[@]}" --unlock || exit 1
fi

first=$(($(left) - margin * 4 / 5))
if [ -n "$told" ] || [ "$first" -le 0 ]; then
    say "its time ended before it could start"
    rm -f "$note"
    exit 1
fi
timeout --foreground --preserve-status --signal=KILL "$(($(left) - margin / 4))" \
    timeout --foreground --preserve-status --signal=TERM "$first" \
    "${snakemake[@]}" --cores "$SLURM_CPUS_PER_TASK" \
    --resources gpu=@GPUS@ ${SLURM_MEM_PER_NODE:+"mem_mb=$SLURM_MEM_PER_NODE"} \
    @WHAT@ &
main=$!
wait "$main"
status=$?
# A signal ends a wait, not Snakemake.
while kill -0 "$main" 2>/dev/null; do
    wait "$main"
    status=$?
done
say "status $status of Snakemake, $(left) s before the limit"
if [ "$status" -lt 128 ]; then
    rm -f "$note"
else
    # Given up, it leaves its lock, and so its note, and jobs that not every SLURM would find.
    told=yes
    kill -TERM 0
fi
[ "$status" -ne 0 ] || exit 0

# Work is left. It comes back by one way: SLURM requeues what it takes away itself, and what was
# cancelled stays so. In both cases the job is not running any more.
if ! job=$(scontrol show job "$SLURM_JOB_ID") || ! grep -q 'JobState=RUNNING' <<<"$job"; then
    exit "$status"
fi
# The limit may have been moved meanwhile.
moved=$(sed -n 's/.*\bEndTime=\([0-9T:-]*\).*/\1/p' <<<"$job")
[ -z "$moved" ] || end=$(date -d "$moved" +%s)
if grep -q ' PreemptTime=[0-9]' <<<"$job"; then
    say "preempted, with some time to end in: it comes back"
    scontrol requeue "$SLURM_JOB_ID"
elif [ -z "$told" ] && [ "$(left)" -gt "$((margin * 4 / 5))" ] ||
    [ "$(left)" -gt "$((margin + 90))" ]; then
    say "ended before its time: what failed stands above"
elif [ "$again" != yes ]; then
    say "work is left: hand this script in again"
elif ! "${python[@]}" -m layeratlas.workflow.allocation "$started" "$folder"; then
    say "no progress in this time: it does not come back"
else
    scontrol requeue "$SLURM_JOB_ID" || sbatch "$0"
fi
exit "$status"
"""


@dataclass(frozen=True)
class Progress:
    """What came of an allocation: jobs that ended well, trainings that are further than before."""

    jobs: int
    trainings: int

    def __str__(self) -> str:
        return f"{self.jobs} jobs ended well, {self.trainings} trainings have a later checkpoint"


def progress(since: float, folder: str | Path = ".") -> Progress:
    """What was done in a folder since a moment, in seconds since 1970.

    A job that ended well is never asked for again, and a checkpoint is written after further steps
    only: with no end of progress there is an end of work.
    """
    root = Path(folder)
    jobs = 0
    if (root / "provenance").is_dir():
        jobs = len(log(root, since=datetime.fromtimestamp(since, UTC), status="ok"))
    states = (root / "results").glob(f"*/shards/*/*{STATE_SUFFIX}")
    return Progress(jobs, sum(path.stat().st_mtime >= since for path in states))


def main(arguments: Sequence[str]) -> int:
    """Print the progress since a moment in a folder, for the script; 1 where there is none."""
    since, folder = arguments
    try:
        made = progress(float(since), folder)
    except LayerAtlasError as error:
        print(f"layeratlas: {error}", file=sys.stderr)
        return 2
    print(made)
    return 0 if made.jobs or made.trainings else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

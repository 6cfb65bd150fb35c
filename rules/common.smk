# What all rules share: the plan of this invocation and the names that wildcards may take.
import atexit
import gc
import inspect
import os
import re
from contextlib import suppress
from functools import partial

from snakemake.logging import logger

from layeratlas.papers import PAPERS
from layeratlas.provenance.record.origin import read_origin
from layeratlas.workflow.earlier import used_before
from layeratlas.workflow.environment import bring, set_up
from layeratlas.workflow.estimate import estimate, told, told_of_freed
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.receipts import SINCE, not_ahead, now_there
from layeratlas.workflow.report.labels import (
    CLAIMS,
    MAPS,
    category,
    labels,
    labels_of_claims,
    labels_of_map,
)
from layeratlas.workflow.requests import NAMES, Requests
from layeratlas.workflow.terminal.showing import Showing

# A graph of ten thousand jobs is millions of objects that all stay: looking through them for
# garbage again and again would take a quarter of the time.
gc.set_threshold(100_000, 20, 100)


# Snakemake would say at every start that it remembers nothing; so it is told (profiles/default).
# Nor need it say that results of failed jobs stay: they are whole, or not there.
NOT_SAID = (
    "missing provenance/metadata",
    "Missing metadata for file",
    "--keep-incomplete mode is set",
)
logger.addFilter(lambda record: not any(words in str(record.msg) for words in NOT_SAID))


# One line on the terminal; jobs plan again, and would say it again.
def warn(sentence):
    if workflow.is_main_process:
        print(f"Warning: {sentence}", file=sys.stderr)


# One meaning for all: jobs take from `config` what was read in rules/settings.smk.
config.clear()
config.update(SETTINGS.model_dump())
try:
    if note := set_up(SOURCE):
        print(note, file=sys.stderr)
    # Jobs plan what they need: the process that started them has checked the rest.
    checks = "new" if workflow.is_main_process else "asked"
    atlas = Workflow(config, Path(workflow.basedir), warn=warn, checks=checks)
    experiments = tuple(atlas.experiments)
except LayerAtlasError as error:
    sys.exit(f"Error: {error}")
if atlas.unread and workflow.is_main_process:
    print(f"Note: {atlas.unread}", file=sys.stderr)

RESULTS = str(atlas.results)
# Where this is an unpacked crate: which.
ORIGIN = read_origin(Path(workflow.basedir))


# Text in which Snakemake looks for {wildcards}, for a path that happens to hold braces.
def verbatim(path):
    return str(path).replace("{", "{{").replace("}", "}}")


ENVIRONMENT = verbatim(Path(workflow.basedir) / "envs" / "layeratlas.yaml")


# A pattern for one of several names.
def one_of(names):
    return "|".join(names) or "no_experiment"


wildcard_constraints:
    experiment=one_of(experiments),
    figure="|".join(atlas.figures),
    key="[0-9a-f]{16}",
    metric="[a-z][a-z0-9_]*",
    ext="pdf|png|svg",


# A function of wildcards whose refusal ends the run with its one sentence.
def in_words(function):
    def call(wildcards):
        try:
            return function(wildcards)
        except LayerAtlasError as error:
            sys.exit(f"Error: {error}")

    # Snakemake asks for it at every call.
    call.__signature__ = inspect.signature(call)
    return call


# What a rule asks of its script, by name (all that determines a result besides the files read).
def asked(rule):
    def one(name):
        return in_words(
            lambda wildcards: atlas.param(rule, name, dict(wildcards.items()))
        )

    return {name: one(name) for name in JOBS[rule].names}


# What jobs ask of a scheduler. A job that was sent elsewhere is told nothing of it, and asks the
# same records, as its controller left their index. Where jobs go, Snakemake knows once it has read
# the rules.
REQUESTS = Requests(
    atlas,
    alone=lambda: workflow.is_main_process and workflow.local_exec,
    used=partial(used_before, refresh=workflow.is_main_process),
)


# What the terminal shows: see layeratlas.workflow.terminal.
SHOWING = Showing(workflow, atlas, REQUESTS)
SHOWING.offer()


# The resources of a rule, by name: mem_mb, runtime, gpu, cpus_per_task, and what goes on record.
def requests(rule):
    def one(name):
        def resource(wildcards, attempt):
            return REQUESTS.of(rule, dict(wildcards.items()), attempt)[name]

        return resource

    # Jobs come by the ten thousand: what is the same for all is no function.
    fixed = REQUESTS.fixed(rule)
    return {name: fixed[name] if name in fixed else one(name) for name in NAMES}


# Times of files mean nothing after a copy or a clone: receipts say what must run again (see
# layeratlas.workflow.receipts). A job for which they do gets one input more, newer than its
# results; one for which they do not reads files that are `ancient`, whatever their times. Outputs
# are marked `update`: what a job replaces stays until the new one stands.
def changed(rule):
    @in_words
    def reason(wildcards):
        at = dict(wildcards.items())
        outputs = [str(path).format(**at) for path in getattr(rules, rule).output]
        return atlas.receipts.changed(rule, at, outputs)

    return reason


# What is finished from now on need not be done again by a job that this workflow starts: another's,
# after a controller was killed, or a scheduler's second of the same.
def tell_jobs_since():
    os.environ[SINCE] = str(now_there(Path("results")))


# What training will cost, once the jobs are known: before they start, or after a dry run.
def tell_cost():
    # A dry run has finished all of them.
    needed = workflow.dag.needrun_jobs(exclude_finished=False)
    trained = [job.wildcards for job in needed if job.rule.name == "train"]
    shards = [(wildcards.experiment, wildcards.key) for wildcards in trained]
    if sentence := told(estimate(atlas, shards), atlas.config.preset):
        print(f"Note: {sentence}", file=sys.stderr)
    if sentence := told_of_freed(atlas.results, shards):
        print(f"Note: {sentence}", file=sys.stderr)


@atexit.register
def tell_cost_of_dry_run():
    if workflow.is_main_process and workflow.dryrun and workflow._dag is not None:
        tell_cost()


# Snakemake wants a log of every job, and most have nothing to say. Removed when all is done, since it
# makes one again where a job did so itself.
def remove_empty_logs():
    for path in Path(RESULTS, "logs").rglob("*.log"):
        with suppress(OSError):
            if not path.stat().st_size:
                path.unlink()


# Of files that a job read, those that are there, where the job is finished: what is gone since (a data
# set, weights) it does not need, and Snakemake would do it again once another job had them made.
def without_gone(rule, at, found):
    files = [found] if isinstance(found, str) else list(found)
    there = [path for path in files if os.path.exists(path)]
    if len(there) == len(files) or not workflow.is_main_process:
        return found
    settings = workflow.dag_settings
    if settings.forceall or settings.forcetargets or settings.forcerun:
        return found
    outputs = [str(path).format(**at) for path in getattr(rules, rule).output]
    return there if all(map(os.path.lexists, outputs)) else found


# Files that a rule reads, given by a pattern, several, or a function of its wildcards.
def reads(rule, files):
    @in_words
    def paths(wildcards):
        at = dict(wildcards.items())
        if callable(files):
            found = files(wildcards)
        elif isinstance(files, str):
            found = files.format(**at)
        else:
            found = [str(pattern).format(**at) for pattern in files]
        runs = atlas.receipts.reason(rule, at)
        if not runs:
            return ancient(without_gone(rule, at, found))
        # Not ancient where the job runs: Snakemake would pass over it for an ancient input.
        not_ahead([found] if isinstance(found, str) else found)
        return found

    return paths


# Functions that give the files a job reads, by what its wildcards name.
def shard_dataset(suffix):
    def path(wildcards):
        plan = atlas.shard(wildcards.experiment, wildcards.key)
        return f"{RESULTS}/datasets/{atlas.dataset_key(plan)}{suffix}"

    return path


def trained_shard(suffix):
    def path(wildcards):
        experiment = atlas.trained(wildcards.experiment)
        return f"{RESULTS}/shards/{experiment}/{wildcards.key}{suffix}"

    return path


def cube_of_map(suffix):
    return lambda w: atlas.map_of(w.experiment, w.metric) + suffix


def results_of(suffix):
    return lambda w: [f"{path}{suffix}" for path in atlas.results_of(w.experiment)]


def cubes_of(suffix):
    return lambda w: [
        f"{RESULTS}/cubes/{name}{suffix}" for name in atlas.drawn_from(w.figure)
    ]


def cubes_with_runs_of(suffix):
    return lambda w: [
        f"{RESULTS}/cubes/{name}{suffix}" for name in atlas.taken_from(w.experiment)
    ]


def source_of(role, suffix):
    return lambda w: atlas.sources_of(w.experiment)[role] + suffix


def sources_of(suffix):
    return lambda w: [path + suffix for path in atlas.sources_of(w.experiment).values()]


def references_of(w):
    return [
        bring(Path("data/reference") / name, Path(workflow.basedir))
        for name in atlas.figure(w.figure).references
    ]


# Files of the figures, or of the experiments, in the atlas' page, by a pattern.
def in_atlas(pattern):
    return lambda w: [pattern.format(figure=name) for name in atlas.in_atlas()]


def atlas_cubes(suffix):
    return lambda w: [f"{RESULTS}/cubes/{name}{suffix}" for name in atlas.atlas_cubes()]


# Files in which a figure is shown besides its pages: as a table, and moving.
def also_shown(w):
    return [path for path in atlas.shown([w.figure]) if not path.endswith(".pdf")]

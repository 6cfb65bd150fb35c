"""What is wrong ends `snakemake -n` in one sentence: no traceback, no wait."""

from __future__ import annotations

import os

import pytest
from made.warmed import run

CONFIG = "config/config.yaml"
X = "config/experiments/x.yaml"


def refusal(clone, *arguments: str) -> str:
    """The one sentence that a dry run ends in."""
    done = run("snakemake", ["-n", *arguments], clone.folder, timeout=60)
    told = done.stdout + done.stderr
    assert done.returncode != 0, told
    assert "Traceback" not in told
    sentences = [line for line in told.splitlines() if line.startswith("Error: ")]
    assert len(sentences) == 1, told
    assert len(sentences[0]) <= 400
    return sentences[0].removeprefix("Error: ")


def written(clone, name: str, content: str, *arguments: str) -> str:
    """The refusal where a file holds this (`TINY` stands for a right experiment)."""
    tiny = (clone.folder / "config/experiments/tiny.yaml").read_text()
    content = content.replace("TINY", tiny)
    path = clone.folder / name
    before = path.read_bytes() if path.exists() else None
    try:
        path.write_text(content)
        return refusal(clone, *arguments)
    finally:
        path.unlink()
        if before is not None:
            path.write_bytes(before)


def test_a_key_given_twice_in_config_yaml(clone):
    told = written(clone, CONFIG, "preset: smoke\npreset: laptop\n")
    assert told == f"{CONFIG}: not valid YAML: line 2: the key 'preset' appears twice; keep one"


def test_an_experiment_that_would_vanish(clone):
    told = written(clone, X, 'TINY\ntemplate: "false"\n')
    assert told.endswith("x.yaml: template: expected true or false, got 'false'")


def test_one_meaning_for_jobs_too(clone):
    """1e2 is text in YAML 1.1, by which Snakemake reads; 'null' on its command line too."""
    path = clone.folder / CONFIG
    before = path.read_bytes()
    show = clone.folder / "rules/cubes.smk"
    text = show.read_text()
    try:
        path.write_text("preset: smoke\nsave_every: 1e2\ndownload: no\n")
        show.write_text(text + '\nprint("CONFIG", config, file=sys.stderr)\n')
        done = clone.snakemake("figures/maps/tiny/status.pdf", dry=True, data_dir="null")
        assert done.returncode == 0, done.stdout + done.stderr
        (told,) = [x for x in done.stderr.splitlines() if x.startswith("CONFIG ")]
        assert "'save_every': 100.0" in told and "'data_dir': None" in told
        assert "'download': False" in told and "'verbose': True" in told
    finally:
        path.write_bytes(before)
        show.write_text(text)


def test_a_pipe_for_config_yaml(clone):
    path = clone.folder / CONFIG
    before = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    try:
        assert refusal(clone) == f"{CONFIG}: is no regular file"
    finally:
        path.unlink()
        path.write_bytes(before)


def test_what_nothing_reads_is_told(clone):
    path = clone.folder / "config/experiments/old.json"
    path.write_text("{}")
    try:
        done = clone.snakemake("figures/maps/tiny/status.pdf", dry=True)
    finally:
        path.unlink()
    assert done.returncode == 0
    assert "not read: old.json; an experiment is <name>.yaml" in done.stderr


GIVEN = [
    ("preset=", "--config: preset: input should be 'smoke', 'laptop' or 'paper'; got None"),
    ("preset=[smoke]", "--config: preset: input should be 'smoke', 'laptop' or 'paper'; got ['smo"),
    ("preset=5", "--config: preset: input should be 'smoke', 'laptop' or 'paper'; got 5"),
    ("device=", "--config: device: input should be 'auto', 'cpu' or 'cuda'; got None"),
    ("save_every=nan", "--config: save_every: input should be a finite number; got nan"),
    ("save_every=1e999", "--config: save_every: input should be a finite number; got inf"),
    ("save_every=-1", "--config: save_every: input should be greater than 0; got -1"),
    ("download=maybe", "--config: download: input should be a valid boolean"),
    ("data_dir=~nosuch", "--config: data_dir: there is no such user; write the path"),
    ("data_dir=$NOSUCH", "--config: data_dir: the environment has no such variable; write the"),
    ("data_dir=/nowhere", "--config: data_dir: there is no folder '/nowhere'; give one"),
    ("data_dir=Snakefile", "--config: data_dir: there is no folder 'Snakefile'; give one"),
    ("data_dir=[a,b]", "--config: data_dir: input should be a valid string; got ['a', 'b']"),
    ("nosuch=1", "--config: nosuch: unknown key; known: cache_dir, data_dir, device, download"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("given", "told"), GIVEN)
def test_what_a_command_line_gives(clone, given, told):
    assert refusal(clone, "--config", given).startswith(told)


TARGETS = [
    ("figures/x.pdf", "There is no figure 'x.pdf'. Figures: "),
    ("figures/phase_diagramm.pdf", "There is no figure 'phase_diagramm.pdf'. Did you mean 'phase"),
    ("figures/phase_diagram.gif", "There is no figure 'phase_diagram.gif'. "),
    (f"figures/{'x' * 200}.pdf", "There is no figure 'xxx"),
    ("figures/{x}.pdf", "There is no figure '{x}.pdf'. "),
    ("figures/maps/a/b.pdf", "There is no experiment 'a'. Experiments: tiny."),
    ("figures/maps/tin/status.pdf", "There is no experiment 'tin'. Did you mean 'tiny'? "),
    ("figures/maps/tiny/statu.pdf", "figures/maps/tiny/statu: experiment 'tiny' does not record"),
    ("figures/maps/tiny/Status.pdf", "There is no figure 'maps/tiny/Status.pdf'. "),
    (f"figures/maps/tiny/{'x' * 200}.pdf", "figures/maps/tiny/xxx"),
    ("results/laptop/shards/tiny/0123456789abcdef.json", "experiment tiny: no run of shard 012345"),
    ("results/laptop/datasets/0123456789abcdef.json", "no experiment of preset laptop asks for"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("target", "told"), TARGETS, ids=lambda value: value[:40])
def test_targets(clone, target, told):
    assert refusal(clone, "--", target).startswith(told)


FILES = [
    (CONFIG, "save_every: 010\n", f"{CONFIG}: not valid YAML: line 1: save_every: 010 is octal"),
    (CONFIG, "preset: huge\n", f"{CONFIG}: preset: input should be 'smoke', 'laptop' or 'paper'"),
    (CONFIG, "__use_yte__: true\n?1: 2\n", f"{CONFIG}: "),
    (CONFIG, "[" * 100_000, f"{CONFIG}: not valid YAML: line 1: "),
    (CONFIG, "", f"{CONFIG}: expected a mapping of settings, got NoneType"),
    (X, "a: &a [*a]\n", "x.yaml: not valid YAML: line 1: a[0]: an alias inside what it stands for"),
    ("config/experiments/x.YAML", "TINY", "x.YAML: name it x.yaml"),
    ("config/experiments/x.yaml ", "TINY", "x.yaml : name it x.yaml"),
    (X, "TINY\nseeds: 10000000\n", "x.yaml: seeds: expected at most 100000 seeds, got"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content", "told"), FILES, ids=lambda value: value[:30])
def test_files(clone, name, content, told):
    assert told in written(clone, name, content, "--config", "preset=smoke")


@pytest.mark.slow
def test_another_file_of_settings(clone, tmp_path):
    """Snakemake takes `--configfile` over config.yaml; it is read as strictly."""
    path = tmp_path / "mine.yaml"
    path.write_text("preset: smoke\npreset: smoke\n")
    told = refusal(clone, "--configfile", str(path))
    assert told == f"{path}: not valid YAML: line 2: the key 'preset' appears twice; keep one"
    path.write_text("preset: smokey\n")
    told = refusal(clone, "--configfile", str(path), "--config", "preset=smoke")
    assert told.startswith(f"{path}: preset: input should be ")

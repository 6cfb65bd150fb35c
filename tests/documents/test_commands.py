"""Every command of README and docs is run: as it stands, at `smoke`, or by Snakemake's dry run.

A command that needs more than one machine has is named here with the reason. One that is written
anew and matches nothing here fails.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest
from made.documented import MADE, ROOT, Command, commands
from made.often import often
from snakemake.cli import get_argument_parser, parse_config

from layeratlas import cli
from layeratlas.figures.output import read_identities

#: Programs and calls that a test cannot start, and who does.
ELSEWHERE = {
    "layeratlas refine spring_boundary": "tests/workflow/refining/test_driving.py refines another",
    "sh bundle/make.sh": "writes into the package; tests/atlas/test_bundle.py runs a copy of it",
    "python -m layeratlas.site.running NOTEBOOK FOLDER": "tests/site/test_running.py does",
    "make test": "the check of every change is this command",
    "make lint": "the check of every change is this command",
    "make env": "the check of every change begins with it",
    "make env lint test": "the check of every change is these commands",
    "make test-slow": "takes hours; run before a release",
    "make lock": "rewrites the lock from what is installed",
    "make environment.sqsh": "packs an environment of gigabytes; tests/workflow/test_pack.py",
    "source .venv/bin/activate": "`make env` makes it",
    "sbatch job.sh": "needs a cluster; tests/workflow/test_slurm.py starts one",
    "sbatch --wrap": "needs a cluster; tests/workflow/test_slurm.py starts one",
    "mkdir -p $TMPDIR/env && squashfuse environment.sqsh $TMPDIR/env": (
        "needs the packed environment; tests/workflow/test_pack.py"
    ),
    "apptainer build environment.sif envs/layeratlas.def": "no apptainer here",
    "kubectl apply -f": "needs a cluster; tests/workflow/test_pods.py has a stand-in",
    "kubectl cp . layeratlas-0:/volume/layer-atlas": "needs a cluster",
    "sh envs/setup.sh .venv-crosscheck": "an environment of gigabytes",
    ".venv-crosscheck/bin/pip install --no-deps -r envs/crosscheck.txt": "the same",
    ".venv-crosscheck/bin/python -m pytest -s tests/crosscheck": "the same",
}
COMMANDS = list({command.text: command for command in commands()}.values())
SETTINGS = {"preset", "device", "data_dir", "download", "verbose", "atlas"}


def of(*programs: str) -> list[Command]:
    return [one for one in COMMANDS if one.program in programs and one.text not in ELSEWHERE]


def each(*programs: str) -> Callable:
    return pytest.mark.parametrize("command", of(*programs), ids=lambda one: one.text)


def test_there_are_many_and_none_is_left_out():
    tested = {one.text for one in of("make", "snakemake", "layeratlas", *OTHERS)}
    assert len(tested) > 60
    assert {one.text for one in COMMANDS} == tested | ELSEWHERE.keys()
    for text in ELSEWHERE:
        for path in re.findall(r"(?:envs|tests|profiles)/[\w./-]+", text):
            assert (ROOT / path).exists(), text


# --- make ---------------------------------------------------------------------------------------
@each("make")
def test_make_knows_the_target(command, inside):
    done = subprocess.run(
        ["make", "-n", *shlex.split(command.text)[1:]],
        cwd=inside, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "snakemake" in done.stdout or "setup.sh" in done.stdout


# --- snakemake ----------------------------------------------------------------------------------
def calls() -> list[tuple[str, list[str], dict[str, str], dict[str, str]]]:
    """Of every call of Snakemake, at the start of a command or within one: itself, targets,
    settings, and options that name a place or a profile."""
    found = []
    for command in COMMANDS:
        match = re.search(r"\bsnakemake(?=\s)\s*([^>&']*)", command.text)
        if not match or command.text.startswith("make"):
            continue
        given = get_argument_parser().parse_args(shlex.split(match[1]))
        options = {
            name: value
            for name in ("workflow_profile", "directory", "snakefile")
            if (value := getattr(given, name)) is not None
        }
        found.append((command.text, list(given.targets), parse_config(given.config), options))
    return found


CALLS = calls()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_words_are_targets_or_settings_as_they_look(call):
    """`--config` swallows whatever follows it."""
    text, targets, settings, _ = call
    assert settings.keys() <= SETTINGS
    words = [word for word in re.split(r"[\s']+", text) if word != "--"]
    assert all(word in words for word in targets)
    assert not any("=" in target or target.startswith("-") for target in targets)


def test_config_swallows_what_follows_it():
    given = get_argument_parser().parse_args(["--config", "preset=paper", "figures"])
    with pytest.raises(ValueError, match="Invalid config definition"):
        parse_config(given.config)


def wanted(preset: str) -> list[str]:
    """Every target of the documents that is asked for at a preset, each once."""
    return sorted(
        {
            target
            for _, targets, settings, options in CALLS
            if settings.get("preset", "laptop") == preset and "workflow_profile" not in options
            for target in targets
            if target not in REFUSED | OF_ONES_OWN
        }
    )


#: Written wrong on purpose, as the text says.
REFUSED = {"figures/phase_diagramm.pdf"}
#: Of the examples of docs/extending.md: tests/extending/test_pipeline.py makes it.
OF_ONES_OWN = {"figures/gaps.pdf"}


@pytest.mark.parametrize("preset", often(["smoke", "laptop", "paper"], "laptop"))
def test_snakemake_would_make_every_target(reader, preset):
    targets = wanted(preset)
    assert targets
    done = reader.snakemake(*targets, dry=True, preset=preset, options=("--quiet", "rules"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_made_is_not_made_again(reader):
    """The documents' targets, really made at `smoke`."""
    asked = {target for _, targets, _, _ in CALLS for target in targets}
    assert set(MADE) <= asked
    assert "Nothing to be done" in reader.make(*MADE)
    for target in MADE:
        assert (reader.folder / target).exists()


@pytest.mark.parametrize(
    "profile", sorted({c[3]["workflow_profile"] for c in CALLS if "workflow_profile" in c[3]})
)
def test_profiles_plan_it(reader, profile):
    needed = executor_of(profile)
    if find_spec(f"snakemake_executor_plugin_{needed}") is None:
        pytest.skip(f"the executor {needed} is installed in its pods alone; test_pods.py has those")
    options = ("--workflow-profile", profile, "--quiet", "rules")
    done = reader.snakemake("figures/phase_diagram.pdf", dry=True, options=options, preset="laptop")
    assert done.returncode == 0, done.stdout + done.stderr


def executor_of(profile: str) -> str:
    text = (ROOT / profile / "config.yaml").read_text(encoding="utf-8")
    found = re.search(r"^executor: (\S+)", text, re.M)
    return found[1].replace("-", "_") if found else "slurm"


def test_a_wrong_target_is_refused_with_the_right_ones(reader):
    for target in REFUSED:
        done = reader.snakemake(target, dry=True)
        assert done.returncode != 0
        assert "phase_diagram" in done.stdout + done.stderr


def test_other_places_are_those_of_the_text(reader, tmp_path):
    """`--directory` and `--snakefile`, as docs/places.md has them."""
    places = [options for *_, options in CALLS if options.keys() & {"directory", "snakefile"}]
    assert len(places) == 2
    for options in places:
        given = [str(reader.folder / "Snakefile")] if "snakefile" in options else []
        extra = ("--snakefile", *given) if given else ("--directory", str(tmp_path / "me"))
        command = reader.command("figures/phase_diagram.pdf", options=("-n", "-q", "all", *extra))
        cwd = tmp_path if given else reader.folder
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_is_taken_away(reader):
    """`snakemake --unlock`."""
    assert any(text == "snakemake --unlock" for text, *_ in CALLS)
    done = reader.snakemake(options=("--unlock",))
    assert done.returncode == 0, done.stdout + done.stderr


# --- layeratlas ---------------------------------------------------------------------------------
#: What stands for something of the reader's.
STANDS_FOR = (
    ("[WHAT]", ""),
    ("crate TARGET OUT", "crate figures/phase_diagram.pdf mine.crate.zip"),
    ("pin WHAT NAME", "pin phase_diagram_dropout for-the-paper"),
    ("versions NAME", "versions phase_diagram_dropout"),
    ("dependents WHAT", "dependents digits"),
    ("lineage FILE", "lineage figures/phase_diagram.pdf"),
    ("diff A B", "diff figures/phase_diagram.pdf figures/phase_diagram.svg"),
    ("report phase_diagram", "report phase_diagram --preset smoke"),
    ("figures/f.pdf", "figures/phase_diagram.pdf"),
    ("results/laptop", "results/smoke"),
)
#: Digits of a figure's mark in the documents.
SHOWN = "3f9a2c7"
#: Names of commands alone.
NAMED = {"accept", "lineage", "allocation", "versions", "report", "refine"}


@each("layeratlas")
def test_layeratlas_answers(command, inside, tmp_path, capsys):
    text = command.text.partition(" > ")[0]
    for words, meant in STANDS_FOR:
        text = text.replace(words, meant)
    arguments = [word.replace("~", str(Path.home())) for word in shlex.split(text)[1:]]
    if arguments in [[name] for name in NAMED]:
        assert arguments[0] in cli._COMMANDS
        return
    if "figure 3.pdf" in arguments:
        shutil.copy2(inside / "figures/phase_diagram.pdf", inside / "figure 3.pdf")
    if "paper.pdf" in arguments:
        paper(inside / "figures/phase_diagram.pdf", inside / "paper.pdf")
    if SHOWN in arguments:
        (carried,) = read_identities(inside / "figures/phase_diagram.pdf")[0]
        arguments[arguments.index(SHOWN)] = carried.mark[:7]
    if "compare" in arguments:
        shutil.copytree(inside / "results/smoke/cubes", inside / "elsewhere/results/smoke/cubes",
                        dirs_exist_ok=True)  # fmt: skip
    if "environment.sqsh" in arguments:
        (inside / "environment.sqsh").touch()
    if "accept" in arguments:
        # Of the code that lies beside the results, once that has changed.
        with (inside / "src/layeratlas/figures/cells.py").open("a", encoding="utf-8") as module:
            module.write(f"\n_TOUCHED_{len(text)} = 1\n")
        ours = {**os.environ, "PYTHONPATH": str(inside / "src")}
        call = [sys.executable, "-m", "layeratlas", *arguments]
        done = subprocess.run(call, env=ours, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return
    if "record" in arguments:
        # Standard output is the command's own.
        (inside / "mine.py").write_text("open('product.txt', 'w').write('1')", encoding="utf-8")
        assert cli.main(arguments) == 0
        assert "on record: product.txt" in capsys.readouterr().err
        return
    if "KEY" in arguments:
        arguments[arguments.index("KEY")] = key(tmp_path)
    if "--help" in arguments:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert ended.value.code == 0
        return
    assert cli.main(arguments) == 0, capsys.readouterr().err
    assert capsys.readouterr().out


def paper(figure: Path, path: Path) -> None:
    """A page with the figure on it."""
    made = pikepdf.new()
    with pikepdf.open(figure) as drawn:
        made.add_blank_page().add_overlay(drawn.pages[0])
        made.save(path)


def key(folder: Path) -> str:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen here")
    path = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return str(path)


# --- others -------------------------------------------------------------------------------------
OTHERS = ("python", "git", "rsync", "apptainer", "kubectl", "sh", "pip", "unzip")


@each(*OTHERS)
def test_other_programs(command, inside, tmp_path):
    text = command.text
    if "benchmarks/" in text:
        # They measure for minutes, and say so; that they start is what is promised here.
        for name in re.findall(r"benchmarks/(\w+\.py)", text):
            compile((ROOT / "benchmarks" / name).read_text(encoding="utf-8"), name, "exec")
        return
    if "envs/programs.sh" in text:
        # It installs, as root; what comes after it is run by tests/atlas/test_bundle.py.
        for name in re.findall(r"\S+\.sh", text):
            subprocess.run(["sh", "-n", str(ROOT / name)], check=True)
        return
    if text.startswith(("apptainer exec", "kubectl exec", "$TMPDIR")):
        # What is called within is among the calls of Snakemake.
        assert any(text == call[0] for call in CALLS)
        return
    if text.startswith("rsync"):
        if shutil.which("rsync") is None:
            pytest.skip("there is no rsync here")
        (tmp_path / "atlas").mkdir(exist_ok=True)
        for part in ("results", "provenance", "store"):
            shutil.copytree(inside / part, tmp_path / "atlas" / part, dirs_exist_ok=True)
        text = text.replace("cluster:atlas", str(tmp_path / "atlas"))
    if "tests.mistakes" in text:
        text = f"{text} --help"
    text = text.replace("FOLDER", str(inside))
    text = re.sub(r"^python\b", sys.executable, text)
    where = ROOT if "tests.mistakes" in text else inside
    done = subprocess.run(
        ["bash", "-c", text], cwd=where, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

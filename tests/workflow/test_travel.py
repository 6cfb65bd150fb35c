"""Results travel, and a re-run loses nothing: the real Snakemake on a tiny experiment."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from made.often import often

from layeratlas.storage import file_digest

MAP = "figures/maps/tiny/data_separation.pdf"
CUBE = "results/smoke/cubes/tiny.zarr.zip"
EDIT = ("progress=tick,", "progress=tick or None,")


def scattered(folder: Path) -> None:
    """Times of files as an unzip or a clone leaves them: in any order."""
    for i, path in enumerate(sorted(folder.rglob("*"), key=lambda p: p.name[::-1])):
        if path.is_file():
            when = time.time() - 1000 + 7 * (i % 50)
            os.utime(path, (when, when))


# --- nothing is made again --------------------------------------------------------------------
@pytest.mark.parametrize("times", ["kept", "lost"])
@pytest.mark.parametrize("snakemake", ["with its memory", "without"])
def test_results_copied_into_another_clone_are_not_made_again(
    finished_once, project, times, snakemake
):
    project.write()
    folders = ["results", "figures"] + ([".snakemake"] if snakemake == "with its memory" else [])
    copy = shutil.copy2 if times == "kept" else shutil.copyfile
    for name in folders:
        shutil.copytree(finished_once.folder / name, project.folder / name, copy_function=copy)
    if times == "lost":
        scattered(project.folder)
    assert not project.planned(MAP)
    assert "Nothing to be done" in project.make(MAP)


def test_results_alone_are_shown_again_and_nothing_more(finished_once, project):
    project.write()
    shutil.copytree(finished_once.folder / "results", project.folder / "results")
    assert project.planned(MAP) == Counter(draw_map=1)


def test_a_touched_script_is_not_stale_and_an_edited_line_is(finished):
    for path in [*finished.folder.rglob("*.py"), *finished.folder.rglob("*.smk")]:
        path.touch()
    assert not finished.planned(MAP)
    script = finished.folder / "scripts" / "measure.py"
    script.write_text("# A remark.\n" + script.read_text())
    assert not finished.planned(MAP)
    assert EDIT[0] in script.read_text()
    script.write_text(script.read_text().replace(*EDIT))
    expected = Counter(measure=1, assemble_cube=1, draw_map=1)
    assert finished.planned(MAP) == expected
    # The reason is told, and having run once is enough.
    assert "changed/code" in finished.snakemake(MAP, dry=True).stdout
    finished.make(MAP)
    assert not finished.planned(MAP)


@pytest.mark.slow
def test_every_edit_counts_and_not_the_first_alone(finished):
    """Snakemake knows the bytes of a file that it saw: the reason must never look the same."""
    for i in range(2):
        finished.edit("figures/maps.py", f"\n_TOUCHED = {i}\n")
        assert finished.planned(MAP) == Counter(draw_map=1)
        finished.make(MAP)
        assert not finished.planned(MAP)


def test_times_in_the_future_lose_nothing(finished):
    """From a clock that is ahead: results are made again and stand, whatever they are made from."""
    ahead = time.time() + 3600
    for path in (finished.folder / "results").rglob("*"):
        os.utime(path, (ahead, ahead))
    assert not finished.planned(MAP)
    finished.edit("metrics/separation.py", "\n_TOUCHED = 1\n")
    finished.make(MAP)
    assert not finished.planned(MAP)


def test_a_switch_of_branches_and_back_makes_nothing_again(finished):
    module = finished.folder / "src/layeratlas/engine/loop.py"
    text = module.read_text()
    finished.edit("engine/loop.py", "\n_TOUCHED = 1\n")
    assert finished.planned(MAP)["train"] == 1
    module.write_text(text)
    assert not finished.planned(MAP)


def carried(source: Path, target: Path, how: str) -> None:
    """What is told to copy from one place to another (docs/clusters.md), into what is there."""
    for name in ("results", "provenance", "store"):
        if how == "rsync":
            (target / name).mkdir(exist_ok=True)
            subprocess.run(
                ["rsync", "-a", "--exclude=index.sqlite*", f"{source / name}/", target / name],
                check=True,
            )
        else:
            copy = shutil.copyfile if how == "cp -r" else shutil.copy2
            shutil.copytree(source / name, target / name, copy_function=copy, dirs_exist_ok=True)


GRID = {"dropout": [0.1, 0, 0.2], "negative_slope": [0, 1]}


def content(project) -> str:
    """Content hash of the cube."""
    manifest = project.folder / CUBE.replace(".zarr.zip", ".json")
    return json.loads(manifest.read_text())["content_hash"]


@pytest.fixture(scope="module")
def in_one_place(finished_once, tmp_path_factory) -> str:
    """Content hash of the cube of the larger grid, made where nothing was made before."""
    whole = type(finished_once).fresh(tmp_path_factory.mktemp("whole") / "project")
    whole.write(grid=GRID)
    whole.make(CUBE, verbose=False)
    return content(whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("there", "back"), [("cp -r", "cp -a"), ("rsync", "rsync"), ("shuffled", "shuffled")]
)
def test_half_of_a_grid_here_and_the_rest_elsewhere(
    finished_once, in_one_place, tmp_path, there, back
):
    """Whatever becomes of times: every run is trained once, and the cube is that of one place."""
    if "rsync" in (there, back) and shutil.which("rsync") is None:
        pytest.skip("there is no rsync here")
    # Four of six runs are finished here; elsewhere is a clone without results.
    here = finished_once.copy(tmp_path / "here")
    elsewhere = type(here).fresh(tmp_path / "elsewhere")
    carried(here.folder, elsewhere.folder, there)
    for place in (here, elsewhere):
        place.write(grid=GRID)
    if there == "shuffled":
        scattered(elsewhere.folder)
    assert elsewhere.planned(CUBE) == Counter(train=1, measure=1, assemble_cube=1)
    elsewhere.make(CUBE, verbose=False)
    assert not elsewhere.planned(CUBE)
    carried(elsewhere.folder, here.folder, back)
    if back == "shuffled":
        scattered(here.folder)
    assert not here.planned(CUBE)
    assert "Nothing to be done" in here.make(CUBE, verbose=False)
    trained = [
        record["configuration"]["value"]["plan"]["run_ids"]
        for record in here.records()
        if record["activity"]["rule"] == "train"
    ]
    assert sorted(map(len, trained)) == [2, 4] and len({*trained[0], *trained[1]}) == 6
    assert content(here) == content(elsewhere) == in_one_place


def test_a_data_set_that_is_made_again_for_new_runs_trains_no_old_ones(finished):
    """It may be deleted; that somebody needs it is nothing to those who had it."""
    for path in (finished.folder / "results/smoke/datasets").iterdir():
        path.unlink()
    assert not finished.planned(MAP)
    finished.write(grid=GRID)
    new = Counter(prepare_dataset=1, train=1, measure=1, assemble_cube=1)
    assert finished.planned(CUBE) == new
    # Whoever forces a job gives it all that it reads.
    forced = finished.planned(CUBE, options=("-R", "train"))
    assert (forced["prepare_dataset"], forced["train"]) == (1, 2)
    # So does a result that is gone.
    (measured,) = (finished.folder / "results/smoke/measurements/tiny").glob("*.zarr.zip")
    measured.unlink()
    assert finished.planned(CUBE) == new + Counter(measure=1)


# --- nothing is lost --------------------------------------------------------------------------
@pytest.fixture
def shard(finished) -> Path:
    (path,) = (finished.folder / "results/smoke/shards/tiny").glob("*.zarr.zip")
    return path


def test_a_forced_job_that_fails_leaves_the_old_result(finished, shard):
    """As with `device=cuda` where there is no GPU."""
    script = finished.folder / "scripts" / "train.py"
    script.write_text(script.read_text().replace("    total =", "    1 / 0\n    total =", 1))
    manifest = shard.with_name(shard.name.replace(".zarr.zip", ".json"))
    before = file_digest(shard), manifest.read_bytes()
    done = finished.snakemake(str(shard.relative_to(finished.folder)), options=("-f",))
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stdout + done.stderr
    assert (file_digest(shard), manifest.read_bytes()) == before
    script.write_text(script.read_text().replace("    1 / 0\n", ""))
    assert not finished.planned(MAP)


@pytest.mark.parametrize(
    "how", often([signal.SIGINT, signal.SIGTERM, signal.SIGKILL], signal.SIGINT, signal.SIGKILL)
)
def test_an_interrupted_re_run_leaves_the_old_shard_or_the_new_one(finished, shard, how):
    """Whoever stops it, and however hard: the file is there, whole, and counts."""
    script = finished.folder / "scripts" / "train.py"
    slow = "    import time; Path('started').touch(); time.sleep(60)\n    total ="
    script.write_text(script.read_text().replace("    total =", slow, 1))
    before = file_digest(shard)
    command = finished.command(str(shard.relative_to(finished.folder)), options=("-f",))
    process = subprocess.Popen(
        command, cwd=finished.folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        # Started in the background, tests are deaf to Ctrl-C, and so would be what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (finished.folder / "started").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, how)
    process.wait(60)
    assert file_digest(shard) == before
    script.write_text(script.read_text().replace(slow, "    total ="))
    assert not finished.planned(MAP)


def test_a_cube_made_anew_leaves_its_kept_versions_alone(finished):
    """What a failing job puts back must not reach into the object store."""
    cube = finished.folder / CUBE
    kept = {path: file_digest(path) for path in (finished.folder / "store/objects").iterdir()}
    assert any(path.name.endswith(".zarr.zip") for path in kept)
    finished.write(title="Another title")
    script = finished.folder / "scripts" / "assemble_cube.py"
    script.write_text(script.read_text() + '    raise RuntimeError("after it was published")\n')
    before = file_digest(cube)
    assert finished.snakemake(CUBE).returncode != 0
    assert file_digest(cube) == before
    for path in (finished.folder / "store/objects").glob("*.zarr.zip"):
        assert path.name.startswith(file_digest(path)), path.name
        kept.pop(path, None)
    assert not [path for path in kept if path.name.endswith(".zarr.zip")]

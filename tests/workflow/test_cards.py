"""Jobs that run side by side each have a card of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from layeratlas.workflow import cards
from layeratlas.workflow.cards import VARIABLE, listed_cards, own_card, visible_cards

TWO = """\
GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aaaaaaaa-0000-0000-0000-000000000000)
GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bbbbbbbb-0000-0000-0000-000000000000)
"""
CUT = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaaaaaa-0000-0000-0000-000000000000)
  MIG 3g.20gb     Device  0: (UUID: MIG-11111111-0000-0000-0000-000000000000)
  MIG 3g.20gb     Device  1: (UUID: MIG-22222222-0000-0000-0000-000000000000)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbbbbbb-0000-0000-0000-000000000000)
"""


def heads(told: str) -> list[str]:
    return [name[:5] for name in listed_cards(told)]


def test_cards_are_those_that_the_driver_lists():
    assert heads(TWO) == ["GPU-a", "GPU-b"]
    assert heads("") == [] and heads("No devices were found\n") == []


def test_of_a_card_that_is_cut_the_instances_count():
    assert heads(CUT) == ["MIG-1", "MIG-2", "GPU-b"]


@pytest.mark.parametrize(
    ("given", "names"),
    [("0,1", ["0", "1"]), (" 2, 3 ", ["2", "3"]), ("", []), ("-1", []), ("0,-1,1", ["0"])],
)
def test_what_a_scheduler_gave_is_what_there_is(given, names):
    assert visible_cards({VARIABLE: given}) == names


def test_without_a_driver_there_is_none(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert visible_cards({}) == []


def test_the_driver_is_asked_where_nothing_is_given(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{TWO}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    assert visible_cards({}) == listed_cards(TWO)


@pytest.mark.parametrize("given", ["", "3"])
def test_one_card_or_none_is_left_as_it_is(given, tmp_path):
    environment = {VARIABLE: given}
    with own_card(environment, tmp_path) as card:
        assert card is None and environment == {VARIABLE: given}
    assert list(tmp_path.iterdir()) == []


def test_jobs_spread_over_cards_and_further_ones_share(tmp_path):
    given = {VARIABLE: "4,7"}
    with ExitStack() as held:
        taken = [held.enter_context(own_card(dict(given), tmp_path)) for _ in range(5)]
        assert taken == ["4", "7", "4", "7", "4"]
    environment = dict(given)
    with own_card(environment, tmp_path) as card:
        assert card == "4" and environment[VARIABLE] == "4"
    assert environment == given


def test_a_card_that_is_let_go_is_taken_next(tmp_path):
    given = {VARIABLE: "0,1"}
    first, second = own_card(dict(given), tmp_path), own_card(dict(given), tmp_path)
    assert first.__enter__() == "0" and second.__enter__() == "1"
    first.__exit__(None, None, None)
    with own_card(dict(given), tmp_path) as third:
        assert third == "0"
    second.__exit__(None, None, None)


def test_a_killed_job_leaves_its_card_to_others(tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from layeratlas.workflow.cards import own_card\n"
        f"with own_card(folder=Path({str(tmp_path)!r})) as card:\n"
        "    print(card, flush=True)\n    time.sleep(60)\n"
    )
    environment = os.environ | {VARIABLE: "0,1"}
    job = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
    )
    with job:
        assert job.stdout is not None and job.stdout.readline() == "0\n"
        with own_card({VARIABLE: "0,1"}, tmp_path) as mine:
            assert mine == "1"
        job.kill()
    with own_card({VARIABLE: "0,1"}, tmp_path) as mine:
        assert mine == "0"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders")
def test_a_folder_that_is_somebody_elses_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(cards.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"layeratlas-cards-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    environment = {VARIABLE: "0,1"}
    with own_card(environment) as card:
        assert card is None and environment == {VARIABLE: "0,1"}
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.slow
def test_two_jobs_of_the_gpu_profile_work_on_two_cards(project, tmp_path, monkeypatch):
    """Through Snakemake: what each job's record says it saw, and no card twice at a time."""
    for name in ("tiny", "other"):
        project.write(name, seeds=1 if name == "tiny" else [7])
    monkeypatch.setenv(VARIABLE, "4,7")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    # A rule asks for a card where it would use one; what it computes on does not matter here.
    asked = ("--set-resources", "train:gpu=1", "measure:gpu=1")
    targets = [f"results/smoke/cubes/{name}.json" for name in ("tiny", "other")]
    profile = ("--workflow-profile", "profiles/gpu", "--resources", "gpu=2", "--cores", "4")
    project.make(*targets, options=(*profile, *asked), device="cpu")
    seen = [
        (record["started"], record["ended"], record["environment"]["variables"][VARIABLE])
        for record in project.records()
        if record["activity"]["rule"] in ("train", "measure")
    ]
    assert len(seen) == 4 and {card for *_, card in seen} == {"4", "7"}, json.dumps(seen)
    for i, (start, end, card) in enumerate(seen):
        for other_start, other_end, other in seen[:i]:
            assert card != other or end <= other_start or other_end <= start

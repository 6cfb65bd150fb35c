"""What jobs inherit: this clone's package first, and one thread."""

from __future__ import annotations

import os

from layeratlas.workflow.environment import set_up


def test_this_clone_comes_first_and_once():
    environment = {"PYTHONPATH": os.pathsep.join(["/other", "", "/clone/src", "/more"])}
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"].split(os.pathsep) == ["/clone/src", "/other", "/more"]
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"].split(os.pathsep) == ["/clone/src", "/other", "/more"]


def test_without_a_path_there_is_one():
    environment: dict[str, str] = {}
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"] == "/clone/src"


def test_jobs_run_on_one_thread():
    environment: dict[str, str] = {}
    set_up("/clone/src", environment)
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"

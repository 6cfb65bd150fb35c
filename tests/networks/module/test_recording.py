"""Uses of maps in their order, and what each directly depends on."""

from __future__ import annotations

import torch

from layeratlas.networks.module.recording import Recorder


def test_a_use_depends_on_the_maps_before_it_and_not_on_those_before_them():
    recorder, weight = Recorder(), torch.ones(3, 3, requires_grad=True)

    def used(name, x):
        return recorder.after(name, recorder.before(name, x) @ weight)

    x = torch.ones(2, 3)
    h = used("first", x).relu_()
    branch = used("branch", h)
    h = used("first", h + branch.tanh())
    assert list(recorder.uses) == ["first", "branch", "first@2"]
    before = {name: set(use.before) for name, use in recorder.uses.items()}
    assert before == {"first": set(), "branch": {"first"}, "first@2": {"first", "branch"}}
    assert recorder.directly_before(h * 2) == {"first@2"}
    assert recorder.directly_before(x) == frozenset()

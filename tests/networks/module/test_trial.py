"""A trial is made once for a text, and kept; refusals are found each time."""

from __future__ import annotations

import pytest

from layeratlas.errors import ConfigError
from layeratlas.networks.affine import Affine
from layeratlas.networks.module import family
from layeratlas.networks.module.trial import tried

MODEL = {"family": "module", "from": "made.zoo:ResNet", "settings": {}}


def test_what_was_found_is_kept(tmp_path, monkeypatch):
    made = []
    init = family.ModuleFamily.__init__

    def counted(self, **given):
        made.append(given)
        init(self, **given)

    monkeypatch.setattr(family.ModuleFamily, "__init__", counted)
    found = tried(MODEL, (3, 8, 8), 4, folder=tmp_path)
    assert found["batch_norm"] is True
    assert found["layers"][-1] == "fc"
    assert found["weights"] > 1000
    assert tried(MODEL, (3, 8, 8), 4, folder=tmp_path) == found
    assert len(made) == 1
    affines = family.ModuleFamily.from_settings(MODEL, (3, 8, 8), 4).affines
    assert tuple(Affine(**one) for one in found["affines"]) == affines and len(affines) > 3
    made.clear()
    made.append(None)
    tried(MODEL, (3, 6, 6), 4, folder=tmp_path)
    assert len(made) == 2
    for file in tmp_path.iterdir():
        file.write_text(file.read_text().replace('"batch_norm": true', '"batch_norm": false'))
    assert tried(MODEL, (3, 8, 8), 4, folder=tmp_path) == found
    assert len(made) == 3


def test_a_refusal_is_not_kept(tmp_path):
    for _ in range(2):
        with pytest.raises(ConfigError, match="has no affine map"):
            tried(MODEL | {"from": "made.odd:NoMap"}, (3, 8, 8), 4, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_text_that_changed_since_planning_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="has changed since the runs were planned"):
        tried(MODEL | {"source": "0" * 16}, (3, 8, 8), 4, folder=tmp_path)


def test_where_nothing_can_be_kept_it_is_tried_each_time(tmp_path):
    (tmp_path / "file").write_text("")
    assert tried(MODEL, (3, 8, 8), 4, folder=tmp_path / "file")["batch_norm"]

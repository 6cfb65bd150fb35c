"""What ran when: order, filters, times, failures."""

from __future__ import annotations

import pytest
from made.builder import altered

from layeratlas import log
from layeratlas.errors import StoreError


class TestLog:
    def test_order_and_filters(self, recorded):
        table = log(recorded.root)
        assert list(table["started"]) == sorted(table["started"])
        assert len(table) == len(recorded.records())
        assert set(log(recorded.root, rule="train")["rule"]) == {"train"}
        assert len(log(recorded.root, rule="train", experiment="experiment_1")) == 6
        assert list(log(recorded.root, limit=2)["rule"]) == ["draw_figure", "show_figure"]
        assert list(log(recorded.root, figure="f", limit=1)["outputs"]) == [
            ["figures/f.pdf", "figures/f.png"]
        ]

    def test_times(self, recorded):
        everything = len(log(recorded.root))
        assert len(log(recorded.root, since="2023-05-17")) == everything
        assert len(log(recorded.root, until="2023-05-17")) == everything
        assert len(log(recorded.root, until="2023-05-16")) == 0
        assert len(log(recorded.root, since="2023-05-17T08:01", until="2023-05-17T08:02:00Z")) == 2
        assert len(log(recorded.root, since="2023-05-17T10:01+02:00")) == everything - 1
        assert len(log(recorded.root, since="3d")) == 0  # these jobs ran years ago
        assert len(log(recorded.root, since="5000w")) == everything
        with pytest.raises(StoreError, match="is no time"):
            log(recorded.root, since="99999999999999999999w")
        with pytest.raises(StoreError, match="is no time"):
            log(recorded.root, since="last week")

    def test_failed_jobs_are_told(self, recorded):
        recorded.job("train", status="failed", error="StoreError: disk full")
        table = log(recorded.root, status="failed")
        assert list(table["error"]) == ["StoreError: disk full"]

    def test_what_a_job_could_not_find_out_is_told(self, recorded):
        recorded.job("train")
        altered(recorded, -1, {"unread": {"commit": "git is not installed"}})
        assert log(recorded.root)["unread"].tolist()[-2:] == [
            None,
            {"commit": "git is not installed"},
        ]

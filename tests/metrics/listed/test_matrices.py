"""Entries of feature matrices stand on functions that there are, and keep what they need."""

from __future__ import annotations

from layeratlas.metrics.listed.matrices import LISTED
from layeratlas.tables import resolve

#: Metrics that are of training's changes.
CENTRED = {
    "c_nfc", "dc_nfc", "c_nfc_pearson", "dc_nfc_pearson", "c_nfc_error", "ratio_c_uc",
    "ratio_dc_c", "dw_rel", "expected_rotated_c_nfc",
}  # fmt: skip


def test_each_has_its_function_and_is_of_maps():
    for metric in LISTED:
        assert callable(resolve(metric.function))
        assert metric.misfit is None
        assert metric.gives == ("network" if metric.name == "moment_traces" else "affine")
        assert not metric.alone and not metric.evaluation


def test_those_of_changes_need_the_start_and_no_others():
    assert {metric.name for metric in LISTED if metric.at_start} == CENTRED

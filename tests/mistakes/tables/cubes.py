"""Assembling cubes, selecting from them, statistics over them."""

from __future__ import annotations

from ..mistake import Mistake

SELECTING, STATISTICS = "cubes/selecting.py", "cubes/statistics.py"
ASSEMBLING, LAYERS, NOISE = "cubes/assembling.py", "cubes/layers.py", "cubes/noise.py"
COMPARING = "cubes/comparing.py"

MISTAKES = (
    Mistake(
        ASSEMBLING,
        "[own[value] for value in along]",
        'list(told["values"])',
        "what follows an axis keeps the file's order while the axis ascends",
        ("workflow/test_records.py::test_runs_with_rates_of_their_own_end_at_their_mark",),
    ),
    Mistake(
        SELECTING,
        'side="right") - 1\n',
        'side="left") - 1\n',
        "shorter runs are shown one checkpoint before their end",
    ),
    Mistake(
        SELECTING,
        "chosen = known.max() if asked is None else asked",
        "chosen = known.min() if asked is None else asked",
        "the first moment for the last",
    ),
    Mistake(
        SELECTING,
        "chosen = known.max() if asked is None else asked",
        "chosen = known[-1] if asked is None else asked",
        "the last moment stored for the latest",
    ),
    Mistake(
        SELECTING,
        "return array.isel({dim: names.index(name)}, drop=True)",
        "return array.isel({dim: 0}, drop=True)",
        "the first batch-norm mode for the one asked for",
    ),
    Mistake(
        SELECTING,
        'array.sel(derivative="exact", drop=True)',
        'array.mean("derivative")',
        "the mean of exact and finite velocities",
    ),
    Mistake(
        SELECTING,
        "percent = 100.0 * only_finished(fraction, cube)",
        "percent = 100.0 * fraction",
        "accuracy counts runs that diverged",
    ),
    Mistake(
        STATISTICS,
        ".mean(over, skipna=True, keep_attrs=True)",
        ".median(over, skipna=True, keep_attrs=True)",
        "the median over seeds for their mean",
    ),
    Mistake(
        STATISTICS,
        ".mean(over, skipna=True, keep_attrs=True)",
        ".mean(over, skipna=False, keep_attrs=True)",
        "one lost seed takes the others with it",
    ),
    Mistake(
        STATISTICS,
        ".mean(over, skipna=True, keep_attrs=True)",
        ".fillna(0.0).mean(over, keep_attrs=True)",
        "a lost seed counts as accuracy 0",
    ),
    Mistake(
        SELECTING,
        '(status == STATUS_OK).sum(dim).rename("finished_runs")',
        '(status >= STATUS_OK).sum(dim).rename("finished_runs")',
        "diverged runs count as finished",
    ),
    Mistake(
        SELECTING,
        'array.where(dataset["/"].to_dataset()["status"] == STATUS_OK)',
        'array.where(dataset["/"].to_dataset()["status"] <= 1)',
        "diverged runs keep what they recorded",
    ),
    Mistake(
        STATISTICS,
        "stats.spearmanr(x, y).statistic",
        "stats.pearsonr(x, y).statistic",
        "correlation of values, not of ranks",
    ),
    Mistake(
        STATISTICS,
        "if not (np.isfinite(x).all() and np.isfinite(y).all()):\n            return np.nan",
        "x, y = np.nan_to_num(x), np.nan_to_num(y)",
        "a missing value ranks as 0",
    ),
    Mistake(
        STATISTICS,
        "if np.ptp(x) == 0 or np.ptp(y) == 0:\n            return np.nan",
        "if np.ptp(x) == 0 or np.ptp(y) == 0:\n            return 1.0",
        "a constant correlates with everything",
    ),
    Mistake(
        ASSEMBLING,
        'axes = {**grid, "seed": _ascending(description["seeds"])}',
        'axes = {**grid, "seed": list(description["seeds"])}',
        "seeds stand as the file lists them",
    ),
    Mistake(
        ASSEMBLING,
        "target[name].values[_product(spots, rest)] = variable.values[known]",
        "target[name].values[_product(spots, rest)] = variable.values[: len(known)]",
        "runs that are left out are exchanged for those that are not",
    ),
    Mistake(
        ASSEMBLING,
        "return MISSING, dtype",
        "return 0, dtype",
        "runs found nowhere are ok",
    ),
    Mistake(
        ASSEMBLING,
        "return target.get_index(dim).get_indexer(variable.get_index(dim))",
        "return np.arange(variable.sizes[dim])",
        "moments stand where they come, not at their label",
    ),
    Mistake(
        ASSEMBLING,
        "if any(isinstance(v, str) for v in values) else sorted(values)",
        "if any(isinstance(v, str) for v in values) else sorted(values, reverse=True)",
        "axes descend",
    ),
    Mistake(
        LAYERS,
        "place = max(place, merged.index(name) + 1)",
        "place = merged.index(name)",
        "names of layers are merged before those that come first",
    ),
    Mistake(
        LAYERS,
        "layouts = [[*names[: n - 1], *end]",
        "layouts = [[*names[:n], *end]",
        "shallow networks have one layer more",
    ),
    Mistake(
        NOISE,
        "values = coordinate.values if NOISE_GROWS_WITH_VALUE[name] else -coordinate.values",
        "values = coordinate.values",
        "a larger batch is noisier",
    ),
    Mistake(
        NOISE,
        "rank = np.argsort(np.argsort(values))",
        "rank = np.argsort(values)",
        "the order of sorting for the rank",
    ),
    Mistake(
        COMPARING,
        "same.reshape(one.shape) | (np.isnan(one) & np.isnan(other))",
        "same.reshape(one.shape) | (np.isnan(one) | np.isnan(other))",
        "a number that became NaN has not moved",
    ),
    Mistake(
        COMPARING,
        "other = new.transpose(*dims).values[np.ix_(*there)]",
        "other = new.transpose(*dims).values[np.ix_(*kept)]",
        "cubes are compared place by place, not label by label",
    ),
    Mistake(
        COMPARING,
        "return np.asarray(one == other)\n    words",
        "return np.ones(np.shape(one), bool)\n    words",
        "what is no float never moves",
    ),
    Mistake(
        STATISTICS,
        "return xr.DataArray(np.isfinite(array)).sum(list(dims))",
        "return xr.DataArray(np.isnan(array)).sum(list(dims))",
        "missing values are counted for known ones",
    ),
    Mistake(
        STATISTICS,
        "array.where(np.isfinite(array)).mean(",
        "array.mean(",
        "an infinite value is part of a mean",
    ),
)

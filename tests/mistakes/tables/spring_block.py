"""Reductions, closed forms and claims of the spring–block paper; what claims share."""

from __future__ import annotations

from ..mistake import Mistake

ROOM = "papers/spring_block"
CURVES, FITS = f"{ROOM}/load_curves.py", f"{ROOM}/fits.py"
DIAGRAM, CHAINS = f"{ROOM}/claims/phase_diagram.py", f"{ROOM}/claims/chains.py"

MISTAKES = (
    Mistake(
        "claims/orders.py",
        "values, seeds = self.values, self.seeds\n",
        "values, seeds = np.asarray(self.values, float), np.asarray(self.seeds, float)\n",
        "a claim of a row reads the whole table",
        ("papers/spring_block/claims/test_phase_diagram.py",),
    ),
    Mistake(
        "claims/orders.py",
        "for axis in reversed(range(len(key))):",
        "for axis in range(len(key)):",
        "axes move while they are taken away",
    ),
    Mistake(
        CURVES,
        "return (chord - D).mean(-1)",
        "return (D - chord).mean(-1)",
        "convex is concave",
    ),
    Mistake(
        CURVES,
        "return (chord - D).mean(-1)",
        "return (chord - D).sum(-1)",
        "the convexity index is a sum",
    ),
    Mistake(
        CURVES,
        "np.where(spread > 0, spread, np.nan)",
        "np.where(spread > 0, abs(last - first)[..., 0], np.nan)",
        "in units of the chord's height, not of the range",
    ),
    Mistake(
        CURVES,
        ".std(dim, ddof=0, skipna=False)",
        ".std(dim, ddof=1, skipna=False)",
        "the sample standard deviation of the loads",
    ),
    Mistake(
        CURVES,
        '(-separation.diff(dim, label="upper"))',
        '(-separation.diff(dim, label="lower"))',
        "loads carry the layer before's name",
    ),
    Mistake(
        CURVES,
        '(-separation.diff(dim, label="upper"))',
        '(separation.diff(dim, label="upper"))',
        "loads have the wrong sign",
    ),
    Mistake(
        CURVES,
        "(d.isel({dim: 0}, drop=True) - d.isel({dim: -1}, drop=True))",
        "(d.isel({dim: 1}, drop=True) - d.isel({dim: -1}, drop=True))",
        "second differences telescope from the second load",
    ),
    Mistake(
        CURVES,
        "curve = only_finished(curve, dataset)",
        "pass",
        "diverged runs count in load curves",
    ),
    Mistake(
        CURVES,
        'curve.where(known.all("layer") if own is None',
        'curve.where(known.any("layer") if own is None',
        "points of a mean curve are means over different runs",
    ),
    Mistake(
        CURVES,
        "own = (names != BEYOND) & (names != LOGITS)",
        "own = names != BEYOND",
        "the logits are part of the load curve",
    ),
    Mistake(
        CURVES,
        "D = _finite(separation)\n    spread = _spread(D, dim)\n    return (D - _lowest(D, dim))",
        "D = _finite(separation)\n    spread = _spread(D, dim)\n    return (D - D.isel({dim: -1}))",
        "curves are rescaled from their last point, not their lowest",
    ),
    Mistake(
        FITS,
        "np.nanstd(fitted, ddof=1)",
        "np.nanstd(fitted)",
        "the population standard deviation over seeds",
    ),
    Mistake(
        FITS,
        "tolerance = max(scatter, library.scatter_at(best))",
        "tolerance = min(scatter, library.scatter_at(best))",
        "the smaller tolerance",
    ),
    Mistake(
        FITS,
        "each - np.nanmean(each, axis=0)",
        "each - np.nanmean(each)",
        "scatter about one number for all layers",
    ),
    Mistake(
        FITS,
        'mean = curves.mean("seed").values\n    together',
        "mean = curves.isel(seed=0).values\n    together",
        "a cell's fit is that of its first seed",
    ),
    Mistake(
        f"{ROOM}/theory.py",
        "slope = target / n - a * n / 2",
        "slope = target / n - a * n",
        "the parabola lacks its half",
    ),
    Mistake(
        f"{ROOM}/theory.py",
        "a = (friction_right - friction_left) / (2 * stiffness)",
        "a = (friction_right - friction_left) / stiffness",
        "the mean force is not halved",
    ),
    Mistake(
        f"{ROOM}/theory.py",
        "a = (friction_right - friction_left) / (2 * stiffness)",
        "a = (friction_left - friction_right) / (2 * stiffness)",
        "the stationary parabola bends the other way",
    ),
    Mistake(
        "cubes/population.py",
        "if status != OK",
        "if status == 1",
        "missing and exploded runs are not lost",
    ),
    Mistake(
        "cubes/population.py",
        'of_runs = {"seed", *grid_axes(numbers)}',
        'of_runs = {"seed", *numbers.dims}',
        "layers count as runs",
    ),
    Mistake(
        f"{ROOM}/beside_springs.py",
        'table.sortby([axes[0], "noise_strength"], ascending=False)',
        'table.sortby([axes[0], "noise_strength"])',
        "springs lie upside down beside networks",
    ),
    Mistake(
        f"{ROOM}/noise.py",
        "order[::-1] if noisiest_first else order",
        "order if noisiest_first else order[::-1]",
        "the noise axis is turned round",
    ),
    Mistake(
        f"{ROOM}/published.py",
        'values = np.sort(rows["noise_value"].unique())[::-1]',
        'values = np.sort(rows["noise_value"].unique())',
        "published columns have each other's values",
    ),
    Mistake(
        f"{ROOM}/regimes.py",
        'Regime("b", 0.0, 0.28, friction_right=0.10, noise_strength=0.3)',
        'Regime("b", 0.28, 0.0, friction_right=0.10, noise_strength=0.3)',
        "slope and dropout of a regime are exchanged",
    ),
    Mistake(
        DIAGRAM,
        "(signs[1:] != signs[:-1]).sum()",
        "(signs[1:] > signs[:-1]).sum()",
        "only upward changes of sign count",
    ),
    Mistake(
        DIAGRAM,
        "    if bad.any():\n        return Found(np.nan, n, note)\n\n"
        "    def orders() -> Orders:\n        cells = [panel",
        "    if bad.any():\n        return Found(float(np.nanmin(values)), n, note)\n\n"
        "    def orders() -> Orders:\n        cells = [panel",
        "a row without a value is passed over",
    ),
    Mistake(
        DIAGRAM,
        "return Found(float(values.min()), n, note, orders)",
        "return Found(float(values.mean()), n, note, orders)",
        "the mean rank for the weakest",
    ),
    Mistake(
        DIAGRAM,
        'lambda: (panel.at(1, "most"), panel.runs_of(1, "most"), ""),',
        'lambda: (panel.at(0, "most"), panel.runs_of(1, "most"), ""),',
        "claim 2 looks at the wrong row",
    ),
    Mistake(
        f"{ROOM}/claims/panel_tables.py",
        "return -load_curves.loads(load_curves.range_normalised(curves))",
        "return load_curves.loads(load_curves.range_normalised(curves))",
        "decreasing curves count as rising",
        ("papers/spring_block/claims/test_phase_diagram.py",),
    ),
    Mistake(
        f"{ROOM}/claims/panel_tables.py",
        "return abs(self.convexity)",
        "return self.convexity",
        "claim 7 forgets the modulus",
        ("papers/spring_block/claims/test_phase_diagram.py",),
    ),
    Mistake(
        f"{ROOM}/claims/panel_tables.py",
        '_COLUMN = {"least": 0, "most": -1}',
        '_COLUMN = {"least": -1, "most": 0}',
        "least and most noise are exchanged",
    ),
    Mistake(
        f"{ROOM}/claims/fidelity.py",
        "float(np.abs(ours - theirs).mean())",
        "float(np.abs((ours - theirs).mean()))",
        "errors of either sign cancel",
    ),
    Mistake(
        f"{ROOM}/claims/trajectories.py",
        "return float(up - down), runs",
        "return float(up + down), runs",
        "crossings back count as crossings",
    ),
    Mistake(
        f"{ROOM}/claims/trajectories.py",
        "float(first.max()) if first.size else np.nan",
        "float(first.min()) if first.size else np.nan",
        "the smallest early CI for the largest",
    ),
    Mistake(
        f"{ROOM}/claims/folding_ruler.py",
        "ratio = elongations.std(axis=1) / elongations.mean(axis=1)",
        "ratio = elongations.std(axis=0) / elongations.mean(axis=0)",
        "unevenness between chains, not within",
    ),
    Mistake(
        f"{ROOM}/claims/cnn.py",
        "np.minimum(best, len(rates) - 1 - best).min()",
        "np.minimum(best, len(rates) - 1 - best).max()",
        "a tie with an end is a peak inside",
    ),
    Mistake(
        f"{ROOM}/claims/spring_diagrams.py",
        "float(np.diff(table, axis=1).max())",
        "float(np.diff(table, axis=1).min())",
        "the smallest rise for the largest",
    ),
    Mistake(
        f"{ROOM}/claims/spring_diagrams.py",
        "float(-np.diff(table, axis=0).min())",
        "float(np.diff(table, axis=0).max())",
        "a fall with friction counts as a rise",
    ),
    Mistake(
        CHAINS,
        "straight = y * (1 - np.arange(end.size) / end.size)",
        "straight = y * (1 - np.arange(end.size) / (end.size - 1))",
        "the straight line ends at the last block, not at the target",
    ),
    Mistake(
        CHAINS,
        "float(-np.diff(D).max())",
        "float(-np.diff(D).min())",
        "the largest difference of neighbours for the smallest",
    ),
    Mistake(
        CHAINS,
        "max(b / a for a, b in pairwise(size))",
        "max(a / b for a, b in pairwise(size))",
        "growth is turned round",
    ),
    Mistake(
        "claims/claim.py",
        "verdict = FAILS if missing else verdict_of(",
        "verdict = HOLDS if missing else verdict_of(",
        "a missing value holds",
    ),
    Mistake(
        f"{ROOM}/load_curves.py",
        'np.isfinite(runs)).any("layer").sum(dim)',
        'np.isfinite(runs)).any("layer").any(dim)',
        "one run is behind a mean of many",
    ),
)

"""The figure of the spectrum draws what the cube holds."""

from __future__ import annotations

import numpy as np
import pytest
from made.convolutional import redrawn_cube

from layeratlas.papers.signal_propagation.figures.spectra import baratin_spectrum
from layeratlas.papers.signal_propagation.kernels_along import trainings


def test_eigenvalues_rank_and_shares():
    cube = redrawn_cube()
    figure = baratin_spectrum({"baratin_vgg": cube}, {})
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    clean = trainings(cube)[0]
    spectrum = clean.network("network_kernel_spectrum")
    assert lines["largest,0"].get_ydata() == pytest.approx(spectrum.max(1))
    assert lines["median,0"].get_ydata() == pytest.approx(np.median(spectrum, axis=1))
    assert lines["rank,0"].get_ydata() == pytest.approx(clean.network("network_effective_rank"))
    share = spectrum[:, :40].sum(1) / spectrum.sum(1)
    assert lines["share,40,0"].get_ydata() == pytest.approx(share)
    assert "share,80,0" not in lines  # of 60 eigenvalues

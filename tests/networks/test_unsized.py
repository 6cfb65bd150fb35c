"""Settings of networks of one's own claim no sizes."""

from __future__ import annotations

from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.settings import ExtensionSettings
from layeratlas.networks.unsized import Unsized


def test_they_have_none_to_tell():
    assert issubclass(ModuleSettings, Unsized) and issubclass(ExtensionSettings, Unsized)
    unsized = Unsized()
    assert unsized.depth is None and unsized.batch_norm is None
    assert unsized.n_weights(1, 28, 10) == unsized.n_features(1, 28) == 0

"""What a network gives of each image is its own forward."""

from __future__ import annotations

import numpy as np
import pytest
from made.passes import images, network_of

from layeratlas.signals.residual import logits
from layeratlas.signals.tape import passed


@pytest.mark.parametrize("model", ["mlp", "residual_mlp"])
def test_it_is_what_the_differentiable_forward_gives_of_every_network(make_plan, model):
    network = network_of(make_plan, model, members=2)
    found = np.asarray(logits(network, images()))
    np.testing.assert_allclose(found, passed(network, images()).f.detach().numpy(), rtol=1e-10)

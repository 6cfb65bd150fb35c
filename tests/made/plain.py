"""What networks written with torch's own layers have in common; they are the engine's twins."""

from __future__ import annotations

import torch
from torch import nn


class PlainModule(nn.Module):
    """One member: `maps` from layer to layer and `norms` before them, `nn.Identity` for none."""

    def __init__(self, maps, norms):
        super().__init__()
        self.maps, self.norms = nn.ModuleList(maps), nn.ModuleList(norms)
        self.double()

    def named(self) -> dict[str, torch.Tensor]:
        """Its tensors under the engine's names."""
        tensors = {}
        for i, linear in enumerate(self.maps, start=1):
            tensors |= {f"weight_{i}": linear.weight, f"bias_{i}": linear.bias}
        for i, norm in enumerate(self.norms):
            if not isinstance(norm, nn.Identity):
                tensors |= {f"scale_{i}": norm.weight, f"shift_{i}": norm.bias}
                tensors |= {f"running_mean_{i}": norm.running_mean}
                tensors |= {f"running_var_{i}": norm.running_var}
        return tensors

    def fill(self, family, theta, statistics, member: int) -> None:
        """Take the values of a member of an ensemble."""
        given = family.parameters.views(theta) | family.statistics.views(statistics)
        with torch.no_grad():
            for name, tensor in self.named().items():
                tensor.copy_(torch.as_tensor(given[name][member]))

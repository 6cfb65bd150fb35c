"""Gradients with respect to what a map reads, by jacrev through the whole network alone.

A map is taken out of a plain torch network and put back as h = W x + b of rows x that are variables
of their own: patches of a convolution, picked by Python's loops, tokens, one-hot rows, normalised
pixels of a batch norm. No tape, no cotangent, no row of the project's is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import jacrev
from torch.nn import functional


@dataclass(frozen=True)
class Explicit:
    """W `(fan_out, fan_in)`, x `(sample, position, fan_in)` and ∂f/∂x, ∂f/∂h of one map.

    The derivatives are `(sample, output, position, fan)`, of each sample's own outputs.
    """

    weight: Tensor
    inputs: Tensor
    of_inputs: Tensor
    of_given: Tensor

    @property
    def agop(self) -> Tensor:
        """G = (1/n) Σ_a Σ_p Σ_o (∂f_o/∂x_ap)(∂f_o/∂x_ap)ᵀ."""
        return torch.einsum("nopi,nopj->ij", self.of_inputs, self.of_inputs) / len(self.inputs)

    @property
    def moment(self) -> Tensor:
        """K, the same of ∂f_o/∂h_ap."""
        return torch.einsum("nopi,nopj->ij", self.of_given, self.of_given) / len(self.inputs)


def explicit(net: nn.Module, name: str, x: Tensor) -> Explicit:
    """Of the map `name` of `net`, in evaluation mode, on a batch of samples."""
    module = net.get_submodule(name)
    seen: list[tuple[Tensor, Tensor]] = []
    hook = module.register_forward_hook(lambda _, read, given: seen.append((read[0], given)))
    f = net(x).flatten(1)
    hook.remove()
    ((read, given),) = seen
    rows, weight = read_rows(module, read.detach()), matrix_of(module)
    bias = 0.0 if getattr(module, "bias", None) is None else module.bias.detach()
    place = _placed(module, given)
    # What is put back is the map itself.
    torch.testing.assert_close(place(rows @ weight.T + bias), given, rtol=1e-12, atol=1e-12)

    def whole(h: Tensor) -> Tensor:
        hook = module.register_forward_hook(lambda *_: place(h))
        try:
            return net(x).flatten(1)
        finally:
            hook.remove()

    of_inputs = _own(jacrev(lambda r: whole(r @ weight.T + bias))(rows), len(f))
    of_given = _own(jacrev(whole)((rows @ weight.T + bias).detach()), len(f))
    return Explicit(weight, rows, of_inputs.detach(), of_given.detach())


def _own(jacobian: Tensor, n: int) -> Tensor:
    """Of each sample's outputs with respect to that sample; all others must be 0."""
    own = torch.stack([jacobian[a, :, a] for a in range(n)])
    torch.testing.assert_close(own.square().sum(), jacobian.square().sum(), rtol=1e-12, atol=1e-18)
    return own


def read_rows(module: nn.Module, x: Tensor) -> Tensor:
    """x of every position, `(sample, position, fan_in)`."""
    if isinstance(module, nn.Embedding):
        rows = torch.zeros(*x.shape, module.num_embeddings, dtype=module.weight.dtype)
        for place in torch.cartesian_prod(*(torch.arange(size) for size in x.shape)):
            rows[*place, x[*place]] = 1.0
        return rows
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        mean, deviation = module.running_mean, (module.running_var + module.eps).sqrt()
        return (x.movedim(1, -1).reshape(len(x), -1, x.shape[1]) - mean) / deviation
    if isinstance(module, nn.Conv2d):
        return _patches(module, x)
    return x.reshape(len(x), -1, x.shape[-1])


def _patches(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """Patch by patch, (channel, row, column) flattened."""
    (high, wide), (dy, dx), (sy, sx) = conv.kernel_size, conv.dilation, conv.stride
    if conv.padding == "valid":
        pads = [0, 0, 0, 0]
    elif conv.padding == "same":
        y, z = dy * (high - 1), dx * (wide - 1)
        pads = [z // 2, z - z // 2, y // 2, y - y // 2]
    else:
        pads = [conv.padding[1]] * 2 + [conv.padding[0]] * 2
    x = functional.pad(
        x, pads, mode="constant" if conv.padding_mode == "zeros" else conv.padding_mode
    )
    found = []
    for top in range(0, x.shape[2] - dy * (high - 1), sy):
        for left in range(0, x.shape[3] - dx * (wide - 1), sx):
            entries = [
                x[:, channel, top + dy * row, left + dx * column]
                for channel in range(x.shape[1])
                for row in range(high)
                for column in range(wide)
            ]
            found.append(torch.stack(entries, dim=1))
    return torch.stack(found, dim=1)


def matrix_of(module: nn.Module) -> Tensor:
    """W `(fan_out, fan_in)`, with the zeros that groups of a convolution leave."""
    weight = module.weight.detach()
    if isinstance(module, nn.Embedding):
        return weight.T
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return torch.diag(weight)
    if not isinstance(module, nn.Conv2d):
        return weight
    out, channels = len(weight) // module.groups, weight.shape[1]
    whole = weight.new_zeros(len(weight), channels * module.groups, *weight.shape[2:])
    for row in range(len(weight)):
        first = channels * (row // out)
        whole[row, first : first + channels] = weight[row]
    return whole.reshape(len(weight), -1)


def _placed(module: nn.Module, given: Tensor) -> Callable[[Tensor], Tensor]:
    """From rows `(sample, position, fan_out)` to the shape that the module gives."""
    if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
        return lambda h: h.transpose(1, 2).reshape(given.shape)
    return lambda h: h.reshape(given.shape)

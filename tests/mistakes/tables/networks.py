"""Families, their forwards, initial values and scalings."""

from __future__ import annotations

from ..mistake import Mistake

MLP, RESNET, CNN = "networks/mlp.py", "networks/residual_mlp.py", "networks/block_cnn.py"
STACK, SCALINGS = "networks/stack.py", "networks/scalings.py"
AUTOGRAD, FUNCTIONAL = "networks/autograd.py", "networks/functional.py"
FORWARD = "networks/mlp_forward.py"

MISTAKES = (
    Mistake(
        MLP,
        "            var = ((z - mean[:, None]) ** 2).mean(1)\n",
        "            var = ((z - mean[:, None]) ** 2).mean(1)\n"
        '            self.running[f"running_var_{layer}"][...] = var\n',
        "an evaluation overwrites running variances",
        ("networks/test_registry.py",),
    ),
    Mistake(
        MLP,
        "            mean = z.mean(1)\n",
        "            mean = z.mean(1)\n"
        '            self.running[f"running_mean_{layer}"][...] = mean\n',
        "an evaluation overwrites running means",
        ("networks/test_registry.py",),
    ),
    Mistake(
        MLP,
        'mean = mean - p[f"bias_{layer}"]',
        'mean -= p[f"bias_{layer}"]',
        "every evaluation moves the running means by the bias",
        ("networks/test_registry.py",),
    ),
    Mistake(
        MLP,
        "        h[...] = x\n        if f.has_batch_norm:",
        "        h[...] = x\n"
        "        self.parameters['bias_1'] *= 0.5\n"
        "        if f.has_batch_norm:",
        "an evaluation changes the weights",
        ("networks/test_registry.py",),
    ),
    Mistake(
        MLP,
        "if layer:\n",
        "if not layer:\n",
        "running means are taken without the bias that they include",
    ),
    Mistake(
        MLP,
        "((z - mean[:, None]) ** 2).mean(1)",
        "((z - mean[:, None]) ** 2).sum(1) / (z.shape[1] - 1)",
        "the unbiased variance normalises an evaluation's batch",
    ),
    Mistake(
        MLP,
        "(var + BN_EPS) ** 0.5",
        "(var**0.5 + BN_EPS)",
        "ε is added to the standard deviation, not to the variance",
    ),
    Mistake(
        MLP,
        "self._normalise(h, 0, self.identity, mode)",
        "self._normalise(h, 0, self.slope, mode)",
        "an evaluation puts the input through the activation",
    ),
    Mistake(
        MLP,
        "dropout_keys, stream + layer, buffers.inverse_std",
        "dropout_keys, stream, buffers.inverse_std",
        "layers share one dropout mask, with batch norm",
    ),
    Mistake(
        MLP,
        "self.dropout, dropout_keys, stream + layer\n                )",
        "self.dropout, dropout_keys, stream\n                )",
        "layers share one dropout mask, without batch norm",
    ),
    Mistake(
        MLP,
        "stream = step * (depth + 1)",
        "stream = step",
        "a layer has the mask that the next one had a step ago",
    ),
    Mistake(
        MLP,
        'bias[1] = bias[1] + (weight[1] @ p["shift_0"][:, :, None])[:, :, 0]',
        "pass",
        "the shift of the input's batch norm does nothing",
    ),
    Mistake(
        MLP,
        'gradient *= p["scale_0"][:, None]',
        "pass",
        "the first weight's gradient lacks the input's scale",
    ),
    Mistake(
        MLP,
        "for layer in range(depth, 0, -1):",
        "for layer in range(depth, 1, -1):",
        "the first weight has no gradient",
    ),
    Mistake(
        "networks/base.py",
        "BN_MOMENTUM = 0.1",
        "BN_MOMENTUM = 0.9",
        "running statistics take the old for the new",
        ("networks/test_mlp.py",),
    ),
    Mistake(
        "networks/base.py",
        "BN_EPS = 1e-5",
        "BN_EPS = 1e-3",
        "another framework's ε",
        ("networks/test_mlp.py",),
    ),
    Mistake(
        FORWARD,
        "activate(family.activation, z, members)",
        "activate(family.activation, -z, members)",
        "the slope is on the positive side",
    ),
    Mistake(
        FORWARD,
        "features.append(h)\n        if dropout is not None:\n"
        "            h = h * dropout(layer, tuple(h.shape[1:]))\n",
        "if dropout is not None:\n"
        "            h = h * dropout(layer, tuple(h.shape[1:]))\n        features.append(h)\n",
        "features are shown after dropout",
        ("networks/test_mlp_forward.py", "networks/test_autograd.py"),
    ),
    Mistake(
        STACK,
        "t.layer: t.size // t.shape[0] for t",
        "t.layer: t.shape[0] for t",
        "fan-out for fan-in",
        ("networks/test_stack.py", "networks/initialization/test_uniform_fan_in.py"),
    ),
    Mistake(
        STACK,
        'generator(seed, f"initialization/{tensor.name}")',
        'generator(seed, f"initialization/{tensor.role}")',
        "layers of one shape start from the same weights",
    ),
    Mistake(
        STACK,
        'generator(seed, f"initialization/{tensor.name}")',
        "generator(seed, tensor.name)",
        "weights are drawn for another purpose than they say",
    ),
    Mistake(
        "networks/initialization/uniform_fan_in.py",
        "bound = gain / math.sqrt(fan_in)",
        "bound = math.sqrt(3.0 / fan_in)",
        "LeCun's variance for the frameworks' bound",
    ),
    Mistake(
        "networks/initialization/kaiming_normal.py",
        "math.sqrt(2.0 / count)",
        "math.sqrt(1.0 / count)",
        "He's factor 2 is missing",
    ),
    Mistake(
        "networks/initialization/kaiming_normal.py",
        "else tensor.fan_out",
        "else tensor.shape[0]",
        "the fan-out of a convolution lacks its kernel",
        ("networks/initialization/test_laws.py",),
    ),
    Mistake(
        "networks/initialization/xavier_uniform.py",
        "math.sqrt(6.0 / (fan_in",
        "math.sqrt(3.0 / (fan_in",
        "Glorot's bound for his variance",
    ),
    Mistake(
        "networks/initialization/mean_field.py",
        "bias_std if tensor.role",
        "bias_std / math.sqrt(fan_in) if tensor.role",
        "biases fall with the width",
    ),
    Mistake(
        "networks/initialization/laws.py",
        "layers[-1] = (load_rule",
        "layers[0] = (load_rule",
        "the read-out's law goes to the first map",
    ),
    Mistake(
        "networks/initialization/laws.py",
        "value[place] if isinstance",
        "value[0] if isinstance",
        "all maps have the first one's number",
    ),
    Mistake(
        MLP,
        "            out *= factors\n            z *= factors\n",
        "            out *= factors\n",
        "what is dropped still has a gradient, under a written activation",
    ),
    Mistake(
        MLP,
        "                dout *= buffers.linear[below]\n",
        "                dout *= buffers.out[below]\n",
        "a written activation's derivative is its value",
    ),
    Mistake(
        "networks/activations/written.py",
        "    z *= 2\n",
        "",
        "the derivative of z² is z",
    ),
    Mistake(
        "networks/activations/registry.py",
        ':gelu")',
        ':gelu", rises=True)',
        "GELU, which falls, is pooled before it is applied",
        ("networks/activations/test_functions.py",),
    ),
    Mistake(
        STACK,
        "biased[layer == len(weights)]",
        "biased[0]",
        "the read-out has the biases of the other maps",
        ("networks/test_autograd.py", "networks/test_affine.py"),
    ),
    Mistake(
        "networks/affine.py",
        'bias = f"bias_{layer}" if biased[layer - 1] else None',
        'bias = f"bias_{layer}"',
        "maps name a bias that they lack",
    ),
    Mistake(
        CNN,
        "unflatten(1, (count, -1)).permute(1, 0, 3, 2)",
        "unflatten(1, (-1, count)).permute(2, 0, 3, 1)",
        "patches of one member hold channels of others",
        ("networks/test_affine.py",),
    ),
    Mistake(
        FUNCTIONAL,
        "space.unflatten(1, (members, -1)).permute(1, 0, 3, 2)",
        "space.unflatten(1, (-1, members)).permute(2, 0, 3, 1)",
        "rows of one member hold channels of others",
        ("networks/test_affine.py",),
    ),
    Mistake(
        FUNCTIONAL,
        "return nn.batch_norm(z, mean, var, None, None, False, 0.0, BN_EPS)",
        "return nn.batch_norm(z, None, None, None, None, True, 0.0, BN_EPS)",
        "a tape in evaluation mode shows x̂ of the batch's own statistics",
        ("networks/test_affine.py",),
    ),
    Mistake(
        "networks/registry.py",
        "(activation.fused or bool(written))",
        "True",
        "residual networks of tanh are given to a backend without autograd",
        ("networks/activations/test_registry.py",),
    ),
    Mistake(
        "networks/layout.py",
        "layers = [t.layer if on else None",
        "layers = [t.layer if True or on else None",
        "frozen tensors count among the blocks",
    ),
    Mistake(
        RESNET,
        "math.sqrt((1 - branch_scale) * (1 + branch_scale))",
        "1 - branch_scale",
        "the shortcut is 1 − β",
    ),
    Mistake(
        RESNET,
        'g[f"weight_{layer}"][...] *= beta',
        "pass",
        "gradients of branches lack β",
    ),
    Mistake(
        RESNET,
        'skip * g[f"bias_{layer}"] + self._spare',
        'g[f"bias_{layer}"] + self._spare',
        "the gradient of a bias passes the shortcut undamped",
    ),
    Mistake(
        RESNET, "delta *= skip\n", "delta *= 1.0\n", "the gradient passes the shortcut undamped"
    ),
    Mistake(
        RESNET,
        "for layer in range(2, depth):\n            h = active[layer]",
        "for layer in range(2, depth - 1):\n            h = active[layer]",
        "the last branch is left out",
    ),
    Mistake(
        RESNET,
        "affine_activation(h, one, self._no_bias, self.slope)",
        "affine_activation(h, one, self._no_bias, one[:, 0].astype(float) * 0)",
        "an evaluation's branches are ReLU whatever the slope",
    ),
    Mistake(
        "networks/residual_mlp_forward.py",
        "family.shortcut * f + family.branch_scale * branch",
        "family.branch_scale * f + family.shortcut * branch",
        "shortcut and branch have each other's factor",
    ),
    Mistake(CNN, "nn.max_pool2d(z, 2)", "nn.avg_pool2d(z, 2)", "the mean of 2×2 pixels"),
    Mistake(
        CNN,
        'nn.interpolate(a, scale_factor=2, mode="nearest")',
        'nn.interpolate(a, scale_factor=2, mode="bilinear")',
        "up-sampling interpolates",
    ),
    Mistake(
        CNN,
        'parameters[f"weight_{layer}"].flatten(0, 1), parameters',
        'parameters[f"weight_{layer}"].flatten(0, 1).flip(3), parameters',
        "kernels are mirrored",
    ),
    Mistake(
        CNN,
        "(channels, fan_in, _KERNEL, _KERNEL) for fan_in in widths[:-1]",
        "(channels, fan_in, _KERNEL, _KERNEL) for fan_in in widths[1:]",
        "the first block takes as many channels as all others",
    ),
    Mistake(
        AUTOGRAD,
        "first = step * len(self.family.layer_names)",
        "first = 0",
        "dropout is not redrawn between minibatches of an epoch, by autograd",
    ),
    Mistake(
        AUTOGRAD,
        "keys[group], first + layer, shape",
        "keys[group], first, shape",
        "layers share one dropout mask, by autograd",
    ),
    Mistake(
        AUTOGRAD,
        "keys[group], first + layer, shape",
        "keys[:1].expand(len(keys[group]), 2), first + layer, shape",
        "all members have the dropout of the first",
    ),
    Mistake(
        AUTOGRAD,
        "                found.append(self._forward(self.family, named, running, inputs, settings, "
        "mode)[0])\n",
        "                settled = (settings, mode)\n"
        "                told = self._forward(self.family, named, running, inputs, *settled)\n"
        "                found.append(told[0])\n"
        "                for name, values in told[1].items():\n"
        "                    self._running[name][group] = values\n",
        "an evaluation moves the running statistics, by autograd",
        ("networks/test_autograd.py", "networks/test_block_cnn.py", "signals/test_network.py"),
    ),
    Mistake(
        "networks/graphs.py",
        "            self._running[name][group] = values\n",
        "            pass\n",
        "training leaves the running statistics as they are",
        ("networks/test_block_cnn.py",),
    ),
    Mistake(
        AUTOGRAD,
        '"batch_statistics", dropout\n',
        '"running_statistics", dropout\n',
        "training normalises by running statistics",
    ),
    Mistake(
        FUNCTIONAL,
        "old.lerp(value.view_as(old), BN_MOMENTUM)",
        "old.lerp(value.view_as(old), 1 - BN_MOMENTUM)",
        "running statistics take the old for the new, in torch",
        ("networks/test_mlp_forward.py", "networks/test_autograd.py"),
    ),
    Mistake(
        FUNCTIONAL,
        "updated[name] = old.lerp",
        "updated[name] = old.lerp_",
        "a forward changes the statistics that it was given",
        ("networks/test_mlp_forward.py", "networks/test_autograd.py"),
    ),
    Mistake(
        FUNCTIONAL,
        "mean = mean + bias.flatten()\n",
        "mean = mean - bias.flatten()\n",
        "the bias enters the running mean with the wrong sign",
        ("networks/test_mlp_forward.py", "networks/test_autograd.py"),
    ),
    Mistake(
        FUNCTIONAL,
        'members, "running_statistics")',
        'members, "batch_statistics")',
        "Hessians are of the loss in training mode",
    ),
    Mistake(
        FUNCTIONAL,
        "h.transpose(0, 1).flatten(1, 2)",
        "h.flatten(0, 1).unflatten(0, (h.shape[1], h.shape[0])).flatten(1, 2)",
        "members and samples are mixed",
    ),
    Mistake(
        SCALINGS,
        "s.m / (s.L**2 * s.d)",
        "s.m / (s.L * s.d)",
        "FSC's input rate falls as 1/L",
    ),
    Mistake(SCALINGS, "s.L**-1.5, r", "s.L**-0.5, r", "MF+µP's hidden rate falls as 1/√L"),
    Mistake(
        SCALINGS,
        "gain = 2 / (1 + negative_slope**2)",
        "gain = 2 / (1 + negative_slope)",
        "the gain of a leaky ReLU takes the slope unsquared",
    ),
    Mistake(
        SCALINGS,
        "math.sqrt(s.k) / s.m, r",
        "math.sqrt(s.k / s.m), r",
        "mean-field read-outs as wide as NTK's",
    ),
    Mistake(
        SCALINGS,
        "[self.hidden] * (self.depth - 2)",
        "[self.hidden] * (self.depth - 1)",
        "one hidden layer too many",
    ),
    Mistake(SCALINGS, '"/sqrt(L)": c / math.sqrt(depth)', '"/sqrt(L)": c / depth', "1/√L is 1/L"),
    Mistake(
        SCALINGS,
        "k=1 if sparse else n_outputs",
        "k=n_outputs",
        "the sparse setting counts outputs",
    ),
    Mistake(
        SCALINGS,
        "1 / math.sqrt(3 * s.fan_in)",
        "1 / math.sqrt(3 * s.d)",
        "the default start depends on the setting",
    ),
    Mistake(
        SCALINGS,
        "1 / (s.L * s.beta**2)",
        "1 / (s.L * s.beta)",
        "the ResNet's hidden rate takes β unsquared",
    ),
)

"""Kernels, fused and plain, and the two backends; losses."""

from __future__ import annotations

from ..mistake import Mistake

DATA, DENSE, WORDS = (f"backends/fused/{name}.py" for name in ("data", "dense", "words"))
PLAIN_DATA, PLAIN_DENSE = "backends/plain/data.py", "backends/plain/dense.py"
PLAIN_WORDS = "backends/plain/words.py"
CPU, TORCH = "backends/cpu.py", "backends/torch_backend.py"
ENTROPY, SQUARES = "losses/cross_entropy.py", "losses/mean_squared_error.py"

MISTAKES = (
    Mistake(
        DATA,
        "for i in range(n - 1):\n            b0, _",
        "for i in range(n // 2):\n            b0, _",
        "half of the images keep their order",
    ),
    Mistake(
        DATA,
        "b0, _ = threefry(keys[e, 0], keys[e, 1], u32(i), u32(stream))\n"
        "            j = i + int((np.uint64(b0) * np.uint64(n - i))",
        "b0, _ = threefry(keys[e, 0], keys[e, 1], u32(i), u32(stream))\n"
        "            j = i + 1 + int((np.uint64(b0) * np.uint64(n - i - 1))",
        "no image stays in its place (Sattolo's cycles)",
    ),
    Mistake(
        DATA,
        "math.sqrt(total / size)",
        "math.sqrt(total / (size - 1))",
        "input noise in units of the sample standard deviation",
    ),
    Mistake(
        DATA,
        "flat[half + i] += scale * flat.dtype.type(b)",
        "flat[half + i] += scale * flat.dtype.type(a)",
        "both halves of the inputs have the same noise",
    ),
    Mistake(
        DATA,
        "k0, k1, c1 = keys[e, 0], keys[e, 1], u32(stream)",
        "k0, k1, c1 = keys[0, 0], keys[0, 1], u32(stream)",
        "all members have the input noise of the first",
    ),
    Mistake(
        DATA,
        "count = int(strength[e] * n)",
        "count = int(strength[e] * n + 0.5)",
        "the number of noisy labels is rounded, not cut",
    ),
    Mistake(
        DATA,
        "(np.uint64(b1) * np.uint64(n_classes))",
        "(np.uint64(b0) * np.uint64(n_classes))",
        "which label is redrawn tells its new class",
    ),
    Mistake(
        DATA,
        "(np.uint64(b1) * np.uint64(n_classes))",
        "(np.uint64(b1) * np.uint64(n_classes - 1))",
        "no label becomes the last class",
    ),
    Mistake(
        DATA,
        "order[i], order[j] = order[j], order[i]\n            labels",
        "order[i] = j\n            labels",
        "labels are chosen with replacement",
    ),
    Mistake(
        PLAIN_DATA,
        "std = torch.stack([member.std(unbiased=False) for member in x])",
        "std = torch.stack([member.std() for member in x])",
        "input noise in units of the sample standard deviation, plain",
    ),
    Mistake(
        PLAIN_DATA,
        "(strength.cpu().numpy() * n).astype(np.int64)",
        "np.rint(strength.cpu().numpy() * n).astype(np.int64)",
        "the number of noisy labels is rounded, plain",
    ),
    Mistake(
        PLAIN_DATA,
        "j = i + words[:, i] * (n - i) // 2**32",
        "j = words[:, i] * n // 2**32",
        "a shuffle that is not uniform",
    ),
    Mistake(
        DENSE,
        "keep = flat.dtype.type(65536.0 / (65536.0 - threshold))",
        "keep = flat.dtype.type(1.0)",
        "what dropout leaves is not scaled up",
    ),
    Mistake(
        DENSE,
        "flat[quarter + i] *= keep if u32(b0 >> u32(16)) >= threshold else zero",
        "flat[quarter + i] *= keep if u32(b0 & low) >= threshold else zero",
        "two quarters share one dropout mask",
    ),
    Mistake(
        DENSE,
        "flat[3 * quarter + i] *= keep if u32(b1 >> u32(16)) >= threshold else zero",
        "flat[3 * quarter + i] *= keep if u32(b1 >> u32(16)) < threshold else zero",
        "dropout keeps what it should drop in a quarter",
    ),
    Mistake(
        DENSE,
        "        for j in range(d):\n            mean[j] += part[j]\n",
        "        for j in range(d):\n            mean[j] = part[j]\n",
        "means of more than 128 rows forget all blocks but the last",
    ),
    Mistake(
        DENSE,
        "        for j in range(d):\n            var[j] += part[j]\n",
        "        for j in range(d):\n            var[j] = part[j]\n",
        "variances of more than 128 rows forget all blocks but the last",
    ),
    Mistake(
        DENSE,
        "unbiased = v * dtype(n) / dtype(max(n - 1, 1))",
        "unbiased = v",
        "running variances are biased",
    ),
    Mistake(
        DENSE,
        "unbiased = var[j] * dtype(n) / dtype(max(n - 1, 1))",
        "unbiased = var[j]",
        "running variances of inputs are biased",
    ),
    Mistake(
        DENSE,
        "m * (mean[j] + bias[e, j] - running_mean[e, j])",
        "m * (mean[j] - running_mean[e, j])",
        "running means lack the bias",
    ),
    Mistake(
        DENSE,
        "oute[i, j] = y if y > zero else alpha * y",
        "oute[i, j] = y if y < zero else alpha * y",
        "the slope is on the positive side, with batch norm",
    ),
    Mistake(
        DENSE,
        "y = ze[i, j] + b[j]\n                ze[i, j] = y if y > zero else alpha * y",
        "y = ze[i, j] + b[j]\n                ze[i, j] = y if y > zero else -alpha * y",
        "the slope has the wrong sign",
    ),
    Mistake(
        DENSE,
        "at_zero = zero if dropout[e] > 0.0 else alpha\n        sg",
        "at_zero = zero\n        sg",
        "the derivative at an exact 0 is 0, with batch norm",
    ),
    Mistake(
        DENSE,
        "at_zero = zero if dropout[e] > 0.0 else alpha\n        db",
        "at_zero = zero\n        db",
        "the derivative at an exact 0 is 0",
    ),
    Mistake(
        DENSE,
        "de[i, j] - sb[j] * inv_n - xe[i, j] * (sg[j] * inv_n)",
        "de[i, j] - sb[j] * inv_n",
        "batch norm's gradient lacks the part of the variance",
    ),
    Mistake(
        DENSE,
        "alpha = dtype(slope[e]) * keep\n        # Without",
        "alpha = dtype(slope[e])\n        # Without",
        "negative units are not scaled up behind dropout",
    ),
    Mistake(
        DENSE,
        "y = g[j] * ze[i, j] + b[j]",
        "y = g[j] * (ze[i, j] + b[j])",
        "the shift is scaled in an evaluation",
    ),
    Mistake(
        PLAIN_DENSE,
        "running_var.lerp_(var * (n / max(n - 1, 1)), momentum)\n    z.mul_",
        "running_var.lerp_(var, momentum)\n    z.mul_",
        "running variances are biased, plain",
    ),
    Mistake(
        PLAIN_DENSE,
        "keep = (65536.0 / (65536.0 - threshold)).to(h.dtype)",
        "keep = torch.ones_like(dropout).to(h.dtype)",
        "what dropout leaves is not scaled up, plain",
    ),
    Mistake(
        PLAIN_DENSE,
        "torch.where(words >= threshold[:, None]",
        "torch.where(words > threshold[:, None]",
        "dropout drops one word in 65536 too many",
    ),
    Mistake(
        PLAIN_DENSE,
        "dout.sub_(dshift[:, None] / n)",
        "dout.sub_(dshift[:, None])",
        "batch norm's gradient takes the sum for the mean",
    ),
    Mistake(
        PLAIN_DENSE,
        "torch.where(out < 0, alpha, at_zero)",
        "torch.where(out < 0, alpha, keep)",
        "the derivative at an exact 0 is 1",
    ),
    Mistake(WORDS, "_rotate(x1, 26)", "_rotate(x1, 25)", "Threefry rotates by another number"),
    Mistake(
        WORDS,
        "u32(k2 + u32(4))",
        "u32(k2 + u32(3))",
        "Threefry's key schedule is off by one",
    ),
    Mistake(
        WORDS,
        "b = -b if _i32(q & _i32(2))",
        "b = -b if _i32(q & _i32(1))",
        "normals have the wrong sign in a quarter of the turns",
    ),
    Mistake(
        WORDS,
        "w * (_f32(2 / 3) +",
        "w * (_f32(1 / 3) +",
        "a coefficient of the logarithm is wrong",
    ),
    Mistake(
        WORDS,
        "out[i], out[half + i] = threefry(",
        "out[half + i], out[i] = threefry(",
        "the halves of random words are exchanged",
    ),
    Mistake(
        PLAIN_WORDS,
        "schedule[(block + 2) % 3] + block + 1)",
        "schedule[(block + 2) % 3] + block)",
        "Threefry's key schedule is off by one, plain",
    ),
    Mistake(
        PLAIN_WORDS,
        "radius = torch.sqrt(-2.0 * torch.log(u))",
        "radius = torch.sqrt(-torch.log(u))",
        "normals have half the variance",
    ),
    Mistake(
        PLAIN_WORDS,
        "torch.cat([a[:, :half], b[:, :half], a[:, half:]], dim=1)",
        "torch.cat([a[:, :half], a[:, :half], a[:, half:]], dim=1)",
        "both halves of a member's normals are the same, plain",
    ),
    Mistake(
        CPU,
        'return np.array(array, dtype=kind, order="C")',
        'return np.asarray(array, dtype=kind, order="C")',
        "kernels work on the caller's own arrays",
    ),
    Mistake(
        CPU,
        "return np.array(array)\n",
        "return array\n",
        "what is stored goes on changing",
    ),
    Mistake(
        CPU,
        "np.ascontiguousarray(values, np.float64)",
        "np.ascontiguousarray(values, self._type).astype(np.float64)",
        "settings of members are rounded to float32",
    ),
    Mistake(
        TORCH,
        "return torch.tensor(np.ascontiguousarray(array), dtype=kind, device=self.device)",
        "return torch.as_tensor(np.ascontiguousarray(array), dtype=kind, device=self.device)",
        "torch works on the caller's own arrays",
    ),
    Mistake(
        TORCH,
        ".cpu().numpy().copy()",
        ".cpu().numpy()",
        "what is stored goes on changing, torch",
    ),
    Mistake(
        ENTROPY,
        "loss[e] = total / n",
        "loss[e] = total / (n * k)",
        "the loss is a mean over classes too",
    ),
    Mistake(
        ENTROPY,
        "inv_n = dtype(1) / dtype(n)",
        "inv_n = dtype(1)",
        "the gradient is that of the sum over samples",
    ),
    Mistake(
        ENTROPY,
        "top = max(top, ze[i, j])",
        "top = min(top, ze[i, j])",
        "exponentials overflow where logits are far apart",
    ),
    Mistake(
        ENTROPY,
        "loss.copy_(-picked.double().mean(dim=(1, 2)))",
        "loss.copy_(-picked.double().sum(dim=(1, 2)))",
        "the loss is a sum over samples, plain",
    ),
    Mistake(
        ENTROPY,
        "z = logits - logits.max(axis=2, keepdims=True)",
        "z = logits",
        "an evaluation's exponentials overflow",
    ),
    Mistake(
        ENTROPY,
        "picked).mean(axis=1)",
        "picked).mean(axis=1) / np.log(2)",
        "an evaluation's loss is in bits",
    ),
    Mistake(
        SQUARES,
        "factor = dtype(2.0 / (n * k))",
        "factor = dtype(1.0 / (n * k))",
        "the gradient lacks the 2 of the square",
    ),
    Mistake(
        SQUARES,
        "loss[e] = total / (n * k)",
        "loss[e] = total / n",
        "the loss is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        "(2.0 / residual[0].numel())",
        "(2.0 / residual.numel())",
        "the gradient is divided by the number of members, plain",
    ),
    Mistake(
        SQUARES,
        "((logits - onehot) ** 2).mean(axis=(1, 2))",
        "((logits - onehot) ** 2).sum(axis=2).mean(axis=1)",
        "an evaluation's loss is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        "(logits - onehot).square().mean((1, 2))",
        "(logits - onehot).square().mean((1, 2)) / 2",
        "half the squared error, differentiated",
    ),
)

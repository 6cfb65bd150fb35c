"""Losses of training: their kernels, what autograd differentiates, and evaluation."""

from __future__ import annotations

from ..mistake import Mistake

ENTROPY, SQUARES = "losses/cross_entropy.py", "losses/mean_squared_error.py"
OF_NUMBERS, ENCODING = "losses/squares.py", "losses/encoding.py"
LOGISTIC, HINGE = "losses/logistic.py", "losses/hinge.py"
BASE, SCORES = "losses/base.py", "losses/scores.py"

MISTAKES = (
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
        "(self.residual(outputs, targets) ** 2).mean(axis=(1, 2))",
        "(self.residual(outputs, targets) ** 2).sum(axis=2).mean(axis=1)",
        "an evaluation's loss is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        "self.residual(outputs, targets).square().mean((1, 2))",
        "self.residual(outputs, targets).square().mean((1, 2)) / 2",
        "half the squared error, differentiated",
    ),
    Mistake(
        SQUARES,
        "1 / n_outputs",
        "1.0",
        "the squared error of numbers is a sum over outputs",
    ),
    Mistake(
        SQUARES,
        'if self.encoding != "one_hot"',
        'if self.encoding == "nothing"',
        "centred targets are trained on as if they were one-hot",
    ),
    Mistake(
        OF_NUMBERS,
        "slope = dtype(2.0 * factor / n)",
        "slope = dtype(factor / n)",
        "the gradient of numbers lacks the 2 of the square",
    ),
    Mistake(
        OF_NUMBERS,
        "residual.double().square().sum(dim=2).mean(dim=1)",
        "residual.double().square().sum(dim=2).sum(dim=1)",
        "the loss of numbers is a sum over samples, plain",
    ),
    Mistake(
        ENCODING,
        "table = table - 1 / len(table)",
        "table = table - 1",
        "centred classes do not sum to zero",
    ),
    Mistake(
        ENCODING,
        "(2 * _identity(outputs) - 1)[targets]",
        "(1 - 2 * _identity(outputs))[targets]",
        "the class is the one that is rejected",
    ),
    Mistake(
        ENCODING,
        "2 * targets - 1, outputs",
        "targets, outputs",
        "class 0 of a single output costs nothing",
    ),
    Mistake(
        LOGISTIC,
        "return -y * array_namespace(outputs).exp(-_softplus(y * outputs))",
        "return -y * array_namespace(outputs).exp(-_softplus(outputs))",
        "the slope of the logistic loss ignores the target",
    ),
    Mistake(
        HINGE,
        "xp.where(y * outputs >= 1, xp.zeros_like(outputs), -y)",
        "xp.where(y * outputs >= 0, xp.zeros_like(outputs), -y)",
        "what is right by less than the margin does not learn",
    ),
    Mistake(
        BASE,
        "outputs[some] = (gradient / z.shape[1])",
        "outputs[some] = (gradient)",
        "the gradient of a plain loss is that of the sum over samples",
    ),
    Mistake(
        BASE,
        "return xp.argmax(outputs, axis=-1)",
        "return xp.argmin(outputs, axis=-1)",
        "accuracy of the least likely class",
    ),
    Mistake(
        SCORES,
        "y.mean(axis=0)",
        "y.mean()",
        "variance is explained about the mean of all outputs",
    ),
)

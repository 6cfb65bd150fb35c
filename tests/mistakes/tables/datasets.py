"""Data sets: noise, choice of samples, pixels; runs: streams, shards, the ledger."""

from __future__ import annotations

from ..mistake import Mistake

NOISE, PIXELS = "datasets/noise.py", "datasets/preprocessing.py"
PREPARATION, STREAMS = "datasets/preparation.py", "runs/streams.py"
IMAGES, ARRAYS = "datasets/makers/images.py", "datasets/own_arrays.py"
STANDARD = "datasets/standardisation.py"
SHARDING = "runs/sharding.py"

MISTAKES = (
    Mistake(
        NOISE,
        "size=int(p * n), replace=False)",
        "size=int(p * n), replace=True)",
        "labels are chosen with replacement",
    ),
    Mistake(NOISE, "size=int(p * n)", "size=round(p * n)", "the number of labels is rounded"),
    Mistake(
        NOISE,
        "rng.integers(n_classes, size=len(chosen))",
        "rng.integers(1, n_classes, size=len(chosen))",
        "no label becomes class 0",
    ),
    Mistake(
        NOISE,
        "rng.integers(n_classes, size=len(chosen))",
        "(labels[chosen] + rng.integers(1, n_classes, size=len(chosen))) % n_classes",
        "a redrawn label is never the true one",
    ),
    Mistake(
        NOISE,
        "noisy = labels.copy()",
        "noisy = labels",
        "noise overwrites the clean labels",
    ),
    Mistake(
        NOISE,
        "float(p * np.std(x, dtype=np.float64))",
        "float(p * np.std(x, dtype=np.float64, ddof=1))",
        "the sample standard deviation",
    ),
    Mistake(
        NOISE,
        "float(p * np.std(x, dtype=np.float64))",
        "float(p)",
        "input noise in units of the pixels, not of their spread",
    ),
    Mistake(
        NOISE,
        "float(p * np.std(x, dtype=np.float64))",
        "float(p * np.std(x))",
        "sums over pixels in float32",
    ),
    Mistake(
        NOISE,
        "rng = np.random.default_rng([seed, _INPUT_STREAM])",
        "rng = np.random.default_rng([seed, _LABEL_STREAM])",
        "noise of inputs is drawn with labels' stream",
    ),
    Mistake(
        NOISE,
        "return self.labels != self.clean_labels",
        "return self.redrawn",
        "a label drawn again counts as changed",
    ),
    Mistake(
        PIXELS,
        "order[:n_train], order[n_train:end]",
        "order[:n_train], order[n_train - 1 : end - 1]",
        "an image of the training set is tested on",
    ),
    Mistake(
        PIXELS,
        "np.sort(sample_permutation(n_official, TEST_SUBSET_SEED)[:n_test])",
        "np.arange(n_test)",
        "the first test images for a fair sample",
    ),
    Mistake(
        PIXELS,
        "np.sort(sample_permutation(n_official, TEST_SUBSET_SEED)[:n_test])",
        "sample_permutation(n_official, TEST_SUBSET_SEED)[:n_test]",
        "test images are not in the official order",
    ),
    Mistake(PIXELS, "(0.299, 0.587, 0.114)", "(0.114, 0.587, 0.299)", "BGR for RGB"),
    Mistake(PIXELS, "antialias=antialias,", "antialias=False,", "images shrink without a filter"),
    Mistake(PIXELS, "align_corners=False", "align_corners=True", "pixel centres at the corners"),
    Mistake(
        PIXELS,
        "_BATCH].astype(np.float32))",
        "_BATCH].astype(np.float32).copy().swapaxes(2, 3))",
        "rows and columns are exchanged",
    ),
    Mistake(
        IMAGES,
        "_pixels(recipe, raw, test_images[test_index]),",
        "_pixels(recipe, raw, test_images[: len(test_index)]),",
        "test images do not belong to their labels",
    ),
    Mistake(
        PREPARATION,
        "clean, recipe.static_label_noise",
        "clean, recipe.static_input_noise",
        "label noise has the strength of input noise",
    ),
    Mistake(
        PREPARATION,
        "labels.clean_labels,",
        "labels.labels,",
        "clean labels are noisy",
    ),
    Mistake(
        PIXELS,
        "sample_permutation(n, seed)[:n_train]",
        "np.arange(n_train)",
        "the first images for a random subset",
    ),
    Mistake(
        STANDARD,
        '"mean_image": ((), entries)',
        '"mean_image": ((), ())',
        "the mean image is followed by a spread for each pixel",
    ),
    Mistake(
        STANDARD,
        "for part in (train, test):",
        "for part in (train,):",
        "test inputs are not standardised",
    ),
    Mistake(
        STANDARD,
        "spread = np.sqrt(_mean(train, of_spread, mean))",
        "spread = np.sqrt(_mean(train, of_spread))",
        "the spread is taken before the mean is subtracted",
    ),
    Mistake(
        ARRAYS,
        "out[order[a:b]] = block[ascending[a:b] - first]",
        "out[a:b] = block[ascending[a:b] - first]",
        "rows come in the file's order, not in the order asked for",
    ),
    Mistake(
        ARRAYS,
        'reshape(header.shape, order="F")',
        "reshape(header.shape)",
        "an array stored column by column is read row by row",
    ),
    Mistake(
        "datasets/makers/text.py",
        "train_targets=windows(starts, 1)",
        "train_targets=windows(starts, 0)",
        "a text's target is the character itself",
    ),
    Mistake(
        "datasets/makers/generated.py",
        "_SHARED, _TRAIN, _TEST = 11, 12, 13",
        "_SHARED, _TRAIN, _TEST = 11, 12, 12",
        "a network is tested on the samples that it is trained on",
    ),
    Mistake(
        "datasets/generators/chain_monomial.py",
        "cycle[:, [*range(1, r), 0]]",
        "x[:, 1 : r + 1]",
        "the chain of monomials is not closed",
    ),
    Mistake(
        "datasets/in_place.py",
        "if _sha256(made[name].values) != stored.attrs.get(_SUM.format(name)):",
        "if False:",
        "other arrays than the prepared ones are trained on",
    ),
    Mistake(
        STREAMS,
        'f"{int(seed)}/{purpose}/{int(epoch)}"',
        'f"{int(seed)}/{purpose}/{int(epoch) // 2}"',
        "two epochs share their random words",
    ),
    Mistake(
        STREAMS,
        'f"{int(seed)}/{purpose}/{int(epoch)}"',
        'f"{int(seed)}{purpose}{int(epoch)}"',
        "seed, purpose and epoch run together",
    ),
    Mistake(
        STREAMS,
        "int(words[0]) | int(words[1]) << 32",
        "int(words[0])",
        "half of the key is thrown away",
    ),
    Mistake(
        SHARDING,
        "tuple(plan.checkpoints) != wanted[fresh[0]].checkpoints:",
        "False:",
        "a shard is kept that lacks the checkpoints asked for",
    ),
    Mistake(
        SHARDING,
        "if i in wanted and i not in covered]",
        "if i in wanted]",
        "a run is trained in two shards",
    ),
    Mistake(
        SHARDING,
        "group[start : start + size]",
        "group[start : start + size - 1]",
        "a run a shard is lost",
    ),
    Mistake(
        SHARDING,
        "tuple(at(run.settings, path) for run in runs)",
        "tuple(at(run.settings, path) for run in runs[::-1])",
        "settings stand beside the wrong runs",
    ),
)

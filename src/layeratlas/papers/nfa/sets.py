"""Image sets of the paper by name, and their experiments. Light to import."""

from __future__ import annotations

__all__ = ["CONVOLUTIONAL", "DIGITS", "SETS", "SMALL"]

#: Sets of the paper, in the order of figures 6 to 11, with the experiments that train on them.
SETS = {
    "CIFAR-10": "nfa_mlp_cifar10",
    "CIFAR-100": "nfa_mlp_cifar100",
    "SVHN": "nfa_mlp_svhn",
    "STL-10": "nfa_mlp_stl10",
    "GTSRB": "nfa_mlp_gtsrb",
    "MNIST": "nfa_mlp_mnist",
}
#: None of the paper's: small enough for every preset.
DIGITS = "nfa_mlp_digits"
#: Sets on which the paper's convolutional network can have been trained, as figures 12 to 14.
CONVOLUTIONAL = {
    "CIFAR-10": "nfa_vgg_cifar10",
    "SVHN": "nfa_vgg_svhn",
    "STL-10": "nfa_vgg_stl10",
}
#: A small convolutional network on digits; none of the paper's.
SMALL = "nfa_cnn_digits"

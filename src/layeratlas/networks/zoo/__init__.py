"""Networks of the literature for small images, as modules that an experiment names.

    model: {family: module, from: "layeratlas.networks.zoo.vgg:VGG", settings: {depth: 11}}

Short ones of our own, not a library's: torchvision's are made for images of 224 pixels, whose VGG
ends in three dense maps with dropout, 4096 units wide, and whose ResNet begins with a 7×7
convolution of stride 2 and a pooling, so that 8×8 pixels of a 32×32 image would be left before the
first block. What the literature trains on CIFAR has the stem below, and a width multiplier. Numbers
of parameters are the published ones, which the tests hold. Their reset is torch's own; experiments
name an initial law. What is wrong in their settings is one ConfigError.
"""

"""The batches of CIFAR-10: names, and checksums of both forms that its author publishes.

Whoever has the pickles gets the images of the binary files: what a pickle holds is written as
binary records, and their checksum is compared.
"""

from __future__ import annotations

from typing import NamedTuple


class Batch(NamedTuple):
    """10,000 images: `md5` of the binary records `<name>.bin`, `md5_of_pickle` of `<name>`."""

    name: str
    md5: str
    md5_of_pickle: str


BATCHES = (
    Batch("data_batch_1", "5dd7e06a14cb22eb9f671a540d1b7c25", "c99cafc152244af753f735de768cd75f"),
    Batch("data_batch_2", "5ea93a67294ea407fff1d09f752e9692", "d4bba439e000b95fd0a9bffe97cbabec"),
    Batch("data_batch_3", "942cd6a4bcdd0dd3c604fbe906cb4421", "54ebc095f3ab1f0389bbae665268c751"),
    Batch("data_batch_4", "ae636b3ba5c66a11e91e8cb52e771fcb", "634d18415352ddfa80567beed471001a"),
    Batch("data_batch_5", "53f37980c15c3d472c316c40844f3f0d", "482c414d41f54cd18b22e5b47cb7c3cb"),
    Batch("test_batch", "803d5f7f4d78ea53de84dbe85f74fb6d", "40351d587109b95175f43aff81a1287e"),
)
"""Five of training, in order, and the test part."""

"""What settings say of a network whose sizes only the network itself knows, once it is made."""

from __future__ import annotations

from pydantic import BaseModel


class Unsized(BaseModel):
    """Settings of a network of somebody's own: no depth, no count that a plan could go by."""

    @property
    def depth(self) -> None:
        """Not known."""
        return None

    @property
    def batch_norm(self) -> None:
        """Not known."""
        return None

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """0: not known before the network is made."""
        return 0

    def n_features(self, channels: int, size: int) -> int:
        """0: not known before the network is made."""
        return 0

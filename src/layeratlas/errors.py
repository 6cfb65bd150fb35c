"""Errors that a user can act on: one sentence that says what, where and what would be right."""

from __future__ import annotations


class LayerAtlasError(Exception):
    """Base of every error the package raises on purpose."""


class ConfigError(LayerAtlasError):
    """A setting was refused. The message names file, key, value and what would be right."""


class DatasetError(LayerAtlasError):
    """A data set is unknown, incomplete, or not what its checksum says."""


class StoreError(LayerAtlasError):
    """A stored file is missing, damaged, or could not be published."""

"""The text of a user's module as a setting of its runs. Light to import: planning asks."""

from __future__ import annotations

from layeratlas.errors import ConfigError
from layeratlas.extending.sources import refusal, source_digest
from layeratlas.networks.module.settings import ModuleSettings


def source_of(settings: ModuleSettings) -> str:
    """Digest of the module's text; ConfigError where there is none. Nothing is run."""
    reference = getattr(settings, "from")
    if reason := refusal(reference):
        raise ConfigError(f"model.from: {reason}")
    try:
        return source_digest(reference)
    except ConfigError as error:
        raise ConfigError(f"model.from: {error}") from None

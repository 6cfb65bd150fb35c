"""The text of a user's module as a setting of its runs. Light to import: planning asks."""

from __future__ import annotations

from layeratlas.errors import ConfigError
from layeratlas.networks.module.reference import source_digest
from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.words import quoted, shortened


def source_of(settings: ModuleSettings) -> str:
    """Digest of the module's text; one that the settings have stands. ConfigError for no text."""
    if settings.source is not None:
        return settings.source
    reference = getattr(settings, "from")
    try:
        return source_digest(reference)
    except (OSError, ImportError, SyntaxError, ValueError) as error:
        told = shortened(f"{type(error).__name__}: {error}", 160)
        raise ConfigError(f"model.from: {quoted(reference)} cannot be imported: {told}") from None

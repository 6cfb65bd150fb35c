"""What runs of a user's module are told besides its settings: its text, and what data it meets.

Light to import: planning asks.
"""

from __future__ import annotations

from layeratlas.errors import ConfigError
from layeratlas.extending.sources import refusal, source_digest
from layeratlas.networks.module.settings import ModuleSettings


def told_of(settings: ModuleSettings, input_kind: str, target_kind: str) -> dict[str, str]:
    """Settings that no file gives: `source`, the digest of its text, and what is not as of images:
    `reads` tokens, `gives` outputs at positions."""
    told = {"source": source_of(settings)}
    if input_kind == "tokens":
        told["reads"] = "tokens"
    if target_kind == "tokens":
        told["gives"] = "positions"
    return told


def source_of(settings: ModuleSettings) -> str:
    """Digest of the module's text; ConfigError where there is none. Nothing is run."""
    reference = getattr(settings, "from")
    if reason := refusal(reference):
        raise ConfigError(f"model.from: {reason}")
    try:
        return source_digest(reference)
    except ConfigError as error:
        raise ConfigError(f"model.from: {error}") from None

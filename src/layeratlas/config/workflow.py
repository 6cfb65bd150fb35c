"""config/config.yaml: what to run, with which data, on which device.

Snakemake reads the same files, as YAML 1.1 and keeping the last of a key given twice; what counts
is what is read here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from layeratlas.config.people import author_of
from layeratlas.config.reading import read_yaml
from layeratlas.config.refusing import named, validated
from layeratlas.errors import ConfigError
from layeratlas.words import quoted

# How YAML writes null; a command line gives text.
_NULL = frozenset({"null", "Null", "NULL", "~"})
COMMAND_LINE = "--config"
_DECIMAL = re.compile(r"-?\d+(\.\d*)?")
_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")


class AtlasConfig(BaseModel):
    """What goes into the atlas, `atlas/index.html`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    figures: Literal["made", "all"] | tuple[str, ...] = Field(
        "made",
        description="`made`: those that are made at this preset, and the phase diagram; `all`: "
        "those that `snakemake figures` makes; or names",
    )
    experiments: tuple[str, ...] = Field((), description="experiments besides those of the figures")
    budget_mb: float = Field(
        5.0, gt=0, le=1000, strict=True, description="how large the page may be, in 10⁶ bytes"
    )

    @field_validator("figures", "experiments", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        """One name as text is a list of it."""
        return [value] if isinstance(value, str) and value not in ("made", "all") else value

    @field_validator("budget_mb", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        """Within a mapping a command line gives numbers as text."""
        return float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


class WorkflowConfig(BaseModel):
    """Settings of the workflow itself. Only `preset` changes what is computed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    preset: Literal["smoke", "laptop", "paper"] = Field(
        "laptop", description="size of every experiment"
    )
    data_dir: str | None = Field(None, description="folder with official data files; null: none")
    cache_dir: str | None = Field(None, description="where downloads are kept; null: user cache")
    download: bool = Field(True, description="false: never touch the network")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="`auto` takes the GPU where there is one"
    )
    save_every: float = Field(
        30.0, gt=0, le=1e6, strict=True, description="seconds between training checkpoints"
    )
    minutes_per_job: float | None = Field(
        None,
        gt=0,
        le=1e5,
        strict=True,
        description="how long a job of runs should take, as a shard's size is chosen; null: the "
        "`shard_size` of the experiment",
    )
    verbose: bool = Field(True, description="progress bars in the jobs")
    authors: tuple[str, ...] = Field(
        (),
        description="who answers for crates, each as `name; ORCID; affiliation`; none: those of "
        "CITATION.cff",
    )
    atlas: AtlasConfig = Field(
        default_factory=AtlasConfig, description="what goes into the page `atlas/index.html`"
    )

    @field_validator("minutes_per_job", mode="before")
    @classmethod
    def _a_number(cls, value: Any) -> Any:
        """None for the word null, which a command line gives as text."""
        return None if isinstance(value, str) and value in _NULL else value

    @field_validator("authors", mode="before")
    @classmethod
    def _people(cls, value: Any) -> Any:
        """A list of authors, of whom each can be read; a command line gives one as text."""
        if value is None or (isinstance(value, str) and value in _NULL):
            return ()
        found = [value] if isinstance(value, str) else value
        for one in found if isinstance(found, list | tuple) else ():
            if isinstance(one, str):
                author_of(one)
        return found

    @field_validator("data_dir", "cache_dir", mode="before")
    @classmethod
    def _a_path(cls, value: Any) -> Any:
        """None for the word null, `~` and `$NAME` replaced; refuses what nobody means."""
        if not isinstance(value, str):
            return value
        if value in _NULL:
            return None
        if not value.strip():
            raise ValueError("expected a folder, or null")
        if not value.isprintable() or len(value) > 4000:
            raise ValueError("expected a path that can be shown")
        try:
            path = str(Path(value).expanduser())
        except RuntimeError:
            raise ValueError("there is no such user; write the path") from None
        # What the environment gives may itself hold a `$`: only a name that it does not know is
        # left as it stands.
        if _VARIABLE.search(path) and os.path.expandvars(path) == path:
            raise ValueError("the environment has no such variable; write the path")
        return os.path.expandvars(path)


def load_workflow_config(config: Mapping[str, Any], where: str) -> WorkflowConfig:
    """The workflow's own settings, already put together."""
    return validated(WorkflowConfig, dict(config), where)


def workflow_config(files: Iterable[Path], given: Mapping[str, Any]) -> WorkflowConfig:
    """Those of files, the later over the earlier, under what a command line gives.

    Each is checked by itself, so that nothing wrong hides behind another. ConfigError names the
    file, or `--config`; also where `data_dir` is no folder, or `cache_dir` something else.
    """
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for where, found in [
        *((named(path), read_yaml(path)) for path in files),
        (COMMAND_LINE, given),
    ]:
        load_workflow_config(found, where)
        merged |= found
        origins |= dict.fromkeys(found, where)
    config = load_workflow_config(merged, "config/config.yaml")
    if config.data_dir is not None and not _is_folder(config.data_dir):
        raise ConfigError(
            f"{origins['data_dir']}: data_dir: there is no folder {quoted(config.data_dir)}; "
            "give one that is there, or null"
        )
    if config.cache_dir is not None and _is_folder(config.cache_dir) is False:
        raise ConfigError(
            f"{origins['cache_dir']}: cache_dir: {quoted(config.cache_dir)} is no folder and "
            "cannot become one; give another, or null for the user's cache"
        )
    return config


def _is_folder(path: str) -> bool | None:
    """Whether a path is one; None where nothing is there yet."""
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except FileNotFoundError:
        return None
    except OSError:  # below a file, too long a name, not for this user
        return False

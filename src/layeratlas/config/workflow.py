"""config/config.yaml: what to run, with which data, on which device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from layeratlas.config.refusing import validated


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
        30.0, gt=0, strict=True, description="seconds between training checkpoints"
    )
    verbose: bool = Field(True, description="progress bars in the jobs")


def load_workflow_config(config: Mapping[str, Any], where: str) -> WorkflowConfig:
    """The workflow's own settings, from config/config.yaml and `--config` together."""
    return validated(WorkflowConfig, dict(config), where)

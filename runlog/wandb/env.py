"""Names of the variables that are heed of, as scripts ask for them."""

from __future__ import annotations

import os
from collections.abc import Mapping

API_KEY = "WANDB_API_KEY"
DIR = "WANDB_DIR"
ENTITY = "WANDB_ENTITY"
JOB_TYPE = "WANDB_JOB_TYPE"
MODE = "WANDB_MODE"
NAME = "WANDB_NAME"
NOTES = "WANDB_NOTES"
PROJECT = "WANDB_PROJECT"
RESUME = "WANDB_RESUME"
RUN_GROUP = "WANDB_RUN_GROUP"
RUN_ID = "WANDB_RUN_ID"
SILENT = "WANDB_SILENT"
TAGS = "WANDB_TAGS"


def get_project(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the project that a variable names."""
    return (os.environ if env is None else env).get(PROJECT, default)


def get_entity(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the entity that a variable names."""
    return (os.environ if env is None else env).get(ENTITY, default)


def get_dir(default: str | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """Return the folder that a variable names."""
    return (os.environ if env is None else env).get(DIR, default)


def is_offline(env: Mapping[str, str] | None = None) -> bool:
    """Return True: nothing is sent, whatever a variable says."""
    return True

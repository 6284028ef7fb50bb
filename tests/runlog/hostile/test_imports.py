"""Whatever lies in the place of a file of another tool's log, an import reaches nothing outside, and goes on.

The gate runs each file with two forms that it can have; ``-m hostile_matrix`` with all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

from runlog.cli import main

from ..importers.wandb_logs import unzipped
from .commands import Command, Place, carry_out, make_place
from .files import FORMS

# tensorboardX 2.6 with today's protobuf and numpy.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")

# Of files of which there are several, the first stands for all.
NAMES = {
    "wandb": (
        *("", "wandb", "wandb/RUN", "wandb/RUN/*.wandb", "wandb/RUN/files", "wandb/RUN/files/output.log"),
        *("wandb/RUN/files/media", "wandb/RUN/files/media/images", "wandb/RUN/files/media/images/val/*.png"),
        *("wandb/RUN/files/media/images/mask/val/*.png", "wandb/RUN/files/media/metadata/boxes2D/val/*.json"),
        *("wandb/RUN/files/media/table/*.json", "wandb/RUN/files/media/html/*.html"),
    ),
    "trackio": (
        *("trackio", "trackio/shapes.db", "trackio/shapes.db-wal", "trackio/shapes.db-journal"),
        *("trackio/media", "trackio/media/shapes/first/0/*.png", "trackio/media/shapes/first/0/*.html"),
    ),
    "tensorboard": (
        *("", "logs", "logs/*tfevents*", "logs/loss", "logs/loss/train", "logs/loss/train/*tfevents*"),
        *("logs/trial", "logs/trial/*tfevents*", "logs/events.out.tfevents.9.other"),
    ),
}


def log_with_tensorboard(folder: Path) -> None:
    """Write what a script logs, in the folder of its own, and those that its writer makes below that."""
    from tensorboardX import SummaryWriter  # with torch, which would make each fork of the others dearer

    with SummaryWriter(str(folder / "logs")) as writer:
        writer.add_scalars("loss", {"train": 1.0, "val": 2.0}, 0)
        writer.add_image("picture", np.zeros((3, 4, 4), np.uint8), 0)
        writer.add_text("said", "a word", 0)
        writer.add_hparams({"rate": 0.5}, {"best": 0.9}, name="trial")


MAKE: dict[str, Callable[[Path], object]] = {
    "wandb": lambda folder: unzipped("wandb-0.31-finished", folder / "wandb").rename(folder / "wandb/RUN"),
    "trackio": lambda folder: unzipped("trackio-0.43", folder),
    "tensorboard": log_with_tensorboard,
}


def found_with(tool: str, name: str, form: str, runs: Path, root: Path) -> list[str]:
    """Return what an import does that none may do, where a file of a log is something else."""
    place = make_place(root, runs)
    received = place.root / "received"
    received.mkdir()
    MAKE[tool](received)
    shutil.copytree(place.bad, place.home / "run", symlinks=True)
    path = received / name
    if "*" in path.name:
        path = sorted(path.parent.glob(path.name))[0]
    if path.is_dir():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    FORMS[form](path, place)

    def import_it(place: Place) -> int:
        return main(["import", tool, str(received), "--dir", str(place.out / "runs")])

    found = [f"{name} is {form}, {line}" for line in carry_out(Command(f"import {tool}", import_it), place)]
    shutil.rmtree(root, ignore_errors=True)
    return found


@pytest.mark.parametrize("tool", NAMES)
def test_no_import_is_led_astray_by_any_file_or_form(tool: str, runs: Path, tmp_path: Path) -> None:
    forms, found = cycle(FORMS), []
    for name in NAMES[tool]:
        for form in (next(forms), next(forms)):
            found += found_with(tool, name, form, runs, tmp_path / "place")
    assert found == []


@pytest.mark.hostile_matrix
@pytest.mark.parametrize(("tool", "name"), [(tool, name) for tool, names in NAMES.items() for name in names])
def test_every_form_of_every_file(tool: str, name: str, runs: Path, tmp_path: Path) -> None:
    found = []
    for number, form in enumerate(FORMS):
        found += found_with(tool, name, form, runs, tmp_path / str(number))
    assert found == []

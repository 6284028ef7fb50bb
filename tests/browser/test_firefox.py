"""In Firefox, where there is one, masks are exact on a page opened from file://; other tests use Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
import runlog_viewer
from runlog import palette

NAMES = ("firefox", "firefox-esr")
SIZE = 280  # as large as pictures are shown at first


def firefox() -> str:
    found = os.environ.get("RUNLOG_FIREFOX") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"NO FIREFOX: install one of {', '.join(NAMES)}, or set RUNLOG_FIREFOX to one")
    return found


@pytest.fixture
def shoot_alone(tmp_path: Path) -> Callable[[Path], np.ndarray]:
    """Return a function from a page to what Firefox shows of it, by itself and with nobody at the mouse."""
    profile, shot = tmp_path / "profile", tmp_path / "shot.png"
    profile.mkdir()
    profile.joinpath("user.js").write_text('user_pref("gfx.color_management.mode", 0);\n')

    def shoot(page: Path) -> np.ndarray:
        options = ["--headless", "--profile", profile, "--window-size", "1280,900", "--screenshot", shot]
        subprocess.run([firefox(), *options, page.as_uri()], check=True, capture_output=True, timeout=120)
        return np.asarray(PILImage.open(shot).convert("RGB"))

    return shoot


def is_in(wanted: np.ndarray, shot: np.ndarray) -> bool:
    """Return whether a picture is somewhere in another, each channel to one level."""
    height, width = wanted.shape[:2]

    def is_near(part: np.ndarray, like: np.ndarray) -> np.ndarray:
        return (np.abs(part.astype(int) - like) <= 1).all(axis=2)

    corners = np.argwhere(is_near(shot[:-height, :-width], wanted[0, 0]))
    return any(is_near(shot[y : y + height, x : x + width], wanted).all() for y, x in corners)


def test_masks_are_exact_in_firefox(
    start: Callable[..., runlog.LocalRun], shoot_alone: Callable[[Path], np.ndarray]
) -> None:
    grey = np.full((SIZE, SIZE), 50, np.uint8)
    logged = [np.resize(np.array(ids), (SIZE, SIZE)) for ids in (range(256), (0, 300, 65535))]
    masks = [{"m": {"mask_data": ids, "class_labels": {0: "sky"}}} for ids in logged]
    with start() as run:
        run.log({"a": [runlog.Image(grey, masks=mask) for mask in masks]}, step=0)
    runlog_viewer.build(run.folder)
    shot = shoot_alone(run.folder / "viewer" / "steps" / "000000000.html")
    for ids in logged:
        colours = np.array([palette.channels(palette.colour(id)) for id in ids.flat])
        half = (50 + colours.reshape(SIZE, SIZE, 3)) // 2  # as opaque as masks are at first
        assert is_in(half, shot)

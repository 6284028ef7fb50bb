"""Records made by hand, for what is decided by records alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

import runlog

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _media(path: str = "media/images/a/000000000-0000-1a2b3c4d.png", **fields: Any) -> runlog.MediaRecord:
    values = {"pixel_hash": "1a2b3c4d" * 8, "sha256": "0" * 64, "format": "png", "width": 64, "height": 48}
    return runlog.MediaRecord(**{"path": PurePosixPath(path), "bytes": 1234, **values, **fields})


def _image(**fields: Any) -> runlog.ImageRecord:
    values = {
        "key": "a",
        "step": 0,
        "index": 0,
        "caption": None,
        "grouping": None,
        "media": _media(),
        "conversion": runlog.Conversion("array", "uint8", (48, 64, 3), 0, 255, "clip", size=48 * 64 * 3),
        "boxes": (),
        "masks": (),
    }
    return runlog.ImageRecord(**{**values, **fields})


def _run(**fields: Any) -> runlog.RunRecord:
    values = {
        "folder": Path("runs/20261122-120000-1a2b3c4d"),
        "id": "20261122-120000-1a2b3c4d",
        "name": "a run",
        "project": None,
        "group": None,
        "tags": (),
        "notes": None,
        "config": {},
        "summary": {},
        "environment": {},
        "state": "finished",
        "created_at": NOON,
        "finished_at": NOON,
        "revision": 1,
    }
    return runlog.RunRecord(**{**values, **fields})


@pytest.fixture
def media() -> Callable[..., runlog.MediaRecord]:
    """Return a function that makes a media record."""
    return _media


@pytest.fixture
def image() -> Callable[..., runlog.ImageRecord]:
    """Return a function that makes an image record."""
    return _image


@pytest.fixture
def run_record() -> Callable[..., runlog.RunRecord]:
    """Return a function that makes a run record."""
    return _run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pages be tested with what a script is warned about: replaced pictures, keys of two kinds."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for message in ("were replaced by those of a later call", "at one step the last one stays"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:.*{message}:runlog.RunlogWarning"))

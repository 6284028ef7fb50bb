"""`Video`: frames as scripts of wandb have them, channel first and as many as there are, or a file."""

from __future__ import annotations

import os
from typing import Any, Self

import numpy as np

import runlog
from runlog.errors import InvalidValueError
from runlog.images.pixels import to_numpy
from runlog.wandb.kept_files import CaptionedFile

_CHANNELS = (1, 3, 4)


class Video:
    """A video: frames T×C×H×W or a batch B×T×C×H×W of them, which stand side by side; or a file.

    Frames whose channels can only be the last axis have them there.

    Attributes
    ----------
    parts
        What is logged: pictures that move, each of as many frames as one holds; or the file.
    """

    EXTS = ("gif", "mp4", "webm", "ogg")

    def __init__(
        self,
        data_or_path: Any,
        caption: str | None = None,
        fps: float | None = None,
        format: str | None = None,
    ) -> None:
        self.caption = caption
        self.parts: list[runlog.Video | CaptionedFile]
        if isinstance(data_or_path, (str, os.PathLike)):
            video = runlog.Video(data_or_path)
            self.parts = [
                CaptionedFile(data_or_path, caption=caption)
                if video.image is None
                else runlog.Video(data_or_path, caption)
            ]
        elif callable(getattr(data_or_path, "read", None)):
            self.parts = [CaptionedFile(data_or_path, f"video.{format or 'gif'}", caption)]
        else:
            frames = _frames(data_or_path)
            most = runlog.Video.MAX_FRAMES
            self.parts = [
                runlog.Video(frames[first : first + most], caption, fps)
                for first in range(0, len(frames), most)
            ]

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], caption: str | None = None) -> Self:
        """Return the video of a file."""
        return cls(path, caption)


def _frames(data: Any) -> Any:
    """Return frames T×H×W×C of frames or videos that have their channels first."""
    frames = to_numpy(data, "a video")
    if frames.ndim == 3:
        return frames[..., None]
    if frames.ndim in (4, 5) and frames.shape[-3] not in _CHANNELS and frames.shape[-1] in _CHANNELS:
        frames = np.moveaxis(frames, -1, -3)
    if frames.ndim not in (4, 5) or frames.shape[-3] not in _CHANNELS:
        raise InvalidValueError(
            f"a video must be T×C×H×W or B×T×C×H×W, with 1, 3 or 4 channels, but has shape {frames.shape}"
        )
    if frames.ndim == 5:
        frames = np.concatenate(list(frames), axis=-1)
    return np.moveaxis(frames, -3, -1)

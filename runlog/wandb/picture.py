"""`Image`: the picture of `runlog.Image`, from what scripts of wandb give for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import runlog
from runlog.errors import warn
from runlog.images.pixels import is_tensor, to_numpy

_MOST_CHANNELS = 4
_IGNORED = 255


class Image(runlog.Image):
    """A picture, as `runlog.Image`; a caption, or the name of a class, that is no string becomes one.

    A tensor of a library's own kind, or whose first axis cannot be its channels, has them last. A class id
    below 0 in a mask, which losses are told to ignore, is 255.
    """

    __slots__ = ()

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: Any = None,
        grouping: int | None = None,
        classes: Any = None,
        boxes: Mapping[str, Any] | None = None,
        masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(
            to_numpy(data_or_path, "an image") if _has_channels_last(data_or_path) else data_or_path,
            mode,
            None if caption is None else str(caption),
            grouping,
            _named(classes),
            boxes or None,
            _without_negative_ids(masks),
            file_type,
            normalize,
        )


def _has_channels_last(data: Any) -> bool:
    shape: tuple[int, ...] = getattr(data, "shape", ())
    if len(shape) != 3 or not is_tensor(data) or shape[-1] > _MOST_CHANNELS:
        return False
    is_of_torch = type(data).__module__.partition(".")[0] == "torch"
    return not is_of_torch or shape[0] > _MOST_CHANNELS


def _without_negative_ids(masks: Any) -> Any:
    if not isinstance(masks, Mapping):
        return masks or None
    return {
        name: {**mask, "mask_data": _ids(mask["mask_data"], name)}
        if isinstance(mask, Mapping) and "mask_data" in mask
        else mask
        for name, mask in masks.items()
    } or None


def _ids(mask_data: Any, name: object) -> Any:
    ids = to_numpy(mask_data, f"masks[{name!r}]['mask_data']")
    if ids.dtype.kind not in "if" or not (is_ignored := ids < 0).any():
        return mask_data
    warn(f"masks[{name!r}]: class ids below 0 are kept as {_IGNORED}")
    return np.where(is_ignored, _IGNORED, ids)


def _named(classes: Any) -> Any:
    if not isinstance(classes, (list, tuple)) or not all(isinstance(one, Mapping) for one in classes):
        return classes
    return [{**one, "name": str(one["name"])} if "name" in one else one for one in classes]

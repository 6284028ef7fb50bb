"""`Image`: the picture of `runlog.Image`, from what scripts of wandb give for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import runlog
from runlog.images.pixels import is_tensor, to_numpy

_MOST_CHANNELS = 4


class Image(runlog.Image):
    """A picture, as `runlog.Image`; a caption, or the name of a class, that is no string becomes one.

    A tensor of a library's own kind, or whose first axis cannot be its channels, has them last.
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
            masks or None,
            file_type,
            normalize,
        )


def _has_channels_last(data: Any) -> bool:
    shape: tuple[int, ...] = getattr(data, "shape", ())
    if len(shape) != 3 or not is_tensor(data) or shape[-1] > _MOST_CHANNELS:
        return False
    is_of_torch = type(data).__module__.partition(".")[0] == "torch"
    return not is_of_torch or shape[0] > _MOST_CHANNELS


def _named(classes: Any) -> Any:
    if not isinstance(classes, (list, tuple)) or not all(isinstance(one, Mapping) for one in classes):
        return classes
    return [{**one, "name": str(one["name"])} if "name" in one else one for one in classes]

"""What scripts of wandb log → what `LocalRun.log` takes, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import runlog
from runlog.basics.jsontext import to_json
from runlog.errors import RunlogError
from runlog.images.image import Image
from runlog.images.pixels import to_numpy
from runlog.images.sources import is_picture_like
from runlog.storage.layout import check_key, printable_key
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.values.table import is_frame
from runlog.wandb.data_table import Table
from runlog.wandb.kept_files import CaptionedFile, Graph
from runlog.wandb.metrics import Note
from runlog.wandb.video import Video
from runlog.writing.log_data import read_values

_KEPT = (Image, File, Histogram, Table, Video, Graph)


def logged_values(data: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what is logged of the values of one call, by key."""
    return dict(_each(data))


def _each(data: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for key, value in data.items():
        # Asked first: most values are numbers.
        if isinstance(value, (float, int, str)):
            yield key, value
        elif isinstance(value, Mapping):
            yield key, dict(_each(value))
        else:
            yield from _one(key, value)


def _one(key: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Table):
        yield key, value.as_stored()
    elif callable(by_key := getattr(value, "logged_values", None)):
        yield from by_key(key).items()
    elif isinstance(value, (CaptionedFile, Video, Graph)):
        yield from _several(key, [value])
    elif isinstance(value, (list, tuple)) and any(
        isinstance(item, (CaptionedFile, Video, Graph)) for item in value
    ):
        yield from _several(key, value)
    else:
        yield key, value


def _several(key: Any, values: Any) -> Iterator[tuple[Any, Any]]:
    """Yield files, and videos in their parts; and the captions of what pages do not show."""
    parts: list[Any] = []
    for value in values:
        if isinstance(value, Video):
            parts += value.parts
        else:
            parts.append(value.as_file() if isinstance(value, Graph) else value)
    yield key, parts
    captions = [part.caption or "" for part in parts if isinstance(part, CaptionedFile)]
    if any(captions):
        yield f"{key}/caption", captions


def loggable(values: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Return the values of a call that was refused, with those that no run holds as a histogram or a text.

    A key loses its control characters. What is meant to be seen, such as pictures, is left to be refused, and
    so is a key that is none.
    """
    keyed = {_key(key, note): value for key, value in values.items()}
    return {key: _loggable(key, value, note) for key, value in keyed.items()}


def _key(key: Any, note: Note) -> str:
    if isinstance(key, str) and (kept := printable_key(key)) and kept != key and not key.isprintable():
        note(f"log({key!r})", f"the key is {kept!r}: a key holds no control characters")
        return kept
    return check_key(key)


def _loggable(key: str, value: Any, note: Note) -> Any:
    if isinstance(value, Mapping):
        return {name: _loggable(f"{key}.{name}", item, note) for name, item in value.items()}
    try:
        read_values({key: value})
    except RunlogError:
        if _has_pictures(value):
            raise
    else:
        return value
    if (numbers := _numbers_of_axes(value)) is not None:
        try:
            counted = Histogram(numbers)
        except RunlogError:
            pass
        else:
            note(f"log({key!r})", "arrays of more than one axis are a histogram; wrap a picture in Image(…)")
            return counted
    note(f"log({key!r})", f"a value of type {type(value).__name__} is kept as its text")
    return to_json(value) if isinstance(value, (list, tuple, set, frozenset)) else str(value)


def _numbers_of_axes(value: Any) -> Any:
    """Return an array of more than one axis, or what a list of such holds in all; None of anything else."""
    arrays = value if isinstance(value, (list, tuple)) else [value]
    if not arrays or not all(len(getattr(one, "shape", ())) > 1 and not is_frame(one) for one in arrays):
        return None
    return np.concatenate([to_numpy(one, "an array").ravel() for one in arrays])


def _has_pictures(value: Any) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(
        isinstance(one, (*_KEPT, runlog.Video, runlog.Table)) or is_picture_like(one) for one in values
    )

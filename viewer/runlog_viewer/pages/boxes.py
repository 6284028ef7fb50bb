"""The boxes of a layer → rectangles with a tag each, and all that is known of them in words. Pure."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import runlog
from runlog import palette
from runlog_viewer.pages import scores, wording
from runlog_viewer.pages.figure_sizes import LEAST_SHARE
from runlog_viewer.pages.values import Canvas, DrawnLayer, Layer

# A rectangle this far out looks the same as one that ends at infinity, and SVG can still add to it.
_FAR = 1e6
_ROOM_FOR_TAG, _FAR_RIGHT = 9.0, 0.65
_CHARACTER_WIDTH, _LONGEST_TAG = 6.5, 1.25  # px; in widths of the box
_LONG_SCORE = 1000


class DrawnBox(NamedTuple):
    """One box as a rectangle in the picture's pixels: a tuple, since a gallery makes thousands.

    `scores` is JSON, or empty without any. `tag_x` and `tag_y` say where its text goes, in percent of the
    picture; `tag_from` is the width of the picture on screen, in px, from which there is room for it.
    `tag_class` has ``under`` where it goes below `tag_y` and not above, ``end`` where there is no room to the
    right, ``dark`` for a dark colour, and ``cramped`` where the picture's default width is less than
    `tag_from`.
    """

    class_id: str
    label: str
    caption: str | None
    colour: str
    scores: str
    x: str
    y: str
    width: str
    height: str
    tag: str
    tag_from: int
    tag_x: str
    tag_y: str
    tag_class: str


def draw(record: runlog.BoxLayerRecord, layer: Layer, canvas: Canvas) -> DrawnLayer:
    """Return the boxes of a layer as they are drawn, and a line of text for each of them all.

    Every other layer has its tags at the lower edges of its boxes: true and predicted boxes mostly share
    their upper ones.
    """
    drawn: list[DrawnBox] = []
    listed: list[str] = []
    for box in record.boxes:
        label = palette.class_label(box.class_id, record.class_labels)
        corners = box.pixel_corners(canvas.width, canvas.height)
        if corners:
            colour = palette.colour(box.class_id, record.class_colors)
            drawn.append(_drawn(box, corners, label, colour, canvas, is_low=layer.line % 2 == 1))
            listed.append(_in_words(box, label, _place(drawn[-1])))
        else:
            listed.append(_in_words(box, label, _numbers_as_given(box)))
    return DrawnLayer(layer, tuple(drawn), tuple(listed), len(listed) - len(drawn))


def classes(record: runlog.BoxLayerRecord) -> list[tuple[int, bool]]:
    """Return the class of each box that has one; none is off at first."""
    return [(box.class_id, False) for box in record.boxes if box.class_id is not None]


def _drawn(
    box: runlog.Box,
    corners: tuple[float, float, float, float],
    label: str,
    colour: str,
    canvas: Canvas,
    *,
    is_low: bool,
) -> DrawnBox:
    width, height, shown_width = canvas.width, canvas.height, canvas.shown_width
    left, top, right, bottom = corners
    if left < -_FAR or top < -_FAR or right > _FAR or bottom > _FAR:
        left, top, right, bottom = map(_near, corners)
    class_id = "" if box.class_id is None else str(box.class_id)
    tag = box.caption or _class_tag(box, label)
    tag_from = _width_for(tag, (right - left) / width)
    if box.caption:  # somebody wrote it: it gives way only in pictures that are made smaller
        tag_from = min(tag_from, math.ceil(LEAST_SHARE * shown_width) - 1)  # browsers may round down
    is_far_right = left > _FAR_RIGHT * width
    tag_left = 100 * (min(width, right) if is_far_right else max(0.0, left)) / width
    tag_at = 100 * (min(height, bottom) if is_low else max(0.0, top)) / height
    is_under = tag_at <= 100 - _ROOM_FOR_TAG if is_low else tag_at < _ROOM_FOR_TAG
    tag_class = _tag_class(tag_from > shown_width, is_under, is_far_right, colour)
    x, y, w, h, tag_x, tag_y = wording.coordinates(left, top, right - left, bottom - top, tag_left, tag_at)
    # By place: by name it takes twice as long, and this is called for each box of a run.
    return DrawnBox(
        class_id,
        label,
        box.caption,
        colour,
        scores.as_json(box.scores) if box.scores else "",
        x,
        y,
        w,
        h,
        tag,
        tag_from,
        tag_x,
        tag_y,
        tag_class,
    )


def _near(corner: float) -> float:
    return max(-_FAR, min(_FAR, corner))


@cache
def _tag_class(is_cramped: bool, is_under: bool, is_end: bool, colour: str) -> str:
    is_dark = palette.ink(colour) == palette.WHITE
    names = (("cramped", is_cramped), ("under", is_under), ("end", is_end), ("dark", is_dark))
    return " ".join(name for name, applies in names if applies)


def _class_tag(box: runlog.Box, label: str) -> str:
    """Return what to write at a box without a caption: its class and its first score."""
    name = "" if box.class_id is None else label
    if not box.scores:
        return name
    score = _short_score(next(iter(box.scores.values())))
    return f"{name} {score}" if name else score


def _short_score(score: float) -> str:
    return f"{score:.2f}" if abs(score) < _LONG_SCORE else wording.number(score, 4)


def _width_for(tag: str, share_of_width: float) -> int:
    """Return how wide a picture must be for the tag of a box.

    Below that the colour and the legend name the class, and the list of boxes has the rest; much wider tags
    than boxes hide the picture and each other.
    """
    return math.ceil(len(tag) * _CHARACTER_WIDTH / (_LONGEST_TAG * max(share_of_width, 1 / _FAR)))


def _in_words(box: runlog.Box, label: str, place: str) -> str:
    """Return all that is known about a box."""
    words = [label] if label else []
    if box.caption:
        words.append(box.caption)
    if box.scores:
        words.append(", ".join([f"{name} {wording.number(score, 4)}" for name, score in box.scores.items()]))
    words.append(place)
    return " · ".join(words)


def _place(box: DrawnBox) -> str:
    return f"{box.width} × {box.height} px at {box.x}, {box.y}"


def _numbers_as_given(box: runlog.Box) -> str:
    names = ("minX", "maxX", "minY", "maxY") if box.form == "min_max" else ("x", "y", "width", "height")
    numbers = (f"{name} {wording.number(value)}" for name, value in zip(names, box.numbers, strict=True))
    return ", ".join((*numbers, "not drawn"))

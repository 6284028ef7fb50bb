"""The boxes of a layer → rectangles with a tag each, and all that is known of them in words. Pure."""

from __future__ import annotations

from typing import NamedTuple

import runlog
from runlog import palette
from runlog_viewer.pages import box_tags, scores, wording
from runlog_viewer.pages.values import Canvas, DrawnLayer, Layer, Spot, Tag

# A rectangle this far out looks the same as one that ends at infinity, and SVG can still add to it.
_FAR = 1e6


class DrawnBox(NamedTuple):
    """One box as a rectangle in the picture's pixels: a tuple, since a gallery makes thousands.

    `is_dark` says that the colour is; `scores` is JSON, or empty without any; `tag` is what is written at the
    box where that is not its plain text; `verdict` is what is said of it, or empty.
    """

    class_id: str
    label: str
    caption: str | None
    colour: str
    is_dark: bool
    scores: str
    tag: str | None
    x: str
    y: str
    width: str
    height: str
    verdict: str


def draw(record: runlog.BoxLayerRecord, layer: Layer, canvas: Canvas) -> DrawnLayer:
    """Return the boxes of a layer as they are drawn, and a line of text for each of them all.

    Every other layer has its tags at the lower edges of its boxes: true and predicted boxes mostly share
    their upper ones.
    """
    drawn: list[DrawnBox] = []
    listed: list[str] = []
    not_drawn: list[str] = []
    tags: list[Tag] = []
    is_low = layer.line % 2 == 1
    for box, verdict in zip(record.boxes, _verdicts(record), strict=True):
        label = palette.class_label(box.class_id, record.class_labels)
        corners = box.pixel_corners(canvas.width, canvas.height)
        if corners is None:
            not_drawn.append(_in_words(box, label, verdict, _numbers_as_given(box)))
            continue
        colour = palette.colour(box.class_id, record.class_colors)
        left, top, right, bottom = corners
        if left < -_FAR or top < -_FAR or right > _FAR or bottom > _FAR:
            left, top, right, bottom = map(_near, corners)
        plain = box_tags.plain_text(box, label)
        text = box_tags.fitted(plain, box, label) if _is_in_sight(corners, canvas) else ""
        tag = None if text == plain else text
        shape = _drawn(box, label, colour, verdict, tag, (left, top, right - left, bottom - top))
        if text:
            edge = (bottom if is_low else top) / canvas.height
            spot = Spot(box_tags.text_width(text), left / canvas.width, edge, is_low)
            tags.append(Tag(len(drawn), colour, shape.is_dark, text, box_tags.score_of(box), spot))
        drawn.append(shape)
        listed.append(_in_words(box, label, verdict, _place(shape)))
    return DrawnLayer(layer, tuple(drawn), tuple(listed), tuple(not_drawn), tuple(tags))


def classes(record: runlog.BoxLayerRecord) -> list[tuple[int, bool]]:
    """Return the class of each box that has one; none is off at first."""
    return [(box.class_id, False) for box in record.boxes if box.class_id is not None]


def _verdicts(record: runlog.BoxLayerRecord) -> list[str]:
    """Return what is said of each box; empty of those that were not judged."""
    return [said.verdict for said in record.verdicts] if record.verdicts else [""] * len(record.boxes)


def _drawn(
    box: runlog.Box,
    label: str,
    colour: str,
    verdict: str,
    tag: str | None,
    place: tuple[float, float, float, float],
) -> DrawnBox:
    x, y, width, height = wording.coordinates(*place)
    class_id = "" if box.class_id is None else str(box.class_id)
    listed_scores = scores.as_json(box.scores) if box.scores else ""
    is_dark = palette.ink(colour) == palette.WHITE
    # By place: by name it takes twice as long, and this is called for each box of a run.
    return DrawnBox(
        class_id, label, box.caption, colour, is_dark, listed_scores, tag, x, y, width, height, verdict
    )


def _is_in_sight(corners: tuple[float, float, float, float], canvas: Canvas) -> bool:
    """Return whether any of a box is in the picture; a label would be of nothing otherwise."""
    left, top, right, bottom = corners
    return right >= 0 and bottom >= 0 and left <= canvas.width and top <= canvas.height


def _near(corner: float) -> float:
    return max(-_FAR, min(_FAR, corner))


def _in_words(box: runlog.Box, label: str, verdict: str, place: str) -> str:
    """Return all that is known about a box."""
    words = [label] if label else []
    if box.caption:
        words.append(box.caption)
    if box.scores:
        words.append(", ".join([f"{name} {wording.number(score, 4)}" for name, score in box.scores.items()]))
    if verdict:
        words.append(wording.verdict(verdict))
    words.append(place)
    return " · ".join(words)


def _place(box: DrawnBox) -> str:
    return f"{box.width} × {box.height} px at {box.x}, {box.y}"


def _numbers_as_given(box: runlog.Box) -> str:
    names = ("minX", "maxX", "minY", "maxY") if box.form == "min_max" else ("x", "y", "width", "height")
    numbers = (f"{name} {wording.number(value)}" for name, value in zip(names, box.numbers, strict=True))
    return ", ".join((*numbers, "not drawn"))

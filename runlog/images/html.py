"""How a notebook shows an `Image`: one piece of HTML that needs nothing outside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Protocol

import numpy as np
from PIL import Image as PILImage

from runlog import palette
from runlog.basics.jsontext import storable_text
from runlog.images.boxes import BoundingBoxes2D, Box
from runlog.images.classes import Classes
from runlog.images.layers import Layer
from runlog.images.masks import ImageMask
from runlog.images.png import encode_png

# A notebook keeps what it shows; a larger picture is scaled down to this many pixels a side.
_MAX_SIDE = 1024
_MIN_SHOWN_WIDTH = 240
_MASK_OPACITY = 0.5
_SHOWN_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


class Illustrated(Protocol):
    """What is shown of an `Image`: a picture, what is drawn over it, and its caption."""

    @property
    def image(self) -> PILImage.Image: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def boxes(self) -> Mapping[str, BoundingBoxes2D]: ...  # noqa: D102
    @property
    def masks(self) -> Mapping[str, ImageMask]: ...  # noqa: D102
    @property
    def classes(self) -> Classes | None: ...  # noqa: D102
    @property
    def caption(self) -> str | None: ...  # noqa: D102


def image_png(image: Illustrated, max_side: int = _MAX_SIDE) -> bytes:
    """Return the picture as PNG, upright, at most `max_side` px a side, without its overlays."""
    picture = image.image
    if picture.mode.startswith("I;16"):  # as browsers show it: the upper of the two bytes
        picture = PILImage.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    elif picture.mode not in _SHOWN_MODES:
        picture = picture.convert("RGB")
    if max(picture.size) > max_side:
        picture = picture.convert("RGBA")
        picture.thumbnail((max_side, max_side))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def image_html(image: Illustrated) -> str:
    """Return the picture with its masks and boxes as SVG, its caption, and a legend of its classes."""
    caption = "" if image.caption is None else f"<figcaption>{escaped(image.caption)}</figcaption>"
    drawn = drawn_html(image, _MAX_SIDE, min(max(image.width, _MIN_SHOWN_WIDTH), _MAX_SIDE))
    return f'<figure style="margin:0">{drawn}{caption}{legend_html([image])}</figure>'


def drawn_html(image: Illustrated, max_side: int, shown_width: float) -> str:
    """Return the picture with its masks and boxes, of at most `max_side` px a side.

    It is shown `shown_width` px wide, and narrower where it would be higher than `max_side` px.
    """
    width, height = image.width, image.height
    shown_width = min(shown_width, max_side * width / height)
    drawn = [_picture(image_png(image, max_side), width, height)]
    rule = _mask_rule(image)
    drawn += [
        _mask(mask, _labels(image, mask), rule, width, height, max_side) for mask in image.masks.values()
    ]
    for layer in image.boxes.values():
        drawn += _rects(layer, _labels(image, layer), width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{shown_width:.6g}" '
        f'style="max-width:100%;height:auto" role="img">{"".join(drawn)}</svg>'
    )


def _labels(image: Illustrated, layer: Layer) -> Mapping[int, str]:
    shared = image.classes.class_labels if image.classes is not None else {}
    return {**shared, **layer.class_labels}


def _mask_rule(image: Illustrated) -> palette.MaskRule:
    """Return what is drawn of the masks of an image, of which alone a notebook knows."""
    return palette.mask_rule(
        (mask.key, mask.class_ids, _labels(image, mask)) for mask in image.masks.values()
    )


def _picture(png: bytes, width: int, height: int, attributes: str = "") -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<image width="{width}" height="{height}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated"{attributes} href="data:image/png;base64,{data}"/>'
    )


def _mask(
    mask: ImageMask,
    labels: Mapping[int, str],
    rule: palette.MaskRule,
    width: int,
    height: int,
    max_side: int,
) -> str:
    ids = PILImage.fromarray(mask.mask_data)
    ids.thumbnail((max_side, max_side), PILImage.Resampling.NEAREST)
    colours = np.zeros((max(mask.class_ids) + 1, 4), np.uint8)
    for class_id in mask.class_ids:
        if not rule.is_off_at_first(mask.key, class_id, labels):
            colours[class_id] = (*palette.channels(palette.colour(class_id, mask.class_colors)), 255)
    return _picture(encode_png(colours[np.asarray(ids)]), width, height, f' opacity="{_MASK_OPACITY}"')


def _rects(layer: BoundingBoxes2D, labels: Mapping[int, str], width: int, height: int) -> Iterator[str]:
    for box in layer.boxes:
        corners = box.pixel_corners(width, height)
        if corners is not None:
            left, top, right, bottom = corners
            yield (
                f'<rect x="{left:.10g}" y="{top:.10g}" '
                f'width="{right - left:.10g}" height="{bottom - top:.10g}" '
                f'fill="none" stroke="{palette.colour(box.class_id, layer.class_colors)}" stroke-width="2" '
                f'vector-effect="non-scaling-stroke" pointer-events="all">'
                f"<title>{escaped(_title(box, layer.key, labels))}</title></rect>"
            )


def _title(box: Box, layer: str, labels: Mapping[int, str]) -> str:
    scores = ", ".join(f"{name} {score:g}" for name, score in box.scores.items())
    label = None if box.class_id is None else palette.class_label(box.class_id, labels)
    return "\n".join(part for part in (box.caption, label, scores, layer) if part)


def legend_html(images: Iterable[Illustrated]) -> str:
    """Return the names of the classes of some images, each with its colour."""
    classes: set[tuple[int, str, str]] = set()
    for image in images:
        for layer in image.boxes.values():
            labels = _labels(image, layer)
            colors = layer.class_colors
            classes |= {(i, palette.class_label(i, labels), palette.colour(i, colors)) for i in _ids(layer)}
        rule = _mask_rule(image)
        for mask in image.masks.values():
            if mask.key in rule.instances:
                continue
            labels = _labels(image, mask)
            drawn = (i for i in mask.class_ids if not rule.is_off_at_first(mask.key, i, labels))
            colors = mask.class_colors
            classes |= {(i, palette.class_label(i, labels), palette.colour(i, colors)) for i in drawn}
    return "".join(
        f'<span style="margin-right:1em"><span style="color:{color}">■</span> {escaped(label)}</span>'
        for _, label, color in sorted(classes)
    )


def _ids(layer: BoundingBoxes2D) -> set[int]:
    return {box.class_id for box in layer.boxes if box.class_id is not None}


def escaped(text: str) -> str:
    """Return a text as it stands in HTML."""
    return escape(storable_text(text))

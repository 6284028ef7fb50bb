"""How a notebook shows an `Image`: one piece of HTML that needs nothing outside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as PILImage

from runlog.annotations import BoundingBoxes2D, Box, ImageMask
from runlog.jsontext import storable_text
from runlog.png import encode_png
from viewer import palette

if TYPE_CHECKING:
    from runlog.image import Image

# A notebook keeps what it shows; a larger picture is scaled down to this many pixels a side.
_MAX_SIDE = 1024
_MIN_SHOWN_WIDTH = 240
_MASK_OPACITY = 0.5
_SHOWN_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def image_png(image: Image) -> bytes:
    """Return the picture as PNG, upright, at most 1024 px a side, without its overlays."""
    picture = image.image
    if picture.mode.startswith("I;16"):  # as browsers show it: the upper of the two bytes
        picture = PILImage.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    elif picture.mode not in _SHOWN_MODES:
        picture = picture.convert("RGB")
    if max(picture.size) > _MAX_SIDE:
        picture = picture.convert("RGBA")
        picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def image_html(image: Image) -> str:
    """Return the picture with its masks and boxes as SVG, its caption, and a legend of its classes."""
    width, height = image.width, image.height
    shared = image.classes.class_labels if image.classes is not None else {}
    masks = [(mask, {**shared, **mask.class_labels}) for mask in image.masks.values()]
    layers = [(layer, {**shared, **layer.class_labels}) for layer in image.boxes.values()]
    drawn = [_picture(image_png(image), width, height)]
    drawn += [_mask(mask, labels, width, height) for mask, labels in masks]
    drawn += [rect for layer, labels in layers for rect in _rects(layer, labels, width, height)]
    shown_width = min(max(width, _MIN_SHOWN_WIDTH), _MAX_SIDE)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{shown_width}" '
        f'style="max-width:100%;height:auto" role="img">{"".join(drawn)}</svg>'
    )
    caption = "" if image.caption is None else f"<figcaption>{_text(image.caption)}</figcaption>"
    return f'<figure style="margin:0">{svg}{caption}{_legend(layers, masks)}</figure>'


def _picture(png: bytes, width: int, height: int, attributes: str = "") -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<image width="{width}" height="{height}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated"{attributes} href="data:image/png;base64,{data}"/>'
    )


def _mask(mask: ImageMask, labels: Mapping[int, str], width: int, height: int) -> str:
    ids = PILImage.fromarray(mask.mask_data)
    ids.thumbnail((_MAX_SIDE, _MAX_SIDE), PILImage.Resampling.NEAREST)
    colours = np.zeros((max(mask.class_ids) + 1, 4), np.uint8)
    for class_id in mask.class_ids:
        if _is_drawn(class_id, labels):
            colours[class_id] = (*palette.channels(palette.colour(class_id)), 255)
    return _picture(encode_png(colours[np.asarray(ids)]), width, height, f' opacity="{_MASK_OPACITY}"')


def _rects(layer: BoundingBoxes2D, labels: Mapping[int, str], width: int, height: int) -> Iterator[str]:
    for box in layer.boxes:
        corners = box.pixel_corners(width, height)
        if corners is not None:
            left, top, right, bottom = corners
            yield (
                f'<rect x="{left:.10g}" y="{top:.10g}" '
                f'width="{right - left:.10g}" height="{bottom - top:.10g}" '
                f'fill="none" stroke="{palette.colour(box.class_id)}" stroke-width="2" '
                f'vector-effect="non-scaling-stroke" pointer-events="all">'
                f"<title>{_text(_title(box, layer.key, labels))}</title></rect>"
            )


def _title(box: Box, layer: str, labels: Mapping[int, str]) -> str:
    scores = ", ".join(f"{name} {score:g}" for name, score in box.scores.items())
    label = None if box.class_id is None else _label(box.class_id, labels)
    return "\n".join(part for part in (box.caption, label, scores, layer) if part)


def _legend(
    layers: list[tuple[BoundingBoxes2D, dict[int, str]]], masks: list[tuple[ImageMask, dict[int, str]]]
) -> str:
    classes = {(i, _label(i, labels)) for layer, labels in layers for i in _ids(layer)}
    classes |= {
        (i, _label(i, labels)) for mask, labels in masks for i in mask.class_ids if _is_drawn(i, labels)
    }
    return "".join(
        f'<span style="margin-right:1em"><span style="color:{palette.colour(class_id)}">■</span> '
        f"{_text(label)}</span>"
        for class_id, label in sorted(classes)
    )


def _ids(layer: BoundingBoxes2D) -> set[int]:
    return {box.class_id for box in layer.boxes if box.class_id is not None}


def _is_drawn(class_id: int, labels: Mapping[int, str]) -> bool:
    return class_id != 0 or 0 in labels


def _label(class_id: int, labels: Mapping[int, str]) -> str:
    return labels.get(class_id, f"class_{class_id}")


def _text(text: str) -> str:
    return escape(storable_text(text))

"""How a notebook shows an `Image` or a run: one piece of HTML that needs nothing outside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as PILImage

from runlog.annotations import BoundingBoxes2D, Box, ImageMask
from runlog.errors import RunlogError
from runlog.jsontext import storable_text
from runlog.png import encode_png
from runlog.reader import RunReader
from runlog.records import TextRecord
from viewer import palette

if TYPE_CHECKING:
    from runlog.image import Image

# A notebook keeps what it shows; a larger picture is scaled down to this many pixels a side.
_MAX_SIDE = 1024
_MIN_SHOWN_WIDTH = 240
_MASK_OPACITY = 0.5
_MAX_RUN_IMAGES, _RUN_IMAGE_SIDE = 8, 280
_MAX_RUN_NUMBERS, _MAX_RUN_TEXTS, _MAX_TEXT = 12, 4, 1000
_SHOWN_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def image_png(image: Image, max_side: int = _MAX_SIDE) -> bytes:
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


def image_html(image: Image) -> str:
    """Return the picture with its masks and boxes as SVG, its caption, and a legend of its classes."""
    caption = "" if image.caption is None else f"<figcaption>{_text(image.caption)}</figcaption>"
    drawn = _drawn(image, _MAX_SIDE, min(max(image.width, _MIN_SHOWN_WIDTH), _MAX_SIDE))
    return f'<figure style="margin:0">{drawn}{caption}{_legend([image])}</figure>'


def run_folder_html(folder: Path) -> str:
    """Return what `run_html` does, or what is wrong with the folder: a display is no place for an error."""
    try:
        with RunReader(folder) as reader:
            return run_html(reader)
    except RunlogError as error:
        return f"<p>{_text(str(error))}</p>"


def run_html(reader: RunReader) -> str:
    """Return what a run is, its last numbers and texts, and up to 8 images of the last step that has any."""
    run, steps = reader.run(), reader.steps()
    images = sum(step.image_count for step in steps)
    about = f"{run.state} · {_count(len(steps), 'step')} · {_count(images, 'image')}"
    head = f"<p><b>{_text(run.name)}</b> · {about}<br/><small>{_text(str(reader.folder))}</small></p>"
    last = next((step.step for step in reversed(steps) if step.image_count), None)
    gallery = "" if last is None else _gallery(reader, last)
    return f"<section>{head}{_numbers(run.summary)}{_texts(reader.latest_texts())}{gallery}</section>"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _numbers(summary: Mapping[str, Any]) -> str:
    numbers = [(k, v) for k, v in summary.items() if isinstance(v, (int, float)) and not isinstance(v, bool)]
    shown = " · ".join(f"{_text(name)} <b>{value:.5g}</b>" for name, value in numbers[:_MAX_RUN_NUMBERS])
    return f"<p>{shown}</p>" if shown else ""


def _texts(latest: Iterable[TextRecord]) -> str:
    """Return the beginnings of the texts logged last."""
    shown = sorted(latest, key=lambda text: (-text.step, text.key))[:_MAX_RUN_TEXTS]
    return "".join(
        f"<p>{_text(one.key)} <small>step {one.step}</small></p>"
        f'<pre style="white-space:pre-wrap;max-height:12em;overflow:auto">{_text(_beginning(one.text))}</pre>'
        for one in shown
    )


def _beginning(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _gallery(reader: RunReader, step: int) -> str:
    records = reader.images([step])
    images = [reader.image(record) for record in records[:_MAX_RUN_IMAGES]]
    figures = "".join(
        f'<figure style="margin:0;max-width:{_RUN_IMAGE_SIDE}px">'
        f"{_drawn(image, 2 * _RUN_IMAGE_SIDE, _RUN_IMAGE_SIDE)}"
        f"<figcaption>{_text(record.caption or f'{record.key} {record.index}')}</figcaption></figure>"
        for record, image in zip(records, images, strict=False)
    )
    more = len(records) - len(images)
    rest = f"<p>and {more:,} more at this step</p>" if more else ""
    frame = f'<div style="display:flex;flex-wrap:wrap;gap:1em">{figures}</div>'
    return f"<p>step {step}</p>{frame}{rest}{_legend(images)}"


def _drawn(image: Image, max_side: int, shown_width: int) -> str:
    """Return the picture with its masks and boxes, `shown_width` px wide, of at most `max_side` px a side."""
    width, height = image.width, image.height
    drawn = [_picture(image_png(image, max_side), width, height)]
    drawn += [_mask(mask, _labels(image, mask), width, height, max_side) for mask in image.masks.values()]
    for layer in image.boxes.values():
        drawn += _rects(layer, _labels(image, layer), width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{shown_width}" '
        f'style="max-width:100%;height:auto" role="img">{"".join(drawn)}</svg>'
    )


def _labels(image: Image, layer: BoundingBoxes2D | ImageMask) -> Mapping[int, str]:
    shared = image.classes.class_labels if image.classes is not None else {}
    return {**shared, **layer.class_labels}


def _picture(png: bytes, width: int, height: int, attributes: str = "") -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<image width="{width}" height="{height}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated"{attributes} href="data:image/png;base64,{data}"/>'
    )


def _mask(mask: ImageMask, labels: Mapping[int, str], width: int, height: int, max_side: int) -> str:
    ids = PILImage.fromarray(mask.mask_data)
    ids.thumbnail((max_side, max_side), PILImage.Resampling.NEAREST)
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


def _legend(images: Iterable[Image]) -> str:
    classes: set[tuple[int, str]] = set()
    for image in images:
        for layer in image.boxes.values():
            labels = _labels(image, layer)
            classes |= {(i, _label(i, labels)) for i in _ids(layer)}
        for mask in image.masks.values():
            labels = _labels(image, mask)
            classes |= {(i, _label(i, labels)) for i in mask.class_ids if _is_drawn(i, labels)}
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

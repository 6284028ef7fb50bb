"""How a notebook shows a run: one piece of HTML that needs nothing outside itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runlog.images.html import drawn_html, escaped, legend_html
from runlog.images.image import Image
from runlog.storage.records import ImageRecord, RunRecord, StepRecord, TextRecord

MAX_RUN_IMAGES = 8
_RUN_IMAGE_SIDE = 280
_MAX_RUN_NUMBERS, _MAX_RUN_TEXTS, _MAX_TEXT = 12, 4, 1000


@dataclass(frozen=True, slots=True)
class LastGallery:
    """The images of the last step that has any, and the first of them as pictures."""

    step: int
    records: Sequence[ImageRecord]
    images: Sequence[Image]


def error_html(error: Exception) -> str:
    """Return what is wrong with a run folder: a display is no place for an error."""
    return f"<p>{escaped(str(error))}</p>"


def run_html(
    run: RunRecord, steps: Sequence[StepRecord], texts: Iterable[TextRecord], gallery: LastGallery | None
) -> str:
    """Return what a run is, its last numbers and texts, and the first images of its last gallery."""
    images = sum(step.image_count for step in steps)
    about = f"{run.state} · {_count(len(steps), 'step')} · {_count(images, 'image')}"
    head = f"<p><b>{escaped(run.name)}</b> · {about}<br/><small>{escaped(str(run.folder))}</small></p>"
    shown = "" if gallery is None else _gallery(gallery)
    return f"<section>{head}{_numbers(run.summary)}{_texts(texts)}{shown}</section>"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _numbers(summary: Mapping[str, Any]) -> str:
    numbers = [(k, v) for k, v in summary.items() if isinstance(v, (int, float)) and not isinstance(v, bool)]
    shown = " · ".join(f"{escaped(name)} <b>{value:.5g}</b>" for name, value in numbers[:_MAX_RUN_NUMBERS])
    return f"<p>{shown}</p>" if shown else ""


def _texts(latest: Iterable[TextRecord]) -> str:
    """Return the beginnings of the texts logged last."""
    shown = sorted(latest, key=lambda text: (-text.step, text.key))[:_MAX_RUN_TEXTS]
    return "".join(
        f"<p>{escaped(one.key)} <small>step {one.step}</small></p>"
        f'<pre style="white-space:pre-wrap;max-height:12em;overflow:auto">'
        f"{escaped(_beginning(one.text))}</pre>"
        for one in shown
    )


def _beginning(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _gallery(gallery: LastGallery) -> str:
    records, images = gallery.records, gallery.images
    figures = "".join(
        f'<figure style="margin:0;max-width:{_RUN_IMAGE_SIDE}px">'
        f"{drawn_html(image, 2 * _RUN_IMAGE_SIDE, _RUN_IMAGE_SIDE)}"
        f"<figcaption>{escaped(record.caption or f'{record.key} {record.index}')}</figcaption></figure>"
        for record, image in zip(records, images, strict=False)
    )
    more = len(records) - len(images)
    rest = f"<p>and {more:,} more at this step</p>" if more else ""
    frame = f'<div style="display:flex;flex-wrap:wrap;gap:1em">{figures}</div>'
    return f"<p>step {gallery.step}</p>{frame}{rest}{legend_html(images)}"

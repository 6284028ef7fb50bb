"""Images that were read show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runlog.errors import RunlogError
from runlog.images.image import Image
from runlog.storage.records import ImageRecord

_MAX_IMAGES, _IMAGE_SIDE = 12, 220


class ImageRecords(tuple[ImageRecord, ...]):
    """Images as they were logged, as a tuple; a notebook shows the first of them with their overlays.

    Parameters
    ----------
    records
        The images.
    load
        Returns an image with its pixels.
    """

    _load: Callable[[ImageRecord], Image]

    def __new__(cls, records: Iterable[ImageRecord], load: Callable[[ImageRecord], Image]) -> ImageRecords:
        """Make a tuple of records."""
        made = super().__new__(cls, records)
        made._load = load
        return made

    def __reduce__(self) -> tuple[type[tuple[ImageRecord, ...]], tuple[list[ImageRecord]]]:
        # What loads the pixels is open here and now.
        return tuple, (list(self),)

    def _repr_html_(self) -> str:
        from runlog.images.html import drawn_html, escaped, legend_html

        images, figures = [], []
        for record in self[:_MAX_IMAGES]:
            caption = record.caption or f"{record.key} {record.index}"
            try:
                image = self._load(record)
                images.append(image)
                drawn = drawn_html(image, 2 * _IMAGE_SIDE, _IMAGE_SIDE)
            except RunlogError as error:
                drawn = escaped(str(error))
            figures.append(
                f'<figure style="margin:0;max-width:{_IMAGE_SIDE}px">{drawn}'
                f"<figcaption>step {record.step} · {escaped(caption)}</figcaption></figure>"
            )
        more = len(self) - len(figures)
        rest = f"<p>and {more:,} more images</p>" if more else ""
        frame = f'<div style="display:flex;flex-wrap:wrap;gap:1em">{"".join(figures)}</div>'
        return f"{frame}{rest}{legend_html(images)}"

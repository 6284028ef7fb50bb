"""Records that show themselves in a notebook: the runs of a folder as a table, images as pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runlog.errors import RunlogError
from runlog.images.image import Image
from runlog.reading.run_filter import flat_values
from runlog.storage.records import ImageRecord, RunRecord

_MAX_RUNS, _MAX_VALUES, _MAX_TEXT = 100, 8, 60
_MAX_IMAGES, _IMAGE_SIDE = 12, 220
_CELL = 'style="text-align:left;vertical-align:top;white-space:nowrap"'


class RunRecords(tuple[RunRecord, ...]):
    """Runs, as a tuple; a notebook shows a table of them, with the first values of their summaries."""

    def _repr_html_(self) -> str:
        shown = self[:_MAX_RUNS]
        values = [flat_values("", run.summary) for run in shown]
        names = list(dict.fromkeys(name for one in values for name in one))[:_MAX_VALUES]
        head = ("name", "id", "state", "created (UTC)", "tags", *(name.removeprefix(".") for name in names))
        rows = (
            [
                *(run.name, run.id, run.state, f"{run.created_at:%Y-%m-%d %H:%M}", ", ".join(run.tags)),
                *(_short(one.get(name, "")) for name in names),
            ]
            for run, one in zip(shown, values, strict=True)
        )
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
        more = len(self) - len(shown)
        rest = f"<p>and {more:,} more runs</p>" if more else ""
        return f"<table><thead><tr>{_cells('th', head)}</tr></thead><tbody>{body}</tbody></table>{rest}"


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


def _cells(tag: str, texts: Iterable[str]) -> str:
    from runlog.images.html import escaped

    return "".join(f"<{tag} {_CELL}>{escaped(text)}</{tag}>" for text in texts)


def _short(value: object) -> str:
    text = f"{value:.5g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"

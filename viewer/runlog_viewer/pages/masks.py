"""How a mask is drawn: its label image, recoloured by an SVG filter, exact to the pixel. Pure.

A filter is four tables of 256 values, one entry an id: red, green, blue and alpha. Filters see 8 bits, so a
16-bit mask is drawn from an 8-bit copy with dense ids (its 256 or fewer distinct ids, renumbered), and past
256 distinct ids from a coloured picture. The 16-bit file stays the record.

WebKit filters the parts of a drawing in linear light of 8 bits, in which the lowest ids are one; only
pictures of HTML come out exact. There a script makes masks such pictures (``static/overlays/filters.js``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

import runlog
from runlog import palette
from runlog_viewer.pages import site_names, wording
from runlog_viewer.pages.values import Canvas, DrawnLayer, Fact, Layer, MaskFilter

TABLE_SIZE = 256
_LARGEST_8_BIT_ID = 255


class DrawnMask(NamedTuple):
    """One mask as a picture that is stretched over another.

    `ids_href` links to the data script with the class id of each pixel; `filter` is the id of the filter that
    colours it, or None. `off` are the ids that are not drawn at first, `ignored` those of them that say that
    nobody knows what is there; `is_instances` says that ids are not classes.
    """

    href: str
    ids_href: str
    filter: str | None
    off: tuple[int, ...]
    ignored: tuple[int, ...]
    is_instances: bool


@dataclass(frozen=True, slots=True)
class MaskSources:
    """What one mask is drawn from and read from, relative to the run folder.

    Attributes
    ----------
    own
        The mask's own file.
    drawn
        The same, or a copy in the site.
    script
        The data script that holds the ids of the pixels.
    filter
        The filter that recolours what is drawn; None for a copy that is coloured already.
    class_ids
        The ids in the mask, ascending.
    off
        The ids that are not drawn at first.
    class_colors
        The colours that a script chose.
    """

    own: str
    drawn: str
    script: str
    filter: MaskFilter | None
    class_ids: tuple[int, ...]
    off: tuple[int, ...]
    class_colors: Mapping[int, str]


def draw(record: runlog.MaskLayerRecord, layer: Layer, canvas: Canvas, rule: palette.MaskRule) -> DrawnLayer:
    """Return a mask as it is drawn, and what is known of it."""
    mask = sources(record, rule)
    is_instances = record.name in rule.instances
    href = canvas.to_run_folder + wording.link(*PurePosixPath(mask.drawn).parts)
    ids_href, filters = canvas.to_run_folder + mask.script, (mask.filter,) if mask.filter else ()
    ignored = tuple([i for i in mask.off if rule.is_ignored(record.name, i, record.class_labels)])
    shape = DrawnMask(
        href, ids_href, mask.filter.id if mask.filter else None, mask.off, ignored, is_instances
    )
    fact = _in_words(record, canvas, is_instances=is_instances)
    return DrawnLayer(layer, (shape,), facts=(fact,), filters=filters)


def classes(record: runlog.MaskLayerRecord, rule: palette.MaskRule) -> list[tuple[int, bool]]:
    """Return the classes of a mask, and whether each is off at first; none where its ids are instances."""
    if record.name in rule.instances:
        return []
    off = _off_at_first(rule, record.name, tuple(record.class_labels.items()))
    return [(i, i in off) for i in record.class_ids]


def sources(record: runlog.MaskLayerRecord, rule: palette.MaskRule) -> MaskSources:
    """Return what a mask is drawn from."""
    media, ids = record.media, record.class_ids
    drawn = own = str(media.path)
    filter: MaskFilter | None = None
    colors = tuple(sorted(record.class_colors.items()))
    kind = "instances" if record.name in rule.instances else "mask"
    all_off = _off_at_first(rule, record.name, tuple(record.class_labels.items()))
    off = tuple(sorted(set(ids).intersection(all_off)))
    if not ids or ids[-1] <= _LARGEST_8_BIT_ID:
        # Whichever ids each of them has, so that masks of one key share it.
        filter = _filter(kind, (), tuple([i for i in all_off if i < TABLE_SIZE]), colors)
    elif len(ids) <= TABLE_SIZE:
        drawn, filter = site_names.mask_copy(media), _filter(kind, ids, off, colors)
    else:
        drawn = site_names.mask_copy(media, f"-{_digest((off, colors))}")
    return MaskSources(own, drawn, site_names.mask_script(media), filter, ids, off, record.class_colors)


def colours(mask: MaskSources) -> list[tuple[int, int, int, int]]:
    """Return red, green, blue and alpha of each id, as an 8-bit picture has them."""
    return [
        (*palette.channels(palette.colour(i, mask.class_colors)), 255 * (i not in mask.off))
        for i in mask.class_ids
    ]


def _in_words(record: runlog.MaskLayerRecord, canvas: Canvas, *, is_instances: bool) -> Fact:
    """Return all that is known about a mask."""
    width, height = record.media.width, record.media.height
    count = f", {len(record.class_ids):,} ids" if is_instances else ""
    note = "" if (width, height) == (canvas.width, canvas.height) else ", drawn stretched"
    return Fact(f"mask {record.name}", f"{width} × {height} px{count}, {record.media.path.name}{note}")


@lru_cache(maxsize=256)  # most masks of a run have the same labels
def _off_at_first(rule: palette.MaskRule, layer: str, labels: tuple[tuple[int, str], ...]) -> tuple[int, ...]:
    """Return all ids that are off at first in a mask of a layer, whether or not it has them."""
    return rule.off_at_first(layer, dict(labels))


@lru_cache(maxsize=256)
def _filter(
    kind: str, ids: tuple[int, ...], off: tuple[int, ...], class_colors: tuple[tuple[int, str], ...]
) -> MaskFilter:
    """Return the filter whose table entry n is the colour of ``ids[n]``; without ids, of class n.

    Its id begins with `kind`: in one of a ``mask`` classes can be switched, in one of ``instances`` not.
    """
    table = ids or tuple(range(TABLE_SIZE))
    chosen = dict(class_colors)
    colours = [palette.channels(palette.colour(i, chosen)) for i in table]
    colours += [(0, 0, 0)] * (TABLE_SIZE - len(table))
    red, green, blue = (" ".join(map(_table_value, channel)) for channel in zip(*colours, strict=True))
    alpha = " ".join("1" if n < len(table) and table[n] not in off else "0" for n in range(TABLE_SIZE))
    digest = _digest((ids, red, green, blue, alpha))
    return MaskFilter(f"{kind}-{digest}", ids, off, red, green, blue, alpha)


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


@lru_cache(maxsize=TABLE_SIZE)
def _table_value(channel: int) -> str:
    """Return a channel of 0 … 255 as a table value that comes out as that channel, rounded or truncated."""
    if channel in (0, 255):  # a bare "1." would silently kill the whole channel in Chromium
        return str(channel // 255)
    return f"{(channel + 0.25) / 255:.4f}"

"""The layers over a picture, and the switch of each → HTML, written by hand: what each kind looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runlog_viewer.html.escaping import escaped, escaped_json, escaped_name
from runlog_viewer.pages.box_tags import MARGINS, is_known_width
from runlog_viewer.pages.boxes import DrawnBox
from runlog_viewer.pages.values import DrawnLayer, Figure, Layer, PlacedTag

WHOLE = "none"
"""How the drawing fits an image that is shown without room beside it."""
OUTLINE = "outline"
"""The id of the filter that leaves the outlines of areas."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a kind of layers looks like.

    Attributes
    ----------
    sample
        What stands at the switch of a layer, in 16 × 12 px.
    shapes
        What is drawn over a picture; the first layer of its kind there is told.
    is_under
        Whether it is drawn in pixels of the screen, under what is drawn in those of the picture.
    """

    sample: Callable[[Layer], str]
    shapes: Callable[[DrawnLayer, bool], str]
    is_under: bool


def overlay(figure: Figure, fit: str, *, with_tags: bool) -> str:
    """Return what lies over a picture; nothing where it has no layers.

    The lines of outlines are as wide as a pixel of the screen, which a drawing in the pixels of the picture
    does not know. Where the drawing leaves room beside the picture there are no outlines.
    """
    if not figure.layers:
        return ""
    seen: set[str] = set()
    drawn: dict[bool, list[str]] = {True: [], False: []}
    for layer in figure.layers:
        kind = layer.layer.kind
        look = _LOOKS[kind]
        drawn[look.is_under and fit == WHOLE].append(look.shapes(layer, kind not in seen))
        seen.add(kind)
    under = f'<svg class="masks" aria-hidden="true">{"".join(drawn[True])}</svg>' if drawn[True] else ""
    overlay = (
        f'<svg class="overlay" viewBox="0 0 {figure.width} {figure.height}" preserveAspectRatio="{fit}"'
        f' aria-hidden="true">{"".join(drawn[False])}</svg>'
    )
    return f"{under}{overlay}{_tags(figure) if with_tags else ''}"


def layer_switch(layer: Layer) -> str:
    """Return a layer as an item of a list, with its switch."""
    sample = _LOOKS[layer.kind].sample(layer)
    return (
        f'<li><label><input class="needs-js" type="checkbox" checked{_names(layer)}>'
        f'<svg class="sample" width="16" height="12" aria-hidden="true">{sample}</svg>'
        f"<bdi>{escaped_name(layer.name)}</bdi> <small>{layer.kind}</small></label></li>"
    )


def _names(layer: Layer) -> str:
    """Return what every element of a layer says, by which scripts find it whatever its kind is."""
    return f' data-kind="{layer.kind}" data-layer="{escaped_name(layer.name)}"'


def _tags(figure: Figure) -> str:
    tags = "".join([_tags_of(drawn) for drawn in figure.layers if drawn.placed])
    width = f"{figure.least_width:.3f}".rstrip("0").rstrip(".")
    return f'<svg class="tags" data-width="{width}" aria-hidden="true">{tags}</svg>' if tags else ""


def _tags_of(drawn: DrawnLayer) -> str:
    # As scripts have them: where they lie over each other, in full view, that of the highest score is on top.
    tags = [_tag(placed, drawn.shapes[placed.tag.box]) for placed in reversed(drawn.placed)]
    return f'<g class="tag-layer"{_names(drawn.layer)}>{"".join(tags)}</g>'


def _tag(placed: PlacedTag, box: DrawnBox) -> str:
    tag, x, y = placed
    at = f'{_verdict(box)} x="{x}%" y="{y}%"'
    # What is set as wide as it needs has even letters; where that is not known, it fits.
    length = f' textLength="{tag.spot.width - MARGINS}" lengthAdjust="spacingAndGlyphs"'
    ink = ' class="dark"' if tag.is_dark else ""
    return (
        f'<rect{at} width="{tag.spot.width}" fill="{tag.colour}"/>'
        f'<text{at} data-box="{tag.box}"{ink}{"" if is_known_width(tag.text) else length}>'
        f"{escaped(tag.text)}</text>"
    )


def _mask_sample(layer: Layer) -> str:
    outlined = " outlined" if layer.line else ""
    return f'<rect class="area{outlined}" x="1" y="1" width="14" height="10" rx="2"/>'


def _mask(drawn: DrawnLayer, is_first: bool) -> str:
    """Return a mask: the first of a picture as areas, the others as outlines."""
    (mask,) = drawn.shapes
    name = f' data-filter="{mask.filter}"' if mask.filter else ""
    filters = [f"url(#{name})" for name in (mask.filter, None if is_first else OUTLINE) if name]
    filtered = f' filter="{" ".join(filters)}"' if filters else ""
    off = f' data-off="{" ".join(map(str, mask.off))}"' if mask.off else ""
    ignored = f' data-ignored="{" ".join(map(str, mask.ignored))}"' if mask.ignored else ""
    return (
        f'<image class="mask"{_names(drawn.layer)} data-ids="{mask.ids_href}"{off}{ignored}'
        f"{' data-instances' if mask.is_instances else ''}{name}{'' if is_first else ' data-outlined'}"
        f' href="{mask.href}" width="100%" height="100%" preserveAspectRatio="none"'
        f"{filtered}/>"
    )


def _box_sample(layer: Layer) -> str:
    return f'<rect x="1.5" y="1.5" width="13" height="9" data-line="{layer.line}"/>'


def _boxes(drawn: DrawnLayer, is_first: bool) -> str:
    layer, rects = drawn.layer, "".join(map(_rect, drawn.shapes))
    return f'<g class="layer"{_names(layer)} data-line="{layer.line}">{rects}</g>'


def _verdict(box: DrawnBox) -> str:
    return f' data-verdict="{box.verdict}"' if box.verdict else ""


def _rect(box: DrawnBox) -> str:
    caption = f' data-caption="{escaped(box.caption)}"' if box.caption else ""
    scores = f" data-scores='{escaped_json(box.scores)}'" if box.scores else ""
    tag = "" if box.tag is None else f' data-tag="{escaped(box.tag)}"'
    dark = " dark" if box.is_dark else ""
    return (
        f'<rect class="box{dark}" data-class="{box.class_id}" data-label="{escaped_name(box.label)}"{caption}'
        f'{scores}{tag}{_verdict(box)} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
        f' stroke="{box.colour}"/>'
    )


_LOOKS = {
    "boxes": _Look(_box_sample, _boxes, is_under=False),
    "masks": _Look(_mask_sample, _mask, is_under=True),
}

"""The layers over a picture, and the switch of each → HTML, written by hand: what each kind looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runlog_viewer.html.escaping import escaped, escaped_json, escaped_name
from runlog_viewer.pages.boxes import DrawnBox
from runlog_viewer.pages.values import DrawnLayer, Figure, Layer

_LONGEST_TAG = 60


@dataclass(frozen=True, slots=True)
class _Look:
    """What a kind of layers looks like.

    Attributes
    ----------
    sample
        What stands at the switch of a layer, in 16 × 12 px.
    shapes
        What is drawn over a picture, in its pixels.
    tags
        What is written there, in percent of the picture; None for a kind without words.
    """

    sample: Callable[[Layer], str]
    shapes: Callable[[DrawnLayer, Figure], str]
    tags: Callable[[DrawnLayer], str] | None = None


def overlay(figure: Figure, fit: str, *, with_tags: bool) -> str:
    """Return what lies over a picture; nothing where it has no layers."""
    if not figure.layers:
        return ""
    shapes = "".join([_LOOKS[drawn.layer.kind].shapes(drawn, figure) for drawn in figure.layers])
    overlay = (
        f'<svg class="overlay" viewBox="0 0 {figure.width} {figure.height}" preserveAspectRatio="{fit}"'
        f' aria-hidden="true">{shapes}</svg>'
    )
    return f"{overlay}{_tags(figure)}" if with_tags else overlay


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
    looks = ((drawn, _LOOKS[drawn.layer.kind].tags) for drawn in figure.layers)
    tags = "".join([tags(drawn) for drawn, tags in looks if tags])
    return f'<svg class="tags" aria-hidden="true">{tags}</svg>'


def _mask_sample(layer: Layer) -> str:
    return '<rect class="area" x="1" y="1" width="14" height="10" rx="2"/>'


def _mask(drawn: DrawnLayer, figure: Figure) -> str:
    (mask,) = drawn.shapes
    colours = f' filter="url(#{mask.filter})"' if mask.filter else ""
    off = f' data-off="{" ".join(map(str, mask.off))}"' if mask.off else ""
    return (
        f'<image class="mask"{_names(drawn.layer)} data-ids="{mask.ids_href}"{off}'
        f"{' data-instances' if mask.is_instances else ''}"
        f' href="{mask.href}" width="{figure.width}" height="{figure.height}" preserveAspectRatio="none"'
        f"{colours}/>"
    )


def _box_sample(layer: Layer) -> str:
    return f'<rect x="1.5" y="1.5" width="13" height="9" data-line="{layer.line}"/>'


def _boxes(drawn: DrawnLayer, figure: Figure) -> str:
    layer, rects = drawn.layer, "".join(map(_rect, drawn.shapes))
    return f'<g class="layer"{_names(layer)} data-line="{layer.line}">{rects}</g>'


def _rect(box: DrawnBox) -> str:
    caption = f' data-caption="{escaped(box.caption)}"' if box.caption else ""
    scores = f" data-scores='{escaped_json(box.scores)}'" if box.scores else ""
    return (
        f'<rect class="box" data-class="{box.class_id}" data-label="{escaped_name(box.label)}"{caption}'
        f'{scores} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" stroke="{box.colour}"/>'
    )


def _box_tags(drawn: DrawnLayer) -> str:
    tags = "".join([_tag(place, box) for place, box in enumerate(drawn.shapes) if box.tag])
    return f'<g class="tag-layer"{_names(drawn.layer)}>{tags}</g>'


def _tag(place: int, box: DrawnBox) -> str:
    names = f' class="{box.tag_class}"' if box.tag_class else ""
    return (
        f'<text data-box="{place}" data-class="{box.class_id}"{names} data-from="{box.tag_from}"'
        f' x="{box.tag_x}%" y="{box.tag_y}%" stroke="{box.colour}">{escaped(box.tag[:_LONGEST_TAG])}</text>'
    )


_LOOKS = {
    "boxes": _Look(_box_sample, _boxes, _box_tags),
    "masks": _Look(_mask_sample, _mask),
}

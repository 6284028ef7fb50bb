"""Images with their boxes, their layers, classes and numbers → HTML, written by hand.

A gallery has hundreds of boxes and facts, and a run ten thousand galleries: as templates they took half of a
build. Everything that a script logged goes through `_escaped`; what else stands between quotes is numbers,
colours, links and names that `runlog_viewer.pages.gallery` made.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup

from runlog_viewer.pages import wording
from runlog_viewer.pages.values import (
    BoxLayer,
    DrawnBox,
    Fact,
    Figure,
    FigureGroup,
    KeySection,
    Layer,
    LegendEntry,
    MaskLayer,
)

_START = 500
_LONGEST_TAG = 60
_REFERENCES = (("×", "&times;"), ("·", "&middot;"), ("…", "&hellip;"))


def picture(of: Figure, href: str, *, with_tags: bool = False, fit: str = "none") -> Markup:
    """Return an image as a link, with what is drawn over it.

    Parameters
    ----------
    with_tags
        Whether something is written at its boxes.
    fit
        How the drawing fits the image on screen, as ``preserveAspectRatio`` of SVG.
    """
    return Markup(_picture(of, href, with_tags, fit))  # noqa: S704


def key_section(of: KeySection, step: int) -> Markup:
    """Return the images of a key as they stand in the gallery of a step."""
    key = _escaped_name(of.key)
    data_from = earlier = ""
    if of.step != step:
        data_from = f' data-from="{of.step}"'
        earlier = f' &middot; <a class="from" href="{of.href}">from step {of.step}</a>'
    html = (
        f'<section class="key" data-key="{key}"{data_from}>\n'
        f"<h2><bdi>{key}</bdi> <small>{len(of.figures)}{earlier} &middot; "
        f'<a class="all-steps" href="{of.all_steps}">all steps</a></small></h2>\n'
        f'<div class="figures">\n{"".join(map(_group, of.groups))}</div>\n</section>'
    )
    return Markup(html)  # noqa: S704


def pairs(of: Iterable[Fact]) -> Markup:
    """Return facts as pairs that stand beside each other."""
    terms = [f"<div><dt><bdi>{_escaped_name(fact.name)}</bdi><dd>{_escaped(fact.value)}</div>" for fact in of]
    return Markup(f'<dl class="pairs">{"".join(terms)}</dl>')  # noqa: S704


def layers(of: Iterable[Layer]) -> Markup:
    """Return layers as items of a list, each with a switch."""
    return Markup("\n".join(map(_layer_switch, of)))  # noqa: S704


def classes(of: Iterable[LegendEntry]) -> Markup:
    """Return classes as items of a legend."""
    return Markup("\n".join(map(_class, of)))  # noqa: S704


def _group(of: FigureGroup) -> str:
    figures = "".join(map(_figure, of.figures))
    if of.grouping is None:
        return figures
    return (
        f'<div class="group" role="group" aria-label="Group {of.grouping}" data-grouping="{of.grouping}">\n'
        f"{figures}</div>\n"
    )


def _layer_switch(of: Layer) -> str:
    name = _escaped_name(of.name)
    if of.kind == "boxes":
        sample = f'<rect x="1.5" y="1.5" width="13" height="9" data-line="{of.line}"/>'
    else:
        sample = '<rect class="area" x="1" y="1" width="14" height="10" rx="2"/>'
    return (
        f'<li><label><input class="needs-js" type="checkbox" checked data-kind="{of.kind}"'
        f' data-layer="{name}"><svg class="sample" width="16" height="12" aria-hidden="true">{sample}</svg>'
        f"<bdi>{name}</bdi> <small>{of.kind}</small></label></li>"
    )


def _class(of: LegendEntry) -> str:
    boxes = wording.plural(of.boxes, "box", "boxes") if of.boxes else ""
    masks = wording.plural(of.masks, "mask") if of.masks else ""
    counts = f"{boxes}, {masks}" if boxes and masks else boxes or masks
    return (
        f'<li data-class="{of.class_id}">'
        f'<svg class="swatch" aria-hidden="true"><rect fill="{of.colour}"/></svg>'
        f'<bdi>{_escaped_name(of.label)}</bdi> <small class="count" role="img" title="{counts}"'
        f' aria-label="{counts}" data-boxes="{of.boxes}" data-masks="{of.masks}">'
        f"{of.boxes or of.masks}</small></li>"
    )


def _figure(of: Figure) -> str:
    small, missing = " small" if of.is_small else "", " missing" if of.is_missing else ""
    grouping = "" if of.grouping is None else f' data-grouping="{of.grouping:d}"'
    lost = '<p class="warn">media file missing</p>\n' if of.is_missing else ""
    return (
        f'<figure class="image {of.shape}{small}{missing}" data-key="{_escaped_name(of.key)}"'
        f' data-step="{of.step:d}" data-index="{of.index:d}"{grouping}>\n'
        f"{_picture(of, of.href, True, 'none')}\n{_caption(of)}"
        f'<div class="about">\n{lost}{_info(of)}{_boxes(of)}</div>\n</figure>\n'
    )


def _caption(of: Figure) -> str:
    if not of.caption:
        return ""
    caption = f"<bdi>{_escaped(of.caption)}</bdi>"
    if len(of.caption) > _START:
        # What is clamped is laid out whole, which takes long for a caption of a megabyte.
        start = f"<span><bdi>{_escaped(of.caption[:_START])}</bdi>&hellip;</span>"
        summary = f'<summary>{start}<b class="less">less</b></summary>'
        caption = f'<details class="long whole">{summary}{caption}</details>'
    elif of.is_long:
        caption = f'<details class="long"><summary>{caption}</summary></details>'
    return f"<figcaption>{caption}</figcaption>\n"


def _info(of: Figure) -> str:
    hint = f' <span class="warn">{_escaped(of.hint)}</span>' if of.hint else ""
    size = f'<span class="size">{of.width}&times;{of.height}</span>'
    return (
        f'<details class="info"><summary>#{of.index} {size}{hint}</summary>\n'
        f'<dl class="facts">{_terms(of.facts)}</dl>\n</details>\n'
    )


def _boxes(of: Figure) -> str:
    if not of.boxes:
        return ""
    not_drawn = f' <span class="warn">{of.not_drawn} not drawn</span>' if of.not_drawn else ""
    return (
        f'<details class="boxes"><summary>{wording.plural(of.boxes, "box", "boxes")}{not_drawn}</summary>\n'
        f"<dl>{_terms(of.box_facts)}</dl>\n</details>\n"
    )


def _terms(facts: Iterable[Fact]) -> str:
    return "".join([f"<dt>{_escaped_name(fact.name)}<dd>{_in_ascii(_escaped(fact.value))}" for fact in facts])


def _in_ascii(html: str) -> str:
    """Return the same with our signs as references: one … would make a gallery twice as large in memory."""
    for sign, reference in _REFERENCES:
        html = html.replace(sign, reference)
    return html


def _picture(of: Figure, href: str, with_tags: bool, fit: str) -> str:
    full = f' data-full="{of.href}"' if of.thumbnail else ""
    overlay = tags = ""
    if of.mask_layers or of.box_layers:
        masks = "".join([_mask(layer, of) for layer in of.mask_layers])
        overlay = (
            f'<svg class="overlay" viewBox="0 0 {of.width} {of.height}" preserveAspectRatio="{fit}"'
            f' aria-hidden="true">{masks}{"".join(map(_layer, of.box_layers))}</svg>'
        )
        if with_tags:
            tags = f'<svg class="tags" aria-hidden="true">{"".join(map(_tag_layer, of.box_layers))}</svg>'
    return (
        f'<a class="picture" href="{href}"><img loading="lazy" src="{of.thumbnail or of.href}"{full}'
        f' width="{of.width}" height="{of.height}" alt="{_escaped(of.alt)}">{overlay}{tags}</a>'
    )


def _mask(layer: MaskLayer, of: Figure) -> str:
    colours = f' filter="url(#{layer.filter})"' if layer.filter else ""
    return (
        f'<image class="mask" data-layer="{_escaped_name(layer.name)}" data-ids="{layer.ids_href}"'
        f' href="{layer.href}" width="{of.width}" height="{of.height}" preserveAspectRatio="none"{colours}/>'
    )


def _layer(layer: BoxLayer) -> str:
    rects = "".join(map(_rect, layer.boxes))
    return f'<g class="layer" data-layer="{_escaped_name(layer.name)}" data-line="{layer.line}">{rects}</g>'


def _rect(box: DrawnBox) -> str:
    caption = f' data-caption="{_escaped(box.caption)}"' if box.caption else ""
    scores = "".join([f' {name}="{score}"' for name, score in box.score_attributes])
    return (
        f'<rect class="box" data-class="{box.class_id}" data-label="{_escaped_name(box.label)}"{caption}'
        f'{scores} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" stroke="{box.colour}"/>'
    )


def _tag_layer(layer: BoxLayer) -> str:
    tags = "".join([_tag(place, box) for place, box in enumerate(layer.boxes) if box.tag])
    return f'<g class="tag-layer" data-layer="{_escaped_name(layer.name)}">{tags}</g>'


def _tag(place: int, box: DrawnBox) -> str:
    names = f' class="{box.tag_class}"' if box.tag_class else ""
    return (
        f'<text data-box="{place}" data-class="{box.class_id}"{names} data-from="{box.tag_from}"'
        f' x="{box.tag_x}%" y="{box.tag_y}%" stroke="{box.colour}">{_escaped(box.tag[:_LONGEST_TAG])}</text>'
    )


def _escaped(written: str) -> str:
    """Return what `markupsafe.escape` does, in a fifth of its time."""
    written = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return written.replace("'", "&#39;").replace('"', "&#34;")


@lru_cache(maxsize=1024)
def _escaped_name(name: str) -> str:
    """Return an escaped name that stands at many images: of a key, a layer, a class, a fact."""
    return _escaped(name)

"""Images, the switches of their layers, their classes and numbers → HTML, written by hand.

A gallery has hundreds of boxes and facts, and a run ten thousand galleries: as templates they took half of a
build. Everything that a script logged goes through `escaped`; what else stands between quotes is numbers,
colours, links and names that `runlog_viewer.pages.gallery` made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from runlog_viewer.html import overlays
from runlog_viewer.html.escaping import escaped, escaped_json, escaped_name
from runlog_viewer.pages import figure_sizes
from runlog_viewer.pages.values import (
    Confusion,
    Fact,
    Figure,
    FigureGroup,
    Judgement,
    KeySection,
    Layer,
    LegendEntry,
    ListedLayer,
    Listing,
)

OFF_AT_FIRST = "~"
"""After the id of a class of masks that is not drawn before somebody asks for it."""
_START = 500


def picture(figure: Figure, href: str, *, with_tags: bool = False, fit: str = "none") -> Markup:
    """Return an image as a link, with what is drawn over it.

    Parameters
    ----------
    with_tags
        Whether something is written at its boxes.
    fit
        How the drawing fits the image on screen, as ``preserveAspectRatio`` of SVG.
    """
    return Markup(_picture(figure, href, with_tags, fit))  # noqa: S704


def key_section(section: KeySection, step: int) -> Markup:
    """Return the images of a key as they stand in the gallery of a step."""
    key = escaped_name(section.key)
    data_from = earlier = ""
    if section.step != step:
        data_from = f' data-from="{section.step}"'
        earlier = f' · <a class="from" href="{section.href}">from step {section.step}</a>'
    figures = "".join([_group(group, section.cell) for group in section.groups])
    html = (
        f'<section class="key" data-key="{key}" data-cell="{section.cell}"{data_from}>\n'
        f"<h2><bdi>{key}</bdi> <small>{len(section.figures)}{earlier} · "
        f'<a class="all-steps" href="{section.all_steps}">all steps</a> &middot; '
        f'<a class="in-table" href="{section.all_steps}&amp;view=table">table</a></small></h2>\n'
        f'{_judgement(section.judgement)}<div class="figures">\n{figures}</div>\n</section>'
    )
    return Markup(html)  # noqa: S704


def report_judgement(judgement: Judgement | None) -> Markup:
    """Return what is said of judged images as it stands in a report: without scripts, and all to be seen."""
    return Markup(_judgement(judgement, in_report=True))  # noqa: S704


def report_figure(figure: Figure, cell: int, fields: Iterable[Fact]) -> str:
    """Return an image in a report, with its place and fields; without an `href` it is no link."""
    # Each by itself: what is written from the right must not move what stands beside it.
    said = [f"<bdi>{escaped_name(fact.name)}</bdi> <bdi>{escaped(fact.value)}</bdi>" for fact in fields]
    place = f"step {figure.step:d} · #{figure.index:d}"
    return _figure(figure, cell, f'<div class="said">{" · ".join([place, *said])}</div>')


def pairs(facts: Iterable[Fact]) -> Markup:
    """Return facts as pairs that stand beside each other."""
    terms = [
        f"<div><dt><bdi>{escaped_name(fact.name)}</bdi><dd>{escaped(fact.value)}</div>" for fact in facts
    ]
    return Markup(f'<dl class="pairs">{"".join(terms)}</dl>')  # noqa: S704


def layer_switches(layers: Iterable[Layer]) -> Markup:
    """Return layers as items of a list, each with a switch."""
    return Markup("\n".join(map(overlays.layer_switch, layers)))  # noqa: S704


def legend_entries(entries: Iterable[LegendEntry]) -> Markup:
    """Return classes as items of a legend."""
    return Markup("\n".join(map(_class, entries)))  # noqa: S704


def _judgement(judgement: Judgement | None, *, in_report: bool = False) -> str:
    if judgement is None:
        return ""
    chips = "".join(
        [
            f'<li data-verdict="{one.verdict}"><i class="sign"></i>{one.words}'
            f' <b class="count">{one.count}</b></li>'
            for one in judgement.counts
        ]
    )
    at = (
        f', {judgement.overlap}, <bdi class="threshold">{escaped(judgement.threshold)}</bdi>'
        if judgement.threshold
        else ""
    )
    numbers = (
        f'<span>precision <b class="precision">{judgement.precision}</b></span>'
        f' <span>recall <b class="recall">{judgement.recall}</b></span>'
    )
    data = "" if in_report else f" data-judged='{escaped_json(judgement.data)}'"
    confusions = [_confusion(one, is_open=in_report) for one in judgement.confusions]
    return (
        f'<div class="judged"{data}>\n'
        f'<p class="judged-at quiet">Judged: {escaped(judgement.about)}{at}</p>\n'
        + (f'<ul class="verdicts" aria-label="Verdicts">{chips}</ul> {numbers}\n' if chips else "")
        + "".join(confusions)
        + "</div>\n"
    )


def _confusion(confusion: Confusion, *, is_open: bool) -> str:
    heads = "".join([f'<th scope="col"><bdi>{escaped_name(one.label)}</bdi>' for one in confusion.classes])
    rows = "".join(
        [
            f'<tr><th scope="row"><bdi>{escaped_name(true.label)}</bdi>'
            + "".join(
                [
                    f'<td data-cell="{true.id} {predicted.id}"{_heat(count, counts)}>'
                    f"<span>{count or ''}</span>"
                    for predicted, count in zip(confusion.classes, counts, strict=True)
                ]
            )
            for true, counts in zip(confusion.classes, confusion.rows, strict=True)
        ]
    )
    said = "Rows: what is there. Columns: what was predicted."
    return (
        f'<details class="confusion {confusion.unit}"{" open" if is_open else ""}>'
        f"<summary>Confusion matrix of {confusion.unit}</summary>\n"
        f'<div class="confusion-frame"><table data-unit="{confusion.unit}"><caption>{said}</caption>\n'
        f"<thead><tr><td>{heads}</thead>\n<tbody>{rows}</tbody></table></div></details>\n"
    )


def _heat(count: int, row: Iterable[int]) -> str:
    """Return how dark a cell of a confusion is: by its share of its row, in four shades."""
    return f' data-heat="{math.ceil(4 * count / sum(row))}"' if count else ""


def _group(group: FigureGroup, cell: int) -> str:
    figures = "".join([_figure(figure, cell) for figure in group.figures])
    if group.grouping is None:
        return figures
    number = group.grouping
    return (
        f'<div class="group" role="group" aria-label="Group {number}" data-grouping="{number}">\n'
        f"{figures}</div>\n"
    )


def _class(entry: LegendEntry) -> str:
    counts = "".join([f' data-{kind}="{count}"' for kind, count in entry.counts])
    return (
        f'<li data-class="{entry.class_id}{OFF_AT_FIRST if entry.is_off else ""}">'
        f'<svg class="swatch" aria-hidden="true"><rect fill="{entry.colour}"/></svg>'
        f'<bdi>{escaped_name(entry.label)}</bdi> <small class="count" role="img" title="{entry.in_words}"'
        f' aria-label="{entry.in_words}"{counts}>{entry.count}</small></li>'
    )


def _figure(figure: Figure, cell: int, said: str = "") -> str:
    listings = "".join(map(_listing, figure.listings))
    small, missing = " small" if figure.is_small else "", " missing" if figure.is_missing else ""
    grouping = "" if figure.grouping is None else f' data-grouping="{figure.grouping:d}"'
    identity = "" if figure.id is None else f' data-id="{escaped_name(figure.id)}"'
    narrower = figure_sizes.narrower(figure.width, figure.height, cell)
    narrow = "" if narrower is None else f' data-cell="{narrower}"'
    times = figure_sizes.times_as_high(figure.width, figure.height)
    high = "" if times is None else f' data-high="{times}"'
    strip = " strip" if figure_sizes.is_strip(figure.width, figure.height) else ""
    lost = '<p class="warn">media file missing</p>\n' if figure.is_missing else ""
    return (
        f'<figure class="image {figure.shape}{strip}{small}{missing}" data-key="{escaped_name(figure.key)}"'
        f' data-step="{figure.step:d}" data-index="{figure.index:d}"{identity}{grouping}{narrow}{high}>\n'
        f"{_picture(figure, figure.href, True, 'none')}\n{_caption(figure, said)}"
        f'<div class="about">\n{lost}{_info(figure)}{listings}</div>\n</figure>\n'
    )


def _caption(figure: Figure, said: str) -> str:
    """Return the caption of an image, which may be cut, and below it what is said besides, which is not."""
    text = figure.caption or ""
    if not text and not said:
        return ""
    caption = f"<bdi>{escaped(text)}</bdi>" if text else ""
    if len(text) > _START:
        # What is clamped is laid out whole, which takes long for a caption of a megabyte.
        start = f"<span><bdi>{escaped(text[:_START])}</bdi>&hellip;</span>"
        summary = f'<summary>{start}<b class="less">less</b></summary>'
        caption = f'<details class="long whole">{summary}{caption}</details>'
    elif figure.is_long:
        caption = f'<details class="long"><summary>{caption}</summary></details>'
    return f"<figcaption>{caption}{said}</figcaption>\n"


def _info(figure: Figure) -> str:
    hint = f' <span class="warn">{escaped(figure.hint)}</span>' if figure.hint else ""
    size = f'<span class="size">{figure.width}×{figure.height}</span>'
    name = "" if figure.id is None else f" <bdi>{escaped_name(figure.id)}</bdi>"
    return (
        f'<details class="info"><summary>#{figure.index}{name} {size}{hint}</summary>\n'
        f'<dl class="facts">{_terms(figure.facts)}</dl>\n</details>\n'
    )


def _listing(listing: Listing) -> str:
    not_drawn = sum([len(layer.not_drawn) for layer in listing.layers])
    lost = f' <span class="warn">{not_drawn} not drawn</span>' if not_drawn else ""
    layers = "".join(map(_listed_layer, listing.layers))
    return (
        f'<details class="{listing.kind}"><summary><span class="how-many">{listing.how_many}</span>{lost}'
        f"</summary>\n<dl>{layers}</dl>\n</details>\n"
    )


def _listed_layer(layer: ListedLayer) -> str:
    drawn, not_drawn = (_in_latin(escaped("\n".join(lines))) for lines in (layer.drawn, layer.not_drawn))
    between = "\n" if drawn and not_drawn else ""
    lost = f'{between}<span class="lost">{not_drawn}</span>' if not_drawn else ""
    return f"<dt>{escaped_name(layer.name)}<dd>{drawn}{lost}"


def _terms(facts: Iterable[Fact]) -> str:
    return "".join([f"<dt>{escaped_name(fact.name)}<dd>{_in_latin(escaped(fact.value))}" for fact in facts])


def _in_latin(html: str) -> str:
    """Return the same with … as a reference: past Latin-1, it would make a gallery twice as large."""
    return html.replace("…", "&hellip;")


def _picture(figure: Figure, href: str, with_tags: bool, fit: str) -> str:
    full = f' data-full="{figure.href}"' if figure.thumbnail and figure.href else ""
    begin, end = (f'a class="picture" href="{href}"', "a") if href else ('span class="picture"', "span")
    return (
        f'<{begin}><img loading="lazy" src="{figure.thumbnail or figure.href}"{full}'
        f' width="{figure.width}" height="{figure.height}" data-pixels="{figure.pixels}"'
        f' alt="{escaped(figure.alt)}">'
        f"{overlays.overlay(figure, fit, with_tags=with_tags)}</{end}>"
    )

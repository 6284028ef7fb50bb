"""Page values → HTML, as strings. Templates escape what they are given; markup by hand does so itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

import runlog
from runlog_viewer.html import data_scripts, markdown, markup, overlays, overview_links, tables
from runlog_viewer.html.compiled_templates import CompiledTemplates
from runlog_viewer.html.data_scripts import without_surrogates
from runlog_viewer.html.scripts import OVERVIEW_PAGES, RUN_PAGES, page_scripts
from runlog_viewer.html.shared_files import SharedFile, shared_files
from runlog_viewer.pages import numbers, site_names, wording
from runlog_viewer.pages.layers import KINDS
from runlog_viewer.pages.legend import MAX_CLASSES
from runlog_viewer.pages.value_kinds import VALUE_KINDS
from runlog_viewer.pages.values import (
    BrokenRun,
    Cell,
    Column,
    Figure,
    Gallery,
    HeatMap,
    MaskFilter,
    Overview,
    ReportSection,
    RunCard,
    RunHead,
    RunPage,
    StepPage,
)

PACKAGE = Path(__file__).parents[1]
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'"
)
# A report has no scripts at all, and its style sheet in itself.
REPORT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
PAGES_WITHOUT_SHORTCUTS = ("step",)
"""Pages of which a run may have thousands: they load what stands in all of them when it is asked for."""
# What readers with scripts alone have in the bar of the page of a step, by where it goes.
_CONTROLS = (
    ("header", "beforeend", "in_header"),
    ("#previous", "afterend", "after_previous"),
    ("#next", "afterend", "after_next"),
    (".toolbar", "beforeend", "in_toolbar"),
)
_STYLED_SITES = ((*RUN_PAGES, "steps"), OVERVIEW_PAGES)
_SLOTS = ("step", "revision", "previous", "next", "gallery", "tables", "logged", "filters")
# What a script logged is escaped, and never looks like it.
_WAY = re.compile(r'(<a id="(previous|next)" rel="\w+" class="button" aria-label="\w+ step")[^>]*')


@cache
def generator() -> str:
    """Return what names this version of the viewer: a site written by another one is written anew."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in (".py", ".html", ".css", ".js"):
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def site_styles(page: str) -> Mapping[str, SharedFile]:
    """Return the files of the style sheets of a page's site, by name: a page waits less for few files."""
    pages = next(site for site in _STYLED_SITES if page in site)
    users: dict[str, tuple[str, ...]] = {}
    for one in pages:
        for sheet in _page_sheets(one):
            users[sheet] = (*users.get(sheet, ()), one)
    return {f"{file.stem}.css": file for file in shared_files(users, len(pages))}


@cache
def page_styles(page: str) -> tuple[str, ...]:
    """Return the names of the files of style sheets that a page links to, in their order."""
    return tuple(name for name, file in site_styles(page).items() if page in file.pages)


def _page_sheets(page: str) -> tuple[str, ...]:
    """Return the names of the style sheets of a page."""
    template = _environment().get_template(f"{page}.html")
    own = "".join(template.blocks["styles"](template.new_context()))
    return tuple(f"{_parts().common_styles} {own}".split())


@cache
def shortcuts(page: str) -> str:
    """Return the dialog with the shortcuts of a page."""
    base, template = (_environment().get_template(f"{name}.html") for name in ("base", page))
    context = template.new_context()
    for name, block in base.blocks.items():
        context.blocks.setdefault(name, []).append(block)
    return "".join(context.blocks["shortcuts"][0](context))


def controls_script() -> str:
    """Return a script that completes the bar of the page of a step as soon as there is an element for that.

    It is part of a script that pages run before they are painted: a file of its own would be waited for.
    """
    module = _environment().get_template("step_controls.html").module
    pieces = data_scripts.to_json(
        [(place, where, getattr(module, name)()) for place, where, name in _CONTROLS]
    )
    put = "document.querySelector(place).insertAdjacentHTML(where,html);"
    complete = f"connectedCallback(){{for(const[place,where,html]of{pieces}){put}}}"
    return f'customElements.define("step-controls",class extends HTMLElement{{{complete}}});\n'


def gallery(value: Gallery, *, whole_texts: bool = False) -> str:
    """Return the gallery of one step, without its filters.

    Parameters
    ----------
    whole_texts
        Whether very long texts are in it as well.
    """
    return _render("gallery.html", gallery=value, whole_texts=whole_texts)


@lru_cache(maxsize=1)  # a pass writes pages of one run
def step_frame(run: RunHead) -> tuple[str, ...]:
    """Return what all step pages of a run share, in pieces, and between them the names of what differs."""
    slots = {name: Markup(f"<slot {name}>") for name in _SLOTS}  # noqa: S704 - no escaped text looks like it
    places = _places("../", "../../../", run.shares_assets)
    html = _render_page("step", run=run, slots=slots, filters_html=slots["filters"], **places)
    return tuple(re.split(r"<slot (\w+)>", html))


def step_page(frame: Sequence[str], page: StepPage, gallery_html: str) -> str:
    """Return the page of one step, in the frame that `step_frame` gave."""
    of_step = {
        "step": str(page.step),
        "revision": str(page.revision),
        "previous": _href(page.previous),
        "next": _href(page.next),
        "gallery": gallery_html,
        "tables": "".join(map(tables.images_preview, page.tables)),
        "logged": str(escape(page.logged)),
        "filters": _filters_html(page.gallery.filters) if _has_masks(page.gallery) else "",
    }
    pieces = list(frame)
    pieces[1::2] = [of_step[name] for name in pieces[1::2]]
    return "".join(pieces)


def relinked(html: str, previous: int | None, following: int | None) -> str:
    """Return the page of a step with its ways to the steps before and after it as they are now."""
    ways = {"previous": _href(previous), "next": _href(following)}
    return _WAY.sub(lambda way: f"{way[1]}{ways[way[2]]}", html, count=len(ways))


def run_main(page: RunPage) -> str:
    """Return the head of the page of a run, and its latest gallery."""
    html = Markup(gallery(page.latest) if page.latest else "")  # noqa: S704
    return _render("run_main.html", page=page, gallery_html=html)


def run_details(page: RunPage) -> str:
    """Return the texts and tables of the page of a run."""
    return _render("run_details.html", page=page)


@lru_cache(maxsize=256)  # most of them are as they were, and each is in two files
def heat_map(value: HeatMap) -> str:
    """Return the histograms of a key over the steps."""
    return str(_environment().get_template("kinds/histogram.html").module.heat_map(value))  # type: ignore[attr-defined]


def histograms(page: RunPage) -> str:
    """Return the heat maps of the page of a run."""
    maps = [Markup(heat_map(one)) for one in page.heat_maps]  # noqa: S704
    return str(_environment().get_template("kinds/histogram.html").module.panel(maps, page.more_histograms))  # type: ignore[attr-defined]


def report(
    page: RunPage,
    sections: Sequence[tuple[ReportSection, Sequence[str]]],
    left_out: Sequence[str],
    filters: Sequence[MaskFilter],
    style: str,
) -> str:
    """Return a run as a page that needs no other file.

    Parameters
    ----------
    sections
        The pictures of each key, with the HTML of each.
    left_out
        What the run has and the report has not, in words.
    style
        Its style sheets.
    """
    return _render(
        "report.html",
        page=page,
        sections=[(section, Markup("".join(figures))) for section, figures in sections],  # noqa: S704
        left_out=left_out,
        charts_html=Markup(_render("run_charts.html", sections=page.chart_sections)),  # noqa: S704
        filters_html=_filters_html(filters),
        style=Markup(style),  # noqa: S704
        csp=REPORT_SECURITY_POLICY,
    )


def step_block(number: int, steps: Sequence[int], to_run_folder: str) -> str:
    """Return the links to the steps of one block."""
    return _render("step_block.html", number=number, steps=steps, to_run_folder=to_run_folder)


def steps_page(run: RunHead, number: int, step_blocks: Iterable[str], *, is_last: bool) -> str:
    """Return a page with links to earlier steps, each block of them as `step_block` gave it.

    Parameters
    ----------
    number
        Which of these pages it is.
    is_last
        Whether the page of the run has the steps that follow.
    """
    blocks = [Markup(block) for block in step_blocks]  # noqa: S704
    return _render(
        "steps.html",
        run=run,
        number=number,
        step_blocks=blocks,
        is_last=is_last,
        sheets=page_styles("steps"),
        scripts=(),
        **_places("", "../../", run.shares_assets),
    )


def run_page(
    page: RunPage,
    main_html: str,
    histograms_html: str,
    details_html: str,
    step_blocks: Sequence[str],
    first_block: int,
    earlier_steps: int | None,
    step_count: int,
) -> str:
    """Return the page of a run, with what `run_main`, `histograms`, `run_details` and `step_block` gave.

    Parameters
    ----------
    first_block
        The number of the first of the blocks.
    earlier_steps
        The last page that links to steps before these, if there is one.
    """
    return _render_page(
        "run",
        page=page,
        main_html=Markup(main_html),  # noqa: S704
        charts_html=Markup(_render("run_charts.html", sections=page.chart_sections)),  # noqa: S704
        histograms_html=Markup(histograms_html),  # noqa: S704
        details_html=Markup(details_html),  # noqa: S704
        step_blocks=[Markup(block) for block in step_blocks],  # noqa: S704
        first_block=first_block,
        earlier_steps=earlier_steps,
        step_count=step_count,
        filters_html=_filters_html(page.filters),
        **_places("viewer/", "../", page.run.shares_assets),
    )


@lru_cache(maxsize=256)
def drawn_page(name: str, run: RunHead) -> str:
    """Return one of the pages that scripts fill from the data of a run; no step changes it."""
    return _render_page(
        name, run=run, filters_html=_filters_html(()), **_places("", "../../", run.shares_assets)
    )


def about(page: RunPage) -> str:
    """Return what a page that compares runs says of one, as JSON."""
    return data_scripts.to_json(
        {
            "name": page.run.name,
            "charts": sum(len(section.charts) + len(section.others) for section in page.chart_sections),
            "config": [(fact.name, fact.value) for fact in page.config],
            "summary": [(fact.name, fact.value) for fact in page.summary],
        }
    )


def overview_heads(columns: Sequence[Column]) -> str:
    """Return the heads of the columns of values in the page of all runs."""
    return _render("overview_heads.html", columns=columns)


def overview_thumbnail(figure: Figure, href: str) -> str:
    """Return the picture of a run in the page of all runs."""
    return _render("overview_thumbnail.html", figure=figure, href=href)


def overview_row(card: RunCard, cells: Sequence[Cell], thumbnail: str) -> str:
    """Return one run in the page of all runs, with what `overview_thumbnail` gave."""
    return _render("overview_row.html", card=card, cells=cells, thumbnail=Markup(thumbnail))  # noqa: S704


def overview_broken(broken: Sequence[BrokenRun]) -> str:
    """Return the list of runs that cannot be read."""
    return _render("overview_broken.html", broken=broken)


def overview_page(
    page: Overview,
    rows: Sequence[str],
    broken_html: str,
    filters: Iterable[str],
    revision: str,
    *,
    has_images: bool,
) -> str:
    """Return the page of all runs, with what `overview_row`, `overview_broken` and `mask_filters` gave.

    Parameters
    ----------
    rows
        Those of the newest runs; the others are listed for readers without scripts.
    """
    return _render_page(
        "overview",
        page=page,
        heads_html=Markup(overview_heads(page.columns)),  # noqa: S704
        rows=[Markup(row) for row in rows],  # noqa: S704
        older=page.cards[len(rows) :],
        broken_html=Markup(broken_html),  # noqa: S704
        has_images=has_images,
        revision=revision,
        filters_html=Markup("".join(filters)),  # noqa: S704
        **_places("viewer/"),
    )


def mask_filters(filters: Sequence[MaskFilter]) -> dict[str, str]:
    """Return the markup of each filter by its id, and that of outlines, which any mask may need."""
    return {
        overlays.OUTLINE: str(_parts().outline_filter()),
        **{one.id: _mask_filter(one) for one in filters},
    }


def _href(step: int | None) -> str:
    return "" if step is None else f' href="{site_names.step_file(step)}"'


def _filters_html(filters: Sequence[MaskFilter]) -> Markup:
    return Markup("".join(mask_filters(filters).values()))  # noqa: S704


def _has_masks(value: Gallery) -> bool:
    return any(layer.kind == "masks" for layer in value.layers)


@cache
def _mask_filter(value: MaskFilter) -> str:
    return str(_parts().mask_filter(value))


def _parts() -> Any:
    return _environment().get_template("parts.html").module


def _places(viewer: str, to_all_runs: str = "", shares_assets: bool = False) -> dict[str, str]:
    """Return where a page finds the data of its site, and its styles and scripts."""
    static = f"{to_all_runs}{site_names.SHARED_ASSETS}/" if shares_assets else viewer
    return {"viewer": viewer, "static": static}


def _render_page(name: str, /, **context: Any) -> str:
    context |= {"sheets": page_styles(name), "scripts": page_scripts(name)}
    return _render(f"{name}.html", has_shortcuts=name not in PAGES_WITHOUT_SHORTCUTS, **context)


def _render(template: str, **context: Any) -> str:
    html = _template(template).render(context)
    return without_surrogates(html).replace("\0", "\N{REPLACEMENT CHARACTER}")  # HTML may not hold it


@cache
def _template(name: str) -> Template:
    template = _environment().get_template(name)
    # Jinja2 chains two maps, and reads the chain name by name for each page: a fifth of a small one.
    template.globals = dict(template.globals)
    return template


class _Environment(Environment):
    """Templates with the same globals, which never change once one is loaded."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return them as one dict: Jinja compares and copies them with each page, slowly where in layers."""
        return {**self.globals, **(d or {})}


@cache
def _environment() -> Environment:
    environment = _Environment(
        loader=FileSystemLoader(PACKAGE / "html" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=CompiledTemplates(generator()),
    )
    constants: Mapping[str, Any] = {
        "csp": CONTENT_SECURITY_POLICY,
        "generator": generator(),
        "layer_kinds": " ".join(f"{kind.name}:{kind.one}" for kind in KINDS),
        "max_classes": MAX_CLASSES,
        "max_items": runlog.Image.MAX_ITEMS,
        "plural": wording.plural,
        "report_judgement": markup.report_judgement,
        "legend_entries": markup.legend_entries,
        "link": wording.link,
        "key_section": markup.key_section,
        "layer_switches": markup.layer_switches,
        "markdown": markdown.to_html,
        "overview_links": overview_links,
        "without_marks": markdown.without_marks,
        "pairs": markup.pairs,
        "picture": markup.picture,
        "site_page": site_names.page,
        "shown_numbers": numbers.shown,
        "step_page": site_names.step_page,
        "steps_page": site_names.steps_page,
        "table_section": tables.table_section,
        "table_preview": tables.table_preview,
        "value_kinds": VALUE_KINDS,
        "value_styles": " ".join(kind.styles for kind in VALUE_KINDS),
    }
    environment.globals.update(constants)
    return environment

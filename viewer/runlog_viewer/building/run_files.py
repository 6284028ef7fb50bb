"""What is to be written of a run as a whole: its page, those that scripts draw, and the data of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import runlog
from runlog_viewer.building.known_run import KnownRun
from runlog_viewer.building.known_site import FROM_STEPS_PAGE, KnownSite
from runlog_viewer.html import data_scripts, render
from runlog_viewer.pages import site_names
from runlog_viewer.pages.values import HeatMap, RunHead, RunPage


def run_files(page: RunPage, site: KnownSite) -> Mapping[str, str]:
    """Return what any new step may change, by where it is: the pages of the run but those of its steps."""
    main_html, details_html = render.run_main(page), render.run_details(page)
    histograms_html = render.histograms(page)
    live = {
        "html": main_html,
        "details": details_html,
        "histograms": histograms_html,
        "filters": render.mask_filters(page.filters),
        "step": page.latest.step if page.latest else "",
        "title": page.run.name,
    }
    listed, earlier = site.blocks.listed(), site.blocks.earlier_pages()
    links = [site.step_links(number) for number in listed]
    return {
        site_names.data_script("run"): data_scripts.data_script("run", data_scripts.to_json(live)),
        site_names.INDEX_PAGE: render.run_page(
            page,
            main_html,
            histograms_html,
            details_html,
            links,
            listed.start,
            earlier[-1] if earlier else None,
            len(site.blocks),
        ),
        site_names.data_script("about"): data_scripts.data_script("about", render.about(page)),
        **{site_names.page(name): render.drawn_page(name, page.run) for name in site_names.DRAWN_PAGES},
    }


def steps_files(run: RunHead, site: KnownSite) -> Mapping[str, str]:
    """Return the pages of earlier steps that are not as they were written last."""
    pages = site.blocks.earlier_pages()
    found = {}
    for number in pages:
        links = [site.step_links(block, FROM_STEPS_PAGE) for block in site.blocks.on_earlier_page(number)]
        is_last = number == pages[-1]
        if site.listed.get(number) != (run, is_last, links):
            site.listed[number] = run, is_last, links
            found[site_names.steps_page(number)] = render.steps_page(run, number, links, is_last=is_last)
    return found


def chart_files(run: runlog.RunRecord, known: KnownRun, *, is_anew: bool) -> Mapping[str, str]:
    """Return the numbers of the charts that changed, or of all, which scripts draw from."""
    return known.series.scripts(known.moments, run.revision, is_anew=is_anew)


def histogram_files(maps: Iterable[HeatMap]) -> Mapping[str, str]:
    """Return the heat maps, for pages that are open and for those of their keys."""
    html = {one.key: render.heat_map(one) for one in maps}
    return {site_names.HISTOGRAMS_SCRIPT: data_scripts.data_script("histograms", data_scripts.to_json(html))}


def index_files(run: runlog.RunRecord, known: KnownRun, site: KnownSite) -> Mapping[str, str]:
    """Return the scripts that tell open pages what is new, in the order to write them: after all others."""
    version = {"revision": run.revision, "state": run.state, "generator": site.generator}
    keys = sorted(site.blocks.image_keys(), key=known.keys.place)
    stops = [known.series.stops(keys, site.blocks.steps(*numbers)) for numbers in site.blocks.indexed()]
    return {
        **site.index_scripts(run.id, run.revision, keys, known.words(), stops),
        site_names.VERSION_SCRIPT: data_scripts.data_script("version", data_scripts.to_json(version)),
    }

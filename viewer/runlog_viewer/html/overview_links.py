"""What leads from the pages of a run to the page of all runs: those of a run on its own are without it."""

from __future__ import annotations

from markupsafe import Markup

from runlog_viewer.pages import site_names

_SIDE_BY_SIDE = (
    ', and <a href="../../index.html">the page of all runs</a> has their numbers side by side, those of '
    "judged images as they were logged"
)
_COMPARE = (
    f'<a class="button" id="chart-compare" href="{site_names.page("compare")}#panes=.&amp;show=charts">'
    "Compare runs</a>\n"
)


def crumb(up: str) -> Markup:
    """Return the first link of a page of a run, from which `up` leads to the folder of the run's."""
    return Markup(f'<a href="{up}index.html">Runs</a>')  # noqa: S704


def side_by_side() -> Markup:
    """Return the end of what the page that compares says without scripts."""
    return Markup(_SIDE_BY_SIDE)  # noqa: S704


def compare() -> Markup:
    """Return the button beside the charts of a run."""
    return Markup(_COMPARE)  # noqa: S704


def without_links(name: str, page: str) -> str:
    """Return a page of a run that is among others as it is where the run is on its own.

    Parameters
    ----------
    name
        Where it is below the folder of the run.
    """
    found = crumb("../" * (1 + name.count("/"))), _SIDE_BY_SIDE, _COMPARE
    # What a script logged comes after them, and has no tags of its own.
    for link in found:
        page = page.replace(link, "", 1)
    return page

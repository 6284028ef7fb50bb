"""The scripts of pages, linked from the modules in ``static/``.

The entry of a page is ``static/pages/<page>/entry.js``; what runs before it is painted is ``first.js`` beside
it, else ``static/pages/first.js``. What a page loads only when it is wanted has an entry in its room, and is
named here for its page.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from runlog_viewer.html.linker import Entries, Linked, link
from runlog_viewer.pages import site_names

STATIC = Path(__file__).parents[1] / "static"
RUN_PAGES = ("run", "step", *site_names.DRAWN_PAGES)
OVERVIEW_PAGES = ("overview",)
_LATER = {
    "run": ("overlays/entry", "judging/entry", "stage/entry", "charts/entry"),
    "compare": ("overlays/entry", "judging/entry", "stage/entry", "charts/entry"),
    "step": ("overlays/entry", "judging/entry", "stage/entry", "gallery/entry"),
    "key": ("overlays/entry", "judging/entry", "stage/entry", "gallery/entry"),
}


@cache
def site_scripts(pages: tuple[str, ...]) -> Linked:
    """Return the scripts of the pages of a run, or of the page of all runs."""
    return link({page: _entries(page) for page in pages}, _source)


def page_scripts(page: str) -> tuple[str, ...]:
    """Return the names of the script files that a page runs after `FIRST`, in order."""
    return site_scripts(RUN_PAGES if page in RUN_PAGES else OVERVIEW_PAGES).of_page[page]


def _entries(page: str) -> Entries:
    own = f"pages/{page}/first"
    first = own if _path(own).exists() else "pages/first"
    return Entries(first, f"pages/{page}/entry", _LATER.get(page, ()))


def _source(module: str) -> str:
    return _path(module).read_text("utf-8")


def _path(module: str) -> Path:
    return STATIC / f"{module}.js"

"""Style sheets, and the scripts of each page in one file: pages open faster, and folders hold fewer files.

Which style sheets a page links to, and which scripts it runs, in which order, is said by its template and by
``parts.html``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from runlog_viewer.html import render
from runlog_viewer.pages import site_names

RUN_PAGES = ("run", "step", *site_names.DRAWN_PAGES)
OVERVIEW_PAGES = ("overview",)
_STATIC = render.PACKAGE / "static"


@cache
def assets(pages: tuple[str, ...]) -> Mapping[str, bytes]:
    """Return the style sheets and scripts that `RUN_PAGES` or `OVERVIEW_PAGES` load, by file name."""
    sheets = {
        f"{name}.css": (_STATIC / f"{name}.css").read_bytes()
        for page in pages
        for name in render.page_styles(page)
    }
    shared = render.shared_scripts(of_runs=pages == RUN_PAGES)
    names = shared | {page: (*render.page_scripts(page), "start") for page in pages}
    return sheets | {f"{bundle}.js": _joined(scripts) for bundle, scripts in names.items()}


def _joined(scripts: Iterable[str]) -> bytes:
    return b"\n".join((_STATIC / f"{script}.js").read_bytes() for script in scripts)

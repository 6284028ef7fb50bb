"""Style sheets and scripts of a site, by file name.

Which style sheets a page links to is said by its template and by ``parts.html``; which scripts it runs, by
what its entry imports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from runlog_viewer.html import data_scripts, render, scripts
from runlog_viewer.html.linker import FIRST

_CSS_STRING = re.compile(r"""("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')""")
# Not before a colon: a :hover is another thing than a:hover. Nothing has to end the last line of a rule.
_CSS_IDLE = re.compile(r"\s*([{},>]|;(?!\s*\}))\s*|\s*;(?=\s*\})|(?<=:)\s+")
# A string, which stays, or a comment.
_CSS_PIECE = re.compile(r"""("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|/\*[\s\S]*?\*/""")


@cache
def assets(pages: tuple[str, ...]) -> Mapping[str, bytes]:
    """Return what `scripts.RUN_PAGES` or `scripts.OVERVIEW_PAGES` load, by file name."""
    sheets = {name: "".join(map(_sheet, file.names)) for name, file in render.site_styles(pages[0]).items()}
    shortcuts = {
        f"{page}-shortcuts.js": data_scripts.data_script(
            "shortcuts", data_scripts.to_json(render.shortcuts(page))
        )
        for page in pages
        if page in render.PAGES_WITHOUT_SHORTCUTS
    }
    texts = sheets | dict(scripts.site_scripts(pages).files) | shortcuts
    if "step" in pages:
        texts[FIRST] += render.controls_script()
    return {name: text.encode() for name, text in texts.items()}


@cache
def report_style() -> str:
    """Return the style sheet of a report."""
    return "".join(map(_sheet, ("viewer", "overlays", "figures", "judged", "charts", "run", "report")))


def _sheet(name: str) -> str:
    (path,) = scripts.STATIC.rglob(f"{name}.css")
    return plain_css(path.read_text("utf-8"))


def plain_css(source: str) -> str:
    """Return a style sheet without its comments and spaces that say nothing."""
    pieces = _CSS_STRING.split(_CSS_PIECE.sub(lambda match: match[1] or " ", source))
    pieces[::2] = [_CSS_IDLE.sub(lambda match: match[1] or "", piece) for piece in pieces[::2]]
    return "".join(pieces).lstrip()

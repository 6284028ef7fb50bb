"""Where everything of a site is: for whoever writes a file, and whoever links to it or takes it away.

Paths are relative to the folder of the site of a run, or of all runs, and are links as they stand.
Scripts have the names that they need from ``static/data/site_names.js``.
"""

from __future__ import annotations

import hashlib

import runlog
from runlog_viewer.pages import wording

VIEWER = "viewer"
STEPS, DATA, MASKS, THUMBNAILS = "viewer/steps", "viewer/data", "viewer/masks", "viewer/thumbs"
SHARED_ASSETS = "viewer/runs"
"""Where the site of several runs has their styles and scripts, if they have none of their own."""
INDEX_PAGE = "index.html"
CHARTS_SCRIPT, INDEX_SCRIPT = "viewer/data/charts.js", "viewer/data/index.js"
HISTOGRAMS_SCRIPT = "viewer/data/histograms.js"
VERSION_SCRIPT = "viewer/version.js"
DRAWN_PAGES = ("key", "compare")
"""Pages in ``viewer/`` that are the same for every step: scripts fill them from the data."""

BLOCKS_OF_RUNS = ("rows-", "lines-")
"""What the names of data scripts of a block of runs begin with, in the site of all runs."""

STEPS_PAGES = "steps-"
"""What the names of pages with links to earlier steps begin with."""

# What the names of data scripts of blocks, a step, a table or a chart begin with.
NUMBERED_SCRIPTS = ("block-", "captions-", "earlier-", "images-", "texts-", "table-", "chart-")


def page(name: str) -> str:
    """Return where one of `DRAWN_PAGES` is."""
    return f"viewer/{name}.html"


def step_page(step: int) -> str:
    """Return where the page of a step is."""
    return f"viewer/steps/{step_file(step)}"


def step_file(step: int) -> str:
    """Return what the page of a step is called: its neighbours link to it by that."""
    return f"{step:09d}.html"


def steps_page(number: int) -> str:
    """Return where a page with links to earlier steps is."""
    return f"viewer/{STEPS_PAGES}{number:04d}.html"


def key_page(key: str) -> str:
    """Return the link to a key over all steps."""
    return f"{page('key')}#key={wording.address_value(key)}"


def data_script(name: str) -> str:
    """Return where the data script is that there is one of in a site."""
    return f"viewer/data/{name}.js"


def block_script(number: int) -> str:
    """Return where the data script with the galleries of a block is."""
    return f"viewer/data/block-{number:04d}.js"


def lines_script(number: int) -> str:
    """Return where the data script with the lines of a block of runs is."""
    return f"viewer/data/lines-{number:04d}.js"


def rows_script(number: int) -> str:
    """Return where the data script with the rows of a block of runs is."""
    return f"viewer/data/rows-{number:04d}.js"


def earlier_script(number: int) -> str:
    """Return where the data script is that says what the index script said of earlier blocks."""
    return f"viewer/data/earlier-{number:04d}.js"


def captions_script(number: int) -> str:
    """Return where the data script with the captions and texts of a block is."""
    return f"viewer/data/captions-{number:04d}.js"


def images_script(number: int) -> str:
    """Return where the data script with the rows of tables of the images of a block is."""
    return f"viewer/data/images-{number:04d}.js"


def texts_script(step: int) -> str:
    """Return where the data script with the very long texts of a step is."""
    return f"viewer/data/texts-{step:09d}.js"


def table_script(data_id: int, number: int) -> str:
    """Return where the data script with a block of the rows of tables is."""
    return f"viewer/data/table-{data_id:06d}-{number:04d}.js"


def chart_name(key: str) -> str:
    """Return what the scripts of a chart are called by: names of files cannot hold every key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def chart_script(key: str, level: int | None = None, part: int = 0) -> str:
    """Return where the data script with the top level of a chart is, or one with a full part of a level."""
    end = "" if level is None else f"-{level}-{part}"
    return f"viewer/data/chart-{chart_name(key)}{end}.js"


def media_file(media: runlog.MediaRecord) -> str:
    """Return the link to a media file."""
    return wording.link(*media.path.parts)


def thumbnail(media: runlog.MediaRecord) -> str:
    """Return where the small copy of a large picture is."""
    return f"viewer/thumbs/{copy_name(media)}.webp"


def mask_script(media: runlog.MediaRecord) -> str:
    """Return where the data script with the class id of each pixel of a mask is."""
    return f"viewer/masks/{copy_name(media)}.js"


def mask_copy(media: runlog.MediaRecord, variant: str = "") -> str:
    """Return where the picture is that a 16-bit mask is drawn from; `variant` tells several apart."""
    return f"viewer/masks/{copy_name(media)}{variant}.png"


def copy_name(media: runlog.MediaRecord) -> str:
    """Return what a site's copies of a media file are called, up to the first ``.`` or ``-``."""
    return media.pixel_hash[:24]

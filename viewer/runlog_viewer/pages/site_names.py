"""The names of the files of a site, for whoever writes them and whoever links to them."""

from __future__ import annotations

import runlog


def copy_name(of: runlog.MediaRecord) -> str:
    """Return what a site's copies of a media file are called, up to the first ``.`` or ``-``."""
    return of.pixel_hash[:24]

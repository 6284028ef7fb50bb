"""Text → HTML, for markup written by hand: everything that a script logged goes through here."""

from __future__ import annotations

from functools import lru_cache


def escaped(written: str) -> str:
    """Return what `markupsafe.escape` does, in a fifth of its time."""
    written = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return written.replace("'", "&#39;").replace('"', "&#34;")


def escaped_json(text: str) -> str:
    """Return JSON for an attribute in single quotes: its own are double, and stay as short as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")


@lru_cache(maxsize=1024)
def escaped_name(name: str) -> str:
    """Return an escaped name that stands at many images: of a key, a layer, a class, a fact."""
    return escaped(name)

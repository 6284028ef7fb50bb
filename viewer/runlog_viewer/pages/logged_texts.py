"""Logged texts → what the pages show of them, and what is searched in them. Pure: no file is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import runlog
from runlog_viewer.pages import site_names, wording
from runlog_viewer.pages.values import Text

# A text past this many characters is no part of the data scripts of a block, which hold 32 steps and are
# written again with each new one: its beginning is there, and the rest is loaded when somebody opens it.
MAX_SHARED = 20_000
# A closed text shows three lines, on the page of its key twelve; more than its first characters would be laid
# out for nothing.
_LONG, _LONG_LINES = 240, 3
_START, _START_LINES = 1000, 12


def shown(records: Iterable[runlog.TextRecord], to_run_folder: str) -> tuple[Text, ...]:
    """Return texts as a page shows them; `to_run_folder` is the link to there, ``""`` or ending in ``/``."""
    return tuple(
        Text(
            key=record.key,
            step=record.step,
            text=record.text,
            start=record.text[:_START] if _is_long(record.text) else None,
            has_more=len(record.text) > _START,
            is_brief=len(record.text) <= _START and _lines(record.text) <= _START_LINES,
            length=_length(record.text),
            digest=_digest(record.text) if len(record.text) > MAX_SHARED else None,
            href=to_run_folder + site_names.step_page(record.step),
            all_steps=to_run_folder + site_names.key_page(record.key),
        )
        for record in records
    )


def whole(texts: Iterable[Text]) -> dict[str, str]:
    """Return the texts that data scripts of blocks have only the beginning of, by key."""
    return {text.key: text.text for text in texts if text.digest is not None}


def searched(texts: Iterable[Text]) -> list[list[object]]:
    """Return step, key, None for the index, what is searched of the text, and 1 if that is not all of it."""
    return [
        [text.step, text.key, None, text.text[:MAX_SHARED], *([1] if text.digest is not None else [])]
        for text in texts
    ]


def _is_long(written: str) -> bool:
    return len(written) > _LONG or _lines(written) > _LONG_LINES


def _lines(written: str) -> int:
    return written.rstrip("\n").count("\n") + 1


def _length(written: str) -> str:
    lines = _lines(written)
    return wording.plural(lines, "line") if lines > _LONG_LINES else wording.plural(len(written), "character")


def _digest(written: str) -> str:
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]

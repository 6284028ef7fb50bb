"""Logged texts → what the pages show of them, and what is searched in them. Pure: no file is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import runlog
from runlog_viewer.pages import wording
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
    viewer = f"{to_run_folder}viewer/"
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
            href=f"{viewer}steps/{wording.step_file(record.step)}",
            all_steps=f"{viewer}key.html#key={wording.address_value(record.key)}",
        )
        for record in records
    )


def script_file(step: int) -> str:
    """Return the file name of the data script with the very long texts of a step."""
    return f"texts-{step:09d}.js"


def whole(texts: Iterable[Text]) -> dict[str, str]:
    """Return the texts that data scripts of blocks have only the beginning of, by key."""
    return {one.key: one.text for one in texts if one.digest is not None}


def searched(texts: Iterable[Text]) -> list[list[object]]:
    """Return step, key, None for the index, what is searched of the text, and 1 if that is not all of it."""
    return [
        [one.step, one.key, None, one.text[:MAX_SHARED], *([1] if one.digest is not None else [])]
        for one in texts
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

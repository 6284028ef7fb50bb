"""Files that are kept as they are → how pages name them. Pure: no file is read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

import runlog
from runlog_viewer.pages import site_names, wording
from runlog_viewer.pages.values import KeptFiles, NamedFile

# What a browser plays, and never runs: pages link to these alone.
PLAYED = (".mp4", ".m4v", ".webm", ".ogv", ".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a")
_KINDS = {"html": "HTML", "object3d": "3-D", "plotly": "plotly figure"}


def is_played(record: runlog.FileRecord) -> bool:
    """Return whether a page links to a file: to one that was logged, and that a browser plays."""
    return record.key is not None and record.path.suffix in PLAYED


def shown(records: Iterable[runlog.FileRecord], to_run_folder: str) -> tuple[KeptFiles, ...]:
    """Return logged files as a page names them; those of a step and key follow each other.

    `to_run_folder` is the link to there, ``""`` or ending in ``/``.
    """
    return tuple(
        KeptFiles(
            key=key,
            step=step,
            files=named(group, to_run_folder),
            href=to_run_folder + site_names.step_page(step),
            all_steps=to_run_folder + site_names.key_page(key),
        )
        for (key, step), group in groupby(records, attrgetter("key", "step"))
    )


def named(records: Iterable[runlog.FileRecord], to_run_folder: str) -> tuple[NamedFile, ...]:
    """Return files as a page names them."""
    return tuple(
        NamedFile(
            index=record.index,
            path=str(record.path),
            kind=record.kind,
            in_words=f"{_KINDS.get(record.kind, record.kind)}, {wording.size(record.bytes)}",
            href=to_run_folder + wording.link(*record.path.parts) if is_played(record) else None,
        )
        for record in records
    )

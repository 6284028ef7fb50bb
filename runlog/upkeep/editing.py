"""Changing what a run that has ended is called; what it logged stays as it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from runlog.errors import StorageError
from runlog.files.paths import absolute_path
from runlog.storage.run_details import check_detail, check_name, check_strings
from runlog.upkeep.exclusive import writing


def edit(
    run_folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    notes: str | None = None,
    group: str | None = None,
    tags: Sequence[str] | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> None:
    """Change the name, notes, group or tags of a run that has ended.

    Parameters
    ----------
    run_folder
        The folder of a run that has ended.
    name
        Its new name; None, as in all that follow, leaves what it has.
    notes, group
        Its new notes and group; an empty text takes them away.
    tags
        All its tags, in place of those it has.
    add_tags, remove_tags
        Tags that it gets, unless it has them, and tags that it loses, if it has them.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If one of them is no text, the name is empty, or the folder lies in an archive.
    RunLockedError
        If the run is being written.
    StorageError
        If there is no run, or it cannot be written.
    """
    columns: dict[str, Any] = {}
    if name is not None:
        columns["name"] = check_name(name)
    for column, value in (("notes", notes), ("group", group)):
        if check_detail(column, value) is not None:
            columns[column] = value or None
    given = None if tags is None else check_strings(tags)
    added, removed = check_strings(add_tags, "add_tags"), check_strings(remove_tags, "remove_tags")
    folder = absolute_path(run_folder)
    with writing(folder) as store:
        run = store.run()
        if run is None:
            raise StorageError(f"{folder} must hold a run, but its database has none")
        kept = [tag for tag in (run.tags if given is None else given) if tag not in removed]
        now = tuple(dict.fromkeys((*kept, *added)))
        if now != run.tags:
            columns["tags"] = now
        if columns:
            store.update_run(**columns)

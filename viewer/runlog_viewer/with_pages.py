"""What changes run folders and their pages together: archives with their site, pruning with one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runlog.archives.archiving import Archive, archiving
from runlog.files.paths import absolute_path, is_file, is_folder
from runlog.upkeep import editing, evaluating, pruning, removing
from runlog_viewer.building.ready_pages import find_ready_site
from runlog_viewer.site import BuildResult, Site, build

Progress = Callable[[int, int], None]


def archive(
    runs: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    step_progress: Progress | None = None,
) -> Archive:
    """Freeze runs into a BagIt bag with their site: unzip it and open its ``index.html``.

    A run may be live: what it holds at one moment is archived. The same runs give the same bytes. In the bag
    are each run's database, media files, saved and logged files and site; what else a run folder holds is
    left out.

    Parameters
    ----------
    runs
        Run folders, or runs folders of which each run is taken.
    out
        A zip file to write, if the name ends with ``.zip``; else a folder to make.
    overwrite
        Replace what `out` is by now: a zip file, or the folder of another bag.
    progress
        Called with the numbers of files packed and to pack.
    step_progress
        Called with the numbers of steps whose pages are written and to write.

    Raises
    ------
    InvalidValueError
        If no run is given, or `out` exists already.
    StorageError
        If a run cannot be read, or the archive cannot be written; `out` is as it was then.

    Examples
    --------
    >>> runlog.archive(["runs/20261122-101502-3f9c17ab"], "run.zip")
    """
    with archiving(runs, out, overwrite=overwrite) as begun:
        ready = find_ready_site(begun.run_folders) if begun.may_be_in_place else None
        if ready and (found := begun.pack_in_place(ready, progress)):
            return found
        gathered = begun.gather()
        with gathered.locked():
            # What is in a bag needs nothing outside, such as the run of all ranks in a cache.
            Site(gathered.site_folder, joins_ranks=False).update(step_progress)
        return gathered.pack(progress)


@dataclass(frozen=True, slots=True)
class PrunedRun(pruning.Pruning):
    """What `prune` removed or would remove, and the site that it brought up to date.

    Attributes
    ----------
    site
        None where the run has no pages, or nothing was removed.
    """

    site: BuildResult | None = None


def prune(
    run_folder: str | os.PathLike[str],
    *,
    keep_last: int,
    keys: Sequence[str] | None = None,
    dry_run: bool = True,
    step_progress: Progress | None = None,
) -> PrunedRun:
    """Remove the images and logged files of all but the last steps of each key; all else stays.

    Rows go first, in one transaction, then the media files that no row needs any more. The pages beside the
    run are brought up to date; those built elsewhere are not.

    Parameters
    ----------
    run_folder
        The folder of a run that has ended.
    keep_last
        How many steps of each key keep their images or files: the highest that have some. 0 or more.
    keys
        Only these keys; ``*`` and ``?`` stand for others. By default all.
    dry_run
        Remove nothing, only say what would go.
    step_progress
        Called with the numbers of steps whose pages are written and to write.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `keep_last` is no number of steps, no key with images is meant, the run may still be written on
        another host, or the folder lies in an archive.
    RunLockedError
        If the run is being written.
    StorageError
        If there is no run, or it cannot be read or written.
    """
    pruned = pruning.prune(run_folder, keep_last=keep_last, keys=keys, dry_run=dry_run)
    site = _update_site(absolute_path(run_folder), step_progress) if pruned.is_done else None
    return PrunedRun(pruned.keys, pruned.files, pruned.bytes, pruned.is_done, site)


def edit(
    run_folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    notes: str | None = None,
    group: str | None = None,
    tags: Sequence[str] | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> BuildResult | None:
    """Change what a run that has ended is called, and bring the pages beside it up to date.

    See `runlog.upkeep.editing.edit` for the parameters and errors.

    Returns
    -------
    BuildResult or None
        The site that was brought up to date, None where there is none.
    """
    editing.edit(
        run_folder,
        name=name,
        notes=notes,
        group=group,
        tags=tags,
        add_tags=add_tags,
        remove_tags=remove_tags,
    )
    return _update_site(absolute_path(run_folder), None)


@dataclass(frozen=True, slots=True)
class EvaluatedRun(evaluating.Judging):
    """What `evaluate` judged, and the site that it brought up to date.

    Attributes
    ----------
    site
        None where the run has no pages, or nothing was written.
    """

    site: BuildResult | None = None


def evaluate(
    run_folder: str | os.PathLike[str],
    evaluations: Sequence[evaluating.Evaluation],
    *,
    keys: str = "*",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> EvaluatedRun:
    """Judge the images of a run that has ended, and bring the pages beside it up to date.

    See `runlog.upkeep.evaluating.evaluate` for the parameters and errors.
    """
    judged = evaluating.evaluate(run_folder, evaluations, keys=keys, dry_run=dry_run, progress=progress)
    site = None if dry_run else _update_site(absolute_path(run_folder), None)
    return EvaluatedRun(judged.keys, judged.problems, judged.kept, site)


def remove(*run_folders: str | os.PathLike[str]) -> tuple[BuildResult, ...]:
    """Remove run folders for good, and bring the overviews beside them up to date.

    See `runlog.upkeep.removing.remove` for the errors.

    Returns
    -------
    tuple of BuildResult
        The sites that were brought up to date.
    """
    folders = list(map(absolute_path, run_folders))
    try:
        for folder in folders:
            removing.remove(folder)
    finally:
        sites = dict.fromkeys(folder.parent for folder in folders if not os.path.lexists(folder))
        built = tuple(build(site) for site in sites if _has_site(site))
    return built


def _update_site(run_folder: Path, progress: Progress | None) -> BuildResult | None:
    """Bring the pages of a run up to date, if it has some: they show images that are gone."""
    sites = [folder for folder in (run_folder.absolute().parent, run_folder) if _has_site(folder)]
    return build(sites[0], progress=progress) if sites else None


def _has_site(folder: Path) -> bool:
    return is_file(folder / "index.html") and is_folder(folder / "viewer")

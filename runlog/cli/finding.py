"""Which run folders are meant: by path, or by the id or name of a run in $RUNLOG_DIR, else ``./runs``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from runlog.cli.common import complain
from runlog.errors import InvalidValueError, RunlogError, StorageError, shown, shown_path
from runlog.files.paths import is_folder
from runlog.reading.reader import RunReader
from runlog.storage.layout import (
    find_misplaced_runs,
    find_remnants,
    find_run_folder,
    find_runs,
    has_database,
    is_bag,
    is_removed,
    refuse_zip,
    run_folders,
    runs_folder,
)
from runlog.storage.records import RunRecord

_MOST_NAMED = 3


def find_run(run: str) -> Path:
    """Return the run folder that is meant, in an unzipped archive too.

    Raises
    ------
    InvalidValueError, StorageError
        If there is none, or several runs have that name or are in that archive.
    """
    found = _find(run, "RUN must be a run folder", lambda path: has_database(path) or is_bag(path))
    return find_run_folder(found)


def find_run_to_remove(run: str) -> Path:
    """Return the run folder that is meant, or what is left of one that was not removed whole.

    Raises
    ------
    InvalidValueError, StorageError
        As from `find_run`.
    """
    return Path(run) if is_removed(Path(run)) else find_run(run)


def find_runs_of(runs: Sequence[str]) -> list[Path]:
    """Return the run folders that are meant: each a run, or all runs of a runs folder or an unzipped archive.

    Without any, all runs of $RUNLOG_DIR, else ``./runs``.

    Raises
    ------
    InvalidValueError, StorageError
        If one is none of these, or has no run in it, or several runs have that name.
    """
    what = "RUN must be a run folder, a runs folder"
    places = [_find(run, what, Path.is_dir) for run in runs] or [runs_folder(None)]
    return [folder for place in places for folder in run_folders(_all_of(place))]


def find_runs_and_remnants(runs: Sequence[str]) -> list[Path]:
    """Return the run folders that are meant, as `find_runs_of` does, and remnants of runs that never began.

    Raises
    ------
    InvalidValueError, StorageError
        As from `find_runs_of`, of one that has no remnants either.
    """
    return [folder for one in ([[run] for run in runs] or [[]]) for folder in _runs_and_remnants(one)]


def _runs_and_remnants(runs: Sequence[str]) -> list[Path]:
    place = Path(runs[0]) if runs else runs_folder(None)
    remnants = find_remnants(place) if is_folder(place) else ()
    try:
        return [*find_runs_of(runs), *remnants]
    except RunlogError:
        if not remnants:
            raise
        return list(remnants)


def find_folder(runs: str | None) -> Path:
    """Return the runs folder or run folder that is meant, absolute; without one $RUNLOG_DIR, else ``./runs``.

    Raises
    ------
    InvalidValueError
        If there is none, or several runs have that name.
    """
    if runs is None:
        return _all_of(runs_folder(None))
    return _all_of(_find(runs, "RUNS must be a runs folder, a run folder", Path.exists).absolute())


def find_archive(path: str | None) -> Path:
    """Return the archive, runs folder or run folder that is meant; without one $RUNLOG_DIR, else ``./runs``.

    Raises
    ------
    InvalidValueError
        If there is none, or several runs have that name.
    """
    if path is None:
        return _all_of(runs_folder(None))
    return _all_of(_find(path, "PATH must be an archive, a runs folder, a run folder", Path.exists))


def _all_of(place: Path) -> Path:
    """Return a folder all of whose runs are meant, and say which are never among them."""
    if not has_database(place):
        complain(
            f"{run_folder} holds a run where the pages of all runs belong: named otherwise it is one of them"
            for run_folder in find_misplaced_runs(place)
        )
    return place


def _find(given: str, what: str, is_meant: Callable[[Path], bool]) -> Path:
    """Return `given` as a path if that is meant, else the folder of the run that is called so."""
    place = runs_folder(None)
    with suppress(OSError):  # a name may be longer than a path can be
        if is_meant(Path(given)):
            return Path(given)
        if Path(given).name == given and has_database(place / given):
            return place / given
    refuse_zip(Path(given))
    runs = _read_runs(place)
    called = [run for run in runs if given in (run.id, run.name)]
    if len(called) == 1:
        return called[0].folder
    if called:
        raise InvalidValueError(
            f"a name must be that of one run, but {len(called)} runs in {place} are called {shown(given)}; "
            f"name one by its id, such as {_listed(run.folder.name for run in called)}"
        )
    close = _close(given, runs)
    hint = f"did you mean {_listed(close)}?" if close else "`runlog ls` lists the runs"
    raise InvalidValueError(
        f"{what}, or the id or name of a run in {place}, but {shown_path(given)} is none; {hint}"
    )


def _read_runs(place: Path) -> list[RunRecord]:
    """Return the runs of a runs folder that can be read."""
    try:
        folders = find_runs(place)
    except StorageError:
        return []
    runs = []
    for folder in folders:
        with suppress(RunlogError), RunReader(folder) as reader:
            runs.append(reader.run())
    return runs


def _close(given: str, runs: Iterable[RunRecord]) -> list[str]:
    """Return ids and names that hold what was given, in any case of letters, or are spelt nearly so."""
    known = list(dict.fromkeys(name for run in runs for name in (run.folder.name, run.name)))
    holding = [name for name in known if given.lower() in name.lower()]
    return (holding or get_close_matches(given, known))[:_MOST_NAMED]


def _listed(names: Iterable[str]) -> str:
    return " or ".join(shown(name) for name in list(names)[:_MOST_NAMED])

"""What a kill, a power loss or a crash left behind in a run folder, and how it is put right."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from sqlite3 import Connection

from runlog.basics.uninterrupted import give_up_check
from runlog.errors import RunLockedError, StorageError
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder, hashed, is_temporary
from runlog.storage import queries
from runlog.storage.connections import open_any_schema, read_as_of_now, read_errors
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.journals import journal_of, names_super_journal
from runlog.storage.layout import (
    DATABASE,
    DATABASE_COMPANIONS,
    FILES,
    LOCK,
    LOST_AND_FOUND,
    MEDIA,
    TEMPORARY_DATABASE,
    check_run_id,
    find_run_folder,
    is_kept_path,
    is_remnant,
    is_removed,
    refuse_bag,
)
from runlog.storage.lock import RunLock, holder, is_locked
from runlog.storage.media_folder import sync_files
from runlog.storage.migrations import applied_migrations
from runlog.storage.row_checks import time_from_text
from runlog.storage.run_files import RunFiles, find_run_files
from runlog.storage.writes import Store
from runlog.upkeep.exclusive import held, refuse_live, refuse_other_host, writing
from runlog.upkeep.removing import clear

Kept = MediaRecord | FileRecord

# SQLite's companions of a database that was not closed, and the lock of a process that was killed.
_LEFTOVERS = (*DATABASE_COMPANIONS, LOCK)
_NOT_WHOLLY_REMOVED = "the run was removed, but not all of it"
_NEVER_BEGAN = "the run never began: it was killed at its start, and holds nothing"


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` found.

    Attributes
    ----------
    folder
        The run folder.
    problems
        One line for each thing that is not in order now.
    repaired
        One line for each thing that was not, but is now.
    """

    folder: Path
    problems: tuple[str, ...]
    repaired: tuple[str, ...]


def check(run_folder: str | os.PathLike[str], *, repair: bool = False, ended: bool = False) -> Health:
    """Find what was left behind by a run that did not end in order; put it right if asked.

    Found are: a run that was never finished, rows that wait in a write-ahead log, a lock that nobody holds,
    a damaged database, rows whose file is missing or has another size, media files that no row names (a kill
    between file and row; masks that `Image.all_masks` stored), half-written files, and files of the run (in
    ``files``) that are newer than its rows.

    A repair loses nothing: media files that no row names move to ``lost+found``, files of the run get their
    row; a missing file is copied from another with the same content, if there is one, and else its row stays
    and says what was there. A crashed run becomes a ``failed`` one that ended when it was last heard of, and
    so does one that was killed before it began, which else no command can read; where it had not even a
    database, its folder is removed, and so is what is left of a run that was not removed whole.

    Parameters
    ----------
    repair
        Put right what can be.
    ended
        The caller knows that a run which was written on another host has ended.

    Raises
    ------
    RunLockedError
        If the run is being written.
    InvalidValueError
        If it is to be repaired, and may still be written on another host (with `ended`, it is believed that
        it is not), or lies in an archive.
    StorageError
        If there is no run, a newer version of runlog wrote it, or it cannot be repaired.
    """
    folder = absolute_path(find_run_folder(run_folder))
    if repair:
        refuse_bag(folder)
    if is_removed(folder):
        return _check_removed(folder, repair=repair)
    if is_remnant(folder):
        return _check_remnant(folder, repair=repair)
    refuse_live(folder)
    set_aside = _set_aside_journal(folder) if repair else ()
    survey = _survey(folder)
    if not repair:
        return Health(folder, survey.lines(), ())
    if survey.never_began:
        _begin(folder)
        set_aside += (_NEVER_BEGAN,)
        survey = _survey(folder)
    if not ended:
        refuse_other_host(folder, survey.unfinished_on)
    found = survey.lines()
    if found and not survey.broken:
        with writing(folder) as store:
            _repair(folder, survey, store)
    left = _survey(folder).lines()
    return Health(folder, left, (*set_aside, *(line for line in found if line not in left)))


def _set_aside_journal(folder: Path) -> tuple[str, ...]:
    """Move a journal that SQLite must not see to ``lost+found``; return a line that says so."""
    if not names_super_journal(folder / DATABASE):
        return ()
    name = journal_of(folder / DATABASE).name
    with held(folder):
        _set_aside(folder, PurePosixPath(name))
    return (f"{name} named a super-journal, which no run has",)


def _check_removed(folder: Path, *, repair: bool) -> Health:
    """Look at what is left of a run that was removed; a repair removes it, too."""
    if not repair:
        return Health(folder, (_NOT_WHOLLY_REMOVED,), ())
    clear(folder)
    return Health(folder, (), (_NOT_WHOLLY_REMOVED,))


def _check_remnant(folder: Path, *, repair: bool) -> Health:
    """Look at what is left of a run without a database; a repair removes it, as nothing was logged to it."""
    if is_locked(folder):
        raise RunLockedError(f"the run of {folder} must have begun, but {holder(folder)} begins it now")
    if not repair:
        return Health(folder, (_NEVER_BEGAN,), ())
    lock = RunLock(folder)
    try:
        for left in (*folder.glob(TEMPORARY_DATABASE), folder / LOCK):
            left.unlink(missing_ok=True)
        folder.rmdir()
    except OSError as error:
        raise StorageError(f"{folder} must be removed, but: {error.strerror or error}") from None
    finally:
        lock.release()
    return Health(folder, (), (_NEVER_BEGAN,))


def _never_began(db: Connection, folder: Path) -> bool:
    """Return whether a database has no run in it, and nothing that a run would have logged."""
    with read_errors(folder / DATABASE):
        if not applied_migrations(db, str(folder / DATABASE)):
            return True
        return queries.count_runs(db) == 0 and queries.count_steps(db) == 0


def _begin(folder: Path) -> None:
    """Put the run that a folder was made for into its database, as one that failed at its start."""
    moment = datetime.fromtimestamp((folder / DATABASE).stat().st_mtime, UTC).isoformat()
    run_id = check_run_id(folder.name)
    with writing(folder) as store:
        store.create_run(id=run_id, name=run_id, state="failed", created_at=moment, finished_at=moment)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is not in order in a run folder.

    Attributes
    ----------
    leftovers
        Names of files that a run in order does not leave.
    never_began
        Whether there is no run in the database, nor anything that one would have logged.
    broken
        What SQLite says against the database; nothing else is known then.
    unfinished_on, last_heard
        Host on which a run that was never finished was written, and when it was last heard of.
    kept
        What the rows say of each file, media and others.
    damaged
        Those whose file is missing or has another size, each with what is wrong.
    orphans, partial
        Files in the media folder that no row names, and half-written ones.
    unnoted
        Files of the run that have no row yet or, of a run never finished, another size than it says.
    """

    leftovers: tuple[str, ...]
    never_began: bool = False
    broken: tuple[str, ...] = ()
    unfinished_on: str | None = None
    last_heard: datetime | None = None
    kept: tuple[Kept, ...] = ()
    damaged: tuple[tuple[Kept, str], ...] = ()
    orphans: tuple[PurePosixPath, ...] = ()
    partial: tuple[PurePosixPath, ...] = ()
    unnoted: tuple[PurePosixPath, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return a line for each thing that is not in order."""
        if self.never_began:
            return (_NEVER_BEGAN,)
        lines = [f"{DATABASE} must be sound, but: {what}" for what in self.broken]
        if self.unfinished_on is not None and self.last_heard is not None:
            lines.append(
                f"the run was never finished; last heard of {self.last_heard:%Y-%m-%d %H:%M:%S} UTC "
                f"on {self.unfinished_on}"
            )
        lines += (f"{name} was left behind" for name in self.leftovers)
        lines += (f"{record.path} {what}" for record, what in self.damaged)
        lines += (f"{path} is named by no row" for path in self.orphans)
        lines += (f"{path} is half-written" for path in self.partial)
        lines += (f"{path} is newer than the rows of the run" for path in self.unnoted)
        return tuple(lines)


def _survey(folder: Path) -> _Survey:
    """Look at all of a run folder, changing nothing.

    Raises
    ------
    StorageError
        If the database is none of a run, or a newer version of runlog wrote it.
    """
    # First: looking at the database may make some of them.
    leftovers = tuple(name for name in _LEFTOVERS if SafeFolder(folder).status(name) is not None)
    with ExitStack() as cleanup:
        db = open_any_schema(folder, cleanup)
        if _never_began(db, folder):
            return _Survey(leftovers, never_began=True)
        try:
            with read_errors(folder / DATABASE):
                read_as_of_now(db, folder)
                broken = queries.read_integrity_problems(db)
                if broken or queries.count_runs(db) != 1:
                    return _Survey(leftovers, broken=broken or ("it must hold one run, but has none",))
                host = queries.read_unfinished_host(db)
                (_, heard), kept = queries.read_last(db), queries.read_kept(db)
        except StorageError as error:
            return _Survey(leftovers, broken=(str(error),))
    named = {record.path: record for record in kept}
    unnoted = _unnoted(folder, named, has_ended=host is None)
    judged = named.keys() - set(unnoted)
    damaged = tuple(
        (record, what) for record in kept if record.path in judged and (what := _damage(folder, record))
    )
    strangers = set(SafeFolder(folder).files(MEDIA)).difference(named)
    partial = {path for path in strangers if path.name.startswith(".")}
    partial |= {path for path in SafeFolder(folder).files(FILES) if is_temporary(path.name)}
    return _Survey(
        leftovers,
        unfinished_on=host,
        last_heard=time_from_text(heard),
        kept=kept,
        damaged=damaged,
        orphans=tuple(sorted(strangers - partial)),
        partial=tuple(sorted(partial)),
        unnoted=unnoted,
    )


def _unnoted(
    folder: Path, named: Mapping[PurePosixPath, Kept], *, has_ended: bool
) -> tuple[PurePosixPath, ...]:
    """Return the files of the run that its rows do not know as they are, though nobody did anything wrong.

    A script may change them until it ends, and is killed before its next `flush`.
    """
    found, _ = find_run_files(folder, set(map(str, named)))
    there = {PurePosixPath(path): status.st_size for path, status in found.items()}
    return tuple(
        path
        for path, size in there.items()
        if path not in named or (not has_ended and size != named[path].bytes)
    )


def _damage(folder: Path, media: Kept) -> str | None:
    """Return what is wrong with a file, as far as its size tells."""
    if not is_kept_path(media.path):
        return "is no place for a file of a run, though a row names it"
    status = SafeFolder(folder).status(media.path)
    if status is None:
        return "is missing, though a row names it"
    if not stat.S_ISREG(status.st_mode):
        return "must be a plain file, but is a link, a folder or a device"
    if status.st_size != media.bytes:
        return f"must have {media.bytes:,} bytes, as its row says, but has {status.st_size:,}"
    return None


def _repair(folder: Path, survey: _Survey, store: Store) -> None:
    """Put right what opening and closing the store does not."""
    try:
        _restore(folder, survey)
        for path in (*survey.orphans, *survey.partial):
            # On a full disk, what was half-written is gone by now.
            if os.path.lexists(folder / path):
                _set_aside(folder, path)
        RunFiles(folder, store).take_note(survey.unnoted)
    except OSError as error:
        raise StorageError(f"{folder} must be repaired, but: {error.strerror or error}") from None
    if survey.unfinished_on is not None and survey.last_heard is not None:
        store.update_run(state="failed", finished_at=survey.last_heard.isoformat())


def _restore(folder: Path, survey: _Survey) -> None:
    """Copy damaged files from others with the same content."""
    files = SafeFolder(folder)
    damaged = {record.path for record, _ in survey.damaged}
    whole = [(record.path, record.bytes) for record in survey.kept if record.path not in damaged]
    twins = {record.path: record.sha256 for record in survey.kept}
    whole += [(path, status.st_size) for path in survey.orphans if (status := files.status(path)) is not None]
    for record, _ in survey.damaged:
        candidates = (
            path
            for path, size in whole
            if size == record.bytes and twins.get(path, record.sha256) == record.sha256
        )
        twin = next((path for path in candidates if _has(files, path, record.sha256)), None)
        if twin is not None and is_kept_path(record.path):
            if files.status(record.path) is not None:
                _set_aside(folder, record.path)
            files.make_folder(record.path.parent)
            files.bring(record.path, files, twin, may_link=False)
            sync_files(folder, [record.path])


def _has(files: SafeFolder, path: PurePosixPath, sha256: str) -> bool:
    """Return whether a file is there and has this content."""
    if not files.is_file(path):
        return False
    with files.open(path) as file:
        return hashed(file, give_up_check())[0] == sha256


def _set_aside(folder: Path, path: PurePosixPath) -> None:
    """Move a file to ``lost+found``, beside whatever has its name there already."""
    files, target = SafeFolder(folder), LOST_AND_FOUND / path
    files.make_folder(target.parent)
    number = 1
    while files.status(target) is not None:
        target = (LOST_AND_FOUND / path).with_name(f"{path.name}.{number}")
        number += 1
    files.rename(path, target)

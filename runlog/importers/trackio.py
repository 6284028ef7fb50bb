"""Databases of trackio → run folders, without trackio.

A database ``PROJECT.db`` holds the runs of a project, and becomes as many runs, with their configuration,
group and the times of what was logged. Pictures and other media lie in the folder ``media`` beside it, and
come with their captions; so do tables with the pictures in them, histograms and texts. trackio does not tell
how a run ended: each ends as finished.

What is not taken is listed. The id follows from trackio's own: so a run is not imported twice by accident.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from sqlite3 import Connection, OperationalError
from typing import Any

from runlog.basics.jsontext import from_json
from runlog.errors import InvalidValueError, RunlogError, shown
from runlog.importers.entry import Account, ImportedRun, Log, LoggedStep, Meter, Show, import_logs, no_run
from runlog.importers.foreign_values import check_kept
from runlog.importers.sources import SourceFile, find_files
from runlog.importers.trackio_values import TrackioValues
from runlog.storage.connections import open_copy, read_errors
from runlog.storage.layout import MAX_STEP

_SUFFIX = ".db"
_WHAT = "database of trackio"
_COLUMNS = {
    "configs": ("run_id", "run_name", "config", "created_at"),
    "metrics": ("id", "run_id", "run_name", "timestamp", "step", "metrics"),
}
# What besides has rows of a run, and what they are; an older database has not all of it.
_OTHERS = {"system_metrics": "measurements of the machine", "traces": "traces", "alerts": "alerts"}
_OF_ITS_OWN = "_"
_BROKEN = "rows that are broken"
_MOST_DATABASE_BYTES = 1 << 40


def import_logdir(
    path: str | os.PathLike[str],
    dir: str | os.PathLike[str] | None = None,
    progress: Show | None = None,
) -> tuple[ImportedRun, ...]:
    """Import every run of the databases in a folder.

    Parameters
    ----------
    path
        A database of trackio, or a folder of them at any depth, such as its own, ``TRACKIO_DIR``. No link
        below it is followed.
    dir
        The runs folder; by default $RUNLOG_DIR, else ``./runs``.
    progress
        Called with how many bytes of the databases are read, and how many there are.

    Raises
    ------
    InvalidValueError
        If there are no databases.
    StorageError
        If the runs folder cannot be written. A run that is half imported is removed then, as it is when the
        import is interrupted.
    """
    _, files = find_files(path, lambda name: name.endswith(_SUFFIX), f"databases of trackio (*{_SUFFIX})")
    meter = Meter(files, progress)
    return tuple(imported for file in files for imported in _import_database(file, dir, meter))


def _import_database(
    file: SourceFile, dir: str | os.PathLike[str] | None, meter: Meter
) -> tuple[ImportedRun, ...]:
    with ExitStack() as cleanup:
        try:
            check_kept(file, _MOST_DATABASE_BYTES)
            database = open_copy(file.folder, str(file.name), _WHAT, cleanup)
            with read_errors(file.path, _WHAT):
                runs = _runs(database)
        except RunlogError as error:
            return (no_run(file.path, str(error)),)
        if not runs:
            return (no_run(file.path, "it has no run"),)
        return import_logs([_log(file, database, *run, meter) for run in runs], dir)


def _runs(database: Connection) -> list[tuple[Any, Any]]:
    """Return the id and the name of each run of a database, once that is one of trackio's."""
    for table, columns in _COLUMNS.items():
        found = database.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", [table]).fetchall()
        # Neither a view nor a virtual table: their rows are made by what they say.
        is_table = [kind for kind, _ in found] == ["table"] and str(found[0][1]).startswith("CREATE TABLE")
        there = {
            name for _, name, *_, hidden in database.execute(f"PRAGMA table_xinfo({table})") if not hidden
        }
        if not is_table or not there.issuperset(columns):
            raise InvalidValueError(
                f"it must have a table {table} with the columns {', '.join(columns)}, as trackio 0.43 makes "
                "it, but has none"
            )
    return database.execute(
        "SELECT run_id, run_name FROM configs UNION SELECT run_id, run_name FROM metrics ORDER BY 1, 2"
    ).fetchall()


def _log(file: SourceFile, database: Connection, run_id: Any, name: Any, meter: Meter) -> Log:
    reader = _Reader(file, database, run_id, name)
    return Log(
        file.path,
        shown(name) if not isinstance(name, str) else name,
        None,
        partial(reader.read, meter.advance),
    )


class _Reader:
    """Reads one run of a database."""

    def __init__(self, file: SourceFile, database: Connection, run_id: Any, name: Any) -> None:
        self._file, self._database, self._run = file, database, (run_id, name)

    def read(self, advance: Callable[[int], object], account: Account) -> Iterator[LoggedStep]:
        """Yield what the run logged, in its order."""
        with read_errors(self._file.path, _WHAT):
            self._describe(account)
            self._count_others(account)
        values = TrackioValues(self._file, account)
        now = account.started_at or datetime.now(UTC)
        for timestamp, step, text in self._rows():
            advance(len(text) if isinstance(text, (str, bytes)) else 0)
            now = _time(timestamp) or now
            tree = _object(text)
            if tree is None or type(step) is not int or not 0 <= step <= MAX_STEP:
                account.not_taken[_BROKEN]["metrics"] += 1
                account.problems.append(
                    f"a row of metrics must have a step and an object, but has {shown(step)}, {shown(text)}"
                )
            elif logged := values.read(tree):
                yield LoggedStep(step, now, logged)
        account.ended_at = now

    def _rows(self) -> Iterator[tuple[Any, Any, Any]]:
        with read_errors(self._file.path, _WHAT):
            yield from self._database.execute(
                "SELECT timestamp, step, metrics FROM metrics "
                "WHERE run_id IS ? AND run_name IS ? ORDER BY id",
                self._run,
            )

    def _describe(self, account: Account) -> None:
        rows = self._database.execute(
            "SELECT config, created_at FROM configs WHERE run_id IS ? AND run_name IS ?", self._run
        ).fetchall()
        config: dict[str, Any] = {}
        for text, created_at in rows[:1]:
            account.started_at = _time(created_at)
            found = _object(text)
            if found is None:
                account.not_taken[_BROKEN]["configs"] += 1
                account.problems.append(f"a configuration must be an object in JSON, but is {shown(text)}")
            config = found or {}
        # When it says that it was made it has also been logged to.
        account.started_at = _time(config.get("_Created")) or account.started_at
        group = config.get("_Group")
        account.group = group if isinstance(group, str) and group else None
        account.project = self._file.name.stem
        account.has_run = bool(rows)
        run_id, name = self._run
        account.identity = ("trackio", account.project, run_id, name)
        account.config = {key: value for key, value in config.items() if not key.startswith(_OF_ITS_OWN)}
        said = {"id": run_id, "database": str(self._file.path)}
        account.config.setdefault("trackio", said)

    def _count_others(self, account: Account) -> None:
        for table, what in _OTHERS.items():
            with suppress(OperationalError):
                (count,) = self._database.execute(
                    f"SELECT count(*) FROM {table} WHERE run_id IS ? AND run_name IS ?",  # noqa: S608
                    self._run,
                ).fetchone()
                if count:
                    account.not_taken[what][""] += count


def _object(text: Any) -> dict[str, Any] | None:
    """Return the object that JSON in a text or in bytes is; None if it is none."""
    try:
        found = from_json(text.decode() if isinstance(text, bytes) else text, may_have_nan=True)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    try:
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

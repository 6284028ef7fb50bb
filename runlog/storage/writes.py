"""The SQL that writes: one transaction a call, rows only after their media files are in place."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import plain_to_json, storable_text
from runlog.errors import StorageError, shown
from runlog.images.checks import ClassLabels
from runlog.storage.connections import close_after_writing, open_for_writing, sync_rows, transaction
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.image_rows import ImageRows, MediaKind, StoredImage
from runlog.storage.kinds import FILE, KINDS, ROW_KINDS, TABLE, RowKind, file_row
from runlog.storage.layout import DATABASE, TEMPORARY_DATABASE
from runlog.storage.metrics import Metric, ScalarTotals, Summaries, TotalsLeft
from runlog.storage.migrations import migrate
from runlog.values.table import Table

# What is logged under a key at a step may have several rows there.
_TABLES_OF_ENTRIES = frozenset({"images", *(kind.table for kind in ROW_KINDS if kind.has_entries)})

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.storage.judgements import JudgedGallery, JudgementRows
    from runlog.storage.records import RunRecord
    from runlog.storage.tables import CellMedia, TableRows, TableState

# SQLite before 3.32 takes no more than 999 in a statement.
_MOST_PARAMETERS = 500

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """All that one `log` call writes at one step, by key.

    Attributes
    ----------
    rows
        Values of each other kind there is, a table as a `TableState`.
    cells
        The pictures in new rows of tables, in their order.
    judged
        What is said of the images of galleries that were judged; their numbers are among `scalars`.
    """

    step: int
    scalars: Mapping[str, float]
    summary: Mapping[str, float]
    galleries: Mapping[str, tuple[StoredImage, ...]]
    rows: Mapping[RowKind[Any, Any], Mapping[str, Any]]
    cells: Mapping[str, tuple[StoredImage, ...]] = field(default_factory=dict)
    judged: Mapping[str, JudgedGallery] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    """What writing an entry has led to.

    Attributes
    ----------
    dropped
        Media and other files that no row needs any more.
    left
        Of the scalars whose value in the summary follows on what was replaced or went.
    """

    dropped: tuple[PurePosixPath, ...]
    left: TotalsLeft


def create_database(run_folder: Path, **columns: Any) -> None:
    """Make the database of a new run, with the row of the run in it; see `Store.create_run`.

    It has its name once it is whole: a kill before leaves no database that is none of a run. The caller holds
    the lock.

    Raises
    ------
    StorageError
        If it cannot be written; nothing is left of it then.
    """
    temporary = run_folder / TEMPORARY_DATABASE.replace("*", os.urandom(8).hex())
    for left in run_folder.glob(TEMPORARY_DATABASE):
        left.unlink(missing_ok=True)
    try:
        with _storage_errors(run_folder):
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
            with closing(sqlite3.connect(temporary, isolation_level=None)) as db:
                # Whatever goes wrong, the file is dropped.
                db.execute("PRAGMA journal_mode = MEMORY")
                db.execute("PRAGMA synchronous = OFF")
                migrate(db, str(temporary))
                _insert_run(db, columns)
            temporary.replace(run_folder / DATABASE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class Store:
    """The writing side of a run's database; its one owner serialises the calls.

    Parameters
    ----------
    run_folder
        The run folder, whose lock the caller holds.
    clock
        Tells the time.
    is_new
        Whether `create_database` has just made it.

    Raises
    ------
    StorageError
        From every method, if the database cannot be written. Nothing of the call is in it then.
    """

    def __init__(self, run_folder: Path, clock: Callable[[], datetime], *, is_new: bool = False) -> None:
        self._folder, self._clock = run_folder, clock
        self._db = open_for_writing(run_folder, is_new=is_new)
        self._opened = (run_folder / DATABASE).stat()
        with _storage_errors(run_folder):
            self._images = ImageRows(self._db)
        self._has_evaluations = bool(self._one("SELECT EXISTS (SELECT 1 FROM evaluations)"))
        self._revision: int = self._one(
            "SELECT max(coalesce((SELECT max(revision) FROM run), 0),"
            " coalesce((SELECT max(revision) FROM steps), 0))"
        )
        last_step = self.last_step()
        self._highest_step = -1 if last_step is None else last_step
        self._keys = {key for (key,) in self._db.execute("SELECT key FROM keys")}
        self._keys_in = {
            table: {
                key for (key,) in self._db.execute(f"SELECT DISTINCT key FROM {table}") if key is not None
            }
            for kind in KINDS
            for table in kind.tables
        }

    @cached_property
    def _judgements(self) -> JudgementRows:
        from runlog.storage.judgements import JudgementRows

        return JudgementRows(self._db)

    @cached_property
    def _tables(self) -> TableRows:
        from runlog.storage.tables import TableRows

        return TableRows(self._db)

    @property
    def run_labels(self) -> ClassLabels:
        """Labels of classes, as they were said for the run as a whole."""
        return self._images.run_labels

    def abandon(self) -> None:
        """Let go of the database as it is."""
        self._db.close()

    def close(self) -> None:
        """Leave one self-contained database file behind."""
        with _storage_errors(self._folder), closing(self._db):
            self._refuse_gone()
            close_after_writing(self._db)

    # The run itself

    def create_run(self, **columns: Any) -> None:
        """Insert the row of the run; dicts and lists are stored as JSON."""
        with self._transaction():
            _insert_run(self._db, columns)

    def update_run(self, **columns: Any) -> None:
        """Set columns of the row of the run; dicts and lists are stored as JSON."""
        names = "".join(f'"{name}" = ?, ' for name in columns)
        with self._transaction():
            self._db.execute(
                f"UPDATE run SET {names} revision = ?",
                [*map(_column, columns.values()), self._next_revision()],
            )

    def change_summary(self, values: Mapping[str, Any], gone: Collection[str] = ()) -> None:
        """Set values of the summary, which later scalars do not replace, and delete those of some keys.

        A value that is gone comes back when a scalar of its key is logged again.
        """
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO summary (key, value, is_set) VALUES (?, ?, 1)",
                [(storable_text(key), plain_to_json(value)) for key, value in values.items()],
            )
            self._db.executemany("DELETE FROM summary WHERE key = ?", [(storable_text(key),) for key in gone])
            self._db.execute("UPDATE run SET revision = ?", [self._next_revision()])

    def add_system_numbers(self, values: Mapping[str, float]) -> None:
        """Store numbers of the machine as of now; nothing of the run changes, and so its revision stays."""
        measured_at = self._clock().isoformat()
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO system_numbers (measured_at, key, value) VALUES (?, ?, ?)",
                [(measured_at, key, None if math.isnan(value) else value) for key, value in values.items()],
            )

    def define_metric(self, metric: Metric, summary: Mapping[str, float]) -> None:
        """Store a metric and the summary values that change with it."""
        with self._transaction():
            self._db.execute("DELETE FROM metrics WHERE pattern = ?", [metric.pattern])
            self._db.execute(
                "INSERT INTO metrics (pattern, step_metric, summary, goal) VALUES (?, ?, ?, ?)",
                [metric.pattern, metric.step_metric, metric.summary, metric.goal],
            )
            self._update_summary(summary)
            self._db.execute("UPDATE run SET revision = ?", [self._next_revision()])

    def define_classes(self, labels: ClassLabels, colors: Mapping[int, str]) -> None:
        """Take labels and colours of classes for all images from here on that bring none of their own."""
        with self._transaction():
            label_set_id = self._images.label_set_id(labels, colors)
            self._db.execute(
                "INSERT OR REPLACE INTO run_classes (id, label_set_id) VALUES (1, ?)", [label_set_id]
            )
        self._images.run_labels, self._images.run_colors = FrozenDict(labels), FrozenDict(colors)

    def define_evaluation(self, evaluation: Evaluation) -> None:
        """Store how the predictions of images from here on are judged."""
        with self._transaction():
            evaluation_id = self._judgements.insert_evaluation(evaluation)
            self._db.execute("UPDATE run SET revision = ?", [self._next_revision()])
        self._judgements.evaluations[evaluation_id] = evaluation
        self._has_evaluations = True

    def evaluations(self) -> tuple[Evaluation, ...]:
        """Return how predictions are judged, the oldest first; the last one that matches a key counts."""
        return tuple(self._judgements.evaluations.values()) if self._has_evaluations else ()

    def keys_of_script(self, step: int, keys: Iterable[str]) -> set[str]:
        """Return which of some keys hold something at a step that judging did not write."""
        if step > self._highest_step:
            return set()
        found = set()
        for table, known in self._keys_in.items():
            is_judged = ""
            if table == "scalars":
                is_judged = "AND key NOT IN (SELECT scalar_key FROM judged_scalars WHERE step = :step)"
            sql = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE step = :step AND key = :key {is_judged})"
            found |= {key for key in known.intersection(keys) if self._one(sql, step=step, key=key)}
        return found

    def judge(self, judged: JudgedGallery) -> set[str]:
        """Write what is said of a gallery that is there, in place of what was said before.

        Parameters
        ----------
        judged
            What is said; how it was judged is stored. The summary is as it was until `summarise`.

        Returns
        -------
        set of str
            Keys of its numbers that were not written, since the script has something there.

        Raises
        ------
        StorageError
            If there are other images than those that were read, which had files.
        """
        step, key = judged.found.step, judged.found.key
        with self._transaction():
            rows = self._db.execute(
                'SELECT id FROM images WHERE step = ? AND key = ? ORDER BY "index"', [step, key]
            ).fetchall()
            if len(rows) != len(judged.found.images):
                raise StorageError(
                    f"each image of {shown(key)} at step {step} must have a file, but of {len(rows)} images "
                    f"{len(judged.found.images)} have one; `runlog check` says what is wrong"
                )
            self._judgements.drop(step, key)
            own = self.keys_of_script(step, judged.scalars)
            judged = judged.without(own)
            self._db.executemany(
                "INSERT INTO scalars (step, key, value) VALUES (?, ?, ?)",
                [(step, name, number) for name, number in judged.scalars.items()],
            )
            self._judgements.insert([image_id for (image_id,) in rows], judged)
            self._db.execute("UPDATE steps SET revision = ? WHERE step = ?", [self._next_revision(), step])
            new = self._insert_keys(judged.scalars)
        self._keys.update(new)
        self._keys_in["scalars"].update(judged.scalars)
        return own

    def summarise(self) -> None:
        """Make the summary anew of all scalars there are, but for what the script set."""
        with self._transaction():
            self._summarise(self.summaries().of_totals)
            self._db.execute("UPDATE run SET revision = ?", [self._next_revision()])

    def summaries(self) -> Summaries:
        """Return what the summary holds of each scalar, as it follows from all so far."""
        summaries = Summaries(self.last_steps())
        for metric in self.metrics():
            summaries.define(metric, self.totals())
        return summaries

    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics defined so far, the oldest first."""
        from runlog.storage.queries import read_metrics

        return read_metrics(self._db)

    def totals(self) -> dict[str, ScalarTotals]:
        """Return what was logged of each scalar so far."""
        from runlog.storage.queries import read_totals

        return read_totals(self._db)

    def last_steps(self) -> dict[str, int]:
        """Return the greatest step of each scalar so far."""
        from runlog.storage.queries import read_last_steps

        return read_last_steps(self._db)

    def run(self) -> RunRecord | None:
        """Return the run in the database, None in a new one."""
        if not self._one("SELECT count(*) FROM run"):
            return None
        from runlog.storage.run_rows import read_run

        return read_run(self._db, folder=self._folder, locked=True, host="")

    def set_summary_keys(self) -> set[str]:
        """Return the keys of the summary that the script set."""
        from runlog.storage.queries import read_set_summary_keys

        return read_set_summary_keys(self._db)

    def last_step(self) -> int | None:
        """Return the highest step logged to, or None."""
        step: int | None = self._one("SELECT max(step) FROM steps")
        return step

    # Media

    def find_media(
        self, identities: Sequence[tuple[MediaKind, str, str]]
    ) -> dict[tuple[MediaKind, str, str], tuple[MediaRecord, str]]:
        """Return the media files that hold pixels which are looked for; what there is none of is left out.

        Parameters
        ----------
        identities
            Kind, hash of the pixels and key of each.

        Returns
        -------
        dict
            Identity to file and its key: that of the identity if it has one, else any other.
        """
        hashes = list({pixel_hash for _, pixel_hash, _ in identities})
        of_content: dict[tuple[MediaKind, str], dict[str, MediaRecord]] = {}
        with _storage_errors(self._folder):
            for at in range(0, len(hashes), _MOST_PARAMETERS):
                some = hashes[at : at + _MOST_PARAMETERS]
                rows = self._db.execute(
                    "SELECT kind, key, path, pixel_hash, sha256, format, width, height, bytes FROM media"
                    f" WHERE pixel_hash IN ({', '.join('?' * len(some))})",
                    some,
                )
                for kind, key, path, *rest in rows:
                    media = MediaRecord(PurePosixPath(path), *rest)
                    of_content.setdefault((kind, media.pixel_hash), {})[key] = media
        found = {}
        for kind, pixel_hash, key in identities if of_content else ():
            if keys := of_content.get((kind, pixel_hash)):
                owner = key if key in keys else next(iter(keys))
                found[kind, pixel_hash, key] = keys[owner], owner
        return found

    def media_paths_after(self, media_id: int) -> tuple[int, tuple[PurePosixPath, ...]]:
        """Return the paths of the media added after `media_id`, and the highest id there is."""
        with _storage_errors(self._folder):
            rows = self._db.execute(
                "SELECT id, path FROM media WHERE id > ? ORDER BY id", [media_id]
            ).fetchall()
        return (rows[-1][0] if rows else media_id), tuple(PurePosixPath(path) for _, path in rows)

    def last_media_id(self) -> int:
        """Return the highest id of a media file, after which the next one is counted; 0 if there is none."""
        with _storage_errors(self._folder):
            return int(self._one("SELECT coalesce(max(id), 0) FROM media"))

    # Files

    def files(self) -> tuple[FileRecord, ...]:
        """Return every file there should be besides media."""
        if not self._one("SELECT EXISTS (SELECT 1 FROM files)"):
            return ()
        from runlog.storage.queries import read_files

        with _storage_errors(self._folder):
            return read_files(self._db)

    def change_files(self, files: Iterable[FileRecord], gone: Iterable[PurePosixPath]) -> None:
        """Write rows of files of the run as a whole, in place of those they have; delete those of others."""
        with self._transaction():
            self._db.executemany(
                'INSERT OR REPLACE INTO files ("index", path, kind, sha256, bytes) VALUES (?, ?, ?, ?, ?)',
                list(map(file_row, files)),
            )
            self._db.executemany("DELETE FROM files WHERE path = ?", [(str(path),) for path in gone])
            self._db.execute("UPDATE run SET revision = ?", [self._next_revision()])

    def sync(self) -> None:
        """Bring all rows so far to the disk, power loss included."""
        with _storage_errors(self._folder):
            self._refuse_gone()
            sync_rows(self._db)

    # Logging

    def table_state(self, key: str, table: Table) -> TableState:
        """Return a table as it is now, with the rows that are not stored under a key yet.

        Raises
        ------
        InvalidValueError
            If it is an incremental one that was stored under another key, or by another run.
        """
        return self._tables.state(key, table)

    def log(self, entry: LogEntry, summaries: Summaries) -> Logged:
        """Write one entry, replacing what the same step and keys held.

        Parameters
        ----------
        entry
            What is logged.
        summaries
            What the summary holds of scalars of which a value is replaced or taken away.
        """
        with self._transaction():
            self._db.execute(
                "INSERT INTO steps (step, logged_at, revision) VALUES (?, ?, ?) ON CONFLICT (step) DO"
                " UPDATE SET logged_at = excluded.logged_at, revision = excluded.revision",
                [entry.step, self._clock().isoformat(), self._next_revision()],
            )
            is_new = entry.step > self._highest_step
            keys_by_table = _keys_by_table(entry)
            new_keys = self._insert_keys(chain.from_iterable(keys_by_table.values()))
            files = () if is_new else self._replaced_files(entry)
            before = set() if is_new else self._scalars_at(entry.step)
            replaced, data = (set(), set()) if is_new else self._make_room(entry)
            if entry.scalars:
                self._insert_scalars(entry)
            tables = self._insert_table_rows(entry) if TABLE in entry.rows else {}
            for kind, values in entry.rows.items():
                self._insert_rows(entry.step, kind, tables if kind is TABLE else values)
            for key, images in entry.galleries.items():
                if not images:
                    self._db.execute(
                        "INSERT OR REPLACE INTO empty_galleries (step, key) VALUES (?, ?)", [entry.step, key]
                    )
                image_ids = self._images.insert(entry.step, key, images)
                if key in entry.judged:
                    self._judgements.insert(image_ids, entry.judged[key])
            replaced_scalars = self._summarise_left(before, entry, summaries) if before else {}
            of_rows, left = self._tables.drop_unused(data) if data else (set(), {})
            dropped = (*self._images.drop_unused_media(replaced | of_rows), *files)
        if tables or left:
            self._tables.keep(tables.values(), left)
        self._highest_step = max(self._highest_step, entry.step)
        self._keys.update(new_keys)
        for table, keys in keys_by_table.items():
            self._keys_in[table].update(keys)
        return Logged(dropped, replaced_scalars)

    def remove_images_and_files(self, places: Iterable[tuple[str, int]]) -> tuple[PurePosixPath, ...]:
        """Delete the images and files of keys at steps; numbers and texts stay.

        Returns
        -------
        tuple of PurePosixPath
            Media and other files that no row needs any more.
        """
        media_ids: set[int] = set()
        files: list[PurePosixPath] = []
        with self._transaction():
            revision = self._next_revision()
            for key, step in places:
                media_ids |= self._images.media_of_gallery(step, key)
                files += self._files_of(step, key)
                for table in ("images", "files"):
                    self._db.execute(f"DELETE FROM {table} WHERE step = ? AND key = ?", [step, key])
                self._db.execute("UPDATE steps SET revision = ? WHERE step = ?", [revision, step])
            return (*self._images.drop_unused_media(media_ids), *files)

    def rewind(
        self, step: int, summary_of: Callable[[str, ScalarTotals], float]
    ) -> tuple[PurePosixPath, ...]:
        """Delete all that was logged after a step, and note it; nothing if there is nothing after it.

        Parameters
        ----------
        step
            The last step that stays.
        summary_of
            Key and totals of a scalar → its value in the summary, of what stays.

        Returns
        -------
        tuple of PurePosixPath
            Media and other files that no row needs any more.
        """
        after = {"step": step}
        with self._transaction():
            steps = self._one("SELECT count(*) FROM steps WHERE step > :step", **after)
            if steps == 0:
                return ()
            last_step = self._one("SELECT max(step) FROM steps")
            images = self._one("SELECT count(*) FROM images WHERE step > :step", **after)
            media = self._db.execute(
                "SELECT media_id FROM images WHERE step > :step UNION SELECT masks.media_id FROM masks"
                " JOIN images ON images.id = masks.image_id WHERE step > :step",
                after,
            ).fetchall()
            files = self._db.execute("SELECT path FROM files WHERE step > :step", after).fetchall()
            for table in (*(table for kind in KINDS for table in kind.tables), "steps"):
                self._db.execute(f"DELETE FROM {table} WHERE step > :step", after)
            of_rows, left = self._tables.drop_unused(self._tables.all_data())
            dropped = (
                *self._images.drop_unused_media(of_rows.union(media_id for (media_id,) in media)),
                *(PurePosixPath(path) for (path,) in files),
            )
            self._summarise(summary_of)
            revision = self._next_revision()
            self._db.execute(
                "INSERT INTO rewinds (rewound_at, step, last_step, steps, images, revision)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [self._clock().isoformat(), step, last_step, steps, images, revision],
            )
            self._db.execute("UPDATE run SET revision = ?", [revision])
        self._tables.keep((), left)
        self._highest_step = -1 if (last := self.last_step()) is None else last
        return dropped

    def compact(self) -> None:
        """Give the space of deleted rows back to the disk."""
        with _storage_errors(self._folder):
            self._db.execute("VACUUM")

    def _make_room(self, entry: LogEntry) -> tuple[set[int], set[int]]:
        """Delete what the entry replaces; return the ids of media and of data that may be unused now."""
        media_ids: set[int] = set()
        data_ids: set[int] = set()
        for table, keys in _keys_by_table(entry).items():
            if tables := self._keys_in[TABLE.table].intersection(keys):
                data_ids |= self._tables.data_of(entry.step, tables)
            for old, known in self._keys_in.items():
                # A value that is always one row is replaced where it stands.
                if old == table and table not in _TABLES_OF_ENTRIES:
                    continue
                for key in known.intersection(keys):
                    if old == "images":
                        media_ids |= self._images.media_of_gallery(entry.step, key)
                        if self._has_evaluations:
                            self._judgements.drop(entry.step, key)
                    self._db.execute(f"DELETE FROM {old} WHERE step = ? AND key = ?", [entry.step, key])
        return media_ids, data_ids

    def _replaced_files(self, entry: LogEntry) -> list[PurePosixPath]:
        """Return the files that no row names once the entry is written."""
        known = self._keys_in[FILE.table]
        keys = {key for keys in _keys_by_table(entry).values() for key in known.intersection(keys)}
        written = {file.path for files in entry.rows.get(FILE, {}).values() for file in files}
        return [path for key in keys for path in self._files_of(entry.step, key) if path not in written]

    def _files_of(self, step: int, key: str) -> list[PurePosixPath]:
        rows = self._db.execute("SELECT path FROM files WHERE step = ? AND key = ?", [step, key])
        return [PurePosixPath(path) for (path,) in rows]

    def _insert_keys(self, keys: Iterable[str]) -> Collection[str]:
        """Write which keys are logged for the first time, and return them."""
        new = [key for key in keys if key not in self._keys]
        if new:
            self._db.executemany("INSERT INTO keys (key) VALUES (?)", [(key,) for key in new])
        return new

    def _insert_scalars(self, entry: LogEntry) -> None:
        rows = [(entry.step, key, None if math.isnan(v) else v) for key, v in entry.scalars.items()]
        # A step past all others has nothing to replace, and SQLite need not look.
        insert = "INSERT" if entry.step > self._highest_step else "INSERT OR REPLACE"
        self._db.executemany(f"{insert} INTO scalars (step, key, value) VALUES (?, ?, ?)", rows)
        self._update_summary(entry.summary)

    def _update_summary(self, values: Mapping[str, float]) -> None:
        self._db.executemany(
            "INSERT INTO summary (key, value, is_set) VALUES (?, ?, 0)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE is_set = 0",
            zip(values, _floats_json(values.values()), strict=True),
        )

    def _scalars_at(self, step: int) -> set[str]:
        return {key for (key,) in self._db.execute("SELECT key FROM scalars WHERE step = ?", [step])}

    def _summarise_left(self, before: set[str], entry: LogEntry, summaries: Summaries) -> TotalsLeft:
        """Let the summary hold what is left of scalars that were at the step of an entry before.

        Without a metric that is the last value, whatever was replaced by another.
        """
        from runlog.storage.queries import read_total

        gone = before - self._scalars_at(entry.step)
        keys = gone | {key for key in before.intersection(entry.scalars) if summaries.is_ruled(key)}
        left = {key: read_total(self._db, key) for key in keys}
        self._db.executemany(
            "DELETE FROM summary WHERE key = ? AND is_set = 0",
            [(key,) for key, found in left.items() if found is None],
        )
        there = ((key, found[0]) for key, found in left.items() if found)
        self._update_summary({key: summaries.of_totals(key, totals) for key, totals in there})
        return left

    def _summarise(self, summary_of: Callable[[str, ScalarTotals], float]) -> None:
        """Make the summary anew, but for what the script set."""
        totals = self.totals()
        self._db.execute("DELETE FROM summary WHERE is_set = 0")
        self._update_summary({key: summary_of(key, seen) for key, seen in totals.items()})

    def _insert_table_rows(self, entry: LogEntry) -> dict[str, TableState]:
        """Write the new rows of tables, whose own rows come after them."""
        return {
            key: self._tables.add(state, self._cell_media(key, entry), self._images.labels_of_layer)
            for key, state in entry.rows.get(TABLE, {}).items()
        }

    def _cell_media(self, key: str, entry: LogEntry) -> list[CellMedia]:
        from runlog.storage.tables import CellMedia

        return [
            CellMedia(
                self._images.media_id("image", key, stored.media),
                {
                    storable_text(layer): self._images.media_id("mask", key, media)
                    for layer, media in stored.masks.items()
                },
            )
            for stored in entry.cells.get(key, ())
        ]

    def _insert_rows(self, step: int, kind: RowKind[V, Any], values: Mapping[str, V]) -> None:
        rows = [(step, key, *row) for key, value in values.items() for row in kind.to_rows(value)]
        self._db.executemany(_insert_into(kind, is_new=step > self._highest_step), rows)

    # Plumbing

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        revision = self._revision
        try:
            with _storage_errors(self._folder), transaction(self._db):
                yield
        except BaseException:
            self._revision = revision
            self._images.forget()
            raise

    def _refuse_gone(self) -> None:
        """Refuse to go on with a file that has no name any more: the system drops it when it is closed."""
        path = self._folder / DATABASE
        if not (path.exists() and os.path.samestat(path.stat(), self._opened)):
            raise StorageError(
                f"{path} must be the file that the run writes, but was removed or replaced; "
                "what was logged since the run began is lost with it"
            )

    def _next_revision(self) -> int:
        self._revision += 1
        return self._revision

    def _one(self, sql: str, **values: Any) -> Any:
        with _storage_errors(self._folder):
            return self._db.execute(sql, values).fetchone()[0]


def _insert_run(db: sqlite3.Connection, columns: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO run ({names}) VALUES ({marks})", [*map(_column, columns.values())])


@contextmanager
def _storage_errors(run_folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the database of {run_folder} must be writable, but: {error}") from None


@cache
def _insert_into(kind: RowKind[Any, Any], *, is_new: bool) -> str:
    """Return the SQL for rows of a kind; past all other steps none is replaced, and SQLite need not look."""
    columns, marks = ", ".join(f'"{name}"' for name in kind.columns), ", ?" * len(kind.columns)
    insert = "INSERT" if is_new else "INSERT OR REPLACE"
    return f"{insert} INTO {kind.table} (step, key, {columns}) VALUES (?, ?{marks})"


def _keys_by_table(entry: LogEntry) -> dict[str, Collection[str]]:
    return {
        "scalars": entry.scalars,
        **{kind.table: values for kind, values in entry.rows.items()},
        "images": [key for key, images in entry.galleries.items() if images],
        "empty_galleries": [key for key, images in entry.galleries.items() if not images],
    }


def _floats_json(values: Collection[float]) -> Iterable[str]:
    # One that is not finite makes the sum so; a finite number's repr is JSON.
    return map(repr if math.isfinite(sum(values)) else plain_to_json, values)


def _column(value: Any) -> Any:
    if isinstance(value, (Mapping, list, tuple)):
        return plain_to_json(value)
    return storable_text(value) if isinstance(value, str) else value

"""A Parquet data set of many runs, which DuckDB, Polars, Dask and Spark read.

Each table is a folder of parts (``boxes/part-0000.parquet``), and part n of all tables has the same runs, 256
at most; docs/many-runs.md has the columns. ``data-set.json`` says which run is in which part, and as of which
revision: an export into the same folder reads only runs that have changed since, and writes only the parts
that have such runs, or runs that are new or gone. A part is written beside the old one, which it then
replaces; what is read while an export goes on may be of before in one table, and of after in another.

Runs may be written meanwhile: of each, all rows are of one moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, get_args

from runlog.errors import InvalidValueError, MissingPackageError, RunlogError, StorageError, one_of, shown
from runlog.exporters.output import ExportResult, Tally, path_outside
from runlog.exporters.run_tables import (
    RUN_COLUMNS,
    TABLES,
    Row,
    read_left_out,
    read_score_names,
    read_tables,
    run_row,
)
from runlog.files.locks import FileLock
from runlog.files.safe_folder import SafeFolder
from runlog.reading.runs import read_records
from runlog.storage.layout import run_folders
from runlog.storage.records import RunRecord

Pictures = Literal["paths", "embedded"]
Progress = Callable[[int, int], None]
Stamp = tuple[object, ...]

RUNS_PER_PART = 256
MAX_SCORES = 500
# A version for each change of the columns: rows of another are not taken over.
_MANIFEST, _VERSION = "data-set.json", 2
_LOCK = "export.lock"
_SCORES = "scores."
# Rows that are held before they are written as a row group.
_GROUP_ROWS, _GROUP_BYTES = 200_000, 64 << 20
_PICTURES_AT_ONCE = 64
_WITH_PICTURES = ("images", "masks")
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "runs": RUN_COLUMNS,
    **{table.name: table.columns for table in TABLES},
}


def export(
    runs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    pictures: Pictures = "paths",
    progress: Progress | None = None,
) -> ExportResult:
    """Write a data set of runs, or bring one up to date; it has these runs then, and no others.

    Parameters
    ----------
    runs
        A runs folder, a run folder, or several of them.
    out
        The folder of the data set: new, empty, or one that an export made.
    pictures
        ``paths``: where each picture and mask is, relative to its run folder; or ``embedded``: also their
        files, in a column ``picture``.
    progress
        Called with how many runs are done, and how many there are.

    Returns
    -------
    ExportResult
        `written` counts ``runs``, those that were read and written, and ``unchanged``.

    Raises
    ------
    InvalidValueError, StorageError
        If there are no runs, or `out` is something else, or cannot be written.
    MissingPackageError
        If pyarrow is not installed: it is the extra ``parquet``.
    """
    one_of("pictures", pictures, get_args(Pictures))
    named = [runs] if isinstance(runs, (str, os.PathLike)) else list(runs)
    folders = [folder for one in named for folder in run_folders(one)]
    if not folders:
        raise InvalidValueError("an export must have a run to write, but there is none")
    _pyarrow()
    target = path_outside(out, folders)
    tally = Tally()
    records = _by_name(read_records(folders, tally.problems), tally)
    try:
        target.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target / _LOCK, 0)
        try:
            _DataSet(target, pictures, tally).update(records, progress or (lambda done, total: None))
        finally:
            lock.release()
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"{target} must be writable, but: {error.strerror or error}") from None
    return tally.result(target)


def _by_name(records: Iterable[RunRecord], tally: Tally) -> dict[str, RunRecord]:
    """Return runs by the name of their folder, which is what a row has of its run."""
    found: dict[str, RunRecord] = {}
    for run in records:
        if (known := found.setdefault(run.folder.name, run)) is not run and known.folder != run.folder:
            tally.problems.append(
                f"{run.folder} must have a name of its own, but so is {known.folder}: left out"
            )
    return found


class _DataSet:
    """A data set on its way from what it has to what it is to have."""

    def __init__(self, folder: Path, pictures: Pictures, tally: Tally) -> None:
        self._folder, self._pictures, self._tally = folder, pictures, tally
        self._parts, self._scores = self._known()

    def update(self, runs: Mapping[str, RunRecord], progress: Progress) -> None:
        """Write the parts that have runs which are new, changed or gone."""
        stamps = {name: _stamp(run) for name, run in runs.items()}
        same = {name for part in self._parts for name, stamp in part.items() if stamps.get(name) == stamp}
        changed = [run for name, run in sorted(runs.items()) if name not in same]
        scores = self._score_names(changed)
        members = _placed(self._parts, list(runs))
        self._parts += [{} for _ in members[len(self._parts) :]]
        done = self._tally.written["unchanged"] = len(same)
        self._save(self._scores)  # what is given up can be gone on with
        for number, (names, part) in enumerate(zip(members, self._parts, strict=True)):
            if names == part.keys() and same.issuperset(names) and scores == self._scores:
                continue
            anew = [runs[name] for name in sorted(names - same)]
            read = list(self._write_part(number, names & same, anew, scores))
            self._parts[number] = {name: stamps[name] for name in (*(names & same), *read)}
            self._save(self._scores)
            done += len(anew)
            progress(done, len(runs))
        self._scores = scores
        self._save(scores)

    def _score_names(self, runs: Iterable[RunRecord]) -> list[str]:
        """Return the names of all scores: each is a column, which every part has."""
        names = set(self._scores)
        for run in runs:
            try:
                names |= read_score_names(run.folder)
            except RunlogError:
                continue  # said where it is read
        if len(names) > MAX_SCORES:
            raise InvalidValueError(
                f"boxes must have at most {MAX_SCORES} names of scores in a data set, but have "
                f"{len(names):,}, such as {shown(min(names))}; export runs that share them together"
            )
        return sorted(names)

    def _write_part(
        self, number: int, kept: Set[str], runs: Sequence[RunRecord], scores: Sequence[str]
    ) -> Iterator[str]:
        """Write the part of each table anew, and yield the runs that could be read."""
        name = f"part-{number:04d}.parquet"
        with ExitStack() as stack:
            parts = {
                table: stack.enter_context(_Part(self._folder / table, name, self._schema(table, scores)))
                for table in _COLUMNS
            }
            for part in parts.values():
                if kept:
                    part.keep(kept)
            for run in runs:
                try:
                    tables = {table.name: rows for table, rows in read_tables(run.folder)}
                    left_out = read_left_out(run.folder)
                except RunlogError as error:
                    self._tally.problems.append(f"{run.folder.name} is left out: {error}")
                    continue
                for table, rows in {"runs": [run_row(run)], **tables}.items():
                    self._add(parts[table], table, run, rows)
                for kind, count in left_out.items():
                    self._tally.leave_out_layers(kind, count)
                self._tally.written["runs"] += 1
                yield run.folder.name
            for part in parts.values():
                part.finish()

    def _add(self, part: _Part, table: str, run: RunRecord, rows: Sequence[Row]) -> None:
        self._tally.written[table] += len(rows) if table != "runs" else 0
        if table not in _WITH_PICTURES or self._pictures != "embedded":
            part.add(run.folder.name, _COLUMNS[table], rows)
            return
        at = list(_COLUMNS[table]).index("path")
        files = SafeFolder(run.folder)
        for first in range(0, len(rows), _PICTURES_AT_ONCE):
            some = rows[first : first + _PICTURES_AT_ONCE]
            with_files = [(*row, self._content(files, row[at])) for row in some]
            part.add(run.folder.name, {**_COLUMNS[table], "picture": "file"}, with_files)

    def _content(self, files: SafeFolder, path: str) -> bytes | None:
        try:
            return files.read(path)
        except OSError as error:
            self._tally.problems.append(f"{files.path / path} must be readable, but: {error}; it is null")
            return None

    def _schema(self, table: str, scores: Sequence[str]) -> Any:
        arrow, _ = _pyarrow()
        types = _types()
        columns = dict(_COLUMNS[table])
        if columns.pop("scores", None):
            columns |= {f"{_SCORES}{name}": "number" for name in scores}
        if table in _WITH_PICTURES and self._pictures == "embedded":
            columns["picture"] = "file"
        return arrow.schema(
            [("run", arrow.string()), *((name, types[kind]) for name, kind in columns.items())]
        )

    def _known(self) -> tuple[list[dict[str, Stamp]], list[str]]:
        """Return what the data set has: by part the runs with their stamps, and the names of scores."""
        entries = {entry.name for entry in self._folder.iterdir()} - {_LOCK}
        if not entries:
            return [], []
        try:
            manifest = json.loads((self._folder / _MANIFEST).read_text("utf-8"))
            found = manifest["version"], manifest["pictures"]
            parts = [{name: tuple(stamp) for name, stamp in part.items()} for part in manifest["parts"]]
            scores = list(manifest["scores"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InvalidValueError(
                f"an export must go to a new or empty folder or to a data set, but {self._folder} is neither"
            ) from None
        if found != (_VERSION, self._pictures):
            raise InvalidValueError(
                f"a data set must be brought up to date as it was made, but {self._folder} has {found[1]} of "
                f"pictures and columns of version {found[0]}, not {self._pictures} and version {_VERSION}: "
                "export to another folder, or remove this one first"
            )
        return parts, scores

    def _save(self, scores: Sequence[str]) -> None:
        manifest = {"version": _VERSION, "pictures": self._pictures, "scores": scores, "parts": self._parts}
        SafeFolder(self._folder).write(_MANIFEST, json.dumps(manifest, indent=1).encode())


def _stamp(run: RunRecord) -> Stamp:
    """Return what tells whether a run has changed since it was exported."""
    return run.id, run.created_at.isoformat(), run.revision, run.state


def _placed(parts: Sequence[Mapping[str, Stamp]], names: Iterable[str]) -> list[set[str]]:
    """Return the runs of each part: those it has stay there, new ones fill up those that have room."""
    wanted = set(names)
    members = [wanted & part.keys() for part in parts]
    new = sorted(wanted.difference(*members))
    for place in range(len(members) + -(-len(new) // RUNS_PER_PART)):
        if place == len(members):
            members.append(set())
        room = RUNS_PER_PART - len(members[place])
        members[place].update(new[:room])
        new = new[room:]
    return [one for number, one in enumerate(members) if one or number < len(parts)]


class _Part:
    """One file of a table, written beside the old one, which it replaces when it is finished."""

    def __init__(self, folder: Path, name: str, schema: Any) -> None:
        self._schema, self._path = schema, folder / name
        folder.mkdir(exist_ok=True)
        self._temporary = folder / f".{name}.tmp"
        self._rows: list[Any] = []
        self._held_rows = self._held_bytes = 0
        arrow, parquet = _pyarrow()
        self._arrow, self._parquet = arrow, parquet
        self._writer = parquet.ParquetWriter(self._temporary, schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def keep(self, runs: Set[str]) -> None:
        """Take over the rows of some runs from the file that is there."""
        wanted = self._arrow.array(sorted(runs), self._arrow.string())
        try:
            with self._parquet.ParquetFile(self._path) as old:
                for batch in old.iter_batches():
                    table = self._arrow.Table.from_batches([batch])
                    self._hold(table.filter(self._arrow.compute.is_in(table["run"], wanted)))
        except (OSError, self._arrow.ArrowException) as error:
            raise StorageError(
                f"{self._path} must be as an export left it, but: {error}; "
                "remove the data set, and export anew"
            ) from None

    def add(self, run: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Write the rows of a run."""
        if not rows:
            return
        values: dict[str, Any] = {"run": [run] * len(rows)}
        for (name, kind), column in zip(columns.items(), zip(*rows, strict=True), strict=True):
            if kind == "scores":
                known = [field for field in self._schema.names if field.startswith(_SCORES)]
                values |= {field: [one.get(field.removeprefix(_SCORES)) for one in column] for field in known}
            else:
                values[name] = list(map(bool, column)) if kind == "flag" else column
        self._hold(self._arrow.table(values, schema=self._schema))

    def finish(self) -> None:
        """Let the file take the place of the old one."""
        self._flush()
        self._writer.close()
        self._temporary.replace(self._path)

    def _hold(self, table: Any) -> None:
        missing = [field for field in self._schema if field.name not in table.column_names]
        for field in missing:  # scores whose names came later
            table = table.append_column(field, self._arrow.nulls(len(table), field.type))
        self._rows.append(table.select(self._schema.names))
        self._held_rows += len(table)
        self._held_bytes += table.nbytes
        if self._held_rows > _GROUP_ROWS or self._held_bytes > _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.concat_tables(self._rows).combine_chunks())
            self._rows, self._held_rows, self._held_bytes = [], 0, 0


def _types() -> Mapping[str, Any]:
    arrow, _ = _pyarrow()
    return {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "flag": arrow.bool_(),
        "time": arrow.timestamp("us", "UTC"),
        "texts": arrow.list_(arrow.string()),
        "integers": arrow.list_(arrow.int64()),
        "file": arrow.binary(),
    }


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        raise MissingPackageError(
            "pyarrow must be installed to export Parquet, but is not: pip install 'runlog-local[parquet]'"
        ) from None
    return pyarrow, pyarrow.parquet

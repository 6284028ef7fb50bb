"""What many runs hold, in one data frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from runlog.errors import RunlogError, warn
from runlog.reading.frames import pandas_module, row_frame, table_frame
from runlog.reading.reader import FrameRows, Keys, Progress, RunReader, check_keys
from runlog.reading.run_filter import flat
from runlog.storage.kinds import TABLE
from runlog.storage.layout import check_key
from runlog.storage.records import RunRecord, ScalarSeries

if TYPE_CHECKING:
    from pandas import DataFrame

RunFrameRows = Literal["runs"] | FrameRows
Floats = NDArray[np.float64]

_DETAILS = ("id", "name", "project", "group", "tags", "notes", "state", "created_at", "finished_at")


def frame_of_runs(
    runs: Sequence[RunRecord], rows: RunFrameRows, keys: Keys | None, progress: Progress | None
) -> DataFrame:
    """Return a frame of runs, or of what they logged; see `RunRecords.frame`."""
    chosen = check_keys(keys)
    if rows == "runs":
        return _runs_frame(runs)
    if rows == "scalars":
        return _scalars_frame(runs, chosen, progress)
    columns: Sequence[str] = ()
    found: list[tuple[Any, ...]] = []
    for run, reader in _read_each(runs, progress):
        columns, of_run = reader._frame_rows(rows, chosen)
        found += [(run.folder.name, *row) for row in of_run]
    if not columns and runs:
        return pandas_module().DataFrame(columns=["run"])
    return row_frame(("run", *columns), found)


def table_of_runs(runs: Sequence[RunRecord], key: str, progress: Progress | None) -> DataFrame:
    """Return the last tables of a key as one frame; see `RunRecords.table`."""
    pandas = pandas_module()
    check_key(key)
    frames, places = [], []
    for run, reader in _read_each(runs, progress):
        with reader.one_moment(may_wait=False):
            tables = [reader.read_table(one) for one in reader.latest_values(TABLE) if one.key == key]
            frames += [table_frame(table.columns, table.rows()) for table in tables]
        places += [(run.folder.name, table.step, row) for table in tables for row in range(len(table))]
    index = pandas.MultiIndex.from_tuples(places, names=["run", "step", "row"])
    filled = [frame for frame in frames if len(frame)]
    frame = pandas.concat(filled or frames, ignore_index=True) if frames else pandas.DataFrame()
    return cast("DataFrame", frame.set_index(index))


def _read_each(runs: Sequence[RunRecord], progress: Progress | None) -> Iterator[tuple[RunRecord, RunReader]]:
    """Yield the runs with a reader of each; what goes wrong while one is in use leaves it out."""
    for done, run in enumerate(runs, start=1):
        try:
            with RunReader(run.folder) as reader:
                yield run, reader
        except RunlogError as error:
            warn(f"{run.folder.name} is left out: {error}")
        if progress is not None:
            progress(done, len(runs))


def _runs_frame(runs: Sequence[RunRecord]) -> DataFrame:
    pandas = pandas_module()
    columns: dict[str, list[Any]] = {"run": [run.folder.name for run in runs]}
    columns |= {name: [getattr(run, name) for run in runs] for name in _DETAILS}
    columns["seconds"] = [_seconds(run) for run in runs]
    columns["folder"] = [str(run.folder) for run in runs]
    for place, run in enumerate(runs):
        for name, value in (*flat("config", run.config), *flat("summary", run.summary)):
            column = columns.setdefault(name, [])
            column += [None] * (place - len(column))
            column.append(value)
    filled = {name: column + [None] * (len(runs) - len(column)) for name, column in columns.items()}
    return cast("DataFrame", pandas.DataFrame(filled))


def _seconds(run: RunRecord) -> float | None:
    return None if run.finished_at is None else (run.finished_at - run.created_at).total_seconds()


def _scalars_frame(
    runs: Sequence[RunRecord], keys: Sequence[str] | None, progress: Progress | None
) -> DataFrame:
    pandas = pandas_module()
    names: list[str] = []
    steps: list[NDArray[np.int64]] = []
    columns: dict[str, list[Floats]] = {}
    for run, reader in _read_each(runs, progress):
        at, values = _aligned(reader._scalars(keys))
        # A column that is new, and one that this run has not, is NaN at all the steps of the others.
        for key in values.keys() - columns.keys():
            columns[key] = [np.full(len(one), np.nan) for one in steps]
        for key, parts in columns.items():
            parts.append(values.get(key, np.full(len(at), np.nan)))
        names.append(run.folder.name)
        steps.append(at)
    index = pandas.MultiIndex.from_arrays(
        [np.repeat(np.array(names, object), list(map(len, steps))), _joined(steps, np.int64)],
        names=["run", "step"],
    )
    return cast(
        "DataFrame",
        pandas.DataFrame({key: _joined(columns[key], np.float64) for key in sorted(columns)}, index=index),
    )


def _aligned(series: Sequence[ScalarSeries]) -> tuple[NDArray[np.int64], Mapping[str, Floats]]:
    """Return all steps of some series, ascending, and the numbers of each there, NaN where it has none."""
    if not series:
        return np.zeros(0, np.int64), {}
    steps = np.unique(np.concatenate([one.steps for one in series]))
    values = {one.key: np.full(len(steps), np.nan) for one in series}
    for one in series:
        values[one.key][np.searchsorted(steps, one.steps)] = one.values
    return steps, values


def _joined(parts: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)

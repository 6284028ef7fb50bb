"""What a rank of a launch has at some steps, as the script of one run of all ranks would log it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np

from runlog.files.safe_folder import SafeFolder
from runlog.images.image import Image
from runlog.reading.reader import RunReader, overlays
from runlog.storage.file_records import FileRecord
from runlog.storage.kinds import FILE, ROW_KINDS, TABLE, RowKind
from runlog.storage.records import ImageRecord, ScalarSeries, TableRecord
from runlog.values.file import File
from runlog.values.table import Table


def of_one(key: str, rank: int) -> str:
    """Return the key of what is of one rank alone."""
    return f"{key}/rank-{rank}"


def read_picture(reader: RunReader, record: ImageRecord, rank: int, identity: str | None) -> Image:
    """Return an image with its file as it is, and its rank.

    Raises
    ------
    OSError
        If one of its files is missing, or cannot be read.
    """
    with SafeFolder(reader.folder).open(record.media.path) as file:
        return Image(
            file,
            caption=record.caption,
            grouping=record.grouping,
            id=identity,
            fields={"rank": rank, **record.fields},
            **overlays(reader, record),
        )


def numbers_at(every: Iterable[ScalarSeries], steps: Sequence[int]) -> Iterator[tuple[int, str, float]]:
    """Yield the numbers at some steps, which ascend."""
    for series in every:
        _, places, _ = np.intersect1d(series.steps, steps, assume_unique=True, return_indices=True)
        for place in places.tolist():
            yield int(series.steps[place]), series.key, float(series.values[place])


def read_rows(reader: RunReader, steps: Sequence[int]) -> Iterator[tuple[int, str, Any]]:
    """Yield what a rank has at some steps besides images and numbers."""
    for kind in ROW_KINDS:
        to_value = kind.to_value or partial(_FROM_BESIDE[kind], reader)
        for (step, key), records in groupby(reader.values(kind, steps), attrgetter("step", "key")):
            yield step, key, to_value(list(records))


def _files(reader: RunReader, records: Sequence[FileRecord]) -> list[File]:
    folder = SafeFolder(reader.folder)
    return [File(folder.read(record.path), name=_file_name(record)) for record in records]


def _table(reader: RunReader, records: Sequence[TableRecord]) -> Table:
    table = reader.read_table(records[0])
    rows = [[reader.image(cell) if isinstance(cell, ImageRecord) else cell for cell in row] for row in table]
    return Table(list(table.columns), rows)


_FROM_BESIDE: Mapping[RowKind[Any, Any], Callable[[RunReader, Any], Any]] = {FILE: _files, TABLE: _table}
"""How a value of a kind that has more than its rows is read as a script would log it."""


def _file_name(record: FileRecord) -> str:
    """Return what a file was called when it was logged, as far as its path tells."""
    return str(record.path.name).split("-", 3)[-1]


def mean(of_ranks: Iterable[float]) -> float:
    """Return the mean of numbers, which need not be finite."""
    several = list(of_ranks)
    # Infinities of both signs, of which the mean is no number, raise otherwise.
    if not all(map(math.isfinite, several)):
        return sum(several) / len(several)
    try:
        return statistics.fmean(several)
    except OverflowError:  # the sum is no float, though the mean is one
        return statistics.mean(several)

"""`RunReader`: a run folder read back as frozen records."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from sqlite3 import Connection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, one_of, shown
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.images.image import Image
from runlog.images.picture_file import PictureFile, read_picture
from runlog.reading.logged_table import LoggedTable
from runlog.reading.shown_records import ImageRecords
from runlog.storage import image_queries, queries
from runlog.storage.connections import open_for_reading, read_errors, renew_patience, transaction
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.judgements import read_evaluations
from runlog.storage.kinds import HISTOGRAM, ROW_KINDS, TABLE, TEXT, RowKind
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.layout import CONSOLE, DATABASE, check_step, find_run_folder
from runlog.storage.lock import is_locked
from runlog.storage.metrics import Metric
from runlog.storage.records import (
    HistogramRecord,
    ImageRecord,
    MaskLayerRecord,
    RunCounts,
    RunRecord,
    ScalarSeries,
    StepRecord,
    SystemSeries,
    TableRecord,
    TextRecord,
)
from runlog.storage.run_rows import RunRows, read_run, read_run_rows
from runlog.storage.tables import read_table_rows

if TYPE_CHECKING:
    from pandas import DataFrame

    from runlog.evaluation.definition import Evaluation
    from runlog.evaluation.gallery import GalleryEvaluation

T = TypeVar("T")
PixelArray = NDArray[np.uint8] | NDArray[np.uint16]
Steps = SupportsIndex | Iterable[SupportsIndex]
Keys = str | Iterable[str]
Progress = Callable[[int, int], None]
FrameRows = Literal["scalars", "texts", "histograms", "files", "tables", "images", "boxes", "judged_boxes"]

_ARRAY_MODES = ("L", "LA", "RGB", "RGBA")
_VIEWS: dict[FrameRows, queries.View] = {
    "images": "image_log",
    "boxes": "labelled_boxes",
    "judged_boxes": "judged_boxes",
}


class RunReader:
    """A run folder, open for reading; nothing in it is ever changed.

    The run may be live, finished, read-only or a copy. Close it, or use it as a context manager.

    Parameters
    ----------
    run_folder
        The folder that holds ``run.db``, or the unzipped archive of one run.

    Raises
    ------
    StorageError
        If there is no run in it, or it is corrupt, or another version of runlog wrote it.

    Examples
    --------
    >>> with runlog.open("runs/20261122-101502-3f9c17ab") as reader:
    ...     print(reader.run().name, len(reader.steps()))
    """

    def __init__(self, run_folder: str | os.PathLike[str]) -> None:
        self.folder = absolute_path(find_run_folder(run_folder))
        self._path = self.folder / DATABASE
        self._files = SafeFolder(self.folder)
        with ExitStack() as cleanup:
            self._db = open_for_reading(self.folder, cleanup)
            with read_errors(self._path):
                has_run = queries.count_runs(self._db) == 1
            if not has_run:
                raise StorageError(f"{self._path} must hold one run, but has none")
            self._cleanup = cleanup.pop_all()

    def close(self) -> None:
        """Let go of the database."""
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def one_moment(self, *, may_wait: bool = True) -> Iterator[None]:
        """Let all that is read inside be of one moment, also while the run goes on.

        Parameters
        ----------
        may_wait
            Whether the run may have to wait until the end of it, which it does on a network file system: for
            what is read at once. Else, there, each thing that is read is of its own moment.
        """
        with read_errors(self._path):
            renew_patience(self._db, self._path)
            is_held = may_wait or self._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            inside = transaction(self._db) if is_held and not self._db.in_transaction else nullcontext()
        with inside:
            yield

    def run(self) -> RunRecord:
        """Return the run as it is now, its state included."""
        here = platform.node()
        return self._read(partial(read_run, folder=self.folder, locked=is_locked(self.folder), host=here))

    def _rows(self) -> RunRows:
        return self._read(read_run_rows)

    def counts(self) -> RunCounts:
        """Return how many steps, images and media files there are."""
        return self._read(queries.read_counts)

    def revision(self) -> int:
        """Return a number that grows with every change of the run."""
        return self._read(queries.read_revision)

    def steps(self, since_revision: int = -1) -> tuple[StepRecord, ...]:
        """Return the steps, ascending; with `since_revision`, those that changed after it.

        Raises
        ------
        InvalidTypeError
            If `since_revision` is no integer.
        """
        return self._read(partial(queries.read_steps, since_revision=_check_revision(since_revision)))

    def keys(self) -> tuple[str, ...]:
        """Return all keys, in the order in which they were first logged.

        Those of one call are in the order of its dict, kind by kind. A key stays when what was logged under
        it is gone. Of runs of older versions the first step counts, and keys of one step are by name.
        """
        return self._read(queries.read_keys)

    def latest_steps(self) -> dict[str, int]:
        """Return the highest step at which each key has images."""
        return self._read(queries.read_latest_steps)

    def images(self, steps: Steps | None = None) -> tuple[ImageRecord, ...]:
        """Return the images logged at a step, at several, or at all of them, by step, key and index.

        In a notebook they show themselves.

        Parameters
        ----------
        steps
            A step, or any iterable of steps; by default all.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of them can be no step.
        """
        chosen = self._read(queries.read_steps_with_images) if steps is None else _check_steps(steps)
        return ImageRecords(self._read(partial(image_queries.read_images, steps=chosen)), self.image)

    def scalars(self, since_revision: int = -1) -> tuple[ScalarSeries, ...]:
        """Return the numbers by key; with `since_revision`, those of steps that changed after it.

        Raises
        ------
        InvalidTypeError
            If `since_revision` is no integer.
        """
        return self._read(partial(queries.read_scalars, since_revision=_check_revision(since_revision)))

    def texts(self, steps: Steps | None = None) -> tuple[TextRecord, ...]:
        """Return the texts logged at a step, at several, or at all of them, by step, key and index.

        Each entry of a list of texts is one; a list of numbers is one with `numbers`.

        Parameters
        ----------
        steps
            A step, or any iterable of steps; by default all.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of them can be no step.
        """
        return self.values(TEXT, steps)

    def histograms(self, steps: Steps | None = None) -> tuple[HistogramRecord, ...]:
        """Return the histograms logged at a step, at several, or at all of them, by step and key.

        Parameters
        ----------
        steps
            A step, or any iterable of steps; by default all.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of the steps can be none.
        """
        return self.values(HISTOGRAM, steps)

    def latest_texts(self) -> tuple[TextRecord, ...]:
        """Return the texts of each key at the highest step at which it has some, by key and index."""
        return self.latest_values(TEXT)

    def tables(self, steps: Steps | None = None) -> tuple[LoggedTable, ...]:
        """Return the tables logged at a step, at several, or at all of them, by step and key.

        Parameters
        ----------
        steps
            A step, or any iterable of steps; by default all.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of them can be no step.
        """
        return tuple(map(self.read_table, self.values(TABLE, steps)))

    def table(self, key: str, step: int | None = None) -> LoggedTable:
        """Return the table logged under a key at a step, by default the highest at which it has one.

        Raises
        ------
        InvalidValueError
            If there is none.
        """
        records = self.latest_values(TABLE) if step is None else self.values(TABLE, step)
        for record in records:
            if record.key == key:
                return self.read_table(record)
        if steps := [record.step for record in self.values(TABLE) if record.key == key]:
            raise InvalidValueError(
                f"step must be one at which there is a table {key!r}, one of {shown(steps)}, but got {step}"
            )
        keys = shown(sorted({record.key for record in self.values(TABLE)}))
        raise InvalidValueError(f"key must be that of a table, one of {keys}, but got {shown(key)}")

    def read_table(self, record: TableRecord) -> LoggedTable:
        """Return the table that a record of `values` is of, to read its rows."""
        return LoggedTable(
            record,
            lambda first, stop: self._read(partial(read_table_rows, table=record, first=first, stop=stop)),
        )

    def latest_values(self, kind: RowKind[Any, T]) -> tuple[T, ...]:
        """Return, of one of `runlog.ROW_KINDS`, the value of each key at its highest step, by key."""
        return self._read(partial(queries.read_latest_rows, kind=kind))

    def values(self, kind: RowKind[Any, T], steps: Steps | None = None) -> tuple[T, ...]:
        """Return the values of one of `runlog.ROW_KINDS` at a step, at several, or at all, by step and key.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of the steps can be none.
        """
        if steps is None:
            return self._read(partial(queries.read_all_rows, kind=kind))
        return self._read(partial(queries.read_rows, kind=kind, steps=_check_steps(steps)))

    def system_numbers(self, since: datetime | None = None) -> tuple[SystemSeries, ...]:
        """Return the numbers of the machine over time by key, where ``init(system=True)`` asked for them.

        Parameters
        ----------
        since
            Only what was measured after this time; it has an offset from UTC.
        """
        after = "" if since is None else since.astimezone(UTC).isoformat()
        return self._read(partial(queries.read_system_numbers, since=after))

    def console(self, last: int | None = None) -> str:
        """Return what the script printed, where ``init(console=True)`` kept it, else nothing.

        Parameters
        ----------
        last
            At most so many bytes of its end, in whole lines; by default all.

        Raises
        ------
        StorageError
            If it cannot be read.
        """
        try:
            with self._files.open(CONSOLE) as file:
                size = file.seek(0, os.SEEK_END)
                start = 0 if last is None else max(0, size - last)
                file.seek(start)
                content = file.read(size - start)
        except FileNotFoundError:
            return ""
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(
                f"{self.folder / CONSOLE} must be a readable file, but: {error.strerror or error}"
            ) from None
        whole = content if start == 0 else content.partition(b"\n")[2]
        return whole.decode("utf-8", "replace")

    def metrics(self) -> tuple[Metric, ...]:
        """Return what `define_metric` said, the oldest first; the last one that matches a key counts."""
        return self._read(queries.read_metrics)

    def evaluations(self) -> tuple[Evaluation, ...]:
        """Return how predictions are judged, the oldest first; the last one that matches a key counts."""
        return tuple(self._read(read_evaluations).values())

    def evaluate(
        self,
        name: str = "*",
        truth: str = "truth",
        predictions: str = "predictions",
        iou: float = 0.5,
        score: str | None = None,
        min_score: float = 0.5,
        *,
        use_classes: bool = True,
        by_class: bool = False,
        ignore_ids: Iterable[int] = (),
        steps: Steps | None = None,
    ) -> Iterator[GalleryEvaluation]:
        """Judge the images of a run, whatever was said of them before; nothing is written.

        Parameters
        ----------
        name, truth, predictions, iou, score, min_score, use_classes, by_class, ignore_ids
            As in `LocalRun.define_evaluation`; by default of every key.
        steps
            A step, or any iterable of steps; by default all.

        Yields
        ------
        GalleryEvaluation
            Of each list of images that has something to judge, by step and key: `numbers`, `by_class`, and
            `images` with a verdict for each box.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If an argument is none of these, or boxes have several scores of which none is said to rank them.
        StorageError
            If the file of a mask cannot be read.
        """
        from runlog.evaluation.definition import read_evaluation
        from runlog.reading.evaluating import evaluate_records, galleries_of

        evaluation = read_evaluation(
            name, truth, predictions, iou, score, min_score, use_classes, by_class, ignore_ids
        )
        chosen = self._read(queries.read_steps_with_images) if steps is None else _check_steps(steps)
        return (
            found
            for step in chosen
            for _, images in galleries_of(self.images(step), [evaluation])
            if (found := evaluate_records(images, evaluation, self.class_ids)).image_count
        )

    def media(self) -> tuple[MediaRecord, ...]:
        """Return every media file that the run folder should hold, in the order they were added."""
        return self._read(queries.read_media)

    def files(self) -> tuple[FileRecord, ...]:
        """Return the files that were logged, by step and key, then those of the run as a whole, by path."""
        return self._read(queries.read_files)

    def run_files(self, most: int | None = None) -> tuple[FileRecord, ...]:
        """Return the files of the run as a whole, by path; with `most`, no more than the first so many."""
        return self._read(partial(queries.read_run_files, most=most))

    def frame(self, rows: FrameRows = "scalars", keys: Keys | None = None) -> DataFrame:
        """Return what was logged as a pandas data frame, where pandas is installed.

        Parameters
        ----------
        rows
            ``scalars``: a row a step, a column a key; NaN where a key has no number. ``texts``: a row a text,
            by step, key and index. ``histograms``: a row a histogram, with arrays of its edges and counts.
            ``files``: a row a file that was logged. ``tables``: a row a table at a step; `table` has what is
            in one. ``images``: a row an image, as in the view ``image_log``, with a column ``fields.NAME``
            for each field, those of its evaluation among them. ``boxes``: a row a box in pixels, as in the
            view ``labelled_boxes``, with a column ``scores.NAME`` for each score. ``judged_boxes``: a row a
            box with its verdict, as in the view of that name.
        keys
            One key or several; ``*`` and ``?`` stand for any characters, or any one. By default all.

        Raises
        ------
        MissingPackageError
            If pandas is not installed; it is an `ImportError`.
        InvalidTypeError, InvalidValueError
            If `rows` is none of these, or `keys` are no strings.
        """
        from runlog.reading.frames import row_frame, scalar_frame

        chosen = check_keys(keys)
        if rows == "scalars":
            return scalar_frame(self._scalars(chosen))
        return row_frame(*self._frame_rows(rows, chosen))

    def _scalars(self, keys: Sequence[str] | None) -> tuple[ScalarSeries, ...]:
        return self._read(partial(queries.read_scalars, since_revision=-1, keys=keys))

    def _frame_rows(
        self, rows: FrameRows, keys: Sequence[str] | None
    ) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """Return the columns and rows of a frame, but for that of scalars."""
        one_of("rows", rows, get_args(FrameRows))
        for kind in ROW_KINDS:
            if rows == kind.table:
                records = self._read(partial(queries.read_all_rows, kind=kind, keys=keys))
                return ("step", "key", *kind.fields), list(map(kind.row, records))
        if rows == "images":
            (columns, found), fields = self._read(
                lambda db: (queries.read_view(db, "image_log", keys), image_queries.read_all_fields(db))
            )
            at = columns.index("image_id")
            return (*columns, "fields"), [(*row, fields.get(row[at], {})) for row in found]
        return self._read(partial(queries.read_view, view=_VIEWS[rows], keys=keys))

    # Pixels

    def image(self, image: ImageRecord) -> Image:
        """Return an image as an `Image` again, overlays included: to show in a notebook, or to log elsewhere.

        Its pixels are those stored; what was done to them before is only in the record's `conversion`.

        Raises
        ------
        InvalidTypeError
            If `image` is none of those that `images` returns.
        StorageError
            If a media file is missing or is no whole picture.
        """
        _check_image(image)
        return Image(
            self.open_image(image),
            caption=image.caption,
            grouping=image.grouping,
            id=image.id,
            fields=image.fields,
            **overlays(self, image),
        )

    def open_image(self, image: ImageRecord) -> PILImage.Image:
        """Return the stored picture of an image, upright; of an animation its first frame.

        Raises
        ------
        InvalidTypeError
            If `image` is none of those that `images` returns.
        StorageError
            If its media file is missing or is no whole picture.
        """
        _check_image(image)
        return self._decode(image.media, _place(image)).upright()

    def pixels(self, image: ImageRecord) -> PixelArray:
        """Return the pixels of an image, upright.

        Returns
        -------
        numpy.ndarray
            uint8 of shape (height, width) for grey, or (height, width, channels): 2 for grey and alpha, 3 for
            RGB, 4 for RGBA. What files and PIL images have beside these is converted to one of them, but for
            16-bit grey, which is uint16.

        Raises
        ------
        InvalidTypeError
            If `image` is none of those that `images` returns.
        StorageError
            If its media file is missing or is no whole picture.
        """
        picture = self.open_image(image)
        if picture.mode.startswith("I"):
            return _sixteen_bits(picture)
        if picture.mode not in _ARRAY_MODES:
            picture = picture.convert(_array_mode(picture))
        return np.array(picture)

    def class_ids(self, image: ImageRecord, layer: str) -> PixelArray:
        """Return the mask of one layer on an image, exactly as it was logged.

        Returns
        -------
        numpy.ndarray
            The class id of each pixel of the mask, whose size may differ from the image's: uint8 of shape
            (height, width), or uint16 where a class id is past 255.

        Raises
        ------
        InvalidTypeError
            If `image` is none of those that `images` returns.
        InvalidValueError
            If the image has no mask of that layer.
        StorageError
            If its media file is missing or is no whole label image.
        """
        _check_image(image)
        media, where = _mask_layer(image, layer).media, f"{_place(image)}, layer {layer!r}"
        picture = self._decode(media, where).image
        if picture.mode.startswith("I"):
            return _sixteen_bits(picture)
        if picture.mode != "L":
            raise StorageError(
                f"{media.path} ({where}) must be a grey label image, but has mode {picture.mode}"
            )
        return np.array(picture)

    def __repr__(self) -> str:
        return f"RunReader({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the run, its last numbers, its last images with their overlays."""
        from runlog.reading.run_html import MAX_RUN_IMAGES, LastGallery, run_html

        steps = self.steps()
        last = next((step.step for step in reversed(steps) if step.image_count), None)
        records = [] if last is None else self.images([last])
        shown = [self.image(record) for record in records[:MAX_RUN_IMAGES]]
        gallery = None if last is None else LastGallery(last, records, shown)
        return run_html(self.run(), steps, self.latest_texts(), gallery)

    def _decode(self, media: MediaRecord, where: str) -> PictureFile:
        # Never what its row says: whoever reads decides how much memory a picture may take.
        limit = Image.MAX_PIXELS
        place = f"{media.path} ({where})"
        try:
            with self._files.open(media.path) as file:
                return read_picture(file, place, limit, is_media=True)
        except InvalidValueError as error:
            raise StorageError(str(error)) from None
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{place} must be a readable file, but: {error.strerror or error}") from None

    def _read(self, query: Callable[[Connection], T]) -> T:
        with read_errors(self._path):
            renew_patience(self._db, self._path)
            with nullcontext() if self._db.in_transaction else transaction(self._db):
                return query(self._db)


def _check_steps(steps: Steps) -> tuple[int, ...]:
    """Return steps, ascending and each once; one alone stands for itself."""
    try:
        several = None if isinstance(steps, (str, bytes)) else iter(steps)  # type: ignore[arg-type]
    except TypeError:  # such as an array of no dimension, which looks iterable
        several = None
    return tuple(sorted({check_step(step) for step in (several or [steps])}))


def check_keys(keys: Keys | None) -> tuple[str, ...] | None:
    """Return keys, of which there may be one or several; None stands for all.

    Raises
    ------
    InvalidTypeError
        If they are no strings.
    """
    if keys is None:
        return None
    several = (keys,) if isinstance(keys, str) else tuple(keys)
    if not all(isinstance(key, str) for key in several):
        raise InvalidTypeError(f"keys must be a string or several, but got {shown(keys)}")
    return several


def _check_revision(revision: object) -> int:
    if (number := integer(revision)) is None:
        raise InvalidTypeError(f"since_revision must be an integer, but got {shown(revision)}")
    return number


def overlays(reader: RunReader, image: ImageRecord) -> dict[str, Any]:
    """Return what lies on an image, as arguments of `Image`.

    Raises
    ------
    StorageError
        If the media file of a mask is missing or is no whole picture.
    """
    class_ids = partial(reader.class_ids, image)
    return {
        kind.name: {layer.name: kind.to_argument(layer, class_ids) for layer in getattr(image, kind.name)}
        for kind in LAYER_KINDS
    }


def _check_image(image: object) -> None:
    if not isinstance(image, ImageRecord):
        raise InvalidTypeError(f"image must be an ImageRecord, as from images(), but got {shown(image)}")


def _place(image: ImageRecord) -> str:
    return f"{image.key!r}[{image.index}] at step {image.step}"


def _array_mode(picture: PILImage.Image) -> str:
    if picture.mode == "1":
        return "L"
    return "RGBA" if picture.has_transparency_data else "RGB"


def _sixteen_bits(picture: PILImage.Image) -> NDArray[np.uint16]:
    # Pillow holds 16 bits of grey in modes of its own, in some versions in 32 bits.
    return np.array(picture).astype(np.uint16)


def _mask_layer(image: ImageRecord, layer: str) -> MaskLayerRecord:
    for mask in image.masks:
        if mask.name == layer:
            return mask
    names = [mask.name for mask in image.masks]
    raise InvalidValueError(
        f"layer must be one of the masks on {_place(image)}, {names}, but got {shown(layer)}"
    )


def open_run(run_folder: str | os.PathLike[str]) -> RunReader:
    """Open a run folder for reading; see `RunReader`."""
    return RunReader(run_folder)

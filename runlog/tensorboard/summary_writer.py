"""`SummaryWriter`: the methods of TensorBoard's writer, on a run."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import runlog
from runlog.errors import InvalidTypeError, InvalidValueError, shown, warn
from runlog.files.paths import absolute_path
from runlog.images.checks import check_number, python_number
from runlog.images.image import Image
from runlog.storage.layout import check_key, check_step, has_database
from runlog.tensorboard.arrays import boxes_of, precision_recall, read_picture, read_pictures, read_videos
from runlog.values.histogram import Histogram, from_buckets
from runlog.values.table import Table
from runlog.values.video import Video
from runlog.writing.local_run import LocalRun

# By the log_dir of each writer of a run, what stands before its keys.
_prefixes: weakref.WeakKeyDictionary[LocalRun, dict[str, str]] = weakref.WeakKeyDictionary()
_started_here: weakref.WeakSet[LocalRun] = weakref.WeakSet()


class SummaryWriter:
    """What TensorBoard's ``SummaryWriter`` does, into a run: its tags are keys, its steps are steps.

    It writes to the run that `runlog.init` started last. Without one, it starts a run whose folder is
    `log_dir`, and `close` ends it; a `log_dir` that holds a run already is gone on with. A second writer of
    the same run, with another `log_dir`, has the name of that folder before its keys (``val/loss``), and as
    much of its path as tells it from a third, since TensorBoard keeps them apart.

    Parameters
    ----------
    log_dir
        The run folder, where no run is current; by default a new one, as `runlog.init` makes it.
    comment
        Becomes the name of a run that is started without a `log_dir`.
    purge_step
        What a run that is gone on with holds from this step on is removed.
    max_queue, flush_secs, filename_suffix
        Accepted, and of no use here: what is logged is written at once.

    Attributes
    ----------
    run
        The `runlog.LocalRun` that is written to.
    log_dir
        Its folder.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        From every method, for what `LocalRun.log` refuses.

    Examples
    --------
    >>> writer = SummaryWriter("runs/resnet")
    >>> writer.add_scalar("loss/train", 0.5, global_step=3)
    >>> writer.close()
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        named = None if log_dir is None else absolute_path(log_dir)
        purge = None if purge_step is None else check_step(purge_step)
        current = runlog.run
        self._owns = current is None or (current in _started_here and not _is_folder_of(current, named))
        self.run: LocalRun = _start(named, comment, purge) if current is None or self._owns else current
        if self._owns:
            _started_here.add(self.run)
        elif purge_step is not None:
            warn("purge_step= removes nothing of a run that is going on; runlog.init(resume_step=…) does")
        self._prefix = _prefix(self.run, named)
        self._said: set[str] = set()

    @property
    def log_dir(self) -> str:
        """The run folder."""
        return str(self.run.folder)

    def get_logdir(self) -> str:
        """Return the run folder."""
        return self.log_dir

    # Numbers

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """Log a number. Times are those of the calls, and numbers are kept as float64, whatever is asked."""
        check_number(scalar_value, "add_scalar", tag)
        self._log({tag: scalar_value}, global_step)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log numbers that belong together, under ``main_tag/name``."""
        numbers = _numbers_of(tag_scalar_dict, "tag_scalar_dict")
        self._log({f"{main_tag}/{name}": value for name, value in numbers.items()}, global_step)

    def add_hparams(
        self,
        hparam_dict: Mapping[str, Any],
        metric_dict: Mapping[str, Any],
        hparam_domain_discrete: Mapping[str, Sequence[Any]] | None = None,
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Add hyperparameters to the config of the run, and log its metrics."""
        metrics = _numbers_of(metric_dict, "metric_dict")
        self.run.config.update(hparam_dict)
        self._log(metrics, global_step)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: str | int = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Log a histogram, of `bins` bins of equal width if that is a number, else of 64."""
        wanted = bins if isinstance(bins, int) else Histogram.DEFAULT_BINS
        most = Histogram.MAX_BINS if max_bins is None else check_number(max_bins, "add_histogram", "max_bins")
        self._log({tag: Histogram(values, num_bins=max(1, int(min(wanted, most))))}, global_step)

    def add_histogram_raw(
        self,
        tag: str,
        min: float,
        max: float,
        num: float,
        sum: float,
        sum_squares: float,
        bucket_limits: Sequence[float],
        bucket_counts: Sequence[float],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log a histogram of buckets, each given by its right edge; `num` and the sums are not kept."""
        self._log({tag: from_buckets(min, max, bucket_limits, bucket_counts)}, global_step)

    # Pictures

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture: floats from 0 to 1, other values from 0 to 255, clipped as TensorBoard does."""
        self._log({tag: read_picture(img_tensor, dataformats)}, global_step)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Log a batch of pictures, as a list of images and not as one sheet."""
        self._log({tag: read_pictures(img_tensor, dataformats)}, global_step)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: Any,
        box_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: Sequence[str] | None = None,
    ) -> None:
        """Log a picture with boxes: N×4 corners x0, y0, x1, y1 in pixels. They are an overlay, not drawn in.

        The picture is kept in its own size; `rescale` holds for boxes that are given in a smaller one.
        """
        boxes = boxes_of(box_tensor, rescale, labels)
        self._log({tag: read_picture(img_tensor, dataformats, boxes)}, global_step)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """Log a figure of matplotlib, or a list of them; they are closed then, unless told otherwise."""
        figures = list(figure) if isinstance(figure, (list, tuple)) else [figure]
        self._log({tag: [Image(one) for one in figures]}, global_step)
        if close and (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
            for one in figures:
                pyplot.close(one)

    def add_video(
        self,
        tag: str,
        vid_tensor: Any,
        global_step: int | None = None,
        fps: float = 4,
        walltime: float | None = None,
    ) -> None:
        """Log videos, N×T×C×H×W, floats or bytes as in `add_image`: each is an animated picture."""
        videos = [Video(frames, fps=fps) for frames in read_videos(vid_tensor)]
        self._log({tag: videos}, global_step)

    # The rest

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Log precision and recall at thresholds from 0 to 1, as a table."""
        columns, rows = precision_recall(labels, predictions, weights, num_thresholds)
        self._log({tag: Table(columns, rows)}, global_step)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text; of anything else, what it reads as."""
        self._log({tag: text_string if isinstance(text_string, str) else str(text_string)}, global_step)

    def flush(self) -> None:
        """Bring all to the disk, as `LocalRun.flush` does."""
        self.run.flush()

    def close(self) -> None:
        """End the run if it was started here; else bring all to the disk."""
        if self._owns:
            self.run.finish()
        elif runlog.run is self.run:
            self.run.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owns and kind is not None:
            self.run.finish("failed")
        else:
            self.close()

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Take what TensorBoard's writer has besides, and say once that it is not kept."""
        if name not in _NOT_KEPT:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def take_nothing(*args: Any, **options: Any) -> None:
            if name not in self._said:
                self._said.add(name)
                warn(f"{name}() of SummaryWriter keeps nothing in a run folder: {_NOT_KEPT[name]}")

        return take_nothing

    def _log(self, data: Mapping[str, Any], step: int | None) -> None:
        values = {f"{self._prefix}{check_key(tag)}": value for tag, value in data.items()}
        number = python_number(step)
        # As in TensorBoard, 3.0 is a step, and no step is no reason to go on to the next.
        whole = int(number) if isinstance(number, float) and number.is_integer() else step
        self.run.log(values, step=whole, commit=False)


# What else there is, and what to do instead.
_NOT_KEPT = {
    "add_graph": "a graph is no value; save_file() of the run keeps a file of it",
    "add_onnx_graph": "save_file() of the run keeps the file",
    "add_embedding": "log a picture of the projection",
    "add_mesh": "save_file() of the run keeps a file of it",
    "add_audio": "save_file() of the run keeps a file of it",
    "add_custom_scalars": "charts are chosen in the page",
    "add_custom_scalars_marginchart": "charts are chosen in the page",
    "add_custom_scalars_multilinechart": "charts are chosen in the page",
    "add_tensor": "log a number of it, or a histogram",
}


def _prefix(run: LocalRun, log_dir: Path | None) -> str:
    """Return what stands before the keys of a writer: nothing for the first, and those without a log_dir."""
    known = _prefixes.setdefault(run, {})
    if not known or log_dir is None:
        return known.setdefault(str(log_dir), "")
    names = log_dir.parts[1:]
    apart = ("/".join((*names[-count:], "")) for count in range(1, len(names) + 1))
    return known.setdefault(str(log_dir), next((one for one in apart if one not in known.values()), ""))


def _numbers_of(values: object, where: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of name to number, but got {shown(values)}")
    for name, value in values.items():
        check_number(value, where, name)
    return values


def _is_folder_of(run: LocalRun, log_dir: Path | None) -> bool:
    return log_dir is None or run.folder.resolve() == log_dir.resolve()


def _start(log_dir: Path | None, comment: str, purge_step: int | None) -> LocalRun:
    if log_dir is None:
        return runlog.init(name=comment.strip("_- ") or None)
    if not log_dir.name:
        raise InvalidValueError(f"log_dir must name a folder, but got {str(log_dir)!r}")
    if not has_database(log_dir):
        return runlog.init(dir=log_dir.parent, id=log_dir.name)
    if purge_step is not None and purge_step < 1:
        warn(f"purge_step=0 would leave nothing of {log_dir}, and removes nothing; take another log_dir")
    keeps = None if purge_step is None or purge_step < 1 else purge_step - 1
    return runlog.init(dir=log_dir.parent, id=log_dir.name, resume="must", resume_step=keeps)

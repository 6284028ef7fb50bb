"""`SummaryWriter`: the methods of TensorBoard's writer, on a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, shown, warn
from runlog.files.paths import absolute_path
from runlog.images.checks import check_number
from runlog.images.image import Image
from runlog.storage.layout import check_step
from runlog.tensorboard.arrays import boxes_of, precision_recall, read_picture, read_pictures, read_videos
from runlog.tensorboard.written_run import WrittenRun
from runlog.values.histogram import Histogram, from_buckets
from runlog.values.table import Table
from runlog.values.video import Video
from runlog.writing.given_steps import read_step
from runlog.writing.local_run import LocalRun


class SummaryWriter:
    """What TensorBoard's ``SummaryWriter`` does, into a run: its tags are keys, its steps are steps.

    It writes to the run that `runlog.init` started last. Without one, it starts a run whose folder is
    `log_dir`, and `close` ends it; a `log_dir` that holds a run already is gone on with, also by what is
    added after `close`. A second writer of the same run, with another `log_dir`, has the name of that folder
    before its keys (``val/loss``), and as much of its path as tells it from a third, since TensorBoard keeps
    them apart. Trouble with the disk is a warning, and training goes on.

    Steps are what ``int`` makes of them; one below 0 is 0, with a warning. What is added without a step goes
    to the current one, or to the next where its tag has a value there.

    Parameters
    ----------
    log_dir, logdir
        The run folder, where no run is current; by default a new one, as `runlog.init` makes it. A folder
        that another process writes to is left to it: a run beside it, of the same group, is taken.
    comment
        Becomes the name of a run that is started without a `log_dir`.
    purge_step
        What a run that is gone on with holds from this step on is removed.
    write_to_disk
        Whether anything is written at all.
    max_queue, flush_secs, filename_suffix, options
        Accepted, and of no use here: what is logged is written at once.

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
        write_to_disk: bool = True,
        *,
        logdir: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> None:
        named = log_dir if logdir is None else logdir
        self._written = WrittenRun(
            None if named is None else absolute_path(named),
            comment,
            None if purge_step is None else check_step(purge_step),
            writes=bool(write_to_disk),
        )
        self._said: set[str] = set()

    @property
    def run(self) -> LocalRun:
        """The run that is written to."""
        return self._written.run

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
        hparam_domain_discrete: Mapping[str, Sequence[Any]] | str | None = None,
        run_name: str | None = None,
        global_step: int | None = None,
        name: str | None = None,
    ) -> None:
        """Add hyperparameters to the config of the run, and log its metrics."""
        metrics = _numbers_of(metric_dict, "metric_dict")
        self._written.open().config.update(hparam_dict)
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
        given = integer(bins, may_be_bool=True)
        wanted = Histogram.DEFAULT_BINS if given is None else given
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
        self._written.flush()

    def close(self) -> None:
        """End the run if it was started here; else bring all to the disk. What is added later goes on."""
        self._written.close("finished")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._written.close("finished" if kind is None else "failed")

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Take what TensorBoard's writer has besides, and say once that it is not kept."""
        if name not in _NOT_KEPT:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def take_nothing(*args: Any, **options: Any) -> None:
            self._warn_once(f"{name}() of SummaryWriter keeps nothing in a run folder: {_NOT_KEPT[name]}")

        return take_nothing

    def _log(self, data: Mapping[str, Any], step: Any) -> None:
        number, surprise = read_step(step)
        if surprise is not None:
            self._warn_once(surprise)
        self._written.log(data, number)

    def _warn_once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            warn(message)


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
    "add_openvino_graph": "a graph is no value; save_file() of the run keeps a file of it",
    "export_scalars_to_json": "runlog.open() of the folder reads them, .frame() has all",
}


def _numbers_of(values: object, where: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of name to number, but got {shown(values)}")
    for name, value in values.items():
        check_number(value, where, name)
    return values

"""`LocalRun`: the run a script logs to."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from runlog.basics.environment import RECORDED, essential_environment
from runlog.basics.uninterrupted import uninterrupted
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, StorageError, shown, warn
from runlog.files.paths import absolute_path
from runlog.images.classes import check_run_classes
from runlog.images.masks import ImageMask
from runlog.storage.file_records import MediaRecord
from runlog.storage.kinds import FILE, TABLE, RowKind
from runlog.storage.layout import (
    DATABASE,
    FILES,
    MAX_STEP,
    check_key,
    check_step,
    run_file_path,
)
from runlog.storage.lock import RunLock
from runlog.storage.media_folder import MediaFolder
from runlog.storage.metrics import Goal, Metric, Summaries, SummaryRule, TotalsLeft
from runlog.storage.run_details import check_final_state
from runlog.storage.run_files import RunFiles
from runlog.storage.writes import LogEntry, Store, create_database
from runlog.values.file import open_source
from runlog.writing.background import Background
from runlog.writing.claiming import claim, remove_new_folder
from runlog.writing.described_run import DescribedRun
from runlog.writing.judging import judge
from runlog.writing.log_data import Values, read_values
from runlog.writing.mapping import json_values, update_held
from runlog.writing.settings import Settings
from runlog.writing.surprises import Surprises
from runlog.writing.watching import Watched, Watches

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.storage.judgements import JudgedGallery
    from runlog.storage.records import RunRecord
    from runlog.writing.console import Console

FinalState = Literal["finished", "failed"]
T = TypeVar("T")


class LocalRun(DescribedRun):
    """A run that is being written; `runlog.init` makes one.

    Parameters
    ----------
    settings
        What `init` was told.

    Attributes
    ----------
    id, project
        What the run is called. The id is also the name of its folder.
    name, group, notes, tags
        What else it is called; each may be set, and is stored at once.
    folder
        The run folder.
    config, summary
        Mappings with attribute access; each change is stored at once, and ``run.config = {…}`` replaces the
        configuration. The summary holds the last value of each scalar (or what `define_metric` asks for), but
        for keys the script sets itself.
    step
        The current step: where ``log(data)`` without a step goes.
    lost_calls
        With ``on_error="warn"``: how many calls could not be stored.
    is_finished
        Whether the run has ended. One that a script lets go of ends then, as finished.

    Notes
    -----
    When `log` returns, all of it is in the kernel's hands: a kill right after loses nothing. Against power
    loss, everything up to the last `flush` or `finish` is kept. Threads may log at once; a forked child may
    not.

    An interrupt (Ctrl-C, a signal handler that raises) leaves a call done or not done, and the run usable. A
    signal handler may log and finish itself, also where it interrupts such a call: that one is done first.
    """

    def __init__(self, settings: Settings) -> None:
        uninterrupted(partial(self._begin, settings))

    def _begin(self, settings: Settings) -> None:
        self._is_open = False
        self._background = Background(settings)
        self._hold(settings)
        self._on_error = settings.on_error
        self._clock = settings.clock
        self._mutex = threading.Lock()
        self._thread_inside: int | None = None
        self._pid = os.getpid()
        self._surprises = Surprises()
        self._watches = Watches()
        self._trouble_to_say: StorageError | None = None
        self._unkept_to_say: str | None = None
        self._finish_callbacks: list[Callable[[], object]] = []
        self._is_end_told = False
        self._console: Console | None = None
        self._summaries = Summaries()
        self._evaluations: tuple[Evaluation, ...] = ()
        self._set_by_script: set[str] = set()
        self._recorded: Mapping[str, Any] = essential_environment()
        self._noted: dict[str, Any] = {}
        with contextlib.ExitStack() as undo:
            if claim(settings):
                undo.callback(remove_new_folder, self.folder)
            self._lock = RunLock(self.folder)
            undo.callback(self._lock.release)
            is_new = not (self.folder / DATABASE).exists()
            if is_new:
                create_database(self.folder, **self._columns(settings))
            self._store = Store(self.folder, settings.clock, is_new=is_new)
            undo.callback(self._store.abandon)
            self._media = MediaFolder(self.folder, self._store, settings.encode_threads)
            self._files = RunFiles(self.folder, self._store)
            if is_new:
                # The first write syncs the head of the WAL, which no log() should wait for.
                self._store.update_run(state="running")
            elif (record := self._store.run()) is None:
                self._store.create_run(**self._columns(settings))
            else:
                self._resume(record, settings)
            if settings.console:
                from runlog.writing.console import Console

                self._console = Console(self.folder)
            undo.pop_all()
        self._is_open = True
        _open_runs.add(self)
        self._background.start(self._record_environment, self._add_system_numbers)

    def log(self, data: Mapping[str, Any], step: int | str | None = None, commit: bool | None = None) -> None:
        """Write values at a step: all of them, or none and an error.

        Parameters
        ----------
        data
            Key to value: an `Image`, a list of them (never cut; ``[]`` is an empty gallery), a PIL image or
            matplotlib figure, a number or bool of any kind, a string, a list of numbers, a `Table` (or a list
            of dicts, or a data frame), or a dict of these, whose keys are joined with ``.``. None is skipped.
            The same step and key again: the last one wins.
        step
            An integer ≥ 0, in any order. It becomes the current step. Without it, the current step is
            written to.
        commit
            Whether the current step moves on by one afterwards; by default only without `step`.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            For what cannot be logged, or if the run is finished; nothing is written.
        StorageError
            If the run folder cannot be written; nothing of this call is in it. With ``on_error="warn"`` this
            is a warning, said once.
        """
        watched = self._watches.counted()
        values = read_values({**watched, **data} if watched and isinstance(data, Mapping) else data)
        target = None if step is None else check_step(step)
        moves_on = step is None if commit is None else commit
        logged_at, judged = self._write(partial(self._log, values, target, moves_on))
        self._watches.forget(watched)
        for message in self._surprises.of_call(values, logged_at, self._evaluations, judged):
            warn(message)

    def watch(self, model: Any, log: Watched = "gradients", log_freq: int = 1000) -> None:
        """Log histograms of a torch model as it learns: with the next call of `log`, at its step.

        They are counted on the device of the model; what is not counted costs a call of Python for each
        parameter and pass. The keys are ``gradients/NAME`` and ``parameters/NAME``; of a second model that is
        watched ``gradients/1/NAME``, and so on.

        Parameters
        ----------
        model
            A torch module, or whatever has ``named_parameters()`` like one: those that require a gradient
            are watched. It may go before the run does.
        log
            ``gradients``, as they come out of a backward pass, ``parameters``, as they are then, or ``all``.
        log_freq
            Of how many backward passes one is counted; the first one is.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If an argument is none of these.
        """
        self._write(partial(self._watches.add, model, log, log_freq))

    def unwatch(self, model: Any = None) -> None:
        """Count a model no more that is watched; without one, none of them."""
        self._watches.remove(model)

    def define_metric(
        self,
        name: str,
        step_metric: str | None = None,
        summary: SummaryRule = "last",
        goal: Goal = "minimize",
    ) -> None:
        """Say how a scalar is summed up, and against what it is drawn.

        Parameters
        ----------
        name
            Key of the scalar, or a pattern with ``*`` and ``?``; the last definition that matches counts.
        step_metric
            Key of the scalar to use as its x axis; by default the step. At a step without a value of it, the
            latest one before counts.
        summary
            What the summary holds: the ``last``, ``min``, ``max``, ``mean`` or ``best`` of all values that
            the run holds; one that was replaced counts no more. NaN counts only as the last value.
        goal
            ``minimize`` or ``maximize``: what ``best`` means.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If an argument is none of these.
        """
        self._write(partial(self._define, Metric(name, step_metric, summary, goal)))

    def define_classes(self, classes: Mapping[int, Mapping[str, Any] | str]) -> None:
        """Say once for the run what its classes are called, and which colours they have.

        It holds for the images logged from here on, also by the run as it is resumed, until it is said again;
        labels and colours of an image or a layer go before it.

        Parameters
        ----------
        classes
            Class id to its name, or to ``{"name": …, "color": "#rrggbb"}``, each of which may be left out.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is anything else.
        """
        labels, colors = check_run_classes(classes)
        self._write(partial(self._define_classes, labels, colors))

    def note_environment(self, facts: Mapping[str, Any]) -> None:
        """Note of how the run was made what is not recorded by itself; the same name again replaces.

        Parameters
        ----------
        facts
            Name to a value that JSON can hold.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is anything else, or a name is one of those that are recorded.
        """
        noted = json_values(facts, "facts of the environment")
        if taken := RECORDED.intersection(noted):
            raise InvalidValueError(f"a fact must have a name of its own, but {min(taken)!r} is recorded")
        self._write(partial(self._note, noted))

    def define_evaluation(
        self,
        name: str,
        truth: str = "truth",
        predictions: str = "predictions",
        iou: float = 0.5,
        score: str | None = None,
        min_score: float = 0.5,
        *,
        use_classes: bool = True,
        by_class: bool = False,
        ignore_ids: Iterable[int] = (),
    ) -> None:
        """Say how predictions are judged by the truth, for the images logged from here on.

        Boxes are matched as COCO does it, and masks compared pixel by pixel. Each box gets a verdict, each
        image counts or shares, and each step numbers, logged as scalars beside the key: of boxes
        ``KEY/ap50``, ``/ap50_95``, ``/precision`` and ``/recall``; of masks ``/mean_iou`` and
        ``/pixel_accuracy``; and of how many images they are, ``/evaluated_images``. One that is not defined
        is not logged, and one that the script logs itself stays the script's. ``runlog evaluate`` judges what
        was logged before.

        Parameters
        ----------
        name
            Key of the images, or a pattern with ``*`` and ``?``; the last definition that matches counts.
        truth, predictions
            Names of the layers. An image is judged if it has truth; without predictions none were made, if
            other images of its list have some. Masks are compared where an image has both.
        iou
            Least intersection over union of a box and its partner, above 0 and at most 1, for verdicts,
            precision and recall.
        score
            Name of the score that ranks boxes; by default the only one, else ``confidence``, else ``score``.
            Boxes without any score count as 1.
        min_score
            Boxes that score less are neither true nor false positives.
        use_classes
            Whether a box is only matched with one of its class; those without a class are one class.
        by_class
            Whether numbers are logged for each class, too: ``KEY/ap50/CLASS``, and ``/iou/CLASS`` of masks.
        ignore_ids
            Class ids of a true mask at whose pixels nothing is judged, such as 255.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If an argument is none of these. Boxes that have several scores, of which none is said to rank
            them, are refused by `log`.
        """
        from runlog.evaluation.definition import read_evaluation

        evaluation = read_evaluation(
            check_key(name), truth, predictions, iou, score, min_score, use_classes, by_class, ignore_ids
        )
        self._write(partial(self._define_evaluation, evaluation))

    def flush(self) -> None:
        """Bring everything logged so far to the disk, power loss included: media first, then rows."""
        self._write(self._flush)

    def save_file(self, path: str | os.PathLike[str], name: str | None = None) -> Path:
        """Copy a file into the folder ``files`` of the run, in place of what has its name there.

        What a script writes into ``run.folder / "files"`` itself is kept as well: `flush` and `finish` take
        note of it. Hidden files, links and what is no plain file are left out.

        Parameters
        ----------
        path
            A file; it may be reached through links.
        name
            What it is called in the run, with ``/`` for folders; by default its own name. A name that another
            system cannot have gets one that it can.

        Returns
        -------
        Path
            The file in the run folder.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is no path, or the name is none of a file, or the run is finished.
        StorageError
            If there is no plain file at `path`; or if the run folder cannot be written, which is a warning
            with ``on_error="warn"``.
        """
        source, called = self._named_source(path, name)
        return self.folder / self._write(partial(self._save_file, source, called))

    def _named_source(self, path: str | os.PathLike[str], name: str | None) -> tuple[Path, str]:
        """Return an absolute path, and what the file is to be called: as in the folder, if it is there."""
        if not isinstance(path, (str, os.PathLike)):
            raise InvalidTypeError(f"path must be that of a file, but got {shown(path)}")
        source, folder = absolute_path(path), self.folder / FILES
        if name is None:
            name = source.relative_to(folder).as_posix() if source.is_relative_to(folder) else source.name
        run_file_path(name)
        return source, name

    def finish(self, state: FinalState = "finished") -> None:
        """End the run: sync it, leave one self-contained database, let go of the folder. Once is enough.

        Parameters
        ----------
        state
            ``finished`` or ``failed``.

        Raises
        ------
        InvalidValueError
            If `state` is neither; the run is as it was.
        """
        check_final_state(state)
        if os.getpid() != self._pid:
            return
        self._watches.remove()
        if self._console is not None:
            uninterrupted(self._console.close)
        # An event and a thread have locks of their own, which an interrupt at the wrong moment leaves held.
        uninterrupted(self._background.end)
        # The environment is gathered while the disk works. What goes wrong now does so again at the end.
        with contextlib.suppress(RunlogError):
            self._write(self._sync_files)
        uninterrupted(self._background.await_environment)
        try:
            uninterrupted(partial(self._end, state))
        finally:
            self._say_trouble()
            if not self._is_open:
                self._tell_end()

    def on_finish(self, callback: Callable[[], object]) -> None:
        """Call `callback` once the run has ended, however that went."""
        self._finish_callbacks.append(callback)

    def store_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int | str, index: int
    ) -> dict[str, dict[str, Any]]:
        """Put the media files of an image's masks in place, without a row, and say where they are.

        Returns
        -------
        dict
            Layer name to ``{"path": relative to the run folder, "sha256", "size": bytes, "class_labels"}``.
        """
        number = check_step(step)
        check_key(key)
        found = self._write(partial(self._add_masks, masks, key, number, index))
        return {
            layer: {
                "path": str(media.path),
                "sha256": media.sha256,
                "size": media.bytes,
                "class_labels": dict(masks[layer].class_labels),
            }
            for layer, media in found.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._console is not None:
            # Python says it once this is over.
            self._console.add_error(error)
        self.finish("finished" if kind is None else "failed")

    def __del__(self) -> None:
        # Of a run that was never made whole, not even this is there.
        if getattr(self, "_is_open", False) and not sys.is_finalizing():
            self._end_unwatched("finished")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the run, its last numbers, its last images with their overlays."""
        from runlog.reading.reader import RunReader
        from runlog.reading.run_html import error_html

        try:
            with RunReader(self.folder) as reader:
                return reader._repr_html_()
        except RunlogError as error:
            return error_html(error)

    # Beginning and end

    def _columns(self, settings: Settings) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "project": self.project,
            "group": self.group,
            "tags": self.tags,
            "notes": self.notes,
            "config": self._config,
            "environment": self._recorded,
            "state": "running",
            "created_at": settings.created_at.isoformat(),
        }

    def _resume(self, record: RunRecord, settings: Settings) -> None:
        """Go on where the run ended, in whatever state; what `init` was told again replaces what it was."""
        if record.id != self.id:
            raise InvalidValueError(f"{self.folder} must hold run {self.id}, but holds {record.id}")
        self._name = record.name if settings.name is None else settings.name
        self._project = record.project if settings.project is None else settings.project
        self._group = record.group if settings.group is None else settings.group
        self._tags = record.tags if settings.tags is None else settings.tags
        self._notes = record.notes if settings.notes is None else settings.notes
        self._config, self._summary = {**record.config, **settings.config}, dict(record.summary)
        self._recorded = {**record.environment, **self._recorded}
        self._noted = {name: fact for name, fact in record.environment.items() if name not in RECORDED}
        self._store.update_run(
            name=self.name,
            project=self.project,
            group=self.group,
            tags=self.tags,
            notes=self.notes,
            config=self._config,
            environment=self._recorded,
            state="running",
            finished_at=None,
        )
        if settings.resume_step is not None:
            self._go_back_to(settings.resume_step)
        self._summaries = self._store.summaries()
        self._evaluations = self._store.evaluations()
        last_step = self._store.last_step()
        self._step = 0 if last_step is None else last_step + 1
        self._set_by_script = self._store.set_summary_keys()

    def _go_back_to(self, step: int) -> None:
        """Remove what was logged after a step: rows in one transaction, then the files that none needs."""
        self._media.remove(self._store.rewind(step, self._store.summaries().of_totals))
        if (record := self._store.run()) is not None:
            self._summary = dict(record.summary)

    def _end_unwatched(self, state: FinalState) -> None:
        """End the run where no error would reach the script."""
        try:
            self.finish(state)
        except RunlogError as error:
            warn(f"{error}; run {self.id} could not be ended as it should")

    def _tell_end(self) -> None:
        if self._is_end_told:
            return
        self._is_end_told = True
        if self.lost_calls:
            warn(f"{self.lost_calls} calls of run {self.id} could not be stored")
        for callback in self._finish_callbacks:
            callback()

    def _end(self, state: FinalState) -> None:
        """Close everything, if the run is open."""
        with self._alone():
            if not self._is_open:
                return
            with self._disk_trouble():
                try:
                    # What takes long comes first, while the run is open: it may be given up.
                    self._sync_files()
                except StorageError:
                    self._close(state)
                    raise
                self._close(state)

    def _close(self, state: FinalState) -> None:
        self._is_open = False
        _open_runs.discard(self)
        try:
            self._store.update_run(state=state, finished_at=self._clock().isoformat())
            self._store.close()
        finally:
            with contextlib.suppress(OSError):
                self._lock.release()

    # Writing: a method that is given to `_write` is done whole, or not

    def _write(self, call: Callable[[], T]) -> T:
        """Do what changes the run, after all that is under way, and whatever signal handlers raise."""
        # Asked before the mutex: another thread may have held it when a child was forked.
        if os.getpid() != self._pid:
            raise InvalidValueError(
                f"a run may be written by the process that started it ({self._pid}), "
                f"but {os.getpid()} is its forked child; give each process its own run and one group="
            )
        result = uninterrupted(partial(self._while_open, call))
        self._say_trouble()
        return result

    def _while_open(self, call: Callable[[], T]) -> T:
        with self._alone():
            if not self._is_open:
                raise InvalidValueError(
                    f"run {self.id} must be open to be written, but it is finished; "
                    f"runlog.init(id={self.id!r}, resume='must') goes on with it"
                )
            return call()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if self._thread_inside == threading.get_ident():
            raise InvalidValueError(
                f"run {self.id} must not be written from inside of a call that writes it, but a finalizer "
                "(`__del__`) or the like does; log before, or after"
            )
        with self._mutex:
            self._thread_inside = threading.get_ident()
            try:
                yield
            finally:
                self._thread_inside = None

    @contextlib.contextmanager
    def _disk_trouble(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            if self._on_error == "raise":
                raise
            self._lost_calls += 1
            if self._lost_calls == 1:
                self._trouble_to_say = error

    def _say_trouble(self) -> None:
        """Warn of what `_disk_trouble` met, and of files that are not kept, in the caller's thread."""
        if (error := self._trouble_to_say) is not None:
            self._trouble_to_say = None
            warn(f"{error}; what cannot be stored is lost from here on (said once)")
        if (unkept := self._unkept_to_say) is not None:
            self._unkept_to_say = None
            warn(unkept)

    def _log(
        self, values: Values, step: int | None, moves_on: bool
    ) -> tuple[int, Mapping[str, JudgedGallery]]:
        """Return the step, and what is said of galleries that were judged."""
        if self.step > MAX_STEP and step is None:
            raise InvalidValueError(
                f"step must be given: the one after the last, {self.step}, is past the largest, 2**63 - 1"
            )
        target = self.step if step is None else step
        judged = judge(values.galleries, target, self._evaluations, self._store.run_labels)
        with self._disk_trouble():
            self._store_values(values, target, judged)
        self._step = target + 1 if moves_on else target
        return target, judged

    def _flush(self) -> None:
        with self._disk_trouble():
            self._sync_files()
            self._store.sync()

    def _sync_files(self) -> None:
        self._unkept_to_say = self._files.update() or self._unkept_to_say
        self._media.sync()
        self._files.sync()

    def _save_file(self, source: Path, name: str) -> PurePosixPath:
        with open_source(source) as file:
            with self._disk_trouble():
                return self._files.save(file, name)
            return self._files.place_of(name)

    def _define_classes(self, labels: Mapping[int, str], colors: Mapping[int, str]) -> None:
        with self._disk_trouble():
            self._store.define_classes(labels, colors)

    def _define_evaluation(self, evaluation: Evaluation) -> None:
        with self._disk_trouble():
            self._store.define_evaluation(evaluation)
            self._evaluations = (*self._evaluations, evaluation)

    def _define(self, metric: Metric) -> None:
        with self._disk_trouble():
            totals = self._store.totals()
            changed = {key: seen.summary(metric) for key, seen in metric.ruled(totals).items()}
            self._store.define_metric(metric, changed)
            self._summaries.define(metric, totals)
            self._refresh_summary(changed)

    def _note(self, facts: Mapping[str, Any]) -> None:
        self._noted.update(facts)
        self._record(self._recorded)

    def _record_environment(self, environment: Mapping[str, Any]) -> None:
        self._write(partial(self._record, environment))

    def _add_system_numbers(self, numbers: Mapping[str, float]) -> None:
        self._write(partial(self._store.add_system_numbers, numbers))

    def _record(self, environment: Mapping[str, Any]) -> None:
        """Store where the run is made, beside what was noted of it."""
        self._recorded = environment
        with self._disk_trouble():
            self._store.update_run(environment={**environment, **self._noted})

    def _add_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int, index: int
    ) -> dict[str, MediaRecord]:
        try:
            found = self._media.add_masks(masks, key, step, index)
        except BaseException:
            self._media.discard()
            raise
        self._media.settle()
        return found

    def _store_values(self, values: Values, step: int, judged: Mapping[str, JudgedGallery]) -> None:
        scalars = values.scalars
        if judged:
            names = {name for said in judged.values() for name in said.scalars}
            own = values.keys() | self._store.keys_of_script(step, names)
            judged = {key: said.without(own) for key, said in judged.items()}
            scalars = {
                **scalars,
                **dict(chain.from_iterable(said.scalars.items() for said in judged.values())),
            }
        change = self._summaries.after(scalars, step)
        try:
            if not (values.scalars or values.rows or values.galleries):
                return
            rows = self._stored_rows(values, step)
            galleries = {key: enumerate(images) for key, images in values.galleries.items()}
            cells = {
                key: [(row, image) for row, _, image in table.pictures()]
                for key, table in rows.get(TABLE, {}).items()
            }
            stored = self._media.add_images({**galleries, **cells}, step) if galleries or cells else {}
            entry = LogEntry(
                step,
                scalars,
                change.values,
                {key: stored[key] for key in galleries},
                rows,
                {key: stored[key] for key in cells},
                judged,
            )
            logged = self._store.log(entry, self._summaries)
        except BaseException:
            self._media.discard()
            self._files.discard()
            raise
        self._media.settle()
        self._files.settle()
        self._media.remove(logged.dropped)
        self._summaries.keep(change)
        self._refresh_summary(change.values)
        if logged.left:
            self._follow(logged.left)

    def _follow(self, left: TotalsLeft) -> None:
        """Let the summary hold what is left of scalars of which values were replaced or taken away."""
        self._summaries.replace(left)
        there = {key: self._summaries.of_totals(key, found[0]) for key, found in left.items() if found}
        self._refresh_summary(there)
        for key in left.keys() - there.keys() - self._set_by_script:
            self._summary.pop(key, None)

    def _stored_rows(self, values: Values, step: int) -> Mapping[RowKind[Any, Any], Mapping[str, Any]]:
        """Return the values of kinds that have rows: files in their place, a table with what is new in it."""
        rows = dict(values.rows)
        if TABLE in rows:
            rows[TABLE] = {key: self._store.table_state(key, table) for key, table in rows[TABLE].items()}
        if FILE in rows:
            rows[FILE] = self._files.add_logged(rows[FILE], step)
        return rows

    def _refresh_summary(self, values: Mapping[str, float]) -> None:
        kept = self._set_by_script
        self._summary.update({key: v for key, v in values.items() if key not in kept} if kept else values)

    def _set_details(self, **details: Any) -> None:
        self._write(partial(self._store_details, details))

    def _store_details(self, details: Mapping[str, Any]) -> None:
        with self._disk_trouble():
            self._store.update_run(**details)
        for name, value in details.items():
            setattr(self, f"_{name}", value)

    def _change_config(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        self._write(partial(self._store_config, values, gone))

    def _store_config(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        config = {key: value for key, value in {**self._config, **values}.items() if key not in gone}
        with self._disk_trouble():
            self._store.update_run(config=config)
        update_held(self._config, values, gone)

    def _change_summary(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        self._write(partial(self._store_summary, values, gone))

    def _store_summary(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        with self._disk_trouble():
            self._store.change_summary(values, gone)
        update_held(self._summary, values, gone)
        self._set_by_script.update(values)
        self._set_by_script.difference_update(gone)

    def _forget_in_child(self) -> None:
        self._lock.forget()


_open_runs: weakref.WeakSet[LocalRun] = weakref.WeakSet()
# A forked child must never close what it inherits: SQLite would tear down the parent's WAL.
_inherited: list[LocalRun] = []


def _after_fork_in_child() -> None:
    for run in list(_open_runs):
        run._forget_in_child()
        _inherited.append(run)
    _open_runs.clear()


def _finish_at_exit() -> None:
    # The interpreter remembers the exception that ends it.
    state: FinalState = "failed" if getattr(sys, "last_value", None) is not None else "finished"
    with contextlib.ExitStack() as ending:
        for run in list(_open_runs):
            ending.callback(run._end_unwatched, state)  # whatever becomes of the others


atexit.register(_finish_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)

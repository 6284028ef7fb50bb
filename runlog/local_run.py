"""`LocalRun`: the run a script logs to."""

from __future__ import annotations

import atexit
import contextlib
import os
import platform
import shlex
import socket
import sys
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from runlog.annotations import ImageMask
from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown, warn
from runlog.image import Image
from runlog.layout import check_key, check_run_id, new_run_id, runs_folder
from runlog.lock import RunLock
from runlog.mapping import RunMapping, json_values
from runlog.media import MediaFolder
from runlog.store import LogEntry, Store, StoredImage
from runlog.values import check_step, read_values

FinalState = Literal["finished", "failed"]


class LocalRun:
    """A run that is being written; `runlog.init` makes one.

    Attributes
    ----------
    id, name, project, group
        What the run is called. The id is also the name of its folder.
    folder
        The run folder.
    config, summary
        Mappings with attribute access; each change is stored at once. The summary holds the last value of
        each scalar, but for keys the script sets itself.
    step
        The current step: where ``log(data)`` without a step goes.

    Notes
    -----
    When `log` returns, all of it is in the kernel's hands: a kill right after loses nothing. Against power
    loss, everything up to the last `flush` or `finish` is kept. Threads may log at once; a forked child may
    not.
    """

    def __init__(
        self,
        project: str | None = None,
        *,
        name: str | None = None,
        id: str | None = None,
        dir: str | os.PathLike[str] | None = None,
        config: Any = None,
        tags: Sequence[str] = (),
        group: str | None = None,
        notes: str | None = None,
    ) -> None:
        created_at = datetime.now(UTC)
        for argument, text in {"project": project, "name": name, "group": group, "notes": notes}.items():
            if text is not None and not isinstance(text, str):
                raise InvalidTypeError(f"{argument} must be a string or None, but got {shown(text)}")
        if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
            raise InvalidTypeError(f"tags must be a list of strings, but got {shown(tags)}")
        self.id = new_run_id(created_at) if id is None else check_run_id(id)
        self.name = self.id if name is None else name
        self.project, self.group = project, group
        self.folder = _claim(runs_folder(dir) / self.id)
        self.step = 0
        self._mutex = threading.RLock()
        self._pid = os.getpid()
        self._is_open = True
        self._warned: set[tuple[str, str]] = set()
        self._lock = RunLock(self.folder)
        try:
            self._store = Store(self.folder)
            self._media = MediaFolder(self.folder, self._store)
            values = {} if config is None else json_values(config)
            self._store.create_run(
                id=self.id,
                name=self.name,
                project=project,
                group=group,
                tags=list(tags),
                notes=notes,
                config=values,
                environment=_environment(),
                state="running",
                created_at=created_at.isoformat(),
            )
        except BaseException:
            self._lock.release()
            raise
        self.config = RunMapping(values, self._config_changed)
        self.summary = RunMapping({}, self._summary_changed)
        self._set_by_script: set[str] = set()
        self._finish_callbacks: list[Callable[[], object]] = []
        _open_runs.add(self)

    def log(self, data: Mapping[str, Any], step: int | str | None = None, commit: bool | None = None) -> None:
        """Write values at a step: all of them, or none and an error.

        Parameters
        ----------
        data
            Key to value: an `Image`, a list of them (never cut; ``[]`` is an empty gallery), a PIL image or
            matplotlib figure, a number or bool of any kind, a string, a list of numbers, or a dict of these,
            whose keys are joined with ``.``. None is skipped. The same step and key again: the last one wins.
        step
            An integer ≥ 0, in any order. It becomes the current step. Without it, the current step is
            written to.
        commit
            Whether the current step moves on by one afterwards; by default only without `step`.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            For what cannot be logged; nothing is written.
        StorageError
            If the run folder cannot be written, or the run is finished; nothing of this call is in it.
        """
        values = read_values(data)
        target = None if step is None else check_step(step)
        with self._writing():
            target = self.step if target is None else target
            try:
                galleries = {
                    key: tuple(
                        self._store_image(image, key, target, index) for index, image in enumerate(images)
                    )
                    for key, images in values.galleries.items()
                }
                if values.scalars or values.texts or galleries:
                    dropped = self._store.log(LogEntry(target, values.scalars, values.texts, galleries))
                    self._media.settle()
                    self._media.remove(dropped)
            except BaseException:
                self._media.discard()
                raise
            self._take_over(values.scalars)
            moves_on = step is None if commit is None else commit
            self.step = target + 1 if moves_on else target
        self._warn_of(values.galleries)

    def flush(self) -> None:
        """Bring everything logged so far to the disk, power loss included: media first, then rows."""
        with self._writing():
            self._sync()

    def finish(self, state: FinalState = "finished") -> None:
        """End the run: sync it, leave one self-contained database, let go of the folder. Once is enough.

        Parameters
        ----------
        state
            ``finished`` or ``failed``.
        """
        if os.getpid() != self._pid:
            return
        with self._mutex:
            if not self._is_open:
                return
            self._is_open = False
            _open_runs.discard(self)
            try:
                self._store.update_run(state=state, finished_at=datetime.now(UTC).isoformat())
                self._sync()
                self._store.close()
            finally:
                with contextlib.suppress(OSError):
                    self._lock.release()
            for callback in self._finish_callbacks:
                callback()

    def on_finish(self, callback: Callable[[], object]) -> None:
        """Call `callback` once the run has ended in order."""
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
        with self._writing():
            found = {
                layer: (self._media.add_mask(mask, key, number, index, layer), mask.class_labels)
                for layer, mask in masks.items()
            }
            self._media.settle()
        return {
            layer: {
                "path": str(media.path),
                "sha256": media.sha256,
                "size": media.bytes,
                "class_labels": dict(labels),
            }
            for layer, (media, labels) in found.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish("finished" if kind is None else "failed")

    def __repr__(self) -> str:
        return f"LocalRun({str(self.folder)!r})"

    def _store_image(self, image: Image, key: str, step: int, index: int) -> StoredImage:
        media = self._media.add_image(image, key, step, index)
        masks = {
            layer: self._media.add_mask(mask, key, step, index, layer) for layer, mask in image.masks.items()
        }
        return StoredImage(image, media, masks)

    def _take_over(self, scalars: Mapping[str, float]) -> None:
        for key, value in scalars.items():
            if key not in self._set_by_script:
                self.summary.refresh(key, value)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        # Asked before the mutex: another thread may have held it when a child was forked.
        if os.getpid() != self._pid:
            raise StorageError(
                f"a run may be written by the process that started it ({self._pid}), "
                f"but {os.getpid()} is its forked child; give each process its own run and one group="
            )
        with self._mutex:
            if not self._is_open:
                raise StorageError(f"run {self.id} must be open to be written, but it is finished")
            yield

    def _sync(self) -> None:
        self._media.sync()
        self._store.sync()

    def _config_changed(self, keys: Collection[str]) -> None:
        with self._writing():
            self._store.update_run(config=dict(self.config))

    def _summary_changed(self, keys: Collection[str]) -> None:
        with self._writing():
            for key in keys:
                if key in self.summary:
                    self._store.set_summary(key, self.summary[key])
                    self._set_by_script.add(key)
                else:
                    self._store.delete_summary(key)
                    self._set_by_script.discard(key)

    def _warn_of(self, galleries: Mapping[str, tuple[Image, ...]]) -> None:
        for key, images in galleries.items():
            for index, image in enumerate(images):
                for topic, message in image.warnings.items():
                    if (key, topic) not in self._warned:
                        self._warned.add((key, topic))
                        warn(f"{key!r}[{index}]: {message} (said once for this key)")

    def _forget_in_child(self) -> None:
        self._lock.forget()


def _claim(folder: Path) -> Path:
    """Make the run folder; that nobody else can have made it is what makes the id unique."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except FileExistsError:
        raise InvalidValueError(
            f"id must be new in its runs folder, but {folder} exists; pass another id or none"
        ) from None
    except OSError as error:
        raise StorageError(f"a run folder must be made, but {folder}: {error.strerror}") from None
    return folder


def _environment() -> dict[str, Any]:
    return {
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "command": shlex.join(sys.argv),
        "runlog": _version(),
    }


def _version() -> str | None:
    try:
        return version("runlog")
    except PackageNotFoundError:  # imported from a source tree that is not installed
        return None


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
    for run in list(_open_runs):
        run.finish(state)


atexit.register(_finish_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)

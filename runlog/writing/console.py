"""What a script prints, kept in a file of its run as well.

The streams themselves stay what they are: a terminal, a file, what a notebook or a test has put there; only
their `write` is listened to. So progress bars find their terminal, and logging handlers that were made before
are heard as well. What another process, or C code, writes to the terminal is not.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runlog.errors import StorageError, warn
from runlog.files.safe_folder import SafeFolder, open_plain
from runlog.secrets.texts import without_known_secrets
from runlog.storage.layout import CONSOLE, FILES

MAX_BYTES = 64 << 20
# Colours, moves of the cursor, titles of windows.
_CONTROL = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")
_ENDED = "[what was printed from here on is not kept: there is too much of it]\n"


class Console:
    """Listens to stdout and stderr from construction to `close`.

    Parameters
    ----------
    run_folder
        The run folder, whose lock the caller holds.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """

    def __init__(self, run_folder: Path) -> None:
        self._path, self._pid = run_folder / CONSOLE, os.getpid()
        self._lock = threading.RLock()  # a signal handler may print while the script does
        self._trouble: OSError | None = None
        try:
            self._descriptor, self._bytes = _opened(run_folder)
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{self._path} must be writable, but: {error.strerror or error}") from None
        self._lines = {name: _Lines(self._keep) for name in ("stdout", "stderr")}
        self._release = [
            _listen(getattr(sys, name), self._heard(lines)) for name, lines in self._lines.items()
        ]

    def close(self) -> None:
        """Let go of the streams, and keep the line that is not finished; say so if anything was not kept."""
        for release in self._release:
            release()
        with self._lock:
            for lines in self._lines.values():
                lines.end()
            descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        if self._trouble is not None:
            reason = self._trouble.strerror or self._trouble
            warn(f"not all that was printed is in {self._path}: {reason}")

    def add_error(self, error: BaseException) -> None:
        """Keep the traceback of an error that ends the run before Python prints it."""
        with self._lock:
            self._lines["stderr"].add("".join(traceback.format_exception(error)))

    def _heard(self, lines: _Lines) -> Callable[[object], None]:
        def heard(text: object) -> None:
            # A forked worker has our streams, and its own parent writes the file.
            if isinstance(text, str) and os.getpid() == self._pid:
                with self._lock:
                    lines.add(text)

        return heard

    def _keep(self, line: str) -> None:
        if self._descriptor < 0 or self._trouble is not None or self._bytes > MAX_BYTES:
            return
        data = without_known_secrets(line).encode("utf-8", "backslashreplace")
        self._bytes += len(data)
        if self._bytes > MAX_BYTES:
            data = _ENDED.encode()
        try:
            os.write(self._descriptor, data)
        except OSError as error:
            # A print must not fail for it; said when the run ends.
            self._trouble = error


class _Lines:
    """The lines that are left on a terminal of what is written to it."""

    def __init__(self, keep: Callable[[str], None]) -> None:
        self._keep = keep
        self._line = ""

    def add(self, text: str) -> None:
        """Take what is written, and keep the lines that it finishes."""
        *finished, line = (self._line + text).split("\n")
        for one in finished:
            self._keep(f"{_left(one)}\n")
        # Of a progress bar, only its last state is held.
        self._line = line if line.count("\r") < 2 else line[line.rindex("\r", 0, line.rindex("\r")) :]

    def end(self) -> None:
        """Keep the line that is not finished."""
        if left := _left(self._line):
            self._keep(f"{left}\n")
        self._line = ""


def _left(line: str) -> str:
    """Return what a line shows in the end; one that returns to its beginning is drawn over."""
    parts = [part for part in _CONTROL.sub("", line).split("\r") if part]
    return parts[-1].rstrip() if parts else ""


def _listen(stream: Any, heard: Callable[[object], None]) -> Callable[[], None]:
    """Let what is written to a stream be heard, and return what ends that."""
    write = getattr(stream, "write", None)
    if write is None:  # as under pythonw, where there is no stdout
        return lambda: None
    before = vars(stream).get("write") if hasattr(stream, "__dict__") else None
    is_on = True

    def listened(text: Any, *rest: Any) -> Any:
        result = write(text, *rest)
        if is_on:
            heard(text)
        return result

    def release() -> None:
        nonlocal is_on
        is_on = False
        if vars(stream).get("write") is listened:  # else somebody else listens since, through us
            if before is None:
                del stream.write
            else:
                stream.write = before

    try:
        stream.write = listened
    except AttributeError:
        warn(f"what is written to {type(stream).__name__} cannot be kept with console=True")
        return lambda: None
    return release


def _opened(run_folder: Path) -> tuple[int, int]:
    """Open the file to go on with, and return its size."""
    folder = SafeFolder(run_folder)
    folder.make_folder(FILES)
    status = folder.status(CONSOLE)
    if status is not None and status.st_nlink > 1:
        # Its other name, as in a backup made of links, is that of a file which stays.
        folder.write(CONSOLE, folder.read(CONSOLE))
    path = run_folder / CONSOLE
    folder.refuse_strange(CONSOLE)
    descriptor = open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, path)
    return descriptor, os.fstat(descriptor).st_size

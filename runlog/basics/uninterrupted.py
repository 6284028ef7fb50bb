"""Calls that a signal handler cannot tear apart.

Python runs signal handlers in the main thread, between any two of its instructions, and what they raise
(Ctrl-C's `KeyboardInterrupt`, a scheduler's ``sys.exit``) comes out there. So what must be done whole is done
by a thread of its own, while the main thread waits. A handler may then even ask for such calls itself: they
are done after the one that it interrupted.
"""

from __future__ import annotations

import os
import sys
import threading
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_TURN_SECONDS = 0.1


class GivenUp(Exception):  # noqa: N818 - no error: nobody waits for the call any more
    """Raised inside of a call whose caller was interrupted; it is never seen outside."""


def uninterrupted(call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises; no signal handler interrupts it.

    What a handler raises meanwhile is raised once the call has ended, or was given up before it began; while
    that is awaited, a second interrupt is raised at once, and the call goes on to its end.

    Notes
    -----
    In another thread than the main one, where no handlers run, it is called there.
    """
    if get_ident() != threading.main_thread().ident or not _has_worker():
        return call()
    task = _Task(call)
    try:
        _tasks.put(task)
        task.wait()
    except BaseException:
        task.give_up()
        raise
    try:
        return task.result()
    finally:
        # An error holds this frame, which must not hold the error.
        del task


def give_up_check() -> Callable[[], None]:
    """Return what a long call asks between its parts, in any thread: it raises `GivenUp` if nobody waits."""
    task = _running.get(get_ident())
    return _go_on if task is None else task.check


def _go_on() -> None:
    """Raise nothing: the caller cannot be interrupted."""


class _Task(Generic[T]):
    """A call on its way through the worker."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        # Who gets it decides whether the call is done: the worker, or the caller that gives it up.
        self._decision = allocate_lock()
        self._end = allocate_lock()
        self._end.acquire()
        self._has_ended, self._is_awaited = False, True
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Make the call, in the worker."""
        if not self._decision.acquire(blocking=False):
            return
        try:
            self._value = self._call()
        except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
            self._error = error
        self._has_ended = True
        self._end.release()

    def wait(self) -> None:
        """Wait until the call has ended; after an interrupt, once more."""
        # A signal just before the lock is waited for wakes nobody: its handler runs between two turns.
        while not (self._has_ended or self._end.acquire(timeout=_TURN_SECONDS)):
            pass

    def give_up(self) -> None:
        """Keep the call from beginning or, if it has begun, wait until it has ended."""
        if not self._decision.acquire(blocking=False):
            self._is_awaited = False
            self.wait()

    def check(self) -> None:
        """Raise `GivenUp` if nobody waits for the call."""
        if not self._is_awaited:
            raise GivenUp

    def result(self) -> T:
        """Return or raise what the call did."""
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value


_tasks: SimpleQueue[_Task[Any]] = SimpleQueue()
_is_working = False
# By thread: what it is at.
_running: dict[int, _Task[Any]] = {}


def _has_worker() -> bool:
    """Return whether there is a worker; start it if need be."""
    global _is_working  # noqa: PLW0603 - one worker a process
    if sys.is_finalizing():
        return False
    if not _is_working:
        try:
            # Not by `threading.Thread`: locks within it stay held if an interrupt comes at the wrong moment.
            start_new_thread(_work, (_tasks,))
        except RuntimeError:
            # No thread starts once the interpreter exits, or where the system allows no more of them.
            return False
        _is_working = True
    return True


def _work(tasks: SimpleQueue[_Task[Any]]) -> None:
    while True:
        task = tasks.get()
        _running[get_ident()] = task
        task.run()
        del _running[get_ident()], task


def _forget_worker() -> None:
    global _tasks, _is_working
    # A forked child has these objects, but not the thread.
    _tasks, _is_working = SimpleQueue(), False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_worker)

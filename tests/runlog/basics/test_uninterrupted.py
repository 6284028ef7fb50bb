"""Calls that no signal handler interrupts: the result, the error, and who is let go when."""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from runlog.basics.uninterrupted import GivenUp, give_up_check, uninterrupted


class Stop(Exception):  # noqa: N818
    pass


@pytest.fixture
def _stopping() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGUSR1, stop)
    yield
    signal.signal(signal.SIGUSR1, before)


def interrupt(times: int = 1) -> None:
    for _ in range(times):
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.05)


def test_it_returns_what_the_call_returns_and_raises_what_it_raises() -> None:
    assert uninterrupted(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        uninterrupted(lambda: 1 // 0)
    assert uninterrupted(lambda: 6) == 6


@pytest.mark.usefixtures("_stopping")
def test_what_a_handler_raises_comes_out_once_the_call_has_ended() -> None:
    done = []

    def call() -> None:
        interrupt()
        done.append(1)

    with pytest.raises(Stop):
        uninterrupted(call)
    assert done == [1]


@pytest.mark.usefixtures("_stopping")
def test_a_signal_that_wakes_nobody_is_noticed_while_the_call_goes_on() -> None:
    given_up = []

    def call() -> None:
        check, deadline = give_up_check(), time.monotonic() + 30
        # As a signal between the last look for one and the wait for the lock: it is noted, and no more.
        _thread.interrupt_main(signal.SIGUSR1)
        try:
            while time.monotonic() < deadline:
                check()
                time.sleep(0.001)
        except GivenUp:
            given_up.append(1)

    with pytest.raises(Stop):
        uninterrupted(call)
    assert given_up == [1]


@pytest.mark.usefixtures("_stopping")
def test_a_second_interrupt_comes_out_at_once_and_the_call_goes_on() -> None:
    done, may_end = [], threading.Event()

    def call() -> None:
        interrupt(2)
        may_end.wait(10)
        done.append(1)

    with pytest.raises(Stop):
        uninterrupted(call)
    assert done == []
    may_end.set()
    # Calls are made in order.
    uninterrupted(lambda: done.append(2))
    assert done == [1, 2]


@pytest.mark.usefixtures("_stopping")
def test_a_long_call_can_ask_whether_it_is_given_up() -> None:
    rounds: list[int] = []

    def call() -> None:
        check = give_up_check()
        interrupt()
        for number in range(1000):
            check()
            rounds.append(number)

    with pytest.raises(Stop):
        uninterrupted(call)
    assert rounds == []
    give_up_check()()


def test_a_handler_may_make_such_a_call_itself_after_the_one_it_interrupts() -> None:
    order: list[str] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: uninterrupted(lambda: order.append("handler")))

    def call() -> None:
        interrupt()
        order.append("call")

    try:
        uninterrupted(call)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert order == ["call", "handler"]


def test_in_another_thread_and_inside_of_a_call_it_is_called_there() -> None:
    def nested() -> tuple[int, int]:
        return threading.get_ident(), uninterrupted(threading.get_ident)

    outer, inner = uninterrupted(nested)
    assert outer == inner != threading.get_ident()
    found: list[tuple[int, int]] = []
    thread = threading.Thread(target=lambda: found.append(nested()))
    thread.start()
    thread.join()
    assert found == [(thread.ident, thread.ident)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_calls_of_its_own(forked: Callable[[Callable[[], object]], int]) -> None:
    uninterrupted(lambda: None)
    assert forked(lambda: uninterrupted(lambda: 5) == 5) == 0


@pytest.fixture
def forked() -> Callable[[Callable[[], object]], int]:
    """Return a function that tells how a child ends: 0 where what it calls is true."""

    def fork(call: Callable[[], object]) -> int:
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            os._exit(0 if call() else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return fork


def test_giving_up_is_no_error_of_the_caller() -> None:
    assert not issubclass(GivenUp, (OSError, ValueError, TypeError))

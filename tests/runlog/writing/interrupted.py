"""A script that is interrupted all the time, and one whose signal handler logs, finishes and exits.

`test_interrupts.py` runs it in a process of its own, since handlers run in the main thread only.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

import numpy as np

import runlog

BOX = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}
# Calls that are of the run as a whole, and those at a step.
OF_RUN = ("config", "summary", "flush", "save")
CALLS = ("scalars", "image", "list", "masks", "again", "file", *OF_RUN)


class Stop(Exception):  # noqa: N818
    """What a handler of the script raises, of no kind that runlog knows."""


def pixels(number: int, side: int = 16) -> np.ndarray:
    """Return a picture that tells the number of its call, up to 65535."""
    array = np.full((side, side, 3), number % 200 + 20, np.uint8)
    array[0, 0] = number >> 8, number & 255, 7
    return array


def values(call: str, number: int) -> dict[str, object]:
    """Return what a call logs: each value of it tells the number of the call."""
    if call == "scalars":
        return {"a": number, "b": -number, "t": f"call {number}"}
    if call == "list":
        # Large enough to be encoded in several threads.
        pictures = [pixels(number, 160) for _ in range(4)]
        for index, picture in enumerate(pictures):
            picture[1, 1] = index
        return {"a": number, "k": [runlog.Image(picture) for picture in pictures]}
    if call == "file":
        return {"a": number, "f": [runlog.File(content(number), name=f"{n}.bin") for n in range(2)]}
    image = runlog.Image(
        pixels(number),
        caption=f"call {number}",
        boxes={"p": {"box_data": [BOX] * 3}},
        masks={} if call == "image" else {"m": {"mask_data": pixels(number)[:, :, 0].astype(int)}},
    )
    return {"a": number, "k": image, "other": image, "t": f"call {number}"}


def content(number: int) -> bytes:
    """Return a file that tells the number of its call, in so many parts that a copy takes several."""
    return f"{number} ".encode() * 300_000


class Interrupts:
    """Signals at random moments; each raises, but only within `attempt`."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.count = 0
        signal.signal(signal.SIGALRM, self._handle)

    def attempt(self, call: Callable[[], object], longest: float) -> bool:
        """Make a call; return False if it was interrupted."""
        # Some come in pairs, so that what follows an interrupt is interrupted, too.
        pause = 0.0002 if self._rng.random() < 0.3 else 0.0
        signal.setitimer(signal.ITIMER_REAL, self._rng.uniform(0.00001, longest), pause)
        try:
            self._inside(call)
        except (KeyboardInterrupt, SystemExit, Stop):
            return False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return True

    def _inside(self, call: Callable[[], object]) -> None:
        call()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        while frame is not None and frame.f_code is not self._inside.__code__:
            frame = frame.f_back
        if frame is not None:
            self.count += 1
            raise self._rng.choice((KeyboardInterrupt, SystemExit, Stop))


def one_call(run: runlog.LocalRun, call: str, number: int, step: int) -> Callable[[], object]:
    if call == "config":
        return lambda: run.config.update({"c": number, "d": -number})
    if call == "summary":
        return lambda: run.summary.update({"c": number, "d": -number})
    if call == "flush":
        return run.flush
    if call == "save":
        source = run.folder.with_name(f"source-{number}")
        # Not by a file object: Python complains of one that a signal came upon as it was made.
        descriptor = os.open(source, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.write(descriptor, content(number))
        os.close(descriptor)
        return lambda: run.save_file(source, "saved")
    data = values(call, number)
    return lambda: run.log(data, step=step)


def interrupted(folder: Path, seed: int, wanted: int) -> None:
    """Log under a hail of interrupts; print for each place the last call that was done, and those after."""
    rng = random.Random(seed)
    interrupts = Interrupts(rng)
    run = begin(folder, interrupts, rng.choice((1, 2)))
    stop = threading.Event()
    beside = threading.Thread(target=log_beside, args=(run, stop)) if rng.random() < 0.5 else None
    if beside is not None:
        beside.start()
    places: dict[str, list[tuple[int, str]]] = {}
    number = 0
    while interrupts.count < wanted:
        number += 1
        call = rng.choice(CALLS)
        step = rng.randrange(number) if call == "again" else number
        longest = 0.03 if call == "list" else rng.choice((0.0003, 0.002, 0.006))
        is_done = interrupts.attempt(one_call(run, call, number, step), longest)
        place = call if call in OF_RUN else f"step {step}"
        places[place] = [*([] if is_done else places.get(place, [(0, "nothing")])), (number, call)]
    stop.set()
    if beside is not None:
        beside.join()
    while not interrupts.attempt(run.finish, 0.05):
        pass
    say({"interrupts": interrupts.count, "calls": number, "places": places})


def begin(folder: Path, interrupts: Interrupts, threads: int) -> runlog.LocalRun:
    while True:
        interrupts.attempt(
            lambda: runlog.init(dir=folder, id="r", resume="allow", quiet=True, encode_threads=threads), 0.02
        )
        # An interrupted init was done, so that its run is the current one, or it was not.
        if (run := runlog.run) is not None:
            return run


def log_beside(run: runlog.LocalRun, stop: threading.Event) -> None:
    number = 0
    while not stop.wait(0.002):
        run.log({f"beside/{number % 3}": number}, step=10**6 + number)
        number += 1


def say(found: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def handled(folder: Path, seed: int, count: int) -> None:
    """Start scripts that a signal ends, one after the other; each is a fork, which imports nothing again."""
    rng = random.Random(seed)
    for number in range(count):
        reading, writing = os.pipe()
        call, threads = rng.choice(CALLS), rng.choice((1, 2))
        child = os.fork()
        if child == 0:
            script(folder, f"r{number}", writing, call, threads)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            pipe.read(1)
            time.sleep(rng.uniform(0, 0.04))
            os.kill(child, signal.SIGTERM)
            acknowledged = 1 + len(pipe.read())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        say({"run": f"r{number}", "status": status, "acknowledged": acknowledged})


def script(folder: Path, run_id: str, pipe: int, call: str, threads: int) -> NoReturn:
    """Log until SIGTERM comes; its handler logs, finishes and exits, wherever it lands."""
    status: object = "a traceback"
    try:
        run = runlog.init(dir=folder, id=run_id, quiet=True, encode_threads=threads, record_environment=False)

        def handle(number: int, frame: FrameType | None) -> None:
            run.log({"preempted": number})
            run.finish()
            sys.exit(7)

        signal.signal(signal.SIGTERM, handle)
        for number in range(60_000):
            run.log(values("masks", number), step=number)
            os.write(pipe, b".")
            one_call(run, call, number, 10**6 + number)()
    except SystemExit as ending:
        status = ending.code
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    warnings.simplefilter("error")
    # Calls that replace what others logged are meant here.
    warnings.simplefilter("ignore", runlog.RunlogWarning)
    what, where, *numbers = sys.argv[1:]
    {"interrupted": interrupted, "handled": handled}[what](Path(where), *map(int, numbers))

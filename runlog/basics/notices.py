"""What a script's user is told on stderr, where there is one."""

from __future__ import annotations

import contextlib
import sys


def notify(text: str) -> None:
    """Write a text to stderr; where that cannot be written, nobody is told, and nothing else happens.

    It is None under pythonw, and may be closed, full, or a pipe whose reader has gone.
    """
    stream = sys.stderr
    if stream is None:
        return
    with contextlib.suppress(Exception):
        stream.write(text)

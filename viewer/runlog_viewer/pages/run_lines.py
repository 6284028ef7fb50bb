"""The numbers of a run as lines of few points: the page of all runs draws hundreds over each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runlog_viewer.pages.values import RunLine

MAX_LINES = 12
MAX_POINTS = 64


def run_line(key: str, steps: Sequence[int], values: Sequence[float]) -> RunLine:
    """Return the line of a number, given by ascending step.

    Up to 64 values are kept as they are. Of more, all but the last are cut into 63 parts of nearly the same
    length: each is the mean of its finite values at its last step, NaN where there is none. The last value is
    itself, since it is what the table shows.
    """
    if len(steps) <= MAX_POINTS:
        return RunLine(key, tuple(steps), tuple(values))
    heights = np.asarray(values, dtype=np.float64)[:-1]
    starts = np.arange(MAX_POINTS - 1) * heights.size // (MAX_POINTS - 1)
    ends = np.append(starts[1:], heights.size)
    is_finite = np.isfinite(heights)
    counts = np.add.reduceat(is_finite, starts, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = np.repeat(ends - starts, ends - starts)
        # Divided before they are added: the sum of large floats may not be one.
        parts = np.add.reduceat(np.where(is_finite, heights / sizes, 0), starts)
        means = parts * ((ends - starts) / counts)
    return RunLine(key, (*(steps[end - 1] for end in ends), steps[-1]), (*means.tolist(), values[-1]))

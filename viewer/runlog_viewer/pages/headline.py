"""Which numbers of a run say its result, and whether less or more of each is better. Pure.

The order is what `define_metric` gave a summary of its own, then held-out data, then what is called like a
loss or an accuracy, then the rest; then numbers of one of many things, such as the classes of ``val/iou``;
what counts or times the training itself comes last. Among equals, keys of fewer parts are first, then those
called like a loss or an accuracy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Literal

import runlog
from runlog_viewer.pages import wording
from runlog_viewer.pages.values import Chart, HeadlineNumber

Aim = Literal["min", "max"]

Extremes = tuple[tuple[float, int], tuple[float, int]]
"""The lowest and the highest value of a number, each with the first step that has it."""

MOST = 6
"""Headline numbers on the page of a run."""

_HELD_OUT = re.compile(r"(?i:val|valid|validation|test|testing|eval|evaluation)(?![a-z])")
_LEAST_WORDS = """loss losses error errors err nll mse rmse mae mape perplexity ppl fid kid lpips wer cer eer
    brier ece bpc bpb regret"""
_MOST_WORDS = """acc accuracy top iou miou giou map ap ar auc auroc auprc f1 r2 dice precision recall
    sensitivity specificity psnr ssim bleu rouge meteor cider score reward return kappa mcc elo"""
_COURSE_WORDS = """epoch epochs step steps iteration iterations iter lr learning time seconds duration eta sys
    system gpu cpu memory ram grad norm samples evaluated tokens batch seed"""
_LEAST, _MOST, _COURSE = (frozenset(words.split()) for words in (_LEAST_WORDS, _MOST_WORDS, _COURSE_WORDS))
_WORD, _PART = re.compile(r"[^\W_]+"), re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_REST, _OF_ONE_OF_MANY, _OF_COURSE = 3, 4, 5
# What a key says is asked for many times in each pass.
_MOST_KEYS = 1 << 14
_DIGITS = "0123456789"


def aim(key: str, metrics: Sequence[runlog.Metric] = ()) -> Aim | None:
    """Return whether the least or the most of a number is best; None where neither is known.

    What `define_metric` said counts, and else the last word of the key that is known.
    """
    metric = _metric(key, metrics)
    if metric is not None and metric.summary in ("min", "max", "best"):
        wants_least = metric.summary == "min" or (metric.summary == "best" and metric.goal == "minimize")
        return "min" if wants_least else "max"
    return _named_aim(key)


def ranked(keys: Iterable[str], metrics: Sequence[runlog.Metric] = ()) -> tuple[str, ...]:
    """Return the keys of numbers in the order in which they say the result, whatever their own is."""
    return _ranked(sorted(set(keys)), metrics)


def _ranked(keys: Sequence[str], metrics: Sequence[runlog.Metric]) -> tuple[str, ...]:
    """Return keys in the order in which they say the result; equals stay in that in which they are given."""
    of_one = of_one_of_many(keys)

    def place(key: str) -> tuple[int, int, bool]:
        kind = _kind(key, metrics)
        if _REST >= kind > 0 and key in of_one:
            kind = _OF_ONE_OF_MANY
        return kind, key.count("/"), aim(key, metrics) is None

    return tuple(sorted(keys, key=place))


def strip(
    keys: Iterable[str],
    metrics: Sequence[runlog.Metric],
    chart: Callable[[str], Chart],
    extremes: Callable[[str], Extremes | None],
) -> tuple[HeadlineNumber, ...]:
    """Return the numbers at the head of the page of a run; those of its course if there are no others.

    Keys that say as much of the result as each other stand in the order in which they are given.
    """
    ordered = _ranked(tuple(keys), metrics)
    shown = [key for key in ordered if _kind(key, metrics) != _OF_COURSE] or ordered
    return tuple(_number(chart(key), aim(key, metrics), extremes(key)) for key in shown[:MOST])


def section(key: str) -> str:
    """Return what comes before the first ``/`` of a key; nothing if it has none."""
    return key.partition("/")[0] if "/" in key else ""


def in_sections(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of charts by section; losses are first in each.

    Sections called after the course of the training, such as ``grad_norm`` and ``sys``, stand after those of
    results, and keys without a section last. Else keys stay in the order in which they are given.
    """

    def place(key: str) -> tuple[bool, bool, str, bool]:
        name = section(key)
        return not name, _is_of_course(name), name, aim(key) != "min"

    return tuple(sorted(keys, key=place))


def is_held_out(key: str) -> bool:
    """Return whether a key begins with a word for data that is not trained on."""
    return _HELD_OUT.match(key) is not None


def of_one_of_many(keys: Iterable[str]) -> frozenset[str]:
    """Return the keys of numbers of one of many things, such as a class.

    Either ``val/ap50/cat`` is a part of ``val/ap50``, which is among `keys`, too; or ``val/iou`` has more
    numbers than there is room for at the head of a page.
    """
    there = set(keys)
    numbers_of = Counter(key.rpartition("/")[0] for key in there if key.count("/") > 1)
    return frozenset(
        key for key in there if (whole := key.rpartition("/")[0]) in there or numbers_of[whole] > MOST
    )


def _kind(key: str, metrics: Sequence[runlog.Metric]) -> int:
    metric = _metric(key, metrics)
    if metric is not None and metric.summary != "last":
        return 0
    if _is_of_course(key) or any(metric.step_metric == key for metric in metrics):
        return _OF_COURSE
    if is_held_out(key):
        return 1
    return 2 if aim(key, metrics) else _REST


def _number(chart: Chart, aim_: Aim | None, extremes: Extremes | None) -> HeadlineNumber:
    best, step = extremes[aim_ == "max"] if aim_ and extremes else (None, None)
    text = None if best is None else wording.number(best, 4)
    return HeadlineNumber(chart.key, chart.last, text, step, chart.line, chart.dots)


def _metric(key: str, metrics: Sequence[runlog.Metric]) -> runlog.Metric | None:
    """Return the metric that a key is ruled by: the last that matches."""
    return next((metric for metric in reversed(metrics) if metric.matches(key)), None)


@lru_cache(_MOST_KEYS)
def _named_aim(key: str) -> Aim | None:
    """Return whether the least or the most of a number is best, by its name alone."""
    if _is_of_course(key):
        return None
    known = next((word for word in _words(key) if word in _LEAST or word in _MOST), None)
    return None if known is None else "min" if known in _LEAST else "max"


@lru_cache(_MOST_KEYS)
def _is_of_course(key: str) -> bool:
    """Return whether the last part of a key, or the first, has a word for the course of the training."""
    first, *others = key.split("/")
    ends = {*_words(others[-1]), first.lower()} if others else set(_words(first))
    return not ends.isdisjoint(_COURSE)


def _words(text: str) -> list[str]:
    """Return the words of a name in lower case, those at the end first; ``valLoss`` has two of them."""
    found: list[str] = []
    for word in _WORD.findall(text):
        whole = word.lower()
        bare = whole.rstrip(_DIGITS)
        is_known = whole in _LEAST | _MOST or bare in _LEAST | _MOST
        parts = () if is_known else (part.lower() for part in _PART.findall(word))
        found += [*parts, bare, whole]
    return found[::-1]

"""What runlog promises about its speed, as ratios within one run of the benchmark."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

# Case, what is compared, with whom; the most it may be with the extra `fast` (isal) and without.
_BESIDE = (
    ("single 256²", "p50_ms", "pillow", 0.10, 0.18),
    ("single 256²", "total_s", "pillow", 0.08, 0.20),
    ("single 256²", "cpu_s", "pillow", 0.08, 0.20),
    ("list of 32×128²", "total_s", "pillow", 0.08, 0.20),
    ("single 1024²", "total_s", "pillow", 0.05, 0.15),
    ("float32 256²", "total_s", "pillow", 0.08, 0.20),
    ("512², 2×20 boxes, 2 masks", "total_s", "pillow", 0.09, 0.20),
    ("500 equal 256²", "total_s", "pillow", 0.05, 0.05),
    ("256² amid work", "p50_ms", "raw", 3.0, 4.0),
    ("32×128² amid work", "p50_ms", "raw", 1.0, 1.5),
    ("512², boxes, masks amid work", "p50_ms", "raw", 2.5, 2.5),
    # The same syncs, of smaller files.
    ("single 256²", "finish_ms", "raw", 1.2, 1.2),
)
_BYTES = 1.3
_PHOTO_BYTES = 1.12
_GROWTH = 1.2
_SCALARS = 3.0
_START = 1.6
_EXTRA_MEMORY_MB = 30.0


def verdicts(runs: Sequence[dict[str, Any]], *, with_fast: bool) -> list[dict[str, Any]]:
    """Return what was got beside each target, as the median, the least and the greatest of several runs."""
    found: dict[str, list[float]] = {}
    targets: dict[str, float] = {}
    for results in runs:
        for what, got, target in _compared(results, with_fast=with_fast):
            found.setdefault(what, []).append(got)
            targets[what] = target
    return [
        {
            "what": what,
            "got": statistics.median(got),
            "least": min(got),
            "greatest": max(got),
            "target": targets[what],
            "met": statistics.median(got) <= targets[what],
        }
        for what, got in found.items()
    ]


def _compared(results: dict[str, Any], *, with_fast: bool) -> Iterator[tuple[str, float, float]]:
    cases = results["cases"]
    for name, what, other, target_with, target_without in _BESIDE:
        if name in cases:
            yield (
                f"{name}: {what} / {other}",
                cases[name]["runlog"][what] / cases[name][other][what],
                target_with if with_fast else target_without,
            )
    if (equal := cases.get("500 equal 256²")) is not None:
        yield "500 equal 256²: media files", equal["runlog"]["picture_files"], 1
    for name, writers in cases.items():
        if name.startswith("tiny") and writers["runlog"]["growth"] is not None:
            yield f"{name}: growth / raw", writers["runlog"]["growth"] / writers["raw"]["growth"], _GROWTH
        if "raw rows" in writers:
            yield (
                f"{name}: p50_ms / raw rows",
                writers["runlog"]["p50_ms"] / writers["raw rows"]["p50_ms"],
                _SCALARS,
            )
    yield from _sizes(results["sizes"])
    for name, (ours, other) in ((name, memory.values()) for name, memory in results["memory"].items()):
        yield f"{name}: extra memory, MB", ours["peak_mb"] - other["peak_mb"], _EXTRA_MEMORY_MB
    if times := results["start"]:
        yield "start to first log / plain script", times["runlog"] / times["plain"], _START


def _sizes(sizes: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Yield the worst picture of each class."""
    worst: dict[str, float] = {}
    for classes in sizes.values():
        for name, found in classes.items():
            ratio = found["runlog"]["bytes"] / found["pillow"]["bytes"]
            family = name.split()[0]
            worst[family] = max(worst.get(family, 0.0), ratio)
    for family, ratio in worst.items():
        yield f"bytes of the largest {family} / pillow", ratio, _PHOTO_BYTES if family == "photo" else _BYTES

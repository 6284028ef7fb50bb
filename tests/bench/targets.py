"""What runlog promises about its speed, as ratios within one run of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Case, what is compared with `pillow`, the most it may be with isal and without.
_BESIDE_PILLOW = (
    ("single 256²", "p50_ms", 0.09, 0.22),
    ("single 256²", "total_s", 0.09, 0.22),
    ("single 256²", "cpu_s", 0.10, 0.22),
    ("single 1024²", "total_s", 0.15, 0.22),
    ("512², 2×20 boxes, 2 masks", "total_s", 0.10, 0.22),
    ("500 equal 256²", "total_s", 0.05, 0.05),
)
_BYTES = 1.3
_PHOTO_BYTES = 1.12
_GROWTH = 1.3
_SCALARS = 3.0
_START = 1.6
_EXTRA_MEMORY_MB = 30.0


def verdicts(results: dict[str, Any], mode: str) -> list[dict[str, Any]]:
    """Return what was got beside each target that this run measured."""
    return [
        {"what": what, "got": got, "target": target, "met": got <= target}
        for what, got, target in _compared(results, mode)
    ]


def _compared(results: dict[str, Any], mode: str) -> Iterator[tuple[str, float, float]]:
    cases = results["cases"]
    for name, what, with_isal, without in _BESIDE_PILLOW:
        if name in cases:
            target = with_isal if mode == "with isal" else without
            yield (
                f"{name}: {what} / pillow",
                cases[name]["runlog"][what] / cases[name]["pillow"][what],
                target,
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
    worst: dict[str, tuple[float, str]] = {}
    for side, classes in sizes.items():
        for name, found in classes.items():
            ratio = found["runlog"]["bytes"] / found["pillow"]["bytes"]
            family = name.split()[0]
            worst[family] = max(worst.get(family, (0.0, "")), (ratio, side))
    for family, (ratio, side) in worst.items():
        target = _PHOTO_BYTES if family == "photo" else _BYTES
        yield f"bytes of {family} (worst at {side}²) / pillow", ratio, target

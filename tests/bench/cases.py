"""The cases of the benchmark: what is logged, how often, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pictures import label_images, photo_crops
from writers import Payload

_PICTURE_WRITERS = ("runlog", "pillow", "pillow1", "raw")
_LIST_WRITERS = ("runlog", "runlog, 1 thread", "pillow", "raw")
_TRAINING_WRITERS = ("runlog", "pillow", "raw")


@dataclass(frozen=True)
class Case:
    """One workload.

    Attributes
    ----------
    steps, quick_steps
        How many steps a writer takes before the next has its turn; the second with ``--quick``, 0: left out.
    payloads
        Makes the payloads of that many steps; they are used in turn.
    writers
        Who writes it, in turn.
    work
        Seconds of other work before each call, as a training has; the writers then take turns call by call.
    memory_steps
        Steps after which the peak of memory is read; 0: not measured.
    rounds
        How many turns each writer has.
    """

    name: str
    steps: int
    quick_steps: int
    payloads: Callable[[int], Sequence[Payload]]
    writers: tuple[str, ...] = _PICTURE_WRITERS
    work: float = 0.0
    memory_steps: int = 0
    rounds: int = 4


def _photos(size: int, a_step: int = 1) -> Callable[[int], Sequence[Payload]]:
    def payloads(steps: int) -> Sequence[Payload]:
        crops = photo_crops(steps * a_step, size)
        return [Payload(crops[at : at + a_step]) for at in range(0, len(crops), a_step)]

    return payloads


def _tiny_photos(steps: int) -> Sequence[Payload]:
    crops = photo_crops(1000, 28)
    # In each step other pixels, which runlog would store once.
    return [Payload([np.roll(crop, step, axis=0) for crop in crops]) for step in range(steps)]


def _floats(steps: int) -> Sequence[Payload]:
    return [Payload([crop.astype(np.float32) / 255]) for crop in photo_crops(steps, 256)]


def _annotated(steps: int) -> Sequence[Payload]:
    random = np.random.default_rng(0)
    masks = label_images(2 * steps, 512)
    return [
        Payload(
            [crop],
            {name: _boxes(random) for name in ("predictions", "truth")},
            {"predictions": masks[2 * step], "truth": masks[2 * step + 1]},
        )
        for step, crop in enumerate(photo_crops(steps, 512))
    ]


def _boxes(random: np.random.Generator) -> dict[str, object]:
    corners = random.integers(0, 400, (20, 2))
    return {
        "box_data": [
            {
                "position": {"minX": int(x), "maxX": int(x) + 90, "minY": int(y), "maxY": int(y) + 60},
                "domain": "pixel",
                "class_id": index % 8,
                "box_caption": f"object {index}",
                "scores": {"confidence": float(random.random())},
            }
            for index, (x, y) in enumerate(corners)
        ],
        "class_labels": {class_id: f"class {class_id}" for class_id in range(8)},
    }


def _equal(steps: int) -> Sequence[Payload]:
    photo = photo_crops(1, 256)[0]
    return [Payload([photo.copy()]) for _ in range(steps)]


def _tiny(steps: int) -> Sequence[Payload]:
    pixels = np.random.default_rng(0).integers(0, 256, (steps, 8, 8, 3), dtype=np.uint8)
    return [Payload([picture]) for picture in pixels]


def _scalars(steps: int) -> Sequence[Payload]:
    values = np.random.default_rng(0).random((min(steps, 1000), 20)).tolist()
    return [Payload(scalars={f"train/loss_{i}": v for i, v in enumerate(row)}) for row in values]


CASES = (
    Case("single 256²", 150, 40, _photos(256), memory_steps=30, rounds=2),
    Case("list of 32×128²", 4, 2, _photos(128, 32), _LIST_WRITERS, memory_steps=5),
    Case("list of 256×64²", 3, 2, _photos(64, 256), _LIST_WRITERS),
    Case("list of 1,000×28²", 2, 1, _tiny_photos, _LIST_WRITERS),
    Case("single 1024²", 4, 2, _photos(1024), memory_steps=5),
    Case("float32 256²", 50, 20, _floats, rounds=2),
    Case("512², 2×20 boxes, 2 masks", 20, 6, _annotated, memory_steps=10, rounds=2),
    Case("500 equal 256²", 500, 500, _equal, ("runlog", "pillow"), rounds=1),
    Case("256² amid work", 150, 60, _photos(256), _TRAINING_WRITERS, work=0.015),
    Case("32×128² amid work", 20, 8, _photos(128, 32), _TRAINING_WRITERS, work=0.015),
    Case("512², boxes, masks amid work", 40, 12, _annotated, _TRAINING_WRITERS, work=0.015),
    Case("tiny, 250 steps", 250, 250, _tiny, ("runlog", "raw")),
    Case("tiny, 1,000 steps", 1000, 0, _tiny, ("runlog", "raw")),
    Case("tiny, 4,000 steps", 4000, 0, _tiny, ("runlog", "raw"), rounds=3),
    Case("20 scalars a step", 1000, 500, _scalars, ("runlog", "raw rows"), memory_steps=1000),
)
LONG_CASES = (
    Case("tiny, 100,000 steps", 100_000, 0, _tiny, ("runlog", "raw"), rounds=1),
    Case("20 scalars, 100,000 steps", 100_000, 0, _scalars, ("runlog", "raw rows"), rounds=1),
)

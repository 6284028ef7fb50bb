"""What the benchmark logs: real photos from the sample runs, and pictures of the other classes drawn here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

Picture = NDArray[Any]

_PHOTOS = Path(__file__).parents[2] / "sample_runs" / "photos"
_WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "epoch", "12", "loss=0.345"]


def photo_crops(count: int, size: int) -> list[Picture]:
    """Cut `count` different squares out of a colour photo; past its 512 pixels it goes on mirrored."""
    photo = _read("astronaut.png", "RGB")
    if size > 256:
        photo = np.pad(photo, ((0, 768), (0, 768), (0, 0)), mode="symmetric")
    corners = np.random.default_rng(0).integers(0, min(photo.shape[0] - size, 256), (count, 2))
    return [np.ascontiguousarray(photo[y : y + size, x : x + size]) for y, x in corners]


def label_images(count: int, size: int) -> list[Picture]:
    """Draw `count` masks of a few round things, with class ids 0 to 7."""
    return [_shapes(size, seed, 8)[:, :, 0] for seed in range(count)]


def _photo(size: int) -> Picture:
    return photo_crops(1, size)[0]


def _grey_photo(size: int) -> Picture:
    photo = _read("coins.png", "L")
    # No two alike side by side, which a compressor would see.
    wide = np.hstack([photo, photo[:, ::-1], photo[::-1]])
    return np.ascontiguousarray(np.vstack([wide] * 4)[:size, :size])


def _chart(size: int) -> Picture:
    """Draw three curves, a grid and axis labels with smooth edges, as plotting libraries do."""
    image = PILImage.new("RGB", (2 * size, 2 * size), "white")
    draw = ImageDraw.Draw(image)
    for place in range(size // 5, 2 * size, size // 3):
        draw.line([(place, 0), (place, 2 * size)], fill="#cccccc", width=2)
        draw.line([(0, place), (2 * size, place)], fill="#cccccc", width=2)
    walks = np.random.default_rng(1).normal(0, size / 20, (3, 100)).cumsum(axis=1) + size
    for walk, colour in zip(walks, ("#1f77b4", "#ff7f0e", "#2ca02c"), strict=True):
        draw.line([(x * size / 50, y) for x, y in enumerate(walk)], fill=colour, width=4, joint="curve")
    image = image.resize((size, size), PILImage.Resampling.BOX)
    ImageDraw.Draw(image).text((4, 4), "loss by step", fill="black", font=ImageFont.load_default(14))
    return np.asarray(image)


def _bars(size: int) -> Picture:
    image = PILImage.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    for index, height in enumerate(np.random.default_rng(2).random(8)):
        left = (0.05 + index * 0.115) * size
        draw.rectangle([left, size * (1 - height), left + size * 0.08, size], fill="#1f77b4")
    draw.text((4, 4), "accuracy by class", fill="black", font=ImageFont.load_default(14))
    return np.asarray(image)


def _text(size: int) -> Picture:
    image = PILImage.new("RGB", (size, size), "white")
    draw, random = ImageDraw.Draw(image), np.random.default_rng(3)
    for top in range(4, size - 16, 18):
        line = " ".join(random.choice(_WORDS, size // 30))
        draw.text((4, top), line, fill=(20, 20, 20), font=ImageFont.load_default(14))
    return np.asarray(image)


def _flat(size: int) -> Picture:
    return _shapes(size, 4, 256)


def _mask(size: int) -> Picture:
    truth = _read("coins_truth.png", "L") * 90
    return np.ascontiguousarray(np.pad(truth, ((0, 768), (0, 768)), mode="symmetric")[:size, :size])


def _upscaled(factor: int) -> Callable[[int], Picture]:
    def upscaled(size: int) -> Picture:
        small = PILImage.fromarray(_photo(512)).resize((size // factor,) * 2, PILImage.Resampling.BOX)
        return np.asarray(small).repeat(factor, axis=0).repeat(factor, axis=1)

    return upscaled


def _glow(size: int) -> Picture:
    y, x = np.mgrid[:size, :size]
    distance = np.hypot(x - 0.4 * size, y - 0.5 * size) * 256 / size
    return np.stack([255 - distance, distance, distance / 2], axis=2).clip(0, 255).astype(np.uint8)


def _waves(size: int) -> Picture:
    y, x = np.mgrid[:size, :size]
    waves = np.sin((x + y) / 20), np.cos((x - 2 * y) / 30), np.sin((x + y) / 40)
    return (127 + 120 * np.stack(waves, axis=2)).astype(np.uint8)


def _noise(size: int) -> Picture:
    return np.random.default_rng(5).integers(0, 256, (size, size, 3), dtype=np.uint8)


def _shapes(size: int, seed: int, colours: int) -> Picture:
    image = PILImage.new("RGB", (size, size))
    draw, random = ImageDraw.Draw(image), np.random.default_rng(seed)
    for _ in range(12):
        x, y, radius = (int(number) for number in random.integers(0, size, 3))
        radius = radius // 5 + 4
        colour = tuple(int(value) for value in random.integers(0, colours, 3))
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
    return np.asarray(image)


def _read(name: str, mode: str) -> Picture:
    return np.asarray(PILImage.open(_PHOTOS / name).convert(mode))


# Name of the class, as the targets have it → its pictures, each a function of the side.
CLASSES: dict[str, tuple[Callable[[int], Picture], ...]] = {
    "photo": (_photo, _grey_photo),
    "chart": (_chart, _bars),
    "text": (_text,),
    "flat": (_flat, _mask),
    "upscaled": (_upscaled(2), _upscaled(4), _upscaled(8)),
    "noise": (_noise,),
    "gradient": (_glow, _waves),
}

"""Pictures of every kind for the encoders of PNG files, the same ones each time, by number."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

# How many are looked at, if it is said: a test says how many else.
ASKED_FOR = int(os.environ.get("RUNLOG_TEST_PICTURES", "0"))
PHOTO = Path(__file__).parents[3] / "sample_runs" / "photos" / "astronaut.png"

Shape = tuple[int, int, int]


def photo(random: np.random.Generator, shape: Shape) -> np.ndarray:
    with PILImage.open(PHOTO) as image:
        all_of_it = np.asarray(image.convert("RGBA"))
    y, x = random.integers(0, all_of_it.shape[0] - shape[0]), random.integers(0, 512 - shape[1])
    return all_of_it[y : y + shape[0], x : x + shape[1], : shape[2]]


def noise(random: np.random.Generator, shape: Shape) -> np.ndarray:
    return random.integers(0, 256, shape)


def flat(random: np.random.Generator, shape: Shape) -> np.ndarray:
    return np.broadcast_to(random.integers(0, 256, (1, 1, shape[2])), shape)


def gradient(random: np.random.Generator, shape: Shape) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    steps = random.uniform(-3, 3, (2, shape[2]))
    return (y[..., None] * steps[0] + x[..., None] * steps[1] + 128) % 256


def upscaled(random: np.random.Generator, shape: Shape) -> np.ndarray:
    factor = int(random.integers(2, 9))
    small = random.integers(0, 256, (-(-shape[0] // factor), -(-shape[1] // factor), shape[2]))
    return small.repeat(factor, axis=0).repeat(factor, axis=1)[: shape[0], : shape[1]]


def drawn(random: np.random.Generator, shape: Shape) -> np.ndarray:
    picture = np.full(shape, 255)
    for _ in range(8):
        top, left = random.integers(0, shape[0]), random.integers(0, shape[1])
        part = picture[top : top + random.integers(1, 40), left : left + random.integers(1, 40)]
        part[:] = random.integers(0, 256, shape[2])
    return picture


KINDS: tuple[Callable[[np.random.Generator, Shape], np.ndarray], ...] = (
    *(photo, noise, flat, gradient, upscaled, drawn),
)


def random_picture(number: int) -> tuple[np.ndarray, bool]:
    """Return a picture of 8 or 16 bits and 1 to 4 channels, and whether it is to be taken for a mask."""
    random = np.random.default_rng(number)
    # Most are small, so that sides of 1 and odd ones are among them.
    height, width = (int(side) for side in np.exp(random.uniform(0, 5.5, 2)))
    channels = int(random.integers(1, 5))
    picture = KINDS[number % len(KINDS)](random, (height, width, channels)).astype(np.uint8)
    is_grey = channels == 1
    if is_grey:
        picture = picture[:, :, 0]
        if random.random() < 0.2:
            picture = picture.astype(np.uint16) * 257 - number % 257
    return picture, bool(is_grey and random.random() < 0.5)

"""Class colours are the same everywhere, and told apart."""

from itertools import combinations

import numpy as np
import pytest

from runlog import palette

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "red-blind": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "green-blind": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "blue-blind": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
TO_LMS = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
TO_LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])
JUST_NOTICEABLE = 0.02


def oklab(colour: str, vision: np.ndarray) -> np.ndarray:
    srgb = np.array(palette.channels(colour)) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return TO_LAB @ np.cbrt(TO_LMS @ np.clip(vision @ linear, 0, 1))


@pytest.mark.parametrize("vision", VISION)
def test_no_two_class_colours_look_alike_to_anyone(vision: str) -> None:
    labs = [oklab(colour, VISION[vision]) for colour in palette.COLOURS]
    nearest = min(float(np.linalg.norm(one - other)) for one, other in combinations(labs, 2))
    assert nearest > 3 * JUST_NOTICEABLE


def test_a_class_has_one_colour_whatever_the_other_classes() -> None:
    assert palette.colour(3) == palette.COLOURS[3]
    assert palette.colour(3 + 7 * len(palette.COLOURS)) == palette.COLOURS[3]


@pytest.mark.parametrize("colour", [*palette.COLOURS, palette.NO_CLASS])
def test_text_on_a_class_colour_can_be_read(colour: str) -> None:
    assert palette.contrast(palette.ink(colour), colour) >= 4.5

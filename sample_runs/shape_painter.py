"""The painters of ``paint_astronaut.py``: how shapes are made, chosen and put on a canvas.

All of it is integer arithmetic, so that every machine paints the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, hypot, log10

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Pixels = tuple[Integers, Integers]  # rows and columns
ShapeMaker = Callable[[np.random.Generator, int], Pixels]


def around(reach: int) -> Pixels:
    """Return a column of row numbers and a row of column numbers, both counted from the middle."""
    rows, columns = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return rows, columns


def pixels_of(inside: Mask) -> Pixels:
    """Return the rows and the columns of a shape, counted from the middle."""
    rows, columns = np.nonzero(inside)
    return rows - len(inside) // 2, columns - len(inside) // 2


def ellipse(x_axis: int, y_axis: int, slimness: int) -> Pixels:
    """Return an ellipse, given its longer half-axis as a vector and how many times the other is shorter."""
    y, x = around(ceil(hypot(x_axis, y_axis)))
    along, across = x * x_axis + y * y_axis, x * y_axis - y * x_axis
    return pixels_of(along**2 + (slimness * across) ** 2 <= (x_axis**2 + y_axis**2) ** 2)


def stroke(rng: np.random.Generator, reach: int) -> Pixels:
    """Return a slim ellipse, in any direction."""
    x_axis, y_axis = rng.integers(-reach, reach + 1, size=2).tolist()
    return ellipse(x_axis, y_axis, slimness=3)


def dot(rng: np.random.Generator, reach: int) -> Pixels:
    """Return a disc."""
    return ellipse(int(rng.integers(reach // 3, reach + 1)), 0, slimness=1)


def triangle(rng: np.random.Generator, reach: int) -> Pixels:
    """Return a triangle of three random corners, centred on their mean."""
    corners = rng.integers(-reach, reach + 1, size=(3, 2))
    # In thirds of a pixel the mean of the corners is a whole number, and so always inside.
    thirds = 3 * corners - corners.sum(axis=0)
    (x0, y0), (x1, y1), (x2, y2) = thirds.tolist()
    y, x = (3 * pixels for pixels in around(int(np.abs(thirds).max()) // 3))
    sides = (
        (x - x0) * (y1 - y0) - (y - y0) * (x1 - x0),
        (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1),
        (x - x2) * (y0 - y2) - (y - y2) * (x0 - x2),
    )
    return pixels_of((np.min(sides, axis=0) >= 0) | (np.max(sides, axis=0) <= 0))


SHAPE_MAKERS: dict[str, ShapeMaker] = {"strokes": stroke, "dots": dot, "triangles": triangle}


def squared_error(one: Integers, other: Integers) -> Integers:
    """Return how far apart the colours of two pictures are, pixel by pixel."""
    difference: Integers = ((one - other) ** 2).sum(axis=-1)
    return difference


@dataclass(frozen=True)
class Shape:
    """A shape in its place: the pixels it covers, their colour, and the share of the error it takes away."""

    rows: Integers
    columns: Integers
    colour: Integers
    gain: float

    def box(self) -> dict[str, object]:
        """Return the smallest box around the shape, as ``Image`` takes it."""
        return {
            "position": {
                "minX": int(self.columns.min()),
                "maxX": int(self.columns.max()) + 1,
                "minY": int(self.rows.min()),
                "maxY": int(self.rows.max()) + 1,
            },
            "domain": "pixel",
            "class_id": 1,
            "scores": {"gain": round(self.gain, 6)},
        }


class Painter:
    """A canvas, and the one kind of shape that is put on it."""

    def __init__(self, photo: Integers, make_shape: ShapeMaker, rng: np.random.Generator) -> None:
        self.photo = photo
        self.make_shape = make_shape
        self.rng = rng
        self.canvas = np.full_like(photo, photo.sum(axis=(0, 1)) // photo[..., 0].size)
        self.error = squared_error(self.canvas, photo)
        self.shapes: list[Shape] = []

    def try_shape(self, reach: int, running_error: Integers) -> Shape:
        """Return a random shape, in the colour that suits its place best."""
        height, width = self.error.shape
        spot = np.searchsorted(running_error, self.rng.integers(running_error[-1]), side="right")
        rows, columns = self.make_shape(self.rng, reach)
        rows, columns = rows + spot // width, columns + spot % width
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        rows, columns = rows[inside], columns[inside]
        covered = self.photo[rows, columns]
        colour = covered.sum(axis=0) // len(covered)
        gain = self.error[rows, columns].sum() - squared_error(colour, covered).sum()
        return Shape(rows, columns, colour, float(gain / running_error[-1]))

    def add_shape(self, reach: int, tries: int) -> None:
        """Try some shapes of this reach, and paint the best."""
        running_error = self.error.cumsum()
        best = max((self.try_shape(reach, running_error) for _ in range(tries)), key=lambda shape: shape.gain)
        self.canvas[best.rows, best.columns] = best.colour
        self.error[best.rows, best.columns] = squared_error(best.colour, self.photo[best.rows, best.columns])
        self.shapes.append(best)

    def psnr(self) -> float:
        """Return how close the painting is to the photo (peak signal-to-noise ratio, in decibels)."""
        return round(10 * log10(3 * 255**2 / self.error.mean()), 3)

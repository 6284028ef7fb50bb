"""Paint a portrait out of plain shapes, and log the paintings while they form.

Three painters copy the same photo, each with one kind of shape: brush strokes, dots or triangles. To add a
shape, a painter tries a few at random, mostly where the copy is still wrong, and keeps the one that helps
most. The shapes get smaller as the painting gets finer. Every logged step shows the three paintings beside
the photo, each with the shapes painted last and its worst part in boxes, and how close to the photo it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import PIL.Image
from shape_painter import SHAPE_MAKERS, Integers, Painter

import runlog
from runlog import Image

PHOTO = Path(__file__).parent / "photos" / "astronaut.png"
SEED = 7
SHAPES = 1500
TRIES = 20  # shapes tried for each shape kept
LARGEST = 100  # pixels that the first shapes reach, at most
SMALLEST = 3  # and the last ones
NEWEST_SHOWN = 5
CELL = 32  # side of the squares among which the worst is sought
BLOCK = 4  # side of the squares that become one pixel of the residual
LOGGED_STEPS = [SHAPES * i**2 // 20**2 for i in range(21)]


def reach_of_shape(number: int) -> int:
    """Return how far a shape may reach: less and less, from the largest to the smallest."""
    return LARGEST * SHAPES // (SHAPES + number * (LARGEST // SMALLEST - 1))


def worst_cell(error: Integers) -> dict[str, object]:
    """Return a box around the square cell of the painting that is furthest from the photo."""
    rows, columns = (length // CELL for length in error.shape)
    totals = error.reshape(rows, CELL, columns, CELL).sum(axis=(1, 3))
    row, column = divmod(int(totals.argmax()), columns)
    return {
        "position": {
            "minX": column * CELL,
            "maxX": (column + 1) * CELL,
            "minY": row * CELL,
            "maxY": (row + 1) * CELL,
        },
        "domain": "pixel",
        "class_id": 2,
        "scores": {"share_of_error": round(float(totals.max() / totals.sum()), 4)},
    }


def painting(painter: Painter, name: str) -> Image:
    """Return the canvas, with its newest shapes and its worst cell in boxes."""
    newest = [shape.box() for shape in painter.shapes[-NEWEST_SHOWN:]]
    return Image(
        painter.canvas.astype(np.uint8),
        caption=f"{len(painter.shapes)} {name}, {painter.psnr():.2f} dB",
        boxes={
            "newest": {"box_data": newest, "class_labels": {1: "newest shape"}},
            "worst": {"box_data": [worst_cell(painter.error)], "class_labels": {2: "worst cell"}},
        },
    )


def residual(painter: Painter, name: str) -> Image:
    """Return where the canvas is too dark (-1) or too bright (+1), in blocks of pixels."""
    too_bright = (painter.canvas - painter.photo).sum(axis=-1)
    rows, columns = (length // BLOCK for length in too_bright.shape)
    totals = too_bright.reshape(rows, BLOCK, columns, BLOCK).sum(axis=(1, 3))
    levels = np.round(totals / (3 * BLOCK**2))
    # 256, not 255: such fractions are exact in binary, so that no grey hangs on the last bit of a division.
    return Image(levels / 256, caption=f"{name}, off by {np.abs(levels).mean():.1f} of 255")


def load_photo() -> Integers:
    """Return the photo at half its size."""
    photo = np.asarray(PIL.Image.open(PHOTO)).astype(np.int64)
    height, width, colours = photo.shape
    halved: Integers = photo.reshape(height // 2, 2, width // 2, 2, colours).sum(axis=(1, 3)) // 4
    return halved


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python sample_runs/paint_astronaut.py --dir runs --id my-painting",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, help="runs folder (default: $RUNLOG_DIR, else ./runs)")
    parser.add_argument("--id", help="name of the new run folder (default: the time and 8 hex digits)")
    parser.add_argument(
        "--steps", type=int, default=len(LOGGED_STEPS), help="log this many steps (default: all %(default)s)"
    )
    return parser.parse_args()


def main() -> None:
    """Let every painter paint, and log the paintings at the steps of ``LOGGED_STEPS``."""
    arguments = parse_arguments()
    photo = load_photo()
    painters = {
        name: Painter(photo, make_shape, np.random.Generator(np.random.PCG64(SEED)))
        for name, make_shape in SHAPE_MAKERS.items()
    }
    original = Image(photo.astype(np.uint8), caption="the photo")
    with runlog.init(
        "paint-astronaut",
        name="strokes, dots and triangles",
        id=arguments.id,
        dir=arguments.dir,
        config={"shapes": SHAPES, "tries": TRIES, "largest": LARGEST, "smallest": SMALLEST, "seed": SEED},
        tags=["painting", "numpy"],
        notes="Which shape paints a portrait best, when each painter has the same number of them?",
    ) as run:
        for step in LOGGED_STEPS[: arguments.steps]:
            for painter in painters.values():
                while len(painter.shapes) < step:
                    painter.add_shape(reach_of_shape(len(painter.shapes)), TRIES)
            psnr = {name: painter.psnr() for name, painter in painters.items()}
            best = max(psnr, key=lambda name: psnr[name])
            run.log(
                {
                    "paintings": [painting(painter, name) for name, painter in painters.items()] + [original],
                    "residual": [residual(painter, name) for name, painter in painters.items()],
                    "best": best,
                }
                | {f"psnr/{name}": value for name, value in psnr.items()},
                step=step,
            )
            print(f"step {step:4}  best: {best}, {psnr[best]:.2f} dB")
        run.summary["result"] = f"{best} paint best, {psnr[best]:.2f} dB"


if __name__ == "__main__":
    main()

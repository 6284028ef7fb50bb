"""Teach a small neural network to find coins, and log what it sees while it learns.

The network looks at one pixel at a time: its grey value, and how bright and how rough its neighbourhood is
at six scales. It learns on the upper half of a photo of 24 Greek coins and is judged on the lower half, which
it never learns from. Every logged step holds, for each half: the photo with the true and the predicted mask
and a box around each true and each predicted coin; the predicted probability with the mistakes; the loss; and
the IoU (intersection over union) of the two masks. The run is told how predictions are judged by the truth:
so each box has a verdict, and each step average precision, precision, recall and the IoU by class.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image
from pixel_classifier import (
    NEIGHBOURHOODS,
    Floats,
    Mask,
    PixelClassifier,
    cross_entropy,
    pixel_features,
    snap,
)

import runlog
from runlog import Image

PHOTOS = Path(__file__).parent / "photos"
FIRST_VALIDATION_ROW = 150  # between the second and the third row of coins: no coin is cut
HIDDEN_UNITS = 32
LEARNING_RATE = 0.1
BATCH_SIZE = 512
SEED = 1
THRESHOLD = 0.5  # the probability from which on a pixel is predicted to be coin
SMALLEST_COIN = 40  # pixels; smaller parts of a prediction get no box
GOOD_IOU = 0.9
# Class 0, the background, has no label: so it stays transparent in the viewer.
CLASSES = [{"id": 1, "name": "coin"}]
MISTAKES = {3: "missed", 4: "false alarm"}
LOGGED_STEPS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 18, 25, 35, 50, 70, 100, 140, 200, 400, 800, 1600, 3200, 4800)


@dataclass(frozen=True)
class Half:
    """One half of the photo, and what a perfect network would say about it."""

    photo: npt.NDArray[np.uint8]
    features: Floats
    is_coin: Mask


def load_halves() -> tuple[Half, Half]:
    """Return the upper half to learn from, and the lower half to be judged on."""
    photo = np.asarray(PIL.Image.open(PHOTOS / "coins.png"))
    is_coin = np.asarray(PIL.Image.open(PHOTOS / "coins_truth.png")) == 1
    features = snap(pixel_features(photo.astype(np.int64)))
    upper, lower = slice(None, FIRST_VALIDATION_ROW), slice(FIRST_VALIDATION_ROW, None)
    mean, deviation = features[upper].mean(axis=(0, 1)), features[upper].std(axis=(0, 1))
    features = snap((features - mean) / deviation)
    return (
        Half(photo[upper], features[upper], is_coin[upper]),
        Half(photo[lower], features[lower], is_coin[lower]),
    )


def intersection_over_union(one: Mask, other: Mask) -> float:
    """Return how well two masks agree: 0 when they do not touch, 1 when they are the same."""
    return round(float((one & other).sum() / max((one | other).sum(), 1)), 4)


def connected_components(mask: Mask) -> list[Mask]:
    """Split a mask into its connected parts (neighbours share an edge), largest first."""
    names = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        grown = names.copy()
        np.maximum(grown[1:], names[:-1], out=grown[1:])
        np.maximum(grown[:-1], names[1:], out=grown[:-1])
        np.maximum(grown[:, 1:], names[:, :-1], out=grown[:, 1:])
        np.maximum(grown[:, :-1], names[:, 1:], out=grown[:, :-1])
        # A name is also a place: taking over the name found there doubles the reach of each round.
        grown = np.where(mask, grown.flat[grown - 1], 0)
        if np.array_equal(grown, names):
            break
        names = grown
    found, sizes = np.unique(names[mask], return_counts=True)
    return [names == name for name in found[np.argsort(-sizes, kind="stable")]]


def box_around(mask: Mask) -> dict[str, object]:
    """Return the smallest box around a coin, as ``Image`` takes it."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return {
        "position": {
            "minX": int(columns[0]),
            "maxX": int(columns[-1]) + 1,
            "minY": int(rows[0]),
            "maxY": int(rows[-1]) + 1,
        },
        "domain": "pixel",
        "class_id": 1,
    }


@dataclass(frozen=True)
class FoundCoin:
    """A connected part of the predicted mask, and how well it fits a true coin."""

    mask: Mask
    iou: float
    confidence: float

    def box(self) -> dict[str, object]:
        """Return the smallest box around the coin, with its scores."""
        return {**box_around(self.mask), "scores": {"iou": self.iou, "confidence": self.confidence}}


def find_coins(predicted: Mask, probability: Floats, is_coin: Mask) -> list[FoundCoin]:
    """Take the predicted mask apart into coins, and compare each with the true coin that it fits best."""
    true_coins = connected_components(is_coin)
    return [
        FoundCoin(
            mask=part,
            iou=max(intersection_over_union(part, coin) for coin in true_coins),
            confidence=round(float(probability[part].mean()), 4),
        )
        for part in connected_components(predicted)
        if part.sum() >= SMALLEST_COIN
    ]


def evaluate(classifier: PixelClassifier, half: Half, name: str) -> dict[str, object]:
    """Return everything there is to log about one half of the photo, key by key."""
    probability = classifier.probability(half.features)
    predicted = probability > THRESHOLD
    missed, false_alarm = half.is_coin & ~predicted, predicted & ~half.is_coin
    coins = find_coins(predicted, probability, half.is_coin)
    good_coins = sum(coin.iou > GOOD_IOU for coin in coins)
    loss = cross_entropy(probability, half.is_coin)
    iou = intersection_over_union(predicted, half.is_coin)
    predictions = Image(
        half.photo,
        caption=f"{name}: IoU {iou:.3f}, loss {loss:.3f}, {good_coins} good coins in {len(coins)} boxes",
        masks={
            "predictions": {"mask_data": predicted.astype(np.uint8)},
            "truth": {"mask_data": half.is_coin.astype(np.uint8)},
        },
        boxes={
            "predictions": {"box_data": [coin.box() for coin in coins]},
            "truth": {"box_data": [box_around(coin) for coin in connected_components(half.is_coin)]},
        },
        classes=CLASSES,
    )
    confidence = Image(
        probability,
        caption=f"{name}: {missed.sum()} coin pixels missed, {false_alarm.sum()} false alarms",
        masks={"mistakes": {"mask_data": 3 * missed + 4 * false_alarm, "class_labels": MISTAKES}},
    )
    return {
        f"{name}/predictions": [predictions],
        f"{name}/probability": [confidence],
        f"{name}/loss": loss,
        f"{name}/iou": iou,
        f"{name}/good_coins": good_coins,
    }


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python sample_runs/segment_coins.py --dir runs --id my-coins",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, help="runs folder (default: $RUNLOG_DIR, else ./runs)")
    parser.add_argument("--id", help="name of the new run folder (default: the time and 8 hex digits)")
    parser.add_argument(
        "--steps", type=int, default=len(LOGGED_STEPS), help="log this many steps (default: all %(default)s)"
    )
    return parser.parse_args()


def main() -> None:
    """Train the network, and log it at the steps of ``LOGGED_STEPS``."""
    arguments = parse_arguments()
    logged_steps = LOGGED_STEPS[: arguments.steps]
    training, validation = load_halves()
    pixels = training.features.reshape(-1, training.features.shape[-1])
    is_coin = training.is_coin.ravel()
    rng = np.random.Generator(np.random.PCG64(SEED))
    classifier = PixelClassifier(pixels.shape[-1], HIDDEN_UNITS, rng)
    with runlog.init(
        "segment-coins",
        name="pixel classifier",
        id=arguments.id,
        dir=arguments.dir,
        config={
            "hidden_units": HIDDEN_UNITS,
            "learning_rate": LEARNING_RATE,
            "batch_size": BATCH_SIZE,
            "neighbourhoods": NEIGHBOURHOODS,
            "seed": SEED,
        },
        tags=["segmentation", "numpy"],
        notes="Learns on the upper twelve coins, is judged on the lower twelve.",
    ) as run:
        run.define_evaluation("*/predictions", by_class=True)
        for step in range(logged_steps[-1] + 1):
            if step in logged_steps:
                train, val = evaluate(classifier, training, "train"), evaluate(classifier, validation, "val")
                run.log(train | val, step=step)
                print(f"step {step:4}  val/loss {val['val/loss']:.3f}  val/iou {val['val/iou']:.3f}")
            batch = rng.integers(0, len(pixels), BATCH_SIZE)
            classifier.learn(pixels[batch], is_coin[batch], LEARNING_RATE)
        run.summary["result"] = f"IoU {val['val/iou']:.3f} on coins it never learned from"


if __name__ == "__main__":
    main()

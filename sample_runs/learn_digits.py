"""Teach a classifier to read handwritten digits, and log what it takes each of them for.

It learns softmax regression from 1,597 digits of 8 × 8 pixels and is judged on 200 others. Every logged step
holds these 200, in the order in which a shuffled loader gives them, each with an ``id`` that tells it apart
and ``fields``: what it is, what it is taken for, and how probably that is. By these the page sorts, filters
and groups, and by the id it follows one digit over the steps. Beside them stands a table of how often each
digit was taken for which.

It needs scikit-learn, which brings the digits: ``pip install 'runlog-local[samples]'``. They are by
E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, licence
CC BY 4.0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from pixel_classifier import Floats, Integers, snap
from sklearn.datasets import load_digits

import runlog
from runlog import Image, Table

VALIDATION = 200
CLASSES = 10
LEARNING_RATE = 0.5
BATCH_SIZE = 50
SEED = 3
LOGGED_STEPS = (0, 5, 20, 60, 200, 1000)


class SoftmaxRegression:
    """One score a class, linear in the pixels."""

    def __init__(self, inputs: int) -> None:
        self.weights = np.zeros((inputs, CLASSES))
        self.bias = np.zeros(CLASSES)

    def probabilities(self, pixels: Floats) -> Floats:
        """Return digits x classes: how probable each class is."""
        scores = pixels @ self.weights + self.bias
        powers = snap(np.exp(scores - scores.max(axis=1, keepdims=True)))
        return snap(powers / powers.sum(axis=1, keepdims=True))

    def learn(self, pixels: Floats, digits: Integers) -> None:
        """Take one step down the gradient of the cross-entropy of these digits."""
        surplus = self.probabilities(pixels) - np.eye(CLASSES)[digits]
        rate = LEARNING_RATE / len(digits)
        self.weights = snap(self.weights - rate * (pixels.T @ surplus))
        self.bias = snap(self.bias - rate * surplus.sum(axis=0))


def cross_entropy(probabilities: Floats, digits: Integers) -> float:
    """Return the mean loss over some digits."""
    of_truth = probabilities[np.arange(len(digits)), digits]
    return round(float(-np.log(of_truth.clip(1e-6)).mean()), 5)


def confusion(digits: Integers, predictions: Integers) -> Table:
    """Return a row a digit: how often it was taken for which, and the share that was read right."""
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (digits, predictions), 1)
    table = Table(["truth", *(f"taken for {digit}" for digit in range(CLASSES)), "recall"])
    for digit, row in enumerate(counts):
        table.add_row(digit, *row.tolist(), round(float(row[digit] / row.sum()), 4))
    return table


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python sample_runs/learn_digits.py --dir runs --id my-digits",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, help="runs folder (default: $RUNLOG_DIR, else ./runs)")
    parser.add_argument("--id", help="name of the new run folder (default: the time and 8 hex digits)")
    return parser.parse_args()


def main() -> None:
    """Train the classifier, and log it at the steps of ``LOGGED_STEPS``."""
    arguments = parse_arguments()
    data = load_digits()
    # Grey values from 0 to 16: sixteenths are exact.
    pixels, digits = data.data / 16, data.target
    rng = np.random.Generator(np.random.PCG64(SEED))
    order = rng.permutation(len(digits))
    validation, training = order[:VALIDATION], order[VALIDATION:]
    model = SoftmaxRegression(pixels.shape[1])
    with runlog.init(
        "learn-digits",
        name="softmax regression",
        id=arguments.id,
        dir=arguments.dir,
        config={"learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE, "seed": SEED},
        tags=["classification", "numpy"],
        notes="Digits: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI "
        "Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0; from scikit-learn.",
    ) as run:
        run.define_metric("val/accuracy", summary="max", goal="maximize")
        for step in range(LOGGED_STEPS[-1] + 1):
            if step in LOGGED_STEPS:
                loaded = rng.permutation(validation)
                truth, probabilities = digits[loaded], model.probabilities(pixels[loaded])
                predictions = probabilities.argmax(axis=1)
                accuracy = round(float((predictions == truth).mean()), 4)
                images = [
                    Image(
                        pixels[place].reshape(8, 8),
                        id=f"digit/{place:04}",
                        fields={
                            "truth": int(digits[place]),
                            "prediction": int(prediction),
                            "p": round(float(probability[prediction]), 4),
                            "right": bool(digits[place] == prediction),
                        },
                    )
                    for place, prediction, probability in zip(loaded, predictions, probabilities, strict=True)
                ]
                run.log(
                    {
                        "val/digits": images,
                        "val/confusion": confusion(truth, predictions),
                        "val/loss": cross_entropy(probabilities, truth),
                        "val/accuracy": accuracy,
                    },
                    step=step,
                )
                print(f"step {step:4}  val/accuracy {accuracy:.3f}")
            batch = rng.choice(training, BATCH_SIZE, replace=False)
            model.learn(pixels[batch], digits[batch])
        run.summary["result"] = f"{accuracy:.1%} of the digits it never learned from are read right"


if __name__ == "__main__":
    main()

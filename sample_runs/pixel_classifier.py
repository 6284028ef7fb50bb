"""The small network of ``segment_coins.py``: what it sees of each pixel, and how it learns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NEIGHBOURHOODS = (1, 2, 4, 8, 16, 32)


def snap(values: Floats) -> Floats:
    """Round to multiples of 2 ** -16, so that every machine gets the same pixels.

    Processors disagree on the last bit of ``exp`` and on the order in which they add up a matrix product,
    and training would let such differences grow. Products of snapped numbers, and their sums, are exact in
    float64, so that the order no longer matters, and rounding takes the other last bits away.
    """
    return np.round(values * 65536) / 65536


def box_sums(grey: Integers, radius: int) -> Integers:
    """Sum the square of ``2 * radius + 1`` pixels around each pixel; the photo is mirrored at its edges."""
    mirrored = np.pad(grey, radius, mode="reflect")
    table = np.pad(mirrored, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * radius + 1
    sums: Integers = table[side:, side:] - table[:-side, side:] - table[side:, :-side] + table[:-side, :-side]
    return sums


def pixel_features(grey: Integers) -> Floats:
    """Return height x width x 13: the grey value, and the local mean and deviation at each scale."""
    features = [grey / 255]
    for radius in NEIGHBOURHOODS:
        area = (2 * radius + 1) ** 2
        total, total_of_squares = box_sums(grey, radius), box_sums(grey**2, radius)
        features += [total / area / 255, np.sqrt(area * total_of_squares - total**2) / area / 255]
    return np.stack(features, axis=-1)


class PixelClassifier:
    """A network of one hidden layer that gives each pixel its probability of being part of a coin."""

    def __init__(self, inputs: int, hidden_units: int, rng: np.random.Generator) -> None:
        self.weights = snap(rng.standard_normal((inputs, hidden_units)) * np.sqrt(2 / inputs))
        self.bias = np.zeros(hidden_units)
        self.output_weights = snap(rng.standard_normal(hidden_units) * np.sqrt(1 / hidden_units))
        self.output_bias = np.zeros(1)

    def hidden(self, features: Floats) -> Floats:
        """Return the activations of the hidden layer."""
        return snap(np.maximum(features @ self.weights + self.bias, 0))

    def output(self, hidden: Floats) -> Floats:
        """Return the probability of a coin, from the activations of the hidden layer."""
        return snap(1 / (1 + np.exp(-(hidden @ self.output_weights + self.output_bias))))

    def probability(self, features: Floats) -> Floats:
        """Return the probability of a coin, pixel by pixel."""
        return self.output(self.hidden(features))

    def learn(self, features: Floats, is_coin: Mask, learning_rate: float) -> None:
        """Take one step down the gradient of the cross-entropy of these pixels."""
        hidden = self.hidden(features)
        surplus = self.output(hidden) - is_coin
        blame = snap(np.outer(surplus, self.output_weights)) * (hidden > 0)
        rate = learning_rate / len(features)
        self.output_weights = snap(self.output_weights - rate * (surplus @ hidden))
        self.output_bias = snap(self.output_bias - rate * surplus.sum())
        self.weights = snap(self.weights - rate * (features.T @ blame))
        self.bias = snap(self.bias - rate * blame.sum(axis=0))


def cross_entropy(probability: Floats, is_coin: Mask) -> float:
    """Return the mean loss over all pixels."""
    given_to_truth = np.where(is_coin, probability, 1 - probability)
    return round(float(-np.log(given_to_truth.clip(1e-6)).mean()), 5)

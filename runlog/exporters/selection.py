"""What of a run is exported: which keys, steps, layers and boxes. The same words for every format."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from runlog import palette
from runlog.basics.patterns import matches
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.exporters.output import Tally
from runlog.images.boxes import Box
from runlog.reading.reader import RunReader
from runlog.storage.layout import MAX_STEP
from runlog.storage.records import BoxLayerRecord, ImageRecord, LayerRecord

if TYPE_CHECKING:
    from runlog.evaluation.verdicts import BoxVerdict

Progress = Callable[[int, int], None]
PixelBox = tuple[float, float, float, float]

_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_SPAN = re.compile(r"(\d{0,19}):(\d{0,19})")
# A batch is read at once: enough to be quick, few enough to hold their boxes.
_BATCH_IMAGES = 1000


@dataclass(frozen=True, slots=True)
class Steps:
    """A range of steps, or the last step of each key.

    Attributes
    ----------
    first, stop
        The first step, and the one after the last; None for no end.
    last_of_key
        Only the highest step at which a key was logged.
    """

    first: int = 0
    stop: int | None = None
    last_of_key: bool = False

    def __contains__(self, step: int) -> bool:
        return self.first <= step and (self.stop is None or step < self.stop)

    def chosen_places(self, steps: Sequence[int]) -> Sequence[int]:
        """Return the places of those steps of one key, ascending, that are taken."""
        if self.last_of_key:
            return range(len(steps))[-1:]
        return [place for place, step in enumerate(steps) if step in self]


@dataclass(frozen=True, slots=True)
class MinScore:
    """The lowest score of a box that is exported: the score `name`, or any one if that is None."""

    value: float
    name: str | None = None

    def includes(self, box: Box) -> bool:
        """Return whether a box is exported; one without any scores, such as a true box, always is."""
        scores = box.scores if self.name is None else {self.name: box.scores.get(self.name, float("-inf"))}
        return not box.scores or any(score >= self.value for score in scores.values())


@dataclass(frozen=True, slots=True)
class ChosenBox:
    """A box that is exported: its layer, its place in it, the label of its class, and what is said of it."""

    layer: str
    index: int
    box: Box
    class_label: str | None
    verdict: BoxVerdict | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What is exported; see `read_selection`. None takes all."""

    keys: tuple[str, ...] | None
    steps: Steps
    layers: tuple[str, ...] | None
    min_score: MinScore | None

    def includes_key(self, key: str) -> bool:
        """Return whether a key is exported."""
        return _matches(key, self.keys)

    def includes_layer(self, layer: str) -> bool:
        """Return whether a layer is exported."""
        return _matches(layer, self.layers)

    def check_keys(self, keys: Collection[str]) -> None:
        """Refuse a key or pattern that stands for none of the run's `keys`."""
        _check_patterns("keys", self.keys, keys)

    def images(self, reader: RunReader, progress: Progress | None = None) -> Iterator[ImageRecord]:
        """Yield the images that are exported, by step, key and index.

        Parameters
        ----------
        reader
            The run.
        progress
            Called with how many steps are done, and how many there are.

        Raises
        ------
        InvalidValueError
            At the end, if a layer or score name was in none of them.
        """
        seen = _Seen()
        latest = {key: step for key, step in reader.latest_steps().items() if self.includes_key(key)}
        steps = self._steps(reader, set(latest.values()))
        total = sum(map(len, steps))
        done = 0
        for batch in steps:
            for image in reader.images(batch):
                at_step = latest.get(image.key) == image.step if self.steps.last_of_key else True
                if at_step and self.includes_key(image.key):
                    seen.add(image)
                    yield image
            done += len(batch)
            if progress is not None:
                progress(done, total)
        _check_patterns("layers", self.layers, seen.layers)
        score = None if self.min_score is None else self.min_score.name
        if score is not None and score not in seen.scores:
            _refuse("min_score", score, seen.scores)

    def layers_of(self, image: ImageRecord) -> Iterator[LayerRecord]:
        """Yield the layers of an image that are exported, boxes before masks."""
        return (layer for layer in image.layers if self.includes_layer(layer.name))

    def boxes(self, layer: BoxLayerRecord, tally: Tally) -> Iterator[ChosenBox]:
        """Yield the boxes of a layer that are exported, and count those that score too low."""
        labels = layer.class_labels
        for index, box in enumerate(layer.boxes):
            if self.min_score is not None and not self.min_score.includes(box):
                tally.left_out["boxes whose score is too low, missing or not a number"] += 1
            else:
                label = None if box.class_id is None else palette.class_label(box.class_id, labels)
                verdict = layer.verdicts[index] if layer.verdicts else None
                yield ChosenBox(layer.name, index, box, label, verdict)

    def placed_boxes(
        self, image: ImageRecord, layer: BoxLayerRecord, tally: Tally
    ) -> Iterator[tuple[ChosenBox, PixelBox]]:
        """Yield the boxes of a layer that are exported with their place, and count those that have none."""
        width, height = image.media.width, image.media.height
        for chosen in self.boxes(layer, tally):
            left, top, right, bottom = chosen.box.pixel_corners(width, height) or _NOWHERE
            # What is too large for its area to be a number is not finite either.
            if not 0 < (right - left) * (bottom - top) < math.inf:
                tally.left_out["boxes that cannot be drawn (NaN, infinite, inverted or empty)"] += 1
                continue
            if left < 0 or top < 0 or right > width or bottom > height:
                tally.notes["boxes that reach beyond their image, kept as logged"] += 1
            yield chosen, (left, top, right - left, bottom - top)

    def score(self, box: Box) -> float | None:
        """Return the one score of a box: that of `min_score`, else its only one; None if not finite."""
        if self.min_score is not None and self.min_score.name is not None:
            score = box.scores.get(self.min_score.name)
        else:
            score = next(iter(box.scores.values())) if len(box.scores) == 1 else None
        return score if score is not None and math.isfinite(score) else None

    def _steps(self, reader: RunReader, latest: Collection[int]) -> list[list[int]]:
        batches: list[list[int]] = []
        room = 0
        for step in reader.steps():
            chosen = step.step in latest if self.steps.last_of_key else step.step in self.steps
            if not chosen or not step.image_count:
                continue
            if room <= 0:
                batches.append([])
                room = _BATCH_IMAGES
            batches[-1].append(step.step)
            room -= step.image_count
        return batches


class _Seen:
    """The layers and score names that were met."""

    def __init__(self) -> None:
        self.layers: set[str] = set()
        self.scores: set[str] = set()

    def add(self, image: ImageRecord) -> None:
        self.layers.update(layer.name for layer in image.layers)
        for layer in image.boxes:
            for box in layer.boxes:
                self.scores.update(box.scores)


def read_selection(
    keys: str | Iterable[str] | None,
    steps: int | str | None,
    layers: str | Iterable[str] | None,
    min_score: float | str | None,
) -> Selection:
    """Check what an export was asked for; None takes all.

    Parameters
    ----------
    keys, layers
        One name or several; ``*`` and ``?`` stand for any characters, or any one.
    steps
        One step; ``first:stop``, without the stop, where either may be left out; or ``last``: the highest
        step at which each key was logged.
    min_score
        The lowest score of a box: ``NAME=VALUE`` of that score, or a number of any of its scores. Boxes that
        have no scores at all, such as true boxes, are taken.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If one of them is none of these.
    """
    return Selection(
        _patterns("keys", keys), _steps(steps), _patterns("layers", layers), _min_score(min_score)
    )


def _patterns(argument: str, given: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    patterns = (given,) if isinstance(given, str) else tuple(given)
    if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
        raise InvalidTypeError(f"{argument} must be a string or several, but got {shown(given)}")
    return patterns


def _steps(given: int | str | None) -> Steps:
    if given is None:
        return Steps()
    text = str(given)
    if text == "last":
        return Steps(last_of_key=True)
    if text.isascii() and text.isdigit() and int(text) <= MAX_STEP:
        return Steps(int(text), int(text) + 1)
    if (span := _SPAN.fullmatch(text)) is None:
        raise InvalidValueError(
            "steps must be a step such as 3, a range such as 0:100, :10 or 5:, or 'last', "
            f"but got {shown(given)}"
        )
    first, stop = (int(number) if number else None for number in span.groups())
    return Steps(first or 0, stop)


def _min_score(given: float | str | None) -> MinScore | None:
    if given is None:
        return None
    name, is_named, number = str(given).rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise InvalidValueError(f"min_score must be a number or NAME=NUMBER, but got {shown(given)}")
    return MinScore(value, name if is_named else None)


def _matches(name: str, patterns: tuple[str, ...] | None) -> bool:
    return patterns is None or any(matches(name, pattern) for pattern in patterns)


def _check_patterns(argument: str, patterns: tuple[str, ...] | None, names: Collection[str]) -> None:
    for pattern in patterns or ():
        if not any(_matches(name, (pattern,)) for name in names):
            _refuse(argument, pattern, names)


def _refuse(argument: str, got: str, names: Collection[str]) -> NoReturn:
    there = ", ".join(map(repr, sorted(names))) or "none"
    raise InvalidValueError(f"{argument} must name what is there ({there}), but got {shown(got)}")

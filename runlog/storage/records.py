"""What a run folder holds, as frozen values: the rows read back, and nothing that can change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import numbers_from_json
from runlog.images.boxes import Box
from runlog.images.identity import FieldValue
from runlog.images.pixels import Conversion
from runlog.storage.file_records import MediaRecord
from runlog.values.histogram import Histogram
from runlog.values.table import CellType

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.evaluation.verdicts import BoxVerdict, ImageEvaluation

    JudgedBoxes = list[tuple[Box, BoxVerdict]]

TextForm = Literal["text", "numbers"]
RunState = Literal["running", "finished", "failed", "crashed", "unknown"]


@dataclass(frozen=True, slots=True)
class RewindRecord:
    """One time that the run went back to an earlier step, as when it goes on from an older checkpoint.

    Attributes
    ----------
    rewound_at
        UTC time.
    step
        The step that it went back to: what was logged after it was removed.
    last_step
        The greatest step that was removed.
    steps, images
        How many were removed.
    revision
        The run's revision then.
    """

    rewound_at: datetime
    step: int
    last_step: int
    steps: int
    images: int
    revision: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: who, what, when and in which state.

    Attributes
    ----------
    folder
        The run folder it was read from.
    state
        ``running``, ``finished``, ``failed`` (an exception ended it, or `check` closed it after a crash),
        ``crashed`` (its process is gone) or ``unknown`` (written on another host, nothing heard of it
        recently).
    created_at, finished_at
        UTC times; `finished_at` is None until the run ended; after a crash, when it was last heard of.
    revision
        Grows with every change of the run, by whatever call.
    rewinds
        The times that it went back to an earlier step, the first first.
    """

    folder: Path
    id: str
    name: str
    project: str | None
    group: str | None
    tags: tuple[str, ...]
    notes: str | None
    config: Mapping[str, Any]
    summary: Mapping[str, Any]
    environment: Mapping[str, Any]
    state: RunState
    created_at: datetime
    finished_at: datetime | None
    revision: int
    rewinds: tuple[RewindRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step: when it was last logged to, the run's revision then, how many values of each kind it has."""

    step: int
    logged_at: datetime
    revision: int
    image_count: int
    text_count: int
    histogram_count: int
    file_count: int
    table_count: int

    @property
    def has_only_numbers(self) -> bool:
        """Whether nothing but numbers was logged at it; so of an empty gallery."""
        counts = (self.text_count, self.histogram_count, self.file_count, self.table_count)
        return not (self.image_count or any(counts))


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How much there is in a run.

    Attributes
    ----------
    images, texts, histograms, files, tables
        Number of images, of texts (each entry of a list is one), of histograms, of files that were logged and
        of tables, by key.
    media_files, media_bytes
        Number of media files, and their size; files that were logged are among them.
    run_files, run_bytes
        Number of the files of the run as a whole, and their size.
    last_logged
        UTC time of the last call; None if there was none.
    """

    steps: int
    images: Mapping[str, int]
    texts: Mapping[str, int]
    histograms: Mapping[str, int]
    files: Mapping[str, int]
    tables: Mapping[str, int]
    media_files: int
    media_bytes: int
    run_files: int
    run_bytes: int
    last_logged: datetime | None


@dataclass(frozen=True, slots=True)
class BoxLayerRecord:
    """The boxes of one layer on one image, in the order logged, with labels and colours of its classes.

    Attributes
    ----------
    verdicts
        What is said of each of its boxes, in their order; empty if the layer was not judged, or has no boxes.
    """

    kind: ClassVar[Literal["boxes"]] = "boxes"

    name: str
    boxes: tuple[Box, ...]
    class_labels: Mapping[int, str]
    class_colors: Mapping[int, str] = field(default_factory=FrozenDict)
    verdicts: tuple[BoxVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class MaskLayerRecord:
    """One mask layer on one image: a label image whose pixels are class ids (8 bit, 16 bit past 255).

    Attributes
    ----------
    class_ids
        The distinct class ids in the mask, ascending.
    """

    kind: ClassVar[Literal["masks"]] = "masks"

    name: str
    media: MediaRecord
    class_ids: tuple[int, ...]
    class_labels: Mapping[int, str]
    class_colors: Mapping[int, str] = field(default_factory=FrozenDict)


LayerRecord = BoxLayerRecord | MaskLayerRecord
"""A layer of any kind: `name`, `class_labels`, and ``kind``, which tells what else it has."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image logged under a key at a step.

    Attributes
    ----------
    index
        Its place in the list.
    id
        Which picture it is, over the steps and in every run; None where the script did not say.
    fields
        What the script said of it: name to bool, number (maybe NaN) or word, in the order given.
    evaluation
        What is said of it since it was judged, and how it was; None of an image that was not.
    """

    key: str
    step: int
    index: int
    caption: str | None
    grouping: int | None
    media: MediaRecord
    conversion: Conversion
    boxes: tuple[BoxLayerRecord, ...]
    masks: tuple[MaskLayerRecord, ...]
    id: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=FrozenDict)
    evaluation: ImageEvaluation | None = None

    @property
    def all_fields(self) -> Mapping[str, FieldValue]:
        """Its `fields`, then what its evaluation adds: ``tp``, ``precision`` …; the script's own stay."""
        return all_fields(self.fields, self.evaluation)

    @property
    def box_confusion(self) -> Mapping[tuple[int | None, int | None], int]:
        """How many boxes of each true class id were taken for which, once it is judged; None: for none.

        The diagonal holds the true positives, if boxes were matched by class; what else there is was matched
        by place alone. Boxes without a class have the id -1.
        """
        if self.evaluation is None or self.evaluation.boxes is None:
            return FrozenDict()
        from runlog.evaluation.verdicts import box_confusion

        return FrozenDict(box_confusion(*self._judged_boxes(self.evaluation.evaluation)))

    @property
    def left_overlaps(self) -> tuple[tuple[int, int, float], ...]:
        """What may be confused at another least score: `box_confusion` follows from it and the verdicts.

        The place of a predicted box without a partner, that of a true box that counts, whatever their classes
        are, and their intersection over union, where it is the evaluation's least or more.
        """
        if self.evaluation is None or self.evaluation.boxes is None:
            return ()
        from runlog.evaluation.gallery import left_overlaps

        evaluation = self.evaluation.evaluation
        size = (self.media.width, self.media.height)
        return left_overlaps(*self._judged_boxes(evaluation), evaluation, size)

    def _judged_boxes(self, evaluation: Evaluation) -> tuple[JudgedBoxes, JudgedBoxes]:
        """Return the boxes of truth and predictions, each with what is said of it."""
        judged = {
            layer.name: list(zip(layer.boxes, layer.verdicts, strict=True))
            for layer in self.boxes
            if layer.verdicts
        }
        return judged.get(evaluation.truth, []), judged.get(evaluation.predictions, [])

    @property
    def layers(self) -> tuple[LayerRecord, ...]:
        """The layers of every kind, in the order of their kinds and names."""
        return tuple(chain.from_iterable(getattr(self, kind.kind) for kind in get_args(LayerRecord)))

    def with_layers(self, layers: Iterable[LayerRecord]) -> ImageRecord:
        """Return the image with these layers, and none else."""
        of_kinds: dict[str, list[LayerRecord]] = {kind.kind: [] for kind in get_args(LayerRecord)}
        for layer in layers:
            of_kinds[layer.kind].append(layer)
        return replace(self, **{kind: tuple(found) for kind, found in of_kinds.items()})  # type: ignore[arg-type]


def all_fields(
    fields: Mapping[str, FieldValue], evaluation: ImageEvaluation | None
) -> Mapping[str, FieldValue]:
    """Return the fields that a script gave, then those that an evaluation adds to them."""
    if evaluation is None:
        return fields
    return FrozenDict({**fields, **{**evaluation.fields, **fields}})


@dataclass(frozen=True, slots=True, eq=False)
class ScalarSeries:
    """The numbers logged under one key, by ascending step.

    Equal to a series of the same content, where NaN is the same as NaN.

    Attributes
    ----------
    steps
        int64 of shape (count,); read-only.
    values
        float64 of shape (count,), one for each step; a value may be NaN or infinite; read-only.
    """

    key: str
    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScalarSeries):
            return NotImplemented
        return (
            self.key == other.key
            and np.array_equal(self.steps, other.steps)
            and np.array_equal(self.values, other.values, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class SystemSeries:
    """Numbers of the machine under one key, by ascending time.

    Attributes
    ----------
    key
        What it is, and in which unit: ``process.cpu_percent``, ``gpu.0.memory_gb`` …
    times
        UTC, datetime64[us] of shape (count,); read-only.
    values
        float64 of shape (count,), one for each time; read-only.
    """

    key: str
    times: NDArray[np.datetime64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TextRecord:
    """One text logged under a key at a step, or a list of numbers.

    Attributes
    ----------
    text
        As logged; of a list of numbers its JSON, where NaN is null and an infinity ±9e999.
    index
        Its place in the list that was logged; 0 of a text alone, and of a list of numbers.
    form
        ``text`` or ``numbers``; a run of version 2 or before has its lists of numbers as texts.
    """

    key: str
    step: int
    text: str
    index: int = 0
    form: TextForm = "text"

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The numbers of a list, integers and bools as such; None of what is none, whatever its row says."""
        try:
            return numbers_from_json(self.text) if self.form == "numbers" else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class HistogramRecord:
    """One histogram logged under a key at a step."""

    key: str
    step: int
    histogram: Histogram

    @property
    def edges(self) -> NDArray[np.float64]:
        """As of `Histogram`."""
        return self.histogram.edges

    @property
    def counts(self) -> NDArray[np.int64] | NDArray[np.float64]:
        """As of `Histogram`."""
        return self.histogram.counts

    @property
    def nan_count(self) -> int:
        """As of `Histogram`."""
        return self.histogram.nan_count

    @property
    def negative_infinity_count(self) -> int:
        """As of `Histogram`."""
        return self.histogram.negative_infinity_count

    @property
    def positive_infinity_count(self) -> int:
        """As of `Histogram`."""
        return self.histogram.positive_infinity_count


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    Attributes
    ----------
    type
        What its cells are, None aside: ``bool``, ``number``, ``text``, ``numbers`` (lists of them),
        ``image``, ``empty`` where there is nothing else, ``mixed`` where there are several kinds.
    """

    name: str
    type: CellType


@dataclass(frozen=True, slots=True)
class TableRecord:
    """One table logged under a key at a step: the first `row_count` rows of its data.

    Attributes
    ----------
    data_id
        The same for a table at several steps, as long as rows were only added to it.
    """

    key: str
    step: int
    data_id: int
    row_count: int
    columns: tuple[TableColumn, ...]

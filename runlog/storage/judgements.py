"""Evaluations and what they say ↔ their rows; written for one gallery at a time, read beside its images.

What judges is in the room `evaluation`, which is imported only where something is or was judged.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from sqlite3 import Connection
from typing import TYPE_CHECKING

from runlog import palette
from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import to_json
from runlog.errors import RunlogError
from runlog.storage.column_rules import class_ids_from_json
from runlog.storage.layout import check_key
from runlog.storage.row_checks import BadRowError, checked, confusion_from_json

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.evaluation.gallery import GalleryEvaluation
    from runlog.evaluation.verdicts import BoxVerdict, ImageEvaluation, MaskConfusion

_COLUMNS = (
    *("pattern", "truth", "predictions", "iou", "score", "min_score", "use_classes", "by_class"),
    "ignore_ids",
)
# SQLite makes the list of a CHECK (… IN (…)) anew for each statement, which takes as long as a row.
_ROWS_A_STATEMENT = 60
_IMAGE_COLUMNS = (
    *("image_id", "evaluation_id", "score", "tp", "fp", "fn", "mean_iou", "pixel_accuracy", "confusion"),
)
_VERDICT_COLUMNS = ("image_id", "layer", "index", "verdict", "partner", "iou", "score", "confused_with")


@dataclass(frozen=True, slots=True)
class JudgedGallery:
    """What is said of the images under a key at a step.

    Attributes
    ----------
    found
        Of each image, and of all together.
    scalars
        The numbers that are logged for it, by key.
    """

    found: GalleryEvaluation
    scalars: Mapping[str, float]

    def without(self, keys: Collection[str]) -> JudgedGallery:
        """Return it without the numbers of some keys."""
        kept = {key: number for key, number in self.scalars.items() if key not in keys}
        return replace(self, scalars=FrozenDict(kept))


def judged_gallery(judged: GalleryEvaluation, labels: Mapping[int, str]) -> JudgedGallery:
    """Return what is said of a gallery, with its numbers by keys beside its own.

    Parameters
    ----------
    labels
        Of its classes, for the keys of numbers by class.
    """
    found = {f"{judged.key}/{name}": float(number) for name, number in judged.numbers.items()}
    if judged.evaluation.by_class:
        for class_id, numbers in judged.by_class.items():
            for name, number in numbers.items():
                key = f"{judged.key}/{name}/{palette.class_label(class_id, labels)}"
                if key in found or not _is_key(key):
                    key = f"{judged.key}/{name}/class_{class_id}"
                found[key] = float(number)
    return JudgedGallery(judged, FrozenDict({key: number for key, number in found.items() if _is_key(key)}))


def _is_key(key: str) -> bool:
    try:
        check_key(key)
    except RunlogError:
        return False
    return True


def read_evaluations(db: Connection) -> dict[int, Evaluation]:
    """Read how predictions are judged by id, the oldest first; the last one that matches a key counts."""
    rows = list(
        checked(
            db.execute(f"SELECT id, {', '.join(_COLUMNS)} FROM evaluations ORDER BY id"),
            "evaluations.id",
            *(f"evaluations.{name}" for name in _COLUMNS),
        )
    )
    if not rows:
        return {}
    from runlog.evaluation.definition import Evaluation

    return {
        number: Evaluation(
            pattern,
            truth,
            predictions,
            iou,
            score,
            min_score,
            use_classes == 1,
            by_class == 1,
            class_ids_from_json(ignore_ids),
        )
        for number, pattern, truth, predictions, *rest in rows
        for iou, score, min_score, use_classes, by_class, ignore_ids in [rest]
    }


class JudgementRows:
    """Writes evaluations and what they say; a part of the `Store`, which opens the transactions.

    Attributes
    ----------
    evaluations
        How predictions are judged by id, the oldest first.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self.evaluations = read_evaluations(db)

    def insert_evaluation(self, evaluation: Evaluation) -> int:
        """Write how predictions are judged; return the id of its row."""
        values = [getattr(evaluation, name) for name in _COLUMNS]
        values[-1] = to_json(list(evaluation.ignore_ids))
        marks = ", ".join("?" * len(values))
        added = self._db.execute(f"INSERT INTO evaluations ({', '.join(_COLUMNS)}) VALUES ({marks})", values)
        assert added.lastrowid is not None  # noqa: S101 - an INSERT into a table with rowids sets it
        return added.lastrowid

    def insert(self, image_ids: Iterable[int], judged: JudgedGallery) -> None:
        """Write what is said of the images of a gallery, whose rows are there, as its numbers are."""
        found = judged.found
        # What was said twice alike has two rows, of which the last one counts.
        evaluation_id = max(number for number, one in self.evaluations.items() if one == found.evaluation)
        of_images = [
            (image_id, said)
            for image_id, said in zip(image_ids, found.images, strict=True)
            if said is not None
        ]
        self._insert_rows(
            "judged_images",
            _IMAGE_COLUMNS,
            [(image_id, evaluation_id, *_of_image(said.evaluation)) for image_id, said in of_images],
        )
        self._insert_rows(
            "box_verdicts",
            _VERDICT_COLUMNS,
            [
                (image_id, layer, index, one.verdict, one.partner, one.iou, one.score, one.confused_with)
                for image_id, said in of_images
                # In the order of the table, where a row behind the last is quicker than one between others.
                for layer, verdicts in sorted(said.verdicts.items())
                for index, one in enumerate(verdicts)
            ],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO judged_scalars (step, scalar_key, image_key) VALUES (?, ?, ?)",
            [(found.step, key, found.key) for key in judged.scalars],
        )

    def drop(self, step: int, key: str) -> None:
        """Delete what is said of a gallery: its numbers, too, since what follows may have others, or none."""
        self._db.execute(
            "DELETE FROM scalars WHERE step = ?1 AND key IN"
            " (SELECT scalar_key FROM judged_scalars WHERE step = ?1 AND image_key = ?2)",
            [step, key],
        )
        of_gallery = "image_id IN (SELECT id FROM images WHERE step = ? AND key = ?)"
        for table in ("box_verdicts", "judged_images"):
            self._db.execute(f"DELETE FROM {table} WHERE {of_gallery}", [step, key])

    def _insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        marks = f"({', '.join('?' * len(columns))})"
        many = len(rows) // _ROWS_A_STATEMENT * _ROWS_A_STATEMENT
        for count, of_count in ((_ROWS_A_STATEMENT, rows[:many]), (1, rows[many:])):
            self._db.executemany(
                f"INSERT INTO {table} ({_quoted(columns)}) VALUES {', '.join([marks] * count)}",
                [
                    list(chain.from_iterable(of_count[first : first + count]))
                    for first in range(0, len(of_count), count)
                ],
            )


def _of_image(said: ImageEvaluation) -> tuple[object, ...]:
    """Return what `judged_images` holds of an image, from its score on."""
    counts = (None, None, None) if said.boxes is None else (said.boxes.tp, said.boxes.fp, said.boxes.fn)
    shares = (_or_null(said.fields.get(name)) for name in ("mean_iou", "pixel_accuracy"))
    confusion = None if said.confusion is None else confusion_to_json(said.confusion)
    return said.score, *counts, *shares, confusion


def _or_null(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else number


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def confusion_to_json(confusion: MaskConfusion) -> str:
    """Return the pixels of a confusion as JSON."""
    return to_json([[*pair, count] for pair, count in confusion.pixels.items()])


Verdicts = Mapping[str, tuple["BoxVerdict", ...]]


def read_judgements(
    db: Connection, of_images: str = "TRUE", values: Sequence[int] = ()
) -> dict[int, tuple[ImageEvaluation, Verdicts]]:
    """Read what is said of images, by the id of the image: of itself, and of its boxes by layer."""
    columns = ("image_id", "evaluation_id", "score", "tp", "fp", "fn", "confusion")
    found = db.execute(f"SELECT {', '.join(columns)} FROM judged_images WHERE {of_images}", values)
    rows = list(checked(found, *(f"judged_images.{name}" for name in columns)))
    if not rows:
        return {}
    from runlog.evaluation.verdicts import BoxCounts, ImageEvaluation, MaskConfusion

    evaluations, verdicts = read_evaluations(db), _read_verdicts(db, of_images, values)
    judged: dict[int, tuple[ImageEvaluation, Verdicts]] = {}
    for image_id, evaluation_id, score, tp, fp, fn, confusion in rows:
        if evaluation_id not in evaluations or (tp is None, fp is None) != (fp is None, fn is None):
            raise BadRowError("judged_images must have an evaluation and three counts or none, but has not")
        evaluation = evaluations[evaluation_id]
        of_image = verdicts.get(image_id, {})
        if not {evaluation.truth, evaluation.predictions}.issuperset(of_image):
            raise BadRowError("box_verdicts must be of the layers that are compared, but has others")
        judged[image_id] = (
            ImageEvaluation(
                evaluation,
                score,
                None if tp is None else BoxCounts(tp, fp, fn),
                None if confusion is None else MaskConfusion(FrozenDict(confusion_from_json(confusion))),
            ),
            of_image,
        )
    return judged


def _read_verdicts(
    db: Connection, of_images: str, values: Sequence[int]
) -> dict[int, dict[str, tuple[BoxVerdict, ...]]]:
    from runlog.evaluation.verdicts import BoxVerdict

    said: defaultdict[tuple[int, str], list[BoxVerdict]] = defaultdict(list)
    rows = db.execute(
        f"SELECT {_quoted(_VERDICT_COLUMNS)} FROM box_verdicts WHERE {of_images}"
        ' ORDER BY image_id, layer, "index"',
        values,
    )
    for image_id, layer, index, *of_box in checked(
        rows, *(f"box_verdicts.{name}" for name in _VERDICT_COLUMNS)
    ):
        if index != len(said[image_id, layer]):
            raise BadRowError("box_verdicts must have a row for each box of a layer, but has not")
        said[image_id, layer].append(BoxVerdict(*of_box))
    by_image: defaultdict[int, dict[str, tuple[BoxVerdict, ...]]] = defaultdict(dict)
    for (image_id, layer), verdicts in said.items():
        by_image[image_id][layer] = tuple(verdicts)
    return by_image


def check_verdicts(verdicts: Sequence[BoxVerdict], boxes: int, others: int) -> None:
    """Refuse what is said of a layer, unless it fits its boxes, and those of the other layer.

    Raises
    ------
    BadRowError
        If it does not.
    """
    named = [one for said in verdicts for one in (said.partner, said.confused_with) if one is not None]
    if len(verdicts) != boxes or (named and max(named) >= others):
        raise BadRowError("box_verdicts must be of boxes that are there, but one is not")

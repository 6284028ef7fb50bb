"""`log_training`: the callbacks of an Ultralytics model, which log its training and its validation images."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runlog.images.boxes import BoxDict
from runlog.images.image import Image
from runlog.images.pixels import to_numpy
from runlog.integrations.used_run import UsedRun
from runlog.writing.local_run import LocalRun

KEY = "val/images"
"""Under which the validation images are logged."""

_TRUTH, _PREDICTIONS = "truth", "predictions"
_LEAST_SHOWN = 0.25
_PICTURES = (".png", ".jpg")


def log_training(
    model: Any,
    project: str | None = None,
    *,
    run: LocalRun | None = None,
    images: int = 16,
    **settings: Any,
) -> None:
    """Log what a model does from here on: ``log_training(model); model.train(data="coins.yaml")``.

    At each epoch its losses, learning rates and metrics are logged, and the first pictures that it is
    validated with, with true and predicted boxes (and masks, of a model that segments), which are judged as
    by `LocalRun.define_evaluation`. The arguments of the training are the configuration; the charts that
    Ultralytics draws are logged at the end.

    Parameters
    ----------
    model
        An ``ultralytics.YOLO``, or whatever has its ``add_callback``.
    project
        As of `runlog.init`.
    run
        A run that is there already. Without one, the run that `runlog.init` started last is logged to, and
        without that one of its own, which ends with the training.
    images
        How many pictures of each validation are logged; 0 for none.
    settings
        What else `runlog.init` is to be told: ``name``, ``dir``, ``tags`` …
    """
    # A launcher starts one process for each device.
    if os.environ.get("RANK", "-1") not in ("-1", "0"):
        return
    callbacks = _Callbacks(UsedRun(run, {"project": project, **settings}), images)
    for event in (
        "on_pretrain_routine_end",
        "on_train_epoch_end",
        "on_fit_epoch_end",
        "on_train_end",
        "on_val_start",
        "on_val_end",
    ):
        model.add_callback(event, getattr(callbacks, event))


class _Callbacks:
    """What Ultralytics calls, each with its trainer or its validator."""

    def __init__(self, run: UsedRun, images: int) -> None:
        self._run, self._most = run, images
        self._epoch: int | None = None
        self._pictures: list[Image] = []
        self._ids: set[str] = set()

    def on_pretrain_routine_end(self, trainer: Any) -> None:
        run = self._run.get(name=getattr(trainer.args, "name", None))
        run.config.update({name: value for name, value in vars(trainer.args).items() if value is not None})

    def on_train_epoch_end(self, trainer: Any) -> None:
        self._epoch = trainer.epoch + 1
        losses = trainer.label_loss_items(trainer.tloss, prefix="train")
        self._run.get().log({**losses, **trainer.lr}, step=self._epoch)

    def on_fit_epoch_end(self, trainer: Any) -> None:
        self._run.get().log(trainer.metrics, step=trainer.epoch + 1)

    def on_train_end(self, trainer: Any) -> None:
        plots = sorted({*map(Path, trainer.plots), *map(Path, getattr(trainer.validator, "plots", ()))})
        charts = {
            f"charts/{plot.stem}": Image(plot)
            for plot in plots
            if plot.suffix in _PICTURES and plot.is_file()
        }
        self._run.get().log(charts, step=trainer.epoch + 1)
        self._run.finish("finished")

    def on_val_start(self, validator: Any) -> None:
        """Have the first predictions of a validation kept: it gives them to a method of its own alone."""
        self._pictures, self._ids = [], set()
        update = validator.update_metrics

        def keep(predictions: Any, batch: Mapping[str, Any]) -> Any:
            left = self._most - len(self._pictures)
            if left > 0:
                self._pictures += _pictures(validator, predictions, batch, self._ids)[:left]
            return update(predictions, batch)

        validator.update_metrics = keep
        self._undo: Callable[[], object] = lambda: setattr(validator, "update_metrics", update)

    def on_val_end(self, validator: Any) -> None:
        self._undo()
        if self._pictures:
            run = self._run.get()
            run.define_evaluation(KEY, _TRUTH, _PREDICTIONS, score="confidence", min_score=_LEAST_SHOWN)
            # When the training is done, its best model is validated: to Ultralytics that is one more epoch.
            last = 0 if validator.training else 1
            run.log({KEY: self._pictures}, step=None if self._epoch is None else self._epoch + last)
            self._pictures = []


def _pictures(validator: Any, predictions: Any, batch: Mapping[str, Any], ids: set[str]) -> list[Image]:
    """Return the pictures of a batch with what is true and what was predicted; none without boxes."""
    if "bboxes" not in batch or not all(isinstance(one, Mapping) and "bboxes" in one for one in predictions):
        return []
    names = _names(validator)
    # The class of a pixel that is none is 0: with masks, those of boxes begin at 1 as well.
    first = 1 if all("masks" in one for one in (batch, *predictions)) else 0
    labels = {first + number: name for number, name in names.items()}
    return [
        _picture(place, prediction, batch, labels, first, _id(batch, place, ids))
        for place, prediction in enumerate(predictions)
    ]


def _picture(
    place: int,
    prediction: Mapping[str, Any],
    batch: Mapping[str, Any],
    labels: dict[int, str],
    first: int,
    image_id: str | None,
) -> Image:
    pixels = _array(batch["img"][place])
    here = _array(batch["batch_idx"]).reshape(-1) == place
    true_classes = _array(batch["cls"]).reshape(-1)[here].astype(int) + first
    found_classes = _array(prediction["cls"]).astype(int) + first
    truth: list[BoxDict] = [
        {"position": {"middle": box[:2].tolist(), "width": box[2], "height": box[3]}, "class_id": class_id}
        for box, class_id in zip(_array(batch["bboxes"])[here], true_classes.tolist(), strict=True)
    ]
    found: list[BoxDict] = [
        {
            "position": {"minX": box[0], "minY": box[1], "maxX": box[2], "maxY": box[3]},
            "domain": "pixel",
            "class_id": class_id,
            "scores": {"confidence": score},
        }
        for box, class_id, score in zip(
            _array(prediction["bboxes"]),
            found_classes.tolist(),
            _array(prediction["conf"]).tolist(),
            strict=True,
        )
    ]
    masks = {}
    if first:
        scores = _array(prediction["conf"])
        sure = scores >= _LEAST_SHOWN
        masks = {
            _TRUTH: _true_mask(_array(batch["masks"]), here, place, true_classes),
            _PREDICTIONS: _mask(_array(prediction["masks"])[sure], found_classes[sure]),
        }
    return Image(
        (pixels.transpose(1, 2, 0) * 255).round().astype(np.uint8),
        normalize=False,
        id=image_id,
        boxes={
            _TRUTH: {"box_data": truth, "class_labels": labels},
            _PREDICTIONS: {"box_data": found, "class_labels": labels},
        },
        masks={name: {"mask_data": mask, "class_labels": labels} for name, mask in masks.items()},
    )


def _id(batch: Mapping[str, Any], place: int, used: set[str]) -> str | None:
    """Return the name of a file, or all of its path where another has that name; None if it comes again."""
    if "im_file" not in batch:
        return None
    path = Path(batch["im_file"][place])
    found = next((name for name in (path.name, str(path)) if name not in used), None)
    if found is not None:
        used.add(found)
    return found


def _true_mask(masks: Any, here: Any, place: int, classes: Any) -> Any:
    """Return the class of each pixel: of a map of objects for each picture, or of a mask for each object."""
    if len(masks) == len(here):
        return _mask(masks[here], classes)
    objects = masks[place].astype(int)
    return np.concatenate([[0], classes])[objects] if objects.max(initial=0) <= len(classes) else objects * 0


def _mask(masks: Any, classes: Any) -> Any:
    """Return the class of each pixel of some masks, of which an earlier one, which is surer, lies above."""
    ids = np.zeros(masks.shape[1:], np.int64)
    for mask, class_id in zip(masks[::-1], classes[::-1], strict=True):
        ids[mask > 0.5] = class_id
    return ids


def _names(validator: Any) -> dict[int, str]:
    names = validator.names
    return dict(names if isinstance(names, Mapping) else enumerate(names))


def _array(values: Any) -> Any:
    return to_numpy(values, "what a model was validated with")

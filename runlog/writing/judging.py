"""The galleries of one call judged, where the script said how; else nothing is imported for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from runlog.errors import shown
from runlog.images.image import Image

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.evaluation.gallery import ImageLayers
    from runlog.storage.judgements import JudgedGallery

Labels = Mapping[int, str]


def judge(
    galleries: Mapping[str, Sequence[Image]], step: int, evaluations: Sequence[Evaluation], run_labels: Labels
) -> dict[str, JudgedGallery]:
    """Judge the images of a call.

    Parameters
    ----------
    galleries
        Lists of images by key.
    evaluations
        How they are judged; the last that matches a key counts.
    run_labels
        Of classes, where neither layer nor image has one.

    Returns
    -------
    dict
        What is said of each gallery that has something to judge, by key.

    Raises
    ------
    InvalidValueError
        As from `runlog.evaluation.gallery.evaluate_gallery`.
    """
    judged: dict[str, JudgedGallery] = {}
    if not evaluations:
        return judged
    from runlog.evaluation.definition import evaluation_of
    from runlog.evaluation.gallery import evaluate_gallery
    from runlog.storage.judgements import judged_gallery

    for key, images in galleries.items():
        if (evaluation := evaluation_of(key, evaluations)) is not None:
            found = evaluate_gallery(key, step, [_layers(image, evaluation) for image in images], evaluation)
            if found.image_count:
                judged[key] = judged_gallery(found, _labels(images, evaluation, run_labels))
    return judged


def why_not_judged(key: str, images: Sequence[Image], evaluations: Sequence[Evaluation]) -> str | None:
    """Return why none of the images of a list was judged, though it was said how, and they have layers."""
    if not evaluations:
        return None
    from runlog.evaluation.definition import evaluation_of

    evaluation = evaluation_of(key, evaluations)
    if evaluation is None:
        return None
    there = (
        {name for image in images for name in image.boxes},
        {name for image in images for name in image.masks},
    )
    compared = {evaluation.truth, evaluation.predictions}
    if not any(there) or any(compared <= names for names in there):
        return None
    return (
        f"{key!r} is not evaluated: its images must have layers {shown(evaluation.truth)} and "
        f"{shown(evaluation.predictions)}, both of boxes or both of masks, but have "
        f"{shown(sorted(set.union(*there)))}"
    )


def _layers(image: Image, evaluation: Evaluation) -> ImageLayers:
    from runlog.evaluation.gallery import ImageLayers

    truth, predictions = image.boxes.get(evaluation.truth), image.boxes.get(evaluation.predictions)
    true_mask, mask = image.masks.get(evaluation.truth), image.masks.get(evaluation.predictions)
    return ImageLayers(
        image.width,
        image.height,
        None if truth is None else truth.boxes,
        None if predictions is None else predictions.boxes,
        None if true_mask is None or mask is None else lambda: (true_mask.mask_data, mask.mask_data),
    )


def _labels(images: Sequence[Image], evaluation: Evaluation, run_labels: Labels) -> dict[int, str]:
    """Return the labels of classes, as the layers that are compared have them: as they are stored."""
    labels: dict[int, str] = {}
    for image in images if evaluation.by_class else ():
        of_image = {} if image.classes is None else image.classes.class_labels
        for name in (evaluation.predictions, evaluation.truth):
            for layer in (image.boxes.get(name), image.masks.get(name)):
                if layer is not None:
                    labels |= {**run_labels, **of_image, **layer.class_labels}
    return labels

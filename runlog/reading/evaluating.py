"""Images that were logged, judged: what their records have is compared, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from runlog.evaluation.definition import Evaluation, evaluation_of
from runlog.evaluation.gallery import GalleryEvaluation, ImageLayers, evaluate_gallery
from runlog.images.masks import LabelArray
from runlog.storage.records import ImageRecord

ClassIds = Callable[[ImageRecord, str], LabelArray]


def galleries_of(
    images: Sequence[ImageRecord], evaluations: Sequence[Evaluation]
) -> Iterator[tuple[Evaluation, list[ImageRecord]]]:
    """Yield the images of each list that is to be judged, and how.

    Parameters
    ----------
    images
        All images of some steps, by step, key and index.
    evaluations
        Of those that match a key the last one counts.
    """
    for (_, key), gallery in groupby(images, lambda image: (image.step, image.key)):
        if (evaluation := evaluation_of(key, evaluations)) is not None:
            yield evaluation, list(gallery)


def evaluate_records(
    images: Sequence[ImageRecord], evaluation: Evaluation, class_ids: ClassIds
) -> GalleryEvaluation:
    """Judge the images of one list, of which there is at least one.

    Parameters
    ----------
    class_ids
        Loads the mask of one layer on an image.

    Raises
    ------
    InvalidValueError
        As from `evaluate_gallery`.
    StorageError
        If the file of a mask cannot be read.
    """
    layers = [_layers(image, evaluation, class_ids) for image in images]
    return evaluate_gallery(images[0].key, images[0].step, layers, evaluation)


def labels_of(images: Sequence[ImageRecord], evaluation: Evaluation) -> dict[int, str]:
    """Return the labels of classes, as the layers that are compared have them."""
    labels: dict[int, str] = {}
    for image in images:
        for name in (evaluation.predictions, evaluation.truth):
            for layer in image.layers:
                if layer.name == name:
                    labels |= layer.class_labels
    return labels


def _layers(image: ImageRecord, evaluation: Evaluation, class_ids: ClassIds) -> ImageLayers:
    truth, predictions = evaluation.truth, evaluation.predictions
    boxes = {layer.name: layer.boxes for layer in image.boxes}
    has_masks = {truth, predictions} <= {layer.name for layer in image.masks}
    return ImageLayers(
        image.media.width,
        image.media.height,
        boxes.get(truth),
        boxes.get(predictions),
        (lambda: (class_ids(image, truth), class_ids(image, predictions))) if has_masks else None,
    )

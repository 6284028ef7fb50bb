"""What is searched of images: their captions and ids, and the names of what is drawn over them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import runlog
from runlog import palette
from runlog_viewer.pages import site_names
from runlog_viewer.pages.layers import KINDS, mask_rules


def of_images(
    images: Sequence[runlog.ImageRecord], thumbnails: Mapping[str, str]
) -> Iterator[tuple[Any, ...]]:
    """Yield step, key, index, caption, the link to a picture, and the names of what is drawn; of some the id.

    Images that have none of these words are left out.

    Parameters
    ----------
    images
        All of a step.
    thumbnails
        Pixel hash → the path of a small copy; links are from the run folder.
    """
    rules = mask_rules(images)
    for image in images:
        words = list(dict.fromkeys(_drawn(image, rules[image.key])))
        if image.caption or words or image.id is not None:
            picture = thumbnails.get(image.media.pixel_hash) or site_names.media_file(image.media)
            name = () if image.id is None else (image.id,)
            yield image.step, image.key, image.index, image.caption, picture, words, *name


def _drawn(image: runlog.ImageRecord, rule: palette.MaskRule) -> Iterator[str]:
    """Yield the classes of the layers of an image that are not off at first, and what is said of boxes."""
    for kind in KINDS:
        for layer in kind.records(image):
            for class_id, is_off in dict.fromkeys(kind.classes(layer, rule)):
                if not is_off:
                    yield palette.class_label(class_id, layer.class_labels)
    for layer in image.boxes:
        yield from (box.caption for box in layer.boxes if box.caption)

"""What is searched of images: captions, the classes that are drawn, and what is said of boxes."""

from __future__ import annotations

from collections.abc import Callable

import runlog
from runlog_viewer.pages.searched import of_images

ImageOf = Callable[..., runlog.ImageRecord]
MediaOf = Callable[..., runlog.MediaRecord]
FILE = "media/images/a/000000000-0000-1a2b3c4d.png"


def box(class_id: int, caption: str | None = None) -> runlog.Box:
    return runlog.Box("min_max", "pixel", (1, 2, 1, 2), class_id=class_id, caption=caption)


def test_an_image_is_told_once_with_each_name_once(image: ImageOf, media: MediaOf) -> None:
    layers = (
        runlog.BoxLayerRecord("a", (box(1), box(1), box(7)), {1: "coin"}),
        runlog.BoxLayerRecord("b", (box(1, "a shiny one"), box(1, "coin")), {1: "penny"}),
    )
    masks = (runlog.MaskLayerRecord("m", media(), (0, 3), {0: "background", 3: "sky"}),)
    found = of_images([image(caption="a picture", boxes=layers, masks=masks)], {})
    names = ["coin", "class_7", "penny", "sky", "a shiny one"]
    assert list(found) == [(0, "a", 0, "a picture", FILE, names)]


def test_what_has_no_words_is_left_out_and_a_large_picture_is_shown_small(
    image: ImageOf, media: MediaOf
) -> None:
    images = [image(), image(index=1, caption="seen"), image(index=2, caption="")]
    found = list(of_images(images, {media().pixel_hash: "viewer/thumbs/x.webp"}))
    assert found == [(0, "a", 1, "seen", "viewer/thumbs/x.webp", [])]

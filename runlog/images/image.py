"""`Image`: one picture to be logged, with its caption, boxes and masks; checked once, then frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from PIL import Image as PILImage

from runlog.basics.frozen import FrozenDict
from runlog.basics.integers import integer, is_of_64_bits
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images import formats
from runlog.images.boxes import BOX_FIELDS, BoundingBoxes2D, Box, BoxLayerDict, box_layer_dict
from runlog.images.checks import caption_text
from runlog.images.classes import ClassDict, Classes
from runlog.images.identity import FieldValue, check_identity, check_image_fields, comparable_fields
from runlog.images.layers import read_layers
from runlog.images.masks import ImageMask, MaskDict
from runlog.images.picture_file import MAX_DIMENSION, MAX_PIXELS
from runlog.images.pixels import AnyArray, Conversion, Pixels, guess_mode, to_numpy, to_pixels
from runlog.images.sources import Picture, read_source

_NONE: FrozenDict[str, Any] = FrozenDict()


class MaskStore(Protocol):
    """What `Image.all_masks` needs of a run: a place for the media files of masks."""

    def store_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int | str, index: int
    ) -> dict[str, dict[str, Any]]:
        """Put the media files of an image's masks in place, without a row, and say where they are."""
        ...


@dataclass(frozen=True, init=False, eq=False, repr=False, slots=True)
class Image:
    """A picture to be logged under a key.

    Pixels are taken (read and copied) here and nothing is written: what happens to the array or the file
    later changes nothing. An `Image` never changes.

    Parameters
    ----------
    data_or_path
        numpy array H×W, H×W×1 (grey), H×W×2 (grey, alpha), H×W×3 or H×W×4; torch tensor (channel first) or
        anything with ``__array__`` or ``.numpy()``; PIL image; path; open binary file (read from its start);
        matplotlib figure, or pyplot for its current one; or another `Image`: a copy, overlays included, in
        which what is passed here overrides. A leading axis of 1 is dropped; a larger batch becomes one grid
        (8 a row, 2 px apart). A file is turned upright by its EXIF orientation; of a PIL image, the pixels
        count as they are.
    mode
        PIL mode to convert to, such as ``L``, ``RGB``, ``RGBA``.
    caption
        Text shown with the picture.
    grouping
        Integer; pictures of a gallery with the same grouping are shown together.
    classes
        `Classes`, or a list of ``{"id": int, "name": str}``: class labels for layers without their own.
    boxes
        Layer name to `BoundingBoxes2D` or its dict.
    masks
        Layer name to `ImageMask` or its dict. A mask of another size is drawn stretched.
    file_type
        ``png`` (default), ``jpg``, ``jpeg`` (quality 95), ``bmp`` or ``webp`` (lossless). A file given by
        path keeps its bytes unless `mode` or `file_type` asks for others.
    normalize
        Scale arrays and tensors within [0, 1] or [-1, 1] to 0 … 255 (see `runlog.images.pixels`), and PIL
        images of floats or 32 bits with them; False only clips.
    id
        Which picture this is: the same text, or integer, at every step and in every run; no two images of a
        list may have the same. True takes the name of the file, where `data_or_path` is a path. By default
        it is known by its place in the list.
    fields
        Name to number, bool or word: what else is known of this one image, such as
        ``{"truth": 8, "p": 0.87}``. None is left out.

    Attributes
    ----------
    MAX_DIMENSION
        Most pixels a side: 65500.
    MAX_PIXELS
        Most pixels in all: 500 million. May be set.
    MAX_ITEMS
        Images on one gallery page of the viewer: 108. The log itself is never cut.
    format
        ``png``, ``jpg``, ``bmp``, ``webp``, ``gif`` or ``avif``.
    conversion
        What was done to the pixels.
    warnings
        Topic to message: what may surprise about this picture. `LocalRun.log` warns once per key and topic.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        Each a `RunlogError`, and a `TypeError`, `ValueError` or `OSError`.
    """

    MAX_DIMENSION: ClassVar[int] = MAX_DIMENSION
    MAX_ITEMS: ClassVar[int] = 108
    MAX_PIXELS: ClassVar[int] = MAX_PIXELS

    picture: Picture
    format: str
    caption: str | None
    grouping: int | None
    classes: Classes | None
    boxes: Mapping[str, BoundingBoxes2D]
    masks: Mapping[str, ImageMask]
    id: str | None
    fields: Mapping[str, FieldValue]
    warnings: Mapping[str, str]

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | None = None,
        grouping: int | None = None,
        classes: Classes | Sequence[ClassDict] | None = None,
        boxes: Mapping[str, BoundingBoxes2D | BoxLayerDict] | None = None,
        masks: Mapping[str, ImageMask | MaskDict] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
        *,
        id: str | int | bool | None = None,
        fields: Mapping[str, FieldValue | None] | None = None,
    ) -> None:
        normalize = _flag(normalize)
        identity = check_identity(id, data_or_path)
        if isinstance(data_or_path, Image):
            given = data_or_path
            picture, kept = given.picture, given.format
            caption = given.caption if caption is None else caption
            grouping = given.grouping if grouping is None else grouping
            classes = given.classes if classes is None else classes
            boxes = given.boxes if boxes is None else boxes
            masks = given.masks if masks is None else masks
            identity = given.id if id is None else identity
            fields = given.fields if fields is None else fields
        else:
            picture = read_source(data_or_path, normalize=normalize, max_pixels=self.MAX_PIXELS)
            kept = picture.file_format or "png"
        if mode is not None:
            was_file = picture.file_format is not None
            picture = formats.convert_mode(picture, mode, normalize=normalize)
            kept = "png" if was_file and picture.file_format is None else kept
        name = kept if file_type is None else formats.file_format(file_type)
        if picture.batch > 1 and (boxes or masks):
            raise InvalidValueError(
                f"boxes and masks must lie on one picture, but a batch of {picture.batch} became one sheet; "
                "log a list: [Image(picture, boxes=…, masks=…) for picture in batch]"
            )
        # Through object: the class is frozen.
        put = object.__setattr__
        put(self, "picture", formats.fit(picture, name, normalize=normalize))
        put(self, "format", name)
        put(self, "caption", caption_text(caption, "caption"))
        put(self, "grouping", _grouping(grouping))
        put(self, "classes", classes if classes is None or isinstance(classes, Classes) else Classes(classes))
        put(self, "boxes", _NONE if boxes is None else read_layers(boxes, "boxes", BoundingBoxes2D))
        put(self, "masks", _NONE if masks is None else read_layers(masks, "masks", ImageMask))
        put(self, "id", identity)
        put(self, "fields", check_image_fields(fields))
        put(self, "warnings", _warnings(self, caption))

    @property
    def image(self) -> PILImage.Image:
        """The stored pixels as a PIL image (a new one each time)."""
        return self.picture.to_pil()

    @property
    def width(self) -> int:
        """Width in pixels, upright (after an EXIF orientation)."""
        return self.picture.size[0]

    @property
    def height(self) -> int:
        """Height in pixels, upright (after an EXIF orientation)."""
        return self.picture.size[1]

    @property
    def conversion(self) -> Conversion:
        """What was done to the pixels on their way here."""
        return self.picture.conversion

    @staticmethod
    def guess_mode(data: AnyArray) -> str:
        """Return the PIL mode (L, LA, RGB or RGBA) of an array, by its shape."""
        return guess_mode(to_numpy(data, "data"))

    @classmethod
    def to_uint8(cls, data: AnyArray) -> Pixels:
        """Return an array's values as uint8, by the normalization table of `runlog.images.pixels`."""
        return to_pixels(to_numpy(data, "data"))[0]

    @classmethod
    def all_boxes(
        cls, images: Sequence[Image], run: MaskStore, run_key: str, step: int | str
    ) -> list[dict[str, BoxLayerDict] | None] | Literal[False]:
        """Return the boxes of each image as they were given, by layer.

        Parameters
        ----------
        images
            The images of one list.
        run, run_key, step
            Where they belong. Nothing is written.

        Returns
        -------
        list or False
            Per image a dict of layer name to ``{"box_data": […], "class_labels": {…}}``, None for an image
            without boxes; False when no image has any.
        """
        found = [
            {name: box_layer_dict(layer) for name, layer in image.boxes.items()} or None
            for image in _checked(images)
        ]
        return found if any(found) else False

    @classmethod
    def all_masks(
        cls, images: Sequence[Image], run: MaskStore, run_key: str, step: int | str
    ) -> list[dict[str, Any] | None] | Literal[False]:
        """Return where the masks of each image are stored, by layer.

        Parameters
        ----------
        images
            The images of one list.
        run, run_key, step
            Where they belong. A mask's media file may be stored by this call, a row never.

        Returns
        -------
        list or False
            Per image a dict of layer name to ``{"path": relative to the run folder, "sha256", "size": bytes,
            "class_labels": {…}}``, None for an image without masks; False when no image has any.
        """
        if not any(image.masks for image in _checked(images)):
            return False
        return [
            run.store_masks(image.masks, run_key, step, index) or None for index, image in enumerate(images)
        ]

    @classmethod
    def all_captions(cls, images: Sequence[Any]) -> list[str | None] | Literal[False]:
        """Return the caption of each image (or of anything with ``.caption``); False when none has any."""
        for index, image in enumerate(images):
            if not hasattr(image, "caption"):
                raise InvalidTypeError(f"images[{index}] must have a caption, but got {shown(image)}")
        captions = [image.caption for image in images]
        return captions if any(caption is not None for caption in captions) else False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Image):
            return NotImplemented
        ours, theirs = (
            (
                i.format,
                i.caption,
                i.grouping,
                i.classes,
                i.boxes,
                i.masks,
                i.id,
                comparable_fields(i.fields),
                formats.pixel_hash(i.picture, i.format),
            )
            for i in (self, other)
        )
        return ours == theirs

    def __hash__(self) -> int:
        return hash((self.format, self.caption, self.grouping, self.picture.size))

    def __repr__(self) -> str:
        parts = [f"{self.width}×{self.height} {self.picture.mode} {self.format}"]
        parts += [f"id={shown(self.id)}"] if self.id is not None else []
        parts += [f"caption={shown(self.caption)}"] if self.caption is not None else []
        parts += [f"boxes={shown(list(self.boxes))}"] if self.boxes else []
        parts += [f"masks={shown(list(self.masks))}"] if self.masks else []
        return f"Image({', '.join(parts)})"

    def _repr_png_(self) -> bytes:
        """Return what a notebook shows where it cannot show HTML: the picture without its overlays."""
        from runlog.images import html

        return html.image_png(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the picture with its boxes and masks, in one piece."""
        from runlog.images import html

        return html.image_html(self)


def _checked(images: Sequence[Image]) -> Sequence[Image]:
    for index, image in enumerate(images):
        if not isinstance(image, Image):
            raise InvalidTypeError(f"images[{index}] must be an Image, but got {shown(image)}")
    return images


def _flag(normalize: object) -> bool:
    if not isinstance(normalize, (bool, np.bool_)):
        raise InvalidTypeError(f"normalize must be True or False, but got {shown(normalize)}")
    return bool(normalize)


def _grouping(value: object) -> int | None:
    if value is None:
        return None
    if (number := integer(value, may_be_bool=True)) is None:
        raise InvalidTypeError(f"grouping must be an integer or None, but got {shown(value)}")
    if not is_of_64_bits(number):
        raise InvalidValueError(f"grouping must be from -2**63 to 2**63 - 1, but got {shown(number)}")
    return number


def _warnings(image: Image, caption: object) -> FrozenDict[str, str]:
    """Return topic to message of what may surprise about an image, given its caption."""
    found = image.conversion.surprises()
    if isinstance(caption, str) and caption != image.caption:
        found["caption"] = (
            "the caption has lone surrogates, which no UTF-8 text can hold; they were written as escapes: "
            f"{shown(image.caption)}"
        )
    if image.picture.losses:
        found["mode"] = "; ".join(image.picture.losses)
    if image.picture.batch > 1:
        found["batch"] = (
            f"a batch of {image.picture.batch} pictures became one sheet; to see each by itself, log a list: "
            "[Image(picture) for picture in batch]"
        )
    if image.masks and (message := _stretched_masks(image)):
        found["mask size"] = message
    if image.boxes:
        found.update(_box_warnings(image))
    return FrozenDict(found) if found else _NONE


def _stretched_masks(image: Image) -> str | None:
    sizes = {name: mask.mask_data.shape[::-1] for name, mask in image.masks.items()}
    other = {name: size for name, size in sizes.items() if size != (image.width, image.height)}
    masks = ", ".join(f"mask {shown(name)} is {width}×{height}" for name, (width, height) in other.items())
    return f"{masks}, but the image {image.width}×{image.height}: drawn stretched" if other else None


def _box_warnings(image: Image) -> dict[str, str]:
    width, height = image.picture.size
    placed = [
        (name, index, box, box.pixel_corners(width, height))
        for name, layer in image.boxes.items()
        for index, box in enumerate(layer.boxes)
    ]
    found: dict[str, str] = {}
    bad = [(name, index, box) for name, index, box, corners in placed if corners is None]
    if bad:
        name, index, box = bad[0]
        found["boxes"] = (
            f"{len(bad)} of {len(placed)} boxes cannot be drawn (NaN, infinite, inverted or empty), such as "
            f"number {index} of layer {shown(name)}, {box.in_words()}; they are kept{_order_hint(box)}"
        )
    if unknown := {name: layer.ignored_fields for name, layer in image.boxes.items() if layer.ignored_fields}:
        name, fields = next(iter(unknown.items()))
        found["box fields"] = (
            f"boxes of layer {shown(name)} have fields that no box has, which were ignored: "
            f"{', '.join(map(shown, fields))}; a box has {', '.join(BOX_FIELDS)}"
        )
    for name, index, box, corners in placed:
        if corners is not None and (message := _misplaced(box, corners, width, height)):
            found["box domain"] = f"box {index} of layer {shown(name)}, {box.in_words()}, {message}"
            break
    return found


def _order_hint(box: Box) -> str:
    """Tell four numbers that were likely given in the order x, y, x, y."""
    left, right, top, bottom = box.numbers
    is_inverted = box.form == "min_max" and (right < left or bottom < top)
    # As minX, minY, maxX, maxY they would be a box.
    if is_inverted and left < top and right < bottom:
        return "; if they were given as x, y, x, y: that order is minX, minY, maxX, maxY"
    return "; a box has minX < maxX and minY < maxY" if is_inverted else ""


def _misplaced(box: Box, corners: tuple[float, float, float, float], width: int, height: int) -> str | None:
    """Tell a box that was likely given in the other domain: pixels taken as fractions, or the reverse."""
    left, top, right, bottom = corners
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        hint = '; numbers in pixels need "domain": "pixel"' if box.domain == "fraction" else ""
        return f"lies outside the image of {width}×{height}{hint}"
    if box.domain == "pixel" and right <= 1 and bottom <= 1 and (width, height) > (1, 1):
        return 'is within one pixel; fractions of the image need "domain": None'
    return None

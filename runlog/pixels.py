"""Arrays to 8-bit pixels: the normalization table of the `Image` reference, and nothing else.

Pure functions of arrays. The rule follows from the range of the finite values, whatever the dtype:

==================  ==========================================  ===============
range               rule                                        name
==================  ==========================================  ===============
within [0, 1]       × 255, truncated                            ``unit``
within [-1, 1]      255 · 0.5 · (x + 1), truncated              ``signed_unit``
anything else       clipped to [0, 255], truncated              ``clip``
normalize=False     clipped to [0, 255], truncated              ``none``
==================  ==========================================  ===============

NaN is stored as 0, +inf as 255, -inf as 0; all are counted.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runlog.errors import InvalidTypeError, InvalidValueError, shown

Rule = Literal["unit", "signed_unit", "clip", "none", "as_is"]
Source = Literal["array", "tensor", "pil", "file", "figure"]
Pixels = NDArray[np.uint8]
AnyArray = NDArray[Any]

GRID_COLUMNS = 8
GRID_PADDING = 2
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WHITE = 255
# A float picture whose largest value is this small was meant to be in [0, 1], or is black once clipped.
_NEARLY_BLACK = 2.0
_SURPRISING_CLIPPED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was done to a picture on its way into the log.

    Attributes
    ----------
    source
        ``array``, ``tensor``, ``pil``, ``file`` or ``figure``.
    dtype, shape
        Of the array as given; None for anything else.
    minimum, maximum
        Range of the finite values as given; None where there are none, or nothing was measured.
    rule
        Name in the normalization table; ``as_is`` for PIL images, files and figures.
    clipped
        Count of finite values outside [0, 255] that were clipped.
    non_finite
        Count of NaN and infinite values.
    size
        Count of all values.
    notes
        Further conversions, in words (mode changes, a grid made of a batch).
    """

    source: Source
    dtype: str | None = None
    shape: tuple[int, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    rule: Rule = "as_is"
    clipped: int = 0
    non_finite: int = 0
    size: int = 0
    notes: tuple[str, ...] = ()

    def surprise(self) -> str | None:
        """Return what a user should be warned about, or None where the picture is as expected."""
        of = f"{self.dtype} array of shape {self.shape}, range [{self.minimum}, {self.maximum}]"
        if self.non_finite:
            return f"{self.non_finite} of {self.size} values are NaN or infinite (stored as 0 or 255): {of}"
        if (
            self.rule in ("unit", "signed_unit")
            and self._is_integer()
            and (self.minimum, self.maximum) != (0, 0)
        ):
            return (
                f"integers were scaled to 0 … 255, as values within [-1, 1] are: {of}; "
                "pass normalize=False to store them as they are"
            )
        if self.rule == "clip" and not self._is_integer() and (self.maximum or 0.0) <= _NEARLY_BLACK:
            return (
                f"the values miss [0, 1] and [-1, 1], so they were clipped to 0 … 255 and the picture is "
                f"nearly black: {of}; scale or clip them before logging"
            )
        if self.rule == "clip" and self.clipped > _SURPRISING_CLIPPED_SHARE * self.size:
            return f"{self.clipped} of {self.size} values were clipped to 0 … 255: {of}"
        return None

    def _is_integer(self) -> bool:
        return self.dtype is not None and self.dtype.lstrip("<>=").startswith(("int", "uint"))


def is_tensor(data: object) -> bool:
    """Return whether `data` is a torch tensor, or walks like one (its pictures are channel first)."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(data, torch.Tensor):
        return True
    return all(callable(getattr(data, name, None)) for name in ("detach", "cpu", "numpy", "permute"))


def to_numpy(data: object, where: str) -> AnyArray:
    """Return `data` as a numpy array, without a copy where that is possible.

    Takes numpy arrays, torch tensors (any device, any dtype numpy knows, and bfloat16), whatever has
    ``__array__`` or ``.numpy()``, and nested lists.

    Raises
    ------
    InvalidTypeError
        If numpy cannot take it.
    """
    if isinstance(data, np.ndarray):
        return np.asarray(data)
    try:
        if is_tensor(data):
            return _tensor_to_numpy(data)
        if not hasattr(data, "__array__") and callable(getattr(data, "numpy", None)):
            data = data.numpy()  # type: ignore[attr-defined]
        return np.asarray(data)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InvalidTypeError(f"{where} must be an array, but got {shown(data)} ({error})") from None


def _tensor_to_numpy(tensor: Any) -> AnyArray:
    tensor = tensor.detach().cpu()
    torch = sys.modules.get("torch")
    if torch is not None and tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return np.asarray(tensor.numpy())


def guess_mode(data: AnyArray) -> str:
    """Return the PIL mode of an array by its shape: L (H×W, H×W×1), LA (…×2), RGB (…×3) or RGBA (…×4).

    Raises
    ------
    InvalidValueError
        For any other shape.
    """
    if data.ndim == 2:
        return "L"
    if data.ndim == 3 and data.shape[-1] in _MODES:
        return _MODES[data.shape[-1]]
    raise InvalidValueError(
        f"an image array must be height × width, or height × width × 1 to 4 channels, but got {data.shape}"
    )


def to_pixels(data: AnyArray, *, normalize: bool = True) -> tuple[Pixels, Conversion]:
    """Return new uint8 values of the same shape, by the normalization table, and what was done.

    Parameters
    ----------
    data
        Booleans, integers or floats of any shape with at least one value.
    normalize
        False: clip only.

    Raises
    ------
    InvalidTypeError
        For complex, object, string and other arrays that hold no real numbers.
    InvalidValueError
        For an array without values.
    """
    dtype, shape = str(data.dtype), data.shape
    data = _real_numbers(data)
    if data.size == 0:
        raise InvalidValueError(f"an image array must have at least one value, but got shape {shape}")
    if data.dtype.kind == "f":
        pixels, low, high, rule, clipped, non_finite = _from_floats(data, normalize)
    else:
        pixels, low, high, rule, clipped = _from_integers(data, normalize)
        non_finite = 0
    return pixels, Conversion(
        source="array",
        dtype=dtype,
        shape=shape,
        minimum=low,
        maximum=high,
        rule=rule,
        clipped=clipped,
        non_finite=non_finite,
        size=data.size,
    )


def _real_numbers(data: AnyArray) -> AnyArray:
    if data.dtype.kind in "bui":
        return data
    # Computed in float32 for 8- and 16-bit types and float32, in float64 for the rest. A dtype such as
    # ml_dtypes' bfloat16 is no float to numpy, yet converts to one.
    if data.dtype.kind == "f" or (data.dtype.kind == "V" and data.dtype.type is not np.void):
        return data.astype(np.float32 if data.dtype.itemsize <= 4 else np.float64, copy=False)
    raise InvalidTypeError(f"an image array must hold booleans, integers or floats, but got {data.dtype}")


def _rule(low: float, high: float, normalize: bool) -> Rule:
    if not normalize:
        return "none"
    if low >= 0 and high <= 1:
        return "unit"
    return "signed_unit" if low >= -1 and high <= 1 else "clip"


def _from_integers(data: AnyArray, normalize: bool) -> tuple[Pixels, int, int, Rule, int]:
    low, high = int(data.min()), int(data.max())
    rule = _rule(low, high, normalize)
    if rule == "unit":
        return data.astype(np.uint8) * np.uint8(_WHITE), low, high, rule, 0
    if rule == "signed_unit":
        return np.array([0, 127, 255], np.uint8)[data + 1], low, high, rule, 0
    if low >= 0 and high <= _WHITE:
        return data.astype(np.uint8), low, high, rule, 0
    clipped = int(np.count_nonzero((data < 0) | (data > _WHITE)))
    return data.clip(0, _WHITE).astype(np.uint8), low, high, rule, clipped


def _from_floats(
    data: AnyArray, normalize: bool
) -> tuple[Pixels, float | None, float | None, Rule, int, int]:
    low, high = float(data.min()), float(data.max())
    if math.isfinite(low) and math.isfinite(high):
        rule = _rule(low, high, normalize)
        return _scaled(data, rule), low, high, rule, _count_clipped(data, low, high), 0
    finite = np.isfinite(data)
    non_finite = int(data.size - np.count_nonzero(finite))
    if non_finite == data.size:
        pixels = np.where(data > 0, np.uint8(_WHITE), np.uint8(0))
        return pixels, None, None, "clip" if normalize else "none", 0, non_finite
    low, high = float(data[finite].min()), float(data[finite].max())
    rule = _rule(low, high, normalize)
    pixels = _scaled(np.where(finite, data, data.dtype.type(0)), rule)
    pixels[~finite] = 0
    pixels[data == math.inf] = _WHITE
    return pixels, low, high, rule, _count_clipped(data[finite], low, high), non_finite


def _scaled(data: AnyArray, rule: Rule) -> Pixels:
    if rule == "unit":
        return (data * _WHITE).astype(np.uint8)
    if rule == "signed_unit":
        return (_WHITE * 0.5 * (data + 1)).astype(np.uint8)
    return data.clip(0, _WHITE).astype(np.uint8)


def _count_clipped(data: AnyArray, low: float, high: float) -> int:
    if low >= 0 and high <= _WHITE:
        return 0
    return int(np.count_nonzero((data < 0) | (data > _WHITE)))


def channels_last(data: AnyArray) -> AnyArray:
    """Move the channel axis of a tensor's array to the end: C×H×W to H×W×C, N×C×H×W to N×H×W×C."""
    return np.moveaxis(data, -3, -1) if data.ndim >= 3 else data


def without_leading_ones(data: AnyArray) -> AnyArray:
    """Drop leading axes of length 1 that are a batch of one; a 1×W×3 picture stays as it is."""
    while data.shape[0:1] == (1,) and not _is_picture(data):
        data = data[0]
    return data


def _is_picture(data: AnyArray) -> bool:
    return data.ndim <= 2 or (data.ndim == 3 and data.shape[-1] in _MODES)


def grid(batch: Pixels) -> Pixels:
    """Lay a batch N×H×W×C out as one picture: 8 a row, 2 px of black (transparent) between and around."""
    count, height, width, channels = batch.shape
    columns = min(GRID_COLUMNS, count)
    rows = -(-count // columns)
    cell_height, cell_width = height + GRID_PADDING, width + GRID_PADDING
    sheet = np.zeros(
        (rows * cell_height + GRID_PADDING, columns * cell_width + GRID_PADDING, channels), np.uint8
    )
    for index, picture in enumerate(batch):
        top = (index // columns) * cell_height + GRID_PADDING
        left = (index % columns) * cell_width + GRID_PADDING
        sheet[top : top + height, left : left + width] = picture
    return sheet

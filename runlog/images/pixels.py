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

Computed in float32 for 8- and 16-bit types and float32, in float64 for the rest; integers stay integers. NaN
is stored as 0, +inf as 255, -inf as 0; all are counted, and where nothing is finite the rule is ``clip``.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import lru_cache
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
# What is seen of a picture that reaches no higher than this, of 255, is black.
_NEARLY_BLACK = 16
# Of a reduced picture with no more grey levels than this, something was lost that the eye would have seen.
_FEW_LEVELS = 16
_SURPRISING_CLIPPED_SHARE = 0.01
_PART = 1 << 14
_SIGNED_UNIT_OF_INTEGERS = np.array([0, 127, 255], np.uint8)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was done to a picture on its way into the log.

    Attributes
    ----------
    source
        ``array``, ``tensor``, ``pil``, ``file`` or ``figure``.
    dtype, shape
        Of the array or tensor as given, and of a PIL image or file with more than 8 bits; None for anything
        else.
    minimum, maximum
        Range of the finite values as given; None where there are none, or nothing was measured.
    rule
        Name in the normalization table; ``as_is`` for PIL images, files and figures whose pixels are kept.
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

    def surprises(self) -> dict[str, str]:
        """Return what a user should be warned about, by topic; empty where the picture is as expected."""
        found: dict[str, str] = {}
        if self.non_finite:
            found["not finite"] = (
                f"{self.non_finite} of {self.size} values are NaN or infinite "
                f"(stored as 0 or 255): {self._input()}"
            )
        if self._is_scaled_integers():
            found["scaled integers"] = (
                f"integers were scaled to 0 … 255, as values within [-1, 1] are: {self._input()}; "
                "pass normalize=False to store them as they are"
            )
        lost = {} if (reduced := self._reduced_to()) is None else self._lost_range(*reduced)
        if self.clipped > _SURPRISING_CLIPPED_SHARE * self.size and "nearly black" not in lost:
            found["clipped"] = (
                f"{self.clipped} of {self.size} values were clipped to 0 … 255: {self._input()}"
            )
        else:
            found.update(lost)
        return found

    def _lost_range(self, low: int, high: int) -> dict[str, str]:
        """Return what the eye misses of values that became `low` to `high` of 255."""
        fix = "scale them to 0 … 1 before logging"
        if high <= _NEARLY_BLACK and (self.rule == "clip" or self.minimum != self.maximum):
            missed = "the values miss [0, 1] and [-1, 1], so they were clipped to 0 … 255 and "
            return {
                "nearly black": (
                    f"{missed if self.rule == 'clip' else ''}the picture is nearly black "
                    f"({low} … {high} of 255): {self._input()}; {fix}"
                )
            }
        if high - low < _FEW_LEVELS and self.minimum != self.maximum:
            return {
                "few grey levels": (
                    f"the picture has {high - low + 1} of 256 grey levels at most "
                    f"({low} … {high}): {self._input()}; {fix}"
                )
            }
        return {}

    def _reduced_to(self) -> tuple[int, int] | None:
        """Return the least and greatest value shown of 255; None where the values are stored as they are."""
        if self.minimum is None or self.maximum is None or (self._holds_integers() and self.rule != "as_is"):
            return None
        low, high = (_shown_value(value, self.rule) for value in (self.minimum, self.maximum))
        return low, high

    def surprise(self) -> str | None:
        """Return all that a user should be warned about as one text, or None."""
        return "; ".join(self.surprises().values()) or None

    def _input(self) -> str:
        extent = "no finite value" if self.minimum is None else f"range [{self.minimum}, {self.maximum}]"
        if self.source in ("pil", "file"):
            return f"{self.dtype} picture, {extent}"
        return f"{self.dtype} array of shape {self.shape}, {extent}"

    def _holds_integers(self) -> bool:
        return self.dtype is not None and self.dtype.startswith(("int", "uint", "bool"))

    def _is_scaled_integers(self) -> bool:
        is_scaled = self.rule in ("unit", "signed_unit") and self.dtype != "bool"
        return is_scaled and self._holds_integers() and (self.minimum, self.maximum) != (0, 0)


def _shown_value(value: float, rule: Rule) -> int:
    """Return what a value becomes on the screen, 0 … 255; of 16 bits that are kept, it is the upper 8."""
    if rule == "unit":
        return int(_WHITE * value)
    if rule == "signed_unit":
        return int(_WHITE * 0.5 * (value + 1))
    return int(value) >> 8 if rule == "as_is" else int(min(max(value, 0), _WHITE))


def is_tensor(data: object) -> bool:
    """Return whether `data` is a torch tensor, or walks like one (its pictures are channel first)."""
    if isinstance(data, np.ndarray):
        return False
    if _is_torch_tensor(data):
        return True
    return all(callable(getattr(data, name, None)) for name in ("detach", "cpu", "numpy", "permute"))


def _is_torch_tensor(data: object) -> bool:
    # () as long as torch is being imported: nothing is an instance of that.
    return isinstance(data, getattr(sys.modules.get("torch"), "Tensor", ()))


def to_numpy(data: object, where: str) -> AnyArray:
    """Return `data` as a numpy array, without a copy where that is possible.

    Takes numpy arrays, torch tensors (any device; floats that numpy lacks, such as bfloat16, as float32),
    whatever has ``__array__`` or ``.numpy()``, and nested lists.

    Raises
    ------
    InvalidTypeError
        If numpy cannot take it, or values of it are masked.
    """
    if isinstance(data, np.ndarray):
        if is_masked(data):
            raise InvalidTypeError(
                f"{where} must have a value everywhere, but got a masked array of shape {data.shape}; "
                "pass array.filled(…)"
            )
        return np.asarray(data)
    try:
        if is_tensor(data):
            return _tensor_to_numpy(data)
        if not hasattr(data, "__array__") and callable(getattr(data, "numpy", None)):
            data = data.numpy()  # type: ignore[attr-defined]
        return np.asarray(data)
    except Exception as error:  # noqa: BLE001 - code of foreign types runs here, and may raise anything
        raise InvalidTypeError(f"{where} must be an array, but got {shown(data)} ({error})") from None


def is_masked(data: object) -> bool:
    """Return whether an array has values that are not there."""
    # numpy imports numpy.ma when it is first asked for; before that, nothing is masked.
    if "numpy.ma" not in sys.modules or not isinstance(data, np.ma.MaskedArray):
        return False
    # numpy cannot ask an array of records; it is refused for its dtype.
    return data.dtype.names is None and bool(np.ma.is_masked(data))


def _tensor_to_numpy(tensor: Any) -> AnyArray:
    if not _is_torch_tensor(tensor):
        return np.asarray(tensor.detach().cpu().numpy())
    torch = sys.modules["torch"]
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
        tensor = tensor.float()
    return np.asarray(tensor.numpy(force=True))


def dtype_name(data: object, array: AnyArray) -> str:
    """Return the name of the dtype as given, such as ``bfloat16``, of what `to_numpy` made `array` of."""
    if data is not array and _is_torch_tensor(data):
        return str(data.dtype).removeprefix("torch.")  # type: ignore[attr-defined]
    return _name(array.dtype)


@lru_cache(maxsize=64)
def _name(dtype: np.dtype[Any]) -> str:
    return dtype.name


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


def to_pixels(
    data: AnyArray,
    *,
    normalize: bool = True,
    source: Source = "array",
    dtype: str | None = None,
    shape: tuple[int, ...] | None = None,
    notes: tuple[str, ...] = (),
) -> tuple[Pixels, Conversion]:
    """Return new uint8 values of the same shape, by the normalization table, and what was done.

    Parameters
    ----------
    data
        Booleans, integers or floats of any shape with at least one value.
    normalize
        False: clip only.
    source, dtype, shape, notes
        What to say in the `Conversion`; dtype and shape are those of `data` unless given.

    Returns
    -------
    pixels : ndarray
        uint8, C order; never a view of `data`.
    conversion : Conversion
        What was done.

    Raises
    ------
    InvalidTypeError
        For complex, object, string and other arrays that hold no real numbers.
    InvalidValueError
        For an array without values.
    """
    numbers = _real_numbers(data)
    if numbers.size == 0:
        raise InvalidValueError(f"an image array must have at least one value, but got shape {data.shape}")
    low, high, finite = _finite_range(numbers)
    rule = _rule(low, high, normalize)
    is_within = low is None or high is None or (low >= 0 and high <= _WHITE)
    conversion = Conversion(
        source,
        _name(data.dtype) if dtype is None else dtype,
        data.shape if shape is None else shape,
        low,
        high,
        rule,
        0 if is_within or rule == "signed_unit" else _count_outside(numbers, finite),
        0 if finite is None else numbers.size - int(np.count_nonzero(finite)),
        numbers.size,
        notes,
    )
    return _scaled(numbers, rule, is_within, finite), conversion


def _real_numbers(data: AnyArray) -> AnyArray:
    if data.dtype.kind in "bui":
        return data
    # float64 holds every real dtype, those that numpy learns from elsewhere (bfloat16, float8) included, but
    # for longdouble, whose largest values become infinite.
    if data.dtype.kind != "f" and not np.can_cast(data.dtype, np.float64):
        raise InvalidTypeError(f"an image array must hold booleans, integers or floats, but got {data.dtype}")
    if data.dtype.itemsize <= 4:
        return data.astype(np.float32, copy=False)
    with np.errstate(over="ignore"):
        return data.astype(np.float64, copy=False)


def _finite_range(data: AnyArray) -> tuple[float | None, float | None, NDArray[np.bool_] | None]:
    """Return the least and greatest finite value, and which values are finite (None: all of them)."""
    # The ufuncs, since what ndarray.min adds is felt: this is half the time of a small picture.
    least, greatest = np.minimum.reduce(data, axis=None), np.maximum.reduce(data, axis=None)
    if data.dtype.kind != "f":
        return int(least), int(greatest), None
    low, high = float(least), float(greatest)
    if math.isfinite(low) and math.isfinite(high):
        return low, high, None
    finite = np.isfinite(data)
    if not finite.any():
        return None, None, finite
    low = float(data.min(where=finite, initial=math.inf))
    return low, float(data.max(where=finite, initial=-math.inf)), finite


def _rule(low: float | None, high: float | None, normalize: bool) -> Rule:
    if not normalize:
        return "none"
    if low is None or high is None or low < -1 or high > 1:
        return "clip"
    return "unit" if low >= 0 else "signed_unit"


def _scaled(data: AnyArray, rule: Rule, is_within: bool, finite: NDArray[np.bool_] | None) -> Pixels:
    """Apply a rule; `is_within` says that the finite values are within [0, 255] already."""
    if data.dtype.kind != "f":
        return _scaled_integers(data, rule, is_within)
    if finite is None:
        return _scaled_floats(data, rule, is_within)
    pixels = _scaled_floats(np.where(finite, data, data.dtype.type(0)), rule, is_within)
    pixels[~finite] = 0
    pixels[data == math.inf] = _WHITE
    return pixels


def _scaled_integers(data: AnyArray, rule: Rule, is_within: bool) -> Pixels:
    if rule == "unit":
        return np.array(data, dtype=np.uint8, order="C") * np.uint8(_WHITE)
    if rule == "signed_unit":
        return np.take(_SIGNED_UNIT_OF_INTEGERS, data + 1)
    if is_within:
        return np.array(data, dtype=np.uint8, order="C")
    # Asked for within the dtype: 255 is no int8.
    return data.clip(0, min(_WHITE, np.iinfo(data.dtype).max)).astype(np.uint8, order="C")


def _scaled_floats(data: AnyArray, rule: Rule, is_within: bool) -> Pixels:
    pixels: Pixels = np.empty(data.shape, np.uint8)
    if rule == "unit":
        np.multiply(data, data.dtype.type(_WHITE), out=pixels, casting="unsafe")
    elif rule == "signed_unit":
        _scale_signed_unit(data, pixels)
    else:
        pixels[...] = data if is_within else data.clip(0, _WHITE)
    return pixels


def _scale_signed_unit(data: AnyArray, pixels: Pixels) -> None:
    # In parts: memory for a second array of floats takes longer to get than to fill.
    flat, out = data.reshape(-1), pixels.reshape(-1)
    for start in range(0, flat.size, _PART):
        part = flat[start : start + _PART] + 1
        np.multiply(part, _WHITE * 0.5, out=part)
        out[start : start + _PART] = part


def _count_outside(data: AnyArray, finite: NDArray[np.bool_] | None) -> int:
    outside = (data < 0) | (data > _WHITE)
    return int(np.count_nonzero(outside if finite is None else outside & finite))


def pictures(data: AnyArray, *, channel_first: bool) -> AnyArray:
    """Return what is one picture (H×W or H×W×C) or a batch of them (N×H×W×C), by the shape alone.

    Leading axes of 1 are a batch of one and are dropped; a 1×W×3 picture stays as it is.

    Parameters
    ----------
    data
        The values as given.
    channel_first
        Whether three axes are C×H×W and four N×C×H×W, as tensors have them.

    Raises
    ------
    InvalidValueError
        For any other shape; the message says what may be meant.
    """
    shown_shape = data.shape
    while not _is_picture(data, channel_first) and data.shape[0] == 1:
        data = data[0]
    if channel_first and data.ndim >= 3:
        data = np.moveaxis(data, -3, -1)
    if data.ndim != 2 and not (data.ndim in (3, 4) and data.shape[-1] in _MODES):
        raise InvalidValueError(_wrong_shape(shown_shape, channel_first))
    return data


def _is_picture(data: AnyArray, channel_first: bool) -> bool:
    if data.ndim <= 2:
        return True
    return data.ndim == 3 and (channel_first or data.shape[-1] in _MODES)


def _wrong_shape(shape: tuple[int, ...], channel_first: bool) -> str:
    hint = ""
    if channel_first:
        if len(shape) == 3 and shape[2] in _MODES:
            hint = "; if it is channel last, pass tensor.permute(2, 0, 1)"
        elif len(shape) == 4 and shape[3] in _MODES:
            hint = "; if it is channel last, pass tensor.permute(0, 3, 1, 2)"
        elif len(shape) == 3:
            hint = "; if it is a batch of grey pictures, pass tensor[:, None]"
        return f"a tensor must be H×W, C×H×W or N×C×H×W with 1 to 4 channels, but got shape {shape}{hint}"
    if len(shape) == 3 and shape[0] in _MODES:
        hint = "; if it is channel first, pass array.transpose(1, 2, 0)"
    elif len(shape) == 4 and shape[1] in _MODES:
        hint = "; if it is channel first, pass array.transpose(0, 2, 3, 1)"
    elif len(shape) == 3:
        hint = "; if it is a batch of grey pictures, pass array[..., None]"
    return f"an image array must be H×W, H×W×C or N×H×W×C with 1 to 4 channels, but got shape {shape}{hint}"


def sheet_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return width and height of the picture that an array of `pictures` becomes."""
    if len(shape) < 4:
        return shape[1], shape[0]
    count, height, width = shape[:3]
    columns = min(GRID_COLUMNS, count)
    rows = -(-count // columns) if count else 0
    return columns * (width + GRID_PADDING) + GRID_PADDING, rows * (height + GRID_PADDING) + GRID_PADDING


def grid(batch: Pixels) -> Pixels:
    """Lay a batch N×H×W×C out as one picture: 8 a row, 2 px of black (transparent) between and around."""
    _, height, width, channels = batch.shape
    sheet_width, sheet_height = sheet_size(batch.shape)
    sheet = np.zeros((sheet_height, sheet_width, channels), np.uint8)
    for index, picture in enumerate(batch):
        row, column = divmod(index, GRID_COLUMNS)
        top = row * (height + GRID_PADDING) + GRID_PADDING
        left = column * (width + GRID_PADDING) + GRID_PADDING
        sheet[top : top + height, left : left + width] = picture
    return sheet

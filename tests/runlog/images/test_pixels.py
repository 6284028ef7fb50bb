"""The normalization table, value by value: what is stored, under which rule, and with which warning."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import runlog
from runlog import Image
from runlog.images.pixels import Conversion, grid, to_pixels

NAN, INF = math.nan, math.inf
NO_WARNING: tuple[str, ...] = ()
SCALED, BLACK, CLIPPED, NOT_FINITE = ("scaled integers",), ("nearly black",), ("clipped",), ("not finite",)


def of(dtype: str, *values: float) -> np.ndarray:
    """Return one row of pixels."""
    return np.array([values], dtype=dtype)


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def one_in_a_hundred(outside: int) -> np.ndarray:
    values = np.full((10, 10), 128.0, np.float32)
    values.flat[:outside] = 300
    return values


# What is logged, the first row of stored pixels, the rule, and the topics of the warnings.
TABLE: list[tuple[str, np.ndarray, list[int], str, tuple[str, ...]]] = [
    ("bool", of("bool", 0, 1), [0, 255], "unit", NO_WARNING),
    ("bool, all false", of("bool", 0, 0), [0, 0], "unit", NO_WARNING),
    ("bool, all true", of("bool", 1, 1), [255, 255], "unit", NO_WARNING),
    ("uint8, full range", of("uint8", 0, 7, 255), [0, 7, 255], "clip", NO_WARNING),
    ("uint8, 0 and 1", of("uint8", 0, 1), [0, 255], "unit", SCALED),
    ("uint8, all zero", of("uint8", 0, 0), [0, 0], "unit", NO_WARNING),
    ("uint8, constant 1", of("uint8", 1, 1), [255, 255], "unit", SCALED),
    ("uint8, constant 2", of("uint8", 2, 2), [2, 2], "clip", NO_WARNING),
    ("int8, -1 to 1", of("int8", -1, 0, 1), [0, 127, 255], "signed_unit", SCALED),
    ("int8, 0 to 127", of("int8", 0, 127), [0, 127], "clip", NO_WARNING),
    ("int8, full range", of("int8", -128, 127), [0, 127], "clip", CLIPPED),
    ("uint16, 0 to 255", of("uint16", 0, 255), [0, 255], "clip", NO_WARNING),
    ("uint16, 256 is not wrapped to 0", of("uint16", 256, 65535), [255, 255], "clip", CLIPPED),
    ("uint16, 0 and 1", of("uint16", 1, 0), [255, 0], "unit", SCALED),
    ("int16, -1 to 1", of("int16", -1, 1), [0, 255], "signed_unit", SCALED),
    ("int16, full range", of("int16", -32768, 0, 32767), [0, 0, 255], "clip", CLIPPED),
    ("uint32, full range", of("uint32", 0, 2**32 - 1), [0, 255], "clip", CLIPPED),
    ("int32, 0 to 255", of("int32", 0, 128, 255), [0, 128, 255], "clip", NO_WARNING),
    ("int32, full range", of("int32", -(2**31), 2**31 - 1), [0, 255], "clip", CLIPPED),
    ("int32, constant -1", of("int32", -1, -1), [0, 0], "signed_unit", SCALED),
    ("uint64, full range", np.array([[0, 2**64 - 1]], np.uint64), [0, 255], "clip", CLIPPED),
    ("uint64, 0 and 1", of("uint64", 0, 1), [0, 255], "unit", SCALED),
    ("int64, full range", np.array([[-(2**63), 2**63 - 1]], np.int64), [0, 255], "clip", CLIPPED),
    ("int64, as numpy's random ints", of("int64", 0, 200), [0, 200], "clip", NO_WARNING),
    ("int64, all zero", of("int64", 0), [0], "unit", NO_WARNING),
    ("float16, within [0, 1]", of("float16", 0, 0.5, 1), [0, 127, 255], "unit", NO_WARNING),
    ("float16, within [-1, 1]", of("float16", -1, 0, 1), [0, 127, 255], "signed_unit", NO_WARNING),
    ("float16, beyond", of("float16", -3, 100, 60000), [0, 100, 255], "clip", CLIPPED),
    ("float32, within [0, 1]", of("float32", 0, 0.25, 1), [0, 63, 255], "unit", NO_WARNING),
    ("float32, truncated, not rounded", of("float32", 0, 0.999), [0, 254], "unit", NO_WARNING),
    ("float32, within [-1, 1]", of("float32", -1, -0.5, 1), [0, 63, 255], "signed_unit", NO_WARNING),
    ("float32, 0 to 255", of("float32", 0, 254.999, 255), [0, 254, 255], "clip", NO_WARNING),
    ("float32, beyond", of("float32", -1e30, 1e30), [0, 255], "clip", CLIPPED),
    ("float32, constant 0", of("float32", 0, 0), [0, 0], "unit", NO_WARNING),
    ("float32, constant 1", of("float32", 1, 1), [255, 255], "unit", NO_WARNING),
    ("float32, constant -1", of("float32", -1, -1), [0, 0], "signed_unit", NO_WARNING),
    ("float32, constant 255", of("float32", 255, 255), [255, 255], "clip", NO_WARNING),
    ("float32, minus zero is zero", of("float32", -0.0, 1), [0, 255], "unit", NO_WARNING),
    ("float32, misses 1 by a hair", of("float32", 0, 1.0001), [0, 1], "clip", BLACK),
    ("float32, misses -1 by a hair", of("float32", -1.0001, 1), [0, 1], "clip", BLACK),
    ("float32, standardised", of("float32", -2.1, 0, 2.6), [0, 0, 2], "clip", BLACK),
    ("float64, within [0, 1]", of("float64", 0, 1 / 3, 1), [0, 85, 255], "unit", NO_WARNING),
    ("float64, within [-1, 1]", of("float64", -1, 1e-9), [0, 127], "signed_unit", NO_WARNING),
    ("float64, smallest there is", of("float64", 5e-324, 1), [0, 255], "unit", NO_WARNING),
    ("float64, beyond float32", of("float64", -1e300, 20, 1e300), [0, 20, 255], "clip", CLIPPED),
    ("float64, all negative", of("float64", -9, -5), [0, 0], "clip", BLACK),
    ("longdouble", of("longdouble", 0, 0.5, 1), [0, 127, 255], "unit", NO_WARNING),
    ("NaN within [0, 1]", of("float32", NAN, 0.5, 1), [0, 127, 255], "unit", NOT_FINITE),
    ("NaN within [-1, 1]", of("float32", NAN, -1, 1), [0, 0, 255], "signed_unit", NOT_FINITE),
    ("NaN beyond", of("float64", NAN, 0, 200), [0, 0, 200], "clip", NOT_FINITE),
    ("+inf within [0, 1]", of("float32", INF, 0.5), [255, 127], "unit", NOT_FINITE),
    ("-inf within [-1, 1]", of("float32", -INF, -0.5), [0, 63], "signed_unit", NOT_FINITE),
    ("both infinities", of("float64", INF, -INF, 100), [255, 0, 100], "clip", NOT_FINITE),
    ("nothing finite", of("float16", NAN, INF, -INF), [0, 255, 0], "clip", NOT_FINITE),
    ("all NaN", of("float32", NAN, NAN), [0, 0], "clip", NOT_FINITE),
    ("NaN and a hair too much", of("float32", NAN, 1.0001), [0, 1], "clip", (*NOT_FINITE, *BLACK)),
    ("NaN and clipped", of("float32", NAN, 300), [0, 255], "clip", (*NOT_FINITE, *CLIPPED)),
    ("1 % clipped", one_in_a_hundred(1), [255] + [128] * 9, "clip", NO_WARNING),
    ("2 % clipped", one_in_a_hundred(2), [255, 255] + [128] * 8, "clip", CLIPPED),
    ("big-endian uint16", of(">u2", 0, 1, 258), [0, 1, 255], "clip", CLIPPED),
    ("big-endian int32, 0 and 1", of(">i4", 0, 1), [0, 255], "unit", SCALED),
    ("big-endian int64", of(">i8", 0, 200), [0, 200], "clip", NO_WARNING),
    ("big-endian float32", of(">f4", 0, 0.5), [0, 127], "unit", NO_WARNING),
    ("big-endian float64", of(">f8", -1, 1), [0, 255], "signed_unit", NO_WARNING),
    ("every second column", np.arange(8, dtype=np.uint8)[None, ::2], [0, 2, 4, 6], "clip", NO_WARNING),
    ("negative strides", np.arange(4.0)[None, ::-1] / 3, [255, 170, 85, 0], "unit", NO_WARNING),
    ("transposed", np.arange(6, dtype=np.int16).reshape(3, 2).T, [0, 2, 4], "clip", NO_WARNING),
    ("Fortran order", np.asfortranarray(of("float32", 0, 0.5, 1)), [0, 127, 255], "unit", NO_WARNING),
    ("read-only", read_only(of("uint8", 3, 4)), [3, 4], "clip", NO_WARNING),
    ("broadcast", np.broadcast_to(np.float32(0.5), (2, 3)), [127] * 3, "unit", NO_WARNING),
    ("field of a record", np.array([[(9, 0.5)]], "u1,f4")["f1"], [127], "unit", NO_WARNING),
]


@pytest.mark.parametrize(
    ("array", "row", "rule", "topics"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_is_stored(array: np.ndarray, row: list[int], rule: str, topics: tuple[str, ...]) -> None:
    before = array.copy()
    image = Image(array)
    assert np.asarray(image.image)[0].tolist() == row
    assert image.conversion.rule == rule
    assert tuple(image.warnings) == topics
    assert np.array_equal(array, before, equal_nan=array.dtype.kind == "f")


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 60


NOT_NORMALIZED = [
    ("bool", of("bool", 0, 1), [0, 1]),
    ("uint8, 0 and 1", of("uint8", 0, 1), [0, 1]),
    ("int8, -1 to 1", of("int8", -1, 0, 1), [0, 0, 1]),
    ("uint16", of("uint16", 255, 256), [255, 255]),
    ("float32, within [0, 1]", of("float32", 0, 0.9, 1), [0, 0, 1]),
    ("float64, within [-1, 1]", of("float64", -1, 1), [0, 1]),
    ("float32, beyond", of("float32", -7, 99.9, 256), [0, 99, 255]),
    ("not finite", of("float32", NAN, INF, -INF), [0, 255, 0]),
]


@pytest.mark.parametrize(
    ("array", "row"), [r[1:] for r in NOT_NORMALIZED], ids=[r[0] for r in NOT_NORMALIZED]
)
def test_without_normalizing_values_are_only_clipped(array: np.ndarray, row: list[int]) -> None:
    image = Image(array, normalize=False)
    assert np.asarray(image.image)[0].tolist() == row
    assert image.conversion.rule == "none"


REFUSED = [
    ("0-d", np.array(0.5), "H×W"),
    ("1-d", np.zeros(4), "H×W"),
    ("5-d", np.zeros((2, 2, 2, 2, 3)), "H×W"),
    ("5 channels", np.zeros((4, 4, 5)), "1 to 4 channels"),
    ("no channels", np.zeros((4, 4, 0)), "1 to 4 channels"),
    ("no rows", np.zeros((0, 4)), "at least one pixel"),
    ("no columns", np.zeros((4, 0, 3)), "at least one pixel"),
    ("no pictures in the batch", np.zeros((0, 4, 4, 3)), "at least one value"),
    ("complex", np.zeros((2, 2), np.complex64), "booleans, integers or floats"),
    ("object", np.array([[1, None]]), "booleans, integers or floats"),
    ("strings", np.array([["a", "b"]]), "booleans, integers or floats"),
    ("bytes", np.array([[b"a", b"b"]]), "booleans, integers or floats"),
    ("records", np.zeros((2, 2), "u1,f4"), "booleans, integers or floats"),
    ("dates", np.zeros((2, 2), "M8[s]"), "booleans, integers or floats"),
    ("time spans", np.zeros((2, 2), "m8[s]"), "booleans, integers or floats"),
    ("masked values", np.ma.masked_equal(np.eye(2), 0), "masked"),
]


@pytest.mark.parametrize(("array", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_no_picture_is_refused(array: np.ndarray, message: str) -> None:
    with pytest.raises(runlog.RunlogError, match=message) as caught:
        Image(array)
    assert isinstance(caught.value, (ValueError, TypeError))


def test_a_masked_array_without_masked_values_is_an_array() -> None:
    assert np.asarray(Image(np.ma.masked_array([[0.0, 1.0]])).image).tolist() == [[0, 255]]


def slowly(array: np.ndarray, normalize: bool) -> tuple[list[int], str]:
    """Return pixels and rule, one value at a time, as the table reads."""
    number = np.float32 if array.dtype.itemsize <= 4 else np.float64
    if array.dtype.kind in "bui":
        number = int
    values = [number(value) for value in array.ravel().tolist()]
    finite = [value for value in values if math.isfinite(value)]
    if not normalize:
        rule = "none"
    elif finite and all(0 <= value <= 1 for value in finite):
        rule = "unit"
    elif finite and all(-1 <= value <= 1 for value in finite):
        rule = "signed_unit"
    else:
        rule = "clip"

    def stored(value: Any) -> int:
        if math.isnan(value):
            return 0
        if math.isinf(value):
            return 255 if value > 0 else 0
        if rule == "unit":
            return int(value * number(255))
        if rule == "signed_unit":
            return int((value + number(1)) * 127.5 if number is int else (value + number(1)) * number(127.5))
        return int(min(max(value, number(0)), number(255)))

    return [stored(value) for value in values], rule


DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
)
RANGES = ((0, 1), (-1, 1), (0, 255), (-300, 300), None)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Draw a small array of any dtype, shape and range, now and then with odd strides."""
    dtype, bounds = draw(DTYPES), draw(st.sampled_from(RANGES))
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=5))
    channels = draw(st.sampled_from([(), (1,), (2,), (3,), (4,)]))
    elements = None
    if bounds is not None and dtype.kind in "iu":
        elements = st.integers(max(bounds[0], np.iinfo(dtype).min), min(bounds[1], np.iinfo(dtype).max))
    elif bounds is not None and dtype.kind == "f":
        elements = st.floats(*bounds, width=dtype.itemsize * 8)
        if draw(st.booleans()):
            elements |= st.sampled_from([NAN, INF, -INF])
    array = draw(hnp.arrays(dtype, shape + channels, elements=elements, fill=st.nothing()))
    return draw(st.sampled_from([array, array[::-1], array[:, ::-1], array.swapaxes(0, 1)]))


@settings(max_examples=400, deadline=None)
@given(arrays(), st.booleans())
@example(np.array([[np.float32(1) / np.float32(255)]]), True)
@example(np.array([[0.1, 0.7, 0.99999994]], np.float32), True)
def test_stored_pixels_equal_the_table_read_slowly(array: np.ndarray, normalize: bool) -> None:
    before = array.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels, conversion = to_pixels(array, normalize=normalize)
    expected, rule = slowly(array, normalize)
    assert pixels.dtype == np.uint8
    assert pixels.shape == array.shape
    assert pixels.flags.c_contiguous
    assert pixels.ravel().tolist() == expected
    assert conversion.rule == rule
    assert array.tobytes() == before.tobytes()
    assert not np.shares_memory(pixels, array)


@settings(max_examples=200, deadline=None)
@given(arrays(), st.booleans())
def test_the_conversion_says_what_was_there(array: np.ndarray, normalize: bool) -> None:
    conversion = to_pixels(array, normalize=normalize)[1]
    values = array.ravel().tolist()
    finite = [value for value in values if math.isfinite(value)]
    clipping = conversion.rule in ("clip", "none")
    assert (conversion.dtype, conversion.shape) == (array.dtype.name, array.shape)
    assert conversion.size == len(values)
    assert conversion.non_finite == len(values) - len(finite)
    assert conversion.clipped == (sum(not 0 <= value <= 255 for value in finite) if clipping else 0)
    assert conversion.minimum == (min(finite) if finite else None)
    assert conversion.maximum == (max(finite) if finite else None)


def test_the_reference_expressions_are_what_is_computed() -> None:
    rng = np.random.default_rng(1)
    unit = rng.random((32, 32, 3), dtype=np.float32)
    signed, wide = unit * 2 - 1, unit * 600 - 200
    assert np.array_equal(Image.to_uint8(unit), (unit * 255).astype(np.uint8))
    assert np.array_equal(Image.to_uint8(signed), (255 * 0.5 * (signed + 1)).astype(np.uint8))
    assert np.array_equal(Image.to_uint8(wide), wide.clip(0, 255).astype(np.uint8))


def test_a_picture_larger_than_one_part_is_scaled_as_a_whole() -> None:
    signed = np.linspace(-1, 1, 200_000, dtype=np.float32).reshape(400, 500)
    assert np.array_equal(Image.to_uint8(signed), (255 * 0.5 * (signed + 1)).astype(np.uint8))


def test_values_that_float64_cannot_hold_are_counted_as_infinite() -> None:
    huge = np.array([["0.5", "1e4000"]], dtype=np.longdouble)
    if np.isinf(huge).any():
        pytest.skip("longdouble is float64 on this machine")
    image = Image(huge)
    assert np.asarray(image.image).tolist() == [[127, 255]]
    assert image.conversion.non_finite == 1


@pytest.mark.parametrize(
    ("name", "values", "expected", "topics"),
    [
        ("bfloat16", [0, 0.5, 1], [0, 127, 255], ()),
        ("bfloat16", [-1, 0, 1], [0, 127, 255], ()),
        ("bfloat16", [0, 100, 300], [0, 100, 255], CLIPPED),
        ("float8_e4m3fn", [0, 0.5, 1], [0, 127, 255], ()),
        ("float8_e5m2", [0, 0.5, 1], [0, 127, 255], ()),
        ("int4", [-8, 0, 7], [0, 0, 7], CLIPPED),
        ("uint4", [0, 1, 1], [0, 255, 255], SCALED),
    ],
)
def test_dtypes_that_numpy_learns_from_elsewhere(
    name: str, values: list[float], expected: list[int], topics: tuple[str, ...]
) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed: bfloat16 NOT TESTED")
    image = Image(np.array([values], dtype=getattr(ml_dtypes, name)))
    assert np.asarray(image.image).tolist() == [expected]
    assert image.conversion.dtype == name
    assert tuple(image.warnings) == topics


def test_complex_numbers_from_elsewhere_are_refused() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed: complex32 NOT TESTED")
    if not hasattr(ml_dtypes, "complex32"):
        pytest.skip("this ml_dtypes has no complex32")
    with pytest.raises(runlog.InvalidTypeError, match="booleans, integers or floats"):
        Image(np.zeros((2, 2), ml_dtypes.complex32))


SHAPES = [
    ((5, 7), "L", (7, 5)),
    ((5, 7, 1), "L", (7, 5)),
    ((5, 7, 2), "LA", (7, 5)),
    ((5, 7, 3), "RGB", (7, 5)),
    ((5, 7, 4), "RGBA", (7, 5)),
    ((1, 1), "L", (1, 1)),
    ((1, 7, 3), "RGB", (7, 1)),  # a picture of one row, no batch
    ((7, 1, 3), "RGB", (1, 7)),
    ((1, 1, 3), "RGB", (1, 1)),
    ((1, 5, 7), "L", (7, 5)),
    ((1, 5, 7, 3), "RGB", (7, 5)),
    ((1, 5, 7, 1), "L", (7, 5)),
    ((1, 1, 5, 7, 4), "RGBA", (7, 5)),
    ((1, 1, 7, 3), "RGB", (7, 1)),
    ((2, 5, 7, 3), "RGB", (2 + 2 * 9, 2 + 7)),
    ((8, 5, 7, 1), "L", (2 + 8 * 9, 2 + 7)),
    ((9, 5, 7, 4), "RGBA", (2 + 8 * 9, 2 + 2 * 7)),
    ((1, 9, 5, 7, 2), "LA", (2 + 8 * 9, 2 + 2 * 7)),
]


@pytest.mark.parametrize(("shape", "mode", "size"), SHAPES)
def test_shape_decides_mode_and_size(shape: tuple[int, ...], mode: str, size: tuple[int, int]) -> None:
    image = Image(np.full(shape, 9, np.uint8))
    assert (image.image.mode, (image.width, image.height), image.image.size) == (mode, size, size)
    assert image.conversion.shape == shape


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        ((3, 32, 32), "transpose(1, 2, 0)"),
        ((4, 32, 32), "transpose(1, 2, 0)"),
        ((8, 3, 32, 32), "transpose(0, 2, 3, 1)"),
        ((8, 32, 32), "[..., None]"),
    ],
)
def test_a_shape_that_is_refused_comes_with_advice(shape: tuple[int, ...], advice: str) -> None:
    with pytest.raises(runlog.InvalidValueError) as caught:
        Image(np.zeros(shape))
    assert advice in str(caught.value)
    assert str(shape) in str(caught.value)


def test_a_batch_is_one_grid_of_eight_a_row_under_one_rule() -> None:
    batch = np.zeros((10, 2, 3, 1), np.float32)
    for index in range(10):
        batch[index] = (index + 1) / 10
    image = Image(batch)
    sheet = np.asarray(image.image)
    covered = np.zeros(sheet.shape, bool)
    for index in range(10):
        top, left = 2 + index // 8 * 4, 2 + index % 8 * 5
        cell = (slice(top, top + 2), slice(left, left + 3))
        assert (sheet[cell] == int(np.float32((index + 1) / 10) * 255)).all()
        covered[cell] = True
    assert (sheet[~covered] == 0).all()
    assert image.conversion.rule == "unit"
    assert "a batch of 10 became one grid" in image.conversion.notes


def test_the_gaps_of_a_grid_are_transparent_where_there_is_alpha() -> None:
    sheet = grid(np.full((2, 1, 1, 4), 200, np.uint8))
    assert sheet[0, 0].tolist() == [0, 0, 0, 0]
    assert sheet[2, 2].tolist() == [200] * 4


def test_to_uint8_takes_any_shape_and_keeps_it() -> None:
    assert Image.to_uint8(np.array([0.0, 1.0])).tolist() == [0, 255]
    assert Image.to_uint8(np.array(0.5)).tolist() == 127
    assert Image.to_uint8([[0, 300]]).tolist() == [[0, 255]]
    with pytest.raises(runlog.InvalidTypeError, match="booleans, integers or floats"):
        Image.to_uint8(np.array(["a"]))


def test_guess_mode_goes_by_the_shape() -> None:
    image = Image(np.zeros((2, 2)))
    modes = {"L": (2, 2), "LA": (2, 2, 2), "RGB": (2, 2, 3), "RGBA": (2, 2, 4)}
    assert {mode: image.guess_mode(np.zeros(shape)) for mode, shape in modes.items()} == {m: m for m in modes}
    assert image.guess_mode(np.zeros((2, 2, 1))) == "L"
    for shape in ((2,), (2, 2, 5), (2, 2, 2, 2)):
        with pytest.raises(runlog.InvalidValueError, match="height × width"):
            image.guess_mode(np.zeros(shape))


def test_a_warning_says_what_was_seen_and_what_to_do() -> None:
    scaled = Image(of("uint8", 0, 1)).warnings["scaled integers"]
    assert "uint8" in scaled
    assert "(1, 2)" in scaled
    assert "normalize=False" in scaled
    assert "range [0.0, 1.5]" in Image(of("float64", 0, 1.5)).warnings["nearly black"]
    assert (
        Image(of("float64", NAN, 0.5)).warnings["not finite"].startswith("1 of 2 values are NaN or infinite")
    )


def test_surprise_is_all_of_it_in_one_text() -> None:
    conversion = Image(of("float32", NAN, 300)).conversion
    assert conversion.surprise() == "; ".join(conversion.surprises().values())
    assert Conversion("pil").surprise() is None

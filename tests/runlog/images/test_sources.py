"""Whatever a script has for a picture: the kinds that `Image` takes, and what each of them means."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image


def pixels(image: Image) -> np.ndarray:
    return np.asarray(image.image)


# Arrays, PIL images and what comes near them


def test_nested_lists_are_arrays() -> None:
    assert pixels(Image([[0, 128], [255, 7]])).tolist() == [[0, 128], [255, 7]]
    assert pixels(Image(((0.0, 1.0),))).tolist() == [[0, 255]]


def test_ragged_lists_are_refused() -> None:
    with pytest.raises(runlog.InvalidTypeError, match="must be an array"):
        Image([[1, 2], [3]])


class WithArray:
    """What TensorFlow, JAX and pandas have in common."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array([[0.0, 0.5, 1.0]])


class WithNumpy:
    def numpy(self) -> np.ndarray:
        return np.array([[0, 128, 255]])


def test_anything_with_array_or_numpy_is_an_array() -> None:
    assert pixels(Image(WithArray())).tolist() == [[0, 127, 255]]
    assert pixels(Image(WithNumpy())).tolist() == [[0, 128, 255]]
    assert Image(WithArray()).conversion.source == "array"


class TensorLike:
    """A tensor of another framework that walks like torch's."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def detach(self) -> TensorLike:
        return self

    def cpu(self) -> TensorLike:
        return self

    def permute(self, *axes: int) -> TensorLike:
        return TensorLike(self.array.transpose(axes))

    def numpy(self) -> np.ndarray:
        return self.array


def test_what_walks_like_a_tensor_is_channel_first() -> None:
    array = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    image = Image(TensorLike(array))
    assert np.array_equal(pixels(image), array.transpose(1, 2, 0))
    assert image.conversion.source == "tensor"


def test_arrays_are_never_channel_first() -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"transpose\(1, 2, 0\)"):
        Image(np.zeros((3, 4, 5)))


def test_a_pil_image_passes_as_it_is(photo: np.ndarray) -> None:
    image = Image(PILImage.fromarray(photo))
    assert np.array_equal(pixels(image), photo)
    assert (image.conversion.source, image.conversion.rule) == ("pil", "as_is")


def test_a_dark_pil_image_is_not_normalized() -> None:
    assert pixels(Image(PILImage.fromarray(np.array([[0, 1]], np.uint8)))).tolist() == [[0, 1]]


def test_of_a_pil_image_the_pixels_count_as_they_are(photo: np.ndarray) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    PILImage.fromarray(photo).save(buffer, "PNG", exif=exif)
    with PILImage.open(buffer) as opened:
        assert np.array_equal(pixels(Image(opened)), photo)


def test_a_lazy_pil_image_that_cannot_be_decoded_is_refused(photo: np.ndarray) -> None:
    buffer = io.BytesIO()
    PILImage.fromarray(np.tile(photo, (20, 20, 1))).save(buffer, "PNG")
    truncated = PILImage.open(io.BytesIO(buffer.getvalue()[:500]))
    with pytest.raises(runlog.InvalidValueError, match="a PIL image must be readable"):
        Image(truncated)


def test_a_pil_image_without_pixels_is_refused() -> None:
    with pytest.raises(runlog.InvalidValueError, match="at least one pixel"):
        Image(PILImage.new("RGB", (0, 4)))


class Hostile:
    """Raises whenever it is looked at."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise ZeroDivisionError("no")

    def __repr__(self) -> str:
        raise ZeroDivisionError("no")


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        0.5,
        1j,
        b"bytes",
        {"a": 1},
        {1, 2},
        object(),
        object,
        len,
        (x for x in ()),
        np,
        Image,
        np.ndarray,
    ],
    ids=lambda data: getattr(data, "__name__", type(data).__name__),
)
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises(runlog.RunlogError, match="image"):
        Image(data)


def test_an_object_that_raises_is_refused_in_our_words() -> None:
    with pytest.raises(runlog.InvalidTypeError, match="must be an array, but got <Hostile>"):
        Image(Hostile())


# Another Image


def test_an_image_of_an_image_is_a_copy_overlays_included(photo: np.ndarray) -> None:
    original = Image(
        photo,
        caption="c",
        grouping=3,
        classes=[{"id": 1, "name": "cat"}],
        boxes={"b": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}]}},
        masks={"m": {"mask_data": np.ones((16, 24), np.uint8)}},
        file_type="webp",
    )
    copied = Image(original)
    assert copied == original
    assert copied is not original
    assert copied.conversion == original.conversion


def test_what_is_passed_overrides_the_given_image(photo: np.ndarray) -> None:
    mask = {"mask_data": np.ones((16, 24), np.uint8)}
    original = Image(photo, caption="old", grouping=1, masks={"m": mask})
    changed = Image(original, caption="new", grouping=2, masks={}, mode="L", file_type="bmp")
    assert (changed.caption, changed.grouping, dict(changed.masks)) == ("new", 2, {})
    assert (changed.image.mode, changed.format) == ("L", "bmp")
    assert (original.caption, original.image.mode, original.format) == ("old", "RGB", "png")


def test_an_image_of_a_kept_file_is_that_file(photo: np.ndarray) -> None:
    buffer = io.BytesIO()
    PILImage.fromarray(photo).save(buffer, "GIF")
    original = Image(buffer)
    assert Image(original, caption="x").format == "gif"
    assert Image(original, file_type="png").format == "png"
    assert Image(original, mode="L").format == "png"


# Torch


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed: tensors NOT TESTED")


TENSORS = [
    ("float32", [0, 0.5, 1], [0, 127, 255], "unit", ()),
    ("float64", [-1, 0, 1], [0, 127, 255], "signed_unit", ()),
    ("float16", [0, 0.5, 1], [0, 127, 255], "unit", ()),
    ("bfloat16", [0, 0.5, 1], [0, 127, 255], "unit", ()),
    ("bfloat16", [-1, 0, 300], [0, 0, 255], "clip", ("clipped",)),
    ("float8_e4m3fn", [0, 0.5, 1], [0, 127, 255], "unit", ()),
    ("uint8", [0, 128, 255], [0, 128, 255], "clip", ()),
    ("uint8", [0, 1, 1], [0, 255, 255], "unit", ("scaled integers",)),
    ("uint16", [0, 255, 65535], [0, 255, 255], "clip", ("clipped",)),
    ("int8", [-1, 0, 1], [0, 127, 255], "signed_unit", ("scaled integers",)),
    ("int16", [0, 1, 300], [0, 1, 255], "clip", ("clipped",)),
    ("int32", [0, 7, 255], [0, 7, 255], "clip", ()),
    ("int64", [0, 7, 255], [0, 7, 255], "clip", ()),
    ("bool", [0, 1, 1], [0, 255, 255], "unit", ()),
]


@pytest.mark.parametrize(("dtype", "values", "expected", "rule", "topics"), TENSORS)
def test_tensors_follow_the_table(
    torch: Any, dtype: str, values: list[float], expected: list[int], rule: str, topics: tuple[str, ...]
) -> None:
    tensor = torch.tensor([[values]]).to(getattr(torch, dtype))
    before = tensor.clone()
    image = Image(tensor)
    assert pixels(image).tolist() == [expected]
    assert (image.conversion.rule, tuple(image.warnings)) == (rule, topics)
    assert (image.conversion.source, image.conversion.dtype) == ("tensor", dtype)
    assert image.conversion.shape == (1, 1, 3)
    assert (tensor.float() == before.float()).all()


def test_a_tensor_that_requires_a_gradient_is_taken_and_left_alone(torch: Any) -> None:
    tensor = torch.rand(3, 4, 5, requires_grad=True)
    product = tensor * 1.0
    assert np.array_equal(
        pixels(Image(product)), (tensor.detach().numpy().transpose(1, 2, 0) * 255).astype(np.uint8)
    )
    product.sum().backward()
    assert tensor.grad is not None


def test_a_parameter_and_an_inference_tensor_are_tensors(torch: Any) -> None:
    assert Image(torch.nn.Parameter(torch.rand(3, 4, 5))).width == 5
    with torch.inference_mode():
        assert Image(torch.rand(3, 4, 5)).height == 4


def test_a_tensor_that_numpy_sees_only_resolved_is_resolved(torch: Any) -> None:
    negated = torch.tensor([[1 + 1j]]).conj().imag
    assert negated.is_neg()
    assert pixels(Image(negated)).tolist() == [[0]]


TENSOR_SHAPES = [
    ((5, 7), "L", (7, 5)),
    ((1, 5, 7), "L", (7, 5)),
    ((2, 5, 7), "LA", (7, 5)),
    ((3, 5, 7), "RGB", (7, 5)),
    ((4, 5, 7), "RGBA", (7, 5)),
    ((3, 1, 7), "RGB", (7, 1)),
    ((3, 7, 1), "RGB", (1, 7)),
    ((1, 1, 1), "L", (1, 1)),
    ((1, 3, 5, 7), "RGB", (7, 5)),
    ((1, 1, 5, 7), "L", (7, 5)),
    ((1, 1, 3, 5, 7), "RGB", (7, 5)),
    ((4, 3, 5, 7), "RGB", (2 + 4 * 9, 2 + 7)),
    ((4, 1, 5, 7), "L", (2 + 4 * 9, 2 + 7)),
]


@pytest.mark.parametrize(("shape", "mode", "size"), TENSOR_SHAPES)
def test_tensors_are_channel_first(
    torch: Any, shape: tuple[int, ...], mode: str, size: tuple[int, int]
) -> None:
    image = Image(torch.rand(shape))
    assert (image.image.mode, image.image.size) == (mode, size)


@pytest.mark.parametrize("shape", [(), (4,), (5, 7, 3), (5, 1, 7), (0, 3, 5, 7), (2, 2, 3, 5, 7), (3, 0, 7)])
def test_other_shapes_of_tensors_are_refused(torch: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"a tensor must be|at least one"):
        Image(torch.zeros(shape))


def test_a_channel_last_tensor_is_never_guessed(torch: Any) -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"C×H×W.* but got shape \(32, 32, 3\)"):
        Image(torch.zeros(32, 32, 3))


def test_a_batch_of_tensors_is_one_grid(torch: Any) -> None:
    batch = torch.rand(3, 3, 4, 5)
    sheet = pixels(Image(batch))
    for index, picture in enumerate(batch):
        cell = sheet[2:6, 2 + index * 7 : 7 + index * 7]
        assert np.array_equal(cell, (picture.numpy().transpose(1, 2, 0) * 255).astype(np.uint8))


@pytest.mark.filterwarnings("ignore:.*(Sparse|sparse|quantize).*")
def test_tensors_without_plain_numbers_are_refused(torch: Any) -> None:
    tensors = [
        torch.zeros(3, 4, 4, dtype=torch.complex64),
        torch.zeros(3, 4, 4, device="meta"),
        torch.zeros(4, 4).to_sparse(),
    ]
    for tensor in tensors:
        with pytest.raises(runlog.InvalidTypeError, match="image"):
            Image(tensor)


def test_to_uint8_takes_tensors_of_any_shape(torch: Any) -> None:
    tensor = torch.tensor([0.0, 1.0], dtype=torch.bfloat16, requires_grad=True)
    assert Image.to_uint8(tensor).tolist() == [0, 255]


def test_a_tensor_on_a_gpu_is_brought_home(torch: Any) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device: tensors on a GPU NOT TESTED")
    assert Image(torch.rand(3, 4, 5, device="cuda")).width == 5


# Matplotlib


@pytest.fixture
def pyplot() -> Iterator[Any]:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed: figures NOT TESTED")
    matplotlib.use("agg")
    from matplotlib import pyplot

    pyplot.close("all")
    yield pyplot
    pyplot.close("all")


def test_a_figure_is_drawn(pyplot: Any) -> None:
    figure = pyplot.figure(figsize=(2, 1), dpi=50)
    figure.add_subplot().plot([1, 2, 3])
    image = Image(figure)
    assert (image.width, image.height, image.conversion.source) == (100, 50, "figure")
    assert len(np.unique(pixels(image))) > 10


def test_pyplot_stands_for_its_current_figure(pyplot: Any) -> None:
    pyplot.figure(figsize=(2, 1), dpi=50)
    pyplot.plot([1, 2, 3])
    assert Image(pyplot) == Image(pyplot.gcf())
    assert len(pyplot.get_fignums()) == 1


def test_pyplot_without_a_figure_is_refused_and_gets_none(pyplot: Any) -> None:
    with pytest.raises(runlog.InvalidValueError, match="pyplot must have a figure"):
        Image(pyplot)
    assert pyplot.get_fignums() == []


def test_a_figure_that_cannot_be_drawn_is_refused(pyplot: Any) -> None:
    figure = pyplot.figure()
    figure.text(0, 0, "$\\frac{$")
    with pytest.raises(runlog.InvalidValueError, match="a matplotlib figure must be drawable"):
        Image(figure)


def test_an_opaque_figure_stored_as_jpeg_is_no_surprise(pyplot: Any) -> None:
    figure = pyplot.figure(figsize=(1, 1), dpi=20)
    assert not Image(figure, file_type="jpg").warnings


def test_figures_and_pyplot_may_be_logged_as_they_are(pyplot: Any, start: Any) -> None:
    figure = pyplot.figure(figsize=(1, 1), dpi=20)
    with start() as run:
        run.log({"figure": figure, "pyplot": pyplot, "list": [figure, figure]}, step=0)
    with runlog.open(run.folder) as reader:
        assert [(i.key, i.media.width) for i in reader.images([0])] == [
            ("figure", 20),
            ("list", 20),
            ("list", 20),
            ("pyplot", 20),
        ]


# No framework is imported


def test_no_framework_is_imported_to_recognise_its_types(tmp_path: Path) -> None:
    code = f"""
import io, sys
import numpy as np, PIL.Image, runlog
class Odd:
    def numpy(self): return np.zeros((2, 2))
with runlog.init(dir={str(tmp_path)!r}, quiet=True) as run:
    for given in (np.zeros((2, 2)), PIL.Image.new("L", (2, 2)), [[1, 2]], Odd()):
        run.log({{"picture": runlog.Image(given, caption="c")}})
    for wrong in (None, object(), 7):
        try:
            runlog.Image(wrong)
        except runlog.RunlogError:
            pass
frameworks = {{"torch", "tensorflow", "jax", "matplotlib", "ml_dtypes", "IPython", "viewer"}}
print(sorted(frameworks & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_framework_that_is_half_imported_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "matplotlib.figure", "matplotlib.pyplot"):
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    assert Image(WithArray()).width == 3
    assert Image([[1, 2]]).width == 2

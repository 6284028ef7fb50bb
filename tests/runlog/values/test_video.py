"""A video is frames, which become a picture that moves, or a file that is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as PILImage
from PIL import ImageSequence

import runlog
from runlog.images.animation import MAX_LOSSLESS_PIXELS
from runlog.images.picture_file import PictureFile

Start = Callable[..., runlog.LocalRun]


def webp(video: runlog.Video) -> PILImage.Image:
    assert video.image is not None
    content = video.image.picture.content
    assert isinstance(content, PictureFile)
    return PILImage.open(io.BytesIO(content.data))


def decoded(video: runlog.Video) -> np.ndarray:
    return np.stack([np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(webp(video))])


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def as_rgba(frames: np.ndarray) -> np.ndarray:
    """Return T×H×W×C as RGBA."""
    colours = np.repeat(frames, 3, axis=3) if frames.shape[3] == 1 else frames[..., :3]
    alpha = frames[..., 3:] if frames.shape[3] == 4 else np.full((*frames.shape[:3], 1), 255, np.uint8)
    return np.concatenate([colours, alpha], axis=3)


@settings(max_examples=30)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(5, 12), st.integers(5, 12), st.sampled_from([1, 3, 4])),
    data=st.data(),
)
def test_small_frames_come_back_exactly_in_either_order_of_axes(
    shape: tuple[int, int, int, int], data: st.DataObject
) -> None:
    frames = data.draw(arrays.arrays(np.uint8, shape))
    # Of neither range that is scaled, and no two neighbours alike, which the format would join.
    frames[:, 0, 0, :] = 200
    for number, frame in enumerate(frames):
        frame[1, 1] = (number * 50) % 250
        frame[..., 3:] = 255
    wanted = as_rgba(frames)
    last, first = runlog.Video(frames), runlog.Video(frames.transpose(0, 3, 1, 2))
    assert np.array_equal(decoded(last), wanted)
    assert np.array_equal(decoded(first), wanted)


def test_grey_frames_need_no_axis_of_channels() -> None:
    frames = noise(3, 8, 9)
    assert np.array_equal(decoded(runlog.Video(frames)), as_rgba(frames[..., None]))


def test_where_both_orders_would_do_an_array_is_channel_last_and_a_tensor_channel_first() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: tensors NOT TESTED")
    frames = noise(2, 3, 8, 3)
    assert webp(runlog.Video(frames)).size == (8, 3)
    assert webp(runlog.Video(torch.from_numpy(frames))).size == (3, 8)
    # As torchvision reads videos.
    assert webp(runlog.Video(torch.from_numpy(noise(2, 6, 8, 3)))).size == (8, 6)


def test_a_batch_of_one_is_that_video_and_a_larger_one_is_refused_with_the_fix() -> None:
    frames = noise(1, 2, 8, 9, 3)
    assert np.array_equal(decoded(runlog.Video(frames)), decoded(runlog.Video(frames[0])))
    with pytest.raises(
        runlog.InvalidValueError, match=r"got shape \(2, 2, 8, 9, 3\); of several videos, log a list"
    ):
        runlog.Video(noise(2, 2, 8, 9, 3))


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (noise(8, 9), r"frames must be T×H×W .* but got shape \(8, 9\)"),
        (noise(2, 8, 9, 2), r"with C = 1 .* but got shape \(2, 8, 9, 2\)"),
        (noise(0, 8, 9, 3), "1 to 300 frames, but got 0"),
        (
            noise(700, 2, 2),
            r"1 to 300 frames, but got 700; take one of every 3, frames\[::3\], or write a video file",
        ),
        (np.zeros((2, 1, 16384), np.uint8), "1 to 16383 pixels a side, but got 16384×1"),
        (noise(2, 8, 9, 3).astype(object), "must hold booleans, integers or floats"),
    ],
)
def test_what_is_no_frames_is_refused_with_what_must_hold(frames: np.ndarray, message: str) -> None:
    with pytest.raises(runlog.RunlogError, match=message):
        runlog.Video(frames)


@pytest.mark.parametrize("fps", [0, -1, 91, float("nan"), float("inf"), "x", 1e-9])
def test_a_rate_must_be_one_that_browsers_keep(fps: object) -> None:
    with pytest.raises(runlog.RunlogError, match="fps must be"):
        runlog.Video(noise(2, 4, 4), fps=fps)  # type: ignore[arg-type]


def test_the_rate_is_how_long_each_frame_is_shown() -> None:
    for fps, milliseconds in ((None, 250), (10, 100), (30, 33), (90, 11)):
        video = webp(runlog.Video(noise(3, 6, 6), fps=fps))
        video.seek(1)
        video.load()
        assert (video.info["duration"], video.info["loop"], video.n_frames) == (milliseconds, 0, 3)


def test_floats_become_pixels_by_the_range_of_all_frames() -> None:
    frames = np.stack([np.full((4, 4), 0.25), np.full((4, 4), 1.0)])
    video = runlog.Video(frames)
    assert decoded(video)[:, 0, 0, 0].tolist() == [63, 255]
    assert video.image is not None
    assert video.image.conversion.rule == "unit"
    assert video.image.conversion.shape == (2, 4, 4)


def test_it_says_whether_the_pixels_are_exact() -> None:
    side = int((MAX_LOSSLESS_PIXELS / 2) ** 0.5)
    exact, large = runlog.Video(noise(2, side, side)), runlog.Video(noise(2, side + 1, side))
    assert exact.image is not None
    assert large.image is not None
    assert exact.image.conversion.notes == ("2 frames at 4 a second as an animated WebP, lossless",)
    assert large.image.conversion.notes == ("2 frames at 4 a second as an animated WebP, quality 85",)


def test_frames_are_logged_as_images_alone_or_in_a_list(start: Start) -> None:
    video = runlog.Video(noise(3, 8, 9, 3), caption="a rollout")
    with start() as run:
        run.log({"one": video, "list": [video, runlog.Image(noise(8, 9))]}, step=3)
    with runlog.open(run.folder) as reader:
        images = reader.images()
        assert [(i.key, i.index, i.caption, i.media.format) for i in images] == [
            ("list", 0, "a rollout", "webp"),
            ("list", 1, None, "png"),
            ("one", 0, "a rollout", "webp"),
        ]
        with PILImage.open(run.folder / images[2].media.path) as stored:
            assert stored.n_frames == 3  # type: ignore[attr-defined]
        assert reader.image(images[2]).width == 9


def test_an_animated_picture_by_path_is_an_image_and_a_video_a_file(tmp_path: Path, start: Start) -> None:
    frames = [PILImage.fromarray(frame) for frame in noise(3, 8, 9)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    (tmp_path / "a.mp4").write_bytes(b"moving")
    gif, mp4 = runlog.Video(tmp_path / "a.gif"), runlog.Video(str(tmp_path / "a.mp4"))
    assert gif.file is None
    assert mp4.image is None
    with start() as run:
        run.log({"gif": gif, "mp4": mp4, "both": [mp4, mp4]}, step=0)
    with runlog.open(run.folder) as reader:
        assert [image.media.format for image in reader.images()] == ["gif"]
        assert [(f.key, f.index, f.kind) for f in reader.files()] == [
            ("both", 0, "video"),
            ("both", 1, "video"),
            ("mp4", 0, "video"),
        ]


def test_a_file_has_a_rate_and_no_caption_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"moving")
    with pytest.raises(runlog.InvalidValueError, match="fps must be left out for a file"):
        runlog.Video(tmp_path / "a.mp4", fps=3)
    with pytest.raises(runlog.InvalidValueError, match="caption must be left out for a file"):
        runlog.Video(tmp_path / "a.mp4", caption="x")
    with pytest.raises(runlog.StorageError, match="must be a file that can be read"):
        runlog.Video(tmp_path / "missing.mp4")

"""Scripts that log to TensorBoard log the same here, with the import changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorboardX
from PIL import Image as PILImage

import runlog
from runlog.importers.tensorboard import import_logdir
from runlog.tensorboard import SummaryWriter

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]
# tensorboardX 2.6 with today's protobuf and numpy.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    yield
    runlog.finish()


def script(writer: Any) -> None:
    """Do what scripts do, with either writer."""
    random = np.random.default_rng(0)
    for step in range(3):
        writer.add_scalar("loss/train", 1 / (step + 1), step)
        writer.add_scalar("lr", np.float32(0.5), global_step=step)
        writer.add_text("note", f"step {step}", step)
        writer.add_image("bytes", random.integers(0, 256, (3, 6, 8), dtype=np.uint8), step)
        writer.add_image("floats", random.random((3, 6, 8), dtype=np.float32), step)
        writer.add_image("grey", random.random((6, 8)), step, dataformats="HW")
        writer.add_image("last", random.random((6, 8, 3)), step, dataformats="HWC")
        writer.add_image("alpha", random.random((4, 6, 8)), step)
    writer.close()


def numbers(reader: runlog.RunReader) -> dict[str, list[tuple[int, float]]]:
    """Return the numbers by key, as exactly as event files hold them."""
    return {
        series.key: [
            (int(step), float(np.float32(value)))
            for step, value in zip(series.steps, series.values, strict=True)
        ]
        for series in reader.scalars()
    }


def test_a_script_gives_the_run_that_its_event_files_give(tmp_path: Path) -> None:
    script(tensorboardX.SummaryWriter(str(tmp_path / "logs")))
    (imported,) = import_logdir(tmp_path / "logs", dir=tmp_path / "imported")
    script(SummaryWriter(tmp_path / "runs" / "ours"))
    with runlog.open(imported.folder) as theirs, runlog.open(tmp_path / "runs" / "ours") as ours:
        assert numbers(ours) == numbers(theirs)
        # The plugin of TensorBoard that shows texts wants such tags.
        assert [(t.key, t.step, t.text) for t in ours.texts()] == [
            (t.key.removesuffix("/text_summary"), t.step, t.text) for t in theirs.texts()
        ]
        pairs = zip(ours.images([0, 1, 2]), theirs.images([0, 1, 2]), strict=True)
        for mine, other in pairs:
            assert (mine.key, mine.step) == (other.key, other.step)
            pixels = ours.pixels(mine)
            if pixels.ndim == 2:  # TensorBoard has colours only
                pixels = np.repeat(pixels[:, :, None], 3, axis=2)
            assert np.array_equal(pixels, theirs.pixels(other)), mine.key
        assert ours.run().state == "finished"


def test_floats_past_black_and_white_are_clipped_and_integers_are_bytes(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_image("floats", np.array([[-0.5, 0.5, 1.5, np.nan]]), 0, dataformats="HW")
        writer.add_image("integers", np.array([[-5, 1, 255, 300]]), 0, dataformats="HW")
    with runlog.open(tmp_path / "r") as reader:
        found = {image.key: reader.pixels(image).tolist() for image in reader.images(0)}
    assert found == {"floats": [[0, 127, 255, 0]], "integers": [[0, 1, 255, 255]]}


def test_scalars_that_belong_together_have_keys_of_their_own(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_scalars("loss", {"train": 1.0, "val": 2.0}, 5)
    with runlog.open(tmp_path / "r") as reader:
        assert {(s.key, *s.steps, *s.values) for s in reader.scalars()} == {
            ("loss/train", 5, 1.0),
            ("loss/val", 5, 2.0),
        }


def test_a_batch_is_a_list_of_images(tmp_path: Path) -> None:
    batch = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 6), dtype=np.uint8)
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_images("first", batch, 0)
        writer.add_images("last", batch.transpose(0, 2, 3, 1), 0, dataformats="NHWC")
    with runlog.open(tmp_path / "r") as reader:
        images = reader.images(0)
        assert [(image.key, image.index) for image in images] == [
            (key, index) for key in ("first", "last") for index in range(5)
        ]
        for image in images:
            assert np.array_equal(reader.pixels(image), batch[image.index].transpose(1, 2, 0))


def test_boxes_are_an_overlay_with_their_labels(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_image_with_boxes(
            "found",
            np.zeros((3, 40, 60), np.uint8),
            np.array([[1, 2, 11, 22], [5, 5, 9, 9], [0, 0, 4, 4]]),
            7,
            labels=["cat", "dog", "cat"],
        )
    with runlog.open(tmp_path / "r") as reader:
        (image,) = reader.images(7)
    (layer,) = image.boxes
    assert layer.class_labels == {0: "cat", 1: "dog"}
    assert [(box.numbers, box.domain, box.class_id, box.caption) for box in layer.boxes] == [
        ((1.0, 11.0, 2.0, 22.0), "pixel", 0, "cat"),
        ((5.0, 9.0, 5.0, 9.0), "pixel", 1, "dog"),
        ((0.0, 4.0, 0.0, 4.0), "pixel", 0, "cat"),
    ]


def test_histograms_count_what_was_given(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=1000)
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_histogram("weights", values, 1)
        writer.add_histogram("ten", values, 1, bins=10)
        writer.add_histogram("numpy's ten", values, 1, bins=np.int64(10))
        writer.add_histogram_raw("raw", -1.0, 3.0, 6, 0, 0, [0.0, 1.0, 1.7e308], [1, 2, 3], 1)
    with runlog.open(tmp_path / "r") as reader:
        found = {record.key: record.histogram for record in reader.histograms()}
    assert found["weights"].counts.sum() == found["ten"].counts.sum() == 1000
    assert len(found["ten"].counts) == len(found["numpy's ten"].counts) == 10
    assert found["raw"].edges.tolist() == [-1.0, 0.0, 1.0, 3.0]
    assert found["raw"].counts.tolist() == [1, 2, 3]


def test_each_video_is_an_animated_picture(tmp_path: Path) -> None:
    videos = np.random.default_rng(0).integers(0, 256, (2, 5, 3, 16, 24), dtype=np.uint8)
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_video("rollout", videos, 3, fps=8)
    with runlog.open(tmp_path / "r") as reader:
        images = reader.images(3)
        files = [tmp_path / "r" / image.media.path for image in images]
    for number, file in enumerate(files):
        with PILImage.open(file) as animation:
            assert animation.n_frames == 5
            for frame in range(5):
                animation.seek(frame)
                assert np.array_equal(animation.convert("RGB"), videos[number, frame].transpose(1, 2, 0))
    assert len(files) == 2


def test_precision_and_recall_are_a_table_over_thresholds(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_pr_curve("pr", [1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 2, num_thresholds=np.int64(3))
        with pytest.raises(runlog.InvalidValueError, match="must be as many, but got 2, 1 and 1"):
            writer.add_pr_curve("pr", [1, 0], [0.5], 2)
    with runlog.open(tmp_path / "r") as reader:
        rows = list(reader.table("pr", 2).records())
    assert [[row[name] for name in ("threshold", "precision", "recall")] for row in rows] == [
        [0, 0.5, 1],
        [0.5, 0.5, 0.5],
        [1, 1, 0],
    ]
    assert rows[1]["false positives"] == rows[1]["false negatives"] == 1


def test_a_figure_is_logged_and_closed(tmp_path: Path) -> None:
    from matplotlib import pyplot

    figures = [pyplot.figure(figsize=(2, 1), dpi=50) for _ in range(3)]
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_figure("one", figures[0], 0, close=False)
        writer.add_figure("two", figures[1:], 0)
    assert pyplot.get_fignums() == [figures[0].number]
    pyplot.close("all")
    with runlog.open(tmp_path / "r") as reader:
        assert [(image.key, image.media.width) for image in reader.images(0)] == [
            ("one", 100),
            ("two", 100),
            ("two", 100),
        ]


def test_hyperparameters_are_config_and_their_metrics_numbers(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_hparams({"lr": 0.1, "bsize": 4}, {"hparam/accuracy": 0.9})
    with runlog.open(tmp_path / "r") as reader:
        assert reader.run().config == {"lr": 0.1, "bsize": 4}
        assert reader.run().summary["hparam/accuracy"] == 0.9


def steps_of(folder: Path) -> dict[str, dict[int, float]]:
    with runlog.open(folder) as reader:
        return {s.key: dict(zip(s.steps.tolist(), s.values.tolist(), strict=True)) for s in reader.scalars()}


def test_a_step_is_what_tensorboard_makes_of_it(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "w") as writer:
        for step in (2.0, np.float32(3), np.int64(4), "5", np.array([6])):
            writer.add_scalar("a", 1.0, step)
        with pytest.warns(runlog.RunlogWarning, match="steps are whole"):
            writer.add_scalar("part", 7.0, 7.9)
        with pytest.warns(runlog.RunlogWarning, match="steps begin at 0") as told:
            for step in (-2, np.int32(-1)):
                writer.add_scalar("below", step, step)
        assert len(told) == 1
        for step in ("x", float("nan"), float("inf"), [1], object()):
            with pytest.raises(runlog.InvalidTypeError, match="step must be an integer"):
                writer.add_scalar("a", 1.0, step)
    assert steps_of(tmp_path / "w") == {
        "a": dict.fromkeys(range(2, 7), 1.0),
        "part": {7: 7.0},
        "below": {0: -1.0},
    }


def test_without_a_step_nothing_is_replaced_and_the_run_does_not_move_on(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_scalar("a", 1)
        writer.add_scalar("b", 2)
        writer.add_scalar("c", 3, 4)
        writer.add_scalar("d\n", 4)
        for value in (5, 5, 7):
            writer.add_scalar("c", value)
        writer.add_image("picture", np.zeros((3, 4, 4), np.uint8))
        writer.add_image("picture", np.zeros((3, 4, 4), np.uint8))
    assert steps_of(tmp_path / "r") == {"a": {0: 1}, "b": {0: 2}, "c": {4: 3, 5: 5, 6: 5, 7: 7}, "d": {4: 4}}
    with runlog.open(tmp_path / "r") as reader:
        assert len(reader.images()) == 2


def test_what_is_added_after_the_end_goes_on_with_the_run(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path / "r")
    for epoch in range(3):
        writer.add_scalar("loss", epoch, epoch)
        writer.close()
        writer.flush()
    writer.add_hparams({"rate": 0.5}, {"best": 2})
    assert (runlog.run, writer.log_dir) == (writer.run, str(tmp_path / "r"))
    writer.close()
    assert steps_of(tmp_path / "r") == {"loss": {0: 0, 1: 1, 2: 2}, "best": {3: 2}}
    with runlog.open(tmp_path / "r") as reader:
        run = reader.run()
        assert (run.state, run.config) == ("finished", {"rate": 0.5})


def test_what_is_added_after_the_end_of_the_run_of_a_script_goes_on_with_that(start: Start) -> None:
    run = start()
    train, val = SummaryWriter("logs/train"), SummaryWriter("logs/val")
    run.finish()
    val.add_scalar("loss", 1, 0)
    train.add_scalar("loss", 2, 0)
    val.close()
    assert steps_of(run.folder) == {"val/loss": {0: 1}, "loss": {0: 2}}
    other = start()
    val.add_scalar("loss", 3, 0)
    assert (runlog.run, val.run) == (other, other)
    other.finish()


def test_nothing_is_written_after_the_end_of_a_disabled_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for writer in (SummaryWriter(write_to_disk=False), SummaryWriter("r", write_to_disk=False)):
        writer.add_scalar("a", 1, 0)
        writer.close()
        writer.add_scalar("a", 1, 1)
    assert list(tmp_path.iterdir()) == []


def test_writers_of_folders_in_turn_find_their_runs_again(tmp_path: Path) -> None:
    for step in range(3):
        for name in ("train", "val"):
            SummaryWriter(logdir=tmp_path / name).add_scalar("loss", len(name), step)
    for name in ("train", "val"):
        SummaryWriter(tmp_path / name).close()
    runlog.finish()
    assert steps_of(tmp_path / "train") == {"loss": dict.fromkeys(range(3), 5.0)}
    assert steps_of(tmp_path / "val") == {"loss": dict.fromkeys(range(3), 3.0)}


def test_a_folder_that_is_there_may_hold_other_files(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "checkpoint.pt").write_bytes(b"weights")
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_scalar("a", 1, 0)
    assert steps_of(tmp_path / "r") == {"a": {0: 1}}
    assert (tmp_path / "r" / "checkpoint.pt").read_bytes() == b"weights"


@pytest.mark.parametrize("rank", ["3", ""])
def test_a_folder_that_another_process_writes_to_is_left_to_it(
    rank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", rank)
    name = "r-r3" if rank else f"r-{os.getpid()}"
    code = (
        "import sys; from runlog.tensorboard import SummaryWriter; w = SummaryWriter(sys.argv[1]); "
        "w.add_scalar('a', 1, 0); print('ready', flush=True); input(); w.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "r")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with pytest.warns(runlog.RunlogWarning, match=f"SummaryWriter writes to {name} beside it"):
            writer = SummaryWriter(tmp_path / "r")
        writer.add_scalar("a", 2, 0)
        writer.close()
        other.communicate("\n")
    assert (steps_of(tmp_path / "r"), steps_of(tmp_path / name)) == ({"a": {0: 1}}, {"a": {0: 2}})
    assert {run.id: run.group for run in runlog.runs(tmp_path)} == {"r": None, name: "r"}


FORKED = """
import os, warnings
from runlog.tensorboard import SummaryWriter

warnings.simplefilter("ignore")
writer = SummaryWriter("main")
for name in ("worker", "main"):
    if (child := os.fork()) == 0:
        with SummaryWriter(name) as own:
            own.add_scalar("a", 1, 0)
            again = SummaryWriter(own.log_dir)
            again.add_scalar("b", 1, 0)
            assert again.run is own.run
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
writer.add_scalar("a", 2, 0)
writer.close()
"""


def test_a_forked_child_has_a_run_of_its_own(tmp_path: Path) -> None:
    # Beside the runs in `tmp_path` there may be the cache.
    (place := tmp_path / "runs").mkdir()
    done = run_code(FORKED, cwd=place)
    assert done.returncode == 0, done.stderr
    held = {folder.name: steps_of(folder) for folder in place.iterdir()}
    of_child = {"a": {0: 1.0}, "b": {0: 1.0}}
    assert (held.pop("main"), held.pop("worker")) == ({"a": {0: 2.0}}, of_child)
    ((name, beside),) = held.items()
    assert (name.startswith("main-"), beside) == (True, of_child)


def test_a_disk_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.warns(runlog.RunlogWarning, match="nothing of this run is stored"):
        writer = SummaryWriter(tmp_path / "file" / "r")
    writer.add_scalar("a", 1, 0)
    writer.close()


def test_it_writes_to_the_run_that_goes_on_and_leaves_it_open(start: Start) -> None:
    run = start()
    with SummaryWriter("/nowhere") as writer:
        writer.add_scalar("loss", 1, 0)
        assert writer.log_dir == writer.get_logdir() == str(run.folder)
    run.log({"own": 2}, step=1)
    run.finish()
    with runlog.open(run.folder) as reader:
        assert {s.key for s in reader.scalars()} == {"loss", "own"}
    assert not Path("/nowhere").exists()


def test_writers_of_several_folders_stay_apart_in_one_run(start: Start) -> None:
    run = start()
    for name in ("train", "val", "train"):
        SummaryWriter(f"logs/{name}").add_scalar("loss", len(name), 0)
    run.finish()
    with runlog.open(run.folder) as reader:
        assert {s.key: list(s.values) for s in reader.scalars()} == {"loss": [5.0], "val/loss": [3.0]}


def test_without_a_run_each_folder_is_a_run(tmp_path: Path) -> None:
    writers = {name: SummaryWriter(tmp_path / name) for name in ("train", "val")}
    again = SummaryWriter(tmp_path / "val")
    for name, writer in writers.items():
        writer.add_scalar("loss", len(name), 0)
    again.add_scalar("more", 1, 0)
    for writer in (again, *writers.values()):
        writer.close()
    found = {}
    for run in runlog.runs(tmp_path):
        with runlog.open(run.folder) as reader:
            found[run.id] = {s.key for s in reader.scalars()}
    assert found == {"train": {"loss"}, "val": {"loss", "more"}}


def test_a_folder_is_gone_on_with_and_purged(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        for step in range(5):
            writer.add_scalar("loss", step, step)
    with SummaryWriter(tmp_path / "r", purge_step=3) as writer:
        writer.add_scalar("loss", 30, 3)
    with pytest.warns(runlog.RunlogWarning, match="purge_step=0 would leave nothing"):
        SummaryWriter(tmp_path / "r", purge_step=0).close()
    with runlog.open(tmp_path / "r") as reader:
        (series,) = reader.scalars()
    assert list(zip(series.steps, series.values, strict=True)) == [(0, 0), (1, 1), (2, 2), (3, 30)]


def test_an_exception_marks_its_run_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), SummaryWriter(tmp_path / "r"):
        _ = 1 / 0
    with runlog.open(tmp_path / "r") as reader:
        assert reader.run().state == "failed"


def test_what_is_not_kept_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        with pytest.warns(
            runlog.RunlogWarning, match=r"add_graph\(\) of SummaryWriter keeps nothing"
        ) as told:
            for _ in range(3):
                writer.add_graph(object(), None)
        assert len(told) == 1
        with pytest.raises(AttributeError, match="no attribute 'add_grpah'"):
            writer.add_grpah()


@pytest.mark.parametrize(
    ("shape", "letters", "message"),
    [
        ((4, 4), "CHW", r"a letter of HWC for each axis, but got 'CHW' for an array of shape \(4, 4\)"),
        ((3, 4, 4), "CXW", "a letter of HWC for each axis, but got 'CXW'"),
        ((3, 4, 4), "HW", "a letter of HW for each axis"),
    ],
)
def test_axes_that_do_not_fit_are_named(
    shape: tuple[int, ...], letters: str, message: str, tmp_path: Path
) -> None:
    with SummaryWriter(tmp_path / "r") as writer, pytest.raises(runlog.InvalidValueError, match=message):
        writer.add_image("a", np.zeros(shape), 0, dataformats=letters)


def test_tensors_are_taken(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: NOT TESTED")
    with SummaryWriter(tmp_path / "r") as writer:
        writer.add_scalar("loss", torch.tensor(0.5, requires_grad=True), torch.tensor(3).item())
        writer.add_image("a", torch.ones(3, 4, 4, requires_grad=True), 3)
        writer.add_histogram("w", torch.arange(10.0), 3)
    with runlog.open(tmp_path / "r") as reader:
        (image,) = reader.images(3)
        assert np.array_equal(reader.pixels(image), np.full((4, 4, 3), 255))


def test_no_framework_is_imported() -> None:
    code = "import sys, runlog.tensorboard; print({'torch', 'tensorboard', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_boxes_that_are_none_are_refused_and_what_is_no_text_is_logged_as_it_reads(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "r") as writer:
        for boxes, shape in (([[1, 2, 3]], "1, 3"), ([1, 2, 3], "3,"), (np.zeros((2, 2, 4)), "2, 2, 4")):
            with pytest.raises(runlog.InvalidValueError, match=rf"boxes must be N×4 .* shape \({shape}\)"):
                writer.add_image_with_boxes("a", np.zeros((3, 4, 4)), boxes, 0)
        writer.add_image_with_boxes("none", np.zeros((3, 4, 4)), np.zeros((0, 4)), 0)
        writer.add_text("t", 5, 0)
    with runlog.open(tmp_path / "r") as reader:
        assert [(text.key, text.text) for text in reader.texts()] == [("t", "5")]
        assert reader.scalars() == ()


def test_writers_whose_folders_end_alike_are_kept_apart(start: Start) -> None:
    run = start()
    for place in ("x/train", "y/train", "z/train", "y/train"):
        SummaryWriter(f"logs/{place}").add_scalar("loss", ord(place[0]), 0)
    run.finish()
    with runlog.open(run.folder) as reader:
        assert {s.key: list(s.values) for s in reader.scalars()} == {
            "loss": [ord("x")],
            "train/loss": [ord("y")],
            "z/train/loss": [ord("z")],
        }


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("add_scalar", ("a", "1.5", 0), r"add_scalar\['a'\] must be a number, but got '1.5'"),
        ("add_scalar", ("a", None, 0), r"add_scalar\['a'\] must be a number, but got None"),
        ("add_scalars", ("a", [1], 0), "tag_scalar_dict must be a dict of name to number"),
        ("add_scalars", ("a", {"b": "c"}, 0), r"tag_scalar_dict\['b'\] must be a number"),
        ("add_hparams", ({}, [1]), "metric_dict must be a dict of name to number"),
        ("add_histogram", ("a", [1.0], 0, "auto", None, "x"), "must be a number, but got 'x'"),
        ("add_histogram_raw", ("a", None, 1, 1, 1, 1, [1], [1]), r"buckets\['least'\] must be a number"),
        (
            "add_histogram_raw",
            ("a", 0, 1, 1, 1, 1, ["b"], [1]),
            "the limits of buckets must hold real numbers",
        ),
        (
            "add_image",
            ("a", np.zeros((3, 4, 4)), 0, None, None),
            "dataformats must be a string, but got None",
        ),
        (
            "add_image_with_boxes",
            ("a", np.zeros((3, 4, 4)), np.zeros((1, 4)), 0, None, "x"),
            r"boxes\['rescale'\] must be a number",
        ),
        ("add_pr_curve", ("a", [1], ["b"], 0), "predictions must be numbers"),
    ],
)
def test_a_wrong_argument_is_named(
    method: str, arguments: tuple[object, ...], message: str, tmp_path: Path
) -> None:
    error = (runlog.InvalidTypeError, runlog.InvalidValueError)
    with SummaryWriter(tmp_path / "r") as writer, pytest.raises(error, match=message):
        getattr(writer, method)(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5,), "a path must be a string or a Path"),
        (("r", "", "x"), "step must be"),
        (("a\0b",), "a file can have"),
    ],
)
def test_a_wrong_argument_of_the_writer_itself_is_named(
    arguments: tuple[object, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=message):
        SummaryWriter(*arguments)  # type: ignore[arg-type]

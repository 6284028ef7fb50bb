"""Reading a run folder back: live, finished, copied, read-only, broken; and the state of a run."""

import io
import math
import os
import shutil
import signal
import sqlite3
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.storage import connections

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]


def crashed_run(folder: Path) -> Path:
    """Return a run folder whose process was killed after one step."""
    code = (
        "import os, sys, numpy as np, runlog\n"
        "run = runlog.init(dir=sys.argv[1], id='dead', quiet=True)\n"
        "run.log({'a': 1, 'k': runlog.Image(np.full((2, 2), 9, np.uint8))})\n"
        f"os.kill(os.getpid(), {signal.SIGKILL.value})"
    )
    run_code(code, folder)
    return folder / "dead"


def edit(run_folder: Path, sql: str) -> None:
    connection = sqlite3.connect(run_folder / "run.db")
    with connection:
        connection.execute(sql)
    connection.close()


def series(key: str, steps: list[int], values: list[float]) -> runlog.ScalarSeries:
    return runlog.ScalarSeries(key, np.array(steps), np.array(values))


def test_a_live_run_can_be_read_while_it_is_written(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        before = reader.revision()
        run.log({"a": 1}, step=3)
        assert reader.run().state == "running"
        assert reader.revision() > before
        assert reader.scalars() == (series("a", [3], [1.0]),)


def test_reading_a_finished_run_changes_no_file(start: Start) -> None:
    with start() as run:
        run.log({"k": runlog.Image(np.full((2, 2), 9, np.uint8))})
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    with runlog.open(run.folder) as reader:
        reader.run()
        reader.images([0])
        assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before


def test_a_killed_run_reads_as_crashed_with_all_it_logged(tmp_path: Path) -> None:
    with runlog.open(crashed_run(tmp_path)) as reader:
        assert reader.run().state == "crashed"
        assert reader.scalars()[0].values.tolist() == [1.0]
        (image,) = reader.images([0])
        assert (reader.folder / image.media.path).is_file()


def test_a_copy_of_database_and_wal_without_the_index_reads_whole(tmp_path: Path) -> None:
    dead = crashed_run(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(dead, copy, ignore=shutil.ignore_patterns("run.db-shm", "run.lock"))
    assert (copy / "run.db-wal").stat().st_size > 0
    with runlog.open(copy) as reader:
        assert reader.scalars()[0].values.tolist() == [1.0]


def test_a_read_only_folder_with_a_wal_is_read_from_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, so that SQLite may not make the index is only said.
    dead = crashed_run(tmp_path)
    (dead / "run.db-shm").unlink()
    monkeypatch.setattr(connections, "_connect_in_place", lambda path: None)
    with runlog.open(dead) as reader:
        assert reader.scalars()[0].values.tolist() == [1.0]


def test_a_path_with_characters_of_a_uri_is_read(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path / "a#b?c%20d é", quiet=True) as run:
        run.log({"a": 1})
    with runlog.open(run.folder) as reader:
        assert reader.scalars()[0].values.tolist() == [1.0]


@pytest.mark.parametrize(("age", "state"), [(timedelta(0), "running"), (timedelta(hours=1), "unknown")])
def test_a_run_of_another_host_is_running_while_it_is_heard_of(
    tmp_path: Path, age: timedelta, state: str
) -> None:
    dead = crashed_run(tmp_path)
    heard = (datetime.now(UTC) - age).isoformat()
    edit(dead, f"UPDATE run SET environment = '{{\"host\": \"elsewhere\"}}', created_at = '{heard}'")
    edit(dead, f"UPDATE steps SET logged_at = '{heard}'")
    with runlog.open(dead) as reader:
        assert reader.run().state == state


def test_since_revision_returns_what_changed_after_it(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"a": 1, "t": "x"}, step=0)
        run.log({"a": 2, "t": "y"}, step=1)
        revision = reader.revision()
        run.log({"a": 9}, step=0)
        assert [step.step for step in reader.steps(revision)] == [0]
        assert reader.scalars(revision) == (series("a", [0], [9.0]),)
        assert reader.steps(reader.revision()) == ()


def test_texts_come_by_step_and_key_of_some_steps_or_of_all(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"b": "late", "a": [1, 2], "loss": 1}, step=7)
        run.log({"b": "early"}, step=3)
        run.log({"loss": 1}, step=5)
        early, numbers = (
            runlog.TextRecord("b", 3, "early"),
            runlog.TextRecord("a", 7, "[1,2]", form="numbers"),
        )
        late = runlog.TextRecord("b", 7, "late")
        assert reader.texts() == (early, numbers, late)
        assert reader.texts([7, 3, 4, 5]) == reader.texts()
        assert reader.texts([3]) == (early,)
        assert reader.texts([]) == reader.texts(range(8, 3000)) == ()
        assert reader.latest_texts() == (numbers, late)
        assert [(step.step, step.text_count) for step in reader.steps()] == [(3, 1), (5, 0), (7, 2)]
        assert reader.counts().texts == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (1, [1]),
        (np.int64(1), [1]),
        (np.array(1), [1]),
        (np.array([2, 1]), [1, 2]),
        (range(1, 9), [1, 2]),
        ({1}, [1]),
        ([1, 1], [1]),
        ("1", [1]),
        ((), []),
    ],
    ids=repr,
)
def test_steps_are_one_or_any_iterable_of_them(steps: object, found: list[int], start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        for step in range(3):
            run.log({"t": "x", "k": runlog.Image(np.zeros((2, 2), np.uint8))}, step=step)
        assert [image.step for image in reader.images(steps)] == found
        assert [text.step for text in reader.texts(steps)] == found
        assert [image.step for image in reader.images(step for step in found)] == found


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda reader: reader.images(0.5), "step must be an integer or a decimal string, but got 0.5"),
        (lambda reader: reader.images([0, None]), "step must be an integer .* but got None"),
        (lambda reader: reader.images(b"0"), "step must be an integer .* but got b'0'"),
        (lambda reader: reader.texts([-1]), r"step must be from 0 to 2\*\*63 - 1, but got -1"),
        (lambda reader: reader.texts(True), "step must be an integer .* but got True"),
        (lambda reader: reader.steps("3"), "since_revision must be an integer, but got '3'"),
        (lambda reader: reader.scalars(None), "since_revision must be an integer, but got None"),
        (
            lambda reader: reader.frame([]),
            r"scalars, texts, .*, images, boxes, judged_boxes, but got \[\]",
        ),
        (lambda reader: reader.image(0), "image must be an ImageRecord, as from images"),
        (lambda reader: reader.open_image(()), "image must be an ImageRecord, as from images"),
        (lambda reader: reader.pixels("k"), "image must be an ImageRecord, as from images"),
        (
            lambda reader: reader.class_ids(None, "truth"),
            "image must be an ImageRecord, as from images",
        ),
        (lambda reader: runlog.open(None), "a path must be a string or a Path, but got None"),
        (lambda reader: runlog.runs(3), "a path must be a string or a Path, but got 3"),
    ],
)
def test_a_wrong_argument_is_said_to_be_one_and_no_fault_of_the_database(
    read: Callable[[runlog.RunReader], object], message: str, start: Start
) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"loss": 1}, step=0)
        with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=message):
            read(reader)


def test_the_latest_text_is_that_of_the_highest_step_that_still_has_one(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        for step in (2, 9, 4):
            run.log({"a": f"of {step}"}, step=step)
        assert reader.latest_texts() == (runlog.TextRecord("a", 9, "of 9"),)
        with pytest.warns(runlog.RunlogWarning, match="as a text before, and now as a number"):
            run.log({"a": 1.0}, step=9)
        assert reader.latest_texts() == (runlog.TextRecord("a", 4, "of 4"),)


def test_config_and_summary_move_the_revision_too(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        seen = [reader.revision()]
        for change in (
            lambda: run.config.update(a=1),
            lambda: run.summary.update(b=2),
            lambda: run.summary.pop("b"),
            run.finish,
        ):
            change()
            seen.append(reader.revision())
    assert seen == sorted(set(seen))


def test_images_come_by_step_key_and_index_with_all_that_was_logged(start: Start, photo: np.ndarray) -> None:
    box = {
        "position": {"middle": [0.5, 0.5], "width": 0.2, "height": math.nan},
        "class_id": 2,
        "box_caption": "two",
        "scores": {"iou": 0.5, "bad": math.nan, "huge": math.inf},
    }
    mask = np.arange(16 * 24).reshape(16, 24)
    image = runlog.Image(
        photo,
        caption="<b>",
        grouping=3,
        classes=[{"id": 2, "name": "shared"}, {"id": 5, "name": "five"}],
        boxes={"p": {"box_data": [box], "class_labels": {2: "own"}}, "none": {"box_data": []}},
        masks={"truth": {"mask_data": mask}},
    )
    with (
        start() as run,
        pytest.warns(runlog.RunlogWarning, match="1 of 1 boxes cannot be drawn"),
    ):
        run.log({"b": [image], "a": [image, image]}, step=1)
        run.log({"a": image}, step=0)
    with runlog.open(run.folder) as reader:
        images = reader.images([1, 0])
    assert [(i.step, i.key, i.index) for i in images] == [(0, "a", 0), (1, "a", 0), (1, "a", 1), (1, "b", 0)]
    record = images[0]
    assert (record.caption, record.grouping, record.conversion) == ("<b>", 3, image.conversion)
    assert (record.media.width, record.media.height, record.media.format) == (24, 16, "png")
    none, layer = record.boxes
    assert (none.name, none.boxes) == ("none", ())
    assert (layer.name, layer.class_labels) == ("p", {2: "own", 5: "five"})
    (stored,) = layer.boxes
    assert (stored.form, stored.domain, stored.class_id, stored.caption) == ("middle", "fraction", 2, "two")
    assert stored.numbers[:3] == (0.5, 0.5, 0.2)
    assert math.isnan(stored.numbers[3])
    assert (stored.scores["iou"], stored.scores["huge"]) == (0.5, math.inf)
    assert math.isnan(stored.scores["bad"])
    (truth,) = record.masks
    assert (truth.name, truth.class_ids) == ("truth", tuple(range(384)))
    assert truth.class_labels == {2: "shared", 5: "five"}


def test_more_steps_than_sqlite_takes_parameters_are_read(start: Start) -> None:
    image = runlog.Image(np.full((1, 1), 9, np.uint8))
    with start() as run:
        for step in range(1001):
            run.log({"k": image}, step=step)
    with runlog.open(run.folder) as reader:
        assert [image.step for image in reader.images(range(1001))] == list(range(1001))


# Numbers, pixels and class ids


def test_scalars_are_arrays_that_cannot_change_with_every_value_as_logged(start: Start) -> None:
    values = [0.1, math.nan, -math.inf, 1e300]
    with start() as run:
        for step in (3, 1, 0, 2):
            run.log({"a": values[step]}, step=step)
    with runlog.open(run.folder) as reader:
        (found,) = reader.scalars()
    assert (found.steps.dtype, found.values.dtype) == (np.int64, np.float64)
    assert found == series("a", [0, 1, 2, 3], values)
    assert found != series("a", [0, 1, 2, 3], [0.1, 0.2, -math.inf, 1e300])
    for array in (found.steps, found.values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
SHAPES = {"H×W": COLOURS[:, :, 0], "H×W×2": COLOURS[:, :, :2], "H×W×3": COLOURS[:, :, :3], "H×W×4": COLOURS}


@pytest.mark.parametrize("pixels", SHAPES.values(), ids=list(SHAPES))
def test_pixels_are_the_array_that_was_logged(start: Start, pixels: np.ndarray) -> None:
    with start() as run:
        run.log({"k": runlog.Image(pixels, normalize=False)})
    with runlog.open(run.folder) as reader:
        (image,) = reader.images()
        found = reader.pixels(image)
        assert found.dtype == np.uint8
        assert np.array_equal(found, pixels)
        assert np.array_equal(np.asarray(reader.open_image(image)), pixels)


def grey_16() -> PILImage.Image:
    return PILImage.fromarray(np.arange(0, 35_000, 1000, dtype=np.uint16).reshape(5, 7))


def palette(*, transparent: bool) -> PILImage.Image:
    picture = PILImage.fromarray(COLOURS[:, :, :3]).quantize(8)
    if transparent:
        picture.info["transparency"] = 0
    return picture


OTHER_MODES: dict[str, tuple[PILImage.Image, tuple[int, ...], type[np.generic]]] = {
    "1": (PILImage.fromarray(COLOURS[:, :, 0]).convert("1"), (5, 7), np.uint8),
    "palette": (palette(transparent=False), (5, 7, 3), np.uint8),
    "palette with transparency": (palette(transparent=True), (5, 7, 4), np.uint8),
    "16-bit grey": (grey_16(), (5, 7), np.uint16),
}


@pytest.mark.parametrize(("picture", "shape", "dtype"), OTHER_MODES.values(), ids=list(OTHER_MODES))
def test_pixels_of_pictures_in_other_modes_are_grey_rgb_or_rgba(
    tmp_path: Path, start: Start, picture: PILImage.Image, shape: tuple[int, ...], dtype: type[np.generic]
) -> None:
    picture.save(tmp_path / "picture.png")
    with start() as run:
        run.log({"k": runlog.Image(tmp_path / "picture.png")})
    with runlog.open(run.folder) as reader:
        found = reader.pixels(reader.images()[0])
    assert (found.shape, found.dtype) == (shape, dtype)
    mode = {np.uint16: None, np.uint8: "L" if len(shape) == 2 else ("RGB", "RGBA")[shape[2] - 3]}[dtype]
    assert np.array_equal(found, np.asarray(picture if mode is None else picture.convert(mode)))


def test_a_photo_that_a_camera_turned_is_read_upright(tmp_path: Path, start: Start) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6
    PILImage.fromarray(COLOURS[:, :, :3]).save(tmp_path / "turned.jpg", exif=exif)
    with start() as run:
        run.log({"k": runlog.Image(tmp_path / "turned.jpg")})
    with runlog.open(run.folder) as reader:
        (image,) = reader.images()
        assert reader.pixels(image).shape == (7, 5, 3) == (image.media.height, image.media.width, 3)
        assert reader.open_image(image).size == (5, 7)


@pytest.mark.parametrize("highest", [0, 1, 255, 256, 65535])
def test_class_ids_are_the_mask_that_was_logged(start: Start, highest: int) -> None:
    ids = np.random.default_rng(highest).integers(0, highest + 1, (5, 7))
    ids[2, 1] = highest
    mask = {"truth": {"mask_data": ids}, "other": {"mask_data": ids[::-1]}}
    with start() as run:
        run.log({"k": runlog.Image(COLOURS, masks=mask)})
    with runlog.open(run.folder) as reader:
        (image,) = reader.images()
        found = reader.class_ids(image, "truth")
        assert np.array_equal(reader.class_ids(image, "other"), ids[::-1])
    assert found.dtype == (np.uint8 if highest < 256 else np.uint16)
    assert np.array_equal(found, ids)


def test_a_layer_without_a_mask_is_an_error(start: Start) -> None:
    with start() as run:
        run.log({"k": runlog.Image(COLOURS, masks={"truth": {"mask_data": COLOURS[:, :, 0]}})})
    with runlog.open(run.folder) as reader, pytest.raises(runlog.InvalidValueError) as caught:
        reader.class_ids(reader.images()[0], "p")
    assert (
        one_line(caught.value) == "layer must be one of the masks on 'k'[0] at step 0, ['truth'], but got 'p'"
    )


def saved(picture: PILImage.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def said_to_be(png: bytes, width: int, height: int) -> bytes:
    """Return a PNG whose header tells of another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


BROKEN = {
    "missing": (None, "No such file"),
    "empty": (b"", "has no format that is read"),
    "cut": (saved(grey_16())[:60], "must be a whole, readable picture"),
    "huge": (said_to_be(saved(grey_16()), 30_000, 20_000), "must have at most 500,000,000 pixels"),
}


def with_mask(start: Start) -> Path:
    """Return the folder of a run with two images under one key at step 0, the second with a mask."""
    image = runlog.Image(COLOURS, masks={"truth": {"mask_data": COLOURS[:, :, 0]}})
    with start() as run:
        run.log({"val/k": [runlog.Image(COLOURS[::-1]), image]})
    return run.folder


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=list(BROKEN))
def test_a_media_file_that_is_gone_or_broken_is_an_error_that_says_where(
    start: Start, content: bytes | None, message: str
) -> None:
    folder = with_mask(start)
    with runlog.open(folder) as reader:
        image = reader.images()[1]
        for record in (image.media, image.masks[0].media):
            (folder / record.path).unlink()
            if content is not None:
                (folder / record.path).write_bytes(content)
        for read, where in (
            (lambda: reader.pixels(image), f"{image.media.path} ('val/k'[1] at step 0)"),
            (
                lambda: reader.class_ids(image, "truth"),
                f"{image.masks[0].media.path} ('val/k'[1] at step 0, layer 'truth')",
            ),
        ):
            with pytest.raises(runlog.StorageError, match=message) as caught:
                read()
            assert where in one_line(caught.value)


def test_a_mask_file_in_colour_is_an_error_that_says_where(start: Start) -> None:
    folder = with_mask(start)
    with runlog.open(folder) as reader:
        image = reader.images()[1]
        PILImage.new("RGB", (2, 2)).save(folder / image.masks[0].media.path)
        with pytest.raises(runlog.StorageError, match=r"layer 'truth'\) must be a grey label image.* RGB"):
            reader.class_ids(image, "truth")


def check_pictures(reader: runlog.RunReader) -> None:
    (image,) = reader.images()
    assert np.array_equal(reader.pixels(image), np.full((2, 2), 9))
    assert reader.frame().to_dict() == {"a": {0: 1.0}}


def test_pictures_of_a_live_a_crashed_and_a_copied_run_are_read(tmp_path: Path, start: Start) -> None:
    with start() as run:
        run.log({"a": 1, "k": runlog.Image(np.full((2, 2), 9, np.uint8))})
        with runlog.open(run.folder) as reader:
            check_pictures(reader)
    dead = crashed_run(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(dead, copy, ignore=shutil.ignore_patterns("run.db-shm", "run.lock"))
    for folder in (copy, dead):
        with runlog.open(folder) as reader:
            check_pictures(reader)


READ_ONLY = """
import sys, runlog
with runlog.open(sys.argv[1]) as reader:
    (image,) = reader.images()
    print(reader.run().state, reader.pixels(image).tolist(), reader.frame().to_dict())
"""


def test_a_crashed_run_is_read_from_a_folder_that_only_allows_reading(
    tmp_path: Path, run_unprivileged: Callable[..., str]
) -> None:
    dead = crashed_run(tmp_path)
    (dead / "run.db-shm").unlink()
    folders = (dead, *(path for path in dead.rglob("*") if path.is_dir()))
    try:
        for folder in folders:
            folder.chmod(0o555)
        assert run_unprivileged(READ_ONLY, dead) == "crashed [[9, 9], [9, 9]] {'a': {0: 1.0}}\n"
    finally:
        for folder in folders:
            folder.chmod(0o755)


# Every run of a runs folder


def test_runs_are_the_records_of_a_runs_folder_by_name(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(id="b", name="second") as run:
        run.log({"accuracy": 0.9})
    live = start(id="a")
    records = runlog.runs(tmp_path / "runs")
    assert [(record.id, record.state) for record in records] == [("a", "running"), ("b", "finished")]
    assert records[1].summary == {"accuracy": 0.9}
    assert records[1].folder == run.folder
    live.finish()
    monkeypatch.setenv("RUNLOG_DIR", str(tmp_path / "runs"))
    assert [record.state for record in runlog.runs()] == ["finished", "finished"]


def test_a_run_that_cannot_be_read_is_left_out_with_a_warning(tmp_path: Path, start: Start) -> None:
    start(id="good").finish()
    bad = tmp_path / "runs" / "bad"
    bad.mkdir()
    (bad / "run.db").write_bytes(b"garbage" * 1000)
    with pytest.warns(runlog.RunlogWarning, match=r"^bad is left out: .*run\.db must be") as caught:
        records = runlog.runs(tmp_path / "runs")
    assert [record.id for record in records] == ["good"]
    assert caught[0].filename == __file__


def test_a_runs_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match="must be a readable folder"):
        runlog.runs(tmp_path / "none")


# What is broken is said in one line


def one_line(error: BaseException) -> str:
    assert "\n" not in str(error)
    return str(error)


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=r"must hold run\.db") as caught:
        runlog.open(tmp_path)
    one_line(caught.value)


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_database_that_is_none_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.db").write_bytes(content)
    with pytest.raises(runlog.StorageError, match=r"run\.db must") as caught:
        runlog.open(tmp_path)
    one_line(caught.value)


def test_a_damaged_database_is_an_error_wherever_it_is_noticed(start: Start) -> None:
    with start() as run:
        for step in range(50):
            run.log({"t": "x" * 1000}, step=step)
    path = run.folder / "run.db"
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = os.urandom(len(data) - 4096 * 2)
    path.write_bytes(data)
    with pytest.raises(runlog.StorageError) as caught:
        read_texts(run.folder)
    one_line(caught.value)


def read_texts(folder: Path) -> None:
    with runlog.open(folder) as reader:
        reader.texts()


def test_a_folder_of_a_newer_runlog_says_so(start: Start) -> None:
    run = start(id="r")
    run.finish()
    folder = run.folder
    edit(
        folder,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('runlog', 'm999_new', '')",
    )
    with pytest.raises(runlog.StorageError, match=r"written by a newer runlog.*upgrade"):
        runlog.open(folder)


def test_latest_steps_are_those_of_each_key(start: Start) -> None:
    image = runlog.Image(np.full((1, 1), 9, np.uint8))
    with start() as run, runlog.open(run.folder) as reader:
        assert reader.latest_steps() == {}
        run.log({"a": image, "b": [image, image], "loss": 1}, step=3)
        run.log({"a": image, "c": []}, step=1)
        run.log({"a": image, "loss": 2}, step=7)
        assert reader.latest_steps() == {"a": 7, "b": 3}


def test_without_steps_all_images_are_read(start: Start) -> None:
    image = runlog.Image(np.full((1, 1), 9, np.uint8))
    with start() as run:
        for step in (5, 2):
            run.log({"a": image}, step=step)
    with runlog.open(run.folder) as reader:
        assert [image.step for image in reader.images()] == [2, 5]


def test_an_image_read_back_is_the_image_that_was_logged(start: Start, photo: np.ndarray) -> None:
    ids = np.zeros((16, 24), np.uint16)
    ids[2, 3] = 300
    boxes = [
        {"position": {"minX": 1, "maxX": 5, "minY": 2, "maxY": 4}, "domain": "pixel", "scores": {"s": 0.25}},
        {"position": {"middle": [0.5, 0.25], "width": 0.1, "height": 0.2}, "class_id": 2, "box_caption": "b"},
    ]
    logged = runlog.Image(
        photo,
        caption="c",
        grouping=4,
        boxes={"p": {"box_data": boxes, "class_labels": {2: "two"}}},
        masks={"m": {"mask_data": ids, "class_labels": {300: "sky"}}},
    )
    with start() as run:
        run.log({"k": logged}, step=0)
    with runlog.open(run.folder) as reader:
        (record,) = reader.images([0])
        assert reader.image(record) == logged
    with start() as again:
        again.log({"k": reader.image(record)}, step=0)
    with runlog.open(again.folder) as other:
        (copied,) = other.images([0])
    assert (copied.boxes, copied.masks, copied.media.pixel_hash) == (
        record.boxes,
        record.masks,
        record.media.pixel_hash,
    )

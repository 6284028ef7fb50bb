"""TensorBoard's event files, written by tensorboardX, become runs that hold the same."""

import io
import random
import struct
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tensorboardX import SummaryWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.summary import hparams

import runlog
from runlog.importers.tensorboard import ImportedRun, import_logdir

Import = Callable[..., ImportedRun]
# tensorboardX 2.6 with today's protobuf and numpy.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")


@pytest.fixture
def writer(tmp_path: Path) -> SummaryWriter:
    """Return a writer of tensorboardX that writes to ``tmp_path / "logs"``."""
    return SummaryWriter(str(tmp_path / "logs"))


@pytest.fixture
def take(tmp_path: Path) -> Import:
    """Return a function that imports the one run in ``tmp_path / "logs"``."""

    def import_one(path: Path = tmp_path / "logs") -> ImportedRun:
        (imported,) = import_logdir(path, dir=tmp_path / "runs")
        return imported

    return import_one


def event(step: int, wall_time: float, **value: object) -> Event:
    return Event(step=step, wall_time=wall_time, summary=Summary(value=[Summary.Value(**value)]))


def plugin(name: str, description: str = "") -> SummaryMetadata:
    data = SummaryMetadata.PluginData(plugin_name=name)
    return SummaryMetadata(plugin_data=data, summary_description=description)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    PILImage.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def scalars(folder: Path | None) -> dict[str, list[tuple[int, float]]]:
    assert folder is not None
    with runlog.open(folder) as reader:
        return {
            one.key: list(zip(one.steps.tolist(), one.values.tolist(), strict=True))
            for one in reader.scalars()
        }


# What tensorboardX writes


def test_scalars_come_in_by_tag_and_step_as_floats_of_32_bits(writer: SummaryWriter, take: Import) -> None:
    values = [0.1, float("nan"), float("inf"), -7, 3e38]
    for step, value in enumerate(values):
        writer.add_scalar("train/loss", value, step * 10)
    writer.add_scalar("lr", 1e-3, 5)
    writer.close()
    imported = take()
    found = scalars(imported.folder)
    assert [step for step, _ in found["train/loss"]] == [0, 10, 20, 30, 40]
    expected = np.array(values, np.float32)
    assert np.array_equal([value for _, value in found["train/loss"]], expected, equal_nan=True)
    assert found["lr"] == [(5, float(np.float32(1e-3)))]
    assert imported.taken == {"scalars": 6, "texts": 0, "images": 0, "histograms": 0, "tables": 0, "files": 0}
    assert (imported.not_taken, imported.notes, imported.problems) == ({}, (), ())


def test_images_keep_their_pixels(writer: SummaryWriter, take: Import, photo: np.ndarray) -> None:
    for step in range(3):
        writer.add_image("val/photo", photo + step, step, dataformats="HWC")
    writer.add_image("grey", photo[:, :, 0], 1, dataformats="HW")
    writer.close()
    imported = take()
    assert imported.taken["images"] == 4
    with runlog.open(imported.folder) as reader:
        found = {(image.key, image.step): reader.pixels(image) for image in reader.images()}
    for step in range(3):
        assert np.array_equal(found["val/photo", step], photo + step)
    assert np.array_equal(found["grey", 1][:, :, 0], photo[:, :, 0])


def test_texts_come_in_under_the_tag_that_the_file_has(writer: SummaryWriter, take: Import) -> None:
    writer.add_text("notes", "first *line*\nsecond — Müll", 4)
    writer.close()
    with runlog.open(take().folder) as reader:
        assert reader.texts() == (runlog.TextRecord("notes/text_summary", 4, "first *line*\nsecond — Müll"),)


@pytest.mark.parametrize("bins", ["tensorflow", "auto", 5])
def test_histograms_come_in_with_their_buckets(writer: SummaryWriter, take: Import, bins: str | int) -> None:
    values = np.random.default_rng(0).normal(size=1000)
    for step in range(3):
        writer.add_histogram("weights", values + step, step, bins=bins)
    writer.close()
    imported = take()
    assert imported.taken["histograms"] == 3
    with runlog.open(imported.folder) as reader:
        records = reader.histograms()
    for step, record in enumerate(records):
        assert (record.key, record.step, record.counts.sum()) == ("weights", step, 1000)
        assert record.edges[0] <= (values + step).min() < record.edges[1]
        assert record.edges[-2] <= (values + step).max() <= record.edges[-1] < 10
        at_median = np.searchsorted(record.edges, np.median(values) + step)
        assert abs(record.counts[:at_median].sum() - 500) <= record.counts.max()


def test_histograms_of_tensorflow_2_come_in(writer: SummaryWriter, take: Import) -> None:
    rows = [[-1.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0, 2.0, 4.0]]
    tensor = TensorProto(
        dtype="DT_DOUBLE",
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=3)] * 2),
        tensor_content=np.array(rows).tobytes(),
    )
    writer.file_writer.add_event(event(2, 1e9, tag="h", tensor=tensor, metadata=plugin("histograms")))
    writer.close()
    with runlog.open(take().folder) as reader:
        (record,) = reader.histograms()
    assert record.counts.tolist() == [3, 0, 4]
    assert record.edges == pytest.approx([-1, 0, 0, 2])
    assert (np.diff(record.edges) > 0).all()


def test_a_histogram_of_no_buckets_is_counted_and_the_rest_comes_in(
    writer: SummaryWriter, take: Import
) -> None:
    broken = HistogramProto(min=0, max=1, bucket_limit=[1.0, 2.0], bucket=[1.0])
    writer.file_writer.add_event(event(0, 1e9, tag="h", histo=broken))
    writer.add_scalar("loss", 1, 0)
    writer.close()
    imported = take()
    assert imported.not_taken == {"histograms whose buckets are none": {"h": 1}}
    assert imported.taken["scalars"] == 1


def test_what_runlog_has_no_place_for_is_counted_by_kind_and_tag(
    writer: SummaryWriter, take: Import, photo: np.ndarray
) -> None:
    for step in range(3):
        writer.add_mesh("cloud", np.zeros((1, 4, 3)), global_step=step)
    writer.file_writer.add_event(event(0, 1e9, tag="sound", audio=Summary.Audio(sample_rate=8000)))
    writer.add_pr_curve("pr", np.array([0, 1]), np.array([0.2, 0.8]), 0)
    writer.add_scalar("loss", 1, 0)
    writer.close()
    imported = take()
    assert imported.not_taken == {
        "mesh": {"cloud_1": 3},
        "audio": {"sound": 1},
        "pr_curves": {"pr": 1},
    }
    assert imported.taken == {"scalars": 1, "texts": 0, "images": 0, "histograms": 0, "tables": 0, "files": 0}


def test_a_run_has_the_times_at_which_it_was_logged(writer: SummaryWriter, take: Import) -> None:
    for step in range(3):
        writer.add_scalar("loss", 1, step, walltime=1_500_000_000 + 60 * step)
    writer.close()
    with runlog.open(take().folder) as reader:
        times = [step.logged_at.timestamp() for step in reader.steps()]
        run = reader.run()
    assert times == [1_500_000_000, 1_500_000_060, 1_500_000_120]
    assert run.created_at == datetime.fromtimestamp(1_500_000_000, UTC)
    assert run.finished_at == datetime.fromtimestamp(1_500_000_120, UTC)
    assert (run.state, run.name) == ("finished", "logs")


def test_a_run_begins_when_its_file_was_begun(writer: SummaryWriter, take: Import, tmp_path: Path) -> None:
    writer.add_scalar("loss", 1, 0)
    writer.close()
    # The first record says when: 12 bytes of header, the key of the field, a double.
    (file,) = (tmp_path / "logs").iterdir()
    (started,) = struct.unpack_from("<d", file.read_bytes(), 13)
    with runlog.open(take().folder) as reader:
        assert reader.run().created_at == datetime.fromtimestamp(started, UTC)


# Hyperparameters, and the folders that a writer makes below its own

HPARAMS = {"rate": 0.5, "net": "wide", "flag": True, "layers": 3}


@pytest.fixture
def extended(tmp_path: Path) -> SummaryWriter:
    """Return a writer that has logged numbers, hyperparameters and pairs of numbers."""
    with SummaryWriter(str(tmp_path / "logs")) as writer:
        for step in range(3):
            writer.add_scalar("accuracy", step / 4, step)
            writer.add_scalars("loss/both", {"train": step, "val": 10 * step}, step)
        writer.add_hparams(HPARAMS, {"accuracy": 0.75, "hparam/best": 0.9}, name="1700000000.25")
    return writer


def test_hyperparameters_are_the_configuration_and_their_metrics_in_the_summary(
    extended: SummaryWriter, take: Import
) -> None:
    imported = take()
    with runlog.open(imported.folder) as reader:
        record = reader.run()
    assert {name: record.config[name] for name in HPARAMS} == HPARAMS
    assert (record.summary["accuracy"], record.summary["hparam/best"]) == pytest.approx((0.75, 0.9))
    assert (imported.not_taken, imported.problems) == ({}, ())


def test_what_a_writer_put_in_folders_of_its_own_joins_the_run(
    extended: SummaryWriter, take: Import, tmp_path: Path
) -> None:
    assert len(list((tmp_path / "logs").rglob("*tfevents*"))) == 4
    found = scalars(take().folder)
    assert found["accuracy"] == [(0, 0.0), (1, 0.25), (2, 0.5)]
    assert found["loss/both/train"] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert found["loss/both/val"] == [(0, 0.0), (1, 10.0), (2, 20.0)]
    assert [key for key in found if key not in ("accuracy", "loss/both/train", "loss/both/val")] == [
        "hparam/best"
    ]


def test_the_folders_that_torch_names_join_as_well(tmp_path: Path, take: Import) -> None:
    for folder, tag in (("", "accuracy"), ("loss_both_val_set", "loss/both")):
        with SummaryWriter(str(tmp_path / "logs" / folder)) as writer:
            writer.add_scalar(tag, 1, 0)
    assert list(scalars(take().folder)) == ["accuracy", "loss/both/val_set"]


@pytest.mark.parametrize(
    ("folder", "tags"),
    [("val", ["loss"]), ("loss_val", ["loss", "accuracy"]), ("loss_", ["loss"]), ("lossy", ["loss"])],
)
def test_a_folder_that_is_no_piece_of_the_one_above_is_a_run(
    folder: str, tags: list[str], tmp_path: Path
) -> None:
    for name, logged in (("", ["accuracy"]), (folder, tags)):
        with SummaryWriter(str(tmp_path / "logs" / name)) as writer:
            for tag in logged:
                writer.add_scalar(tag, 1, 0)
    found = import_logdir(tmp_path / "logs", dir=tmp_path / "runs")
    assert [list(scalars(one.folder)) for one in found] == [["accuracy"], sorted(tags)]


def test_a_training_with_hyperparameters_below_another_one_is_a_run(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path / "logs")) as writer:
        writer.add_scalar("accuracy", 1, 0)
    with SummaryWriter(str(tmp_path / "logs/trial")) as writer:
        for summary in hparams({"rate": 1.0}, {"loss": 0}):
            writer.file_writer.add_summary(summary)
        for step in range(2):
            writer.add_scalar("loss", step, step)
    found = import_logdir(tmp_path / "logs", dir=tmp_path / "runs")
    assert [list(scalars(one.folder)) for one in found] == [["accuracy"], ["loss"]]
    with runlog.open(found[1].folder) as reader:
        assert reader.run().config["rate"] == 1.0


# Folders


def test_every_folder_with_event_files_is_a_run_of_one_group(tmp_path: Path) -> None:
    for name in ("", "a", "b/deep"):
        writer = SummaryWriter(str(tmp_path / "logs" / name))
        writer.add_scalar("loss", 1, 0)
        writer.close()
    found = import_logdir(tmp_path / "logs", dir=tmp_path / "runs")
    with_names = {}
    for imported in found:
        with runlog.open(imported.folder) as reader:
            with_names[reader.run().name] = reader.run().group
    assert with_names == {"logs": "logs", "a": "logs", "b/deep": "logs"}


def test_several_files_of_a_folder_are_one_run_and_the_later_value_counts(
    tmp_path: Path, take: Import
) -> None:
    for number, steps in enumerate((range(5), range(3, 8))):
        writer = SummaryWriter(str(tmp_path / "logs"), filename_suffix=f".{number}")
        for step in steps:
            writer.add_scalar("loss", 10 * number + step, step)
        writer.close()
    imported = take()
    assert scalars(imported.folder)["loss"] == [
        *((step, float(step)) for step in range(3)),
        *((step, 10.0 + step) for step in range(3, 8)),
    ]
    assert imported.notes == ("later values of the same key and step replaced others: 2",)


def test_one_event_file_can_be_named_itself(writer: SummaryWriter, take: Import, tmp_path: Path) -> None:
    writer.add_scalar("loss", 1, 0)
    writer.close()
    (file,) = (tmp_path / "logs").iterdir()
    assert scalars(take(file).folder) == {"loss": [(0, 1.0)]}


def test_a_folder_without_event_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="must be or hold event files"):
        import_logdir(tmp_path, dir=tmp_path / "runs")


def test_the_same_log_is_not_imported_twice(writer: SummaryWriter, take: Import) -> None:
    writer.add_scalar("loss", 1, 0)
    writer.close()
    folder = take().folder
    again = take()
    assert again.folder is None
    (problem,) = again.problems
    assert str(folder) in problem


def test_a_log_of_nothing_that_can_be_taken_makes_no_run(
    writer: SummaryWriter, take: Import, tmp_path: Path
) -> None:
    writer.add_pr_curve("pr", np.array([0, 1]), np.array([0.2, 0.8]), 0)
    writer.close()
    imported = take()
    assert (imported.folder, imported.not_taken) == (None, {"pr_curves": {"pr": 1}})
    assert not (tmp_path / "runs").exists()


# What TensorFlow 2 writes: tensors, whose plugin tells what they are


def test_a_tensor_of_the_scalars_plugin_is_a_number_in_whatever_way_it_is_stored(
    writer: SummaryWriter, take: Import
) -> None:
    half, bfloat16 = 0x3E00, 0x3FC0  # both are 1.5
    tensors = {
        "float": TensorProto(dtype="DT_FLOAT", float_val=[1.5]),
        "float content": TensorProto(dtype="DT_FLOAT", tensor_content=struct.pack("<f", 1.5)),
        "double": TensorProto(dtype="DT_DOUBLE", double_val=[0.1]),
        "int32": TensorProto(dtype="DT_INT32", int_val=[-3]),
        "int64": TensorProto(dtype="DT_INT64", int64_val=[-(2**40)]),
        "int64 content": TensorProto(dtype="DT_INT64", tensor_content=struct.pack("<q", -5)),
        "bool": TensorProto(dtype="DT_BOOL", bool_val=[True]),
        "half": TensorProto(dtype="DT_HALF", half_val=[half]),
        "bfloat16": TensorProto(dtype="DT_BFLOAT16", half_val=[bfloat16]),
        "bfloat16 content": TensorProto(dtype="DT_BFLOAT16", tensor_content=struct.pack("<H", bfloat16)),
    }
    for tag, tensor in tensors.items():
        value = Summary.Value(tag=tag, tensor=tensor, metadata=plugin("scalars"))
        writer.file_writer.add_event(Event(wall_time=1e9, summary=Summary(value=[value])))
    writer.close()
    assert {tag: values[0][1] for tag, values in scalars(take().folder).items()} == {
        "float": 1.5,
        "float content": 1.5,
        "double": 0.1,
        "int32": -3,
        "int64": -(2**40),
        "int64 content": -5,
        "bool": 1,
        "half": 1.5,
        "bfloat16": 1.5,
        "bfloat16 content": 1.5,
    }


def test_only_the_first_value_of_a_tag_need_name_its_plugin(writer: SummaryWriter, take: Import) -> None:
    for step, metadata in enumerate((plugin("scalars"), None)):
        value = Summary.Value(tag="loss", tensor=TensorProto(dtype="DT_FLOAT", float_val=[step]))
        if metadata is not None:
            value.metadata.CopyFrom(metadata)
        writer.file_writer.add_event(Event(step=step, wall_time=1e9, summary=Summary(value=[value])))
    writer.close()
    assert scalars(take().folder)["loss"] == [(0, 0.0), (1, 1.0)]


def test_a_tensor_of_the_images_plugin_is_a_list_of_images_with_its_description_as_caption(
    writer: SummaryWriter, take: Import, photo: np.ndarray
) -> None:
    files = [b"24", b"16", png(photo), png(photo + 1)]
    value = Summary.Value(
        tag="batch",
        tensor=TensorProto(dtype="DT_STRING", string_val=files),
        metadata=plugin("images", "what the net sees"),
    )
    writer.file_writer.add_event(Event(step=3, wall_time=1e9, summary=Summary(value=[value])))
    writer.close()
    folder = take().folder
    with runlog.open(folder) as reader:
        images = reader.images()
        assert [(image.key, image.step, image.index) for image in images] == [
            ("batch", 3, 0),
            ("batch", 3, 1),
        ]
        assert {image.caption for image in images} == {"what the net sees"}
        for image, file, expected in zip(images, files[2:], (photo, photo + 1), strict=True):
            assert (folder / image.media.path).read_bytes() == file
            assert np.array_equal(reader.pixels(image), expected)


def test_a_text_of_several_parts_is_one_of_several_entries(writer: SummaryWriter, take: Import) -> None:
    value = Summary.Value(
        tag="table",
        tensor=TensorProto(
            dtype="DT_STRING",
            string_val=[b"a", "\N{GREEK SMALL LETTER BETA}".encode(), b"\xff"],
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=3)]),
        ),
        metadata=plugin("text"),
    )
    writer.file_writer.add_event(Event(wall_time=1e9, summary=Summary(value=[value])))
    writer.close()
    with runlog.open(take().folder) as reader:
        assert [(text.index, text.text) for text in reader.texts()] == [(0, "a"), (1, "β"), (2, "\\xff")]


# What cannot be logged


def test_values_that_cannot_be_logged_are_counted_and_the_others_taken(
    writer: SummaryWriter, take: Import
) -> None:
    for one in (
        event(-1, 1e9, tag="early", simple_value=1),
        event(0, 1e9, tag="", simple_value=1),
        event(0, 1e9, tag="two\nlines", simple_value=1),
        event(0, 1e9, tag="broken", image=Summary.Image(encoded_image_string=b"no picture")),
        event(0, 1e9, tag="unknown", tensor=TensorProto(dtype="DT_FLOAT", float_val=[1])),
        event(0, float("nan"), tag="good", simple_value=1),
    ):
        writer.file_writer.add_event(one)
    writer.close()
    imported = take()
    assert scalars(imported.folder) == {"good": [(0, 1.0)]}
    assert imported.not_taken == {
        "values at a step below 0": {"early": 1},
        "values whose tag is no key": {"": 1, "two\nlines": 1},
        "images that do not decode": {"broken": 1},
        "tensors of no plugin": {"unknown": 1},
    }


# Files of killed jobs and bad disks


def write_log(folder: Path, photo: np.ndarray) -> Path:
    """Write ten steps of numbers, with pictures and texts between them, and return the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        writer = SummaryWriter(str(folder))
        for step in range(10):
            writer.add_scalar("loss", step, step)
            if step % 4 == 0:
                writer.add_image("photo", photo + step, step, dataformats="HWC")
                writer.add_text("text", f"step {step}", step)
        writer.close()
    (file,) = folder.iterdir()
    return file


def test_of_a_file_that_ends_in_the_middle_all_whole_records_are_taken(
    tmp_path: Path, take: Import, photo: np.ndarray
) -> None:
    file = write_log(tmp_path / "logs", photo)
    file.write_bytes(file.read_bytes()[:-3])
    imported = take()
    assert scalars(imported.folder)["loss"] == [(step, float(step)) for step in range(9)]
    (note,) = imported.notes
    assert "ends in the middle of a record" in note
    assert imported.problems == ()


def test_a_record_with_a_wrong_checksum_is_a_problem_and_those_after_it_are_taken(
    tmp_path: Path, take: Import, photo: np.ndarray
) -> None:
    file = write_log(tmp_path / "logs", photo)
    data = bytearray(file.read_bytes())
    data[data.index(b"\x89PNG") + 40] ^= 1
    file.write_bytes(data)
    imported = take()
    assert len(scalars(imported.folder)["loss"]) == 10
    assert imported.taken["images"] == 2
    (problem,) = imported.problems
    assert "is broken" in problem


def test_after_a_wrong_length_nothing_more_is_read_and_that_is_said(
    tmp_path: Path, take: Import, photo: np.ndarray
) -> None:
    file = write_log(tmp_path / "logs", photo)
    data = bytearray(file.read_bytes())
    data[0] ^= 1
    file.write_bytes(data)
    imported = take()
    assert imported.folder is None
    (problem,) = imported.problems
    assert f"{len(data):,} bytes lost" in problem


@pytest.mark.parametrize("seed", range(8))
def test_no_flipped_byte_goes_unnoticed_and_none_is_more_than_a_report(
    seed: int, tmp_path: Path, photo: np.ndarray
) -> None:
    file = write_log(tmp_path / "logs", photo)
    whole, chance = file.read_bytes(), random.Random(seed)
    for attempt in range(10):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        file.write_bytes(data)
        (imported,) = import_logdir(tmp_path / "logs", dir=tmp_path / f"runs{attempt}")
        assert imported.problems or imported.notes
        assert imported.taken["scalars"] <= 10


@pytest.mark.parametrize("seed", range(4))
def test_every_length_of_a_file_is_taken_as_far_as_it_goes(
    seed: int, tmp_path: Path, photo: np.ndarray
) -> None:
    file = write_log(tmp_path / "logs", photo)
    whole, chance = file.read_bytes(), random.Random(seed)
    lengths = sorted(chance.randrange(len(whole)) for _ in range(10))
    taken = []
    for attempt, length in enumerate(lengths):
        file.write_bytes(whole[:length])
        (imported,) = import_logdir(tmp_path / "logs", dir=tmp_path / f"runs{attempt}")
        assert imported.problems == ()
        taken.append(imported.taken["scalars"])
    assert taken == sorted(taken)


def test_an_interrupted_import_leaves_no_half_run(
    tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(tmp_path / "logs", photo)

    def interrupt(run: runlog.LocalRun, data: object, step: int) -> None:
        if step == 5:
            raise KeyboardInterrupt
        log(run, data, step=step)

    log = runlog.LocalRun.log
    monkeypatch.setattr(runlog.LocalRun, "log", interrupt)
    with pytest.raises(KeyboardInterrupt):
        import_logdir(tmp_path / "logs", dir=tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []

"""Offline folders of W&B, real ones that are frozen and ones made by hand, become runs that hold the same."""

import io
import json
import math
import os
import random
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.importers import foreign_values
from runlog.importers.entry import ImportedRun
from runlog.importers.wandb import import_logdir

from . import shapes
from .mutations import MUTATIONS, mutated
from .wandb_logs import (
    BLOCK,
    HEADER,
    config,
    end,
    field,
    history,
    in_blocks,
    metric,
    resealed,
    run,
    summary,
    unzipped,
    write,
)

Take = Callable[..., ImportedRun]
PICTURE = "media/images/a.png"


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Return a function that writes records and files, and imports the one run that they are."""

    def import_one(records: Iterable[bytes], files: Mapping[str, bytes] | None = None) -> ImportedRun:
        write(tmp_path / "wandb", records, files)
        (imported,) = import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
        return imported

    return import_one


def png(pixels: np.ndarray, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    PILImage.fromarray(pixels).save(file, form)
    return file.getvalue()


def image(path: str = PICTURE, **more: object) -> dict[str, object]:
    return {"_type": "image-file", "path": path, **more}


def scalars(imported: ImportedRun) -> dict[str, dict[int, float]]:
    assert imported.folder is not None
    with runlog.open(imported.folder) as reader:
        return {
            one.key: dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))
            for one in reader.scalars()
        }


# What W&B itself wrote


@pytest.mark.parametrize("end_of_run", ["finished", "killed"])
def test_all_that_a_run_of_wandb_logged_is_in_the_run(end_of_run: str, tmp_path: Path) -> None:
    folder = unzipped(f"wandb-0.31-{end_of_run}", tmp_path / "wandb")
    (imported,) = import_logdir(tmp_path, dir=tmp_path / "runs")
    assert imported.source == folder
    assert imported.problems == ()
    with runlog.open(imported.folder) as reader:
        shapes.check(reader, finished=end_of_run == "finished")
    assert imported.taken["images"] == 6
    assert {
        kind: imported.taken[kind] for kind in ("texts", "histograms", "tables", "files")
    } == dict.fromkeys(("texts", "histograms", "tables", "files"), 2)
    said = [note for note in imported.notes if "no end" in note or "ends in the middle" in note]
    assert len(said) == (0 if end_of_run == "finished" else 2)


def test_a_run_is_not_imported_twice(tmp_path: Path) -> None:
    unzipped("wandb-0.31-finished", tmp_path)
    (first,) = import_logdir(tmp_path, dir=tmp_path / "runs")
    (again,) = import_logdir(tmp_path, dir=tmp_path / "runs")
    assert again.folder is None
    (problem,) = again.problems
    assert str(first.folder) in problem


def test_each_run_of_a_folder_is_a_run_and_its_file_can_be_named_itself(tmp_path: Path) -> None:
    for name in ("finished", "killed"):
        unzipped(f"wandb-0.31-{name}", tmp_path / "wandb")
    found = import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
    assert [runlog.open(one.folder).run().name for one in found] == ["finished", "killed"]
    (file,) = found[0].source.glob("*.wandb")
    (one,) = import_logdir(file, dir=tmp_path / "others")
    with runlog.open(one.folder) as reader:
        shapes.check(reader, finished=True)


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="must be or hold offline runs"):
        import_logdir(tmp_path, dir=tmp_path / "runs")


# Numbers, steps, times


def test_numbers_have_the_steps_and_times_of_the_log(take: Take) -> None:
    imported = take([run(), *(history(step, {"loss": step / 4}, 1.7e9 + step) for step in (0, 5, 9)), end()])
    assert scalars(imported) == {"loss": {0: 0, 5: 1.25, 9: 2.25}}
    with runlog.open(imported.folder) as reader:
        assert [step.logged_at.timestamp() for step in reader.steps()] == [1.7e9, 1.7e9 + 5, 1.7e9 + 9]
        assert reader.run().created_at == datetime.fromtimestamp(1.7e9, UTC)


def test_nan_and_infinities_stand_in_the_log_as_python_writes_them(take: Take) -> None:
    values = {"nan": b"NaN", "up": b"Infinity", "down": b"-Infinity", "text": b'"NaN"', "yes": b"true"}
    found = scalars(take([run(), history(0, values), end()]))
    assert math.isnan(found.pop("nan")[0])
    assert found == {"up": {0: math.inf}, "down": {0: -math.inf}, "yes": {0: 1}}


def test_values_of_a_type_of_their_own_are_read_as_well(take: Take) -> None:
    double = field(1, field(2, "number") + b"\x31" + struct.pack("<d", 0.5))
    values = [double, field(1, field(2, "integer") + field(5, -3)), field(1, field(2, "yes") + field(4, 1))]
    values.append(field(1, field(2, "text") + field(7, "words")))
    imported = take([run(), field(2, b"".join(values) + field(2, field(1, 4))), end()])
    assert scalars(imported) == {"number": {4: 0.5}, "integer": {4: -3}, "yes": {4: 1}}
    assert imported.taken["texts"] == 1


STEPS = [metric("*", step="trainer/global_step", synced=1), metric("trainer/global_step")]


def test_the_number_that_all_values_go_by_is_the_step(take: Take) -> None:
    imported = take(
        [
            run(),
            *STEPS,
            history(0, {"loss": 1.0, "epoch": 0, "trainer/global_step": 49}),
            history(1, {"val": 2.0, "epoch": 0, "trainer/global_step": 49}),
            history(2, {"loss": 0.5, "epoch": 1, "trainer/global_step": 99}),
            end(),
        ]
    )
    found = scalars(imported)
    assert (found["loss"], found["val"], found["epoch"]) == ({49: 1.0, 99: 0.5}, {49: 2.0}, {49: 0, 99: 1})
    assert imported.notes == ()


@pytest.mark.parametrize("numbers", [(49, 49), (49, 9)])
def test_what_would_replace_another_value_at_that_number_goes_to_the_next_step(
    numbers: tuple[int, int], take: Take
) -> None:
    rows = [
        history(step, {"loss": step, "trainer/global_step": number}) for step, number in enumerate(numbers)
    ]
    imported = take([run(), *STEPS, *rows, end()])
    assert scalars(imported)["loss"] == {49: 0, 50: 1}
    assert imported.notes == ()


@pytest.mark.parametrize("step", [-1, 2**63, 10**300])
def test_values_at_a_step_that_is_none_are_counted(step: int, take: Take) -> None:
    imported = take([run(), history(0, {"a": 1, "_step": step}), history(1, {"b": 1}), end()])
    assert scalars(imported) == {"b": {1: 1}}
    assert imported.not_taken["values at a step that is none"] == {"a": 1}


# What a run is called, its configuration and summary


def test_details_configuration_and_how_it_ended(take: Take) -> None:
    said = {
        "entity": "team",
        "project": "p",
        "group": "g",
        "job_type": "j",
        "name": "n",
        "notes": "w",
        "tag": "t",
    }
    imported = take(
        [
            run(**said),
            config({"rate": 0.1, ("net", "depth"): 3, "gone": 1, ("_wandb", "t"): {}}),
            field(5, field(2, field(1, "gone"))),
            history(0, {"loss": 1}),
            end(3),
        ]
    )
    with runlog.open(imported.folder) as reader:
        record = reader.run()
    assert (record.project, record.group, record.name, record.notes, record.tags) == (
        "p",
        "g",
        "n",
        "w",
        ("t",),
    )
    assert record.state == "failed"
    own = record.config["wandb"]
    assert {name: value for name, value in record.config.items() if name != "wandb"} == {
        "rate": 0.1,
        "net": {"depth": 3},
    }
    assert (own["id"], own["entity"], own["job_type"]) == ("abc", "team", "j")
    assert imported.notes == ()


def test_a_run_that_logged_nothing_is_a_run_with_its_summary(take: Take) -> None:
    imported = take([run(), summary({"accuracy": 0.9, ("by", "class"): [1, 2], "_runtime": 3}), end()])
    with runlog.open(imported.folder) as reader:
        assert reader.run().summary == {"accuracy": 0.9, "by.class": [1, 2]}


@pytest.mark.parametrize(
    ("rules", "goal", "expected"),
    [
        ((1,), 0, 1),
        ((2,), 0, 3),
        ((3,), 0, 2),
        ((5,), 0, 2),
        ((4,), 2, 3),
        ((4,), 1, 1),
        ((2, 5), 0, 3),
        ((), 0, 2),
    ],
)
def test_the_summary_follows_the_rule_of_its_metric(
    rules: tuple[int, ...], goal: int, expected: float, take: Take
) -> None:
    rows = [history(step, {"a": value}) for step, value in enumerate((1, 3, 2))]
    imported = take([run(), metric("a", rules=rules, goal=goal), *rows, end()])
    with runlog.open(imported.folder) as reader:
        assert reader.run().summary == {"a": expected}


def test_of_several_rules_the_others_stand_beside_it(take: Take) -> None:
    rows = [history(step, {"a": value}) for step, value in enumerate((1, 3, 2))]
    both = summary({("a", "max"): 3, ("a", "last"): 2})
    imported = take([run(), metric("a", rules=(2, 5)), *rows, both, end()])
    with runlog.open(imported.folder) as reader:
        assert reader.run().summary == {"a": 3, "a.last": 2}


def test_what_a_script_set_in_the_summary_goes_before_what_was_logged(take: Take) -> None:
    said = summary({"loss": 0.01, "text": "words", "same": 1, "page": {"_type": "html-file"}})
    imported = take([run(), history(0, {"loss": 5, "text": "words", "same": 1}), said, end()])
    with runlog.open(imported.folder) as reader:
        assert reader.run().summary == {"loss": 0.01, "same": 1}


# Pictures


def test_a_picture_keeps_its_bytes_caption_and_grouping(take: Take, photo: np.ndarray) -> None:
    files = {PICTURE: png(photo), "media/images/b.jpg": png(photo, "JPEG")}
    two = {"_type": "images/separated", "filenames": [PICTURE, "media/images/b.jpg"], "captions": ["x"]}
    imported = take([run(), history(0, {"one": image(caption="c", grouping=3), "two": two}), end()], files)
    with runlog.open(imported.folder) as reader:
        one, first, second = reader.images()
        assert (one.caption, one.grouping, first.caption, second.caption) == ("c", 3, "x", None)
        assert (imported.folder / second.media.path).read_bytes() == files["media/images/b.jpg"]
        assert np.array_equal(reader.pixels(first), photo)


def test_labels_of_masks_are_those_of_their_key_and_layer(take: Take, photo: np.ndarray) -> None:
    mask = {"truth": {"_type": "mask", "path": "media/images/mask/m.png"}}
    ids = np.arange(6, dtype=np.uint8).reshape(2, 3)
    labels = {"a/b_wandb_delimeter_truth": {"value": {"0": "sky", "5": "sea", "x": "none"}}}
    records = [run(), config({"_wandb": {"mask/class_labels": labels}})]
    records += [history(0, {"a/b": image(masks=mask), "other": image(masks=mask)}), end()]
    imported = take(records, {PICTURE: png(photo), "media/images/mask/m.png": png(ids)})
    with runlog.open(imported.folder) as reader:
        here, other = reader.images()
        assert [dict(one.masks[0].class_labels) for one in (here, other)] == [{0: "sky", 5: "sea"}, {}]
        assert np.array_equal(reader.class_ids(here, "truth"), ids)


def test_a_layer_that_is_broken_is_a_problem_and_its_picture_stays(take: Take, photo: np.ndarray) -> None:
    layers = {name: {"path": f"{name}.json"} for name in ("good", "no_data", "no_json", "bad_box", "missing")}
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}
    files = {
        PICTURE: png(photo),
        "good.json": json.dumps({"box_data": [box], "class_labels": {"1": "cat"}}).encode(),
        "no_data.json": b"[1]",
        "no_json.json": b"{",
        "bad_box.json": json.dumps({"box_data": [{"position": 3}]}).encode(),
    }
    imported = take([run(), history(0, {"a": image(boxes=layers)}), end()], files)
    with runlog.open(imported.folder) as reader:
        (there,) = reader.images()
    assert [layer.name for layer in there.boxes] == ["good"]
    assert imported.not_taken == {"layers of boxes": {"a": 4}}
    assert len(imported.problems) == 4


# Tables, files and the rest


def test_a_table_that_grows_has_all_its_rows_at_each_step(take: Take) -> None:
    files, records = {}, [run()]
    for number, words in enumerate((["a"], ["b", "c"], ["d"])):
        files[f"media/table/{number}.json"] = json.dumps(
            {"columns": ["word"], "data": [[word] for word in words]}
        ).encode()
        value = {
            "_type": "incremental-table-file",
            "path": f"media/table/{number}.json",
            "increment_num": number,
        }
        records.append(history(number, {"t": value}))
    imported = take([*records, end()], files)
    with runlog.open(imported.folder) as reader:
        rows = [[row[0] for row in reader.table("t", step).rows()] for step in range(3)]
    assert rows == [["a"], ["a", "b", "c"], ["a", "b", "c", "d"]]


def test_that_pictures_of_a_table_are_elsewhere_is_said(take: Take) -> None:
    artifact = field(4, "run_table") + field(12, field(4, "t.json") + field(4, "a.png")) + field(15, "ID")
    table = {"_type": "table-file", "path": "t.json", "artifact_path": "wandb-client-artifact://ID/t.json"}
    files = {"t.json": b'{"columns": ["picture", 2], "data": [["Image", {"a": 1}]]}'}
    imported = take([run(), field(8, artifact), history(0, {"t": table}), end()], files)
    with runlog.open(imported.folder) as reader:
        assert reader.table("t").columns == ("picture", "2")
        assert [tuple(row) for row in reader.table("t").rows()] == [("Image", '{"a":1}')]
    assert imported.not_taken == {
        "pictures and other media in tables, which lie in no folder of the run": {"t": 1}
    }


def test_media_are_logged_files_and_moving_pictures_images(take: Take, photo: np.ndarray) -> None:
    files = {"a.wav": b"sound", "b.gif": png(photo, "GIF"), "c.html": b"<b>", "d.pts.json": b"[]"}
    values = {
        "sound": {"_type": "audio-file", "path": "a.wav", "caption": "bang"},
        "film": {"_type": "video-file", "path": "b.gif", "caption": "cut"},
        "pages": {"_type": "html", "html": [{"_type": "html-file", "path": "c.html"}] * 2},
        "cloud": {"_type": "object3D", "filenames": ["d.pts.json"]},
    }
    imported = take([run(), history(0, values), end()], files)
    with runlog.open(imported.folder) as reader:
        found = sorted(
            (file.key, file.kind, (reader.folder / file.path).read_bytes())
            for file in reader.files()
            if file.key
        )
        assert found == [
            ("cloud", "object3d", b"[]"),
            *[("pages", "html", b"<b>")] * 2,
            ("sound", "audio", b"sound"),
        ]
        assert [(image.key, image.caption) for image in reader.images()] == [("film", "cut")]
    assert imported.not_taken == {"captions of files": {"sound": 1}}


def test_histograms_come_with_edges_or_with_bins_of_one_size(take: Take) -> None:
    values = {
        "edges": {"_type": "histogram", "values": [1, 2], "bins": [0, 0.5, 2]},
        "packed": {
            "_type": "histogram",
            "values": [1, 2.5],
            "packedBins": {"min": -1, "size": 0.5, "count": 2},
        },
        "none": {"_type": "histogram", "values": [1], "bins": [0]},
    }
    imported = take([run(), history(0, values), end()])
    with runlog.open(imported.folder) as reader:
        edges, packed = reader.histograms()
    assert (edges.counts.tolist(), edges.edges.tolist()) == ([1, 2], [0, 0.5, 2])
    assert (packed.counts.tolist(), packed.edges.tolist()) == ([1, 2.5], [-1, -0.5, 0])
    assert list(imported.not_taken.values()) == [{"none": 1}]


def test_texts_and_lists_are_what_a_script_would_have_logged(take: Take) -> None:
    values = {
        "say": "words",
        "all": ["a", "b"],
        "few": [1, 2.5],
        "rows": [{"a": 1}],
        "mixed": [1, "a"],
        "no": None,
    }
    imported = take([run(), history(0, values), end()])
    assert imported.taken == {"scalars": 0, "texts": 4, "images": 0, "histograms": 0, "tables": 1, "files": 0}
    assert imported.not_taken == {"values of no kind that is logged": {"mixed": 1}}


def test_what_has_no_place_here_is_listed_by_kind_and_name(take: Take) -> None:
    chart = config({("_wandb", "visualize", "curve"): {"panel_type": "Vega2"}})
    other = [field(7, b""), field(10, field(1, "hot")), field(8, field(4, "model") + field(5, "net"))]
    strange = {"joined": {"_type": "joined-table"}, "": 1, "a\nb": 2}
    imported = take([run(), *other, chart, history(0, strange), end()], {"media/images/lost.png": b""})
    assert imported.not_taken == {
        "measurements of the machine": {"": 1},
        "alerts": {"hot": 1},
        "artifacts": {"net": 1},
        "charts, whose tables are taken": {"curve": 1},
        "values of the type 'joined-table'": {"joined": 1},
        "values whose name is no key": {"": 1, "a\nb": 1},
        "media that no record names": {"media/images/lost.png": 1},
    }


def test_files_of_the_run_are_kept_but_for_those_that_wandb_keeps_for_itself(take: Take) -> None:
    files = {"output.log": b"begun", "code/net.py": b"1", "config.yaml": b"", "wandb-metadata.json": b"{}"}
    imported = take([run(), history(0, {"a": 1}), end()], files)
    with runlog.open(imported.folder) as reader:
        assert {str(file.path) for file in reader.files()} == {"files/output.log", "files/code/net.py"}
    assert imported.not_taken == {
        "files that W&B keeps of its own": {"config.yaml": 1, "wandb-metadata.json": 1}
    }


# Files of killed jobs and bad disks


def long_log() -> list[bytes]:
    """Return the records of a run whose file has several blocks, and a record that spans more than one."""
    rows = [
        history(step, {"loss": step, "say": "words " * (10_000 if step == 7 else step)}) for step in range(60)
    ]
    return [run(), *rows, end()]


def test_records_go_on_over_blocks(take: Take) -> None:
    imported = take(long_log())
    assert scalars(imported)["loss"] == {step: step for step in range(60)}
    assert (imported.notes, imported.problems) == ((), ())


@pytest.mark.parametrize("left", range(8))
def test_what_is_left_of_a_block_is_padding(left: int, take: Take) -> None:
    whole = history(0, {"say": "", "loss": 0})
    words = BLOCK - len(in_blocks([run()])) - 7 - len(whole) - left
    first = history(0, {"say": "w" * (words - 6), "loss": 0})
    file = in_blocks([run(), first])
    imported = take([run(), first, history(1, {"loss": 1}), end()])
    assert abs(len(file) - (BLOCK - left)) < 8
    assert scalars(imported)["loss"] == {0: 0, 1: 1}
    assert (imported.notes, imported.problems) == ((), ())


def test_of_a_file_that_ends_anywhere_all_whole_records_are_taken(tmp_path: Path) -> None:
    place = write(tmp_path / "wandb", long_log())
    (file,) = place.glob("*.wandb")
    whole, chance, taken = file.read_bytes(), random.Random(3), []
    for attempt, length in enumerate(sorted(chance.randrange(200, len(whole)) for _ in range(8))):
        file.write_bytes(whole[:length])
        (imported,) = import_logdir(tmp_path / "wandb", dir=tmp_path / f"runs{attempt}")
        assert imported.problems == ()
        assert any("no end" in note for note in imported.notes)
        taken.append(imported.taken["scalars"])
    assert taken == sorted(taken)
    assert taken[-1] > taken[0]


def test_space_that_was_never_written_ends_a_log(tmp_path: Path) -> None:
    place = write(tmp_path / "wandb", [run(), history(0, {"a": 1})])
    (file,) = place.glob("*.wandb")
    os.truncate(file, file.stat().st_size + 500)
    (imported,) = import_logdir(place, dir=tmp_path / "runs")
    assert scalars(imported) == {"a": {0: 1}}
    assert imported.problems == ()


def test_a_block_that_is_broken_is_a_problem_and_those_after_it_are_taken(tmp_path: Path) -> None:
    place = write(tmp_path / "wandb", long_log())
    (file,) = place.glob("*.wandb")
    data = bytearray(file.read_bytes())
    data[BLOCK + 100] ^= 1
    file.write_bytes(data)
    (imported,) = import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
    assert any("is broken" in problem for problem in imported.problems)
    found = scalars(imported)["loss"]
    assert found[59] == 59
    assert 7 not in found
    with runlog.open(imported.folder) as reader:
        assert reader.run().state == "finished"


@pytest.mark.parametrize("data", [b"", HEADER[:3], HEADER, b"SQLite format 3\0", b"x" * 100_000])
def test_what_is_no_log_is_said(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "run-a.wandb").write_bytes(data)
    (imported,) = import_logdir(tmp_path, dir=tmp_path / "runs")
    assert imported.folder is None
    assert imported.problems or imported.notes


# Logs and files of strangers


@pytest.mark.parametrize(
    "path",
    ["../secret.png", "/etc/passwd", "a/../../secret.png", "media//a.png", "", 7, None, "a\0b", "C:\\a.png"],
)
def test_no_value_names_a_file_outside(path: object, take: Take, tmp_path: Path, photo: np.ndarray) -> None:
    for secret in (tmp_path / "secret.png", tmp_path / "wandb/secret.png"):
        secret.parent.mkdir(exist_ok=True)
        secret.write_bytes(png(photo))
    kinds = ("image-file", "audio-file", "table-file")
    values = {kind: {"_type": kind, "path": path} for kind in kinds}
    values["list"] = {"_type": "images/separated", "filenames": [path]}
    values["boxes"] = image(boxes={"a": {"path": path}}, masks={"b": {"path": path}})
    imported = take([run(), history(0, values), end()], {PICTURE: png(photo)})
    with runlog.open(imported.folder) as reader:
        (there,) = reader.images()
    assert (there.key, there.boxes, there.masks) == ("boxes", (), ())
    assert sum(sum(keys.values()) for keys in imported.not_taken.values()) == 6


def test_no_link_and_no_fifo_is_followed(take: Take, tmp_path: Path, photo: np.ndarray) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/photo.png").write_bytes(png(photo))
    files = tmp_path / "wandb/offline-run-20231114_221320-abc/files"
    values = {"link": image("link.png"), "folder": image("folder/photo.png"), "fifo": image("fifo.png")}
    values["sound"] = {"_type": "audio-file", "path": "link.png"}
    write(tmp_path / "wandb", [run(), history(0, values | {"loss": 1}), end()])
    (files / "link.png").symlink_to(tmp_path / "outside/photo.png")
    (files / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(files / "fifo.png")
    (imported,) = import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
    assert imported.taken == {"scalars": 1, "texts": 0, "images": 0, "histograms": 0, "tables": 0, "files": 0}
    assert imported.not_taken["files that are links, or too large"] == {
        "link.png": 1,
        "folder": 1,
        "fifo.png": 1,
    }
    assert not (imported.folder / "files").exists()


def test_a_log_that_is_a_link_is_none(tmp_path: Path) -> None:
    place = write(tmp_path / "elsewhere", [run(), history(0, {"a": 1}), end()])
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb/run-abc.wandb").symlink_to(place / "run-abc.wandb")
    (tmp_path / "wandb/latest-run").symlink_to(place)
    with pytest.raises(runlog.InvalidValueError, match="there are none"):
        import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
    (tmp_path / "named").symlink_to(place)
    (imported,) = import_logdir(tmp_path / "named", dir=tmp_path / "runs")
    assert scalars(imported) == {"a": {0: 1}}


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"II*\0" + bytes(99),
        b"<svg/>",
        b"",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_a_picture_is_one_of_the_formats_that_runs_store(data: bytes, take: Take) -> None:
    imported = take([run(), history(0, {"a": image(), "loss": 1}), end()], {PICTURE: data})
    assert imported.taken["images"] == 0
    assert list(imported.not_taken.values()) == [{"a": 1}]
    assert imported.problems != ()


def test_sizes_depths_rows_and_repetitions_are_bounded(
    take: Take, tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_values, "_MOST_ROWS", 1000)
    monkeypatch.setattr(foreign_values, "_MOST_VALUES_OF_A_FILE", 10)
    deep = b"[" * 5000 + b"]" * 5000
    rows = b'{"columns": ["a"], "data": [' + b"[1]," * 1000 + b"[1]]}"
    files = {
        PICTURE: png(photo[:2, :2]),
        "deep.json": deep,
        "rows.json": rows,
        "media/images/large.png": b"",
        "large.wav": b"",
        "holes.bin": b"",
    }
    values = {
        "deep": deep,
        ("path",) * 200: 1,
        "digits": b"1" * 5000,
        "boxes": image(boxes={"deep": {"path": "deep.json"}}),
        "rows": {"_type": "table-file", "path": "rows.json"},
        "large": image("media/images/large.png"),
        "sound": {"_type": "audio-file", "path": "large.wav"},
        "often": {"_type": "images/separated", "filenames": [PICTURE] * 30},
    }
    place = write(tmp_path / "wandb", [run(), history(0, values), end()], files)
    for name, size in (("media/images/large.png", 1 << 31), ("large.wav", 1 << 40), ("holes.bin", 1 << 26)):
        os.truncate(place / "files" / name, size)
    (imported,) = import_logdir(place, dir=tmp_path / "runs")
    assert imported.taken == {
        **dict.fromkeys(("scalars", "texts", "histograms", "tables", "files"), 0),
        "images": 10,
    }
    assert imported.not_taken["images"] == {"often": 21}
    assert imported.not_taken["files that are links, or too large"] == {"large.wav": 1, "holes.bin": 1}
    assert len(imported.problems) == 8


def test_a_record_that_is_too_long_is_not_held(tmp_path: Path) -> None:
    part = bytes(BLOCK - 7)
    middle = struct.pack("<IHB", zlib.crc32(b"\x03" + part), len(part), 3) + part
    place = write(tmp_path / "wandb", [run(), history(0, {"a": 1})])
    with (place / "run-abc.wandb").open("r+b") as file:
        begin = file.seek(0, os.SEEK_END)
        first = bytes(BLOCK - begin - 7)
        file.write(struct.pack("<IHB", zlib.crc32(b"\x02" + first), len(first), 2) + first)
        file.writelines(middle for _ in range(2100))
    (imported,) = import_logdir(place, dir=tmp_path / "runs")
    assert scalars(imported) == {"a": {0: 1}}
    assert any("has more than" in problem for problem in imported.problems)


@pytest.mark.parametrize("name", ["finished", "killed"])
def test_a_run_with_changed_bytes_is_taken_or_said_to_be_broken(name: str, tmp_path: Path) -> None:
    place = unzipped(f"wandb-0.31-{name}", tmp_path / "wandb")
    files = {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}
    chance = random.Random(name)
    for attempt in range(MUTATIONS):
        path = chance.choice([*files, *[one for one in files if one.suffix == ".wandb"] * 10])
        is_sealed = path.suffix == ".wandb" and attempt % 3 > 0
        changed = mutated(files[path], chance, same_size=is_sealed)
        path.write_bytes(resealed(files[path], changed) if is_sealed else changed)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            (imported,) = import_logdir(place, dir=tmp_path / f"runs{attempt}")
        if imported.folder is not None:
            assert runlog.check(imported.folder).problems == ()
        path.write_bytes(files[path])

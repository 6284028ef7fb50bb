"""What scripts of wandb log is in the run, at its step."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runlog
from runlog import wandb


def reader_of(run: wandb.Run) -> runlog.RunReader:
    run.finish()
    return runlog.open(run.local.folder)


def numbers(reader: runlog.RunReader) -> dict[str, list[tuple[int, float]]]:
    return {
        series.key: list(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for series in reader.scalars()
    }


def images_of(reader: runlog.RunReader, key: str, step: int) -> list[runlog.ImageRecord]:
    return [image for image in reader.images([step]) if image.key == key]


def texts_of(reader: runlog.RunReader, key: str, step: int) -> list[str]:
    return [text.text for text in reader.texts([step]) if text.key == key]


def test_numbers_texts_and_pictures_are_logged_at_their_steps() -> None:
    run = wandb.init()
    for step in range(2):
        wandb.log({"loss": 1 / (step + 1), "note": f"step {step}", "nested": {"a": step, "none": None}})
    wandb.log({"late": 1}, step=7)
    wandb.log({"joins": 2})
    wandb.log({"next": 3}, commit=True)
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    wandb.log({"examples": [wandb.Image(pixels, caption="a"), wandb.Image(pixels[:2], caption="b")]}, step=9)
    with reader_of(run) as reader:
        assert numbers(reader) == {
            "loss": [(0, 1.0), (1, 0.5)],
            "nested.a": [(0, 0.0), (1, 1.0)],
            "late": [(7, 1.0)],
            "joins": [(7, 2.0)],
            "next": [(8, 3.0)],
        }
        assert texts_of(reader, "note", 1) == ["step 1"]
        images = images_of(reader, "examples", 9)
        assert [image.caption for image in images] == ["a", "b"]


def test_boxes_and_masks_are_those_of_the_reference() -> None:
    run = wandb.init()
    box = {
        "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6},
        "class_id": 1,
        "scores": {"p": 0.5},
    }
    image = wandb.Image(
        np.zeros((8, 8), np.uint8),
        boxes={"predictions": {"box_data": [box], "class_labels": {1: "cat"}}},
        masks={"truth": {"mask_data": np.eye(8, dtype=np.uint8), "class_labels": {1: "dog"}}},
        classes=wandb.Classes([{"id": 1, "name": "cat"}]),
    )
    wandb.log({"val": image})
    with reader_of(run) as reader:
        (found,) = images_of(reader, "val", 0)
        assert [layer.name for layer in found.boxes] == ["predictions"]
        assert [layer.name for layer in found.masks] == ["truth"]


def test_what_no_run_holds_is_kept_as_a_text_or_a_histogram_and_noted() -> None:
    class Odd:
        def __str__(self) -> str:
            return "an odd one"

    run = wandb.init()
    wandb.log(
        {
            "odd": Odd(),
            "weights": np.arange(12.0).reshape(3, 4),
            "mixed": [1, "a"],
            "fine": 1,
            "deep": {"o": Odd()},
        }
    )
    with reader_of(run) as reader:
        texts = {text.key: text.text for text in reader.texts()}
        assert texts == {"odd": "an odd one", "mixed": '[1,"a"]', "deep.o": "an odd one"}
        assert numbers(reader) == {"fine": [(0, 1.0)]}
        (histogram,) = reader.histograms()
        assert histogram.histogram.counts.sum() == 12
        assert "wrap a picture" in reader.run().environment["wandb"]["not kept"]["log('weights')"]


@pytest.mark.parametrize(
    "data", [{"a": [wandb.Image(np.zeros((2, 2))), None]}, {3: 1}, {"": 1}, "a", {"\n": 1}, {3: object()}]
)
def test_what_is_no_log_is_refused_whole(data: Any) -> None:
    run = wandb.init()
    with pytest.raises(wandb.Error):
        wandb.log({**data, "fine": 1} if isinstance(data, dict) else data)
    with reader_of(run) as reader:
        assert reader.counts().steps == 0
        assert "wandb" not in reader.run().environment


def test_what_else_scripts_hand_over_is_kept_as_near_as_can_be_and_noted_or_warned_of() -> None:
    run = wandb.init()
    wandb.log({"AP/cat\n": 1, "\tAP/dog\r\n": 2})
    wandb.log({"pictures": [np.zeros((2, 2, 3)), np.ones((2, 2, 3))], "fine": 1})
    with pytest.warns(runlog.RunlogWarning, match="steps begin at 0") as told:
        for step in (-3, -1):
            wandb.log({"below": step}, step=step)
    assert len(told) == 1
    wandb.log({"whole": 1}, step=7.0)  # type: ignore[arg-type]
    with reader_of(run) as reader:
        assert numbers(reader) == {
            **{"AP/cat": [(0, 1.0)], "AP/dog": [(0, 2.0)], "fine": [(1, 1.0)]},
            **{"below": [(0, -1.0)], "whole": [(7, 1.0)]},
        }
        (histogram,) = reader.histograms()
        assert (histogram.key, histogram.histogram.counts.sum()) == ("pictures", 24)
        noted = reader.run().environment["wandb"]["not kept"]
    assert set(noted) == {"log('AP/cat\\n')", "log('\\tAP/dog\\r\\n')", "log('pictures')", "log(step=…)"}


@pytest.mark.parametrize("ids", [np.array([[0, -1], [1, -100]]), np.array([[0.0, -1.0], [1.0, -100.0]])])
def test_class_ids_that_losses_ignore_are_255(ids: Any) -> None:
    given = {"truth": {"mask_data": ids}}
    with pytest.warns(runlog.RunlogWarning, match=r"masks\['truth'\]: class ids below 0 are kept as 255"):
        image = wandb.Image(np.zeros((2, 2)), masks=given)
    assert image.masks["truth"].mask_data.tolist() == [[0, 255], [1, 255]]
    assert given["truth"]["mask_data"] is ids


def test_a_cell_of_any_kind_is_kept() -> None:
    cells = [b"x", object, {1, 2}, 1j, np.float32(1.5), Path("a/b"), [1, 2], np.datetime64("2026-01-01")]
    with wandb.init() as run:
        run.log({"t": wandb.Table(columns=list("abcdefgh"), data=[cells])})
    with runlog.open(run.local.folder) as reader:
        (row,) = reader.table("t").rows()
    assert row == ("b'x'", "<class 'object'>", (1, 2), "1j", 1.5, "a/b", (1, 2), "2026-01-01")


def test_files_are_kept_under_their_keys_with_captions_beside_them(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"mp4")
    (tmp_path / "page.html").write_text("<i>page</i>")
    run = wandb.init()
    wandb.log({
        "html": wandb.Html("<b>x</b>"),
        "page": wandb.Html("page.html"),
        "sound": wandb.Audio(np.array([0.0, 0.5, -0.5, 1.0]), sample_rate=8000, caption="beep"),
        "clip": wandb.Video("clip.mp4", caption="take one", fps=4, format="mp4"),
        "points": wandb.Object3D(np.zeros((5, 3))),
        "molecule": wandb.Molecule.from_smiles("CCO", caption="ethanol"),
        "several": [wandb.Html("<p>1</p>"), wandb.Html("<p>2</p>")],
        "graph": wandb.Graph(),
    })  # fmt: skip
    with reader_of(run) as reader:
        files = {(file.key, file.index): file for file in reader.files() if file.key}
        assert {key: file.kind for (key, _), file in files.items()} == {
            "html": "html",
            "page": "html",
            "sound": "audio",
            "clip": "video",
            "points": "object3d",
            "molecule": "file",
            "several": "html",
            "graph": "file",
        }
        content = {key: (run.local.folder / file.path).read_bytes() for (key, _), file in files.items()}
        assert (content["html"], content["page"], content["molecule"]) == (
            b"<b>x</b>",
            b"<i>page</i>",
            b"CCO",
        )
        assert content["sound"][:4] == b"RIFF"
        assert np.frombuffer(content["sound"][44:], "<i2").tolist() == [0, 16383, -16383, 32767]
        captions = {text.key: text.text for text in reader.texts()}
        assert captions == {
            "sound/caption": "beep",
            "clip/caption": "take one",
            "molecule/caption": "ethanol",
        }


@pytest.mark.parametrize(
    ("shape", "parts", "size"),
    [
        ((5, 3, 6, 8), 1, (8, 6)),
        ((2, 5, 1, 6, 8), 1, (16, 6)),
        ((302, 3, 2, 2), 2, (2, 2)),
        ((5, 6, 8, 3), 1, (8, 6)),
    ],
)
def test_frames_have_their_channels_first_or_where_they_can_be_and_are_never_cut(
    shape: tuple[int, ...], parts: int, size: tuple[int, int]
) -> None:
    run = wandb.init()
    frames = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    wandb.log({"v": wandb.Video(frames, caption="c", fps=8)})
    with reader_of(run) as reader:
        images = images_of(reader, "v", 0)
        assert [(image.media.width, image.media.height, image.caption) for image in images] == [
            (*size, "c")
        ] * parts


def test_a_histogram_has_what_scripts_read_of_it() -> None:
    run = wandb.init()
    histogram = wandb.Histogram(np_histogram=np.histogram([0.0, 1.0, 1.0], bins=2))
    assert (histogram.histogram, histogram.bins) == ([1, 2], [0.0, 0.5, 1.0])
    wandb.log({"h": histogram})
    with reader_of(run) as reader:
        assert reader.histograms()[0].counts.tolist() == [1, 2]


def table_rows(reader: runlog.RunReader, key: str, step: int = 0) -> list[tuple[Any, ...]]:
    table = reader.table(key, step)
    return [tuple(row) for row in table.rows()]


def test_a_table_is_read_changed_and_logged() -> None:
    run = wandb.init()
    table = wandb.Table(columns=["id", "text"], data=[[1, "a"]])
    table.add_data(2, "b")
    table.add_column("score", [0.5, 0.25])
    table.add_computed_columns(lambda index, row: {"twice": row["id"] * 2})
    assert (table.columns, table.get_column("twice"), list(table.iterrows())[1]) == (
        *(["id", "text", "score", "twice"], [2, 4], (1, [2, "b", 0.25, 4])),
    )
    wandb.log({"t": table})
    table.add_data(3, {"odd": 1}, None, wandb.Histogram([1.0]))
    wandb.log({"t": table})
    frame = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    wandb.log(
        {
            "frame": wandb.Table(dataframe=frame),
            "grouped": wandb.Table(dataframe=frame.groupby("y").max()),
            "usual": wandb.Table(),
            "picture": wandb.Table(["im"], [[wandb.Image(np.zeros((2, 2)))]]),
        }
    )
    with reader_of(run) as reader:
        assert table_rows(reader, "t") == [(1, "a", 0.5, 2), (2, "b", 0.25, 4)]
        assert table_rows(reader, "t", 1)[2][:3] == (3, '{"odd":1}', None)
        assert table_rows(reader, "frame", 2) == [(1, "a"), (2, "b")]
        assert reader.table("grouped", 2).columns == ("x",)
        assert reader.table("usual", 2).columns == ("Input", "Output", "Expected")


def test_a_row_of_another_length_is_refused_when_it_is_added() -> None:
    table = wandb.Table(columns=["a", "b"])
    with pytest.raises(wandb.Error, match="a row must have 2 cells"):
        table.add_data(1)
    with pytest.raises(wandb.Error, match="a column must be one of"):
        table.get_column("c")


def test_config_and_summary_are_used_as_scripts_use_them() -> None:
    run = wandb.init(config={"lr": 1})
    wandb.config.update({"lr": 2, "depth": 18}, allow_val_change=True)
    wandb.config.batch = 4
    wandb.config["model/size"] = np.int64(7)
    wandb.config.setdefaults({"lr": 9, "more": 1})
    wandb.config = {"replaced": True}
    assert wandb.config.as_dict() == {
        "lr": 2, "depth": 18, "batch": 4, "model/size": 7, "more": 1, "replaced": True,
    }  # fmt: skip
    assert ("lr" in wandb.config, wandb.config.get("none", 3), len(wandb.config)) == (True, 3, 6)
    with pytest.raises(AttributeError):
        _ = wandb.config.nothing
    wandb.log({"acc": 0.5})
    wandb.summary["best"] = {"acc": 0.5}
    wandb.summary.update({"picture": wandb.Image(np.zeros((2, 2)))})
    run.summary.done = True
    assert (wandb.summary["acc"], wandb.summary.best["acc"]) == (0.5, 0.5)
    run.name, run.tags, run.notes = "renamed", ["x"], "said later"
    with reader_of(run) as reader:
        found = reader.run()
        assert (found.name, found.tags, found.notes) == ("renamed", ("x",), "said later")
        assert (found.summary["done"], found.summary["acc"]) == (True, 0.5)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (None, 2),
        ("max", 3),
        ("min", 1),
        ("mean", 2),
        ("max,last", 3),
        ("last", 2),
        ("none", 2),
        ("min,max", 1),
    ],
)
def test_a_metric_has_the_summary_that_was_asked_for(summary: str | None, expected: float) -> None:
    run = wandb.init()
    metric = wandb.define_metric("acc", summary=summary, hidden=summary == "none")
    for value in (1, 3, 2):
        wandb.log({"acc": value})
    assert (metric.name, run.summary["acc"]) == ("acc", expected)


def test_a_metric_of_a_name_goes_before_a_pattern_whichever_comes_first() -> None:
    run = wandb.init()
    wandb.define_metric("acc", summary="max", step_metric="epoch")
    wandb.define_metric("*", step_metric="epoch")
    for value in (1, 3, 2):
        wandb.log({"acc": value, "loss": value, "epoch": value})
    assert (run.summary["acc"], run.summary["loss"]) == (3, 2)
    with reader_of(run) as reader:
        assert reader.metrics()[-1].pattern == "acc"


def test_a_step_metric_that_is_in_step_with_the_run_is_its_step() -> None:
    run = wandb.init()
    wandb.define_metric("trainer/global_step")
    wandb.define_metric("*", step_metric="trainer/global_step", step_sync=True)
    pixels = np.zeros((2, 2), np.uint8)
    wandb.log({"train/loss": 1.0, "epoch": 0, "trainer/global_step": 49})
    wandb.log({"val/loss": 2.0, "epoch": 0, "trainer/global_step": 49})
    wandb.log({"samples": [wandb.Image(pixels, caption="first")], "trainer/global_step": np.int64(49)})
    wandb.log({"samples": [wandb.Image(pixels, caption="second")], "trainer/global_step": 49})
    wandb.log({"train/loss": 0.5, "epoch": 1, "trainer/global_step": 99.0})
    wandb.log({"own": 1})
    wandb.log({"own": 2})
    wandb.log({"explicit": 1}, step=7)
    with reader_of(run) as reader:
        found = numbers(reader)
        assert (found["train/loss"], found["val/loss"]) == ([(49, 1.0), (99, 0.5)], [(49, 2.0)])
        # What would replace another value stands at the next step: nothing is lost.
        assert [images_of(reader, "samples", step)[0].caption for step in (49, 50)] == ["first", "second"]
        assert (found["own"], found["explicit"]) == ([(99, 1.0), (100, 2.0)], [(7, 1.0)])


def test_an_earlier_step_is_logged_to_and_the_run_goes_on_from_the_furthest() -> None:
    run = wandb.init()
    for number in range(5):
        wandb.log({"loss": number})
    wandb.log({"test/acc": 0.9}, step=0)
    assert wandb.run is not None
    assert wandb.run.step == 5
    for number in range(5, 8):
        wandb.log({"loss": number})
    wandb.log({"test/acc": 0.8}, step=1)
    wandb.log({"half": 1}, commit=False)
    wandb.log({"other half": 2})
    wandb.log({"loss": 8})
    with reader_of(run) as reader:
        found = numbers(reader)
    assert found["loss"] == [*((step, float(step)) for step in range(8)), (9, 8.0)]
    assert found["test/acc"] == [(0, 0.9), (1, 0.8)]
    assert (found["half"], found["other half"]) == ([(8, 1.0)], [(8, 2.0)])


def test_alerts_are_texts_at_their_step() -> None:
    run = wandb.init()
    wandb.alert("low accuracy", "it is 0.1", level=wandb.AlertLevel.WARN, wait_duration=300)
    wandb.alert(title="again", text="")
    wandb.log({"a": 1})
    wandb.alert(title="later", text="x")
    with reader_of(run) as reader:
        said = [texts_of(reader, "alerts", step) for step in (0, 1)]
        assert said == [["WARN: low accuracy\nit is 0.1", "again"], ["later\nx"]]


def test_an_artifact_says_how_large_it_is_and_whether_another_has_the_same_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"abc")
    first, again, other = (wandb.Artifact(name, "dataset") for name in ("first", "again", "other"))
    for artifact in (first, again, other):
        artifact.add_file(tmp_path / "a.bin")
    other.add_file(tmp_path / "a.bin", "b.bin")
    assert (first.size, other.size) == (3, 6)
    assert first.digest == again.digest != other.digest
    assert not hasattr(first, "manifest")
    with pytest.raises(AttributeError, match="an Artifact here has no 'manifest'"):
        _ = first.manifest
    assert copy.copy(first).digest == first.digest


def test_an_artifact_of_a_folder_has_no_runs_and_no_other_artifacts_in_it(tmp_path: Path) -> None:
    run = wandb.init(id="r")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "data.txt").write_text("x")
    Path(run.dir, "own.txt").write_text("x")
    for _ in range(2):
        wandb.log_artifact(".", name="all")
        wandb.log_artifact(run.dir, name="own")
    run.finish()
    kept = {path.relative_to(run.dir).as_posix() for path in Path(run.dir, "artifacts").rglob("*.txt")}
    assert kept == {
        *(f"artifacts/all/v{number}/sub/data.txt" for number in range(2)),
        *(f"artifacts/own/v{number}/own.txt" for number in range(2)),
    }


def test_saved_files_are_in_the_run_and_saved_again_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "ckpt").mkdir()
    live, once = tmp_path / "ckpt" / "last.pt", tmp_path / "once.txt"
    live.write_text("1")
    once.write_text("1")
    run = wandb.init()
    Path(run.dir, "own.txt").write_text("own")
    kept = [
        *wandb.save("ckpt/*.pt"),
        *wandb.save(str(once), policy="now"),
        *wandb.save(f"{run.dir}/own.txt"),
    ]
    live.write_text("2")
    once.write_text("2")
    assert wandb.save("nothing*") == []
    wandb.finish()
    files = run.local.folder / "files"
    assert kept == [
        str(files / "ckpt" / "last.pt"),
        str(files / tmp_path.name / "once.txt"),
        str(files / "own.txt"),
    ]
    assert [Path(path).read_text() for path in kept] == ["2", "1", "own"]


def test_what_does_not_exist_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    run = wandb.init()
    for call in (wandb.sweep, wandb.agent, wandb.restore, wandb.Api, run.use_artifact):
        with pytest.raises(wandb.errors.UnsupportedError, match=r"does not exist here: .+") as caught:
            call("x")
        assert isinstance(caught.value, NotImplementedError)
    for owner in (wandb, run):
        with pytest.raises(AttributeError, match=r"docs/coming-from-wandb\.md") as unknown:
            owner.hyperdrive()
        assert isinstance(unknown.value, wandb.Error)
    assert not hasattr(wandb, "hyperdrive")

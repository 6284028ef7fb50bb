"""``runlog evaluate``, and what `RunReader.evaluate` says of a run without writing."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.cli import main

Start = Callable[..., runlog.LocalRun]
GREY = np.full((20, 40), 99, np.uint8)
FROZEN = Path(__file__).parents[2] / "frozen_runs"


def box(left: float, right: float, class_id: int, **scores: float) -> dict[str, Any]:
    position = {"minX": left, "maxX": right, "minY": 0, "maxY": 10}
    return {"position": position, "domain": "pixel", "class_id": class_id, "scores": scores}


def image(*predictions: dict[str, Any]) -> runlog.Image:
    layers = {"truth": [box(0, 10, 1)], "predictions": list(predictions)}
    labels = {1: "coin"}
    boxes = {name: {"box_data": data, "class_labels": labels} for name, data in layers.items()}
    return runlog.Image(GREY, boxes=boxes)


@pytest.fixture
def folder(start: Start) -> Path:
    """Return a run that was not judged as it was logged."""
    with start(id="one", name="one") as run:
        run.define_metric("val/*/recall", summary="max")
        run.log({"val/p": [image(box(0, 10, 1, p=0.9)), image(box(20, 30, 1, p=0.8))]}, step=3)
        run.log({"val/p": [image(box(0, 10, 1, p=0.4))], "other": runlog.Image(GREY)}, step=7)
    return run.folder


def digest(run_folder: Path) -> str:
    return hashlib.sha256((run_folder / "run.db").read_bytes()).hexdigest()


def recalls(run_folder: Path) -> list[float]:
    with runlog.open(run_folder) as reader:
        return next(one.values.tolist() for one in reader.scalars() if one.key == "val/p/recall")


def test_it_writes_what_would_be_there_had_the_run_been_told_before(
    folder: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(folder), "--keys", "val/*"]) == 0
    assert "val/p: 2 steps; at step 7, of 1 image: ap50 1, ap50_95 1, recall 0" in capsys.readouterr().out
    with start(id="told") as run:
        run.define_metric("val/*/recall", summary="max")
        run.define_evaluation("val/*")
        with runlog.open(folder) as reader:
            for step in (3, 7):
                images = [one for one in reader.images(step) if one.key == "val/p"]
                run.log({"val/p": list(map(reader.image, images))}, step=step)
    with runlog.open(folder) as one, runlog.open(run.folder) as other:
        assert one.scalars() == other.scalars()
        assert dict(one.run().summary) == dict(other.run().summary)
        assert one.run().summary["val/p/recall"] == 0.5
        judged = [image for image in one.images() if image.key == "val/p"]
        assert [(i.evaluation, i.boxes) for i in judged] == [(i.evaluation, i.boxes) for i in other.images()]
        assert one.evaluations() == other.evaluations()
    assert runlog.check(folder).problems == ()


def test_judged_again_it_has_the_new_verdicts_and_no_numbers_of_before(folder: Path) -> None:
    assert main(["evaluate", str(folder), "--by-class"]) == 0
    assert recalls(folder) == [0.5, 0]
    assert main(["evaluate", str(folder), "--min-score", "0.1"]) == 0
    assert recalls(folder) == [0.5, 1]
    with runlog.open(folder) as reader:
        assert not [one.key for one in reader.scalars() if "coin" in one.key]
        assert [one.min_score for one in reader.evaluations()] == [0.5, 0.1]
        assert reader.images(7)[1].evaluation.evaluation.min_score == 0.1  # type: ignore[union-attr]


def test_a_resumed_run_judges_as_the_command_was_told(folder: Path, start: Start) -> None:
    assert main(["evaluate", str(folder), "--keys", "val/*", "--min-score", "0.1"]) == 0
    with start(id="one", resume="must") as run:
        run.log({"val/p": image(box(0, 10, 1, p=0.2))}, step=9)
    assert recalls(folder) == [0.5, 1, 1]


def test_without_options_a_run_is_judged_as_it_was_told(
    folder: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(id="one", resume="must") as run:
        run.define_evaluation("val/p", truth="truth", predictions="guess")
        run.define_evaluation("val/p", truth="predictions", predictions="truth", min_score=0.0)
        run.define_evaluation("nothing", truth="a", predictions="b")
    assert main(["evaluate", str(folder), "--keys", "val/p", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert main(["evaluate", str(folder), "--keys", "val/p", "--dry-run", "--truth", "predictions",
                 "--predictions", "truth", "--min-score", "0"]) == 0  # fmt: skip
    assert capsys.readouterr().out == told
    assert main(["evaluate", str(folder), "--keys", "val/p", "--dry-run", "--iou", "0.5"]) == 0
    assert capsys.readouterr().out != told


def test_each_key_is_judged_once_by_the_last_definition_that_matches_it(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    def of_run() -> tuple[list[Any], Any]:
        with runlog.open(run.folder) as reader:
            judged = [(one.key, one.evaluation and one.evaluation.evaluation) for one in reader.images()]
            return judged, reader.evaluations()

    with start() as run:
        run.define_evaluation("never/logged")
        run.define_evaluation("*", min_score=0.1)
        run.define_evaluation("val/*", min_score=0.9)
        run.define_evaluation("*", min_score=0.2)
        run.define_evaluation("test/*", min_score=0.3)
        run.log({key: image(box(0, 10, 1, p=0.5)) for key in ("val/p", "test/p", "p")}, step=0)
    told = of_run()
    assert main(["evaluate", str(run.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["p", "test/p", "val/p"]
    assert of_run() == told
    assert {key: one.min_score for key, one in told[0]} == {"p": 0.2, "test/p": 0.3, "val/p": 0.2}


@pytest.mark.parametrize("keys", ["val/p", "val/*", "*", "?al/[p]"])
def test_of_the_keys_that_are_asked_for_each_is_judged_as_the_run_was_told(
    start: Start, keys: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logged = ("train/p", "val/p", "val/[p]")
    with start() as run:
        run.define_evaluation("val/*", min_score=0.3)
        run.log({key: image(box(0, 10, 1, p=0.4)) for key in logged}, step=0)
    assert main(["evaluate", str(run.folder), "--dry-run", "--keys", keys]) == 0
    *lines, _ = capsys.readouterr().out.splitlines()
    asked_for = {"val/p": ["val/p"], "?al/[p]": ["val/[p]"]}.get(keys, ["val/[p]", "val/p"])
    assert lines == [
        f"{key}: 1 step; at step 0, of 1 image: ap50 1, ap50_95 1, precision 1, recall 1" for key in asked_for
    ]
    # It was told nothing of this one.
    assert main(["evaluate", str(run.folder), "--dry-run", "--keys", "train/p"]) == 0
    assert "train/p: 1 step; at step 0, of 1 image: ap50 1, ap50_95 1, recall 0\n" in capsys.readouterr().out


def test_a_number_that_the_script_logged_stays(start: Start) -> None:
    with start() as run:
        run.log({"val/p": image(box(0, 10, 1)), "val/p/ap50": 0.125}, step=0)
    assert main(["evaluate", str(run.folder)]) == 0
    with runlog.open(run.folder) as reader:
        numbers = {one.key: one.values.tolist() for one in reader.scalars()}
    assert (numbers["val/p/ap50"], numbers["val/p/recall"]) == ([0.125], [1])


def test_pages_beside_the_run_are_brought_up_to_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runlog_viewer.build(folder.parent)
    assert main(["evaluate", str(folder)]) == 0
    assert "brought up to date" in capsys.readouterr().out
    assert "val/p/recall" in (folder / "index.html").read_text()


def test_a_dry_run_prints_the_same_numbers_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = digest(folder)
    assert main(["evaluate", str(folder), "--dry-run"]) == 0
    dry = capsys.readouterr().out
    assert digest(folder) == before
    assert main(["evaluate", str(folder)]) == 0
    assert dry == capsys.readouterr().out + "nothing was written (a dry run)\n"


def test_an_archive_is_never_written_to_but_can_be_looked_at(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runlog.archive([folder], tmp_path / "bag")
    (archived,) = (tmp_path / "bag").rglob("run.db")
    before = digest(archived.parent)
    assert main(["evaluate", str(archived.parent)]) == 2
    assert "archive" in capsys.readouterr().err
    assert main(["evaluate", str(archived.parent), "--dry-run"]) == 0
    assert digest(archived.parent) == before
    assert runlog.verify(tmp_path / "bag").problems == ()


@pytest.mark.parametrize("version", [2, 3, 4, 5, 6])
def test_a_run_of_every_older_version_can_be_evaluated(version: int, tmp_path: Path) -> None:
    copied = tmp_path / "runs" / f"schema-{version}"
    shutil.copytree(FROZEN / f"schema-{version}", copied)
    with runlog.open(copied) as reader:
        found = list(reader.evaluate("*", truth="predictions", predictions="truth", iou=0.9))
    layers = ["--truth", "truth", "--predictions", "predictions"]
    with closing(sqlite3.connect(copied / "run.db")) as db:
        has_truth = db.execute("SELECT 1 FROM box_layers WHERE layer = 'truth'").fetchone() is not None
    assert bool(found) == has_truth
    assert main(["evaluate", str(copied), *layers]) == (0 if has_truth else 2)
    assert runlog.check(copied).problems == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keys", "train/*"], "keys must be those of images"),
        (["--truth", "gt"], "got 'gt' and 'predictions'; there are boxes ['predictions', 'truth']"),
        (["--iou", "2"], "iou must be above 0 and at most 1"),
        (["--score", "q"], "must have the score 'q'"),
        (["--truth", "predictions"], "must be two layers"),
    ],
)
def test_what_cannot_be_judged_is_said_and_the_run_is_as_it_was(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with runlog.open(folder) as reader:
        before = reader.revision()
    assert main(["evaluate", str(folder), *words]) == 2
    assert message in capsys.readouterr().err
    with runlog.open(folder) as reader:
        assert (reader.revision(), reader.evaluations()) == (before, ())


def test_the_layers_of_all_steps_are_listed_where_none_can_be_judged(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = {"mask_data": np.zeros((20, 40), np.uint8)}
    with start() as run:
        run.log({"val": runlog.Image(GREY, boxes={"gt": {"box_data": []}}), "train": image()}, step=0)
        run.log({"val": runlog.Image(GREY, masks={"guess": mask})}, step=1)
        run.log({"val": runlog.Image(GREY)}, step=2)
    assert main(["evaluate", str(run.folder), "--keys", "val"]) == 2
    assert "there are boxes ['gt'] and masks ['guess']" in capsys.readouterr().err
    assert main(["evaluate", str(run.folder), "--keys", "val", "--truth", "gt"]) == 2
    assert "must be layers of the same images" in capsys.readouterr().err


def test_a_list_that_cannot_be_judged_is_a_problem_and_the_others_are_judged(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as run:
        run.log({"a": image(box(0, 10, 1, p=1)), "b": image(box(0, 10, 1, p=1, q=1))}, step=0)
    assert main(["evaluate", str(run.folder)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("a: 1 step; at step 0, of 1 image: ap50 1")
    assert "'b' at step 0: one score must rank" in printed.err


def test_a_run_that_is_being_written_is_refused(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    with start() as run:
        run.log({"val/p": image(box(0, 10, 1))}, step=0)
        assert main(["evaluate", str(run.folder)]) == 2
    assert "must have ended" in capsys.readouterr().err


def test_a_reader_judges_without_writing_and_gives_all_there_is_to_say(folder: Path) -> None:
    before = digest(folder)
    with runlog.open(folder) as reader:
        found = list(reader.evaluate("val/*", by_class=True, steps=[3]))
        assert len(list(reader.evaluate())) == 2
        with pytest.raises(runlog.InvalidValueError, match="iou must be"):
            reader.evaluate(iou=-1)
    (gallery,) = found
    assert (gallery.key, gallery.step, gallery.image_count) == ("val/p", 3, 2)
    assert gallery.numbers["recall"] == 0.5
    assert gallery.by_class[1]["precision"] == 0.5
    said = [[one.verdict for one in image.verdicts["predictions"]] for image in gallery.images if image]
    assert said == [["true_positive"], ["false_positive"]]
    assert digest(folder) == before


def test_masks_of_a_run_are_read_and_judged(start: Start) -> None:
    truth = np.zeros((20, 40), np.uint8)
    truth[:10] = 1
    masks = {"truth": {"mask_data": truth}, "predictions": {"mask_data": truth * 0}}
    with start() as run:
        run.log({"val/p": runlog.Image(GREY, masks=masks)}, step=0)
    with runlog.open(run.folder) as reader:
        (found,) = reader.evaluate()
    assert found.numbers == {"mean_iou": 0.25, "pixel_accuracy": 0.5, "evaluated_images": 1}

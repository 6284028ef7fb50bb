"""A run that was told how its predictions are judged: verdicts, counts and numbers are stored as it logs."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.cli import main
from runlog.upkeep.evaluating import Evaluation, evaluate

Start = Callable[..., runlog.LocalRun]
GREY = np.full((20, 40), 99, np.uint8)


def box(left: float, right: float, class_id: int | None = None, score: float | None = None) -> dict[str, Any]:
    position = {"minX": left, "maxX": right, "minY": 0, "maxY": 10}
    found: dict[str, Any] = {"position": position, "domain": "pixel"}
    if class_id is not None:
        found["class_id"] = class_id
    if score is not None:
        found["scores"] = {"confidence": score}
    return found


def image(truth: list[Any] | None, predictions: list[Any] | None, **more: Any) -> runlog.Image:
    found = {"truth": truth, "predictions": predictions}
    boxes = {name: {"box_data": data} for name, data in found.items() if data is not None}
    return runlog.Image(GREY, boxes=boxes, **more)


GOOD = image([box(0, 10, 1)], [box(0, 10, 1, 0.9)])
BAD = image([box(0, 10, 1)], [box(20, 30, 1, 0.8)])


def sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return db.execute(statement).fetchall()


def numbers(folder: Path, step: int) -> dict[str, float]:
    with runlog.open(folder) as reader:
        return {
            series.key: float(series.values[series.steps == step][0])
            for series in reader.scalars()
            if step in series.steps
        }


def test_verdicts_counts_and_numbers_are_there_when_log_returns(start: Start) -> None:
    with start() as run:
        run.define_evaluation("val/*")
        run.log({"val/p": [GOOD, BAD], "train/p": [GOOD]}, step=2)
    with runlog.open(run.folder) as reader:
        other, first, second = reader.images()
        assert [one.pattern for one in reader.evaluations()] == ["val/*"]
    assert other.evaluation is None
    assert [layer.verdicts for layer in other.boxes] == [(), ()]
    assert first.evaluation is not None
    assert (first.evaluation.evaluation.min_score, first.evaluation.score) == (0.5, "confidence")
    assert first.all_fields == {"tp": 1, "fp": 0, "fn": 0, "precision": 1.0, "recall": 1.0}
    assert second.all_fields == {"tp": 0, "fp": 1, "fn": 1, "precision": 0.0, "recall": 0.0}
    said = {layer.name: [one.verdict for one in layer.verdicts] for layer in second.boxes}
    assert said == {"truth": ["missed"], "predictions": ["false_positive"]}
    assert (first.box_confusion, second.box_confusion) == ({(1, 1): 1}, {(None, 1): 1, (1, None): 1})
    found = numbers(run.folder, 2)
    assert found == pytest.approx(
        {
            **dict.fromkeys(("val/p/ap50", "val/p/ap50_95"), 51 / 101),
            **{"val/p/precision": 0.5, "val/p/recall": 0.5, "val/p/evaluated_images": 2},
        }
    )
    assert run.summary["val/p/recall"] == 0.5


def test_sql_has_a_row_a_judged_box_and_a_row_a_judged_image(start: Start) -> None:
    with start() as run:
        run.define_evaluation("val")
        run.define_classes({1: "coin", 2: "ring"})
        run.log({"val": image([box(0, 10, 1)], [box(0, 10, 2, 0.9), box(0, 9, 1, 0.6)], id="x")}, step=2)
    rows = sql(
        run.folder,
        "SELECT identity, layer, is_truth, verdict, score, partner, iou, class_label, other_class_label"
        " FROM judged_boxes ORDER BY layer, box_index",
    )
    assert rows == [
        ("x", "predictions", 0, "false_positive", 0.9, None, None, "ring", None),
        ("x", "predictions", 0, "true_positive", 0.6, 0, 0.9, "coin", "coin"),
        ("x", "truth", 1, "true_positive", 0.6, 1, 0.9, "coin", "coin"),
    ]
    columns = "step, key, identity, tp, fp, fn, precision, recall, ranked_by, min_score"
    assert sql(run.folder, f"SELECT {columns} FROM evaluation_log") == [
        (2, "val", "x", 1, 1, 0, 0.5, 1.0, "confidence", 0.5)
    ]
    with runlog.open(run.folder) as reader:
        frame = reader.frame("judged_boxes")
        assert frame["verdict"].tolist() == ["false_positive", "true_positive", "true_positive"]
        assert reader.frame("images")["fields.fp"].tolist() == [1]


def test_masks_are_judged_too_and_their_confusion_is_stored(start: Start) -> None:
    truth, predictions = np.zeros((20, 40), np.uint8), np.zeros((20, 40), np.uint8)
    truth[:10], predictions[:5] = 1, 1
    truth[:, :4] = 255
    masks = {"truth": {"mask_data": truth}, "predictions": {"mask_data": predictions}}
    with start() as run:
        run.define_evaluation("val", by_class=True, ignore_ids=[255])
        run.log({"val": runlog.Image(GREY, masks=masks, classes=[{"id": 1, "name": "coin"}])}, step=0)
    assert numbers(run.folder, 0) == pytest.approx(
        {
            "val/mean_iou": (1 / 2 + 2 / 3) / 2,
            "val/pixel_accuracy": 3 / 4,
            "val/iou/class_0": 2 / 3,
            "val/iou/coin": 1 / 2,
            "val/evaluated_images": 1,
        }
    )
    query = "SELECT true_class_id, predicted_class_id, pixels FROM mask_confusion ORDER BY 1, 2"
    assert sql(run.folder, query) == [(0, 0, 360), (1, 0, 180), (1, 1, 180)]
    with runlog.open(run.folder) as reader:
        (record,) = reader.images()
    assert record.evaluation is not None
    assert record.evaluation.confusion is not None
    assert record.evaluation.confusion.iou == {0: 2 / 3, 1: 1 / 2}
    assert record.evaluation.boxes is None


def test_the_last_definition_that_matches_counts_and_a_resumed_run_keeps_it(start: Start) -> None:
    with start(id="r") as run:
        run.define_evaluation("val/*", min_score=0.95)
        run.define_evaluation("val/a*", min_score=0.5)
        run.log({"val/a": GOOD, "val/b": GOOD}, step=0)
    with start(id="r", resume="must") as again:
        again.log({"val/a": GOOD, "val/b": GOOD}, step=1)
    for step in (0, 1):
        found = numbers(run.folder, step)
        assert (found["val/a/recall"], found["val/b/recall"]) == (1, 0)


def labelled(truth: dict[int, str], predictions: dict[int, str], classes: dict[int, str]) -> runlog.Image:
    layers = {
        "truth": {"box_data": [box(0, 10, 1)], "class_labels": truth},
        "predictions": {"box_data": [box(0, 10, 1, 0.9)], "class_labels": predictions},
        "other": {"box_data": [box(0, 10, 1)], "class_labels": {1: "other"}},
    }
    listed = [{"id": class_id, "name": name} for class_id, name in classes.items()]
    return runlog.Image(GREY, boxes=layers, classes=listed or None)


@pytest.mark.parametrize(
    ("labels", "called"),
    [
        (({}, {}, {}), "run"),
        (({}, {1: "predicted"}, {}), "run"),
        (({1: "true"}, {1: "predicted"}, {}), "true"),
        (({}, {1: "predicted"}, {1: "of image"}), "of image"),
        (({1: "true"}, {}, {1: "of image"}), "true"),
    ],
)
def test_numbers_by_class_are_called_the_same_whether_judged_at_once_or_later(
    labels: tuple[dict[int, str], ...], called: str, start: Start
) -> None:
    said = runlog.Image(GREY, classes=[{"id": 1, "name": "not compared"}])
    with start() as judged, start() as later:
        judged.define_evaluation("val", by_class=True)
        for run in (judged, later):
            run.define_classes({1: "run"})
            run.log({"val": [labelled(*labels), said]}, step=0)
    evaluate(later.folder, [Evaluation("val", by_class=True)])
    assert numbers(judged.folder, 0) == numbers(later.folder, 0)
    assert f"val/ap50/{called}" in numbers(judged.folder, 0)


def test_what_the_script_logs_itself_under_the_key_of_a_number_stays_its_own(start: Start) -> None:
    with start() as run:
        run.define_evaluation("val")
        with pytest.warns(
            runlog.RunlogWarning, match="is logged by the script, and evaluating 'val' gives"
        ) as said:
            run.log(
                {"val": GOOD, "val/ap50": 0.125, "val/precision": "of a kind", "val/ap50_95": GOOD}, step=0
            )
        assert sorted(str(one.message).split("'")[1] for one in said) == [
            f"val/{name}" for name in ("ap50", "ap50_95", "precision")
        ]
    found = numbers(run.folder, 0)
    assert found == {"val/ap50": 0.125, "val/recall": 1, "val/evaluated_images": 1}
    with runlog.open(run.folder) as reader:
        assert [text.text for text in reader.texts()] == ["of a kind"]
        assert [image.key for image in reader.images()] == ["val", "val/ap50_95"]


def test_a_number_of_the_script_stays_whether_it_was_logged_before_the_images_or_after(start: Start) -> None:
    clash = pytest.warns(runlog.RunlogWarning, match="at a step that has both, the script's stays")
    for before, after in [({"val/recall": 0.125}, {}), ({}, {"val/recall": 0.125})]:
        with start() as run, clash:
            run.define_evaluation("val")
            run.log({"step": 0, **before}, step=0)
            run.log({"val": GOOD}, step=0)
            run.log({"step": 0, **after}, step=0)
        assert numbers(run.folder, 0)["val/recall"] == 0.125
        assert run.summary["val/recall"] == 0.125
        for min_score in (0.99, 0.5):
            judged = evaluate(run.folder, [Evaluation("val", min_score=min_score)])
            assert judged.kept == ("val/recall",)
            assert numbers(run.folder, 0)["val/recall"] == 0.125
            assert ("val/precision" in numbers(run.folder, 0)) == (min_score == 0.5)


def test_boxes_whose_score_is_nan_are_said_once_at_once_or_later(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    unranked = image([box(0, 10, 1)], [box(0, 10, 1, float("nan")), box(20, 30, 1, 0.9)])
    with start() as run:
        run.define_evaluation("val")
        with pytest.warns(
            runlog.RunlogWarning, match="'val': the score that ranks is NaN of 2 predicted boxes"
        ):
            run.log({"val": [unranked, unranked]}, step=0)
        run.log({"val": unranked}, step=1)
    assert [numbers(run.folder, step)["val/ap50"] for step in (0, 1)] == [0, 0]
    assert main(["evaluate", str(run.folder)]) == 0
    assert "val: the score that ranks is NaN of 3 boxes, which count nowhere" in capsys.readouterr().err


def test_numbers_of_the_script_that_have_the_names_of_some_by_class_stay_when_judged_again(
    start: Start,
) -> None:
    with start() as run:
        run.define_evaluation("val")
        run.log({"val": GOOD, "val/recall/mine": 3, "val/iou": 0.5, "val/iou/of it": 0.25}, step=0)
    evaluate(run.folder, [Evaluation("val", by_class=True)])
    evaluate(run.folder, [Evaluation("val")])
    found = numbers(run.folder, 0)
    assert {"val/recall/mine": 3, "val/iou": 0.5, "val/iou/of it": 0.25}.items() <= found.items()
    assert "val/recall/class_1" not in found


@pytest.mark.filterwarnings("ignore:.*were replaced:runlog.RunlogWarning")
@pytest.mark.filterwarnings("ignore:.*is not evaluated:runlog.RunlogWarning")
def test_images_that_replace_judged_ones_take_their_verdicts_and_numbers_away(start: Start) -> None:
    with start() as run:
        run.define_evaluation("val", by_class=True)
        run.log({"val": [GOOD, GOOD], "val/other": 3}, step=0)
        run.log({"val": BAD}, step=0)
        assert numbers(run.folder, 0)["val/recall"] == 0
        run.log({"val": image(None, [box(0, 10)])}, step=0)
    assert numbers(run.folder, 0) == {"val/other": 3}
    assert sql(run.folder, "SELECT count(*) FROM box_verdicts") == [(0,)]
    assert sql(run.folder, "SELECT count(*) FROM judged_images") == [(0,)]


def test_going_back_takes_verdicts_with_it(start: Start) -> None:
    with start(id="r") as run:
        run.define_evaluation("val")
        run.log({"val": GOOD}, step=0)
        run.log({"val": BAD}, step=1)
    with start(id="r", resume="must", resume_step=0) as again:
        assert again.summary["val/recall"] == 1
    assert sql(run.folder, "SELECT verdict FROM box_verdicts") == [("true_positive",)] * 2


def test_several_scores_without_one_that_ranks_are_refused_before_anything_is_written(start: Start) -> None:
    several = {**box(0, 10), "scores": {"a": 1, "b": 1}}
    with start() as run:
        run.define_evaluation("val")
        with pytest.raises(runlog.InvalidValueError, match="one score must rank the boxes"):
            run.log({"val": image([box(0, 10)], [several]), "loss": 1}, step=0)
        run.log({"val": GOOD}, step=0)
    assert "loss" not in numbers(run.folder, 0)


def test_a_layer_that_is_called_otherwise_is_said_once(start: Start) -> None:
    with start() as run:
        run.define_evaluation("val", truth="gt")
        with pytest.warns(
            runlog.RunlogWarning, match=r"'val' is not evaluated.*'gt' and 'predictions'.*have \["
        ):
            run.log({"val": GOOD}, step=0)
        run.log({"val": GOOD}, step=1)
        run.log({"val": runlog.Image(GREY)}, step=2)


@pytest.mark.parametrize("mode", ["local", "disabled"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "a key must have"),
        ({"truth": "a", "predictions": "a"}, "must be two layers"),
        ({"truth": ""}, "layer name of truth"),
        ({"iou": 0}, "iou must be above 0"),
        ({"iou": "half"}, "iou must be a number"),
        ({"score": 1}, "score must be the name"),
        ({"min_score": float("nan")}, "min_score must be a number"),
        ({"ignore_ids": 255}, "ignore_ids must be a list"),
        ({"ignore_ids": [-1]}, r"ignore_ids\[0\] must be from 0"),
        ({"use_classes": "yes"}, "use_classes must be True or False"),
    ],
)
def test_arguments_are_checked(mode: str, arguments: dict[str, Any], message: str, start: Start) -> None:
    with start(mode=mode) as run:
        with pytest.raises(runlog.RunlogError, match=message):
            run.define_evaluation(**{"name": "val", **arguments})
        run.define_evaluation("val")


def test_nothing_of_evaluation_is_imported_by_a_script_that_does_not_ask_for_it(tmp_path: Path) -> None:
    script = f"""
import sys, numpy as np, runlog
with runlog.init(dir={str(tmp_path)!r}, quiet=True) as run:
    run.log({{"a": runlog.Image(np.zeros((4, 4), np.uint8), boxes={{"truth": {{"box_data": []}}}})}})
with runlog.open(run.folder) as reader:
    reader.images()
print([name for name in sys.modules if name.startswith("runlog.evaluation")])
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"

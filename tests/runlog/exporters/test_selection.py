"""Which keys, steps, layers and boxes an export takes: the same rules for every format."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest

import runlog
from runlog.exporters.output import Tally
from runlog.exporters.selection import Selection, read_selection

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def run(start: Start) -> Iterable[runlog.LocalRun]:
    """Return a run with images of key ``a`` at steps 0 to 9, of ``b/x`` at 0 and 5."""
    grey = np.full((4, 4), 99, np.uint8)
    with start() as run:
        for step in range(10):
            run.log({"a": [runlog.Image(grey), runlog.Image(grey)], "n": step}, step=step)
            if step % 5 == 0:
                run.log({"b/x": runlog.Image(grey)}, step=step)
        yield run


def places(run: runlog.LocalRun, selection: Selection) -> list[tuple[int, str, int]]:
    with runlog.open(run.folder) as reader:
        return [(image.step, image.key, image.index) for image in selection.images(reader)]


def chosen(**options: object) -> Selection:
    arguments = {"keys": None, "steps": None, "layers": None, "min_score": None, **options}
    return read_selection(**arguments)  # type: ignore[arg-type]


def test_without_a_choice_every_image_is_taken_in_order(run: runlog.LocalRun) -> None:
    found = places(run, chosen())
    assert len(found) == 22
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (3, [3]),
        ("3", [3]),
        ("2:5", [2, 3, 4]),
        (":2", [0, 1]),
        ("8:", [8, 9]),
        (":", list(range(10))),
        ("5:5", []),
        ("90:", []),
    ],
)
def test_steps_are_one_or_a_range_without_its_stop(
    run: runlog.LocalRun, steps: int | str, expected: list[int]
) -> None:
    assert sorted({step for step, _, _ in places(run, chosen(steps=steps))}) == expected


def test_last_is_the_last_step_of_each_key(run: runlog.LocalRun) -> None:
    assert places(run, chosen(steps="last")) == [(5, "b/x", 0), (9, "a", 0), (9, "a", 1)]


@pytest.mark.parametrize("steps", ["", "x", "-1", "1:2:3", "1.5", "last:", "99999999999999999999", True, 1.5])
def test_other_steps_are_refused(steps: object) -> None:
    with pytest.raises(runlog.InvalidValueError, match="steps must be"):
        chosen(steps=steps)


@pytest.mark.parametrize(
    ("keys", "expected"), [("a", {"a"}), (["a", "b/x"], {"a", "b/x"}), ("b/*", {"b/x"}), ("?", {"a"})]
)
def test_keys_are_names_or_patterns(run: runlog.LocalRun, keys: object, expected: set[str]) -> None:
    assert {key for _, key, _ in places(run, chosen(keys=keys))} == expected


def test_a_key_with_a_star_in_it_is_its_own_name() -> None:
    assert chosen(keys="loss[*]").includes_key("loss[*]")


def test_a_key_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"keys must name what is there \('a', 'b'\).*'c\*'"):
        chosen(keys=["a", "c*"]).check_keys(["b", "a"])


@pytest.mark.parametrize("keys", [[], [3], 3])
def test_keys_that_are_no_strings_are_refused(keys: object) -> None:
    with pytest.raises((runlog.InvalidTypeError, TypeError)):
        chosen(keys=keys)


# Layers and scores


def scored(start: Start, *scores: dict[str, float]) -> runlog.LocalRun:
    position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
    boxes = [{"position": position, "scores": one} for one in scores]
    with start() as run:
        run.log(
            {
                "a": runlog.Image(
                    np.full((4, 4), 99, np.uint8),
                    boxes={"p": {"box_data": boxes}, "q": {"box_data": [{"position": position}]}},
                )
            }
        )
    return run


def boxes_of(run: runlog.LocalRun, selection: Selection) -> tuple[list[tuple[str, int]], Tally]:
    tally = Tally()
    with runlog.open(run.folder) as reader:
        images = list(selection.images(reader))
    layers = [layer for image in images for layer in selection.layers_of(image) if layer.kind == "boxes"]
    return [(box.layer, box.index) for layer in layers for box in selection.boxes(layer, tally)], tally


SCORES = ({"a": 0.2, "b": 0.9}, {"a": 0.6}, {"a": math.nan}, {"b": 0.1})


@pytest.mark.parametrize(
    ("min_score", "expected"),
    [
        (None, [0, 1, 2, 3]),
        (0.5, [0, 1]),
        ("0.5", [0, 1]),
        ("a=0.5", [1]),
        ("b=0.5", [0]),
        ("a=0.6", [1]),
        ("-inf", [0, 1, 3]),
    ],
)
def test_a_score_is_any_one_or_the_named_one_and_boxes_without_scores_stay(
    start: Start, min_score: object, expected: list[int]
) -> None:
    found, tally = boxes_of(scored(start, *SCORES), chosen(min_score=min_score))
    assert found == [*(("p", index) for index in expected), ("q", 0)]
    assert sum(tally.left_out.values()) == 4 - len(expected)


def test_the_name_of_a_score_may_hold_an_equals_sign(start: Start) -> None:
    found, _ = boxes_of(scored(start, {"p=q": 0.5}), chosen(min_score="p=q=0.5"))
    assert ("p", 0) in found


def test_only_the_layers_that_were_named_are_taken(start: Start) -> None:
    assert boxes_of(scored(start, {}), chosen(layers="q"))[0] == [("q", 0)]


@pytest.mark.parametrize("min_score", ["", "x", "a=", "a=b", "nan", math.nan])
def test_other_scores_are_refused(min_score: object) -> None:
    with pytest.raises(runlog.InvalidValueError, match="min_score must be"):
        chosen(min_score=min_score)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": ["q", "r"]}, r"layers must name what is there \('p', 'q'\), but got 'r'"),
        ({"min_score": "c=0.5"}, r"min_score must name what is there \('a', 'b'\), but got 'c'"),
    ],
)
def test_a_layer_or_score_that_no_image_has_is_refused(
    start: Start, options: dict[str, object], message: str
) -> None:
    with pytest.raises(runlog.InvalidValueError, match=message):
        boxes_of(scored(start, *SCORES), chosen(**options))


def test_progress_is_told_in_steps(run: runlog.LocalRun) -> None:
    seen: list[tuple[int, int]] = []
    with runlog.open(run.folder) as reader:
        list(chosen(steps="2:7").images(reader, lambda done, total: seen.append((done, total))))
    assert seen[-1] == (5, 5)

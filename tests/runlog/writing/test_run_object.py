"""The run object keeps what it is told, and says what it cannot keep."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]


def stored(run: runlog.LocalRun) -> runlog.RunRecord:
    with runlog.open(run.folder) as reader:
        return reader.run()


@pytest.fixture(params=["local", "disabled"])
def run(request: pytest.FixtureRequest, start: Start) -> Iterator[runlog.LocalRun]:
    with start(id="r", config={"lr": 0.1, "depth": 3}, mode=request.param) as made:
        yield made


# What it is called


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("name", "wide net", "wide net"),
        ("notes", "tried\nagain", "tried\nagain"),
        ("notes", None, None),
        ("group", "sweep", "sweep"),
        ("tags", ["a", "b"], ("a", "b")),
        ("tags", None, ()),
        ("tags", ("a",), ("a",)),
    ],
)
def test_what_a_run_is_called_can_be_set_and_is_stored_at_once(
    run: runlog.LocalRun, name: str, value: Any, kept: Any
) -> None:
    setattr(run, name, value)
    assert getattr(run, name) == kept
    if not isinstance(run, runlog.LocalRun) or run.folder.exists():
        assert getattr(stored(run), name) == kept


def test_tags_of_an_iterator_are_not_lost(run: runlog.LocalRun) -> None:
    run.tags = (tag for tag in ("a", "b"))
    assert run.tags == ("a", "b")


def test_what_a_run_is_called_is_held_as_it_is_read_back(start: Start) -> None:
    run = start(name="a\ud800", tags=["b\ud800"])
    run.notes = "c\ud800"
    held = (run.name, run.tags, run.notes)
    assert held == ("a\\ud800", ("b\\ud800",), "c\\ud800")
    assert held == (stored(run).name, stored(run).tags, stored(run).notes)


def test_tags_grow_as_a_tuple_does(start: Start) -> None:
    run = start(tags=["a"])
    run.tags += ("b",)
    assert (run.tags, stored(run).tags) == (("a", "b"), ("a", "b"))


def test_what_a_run_is_called_goes_on_with_it(start: Start) -> None:
    with start(id="r", name="first", tags=["a"], notes="n", group="g") as run:
        pass
    with start(id="r", resume="must") as run:
        assert (run.name, run.tags, run.notes, run.group) == ("first", ("a",), "n", "g")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("name", 3, "name must be a string, but got 3"),
        ("name", "", "name must have at least one character"),
        ("name", None, "name must be a string, but got None"),
        ("notes", ["x"], "notes must be a string or None"),
        ("group", 1.5, "group must be a string or None"),
        ("tags", "best", "tags must be a list of strings, but got 'best'"),
        ("tags", [1], "tags must be a list of strings"),
        ("tags", 5, "tags must be a list of strings, but got 5"),
        ("config", 3, "config or summary must be a dict, but got 3"),
    ],
)
def test_a_bad_value_is_refused_and_changes_nothing(
    run: runlog.LocalRun, name: str, value: Any, message: str
) -> None:
    before = getattr(run, name)
    with pytest.raises(runlog.RunlogError, match=message):
        setattr(run, name, value)
    assert getattr(run, name) == before


@pytest.mark.parametrize(
    "name", ["id", "folder", "step", "project", "summary", "lost_calls", "lr", "log", "taggs"]
)
def test_any_other_attribute_is_refused_and_not_lost(run: runlog.LocalRun, name: str) -> None:
    with pytest.raises(
        AttributeError, match=f"name, tags, notes, group and config can be set, but got '{name}'"
    ):
        setattr(run, name, 3)
    run._mine = 3


# Its configuration


def test_a_dict_replaces_the_configuration(run: runlog.LocalRun) -> None:
    kept = run.config
    run.config = {"lr": 0.2, "width": 8}
    assert dict(run.config) == dict(kept) == {"lr": 0.2, "width": 8}
    run.config = Namespace(seed=1)
    assert run.config.as_dict() == {"seed": 1}
    if run.folder.exists():
        assert dict(stored(run).config) == {"seed": 1}


def test_arguments_of_other_loggers_are_no_values(run: runlog.LocalRun) -> None:
    run.config.update({"lr": 0.3}, allow_val_change=True)
    run.config.update(depth=4, allow_val_change=False)
    assert dict(run.config) == {"lr": 0.3, "depth": 4}


def test_defaults_are_set_but_for_what_is_there(run: runlog.LocalRun) -> None:
    assert run.config.setdefaults({"lr": 9, "width": 8}) == {"lr": 0.1, "depth": 3, "width": 8}
    assert run.config.get("width") == 8
    assert run.config.get("height", 7) == 7


def test_a_copy_of_the_configuration_is_a_copy(run: runlog.LocalRun) -> None:
    run.config.nested = {"a": [1]}
    copied = run.config.as_dict()
    copied["nested"]["a"].append(2)
    copied["more"] = 1
    assert run.config.nested == {"a": [1]}
    assert "more" not in run.config


# The current run


def test_the_current_run_is_none_without_one_and_after_its_end(start: Start) -> None:
    code = "import runlog; print(runlog.run, hasattr(runlog, 'run'))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "None True\n"
    for mode in ("local", "disabled"):
        run = start(mode=mode)
        assert runlog.run is run
        assert not run.is_finished
        runlog.finish()
        assert runlog.run is None
        assert run.is_finished


def test_the_face_has_a_version_and_shows_what_it_offers() -> None:
    assert runlog.__version__ == "0.1.0"
    assert dir(runlog) == sorted(runlog.__all__)
    assert len(runlog.__all__) <= 50


# Resuming


@pytest.mark.parametrize("never", [None, False, "never"])
def test_none_and_false_never_resume(start: Start, never: Any) -> None:
    with start(id="r", resume=never):
        pass
    with pytest.raises(runlog.InvalidValueError, match="id must be new"):
        start(id="r", resume=never)


@pytest.mark.parametrize("auto", [True, "auto"])
def test_true_and_auto_go_on_with_an_id_or_begin_it(start: Start, auto: Any) -> None:
    for step in range(2):
        with start(id="r", resume=auto) as run:
            assert run.step == step
            run.log({"loss": 1})


CRASH = """
import os, sys, runlog
run = runlog.init(sys.argv[2] or None, dir=sys.argv[1], id=sys.argv[3], quiet=True, record_environment=False)
run.log({"loss": 1})
os._exit(1)
"""


def test_auto_without_an_id_goes_on_with_the_newest_crashed_run_of_the_project(
    start: Start, tmp_path: Path
) -> None:
    for project, run_id in (("p", "z-old"), ("p", "a-new"), ("q", "other")):
        run_code(CRASH, tmp_path / "runs", project, run_id)
    with start(project="p", id="done"):
        pass
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.db").write_bytes(b"nothing")
    with start(project="p", resume="auto") as run:
        assert (run.id, run.step) == ("a-new", 1)
    with start(project="p", resume="auto") as run:
        assert run.id == "z-old"
    with start(project="p", resume="auto") as run:
        assert (run.step, run.id not in ("a-new", "z-old", "other", "done")) == (0, True)
    with start(resume="auto") as run:
        assert run.step == 0


@pytest.mark.parametrize("resume", ["yes", 1, "Never", ("allow",)])
def test_any_other_way_to_resume_is_refused(start: Start, resume: Any) -> None:
    with pytest.raises(runlog.InvalidValueError, match="resume must be one of never, allow, must, auto"):
        start(resume=resume)


# The summary ends where the chart does


def test_the_last_value_is_that_at_the_greatest_step(start: Start) -> None:
    with start(id="r") as run:
        for step, loss in ((0, 5), (10, 1), (5, 3), (10, 2), (7, 9)):
            run.log({"loss": loss, f"only at {step}": step}, step=step)
            run.log({"late": 10 - step}, step=step)
        assert (run.summary.loss, run.summary.late) == (2, 0)
    with start(id="r", resume="must") as run:
        run.log({"loss": 8}, step=9)
        assert run.summary.loss == 2
        run.log({"loss": 4}, step=11)
    assert stored(run).summary["loss"] == 4
    with runlog.open(run.folder) as reader:
        (series,) = [series for series in reader.scalars() if series.key == "loss"]
        assert series.values[-1] == 4


@pytest.mark.parametrize(("rule", "expected"), [("last", 2), ("min", 1), ("max", 9), ("mean", 4)])
def test_other_rules_count_all_values_in_any_order(start: Start, rule: Any, expected: float) -> None:
    with start() as run:
        run.define_metric("loss", summary=rule)
        for step, loss in ((10, 2), (5, 1), (7, 9)):
            run.log({"loss": loss}, step=step)
        assert run.summary.loss == expected


# Let go of


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="this system does not list open files: NOT TESTED"
)
def test_runs_that_are_let_go_of_end_and_keep_no_files_open(start: Start, tmp_path: Path) -> None:
    gc.collect()
    before, most = open_files(), 0
    for number in range(60):
        run = start(id=f"run-{number}", record_environment=number % 10 == 0)
        run.config.number = number
        run.log({"loss": number, "k": runlog.Image(np.full((2, 2), 50 + number, np.uint8))})
        if number >= 10:
            most = max(most, open_files())
    # The last one is current; those that record their environment end a second later.
    assert most - before <= 4 * 8
    runs = {one.id: one for one in runlog.runs(tmp_path / "runs")}
    ended = [runs[f"run-{number}"] for number in range(60) if number % 10 and number != 59]
    assert {one.state for one in ended} == {"finished"}
    assert [one.summary["loss"] for one in ended] == [int(one.id[4:]) for one in ended]


def test_a_configuration_keeps_its_run_open(start: Start) -> None:
    config = start(id="r", config={"a": 1}).config
    start(id="other")
    config.a = 2
    with runlog.open(config._write.__self__.folder) as reader:
        assert (reader.run().state, dict(reader.run().config)) == ("running", {"a": 2})
    del config


def test_a_run_let_go_of_in_another_thread_ends_as_well(start: Start, tmp_path: Path) -> None:
    def work() -> None:
        start(id="r").log({"loss": 1})

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    start(id="other")
    with runlog.open(tmp_path / "runs" / "r") as reader:
        assert reader.run().state == "finished"


def test_calls_are_counted_as_lost_when_the_run_could_not_be_begun(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in place of the folder")
    with pytest.warns(runlog.RunlogWarning, match="nothing of this run is stored"):
        run = runlog.init(dir=tmp_path / "runs", on_error="warn", quiet=True)
    for _ in range(3):
        run.log({"loss": 1})
    assert run.lost_calls == 3
    run = runlog.init(mode="disabled")
    run.log({"loss": 1})
    assert run.lost_calls == 0


# Told once for a key


def grey(value: int) -> runlog.Image:
    return runlog.Image(np.full((2, 2), 50 + value, np.uint8))


def messages(run: runlog.LocalRun, *calls: tuple[dict[str, Any], int]) -> list[str]:
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for data, step in calls:
            run.log(data, step=step)
    return [str(one.message) for one in caught]


def test_pictures_that_replace_others_at_a_step_are_told_once_for_a_key(start: Start) -> None:
    run = start()
    batches = [({"k": [grey(n)], "other": [grey(n)]}, 3) for n in range(5)]
    told = messages(run, *batches, ({"k": [grey(9)]}, 4), ({"k": [grey(8)]}, 4))
    assert [one.partition(":")[0] for one in told] == ["'k'", "'other'"]
    assert "the images logged at step 3 were replaced by those of a later call" in told[0]


def test_steps_of_their_own_empty_lists_and_other_keys_replace_nothing(start: Start) -> None:
    run = start()
    assert messages(run, ({"a": grey(1)}, 0), ({"b": grey(1)}, 0), ({"a": grey(1)}, 1), ({"a": []}, 1)) == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (grey(1), 3, "logged as an image before, and now as a number"),
        (3, grey(1), "logged as a number before, and now as an image"),
        (3, "words", "logged as a number before, and now as a text"),
        ("words", [grey(1)], "logged as a text before, and now as an image"),
    ],
)
def test_a_key_that_changes_its_kind_is_told_once(start: Start, first: Any, second: Any, words: str) -> None:
    (told,) = messages(start(), ({"k": first}, 0), ({"k": second}, 1), ({"k": first}, 2), ({"k": second}, 3))
    assert words in told


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2**53 + 1, "9007199254740993 became 9007199254740992"),
        (-(2**53) - 1, "-9007199254740993 became -9007199254740992"),
        (np.int64(2**62 + 1), "4611686018427387905 became 4611686018427387904"),
        (2**53, None),
        (2**60, None),
        (float(2**53), None),
        (1e300, None),
        (True, None),
    ],
)
def test_integers_that_no_float_holds_are_told(start: Start, value: Any, message: str | None) -> None:
    told = messages(start(), ({"k": value}, 0), ({"k": value}, 1))
    assert [message in one for one in told] == ([] if message is None else [True])


def test_a_caption_with_a_lone_surrogate_is_told(start: Start) -> None:
    image = runlog.Image(np.zeros((2, 2), np.uint8), caption="a\ud800b")
    (told,) = messages(start(), ({"k": [image]}, 0))
    assert "the caption has lone surrogates" in told
    assert image.caption == "a\\ud800b"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (np.array(["a", "b"]), r"of texts, log a list \(values\.tolist\(\)\)"),
        (np.zeros((4, 4, 3)), r"if it is a picture, wrap it in Image\(…\)"),
    ],
)
def test_an_array_gets_an_answer_that_fits(start: Start, value: np.ndarray, hint: str) -> None:
    with pytest.raises(runlog.InvalidTypeError, match=hint):
        start().log({"k": value})


def test_a_forked_child_does_not_end_its_parents_run(start: Start) -> None:
    run = start(id="r")
    child = os.fork()
    if child == 0:
        del run
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)
    assert stored(run).state == "running"
    run.log({"loss": 1})

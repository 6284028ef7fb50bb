"""The run a script logs to: steps, replacement, config and summary, the end of a run."""

import math
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import warnings
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    with runlog.open(folder) as reader:
        return {
            series.key: dict(zip(series.steps, series.values, strict=True)) for series in reader.scalars()
        }


def media_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "media").rglob("*") if path.is_file())


def grey(value: int) -> runlog.Image:
    # Past 1, so that nothing is scaled.
    return runlog.Image(np.full((4, 5), value + 10, np.uint8))


# Steps


def test_log_without_a_step_writes_the_current_step_and_moves_on(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
        run.log({"a": 2})
        assert run.step == 2
    assert scalars(run.folder) == {"a": {0: 1.0, 1: 2.0}}


def test_log_with_a_step_makes_it_current_and_stays(start: Start) -> None:
    with start() as run:
        run.log({"a": 1}, step=5)
        run.log({"b": 2})
        run.log({"c": 3})
    assert scalars(run.folder) == {"a": {5: 1.0}, "b": {5: 2.0}, "c": {6: 3.0}}


def test_commit_overrides_whether_the_step_moves_on(start: Start) -> None:
    with start() as run:
        run.log({"a": 1}, commit=False)
        run.log({"b": 2}, step=3, commit=True)
        run.log({"c": 3})
    assert scalars(run.folder) == {"a": {0: 1.0}, "b": {3: 2.0}, "c": {4: 3.0}}


def test_steps_come_in_any_order_and_merge(start: Start) -> None:
    with start() as run:
        run.log({"a": 5}, step=5)
        run.log({"a": 2}, step=2)
        run.log({"b": 1}, step="5")
    assert scalars(run.folder) == {"a": {2: 2.0, 5: 5.0}, "b": {5: 1.0}}


def test_an_empty_call_writes_nothing_and_still_moves_on(start: Start) -> None:
    with start() as run:
        run.log({})
        run.log({"a": None})
        assert run.step == 2
    with runlog.open(run.folder) as reader:
        assert reader.steps() == ()


# Replacing


def test_the_same_step_and_key_again_replaces(start: Start) -> None:
    with start() as run:
        run.log({"a": 1, "images": [grey(1), grey(2), grey(3)]}, step=0)
        with pytest.warns(runlog.RunlogWarning, match="'images': the images logged at step 0 were replaced"):
            run.log({"a": 2, "images": [grey(4)]}, step=0)
    with runlog.open(run.folder) as reader:
        (image,) = reader.images([0])
    assert scalars(run.folder) == {"a": {0: 2.0}}
    assert media_files(run.folder) == [run.folder / image.media.path]
    assert np.asarray(PILImage.open(run.folder / image.media.path)).tolist() == [[14] * 5] * 4


def test_a_key_may_change_its_kind_at_a_step(start: Start) -> None:
    with start() as run:
        run.log({"k": [grey(1)]}, step=0)
        with pytest.warns(runlog.RunlogWarning, match="'k' was logged as an image before, and now as a text"):
            run.log({"k": "text"}, step=0)
        run.log({"k": 3}, step=0)
    with runlog.open(run.folder) as reader:
        assert (reader.images([0]), reader.texts()) == ((), ())
    assert scalars(run.folder) == {"k": {0: 3.0}}
    assert media_files(run.folder) == []


def test_replacing_an_image_keeps_a_file_that_another_step_shares(start: Start) -> None:
    with start() as run:
        run.log({"k": [grey(1)]}, step=0)
        run.log({"k": [grey(1)]}, step=1)
        run.log({"k": [grey(2)]}, step=0)
    with runlog.open(run.folder) as reader:
        stored = {image.step: image.media for image in reader.images([0, 1])}
    assert all((run.folder / media.path).is_file() for media in stored.values())
    assert stored[0].path != stored[1].path


# Media


def test_equal_pixels_under_a_key_are_one_file(start: Start) -> None:
    with start() as run:
        for step in range(5):
            run.log({"k": [grey(1), grey(1)]}, step=step)
    assert len(media_files(run.folder)) == 1


def test_equal_pixels_under_another_key_are_a_file_of_that_key(start: Start) -> None:
    with start() as run:
        run.log({"a": grey(1), "b": grey(1)})
    one, other = media_files(run.folder)
    assert one.parent != other.parent
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_ino == other.stat().st_ino


def test_a_list_is_never_cut(start: Start) -> None:
    with start() as run:
        run.log({"k": [grey(index % 200) for index in range(300)]})
    with runlog.open(run.folder) as reader:
        assert [image.index for image in reader.images([0])] == list(range(300))


def test_an_empty_list_is_an_empty_gallery_and_replaces(start: Start) -> None:
    with start() as run:
        run.log({"k": [grey(1)]}, step=0)
        run.log({"k": []}, step=0)
    with runlog.open(run.folder) as reader:
        assert reader.images([0]) == ()
        assert [step.step for step in reader.steps()] == [0]


# All or nothing


def test_bad_input_writes_nothing_of_its_call(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
        with pytest.raises(runlog.InvalidTypeError, match="'bad' must be"):
            run.log({"a": 2, "k": [grey(1)], "bad": object()})
        assert run.step == 1
        run.log({"a": 3})
    assert scalars(run.folder) == {"a": {0: 1.0, 1: 3.0}}
    assert not (run.folder / "media").exists()


def test_a_media_folder_that_cannot_be_written_fails_the_call_and_keeps_the_run(start: Start) -> None:
    with start() as run:
        (run.folder / "media").write_text("in the way")
        with pytest.raises(runlog.StorageError, match=r"the media folder of .* must be writable"):
            run.log({"a": 1, "k": [grey(1)]})
        (run.folder / "media").unlink()
        run.log({"a": 2, "k": [grey(1)]})
    assert scalars(run.folder) == {"a": {0: 2.0}}


def test_a_run_folder_that_vanished_is_an_error_and_is_not_made_again(start: Start, tmp_path: Path) -> None:
    run = start()
    run.log({"k": [grey(1)]})
    run.folder.rename(tmp_path / "moved")
    with pytest.raises(runlog.StorageError, match="must be writable"):
        run.log({"k": [grey(2)]})
    assert not run.folder.exists()
    (tmp_path / "moved").rename(run.folder)
    run.finish()


# Warnings


def test_a_surprising_conversion_is_warned_about_once_per_key_after_it_is_stored(start: Start) -> None:
    bright = np.array([[0.0, 1.0001]])
    with start() as run:
        with pytest.warns(runlog.RunlogWarning, match=r"'k'\[0\]: .*nearly black.*said once") as caught:
            run.log({"k": [runlog.Image(bright)]})
        assert Path(caught[0].filename) == Path(__file__)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run.log({"k": [runlog.Image(bright)]})
        with pytest.warns(runlog.RunlogWarning, match="'other'"):
            run.log({"other": [runlog.Image(bright)]})
    with runlog.open(run.folder) as reader:
        assert len(reader.images([0, 1, 2])) == 3


# Config and summary


def test_config_takes_mappings_namespaces_and_attributes_at_any_time(start: Start) -> None:
    with start(config={"lr": 0.1, "nested": {"a": (1, 2)}}) as run:
        run.config.update(Namespace(depth=3))
        run.config.width = np.int64(8)
        run.config["path"] = Path("x")
        assert run.config.depth == 3
        del run.config["lr"]
    with runlog.open(run.folder) as reader:
        assert reader.run().config == {"nested": {"a": [1, 2]}, "depth": 3, "width": 8, "path": "x"}


def test_a_config_that_is_no_mapping_is_refused_and_leaves_no_lock(tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="must be a dict"):
        runlog.init(dir=tmp_path, id="r", config=3, quiet=True)
    assert not (tmp_path / "r" / "run.lock").exists()


def test_the_summary_holds_the_last_value_of_each_scalar(start: Start) -> None:
    with start() as run:
        run.log({"a": 1, "b": math.nan})
        run.log({"a": 2, "c": math.inf})
        assert run.summary["a"] == 2
    with runlog.open(run.folder) as reader:
        summary = reader.run().summary
    assert (summary["a"], summary["c"]) == (2.0, math.inf)
    assert math.isnan(summary["b"])


NOT_FINITE: dict[str, Any] = {
    **{"most": math.inf, "least": -math.inf, "of numpy": np.float32("inf"), "list": [0.5, -np.inf]},
    **{"array": np.array([1, np.inf]), "nested": {"a": [{"b": math.inf}]}, "text": "Infinity"},
    "name": "NaN",
}
READ_BACK = {
    **{"most": math.inf, "least": -math.inf, "of numpy": math.inf, "list": [0.5, -math.inf]},
    **{"array": [1.0, math.inf], "nested": {"a": [{"b": math.inf}]}, "text": "Infinity"},
    "name": "NaN",
}


def test_infinities_of_config_and_summary_are_numbers_and_a_text_stays_one(start: Start) -> None:
    with start(id="r", config=NOT_FINITE) as run:
        run.summary.update(NOT_FINITE)
        assert run.config.as_dict() == run.summary.as_dict() == READ_BACK
        assert run.summary["most"] > 0.5
    with runlog.open(run.folder) as reader:
        assert reader.run().config == reader.run().summary == READ_BACK
    with start(id="r", resume="must") as run:
        assert run.config.as_dict() == run.summary.as_dict() == READ_BACK
        run.config.most = 1
    (read,) = runlog.runs(run.folder.parent)
    assert read.config == {**READ_BACK, "most": 1}


def test_a_nan_of_config_and_summary_is_a_number_until_it_is_read_back(start: Start) -> None:
    with start(id="r", config={"a": math.nan, "b": [np.float32("nan")]}) as run:
        run.summary["best"] = math.nan
        assert all(map(math.isnan, (run.config.a, run.config.b[0], run.summary["best"])))
        assert not run.summary["best"] > 0.5
    with runlog.open(run.folder) as reader:
        assert reader.run().config == {"a": "NaN", "b": ["NaN"]}
        assert reader.run().summary == {"best": "NaN"}


def test_sql_sees_infinities_of_config_and_summary_as_numbers(start: Start) -> None:
    with start(config={"max_norm": math.inf}) as run:
        run.log({"loss": -math.inf, "lost": math.nan})
        run.summary["best"] = math.inf
    db = sqlite3.connect(run.folder / "run.db")
    assert db.execute("SELECT json_extract(config, '$.max_norm') FROM run").fetchone() == (math.inf,)
    found = db.execute("SELECT key, json_extract(value, '$') FROM summary ORDER BY key").fetchall()
    db.close()
    assert found == [("best", math.inf), ("loss", -math.inf), ("lost", "NaN")]


@pytest.mark.parametrize(("name", "number"), [("Infinity", math.inf), ("-Infinity", -math.inf)])
def test_an_infinite_scalar_of_an_older_run_is_read_by_its_name(
    start: Start, name: str, number: float
) -> None:
    with start() as run:
        run.log({"loss": number})
        run.summary["text"] = name
    db = sqlite3.connect(run.folder / "run.db")
    db.execute("UPDATE summary SET value = ? WHERE is_set = 0", [f'"{name}"'])
    db.commit()
    db.close()
    with runlog.open(run.folder) as reader:
        assert reader.run().summary == {"loss": number, "text": name}


def test_what_the_script_sets_in_the_summary_stays(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
        run.summary["a"] = 99
        run.summary.best = {"epoch": 3}
        run.log({"a": 2})
        assert run.summary["a"] == 99
    with runlog.open(run.folder) as reader:
        assert reader.run().summary == {"a": 99, "best": {"epoch": 3}}


def test_a_deleted_summary_value_follows_the_scalar_again(start: Start) -> None:
    with start() as run:
        run.summary["a"] = 99
        del run.summary["a"]
        run.log({"a": 2})
    with runlog.open(run.folder) as reader:
        assert reader.run().summary == {"a": 2.0}


# The run's life


def test_a_context_manager_marks_the_run_finished_or_failed_and_swallows_nothing(start: Start) -> None:
    with start() as finished:
        pass
    with pytest.raises(ZeroDivisionError), start() as failed:
        raise ZeroDivisionError
    for run, state in ((finished, "finished"), (failed, "failed")):
        with runlog.open(run.folder) as reader:
            assert reader.run().state == state


def test_finish_leaves_one_self_contained_file_and_is_idempotent(start: Start) -> None:
    run = start()
    run.log({"a": 1})
    run.finish()
    run.finish()
    assert [path.name for path in run.folder.iterdir()] == ["run.db"]


def test_a_finished_run_refuses_to_be_written(start: Start) -> None:
    run = start()
    run.finish()
    for write in (lambda: run.log({"a": 1}), run.flush, lambda: run.config.update(a=1)):
        with pytest.raises(runlog.InvalidValueError, match="finished"):
            write()


@pytest.mark.parametrize(("ending", "state"), [("", "finished"), ("raise SystemError", "failed")])
def test_an_unfinished_run_ends_with_its_interpreter(tmp_path: Path, ending: str, state: str) -> None:
    code = f"import runlog; runlog.init(dir={str(tmp_path)!r}, id='r', quiet=True).log({{'a': 1}})\n{ending}"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    with runlog.open(tmp_path / "r") as reader:
        assert reader.run().state == state


def test_a_folder_that_exists_is_never_taken_over(start: Start) -> None:
    start(id="mine").finish()
    with pytest.raises(runlog.InvalidValueError, match="id must be new in its runs folder"):
        start(id="mine")


@pytest.mark.parametrize(
    "argument", [{"project": 3}, {"name": b"x"}, {"tags": "abc"}, {"tags": [1]}, {"notes": []}]
)
def test_names_of_the_wrong_type_are_refused(start: Start, argument: dict[str, object]) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="must be"):
        start(**argument)


def test_what_the_run_is_called_is_read_back(start: Start) -> None:
    with start(project="p", name="n", group="g", tags=["a", "b"], notes="line\nline") as run:
        pass
    with runlog.open(run.folder) as reader:
        record = reader.run()
    assert (record.id, record.name, record.project, record.group) == (run.id, "n", "p", "g")
    assert (record.tags, record.notes) == (("a", "b"), "line\nline")
    assert record.environment["pid"] == os.getpid()
    assert record.finished_at is not None
    assert record.created_at <= record.finished_at


# Many at once


def test_eight_threads_log_to_one_run_at_once(start: Start) -> None:
    def work(number: int) -> None:
        for step in range(200):
            run.log({f"t{number}": step, f"k{number}": [grey(number)]}, step=step)

    with start() as run:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert scalars(run.folder) == {f"t{n}": {step: float(step) for step in range(200)} for n in range(8)}
    with runlog.open(run.folder) as reader:
        assert len(reader.images()) == 8 * 200


def test_a_run_that_cannot_be_ended_at_exit_leaves_the_others_alone(tmp_path: Path) -> None:
    code = (
        "import shutil, sys, runlog\n"
        "runs = [runlog.init(dir=sys.argv[1], id=f'r{n}', quiet=True) for n in range(6)]\n"
        "for run in runs: run.log({'a': 1})\n"
        "for run in runs[::2]: shutil.rmtree(run.folder)\n"
    )
    runs = tmp_path / "runs"
    result = run_code(code, runs)
    assert result.returncode == 0
    for n in (0, 2, 4):
        assert f"run r{n} could not be ended as it should" in result.stderr
    for n in (1, 3, 5):
        with runlog.open(runs / f"r{n}") as reader:
            assert reader.run().state == "finished"
    assert [path.name for path in sorted(runs.iterdir())] == ["r1", "r3", "r5"]


def test_what_follows_on_the_end_does_so_once_however_the_end_went(start: Start) -> None:
    ended: list[str] = []
    for run_id in ("good", "gone"):
        run = start(id=run_id)
        run.on_finish(lambda run_id=run_id: ended.append(run_id))
        run.log({"a": 1})
        if run_id == "gone":
            shutil.rmtree(run.folder)
            with pytest.raises(runlog.StorageError):
                run.finish()
        run.finish()
        assert run.is_finished
    assert ended == ["good", "gone"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_gets_a_clear_error_and_harms_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys, runlog\n"
        f"run = runlog.init(dir={str(tmp_path)!r}, id='r', quiet=True); run.log({{'a': 1}})\n"
        "if os.fork() == 0:\n"
        "    try: run.log({'a': 2})\n"
        "    except runlog.InvalidValueError as error: sys.stderr.write(str(error))\n"
        "    run.finish(); sys.exit(0)\n"
        "os.wait(); run.log({'a': 3}); run.finish()"
    )
    result = run_code(code)
    assert result.returncode == 0
    assert "is its forked child" in result.stderr
    assert scalars(tmp_path / "r") == {"a": {0: 1.0, 1: 3.0}}

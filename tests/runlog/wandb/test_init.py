"""Runs start as scripts of wandb start them: arguments, settings, variables, and what goes on already."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog import wandb

from ..cli.calling import run_code


@dataclass
class Options:
    lr: float = 0.1


def record(run: wandb.Run) -> runlog.RunRecord:
    run.finish()
    with runlog.open(run.local.folder) as reader:
        return reader.run()


def steps_of(run: wandb.Run) -> int:
    run.finish()
    with runlog.open(run.local.folder) as reader:
        return reader.counts().steps


def test_there_is_a_run_from_init_to_finish() -> None:
    assert wandb.run is None
    run = wandb.init()
    assert wandb.run is run
    assert runlog.run is run.local
    wandb.finish()
    assert wandb.run is None


def test_what_init_is_told_is_stored() -> None:
    run = wandb.init(
        "team",
        "coins",
        id="first",
        name="the first",
        notes="a try",
        tags=["a", "b"],
        config={"lr": 1e-3},
        group="g",
        job_type="train",
    )
    assert (run.entity, run.project, run.job_type, run.path) == ("team", "coins", "train", "team/coins/first")
    found = record(run)
    assert (found.id, found.name, found.notes, found.project, found.group) == (
        *("first", "the first", "a try", "coins", "g"),
    )
    assert (found.tags, found.config, found.state) == (("a", "b"), {"lr": 1e-3}, "finished")
    assert found.environment["wandb"] == {"entity": "team", "job_type": "train"}


def test_dir_is_the_folder_of_the_runs_folder(tmp_path: Path) -> None:
    run = wandb.init(dir=tmp_path / "out", id="a")
    assert run.local.folder == tmp_path / "out" / "runs" / "a"
    assert run.dir == str(run.local.folder / "files")
    assert Path(run.dir).is_dir()
    assert run.url == (run.local.folder / "index.html").as_uri()


@pytest.mark.parametrize("mode", [None, "online", "offline", "dryrun", "run", "shared"])
def test_every_mode_but_disabled_is_local(mode: str | None) -> None:
    run = wandb.init(mode=mode)
    wandb.log({"a": 1})
    assert (run.disabled, run.offline, steps_of(run)) == (False, True, 1)


@pytest.mark.parametrize("how", ["argument", "variable", "settings", "older variable"])
def test_a_disabled_run_takes_everything_and_writes_nothing(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*{"variable": ("WANDB_MODE", "disabled")}.get(how, ("WANDB_DISABLED", "false")))
    if how == "older variable":
        monkeypatch.setenv("WANDB_DISABLED", "true")
    settings = wandb.Settings(mode="disabled") if how == "settings" else None
    run = wandb.init(mode="disabled" if how == "argument" else None, settings=settings)
    wandb.log({"a": 1, "odd": object()})
    wandb.define_metric("a", summary="max")
    wandb.config.update({"x": 1})
    wandb.summary["y"] = 2
    wandb.log_artifact(__file__)
    wandb.log_code()
    Path(run.dir, "model.pt").write_text("x")
    assert (run.disabled, run.step, run.config.x, run.summary["y"], run.url) == (True, 1, 1, 2, None)
    wandb.finish()
    assert list(tmp_path.iterdir()) == []


def test_variables_stand_in_for_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"PROJECT": "p", "NAME": "n", "RUN_ID": "i", "RUN_GROUP": "g", "TAGS": "a, b", "NOTES": "x"}
    for name, value in {**said, "JOB_TYPE": "j", "ENTITY": "e", "DIR": str(tmp_path / "there")}.items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    run = wandb.init()
    assert (run.entity, run.job_type) == ("e", "j")
    found = record(run)
    assert run.local.folder == tmp_path / "there" / "runs" / "i"
    assert (found.project, found.name, found.group, found.tags, found.notes) == (
        "p",
        "n",
        "g",
        ("a", "b"),
        "x",
    )


def test_an_argument_goes_before_a_setting_and_that_before_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "variable")
    monkeypatch.setenv("WANDB_NAME", "variable")
    run = wandb.init(project="argument", settings={"project": "setting", "run_name": "setting"})
    assert (run.project, run.name) == ("argument", "setting")


def test_a_run_id_that_a_launcher_gives_every_process_is_one_id_a_rank(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WANDB_RUN_ID", "job")
    monkeypatch.setenv("RANK", "3")
    run = wandb.init()
    assert (run.id, run.group) == ("job-r3", "job")


def test_a_run_whose_id_is_taken_stands_beside_that(monkeypatch: pytest.MonkeyPatch) -> None:
    with wandb.init(id="fixed", config={"try": 1}):
        wandb.log({"a": 1})
    for number in (2, 3):
        with (
            pytest.warns(runlog.RunlogWarning, match=f"id 'fixed' is that of .* is 'fixed-{number}'"),
            wandb.init(id="fixed", config={"try": number}) as run,
        ):
            assert (run.id, run.step) == (f"fixed-{number}", 0)
    monkeypatch.setenv("RANK", "1")
    with pytest.warns(runlog.RunlogWarning, match="'fixed-r1'"), wandb.init(id="fixed") as run:
        assert (run.id, run.group) == ("fixed-r1", "fixed")
    assert {run.id: run.config.get("try") for run in runlog.runs("runs")} == {
        **{"fixed": 1, "fixed-2": 2, "fixed-3": 3, "fixed-r1": None},
    }
    with pytest.raises(wandb.Error, match="id must be new"):
        wandb.init(id="fixed", resume="never")


def test_a_run_that_another_process_writes_is_left_to_it() -> None:
    code = (
        "from runlog import wandb; wandb.init(id='job', resume='allow'); print('ready', flush=True); input()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with pytest.warns(runlog.RunlogWarning, match="'job-2'"), wandb.init(id="job", resume="allow"):
            wandb.log({"a": 1})
        other.communicate("\n")
    assert {run.id for run in runlog.runs("runs")} == {"job", "job-2"}


FORKED = """
import os
from runlog import wandb

with wandb.init(id="parent") as run:
    if (child := os.fork()) == 0:
        assert wandb.run is None
        try:
            wandb.log({"a": 1})
        except wandb.Error as error:
            assert "in this process there is none" in str(error)
        wandb.init(id="child").log({"a": 1})
        wandb.finish()
        wandb.teardown()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    run.log({"a": 2})
"""


def test_a_forked_child_has_runs_of_its_own() -> None:
    done = run_code(FORKED)
    assert (done.returncode, done.stderr) == (0, "")
    assert {run.id: (run.state, run.summary["a"]) for run in runlog.runs("runs")} == {
        "parent": ("finished", 2.0),
        "child": ("finished", 1.0),
    }


@pytest.mark.parametrize("given", ["lr=0.1, bs=32", "a b", "ünïcode", "x" * 200, "con"])
def test_an_id_that_names_no_folder_becomes_one_that_does_always_the_same(given: str) -> None:
    with wandb.init(id=given) as run:
        wandb.log({"a": 1})
    with wandb.init(id=given, resume="must") as again:
        assert (again.id, again.starting_step) == (run.id, 1)
    with wandb.init(id=given.replace(" ", "_") + "_") as other:
        assert other.id != run.id


def test_a_number_where_a_text_belongs_is_one() -> None:
    run = wandb.init(project=1, name=np.int64(7), group=3, notes=2.5, job_type=4)  # type: ignore[arg-type]
    found = record(run)
    assert (found.project, found.name, found.group, found.notes) == ("1", "7", "3", "2.5")
    assert found.environment["wandb"] == {"job_type": "4"}


def test_processes_of_a_shared_run_are_runs_of_one_group() -> None:
    run = wandb.init(id="job", settings=wandb.Settings(mode="shared", x_label="node-1", x_primary=False))
    assert (run.id, run.group) == ("job-node-1", "job")


@pytest.mark.parametrize(
    ("reinit", "which"),
    [
        *((None, "same"), (False, "same"), ("default", "same"), ("return_previous", "same")),
        *((True, "finished"), ("finish_previous", "finished"), ("create_new", "both")),
    ],
)
def test_reinit_says_what_happens_to_the_run_that_goes_on(reinit: Any, which: str) -> None:
    first = wandb.init(name="first")
    second = wandb.init(name="second", reinit=reinit)
    assert wandb.run is second
    assert (first is second, first.is_finished) == {
        "same": (True, False),
        "finished": (False, True),
        "both": (False, False),
    }[which]
    wandb.log({"a": 1})
    second.finish()
    assert wandb.run is (first if which == "both" else None)


def test_a_run_is_gone_on_with() -> None:
    with wandb.init(id="a", config={"lr": 1}) as run:
        run.log({"x": 1})
        run.log({"x": 2})
        assert not run.resumed
    with wandb.init(id="a", resume="must", config={"more": 2}) as run:
        assert (run.resumed, run.starting_step, run.step) == (True, 2, 2)
        assert dict(run.config) == {"lr": 1, "more": 2}
        run.log({"x": 3})
    assert steps_of(run) == 3


def test_a_run_is_gone_on_with_from_a_step() -> None:
    with wandb.init(id="a") as run:
        for value in range(5):
            run.log({"x": value})
    with wandb.init(resume_from="a?_step=1") as run:
        assert run.step == 2
    with runlog.open(run.local.folder) as reader:
        assert reader.scalars()[0].values.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("said", "resume"), [("allow", "allow"), ("true", True), ("never", "never"), ("", None)]
)
def test_resume_has_its_forms(said: str, resume: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_RESUME", said)
    first, second = wandb.init(id="a"), wandb.init(id="b", resume=resume, reinit="create_new")
    assert (first.resumed, second.resumed) == (False, False)
    first.finish()
    with pytest.raises(wandb.Error, match="resume='allow' to go on"):
        wandb.init(id="a", resume="never", reinit=True)


def test_a_config_may_be_a_namespace_pairs_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"lr": {"desc": None, "value": 0.1}, "wandb_version": 1}))
    (tmp_path / "c.yaml").write_text("lr: 0.1\nmodel: {depth: 18}\n")
    forms = {
        "namespace": (argparse.Namespace(lr=0.1), {"lr": 0.1}),
        "pairs": ([("lr", 0.1)], {"lr": 0.1}),
        "a dataclass": (Options(), {"lr": 0.1}),
        "numbers as keys": ({1: "a"}, {"1": "a"}),
        "JSON": ("c.json", {"lr": 0.1}),
        "YAML": ("c.yaml", {"lr": 0.1, "model": {"depth": 18}}),
    }
    for config, expected in forms.values():
        with wandb.init(config=config) as run:
            assert dict(run.config) == expected


def test_of_a_config_keys_are_left_out_or_kept() -> None:
    config = {"a": 1, "b": 2, "c": 3}
    with wandb.init(config=config, config_exclude_keys=["b"]) as run:
        assert dict(run.config) == {"a": 1, "c": 3}
    with wandb.init(config=config, config_include_keys=["b"]) as run:
        assert dict(run.config) == {"b": 2}


def test_what_setup_is_told_holds_for_later_runs() -> None:
    settings = wandb.setup(wandb.Settings(project="from setup", silent=True))
    try:
        assert wandb.init().project == "from setup"
    finally:
        settings.project = None


def test_what_is_accepted_is_noted_once_in_the_run() -> None:
    run = wandb.init(monitor_gym=True, anonymous="allow", magic=True, force=False)
    run.mark_preempting()
    run.mark_preempting()
    noted = record(run).environment["wandb"]["not kept"]
    assert set(noted) == {
        *("init(monitor_gym=True)", "init(anonymous='allow')", "init(magic=True)", "mark_preempting()"),
    }


def test_notes_stay_beside_what_is_recorded_and_when_a_run_is_gone_on_with() -> None:
    with wandb.init(id="a", job_type="train") as run:
        pass
    with runlog.init(dir="runs", id="a", resume="must", quiet=True):
        pass
    environment = record(run).environment
    assert environment["wandb"] == {"job_type": "train"}
    assert {"host", "pid", "python"} <= set(environment)


def test_logs_of_tensorboard_are_not_taken_and_a_warning_names_the_writer() -> None:
    with pytest.warns(runlog.RunlogWarning, match="runlog.tensorboard.SummaryWriter"):
        wandb.init(sync_tensorboard=True)


def test_a_script_is_kept_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import __main__

    monkeypatch.setattr(__main__, "__file__", __file__, raising=False)
    run = wandb.init(save_code=True)
    assert (Path(run.dir) / "code" / Path(__file__).name).read_text() == Path(__file__).read_text()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mode": "cloud"}, ValueError, "mode must be one of online, offline"),
        ({"reinit": "maybe"}, ValueError, "reinit must be a bool or one of default"),
        ({"fork_from": "a?_step=3"}, NotImplementedError, "resume_from='ID"),
        ({"resume_from": "a"}, ValueError, "must be like 'ID"),
        ({"resume": "must"}, ValueError, "id must be given"),
        ({"config": 5}, TypeError, "config or summary must be a dict"),
        ({"config": "none.yaml"}, OSError, "a file that can be read"),
        ({"id": "a/b"}, ValueError, "id must be"),
        ({"settings": 3}, TypeError, "settings must be a Settings or a dict"),
        ({"projct": "coins"}, TypeError, "init.. must get arguments that it has, but got projct="),
    ],
)
def test_what_cannot_be_used_is_an_error(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        wandb.init(**arguments)
    assert isinstance(caught.value, wandb.Error)
    assert wandb.run is None


def test_an_exit_code_and_an_exception_mark_a_run_failed() -> None:
    first = wandb.init()
    wandb.finish(exit_code=1)
    second = wandb.init()
    with pytest.raises(ZeroDivisionError), second:
        raise ZeroDivisionError
    assert [record(run).state for run in (first, second)] == ["failed", "failed"]


def test_what_needs_a_run_says_that_there_is_none() -> None:
    calls = [
        lambda: wandb.log({"a": 1}),
        lambda: wandb.config.lr,
        lambda: wandb.config["lr"],
        lambda: wandb.config.update({}),
        lambda: wandb.summary.update({}),
        lambda: wandb.define_metric("a"),
        lambda: wandb.save("a"),
    ]
    for call in calls:
        with pytest.raises(wandb.Error, match=r"call wandb.init\(\)"):
            call()
    wandb.finish()


@pytest.mark.parametrize(
    "name",
    [
        *("dir", "name", "notes", "tags", "config", "config_exclude_keys", "config_include_keys", "group"),
        *("project", "mode", "reinit", "resume", "resume_from", "settings"),
    ],
)
def test_a_wrong_type_is_refused_in_our_words_before_a_run_is_made(name: str, tmp_path: Path) -> None:
    with pytest.raises(wandb.Error, match=r" must .*but got"):
        wandb.init(**{"dir": tmp_path, name: 5j})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [5j, [{}]], ids=["number", "list"])
@pytest.mark.parametrize("name", ["name", "summary", "goal"])
def test_a_metric_of_a_wrong_type_is_refused_in_our_words(name: str, wrong: object) -> None:
    with wandb.init() as run, pytest.raises(wandb.Error, match=r" must .*but got"):
        run.define_metric(**{"name": "x", name: wrong})


def test_keys_of_a_config_may_stand_in_one_string() -> None:
    given = {"learning_rate": 1, "rate": 2, "seed": 3}
    with wandb.init(config=given, config_exclude_keys="learning_rate, seed") as run:
        assert dict(run.config) == {"rate": 2}

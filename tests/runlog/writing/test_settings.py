"""What ``init`` is told: arguments first, else environment variables, checked once."""

from pathlib import Path
from typing import Any

import pytest

import runlog
from runlog.writing.settings import read_settings


def test_arguments_are_taken_as_given(tmp_path: Path) -> None:
    settings = read_settings(
        project="p", name="n", id="i", dir=tmp_path, tags=["a"], group="g", notes="x", config={"lr": 1}
    )
    assert (settings.project, settings.name, settings.group, settings.notes) == ("p", "n", "g", "x")
    assert (settings.id, settings.folder, settings.tags) == ("i", tmp_path / "i", ("a",))
    assert settings.config == {"lr": 1}


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("RUNLOG_PROJECT", "p", "project", "p"),
        ("RUNLOG_NAME", "n", "name", "n"),
        ("RUNLOG_GROUP", "g", "group", "g"),
        ("RUNLOG_RUN_ID", "my-id", "id", "my-id"),
        ("RUNLOG_TAGS", "a, b,,c", "tags", ("a", "b", "c")),
        ("RUNLOG_MODE", "disabled", "mode", "disabled"),
        ("RUNLOG_SILENT", "1", "quiet", True),
        ("RUNLOG_SILENT", "false", "quiet", False),
        ("RUNLOG_PROJECT", "", "project", None),
    ],
)
def test_the_environment_stands_in_for_arguments(
    variable: str, value: str, field: str, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(read_settings(), field) == expected


def test_an_empty_name_is_none_and_what_is_wrong_in_the_environment_is_called_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_settings(name="").name is None
    monkeypatch.setenv("RUNLOG_MODE", "online")
    with pytest.raises(runlog.InvalidValueError, match=r"^RUNLOG_MODE must be one of local, disabled"):
        read_settings()
    assert read_settings(mode="local").mode == "local"


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNLOG_NAME", "environment")
    monkeypatch.setenv("RUNLOG_TAGS", "environment")
    monkeypatch.setenv("RUNLOG_RUN_ID", "environment")
    settings = read_settings(name="argument", tags=[], id="argument")
    assert (settings.name, settings.tags, settings.id) == ("argument", (), "argument")


@pytest.mark.parametrize("variable", ["RANK", "SLURM_PROCID"])
def test_each_rank_of_a_launch_gets_its_own_run_and_one_group(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNLOG_RUN_ID", "job-7")
    monkeypatch.setenv(variable, "3")
    settings = read_settings()
    assert (settings.id, settings.group) == ("job-7-r3", "job-7")
    assert read_settings(group="mine").group == "mine"
    assert read_settings(id="given").id == "given"


def test_a_run_without_a_name_gets_one_that_reads_well() -> None:
    assert len(read_settings().default_name.split("-")) == 3
    assert read_settings(id="chosen").default_name == "chosen"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resume": "yes"}, "resume must be one of never, allow, must"),
        ({"resume": "must"}, "id must be given with resume='must'"),
        ({"mode": "online"}, "mode must be one of local, disabled"),
        ({"on_error": "ignore"}, "on_error must be one of raise, warn"),
        ({"encode_threads": 0}, "encode_threads must be at least 1"),
        ({"encode_threads": "2"}, "encode_threads must be an integer or None"),
        ({"id": "a/b"}, "id must be"),
        ({"project": 3}, "project must be a string or None"),
        ({"tags": "abc"}, "tags must be a list of strings"),
        ({"config": 3}, "config or summary must be a dict"),
        ({"config": {1: 2}}, "a key of config or summary must be a string"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(runlog.RunlogError, match=message):
        read_settings(**arguments)

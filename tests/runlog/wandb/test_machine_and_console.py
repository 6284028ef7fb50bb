"""What a script prints, and what the machine does, is recorded as in wandb unless it is told otherwise."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

import runlog
from runlog import wandb
from runlog.secrets import given
from runlog.wandb.init_arguments import read_arguments


@pytest.fixture(autouse=True)
def _nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_CONSOLE")
    monkeypatch.delenv("WANDB_X_DISABLE_STATS")


def system_of(settings: dict[str, Any]) -> object:
    return read_arguments({}, settings).given["system"]


def console_of(run: wandb.Run) -> str | None:
    sys.stdout.write("loss 0.5\n")
    logging.getLogger("train").warning("no progress")
    run.finish()
    with runlog.open(run.local.folder) as reader:
        return reader.console()


def test_what_is_printed_is_kept() -> None:
    run = wandb.init()
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger("train").addHandler(handler)
    try:
        kept = console_of(run)
    finally:
        logging.getLogger("train").removeHandler(handler)
    assert kept is not None
    assert set(kept.splitlines()) >= {"loss 0.5", "no progress"}


@pytest.mark.parametrize("how", ["settings", "variable", "disabled"])
def test_it_is_not_where_a_script_says_so(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "variable":
        monkeypatch.setenv("WANDB_CONSOLE", "off")
    if how == "disabled":
        wandb.init(mode="disabled")
        sys.stdout.write("said\n")
        assert list(tmp_path.iterdir()) == []
        return
    run = wandb.init(settings=wandb.Settings(console="off") if how == "settings" else None)
    assert not console_of(run)


def test_a_key_that_is_printed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "_given", set())
    run = wandb.init()
    wandb.login(key="f0123456789abcdef0123456789abcdef0123456")
    sys.stdout.write("the key is f0123456789abcdef0123456789abcdef0123456, and hf_abcdefghijklmnopqrstuvw\n")
    kept = console_of(run)
    assert kept is not None
    assert "the key is ***, and ***\n" in kept


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        ({}, 15.0),
        ({"x_stats_sampling_interval": 60}, 60.0),
        ({"x_stats_sampling_interval": 1}, 10.0),
        ({"x_disable_stats": True}, False),
        ({"_disable_stats": True}, False),
    ],
)
def test_the_machine_is_measured_as_often_as_is_said(settings: dict[str, Any], seconds: object) -> None:
    assert system_of(settings) == seconds


def test_the_machine_is_measured_where_that_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert system_of({}) is False
    with wandb.init() as run:
        run.log({"a": 1})
    with runlog.open(run.local.folder) as reader:
        assert "not kept" not in (reader.run().environment.get("wandb") or {})


def test_a_variable_ends_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_X_DISABLE_STATS", "true")
    assert system_of({}) is False


def test_an_interval_that_is_none_is_refused() -> None:
    with pytest.raises(wandb.Error, match="x_stats_sampling_interval must be a number of seconds"):
        wandb.init(settings={"x_stats_sampling_interval": "often"})

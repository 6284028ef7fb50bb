"""Whatever lies in the place of a file of a run, no command reaches outside, hangs, or ends in a traceback.

The gate runs each file, each form and each command once at least; ``-m hostile_matrix`` all with all.
"""

from __future__ import annotations

import shutil
from itertools import cycle
from pathlib import Path

import pytest

from .commands import COMMANDS, Command, carry_out, make_place
from .files import FORMS, NAMES, put

BY_NAME = {command.name: command for command in COMMANDS}


# The folder that was named may itself be a link: it leads to a runs folder here, whose pages were asked for.
ASKED_FOR = ("bad", "a link up", "build RUN")


def found_with(name: str, form: str, command: Command, runs: Path, place: Path) -> list[str]:
    made = make_place(place, runs)
    put(made, name, form)
    found = [f"{name} is {form}, {line}" for line in carry_out(command, made)]
    shutil.rmtree(place, ignore_errors=True)
    return found


def _sample() -> list[tuple[str, str, str]]:
    """Pair each name with a form, so that each name, each form and each command comes up."""
    return list(zip(NAMES, cycle(FORMS), cycle(BY_NAME), strict=False))


def test_no_command_is_led_astray_by_any_file_or_form(runs_with_pages: Path, tmp_path: Path) -> None:
    sample = _sample()
    assert [set(column) for column in zip(*sample, strict=True)] == [set(NAMES), set(FORMS), set(BY_NAME)]
    found = []
    for number, (name, form, command) in enumerate(sample):
        found += found_with(name, form, BY_NAME[command], runs_with_pages, tmp_path / str(number))
    assert found == []


@pytest.mark.hostile_matrix
@pytest.mark.parametrize("command", BY_NAME)
@pytest.mark.parametrize("name", NAMES)
def test_every_form_with_every_command(
    name: str, command: str, runs_with_pages: Path, tmp_path: Path
) -> None:
    found = []
    for number, form in enumerate(FORMS):
        if (name, form, command) == ASKED_FOR:
            continue
        found += found_with(name, form, BY_NAME[command], runs_with_pages, tmp_path / str(number))
    assert found == []

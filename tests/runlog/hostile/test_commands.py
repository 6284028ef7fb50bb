"""The judge itself: an honest folder passes every command, and what a command must not do is seen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from runlog import cli

from .commands import COMMANDS, SECRET, Command, Place, carry_out, make_place


def test_every_command_that_reads_runs_is_tried_on_hostile_ones() -> None:
    # `watch` is what `view` builds by; `import` reads logs of other tools, and `as-wandb` a script.
    tried = {command.name.partition(" ")[0] for command in COMMANDS} | {"watch", "import", "as-wandb"}
    assert set(cli._parser("runlog")[1]) <= tried


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_an_honest_folder_gives_nothing_to_find(
    command: Command, runs_with_pages: Path, tmp_path: Path
) -> None:
    assert carry_out(command, make_place(tmp_path / "place", runs_with_pages)) == []


def _write(path: Path, data: bytes) -> int:
    path.write_bytes(data)
    return 0


def _print(text: str) -> int:
    print(text)
    return 0


def _fail() -> int:
    raise KeyError("planted")


FAULTS = {
    "a file of the home was changed": lambda place: _write(place.home / ".bashrc", b"replaced"),
    "a file of the home was removed": lambda place: (place.home / ".netrc").unlink() or 0,
    "a file of the home was touched": lambda place: os.utime(place.home / ".netrc") or 0,
    "a file of the home has another name too": lambda place: (
        os.link(place.home / ".netrc", place.out / "x") or 0
    ),
    "something was made in the home": lambda place: _write(place.home / "documents/new", b""),
    "something was made beside the runs": lambda place: _write(place.root / "new", b""),
    "a secret is printed": lambda place: _print(SECRET.decode()),
    "a secret is in an output": lambda place: _write(place.out / "x.txt", b"so: " + SECRET),
    "an output is a link": lambda place: (place.out / "x").symlink_to(place.home) or 0,
    "a picture of the home is shown": lambda place: _shrink(place.home / "documents/photo.png", place.out),
    "a file stays in the folder for temporaries": lambda place: _write(place.root / "tmp/x", b""),
    "the good run was changed": lambda place: _write(place.good / "run.db", b""),
    "a traceback": lambda place: _fail(),
    "an exit code of its own": lambda place: 3,
    "a wall of text on stderr": lambda place: print("x" * 5000, file=sys.stderr) or 0,
    "nothing is said of a failure": lambda place: 2,
    "something hangs": lambda place: time.sleep(60) or 0,
    "a program was run": lambda place: os.system("gs"),
}


def _shrink(path: Path, out: Path) -> int:
    from PIL import Image as PILImage

    with PILImage.open(path) as picture:
        picture.resize((8, 8)).save(out / "small.webp")
    return 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(
    fault: str, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.runlog.hostile.commands.TIME_LIMIT_SECONDS", 1)
    place: Place = make_place(tmp_path / "place", runs)
    assert len(carry_out(Command("planted", FAULTS[fault]), place)) >= 1
    shutil.rmtree(tmp_path / "place")

"""The commands that keep run folders: what they print, where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog.cli
import runlog_viewer

from .calling import call

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def run(start: Start) -> Path:
    with start(id="r", name="quick test", config={"lr": 0.1}, tags=["a", "b"]) as run:
        for step in range(3):
            run.log(
                {"val/images": runlog.Image(np.full((4, 4), 99 + step, np.uint8)), "loss": step}, step=step
            )
    return run.folder


def one_clear_line(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("runlog: ")
    for word in words:
        assert word in line


# archive and verify


def test_an_archive_is_made_and_verified(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.zip"
    result = call("archive", run, "-o", out)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{out}\n", "")
    with zipfile.ZipFile(out) as file:
        assert {"r/index.html", "r/data/r/index.html"} < set(file.namelist())
    result = call("verify", out, "--deep")
    assert (result.returncode, result.stderr) == (0, "")
    assert f"{out}: " in result.stdout
    assert "every byte is as archived" in result.stdout


def test_an_archive_that_is_there_already_is_one_line(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.zip"
    out.write_bytes(b"mine")
    one_clear_line(call("archive", run, "-o", out), 2, str(out), "must not exist yet", "`--overwrite`")
    assert out.read_bytes() == b"mine"
    assert call("archive", run, "-o", out, "--overwrite").returncode == 0
    assert call("verify", out).returncode == 0


def test_a_run_with_a_missing_file_is_archived_and_said(run: Path, tmp_path: Path) -> None:
    media = next((run / "media").rglob("*.png"))
    media.unlink()
    result = call("archive", run, "-o", tmp_path / "r.zip")
    assert (result.returncode, result.stdout) == (1, f"{tmp_path / 'r.zip'}\n")
    assert result.stderr == f"runlog: {media} must be a file of the run, but is missing\n"


def test_what_is_damaged_is_a_line_each_and_exit_code_1(run: Path, tmp_path: Path) -> None:
    call("archive", run, "-o", tmp_path / "bag")
    media = sorted((tmp_path / "bag").rglob("*.png"))
    media[0].unlink()
    media[1].write_bytes(media[1].read_bytes()[:-1] + b"?")
    result = call("verify", tmp_path / "bag")
    assert (result.returncode, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    for path in media[:2]:
        assert sum(path.relative_to(tmp_path / "bag").as_posix() in line for line in lines) == 1
    assert all(line.startswith("runlog: ") for line in lines)


def test_what_is_no_archive_is_one_line(tmp_path: Path) -> None:
    one_clear_line(call("verify", tmp_path / "none"), 2, "PATH must be an archive", "is none")
    one_clear_line(call("verify", tmp_path), 2, str(tmp_path), "run.db")
    (tmp_path / "train.py").write_text("import runlog\n")
    one_clear_line(call("verify", tmp_path / "train.py"), 2, "train.py", "whole zip file")


def test_a_damaged_zip_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    for name, content in (("renamed", b"PK\x03\x04"), ("empty.zip", b"")):
        (tmp_path / name).write_bytes(content)
        one_clear_line(call("verify", tmp_path / name), 1, name, "whole zip file")


def test_a_hostile_name_reaches_no_terminal(run: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as file:
        file.writestr("r/\x1b[31mred", b"")
    result = call("verify", tmp_path / "evil.zip")
    assert result.returncode == 1
    assert "\x1b" not in result.stderr


class Terminal(io.StringIO):
    """What stderr is to a person: a system that gives out no pseudo-terminals shows progress as well."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_progress_is_shown_to_a_person_only(
    stream: type[io.StringIO], shown: bool, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    assert runlog.cli.main(["archive", str(run), "-o", str(tmp_path / "r.zip")]) == 0
    assert ("3/3 steps" in stderr.getvalue()) is shown
    assert ("files" in stderr.getvalue()) is shown


# check and migrate


def test_a_folder_in_order_is_said_to_be_so(run: Path) -> None:
    result = call("check", run.parent)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{run}: in order\n", "")


def test_check_and_verify_without_a_run_take_all_of_the_default_folder(run: Path) -> None:
    for elsewhere, environment in ((run.parents[1], {}), (run, {"RUNLOG_DIR": str(run.parent)})):
        options = {"cwd": elsewhere, "env": {**os.environ, **environment}}
        assert call("check", **options).stdout == f"{run}: in order\n"
        assert call("verify", **options).stdout.startswith(f"{run.parent}: 1 run, ")
    one_clear_line(call("check", cwd=run), 2, str(run / "runs"))
    one_clear_line(call("verify", cwd=run), 2, str(run / "runs"), "does not exist")


def test_what_is_not_in_order_is_a_line_each_and_then_repaired(run: Path) -> None:
    (run / "media" / "stray.png").write_bytes(b"stray")
    one_clear_line(call("check", run), 1, f"{run}: media/stray.png is named by no row")
    result = call("check", run, "--repair")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{run}: repaired: media/stray.png is named by no row\n"
    assert call("check", run).returncode == 0


def test_a_live_run_is_one_line_and_does_not_hide_the_others(start: Start, run: Path) -> None:
    with start(id="live"):
        result = call("check", run.parent)
        assert (result.returncode, result.stdout) == (2, f"{run}: in order\n")
        assert f"live must have ended, but process {os.getpid()}" in result.stderr
        one_clear_line(call("migrate", run.parent / "live"), 2, "must have ended")
        one_clear_line(call("prune", run.parent / "live", "--keep-last", 1, "--yes"), 2, "must have ended")


def test_migrate_says_that_there_is_nothing_to_do(run: Path) -> None:
    result = call("migrate", run.parent)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{run}: up to date\n", "")


# prune


def test_prune_removes_nothing_unless_told_so(run: Path) -> None:
    result = call("prune", run, "--keep-last", 1)
    assert (result.returncode, result.stderr) == (0, "")
    first, last = result.stdout.splitlines()
    assert first == "val/images: 2 images of 2 steps (0 to 1)"
    assert last.startswith("2 media files, ")
    assert "dry run; --yes" in last
    assert len(list((run / "media").rglob("*.png"))) == 3
    result = call("prune", run, "--keep-last", 1, "--keys", "val/*", "--yes")
    assert result.stdout.splitlines()[0] == first
    assert result.stdout.splitlines()[1].endswith("bytes: removed")
    assert len(list((run / "media").rglob("*.png"))) == 1


@pytest.mark.parametrize("built", ["the run", "the runs folder"])
def test_after_a_prune_no_page_beside_the_run_shows_what_is_gone(built: str, run: Path) -> None:
    site = run if built == "the run" else run.parent
    runlog_viewer.build(site)
    gone = sorted((run / "media").rglob("*.png"))[0]
    assert shown_in(run, gone)
    call("prune", run, "--keep-last", 1)
    assert shown_in(run, gone)
    result = call("prune", run, "--keep-last", 1, "--yes")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == f"{site / 'index.html'}: brought up to date"
    assert not gone.exists()
    assert not shown_in(run, gone)


def shown_in(run: Path, picture: Path) -> bool:
    """Return whether a page of a run folder names a picture."""
    return any(picture.name in page.read_text() for page in run.rglob("*.html"))


def test_a_prune_makes_no_page_where_there_is_none(run: Path) -> None:
    (run.parent / "viewer").mkdir()  # something else of that name
    assert call("prune", run, "--keep-last", 1, "--yes").stdout.endswith("bytes: removed\n")
    assert not list(run.parent.rglob("*.html"))


def test_a_key_that_is_not_there_is_one_line(run: Path) -> None:
    one_clear_line(call("prune", run, "--keep-last", 1, "--keys", "nope"), 2, "nope", "val/images")


# ls and show


def test_ls_is_a_table_with_a_run_a_line(start: Start, run: Path) -> None:
    start(id="second").finish()
    result = call("ls", run.parent)
    assert (result.returncode, result.stderr) == (0, "")
    head, first, second = result.stdout.splitlines()
    assert head.split()[:6] == ["id", "name", "state", "steps", "images", "media"]
    assert first.split()[:6] == ["r", "quick", "test", "finished", "3", "3"]
    assert second.startswith("second")


def test_ls_and_show_speak_json(run: Path) -> None:
    (listed,) = json.loads(call("ls", run.parent, "--json").stdout)
    shown = json.loads(call("show", run, "--json").stdout)
    assert listed == shown
    assert (shown["id"], shown["name"], shown["state"], shown["steps"]) == ("r", "quick test", "finished", 3)
    assert shown["images"] == {"val/images": {"images": 3, "last_step": 2}}
    assert (shown["config"], shown["tags"], shown["summary"]) == ({"lr": 0.1}, ["a", "b"], {"loss": 2.0})
    assert shown["media_files"] == 3
    assert shown["folder"] == str(run)


def test_numbers_that_json_has_no_word_for_are_given_by_name(start: Start) -> None:
    with start(id="nan") as run:
        run.log({"loss": float("nan"), "most": float("inf")})
    shown = json.loads(call("show", run.folder, "--json").stdout, parse_constant=pytest.fail)
    assert shown["summary"] == {"loss": "NaN", "most": "Infinity"}


def test_show_counts_the_texts_of_each_key(start: Start) -> None:
    with start(id="t") as run:
        for step in (3, 12):
            run.log({"prompt": "a cat\non a mat", "loss": 1}, step=step)
    assert json.loads(call("show", run.folder, "--json").stdout)["texts"] == {
        "prompt": {"texts": 2, "last_step": 12}
    }
    assert "texts:\n  prompt: 2 (last at step 12)\n" in call("show", run.folder).stdout


def test_show_is_for_people(run: Path) -> None:
    result = call("show", run)
    assert (result.returncode, result.stderr) == (0, "")
    text = result.stdout
    for line in (
        "id:           r",
        "name:         quick test",
        "tags:         a, b",
        "  lr: 0.1",
        "  loss: 2.0",
    ):
        assert f"{line}\n" in text
    assert "  val/images: 3 (last at step 2)\n" in text


def test_show_gives_numbers_to_six_digits(start: Start) -> None:
    config = {"lr": 5.000000000000016e-05, "betas": [0.1 + 0.2], "seen": 1234567890.0}
    with start(id="r", config=config) as run:
        pass
    text = call("show", run.folder).stdout
    assert "  lr: 5e-05\n  betas: [0.3]\n  seen: 1234567890.0\n" in text
    assert json.loads(call("show", run.folder, "--json").stdout)["config"] == config


def test_a_broken_run_does_not_hide_the_others(start: Start, run: Path) -> None:
    with start(id="broken") as broken:
        broken.log({"a": 1})
    (broken.folder / "run.db").write_bytes(b"no database" * 500)
    result = call("ls", run.parent)
    assert result.returncode == 2
    assert "quick test" in result.stdout
    assert "broken/run.db" in result.stderr


def test_a_name_with_control_characters_reaches_no_terminal(start: Start, tmp_path: Path) -> None:
    with start(id="r", name="red\x1b[31m\r\nlines", notes="\x9b2J"):
        pass
    for command in (("ls", tmp_path / "runs"), ("show", tmp_path / "runs" / "r")):
        text = call(*command).stdout
        assert "red�[31m lines" in text
        assert "\x1b" not in text
        assert "\x9b" not in text


def test_an_empty_runs_folder_lists_nothing_and_says_so(run: Path, tmp_path: Path) -> None:
    one_clear_line(call("ls", tmp_path), 0, f"{tmp_path} holds no run yet")
    one_clear_line(call("ls", run / "media"), 0, "holds no run yet: there is no run.db in it")
    assert json.loads(call("ls", tmp_path, "--json").stdout) == []
    one_clear_line(call("ls", tmp_path / "none"), 2, "none")
    one_clear_line(call("show", tmp_path / "none"), 2, "none", "run folder")

"""The files of a run: saved, found and logged; through kills, resuming, archives, pruning and going back."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import runlog
from runlog.archives.verifying import verify
from runlog.storage import layout, run_files
from runlog.upkeep.checking import check

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]
Rows = dict[str, tuple[str, int]]


def rows(folder: Path) -> Rows:
    """Return sha256 and bytes of the files of the run as a whole, by path below ``files``."""
    with runlog.open(folder) as reader:
        return {
            str(f.path).removeprefix("files/"): (f.sha256, f.bytes) for f in reader.files() if f.key is None
        }


def told(data: bytes) -> tuple[str, int]:
    return hashlib.sha256(data).hexdigest(), len(data)


def age(path: Path) -> None:
    """Let a file have been written an hour ago."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 3600 * 10**9))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    path.write_bytes(b"weights")
    return path


# Saving


def test_a_saved_file_is_in_the_run_folder_at_once_and_has_its_row(start: Start, source: Path) -> None:
    with start() as run:
        saved = run.save_file(source)
        assert saved == run.folder / "files" / "model.pt"
        assert saved.read_bytes() == b"weights"
        assert rows(run.folder) == {"model.pt": told(b"weights")}
        source.write_bytes(b"other weights")
        assert saved.read_bytes() == b"weights"


def test_a_file_saved_again_takes_the_place_of_the_one_before(start: Start, source: Path) -> None:
    with start() as run:
        run.save_file(source)
        source.write_bytes(b"better weights")
        run.save_file(str(source))
    assert rows(run.folder) == {"model.pt": told(b"better weights")}
    assert verify(run.folder).problems == ()


def test_files_of_the_same_content_and_an_empty_one_are_files_of_their_own(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    with start() as run:
        for name in ("a", "b", "deep/er/c"):
            run.save_file(tmp_path / "empty", name)
    assert rows(run.folder) == dict.fromkeys(("a", "b", "deep/er/c"), told(b""))


def test_a_large_file_is_copied_whole(start: Start, tmp_path: Path) -> None:
    data = np.random.default_rng(0).bytes(5_000_001)
    (tmp_path / "large.bin").write_bytes(data)
    with start() as run:
        assert run.save_file(tmp_path / "large.bin").read_bytes() == data
    assert rows(run.folder) == {"large.bin": told(data)}


def test_the_source_may_be_reached_through_links(start: Start, source: Path, tmp_path: Path) -> None:
    (tmp_path / "latest.pt").symlink_to(source)
    with start() as run:
        saved = run.save_file(tmp_path / "latest.pt")
        assert not saved.is_symlink()
        assert saved.read_bytes() == b"weights"


def test_a_file_that_is_there_already_gets_its_row_where_it_is(start: Start) -> None:
    with start() as run:
        own = run.folder / "files" / "sub" / "own.txt"
        own.parent.mkdir(parents=True)
        own.write_bytes(b"mine")
        before = own.stat().st_ino
        assert run.save_file(own) == own
        assert own.stat().st_ino == before
        assert rows(run.folder) == {"sub/own.txt": told(b"mine")}


@pytest.mark.parametrize("name", ["", "..", "../x", "a/../../x", "/etc/x", "a//b", ".", "a/.", "x" * 1001, 3])
def test_a_name_that_is_none_of_a_file_is_refused_before_anything_is_written(
    name: str, start: Start, source: Path
) -> None:
    with start() as run:
        with pytest.raises(runlog.RunlogError, match=r"the name of a file must be .*but got"):
            run.save_file(source, name)
        assert not (run.folder / "files").exists()


def test_what_is_no_plain_file_is_refused_and_never_waited_for(start: Start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with start() as run:
        for name in ("fifo", "missing", "loop", "."):
            with pytest.raises(runlog.StorageError, match=r"must be a (plain file|file that can be read)"):
                run.save_file(tmp_path / name, "x")
        with pytest.raises(runlog.InvalidTypeError, match="path must be that of a file"):
            run.save_file(3)  # type: ignore[arg-type]
        run.log({"a": 1})
        assert rows(run.folder) == {}


# Names

NAMES = st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=3).map("/".join)


@pytest.fixture(scope="module")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> runlog.LocalRun:
    folder = tmp_path_factory.mktemp("names")
    (folder / "source").write_bytes(b"x")
    return runlog.init(dir=folder, quiet=True, record_environment=False)


@given(name=NAMES)
@example(name="CON")
@example(name="a:b?.txt")
@example(name="ends with a dot.")
@example(name="é.txt")
@example(name=unicodedata.normalize("NFD", "é.txt"))
@example(name="\ud800.bin")
@example(name="ß")
@example(name="ss")
@settings(max_examples=75, suppress_health_check=[HealthCheck.too_slow])
def test_a_name_of_any_letters_is_taken_or_refused_and_stays_in_the_folder(
    name: str, shared_run: runlog.LocalRun
) -> None:
    source = shared_run.folder.parent / "source"
    content = name.encode("utf-8", "surrogatepass")
    source.write_bytes(content)
    try:
        saved = shared_run.save_file(source, name)
    except runlog.InvalidValueError:
        if any(not part.strip(". ") for part in name.split("/")):
            return
        # A file of another example has the name of a folder of this one, or a folder that of its file.
        path = shared_run.folder / layout.run_file_path(name)
        assert path.is_dir() or any(parent.is_file() for parent in path.parents)
        return
    relative = saved.relative_to(shared_run.folder)
    assert layout.is_run_file_path(relative.as_posix())
    assert saved.read_bytes() == content
    with runlog.open(shared_run.folder) as reader:
        known = [file.path.as_posix() for file in reader.files()]
    assert relative.as_posix() in known
    # On no file system are two of them one.
    assert len(set(map(layout.folded_name, known))) == len(known)


@given(first=NAMES, second=NAMES)
@example(first="a/b.txt", second="a/B.txt")
@example(first="x?", second="x*")
@example(first="model~1.pt", second="model~2.pt")
def test_two_names_never_share_a_path(first: str, second: str) -> None:
    try:
        paths = {layout.run_file_path(first), layout.run_file_path(second)}
    except runlog.InvalidValueError:
        return
    assert (len(paths) == 1) == (first == second)


def test_a_plain_name_stays_and_an_odd_one_keeps_its_suffix() -> None:
    assert str(layout.run_file_path("Best Model (v2).PT")) == "files/Best Model (v2).PT"
    assert str(layout.run_file_path("модель.pt")) == "files/модель.pt"
    odd = layout.run_file_path("loss: 0.1?.PNG")
    assert odd.name.startswith("loss-0-1~")
    assert odd.suffix == ".png"
    assert layout.run_file_path(".env").name.startswith("env~")


def test_names_that_differ_by_capitals_alone_are_kept_apart_on_every_system(
    start: Start, source: Path
) -> None:
    with start() as run:
        first = run.save_file(source, "Best.pt")
        source.write_bytes(b"other")
        second = run.save_file(source, "best.pt")
        source.write_bytes(b"third")
        assert run.save_file(source, "best.pt") == second
        assert run.save_file(source, "Best.pt") == first
    assert first.name.lower() != second.name.lower()
    assert second.read_bytes() == b"third"


# What a script writes itself


def test_what_a_script_writes_into_the_folder_gets_its_row_at_flush_and_at_the_end(start: Start) -> None:
    with start() as run:
        folder = run.folder / "files"
        folder.mkdir()
        (folder / "a.txt").write_bytes(b"1")
        assert rows(run.folder) == {}
        run.flush()
        assert rows(run.folder) == {"a.txt": told(b"1")}
        (folder / "a.txt").write_bytes(b"2")
        (folder / "b").mkdir()
        (folder / "b" / "c.txt").write_bytes(b"3")
    assert rows(run.folder) == {"a.txt": told(b"2"), "b/c.txt": told(b"3")}
    assert verify(run.folder).problems == ()
    assert check(run.folder).problems == ()


def test_a_file_that_the_script_removes_again_has_no_row(start: Start) -> None:
    with start() as run:
        (run.folder / "files").mkdir()
        (run.folder / "files" / "passing").write_bytes(b"1")
        run.flush()
        (run.folder / "files" / "passing").unlink()
    assert rows(run.folder) == {}
    assert check(run.folder).problems == ()


def test_files_that_have_not_changed_are_not_read_again(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    hashed = run_files.hashed
    monkeypatch.setattr(
        run_files, "hashed", lambda source, check: read.append(source.name) or hashed(source, check)
    )
    with start() as run:
        (run.folder / "files").mkdir()
        for number in range(3):
            (run.folder / "files" / f"{number}").write_bytes(b"x")
            age(run.folder / "files" / f"{number}")
        run.flush()
        assert len(read) == 3
        run.flush()
        assert len(read) == 3
        # The same size, and a time that it could have had: only the disk knows.
        (run.folder / "files" / "1").write_bytes(b"y")
        age(run.folder / "files" / "1")
        run.flush()
    assert [Path(name).name for name in read[3:]] == ["1"]
    assert rows(run.folder)["1"] == told(b"y")


def test_nothing_is_written_by_a_flush_without_news(start: Start) -> None:
    with start() as run:
        (run.folder / "files").mkdir()
        (run.folder / "files" / "a").write_bytes(b"1")
        age(run.folder / "files" / "a")
        run.flush()
        with runlog.open(run.folder) as reader:
            before = reader.revision()
            run.flush()
            assert reader.revision() == before


def test_links_devices_and_names_that_cannot_be_told_get_no_row_and_are_said_once(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    run = start()
    folder = run.folder / "files"
    folder.mkdir()
    (folder / "plain").write_bytes(b"1")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "new\nline").write_bytes(b"2")
    (folder / ".hidden").write_bytes(b"3")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_bytes(b"4")
    os.mkfifo(folder / "fifo")
    with pytest.warns(runlog.RunlogWarning, match=r"files/fifo.* is a link or no plain file.*and 1 more"):
        run.flush()
    run.flush()
    run.finish()
    assert rows(run.folder) == {"plain": told(b"1")}
    runlog.archive([run.folder], tmp_path / "a.zip")
    assert verify(tmp_path / "a.zip").problems == ()


def test_of_names_that_differ_by_capitals_alone_the_first_gets_a_row(start: Start, tmp_path: Path) -> None:
    run = start()
    folder = run.folder / "files"
    folder.mkdir()
    (folder / "b").write_bytes(b"1")
    run.flush()
    (folder / "B").write_bytes(b"2")
    with pytest.warns(runlog.RunlogWarning, match=r"'files/B' differs from 'files/b' by capitals"):
        run.finish()
    assert rows(run.folder) == {"b": told(b"1")}
    runlog.archive([run.folder], tmp_path / "a.zip")
    assert verify(tmp_path / "a.zip").problems == ()


def test_no_more_files_than_the_limit_get_a_row_and_that_is_said(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "MAX_FILES", 5)
    run = start()
    (run.folder / "files").mkdir()
    for number in range(8):
        (run.folder / "files" / f"{number}").touch()
    with pytest.warns(runlog.RunlogWarning, match="there are 8 files, and only 5 get a row"):
        run.finish()
    assert sorted(rows(run.folder)) == list("01234")


def test_a_folder_in_the_place_of_the_folder_that_is_a_link_is_not_followed(
    start: Start, source: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs").write_bytes(b"1")
    with start() as run:
        (run.folder / "files").symlink_to(elsewhere)
        with pytest.raises(runlog.StorageError, match="must be a folder, but is a link"):
            run.save_file(source)
        run.flush()
        assert rows(run.folder) == {}
    assert sorted(path.name for path in elsewhere.iterdir()) == ["theirs"]


# Logging


def logged(folder: Path) -> list[tuple[str | None, int | None, str, str, bytes]]:
    with runlog.open(folder) as reader:
        return [
            (f.key, f.step, f.kind, f.path.suffix, (folder / f.path).read_bytes())
            for f in reader.files()
            if f.key
        ]


def test_a_file_is_logged_at_a_step_as_it_is(start: Start, tmp_path: Path) -> None:
    (tmp_path / "Clip 1.MP4").write_bytes(b"moving")
    with start() as run:
        run.log({"val/clip": runlog.Video(tmp_path / "Clip 1.MP4"), "loss": 1}, step=3)
        run.log({"val/clip": runlog.File(b"moving", name="clip.mp4")}, step=4)
        run.log({"page": runlog.File(b"<script>", name="a.html")}, step=4)
    assert logged(run.folder) == [
        ("val/clip", 3, "video", ".mp4", b"moving"),
        ("page", 4, "html", ".html", b"<script>"),
        ("val/clip", 4, "video", ".mp4", b"moving"),
    ]
    assert verify(run.folder).problems == ()
    assert check(run.folder).problems == ()


def test_a_file_logged_again_at_the_step_takes_the_place_of_the_one_before(start: Start) -> None:
    with start() as run:
        run.log({"f": runlog.File(b"1", name="a.txt")}, step=0)
        run.log({"f": runlog.File(b"2", name="a.txt")}, step=0)
        run.log({"f": runlog.File(b"2", name="a.txt")}, step=0)
        assert [content for *_, content in logged(run.folder)] == [b"2"]
    media = [path for path in (run.folder / "media").rglob("*") if path.is_file()]
    assert len(media) == 1


@pytest.mark.filterwarnings("ignore:.*was logged as:runlog.RunlogWarning")
def test_a_value_of_another_kind_in_its_place_removes_the_file(start: Start) -> None:
    with start() as run:
        run.log({"f": runlog.File(b"1", name="a.txt")}, step=0)
        run.log({"f": 3.0}, step=0)
    assert [path for path in (run.folder / "media").rglob("*") if path.is_file()] == []


def test_of_a_call_that_fails_no_file_is_left(start: Start, tmp_path: Path) -> None:
    (tmp_path / "gone.wav").write_bytes(b"1")
    gone = runlog.File(tmp_path / "gone.wav")
    (tmp_path / "gone.wav").unlink()
    with start() as run:
        run.log({"b": runlog.File(b"kept", name="kept.txt")}, step=0)
        with pytest.raises(runlog.StorageError, match=r"gone.wav must be a file that can be read"):
            run.log(
                {"a": runlog.File(b"1", name="a.txt"), "b": runlog.File(b"kept", name="kept.txt"), "c": gone},
                step=0,
            )
        assert logged(run.folder) == [("b", 0, "file", ".txt", b"kept")]
        run.log({"loss": 1})
    assert check(run.folder).problems == ()


def test_a_plotly_figure_is_kept_as_json_without_plotly(start: Start) -> None:
    class Figure:
        def to_plotly_json(self) -> dict[str, object]:
            return {}

        def to_json(self) -> str:
            return '{"data": []}'

    with start() as run:
        run.log({"figure": Figure()}, step=0)
    assert logged(run.folder) == [("figure", 0, "plotly", ".json", b'{"data": []}')]


def test_files_in_a_list_keep_their_places_and_may_be_called_the_same(start: Start) -> None:
    with start() as run:
        run.log({"f": [runlog.File(bytes([n]), name="a.txt") for n in (3, 1, 1)]}, step=0)
        run.log({"f": [runlog.File(b"9", name="a.txt")]}, step=0)
        run.log({"f": [runlog.File(bytes([n]), name="a.txt") for n in (3, 1, 1)]}, step=1)
    assert [(step, content) for _, step, _, _, content in logged(run.folder)] == [
        (0, b"9"),
        (1, b"\x03"),
        (1, b"\x01"),
        (1, b"\x01"),
    ]
    assert check(run.folder).problems == ()


def test_a_list_of_pictures_and_files_is_refused(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"1")
    frames = runlog.Video(np.zeros((2, 4, 4), np.uint8))
    with start() as run, pytest.raises(runlog.InvalidTypeError, match=r"'f'\[1\]: pictures and files"):
        run.log({"f": [frames, runlog.Video(tmp_path / "a.mp4")]})


# Kills, disks, resuming

KILLED = """
import os, signal, sys, threading, time, runlog
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
run.save_file(sys.argv[2], "first")
def kill():
    time.sleep(float(sys.argv[3]))
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=kill).start()
while True:
    run.save_file(sys.argv[2], "second")
    run.log({"f": runlog.File(sys.argv[2])})
"""


@pytest.mark.on_disk
@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.01, 0.02, 0.05])
def test_a_kill_leaves_each_file_whole_or_not_there(seconds: float, tmp_path: Path) -> None:
    data = np.random.default_rng(1).bytes(6_000_000)
    (tmp_path / "source").write_bytes(data)
    assert run_code(KILLED, tmp_path, tmp_path / "source", seconds).returncode == -signal.SIGKILL
    folder = tmp_path / "r"
    assert set(rows(folder)) in ({"first"}, {"first", "second"})
    check(folder, repair=True)
    assert check(folder).problems == ()
    assert verify(folder).problems == ()
    assert set(rows(folder).values()) == {told(data)}
    assert not [path for path in folder.rglob(".*.tmp") if "lost+found" not in path.parts]


def test_a_full_disk_leaves_nothing_of_the_file_and_the_run_goes_on(
    run_on_small_disk: Callable[..., str], tmp_path: Path
) -> None:
    code = """
import os, sys, warnings
from pathlib import Path
import runlog
disk, source = Path(sys.argv[1]), Path(sys.argv[2])
run = runlog.init(dir=disk, id="r", quiet=True, record_environment=False)
run.log({"a": 1})
for save in (lambda: run.save_file(source), lambda: run.log({"f": runlog.File(source)})):
    try:
        save()
    except runlog.StorageError as error:
        print(error.__class__.__name__, "No space left" in str(error))
run.log({"a": 2})
run.finish()
print(sorted(p.name for p in (disk / "r").rglob("*") if p.is_file()))
with runlog.open(disk / "r") as reader:
    print(reader.files(), len(reader.steps()))
"""
    (tmp_path / "source").write_bytes(b"x" * 3_000_000)
    said = run_on_small_disk(code, tmp_path, tmp_path / "source").splitlines()
    assert said == ["StorageError True", "StorageError True", "['run.db']", "() 2"]


def test_with_on_error_warn_a_file_that_cannot_be_saved_is_a_lost_call(start: Start, source: Path) -> None:
    run = start(on_error="warn")
    (run.folder / "files").write_bytes(b"in the way")
    with pytest.warns(runlog.RunlogWarning, match="must be a folder"):
        assert run.save_file(source) == run.folder / "files" / "model.pt"
    assert run.lost_calls == 1
    with pytest.warns(runlog.RunlogWarning, match="1 calls"):
        run.finish()


def test_a_resumed_run_takes_note_of_what_changed_and_keeps_the_row_of_what_is_lost(start: Start) -> None:
    with start(id="r") as run:
        folder = run.folder / "files"
        folder.mkdir()
        for name in ("kept", "changed", "lost"):
            (folder / name).write_bytes(name.encode())
    (folder / "changed").write_bytes(b"news")
    (folder / "lost").unlink()
    (folder / "new").write_bytes(b"new")
    with start(id="r", resume="must"):
        pass
    assert rows(run.folder) == {
        "kept": told(b"kept"),
        "changed": told(b"news"),
        "lost": told(b"lost"),
        "new": told(b"new"),
    }
    assert check(run.folder).problems == ("files/lost is missing, though a row names it",)


def test_going_back_removes_files_logged_later_and_keeps_those_of_the_run(start: Start, source: Path) -> None:
    with start(id="r") as run:
        run.save_file(source)
        for step in range(4):
            run.log({"f": runlog.File(bytes([step]), name="f.bin")}, step=step)
    with start(id="r", resume="must", resume_step=1):
        pass
    assert [step for _, step, *_ in logged(run.folder)] == [0, 1]
    assert len(list((run.folder / "media/files").rglob("*.bin"))) == 2
    assert rows(run.folder) == {"model.pt": told(b"weights")}
    assert check(run.folder).problems == ()


# Archives, checks, pruning, exports


@pytest.fixture
def with_files(start: Start, source: Path) -> Path:
    with start(id="r") as run:
        run.save_file(source, "Ünï/model.pt")
        (run.folder / "files" / "own.txt").write_bytes(b"own")
        for step in range(3):
            run.log({"clip": runlog.File(bytes([step] * 10), name="c.mp4"), "loss": step}, step=step)
    return run.folder


@pytest.mark.parametrize("out", ["a.zip", "a"])
def test_an_archive_holds_the_files_and_proves_them(with_files: Path, tmp_path: Path, out: str) -> None:
    made = runlog.archive([with_files], tmp_path / out)
    assert made.problems == ()
    assert verify(tmp_path / out, deep=True).problems == ()
    if out == "a.zip":
        shutil.unpack_archive(tmp_path / out, tmp_path / "unzipped")
        (place,) = (tmp_path / "unzipped").iterdir()
    else:
        place = tmp_path / out
    with runlog.open(place) as reader, runlog.open(with_files) as original:
        assert reader.files() == original.files()
        for file in reader.files():
            assert (reader.folder / file.path).read_bytes() == (with_files / file.path).read_bytes()


def test_an_archive_of_files_that_compress_well_is_not_taken_for_a_bomb(start: Start, tmp_path: Path) -> None:
    (tmp_path / "zeros.bin").write_bytes(bytes(100_000_000))
    with start(id="r") as run:
        run.save_file(tmp_path / "zeros.bin")
        run.log({"f": runlog.File(bytes(100_000), name="zeros.txt")})
    runlog.archive([run.folder], tmp_path / "a.zip")
    assert verify(tmp_path / "a.zip").problems == ()


def test_the_archive_of_a_live_run_holds_what_had_a_row(start: Start, source: Path, tmp_path: Path) -> None:
    with start(id="r") as run:
        run.save_file(source)
        (run.folder / "files" / "later").write_bytes(b"not yet")
        assert runlog.archive([run.folder], tmp_path / "a.zip").problems == ()
    assert verify(tmp_path / "a.zip").problems == ()


def test_verify_and_check_say_what_is_missing_changed_or_has_no_row(with_files: Path) -> None:
    (with_files / "files/own.txt").write_bytes(b"other")
    (with_files / "files/new.txt").write_bytes(b"new")
    (clip := next(iter(sorted((with_files / "media/files").rglob("*.mp4"))))).unlink()
    name = clip.relative_to(with_files).as_posix()
    assert check(with_files).problems == (
        f"{name} is missing, though a row names it",
        "files/own.txt must have 3 bytes, as its row says, but has 5",
        "files/new.txt is newer than the rows of the run",
    )
    assert set(verify(with_files).problems) == {
        f"{name} must be there, as a row of its run says, but is not",
        "files/own.txt must have 3 bytes, as its row says, but has 5",
    }
    health = check(with_files, repair=True)
    assert health.repaired == ("files/new.txt is newer than the rows of the run",)
    assert rows(with_files)["new.txt"] == told(b"new")
    assert rows(with_files)["own.txt"] == told(b"own")


def test_verify_finds_one_changed_byte(with_files: Path) -> None:
    (with_files / "files/own.txt").write_bytes(b"0wn")
    (problem,) = verify(with_files).problems
    assert problem.startswith("files/own.txt must have the sha256")


def test_a_link_in_the_place_of_a_file_is_a_problem_and_is_not_followed(
    with_files: Path, tmp_path: Path
) -> None:
    (tmp_path / "own").write_bytes(b"own")
    (with_files / "files/own.txt").unlink()
    (with_files / "files/own.txt").symlink_to(tmp_path / "own")
    assert "files/own.txt must be a plain file" in check(with_files).problems[0]
    assert verify(with_files).problems == (
        "files/own.txt must be there, as a row of its run says, but is not",
    )
    (line,) = runlog.archive([with_files], tmp_path / "a.zip").problems
    assert "must be a file of the run, but is missing" in line


def test_a_crashed_run_is_repaired_with_what_its_script_wrote_last(tmp_path: Path) -> None:
    code = """
import os, signal, sys, runlog
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
(run.folder / "files").mkdir()
(run.folder / "files" / "log.txt").write_bytes(b"1")
run.flush()
(run.folder / "files" / "log.txt").write_bytes(b"12")
os.kill(os.getpid(), signal.SIGKILL)
"""
    run_code(code, tmp_path)
    assert "files/log.txt is newer than the rows of the run" in check(tmp_path / "r").problems
    check(tmp_path / "r", repair=True)
    assert rows(tmp_path / "r") == {"log.txt": told(b"12")}
    assert check(tmp_path / "r").problems == ()


def test_pruning_removes_logged_files_of_older_steps_and_no_file_of_the_run(with_files: Path) -> None:
    plan = runlog.prune(with_files, keep_last=1)
    assert [(k.key, k.images, k.files, k.steps) for k in plan.keys] == [("clip", 0, 2, (0, 1))]
    assert (plan.files, plan.bytes) == (2, 20)
    runlog.prune(with_files, keep_last=1, dry_run=False)
    assert [step for _, step, *_ in logged(with_files)] == [2]
    assert len(list((with_files / "media/files").rglob("*.mp4"))) == 1
    assert set(rows(with_files)) == {"own.txt", "Ünï/model.pt"}
    assert check(with_files).problems == ()


def test_removing_a_run_removes_its_files(with_files: Path) -> None:
    runlog.remove(with_files)
    assert not with_files.exists()


def test_the_rows_of_logged_files_are_a_frame_and_a_csv_table(with_files: Path, tmp_path: Path) -> None:
    from runlog.exporters import tables

    with runlog.open(with_files) as reader:
        frame = reader.frame("files")
        assert list(frame.columns) == ["step", "key", "index", "path", "kind", "sha256", "bytes"]
        assert frame["step"].tolist() == [0, 1, 2]
    tables.export(with_files, tmp_path / "csv")
    lines = (tmp_path / "csv/files.csv").read_text().splitlines()
    assert lines[0] == '"step","key","index","path","kind","sha256","bytes"'
    assert len(lines) == 4
    assert lines[1].startswith('0,"clip",0,"media/files/clip/000000000-0000-')


def test_counts_tell_logged_files_and_files_of_the_run_apart(with_files: Path) -> None:
    with runlog.open(with_files) as reader:
        counts = reader.counts()
    assert counts.files == {"clip": 3}
    assert (counts.media_files, counts.media_bytes) == (3, 30)
    assert (counts.run_files, counts.run_bytes) == (2, 10)


def test_a_run_of_an_older_version_has_no_files_and_is_read_as_it_is() -> None:
    sample = Path(__file__).parents[3] / "sample_runs" / "paint-astronaut"
    with closing(sqlite3.connect(f"{(sample / 'run.db').as_uri()}?mode=ro", uri=True)) as db:
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'files'").fetchall()
    with runlog.open(sample) as reader:
        assert reader.files() == ()


# Disabled


def test_a_disabled_run_checks_the_file_and_writes_nothing(start: Start, source: Path) -> None:
    with start(mode="disabled") as run:
        assert run.save_file(source) == run.folder / "files" / "model.pt"
        assert run.save_file(source, "a/b").name == "b"
        with pytest.raises(runlog.StorageError):
            run.save_file(source.with_name("missing"))
        with pytest.raises(runlog.InvalidValueError):
            run.save_file(source, "../x")
    assert not run.folder.exists()


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "a\0b.mp4"])
def test_a_path_that_no_file_can_have_is_refused_in_words_everywhere(start: Start, path: str) -> None:
    with start() as run:
        for call in (run.save_file, runlog.File, runlog.Video, runlog.open, runlog.verify, runlog.check):
            with pytest.raises(runlog.InvalidValueError, match="a path must be one that a file can have"):
                call(path)


def test_a_name_that_a_folder_has_or_that_leads_through_a_file_is_refused(start: Start, source: Path) -> None:
    with start(on_error="warn") as run:
        run.save_file(source, "a/b")
        run.save_file(source, "c")
        with pytest.raises(runlog.InvalidValueError, match="files/a is a folder"):
            run.save_file(source, "a")
        with pytest.raises(runlog.InvalidValueError, match="'c/d/e' would lie in files/c"):
            run.save_file(source, "c/d/e")
    assert rows(run.folder) == {"a/b": told(b"weights"), "c": told(b"weights")}


def test_an_open_file_that_gives_nothing_is_refused_in_words(tmp_path: Path) -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with (tmp_path / "x").open("wb") as writable:
        for file in (closed, writable):
            with pytest.raises(runlog.InvalidValueError, match="must be open for reading bytes, but"):
                runlog.File(file, name="a")


def test_a_file_that_vanishes_while_its_folder_is_listed_hides_no_other(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start()
    for name in "abc":
        (run.folder / "files").mkdir(exist_ok=True)
        (run.folder / "files" / name).write_text(name)
    listed = os.scandir

    class Listing:
        def __init__(self, entries: object) -> None:
            self.entries = entries

        def __enter__(self) -> object:
            found = sorted(self.entries.__enter__(), key=lambda entry: entry.name)
            if [entry.name for entry in found] == ["a", "b", "c"]:
                (run.folder / "files" / "a").unlink()
            return iter(found)

        def __exit__(self, *error: object) -> object:
            return self.entries.__exit__(*error)

    monkeypatch.setattr(os, "scandir", lambda place: Listing(listed(place)))
    run.flush()
    monkeypatch.undo()
    assert set(rows(run.folder)) == {"b", "c"}
    run.finish()


def test_an_unfinished_file_of_the_script_itself_is_left_alone(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
        (run.folder / "files").mkdir()
        for name in (".state.tmp", ".0123456789abcdef.tmp"):
            (run.folder / "files" / name).write_text("x")
    assert [line for line in check(run.folder).problems if "half-written" in line] == [
        "files/.0123456789abcdef.tmp is half-written"
    ]
    check(run.folder, repair=True)
    assert [path.name for path in (run.folder / "files").iterdir()] == [".state.tmp"]


def test_an_empty_file_that_is_gone_is_made_again_from_its_twin(start: Start, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with start() as run:
        for name in ("a", "b"):
            run.save_file(tmp_path / "empty", name)
    (run.folder / "files/a").unlink()
    check(run.folder, repair=True)
    assert (run.folder / "files/a").read_bytes() == b""
    assert check(run.folder).problems == ()

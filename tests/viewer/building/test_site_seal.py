"""A site is kept where this user's builder wrote it, and removed where anybody else may have."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.storage import run_signature
from runlog_viewer.building import site_seal

FORGED = "<script>alert('forged')</script>"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a runs folder with one run and its site, of which it is noted that it is up to date."""
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 0)
    folder = tmp_path / "runs"
    with runlog.init(dir=folder, id="a", quiet=True, record_environment=False) as run:
        for step in range(3):
            mask = {"areas": {"mask_data": np.full((9, 9), step)}}
            picture = runlog.Image(np.full((9, 9), 30 * step, np.uint8), masks=mask)
            run.log({"k": picture, "loss": 1.0}, step=step)
    runlog_viewer.build(folder)
    return folder


def site_of(runs: Path) -> dict[str, bytes]:
    """Return the content of all that belongs to a site; what is in it and no plain file is named."""
    files = [path for path in runs.rglob("*") if not path.is_dir() or path.is_symlink()]
    return {
        path.relative_to(runs).as_posix(): path.read_bytes() if path.is_file() else b"no file"
        for path in files
        if path.name != "run.db" and "media" not in path.relative_to(runs).parts
        if not path.name.startswith(".")
    }


def written(runs: Path) -> dict[str, tuple[int, int]]:
    """Return what changes when a file is written."""
    status = {name: (runs / name).stat() for name in site_of(runs)}
    return {name: (of.st_mtime_ns, of.st_ctime_ns) for name, of in status.items()}


CHANGES: dict[str, Callable[[Path], object]] = {
    "a forged page": lambda runs: (runs / "a/viewer/steps/000000001.html").write_text(FORGED),
    "a forged first page": lambda runs: (runs / "a/index.html").write_text(FORGED),
    "a forged overview": lambda runs: (runs / "index.html").write_text(FORGED),
    "code in a data script": lambda runs: append(runs / "a/viewer/data/block-0000.js", "alert(1)"),
    "code in the data script of all runs": lambda runs: append(runs / "viewer/data/rows-0000.js", "alert(1)"),
    "code in a script": lambda runs: append(runs / "a/viewer/key.js", "alert(1)"),
    "code in a script of all runs": lambda runs: append(runs / "viewer/overview.js", "alert(1)"),
    "code in the script of a mask": lambda runs: [append(f, "alert(1)") for f in mask_scripts(runs)],
    "a page more": lambda runs: (runs / "a/viewer/steps/000000009.html").write_text(FORGED),
    "a script more": lambda runs: (runs / "a/viewer/more.js").write_text("alert(1)"),
    "a script more of all runs": lambda runs: (runs / "viewer/more.js").write_text("alert(1)"),
    "a folder more": lambda runs: shutil.copytree(runs / "a/viewer/steps", runs / "a/viewer/more/steps"),
    "a page replaced by another": lambda runs: (runs / "a/viewer/steps/000000001.html").replace(
        runs / "a/viewer/steps/000000002.html"
    ),
    "a link in place of a page": lambda runs: replace_by_link(runs, "a/viewer/key.html"),
    "a link in place of a folder": lambda runs: replace_by_link(runs, "a/viewer/steps"),
    "a link in place of all": lambda runs: replace_by_link(runs, "a/viewer"),
    "a link in place of all of all runs": lambda runs: replace_by_link(runs, "viewer"),
    "a FIFO in place of a page": lambda runs: replace_by_fifo(runs / "a/viewer/key.html"),
    "a mark of later": lambda runs: (runs / "a/viewer/.mark").touch(),
    "a seal of another site": lambda runs: shutil.copy(runs / "viewer/.seal", runs / "a/viewer/.seal"),
    "no seal": lambda runs: (runs / "a/viewer/.seal").unlink(),
    "a seal that says nothing": lambda runs: (runs / "a/viewer/.seal").write_text("[" * 5000),
    "a seal of other types": lambda runs: (runs / "a/viewer/.seal").write_text("[7, [1]]"),
}


def append(path: Path, code: str) -> None:
    path.write_text(path.read_text() + code)


def mask_scripts(runs: Path) -> list[Path]:
    return sorted((runs / "a/viewer/masks").glob("*.js"))


def replace_by_link(runs: Path, name: str) -> None:
    elsewhere = runs.parent / "elsewhere"
    (runs / name).rename(elsewhere)
    (runs / name).symlink_to(elsewhere)


def replace_by_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("place", ["a copy that was received", "where it was built"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_somebody_else_put_into_a_site_does_not_survive_a_build(
    runs: Path, tmp_path: Path, change: str, place: str
) -> None:
    sound = site_of(runs)
    folder = runs
    if place == "a copy that was received":
        folder = tmp_path / "received" / "runs"
        shutil.copytree(runs, folder)
    CHANGES[change](folder)
    runlog_viewer.build(folder)
    assert site_of(folder) == sound


@pytest.mark.parametrize("change", ["a link in place of all", "a link in place of all of all runs"])
def test_what_a_link_leads_to_is_left_alone(runs: Path, tmp_path: Path, change: str) -> None:
    CHANGES[change](runs)
    (tmp_path / "elsewhere" / "letter.txt").write_text("Dear")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "elsewhere").rglob("*")}
    runlog_viewer.build(runs)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "elsewhere").rglob("*")} == before


def test_a_site_of_ours_is_kept(runs: Path) -> None:
    before = written(runs)
    assert runlog_viewer.build(runs).pages_written == 0
    assert written(runs) == before
    for site in (runs / "a", runs):
        seal = site_seal.read_seal(site)
        assert seal is not None
        assert seal.media is None


@pytest.mark.parametrize("way", ["copied", "moved", "replaced", "without the key", "by another user"])
def test_a_site_that_is_not_where_and_by_whom_it_was_written_is_written_anew(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    folder, before = runs, written(runs)
    if way in ("copied", "moved"):
        folder = tmp_path / "elsewhere"
        shutil.copytree(runs, folder) if way == "copied" else runs.rename(folder)
        before = written(folder)
    elif way == "replaced":
        shutil.copytree(runs, tmp_path / "copy")
        shutil.rmtree(runs)
        (tmp_path / "copy").rename(runs)
        before = written(runs)
    elif way == "without the key":
        shutil.rmtree(os.environ["XDG_CACHE_HOME"])
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache of another"))
    assert site_seal.read_seal(folder / "a") is None
    runlog_viewer.build(folder)
    after = written(folder)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in after if name.startswith("a/viewer/"))


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no folder"))
    sound = site_of(runs)
    for _ in range(2):
        assert runlog_viewer.build(runs).problems == ()
        assert site_of(runs) == sound
        assert site_seal.read_seal(runs / "a") is None


def test_the_key_is_for_its_user_alone(runs: Path) -> None:
    (key,) = Path(os.environ["XDG_CACHE_HOME"], "runlog").glob("*key*")
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32


def key_of_a_forger(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"f" * 32)
    os.chown(path, 65534, -1)


def link_key(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def known_key(path: Path) -> Path:
    known = path.with_name("known")
    known.write_bytes(b"f" * 32)
    known.chmod(0o600)
    return known


BAD_KEYS: dict[str, Callable[[Path], object]] = {
    "cut short": lambda path: path.write_bytes(b"short"),
    "too long": lambda path: path.write_bytes(b"f" * 33),
    "another user's": key_of_a_forger,
    "one that others may read": lambda path: path.chmod(0o640),
    "one that others may write": lambda path: path.chmod(0o602),
    "a FIFO": replace_by_fifo,
    "a link to a device": lambda path: link_key(path, Path("/dev/zero")),
    "a link to a file": lambda path: link_key(path, known_key(path)),
}


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_a_key_that_others_could_know_or_have_made_is_made_anew_in_its_place(runs: Path, bad: str) -> None:
    if bad == "another user's" and os.getuid():
        bad = "one that others may write"  # only root can give a file away
    (key,) = Path(os.environ["XDG_CACHE_HOME"], "runlog").glob("site-key")
    before = key.read_bytes()
    BAD_KEYS[bad](key)
    assert site_seal.read_seal(runs / "a") is None
    runlog_viewer.build(runs)
    assert key.lstat().st_mode & 0o170777 == 0o100600
    assert key.stat().st_uid == os.getuid()
    assert len(key.read_bytes()) == 32
    assert key.read_bytes() not in (before, b"f" * 32)
    assert site_seal.read_seal(runs / "a") is not None


@pytest.mark.parametrize("others", ["a cache of another user", "a link to a cache", "a folder as key"])
def test_where_no_key_can_be_trusted_no_site_is_known_again(runs: Path, others: str) -> None:
    cache = Path(os.environ["XDG_CACHE_HOME"], "runlog")
    if others == "a folder as key":
        (cache / "site-key").unlink()
        (cache / "site-key").mkdir()
    elif others == "a link to a cache" or os.getuid():  # only root can give a folder away
        cache.rename(cache.with_name("other"))
        cache.symlink_to(cache.with_name("other"))
    else:
        os.chown(cache, 65534, -1)
    sound = site_of(runs)
    for _ in range(2):
        assert runlog_viewer.build(runs).problems == ()
        assert site_of(runs) == sound
        assert site_seal.read_seal(runs / "a") is None


@pytest.mark.parametrize("rights", [0o755, 0o775])
def test_sites_of_earlier_versions_are_known_by_a_cache_that_others_may_look_into(
    runs: Path, rights: int
) -> None:
    cache = Path(os.environ["XDG_CACHE_HOME"], "runlog")
    cache.chmod(rights)
    assert site_seal.read_seal(runs / "a") is not None
    assert runlog_viewer.build(runs).pages_written == 0
    assert cache.stat().st_mode & 0o777 == 0o755


# What else lies in a runs folder


@pytest.mark.parametrize(
    "name", ["viewer/notes.md", "viewer/app.js", "viewer/runlog_viewer/site.py", "viewer"]
)
def test_what_a_runs_folder_holds_of_its_own_is_left_alone(runs: Path, name: str) -> None:
    """The runs folder may be that of a project, which has a `viewer` of its own."""
    shutil.rmtree(runs / "viewer")
    (runs / name).parent.mkdir(parents=True, exist_ok=True)
    (runs / name).write_text("mine")
    index = runlog_viewer.build(runs).index
    assert (runs / name).read_text() == "mine"
    assert not index.is_relative_to(runs)
    assert (index.parent / "a/index.html").is_file()


def test_a_build_that_was_killed_is_gone_on_with(runs: Path) -> None:
    sound = site_of(runs)
    for name in ("version.js", ".seal", ".mark"):
        (runs / "viewer" / name).unlink()
    assert runlog_viewer.build(runs).index == runs / "index.html"
    assert site_of(runs) == sound


def test_a_run_folder_that_is_a_link_is_shown_and_not_written_to(runs: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b").symlink_to(runs / "a")
    before = written(runs)
    result = runlog_viewer.build(other)
    assert (result.runs, result.problems) == (1, ())
    assert (result.index.parent / "b/viewer/steps/000000000.html").is_file()
    assert written(runs) == before
    assert [path.name for path in other.iterdir()] == ["b"]


def test_a_runs_folder_that_is_a_link_is_built_where_it_leads_to(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(runs)
    assert runlog_viewer.build(tmp_path / "link").index == tmp_path / "link" / "index.html"

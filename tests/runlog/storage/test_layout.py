"""Where things lie: run ids, keys that become folders, names of media files."""

import re
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog.storage.layout import (
    check_key,
    check_run_id,
    find_runs,
    image_path,
    is_inside,
    is_kept_path,
    key_folder,
    mask_path,
    new_run_id,
    run_folders,
    runs_folder,
)

KEYS = st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and _is_key(text))
PORTABLE_PART = re.compile(r"[a-z0-9_~.-]+")


def _is_key(text: str) -> bool:
    try:
        check_key(text)
    except runlog.RunlogError:
        return False
    return True


def test_a_run_id_is_the_utc_time_and_eight_hex_digits() -> None:
    assert re.fullmatch(
        r"20261122-101502-[0-9a-f]{8}", new_run_id(datetime(2026, 11, 22, 10, 15, 2, tzinfo=UTC))
    )


@pytest.mark.parametrize("run_id", ["a", "segment-coins", "20261122-101502-3f9c17ab", "v1.2_b", "A" * 128])
def test_an_id_that_names_a_folder_everywhere_is_taken(run_id: str) -> None:
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "a/b", "a\\b", "a b", ".a", "a.", "con", "NUL.txt", "ü", "a\0", "A" * 129, "viewer", 3],
)
def test_an_id_that_does_not_is_refused(run_id: object) -> None:
    with pytest.raises(runlog.RunlogError, match="id must be"):
        check_run_id(run_id)


@pytest.mark.parametrize("run_id", ["index.html", "Index.HTML", "Viewer", "run.db", "Run.db-WAL", "run.lock"])
def test_a_new_run_leaves_names_to_the_pages_of_all_runs_and_to_what_says_that_a_folder_is_a_run(
    run_id: str, tmp_path: Path
) -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"id must leave .* run.lock and viewer to what"):
        runlog.init(dir=tmp_path, id=run_id, quiet=True)
    assert not (tmp_path / run_id).exists()


@pytest.mark.parametrize(
    "key", ["loss", "val/predictions", "a.b", "übung", "a b", "con", "x" * 300, "../up", "a//b", "K"]
)
def test_keys_people_use_are_taken(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "  ", "a\0b", "a\nb", "\ud800", "x" * 1001, 3, None, b"a"])
def test_keys_that_cannot_be_kept_are_refused(key: object) -> None:
    with pytest.raises(runlog.RunlogError, match="a key must"):
        check_key(key)


@pytest.mark.parametrize("key", ["loss", "val/predictions", "a/b/c", "a_b", "a-b", "v1.5"])
def test_a_plain_key_is_its_folder(key: str) -> None:
    assert key_folder(key) == PurePosixPath(key)


@pytest.mark.parametrize(
    "key", ["..", ".", "/", "../../etc/passwd", "/etc", "C:\\x", "a/../b", "a/./b", "~", "a~00000000"]
)
def test_no_key_leaves_the_media_folder(key: str) -> None:
    parts = key_folder(key).parts
    assert not {"..", ".", "/"} & set(parts)
    assert all(PORTABLE_PART.fullmatch(part) for part in parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/b", "a_b"),
        ("a//b", "a/b"),
        ("/a", "a"),
        ("Loss", "loss"),
        ("a", "a."),
        ("a", "a "),
        ("\u00e9", "e\u0301"),
        ("ﬁ", "fi"),
        ("con", "con~"),
        ("x" * 300, "x" * 301),
        ("a?", "a*"),
    ],
)
def test_keys_a_file_system_would_confuse_stay_apart(one: str, other: str) -> None:
    assert str(key_folder(one)).lower() != str(key_folder(other)).lower()


@given(st.lists(KEYS, unique=True, min_size=2, max_size=8))
def test_folders_of_different_keys_differ_and_are_portable(keys: list[str]) -> None:
    folders = [str(key_folder(key)) for key in keys]
    assert len({folder.lower() for folder in folders}) == len(keys)
    for folder in folders:
        for part in folder.split("/"):
            assert PORTABLE_PART.fullmatch(part)
            assert len(part) <= 80
            assert not part.endswith(".")


def test_a_key_that_looks_like_a_media_file_does_not_take_its_place() -> None:
    picture = image_path("a", 3, 0, "1a2b3c4d" * 8, "png")
    assert image_path(f"a/{picture.name}", 3, 0, "1a2b3c4d" * 8, "png").parent != picture


def test_media_files_are_named_by_step_index_layer_and_hash() -> None:
    digest = "1a2b3c4d" * 8
    assert str(image_path("val/predictions", 3, 0, digest, "png")) == (
        "media/images/val/predictions/000000003-0000-1a2b3c4d.png"
    )
    assert str(mask_path("val/predictions", 3, 0, "truth", digest)) == (
        "media/masks/val/predictions/000000003-0000-truth-1a2b3c4d.png"
    )


def test_a_layer_name_cannot_leave_its_folder() -> None:
    assert mask_path("k", 0, 0, "../../x", "0" * 64).parent == PurePosixPath("media/masks/k")


def test_the_runs_folder_is_the_argument_else_the_environment_else_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert runs_folder(None) == tmp_path / "runs"
    monkeypatch.setenv("RUNLOG_DIR", str(tmp_path / "else"))
    assert runs_folder(None) == tmp_path / "else"
    assert runs_folder("mine") == tmp_path / "mine"


def test_find_runs_lists_the_folders_with_a_database(tmp_path: Path) -> None:
    for name in ("b", "a", "viewer", "index.html", "empty"):
        (tmp_path / name).mkdir()
    for name in ("b", "a", "viewer", "index.html"):
        (tmp_path / name / "run.db").touch()
    (tmp_path / "run.db-of-nobody").touch()
    assert [folder.name for folder in find_runs(tmp_path)] == ["a", "b"]


def test_find_runs_says_that_a_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match="a runs folder must be a readable folder"):
        find_runs(tmp_path / "none")


@given(st.text())
def test_a_path_that_is_inside_a_folder_stays_there(path: str) -> None:
    if is_inside(path):
        for kind in (PurePosixPath, PureWindowsPath):
            assert not kind(path).is_absolute()
            assert not kind(path).drive
            assert ".." not in kind(path).parts
            assert str(kind(path)).replace("\\", "/") == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "a/.",
        "..",
        "../a",
        "a/../b",
        "a\\b",
        "C:a",
        "c:/a",
        "a\0b",
        "a\nb",
        "\ud800",
    ],
)
def test_a_path_that_is_not_inside_a_folder_is_told(path: str) -> None:
    assert not is_inside(path)


def test_a_media_path_is_in_the_media_folder() -> None:
    assert is_kept_path(image_path("a b/../c", 3, 0, "0123456789", "png"))
    assert is_kept_path(mask_path("val", 3, 0, "CON", "0123456789"))
    for path in ("media", "run.db", "/media/a.png", "media/../run.db", "mediaa/b.png", "viewer/media/a.png"):
        assert not is_kept_path(PurePosixPath(path))


def test_a_run_folder_stands_for_itself_and_a_runs_folder_for_its_runs(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=r"no run\.db"):
        run_folders(tmp_path)
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.db").touch()
    assert run_folders(tmp_path) == (tmp_path / "a", tmp_path / "b")
    assert run_folders(tmp_path / "b") == (tmp_path / "b",)

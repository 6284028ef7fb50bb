"""Where what can be made again is kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import runlog
from runlog.files.user_cache import trusted_cache, user_cache


def test_it_is_where_the_standard_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in (None, "", "relative/cache"):
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        if given is not None:
            monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert user_cache() == tmp_path / ".cache/runlog"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    assert user_cache() == tmp_path / "other/runlog"


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(runlog.StorageError, match="set XDG_CACHE_HOME"):
        user_cache()


def test_a_home_that_depends_on_the_working_directory_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "some/where")
    with pytest.raises(runlog.StorageError, match="by an absolute path, but HOME is 'some/where'"):
        user_cache()


# Where what must be ours to be believed is kept

KINDS = ("", "templates")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("kind", KINDS)
def test_what_must_be_trusted_is_made_for_the_user_alone(kind: str) -> None:
    before = os.umask(0o002)
    try:
        with trusted_cache(kind) as folder:
            folder.write("code", b"ours")
    finally:
        os.umask(before)
    assert (user_cache() / kind / "code").read_bytes() == b"ours"
    assert {mode(user_cache()), mode(user_cache() / kind)} == {0o700}
    with trusted_cache(kind) as folder:
        assert folder.read("code") == b"ours"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("made", "now"), [(0o755, 0o755), (0o700, 0o700), (0o775, 0o755), (0o777, 0o755)])
def test_a_cache_of_an_earlier_version_goes_on_and_nobody_else_may_write_there(
    kind: str, made: int, now: int
) -> None:
    user_cache().mkdir(parents=True)
    user_cache().chmod(made)
    (user_cache() / "site-key").write_bytes(b"ours")
    with trusted_cache(kind):
        pass
    assert mode(user_cache()) == now
    with trusted_cache() as folder:
        assert folder.read("site-key") == b"ours"


def link(path: Path) -> None:
    path.rename(path.parent / "other")
    path.symlink_to(path.parent / "other")


def replace_by_file(path: Path) -> None:
    path.rename(path.parent / "other")
    path.write_text("")


STRANGE: dict[str, Callable[[Path], object]] = {
    "a link": link,
    "a file": replace_by_file,
    "another user's": lambda path: os.chown(path, 65534, -1),
}


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("inner", KINDS)
def test_what_others_could_put_there_is_not_trusted(strange: str, inner: str) -> None:
    if strange == "another user's" and os.getuid():
        pytest.skip("only root can give a folder away")
    with trusted_cache("templates") as folder:
        folder.write("code", b"ours")
    STRANGE[strange](user_cache() / inner)
    with pytest.raises(OSError, match=r"must be|exists"), trusted_cache("templates"):
        raise AssertionError


@pytest.mark.parametrize("rights", [0o720, 0o702, 0o740, 0o704, 0o710])
def test_an_inner_folder_to_which_others_have_rights_is_not_trusted(rights: int) -> None:
    with trusted_cache("templates"):
        pass
    (user_cache() / "templates").chmod(rights)
    with pytest.raises(runlog.StorageError, match="must be this user's alone"), trusted_cache("templates"):
        raise AssertionError


@pytest.mark.parametrize("swapped", KINDS)
def test_a_folder_that_is_swapped_after_it_was_looked_at_is_not_the_one_that_is_read_and_written(
    swapped: str,
) -> None:
    path, aside = user_cache() / swapped, user_cache().parent / "aside"
    with trusted_cache("templates") as folder:
        folder.write("code", b"ours")
        path.rename(aside)
        (user_cache() / "templates").mkdir(parents=True)
        (user_cache() / "templates" / "code").write_bytes(b"theirs")
        assert folder.read("code") == b"ours"
        folder.write("code", b"ours again")
    assert (user_cache() / "templates" / "code").read_bytes() == b"theirs"
    assert [file.read_bytes() for file in aside.rglob("code")] == [b"ours again"]

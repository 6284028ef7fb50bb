"""Where what can be made again is kept."""

from pathlib import Path

import pytest

import runlog
from runlog.files.user_cache import user_cache


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

"""Notes on what is in a folder are read back where nobody else can have written them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runlog.files.folder_notes import FolderNotes
from runlog.files.user_cache import user_cache


def found(folder: Path) -> str | None:
    with FolderNotes("listed", folder) as notes:
        return notes.find("run", "signature")


def keep(folder: Path) -> None:
    with FolderNotes("listed", folder) as notes:
        notes.keep("run", "signature", "text")


def link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


TROUBLE: dict[str, Callable[[Path], object]] = {
    "a group that may write": lambda path: path.chmod(0o770),
    "others who may look": lambda path: path.chmod(0o705),
    "a link": link,
    "no folder": lambda path: (path.rename(path.with_name("other")), path.write_text("")),
}


def test_notes_are_for_the_user_alone_and_read_back(tmp_path: Path) -> None:
    assert found(tmp_path) is None
    keep(tmp_path)
    assert found(tmp_path) == "text"
    assert {path.stat().st_mode & 0o777 for path in (user_cache(), user_cache() / "listed")} == {0o700}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_notes_that_others_could_have_written_are_neither_read_nor_renewed(
    tmp_path: Path, trouble: str
) -> None:
    keep(tmp_path)
    TROUBLE[trouble](user_cache() / "listed")
    assert found(tmp_path) is None
    keep(tmp_path)
    assert found(tmp_path) is None

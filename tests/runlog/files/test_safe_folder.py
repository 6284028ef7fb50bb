"""Below a folder that anybody may have made nothing leads out of it, and nothing is waited for."""

import hashlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog.files import safe_folder
from runlog.files.safe_folder import Copied, SafeFolder

SECRET = b"secret"


@pytest.fixture(params=["descriptors", "paths"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SafeFolder:
    """A folder with a file, ``a/b/file``, beside documents; also as where there is no ``openat``."""
    monkeypatch.setattr(safe_folder, "_HAS_DESCRIPTORS", request.param == "descriptors")
    (tmp_path / "documents" / "b").mkdir(parents=True)
    (tmp_path / "documents" / "file").write_bytes(SECRET)
    (tmp_path / "documents" / "b" / "file").write_bytes(SECRET)
    (tmp_path / "run" / "a" / "b").mkdir(parents=True)
    (tmp_path / "run" / "a" / "b" / "file").write_bytes(b"content")
    return SafeFolder(tmp_path / "run")


def documents(folder: SafeFolder) -> Path:
    return folder.path.parent / "documents"


def all_of(path: Path) -> list[tuple[str, bytes]]:
    return sorted((str(p), p.read_bytes()) for p in path.rglob("*") if p.is_file())


def take(folder: SafeFolder, name: str, data: bytes, check: Callable[[], None] = lambda: None) -> Copied:
    return folder.take(io.BytesIO(data), lambda _: PurePosixPath(name), check)


def write_inside(folder: SafeFolder, name: str) -> None:
    place = PurePosixPath(name)
    with folder.inside(place.parent, make=True) as opened:
        opened.write(place.name, b"new")


def open_inside(folder: SafeFolder, name: str) -> None:
    place = PurePosixPath(name)
    with folder.inside(place.parent) as opened:
        os.close(opened.descriptor(place.name))


USES: dict[str, Callable[[SafeFolder, str], object]] = {
    "open": lambda folder, name: folder.open(name).close(),
    "read": lambda folder, name: folder.read(name),
    "write": lambda folder, name: folder.write(name, b"new"),
    "renew": lambda folder, name: folder.renew(name, b"x"),
    "write inside": write_inside,
    "open inside": open_inside,
    "make_folder": lambda folder, name: folder.make_folder(name),
    "bring": lambda folder, name: folder.bring(name, folder, "a/b/file"),
    "take": lambda folder, name: take(folder, name, b"new"),
    "rename from": lambda folder, name: folder.rename(name, "elsewhere"),
    "rename to": lambda folder, name: folder.rename("a/b/file", name),
    "remove": lambda folder, name: folder.remove(name),
    "remove_all": lambda folder, name: folder.remove_all(name),
}


def test_files_are_read_written_renamed_and_removed(folder: SafeFolder) -> None:
    assert folder.read("a/b/file") == b"content"
    folder.make_folder("c/d")
    folder.make_folder("c/d")
    folder.write("c/d/new", b"one")
    folder.write("c/d/new", b"two")
    folder.rename("c/d/new", "c/moved")
    folder.bring("c/again", folder, "c/moved")
    assert sorted(map(str, folder.files())) == ["a/b/file", "c/again", "c/moved"]
    assert sorted(map(str, folder.files("c"))) == ["c/again", "c/moved"]
    assert folder.read("c/again") == b"two"
    folder.remove("c/again")
    folder.remove("c/again")
    folder.remove("c/none/again")
    assert not folder.is_file("c/again")
    assert folder.is_folder("c/d")
    folder.remove_all("c")
    folder.remove_all("c")
    assert list(folder.files()) == [PurePosixPath("a/b/file")]


def test_the_folder_that_was_named_may_be_a_link(folder: SafeFolder) -> None:
    link = folder.path.parent / "link"
    link.symlink_to(folder.path)
    named = SafeFolder(link)
    assert named.read("a/b/file") == b"content"
    named.write("a/new", b"new")
    assert folder.read("a/new") == b"new"


@pytest.mark.parametrize("use", USES)
def test_no_part_of_a_path_may_be_a_link(folder: SafeFolder, use: str) -> None:
    (folder.path / "out").symlink_to(documents(folder))
    (folder.path / "a" / "out").symlink_to(documents(folder) / "b")
    before = all_of(documents(folder))
    for name in ("out/file", "out/b/file", "a/out/file", "out/new", "a/out/new"):
        with pytest.raises(runlog.StorageError, match="must be a folder, but is a link"):
            USES[use](folder, name)
        assert folder.status(name) is None
    assert all_of(documents(folder)) == before
    assert folder.read("a/b/file") == b"content"


@pytest.mark.parametrize("use", ["open", "read", "open inside", "make_folder"])
def test_a_file_that_is_a_link_is_not_opened(folder: SafeFolder, use: str) -> None:
    (folder.path / "link").symlink_to(documents(folder) / "file")
    with pytest.raises(runlog.StorageError, match="is a link"):
        USES[use](folder, "link" if use != "make_folder" else "link/new")
    assert not folder.is_file("link")


@pytest.mark.parametrize(
    "use", ["write", "renew", "write inside", "take", "rename to", "remove", "remove_all"]
)
def test_a_link_is_replaced_or_removed_itself(folder: SafeFolder, use: str) -> None:
    (folder.path / "link").symlink_to(documents(folder) / "file")
    before = all_of(documents(folder))
    USES[use](folder, "link")
    assert not (folder.path / "link").is_symlink()
    assert all_of(documents(folder)) == before


def test_links_below_a_folder_that_is_removed_are_not_followed(folder: SafeFolder) -> None:
    (folder.path / "a" / "out").symlink_to(documents(folder))
    (folder.path / "a" / "file").symlink_to(documents(folder) / "file")
    before = all_of(documents(folder))
    folder.remove_all("a")
    assert list(folder.path.iterdir()) == []
    assert all_of(documents(folder)) == before


def test_links_are_listed_and_not_followed(folder: SafeFolder) -> None:
    (folder.path / "a" / "out").symlink_to(documents(folder))
    (folder.path / "top").symlink_to(documents(folder))
    assert sorted(map(str, folder.files())) == ["a/b/file", "a/out", "top"]
    assert list(folder.files("top")) == list(folder.files("none")) == list(folder.files("a/b/file")) == []


@pytest.mark.parametrize("use", ["open", "read", "bring from"])
def test_a_fifo_is_refused_and_not_waited_for(folder: SafeFolder, use: str) -> None:
    os.mkfifo(folder.path / "fifo")
    with pytest.raises(runlog.StorageError, match="must be a plain file"):
        if use == "bring from":
            folder.bring("new", folder, "fifo")
        else:
            USES[use](folder, "fifo")
    assert not folder.is_file("fifo")
    folder.write("fifo", b"new")
    assert folder.read("fifo") == b"new"


@pytest.mark.parametrize("use", ["open", "read"])
def test_a_folder_is_no_file(folder: SafeFolder, use: str) -> None:
    with pytest.raises(runlog.StorageError, match="must be a plain file"):
        USES[use](folder, "a/b")


@pytest.mark.parametrize("use", USES)
def test_a_file_is_no_folder(folder: SafeFolder, use: str) -> None:
    with pytest.raises(runlog.StorageError, match="must be a folder"):
        USES[use](folder, "a/b/file/more")


@given(parts=st.lists(st.sampled_from(["..", ".", "", "a", "b\0", "/etc"]), min_size=1, max_size=4))
def test_a_name_that_leads_anywhere_but_down_is_refused(parts: list[str]) -> None:
    if parts[-1] == "." or all(part == "a" for part in parts):
        parts.append("..")
    with pytest.raises(runlog.StorageError, match="below its folder"):
        SafeFolder(Path("/nowhere")).read("/".join(parts))


def test_a_file_that_cannot_be_written_whole_leaves_nothing(folder: SafeFolder) -> None:
    (folder.path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        folder.write("taken", b"new")
    assert sorted(path.name for path in folder.path.iterdir()) == ["a", "taken"]


def test_a_folder_that_is_gone_does_not_come_back(folder: SafeFolder) -> None:
    gone = SafeFolder(folder.path / "gone")
    for use in ("write", "renew", "write inside", "make_folder"):
        with pytest.raises(FileNotFoundError):
            USES[use](gone, "new")
    assert not gone.path.exists()


def test_a_file_is_renewed_where_it_says_something_else_or_is_no_plain_file(folder: SafeFolder) -> None:
    assert folder.renew("a/c.txt", b"one")
    before = folder.status("a/c.txt")
    assert not folder.renew("a/c.txt", b"one")
    assert folder.status("a/c.txt") == before
    assert folder.renew("a/c.txt", b"two")
    assert folder.read("a/c.txt") == b"two"
    (folder.path / "a/link.txt").symlink_to("c.txt")
    assert folder.renew("a/link.txt", b"two")
    assert not (folder.path / "a/link.txt").is_symlink()
    with folder.inside("a") as opened:
        assert [opened.is_file(name) for name in ("c.txt", "link.txt", "none")] == [True, True, False]
    (folder.path / "a/other.txt").symlink_to("c.txt")
    with folder.inside("a") as opened:
        assert not opened.is_file("other.txt")


def test_several_files_are_written_into_a_folder_that_is_held_open(folder: SafeFolder) -> None:
    with folder.inside("a/new/one", make=True) as opened:
        opened.write("first", b"1")
        opened.write("second", b"2")
        opened.write("first", b"3")
    assert sorted(map(str, folder.files("a/new"))) == ["a/new/one/first", "a/new/one/second"]
    assert folder.read("a/new/one/first") == b"3"
    with pytest.raises(FileNotFoundError), folder.inside("a/none"):
        pass


@pytest.mark.parametrize("name", ["b/file", "../file", "..", "", "/etc/passwd", "a\0"])
def test_in_a_folder_that_is_held_open_a_file_has_one_name(folder: SafeFolder, name: str) -> None:
    with folder.inside("a") as opened:
        for use in (lambda: opened.write(name, b"new"), lambda: opened.descriptor(name)):
            with pytest.raises(runlog.StorageError, match="a file must have a name"):
                use()
    assert folder.read("a/b/file") == b"content"


def test_the_name_of_what_is_being_written_cannot_be_foreseen(
    folder: SafeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda *names_, **rest: (names.append(str(names_[0])), replace(*names_, **rest))
    )
    for _ in range(2):
        folder.write("new", b"new")
    assert len({Path(name).name for name in names}) == 2
    assert stat.S_IMODE((folder.path / "new").stat().st_mode) == 0o666 & ~current_umask()


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_copy_is_made_where_there_are_no_hard_links(
    folder: SafeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "no links here")

    folder.bring("one", folder, "a/b/file")
    assert (folder.path / "one").stat().st_nlink == 2
    monkeypatch.setattr(os, "link", refuse)
    folder.bring("two", folder, "a/b/file")
    assert folder.read("two") == b"content"
    assert (folder.path / "two").stat().st_nlink == 1


# Files that are taken over from elsewhere


def test_a_file_is_taken_whole_and_told_by_its_content(folder: SafeFolder) -> None:
    data = os.urandom(3_000_001)
    digest = hashlib.sha256(data).hexdigest()
    assert take(folder, "new/file", data) == Copied(PurePosixPath("new/file"), digest, len(data), is_new=True)
    assert folder.read("new/file") == data
    assert not take(folder, "new/file", b"").is_new
    assert folder.read("new/file") == b""
    named = folder.take(io.BytesIO(data), lambda sha256: PurePosixPath("new", sha256[:8]), lambda: None)
    assert named.name == PurePosixPath("new", digest[:8])


def test_a_copy_that_shares_blocks_is_told_by_its_own_content(
    folder: SafeFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def cloned(source: io.BufferedReader, copy: io.BufferedRandom) -> bool:
        # As a file system that can share: the content of one moment, after which the source changes.
        copy.write(Path(source.name).read_bytes())
        copy.seek(0)
        Path(source.name).write_bytes(b"changed")
        return True

    monkeypatch.setattr(safe_folder, "_cloned", cloned)
    (tmp_path / "source").write_bytes(b"of one moment")
    with (tmp_path / "source").open("rb") as source:
        copied = folder.take(source, lambda _: PurePosixPath("a/copy"), lambda: None)
    assert (copied.sha256, copied.bytes) == (hashlib.sha256(b"of one moment").hexdigest(), 13)
    assert folder.read("a/copy") == b"of one moment"


def test_a_copy_that_is_given_up_leaves_nothing(folder: SafeFolder) -> None:
    parts = iter([None, None])
    with pytest.raises(StopIteration):
        take(folder, "a/large", bytes(5_000_000), lambda: next(parts))
    assert list(folder.files()) == [PurePosixPath("a/b/file")]


def test_what_is_hidden_is_left_out_of_a_walk_and_links_are_told(folder: SafeFolder) -> None:
    (folder.path / "a" / ".hidden").mkdir()
    (folder.path / "a" / ".hidden" / "file").touch()
    (folder.path / "a" / ".file").touch()
    (folder.path / "a" / "out").symlink_to(documents(folder))
    found = {name: stat.S_IFMT(status.st_mode) for name, status in folder.walk("a")}
    assert found == {"a/b/file": stat.S_IFREG, "a/out": stat.S_IFLNK}
    assert list(folder.walk("a/out")) == []
    assert list(folder.walk("none")) == []

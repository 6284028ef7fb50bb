"""Verification: whatever is wrong is found and said, and nothing that an archive names is believed."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.archives.bag import manifest
from runlog.archives.verifying import verify
from runlog_viewer.with_pages import archive

Start = Callable[..., runlog.LocalRun]

# How many random damages each test tries. Not a setting of runlog's: it only makes these tests longer.
FLIPS = int(os.environ.get("RUNLOG_TEST_FLIPS", "10"))


@pytest.fixture(scope="module")
def originals(start_shared: Start, shared_runs: Path) -> Path:
    """Return the folder of a runs folder and its archives, of which each test takes copies."""
    with start_shared(id="r") as run:
        for step in range(2):
            pixels = np.random.default_rng(step).integers(0, 256, (12, 16, 3), dtype=np.uint8)
            mask = {"truth": {"mask_data": np.full((12, 16), 3 + step)}}
            run.log({"a/b": runlog.Image(pixels, masks=mask), "loss": step}, step=step)
    for name in ("bag", "packed.zip"):
        archive([run.folder], shared_runs.with_name(name))
    return shared_runs.parent


@pytest.fixture
def run(originals: Path, tmp_path: Path) -> Path:
    return shutil.copytree(originals / "runs", tmp_path / "runs") / "r"


@pytest.fixture
def bag(originals: Path, tmp_path: Path) -> Path:
    return shutil.copytree(originals / "bag", tmp_path / "bag")


@pytest.fixture
def packed(originals: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(originals / "packed.zip", tmp_path))


def problems(path: Path, *, deep: bool = False) -> tuple[str, ...]:
    found = verify(path, deep=deep).problems
    assert all(line and "\n" not in line for line in found)
    return found


def only_problem(path: Path, *words: str, deep: bool = False) -> None:
    (line,) = problems(path, deep=deep)
    for word in words:
        assert word in line


def media_files(run: Path) -> list[Path]:
    return sorted((run / "media").rglob("*.png"))


@contextmanager
def changed(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.commit()
    connection.close()


# All is well


def test_what_was_archived_is_as_it_was(run: Path, bag: Path, packed: Path) -> None:
    for path in (bag, packed):
        found = verify(path, deep=True)
        assert (found.kind, found.runs, found.problems) == ("bag", 1, ())
    assert verify(bag).files == verify(packed).files == len([p for p in bag.rglob("*") if p.is_file()])
    assert verify(bag).bytes == verify(packed).bytes == sum(p.stat().st_size for p in bag.rglob("*.*"))


def test_a_run_folder_is_verified_by_its_own_rows(run: Path) -> None:
    found = verify(run, deep=True)
    assert (found.kind, found.runs, found.files, found.problems) == ("run", 1, 4, ())
    assert verify(run.parent).files == 4


def test_a_live_run_is_verified_as_far_as_it_goes(start: Start) -> None:
    with start(id="live") as run:
        run.log({"a": runlog.Image(np.zeros((4, 4), np.uint8))})
        assert verify(run.folder, deep=True).problems == ()


def test_a_bag_that_another_program_zipped_or_unpacked_is_as_good(
    packed: Path, bag: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path / "unpacked")
    assert verify(tmp_path / "unpacked" / "r").problems == ()
    shutil.make_archive(str(tmp_path / "again"), "zip", tmp_path / "unpacked")
    assert verify(tmp_path / "again.zip", deep=True).problems == ()
    assert verify(tmp_path / "again.zip").kind == "bag"


def test_a_zipped_run_folder_is_verified_by_its_rows(run: Path, tmp_path: Path) -> None:
    made = Path(shutil.make_archive(str(tmp_path / "plain"), "zip", run.parent))
    assert (verify(made, deep=True).kind, verify(made).problems) == ("run", ())
    (media_files(run)[0]).unlink()
    made = Path(shutil.make_archive(str(tmp_path / "plain"), "zip", run.parent))
    only_problem(made, "r/media/", "must be there")


def test_a_run_that_was_zipped_while_it_wrote_is_not_taken_for_whole(start: Start, tmp_path: Path) -> None:
    with start(id="live") as run:
        run.log({"a": 1})
        made = Path(shutil.make_archive(str(tmp_path / "live"), "zip", run.folder.parent))
    only_problem(made, "live/run.db", "run.db-wal", "runlog archive")


def test_nothing_is_written_anywhere(packed: Path, bag: Path, tmp_path: Path) -> None:
    def stamps() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    before = stamps()
    verify(packed, deep=True)
    verify(bag, deep=True)
    assert stamps() == before


def test_progress_ends_at_the_number_of_files(packed: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = verify(packed, progress=lambda *n: seen.append(n))
    assert seen == [(done, found.files) for done in range(1, found.files + 1)]


# A damaged byte


def damaged(data: bytes, at: int, chance: random.Random) -> bytes:
    return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]


def test_every_damaged_byte_of_a_bag_is_found(bag: Path) -> None:
    chance = random.Random(1)
    files = sorted(path for path in bag.rglob("*") if path.is_file())
    for number in range(FLIPS):
        path = files[number % len(files)]
        data = path.read_bytes()
        if not data:
            continue
        path.write_bytes(damaged(data, chance.randrange(len(data)), chance))
        found = problems(bag)
        assert any(path.relative_to(bag).as_posix() in line for line in found), (path, found)
        path.write_bytes(data)
    assert problems(bag) == ()


def test_every_damaged_byte_of_a_media_file_is_found_in_a_run_folder(run: Path) -> None:
    chance = random.Random(2)
    files = media_files(run)
    for number in range(FLIPS):
        path = files[number % len(files)]
        data = path.read_bytes()
        path.write_bytes(damaged(data, chance.randrange(len(data)), chance))
        only_problem(run, path.relative_to(run).as_posix(), "sha256")
        path.write_bytes(data)


def central_entries(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield offset and name length of each entry of a zip file's list of files."""
    at = struct.unpack_from("<L", data, data.rindex(b"PK\5\6") + 16)[0]
    while data[at : at + 4] == b"PK\1\2":
        name, extra, comment = struct.unpack_from("<3H", data, at + 28)
        yield at, name
        at += 46 + name + extra + comment


def places(data: bytes, part: str, chance: random.Random) -> int:
    """Return the offset of a byte in some part of a random file of a zip file."""
    entry, name_length = chance.choice(list(central_entries(data)))
    header = struct.unpack_from("<L", data, entry + 42)[0]
    content = header + 30 + sum(struct.unpack_from("<2H", data, header + 26))
    size = struct.unpack_from("<L", data, entry + 20)[0]
    start, length = {
        "member data": (content, size),
        "name": (entry + 46, name_length),
        "size": (entry + 24, 4),
        "packed size": (entry + 20, 4),
        "checksum": (entry + 16, 4),
        "local header": (header, content - header),
        "anywhere": (0, len(data)),
    }[part]
    return start + chance.randrange(length)


@pytest.mark.parametrize(
    "part", ["member data", "name", "size", "packed size", "checksum", "local header", "anywhere"]
)
def test_every_damaged_byte_of_a_zip_file_is_found(packed: Path, part: str) -> None:
    data, chance = packed.read_bytes(), random.Random(part)
    for _ in range(FLIPS):
        at = places(data, part, chance)
        packed.write_bytes(damaged(data, at, chance))
        assert problems(packed), at
    packed.write_bytes(data)
    assert problems(packed) == ()


def test_a_damaged_file_in_a_zip_file_is_named(packed: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        entry = next(entry for entry in file.infolist() if entry.filename.endswith(".png"))
    data = bytearray(packed.read_bytes())
    data[entry.header_offset + 30 + len(entry.filename) + 50] ^= 1
    packed.write_bytes(data)
    assert any(entry.filename in line for line in problems(packed))


def test_a_zip_file_that_breaks_off_is_found_wherever_it_does(packed: Path) -> None:
    data, chance = packed.read_bytes(), random.Random(3)
    for size in (0, 1, len(data) // 2, len(data) - 1, *(chance.randrange(len(data)) for _ in range(FLIPS))):
        packed.write_bytes(data[:size])
        assert problems(packed), size
    assert any("whole zip file" in line for line in problems(packed))


def test_bytes_before_and_after_a_zip_file_are_found(packed: Path) -> None:
    data = packed.read_bytes()
    packed.write_bytes(b"#!/bin/sh\n" + data)
    assert problems(packed)
    packed.write_bytes(data + b"more")
    assert problems(packed)


# A bag that does not add up


def test_a_missing_file_is_named(bag: Path) -> None:
    for path in [path for path in bag.rglob("*") if path.is_file()]:
        data = path.read_bytes()
        path.unlink()
        found = problems(bag)
        assert any(path.relative_to(bag).as_posix() in line for line in found)
        path.write_bytes(data)


@pytest.mark.parametrize("name", ["data/more.png", "data/r/media/more.png", "more.txt", "data/r/.hidden"])
def test_a_file_that_no_manifest_names_is_named(bag: Path, name: str) -> None:
    (bag / name).write_bytes(b"more")
    found = problems(bag)
    assert f"{name} must be named by a manifest, but is not" in found


def test_a_link_in_a_bag_is_refused(bag: Path, tmp_path: Path) -> None:
    (tmp_path / "same.png").write_bytes((media := media_files(bag / "data" / "r")[0]).read_bytes())
    media.unlink()
    media.symlink_to(tmp_path / "same.png")
    name = media.relative_to(bag).as_posix()
    assert any(name in line and "link" in line for line in problems(bag))


@pytest.mark.parametrize(
    "line",
    [
        "no manifest",
        "{digest}  ../secret.txt",
        "{digest}  /etc/passwd",
        "{digest}  data/../../secret.txt",
        "{digest}  C:/secret.txt",
        "{digest}  data\\secret.txt",
        "{digest}  data/r/run.db",
        "{digest} data/one-space",
        "{upper}  data/capitals",
    ],
)
def test_a_line_that_no_manifest_has_is_shown(bag: Path, line: str) -> None:
    path = bag / "manifest-sha256.txt"
    text = path.read_text()
    path.write_text(text + line.format(digest="a" * 64, upper="A" * 64) + "\n")
    number = len(text.splitlines()) + 1
    assert any(f"line {number} of manifest-sha256.txt" in found for found in problems(bag))


def test_a_manifest_that_breaks_off_is_found(bag: Path) -> None:
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        text = (bag / name).read_text()
        (bag / name).write_text(text[:-1])
        assert any("line break" in line for line in problems(bag))
        (bag / name).write_text(text)


def test_a_bag_whose_manifests_agree_is_still_judged_by_its_rows(bag: Path) -> None:
    """Somebody changes a picture, and the manifests with it."""
    media = media_files(bag / "data" / "r")[0]
    media.write_bytes(media.read_bytes() + b"?")

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    digests = {path.relative_to(bag).as_posix(): digest(path) for path in payload}
    (bag / "manifest-sha256.txt").write_text(manifest(digests))
    info = (bag / "bag-info.txt").read_text().splitlines()[:-1]
    size = sum(path.stat().st_size for path in payload)
    (bag / "bag-info.txt").write_text("\n".join([*info, f"Payload-Oxum: {size}.{len(payload)}\n"]))
    tags = ("bag-info.txt", "bagit.txt", "index.html", "manifest-sha256.txt")
    (bag / "tagmanifest-sha256.txt").write_text(manifest({name: digest(bag / name) for name in tags}))
    only_problem(bag, media.relative_to(bag).as_posix(), "bytes", "as its row says")


# A run folder that does not add up


def test_a_missing_media_file_is_named(run: Path) -> None:
    media = media_files(run)[0]
    media.unlink()
    only_problem(run, media.relative_to(run).as_posix(), "must be there")


def test_a_media_file_that_broke_off_is_named(run: Path) -> None:
    media = media_files(run)[0]
    size = media.stat().st_size
    media.write_bytes(media.read_bytes()[:-10])
    only_problem(run, media.relative_to(run).as_posix(), f"must have {size} bytes", f"has {size - 10}")


def test_a_corrupt_database_is_said_in_one_line(run: Path) -> None:
    data = bytearray((run / "run.db").read_bytes())
    data[100:4096] = b"\xff" * 3996
    (run / "run.db").write_bytes(data)
    only_problem(run, "run.db")


def test_a_database_with_a_damaged_page_is_found(run: Path) -> None:
    data = bytearray((run / "run.db").read_bytes())
    data[4096 * 3 : 4096 * 4] = bytes(4096)
    (run / "run.db").write_bytes(data)
    assert problems(run)


def test_rows_that_refer_to_nothing_are_said(run: Path) -> None:
    with changed(run / "run.db") as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM steps WHERE step = 1")
    assert all("steps" in line for line in problems(run))
    assert any("images" in line for line in problems(run))


def test_a_second_run_in_a_database_is_said(run: Path) -> None:
    with changed(run / "run.db") as db:
        db.execute(
            "INSERT INTO run (id, name, state, created_at)"
            " VALUES ('x', 'x', 'running', '2026-01-01T00:00+00:00')"
        )
    only_problem(run, "one run", "2")


@pytest.mark.parametrize("path", ["../secret.png", "/etc/hostname", "media/../../x.png", "index.html"])
def test_a_row_that_names_a_file_outside_the_media_folder_is_refused(run: Path, path: str) -> None:
    (run.parent / "secret.png").write_bytes(b"secret")
    with changed(run / "run.db") as db:
        db.execute("UPDATE media SET path = ? WHERE id = 1", [path])
    only_problem(run, "media folder", path)


def test_a_picture_that_does_not_decode_is_found_when_asked_for(run: Path) -> None:
    media = media_files(run)[0]
    data = bytearray(media.read_bytes())
    data[data.index(b"IDAT") + 6 :] = bytes(len(data) - data.index(b"IDAT") - 6)
    media.write_bytes(data)
    with changed(run / "run.db") as db:
        digest = hashlib.sha256(data).hexdigest()
        db.execute("UPDATE media SET sha256 = ? WHERE path = ?", [digest, str(media.relative_to(run))])
    assert problems(run) == ()
    only_problem(run, media.relative_to(run).as_posix(), "picture", deep=True)


def test_a_picture_of_another_size_than_its_row_says_is_found_when_asked_for(run: Path) -> None:
    with changed(run / "run.db") as db:
        db.execute("UPDATE media SET width = 17 WHERE id = 1")
    assert problems(run) == ()
    only_problem(run, "17×12", "16×12", deep=True)


def test_what_is_none_of_these_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match="must hold a run or be a bag"):
        verify(tmp_path)
    with pytest.raises(runlog.StorageError, match="does not exist"):
        verify(tmp_path / "none")
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(runlog.StorageError, match="whole zip file"):
        verify(tmp_path / "notes.txt")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as file:
        file.writestr("photo.png", b"")
    with pytest.raises(runlog.StorageError, match="must hold a run or be a bag"):
        verify(tmp_path / "photos.zip")


# Zip files that mean harm


@contextmanager
def added(packed: Path) -> Iterator[zipfile.ZipFile]:
    """Write into a copy of an archive without its seal, which only runlog puts there."""
    with zipfile.ZipFile(packed) as file:
        members = [(entry, file.read(entry)) for entry in file.infolist()]
    with zipfile.ZipFile(packed, "w") as file:
        for entry, data in members:
            file.writestr(entry, data)
        yield file


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "r/../../evil.txt",
        "/tmp/evil.txt",
        "C:/evil.txt",
        "c:evil.txt",
        "r\\..\\evil.txt",
        "r//evil.txt",
        "r/./evil.txt",
        "r/evil\n.txt",
        "",
    ],
)
def test_an_unsafe_name_is_refused(packed: Path, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    with added(packed) as file:
        file.writestr(zipfile.ZipInfo(name), b"evil")
    only_problem(packed, "must name a file inside the archive")
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/evil.txt").exists()


def test_a_name_that_hides_another_after_a_null_byte_is_refused(packed: Path) -> None:
    with added(packed) as file:
        file.writestr("r/bagit.txt_", b"evil")
    packed.write_bytes(packed.read_bytes().replace(b"r/bagit.txt_", b"r/bagit.txt\0"))
    assert any("must name a file inside" in line for line in problems(packed))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFDIR])
def test_links_and_devices_are_refused(packed: Path, kind: int) -> None:
    with added(packed) as file:
        entry = zipfile.ZipInfo("r/link")
        entry.external_attr = (kind | 0o777) << 16
        file.writestr(entry, "/etc/passwd")
    only_problem(packed, "r/link", "link or a device")


@pytest.mark.parametrize("name", ["r/bagit.txt", "r/BAGIT.txt"])
def test_a_name_that_is_there_twice_is_refused(packed: Path, name: str) -> None:
    with added(packed) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        file.writestr(name, b"other")
    only_problem(packed, "r/bagit.txt", "once", "2 times")


def test_an_encrypted_file_is_refused(packed: Path) -> None:
    with added(packed) as file:
        file.writestr("r/secret", b"secret")
    data = bytearray(packed.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.rindex(mark) + flags] |= 1
    packed.write_bytes(data)
    only_problem(packed, "r/secret", "encrypted")


def test_another_compression_is_refused(packed: Path) -> None:
    with added(packed) as file:
        file.writestr("r/packed", b"x" * 99, compress_type=zipfile.ZIP_LZMA)
    only_problem(packed, "r/packed", "method 14")


def test_a_second_name_in_an_extra_field_is_refused(packed: Path) -> None:
    with added(packed) as file:
        entry = zipfile.ZipInfo("r/name")
        entry.extra = struct.pack("<2HBL", 0x7075, 12, 1, 0) + b"../evil"
        file.writestr(entry, b"evil")
    only_problem(packed, "r/name", "extra field")


def test_a_bomb_is_refused_before_it_goes_off(packed: Path) -> None:
    with added(packed) as file:
        for number in range(8):
            file.writestr(f"r/zeros{number}", bytes(32 << 20), compress_type=zipfile.ZIP_DEFLATED)
    only_problem(packed, "200 times")


def test_files_that_share_their_data_are_refused(packed: Path) -> None:
    """The bombs that grow most list the same data again and again."""
    with added(packed) as file:
        file.writestr("r/once", b"x" * 1000)
        again = zipfile.ZipInfo("r/twice")
        first = file.getinfo("r/once")
        for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type", "date_time"):
            setattr(again, field, getattr(first, field))
        file.filelist.append(again)
    assert any("begin where the file before it ends" in line for line in problems(packed))


@pytest.mark.parametrize("declared", [10, 999, 1001, 5000])
def test_a_file_that_grows_to_another_size_than_declared_is_found(packed: Path, declared: int) -> None:
    with added(packed) as file:
        file.writestr("r/liar", b"x" * 1000, compress_type=zipfile.ZIP_DEFLATED)
    data = bytearray(packed.read_bytes())
    for mark, size in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<L", data, data.rindex(mark) + size, declared)
    packed.write_bytes(data)
    only_problem(packed, "r/liar", "as the zip file declares")


@contextmanager
def told_otherwise(packed: Path) -> Iterator[tuple[bytearray, int, int]]:
    """Change what an unsealed zip file says of its last file: give all bytes, and where its headers are."""
    with added(packed) as file:
        file.writestr("r/twofold", b"x" * 999 + bytes(range(256)), compress_type=zipfile.ZIP_DEFLATED)
    data = bytearray(packed.read_bytes())
    yield data, data.rindex(b"PK\3\4"), data.rindex(b"PK\1\2")
    packed.write_bytes(data)


@pytest.mark.parametrize(
    ("what", "offset", "form", "value"),
    [
        ("flags", 6, "<H", 0x800),
        ("compression", 8, "<H", 0),
        ("time", 10, "<H", 77),
        ("date", 12, "<H", 77),
        ("checksum", 14, "<L", 7),
        ("packed size", 18, "<L", 7),
        ("size", 22, "<L", 7),
        ("name", 30, "<B", ord("R")),
    ],
)
def test_a_file_whose_own_header_says_something_else_is_refused(
    packed: Path, what: str, offset: int, form: str, value: int
) -> None:
    """Some unpackers believe the header before a file, others the list of files."""
    with told_otherwise(packed) as (data, header, _):
        struct.pack_into(form, data, header + offset, value)
    found = problems(packed)
    assert found, what
    assert all("as the list of files says" in line or "begin" in line or "follow" in line for line in found)


def repacked(packed: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the compressed data of the last file of a zip file, and its sizes with it."""
    with added(packed) as file:
        content = random.Random(4).randbytes(200) + b"x" * 999
        file.writestr("r/changed", content, compress_type=zipfile.ZIP_DEFLATED)
    data = packed.read_bytes()
    header, entry = data.rindex(b"PK\3\4"), data.rindex(b"PK\1\2")
    first = data.index(b"PK\1\2", header)
    start = header + 30 + len("r/changed")
    new = change(data[start:first])
    head = bytearray(data[:start])
    struct.pack_into("<L", head, header + 18, len(new))
    listed = bytearray(data[first:])
    struct.pack_into("<L", listed, entry - first + 20, len(new))
    struct.pack_into("<L", listed, listed.rindex(b"PK\5\6") + 16, start + len(new))
    packed.write_bytes(bytes(head) + new + bytes(listed))


def test_data_that_are_repacked_as_they_were_are_as_good(packed: Path) -> None:
    repacked(packed, lambda data: data)
    only_problem(packed, "r/changed must be named by a manifest")


@pytest.mark.parametrize("more", [b"hidden", b"\0"])
def test_what_is_hidden_behind_the_data_of_a_file_is_found(packed: Path, more: bytes) -> None:
    repacked(packed, lambda data: data + more)
    only_problem(packed, "r/changed", "as the zip file declares")


def test_compressed_data_that_break_off_behind_the_last_byte_are_found(packed: Path) -> None:
    repacked(packed, lambda data: data[:-1])
    only_problem(packed, "r/changed", "as the zip file declares")


def test_a_zip_in_a_zip_is_not_opened(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as file:
        file.write(packed, "inner.zip")
    with pytest.raises(runlog.StorageError, match="must hold a run or be a bag"):
        verify(tmp_path / "outer.zip")


def test_large_zip_files_have_other_records_and_are_as_good(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Past 4 GiB, or 65,535 files; here, past much less.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 3000)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 5)
    made = archive([run], tmp_path / "large.zip").path
    monkeypatch.undo()
    assert b"PK\6\7" in made.read_bytes()
    assert verify(made, deep=True).problems == ()
    with zipfile.ZipFile(made) as file:
        assert file.testzip() is None

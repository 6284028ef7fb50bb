"""Files of a site are replaced whole, and only when they change."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from runlog_viewer.building import site_files


def test_a_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "c.html"
    assert site_files.write(tmp_path, file.name, "ü")
    assert file.read_bytes() == "ü".encode()
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    gone = tmp_path / "run"
    with pytest.raises(FileNotFoundError):
        site_files.write(gone, "index.html", "page")
    with pytest.raises(FileNotFoundError), site_files.lock(gone):
        pass
    with pytest.raises(FileNotFoundError):
        site_files.link(gone / "media", tmp_path)
    assert not gone.exists()


def test_a_file_that_has_the_content_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "c.html"
    site_files.write(tmp_path, file.name, "same")
    before = file.stat()
    assert not site_files.write(tmp_path, file.name, b"same")
    assert file.stat() == before


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c.js"
    wholes = {size * b"x" for size in (1_000_000, 2_000_000)}
    site_files.write(tmp_path, file.name, min(wholes))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for whole in wholes:
                site_files.write(tmp_path, file.name, whole)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert all(file.read_bytes() in wholes for _ in range(50))
    finally:
        stop.set()
        writer.join()


def test_a_second_builder_waits_for_the_first(tmp_path: Path) -> None:
    order: list[str] = []
    site_files.make_viewer(tmp_path)

    def second() -> None:
        with site_files.lock(tmp_path):
            order.append("second")

    with site_files.lock(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_a_link_is_made_once_and_follows_its_target(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    for name in ("one", "one", "other"):
        site_files.link(tmp_path / "media", tmp_path / name)
        assert (tmp_path / "media").resolve() == tmp_path / name


def test_a_signature_tells_every_write_and_removal(tmp_path: Path) -> None:
    file = tmp_path / "f"
    seen = [site_files.signature(file)]
    for content in ("a", "bb", "cc"):
        site_files.write(tmp_path, file.name, content)
        seen.append(site_files.signature(file))
    file.unlink()
    assert site_files.signature(file) == seen[0]
    assert len(set(seen)) == 4

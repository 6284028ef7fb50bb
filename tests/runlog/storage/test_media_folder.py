"""The media folder: by one thread or several, the files and what a failure leaves are the same."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from runlog import Image, InvalidValueError, StorageError
from runlog.images import formats
from runlog.storage import writes
from runlog.storage.media_folder import MediaFolder
from runlog.storage.metrics import Summaries
from runlog.storage.writes import LogEntry, Store

Open = Callable[[int], MediaFolder]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path, partial(datetime.now, UTC))
    yield store
    store.close()


@pytest.fixture
def open_media(tmp_path: Path, store: Store) -> Open:
    return lambda threads: MediaFolder(tmp_path, store, encode_threads=threads)


def pictures(count: int) -> list[Image]:
    noise = np.random.default_rng(0).integers(0, 256, (count, 100, 100, 3), dtype=np.uint8)
    masks = {"truth": {"mask_data": np.eye(100, dtype=int)}}
    return [Image(pixels, masks=masks) for pixels in noise]


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in (folder / "media").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def entry_of(media: MediaFolder, key: str, image: Image, step: int) -> LogEntry:
    return LogEntry(step, {}, {}, media.add_images({key: [(0, image)]}, step), {})


def test_any_number_of_threads_gives_the_same_files_and_records(open_media: Open, tmp_path: Path) -> None:
    images, found = pictures(12), []
    for threads in (1, 2, 5):
        media = open_media(threads)
        stored = media.add_images({"a": enumerate(images[:8]), "b": enumerate(images[8:])}, 3)
        found.append((stored, files(tmp_path)))
        media.discard()
        assert files(tmp_path) == {}
    assert found[0] == found[1] == found[2]


def test_records_come_in_the_order_of_the_images(open_media: Open, tmp_path: Path) -> None:
    images = pictures(9)
    stored = open_media(4).add_images({"k": enumerate(images)}, 0)["k"]
    for index, one in enumerate(stored):
        assert one.image is images[index]
        assert f"-{index:04d}-" in one.media.path.name
        with PILImage.open(tmp_path / one.media.path) as image:
            assert np.array_equal(np.asarray(image), np.asarray(images[index].image))
    # All the masks are alike.
    assert len({one.masks["truth"].path for one in stored}) == 1


def test_lists_are_encoded_in_as_many_threads_as_allowed(
    open_media: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, both_here, names = formats.encode, threading.Barrier(2, timeout=20), set()

    def encode_and_note(*arguments: Any, **options: Any) -> bytes:
        both_here.wait()
        names.add(threading.current_thread().name)
        return encode(*arguments, **options)

    monkeypatch.setattr(formats, "encode", encode_and_note)
    images = [Image(np.full((300, 300), value, np.uint8)) for value in range(2, 8)]
    open_media(2).add_images({"k": enumerate(images)}, 0)
    assert len(names) == 2


def test_a_list_of_small_pictures_stays_in_the_callers_thread_however_long_it_is(
    open_media: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, threads = formats.encode, set()

    def encode_and_note(*arguments: Any, **options: Any) -> bytes:
        threads.add(threading.current_thread())
        return encode(*arguments, **options)

    monkeypatch.setattr(formats, "encode", encode_and_note)
    open_media(4).add_images({"k": enumerate(pictures(40))}, 0)
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("threads", [1, 4])
def test_after_a_failure_amid_a_list_discard_leaves_nothing(
    threads: int, open_media: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, images = formats.encode, pictures(12)

    def fail_on_one(picture: Any, *arguments: Any, **options: Any) -> bytes:
        if picture is images[5].picture:
            raise InvalidValueError("cannot be encoded")
        return encode(picture, *arguments, **options)

    monkeypatch.setattr(formats, "encode", fail_on_one)
    media = open_media(threads)
    with pytest.raises(InvalidValueError, match="cannot be encoded"):
        media.add_images({"k": enumerate(images)}, 0)
    media.discard()
    assert files(tmp_path) == {}


@pytest.mark.parametrize("threads", [1, 4])
def test_a_folder_that_cannot_be_written_is_one_clear_error(
    threads: int, open_media: Open, tmp_path: Path
) -> None:
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(StorageError, match=r"media folder of .* must be writable, but media/images/k/0"):
        open_media(threads).add_images({"k": enumerate(pictures(3))}, 0)


def test_a_call_with_more_keys_than_folders_may_be_open_writes_them_all(
    open_media: Open, tmp_path: Path
) -> None:
    keys = {f"k{number}": [(0, image)] for number, image in enumerate(pictures(70))}
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Path(os.devnull).open("rb") as next_file:
        resource.setrlimit(resource.RLIMIT_NOFILE, (next_file.fileno() + 50, limits[1]))
    try:
        stored = open_media(1).add_images(keys, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert {str(one.media.path) for (one,) in stored.values()} <= set(files(tmp_path))


def test_the_file_of_a_key_is_found_before_that_of_another(open_media: Open, store: Store) -> None:
    image = Image(np.full((8, 8), 3, np.uint8))
    media = open_media(1)
    for step, key in enumerate(["b", "a", "c"]):
        store.log(entry_of(media, key, image, step), Summaries())
        media.settle()
    digest = formats.pixel_hash(image.picture, "png")
    asked = [("image", digest, key) for key in ("a", "b", "c", "d")] + [("mask", digest, "a")]
    found = store.find_media([*asked, ("image", "0" * 64, "a")])
    assert {identity[2]: key for identity, (_, key) in found.items() if identity[2] != "d"} == {
        key: key for key in ("a", "b", "c")
    }
    assert set(found) == set(asked[:4])
    assert found[asked[3]][1] in ("a", "b", "c")
    assert store.find_media([]) == {}


def test_more_pictures_than_parameters_of_a_statement_are_looked_up(
    open_media: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "_MOST_PARAMETERS", 3)
    images = pictures(8)
    media = open_media(1)
    stored = media.add_images({"k": enumerate(images)}, 0)
    store.log(LogEntry(0, {}, {}, stored, {}), Summaries())
    media.settle()
    again = media.add_images({"k": enumerate(images)}, 1)
    assert [one.media for one in again["k"]] == [one.media for one in stored["k"]]


@pytest.mark.parametrize("threads", [1, 4])
def test_equal_pictures_are_one_file_a_key_and_linked_under_another(
    threads: int, open_media: Open, tmp_path: Path
) -> None:
    same = [Image(np.full((300, 300), 77, np.uint8)) for _ in range(6)]
    stored = open_media(threads).add_images({"a": enumerate(same[:3]), "b": enumerate(same[3:])}, 0)
    paths = [{one.media.path for one in stored[key]} for key in ("a", "b")]
    assert [len(found) for found in paths] == [1, 1]
    assert paths[0] != paths[1]
    inodes = {(tmp_path / path).stat().st_ino for found in paths for path in found}
    assert len(inodes) == 1


def test_as_many_threads_as_cores_that_the_process_may_use(tmp_path: Path, store: Store) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not tell which cores a process may use")
    assert MediaFolder(tmp_path, store)._threads == len(os.sched_getaffinity(0))


def test_a_list_logged_while_the_interpreter_exits_is_stored(tmp_path: Path) -> None:
    script = f"""
import atexit, numpy as np, runlog
run = runlog.init(dir={str(tmp_path)!r}, id="r", quiet=True, record_environment=False)
images = [runlog.Image(np.full((300, 300), value, np.uint8)) for value in range(2, 6)]
atexit.register(lambda: run.log({{"k": images}}, step=0))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert len(list((tmp_path / "r").rglob("*.png"))) == 4

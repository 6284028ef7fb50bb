"""What a `File` is made of, and what kind of file its name tells."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import runlog
from runlog.values.file import FILE_KINDS, file_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mp4", "video"),
        ("A.WebM", "video"),
        ("a.wav", "audio"),
        ("a.html", "html"),
        ("scene.glb", "object3d"),
        ("cloud.pts.json", "object3d"),
        ("figure.plotly.json", "plotly"),
        ("a.json", "file"),
        ("mp4", "file"),
        ("", "file"),
    ],
)
def test_the_kind_is_told_by_the_name_alone(name: str, kind: str) -> None:
    assert file_kind(name) == kind
    assert kind in FILE_KINDS


def test_content_is_bytes_an_open_file_or_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    with path.open("rb") as opened:
        opened.read(1)
        files = [
            runlog.File(path),
            runlog.File(str(path)),
            runlog.File(b"abc", name="b.bin"),
            runlog.File(bytearray(b"abc"), name="b.bin"),
            runlog.File(io.BytesIO(b"abc"), name="c.bin"),
            runlog.File(opened),
        ]
    read = []
    for file in files:
        with file.open() as content:
            read.append((file.name, content.read()))
    assert read == [
        ("a.bin", b"abc"),
        ("a.bin", b"abc"),
        ("b.bin", b"abc"),
        ("b.bin", b"abc"),
        ("c.bin", b"abc"),
        ("a.bin", b"bc"),
    ]


def test_a_relative_path_is_meant_from_where_the_script_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_bytes(b"here")
    monkeypatch.chdir(tmp_path)
    file = runlog.File("a.txt")
    monkeypatch.chdir("/")
    with file.open() as content:
        assert content.read() == b"here"


@pytest.mark.parametrize(
    ("given", "name", "error", "message"),
    [
        (b"abc", None, runlog.InvalidValueError, "a file must have a name without '/'.*pass name="),
        (b"abc", "a/b", runlog.InvalidValueError, "a file must have a name without '/'"),
        (b"abc", "..", runlog.InvalidValueError, "a file must have a name without '/'"),
        (b"abc", 3, runlog.InvalidTypeError, "name must be a string, but got 3"),
        (
            3,
            "a",
            runlog.InvalidTypeError,
            "a file must be a path, bytes, an open binary file or a plotly figure",
        ),
        (io.StringIO("abc"), "a", runlog.InvalidTypeError, "open for reading bytes"),
        ("missing.txt", None, runlog.StorageError, "missing.txt must be a file that can be read"),
        ("/", "a", runlog.StorageError, "must be a plain file"),
    ],
)
def test_what_is_no_file_is_refused_with_what_must_hold(
    given: object, name: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        runlog.File(given, name=name)  # type: ignore[arg-type]

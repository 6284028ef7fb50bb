"""Files that scripts save by a pattern, and the source files of the script: copied into the run's folder."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from inspect import signature
from pathlib import Path
from typing import Any

from runlog.errors import StorageError
from runlog.secrets.texts import without_known_secrets
from runlog.writing.local_run import LocalRun

CODE = "code"
_SOURCES = (".py", ".ipynb", ".sh", ".yaml", ".yml", ".toml", ".cfg", ".ini")
_SOURCE_NAMES = ("requirements.txt", "Dockerfile")
_MOST_SOURCES = 1000
_LARGEST_SOURCE = 1 << 20
_GIT_SECONDS = 5


def files_of(pattern: str | os.PathLike[str], base: str | os.PathLike[str] | None) -> dict[Path, str]:
    """Return the files that a pattern names, each with what it is called in the run.

    Without a base, a file by a relative pattern keeps its folders, one by an absolute pattern the last.

    Raises
    ------
    StorageError
        If one does not lie below the base.
    """
    given = os.fspath(pattern)
    paths = [Path(name) for name in sorted(glob.glob(given, recursive=True)) if Path(name).is_file()]  # noqa: PTH207 - a pattern may be absolute
    above = (
        Path(base) if base is not None else Path(given).parent.parent if Path(given).is_absolute() else Path()
    )
    named = {}
    for path in paths:
        try:
            inside = path.absolute().relative_to(above.absolute())
        except ValueError:
            raise StorageError(f"what is saved must lie below base_path {above}, but got {path}") from None
        named[path.absolute()] = inside.as_posix()
    return named


def save_all(run: LocalRun, files: dict[Path, str]) -> list[str]:
    """Copy files into the folder of a run; return where they are."""
    there = run.folder / "files"
    kept = []
    for path, name in files.items():
        kept.append(str(path if path.is_relative_to(there) else run.save_file(path, name)))
    return kept


def save_code(
    run: LocalRun,
    root: str | os.PathLike[str],
    include: Callable[..., bool] | None = None,
    exclude: Callable[..., bool] | None = None,
) -> list[str]:
    """Copy source files below a folder into ``files/code``: those that git tracks, where it does.

    Hidden files never are, nor what is no source by its name or is past 1 MiB. What shows as a key in one
    is ``***``.
    """
    top = Path(root).absolute()
    kept: list[str] = []
    for path in _tracked(top):
        inside = path.relative_to(top)
        hidden = any(part.startswith(".") for part in inside.parts)
        wanted = _is_source(path) if include is None else _said(include, path, top)
        unwanted = exclude is not None and _said(exclude, path, top)
        if hidden or not wanted or unwanted or not path.is_file() or path.stat().st_size > _LARGEST_SOURCE:
            continue
        if len(kept) == _MOST_SOURCES:
            break
        kept.append(save_source(run, path, inside.as_posix()))
    return kept


def save_source(run: LocalRun, path: Path, name: str) -> str:
    """Copy a source file into ``files/code``, without what shows as a key in it."""
    content = path.read_bytes().decode("utf-8", "surrogateescape")
    with tempfile.TemporaryDirectory(prefix="runlog-code-") as folder:
        copy = Path(folder, "source")
        copy.write_bytes(without_known_secrets(content).encode("utf-8", "surrogateescape"))
        return str(run.save_file(copy, f"{CODE}/{name}"))


def main_script() -> Path | None:
    """Return the script that Python was started with; None where there is none, as in a notebook."""
    named = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(named).absolute() if isinstance(named, str) and Path(named).is_file() else None


def _tracked(top: Path) -> Iterable[Path]:
    try:
        listed = subprocess.run(  # noqa: S603 - constant arguments, and a folder
            ["git", "-C", str(top), "ls-files", "-z"],  # noqa: S607 - the git of the user's PATH
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return sorted(path for path in top.glob("*") if path.is_file())
    return [top / os.fsdecode(name) for name in sorted(listed.stdout.split(b"\0")) if name]


def _is_source(path: Path) -> bool:
    return path.suffix.lower() in _SOURCES or path.name in _SOURCE_NAMES


def _said(rule: Callable[..., bool], path: Path, top: Path) -> bool:
    """Return what a rule of the script says of a path; one of two parameters is told the folder, too."""
    several: Any = len(signature(rule).parameters) > 1
    return bool(rule(str(path), str(top)) if several else rule(str(path)))

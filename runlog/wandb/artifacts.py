"""`Artifact`: files with a name, a type and metadata, copied into the folder of the run that logs them."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

from runlog.basics.jsontext import to_json
from runlog.errors import (
    InvalidTypeError,
    InvalidValueError,
    StorageError,
    UnknownNameError,
    UnsupportedError,
    shown,
)
from runlog.images.image import Image
from runlog.storage.layout import DATABASE
from runlog.values.file import File
from runlog.wandb.data_table import Table
from runlog.wandb.hiding import without_secrets
from runlog.wandb.video import Video
from runlog.writing.current import current
from runlog.writing.local_run import LocalRun

FOLDER = "artifacts"
_DESCRIPTION = "artifact.json"


class Artifact:
    """Files of a script under one name; the run that logs it has them in ``files/artifacts/NAME/VERSION``.

    Parameters
    ----------
    name, type
        What it is called, and what kind of thing it is, such as ``model`` or ``dataset``.
    description, metadata
        What is noted of it.
    incremental, use_as, options
        Accepted, and of no use here.
    """

    def __init__(
        self,
        name: str,
        type: str = "unspecified",
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        incremental: bool = False,
        use_as: str | None = None,
        **options: Any,
    ) -> None:
        self.name, self.type, self.description = str(name), str(type), description
        self.metadata: dict[str, Any] = {} if metadata is None else dict(metadata)
        self.aliases: list[str] = []
        self.tags: list[str] = []
        self.version = "draft"
        self.folder: Path | None = None
        self.references: dict[str, str] = {}
        self._sources: dict[str, Path | bytes] = {}
        self._new_files: tempfile.TemporaryDirectory[str] | None = None

    # What is in it

    def add_file(
        self, local_path: str | os.PathLike[str], name: str | None = None, *args: Any, **options: Any
    ) -> Self:
        """Add a file, which is read when the artifact is logged.

        Raises
        ------
        StorageError
            If there is none.
        """
        path = Path(local_path)
        if not path.is_file():
            raise StorageError(f"a file of artifact {self.name!r} must be there, but {path} is not")
        self._sources[name or path.name] = path.absolute()
        return self

    def add_dir(
        self, local_path: str | os.PathLike[str], name: str | None = None, *args: Any, **options: Any
    ) -> None:
        """Add the files of a folder, but for hidden ones and those of run folders below it.

        Raises
        ------
        StorageError
            If there is none.
        """
        root = Path(local_path)
        if not root.is_dir():
            raise StorageError(f"a folder of artifact {self.name!r} must be there, but {root} is not")
        runs = {database.parent for database in root.rglob(DATABASE)} - {root}
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            if path.is_file() and not hidden and runs.isdisjoint(path.parents):
                self.add_file(path, inside.as_posix() if name is None else f"{name}/{inside.as_posix()}")

    def add(self, obj: Any, name: str, overwrite: bool = False) -> Self:
        """Add a table (as JSON), a picture or a file."""
        if isinstance(obj, Table):
            stored = obj.as_stored()
            rows = [
                [repr(cell) if isinstance(cell, Image) else cell for cell in row]
                for row in stored.rows_since(0)
            ]
            content = to_json({"columns": stored.columns, "data": rows}).encode()
            self._sources[f"{name}.table.json"] = content
        elif isinstance(obj, Image):
            encoded = io.BytesIO()
            obj.image.save(encoded, "PNG")
            self._sources[f"{name}.png"] = encoded.getvalue()
        elif isinstance(obj, File):
            self._sources[f"{name}{Path(obj.name).suffix}"] = obj.content
        elif isinstance(obj, Video) and isinstance(obj.parts[0], File):
            self._sources[f"{name}{Path(obj.parts[0].name).suffix}"] = obj.parts[0].content
        else:
            raise InvalidTypeError(
                f"what is added to an artifact must be a Table, an Image or a file, but got {shown(obj)}; "
                "write it to a file, and add_file(path)"
            )
        return self

    def add_reference(self, uri: Any, name: str | None = None, *args: Any, **options: Any) -> list[Any]:
        """Note where something is: the address is kept, not what is there."""
        address = str(uri)
        self.references[name or address.rstrip("/").rpartition("/")[2] or address] = address
        return []

    @contextmanager
    def new_file(self, name: str, mode: str = "x", encoding: str | None = None) -> Iterator[IO[Any]]:
        """Open a new file of the artifact for writing."""
        if self._new_files is None:
            self._new_files = tempfile.TemporaryDirectory(prefix="runlog-artifact-")
        path = Path(self._new_files.name, str(len(self._sources)))
        with path.open(mode, encoding=encoding) as file:
            yield file
        self._sources[name] = path

    def remove(self, item: Any) -> None:
        """Take a file, or those below a folder, out again."""
        gone = [name for name in self._sources if name == str(item) or name.startswith(f"{item}/")]
        for name in gone:
            del self._sources[name]

    # What scripts ask of it

    @property
    def id(self) -> str | None:
        """Name and version, once it is logged."""
        return None if self.folder is None else f"{self.name}:{self.version}"

    qualified_name = id

    @property
    def state(self) -> str:
        """``PENDING``, and ``COMMITTED`` once it is logged."""
        return "PENDING" if self.folder is None else "COMMITTED"

    @property
    def file_count(self) -> int:
        """How many files it has."""
        return len(self._sources)

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(
            source.stat().st_size if isinstance(source, Path) else len(source)
            for source in self._sources.values()
        )

    @property
    def digest(self) -> str:
        """What tells whether two artifacts have the same files: a SHA-256 over their names and contents."""
        whole = hashlib.sha256()
        for name, source in sorted(self._sources.items()):
            with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as content:
                whole.update(to_json([name, hashlib.file_digest(content, "sha256").hexdigest()]).encode())
        return whole.hexdigest()

    def __getattr__(self, name: str) -> Any:
        """Refuse what there is not, in words of our own."""
        raise UnknownNameError(f"an Artifact here has no {name!r}; see docs/coming-from-wandb.md")

    def is_draft(self) -> bool:
        """Return whether it is not logged yet."""
        return self.folder is None

    def wait(self, timeout: float | None = None) -> Self:
        """Return the artifact: it is there when the call that logs it returns."""
        return self

    finalize = wait

    def save(self, *args: Any, **options: Any) -> None:
        """Log it to the run that goes on."""
        self.keep(current())

    def download(self, root: str | os.PathLike[str] | None = None, **options: Any) -> str:
        """Return the folder that it is in, or copy it to another one."""
        if self.folder is None:
            raise InvalidValueError(f"artifact {self.name!r} must be logged before it is downloaded")
        if root is not None:
            shutil.copytree(self.folder, root, dirs_exist_ok=True)
        return str(self.folder if root is None else root)

    def link(self, target_path: str, aliases: list[str] | None = None) -> Self:
        """Refuse: there is no registry."""
        raise UnsupportedError("link() needs a registry of models, and there is none; a run keeps its files")

    def keep(self, run: LocalRun) -> None:
        """Copy what is in it into the folder of a run."""
        above = run.folder / "files" / FOLDER / _folder_name(self.name)
        version = sum(1 for _ in above.glob("v*")) if above.is_dir() else 0
        self.version = f"v{version}"
        inside = f"{FOLDER}/{_folder_name(self.name)}/{self.version}"
        # Of the folder of the run's files, those of other artifacts are kept already.
        self._sources = {
            name: source
            for name, source in self._sources.items()
            if not (isinstance(source, Path) and source.is_relative_to(above.parent))
        }
        for name, source in self._sources.items():
            _keep(run, source, f"{inside}/{name}")
        described = {
            "name": self.name,
            "type": self.type,
            "version": self.version,
            "aliases": self.aliases,
            "tags": self.tags,
            "description": self.description,
            "metadata": without_secrets(self.metadata),
            "references": self.references,
            "files": list(self._sources),
        }
        self.folder = _keep(run, to_json(described).encode(), f"{inside}/{_DESCRIPTION}").parent
        if self._new_files is not None:
            self._new_files.cleanup()


def as_artifact(given: Any, name: str | None, type: str | None, run_id: str) -> Artifact:
    """Return the artifact that a script gave, or one of the file or folder that it named.

    Raises
    ------
    InvalidTypeError, StorageError
        If it is neither, or there is none.
    """
    if isinstance(given, Artifact):
        return given
    if not isinstance(given, (str, os.PathLike)):
        raise InvalidTypeError(f"an artifact must be an Artifact or a path, but got {shown(given)}")
    path = Path(given)
    artifact = Artifact(name or f"run-{run_id}-{path.name}", type or "unspecified")
    if path.is_dir():
        artifact.add_dir(path)
    else:
        artifact.add_file(path)
    return artifact


def _folder_name(name: str) -> str:
    return name.replace("/", "-").replace(":", "-").strip(". ") or "unnamed"


def _keep(run: LocalRun, source: Path | bytes, name: str) -> Path:
    if isinstance(source, Path):
        return run.save_file(source, name)
    with tempfile.TemporaryDirectory(prefix="runlog-artifact-") as folder:
        path = Path(folder, "content")
        path.write_bytes(source)
        return run.save_file(path, name)

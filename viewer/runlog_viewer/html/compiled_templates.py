"""Templates as they are compiled, kept in the user's cache: to compile them takes as long as a small site.

They are code. So they are taken only out of a folder that is this user's alone. What is of another version,
or not whole, is compiled anew, and so is all where nothing can be kept.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog.files.user_cache import user_cache

_FOLDER = "templates"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class CompiledTemplates(BytecodeCache):
    """The compiled templates of one version of the viewer.

    Parameters
    ----------
    version
        What those of another version differ by; how templates are compiled is part of it.
    """

    def __init__(self, version: str) -> None:
        self._version = version.encode()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before, if it is there."""
        with suppress(OSError, runlog.StorageError):
            folder = user_cache() / _FOLDER
            if not _is_ours_alone(folder):
                return
            head, code = _split(SafeFolder(folder).read(bucket.key), len(self._head(b"")))
            if head == self._head(code):
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        with suppress(OSError, runlog.StorageError):
            folder = user_cache() / _FOLDER
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours_alone(folder):
                code = bucket.bytecode_to_string()
                SafeFolder(folder).write(bucket.key, self._head(code) + code)

    def _head(self, code: bytes) -> bytes:
        return self._version + hashlib.sha256(code).digest()


def _split(content: bytes, length: int) -> tuple[bytes, bytes]:
    return content[:length], content[length:]


def _is_ours_alone(folder: Path) -> bool:
    """Return whether nobody else may put anything into a folder, or put another in its place."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    # Where users have no numbers, a profile is its user's alone.
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & _OTHERS)

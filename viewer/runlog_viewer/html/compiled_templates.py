"""Templates as they are compiled, kept in the user's cache: to compile them takes as long as a small site.

They are code. So they are taken only out of a folder that is this user's alone. What is of another version,
or not whole, is compiled anew, and so is all where nothing can be kept.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from runlog.files.user_cache import trusted_cache

_FOLDER = "templates"


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
        with suppress(OSError):
            with trusted_cache(_FOLDER) as folder:
                content = folder.read(bucket.key) or b""
            head, code = _split(content, len(self._head(b"")))
            if head == self._head(code):
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        with suppress(OSError):
            code = bucket.bytecode_to_string()
            with trusted_cache(_FOLDER) as folder:
                folder.write(bucket.key, self._head(code) + code)

    def _head(self, code: bytes) -> bytes:
        return self._version + hashlib.sha256(code).digest()


def _split(content: bytes, length: int) -> tuple[bytes, bytes]:
    return content[:length], content[length:]

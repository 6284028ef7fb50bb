"""What tells a site that this user's builder wrote here from one that came with a folder.

A page that a stranger forged looks like one of ours, and data scripts are code. So each pass ends with a
seal: a mark, and what a secret in the user's cache makes of it, of the place and of the time of the mark.
That time is the system's (``ctime``), which no copy, archive or script can set: a file of the site that is
newer was not written by us, and a site that was moved, copied, unpacked or replaced is not where we wrote it.
Where the secret cannot be kept, or others could have put it there, no site is known again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import runlog
from runlog.files.locks import is_held
from runlog.files.safe_folder import OpenFolder, SafeFolder
from runlog.files.user_cache import is_ours_alone, trusted_cache, user_cache
from runlog_viewer.pages import site_names

_MARK, _SEAL = f"{site_names.VIEWER}/.mark", f"{site_names.VIEWER}/.seal"
_FOLDERS = {
    *(site_names.STEPS, site_names.DATA, site_names.MASKS, site_names.THUMBNAILS, site_names.SHARED_ASSETS)
}
LOCK = f"{site_names.VIEWER}/.lock"
_KEY_FILE = "site-key"
_KEY_BYTES = 32
# For how long a page is waited for while another process writes its site.
_BUILDER_SECONDS = 2.0
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Seal:
    """What a site that we wrote says of itself.

    Attributes
    ----------
    media
        The folder that holds the media files of its run, elsewhere; None where they are beside the pages.
    file_count
        How many files one pass wrote, from nothing; None where several did: what is written little by little
        depends on when.
    signature
        That of another pass is another one; empty where the seal could not be written.
    """

    media: Path | None
    file_count: int | None = None
    signature: str = ""


# By folder and the number that its `viewer` has in the file system: a site that is replaced is another one.
_seals: dict[tuple[Path, int | None], Seal] = {}
# The key as it was when it was looked at: of thousands of runs, each asks for it.
_secrets: dict[tuple[object, ...], bytes] = {}


def write_seal(target: Path, media: Path | None = None, file_count: int | None = None) -> None:
    """Let the site in a folder be known as ours: all that is in it was written by us, or removed before.

    Where that cannot be said, it is as any other site.
    """
    seal = Seal(media, file_count)
    with suppress(OSError):
        files = SafeFolder(target)
        files.write(_MARK, b"")
        said: list[object] = ["" if media is None else str(media), file_count]
        signature = _signature(target, files.status(_MARK), said)
        files.write(_SEAL, json.dumps([signature, *said]).encode())
        seal = replace(seal, signature=signature)
    _note(target, seal)


def read_seal(target: Path) -> Seal | None:
    """Return the seal of the site in a folder; None unless all that is in it was written there by us."""
    files = SafeFolder(target)
    mark = files.status(_MARK)
    try:
        signature, *said = json.loads(files.read(_SEAL))
        if mark is None or not hmac.compare_digest(signature, _signature(target, mark, said)):
            return None
        media, file_count = said
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    if any(not _is_older(name, status, mark) for name, status in site_entries(files)):
        return None
    return _note(target, Seal(Path(media) if media else None, file_count, signature))


def find_seal(target: Path) -> Seal | None:
    """Return the seal that this process wrote or read here, also while a builder is at work; else read it."""
    identity = _identity(target)
    if identity in _seals:
        return _seals[identity]
    seal, last_look = read_seal(target), time.monotonic() + _BUILDER_SECONDS
    while seal is None and is_held(target / LOCK) and time.monotonic() < last_look:
        time.sleep(_PAUSE_SECONDS)
        seal = read_seal(target)
    return seal


def _note(target: Path, seal: Seal) -> Seal:
    _seals[_identity(target)] = seal
    return seal


def _identity(target: Path) -> tuple[Path, int | None]:
    viewer = SafeFolder(target).status(site_names.VIEWER)
    return target, viewer.st_ino if viewer else None


def _is_older(name: str, status: os.stat_result, mark: os.stat_result) -> bool:
    if stat.S_ISDIR(status.st_mode):
        return name in _FOLDERS
    is_about_it = name in (_SEAL, LOCK)
    return stat.S_ISREG(status.st_mode) and (is_about_it or status.st_ctime_ns <= mark.st_ctime_ns)


def site_entries(files: SafeFolder) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files and folders of a site, each with what is known of itself."""
    if (index := files.status(site_names.INDEX_PAGE)) is not None:
        yield site_names.INDEX_PAGE, index
    waiting = [site_names.VIEWER]
    while waiting:
        folder = waiting.pop()
        with os.scandir(files.path / folder) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}"
                yield name, entry.stat(follow_symlinks=False)
                if name in _FOLDERS and entry.is_dir(follow_symlinks=False):
                    waiting.append(name)


def file_names(files: SafeFolder) -> list[str]:
    """Return where the files of a site are, but for what is kept about it."""
    names = (name for name, status in site_entries(files) if stat.S_ISREG(status.st_mode))
    return [name for name in names if not name.rpartition("/")[2].startswith(".")]


def _signature(target: Path, mark: os.stat_result | None, said: list[object]) -> str:
    viewer = SafeFolder(target).status(site_names.VIEWER)
    if mark is None or viewer is None:
        raise FileNotFoundError(target)
    place = [str(target.absolute()), viewer.st_ino, mark.st_ino, mark.st_ctime_ns, *said]
    return signed(json.dumps(place))


def signed(text: str) -> str:
    """Return what nobody but this user's builders can make of a text.

    Raises
    ------
    OSError
        If the secret can neither be read nor kept.
    """
    return hmac.new(_secret(), text.encode(), hashlib.sha256).hexdigest()


def _secret() -> bytes:
    """Return what nobody but this user's builders can know; it is made when it is first asked for."""
    place = user_cache()
    if (known := _secrets.get(_as_it_is(place))) is not None:
        return known
    with trusted_cache() as folder:
        if (secret := _kept_secret(folder)) is None:
            folder.write(_KEY_FILE, os.urandom(_KEY_BYTES), mode=0o600)
            # Of builders that make one at the same time, the last one's is kept.
            secret = _kept_secret(folder)
    if secret is None:
        raise runlog.StorageError(
            f"{_KEY_FILE} in the user's cache must be a file of this user alone, but others have rights to it"
        )
    _secrets.clear()
    _secrets[_as_it_is(place)] = secret
    return secret


def _as_it_is(place: Path) -> tuple[object, ...]:
    """Return what differs when the folder of the key, or the key, is another one or has other rights."""
    found: list[object] = [place]
    for path in (place, f"{place}{os.sep}{_KEY_FILE}"):
        with suppress(OSError):
            status = os.lstat(path)
            found += [*status[:7], status.st_ctime_ns]
    return tuple(found)


def _kept_secret(folder: OpenFolder) -> bytes | None:
    """Return the secret that is there; None if another could know or have made it, or it was cut short."""
    try:
        secret = folder.read(_KEY_FILE, most=_KEY_BYTES, wanted=is_ours_alone)
    except (FileNotFoundError, PermissionError, runlog.StorageError):  # missing, another's, a link or a FIFO
        return None
    return secret if secret is not None and len(secret) == _KEY_BYTES else None

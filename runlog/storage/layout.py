"""Every path rule of a run folder: where things lie, and how keys become folders that stay apart.

A key such as ``val/predictions`` becomes the folder ``val/predictions``. A part of a key that a file system
might refuse, change or mistake for another (capitals, spaces, ``..``, reserved names, other scripts, great
length) becomes a readable slug, ``~`` and 8 hex digits of its hash. ``~`` never occurs in a plain part, so
two keys never share a folder, on any file system.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import unicodedata
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown
from runlog.files.paths import absolute_path, given_path, is_file, is_folder, is_link

DATABASE = "run.db"
# What SQLite puts beside a database while it is open.
DATABASE_COMPANIONS = (f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
# What a database is made under.
TEMPORARY_DATABASE = f".{DATABASE}.*.tmp"
LOCK = "run.lock"
# Beside the runs there is their site, so none is called so.
VIEWER = "viewer"
INDEX_PAGE = "index.html"
SITE_NAMES = frozenset({VIEWER, INDEX_PAGE})
LOST_AND_FOUND = PurePosixPath("lost+found")
MEDIA = PurePosixPath("media")
IMAGES = MEDIA / "images"
MASKS = MEDIA / "masks"
LOGGED_FILES = MEDIA / "files"
# The files of a run as a whole, which belong to its script.
FILES = PurePosixPath("files")
CONSOLE = FILES / "console.txt"
# What says that a folder is a bag (RFC 8493), which archives are, and its folder of all that it carries.
BAG_DECLARATION = "bagit.txt"
BAG_PAYLOAD = "data"
# What a file system answers that can tell that a file is not there; any other answer leaves it open.
_TELLS_ABSENCE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}
_TAKEN_NAMES = SITE_NAMES | {DATABASE, *DATABASE_COMPANIONS, LOCK, BAG_DECLARATION}

MAX_KEY_LENGTH = 1000
MAX_STEP = 2**63 - 1
_MAX_PART = 60
_HASH_DIGITS = 8
_PLAIN_PART = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_-])?")
_WINDOWS_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
# A part that looks like a media file would stand beside the files of the key before it.
_MEDIA_NAME = re.compile(r"[0-9]{9,}-[0-9]{4,}-.*")
# As `image_path` and `mask_path` make it: no part is led by a dot, none is empty.
_MEDIA_PATH = re.compile(
    r"media/(images|masks)/([a-z0-9_~][a-z0-9_.~-]*/)+[0-9]{9,19}-[0-9]{4,}-[a-z0-9_.~-]*[0-9a-f]{8}\.[a-z]{3,4}"
)
# A key has at most 1000 characters, of which each can become a part of its own with a hash.
_MAX_MEDIA_PATH = 16_000
# As `logged_file_path` makes it.
_LOGGED_FILE_PATH = re.compile(
    r"media/files/([a-z0-9_~][a-z0-9_.~-]*/)+[0-9]{9,19}-[0-9]{4,}-[0-9a-f]{8}-[a-z0-9_~][a-z0-9_.~-]*"
)
# A file's name must be one on any file system: what Windows refuses, and more bytes than others take.
_REFUSED_IN_NAMES = re.compile(r"[<>:\"|?*\\~]")
_MAX_NAME_BYTES = 200
_MAX_FILE_PATH = 1000
_SUFFIX = re.compile(r"[a-z0-9]{1,10}")
_DRIVE = re.compile(r"[A-Za-z]:")
# A run folder while it is removed; no run is called so.
_REMOVED = re.compile(r"\..+\.[0-9a-f]{16}\.removed", re.DOTALL)
_RUN_ID = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?")


def runs_folder(folder: str | os.PathLike[str] | None) -> Path:
    """Return the runs folder: `folder`, else $RUNLOG_DIR, else ``./runs``; absolute."""
    return absolute_path(folder if folder is not None else os.environ.get("RUNLOG_DIR") or "runs")


def new_run_id(now: datetime) -> str:
    """Return a run id for a run created `now` (UTC): the time and 8 random hex digits."""
    return f"{now:%Y%m%d-%H%M%S}-{os.urandom(4).hex()}"


def check_run_id(run_id: object) -> str:
    """Return a run id that names a folder on every file system.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        Unless it is 1 to 128 letters, digits, ``_``, ``-`` and ``.``, neither led nor ended by ``.``, nor a
        reserved name.
    """
    if not isinstance(run_id, str):
        raise InvalidTypeError(f"id must be a string, but got {shown(run_id)}")
    if not _RUN_ID.fullmatch(run_id) or _WINDOWS_RESERVED.fullmatch(run_id.lower()) or run_id == VIEWER:
        raise InvalidValueError(
            "id must be 1 to 128 letters, digits, '_', '-' and '.' that name a folder on any file system, "
            f"but got {shown(run_id)}"
        )
    return run_id


def check_new_run_id(run_id: object) -> str:
    """Return the id of a run that is to be, as `check_run_id` does.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As `check_run_id`; or if its folder would stand where the pages of all runs are, or would be taken for
        what says that a folder is a run, or an archive.
    """
    checked = check_run_id(run_id)
    if checked.lower() in _TAKEN_NAMES:
        *names, last = sorted(_TAKEN_NAMES)
        raise InvalidValueError(
            f"id must leave {', '.join(names)} and {last} to what stands for itself in a folder, "
            f"but got {shown(run_id)}"
        )
    return checked


def check_key(key: object) -> str:
    """Return a key that can be logged.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        Unless it is a string of 1 to 1000 printable characters that UTF-8 can hold.
    """
    if not isinstance(key, str):
        raise InvalidTypeError(f"a key must be a string, but got {shown(key)}")
    _check_text(key)
    return key


def printable_key(key: str) -> str:
    """Return a key that was given with line ends or other control characters, without them."""
    kept = (" " if unicodedata.category(character) in ("Cc", "Cs") else character for character in key)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4096)
def _check_text(key: str) -> None:
    if not key.strip() or len(key) > MAX_KEY_LENGTH:
        raise InvalidValueError(
            f"a key must have 1 to {MAX_KEY_LENGTH} characters, not all of them spaces, but got {shown(key)}"
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in key):
        raise InvalidValueError(f"a key must not hold control characters or surrogates, but got {shown(key)}")


def key_folder(key: str) -> PurePosixPath:
    """Return the folder of a key, relative to ``media/images`` or ``media/masks``."""
    return PurePosixPath(*(_part(part) for part in key.split("/")))


def image_path(key: str, step: int, index: int, pixel_hash: str, file_format: str) -> PurePosixPath:
    """Return the path of an image's media file, relative to the run folder."""
    name = f"{step:09d}-{index:04d}-{pixel_hash[:_HASH_DIGITS]}.{file_format}"
    return _folder(IMAGES, key) / name


def mask_path(key: str, step: int, index: int, layer: str, pixel_hash: str) -> PurePosixPath:
    """Return the path of a mask's media file, relative to the run folder."""
    name = f"{step:09d}-{index:04d}-{_part(layer)}-{pixel_hash[:_HASH_DIGITS]}.png"
    return _folder(MASKS, key) / name


def run_file_path(name: str) -> PurePosixPath:
    """Return the path of a file of the run, relative to the run folder.

    Its name stays as it is, but for parts that a file system might refuse, change or hide: these become a
    slug with a hash, as those of keys do, and keep what tells programs the kind of file.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        Unless it is a relative path, with ``/``, of at most 1000 characters that names something.
    """
    if not isinstance(name, str):
        raise InvalidTypeError(f"the name of a file must be a string, but got {shown(name)}")
    parts = name.split("/")
    if len(name) > _MAX_FILE_PATH or any(not part.strip(". ") for part in parts):
        raise InvalidValueError(
            f"the name of a file must be a relative path of 1 to {_MAX_FILE_PATH} characters, without '..' "
            f"and empty parts, but got {shown(name)}"
        )
    path = FILES.joinpath(*(part if _is_portable(part) else slugged_name(part) for part in parts))
    if len(str(path)) > _MAX_FILE_PATH:
        raise InvalidValueError(f"the name of a file must be shorter, but got {shown(name)}")
    return path


def logged_file_path(key: str, step: int, index: int, sha256: str, name: str) -> PurePosixPath:
    """Return the path of a file that was logged under a key, relative to the run folder."""
    last = name if _is_plain(name) else slugged_name(name)
    return _folder(LOGGED_FILES, key) / f"{step:09d}-{index:04d}-{sha256[:_HASH_DIGITS]}-{last}"


def slugged_name(name: str) -> str:
    """Return the name of a file as one that any file system takes, and takes for no other."""
    stem, dot, suffix = name.rpartition(".")
    kind = suffix.lower() if dot and stem and _SUFFIX.fullmatch(suffix.lower()) else ""
    return f"{_slug(stem if kind else name, name)}{kind and '.'}{kind}"


def folded_name(path: str) -> str:
    """Return what two paths share that some file system takes for one."""
    # Asked of each file at each flush.
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _is_portable(part: str) -> bool:
    """Return whether every file system takes the name of a file as it is, and shows it."""
    return (
        part[0] not in ". "
        and part[-1] not in ". "
        and not _REFUSED_IN_NAMES.search(part)
        and not _WINDOWS_RESERVED.fullmatch(part.lower())
        and part.isprintable()
        and unicodedata.is_normalized("NFC", part)
        and len(part.encode()) <= _MAX_NAME_BYTES
    )


@lru_cache(maxsize=4096)
def _folder(parent: PurePosixPath, key: str) -> PurePosixPath:
    return parent / key_folder(key)


def is_inside(path: str) -> bool:
    """Return whether a relative path, with ``/``, names a file below its folder on every file system."""
    parts = path.split("/")
    return (
        not any(part in ("", ".", "..") for part in parts)
        and not _DRIVE.match(path)
        and "\\" not in path
        # What cannot be printed is rare, and looked at closely only then: archives ask of many paths.
        and (path.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs") for c in path))
    )


def is_kept_path(path: PurePosixPath) -> bool:
    """Return whether a path, as a row has it, names a media file or a file of the run."""
    is_there = len(path.parts) > 1 and path.parts[0] in (MEDIA.name, FILES.name)
    return is_there and is_inside(str(path))


def is_stored_media_path(path: str) -> bool:
    """Return whether a path can be one that `image_path` or `mask_path` made."""
    return len(path) <= _MAX_MEDIA_PATH and _MEDIA_PATH.fullmatch(path) is not None


def is_run_file_path(path: str) -> bool:
    """Return whether a path can be that of a file of the run, none of whose names is hidden."""
    parts = path.split("/")
    return (
        len(path) <= _MAX_FILE_PATH
        and len(parts) > 1
        and parts[0] == FILES.name
        and is_inside(path)
        and not any(part.startswith(".") for part in parts)
    )


def is_logged_file_path(path: str) -> bool:
    """Return whether a path can be one that `logged_file_path` made."""
    return len(path) <= _MAX_MEDIA_PATH and _LOGGED_FILE_PATH.fullmatch(path) is not None


def find_runs(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return the run folders in a runs folder, by name: its folders that hold a ``run.db``.

    Of an unzipped archive, those that it carries. A folder that may not be entered counts as one, as it may
    be: whoever reads it is told that it cannot be read.

    Raises
    ------
    StorageError
        If `folder` cannot be listed.
    """
    path = given_path(folder)
    refuse_zip(path)
    if not is_bag(path):
        return _runs_in(path)
    payload = _payload(path)
    return (payload,) if has_database(payload) else _runs_in(payload)


def _runs_in(folder: Path) -> tuple[Path, ...]:
    try:
        entries = sorted(folder.iterdir())
        # One that may be listed, but not entered, would seem to hold nothing but closed folders.
        os.stat(os.path.join(folder, "."))  # noqa: PTH116, PTH118 - a Path has no dot at its end
    except OSError as error:
        raise StorageError(
            f"a runs folder must be a readable folder, but {folder}: {error.strerror}"
        ) from None
    return tuple(filter(_counts_as_run, entries))


def _counts_as_run(entry: Path) -> bool:
    if entry.name in SITE_NAMES:
        return False
    there = _is_database_there(entry)
    # What a system keeps to itself on each disk, such as `.Trash-0`, is closed, too, and no run is called so.
    return not _is_of_system(entry.name) if there is None else there


def _is_of_system(name: str) -> bool:
    return name.startswith(".") or name == LOST_AND_FOUND.name


def find_misplaced_runs(folder: Path) -> tuple[Path, ...]:
    """Return the run folders in a runs folder that stand where its pages belong, and are among no runs."""
    return tuple(folder / name for name in sorted(SITE_NAMES) if _is_database_there(folder / name))


def find_remnants(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return the remnants in a folder, or itself: of runs that were killed before they had a database.

    One holds a lock, the beginning of a database, and nothing else. What is left of runs that were removed,
    but not whole, is among them (`is_removed`).

    Raises
    ------
    StorageError
        If `folder` cannot be listed.
    """
    path = given_path(folder)
    if is_removed(path) or is_remnant(path):
        return (path,)
    try:
        return tuple(entry for entry in sorted(path.iterdir()) if is_removed(entry) or is_remnant(entry))
    except OSError as error:
        raise StorageError(f"{path} must be a readable folder, but: {error.strerror}") from None


def new_removed_folder(run_folder: Path) -> Path:
    """Return the folder that a run folder becomes while it is removed."""
    return run_folder.with_name(f".{run_folder.name}.{os.urandom(8).hex()}.removed")


def is_removed(folder: Path) -> bool:
    """Return whether a folder is what is left of a run that is being removed, or was not removed whole."""
    is_called_so = _REMOVED.fullmatch(folder.name) is not None
    return is_called_so and is_folder(folder) and not is_link(folder)


def find_removed(folder: Path) -> tuple[Path, ...]:
    """Return what is left in a runs folder of runs that were removed, as far as it can be listed."""
    return tuple(filter(is_removed, folder.glob(".*.removed")))


def is_remnant(folder: Path) -> bool:
    """Return whether a folder is what is left of a run that never had a database; see `find_remnants`."""
    try:
        entries = [] if folder.is_symlink() else list(folder.iterdir())
    except OSError:
        return False
    return bool(entries) and all(map(_is_of_beginning, entries))


def _is_of_beginning(entry: Path) -> bool:
    is_called_so = entry.name == LOCK or fnmatchcase(entry.name, TEMPORARY_DATABASE)
    return is_called_so and not entry.is_dir()


def find_payload(folder: str | os.PathLike[str]) -> Path:
    """Return a folder itself or, of an unzipped archive, its run folder; if it carries several, their folder.

    Raises
    ------
    StorageError
        If `folder` is a zip file, an archive that cannot be listed, or where one may not look.
    """
    path = given_path(folder)
    refuse_zip(path)
    refuse_unreachable(path)
    if not is_bag(path):
        return path
    runs = find_runs(path)
    return runs[0] if len(runs) == 1 else _payload(path)


def find_run_folder(folder: str | os.PathLike[str]) -> Path:
    """Return a folder itself or, of an unzipped archive of one run, its run folder.

    Raises
    ------
    StorageError
        If `folder` is a zip file, or an archive of several runs or none.
    """
    path = find_payload(folder)
    if is_bag(Path(folder)) and not has_database(path):
        runs = find_runs(path)
        name = f"; name one, such as {runs[0]}" if runs else ""
        raise StorageError(
            f"an archive must hold one run to be read as one, but {folder} holds {len(runs)}{name}"
        )
    return path


def is_bag(folder: Path) -> bool:
    """Return whether a folder is a bag, such as an unzipped archive, and no run folder."""
    return is_file(folder / BAG_DECLARATION) and not has_database(folder)


def has_database(folder: Path) -> bool:
    """Return whether a folder is meant as a run's: what has the name of its database may be no plain file.

    So is one that may not be entered, or is out of order: it may be a run's, and to pass it over in silence
    would lose that run from a list or an archive. Reading it says why it cannot be read.
    """
    return _is_database_there(folder) is not False


def _is_database_there(folder: Path) -> bool | None:
    """Return whether something has the name of a run's database; None where that cannot be known."""
    if _REMOVED.fullmatch(folder.name):
        return False
    try:
        return not stat.S_ISDIR((folder / DATABASE).lstat().st_mode)
    except ValueError:
        return False
    except OSError as error:
        return False if error.errno in _TELLS_ABSENCE else None


def refuse_other_folder(run_folder: Path) -> None:
    """Refuse a folder that holds no database of a run.

    Raises
    ------
    StorageError
        Also where that cannot be known.
    """
    try:
        is_there = (run_folder / DATABASE).is_file()
    except OSError as error:
        raise StorageError(
            f"a run folder must be a readable folder, but {run_folder}: {error.strerror}"
        ) from None
    if not is_there:
        raise StorageError(f"a run folder must hold {DATABASE}, but {run_folder} does not")


def _payload(bag: Path) -> Path:
    payload = bag / BAG_PAYLOAD
    if payload.is_symlink():
        raise StorageError(f"{payload} must be a folder of the archive, but is a link")
    return payload


def find_bag(path: str | os.PathLike[str]) -> Path | None:
    """Return the bag that a path is, or whose payload it is or lies in; None if there is none.

    Its manifests hold the sha256 of each file: whatever is written into it breaks it.
    """
    absolute = absolute_path(path)
    payloads = [folder.parent for folder in (absolute, *absolute.parents) if folder.name == BAG_PAYLOAD]
    return next((folder for folder in (absolute, *payloads) if is_bag(folder)), None)


def refuse_bag(path: Path) -> None:
    """Refuse to write into an archive.

    Raises
    ------
    InvalidValueError
        If `path` is one, or lies in one.
    """
    bag = find_bag(path)
    if bag is not None:
        raise InvalidValueError(
            f"a run in an archive must stay as it is, or the checksums of {bag} do not hold any more; "
            "copy the run folder out of it, and change the copy"
        )


def refuse_link(run_folder: Path) -> None:
    """Refuse to write to a run folder that is a link: it may have been received, and lead anywhere.

    Raises
    ------
    InvalidValueError
        Naming the folder that it leads to.
    """
    if is_link(run_folder):
        raise InvalidValueError(
            f"a run folder must be no link to be changed, but {run_folder} leads to "
            f"{os.path.realpath(run_folder)}; name that folder instead"
        )


def refuse_zip(path: Path) -> None:
    """Refuse a zip file where a folder is wanted.

    Raises
    ------
    StorageError
        Saying what to do with it.
    """
    if path.suffix.lower() == ".zip" and is_file(path):
        raise StorageError(
            f"{path} is a zip file: unzip it first, then name its folder, or open the index.html in it"
        )


def refuse_unreachable(path: Path) -> None:
    """Refuse a path of which it cannot be known whether something is there.

    Raises
    ------
    StorageError
        Saying why.
    """
    try:
        path.stat()
    except OSError as error:
        if error.errno not in _TELLS_ABSENCE:
            raise StorageError(f"{path} must be within reach, but: {error.strerror or error}") from None


def run_folders(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return the run folder itself or, of a runs folder or an unzipped archive, those in it.

    Raises
    ------
    StorageError
        If there is none.
    """
    path = Path(folder)
    found = (path,) if has_database(path) else find_runs(path)
    if not found:
        raise StorageError(f"{path} must be a run folder or a runs folder, but there is no {DATABASE} in it")
    return found


def _part(part: str) -> str:
    return part if _is_plain(part) else _slug(part, part)


def _is_plain(part: str) -> bool:
    return (
        _PLAIN_PART.fullmatch(part) is not None
        and len(part) <= _MAX_PART
        and not _WINDOWS_RESERVED.fullmatch(part)
        and not _MEDIA_NAME.fullmatch(part)
    )


def _slug(readable: str, whole: str) -> str:
    """Return what can be read of a name, and a hash of the whole that tells it apart."""
    ascii_only = unicodedata.normalize("NFKD", readable).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_]+", "-", ascii_only.lower()).strip("-")[:_MAX_PART]
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    return f"{slug}~{digest}"


def check_step(step: object) -> int:
    """Return a step: an integer from 0 to 2**63 - 1, of any integer type, or a decimal string of one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        For anything else.
    """
    if isinstance(step, str) and step.isascii() and step.isdigit():
        number: int | None = int(step.lstrip("0")[:20] or "0")
    else:
        number = integer(step)
    if number is None:
        raise InvalidTypeError(f"step must be an integer or a decimal string, but got {shown(step)}")
    if not 0 <= number <= MAX_STEP:
        raise InvalidValueError(f"step must be from 0 to 2**63 - 1, but got {shown(step)}")
    return number

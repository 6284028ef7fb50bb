"""What a ``log`` dict may hold: each value is told apart and checked before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, shown
from runlog.images.checks import python_number
from runlog.images.image import Image
from runlog.images.sources import is_picture_like
from runlog.storage.kinds import FILE, HISTOGRAM, KINDS, ROW_KINDS, RowKind, is_number
from runlog.storage.layout import check_key
from runlog.values.video import picture_of

_LOGGABLE = ", ".join(
    (*(kind.loggable for kind in KINDS), "a list of Images, strings or numbers, or a dict of such values")
)

_LISTS = "a list of Images, of strings, of numbers, of dicts, or of Files and Videos, all of one kind"

# Up to here a float holds every integer.
_MOST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one ``log`` call by key: numbers, lists of images, and those of each other kind.

    Attributes
    ----------
    rounded
        The integers that no float holds exactly, as they were given; `scalars` has the nearest.
    binned
        How many numbers there were in each array that became a histogram.
    """

    scalars: Mapping[str, float]
    galleries: Mapping[str, tuple[Image, ...]]
    rows: Mapping[RowKind[Any, Any], Mapping[str, Any]]
    rounded: Mapping[str, int]
    binned: Mapping[str, int]

    def keys(self) -> set[str]:
        """Return the keys of all of them."""
        return {*self.scalars, *self.galleries, *(key for rows in self.rows.values() for key in rows)}


def read_values(data: object) -> Values:
    """Sort the values of a ``log`` dict; nested dicts are flattened with ``.``, None values are skipped.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If a key or value cannot be logged; the message names the key.
    """
    scalars: dict[str, float] = {}
    rows: dict[RowKind[Any, Any], dict[str, Any]] = {}
    galleries: dict[str, tuple[Image, ...]] = {}
    rounded: dict[str, int] = {}
    binned: dict[str, int] = {}
    seen: set[str] = set()
    for key, value in _flattened(_mapping(data), ""):
        _refuse_seen(key, seen)
        if isinstance(value, float):
            scalars[key] = float(value)
        elif (number := _scalar(value, key)) is not None:
            scalars[key] = number
            if abs(number) >= _MOST_EXACT and (exact := _integer(value)) is not None and exact != number:
                rounded[key] = exact
        elif (row := _row(value, key)) is not None:
            kind, content = row
            rows.setdefault(kind, {})[key] = content
            if kind is HISTOGRAM and value is not content:
                binned[key] = len(value)
        else:
            galleries[key] = _gallery(value, key)
    return Values(scalars, galleries, rows, rounded, binned)


def check_keys(data: object) -> None:
    """Check all of a ``log`` dict but its values.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no dict, or a key cannot be logged.
    """
    seen: set[str] = set()
    for key, _ in _flattened(_mapping(data), ""):
        _refuse_seen(key, seen)


def _mapping(data: object) -> Mapping[Any, Any]:
    if not isinstance(data, Mapping):
        fix = f"; pass {{{data!r}: value}}" if isinstance(data, str) else ""
        raise InvalidTypeError(f"log() must get a dict of key to value, but got {shown(data)}{fix}")
    return data


def _refuse_seen(key: str, seen: set[str]) -> None:
    if key in seen:
        raise InvalidValueError(f"a key must stand once in a call, but {key!r} is given twice")
    seen.add(key)


def _flattened(data: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        key = check_key(name) if not prefix else check_key(f"{prefix}.{_checked_name(name, prefix)}")
        # Asked first: most values are numbers, and whether one is a Mapping takes Python ten times as long.
        if isinstance(value, (float, int)):
            yield key, value
        elif isinstance(value, Mapping):
            yield from _flattened(value, key)
        elif value is not None:
            yield key, value


def _checked_name(name: object, prefix: str) -> str:
    try:
        return check_key(name)
    except RunlogError as error:
        raise type(error)(f"in {prefix!r} {error}") from None


def _scalar(value: Any, key: str) -> float | None:
    """Return the number that a value is, None where it is none; a NaN or an infinity is a number."""
    if not is_number(value):
        return None
    try:
        return float(python_number(value))  # type: ignore[arg-type]
    except OverflowError:
        raise InvalidValueError(
            f"{key!r} must be a number that a float holds, but got {shown(value)}"
        ) from None


def _integer(value: Any) -> int | None:
    """Return the integer that a number is, exactly; None for a float, which is what it is."""
    number = python_number(value)
    return number if isinstance(number, int) else None


def _row(value: Any, key: str) -> tuple[RowKind[Any, Any], Any] | None:
    """Return the kind of a value that is one row, and the value as it is stored; None where it is none."""
    try:
        for kind in ROW_KINDS:
            if (content := kind.read(value)) is not None:
                return kind, content
    except RunlogError as error:
        raise type(error)(f"{key!r}: {error}") from None
    return None


def _gallery(value: Any, key: str) -> tuple[Image, ...]:
    if isinstance(value, (list, tuple)):
        pictures = [_picture(item, f"{key!r}[{index}]") for index, item in enumerate(value)]
        if not all(map(_is_picture, pictures)):
            raise InvalidTypeError(_mixed(pictures, key))
        images = tuple(_image(picture, f"{key!r}[{index}]") for index, picture in enumerate(pictures))
        _refuse_twice(images, key)
        return images
    picture = _picture(value, repr(key))
    if not _is_picture(picture):
        raise InvalidTypeError(f"{key!r} must be {_LOGGABLE}, but got {_typed(value)}{_array_hint(value)}")
    return (_image(picture, repr(key)),)


def _mixed(values: Sequence[Any], key: str) -> str:
    """Return what is wrong with a list that is no list of images, and none of another kind."""
    kinds = list(map(_listed_kind, values))
    stranger = next((place for place, kind in enumerate(kinds) if kind is None or kind != kinds[0]), 0)
    # One of no kind is wrong beside whatever it stands.
    places = [stranger] if kinds[stranger] is None else [0, stranger]
    got = " and ".join(f"{key!r}[{place}] is {_typed(values[place])}" for place in places)
    return f"{key!r} must be {_LISTS}, but {got}{_array_hint(values[stranger])}"


def _listed_kind(value: Any) -> str | None:
    """Return the kind of a value in a list, None for one that no list may hold."""
    if _is_picture(value):
        return "image"
    if isinstance(value, Mapping):
        return "dict"
    if is_number(value):
        return "number"
    return "text" if isinstance(value, str) else "file" if FILE.read(value) is not None else None


def _typed(value: Any) -> str:
    return f"{type(value).__name__} {shown(value)}"


def _refuse_twice(images: tuple[Image, ...], key: str) -> None:
    """Refuse two images that are said to be the same picture."""
    places: dict[str, int] = {}
    for index, image in enumerate(images):
        if image.id is not None and (first := places.setdefault(image.id, index)) != index:
            raise InvalidValueError(
                f"{key!r} must have each id once in its list, but {shown(image.id)} is that of images "
                f"{first} and {index}"
            )


def _is_picture(value: Any) -> bool:
    return isinstance(value, Image) or is_picture_like(value)


def _image(value: Any, where: str) -> Image:
    if isinstance(value, Image):
        return value
    try:
        return Image(value)
    except RunlogError as error:
        raise type(error)(f"{where}: {error}") from None


def _picture(value: Any, where: str) -> Any:
    try:
        return picture_of(value)
    except RunlogError as error:
        raise type(error)(f"{where}: {error}") from None


def _array_hint(value: Any) -> str:
    """Return what to do with an array: a picture is told from a series of values by its axes."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple):
        return ""
    if len(shape) >= 2:
        return "; if it is a picture, wrap it in Image(…); of values, log a number such as values.mean()"
    return "; of texts, log a list (values.tolist())"

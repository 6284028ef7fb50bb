"""Classes: the names of class ids that the layers of an image share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, SupportsIndex, TypedDict

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import ClassLabels, check_class_id, check_color, check_list, check_string


class ClassDict(TypedDict):
    """One class as `Classes` takes it."""

    id: SupportsIndex
    name: str


@dataclass(frozen=True, init=False, repr=False, slots=True)
class Classes:
    """The names of class ids, shared by every layer of an image that brings no labels of its own.

    Parameters
    ----------
    class_set
        One ``{"id": int, "name": str}`` per class.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an entry is not such a dict, or an id stands twice.
    """

    class_labels: ClassLabels

    def __init__(self, class_set: Iterable[ClassDict]) -> None:
        labels: dict[int, str] = {}
        for index, entry in enumerate(check_list(class_set, "classes", "{'id': int, 'name': str}")):
            where = f"classes[{index}]"
            if not isinstance(entry, Mapping) or not {"id", "name"} <= set(entry):
                raise InvalidTypeError(f"{where} must be a dict with 'id' and 'name', but got {shown(entry)}")
            class_id = check_class_id(entry["id"], f"{where}['id']")
            if class_id in labels:
                raise InvalidValueError(f"{where}['id'] must be unique, but {class_id} came before")
            labels[class_id] = check_string(entry["name"], f"{where}['name']")
        object.__setattr__(self, "class_labels", FrozenDict(labels))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return ({"id": class_id, "name": name} for class_id, name in self.class_labels.items())

    def __repr__(self) -> str:
        return f"Classes({shown(dict(self.class_labels))})"


def check_run_classes(
    classes: Mapping[int, Mapping[str, Any] | str],
) -> tuple[FrozenDict[int, str], FrozenDict[int, str]]:
    """Check what ``run.define_classes`` takes; return labels and colours by class id.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no dict of class id to a name, or to ``{"name": …, "color": "#rrggbb"}``.
    """
    if not isinstance(classes, Mapping):
        raise InvalidTypeError(f"classes must be a dict of class id to a class, but got {shown(classes)}")
    labels: dict[int, str] = {}
    colors: dict[int, str] = {}
    for given, one in classes.items():
        where = f"classes[{given!r}]"
        class_id = check_class_id(given, "a class id in classes")
        entry = one if isinstance(one, Mapping) else {"name": one}
        if unknown := [name for name in entry if name not in ("name", "color")]:
            raise InvalidValueError(
                f"{where} must have no fields but color and name, but got {shown(unknown)}"
            )
        if entry.get("name") is not None:
            labels[class_id] = check_string(entry["name"], f"{where}['name']")
        if entry.get("color") is not None:
            colors[class_id] = check_color(entry["color"], f"{where}['color']")
    return FrozenDict(labels), FrozenDict(colors)

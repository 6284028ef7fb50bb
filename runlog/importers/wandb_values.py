"""What an offline run of W&B logged, JSON that names files of the run → what `LocalRun.log` takes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, shown
from runlog.images.boxes import BoundingBoxes2D
from runlog.images.image import Image
from runlog.images.masks import ImageMask
from runlog.importers.entry import Account
from runlog.importers.foreign_values import ForeignValues, MediaFiles, Typed, histogram, table_rows
from runlog.importers.sources import SourceFile
from runlog.storage.layout import is_inside
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.values.table import Table

FILES = "files"
"""The folder beside the log that has all files of the run."""

_MEDIA_IN_TABLES = "pictures and other media in tables, which lie in no folder of the run"
_BOXES, _MASKS = "layers of boxes", "masks"
_LABELS_BETWEEN = "_wandb_delimeter_"
_ARTIFACT_SCHEME = "wandb-client-artifact://"


class WandbValues:
    """Reads the values of one run.

    Parameters
    ----------
    log
        Its ``.wandb`` file: files are named below the folder ``files`` beside it.
    account
        Notes what cannot be taken.

    Attributes
    ----------
    mask_labels
        As the configuration has them so far: key and layer to what says the labels of a mask.
    media
        Knows which files the values named.
    tables_with_media
        What values call the files of tables that have media.
    """

    def __init__(self, log: SourceFile, account: Account) -> None:
        self._log, self._account = log, account
        self.media = MediaFiles(account)
        self._growing: dict[str, Table] = {}
        self.mask_labels: Mapping[str, Any] = {}
        self.tables_with_media: set[str] = set()
        files = ("html", "audio", "video", "object3D", "molecule", "plotly", "bokeh", "graph")
        self._values = ForeignValues(
            account,
            {
                "image-file": self._image,
                "images/separated": self._images,
                "histogram": self._histogram,
                "table-file": self._table,
                "incremental-table-file": self._growing_table,
                **{f"{name}-file": self._file for name in files},
                **dict.fromkeys(("audio", "videos", "html", "object3D", "molecule"), self._files),
            },
        )

    def read(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """Return what can be logged of what was logged at a step, by key."""
        return self._values.read(tree)

    def _source(self, path: Any) -> SourceFile:
        if not isinstance(path, str) or not is_inside(path):
            raise InvalidValueError(f"a file must be named below {FILES}/, but got {shown(path)}")
        return self._log.beside(f"{FILES}/{path}")

    def _image(self, key: str, value: Typed) -> Image:
        grouping = value.get("grouping")
        return self._picture(
            key,
            value.get("path"),
            value.get("caption"),
            grouping if type(grouping) is int else None,
            (value.get("boxes"), value.get("masks")),
        )

    def _images(self, key: str, value: Typed) -> list[Image] | None:
        paths = value.get("filenames")
        if not isinstance(paths, list):
            raise InvalidTypeError(f"images must be named by a list of files, but got {shown(paths)}")
        images = []
        for index, path in enumerate(paths):
            layers = _at(value.get("all_boxes"), index), _at(value.get("all_masks"), index)
            try:
                images.append(self._picture(key, path, _at(value.get("captions"), index), None, layers))
            except RunlogError as error:
                self._values.refuse(key, "images", error)
        return images if images or not paths else None

    def _picture(
        self, key: str, path: Any, caption: Any, grouping: int | None, layers: tuple[Any, Any]
    ) -> Image:
        boxes, masks = layers
        return self.media.picture(
            self._source(path),
            caption,
            grouping=grouping,
            boxes=self._layers(key, _BOXES, boxes),
            masks=self._layers(key, _MASKS, masks),
        )

    def _layers(self, key: str, kind: str, layers: Any) -> dict[str, Any]:
        """Return layers by name; one that is broken is left out, and the picture stays."""
        found = {}
        for name, layer in layers.items() if isinstance(layers, dict) else ():
            try:
                path = layer.get("path") if isinstance(layer, dict) else layer
                read = self._box_layer if kind == _BOXES else self._mask
                found[name] = read(key, name, self._source(path))
            except RunlogError as error:
                self._values.refuse(key, kind, error)
        return found

    def _box_layer(self, key: str, name: str, source: SourceFile) -> BoundingBoxes2D:
        layer = self.media.json(source)
        if not isinstance(layer, dict) or "box_data" not in layer:
            raise InvalidTypeError(f"{source.name} must have box_data, but has none")
        return BoundingBoxes2D(
            {"box_data": layer["box_data"], "class_labels": _labels(layer.get("class_labels"))}, name
        )

    def _mask(self, key: str, name: str, source: SourceFile) -> ImageMask:
        said = self.mask_labels.get(f"{key}{_LABELS_BETWEEN}{name}")
        labels = _labels(said.get("value") if isinstance(said, dict) else None)
        return ImageMask({"path": io.BytesIO(self.media.content(source)), "class_labels": labels}, name)

    def _histogram(self, key: str, value: Typed) -> Histogram:
        packed = value.get("packedBins")
        return histogram(
            value.get("values"), _edges(packed) if isinstance(packed, dict) else value.get("bins")
        )

    def _table(self, key: str, value: Typed) -> Table:
        columns, rows = self._rows(key, value)
        return Table(columns, rows)

    def _growing_table(self, key: str, value: Typed) -> Table:
        """Return the one table of all increments so far; the file of each has the rows that are new."""
        columns, rows = self._rows(key, value)
        table = self._growing.get(key)
        if table is None or not value.get("increment_num"):
            self._growing[key] = table = Table(columns, incremental=True)
        for row in rows:
            table.append(row)
        return table

    def _rows(self, key: str, value: Typed) -> tuple[list[str], list[list[Any]]]:
        content = self.media.json(self._source(value.get("path")))
        if not isinstance(content, dict):
            raise InvalidTypeError(f"a table must be columns and data, but got {shown(content)}")
        artifact = value.get("artifact_path")
        if isinstance(artifact, str):
            client_id = artifact.removeprefix(_ARTIFACT_SCHEME).partition("/")[0]
            if client_id in self.tables_with_media:
                self._account.not_taken[_MEDIA_IN_TABLES][key] += 1
        return table_rows(content.get("columns"), content.get("data"))

    def _file(self, key: str, value: Typed) -> File | Image:
        return self.media.file(key, self._source(value.get("path")), value.get("caption"))

    def _files(self, key: str, value: Typed) -> list[File | Image] | None:
        lists = [one for one in value.values() if isinstance(one, list) and one]
        objects = next((one for one in lists if all(isinstance(item, dict) for item in one)), None)
        named = objects or [{"path": path} for path in value.get("filenames") or () if isinstance(path, str)]
        found = []
        for one in named:
            try:
                found.append(self._file(key, one))
            except RunlogError as error:
                self._values.refuse(key, "files", error)
        return found or None


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None


def _labels(labels: Any) -> dict[int, str]:
    """Return labels with the class ids that JSON has as strings; what is none is left out."""
    if not isinstance(labels, dict):
        return {}
    return {
        int(name): label
        for name, label in labels.items()
        if isinstance(label, str) and name.isdecimal() and len(name) <= 5
    }


def _edges(packed: Mapping[str, Any]) -> list[Any]:
    """Return the edges of bins of one size."""
    least, size, count = packed.get("min"), packed.get("size"), packed.get("count")
    if (
        not isinstance(least, (int, float))
        or not isinstance(size, (int, float))
        or not isinstance(count, int)
        or not 0 < count <= Histogram.MAX_BINS
    ):
        raise InvalidTypeError(f"bins must have min, size and count, but got {shown(packed)}")
    return [least + size * place for place in range(count + 1)]

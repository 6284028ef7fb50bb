"""The rows of images, of what lies on them, and of their media files.

A part of the `Store`, which opens the transactions that all of it is called in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from sqlite3 import Connection
from typing import Any, Literal

from runlog.basics.jsontext import storable_text, to_json
from runlog.images.checks import ClassLabels
from runlog.images.image import Image
from runlog.images.layers import Layer
from runlog.storage.conversions import conversion_to_json
from runlog.storage.fields import field_rows
from runlog.storage.file_records import MediaRecord
from runlog.storage.layer_kinds import LAYER_KINDS

MediaKind = Literal["image", "mask"]


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An `Image` whose media files are in place: what its rows need."""

    image: Image
    media: MediaRecord
    masks: Mapping[str, MediaRecord]


class ImageRows:
    """Writes images, fields, boxes, masks, sets of class labels and media, and deletes media.

    Attributes
    ----------
    run_labels, run_colors
        Labels and colours of classes of the run as a whole; those of an image and of a layer go before them.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._label_set_ids: dict[tuple[tuple[tuple[int, str], ...], ...], int] = {}
        self.run_labels, self.run_colors = self._run_classes()

    def forget(self) -> None:
        """Let go of ids that a transaction gave which did not come about."""
        self._label_set_ids.clear()

    def insert(self, step: int, key: str, images: Iterable[StoredImage]) -> list[int]:
        """Write the images of a gallery with all that lies on them; return the ids of their rows."""
        image_ids = []
        for index, stored in enumerate(images):
            image = stored.image
            image_id = self._insert(
                'INSERT INTO images (step, key, "index", caption, "grouping", media_id, conversion, identity)'
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    step,
                    key,
                    index,
                    None if image.caption is None else storable_text(image.caption),
                    image.grouping,
                    self.media_id("image", key, stored.media),
                    conversion_to_json(image.conversion),
                    image.id,
                ],
            )
            if image.fields:
                self._insert_fields(image_id, field_rows(image.fields))
            self._insert_annotations(image_id, key, stored)
            image_ids.append(image_id)
        return image_ids

    def media_of_gallery(self, step: int, key: str) -> set[int]:
        """Return the ids of the media of images and masks under a key at a step."""
        rows = self._db.execute(
            "SELECT media_id FROM images WHERE step = :step AND key = :key UNION "
            "SELECT masks.media_id FROM masks JOIN images ON images.id = masks.image_id"
            " WHERE step = :step AND key = :key",
            {"step": step, "key": key},
        )
        return {row[0] for row in rows}

    def media_id(self, kind: MediaKind, key: str, media: MediaRecord) -> int:
        """Return the id of the row of a media file, which is written if there is none."""
        path = str(media.path)
        added = self._db.execute(
            "INSERT INTO media (path, kind, key, pixel_hash, sha256, format, width, height, bytes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING",
            [
                path,
                kind,
                key,
                media.pixel_hash,
                media.sha256,
                media.format,
                media.width,
                media.height,
                media.bytes,
            ],
        )
        if added.rowcount == 1 and added.lastrowid is not None:
            return added.lastrowid
        known: int = self._one("SELECT id FROM media WHERE path = :path", path=path)
        return known

    def drop_unused_media(self, media_ids: Iterable[int]) -> tuple[PurePosixPath, ...]:
        """Delete the rows of those media that nothing needs any more; return their paths."""
        dropped = []
        for media_id in media_ids:
            path = self._one(
                "SELECT max(path) FROM media WHERE id = :id"
                " AND NOT EXISTS (SELECT 1 FROM images WHERE media_id = :id)"
                " AND NOT EXISTS (SELECT 1 FROM masks WHERE media_id = :id)"
                " AND NOT EXISTS (SELECT 1 FROM table_media WHERE media_id = :id)",
                id=media_id,
            )
            if path is not None:
                self._db.execute("DELETE FROM media WHERE id = ?", [media_id])
                dropped.append(PurePosixPath(path))
        return tuple(dropped)

    def labels_of_layer(self, image: Image, layer: Layer) -> int:
        """Return the id of the label set of a layer on an image."""
        of_image = image.classes.class_labels if image.classes is not None else {}
        labels = {**self.run_labels, **of_image, **layer.class_labels}
        return self.label_set_id(labels, {**self.run_colors, **layer.class_colors})

    def label_set_id(self, labels: ClassLabels, colors: Mapping[int, str]) -> int:
        """Return the id of a set of labels and colours of classes, which is written if there is none."""
        content = (tuple(sorted(labels.items())), tuple(sorted(colors.items())))
        if content not in self._label_set_ids:
            # Without colours, the digest is that of a set of labels as it has always been.
            text = to_json(content if colors else content[0])
            digest = hashlib.sha256(text.encode()).hexdigest()
            known = self._one("SELECT max(id) FROM label_sets WHERE sha256 = :digest", digest=digest)
            self._label_set_ids[content] = (
                self._insert_label_set(digest, labels, colors) if known is None else known
            )
        return self._label_set_ids[content]

    def _insert_fields(self, image_id: int, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.executemany(
            'INSERT INTO image_fields (image_id, name, "index", type, number, text)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(image_id, *row) for row in rows],
        )

    def _insert_annotations(self, image_id: int, key: str, stored: StoredImage) -> None:
        for kind in LAYER_KINDS:
            for name, layer in getattr(stored.image, kind.name).items():
                place = (image_id, storable_text(name))
                labels = self.labels_of_layer(stored.image, layer)
                media = [self.media_id("mask", key, stored.masks[name])] if kind.has_media else []
                self._db.execute(kind.insert, [*place, labels, *media, *kind.to_row(layer)])
                if kind.item_table is not None:
                    items = enumerate(kind.to_item_rows(layer))
                    self._db.executemany(kind.insert_item, [(*place, index, *item) for index, item in items])

    def _insert_label_set(self, digest: str, labels: ClassLabels, colors: Mapping[int, str]) -> int:
        label_set_id = self._insert("INSERT INTO label_sets (sha256) VALUES (?)", [digest])
        self._db.executemany(
            "INSERT INTO class_labels (label_set_id, class_id, label) VALUES (?, ?, ?)",
            [(label_set_id, class_id, storable_text(label)) for class_id, label in labels.items()],
        )
        self._db.executemany(
            "INSERT INTO class_colors (label_set_id, class_id, color) VALUES (?, ?, ?)",
            [(label_set_id, class_id, color) for class_id, color in colors.items()],
        )
        return label_set_id

    def _run_classes(self) -> tuple[ClassLabels, Mapping[int, str]]:
        if not self._one("SELECT EXISTS (SELECT 1 FROM run_classes)"):
            return {}, {}
        from runlog.storage.image_queries import read_run_classes

        return read_run_classes(self._db)

    def _insert(self, sql: str, values: list[Any]) -> int:
        row_id = self._db.execute(sql, values).lastrowid
        assert row_id is not None  # noqa: S101 - an INSERT into a table with rowids sets it
        return row_id

    def _one(self, sql: str, **values: Any) -> Any:
        return self._db.execute(sql, values).fetchone()[0]

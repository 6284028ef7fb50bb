"""A run whose every text column holds markup, and what tells whether a page lets it out."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

# An element and attributes that no page has; each breaks out of another place that text may stand in.
MARK = (
    "\"'><xss-mark onxss=1></script></style></title></textarea>--><xss-mark></xss-mark>"
    "<img src=x onerror=\"document.title='xss'\"> onxss=1 ' onxss='1 \" onxss=\"1 `${xss}`"
)
_JSON = {
    "run.tags": json.dumps([MARK]),
    "run.config": json.dumps({MARK: {MARK: [MARK]}, f"{MARK}.": MARK}),
    "run.environment": json.dumps({"host": MARK, "command": MARK, MARK: MARK, "packages": {MARK: MARK}}),
    "images.conversion": json.dumps(
        {"source": "array", "dtype": MARK, "shape": [3], "minimum": 0.5, "maximum": 2.0, "rule": "clip",
         "clipped": 3, "non_finite": 1, "size": 9, "notes": [MARK]}
    ),
    "boxes.scores": json.dumps({MARK: 0.5}),
}  # fmt: skip
# A row of a table; its mask has the layer that its row in table_media has by then.
_CONVERSION = json.loads(_JSON["images.conversion"])
_CELLS = [
    {
        "image": {
            "caption": MARK, "grouping": 1, "conversion": _CONVERSION,
            "boxes": {
                MARK: {
                    "label_set": 1,
                    "boxes": [{"form": "min_max", "domain": "fraction", "numbers": [0.1, 0.6, 0.2, 0.7],
                               "class_id": 1, "caption": MARK, "scores": {MARK: 0.5}}],
                }
            },
            "masks": {f"{MARK}truth": {"label_set": 1, "class_ids": [0, 1, 2]}},
            "id": MARK, "fields": [[MARK, 0, "text", None, MARK]],
        }
    },
    MARK,
    [1, 2.5],
]  # fmt: skip
_JSON["table_rows.cells"] = json.dumps(_CELLS)
_JSON["tables.columns"] = json.dumps([[MARK, "image"], [f"{MARK} ", "text"], [f"{MARK}  ", "numbers"]])
# The key of a metric that is drawn over another must be that of a scalar.
_TEXTS = (
    *("run.name", "run.project", "run.group", "run.notes", "scalars.key", "texts.key", "texts.text"),
    *("media.key", "files.key", "images.key", "images.caption", "empty_galleries.key", "class_labels.label"),
    *("box_layers.layer", "boxes.layer", "boxes.caption", "masks.layer", "metrics.pattern"),
    *("evaluations.pattern", "evaluations.truth", "evaluations.predictions", "evaluations.score"),
    *("judged_images.score", "judged_scalars.image_key", "box_verdicts.layer"),
    *("images.identity", "image_fields.name"),
    *("image_fields.text", "metrics.step_metric"),
    *(
        "system_numbers.key",
        "keys.key",
        "summary.key",
        "tables.key",
        "histograms.key",
        "_sqlite_migrations.applied_at",
    ),
)
FREE = frozenset((*_JSON, *_TEXTS, "summary.value", "table_media.layer"))


def fill(database: Path) -> None:
    """Put markup in front of, or into, each text that people may choose."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        for column in _TEXTS:
            table, name = column.split(".")
            db.execute(f'UPDATE {table} SET "{name}" = ? || "{name}"', [MARK])
        db.execute("UPDATE files SET path = 'files/' || ? || path WHERE key IS NULL", [MARK])
        for column, text in _JSON.items():
            table, name = column.split(".")
            db.execute(f'UPDATE {table} SET "{name}" = ?', [text])
        db.execute("UPDATE table_media SET layer = ? || layer WHERE layer != ''", [MARK])
        db.execute("UPDATE summary SET value = ? WHERE is_set = 1", [json.dumps(MARK)])


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text_seen = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        is_named = tag.startswith("xss") or any(name.startswith("on") for name, _ in attributes)
        if is_named or ("src", "x") in attributes:
            self.found.append(self.get_starttag_text() or tag)
        self.text_seen |= any("xss-mark" in (value or "") for _, value in attributes)

    def handle_data(self, data: str) -> None:
        self.text_seen |= "<xss-mark" in data


def let_out(html: str) -> tuple[list[str], bool]:
    """Return the elements that came out of the markup, and whether it shows as text somewhere."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.found, parser.text_seen

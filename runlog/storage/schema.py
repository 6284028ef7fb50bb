"""The tables and views in the database of a run folder, and the migrations that made them.

The schema is a public interface: ``sqlite3``, Datasette and pandas read it, and docs/schema.md describes it.
Tables carry ``CHECK(typeof(…))`` instead of STRICT, so that SQLite 3.34 of older clusters opens them.
A scalar or box number that is NaN is stored as NULL, since SQLite has no NaN; infinities are stored as such.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from sqlite_utils import Database

_TABLES = """
-- One row: the run this folder holds; times are UTC, ISO 8601.
CREATE TABLE run (
    id TEXT PRIMARY KEY CHECK (typeof(id) = 'text'),
    name TEXT NOT NULL,
    project TEXT,
    "group" TEXT,
    tags TEXT NOT NULL DEFAULT '[]',         -- JSON list
    notes TEXT,
    config TEXT NOT NULL DEFAULT '{}',       -- JSON
    environment TEXT NOT NULL DEFAULT '{}',  -- JSON
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
    created_at TEXT NOT NULL,
    finished_at TEXT,
    revision INTEGER NOT NULL DEFAULT 0 CHECK (typeof(revision) = 'integer')
);

-- One row a step that was logged to. revision grows with every change of the run.
CREATE TABLE steps (
    step INTEGER PRIMARY KEY CHECK (step >= 0),
    logged_at TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (typeof(revision) = 'integer')
);
CREATE INDEX steps_by_revision ON steps (revision);

-- Numbers and booleans (0 or 1); NULL is NaN.
CREATE TABLE scalars (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    value REAL CHECK (typeof(value) IN ('real', 'null')),
    PRIMARY KEY (step, key)
) WITHOUT ROWID;

-- Strings, and lists of numbers as JSON.
CREATE TABLE texts (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    text TEXT NOT NULL CHECK (typeof(text) = 'text'),
    PRIMARY KEY (step, key)
) WITHOUT ROWID;

-- One row a media file; path is relative to the run folder. pixel_hash is over size, mode, format and pixels.
CREATE TABLE media (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('image', 'mask')),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    pixel_hash TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    bytes INTEGER NOT NULL CHECK (bytes > 0)
);
CREATE INDEX media_by_pixel_hash ON media (pixel_hash, key);

-- One row an image: its place in the list logged under a key at a step. An empty list has no row here.
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    "index" INTEGER NOT NULL CHECK ("index" >= 0),
    caption TEXT,
    "grouping" INTEGER,
    media_id INTEGER NOT NULL REFERENCES media (id),
    conversion TEXT NOT NULL,                -- JSON: what was done to the pixels
    UNIQUE (key, step, "index")
);
CREATE INDEX images_by_step ON images (step);
CREATE INDEX images_by_media ON images (media_id);

-- Galleries that were logged as an empty list.
CREATE TABLE empty_galleries (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    PRIMARY KEY (step, key)
) WITHOUT ROWID;

-- Class labels, stored once for each distinct set of them.
CREATE TABLE label_sets (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE
);
CREATE TABLE class_labels (
    label_set_id INTEGER NOT NULL REFERENCES label_sets (id),
    class_id INTEGER NOT NULL CHECK (class_id BETWEEN 0 AND 65535),
    label TEXT NOT NULL,
    PRIMARY KEY (label_set_id, class_id)
) WITHOUT ROWID;

-- One row a layer of boxes on an image, whether or not there are boxes in it.
CREATE TABLE box_layers (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    layer TEXT NOT NULL CHECK (typeof(layer) = 'text'),
    label_set_id INTEGER NOT NULL REFERENCES label_sets (id),
    PRIMARY KEY (image_id, layer)
) WITHOUT ROWID;

-- One row a box, with the four numbers as given (NULL is NaN).
-- form min_max: a = minX, b = maxX, c = minY, d = maxY; form middle: a, b = middle, c = width, d = height.
-- domain: fraction of the image, or pixel. scores: JSON (null is NaN).
CREATE TABLE boxes (
    image_id INTEGER NOT NULL,
    layer TEXT NOT NULL,
    "index" INTEGER NOT NULL CHECK ("index" >= 0),
    form TEXT NOT NULL CHECK (form IN ('min_max', 'middle')),
    domain TEXT NOT NULL CHECK (domain IN ('fraction', 'pixel')),
    a REAL,
    b REAL,
    c REAL,
    d REAL,
    class_id INTEGER CHECK (class_id BETWEEN 0 AND 65535),
    caption TEXT,
    scores TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (image_id, layer, "index"),
    FOREIGN KEY (image_id, layer) REFERENCES box_layers (image_id, layer) ON DELETE CASCADE
) WITHOUT ROWID;

-- One row a mask layer of an image. class_ids: JSON list of the distinct ids in the mask.
CREATE TABLE masks (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    layer TEXT NOT NULL CHECK (typeof(layer) = 'text'),
    label_set_id INTEGER NOT NULL REFERENCES label_sets (id),
    media_id INTEGER NOT NULL REFERENCES media (id),
    class_ids TEXT NOT NULL,
    PRIMARY KEY (image_id, layer)
) WITHOUT ROWID;
CREATE INDEX masks_by_media ON masks (media_id);

-- The last value of each scalar (or what its metric asks for), or what the script set.
-- value: JSON. is_set: 1 if the script set it.
CREATE TABLE summary (
    key TEXT PRIMARY KEY CHECK (typeof(key) = 'text'),
    value TEXT NOT NULL,
    is_set INTEGER NOT NULL CHECK (is_set IN (0, 1))
) WITHOUT ROWID;

-- What define_metric said of the scalars whose keys match a pattern; the last row that matches counts.
CREATE TABLE metrics (
    id INTEGER PRIMARY KEY,
    pattern TEXT NOT NULL UNIQUE,
    step_metric TEXT,                        -- key of the scalar that is the x axis; NULL: the step
    summary TEXT NOT NULL CHECK (summary IN ('last', 'min', 'max', 'mean', 'best')),
    goal TEXT NOT NULL CHECK (goal IN ('minimize', 'maximize'))
);

-- For people: a row an image, with its file and counts.
CREATE VIEW image_log AS
SELECT images.step, images.key, images."index", images.caption, images."grouping",
       media.path, media.format, media.width, media.height, media.bytes,
       (SELECT count(*) FROM boxes WHERE boxes.image_id = images.id) AS box_count,
       (SELECT count(*) FROM masks WHERE masks.image_id = images.id) AS mask_count,
       json_extract(images.conversion, '$.rule') AS conversion_rule,
       images.id AS image_id
FROM images JOIN media ON media.id = images.media_id
ORDER BY images.step, images.key, images."index";

-- For people: a row a box, with pixel corners, class label, key and step.
-- One score: json_extract(scores, '$.confidence').
CREATE VIEW labelled_boxes AS
WITH corners AS (
    SELECT boxes.*,
           CASE form WHEN 'min_max' THEN a ELSE a - c / 2 END AS x0,
           CASE form WHEN 'min_max' THEN c ELSE b - d / 2 END AS y0,
           CASE form WHEN 'min_max' THEN b ELSE a + c / 2 END AS x1,
           CASE form WHEN 'min_max' THEN d ELSE b + d / 2 END AS y1
    FROM boxes
)
SELECT images.step, images.key, images."index", corners.layer, corners."index" AS box_index,
       corners.class_id,
       coalesce(class_labels.label, 'class_' || corners.class_id) AS class_label,
       CASE corners.domain WHEN 'pixel' THEN x0 ELSE x0 * media.width END AS "left",
       CASE corners.domain WHEN 'pixel' THEN y0 ELSE y0 * media.height END AS top,
       CASE corners.domain WHEN 'pixel' THEN x1 ELSE x1 * media.width END AS "right",
       CASE corners.domain WHEN 'pixel' THEN y1 ELSE y1 * media.height END AS bottom,
       corners.caption, corners.scores, media.path, images.id AS image_id
FROM corners
JOIN images ON images.id = corners.image_id
JOIN media ON media.id = images.media_id
JOIN box_layers ON box_layers.image_id = corners.image_id AND box_layers.layer = corners.layer
LEFT JOIN class_labels
       ON class_labels.label_set_id = box_layers.label_set_id AND class_labels.class_id = corners.class_id;
"""


_COLOURS_AND_REWINDS = """
-- Colours of classes, where a script chose them.
CREATE TABLE class_colors (
    label_set_id INTEGER NOT NULL REFERENCES label_sets (id),
    class_id INTEGER NOT NULL CHECK (class_id BETWEEN 0 AND 65535),
    color TEXT NOT NULL CHECK (typeof(color) = 'text'),  -- #rrggbb
    PRIMARY KEY (label_set_id, class_id)
) WITHOUT ROWID;

-- One row each time that the run went back to an earlier step: what was logged after `step` was removed.
CREATE TABLE rewinds (
    id INTEGER PRIMARY KEY,
    rewound_at TEXT NOT NULL,
    step INTEGER NOT NULL CHECK (step >= 0),
    last_step INTEGER NOT NULL CHECK (last_step > step),  -- the greatest of those removed
    steps INTEGER NOT NULL CHECK (steps > 0),             -- how many were removed
    images INTEGER NOT NULL CHECK (images >= 0),
    revision INTEGER NOT NULL CHECK (typeof(revision) = 'integer')
);
"""

_FILES = """
-- One row a file: of the run as a whole, in the folder `files`, or logged under a key at a step.
-- kind: as its name tells.
CREATE TABLE files (
    step INTEGER REFERENCES steps (step),
    key TEXT CHECK (typeof(key) IN ('text', 'null')),
    "index" INTEGER CHECK ("index" >= 0),           -- place in the list; 0 of a file alone
    path TEXT NOT NULL PRIMARY KEY CHECK (typeof(path) = 'text'),
    kind TEXT NOT NULL CHECK (kind IN ('video', 'audio', 'html', 'object3d', 'plotly', 'file')),
    sha256 TEXT NOT NULL CHECK (typeof(sha256) = 'text'),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    UNIQUE (step, key, "index"),
    CHECK ((step IS NULL) = (key IS NULL) AND (step IS NULL) = ("index" IS NULL))
) WITHOUT ROWID;
"""


_RUN_CLASSES = """
-- What the script said once for the run of its classes: the set of their labels and colours. At most one row.
CREATE TABLE run_classes (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    label_set_id INTEGER NOT NULL REFERENCES label_sets (id)
);
"""

# The entries of lists of texts have places, and lists of numbers are told from texts. What an older version
# logged stays what it was: one text.
_TEXT_ENTRIES = """
ALTER TABLE texts RENAME TO texts_before;

-- Strings, one row an entry of a list of them, and lists of numbers as JSON.
CREATE TABLE texts (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    "index" INTEGER NOT NULL CHECK ("index" >= 0),  -- place in the list; 0 of a text alone
    text TEXT NOT NULL CHECK (typeof(text) = 'text'),
    form TEXT NOT NULL CHECK (form IN ('text', 'numbers')),
    PRIMARY KEY (step, key, "index")
) WITHOUT ROWID;
INSERT INTO texts (step, key, "index", text, form) SELECT step, key, 0, text, 'text' FROM texts_before;
DROP TABLE texts_before;
"""
_TEXT_ENTRIES_STAND_IN = """
CREATE VIEW texts AS SELECT step, key, 0 AS "index", text, 'text' AS form FROM main.texts;
"""

_HISTOGRAMS = """
-- Histograms. bins: JSON, {"edges": [...], "counts": [...]}, one edge more than counts; two edges alone are
-- the first and the last of bins of equal width; both lists are empty if no number was finite.
CREATE TABLE histograms (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    bins TEXT NOT NULL CHECK (typeof(bins) = 'text'),
    nan_count INTEGER NOT NULL CHECK (nan_count >= 0),
    negative_infinity_count INTEGER NOT NULL CHECK (negative_infinity_count >= 0),
    positive_infinity_count INTEGER NOT NULL CHECK (positive_infinity_count >= 0),
    PRIMARY KEY (step, key)
);

-- For people: a row a bin, with its edges.
CREATE VIEW histogram_bins AS
WITH sized AS (
    SELECT step, key, bins, json_array_length(bins, '$.edges') = 2 AS is_equal,
           json_array_length(bins, '$.counts') AS bin_count,
           json_extract(bins, '$.edges[0]') AS low, json_extract(bins, '$.edges[1]') AS high
    FROM histograms
), placed AS (
    SELECT step, sized.key, bins, is_equal, low, high, counts.key AS bin, counts.value AS count,
           1.0 * counts.key / bin_count AS "from", (1.0 + counts.key) / bin_count AS "to"
    FROM sized, json_each(bins, '$.counts') AS counts
)
SELECT step, key, bin,
       CASE WHEN is_equal THEN low * (1 - "from") + high * "from"
            ELSE json_extract(bins, '$.edges[' || bin || ']') END AS "left",
       CASE WHEN is_equal THEN low * (1 - "to") + high * "to"
            ELSE json_extract(bins, '$.edges[' || (bin + 1) || ']') END AS "right",
       count
FROM placed
ORDER BY step, key, bin;
"""

_TABLE_VALUES = """
-- Rows of logged tables: one each time that rows were begun; tables logged again as they grow share them.
-- An id is never given again: whoever has read rows under it may keep them.
CREATE TABLE table_data (
    id INTEGER PRIMARY KEY AUTOINCREMENT
);

-- One row a table logged under a key at a step: the first row_count rows of its data.
-- columns: JSON list of [name, type], type: empty, bool, number, text, numbers, image or mixed.
CREATE TABLE tables (
    step INTEGER NOT NULL REFERENCES steps (step),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    data_id INTEGER NOT NULL REFERENCES table_data (id),
    row_count INTEGER NOT NULL CHECK (row_count >= 0),
    columns TEXT NOT NULL CHECK (typeof(columns) = 'text'),
    PRIMARY KEY (step, key)
) WITHOUT ROWID;
CREATE INDEX tables_by_data ON tables (data_id);

-- One row a row. cells: JSON list, a cell for each column: a number, true, false, a text, null, a list of
-- numbers, {"number": "NaN"} (or "Infinity", "-Infinity"), or {"image": {...}}, whose file table_media has.
CREATE TABLE table_rows (
    data_id INTEGER NOT NULL REFERENCES table_data (id) ON DELETE CASCADE,
    "row" INTEGER NOT NULL CHECK ("row" >= 0),
    cells TEXT NOT NULL CHECK (typeof(cells) = 'text'),
    PRIMARY KEY (data_id, "row")
) WITHOUT ROWID;

-- One row a picture in a cell (layer is empty), and one a mask on it.
CREATE TABLE table_media (
    data_id INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "column" INTEGER NOT NULL CHECK ("column" >= 0),
    layer TEXT NOT NULL CHECK (typeof(layer) = 'text'),
    media_id INTEGER NOT NULL REFERENCES media (id),
    PRIMARY KEY (data_id, "row", "column", layer),
    FOREIGN KEY (data_id, "row") REFERENCES table_rows (data_id, "row") ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX table_media_by_media ON table_media (media_id);

-- For people: a row a cell of each table at each step, with the name of its column.
-- value: as JSON has it (true is 1); of a picture, the path of its file.
CREATE VIEW table_cells AS
SELECT tables.step, tables.key, table_rows."row", json_extract(names.value, '$[0]') AS "column",
       CASE WHEN cells.type = 'object'
            THEN coalesce(media.path, json_extract(cells.value, '$.number'))
            ELSE cells.value END AS value,
       CASE WHEN cells.type = 'object'
            THEN CASE WHEN media.path IS NULL THEN 'real' ELSE 'image' END
            ELSE cells.type END AS type
FROM tables
JOIN table_rows ON table_rows.data_id = tables.data_id AND table_rows."row" < tables.row_count
JOIN json_each(table_rows.cells) AS cells
JOIN json_each(tables.columns) AS names ON names.key = cells.key
LEFT JOIN table_media ON table_media.data_id = table_rows.data_id AND table_media."row" = table_rows."row"
      AND table_media."column" = cells.key AND table_media.layer = ''
LEFT JOIN media ON media.id = table_media.media_id;
"""

# What is known of one image, and of one box. Views are made anew: they name their columns one by one.
_IDENTITY_AND_FIELDS = """
ALTER TABLE images ADD COLUMN identity TEXT CHECK (typeof(identity) IN ('text', 'null'));
CREATE UNIQUE INDEX images_by_identity ON images (key, identity, step) WHERE identity IS NOT NULL;
ALTER TABLE boxes ADD COLUMN iscrowd INTEGER NOT NULL DEFAULT 0 CHECK (iscrowd IN (0, 1));
ALTER TABLE boxes ADD COLUMN "ignore" INTEGER NOT NULL DEFAULT 0 CHECK ("ignore" IN (0, 1));
DROP VIEW image_log;
DROP VIEW labelled_boxes;
"""
_IDENTITY_AND_FIELDS_STAND_IN = """
CREATE VIEW images AS SELECT *, NULL AS identity FROM main.images;
CREATE VIEW boxes AS SELECT *, 0 AS iscrowd, 0 AS "ignore" FROM main.boxes;
"""
_FIELDS_AND_VIEWS = """
-- One row a field of an image. number: of a bool 0 or 1, of a real NULL where it is NaN.
CREATE TABLE image_fields (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (typeof(name) = 'text'),
    "index" INTEGER NOT NULL CHECK ("index" >= 0),  -- place among the fields of the image
    type TEXT NOT NULL CHECK (type IN ('bool', 'integer', 'real', 'text')),
    number NUMERIC CHECK (typeof(number) IN ('integer', 'real', 'null')),
    text TEXT CHECK (typeof(text) IN ('text', 'null')),
    PRIMARY KEY (image_id, name)
) WITHOUT ROWID;

-- For people: a row an image, with its file and counts.
CREATE VIEW image_log AS
SELECT images.step, images.key, images."index", images.caption, images."grouping",
       media.path, media.format, media.width, media.height, media.bytes,
       (SELECT count(*) FROM boxes WHERE boxes.image_id = images.id) AS box_count,
       (SELECT count(*) FROM masks WHERE masks.image_id = images.id) AS mask_count,
       json_extract(images.conversion, '$.rule') AS conversion_rule,
       images.id AS image_id, images.identity
FROM images JOIN media ON media.id = images.media_id
ORDER BY images.step, images.key, images."index";

-- For people: a row a field, with the image that it is of. value: the number or the text.
CREATE VIEW field_log AS
SELECT images.step, images.key, images."index", images.identity,
       image_fields.name, coalesce(image_fields.text, image_fields.number) AS value, image_fields.type,
       media.path, images.id AS image_id
FROM image_fields
JOIN images ON images.id = image_fields.image_id
JOIN media ON media.id = images.media_id
ORDER BY images.step, images.key, images."index", image_fields."index";

-- For people: a row a box, with pixel corners, class label, key and step.
-- One score: json_extract(scores, '$.confidence').
CREATE VIEW labelled_boxes AS
WITH corners AS (
    SELECT boxes.*,
           CASE form WHEN 'min_max' THEN a ELSE a - c / 2 END AS x0,
           CASE form WHEN 'min_max' THEN c ELSE b - d / 2 END AS y0,
           CASE form WHEN 'min_max' THEN b ELSE a + c / 2 END AS x1,
           CASE form WHEN 'min_max' THEN d ELSE b + d / 2 END AS y1
    FROM boxes
)
SELECT images.step, images.key, images."index", corners.layer, corners."index" AS box_index,
       corners.class_id,
       coalesce(class_labels.label, 'class_' || corners.class_id) AS class_label,
       CASE corners.domain WHEN 'pixel' THEN x0 ELSE x0 * media.width END AS "left",
       CASE corners.domain WHEN 'pixel' THEN y0 ELSE y0 * media.height END AS top,
       CASE corners.domain WHEN 'pixel' THEN x1 ELSE x1 * media.width END AS "right",
       CASE corners.domain WHEN 'pixel' THEN y1 ELSE y1 * media.height END AS bottom,
       corners.caption, corners.scores, media.path, images.id AS image_id,
       images.identity, corners.iscrowd, corners."ignore"
FROM corners
JOIN images ON images.id = corners.image_id
JOIN media ON media.id = images.media_id
JOIN box_layers ON box_layers.image_id = corners.image_id AND box_layers.layer = corners.layer
LEFT JOIN class_labels
       ON class_labels.label_set_id = box_layers.label_set_id AND class_labels.class_id = corners.class_id;
"""

_EVALUATIONS = """
-- How predictions are judged: one row each time that it was said; none is ever changed. Of all whose pattern
-- matches a key the last one counts.
CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY,
    pattern TEXT NOT NULL CHECK (typeof(pattern) = 'text'),
    truth TEXT NOT NULL CHECK (typeof(truth) = 'text'),              -- name of the layer
    predictions TEXT NOT NULL CHECK (typeof(predictions) = 'text'),  -- name of the layer
    iou REAL NOT NULL CHECK (iou > 0 AND iou <= 1),
    score TEXT,                              -- name of the score that ranks; NULL: the one there is
    min_score REAL NOT NULL,
    use_classes INTEGER NOT NULL CHECK (use_classes IN (0, 1)),
    by_class INTEGER NOT NULL CHECK (by_class IN (0, 1)),
    ignore_ids TEXT NOT NULL                 -- JSON list of class ids
);

-- One row an image that was judged. tp, fp, fn: of its boxes; NULL without boxes to compare.
-- mean_iou, pixel_accuracy, confusion: of its masks; NULL without masks to compare.
CREATE TABLE judged_images (
    image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
    evaluation_id INTEGER NOT NULL REFERENCES evaluations (id),
    score TEXT,                              -- name of the score that ranked its boxes
    tp INTEGER CHECK (tp >= 0),
    fp INTEGER CHECK (fp >= 0),
    fn INTEGER CHECK (fn >= 0),
    mean_iou REAL,
    pixel_accuracy REAL,
    confusion TEXT                           -- JSON list of [true class id, predicted class id, pixels]
);

-- One row a box that was judged. partner, confused_with: "index" of the other box, in the other layer.
CREATE TABLE box_verdicts (
    image_id INTEGER NOT NULL,
    layer TEXT NOT NULL CHECK (typeof(layer) = 'text'),
    "index" INTEGER NOT NULL CHECK ("index" >= 0),
    verdict TEXT NOT NULL
        CHECK (verdict IN ('true_positive', 'false_positive', 'missed', 'ignored', 'below')),
    partner INTEGER CHECK (partner >= 0),
    iou REAL CHECK (iou >= 0 AND iou <= 1),
    score REAL,
    confused_with INTEGER CHECK (confused_with >= 0),
    PRIMARY KEY (image_id, layer, "index"),
    FOREIGN KEY (image_id, layer, "index") REFERENCES boxes (image_id, layer, "index") ON DELETE CASCADE
) WITHOUT ROWID;

-- For people: a row an image that was judged.
CREATE VIEW evaluation_log AS
SELECT images.step, images.key, images."index", images.identity, tp, fp, fn,
       CASE WHEN tp + fp > 0 THEN 1.0 * tp / (tp + fp) WHEN fn = 0 THEN 1.0 END AS precision,
       CASE WHEN tp + fn > 0 THEN 1.0 * tp / (tp + fn) WHEN fp = 0 THEN 1.0 END AS recall,
       mean_iou, pixel_accuracy, judged_images.score AS ranked_by, evaluations.min_score, evaluations.iou,
       media.path, images.id AS image_id
FROM judged_images
JOIN evaluations ON evaluations.id = judged_images.evaluation_id
JOIN images ON images.id = judged_images.image_id
JOIN media ON media.id = images.media_id
ORDER BY images.step, images.key, images."index";

-- For people: a row a box that was judged, with the class of its partner, or of what it is confused with.
CREATE VIEW judged_boxes AS
SELECT labelled_boxes.step, labelled_boxes.key, labelled_boxes."index", labelled_boxes.identity,
       labelled_boxes.layer, labelled_boxes.box_index,
       labelled_boxes.layer = evaluations.truth AS is_truth,
       box_verdicts.verdict, box_verdicts.score, box_verdicts.partner, box_verdicts.iou,
       box_verdicts.confused_with,
       labelled_boxes.class_id, labelled_boxes.class_label,
       other.class_id AS other_class_id,
       coalesce(class_labels.label, 'class_' || other.class_id) AS other_class_label,
       labelled_boxes."left", labelled_boxes.top, labelled_boxes."right", labelled_boxes.bottom,
       labelled_boxes.path, labelled_boxes.image_id
FROM box_verdicts
JOIN labelled_boxes ON labelled_boxes.image_id = box_verdicts.image_id
     AND labelled_boxes.layer = box_verdicts.layer AND labelled_boxes.box_index = box_verdicts."index"
JOIN judged_images ON judged_images.image_id = box_verdicts.image_id
JOIN evaluations ON evaluations.id = judged_images.evaluation_id
LEFT JOIN boxes AS other ON other.image_id = box_verdicts.image_id
     AND other.layer = CASE WHEN box_verdicts.layer = evaluations.truth
                            THEN evaluations.predictions ELSE evaluations.truth END
     AND other."index" = coalesce(box_verdicts.confused_with, box_verdicts.partner)
LEFT JOIN box_layers ON box_layers.image_id = other.image_id AND box_layers.layer = other.layer
LEFT JOIN class_labels
     ON class_labels.label_set_id = box_layers.label_set_id AND class_labels.class_id = other.class_id;

-- For people: how many pixels of each true class of an image were taken for which class.
CREATE VIEW mask_confusion AS
SELECT images.step, images.key, images."index", images.identity,
       json_extract(pairs.value, '$[0]') AS true_class_id,
       json_extract(pairs.value, '$[1]') AS predicted_class_id,
       json_extract(pairs.value, '$[2]') AS pixels,
       images.id AS image_id
FROM judged_images
JOIN images ON images.id = judged_images.image_id
JOIN json_each(judged_images.confusion) AS pairs;
"""


_SYSTEM_NUMBERS = """
-- Numbers of the machine over time, where the script asked for them; NULL is NaN.
CREATE TABLE system_numbers (
    measured_at TEXT NOT NULL,
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    value REAL CHECK (typeof(value) IN ('real', 'null')),
    PRIMARY KEY (measured_at, key)
) WITHOUT ROWID;
"""

_JUDGED_SCALARS = """
-- Which scalars judging wrote, and of the images of which key; one that the script logged is not among them.
CREATE TABLE judged_scalars (
    step INTEGER NOT NULL,
    scalar_key TEXT NOT NULL CHECK (typeof(scalar_key) = 'text'),
    image_key TEXT NOT NULL CHECK (typeof(image_key) = 'text'),
    PRIMARY KEY (step, scalar_key),
    FOREIGN KEY (step, scalar_key) REFERENCES scalars (step, key) ON DELETE CASCADE
) WITHOUT ROWID;

-- Nobody took note of it before: the names tell.
WITH names (name, of_all, by_class) AS (
    VALUES ('ap50', 1, 1), ('ap50_95', 1, 1), ('precision', 1, 1), ('recall', 1, 1), ('iou', 0, 1),
           ('mean_iou', 1, 0), ('pixel_accuracy', 1, 0), ('evaluated_images', 1, 0)
),
galleries AS (
    SELECT DISTINCT images.step, images.key
    FROM judged_images JOIN images ON images.id = judged_images.image_id
)
INSERT OR IGNORE INTO judged_scalars (step, scalar_key, image_key)
SELECT scalars.step, scalars.key, galleries.key
FROM galleries
JOIN scalars ON scalars.step = galleries.step
JOIN names ON (of_all AND scalars.key = galleries.key || '/' || name)
    OR (by_class AND instr(scalars.key, galleries.key || '/' || name || '/') = 1);
"""

_FIRST_LOGGED = " UNION ALL ".join(
    f"SELECT key, min(step) AS step FROM {table} WHERE key IS NOT NULL GROUP BY key"
    for table in ("scalars", "texts", "histograms", "files", "tables", "images", "empty_galleries")
)
# Of keys that were logged before there was this table, only the first step is known.
_KEYS = f"""
-- One row a key, in the order in which they were first logged.
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (typeof(key) = 'text')
);
INSERT INTO keys (key) SELECT key FROM ({_FIRST_LOGGED}) GROUP BY key ORDER BY min(step), key;
"""
_KEYS_STAND_IN = f"""
CREATE VIEW keys AS SELECT row_number() OVER (ORDER BY min(step), key) AS id, key
FROM ({_FIRST_LOGGED}) GROUP BY key;
"""


def _execute(db: Database | sqlite3.Connection, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";\n")):
        db.execute(statement)


def m001_first_schema(db: Database | sqlite3.Connection) -> None:
    """Create the tables and views of version 1."""
    _execute(db, _TABLES)


def m002_colours_and_rewinds(db: Database | sqlite3.Connection) -> None:
    """Add the tables of class colours and of rewinds."""
    _execute(db, _COLOURS_AND_REWINDS)


def m003_kinds_of_values(db: Database | sqlite3.Connection) -> None:
    """Give texts their places in lists, and add the tables of newer kinds of values and of run classes."""
    _execute(db, "".join(_KINDS_OF_VALUES))


def m004_identity_and_fields(db: Database | sqlite3.Connection) -> None:
    """Add which picture an image is, its fields, and what COCO says of crowds and of boxes to be ignored."""
    _execute(db, _IDENTITY_AND_FIELDS + _FIELDS_AND_VIEWS)


def m005_evaluations(db: Database | sqlite3.Connection) -> None:
    """Add what is said of images, boxes and masks once they are judged, and how they were."""
    _execute(db, _EVALUATIONS)


def m006_system_numbers(db: Database | sqlite3.Connection) -> None:
    """Add the table of numbers of the machine."""
    _execute(db, _SYSTEM_NUMBERS)


def m007_judged_scalars(db: Database | sqlite3.Connection) -> None:
    """Add which scalars judging wrote."""
    _execute(db, _JUDGED_SCALARS)


def m008_keys(db: Database | sqlite3.Connection) -> None:
    """Add the order in which keys were first logged."""
    _execute(db, _KEYS)


# By kind of value: one is added to the migration of a version until that version is out.
_KINDS_OF_VALUES = (_TEXT_ENTRIES, _HISTOGRAMS, _FILES, _TABLE_VALUES, _RUN_CLASSES)

# In order. One is added for each change of the schema; none is ever changed.
MIGRATIONS: tuple[Callable[[Database | sqlite3.Connection], None], ...] = (
    m001_first_schema,
    m002_colours_and_rewinds,
    m003_kinds_of_values,
    m004_identity_and_fields,
    m005_evaluations,
    m006_system_numbers,
    m007_judged_scalars,
    m008_keys,
)
# By migration, the tables and views that a reader makes for itself, in memory, where a run has not seen it:
# what the run lacks is empty there, and what has another form now is seen through a view.
STAND_INS: dict[str, str] = {
    m002_colours_and_rewinds.__name__: _COLOURS_AND_REWINDS,
    m003_kinds_of_values.__name__: (
        _TEXT_ENTRIES_STAND_IN + _HISTOGRAMS + _FILES + _TABLE_VALUES + _RUN_CLASSES
    ),
    m004_identity_and_fields.__name__: _IDENTITY_AND_FIELDS_STAND_IN + _FIELDS_AND_VIEWS,
    m005_evaluations.__name__: _EVALUATIONS,
    m006_system_numbers.__name__: _SYSTEM_NUMBERS,
    m007_judged_scalars.__name__: _JUDGED_SCALARS,
    m008_keys.__name__: _KEYS_STAND_IN,
}

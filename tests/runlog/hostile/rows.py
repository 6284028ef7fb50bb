"""Hostile databases: every column of every table with every kind of bad value, and schemas that are traps."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from .commands import Place

DEEP = "[" * 5000 + "]" * 5000
MARKUP = "\"'><img src=x onerror=alert(1)></script><script>alert(1)</script>"
# The place is put in for PLACE.
VALUES: dict[str, object] = {
    "NULL": None,
    "a negative integer": -1,
    "the largest integer": 2**63 - 1,
    "a number": 1.5,
    "an infinite number": float("inf"),
    "bytes": b"\x00\xff\xfe",
    "no UTF-8": "CAST(x'ff41c0' AS TEXT)",
    "an empty text": "",
    "text of controls": "a\x00b\x1b[2J\r\n\u202eb",
    "markup": MARKUP,
    "an absolute path": "PLACE/home/documents/photo.png",
    "a climbing path": "media/images/../../../../home/documents/photo.png",
    "a format with slashes": "png/../../../../../home/.bashrc",
    "a megabyte of text": "word " * 250_000,
    "deep JSON": DEEP,
    "JSON of other kinds": '{"shape": {"a": [[]]}, "notes": 5, "host": [1], "packages": 7, "source": {}}',
    "JSON with a lone surrogate": '{"\\ud800": "\\udfff"}',
    "a JSON integer without end": "9" * 5000,
    "a time without an offset": "2026-11-22T10:15:02",
}


@dataclass(frozen=True)
class Column:
    """A column of a run's database."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@contextmanager
def _quickly(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = MEMORY")
        yield db


def columns(database: Path) -> list[Column]:
    """Return every column of every table that a run has."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            Column(table, row[1]) for table in tables for row in db.execute(f"PRAGMA table_info({table})")
        ]


def put(place: Place, column: Column, value: object) -> bool:
    """Put a value into a column of one row, whatever the schema says; return False if no file can hold it.

    The schema is as before afterwards: SQLite keeps what is in a column, whatever its constraints became.
    """
    if isinstance(value, str):
        value = value.replace("PLACE", str(place.root))
    with _quickly(place.bad / "run.db") as db:
        before = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
        db.execute("PRAGMA writable_schema = RESET")  # reads the schema again
        try:
            db.execute("PRAGMA ignore_check_constraints = ON")
            key = [row[1] for row in db.execute(f"PRAGMA table_info({column.table})") if row[5]] or ["rowid"]
            names = ", ".join(f'"{name}"' for name in key)
            shown = value if isinstance(value, str) and value.startswith("CAST(") else "?"
            db.execute(
                f'UPDATE {column.table} SET "{column.name}" = {shown}'
                f" WHERE ({names}) = (SELECT {names} FROM {column.table} ORDER BY {names} LIMIT 1)",
                [] if shown != "?" else [value],
            )
        except (sqlite3.IntegrityError, OverflowError):
            return False
        finally:
            db.execute("PRAGMA writable_schema = ON")
            db.executemany("UPDATE sqlite_master SET sql = ? WHERE name = ?", [(s, n) for n, s in before])
    return True


# Schemas and files that are traps


def _sql(*statements: str) -> Callable[[Place], None]:
    def make(place: Place) -> None:
        with _quickly(place.bad / "run.db") as db:
            for statement in statements:
                db.execute(statement)

    return make


def _view_instead(table: str, body: str) -> Callable[[Place], None]:
    return _sql(f"ALTER TABLE {table} RENAME TO real_{table}", f'CREATE VIEW "{table}" AS {body}')


_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i"


def _generated_column(place: Place) -> None:
    with closing(sqlite3.connect(place.bad / "run.db", isolation_level=None)) as db:
        db.execute("ALTER TABLE steps ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000)))")


def _super_journal(place: Place) -> None:
    """Leave a hot journal that names a file of the home as its super-journal, which SQLite deletes."""
    journal = place.bad / "run.db-journal"
    with closing(sqlite3.connect(place.bad / "run.db", isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE run SET notes = hex(zeroblob(20000))")
        data = journal.read_bytes()
        db.execute("ROLLBACK")
    name = str(place.home / ".bashrc").encode()
    end = struct.pack(">II", len(name), sum(name)) + bytes.fromhex("d9d505f920a163d7")
    journal.write_bytes(data + struct.pack(">I", 2**30 // 4096 + 1) + name + end)


def _no_journal(place: Place) -> None:
    (place.bad / "run.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 2000)


def _no_wal(place: Place) -> None:
    (place.bad / "run.db-wal").write_bytes(bytes.fromhex("377f0682") + b"\x01" * 4000)
    (place.bad / "run.db-shm").write_bytes(b"\x01" * 40000)


def _endless_pages(place: Place) -> None:
    """Make the pages of a table refer 500 times each to the next one, six deep: 10¹⁶ rows in 24 kB."""
    database = place.bad / "run.db"
    with closing(sqlite3.connect(database)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'steps'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    data = bytearray(database.read_bytes())
    leaf = data[(root - 1) * size : root * size]
    first = len(data) // size + 1
    levels = [root, *range(first, first + 6)]
    data += bytes(size * 6)
    for page, child in pairwise(levels):
        data[(page - 1) * size : page * size] = _interior(child, size)
    data[(levels[-1] - 1) * size :] = leaf
    struct.pack_into(">I", data, 28, len(data) // size)
    data[92:96] = data[24:28]
    database.write_bytes(data)


def _interior(child: int, size: int) -> bytes:
    count = 500
    start = size - 5 * count
    pointers = b"".join(struct.pack(">H", start + 5 * i) for i in range(count))
    page = struct.pack(">BHHHBI", 5, 0, count, start, 0, child) + pointers
    return page.ljust(start, b"\x00") + (struct.pack(">I", child) + b"\x01") * count


def _truncated(place: Place) -> None:
    data = (place.bad / "run.db").read_bytes()
    (place.bad / "run.db").write_bytes(data[: len(data) // 2])


def _other_database(place: Place) -> None:
    (place.bad / "run.db").unlink()
    _sql("CREATE TABLE bookmarks (url TEXT)", "INSERT INTO bookmarks VALUES ('https://example.org')")(place)


def _second_run(place: Place) -> None:
    _sql(
        "INSERT INTO run (id, name, state, created_at)"
        " VALUES ('../../home', 'x', 'running', '2026-01-01T00:00:00+00:00')"
    )(place)


TRAPS: dict[str, Callable[[Place], None]] = {
    "a view in place of run": _view_instead("run", "SELECT * FROM real_run"),
    "a view in place of steps without end": _view_instead(
        "steps", f"{_ENDLESS} AS step, '2026-01-01T00:00:00+00:00' AS logged_at, i AS revision FROM n"
    ),
    "a view in place of texts that fills the memory": _view_instead(
        "texts", "SELECT step, key, hex(zeroblob(300000000)) AS text FROM real_texts"
    ),
    "a view in place of media": _view_instead("media", "SELECT * FROM real_media"),
    "a view in place of the migrations": _view_instead(
        "_sqlite_migrations", "SELECT * FROM real__sqlite_migrations"
    ),
    "a view of another content": _sql("DROP VIEW image_log", f"CREATE VIEW image_log AS {_ENDLESS} FROM n"),
    "a view more": _sql("CREATE VIEW mine AS SELECT 1"),
    "a trigger that deletes": _sql("CREATE TRIGGER t AFTER UPDATE ON run BEGIN DELETE FROM media; END"),
    "a trigger that raises": _sql(
        "CREATE TRIGGER t BEFORE INSERT ON steps BEGIN SELECT raise(ABORT, 'x'); END"
    ),
    "a generated column": _generated_column,
    "a virtual table": _sql("CREATE VIRTUAL TABLE search USING fts5(words)"),
    "a virtual table in place of texts": _sql(
        "ALTER TABLE texts RENAME TO real_texts", "CREATE VIRTUAL TABLE texts USING fts5(step, key, text)"
    ),
    "an index over an expression": _sql("CREATE INDEX i ON run (length(hex(zeroblob(100000000))))"),
    "a table that is missing": _sql("DROP TABLE metrics"),
    "a migration that nobody knows": _sql(
        "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('runlog', 'm999\x1b[2J<script>')"
    ),
    "no migration": _sql("DELETE FROM _sqlite_migrations"),
    "no run": _sql("DELETE FROM run"),
    "a second run": _second_run,
    "a database of something else": _other_database,
    "half of a database": _truncated,
    "an empty file": lambda place: (place.bad / "run.db").write_bytes(b"") and None,
    "a text": lambda place: (place.bad / "run.db").write_text("hello\n") and None,
    "a journal with a super-journal": _super_journal,
    "a journal of nothing": _no_journal,
    "a write-ahead log of nothing": _no_wal,
    "pages without end": _endless_pages,
}


def cases(database: Path) -> Iterator[tuple[str, Callable[[Place], bool]]]:
    """Yield every hostile database: what it is, and what makes it at a place, if a file can hold it."""
    for column in columns(database):
        for name, value in VALUES.items():
            yield f"{column}: {name}", lambda place, column=column, value=value: put(place, column, value)
    for name, make in TRAPS.items():
        yield name, lambda place, make=make: (make(place), True)[1]

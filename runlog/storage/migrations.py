"""Which migrations a database has seen, and the way to those of this version."""

from __future__ import annotations

import atexit
import re
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import UTC, datetime
from functools import cache

from runlog.errors import StorageError, shown
from runlog.storage.schema import MIGRATIONS, STAND_INS

_NAMES = tuple(migration.__name__ for migration in MIGRATIONS)
_SET = "runlog"
# As sqlite-utils makes it.
_MIGRATIONS_TABLE = """
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name")"""
# Databases in memory that are copied for new runs.
_PATTERNS: list[sqlite3.Connection] = []
_Object = tuple[str, str, str, str]
# What ANALYZE makes, which only tells SQLite how to search.
_STATISTICS: frozenset[_Object] = frozenset(
    ("table", name, name, f"CREATE TABLE {name}({columns})")
    for name, columns in (("sqlite_stat1", "tbl,idx,stat"), ("sqlite_stat4", "tbl,idx,neq,nlt,ndlt,sample"))
)
_MOST_OBJECTS = 1000
# What is empty needs no index.
_CREATE = re.compile(r"^CREATE (TABLE|VIEW)\b", re.MULTILINE)


def migrate(connection: sqlite3.Connection, where: str = "a database") -> None:
    """Bring a database that its writer holds to the current schema.

    Raises
    ------
    StorageError
        As from `applied_migrations`.
    """
    applied = applied_migrations(connection, where)
    if not applied:
        _create(connection)
    elif len(applied) < len(_NAMES):
        _apply_pending(connection)


def applied_migrations(connection: sqlite3.Connection, where: str) -> tuple[str, ...]:
    """Return the migrations that a database has seen, the oldest first; none if it is new, without any table.

    Its tables, views and indexes are then exactly those that these migrations make: nothing that is read of a
    run may be a view in place of a table, compute what it gives, or set something off.

    Raises
    ------
    StorageError
        If it holds anything else, or a newer version of runlog wrote it.
    """
    objects = _objects(connection, where)
    if not objects:
        return ()
    if not _made_by(()) <= objects:
        raise _no_run(where)
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? LIMIT ?", [_SET, _MOST_OBJECTS]
    )
    applied = {str(name) for (name,) in rows}
    if newer := applied.difference(_NAMES):
        raise StorageError(
            f"{where} was written by a newer runlog (schema {shown(max(newer))}); upgrade runlog to use it"
        )
    names = _NAMES[: len(applied)]
    expected = _made_by(MIGRATIONS[: len(applied)]) if applied == set(names) else frozenset()
    if odd := min(objects ^ expected, default=None):
        oddity = _oddity(odd, objects, expected)
        raise StorageError(
            f"{where} must hold the tables and views that runlog makes, but {oddity}; "
            "what is your own belongs in another database, which can ATTACH this one"
        )
    return names


def is_older(applied: tuple[str, ...]) -> bool:
    """Return whether a database that has seen these migrations is of an older version."""
    return len(applied) < len(_NAMES)


def _no_run(where: str) -> StorageError:
    return StorageError(f"{where} must hold a run, but it has no runlog tables")


def _oddity(odd: _Object, objects: Collection[_Object], expected: Collection[_Object]) -> str:
    what = f"the {odd[0]} {shown(odd[1])}"
    if odd[1] not in {name for _, name, *_ in expected}:
        return f"{what} is there too"
    if odd[1] not in {name for _, name, *_ in objects}:
        return f"{what} is missing"
    return f"{what} is not as runlog makes it"


def pending(connection: sqlite3.Connection, where: str) -> tuple[str, ...]:
    """Return the names of the migrations that the database of a run has not seen yet, the oldest first.

    Raises
    ------
    StorageError
        If there is no run in it, or a newer version of runlog wrote it.
    """
    applied = applied_migrations(connection, where)
    if not applied:
        raise _no_run(where)
    return _NAMES[len(applied) :]


def make_readable(connection: sqlite3.Connection, where: str) -> None:
    """Let the database of any version be read as one of this version's; nothing of it is changed.

    A reader never migrates: what an older version did not have is there all the same, and empty; what it had
    in another form is there in this one.

    Raises
    ------
    StorageError
        If there is no run in it, or a newer version of runlog wrote it.
    """
    lacking = pending(connection, where)
    if not lacking:
        return
    connection.execute("PRAGMA temp_store = MEMORY")
    # In memory; the file itself is open for reading only.
    connection.execute("PRAGMA query_only = OFF")
    for migration in lacking:
        for statement in filter(_CREATE.search, STAND_INS[migration].split(";\n")):
            connection.execute(_CREATE.sub(r"CREATE TEMP \1", statement, count=1))
    connection.execute("PRAGMA query_only = ON")


def _objects(connection: sqlite3.Connection, where: str) -> frozenset[_Object]:
    """Return type, name, table and SQL of all that a database holds, but for what ANALYZE adds."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master LIMIT ?", [_MOST_OBJECTS]
    ).fetchall()
    if len(rows) == _MOST_OBJECTS or not {str}.issuperset(type(value) for row in rows for value in row):
        raise StorageError(f"{where} must hold the tables and views that runlog makes, but holds others")
    return frozenset(rows) - _STATISTICS


@cache
def _made_by(migrations: tuple[Callable[[sqlite3.Connection], None], ...]) -> frozenset[_Object]:
    """Return what migrations make of a new database."""
    with closing(_new(migrations)) as connection:
        return _objects(connection, "a new database")


def _new(migrations: tuple[Callable[[sqlite3.Connection], None], ...]) -> sqlite3.Connection:
    """Return a database in memory that has seen migrations, and has them recorded as sqlite-utils would.

    Not by sqlite-utils: it imports pandas where that is installed, 0.3 s and 45 MB at the start of every run.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for statement in _MIGRATIONS_TABLE.split(";\n"):
        connection.execute(statement)
    for migration in migrations:
        migration(connection)
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name) VALUES (?, ?)", [_SET, migration.__name__]
        )
    return connection


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables of a new run: all or, after any exception, none.

    They are copied from a database in memory: a process that starts many runs makes them once, which takes
    twenty times as long.
    """
    # Taken out while it is used: another thread, or a process that is forked off meanwhile, makes its own.
    try:
        pattern = _PATTERNS.pop()
    except IndexError:
        pattern = _new(MIGRATIONS)
    try:
        pattern.execute("UPDATE _sqlite_migrations SET applied_at = ?", [str(datetime.now(UTC))])
        pattern.backup(connection, progress=_refuse_busy)
    finally:
        _PATTERNS.append(pattern)


@atexit.register
def _close_patterns() -> None:
    while _PATTERNS:
        _PATTERNS.pop().close()


def _refuse_busy(status: int, _remaining: int, _total: int) -> None:
    """End a copy whose target others hold for longer than its connection waits: it would be tried forever."""
    if status == sqlite3.SQLITE_BUSY:
        raise sqlite3.OperationalError("database is locked")


def _apply_pending(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database, Migrations

    migrations = Migrations(_SET)
    for migration in MIGRATIONS:
        migrations()(migration)
    migrations.apply(Database(connection))

"""docs/schema.md describes each table, view and column of a new database, and no other."""

import re
import sqlite3
from pathlib import Path

import pytest

from runlog.storage.migrations import migrate

DOCUMENT = (Path(__file__).parents[3] / "docs" / "schema.md").read_text()
Columns = list[tuple[str, str | None]]


def documented() -> dict[str, Columns]:
    """Return the columns of each table and view, each with its type; views have none."""
    sections = re.findall(r"^### `(\w+)`[^\n]*\n(.*?)(?=^##|\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)
    return {
        name: [column for line in text.splitlines() for column in _columns(line)] for name, text in sections
    }


def _columns(line: str) -> Columns:
    first, *others = [cell.strip() for cell in line.strip("| ").split(" | ")]
    names = re.findall(r"`(\w+)`", first) if line.startswith("| `") else []
    types = others[0].split(", ") if len(others) == 2 else [None]
    return list(zip(names, types if len(types) == len(names) else types * len(names), strict=True))


@pytest.fixture
def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def test_each_table_and_view_is_described(database: sqlite3.Connection) -> None:
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '%sqlite%'"
    )
    assert {name for (name,) in names} == set(documented())


@pytest.mark.parametrize("name", documented())
def test_each_column_is_described_with_its_type_and_in_its_order(
    name: str, database: sqlite3.Connection
) -> None:
    is_view = f"### `{name}` (view)" in DOCUMENT
    real: Columns = []
    for _, column, declared, not_null, _, key in database.execute(f'PRAGMA table_info("{name}")'):
        real.append((column, None if is_view else declared if not_null or key else f"{declared} or NULL"))
    assert documented()[name] == real

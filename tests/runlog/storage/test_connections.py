"""Opening the database: its journal, and where the folder lies."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runlog.storage.connections import close_after_writing, is_on_network, open_for_writing

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//server/share /mnt/my\\040share cifs rw 0 0
scratch@o2ib /scratch lustre rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/data/runs", False),
        ("/home/ann/runs", True),
        ("/home/local/runs", False),
        ("/mnt/my share/runs", True),
        ("/mnt/my", False),
        ("/scratch", True),
    ],
)
def test_a_folder_is_on_the_network_if_its_nearest_mount_is(
    folder: str, network: bool, tmp_path: Path
) -> None:
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    assert is_on_network(Path(folder), table) == network


def test_without_a_table_of_mounts_a_folder_is_taken_as_local(tmp_path: Path) -> None:
    assert not is_on_network(tmp_path, tmp_path / "none")


def test_while_live_the_database_is_in_wal_mode_and_afterwards_one_file(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (1,)
    assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    close_after_writing(db)
    assert [path.name for path in tmp_path.iterdir()] == ["run.db"]
    with closing(sqlite3.connect(tmp_path / "run.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_reader_that_stays_open_does_not_stop_the_writer_from_closing(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path)
    with closing(sqlite3.connect(tmp_path / "run.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM run").fetchone()
        close_after_writing(db)
        reader.execute("COMMIT")
    with closing(sqlite3.connect(tmp_path / "run.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

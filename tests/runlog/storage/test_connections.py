"""Opening the database: its journal, and where the folder lies."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import runlog
from runlog.storage import connections
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


LOCAL = (
    "ext4",
    "xfs",
    "btrfs",
    "zfs",
    "f2fs",
    "bcachefs",
    "tmpfs",
    "overlay",
    "apfs",
    "exfat",
    "ntfs3",
    "fuseblk",
)
FOREIGN = (
    *(
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "afs",
        "ceph",
        "lustre",
        "gpfs",
        "beegfs",
        "glusterfs",
        "orangefs",
    ),
    *(
        "wekafs",
        "panfs",
        "fhgfs",
        "ocfs2",
        "gfs2",
        "virtiofs",
        "vboxsf",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.gcsfuse",
    ),
    *(
        "fuse.juicefs",
        "fuse.mountpoint-s3",
        "fuse.s3fs",
        "fuse",
        "davfs",
        "fuse.davfs2",
        "a-kind-of-tomorrow",
    ),
)


@pytest.mark.parametrize("kind", [*LOCAL, *FOREIGN])
def test_only_kinds_known_to_be_local_are_taken_as_local(kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nsource /data {kind} rw 0 0\n")
    assert is_on_network(Path("/data/runs"), table) == (kind in FOREIGN)
    assert not is_on_network(Path("/home"), table)


def test_on_a_foreign_file_system_the_journal_is_one_that_other_hosts_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "is_on_network", lambda folder: True)
    with closing(open_for_writing(tmp_path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("truncate",)


def test_where_mount_tells_the_kinds_it_is_believed(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    lines = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
        "devfs on /dev (devfs, local, nobrowse)",
        "//ann@server/share on /Volumes/my share (1) (smbfs, nodev, nosuid, mounted by ann)",
        "map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)",
    )
    mount.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
    mount.chmod(0o755)
    assert connections._told_by_mount(str(mount)) == {
        "/": "apfs",
        "/dev": "devfs",
        "/Volumes/my share (1)": "smbfs",
        "/System/Volumes/Data/home": "autofs",
    }
    assert connections._told_by_mount(str(tmp_path / "none")) == {}


def test_a_run_that_a_kill_left_half_written_is_read_as_it_was_before(tmp_path: Path) -> None:
    """Without shared memory the writer has a rollback journal; what reads a copy must take it along."""
    (tmp_path / "runs").mkdir()
    with runlog.init(id="r", dir=tmp_path / "runs", record_environment=False, quiet=True) as run:
        run.log({"a": 1.0})
    killed = tmp_path / "killed"
    killed.mkdir()
    with closing(sqlite3.connect(run.folder / "run.db", isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("BEGIN")
        db.execute("UPDATE run SET notes = hex(zeroblob(200000))")
        for name in ("run.db", "run.db-journal"):
            shutil.copyfile(run.folder / name, killed / name)
    assert (killed / "run.db").read_bytes() != (run.folder / "run.db").read_bytes()
    with runlog.open(killed) as reader:
        assert reader.run().notes is None
        assert reader.scalars()[0].values.tolist() == [1.0]
    assert (killed / "run.db-journal").exists()


def test_a_value_longer_than_can_be_read_back_is_not_stored(tmp_path: Path) -> None:
    with runlog.init(id="r", dir=tmp_path, record_environment=False, quiet=True) as run:
        with pytest.raises(runlog.StorageError, match="too big"):
            run.log({"text": "x" * (connections.MAX_VALUE_BYTES + 1)}, step=0)
        run.log({"text": "x" * 1_000_000}, step=0)
    with runlog.open(run.folder) as reader:
        assert len(reader.texts()[0].text) == 1_000_000


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

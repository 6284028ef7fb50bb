"""The rows that say what a run is as a whole, and the record that is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import from_json
from runlog.storage.queries import read_last
from runlog.storage.records import RewindRecord, RunRecord, RunState
from runlog.storage.row_checks import Row, check_rows, time_from_text

_RUN = (
    *("id", "name", "project", "group", "tags", "notes", "config", "environment", "state"),
    *("created_at", "finished_at"),
)
_SUMMARY = ("key", "value", "is_set")
_REWINDS = ("rewound_at", "step", "last_step", "steps", "images", "revision")
# A run on another host, whose lock cannot be seen, counts as running for this long after it was heard of.
_RECENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RunRows:
    """What a run's database says of it as a whole, as it is stored.

    Attributes
    ----------
    run
        The row of the run.
    summary, rewinds
        The rows of these tables.
    revision
        That of the run.
    last_heard
        When it was last known to be alive.
    """

    run: Row
    summary: Sequence[Row]
    rewinds: Sequence[Row]
    revision: int
    last_heard: str

    def __post_init__(self) -> None:
        """Refuse rows that break the rule of a column, wherever they come from."""
        check_rows([self.run], *(f"run.{name}" for name in _RUN))
        check_rows(self.summary, *(f"summary.{name}" for name in _SUMMARY))
        check_rows(self.rewinds, *(f"rewinds.{name}" for name in _REWINDS))
        check_rows([(self.revision, self.last_heard)], "run.revision", "steps.logged_at")

    @property
    def state(self) -> str:
        """The state that is stored: of a run that was killed it is still ``running``."""
        return str(self.run[_RUN.index("state")])


def read_run_rows(db: Connection) -> RunRows:
    """Read what a database says of its run as a whole."""
    names = ", ".join(f'"{name}"' for name in _RUN)
    (run,) = db.execute(f"SELECT {names} FROM run")
    revision, last_heard = read_last(db)
    return RunRows(
        run=run,
        summary=db.execute(f"SELECT {', '.join(_SUMMARY)} FROM summary ORDER BY key").fetchall(),
        rewinds=db.execute(f"SELECT {', '.join(_REWINDS)} FROM rewinds ORDER BY id").fetchall(),
        revision=revision,
        last_heard=last_heard,
    )


def read_run(db: Connection, *, folder: Path, locked: bool, host: str) -> RunRecord:
    """Read the run; see `run_record`."""
    return run_record(read_run_rows(db), folder=folder, locked=locked, host=host)


def run_record(rows: RunRows, *, folder: Path, locked: bool, host: str) -> RunRecord:
    """Return the record of a run.

    Parameters
    ----------
    rows
        What its database says.
    folder
        The run folder.
    locked
        Whether a process of this host holds the run's lock.
    host
        Name of this host.
    """
    row = dict(zip(_RUN, rows.run, strict=True))
    environment = from_json(row["environment"])
    state: RunState = row["state"]
    if state == "running" and not locked:
        same_host = environment.get("host") == host
        recent = datetime.now(UTC) - time_from_text(rows.last_heard) < _RECENT
        state = "crashed" if same_host else ("running" if recent else "unknown")
    finished_at = row["finished_at"]
    return RunRecord(
        folder=folder,
        id=row["id"],
        name=row["name"],
        project=row["project"],
        group=row["group"],
        tags=tuple(from_json(row["tags"])),
        notes=row["notes"],
        config=FrozenDict(from_json(row["config"])),
        # A scalar that is NaN is stored by name, and in older databases one that is infinite, too.
        summary=FrozenDict(
            (key, from_json(value) if is_set else float(from_json(value)))
            for key, value, is_set in rows.summary
        ),
        environment=FrozenDict(environment),
        state=state,
        created_at=time_from_text(row["created_at"]),
        finished_at=None if finished_at is None else time_from_text(finished_at),
        revision=rows.revision,
        rewinds=tuple(RewindRecord(time_from_text(at), *numbers) for at, *numbers in rows.rewinds),
    )

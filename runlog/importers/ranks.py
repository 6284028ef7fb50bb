"""The runs of the ranks of one launch → one run: an experiment of many processes, seen as one.

Each process writes a run of its own, ``ID-r0``, ``ID-r1`` …, since nothing is shared between hosts. Under a
key the joined run has what is of all ranks, and under ``KEY/rank-N`` what is of rank N alone, the first rank
included. So at each step there are

- of every number the mean over the ranks that have one there (``KEY``), or each by itself (``KEY/rank-N``);
- the images of all ranks in one gallery (``KEY``), by rank, each with a field ``rank``;
- texts, tables, histograms, files and the like, of which there is no mean, each by itself (``KEY/rank-N``).

Configuration and what the script set in the summary are those of the first rank. The runs of the ranks stay
as they are; numbers of the machine and verdicts on boxes are theirs alone.

As long as ranks go on, the newest step of all waits for those that log every step: for each that is running
and has logged the step before it. Any other step is there once one rank has logged it, and again with each
that logs to it later. Joined again, only steps that any rank has logged to since are read and written anew,
and where a rank went back to an earlier step, those after it. Where a rank is gone, or the numbers are to be
joined in another way, all of it is.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args

from runlog.basics.open_files import make_room_for_files
from runlog.errors import InvalidValueError, RunLockedError, RunlogError, one_of
from runlog.files.paths import absolute_path
from runlog.importers.joining import NOTE, Joining, Numbers, RankError, Show, reading_rank
from runlog.reading.reader import RunReader
from runlog.storage.layout import find_runs, has_database
from runlog.storage.records import RunRecord, StepRecord
from runlog.upkeep.removing import remove

_RANK = re.compile(r"(.+)-r(\d{1,6})", re.DOTALL)
_FILES_OF_A_RUN = 3  # its database, its log, and what readers of it share
# How keys are called; a run that was joined when they were called otherwise is joined anew.
_NAMES = "of all, or of one"


class RankAt(NamedTuple):
    """How far a rank is: its revision, its state, and when it began, in seconds since 1970."""

    revision: int
    state: str
    started: float


@dataclass(frozen=True, slots=True)
class JoinedRun:
    """A run that was joined of the runs of ranks.

    Attributes
    ----------
    folder
        Its run folder; None if it could not be made.
    ranks, running
        How many ranks it has, and how many of them are still running.
    steps
        How many steps were written.
    problems
        One line for each rank or picture that could not be read, or what kept the run from being joined.
    """

    folder: Path | None
    ranks: int
    running: int
    steps: int
    problems: tuple[str, ...]


def join(
    runs: str | os.PathLike[str], *, numbers: Numbers = "mean", progress: Show | None = None
) -> tuple[JoinedRun, ...]:
    """Join the ranks of every launch in a runs folder; see the module for what goes where.

    The run of all lies beside them, and is called as their launch.

    Parameters
    ----------
    runs
        The runs folder.
    numbers
        ``mean`` of the ranks, or ``each`` by itself.
    progress
        Called with how many steps of a launch are joined, and how many there are to join.

    Raises
    ------
    InvalidValueError
        If there are no ranks in it, or `numbers` is neither.
    StorageError
        If the runs folder cannot be listed.
    """
    one_of("numbers", numbers, get_args(Numbers))
    runs_folder = absolute_path(runs)
    launches: dict[str, dict[int, Path]] = {}
    for folder in find_runs(runs_folder):
        if (of_launch := rank_of(folder.name)) is not None:
            launches.setdefault(of_launch[0], {})[of_launch[1]] = folder
    joinable = {name: dict(sorted(ranks.items())) for name, ranks in launches.items() if len(ranks) > 1}
    if not joinable:
        raise InvalidValueError(
            f"{runs} must hold the runs of ranks, two or more that are called ID-r0, ID-r1 …, but has none"
        )
    return tuple(
        _join(Launch(runs_folder / name, name, numbers), ranks, progress) for name, ranks in joinable.items()
    )


def _join(launch: Launch, ranks: Mapping[int, Path], progress: Show | None) -> JoinedRun:
    try:
        return launch.join(ranks, progress)
    except RunLockedError as error:
        return JoinedRun(None, len(ranks), 0, 0, (str(error),))


def rank_of(folder_name: str) -> tuple[str, int] | None:
    """Return of which launch a run folder is a rank by its name, and which one; None where it is none."""
    match = _RANK.fullmatch(folder_name)
    return None if match is None else (match[1], int(match[2]))


class Launch:
    """The ranks of one launch, joined into one run, again and again as they go on.

    Parameters
    ----------
    folder
        The run folder of the run of all.
    name
        What that run is called.
    numbers
        ``mean`` of the ranks, or ``each`` by itself.

    Attributes
    ----------
    made
        Is another one each time that run is made anew; empty as long as nothing was read of it here.
    """

    def __init__(self, folder: Path, name: str, numbers: Numbers = "mean") -> None:
        self._folder, self._name, self._numbers = folder, name, numbers
        self._steps: dict[int, dict[int, StepRecord]] = {}
        self._read_to: dict[int, int] = {}
        self._created: dict[int, datetime] = {}
        self._waiting: frozenset[int] = frozenset()
        # A rank that has a bad row somewhere has it in every pass.
        self._left_out: dict[int, str] = {}
        self._is_whole = True
        self.made = ""

    def is_of(self, ranks: Mapping[int, RankAt]) -> bool:
        """Return whether the run of all has all of ranks that are so far."""
        try:
            note = _note_in(self._folder)
        except RunlogError:
            return False
        self.made = str(note.get("made"))
        wanted = {
            "names": _NAMES,
            "numbers": self._numbers,
            "revisions": {str(rank): at.revision for rank, at in ranks.items()},
            "states": {str(rank): at.state for rank, at in ranks.items()},
            "started": {str(rank): at.started for rank, at in ranks.items()},
        }
        return all(note.get(name) == value for name, value in wanted.items())

    def join(
        self, ranks: Mapping[int, Path], progress: Show | None = None, *, moves_on: bool = False
    ) -> JoinedRun:
        """Bring the run of all up to date.

        Parameters
        ----------
        ranks
            Their run folders, by ascending rank.
        progress
            As of `join`.
        moves_on
            Whether its revision grows also where nothing is new: it may have had what is new in a rank before
            the pages of that rank, which open pages show beside it.

        Raises
        ------
        RunLockedError
            If another process is at it.
        """
        self._left_out = {rank: why for rank, why in self._left_out.items() if rank in ranks}
        make_room_for_files(_FILES_OF_A_RUN * len(ranks))
        while True:
            problems = [f"{ranks[rank].name} is left out: {why}" for rank, why in self._left_out.items()]
            with ExitStack() as stack:
                readers: dict[int, RunReader] = {}
                for rank, run_folder in ranks.items():
                    if rank in self._left_out:
                        continue
                    try:
                        readers[rank] = stack.enter_context(RunReader(run_folder))
                    except RunlogError as error:
                        problems.append(f"{run_folder.name} is left out: {error}")
                try:
                    return self._join(
                        readers, problems, progress or (lambda done, total: None), moves_on=moves_on
                    )
                except RankError as error:
                    self._left_out[error.rank] = str(error)
                except RunLockedError:
                    raise
                except RunlogError as error:
                    problems.append(f"{self._name}: {error}")
                    return JoinedRun(None, len(readers), 0, 0, tuple(problems))
                finally:
                    if not self._is_whole:
                        self._steps, self._read_to = {}, {}

    def _join(
        self,
        readers: Mapping[int, RunReader],
        problems: list[str],
        progress: Show,
        *,
        moves_on: bool,
    ) -> JoinedRun:
        self._is_whole = False
        if not readers:
            raise InvalidValueError("a rank must be readable, but none is")
        runs: dict[int, RunRecord] = {}
        new: dict[int, Mapping[int, StepRecord]] = {}
        for rank, reader in readers.items():
            with reading_rank(rank):
                # Read first: what a rank logs from here on is new the next time.
                runs[rank] = reader.run()
                new[rank] = self._read_steps(rank, reader, runs[rank])
        steps = {rank: self._steps[rank] for rank in readers}
        running = [rank for rank, run in runs.items() if run.state == "running"]
        waiting = frozenset(_waiting(steps, running))
        known = self._known(runs)
        note = self._note(runs, steps, waiting, known.get("made") or secrets.token_hex(8))
        self.made = note["made"]
        chosen: list[int] = []
        if moves_on or known != note:
            revisions = known.get("revisions", {})
            back_to = min(_rewinds(runs, revisions), default=None) if known else None
            changed = _changed(new if known else steps, revisions)
            if back_to is not None:
                changed |= {step for of_rank in steps.values() for step in of_rank if step > back_to}
            chosen = sorted((changed | (self._waiting if known else frozenset())) - waiting)
            joining = Joining(self._folder, self._name, self._numbers, readers, runs, steps, problems)
            joining.write(chosen, note, progress, is_new=not known, back_to=back_to)
        self._waiting, self._is_whole = waiting, True
        return JoinedRun(self._folder, len(readers), len(running), len(chosen), tuple(problems))

    def _read_steps(self, rank: int, reader: RunReader, run: RunRecord) -> Mapping[int, StepRecord]:
        """Return the steps that are new since they were read here last."""
        is_another = self._created.setdefault(rank, run.created_at) != run.created_at
        if is_another or any(rewind.revision > self._read_to.get(rank, -1) for rewind in run.rewinds):
            self._created[rank] = run.created_at
            self._steps.pop(rank, None)
            self._read_to.pop(rank, None)
        found = {one.step: one for one in reader.steps(since_revision=self._read_to.get(rank, -1))}
        self._steps.setdefault(rank, {}).update(found)
        self._read_to[rank] = run.revision
        return found

    def _known(self, runs: Mapping[int, RunRecord]) -> Mapping[str, Any]:
        """Return what a run that was joined before says of its ranks; one that is of no use is removed."""
        if not has_database(self._folder):
            return {}
        note = _note_in(self._folder)
        if not note:
            raise InvalidValueError(f"the run of all ranks must be theirs, but {self._folder} is another run")
        before = note.get("revisions")
        is_of_use = (
            isinstance(before, dict)
            and all(type(revision) is int for revision in before.values())
            and note.get("started", {}).items() <= _started(runs).items()
            and note.get("numbers") == self._numbers
            and note.get("names") == _NAMES
            and note.get("state") != "joining"
        )
        if is_of_use:
            return note
        remove(self._folder)
        return {}

    def _note(
        self,
        runs: Mapping[int, RunRecord],
        steps: Mapping[int, Mapping[int, StepRecord]],
        waiting: Iterable[int],
        made: str,
    ) -> dict[str, Any]:
        """Return what the joined run is to say of its ranks: as of which revision it has all of each."""
        revisions = {str(rank): run.revision for rank, run in runs.items()}
        for step in waiting:
            for rank, of_rank in steps.items():
                if step in of_rank:
                    revisions[str(rank)] = min(revisions[str(rank)], of_rank[step].revision - 1)
        return {
            "numbers": self._numbers,
            "names": _NAMES,
            "made": made,
            "revisions": revisions,
            "states": {str(rank): run.state for rank, run in runs.items()},
            "started": _started(runs),
            "hosts": {str(rank): run.environment.get("host") for rank, run in runs.items()},
            "folders": {str(rank): run.folder.name for rank, run in runs.items()},
        }


def _started(runs: Mapping[int, RunRecord]) -> dict[str, float]:
    """Return what tells a rank from one of a later launch of the same name: when each began."""
    return {str(rank): run.created_at.timestamp() for rank, run in runs.items()}


def _note_in(folder: Path) -> Mapping[str, Any]:
    """Return what a run says of the ranks that it was joined of; nothing where it is another run."""
    with RunReader(folder) as reader:
        note = reader.run().environment.get(NOTE)
    return note if isinstance(note, dict) else {}


def _changed(steps: Mapping[int, Mapping[int, StepRecord]], revisions: Mapping[str, int]) -> set[int]:
    """Return the steps that ranks have logged to since these revisions."""
    return {
        step
        for rank, of_rank in steps.items()
        for step, record in of_rank.items()
        if record.revision > revisions.get(str(rank), -1)
    }


def _rewinds(runs: Mapping[int, RunRecord], revisions: Mapping[str, int]) -> Iterator[int]:
    """Yield the steps that ranks went back to since these revisions."""
    for rank, run in runs.items():
        # Of a rank that is new, nothing was joined that it could take back.
        known = revisions.get(str(rank), run.revision)
        yield from (rewind.step for rewind in run.rewinds if rewind.revision > known)


def _waiting(steps: Mapping[int, Collection[int]], running: Iterable[int]) -> Iterator[int]:
    """Yield the newest step, if a rank that goes on and has the step before it has yet to log to it."""
    newest = max((max(of_rank) for of_rank in steps.values() if of_rank), default=None)
    earlier = [step for of_rank in steps.values() for step in of_rank if step != newest]
    if newest is not None and earlier:
        before = max(earlier)
        if any(before in steps[rank] and newest not in steps[rank] for rank in running):
            yield newest

"""The launches of a runs folder: the ranks of each joined into a run that lies in the user's cache.

Nothing is written into a run folder, and what is in the cache can be made again from the ranks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog.files.user_cache import make_user_cache, user_cache
from runlog.importers.ranks import Launch, RankAt, rank_of
from runlog_viewer.pages.values import RunCard

Progress = Callable[[int, int], None]

_SUFFIX = "-ranks"


@dataclass(frozen=True, slots=True)
class JoinedLaunch:
    """A launch whose ranks are joined.

    Attributes
    ----------
    folder
        The folder of its run, in the user's cache; None where there is none.
    name
        What the folder of its pages is called.
    ranks
        The names of the run folders of its ranks.
    made
        Is another one each time the run is made anew.
    problems
        A line for each rank that is left out, or why there is no run.
    """

    folder: Path | None
    name: str
    ranks: tuple[str, ...]
    made: str
    problems: tuple[str, ...]


class Launches:
    """The launches of a runs folder.

    A run is a rank if its folder is called ``ID-rN``, and if it was recorded that its process was the rank N,
    or that its group is ``ID``. Where a run called ``ID`` lies beside them, such as one that ``runlog join``
    made, the launch has its run.

    Parameters
    ----------
    runs_folder
        Absolute.
    """

    def __init__(self, runs_folder: Path) -> None:
        self._runs_folder = runs_folder
        self._launches: dict[str, Launch] = {}
        # By launch, how far each rank was when it was joined last, and what came of it.
        self._seen: dict[str, tuple[dict[int, RankAt], JoinedLaunch]] = {}

    def join(
        self, cards: Sequence[RunCard], broken: Iterable[str], progress: Progress | None
    ) -> Iterator[JoinedLaunch]:
        """Bring the run of each launch up to date, and yield it.

        Parameters
        ----------
        cards
            All runs of the folder that can be read.
        broken
            The folders of those that cannot.
        """
        found: dict[str, dict[int, RunCard]] = {}
        for card in cards:
            if (of_launch := rank_of(card.folder)) is not None and _is_rank(card, *of_launch):
                found.setdefault(of_launch[0], {})[of_launch[1]] = card
        others = [of_launch[0] for folder in broken if (of_launch := rank_of(folder)) is not None]
        taken = {card.folder for card in cards}
        for launch, ranks in found.items():
            if len(ranks) + others.count(launch) > 1 and launch not in taken:
                yield self._join(launch, dict(sorted(ranks.items())), progress)

    def _join(self, launch: str, ranks: dict[int, RunCard], progress: Progress | None) -> JoinedLaunch:
        now = {rank: RankAt(card.revision, card.state, card.started) for rank, card in ranks.items()}
        before, joined = self._seen.get(launch, (None, None))
        if joined is not None and now == before and not _was_removed(joined):
            return joined
        name, names = launch + _SUFFIX, tuple(card.folder for card in ranks.values())
        try:
            folder = self._cache() / name
            make_user_cache()
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            problem = f"{launch}: its ranks show by themselves, since the run of all has no place ({error})"
            fix = "set XDG_CACHE_HOME to a folder that can be written"
            return JoinedLaunch(None, name, names, "", (f"{problem}; {fix}",))
        of_ranks = self._launches.setdefault(launch, Launch(folder, launch))
        if before is None and of_ranks.is_of(now):
            joined = JoinedLaunch(folder, name, names, of_ranks.made, ())
        else:
            folders = {rank: self._runs_folder / card.folder for rank, card in ranks.items()}
            try:
                result = of_ranks.join(folders, progress, moves_on=True)
                if result.folder is None and folder.exists():  # what is in the cache may be of no use
                    shutil.rmtree(folder, ignore_errors=True)
                    result = of_ranks.join(folders, progress, moves_on=True)
            except runlog.RunLockedError:
                # Another viewer is at it: what is there shows until the next look.
                return JoinedLaunch(folder, name, names, of_ranks.made, ())
            joined = JoinedLaunch(result.folder, name, names, of_ranks.made, result.problems)
        self._seen[launch] = now, joined
        return joined

    def gone(self, kept: Collection[str]) -> tuple[str, ...]:
        """Return what the folders of the pages of launches are called that were joined once, and are gone.

        Parameters
        ----------
        kept
            The names of those that are not.
        """
        try:
            names = [folder.name for folder in self._cache().iterdir()]
        except OSError:  # nothing was joined, or there is no place for it
            return ()
        return tuple(name for name in names if name.endswith(_SUFFIX) and name not in kept)

    def forget(self, name: str) -> None:
        """Remove the run of a launch from the cache."""
        shutil.rmtree(self._cache() / name, ignore_errors=True)
        launch = name.removesuffix(_SUFFIX)
        self._launches.pop(launch, None)
        self._seen.pop(launch, None)

    def _cache(self) -> Path:
        name = hashlib.sha256(os.fsencode(self._runs_folder)).hexdigest()[:16]
        return user_cache() / "launches" / name


def _was_removed(joined: JoinedLaunch) -> bool:
    return joined.folder is not None and SafeFolder(joined.folder).status("run.db") is None


def _is_rank(card: RunCard, launch: str, rank: int) -> bool:
    return card.rank == rank or card.group == launch

"""What the pages of a site share, put into files: each thing is in one, beside what the same pages want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SharedFile:
    """A file, without its suffix, the pages that load it, and the names of what is in it, in their order."""

    stem: str
    pages: tuple[str, ...]
    names: tuple[str, ...]


def shared_files(users: Mapping[str, tuple[str, ...]], page_count: int) -> tuple[SharedFile, ...]:
    """Return the files of a site in the order in which its pages load them: those of more pages first.

    Parameters
    ----------
    users
        The pages that want each thing.
    page_count
        How many pages the site has.
    """
    groups = sorted(set(users.values()), key=lambda group: (-len(group), group))
    return tuple(
        SharedFile(
            "common" if len(group) == page_count > 1 else "-".join(group),
            group,
            tuple(name for name in users if users[name] == group),
        )
        for group in groups
    )

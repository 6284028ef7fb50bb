"""How many files a process may hold open."""

from __future__ import annotations

from contextlib import suppress

_OTHERS = 200


def make_room_for_files(count: int) -> None:
    """Let this process hold that many more files open, as far as the system lets it.

    Of a process that is not told otherwise, Linux allows 1,024, and many more where it asks.
    """
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _OTHERS if most == resource.RLIM_INFINITY else min(count + _OTHERS, most)
    if least != resource.RLIM_INFINITY and least < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))

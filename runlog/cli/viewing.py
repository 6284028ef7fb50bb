"""``runlog build``, ``runlog view`` and ``runlog watch``: run folders → pages."""

from __future__ import annotations

import argparse
import webbrowser
from collections.abc import Iterator
from typing import TYPE_CHECKING

from runlog.cli.common import BAD_INPUT, OK, Commands, add_runs, command, complain, progress, say
from runlog.cli.finding import find_folder

if TYPE_CHECKING:
    from runlog_viewer import BuildResult


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    build = command(
        commands,
        prog,
        "build",
        _build,
        "write the site: static pages that open from file://",
        "runs -o public",
        "Prints the page to open. Only what changed since the last time is written.",
    )
    add_runs(build)
    build.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="write the site there, to be published: with the media files (hard links where possible), but no"
        " databases; a run that is removed later stays in OUT (default: into RUNS)",
    )
    view = command(
        commands,
        prog,
        "view",
        _view,
        "build the site, serve it on this machine only, open a browser, follow live runs",
        "runs --no-open --port 8080",
        "Ends with Ctrl-C. The printed address holds a token, since others may share this machine.",
    )
    add_runs(view)
    view.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: a free one)")
    view.add_argument("--no-open", action="store_true", help="print the address only")
    watch = command(
        commands,
        prog,
        "watch",
        _watch,
        "build the site and keep it up to date, for pages opened from file://",
        "runs",
        "Ends with Ctrl-C. Prints the page to open; open pages follow by themselves.",
    )
    add_runs(watch)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, but got {text!r}")
    return int(text)


def _build(options: argparse.Namespace) -> int:
    import runlog_viewer

    with progress("files" if options.output else "steps") as show:
        result = runlog_viewer.build(find_folder(options.runs), output=options.output, progress=show)
    complain(result.problems)
    say(result.index)
    return BAD_INPUT if result.problems else OK


def _view(options: argparse.Namespace) -> int:
    import runlog_viewer

    updates, result = _first_build(options)
    with runlog_viewer.Server(result.index.parent, port=options.port) as server:
        say(server.url)
        if not options.no_open and not webbrowser.open(server.url):
            complain(["no browser could be opened here; open the address above in one"])
        return _follow(updates, result)


def _watch(options: argparse.Namespace) -> int:
    updates, result = _first_build(options)
    say(result.index)
    return _follow(updates, result)


def _first_build(options: argparse.Namespace) -> tuple[Iterator[BuildResult], BuildResult]:
    """Start to watch, and return the updates to come and the outcome of the first build."""
    import runlog_viewer

    folder = find_folder(options.runs)
    if options.runs is None:
        # Looked at before the first run: it fills in.
        folder.mkdir(parents=True, exist_ok=True)
    with progress() as show:
        updates = runlog_viewer.watch(folder, progress=show)
        result = next(updates)
    complain(result.problems)
    return updates, result


def _follow(updates: Iterator[BuildResult], last: BuildResult) -> int:
    """Consume updates until Ctrl-C; say what is newly wrong."""
    try:
        for result in updates:
            complain(problem for problem in result.problems if problem not in last.problems)
            last = result
    except KeyboardInterrupt:
        pass
    return OK

"""The command line: ``runlog build``, ``runlog view`` and ``runlog watch``.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 2 bad input (with one line a problem that
says what is wrong; whatever can be shown is shown all the same), 130 interrupted before the site stood.
"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runlog.errors import RunlogError
from runlog.layout import runs_folder

if TYPE_CHECKING:
    from viewer import BuildResult

OK = 0
BAD_INPUT = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, prog: str = "runlog") -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        What follows the command's name; by default that of the process.
    prog
        Name of the command in its help.
    """
    options = _parser(prog).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except RunlogError as error:
        _complain([str(error)])
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Look at logged runs in a browser: no server, no account, no network.",
        epilog=f"example: {prog} view runs",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    build = _command(
        commands,
        prog,
        "build",
        _build,
        "write the site: static pages that open from file://",
        "runs",
        "Prints the page to open. Only what changed since the last time is written.",
    )
    _add_runs(build)
    view = _command(
        commands,
        prog,
        "view",
        _view,
        "build the site, serve it on this machine only, open a browser, follow live runs",
        "runs --no-open --port 8080",
        "Ends with Ctrl-C. The printed address holds a token, since others may share this machine.",
    )
    _add_runs(view)
    view.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: a free one)")
    view.add_argument("--no-open", action="store_true", help="print the address only")
    watch = _command(
        commands,
        prog,
        "watch",
        _watch,
        "build the site and keep it up to date, for pages opened from file://",
        "runs",
        "Ends with Ctrl-C. Prints the page to open; open pages follow by themselves.",
    )
    _add_runs(watch)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    prog: str,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
    more: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}. {more}",
        epilog=f"example: {prog} {name} {example}",
    )
    parser.set_defaults(run=run)
    return parser


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs",
        nargs="?",
        metavar="RUNS",
        help="a runs folder, or one run folder (default: $RUNLOG_DIR, else ./runs)",
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, but got {text!r}")
    return int(text)


def _build(options: argparse.Namespace) -> int:
    import viewer

    with _progress() as progress:
        result = viewer.build(runs_folder(options.runs), progress=progress)
    _complain(result.problems)
    _say(result.index)
    return BAD_INPUT if result.problems else OK


def _view(options: argparse.Namespace) -> int:
    import viewer

    updates, result = _first_build(options)
    with viewer.Server(result.index.parent, port=options.port) as server:
        _say(server.url)
        if not options.no_open and not webbrowser.open(server.url):
            _complain(["no browser could be opened here; open the address above in one"])
        return _follow(updates, result)


def _watch(options: argparse.Namespace) -> int:
    updates, result = _first_build(options)
    _say(result.index)
    return _follow(updates, result)


def _first_build(options: argparse.Namespace) -> tuple[Iterator[BuildResult], BuildResult]:
    """Start to watch, and return the updates to come and the outcome of the first build."""
    import viewer

    with _progress() as progress:
        updates = viewer.watch(runs_folder(options.runs), progress=progress)
        result = next(updates)
    _complain(result.problems)
    return updates, result


def _follow(updates: Iterator[BuildResult], last: BuildResult) -> int:
    """Consume updates until Ctrl-C; say what is newly wrong."""
    try:
        for result in updates:
            _complain(problem for problem in result.problems if problem not in last.problems)
            last = result
    except KeyboardInterrupt:
        pass
    return OK


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give a progress line on stderr, where a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    width = 30

    def show(done: int, total: int) -> None:
        bar = "#" * (width * done // max(total, 1))
        sys.stderr.write(f"\r[{bar:<{width}}] {done}/{total} steps")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(f"runlog: {' '.join(line.splitlines())}\n")

"""What the commands share: how they are declared, exit codes, and what they print where."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

OK = 0
FOUND_WRONG = 1
BAD_INPUT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Show: TypeAlias = Callable[[int, int], None]


def command(
    commands: Commands,
    prog: str,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
    more: str,
) -> argparse.ArgumentParser:
    """Declare a command: `summary` for the list of commands, `more` and an `example` for its own help."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}. {more}",
        epilog=f"example: {prog} {name} {example}",
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Let a command take a runs folder or run folder, optionally."""
    parser.add_argument(
        "runs",
        nargs="?",
        metavar="RUNS",
        help="a runs folder, a run folder, or the id or name of a run (default: $RUNLOG_DIR, else ./runs)",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Let a command take one run."""
    parser.add_argument("run_folder", metavar="RUN", help="a run folder, or the id or name of a run")


def add_run_list(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Let a command take one run or more; none at all, if they are optional."""
    default = " (default: $RUNLOG_DIR, else ./runs)" if optional else ""
    parser.add_argument(
        "runs",
        nargs="*" if optional else "+",
        metavar="RUN",
        help=f"a run folder, the id or name of a run, or a runs folder (all of it){default}",
    )


@contextmanager
def progress(unit: str = "steps") -> Iterator[Show | None]:
    """Give a progress line on stderr, where a person looks at it; call it with done and total."""
    if not sys.stderr.isatty():
        yield None
        return
    width = 30

    def show(done: int, total: int) -> None:
        bar = "#" * (width * done // max(total, 1))
        sys.stderr.write(f"\r[{bar:<{width}}] {done}/{total} {unit}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def prepare_output() -> None:
    """Let a terminal that cannot show a character show a replacement, instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def drop_output() -> None:
    """Let nothing be written to stdout any more: whoever read it has gone, as ``head`` does."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - os.devnull is no path of a user's
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def say(line: object) -> None:
    """Print a result, without what a terminal would obey."""
    sys.stdout.write(f"{_shown(str(line))}\n")
    sys.stdout.flush()


def say_json(value: object) -> None:
    """Print a result as JSON, in characters that any terminal shows and none obeys."""
    encoding = sys.stdout.encoding or "ascii"
    text = json.dumps(value, ensure_ascii=not encoding.lower().startswith("utf"), indent=2)
    # Line ends are JSON's own here: those in strings are escaped.
    sys.stdout.write(re.sub(r"[^\n -~]", lambda found: _json_escaped(found.group()), text) + "\n")
    sys.stdout.flush()


def _json_escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def complain(lines: Iterable[str]) -> None:
    """Print problems on stderr, each on one line."""
    for line in lines:
        sys.stderr.write(f"runlog: {plain(line)}\n")


def counted(count: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def plain(text: str) -> str:
    """Return text on one line, without what a terminal would obey."""
    return _shown(" ".join(text.split()))


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)

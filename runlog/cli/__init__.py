"""The command line: ``runlog COMMAND``; each module beside this one holds a few related commands.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 what was checked is not in order, 2 bad
input (with one line a problem that says what is wrong; whatever can be done is done all the same), 130
interrupted, 141 nobody reads what is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from pathlib import Path

from runlog.basics.environment import runlog_version
from runlog.cli import archiving, editing, exchanging, judging, listing, standing_in, viewing
from runlog.cli.common import BAD_INPUT, BROKEN_PIPE, INTERRUPTED, OK, complain, drop_output, prepare_output
from runlog.errors import RunlogError, StorageError, shown


def main(arguments: Sequence[str] | None = None, prog: str = "runlog") -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        What follows the command's name; by default that of the process.
    prog
        Name of the command in its help.
    """
    prepare_output()
    words = sys.argv[1:] if arguments is None else list(arguments)
    parser, commands = _parser(prog)
    if not words:
        parser.print_help()
        return OK
    if (hint := _misspelt(words[0], commands)) is not None:
        complain([hint])
        return BAD_INPUT
    options, unknown = parser.parse_known_args(words)
    if unknown:
        # Said by the command, whose usage helps; left to argparse, it would be that of all commands.
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        _check_working_directory()
        return run(options)
    except RunlogError as error:
        complain([str(error)])
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return BROKEN_PIPE


def _check_working_directory() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise StorageError("the working directory must exist, but was deleted; go to another one") from None


def _misspelt(word: str, commands: Collection[str]) -> str | None:
    """Return what to say of a first word that is no command; None where it is one, or an option."""
    if word in commands or word.startswith("-"):
        return None
    close = get_close_matches(word, commands, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"commands: {', '.join(commands)}"
    return f"there is no command {shown(word)}; {hint}"


def _parser(prog: str) -> tuple[argparse.ArgumentParser, Collection[str]]:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Look at logged runs in a browser: no server, no account, no network.",
        epilog=f"example: {prog} view runs",
    )
    version = runlog_version() or "(imported from a source tree that is not installed)"
    parser.add_argument("--version", action="version", version=f"runlog {version}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    viewing.add(commands, prog)
    exchanging.add(commands, prog)
    listing.add(commands, prog)
    archiving.add(commands, prog)
    editing.add(commands, prog)
    judging.add(commands, prog)
    standing_in.add(commands, prog)
    return parser, commands.choices

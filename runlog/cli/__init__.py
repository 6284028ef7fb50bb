"""The command line: ``runlog COMMAND``; each module beside this one holds a few related commands.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 what was checked is not in order, 2 bad
input (with one line a problem that says what is wrong; whatever can be done is done all the same), 130
interrupted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from runlog.basics.environment import runlog_version
from runlog.cli import archiving, exchanging, listing, viewing
from runlog.cli.common import BAD_INPUT, INTERRUPTED, complain
from runlog.errors import RunlogError


def main(arguments: Sequence[str] | None = None, prog: str = "runlog") -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        What follows the command's name; by default that of the process.
    prog
        Name of the command in its help.
    """
    options, unknown = _parser(prog).parse_known_args(arguments)
    if unknown:
        # Said by the command, whose usage helps; left to argparse, it would be that of all commands.
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except RunlogError as error:
        complain([str(error)])
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(prog: str) -> argparse.ArgumentParser:
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
    return parser

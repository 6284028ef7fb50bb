"""``runlog edit`` and ``runlog rm``: runs after the fact."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runlog.cli.common import BAD_INPUT, OK, Commands, add_run, command, complain, counted, plain, say
from runlog.cli.finding import find_run, find_run_to_remove
from runlog.errors import RunlogError


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    edit = command(
        commands,
        prog,
        "edit",
        _edit,
        "change the name, tags, notes or group of a run that has ended",
        "runs/my-run --name 'wide net' --tag best --untag todo",
        "What it logged stays as it is. The pages beside the run are brought up to date.",
    )
    add_run(edit)
    edit.add_argument("--name", help="its new name")
    edit.add_argument("--tag", action="append", default=[], metavar="TAG", help="a tag that it gets")
    edit.add_argument("--untag", action="append", default=[], metavar="TAG", help="a tag that it loses")
    edit.add_argument("--notes", help="its new notes; '' takes them away")
    edit.add_argument("--group", help="its new group; '' takes it out of its group")
    remove = command(
        commands,
        prog,
        "rm",
        _remove,
        "remove runs for good, with all that is in their folders; asks first",
        "runs/my-run 20261122-101502-3f9c17ab --yes",
        "The overview beside them is brought up to date. Runs that are being written stay.",
    )
    remove.add_argument(
        "runs", nargs="+", metavar="RUN", help="a run folder, or the id or name of a run; never a runs folder"
    )
    remove.add_argument("--yes", action="store_true", help="do not ask")


def _edit(options: argparse.Namespace) -> int:
    from runlog_viewer.with_pages import edit

    folder = find_run(options.run_folder)
    given = (options.name, options.tag, options.untag, options.notes, options.group)
    if all(value is None or value == [] for value in given):
        complain(["nothing to change was named: --name, --tag, --untag, --notes or --group"])
        return BAD_INPUT
    site = edit(
        folder,
        name=options.name,
        notes=options.notes,
        group=options.group,
        add_tags=options.tag,
        remove_tags=options.untag,
    )
    say(f"{folder}: changed")
    if site:
        complain(site.problems)
        say(f"{site.index}: brought up to date")
    return OK


def _remove(options: argparse.Namespace) -> int:
    from runlog_viewer.with_pages import remove

    folders = list(dict.fromkeys(map(find_run_to_remove, options.runs)))
    if not (options.yes or _is_agreed(folders)):
        return BAD_INPUT
    code = OK
    for folder in folders:
        try:
            sites = remove(folder)
        except RunlogError as error:
            complain([str(error)])
            code = BAD_INPUT
            continue
        say(f"{folder}: removed")
        complain(problem for site in sites for problem in site.problems)
    return code


def _is_agreed(folders: list[Path]) -> bool:
    """Ask a person; where there is none, nothing is removed."""
    names = ", ".join(plain(str(folder)) for folder in folders)
    if not sys.stdin.isatty():
        complain([f"{counted(len(folders), 'run')} would be removed for good ({names}); --yes removes them"])
        return False
    sys.stderr.write(f"Remove {counted(len(folders), 'run')} for good ({names})? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")

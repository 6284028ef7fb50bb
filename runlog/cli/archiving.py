"""``runlog archive``, ``verify``, ``check``, ``migrate`` and ``prune``: run folders are for keeps."""

from __future__ import annotations

import argparse

from runlog.cli.common import (
    BAD_INPUT,
    FOUND_WRONG,
    OK,
    Commands,
    add_run,
    add_run_list,
    command,
    complain,
    counted,
    plain,
    progress,
    say,
)
from runlog.cli.finding import find_archive, find_run, find_runs_and_remnants, find_runs_of
from runlog.errors import RunlogError


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    archive = command(
        commands,
        prog,
        "archive",
        _archive,
        "freeze runs, with their pages, into one zip file that proves its own integrity",
        "runs/my-run -o my-run.zip",
        "The file is a BagIt bag: unzip it and open its index.html. A run may go on writing meanwhile. The "
        "same runs give the same bytes. Exit code 1: a media file was missing or damaged, and is so in it.",
    )
    add_run_list(archive)
    archive.add_argument(
        "-o", "--out", required=True, metavar="OUT", help="OUT.zip, or the name of a folder to make instead"
    )
    archive.add_argument("--overwrite", action="store_true", help="replace OUT if it is there already")
    verify = command(
        commands,
        prog,
        "verify",
        _verify,
        "say whether an archive or a run folder is as it was written",
        "my-run.zip --deep",
        "An archive proves every byte; a run folder is judged by its own rows. Nothing is changed, nothing "
        "unpacked. Exit code 1: something is wrong, each on a line of stderr.",
    )
    verify.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="an archive (zip file or folder), a run folder, the id or name of a run, or a runs folder "
        "(default: $RUNLOG_DIR, else ./runs)",
    )
    verify.add_argument("--deep", action="store_true", help="also decode every image")
    check = command(
        commands,
        prog,
        "check",
        _check,
        "find what a kill, a crash or a power loss left in run folders",
        "runs/my-run --repair",
        "Finds runs that were never finished, rows without files, files without rows, leftovers. Exit code "
        "1: something is not in order, each on a line of stderr.",
    )
    add_run_list(check, optional=True)
    check.add_argument(
        "--repair",
        action="store_true",
        help="put right what can be; no file is deleted: those that no row names move to lost+found/",
    )
    check.add_argument(
        "--ended",
        action="store_true",
        help="the run has ended: repair it though it was written on another host and never finished",
    )
    migrate = command(
        commands,
        prog,
        "migrate",
        _migrate,
        "bring run folders of an older runlog up to date",
        "runs/my-run",
        "Viewing and reading never change a run folder.",
    )
    add_run_list(migrate)
    _add_prune(commands, prog)


def _add_prune(commands: Commands, prog: str) -> None:
    prune = command(
        commands,
        prog,
        "prune",
        _prune,
        "remove the images and logged files of older steps; without --yes only say what would go",
        "runs/my-run --keep-last 10 --keys 'debug/*' --yes",
        "Numbers, texts and captions of kept images stay, and so do the steps. The pages beside the run are "
        "brought up to date; those built elsewhere (`build -o`) are not.",
    )
    add_run(prune)
    prune.add_argument(
        "--keep-last",
        type=int,
        required=True,
        metavar="N",
        help="how many steps of each key keep their images or files",
    )
    prune.add_argument(
        "--keys",
        action="extend",
        nargs="+",
        metavar="KEY",
        help="only these keys; * and ? stand for others",
    )
    prune.add_argument("--yes", action="store_true", help="do it")


def _archive(options: argparse.Namespace) -> int:
    from runlog_viewer.with_pages import archive

    folders = find_runs_of(options.runs)
    with progress() as show_steps, progress("files") as show_files:
        made = archive(
            folders, options.out, overwrite=options.overwrite, progress=show_files, step_progress=show_steps
        )
    complain(made.problems)
    say(made.path)
    return FOUND_WRONG if made.problems else OK


def _verify(options: argparse.Namespace) -> int:
    from runlog.archives.verifying import verify

    with progress("files") as show:
        found = verify(find_archive(options.path), deep=options.deep, progress=show)
    complain(found.problems)
    if found.problems:
        return FOUND_WRONG
    proof = "every byte is as archived" if found.kind == "bag" else "every file is as its row says"
    runs, files = counted(found.runs, "run"), counted(found.files, "file")
    say(f"{found.path}: {runs}, {files}, {found.bytes:,} bytes: {proof}")
    return OK


def _check(options: argparse.Namespace) -> int:
    from runlog.upkeep.checking import check

    code = OK
    for folder in find_runs_and_remnants(options.runs):
        try:
            health = check(folder, repair=options.repair, ended=options.ended)
        except RunlogError as error:
            complain([str(error)])
            code = BAD_INPUT
            continue
        complain(f"{folder}: {problem}" for problem in health.problems)
        for line in health.repaired:
            say(f"{folder}: repaired: {line}")
        if health.problems:
            code = max(code, FOUND_WRONG)
        elif not health.repaired:
            say(f"{folder}: in order")
    return code


def _migrate(options: argparse.Namespace) -> int:
    from runlog.upkeep.migrating import migrate

    code = OK
    for folder in find_runs_of(options.runs):
        try:
            applied = migrate(folder)
        except RunlogError as error:
            complain([str(error)])
            code = BAD_INPUT
            continue
        say(f"{folder}: {'applied ' + ', '.join(applied) if applied else 'up to date'}")
    return code


def _prune(options: argparse.Namespace) -> int:
    from runlog_viewer.with_pages import prune

    folder = find_run(options.run_folder)
    with progress() as show:
        pruned = prune(
            folder,
            keep_last=options.keep_last,
            keys=options.keys,
            dry_run=not options.yes,
            step_progress=show,
        )
    for key in pruned.keys:
        steps = f"{counted(len(key.steps), 'step')} ({key.steps[0]} to {key.steps[-1]})"
        what = [counted(n, noun) for n, noun in ((key.images, "image"), (key.files, "file")) if n]
        say(f"{plain(key.key)}: {' and '.join(what)} of {steps}")
    outcome = "removed" if pruned.is_done else "would go (a dry run; --yes removes them)"
    say(f"{counted(pruned.files, 'media file')}, {pruned.bytes:,} bytes: {outcome}")
    if pruned.site:
        complain(pruned.site.problems)
        say(f"{pruned.site.index}: brought up to date")
    return OK

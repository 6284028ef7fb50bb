"""``runlog export``, ``import`` and ``join``: runs → the formats of other tools and back; ranks → one run."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from runlog.cli.common import (
    BAD_INPUT,
    OK,
    Commands,
    add_run_list,
    add_runs,
    command,
    complain,
    progress,
    say,
)
from runlog.cli.finding import find_folder, find_run, find_runs_of
from runlog.errors import InvalidValueError, shown
from runlog.exporters.formats import FORMATS
from runlog.exporters.output import ExportResult
from runlog.importers.formats import FORMATS as LOGS

_PARQUET, _REPORT = "parquet", "html"
_OF_REPORTS = ("worst", "max_mb")


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    export = command(
        commands,
        prog,
        "export",
        _export,
        f"write a run as {_listed([known.words for known in FORMATS.values()])}, a run as a report in one "
        "HTML file, or runs as Parquet",
        "coco runs/20261122-101502-3f9c17ab -o dataset --steps last --min-score confidence=0.5",
        "Prints what to open. Says on stderr what was left out, and what is in it that may surprise. The "
        f"format {_PARQUET} takes many runs, and into a folder that has some already it writes what changed; "
        f"{_REPORT} is one file that opens anywhere, with pictures (by default the last step of each key), "
        "numbers and charts.",
    )
    # What takes several values would take those that stand behind it for its own.
    export.usage = (
        "%(prog)s FORMAT RUN -o OUT [--keys KEY …] [--steps STEPS] [--layers LAYER …] [--min-score S]\n"
        "       %(prog)s html RUN -o REPORT.html [--worst N] [--max-mb MB] [--keys KEY …] [--steps STEPS]\n"
        "       %(prog)s parquet RUN … -o OUT [--pictures embedded]"
    )
    formats = (*FORMATS, _REPORT, _PARQUET)
    export.add_argument("format", choices=formats, metavar="FORMAT", help=", ".join(formats))
    add_run_list(export)
    export.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="OUT",
        help="a new or empty folder; of Parquet also one to update; of html a file, which is replaced",
    )
    export.add_argument(
        "--keys",
        action="extend",
        nargs="+",
        metavar="KEY",
        help="only these keys; * and ? stand for others",
    )
    export.add_argument(
        "--steps", metavar="STEPS", help="only these: 3, 0:100 (without 100), :10, 5:, or last (of each key)"
    )
    export.add_argument(
        "--layers", action="extend", nargs="+", metavar="LAYER", help="only these layers of boxes and masks"
    )
    export.add_argument(
        "--min-score",
        metavar="[NAME=]VALUE",
        help="only boxes with this score, or any score, of at least VALUE; boxes without any scores stay",
    )
    export.add_argument(
        "--pictures",
        choices=("paths", "embedded"),
        help="of Parquet: where pictures are in their run folders (default), or their files, too",
    )
    export.add_argument(
        "--worst",
        type=int,
        metavar="N",
        help="of html: of each key only so many pictures, the worst judged",
    )
    export.add_argument(
        "--max-mb", type=float, metavar="MB", help="of html: how large the file may be (default: 20)"
    )
    import_ = command(
        commands,
        prog,
        "import",
        _import,
        f"make runs of another tool's logs: {_listed([known.words for known in LOGS.values()])}",
        "wandb wandb --dir runs",
        "Prints the run folders. Says on stderr what could not be taken.",
    )
    import_.add_argument("format", choices=tuple(LOGS), metavar="FORMAT", help=", ".join(LOGS))
    import_.add_argument("path", metavar="PATH", help="a log folder, a folder of them, or the file of a log")
    import_.add_argument("--dir", metavar="RUNS", help="the runs folder (default: $RUNLOG_DIR, else ./runs)")
    join = command(
        commands,
        prog,
        "join",
        _join,
        "make one run of the runs that the ranks of a launch wrote",
        "runs",
        "Ranks are the runs ID-r0, ID-r1 … of one RUNLOG_RUN_ID; the run of all is called ID. Prints the run "
        "folders. Again, it takes what is new.",
    )
    add_runs(join)
    join.add_argument(
        "--numbers",
        choices=("mean", "each"),
        default="mean",
        help="of a number the mean of the ranks (default), or each by itself, as KEY/rank-N",
    )


def _export(options: argparse.Namespace) -> int:
    ways = {_PARQUET: _data_set, _REPORT: _report}
    result = ways.get(options.format, _export_run)(options)
    complain(result.problems)
    complain(f"left out: {line}" for line in _counted(result.left_out))
    complain(f"note: {line}" for line in _counted(result.notes))
    say(result.path)
    return BAD_INPUT if result.problems else OK


def _data_set(options: argparse.Namespace) -> ExportResult:
    from runlog.exporters import parquet

    _refuse(options, ("keys", "steps", "layers", "min_score"), "has all that runs hold")
    _refuse(options, _OF_REPORTS, "has no such choice")
    with progress("runs") as show:
        return parquet.export(
            find_runs_of(options.runs), options.out, pictures=options.pictures or "paths", progress=show
        )


def _export_run(options: argparse.Namespace) -> ExportResult:
    _refuse(options, ("pictures", *_OF_REPORTS), "has no such choice")
    export = FORMATS[options.format].exporter()
    run_folder = _one_run(options)
    with progress() as show:
        return export(
            run_folder,
            options.out,
            keys=options.keys,
            steps=options.steps,
            layers=options.layers,
            min_score=options.min_score,
            progress=show,
        )


def _report(options: argparse.Namespace) -> ExportResult:
    from runlog_viewer import report

    _refuse(options, ("pictures",), "has no such choice")
    most = report.MAX_BYTES if options.max_mb is None else _bytes(options.max_mb, report.LEAST_BYTES)
    run_folder = _one_run(options)
    with progress() as show:
        return report.export(
            run_folder,
            options.out,
            keys=options.keys,
            steps=options.steps,
            layers=options.layers,
            min_score=options.min_score,
            worst=options.worst,
            max_bytes=most,
            progress=show,
        )


def _bytes(megabytes: float, least: int) -> int:
    if not least <= megabytes * 1e6 < math.inf:
        raise InvalidValueError(f"--max-mb must be at least {least / 1e6:g}, but got {megabytes:g}")
    return round(megabytes * 1e6)


def _one_run(options: argparse.Namespace) -> Path:
    if len(options.runs) > 1:
        raise InvalidValueError(
            f"{options.format} must be of one run, but got {len(options.runs)}: only {_PARQUET} takes many"
        )
    return find_run(options.runs[0])


def _refuse(options: argparse.Namespace, names: Sequence[str], why: str) -> None:
    """Refuse options that another format has."""
    for name in names:
        if getattr(options, name) is not None:
            raise InvalidValueError(f"--{name.replace('_', '-')} must not be given: {options.format} {why}")


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{what}: {count:,}" for what, count in counts.items()]


def _import(options: argparse.Namespace) -> int:
    import_logdir = LOGS[options.format].importer()
    with progress("MB") as show:
        megabytes = None if show is None else lambda done, total: show(done // 10**6, total // 10**6)
        runs = import_logdir(options.path, dir=options.dir, progress=megabytes)
    for run in runs:
        complain(f"{run.source}: {problem}" for problem in run.problems)
        complain(f"not taken: {run.source}: {line}" for line in _not_taken(run.not_taken))
        complain(f"note: {run.source}: {note}" for note in run.notes)
        if run.folder is not None:
            say(run.folder)
    return BAD_INPUT if any(run.problems for run in runs) else OK


def _join(options: argparse.Namespace) -> int:
    from runlog.importers.ranks import join

    with progress() as show:
        joined = join(find_folder(options.runs), numbers=options.numbers, progress=show)
    for run in joined:
        complain(run.problems)
        if run.folder is not None:
            if run.running:
                state = f"{run.running} of {run.ranks} ranks go on"
                complain([f"note: {run.folder.name}: {state}; join again later"])
            say(run.folder)
    return BAD_INPUT if any(run.problems for run in joined) else OK


def _not_taken(kinds: Mapping[str, Mapping[str, int]]) -> list[str]:
    return [f"{kind}: {sum(tags.values()):,}{_tags(list(tags))}" for kind, tags in kinds.items()]


def _tags(tags: list[str]) -> str:
    named = ", ".join(shown(tag) for tag in tags[:3] if tag)
    more = f" and {len(tags) - 3:,} more" if len(tags) > 3 else ""
    return f" ({named}{more})" if named else ""

"""``runlog evaluate``: the predictions of a run judged by its truth, after the fact."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from runlog.cli.common import (
    FOUND_WRONG,
    OK,
    Commands,
    add_run,
    command,
    complain,
    counted,
    plain,
    progress,
    say,
)
from runlog.cli.finding import find_run
from runlog.storage.layout import check_key

if TYPE_CHECKING:
    from runlog.upkeep.evaluating import JudgedKey


def add(commands: Commands, prog: str) -> None:
    """Declare the command of this module."""
    evaluate = command(
        commands,
        prog,
        "evaluate",
        _evaluate,
        "judge the predictions of a run that has ended by its truth: boxes as COCO does it, masks by pixels",
        "runs/my-run --keys 'val/*' --min-score 0.5",
        "Verdicts and numbers replace those of before, and the pages beside the run are brought up to date. "
        "Prints the numbers of the last step of each key.",
    )
    add_run(evaluate)
    evaluate.add_argument(
        "--keys", default="*", metavar="KEY", help="this key; * and ? stand for others (default: all)"
    )
    evaluate.add_argument(
        "--truth", default="truth", metavar="LAYER", help="layer of what is there (default: truth)"
    )
    evaluate.add_argument(
        "--predictions",
        default="predictions",
        metavar="LAYER",
        help="layer that is judged (default: predictions)",
    )
    evaluate.add_argument(
        "--iou",
        type=float,
        default=0.5,
        metavar="IOU",
        help="least overlap of a pair (default: 0.5)",
    )
    evaluate.add_argument(
        "--score", metavar="NAME", help="the score that ranks (default: the only one there is)"
    )
    evaluate.add_argument(
        "--min-score",
        type=float,
        default=0.5,
        metavar="VALUE",
        help="the least that counts (default: 0.5)",
    )
    evaluate.add_argument("--any-class", action="store_true", help="match boxes whatever their classes are")
    evaluate.add_argument("--by-class", action="store_true", help="numbers of each class, too")
    evaluate.add_argument(
        "--ignore-ids",
        type=int,
        action="extend",
        nargs="+",
        default=[],
        metavar="ID",
        help="class ids of a true mask at whose pixels nothing is judged",
    )
    evaluate.add_argument("--dry-run", action="store_true", help="print the numbers, and write nothing")


def _evaluate(options: argparse.Namespace) -> int:
    from runlog.evaluation.definition import read_evaluation
    from runlog_viewer.with_pages import evaluate

    folder = find_run(options.run_folder)
    evaluation = read_evaluation(
        check_key(options.keys),
        options.truth,
        options.predictions,
        options.iou,
        options.score,
        options.min_score,
        not options.any_class,
        options.by_class,
        options.ignore_ids,
    )
    with progress() as show:
        judged = evaluate(folder, evaluation, dry_run=options.dry_run, progress=show)
    for key in judged.keys:
        say(_line(key))
    complain(judged.problems)
    if options.dry_run:
        say("nothing was written (a dry run)")
    elif judged.site:
        complain(judged.site.problems)
        say(f"{judged.site.index}: brought up to date")
    return FOUND_WRONG if judged.problems else OK


def _line(key: JudgedKey) -> str:
    numbers = {name: number for name, number in key.last.numbers.items() if name != "evaluated_images"}
    told = ", ".join(f"{name} {number:.4g}" for name, number in numbers.items())
    images = counted(key.last.image_count, "image")
    return f"{plain(key.key)}: {counted(key.steps, 'step')}; at step {key.last.step}, of {images}: {told}"

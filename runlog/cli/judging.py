"""``runlog evaluate``: the predictions of a run judged by its truth, after the fact."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
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
from runlog.reading.reader import open_run
from runlog.storage.layout import check_key

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
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
        "Without options that say how, as the run itself was told by define_evaluation, if it was. Verdicts "
        "and numbers replace those of before, and the pages beside the run are brought up to date. "
        "Prints the numbers of the last step of each key.",
    )
    add_run(evaluate)
    evaluate.add_argument(
        "--keys",
        metavar="KEY",
        help="this key; * and ? stand for others (default: all, or those that the run was told of)",
    )
    evaluate.add_argument("--truth", metavar="LAYER", help="layer of what is there (default: truth)")
    evaluate.add_argument(
        "--predictions",
        metavar="LAYER",
        help="layer that is judged (default: predictions)",
    )
    evaluate.add_argument(
        "--iou",
        type=float,
        metavar="IOU",
        help="least overlap of a pair (default: 0.5)",
    )
    evaluate.add_argument(
        "--score", metavar="NAME", help="the score that ranks (default: the only one there is)"
    )
    evaluate.add_argument(
        "--min-score",
        type=float,
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
        metavar="ID",
        help="class ids of a true mask at whose pixels nothing is judged",
    )
    evaluate.add_argument("--dry-run", action="store_true", help="print the numbers, and write nothing")


def _evaluate(options: argparse.Namespace) -> int:
    from runlog_viewer.with_pages import evaluate

    folder = find_run(options.run_folder)
    keys = "*" if options.keys is None else check_key(options.keys)
    evaluations = _evaluations(options, keys, folder)
    with progress() as show:
        judged = evaluate(folder, evaluations, keys=keys, dry_run=options.dry_run, progress=show)
    for key in judged.keys:
        say(_line(key))
        if key.unranked:
            complain(
                [f"{key.key}: the score that ranks is NaN of {key.unranked:,} boxes, which count nowhere"]
            )
    complain(f"{key}: a number that the script logged itself stays" for key in judged.kept)
    complain(judged.problems)
    if options.dry_run:
        say("nothing was written (a dry run)")
    elif judged.site:
        complain(judged.site.problems)
        say(f"{judged.site.index}: brought up to date")
    return FOUND_WRONG if judged.problems else OK


def _evaluations(options: argparse.Namespace, keys: str, folder: Path) -> Sequence[Evaluation]:
    """Return what was asked for; where nothing says how to judge, what the run was told, the oldest first."""
    from runlog.basics.patterns import matches
    from runlog.evaluation.definition import evaluation_of, read_evaluation

    given = {
        "truth": options.truth,
        "predictions": options.predictions,
        "iou": options.iou,
        "score": options.score,
        "min_score": options.min_score,
        "use_classes": False if options.any_class else None,
        "by_class": options.by_class or None,
        "ignore_ids": options.ignore_ids,
    }
    said = {name: value for name, value in given.items() if value is not None}
    if not said:
        with open_run(folder) as reader:
            told, logged = reader.evaluations(), reader.latest_steps()
        if any(evaluation_of(key, told) for key in logged if matches(key, keys)):
            return told
    return [read_evaluation(keys, **said)]


def _line(key: JudgedKey) -> str:
    numbers = {name: number for name, number in key.last.numbers.items() if name != "evaluated_images"}
    told = ", ".join(f"{name} {number:.4g}" for name, number in numbers.items())
    images = counted(key.last.image_count, "image")
    return f"{plain(key.key)}: {counted(key.steps, 'step')}; at step {key.last.step}, of {images}: {told}"

"""The images of a run that has ended judged: verdicts and numbers as if it had been told so before."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from runlog.basics.patterns import matches
from runlog.errors import InvalidValueError, RunlogError, shown
from runlog.evaluation.definition import Evaluation, evaluation_of
from runlog.evaluation.gallery import GalleryEvaluation
from runlog.files.paths import absolute_path
from runlog.reading.evaluating import evaluate_records, galleries_of, labels_of
from runlog.reading.reader import RunReader
from runlog.storage.judgements import judged_gallery
from runlog.storage.writes import Store
from runlog.upkeep.exclusive import writing

__all__ = ["Evaluation", "JudgedKey", "Judging", "evaluate"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class JudgedKey:
    """What is said of the images of one key.

    Attributes
    ----------
    steps
        How many steps were judged.
    last
        The highest of them.
    unranked
        How many predictions of all steps count nowhere, since the score that ranks them is NaN.
    """

    key: str
    steps: int
    last: GalleryEvaluation
    unranked: int


@dataclass(frozen=True, slots=True)
class Judging:
    """What was judged.

    Attributes
    ----------
    keys
        What is said, by key.
    problems
        A line for each list of images that could not be judged.
    kept
        Keys of numbers that stay as the script logged them, at one step or more.
    """

    keys: tuple[JudgedKey, ...]
    problems: tuple[str, ...]
    kept: tuple[str, ...]


def evaluate(
    run_folder: str | os.PathLike[str],
    evaluations: Sequence[Evaluation],
    *,
    keys: str = "*",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Judging:
    """Judge the images of a run that has ended, in place of what was said of them before.

    How they were judged is stored, unless the run was told so, and holds for what a resumed run logs. The
    numbers stand beside their keys; one that the script logged itself stays.

    Parameters
    ----------
    run_folder
        The folder of a run that has ended; with `dry_run` of any run, one in an unzipped archive included.
    evaluations
        How, and which keys; see `runlog.evaluation.definition.read_evaluation`. Of those that match a key the
        last one counts.
    keys
        Only these: a key, or a pattern with ``*`` and ``?``.
    dry_run
        Write nothing.
    progress
        Called with the numbers of steps done and to do.

    Raises
    ------
    InvalidValueError
        If nothing can be judged so, saying why; or the folder lies in an archive.
    RunLockedError
        If the run is being written.
    StorageError
        If there is no run, or it cannot be read or written.
    """
    folder = absolute_path(run_folder)
    if dry_run:
        return _judge(folder, evaluations, keys, None, progress)
    with writing(folder) as store:
        judged = _judge(folder, evaluations, keys, store, progress)
        store.summarise()
    return judged


def _judge(
    folder: Path,
    evaluations: Sequence[Evaluation],
    pattern: str,
    store: Store | None,
    progress: Progress | None,
) -> Judging:
    keys: dict[str, JudgedKey] = {}
    problems: list[str] = []
    kept: set[str] = set()
    layers: dict[str, set[str]] = {}
    with RunReader(folder) as reader:
        steps = [step.step for step in reader.steps() if step.image_count]
        for done, step in enumerate(steps):
            if progress is not None:
                progress(done, len(steps))
            chosen = [image for image in reader.images(step) if matches(image.key, pattern)]
            for evaluation, images in galleries_of(chosen, evaluations):
                for layer in chain.from_iterable(image.layers for image in images):
                    layers.setdefault(layer.kind, set()).add(layer.name)
                try:
                    found = evaluate_records(images, evaluation, reader.class_ids)
                except RunlogError as error:
                    problems.append(str(error))
                    continue
                if not found.image_count:
                    continue
                if store is not None:
                    if evaluation_of(found.key, store.evaluations()) != evaluation:
                        store.define_evaluation(evaluation)
                    kept |= store.judge(judged_gallery(found, labels_of(images, evaluation)))
                before = keys.get(found.key, JudgedKey(found.key, 0, found, 0))
                keys[found.key] = JudgedKey(
                    found.key, before.steps + 1, found, before.unranked + found.unranked_count
                )
        if not keys:
            raise InvalidValueError(problems[0] if problems else _nothing(reader, evaluations, layers))
    return Judging(tuple(keys[key] for key in sorted(keys)), tuple(problems), tuple(sorted(kept)))


def _nothing(
    reader: RunReader, evaluations: Sequence[Evaluation], layers: Mapping[str, Collection[str]]
) -> str:
    """Return why no image could be judged; `layers` are the names there are, by kind."""
    keys = sorted(reader.latest_steps())
    counting = [one for one in evaluations if any(evaluation_of(key, evaluations) is one for key in keys)]
    if not counting:
        patterns = ", ".join(shown(one.pattern) for one in evaluations)
        return f"keys must be those of images ({shown(keys)}), but got {patterns}"
    compared = ", or ".join(f"{shown(one.truth)} and {shown(one.predictions)}" for one in counting)
    there = " and ".join(f"{kind} {shown(sorted(names))}" for kind, names in sorted(layers.items()))
    return (
        f"truth and predictions must be layers of the same images, both of boxes or both of masks, but got "
        f"{compared}; there are {there or 'none'}"
    )

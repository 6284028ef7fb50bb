"""What nothing in a site refers to any more is removed: folders hold what is, not what was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import runlog
from runlog_viewer.build.block_writer import block_file, captions_file
from runlog_viewer.build.blocks import StepBlocks
from runlog_viewer.pages import logged_texts, site_names, wording


def of_run(viewer: Path, blocks: StepBlocks, read_media: Callable[[], Iterable[runlog.MediaRecord]]) -> None:
    """Remove pages of steps that have none, data scripts of no block, and copies of media that are gone.

    Parameters
    ----------
    viewer
        The ``viewer`` folder of a run's site.
    blocks
        The steps that have a page.
    read_media
        Called for the media of the run if there are copies of any.
    """
    pages = set(map(wording.step_file, blocks.all_steps()))
    _keep(viewer / "steps", lambda file: file.name in pages)
    scripts = {name(number) for number in blocks.numbers() for name in (block_file, captions_file)}
    scripts.update(map(logged_texts.script_file, blocks.all_steps()))
    counted = ("block-", "captions-", "texts-")
    _keep(viewer / "data", lambda file: not file.name.startswith(counted) or file.name in scripts)
    folders = [folder for folder in (viewer / "masks", viewer / "thumbs") if folder.is_dir()]
    if folders:
        copies = set(map(site_names.copy_name, read_media()))
        for folder in folders:
            _keep(folder, lambda file: re.split("[.-]", file.name)[0] in copies)


def of_runs(target: Path, names: Collection[str]) -> None:
    """Remove the sites of runs of other names from a folder that holds nothing else."""
    for folder in target.iterdir():
        if folder.is_dir() and folder.name not in (*names, "viewer"):
            shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path, is_meant: Callable[[Path], bool]) -> None:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if not is_meant(file) and file.is_file():
            file.unlink(missing_ok=True)

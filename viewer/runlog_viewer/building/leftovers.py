"""What nothing in a site refers to any more is removed: folders hold what is, not what was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import runlog
from runlog_viewer.building.blocks import StepBlocks
from runlog_viewer.pages import site_names


def remove_from_run(
    target: Path,
    blocks: StepBlocks,
    data_scripts: Iterable[str],
    read_media: Callable[[], Iterable[runlog.MediaRecord]],
) -> None:
    """Remove pages of steps that have none, data scripts of nothing, and copies of media that are gone.

    Parameters
    ----------
    target
        The folder of a run's site.
    blocks
        The steps that have a page.
    data_scripts
        Where the data scripts of tables and of single charts are.
    read_media
        Called for the media of the run if there are copies of any.
    """
    earlier = set(map(site_names.steps_page, blocks.earlier_pages()))
    _keep(
        target / site_names.VIEWER,
        lambda file: (
            not file.name.startswith(site_names.STEPS_PAGES) or f"{site_names.VIEWER}/{file.name}" in earlier
        ),
    )
    pages = set(map(site_names.step_file, blocks.all_steps()))
    _keep(target / site_names.STEPS, lambda file: file.name in pages)
    scripts = {
        *map(site_names.block_script, blocks.numbers()),
        *map(site_names.captions_script, blocks.numbers()),
        *map(site_names.images_script, blocks.numbers()),
        *map(site_names.earlier_script, range(len(blocks.indexed()) - 1)),
        *map(site_names.texts_script, blocks.all_steps()),
        *data_scripts,
    }
    _keep(
        target / site_names.DATA,
        lambda file: (
            not file.name.startswith(site_names.NUMBERED_SCRIPTS)
            or f"{site_names.DATA}/{file.name}" in scripts
        ),
    )
    copies_in = (site_names.MASKS, site_names.THUMBNAILS)
    folders = [target / name for name in copies_in if (target / name).is_dir()]
    if folders:
        copies = set(map(site_names.copy_name, read_media()))
        for folder in folders:
            _keep(folder, lambda file: re.split("[.-]", file.name)[0] in copies)


def remove_blocks(target: Path, scripts: Collection[str]) -> None:
    """Remove the rows and lines of runs that are gone from the site of all runs; `scripts` are to stay."""
    _keep(
        target / site_names.DATA,
        lambda file: (
            not file.name.startswith(site_names.BLOCKS_OF_RUNS) or f"{site_names.DATA}/{file.name}" in scripts
        ),
    )


def remove_runs(target: Path, names: Collection[str]) -> None:
    """Remove the sites of runs of other names from a folder that holds nothing else."""
    for folder in target.iterdir():
        if folder.is_dir() and folder.name not in (*names, site_names.VIEWER):
            shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path, is_meant: Callable[[Path], bool]) -> None:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if not is_meant(file) and file.is_file():
            file.unlink(missing_ok=True)

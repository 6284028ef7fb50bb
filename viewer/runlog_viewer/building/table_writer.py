"""The rows of tables → data scripts: once, as rows never change; again where pictures were missing."""

from __future__ import annotations

from collections.abc import Container, Iterable, MutableMapping
from pathlib import Path, PurePosixPath

import runlog
from runlog_viewer.building import mask_files, site_files, thumbs
from runlog_viewer.building.missing_files import missing_files, shown_files
from runlog_viewer.html import data_scripts, render
from runlog_viewer.html.tables import cell_picture
from runlog_viewer.pages import site_names
from runlog_viewer.pages.gallery import cell_drawer
from runlog_viewer.pages.tables import BLOCK_ROWS, TableRows, data_cell

# The rows stand in pages of steps.
_FROM_STEP_PAGE = "../../"


def write(
    folder: Path,
    target: Path,
    tables: Iterable[runlog.LoggedTable],
    written: MutableMapping[int, int],
    incomplete: Container[int],
) -> dict[int, tuple[PurePosixPath, ...]]:
    """Write the rows of tables that have no data script yet, or one in which pictures were missing.

    Parameters
    ----------
    folder
        The run folder.
    target
        The folder that holds the site.
    tables
        The tables of the steps that changed; where one of these is incomplete, the tables of all steps.
    written
        By `data_id`, how many rows are in data scripts; what is written now is added.
    incomplete
        The steps whose tables had pictures of which the files were missing.

    Returns
    -------
    dict
        By step, the media files that are missing from what was written.
    """
    found = sorted(tables, key=len)
    longest = {table.record.data_id: table for table in found}
    again = {table.record.data_id for table in found if table.step in incomplete}
    missing: dict[int, tuple[PurePosixPath, ...]] = {}
    for data_id, table in longest.items():
        known = written.get(data_id, 0)
        first = 0 if data_id in again else known
        if len(table) > first:
            try:
                for number in range(first // BLOCK_ROWS, -(-len(table) // BLOCK_ROWS)):
                    missing[table.step] = (
                        *missing.get(table.step, ()),
                        *_write_block(folder, target, table, number),
                    )
            except runlog.RunChangedError:
                continue  # logged again since: its step has changed by the next pass, which writes it
            written[data_id] = len(table)
    return missing


def _write_block(
    folder: Path, target: Path, table: runlog.LoggedTable, number: int
) -> tuple[PurePosixPath, ...]:
    """Write some rows, and return which media files are missing from them."""
    first = number * BLOCK_ROWS
    rows = TableRows(table, table.rows(first, first + BLOCK_ROWS))
    pictures = list(rows.pictures())
    missing = missing_files(folder, shown_files(pictures))
    mask_files.write(target, folder, pictures, missing)
    thumbnails = thumbs.make(target, folder, (picture.media for picture in pictures))
    draw, filters = cell_drawer(pictures, _FROM_STEP_PAGE, missing, thumbnails)
    cells = [[data_cell(cell, lambda image: cell_picture(draw(image))) for cell in row] for row in rows.rows]
    value = {
        "rows": cells,
        "filters": render.mask_filters(tuple({filter.id: filter for filter in filters()}.values())),
    }
    name = f"table-{table.record.data_id}-{number}"
    script = data_scripts.data_script(name, data_scripts.to_json(value))
    site_files.write(target, site_names.table_script(table.record.data_id, number), script)
    return missing

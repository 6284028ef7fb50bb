"""The rows of tables → data scripts, each written once: rows never change."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from pathlib import Path

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.build import mask_files, site_files, thumbs
from runlog_viewer.html import render
from runlog_viewer.html.tables import cell_picture
from runlog_viewer.pages import layers, site_names
from runlog_viewer.pages.gallery import cell_drawer
from runlog_viewer.pages.tables import BLOCK_ROWS, TableRows, data_cell

# The rows stand in pages of steps.
_FROM_STEP_PAGE = "../../"


def write(
    folder: Path, target: Path, tables: Iterable[runlog.LoggedTable], written: MutableMapping[int, int]
) -> None:
    """Write the rows of tables that have no data script yet.

    Parameters
    ----------
    folder
        The run folder.
    target
        The folder that holds the site.
    tables
        The tables of the steps that changed.
    written
        By `data_id`, how many rows are in data scripts; what is written now is added.
    """
    longest = {table.record.data_id: table for table in sorted(tables, key=len)}
    for data_id, table in longest.items():
        first = written.get(data_id, 0)
        if len(table) > first:
            for number in range(first // BLOCK_ROWS, -(-len(table) // BLOCK_ROWS)):
                _write_block(folder, target, table, number)
            written[data_id] = len(table)


def _write_block(folder: Path, target: Path, table: runlog.LoggedTable, number: int) -> None:
    first = number * BLOCK_ROWS
    rows = TableRows(table, table.rows(first, first + BLOCK_ROWS))
    pictures = list(rows.pictures())
    mask_files.write(target, folder, pictures)
    thumbnails = thumbs.make(target, folder, (picture.media for picture in pictures))
    files = SafeFolder(folder)
    paths = {media.path for picture in pictures for media in layers.media_files(picture)}
    missing = {path for path in paths if not files.is_file(path)}
    draw, filters = cell_drawer(pictures, _FROM_STEP_PAGE, missing, thumbnails)
    cells = [[data_cell(cell, lambda image: cell_picture(draw(image))) for cell in row] for row in rows.rows]
    value = {
        "rows": cells,
        "filters": render.mask_filters(tuple({filter.id: filter for filter in filters()}.values())),
    }
    name = f"table-{table.record.data_id}-{number}"
    script = render.data_script(name, render.to_json(value))
    site_files.write(target, site_names.table_script(table.record.data_id, number), script)

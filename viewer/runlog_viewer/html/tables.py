"""Tables → HTML, written by hand: a page may have thousands of cells."""

from __future__ import annotations

from markupsafe import Markup

from runlog_viewer.html import markup
from runlog_viewer.html.escaping import escaped, escaped_name
from runlog_viewer.pages import wording
from runlog_viewer.pages.values import Figure, HeadCell, TableCell, TableView


def table_section(table: TableView) -> Markup:
    """Return a table with its first rows; scripts add what is out of sight."""
    key = escaped_name(table.key)
    more = table.row_count - len(table.rows)
    rest = (
        f'<p class="table-rest quiet">The first {len(table.rows):,} of {table.row_count:,} rows.</p>'
        if more > 0
        else ""
    )
    # A frame that scrolls can be reached by keyboard.
    html = (
        f'<section class="logged-table logged {table.height}" data-key="{key}" data-step="{table.step}"'
        f' data-data="{table.data_id}" data-rows="{table.row_count}">\n'
        f'<div class="table-bar"><h2><bdi>{key}</bdi> <small><a class="all-steps" href="{table.all_steps}">'
        f'all steps</a></small></h2><span class="table-size quiet">{_rows(table)}</span>'
        f'<input type="search" name="filter" class="needs-js" aria-label="Filter rows of {key}"'
        ' placeholder="Filter: words, column&gt;0.5" autocomplete="off" spellcheck="false">'
        '<span class="table-count quiet needs-js" role="status"></span></div>\n'
        f"{_frame(table)}{rest}\n</section>"
    )
    return Markup(html)  # noqa: S704


def table_preview(table: TableView) -> Markup:
    """Return the first rows of a table for the page of a run, with links to all of them."""
    key = escaped_name(table.key)
    html = (
        f'<div class="logged logged-table {table.height} still" data-key="{key}" data-step="{table.step}">\n'
        f'<div class="table-bar"><h3><bdi>{key}</bdi> <small><a href="{table.href}">step {table.step}</a>'
        f' &middot; <a class="all-steps" href="{table.all_steps}">all steps</a></small></h3>'
        f'<span class="table-size quiet">{_rows(table)}</span></div>\n{_frame(table)}</div>'
    )
    return Markup(html)  # noqa: S704


def images_preview(table: TableView) -> str:
    """Return the first images of a key at a step with what is known of them, for readers without scripts."""
    key = escaped_name(table.key)
    size = wording.plural(table.row_count, "image")
    shown = f"The first {len(table.rows)} of {size}" if table.row_count > len(table.rows) else size
    return (
        f'<section class="logged-table {table.height}" data-key="{key}">\n'
        f'<div class="table-bar"><h2><bdi>{key}</bdi></h2><span class="quiet">{shown}</span></div>\n'
        f"{_frame(table)}</section>"
    )


def _rows(table: TableView) -> str:
    return wording.plural(table.row_count, "row")


def _frame(table: TableView) -> str:
    """Return the rows that a table has here, in a frame that scrolls."""
    heads = "".join(map(_head, table.heads))
    body = "".join(_row(number, cells) for number, cells in enumerate(table.rows))
    return (
        f'<div class="table-frame" tabindex="0" role="region" aria-label="Table {escaped_name(table.key)}">'
        f'<table aria-rowcount="{table.row_count + 1}"><thead><tr>'
        f'<th scope="col" class="row-number" data-type="row">#</th>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def cell_picture(figure: Figure) -> str:
    """Return the picture in a cell, with what is drawn over it."""
    return str(markup.picture(figure, figure.href, fit="xMidYMid meet"))


def _head(head: HeadCell) -> str:
    right = ' class="right"' if head.is_right else ""
    return f'<th scope="col" data-type="{head.type}"{right}><bdi>{escaped_name(head.name)}</bdi></th>'


def _row(number: int, cells: tuple[TableCell, ...]) -> str:
    return (
        f'<tr data-row="{number}" aria-rowindex="{number + 2}"><td class="row-number">{number}</td>'
        f"{''.join(map(_cell, cells))}</tr>"
    )


def _cell(cell: TableCell) -> str:
    if cell.figure is not None:
        words = f' data-words="{escaped(cell.figure.caption)}"' if cell.figure.caption else ""
        return f'<td class="image"{words}>{cell_picture(cell.figure)}</td>'
    if cell.kind in ("text", "numbers"):
        return f'<td class="{cell.kind}"><div>{escaped(cell.text)}</div></td>'
    return f'<td class="{cell.kind}">{escaped(cell.text)}</td>'

"""Tables → HTML, written by hand: a page may have thousands of cells."""

from __future__ import annotations

from markupsafe import Markup

from runlog_viewer.html import markup
from runlog_viewer.html.escaping import escaped, escaped_name
from runlog_viewer.pages.values import Figure, HeadCell, TableCell, TableView


def table_section(table: TableView) -> Markup:
    """Return a table with its first rows; scripts add what is out of sight."""
    key = escaped_name(table.key)
    rows = "rows" if table.row_count != 1 else "row"
    heads = "".join(map(_head, table.heads))
    body = "".join(_row(number, cells) for number, cells in enumerate(table.rows))
    more = table.row_count - len(table.rows)
    rest = (
        f'<p class="table-rest quiet">The first {len(table.rows):,} of {table.row_count:,} rows.</p>'
        if more > 0
        else ""
    )
    # A frame that scrolls can be reached by keyboard.
    html = (
        f'<section class="logged-table {table.height}" data-key="{key}" data-step="{table.step}"'
        f' data-data="{table.data_id}" data-rows="{table.row_count}">\n'
        f'<div class="table-bar"><h2><bdi>{key}</bdi> <small><a class="all-steps" href="{table.all_steps}">'
        f'all steps</a></small></h2><span class="table-size quiet">{table.row_count:,} {rows}</span>'
        f'<input type="search" class="needs-js" aria-label="Filter rows of {key}"'
        ' placeholder="Filter: words, column&gt;0.5" autocomplete="off" spellcheck="false">'
        '<span class="table-count quiet needs-js" role="status"></span></div>\n'
        f'<div class="table-frame" tabindex="0" role="region" aria-label="Table {key}">'
        f'<table aria-rowcount="{table.row_count + 1}"><thead><tr>'
        f'<th scope="col" class="row-number" data-type="row">#</th>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>{rest}\n</section>"
    )
    return Markup(html)  # noqa: S704


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
        return f'<td class="image">{cell_picture(cell.figure)}</td>'
    if cell.kind in ("text", "numbers"):
        return f'<td class="{cell.kind}"><div>{escaped(cell.text)}</div></td>'
    return f'<td class="{cell.kind}">{escaped(cell.text)}</td>'

"""``runlog ls`` and ``runlog show``: what runs there are, and what is in one."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from runlog.basics.jsontext import from_json, to_json_value, to_plain_value
from runlog.cli.common import (
    BAD_INPUT,
    OK,
    Commands,
    add_run,
    add_runs,
    command,
    complain,
    counted,
    plain,
    say,
    say_json,
)
from runlog.cli.finding import find_folder, find_run
from runlog.errors import InvalidValueError, RunlogError, shown
from runlog.files.folder_notes import FolderNotes
from runlog.reading.reader import RunReader
from runlog.reading.run_filter import FilteredRun, flat_values, matches, words_of
from runlog.storage.kinds import ROW_KINDS
from runlog.storage.layout import DATABASE, find_runs, has_database, run_folders
from runlog.storage.run_signature import may_be_noted, run_signature

_COLUMNS = ("id", "name", "state", "steps", "images", "media", "created")
_MORE_COLUMNS = ("project", "group", "tags", "notes", "finished", "folder")
_NUMBERS = ("steps", "images", "media")
# A column that is cut to fit the terminal keeps this much.
_LEAST_WIDTH = 8


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    listing = command(
        commands,
        prog,
        "ls",
        _ls,
        "list the runs of a runs folder",
        "runs --filter 'lr<0.01 tag=best' --columns id,name,summary.val/loss --sort summary.val/loss",
        "A run whose process is gone is listed as crashed. A filter is written as in the overview: words, "
        "and NAME=VALUE (or < <= > >= != :) of steps, images, name, project, group, tag, state, summary and "
        "config; all of them have to hold.",
    )
    add_runs(listing)
    listing.add_argument("--json", action="store_true", help="print a JSON list, with more of each run")
    listing.add_argument("--filter", default="", metavar="TEXT", help="only runs that are so")
    listing.add_argument(
        "--sort",
        metavar="COLUMN",
        help="sort by a column, from the least up; with - before it (--sort=-steps), from the greatest down",
    )
    listing.add_argument(
        "--columns",
        metavar="COLUMNS",
        help=f"by commas: {', '.join((*_COLUMNS, *_MORE_COLUMNS))}, summary.NAME, config.NAME "
        f"(default: {','.join(_COLUMNS)})",
    )
    show = command(
        commands,
        prog,
        "show",
        _show,
        "show what is in a run: its state, configuration, summary and keys",
        "runs/my-run --json",
        "",
    )
    add_run(show)
    show.add_argument("--json", action="store_true", help="print a JSON object")


def _ls(options: argparse.Namespace) -> int:
    folder = find_folder(options.runs)
    columns = _chosen_columns(options.columns)
    sort = None if options.sort is None else _check_column(options.sort.removeprefix("-"))
    described, problems = [], []
    run_folders_there = run_folders(folder) if has_database(folder) else find_runs(folder)
    with FolderNotes("listed", folder.absolute()) as notes:
        for run_folder in run_folders_there:
            try:
                described.append(_known(notes, run_folder))
            except RunlogError as error:
                problems.append(str(error))
    complain(problems)
    if not described and not problems:
        complain([f"{folder} holds no run yet: there is no {DATABASE} in it, nor in a folder in it"])
    runs = [run for run in described if matches(options.filter, _filtered(run))]
    if sort is not None:
        runs = _sorted(runs, sort, is_descending=options.sort.startswith("-"))
    if options.json:
        say_json([_in_json(run) for run in runs])
    elif runs:
        for line in _table(columns, [[_cell(run, column) for column in columns] for run in runs]):
            say(line)
    return BAD_INPUT if problems else OK


def _chosen_columns(given: str | None) -> Sequence[str]:
    if given is None:
        return _COLUMNS
    # An empty one is no column either, and is said to be none.
    return [_check_column(column.strip()) for column in given.split(",")]


def _check_column(column: str) -> str:
    if column in (*_COLUMNS, *_MORE_COLUMNS) or column.startswith(("summary.", "config.")):
        return column
    raise InvalidValueError(
        f"a column must be one of {', '.join((*_COLUMNS, *_MORE_COLUMNS))}, summary.NAME or config.NAME, "
        f"but got {shown(column)}"
    )


def _filtered(run: Mapping[str, Any]) -> FilteredRun:
    """Return a run as a filter sees it."""
    fields = {
        "name": [run["name"]],
        "project": [run["project"]] if run["project"] else [],
        "group": [run["group"]] if run["group"] else [],
        "tag": run["tags"],
        "state": [run["state"]],
        "steps": [run["steps"]],
        "images": [_images(run)],
    }
    words = words_of([run["name"], run["id"], run["project"], run["group"], *run["tags"], run["state"]])
    return FilteredRun(words, fields, _values(run))


def _values(run: Mapping[str, Any]) -> dict[str, Any]:
    return flat_values("summary", run["summary"]) | flat_values("config", run["config"])


def _images(run: Mapping[str, Any]) -> int:
    return sum(key["images"] for key in run["images"].values())


def _sorted(runs: Sequence[dict[str, Any]], column: str, *, is_descending: bool) -> list[dict[str, Any]]:
    """Sort runs by a column: numbers before texts, those without a value last either way."""
    values = [(_value(run, column), run) for run in runs]
    known = [pair for pair in values if not _is_missing(pair[0])]
    known.sort(key=lambda pair: _order(pair[0]), reverse=is_descending)
    return [run for _, run in known] + [run for value, run in values if _is_missing(value)]


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _order(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, (int, float)) else (1, str(value).lower())


def _value(run: Mapping[str, Any], column: str) -> Any:
    """Return what a run has in a column, as it is compared."""
    if column.startswith(("summary.", "config.")):
        return _values(run).get(column)
    if column == "images":
        return _images(run)
    if column == "tags":
        return ", ".join(run["tags"])
    names = {"media": "media_bytes", "created": "created_at", "finished": "finished_at"}
    return run[names.get(column, column)]


def _cell(run: Mapping[str, Any], column: str) -> str:
    """Return what a run has in a column, as a person reads it."""
    value = _value(run, column)
    if value is None:
        return ""
    if column in ("created", "finished"):
        return str(value)[:16].replace("T", " ")
    if column == "media":
        return _size(value)
    if column in _NUMBERS:
        return f"{value:,}"
    return _number(value) if isinstance(value, float) else plain(str(value))


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else f"{value:.6g}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    head = [f"{column} (UTC)" if column in ("created", "finished") else column for column in columns]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    if sys.stdout.isatty():
        widths = _fitted(widths, shutil.get_terminal_size().columns)
    for row in (head, *rows):
        cells = (
            _cut(cell, width).rjust(width) if column in _NUMBERS else _cut(cell, width).ljust(width)
            for column, cell, width in zip(columns, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _fitted(widths: Sequence[int], available: int) -> list[int]:
    """Narrow the widest columns, one character at a time, until a line fits the terminal."""
    fitted = list(widths)
    excess = sum(fitted) + 2 * (len(fitted) - 1) - available
    while excess > 0 and max(fitted) > _LEAST_WIDTH:
        fitted[fitted.index(max(fitted))] -= 1
        excess -= 1
    return fitted


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: width - 1]}…"


def _show(options: argparse.Namespace) -> int:
    run = _describe(find_run(options.run_folder))
    if options.json:
        say_json(_in_json(run))
        return OK
    for line in _lines(run):
        say(line)
    return OK


def _known(notes: FolderNotes, run_folder: Path) -> dict[str, Any]:
    """Return what is known of a run; of one that has ended it may have been noted."""
    files = run_signature(run_folder)
    if files is None:
        return _describe(run_folder)
    signature = f"{files} {_version()}"
    if noted := notes.find(run_folder.name, signature):
        with suppress(RunlogError, ValueError, TypeError, RecursionError):
            return {**from_json(noted, may_have_nan=True), "folder": str(run_folder.absolute())}
    run = _describe(run_folder)
    if may_be_noted(run_folder, files, run["state"]):
        notes.keep(run_folder.name, signature, json.dumps(run))
    return run


@cache
def _version() -> str:
    """Return what changes with what is said of a run."""
    said = (Path(__file__).read_bytes(), *(kind.table.encode() for kind in ROW_KINDS))
    return hashlib.sha256(b" ".join(said)).hexdigest()[:16]


def _describe(run_folder: Path) -> dict[str, Any]:
    """Return what is known of a run, in JSON's terms, but for numbers that it has none for."""
    with RunReader(run_folder) as reader:
        run, counts = reader.run(), reader.counts()
        latest = reader.latest_steps() if counts.images else {}
        # Most runs have values of few kinds, and of thousands each question counts.
        last_steps = {
            kind.table: {record.key: record.step for record in reader.latest_values(kind)}
            for kind in ROW_KINDS
            if getattr(counts, kind.table)
        }
    return {
        "id": run.id,
        "name": run.name,
        "folder": str(run_folder.absolute()),
        "state": run.state,
        "project": run.project,
        "group": run.group,
        "tags": list(run.tags),
        "notes": run.notes,
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "last_logged": counts.last_logged and counts.last_logged.isoformat(),
        "steps": counts.steps,
        "images": _by_key("images", counts.images, latest),
        **{
            kind.table: _by_key(kind.table, getattr(counts, kind.table), last_steps.get(kind.table, {}))
            for kind in ROW_KINDS
        },
        "media_files": counts.media_files,
        "media_bytes": counts.media_bytes,
        "run_files": counts.run_files,
        "run_bytes": counts.run_bytes,
        "summary": to_plain_value(run.summary),
        "config": to_plain_value(run.config),
        "environment": to_plain_value(run.environment),
    }


def _in_json(run: Mapping[str, Any]) -> dict[str, Any]:
    return {**run, **{name: to_json_value(run[name]) for name in ("summary", "config", "environment")}}


def _by_key(what: str, counts: Mapping[str, int], last_steps: Mapping[str, int]) -> dict[str, dict[str, int]]:
    # Of a run that went back between two reads, keys are gone.
    return {
        key: {what: count, "last_step": last_steps[key]} for key, count in counts.items() if key in last_steps
    }


def _lines(run: Mapping[str, Any]) -> Iterable[str]:
    """Yield a run as a person reads it."""
    for name in ("id", "name", "folder", "state", "project", "group", "notes", "created_at", "finished_at"):
        if run[name] is not None:
            yield f"{name + ':':13} {plain(str(run[name]))}"
    if run["tags"]:
        yield f"{'tags:':13} {plain(', '.join(run['tags']))}"
    yield f"{'steps:':13} {run['steps']:,}"
    yield f"{'media:':13} {counted(run['media_files'], 'file')}, {_size(run['media_bytes'])}"
    if run["run_files"]:
        yield f"{'run files:':13} {counted(run['run_files'], 'file')}, {_size(run['run_bytes'])}"
    logged = {
        table: {key: f"{one[table]:,} (last at step {one['last_step']})" for key, one in run[table].items()}
        for table in ("images", *(kind.table for kind in ROW_KINDS))
    }
    sections = {**logged, "summary": run["summary"], "config": run["config"]}
    for title, values in sections.items():
        if values:
            yield f"{title}:"
        for key, value in values.items():
            yield f"  {plain(key)}: {plain(_shown(value))}"


def _shown(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return _number(value)
    return value if isinstance(value, str) else json.dumps(_short(value), ensure_ascii=False)


def _short(value: Any) -> Any:
    """Return a value with its numbers to six digits, as the pages write them; whole ones stay."""
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) and not value.is_integer() else value


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"

"""``runlog ls`` and ``runlog show``: what runs there are, and what is in one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from runlog.basics.jsontext import to_json_value
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
)
from runlog.cli.finding import find_folder, find_run
from runlog.errors import RunlogError
from runlog.reading.reader import RunReader
from runlog.storage.layout import DATABASE, find_runs, run_folders


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    listing = command(
        commands,
        prog,
        "ls",
        _ls,
        "list the runs of a runs folder",
        "runs --json",
        "A run whose process is gone is listed as crashed.",
    )
    add_runs(listing)
    listing.add_argument("--json", action="store_true", help="print a JSON list, with more of each run")
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
    described, problems = [], []
    for run_folder in run_folders(folder) if (folder / DATABASE).exists() else find_runs(folder):
        try:
            described.append(_describe(run_folder))
        except RunlogError as error:
            problems.append(str(error))
    complain(problems)
    if not described and not problems:
        complain([f"{folder} holds no run yet: there is no {DATABASE} in it, nor in a folder in it"])
    if options.json:
        say(json.dumps(described, ensure_ascii=False, indent=2))
    elif described:
        for line in _table([_row(run) for run in described]):
            say(line)
    return BAD_INPUT if problems else OK


def _show(options: argparse.Namespace) -> int:
    run = _describe(find_run(options.run_folder))
    if options.json:
        say(json.dumps(run, ensure_ascii=False, indent=2))
        return OK
    for line in _lines(run):
        say(line)
    return OK


def _describe(run_folder: Path) -> dict[str, Any]:
    """Return what is known of a run, in JSON's terms."""
    with RunReader(run_folder) as reader:
        run, counts, latest = reader.run(), reader.counts(), reader.latest_steps()
        latest_texts = {text.key: text.step for text in reader.latest_texts()}
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
        "images": {key: {"images": n, "last_step": latest[key]} for key, n in counts.images.items()},
        "texts": {key: {"texts": n, "last_step": latest_texts[key]} for key, n in counts.texts.items()},
        "media_files": counts.media_files,
        "media_bytes": counts.media_bytes,
        "summary": to_json_value(run.summary),
        "config": to_json_value(run.config),
        "environment": to_json_value(run.environment),
    }


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    images = sum(key["images"] for key in run["images"].values())
    numbers = (f"{run['steps']:,}", f"{images:,}", _size(run["media_bytes"]))
    return (run["id"], plain(run["name"]), run["state"], *numbers, run["created_at"][:16].replace("T", " "))


def _table(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    head = ("id", "name", "state", "steps", "images", "media", "created (UTC)")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (
            cell.rjust(width) if name in ("steps", "images", "media") else cell.ljust(width)
            for name, cell, width in zip(head, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _lines(run: Mapping[str, Any]) -> Iterable[str]:
    """Yield a run as a person reads it."""
    for name in ("id", "name", "folder", "state", "project", "group", "notes", "created_at", "finished_at"):
        if run[name] is not None:
            yield f"{name + ':':13} {plain(str(run[name]))}"
    if run["tags"]:
        yield f"{'tags:':13} {plain(', '.join(run['tags']))}"
    yield f"{'steps:':13} {run['steps']:,}"
    yield f"{'media:':13} {counted(run['media_files'], 'file')}, {_size(run['media_bytes'])}"
    images, texts = (
        {key: f"{one[kind]:,} (last at step {one['last_step']})" for key, one in run[kind].items()}
        for kind in ("images", "texts")
    )
    sections = {"images": images, "texts": texts, "summary": run["summary"], "config": run["config"]}
    for title, values in sections.items():
        if values:
            yield f"{title}:"
        for key, value in values.items():
            shown = value if isinstance(value, str) else json.dumps(_short(value), ensure_ascii=False)
            yield f"  {plain(key)}: {plain(shown)}"


def _short(value: Any) -> Any:
    """Return a value with its numbers to six digits, as the pages write them; whole ones stay."""
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) and not value.is_integer() else value


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"

"""The records of one offline run of W&B → what `LocalRun.log` takes, step by step, and what else is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from typing import Any, cast, get_args

from runlog.errors import InvalidValueError, RunlogError, shown
from runlog.importers.entry import Account, LoggedStep, time_of
from runlog.importers.foreign_values import check_kept, flattened, is_typed
from runlog.importers.records import read_contents
from runlog.importers.sources import SourceFile
from runlog.importers.wandb_file import read_records
from runlog.importers.wandb_records import (
    Changes,
    Exit,
    History,
    Item,
    MetricDefinition,
    Other,
    RunDetails,
    Said,
    TableFiles,
    read_record,
)
from runlog.importers.wandb_values import FILES, WandbValues
from runlog.storage.layout import MAX_STEP
from runlog.storage.metrics import Metric, SummaryRule
from runlog.writing.synced_steps import SyncedSteps

_OF_ITS_OWN = "_"
_BROKEN = "values that are broken"
_NO_STEP = "values at a step that is none"
_CHARTS = "charts, whose tables are taken"
_MEDIA = "media"
_OWN_FILES = ("wandb-metadata.json", "wandb-summary.json", "config.yaml")
_MOST_FILES = 10_000


def read_log(file: SourceFile, advance: Callable[[int], object], account: Account) -> Iterator[LoggedStep]:
    """Yield what a run logged, in its order; a step comes again where the run goes back to it.

    Parameters
    ----------
    advance
        Called with how many more bytes are read.
    account
        Told what else is known of the run, and what cannot be given on.

    Raises
    ------
    StorageError
        If the file cannot be read.
    """
    reader = _Reader(file, account)
    for said in _read_said(file, advance, account):
        if isinstance(said, History):
            yield from reader.history(said)
        else:
            reader.take(said)
    reader.end()


def _read_said(file: SourceFile, advance: Callable[[int], object], account: Account) -> Iterator[Said]:
    def read(data: bytes) -> tuple[Said, ...]:
        return tuple(read_record(data))

    records = read_contents(file.name.name, read_records(file), read, "none of W&B's", advance, account)
    return chain.from_iterable(records)


class _Reader:
    """Takes what the records of a run say into its account, and gives what was logged on."""

    def __init__(self, file: SourceFile, account: Account) -> None:
        self._file, self._account = file, account
        self._values = WandbValues(file, account)
        self._config: dict[str, Any] = {}
        self._summary: dict[str, Any] = {}
        self._logged: set[str] = set()
        self._details: RunDetails | None = None
        self._has_ended = False
        self._steps, self._step = SyncedSteps(), 0
        # Of each number, where it was last, and what it was.
        self._last: dict[str, tuple[int, float]] = {}
        self._now: datetime | None = None

    def history(self, history: History) -> Iterator[LoggedStep]:
        """Yield what was logged at a step."""
        tree = self._tree(history.items, {})
        own = {name: tree.pop(name) for name in list(tree) if name.startswith(_OF_ITS_OWN)}
        self._now = _time(own.get("_timestamp")) or self._now or self._account.started_at or datetime.now(UTC)
        self._logged.update(key for key, _ in flattened(tree))
        values = self._values.read(tree)
        synced = self._steps.step_of(values, self._step)
        self._step = history.step if synced is None else synced
        if not 0 <= self._step <= MAX_STEP:
            for key in values:
                self._account.not_taken[_NO_STEP][key] += 1
        elif values := values if synced is None else self._new(values, synced):
            yield LoggedStep(self._step, self._now, values)

    def _new(self, values: dict[str, Any], step: int) -> dict[str, Any]:
        """Return the values but for numbers that are said again at a step."""
        new = {key: value for key, value in values.items() if self._last.get(key) != (step, value)}
        self._last.update(
            (key, (step, value)) for key, value in new.items() if isinstance(value, (int, float))
        )
        return new

    def take(self, said: Said) -> None:
        """Take note of what a record says besides."""
        account = self._account
        if isinstance(said, RunDetails):
            self._describe(said)
        elif isinstance(said, Changes):
            self._change(said)
        elif isinstance(said, MetricDefinition):
            self._define(said)
        elif isinstance(said, TableFiles):
            if said.has_media:
                self._values.tables_with_media.add(said.client_id)
        elif isinstance(said, Exit):
            self._has_ended = True
            account.state = "finished" if said.code == 0 else "failed"
        elif isinstance(said, Other):
            account.not_taken[said.kind][said.name] += 1

    def _describe(self, details: RunDetails) -> None:
        account = self._account
        self._details = details
        account.has_run = True
        account.started_at = details.started_at
        account.identity = ("wandb", details.entity, details.project, details.id, details.started_at)
        account.name = details.name or details.id or None
        account.project, account.group = details.project or None, details.group or None
        account.notes_on_run, account.tags = details.notes or None, details.tags
        self._change(details.config)
        self._put_config()

    def _change(self, changes: Changes) -> None:
        tree = self._config if changes.of == "config" else self._summary
        self._tree(changes.items, tree)
        for path in changes.removed:
            _remove(tree, path)
        if changes.of == "config":
            own = self._config.get("_wandb")
            labels = own.get("mask/class_labels") if isinstance(own, dict) else None
            self._values.mask_labels = labels if isinstance(labels, dict) else {}

    def _define(self, metric: MetricDefinition) -> None:
        rules = [rule for rule in metric.rules if rule in get_args(SummaryRule)]
        # Of several, that which says most of a run.
        rule = next((rule for rule in ("best", "max", "min", "mean") if rule in rules), "last")
        step_metric = metric.step_metric
        if metric.pattern == "*" and metric.is_synced and step_metric is not None:
            self._steps.metric, step_metric = step_metric, None
        try:
            defined = Metric(
                metric.pattern,
                step_metric,
                cast(SummaryRule, rule),
                "maximize" if metric.is_maximized else "minimize",
            )
        except RunlogError:
            self._account.not_taken["definitions of metrics that are none here"][metric.pattern] += 1
        else:
            self._account.metrics.pop(metric.pattern, None)
            self._account.metrics[metric.pattern] = defined

    def end(self) -> None:
        """Take note of what is known once all is read."""
        account = self._account
        self._put_config()
        account.summary = self._own_summary()
        if self._details is not None and not self._has_ended:
            account.state = "failed"
            account.notes.append("it has no end, as that of a killed run: it is taken as failed")
        if account.has_run:
            account.files = self._other_files()

    def _put_config(self) -> None:
        own = self._config.get("_wandb")
        charts = own.get("visualize") if isinstance(own, dict) else None
        for name in charts if isinstance(charts, dict) else ():
            self._account.not_taken[_CHARTS][name] = 1
        config = {name: value for name, value in self._config.items() if name != "_wandb"}
        if self._details is not None:
            said = {
                name: value
                for name, value in (
                    ("id", self._details.id),
                    ("entity", self._details.entity),
                    ("job_type", self._details.job_type),
                    ("sweep_id", self._details.sweep_id),
                    ("log", str(self._file.path)),
                )
                if value
            }
            config.setdefault("wandb", said)
        self._account.config = config

    def _own_summary(self) -> dict[str, Any]:
        """Return what of the summary does not follow from what was logged."""
        found: dict[str, Any] = {}
        for name, value in self._summary.items():
            if name.startswith(_OF_ITS_OWN):
                continue
            rule = next(
                (one.summary for one in reversed(self._account.metrics.values()) if one.matches(name)), ""
            )
            ruled = isinstance(value, dict) and name in self._logged
            for key, one in flattened({name: value}):
                is_number = isinstance(one, (int, float))
                if is_typed(one) or (key in self._logged and not is_number):
                    continue
                if not (ruled and key == f"{name}.{rule}"):
                    found[key] = one
        return found

    def _other_files(self) -> dict[str, SourceFile]:
        folder, begin = self._file.folder, str(self._file.name.parent / FILES)
        found: dict[str, SourceFile] = {}
        for name in sorted(folder.files(begin)):
            called = name.relative_to(begin)
            if called.parts[0] == _MEDIA and folder.is_file(name):
                if not self._values.media.names(SourceFile(folder, name)):
                    self._account.not_taken["media that no record names"][str(called)] += 1
            elif str(called) in _OWN_FILES:
                self._account.not_taken["files that W&B keeps of its own"][str(called)] += 1
            elif len(found) >= _MOST_FILES:
                self._account.not_taken[f"files past the first {_MOST_FILES:,}"][str(called)] += 1
            else:
                try:
                    check_kept(SourceFile(folder, name))
                except InvalidValueError as error:
                    self._account.not_taken["files that are links, or too large"][str(called)] += 1
                    self._account.notes.append(str(error))
                else:
                    found[str(called)] = SourceFile(folder, name)
        return found

    def _tree(self, items: tuple[Item, ...], tree: dict[str, Any]) -> dict[str, Any]:
        """Put values into a tree of dicts; one that is broken is noted."""
        for item in items:
            if item.error is not None:
                self._account.not_taken[_BROKEN][".".join(item.path)] += 1
                self._account.problems.append(f"{shown('.'.join(item.path))}: {item.error}")
            else:
                _put(tree, item.path, item.value)
        return tree


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            tree[name] = inner = {}
        tree = inner
    tree[path[-1]] = value


def _remove(tree: dict[str, Any], path: tuple[str, ...]) -> None:
    with suppress(KeyError, TypeError):
        for name in path[:-1]:
            tree = tree[name]
        del tree[path[-1]]


def _time(seconds: object) -> datetime | None:
    return time_of(seconds) if isinstance(seconds, (int, float)) else None

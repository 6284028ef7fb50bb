"""`Run`: the run of a script, with the names that wandb has for what it does."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from runlog.errors import RunlogError, StorageError, UnknownNameError, UnsupportedError, shown, warn
from runlog.wandb.artifacts import Artifact, as_artifact
from runlog.wandb.logged_values import loggable, logged_values
from runlog.wandb.metrics import Metric, Metrics, read_metric
from runlog.wandb.run_mappings import Config, Summary
from runlog.wandb.saved_files import files_of, main_script, save_all, save_code, save_source
from runlog.wandb.settings import Settings
from runlog.wandb.unsupported import INSTEAD
from runlog.writing.disabled_run import DisabledRun
from runlog.writing.given_steps import read_step
from runlog.writing.local_run import LocalRun
from runlog.writing.synced_steps import SyncedSteps

NOTES = "wandb"
"""What the facts are called, in the environment of a run, that this package notes."""
ALERTS = "alerts"


class Run:
    """A run as scripts of wandb use it; ``local`` is the `runlog.LocalRun` behind it.

    Parameters
    ----------
    local
        The run that is written to.
    entity, job_type
        What the script said; kept as facts about the run.
    settings
        What the script handed over, but for keys.
    """

    def __init__(
        self,
        local: LocalRun,
        entity: str | None = None,
        job_type: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.local = local
        self.settings = Settings() if settings is None else settings
        self._entity, self._job_type = entity, job_type
        self._start_time, self._starting_step = time.time(), local.step
        self._steps, self._metrics = SyncedSteps(), Metrics()
        self._furthest = local.step  # that was reached
        self._not_kept: dict[str, str] = {}
        self._live_files: dict[Path, str] = {}
        self._alerts: tuple[int, list[str]] = (-1, [])
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if entity or job_type:
            self._note_facts()

    # What it is called

    @property
    def id(self) -> str:
        """The run id."""
        return self.local.id

    @property
    def name(self) -> str:
        """What the run is called; may be set."""
        return self.local.name

    @name.setter
    def name(self, name: str) -> None:
        self.local.name = name

    @property
    def tags(self) -> tuple[str, ...]:
        """Strings to find the run by; may be set."""
        return self.local.tags

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        self.local.tags = tuple(map(str, tags))

    @property
    def notes(self) -> str | None:
        """Notes on the run; may be set."""
        return self.local.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self.local.notes = notes

    @property
    def group(self) -> str:
        """The name that runs share which belong together; may be set."""
        return self.local.group or ""

    @group.setter
    def group(self, group: str | None) -> None:
        self.local.group = group or None

    @property
    def project(self) -> str:
        """What ``init`` was told."""
        return self.local.project or "uncategorized"

    @property
    def entity(self) -> str:
        """What ``init`` was told."""
        return self._entity or ""

    @property
    def job_type(self) -> str:
        """What ``init`` was told."""
        return self._job_type or ""

    @property
    def path(self) -> str:
        """Entity, project and id."""
        return "/".join(filter(None, (self.entity, self.project, self.id)))

    # Where it is

    @property
    def dir(self) -> str:
        """The folder of the run's files: what a script writes there is kept."""
        if not isinstance(self.local, DisabledRun):
            folder = self.local.folder / "files"
            folder.mkdir(exist_ok=True)
            return str(folder)
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="runlog-disabled-")
        return self._temporary.name

    @property
    def sync_dir(self) -> str:
        """The run folder."""
        return str(self.local.folder)

    @property
    def url(self) -> str | None:
        """The address of the page that ``runlog build`` makes of the run; None if it is disabled."""
        return None if self.disabled else (self.local.folder / "index.html").as_uri()

    @property
    def project_url(self) -> str | None:
        """The address of the page of all runs."""
        return None if self.disabled else (self.local.folder.parent / "index.html").as_uri()

    def get_url(self) -> str | None:
        """Return the address of the run's page."""
        return self.url

    def get_project_url(self) -> str | None:
        """Return the address of the page of all runs."""
        return self.project_url

    def get_sweep_url(self) -> None:
        """Return None: there are no sweeps."""

    def project_name(self) -> str:
        """Return the project."""
        return self.project

    # How it is

    @property
    def step(self) -> int:
        """The current step: the furthest that was reached."""
        return max(self._furthest, self.local.step)

    @property
    def starting_step(self) -> int:
        """The step at which this process went on: 0 for a new run."""
        return self._starting_step

    @property
    def resumed(self) -> bool:
        """Whether the run was there before."""
        return self._starting_step > 0

    @property
    def start_time(self) -> float:
        """When this process began to write it, in seconds since 1970."""
        return self._start_time

    @property
    def disabled(self) -> bool:
        """Whether nothing is written."""
        return isinstance(self.local, DisabledRun)

    @property
    def offline(self) -> bool:
        """Whether nothing is sent: always."""
        return True

    @property
    def sweep_id(self) -> None:
        """None: there are no sweeps."""
        return None

    sweep_url = sweep_id

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended."""
        return self.local.is_finished

    @property
    def config(self) -> Config:
        """The configuration."""
        return Config(self.local.config)

    @config.setter
    def config(self, config: Any) -> None:
        self.config.update(config)

    @property
    def config_static(self) -> dict[str, Any]:
        """A copy of the configuration."""
        return self.config.as_dict()

    @property
    def summary(self) -> Summary:
        """The summary."""
        return Summary(self.local.summary)

    # What it logs

    def log(
        self,
        data: Mapping[str, Any],
        step: int | None = None,
        commit: bool | None = None,
        sync: bool | None = None,
    ) -> None:
        """Log values at a step, in any order of steps; see `LocalRun.log`.

        What a run cannot hold is kept as a histogram or a text, and noted.
        """
        step, surprise = read_step(step)
        if surprise is not None:
            self._warn_once("log(step=…)", surprise)
        if self.disabled or not isinstance(data, Mapping):
            self.local.log(data, step, commit)
            return
        values = logged_values(data)
        if step is None:
            step, commit = self._step_of(data, commit)
        try:
            self.local.log(values, step, commit)
        except StorageError:
            raise
        except RunlogError:
            if self.is_finished:
                raise
            self.local.log(loggable(values, self.note), step, commit)
        self._furthest = max(self._furthest, self.local.step)

    def _step_of(self, data: Mapping[str, Any], commit: bool | None) -> tuple[int | None, bool | None]:
        """Return the step of a call that gives none, and whether the step moves on after it.

        It never goes back: what was logged at an earlier step meanwhile does not lead to that.
        """
        here = self.step
        synced = self._steps.step_of(data, here)
        if synced is not None:
            return synced, bool(commit)
        return (None, commit) if here == self.local.step else (here, commit is None or commit)

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Say how a metric is summed up, and against what it is drawn; see `LocalRun.define_metric`.

        With ``step_sync``, the step metric is the step at which all is logged that is not given another one.
        """
        metric = read_metric(name, step_metric, step_sync, hidden, summary, goal)
        self._metrics.define(self.local, metric, self.note)
        if metric.step_sync and metric.step_metric is not None and metric.name == "*":
            self._steps.metric = metric.step_metric
        return metric

    def watch(
        self,
        models: Any,
        criterion: Any = None,
        log: str | None = "gradients",
        log_freq: int = 1000,
        idx: int | None = None,
        log_graph: bool = False,
    ) -> None:
        """Log histograms of one model or several as they learn; see `LocalRun.watch`."""
        if log_graph:
            self.note("watch(log_graph=True)", "no graph is kept")
        if log is not None:
            for model in models if isinstance(models, (list, tuple)) else [models]:
                self.local.watch(model, log, log_freq)  # type: ignore[arg-type]

    def unwatch(self, models: Any = None) -> None:
        """Count a model no more, or several; without one, none of them."""
        for model in models if isinstance(models, (list, tuple)) else [models]:
            self.local.unwatch(model)

    def alert(self, title: str, text: str = "", level: Any = None, wait_duration: Any = None) -> None:
        """Log a text under ``alerts`` at the current step; several of one step stand there together."""
        step, said = self._alerts
        here = self.local.step
        heading = f"{getattr(level, 'value', level)}: {title}" if level else str(title)
        line = f"{heading}\n{text}" if text else heading
        self._alerts = (here, [*said, line] if step == here else [line])
        self.local.log({ALERTS: self._alerts[1]}, step=here, commit=False)

    # Files

    def save(
        self,
        glob_str: Any = None,
        base_path: Any = None,
        policy: str = "live",
        glob: bool = True,
    ) -> list[str]:
        """Copy the files that a pattern names into the run, and again at its end, unless ``policy="now"``.

        Returns
        -------
        list of str
            Where they are.
        """
        if glob_str is None:
            return []
        files = files_of(glob_str, base_path)
        if not files:
            self.note(f"save({str(glob_str)!r})", "there is no such file")
        kept = save_all(self.local, files)
        if policy != "now" and not self.disabled:
            self._live_files |= files
        return kept

    def save_live_files(self) -> None:
        """Copy the files again that may have changed since they were saved."""
        still_there = {path: name for path, name in self._live_files.items() if path.is_file()}
        self._live_files = {}
        try:
            save_all(self.local, still_there)
        except RunlogError as error:
            warn(f"{error}; files of run {self.id} are as they were saved first")

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,
        aliases: Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Copy the files of an artifact into the run, with what is noted of it."""
        artifact = as_artifact(artifact_or_path, name, type, self.id)
        artifact.aliases += [str(alias) for alias in (aliases or ("latest",))]
        artifact.tags += [str(tag) for tag in tags or ()]
        if not self.disabled:
            artifact.keep(self.local)
        return artifact

    upsert_artifact = finish_artifact = log_artifact

    def use_artifact(self, artifact_or_name: Any, *arguments: Any, **options: Any) -> Artifact:
        """Keep an artifact of the script's own with the run.

        Raises
        ------
        UnsupportedError
            For the name of one: nothing keeps them by name.
        """
        if isinstance(artifact_or_name, Artifact):
            return artifact_or_name if artifact_or_name.folder else self.log_artifact(artifact_or_name)
        raise UnsupportedError(
            f"wandb.use_artifact() of a name does not exist here: {INSTEAD['use_artifact']}"
        )

    def log_model(self, path: Any, name: str | None = None, aliases: Sequence[str] | None = None) -> Artifact:
        """Copy a file or folder of a model into the run."""
        return self.log_artifact(path, name, "model", aliases)

    def link_model(
        self,
        path: Any,
        registered_model_name: str,
        name: str | None = None,
        aliases: Sequence[str] | None = None,
    ) -> Artifact:
        """Copy a model into the run; that it is not in a registry is noted."""
        self.note("link_model()", "there is no registry; the model is kept with the run")
        return self.log_model(path, name or registered_model_name, aliases)

    def link_artifact(
        self, artifact: Artifact, target_path: str, aliases: Sequence[str] | None = None
    ) -> Artifact:
        """Keep an artifact with the run; that it is not in a registry is noted."""
        self.note("link_artifact()", "there is no registry; the artifact is kept with the run")
        return artifact if artifact.folder is not None else self.log_artifact(artifact, aliases=aliases)

    def log_code(
        self, root: Any = ".", name: str | None = None, include_fn: Any = None, exclude_fn: Any = None
    ) -> None:
        """Copy the source files that git tracks below a folder into ``files/code``, never hidden ones."""
        if not self.disabled:
            save_code(self.local, root or ".", include_fn, exclude_fn)

    def log_script(self) -> None:
        """Copy the script that Python was started with into ``files/code``."""
        if (script := main_script()) is not None and not self.disabled:
            save_source(self.local, script, script.name)

    # Its end

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run: as failed with an exit code that is not 0."""
        if self.is_finished:
            return
        self.save_live_files()
        self.local.finish("failed" if exit_code else "finished")
        if self._temporary is not None:
            self._temporary.cleanup()

    join = finish

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(0 if kind is None else 1)

    # What is accepted, and what is not there

    def note(self, what: str, why: str) -> None:
        """Note once, in the environment of the run, what was accepted and is not kept."""
        if what not in self._not_kept:
            self._not_kept[what] = why
            self._note_facts()

    def _warn_once(self, what: str, why: str) -> None:
        if what not in self._not_kept:
            warn(why)
        self.note(what, why)

    def _note_facts(self) -> None:
        facts = {"entity": self._entity, "job_type": self._job_type, "not kept": dict(self._not_kept)}
        self.local.note_environment({NOTES: {name: fact for name, fact in facts.items() if fact}})

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Say that nothing is displayed: a notebook shows the run as the value of a cell."""
        return False

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return what a notebook shows of the run."""
        return self.local._repr_html_()

    _repr_html_ = to_html

    def store_masks(self, *where: Any) -> Any:
        """Put the media files of masks in place; see `LocalRun.store_masks`."""
        return self.local.store_masks(*where)

    def _label(self, **words: Any) -> None:
        """Do nothing: frameworks say here which they are."""

    def mark_preempting(self) -> None:
        """Note that the run may be stopped: what is logged is written at once."""
        self.note("mark_preempting()", "nothing is to be done: what is logged is written at once")

    def pin_config_keys(self, keys: Sequence[str] = ()) -> None:
        """Note that columns are chosen in the page."""
        self.note("pin_config_keys()", "columns are chosen in the page of all runs")

    def __getattr__(self, name: str) -> Any:
        """Refuse what there is not, with what to do instead."""
        if name in INSTEAD:
            return refusing(name)
        raise UnknownNameError(f"a run here has no {name!r}; see docs/coming-from-wandb.md")

    def __repr__(self) -> str:
        return f"<Run {self.id}, in {shown(str(self.local.folder))}>"


def refusing(name: str) -> Any:
    """Return what stands in for a function that does not exist here: it says what to do instead."""

    def refuse(*arguments: Any, **options: Any) -> NoReturn:
        raise UnsupportedError(f"wandb.{name}() does not exist here: {INSTEAD[name]}")

    return refuse

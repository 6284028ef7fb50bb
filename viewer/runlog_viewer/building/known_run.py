"""What is known of a run: what was read of it, kept between passes so that only what is new is read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import runlog
from runlog_viewer.building.changes import Changes, LatestImages
from runlog_viewer.building.heat_maps import HeatMaps
from runlog_viewer.building.latest_values import LatestValues
from runlog_viewer.building.series import AllSeries
from runlog_viewer.building.system_series import SystemNumbers
from runlog_viewer.pages.key_order import KeyOrder
from runlog_viewer.pages.run_and_overview import RunFiles, Totals
from runlog_viewer.pages.value_kinds import VALUE_KINDS


@dataclass(slots=True)
class KnownRun:
    """What was read of a run as of `revision`, which is -1 as long as nothing was.

    Attributes
    ----------
    keys
        The order of its keys.
    images, last_logged
        The number of images of all steps, and when a step was last logged to.
    latest_values
        The latest values of each kind of `VALUE_KINDS` of which the page of the run has them, by its name.
    files
        The files of the run as a whole.
    console
        The end of what the script printed.
    moments
        When each step was logged, in milliseconds since the run started.
    """

    revision: int = -1
    state: str = ""
    keys: KeyOrder = field(default_factory=KeyOrder)
    steps: dict[int, runlog.StepRecord] = field(default_factory=dict)
    images: int = 0
    last_logged: datetime | None = None
    series: AllSeries = field(default_factory=AllSeries)
    heat_maps: HeatMaps = field(default_factory=HeatMaps)
    moments: dict[int, int] = field(default_factory=dict)
    latest: LatestImages = field(default_factory=LatestImages)
    latest_values: Mapping[str, LatestValues] = field(
        default_factory=lambda: {kind.name: LatestValues(kind) for kind in VALUE_KINDS if kind.has_latest}
    )
    files: RunFiles = field(default_factory=RunFiles)
    system: SystemNumbers = field(default_factory=SystemNumbers)
    console: str = ""

    def was_rewound(self, run: runlog.RunRecord) -> bool:
        """Return whether a run went back to an earlier step since it was read."""
        return self.revision >= 0 and any(rewind.revision > self.revision for rewind in run.rewinds)

    def add(self, changes: Changes) -> bool:
        """Take over what is new, and return whether that changed any chart."""
        self.revision, self.state = changes.run.revision, changes.run.state
        self.keys = changes.keys
        self._add_steps(changes.steps, changes.run.created_at)
        self.latest = changes.latest_images or self.latest
        self.files = changes.files
        self.system.add(changes.system)
        self.console = changes.console
        has_new_numbers = self.series.replace((record.step for record in changes.steps), changes.numbers)
        self.series.arrange(changes.keys)
        return self.series.define(changes.metrics) or has_new_numbers

    def _add_steps(self, steps: Iterable[runlog.StepRecord], started: datetime) -> None:
        for record in steps:
            known = self.steps.get(record.step)
            self.images += record.image_count - (known.image_count if known else 0)
            self.steps[record.step] = record
            self.moments[record.step] = round((record.logged_at - started).total_seconds() * 1000)
            self.last_logged = max(self.last_logged or record.logged_at, record.logged_at)

    def words(self) -> dict[str, list[str]]:
        """Return by what words the search finds keys besides their names."""
        found: dict[str, list[str]] = {}
        for latest in self.latest_values.values():
            for key, words in latest.words():
                found.setdefault(key, []).extend(words)
        return found

    def totals(self) -> Totals:
        """Return the numbers of steps, images and keys."""
        return Totals(len(self.steps), self.images, self.latest.keys, self.last_logged)

    def latest_step(self) -> int:
        """Return the highest step of the latest images; 0 if there are none."""
        return max((image.step for image in self.latest.images), default=0)

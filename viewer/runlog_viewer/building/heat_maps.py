"""The histograms of a run over its steps, kept between passes so that only those are read that are new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice

import runlog
from runlog_viewer.pages import histograms
from runlog_viewer.pages.histograms import HistogramRecord
from runlog_viewer.pages.values import HeatMap

MAX_HEAT_MAPS = 60
"""How many keys have a heat map: the others show at the steps, and by key."""
_BATCH = 128


class HeatMaps:
    """The heat map of each key, drawn again only where a histogram was added."""

    def __init__(self) -> None:
        self._records: dict[str, dict[int, HistogramRecord]] = {}
        self._maps: dict[str, HeatMap] = {}
        self.keys = 0
        """How many keys have histograms."""

    def update(
        self,
        reader: runlog.RunReader,
        steps_by_key: Mapping[str, Sequence[int]],
        changed: Collection[int],
    ) -> bool:
        """Take over what is new; return whether that changed any heat map.

        Parameters
        ----------
        steps_by_key
            The steps of each key that have a histogram, ascending.
        changed
            The steps that were logged to: what is known of them is of no use.
        """
        self.keys = len(steps_by_key)
        drawn = dict(islice(sorted(steps_by_key.items()), MAX_HEAT_MAPS))
        wanted = {key: histograms.kept_steps(steps) for key, steps in drawn.items()}
        known, before = self._records, self._maps
        self._records = {
            key: {
                step: known[key][step] for step in kept if step in known.get(key, ()) and step not in changed
            }
            for key, kept in wanted.items()
        }
        fresh = self._read(reader, wanted)
        self._maps = {
            key: before[key]
            if key not in fresh and key in before and before[key].count == len(drawn[key])
            else histograms.heat_map([self._records[key][step] for step in kept], len(drawn[key]))
            for key, kept in wanted.items()
        }
        return self._maps != before

    def _read(self, reader: runlog.RunReader, wanted: Mapping[str, tuple[int, ...]]) -> set[str]:
        """Read what is wanted and not known; return the keys of it."""
        missing = {step for key, kept in wanted.items() for step in kept if step not in self._records[key]}
        places = {key: frozenset(kept) for key, kept in wanted.items()}
        fresh = set()
        steps = sorted(missing)
        for start in range(0, len(steps), _BATCH):
            for record in reader.histograms(steps[start : start + _BATCH]):
                if record.step in places.get(record.key, ()):
                    self._records[record.key][record.step] = record
                    fresh.add(record.key)
        return fresh

    def maps(self) -> tuple[HeatMap, ...]:
        """Return the heat maps, by key."""
        return tuple(self._maps.values())

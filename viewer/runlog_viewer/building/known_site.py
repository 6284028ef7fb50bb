"""What is known of a run's site: kept between passes, and in the index scripts between processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building.block_writer import BlockResult, WrittenBlock
from runlog_viewer.building.blocks import StepBlocks
from runlog_viewer.building.series import Stops
from runlog_viewer.html import data_scripts, render
from runlog_viewer.pages import site_names
from runlog_viewer.pages.scores import Range
from runlog_viewer.pages.tables import BLOCK_ROWS

# Not the revision of any step: one that must be rendered again.
_STALE = -1
FROM_STEPS_PAGE = "../"


@dataclass(slots=True)
class KnownSite:
    """What was written to the site of a run.

    Attributes
    ----------
    blocks
        The steps that have a page, each as of a revision.
    missing
        Media files that were not there when a step was rendered; which, is not known of what another process
        wrote.
    scores
        The range of each score of the boxes. A step that is written again may leave its extremes behind: a
        slider that is a little long does no harm, and to read the whole run again would.
    listed
        What each page of earlier steps was made of, as it was written last.
    table_rows
        How many rows of the data of tables are in data scripts, by `data_id`.
    earlier_index
        What each index script of earlier blocks says, by number, and the revision as of which it is. A new
        process knows of none, and so pages load them once more.
    last_block
        The block written last: most often the next step goes there too.
    revision
        That of the run as of which the index scripts are; -1 where there are none.
    """

    generator: str
    blocks: StepBlocks = field(default_factory=StepBlocks)
    scores: dict[str, Range] = field(default_factory=dict)
    missing: dict[int, tuple[PurePosixPath, ...]] = field(default_factory=dict)
    table_rows: dict[int, int] = field(default_factory=dict)
    listed: dict[int, tuple[object, ...]] = field(default_factory=dict)
    earlier_index: dict[int, tuple[int, str]] = field(default_factory=dict)
    last_block: WrittenBlock | None = None
    revision: int = -1
    _encoded: dict[int, str] = field(default_factory=dict)
    _links: dict[tuple[int, str], str] = field(default_factory=dict)

    def missing_files(self) -> frozenset[PurePosixPath]:
        """Return the media files that are missing from any step."""
        return frozenset(path for paths in self.missing.values() for path in paths)

    def stale_steps(
        self,
        changed: Iterable[runlog.StepRecord],
        steps: Mapping[int, runlog.StepRecord],
        run_folder: Path,
    ) -> list[runlog.StepRecord]:
        """Return the steps to render: those not as of their revision, and those with missing files that came.

        Parameters
        ----------
        changed
            The steps that may be of another revision.
        steps
            All steps of the run.
        run_folder
            Where media files are looked for.
        """
        stale = [
            record
            for record in changed
            if self.blocks.revision(record.step) != (record.revision if has_page(record) else None)
        ]
        found = {
            step for step, paths in self.missing.items() if any(map(SafeFolder(run_folder).is_file, paths))
        }
        found.difference_update(record.step for record in stale)
        return stale + [steps[step] for step in sorted(found)]

    def expect(self, record: runlog.StepRecord) -> int:
        """Note that a step is about to be written, and return the number of its block."""
        if has_page(record):
            number = self.blocks.put(record.step, record.revision)
        else:
            number = self.blocks.remove(record.step)
            self.missing.pop(record.step, None)
        self._encoded.pop(number, None)
        for to_run_folder in ("", FROM_STEPS_PAGE):
            self._links.pop((number, to_run_folder), None)
        return number

    def add(self, result: BlockResult) -> None:
        """Note what was found of the steps of a block."""
        for step, keys in result.keys.items():
            self.blocks.put_keys(step, keys)
        for step, paths in result.missing.items():
            self.missing.pop(step, None)
            if paths:
                self.missing[step] = paths
        for name, (low, high) in result.scores.items():
            known_low, known_high = self.scores.get(name, (low, high))
            self.scores[name] = min(low, known_low), max(high, known_high)

    def add_missing(self, step: int, paths: Iterable[PurePosixPath]) -> None:
        """Note media files that are missing from what else was written of a step."""
        if found := {*self.missing.get(step, ()), *paths}:
            self.missing[step] = tuple(sorted(found))

    def keep_tables(self, data_ids: Iterable[int]) -> None:
        """Forget the rows of tables that no step has any more."""
        there = set(data_ids)
        self.table_rows = {data_id: rows for data_id, rows in self.table_rows.items() if data_id in there}

    def step_links(self, number: int, to_run_folder: str = "") -> str:
        """Return the links to the steps of a block; nothing if it has none."""
        if (number, to_run_folder) not in self._links:
            steps = self.blocks.steps(number)
            self._links[number, to_run_folder] = (
                render.step_block(number, steps, to_run_folder) if steps else ""
            )
        return self._links[number, to_run_folder]

    def index_scripts(
        self,
        run_id: str,
        revision: int,
        image_keys: Sequence[str],
        words: Mapping[str, Sequence[str]],
        stops: Sequence[Mapping[str, Stops]],
    ) -> Mapping[str, str]:
        """Return the index scripts that changed: to pages what is new, to the next process what there is.

        The one that goes on comes last, after those that it tells to have changed.

        Parameters
        ----------
        image_keys
            In the order in which galleries stand.
        words
            What finds keys besides their names.
        stops
            Where sliders over step metrics stop, of the steps in each script.
        """
        self.revision = revision
        *earlier, last = map(self._index, self.blocks.indexed(), stops)
        changed = {
            number: content
            for number, content in enumerate(earlier)
            if self.earlier_index.get(number, (None, None))[1] != content
        }
        self.earlier_index |= {number: (revision, content) for number, content in changed.items()}
        files = {
            site_names.earlier_script(number): data_scripts.data_script(f"earlier-{number}", f"{{{content}}}")
            for number, content in changed.items()
        }
        head = {
            "run": run_id,
            "generator": self.generator,
            "revision": revision,
            "missing": sorted(self.missing),
            "kinds": ["image", *(kind.name for kind in runlog.ROW_KINDS)],
            "image_keys": image_keys,
            "key_sets": self.blocks.key_sets(),
            "scores": [(name, *ends) for name, ends in self.scores.items()],
            "tables": list(self.table_rows.items()),
            "words": words,
            "earlier": [self.earlier_index[number][0] for number in range(len(earlier))],
        }
        script = data_scripts.data_script("index", f"{data_scripts.to_json(head)[:-1]},{last}}}")
        return {**files, site_names.INDEX_SCRIPT: script}

    def _index(self, numbers: Iterable[int], stops: Mapping[str, Stops]) -> str:
        """Return what an index script says of some blocks, as the members of a JSON object."""
        for number in numbers:
            if number not in self._encoded:
                self._encoded[number] = data_scripts.to_json(self.blocks.encoded(number))
        blocks = ",".join(self._encoded[number] for number in numbers)
        return f'"stops":{data_scripts.to_json(stops)},"blocks":[{blocks}]'


def recall(target: Path, run: runlog.RunRecord, generator: str) -> KnownSite | None:
    """Return what the index scripts of the site in a folder say, or None where they are of no use.

    That is so if they are of another run or another version of the viewer, or a file they speak of is gone.
    """
    try:
        index = _read(target, site_names.INDEX_SCRIPT)
        fits = (index["run"], index["generator"]) == (run.id, generator) and index["revision"] <= run.revision
        # Steps that a run went back from show in no revision.
        fits = fits and all(rewind.revision <= index["revision"] for rewind in run.rewinds)
        names = map(site_names.earlier_script, range(len(index["earlier"])))
        scripts = [*(_read(target, name) for name in names), index]
        blocks = StepBlocks([block for script in scripts for block in script["blocks"]], index["key_sets"])
        missing = [int(step) for step in index["missing"]]
        scores = {str(name): (float(low), float(high)) for name, low, high in index["scores"]}
        table_rows = {int(data_id): int(rows) for data_id, rows in index["tables"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not fits or not _expected_files(blocks, table_rows) <= _present_files(target):
        return None
    # Where a pass was cut short, the scripts of earlier blocks are ahead of what else is known of a step.
    for step in {*missing, *blocks.changed_after(index["revision"])}:
        blocks.put(step, _STALE)
    known_missing: dict[int, tuple[PurePosixPath, ...]] = dict.fromkeys(missing, ())
    return KnownSite(generator, blocks, scores, known_missing, table_rows, revision=index["revision"])


def _read(target: Path, script: str) -> Any:
    return data_scripts.read_data_script((target / script).read_text("utf-8"))


def has_page(record: runlog.StepRecord) -> bool:
    """Return whether a step has something to show on a page of its own: numbers alone are in the charts."""
    return not record.has_only_numbers


def table_scripts(rows: Mapping[int, int]) -> Iterator[str]:
    """Yield where the data scripts of tables are, given how many rows of each are in them."""
    for data_id, count in rows.items():
        for number in range(-(-count // BLOCK_ROWS)):
            yield site_names.table_script(data_id, number)


def _expected_files(blocks: StepBlocks, table_rows: Mapping[int, int]) -> set[str]:
    return {
        *table_scripts(table_rows),
        *map(site_names.block_script, blocks.numbers()),
        *map(site_names.captions_script, blocks.numbers()),
        *map(site_names.images_script, blocks.numbers()),
        *map(site_names.step_page, blocks.all_steps()),
        *map(site_names.page, site_names.DRAWN_PAGES),
        *map(site_names.steps_page, blocks.earlier_pages()),
        site_names.VERSION_SCRIPT,
        site_names.INDEX_PAGE,
    }


def _present_files(target: Path) -> set[str]:
    index = {site_names.INDEX_PAGE} if (target / site_names.INDEX_PAGE).is_file() else set()
    return index | {
        f"{folder}/{file.name}"
        for folder in (site_names.VIEWER, site_names.STEPS, site_names.DATA)
        if (target / folder).is_dir()
        for file in (target / folder).iterdir()
    }

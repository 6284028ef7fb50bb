"""How pages show each kind of logged value that is a row, in the order in which kinds stand on a page.

A kind of `runlog.ROW_KINDS` is shown by a line in `VALUE_KINDS`. Its markup is the template
``kinds/<name>.html``: the macros `of_step(values, whole)` and `of_run(values)`, where needed `head(values)`,
what stands before a group of them, and `rest(page)`, what else their section of the page of a run has. Each
value is an element of the class ``logged`` with ``data-key`` and ``data-step``, whose first heading holds its
key: scripts find it by that. What they do with a kind begins in ``static/gallery/values.js``, or in
``values_of_steps.js`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

import runlog
from runlog_viewer.pages import histograms, logged_files, logged_texts, tables
from runlog_viewer.pages.tables import Draw, TableRows

Found = list[list[object]]

_ROW_KINDS = {kind.name: kind for kind in runlog.ROW_KINDS}


def _nothing(_: Any) -> tuple[()]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class ValueKind:
    """How pages show one of `runlog.ROW_KINDS`.

    Attributes
    ----------
    name
        Its name in `runlog.ROW_KINDS`.
    many
        The word for its values, which is the name of their section, too.
    one
        The word for one value among others.
    place
        Where its values stand in the gallery of a step: before all else, or beside the images.
    shown
        Records as `opened` gives them, the link to the run folder, and how pictures are drawn → page values.
    opened
        Reads what a record does not have by itself, so many rows of it.
    pictures, files
        The images that a record shows, and the paths of other files that it names.
    searched
        Page values → step, key, None, what the search finds in it, and 1 if that is not all.
    words
        By what words the search finds the key of a record besides its name.
    has_latest
        Whether the page of a run has the latest value of each key.
    leads
        Whether these stand before the charts of a run without images.
    most_latest
        Of how many keys, at most: a run may name its keys by step.
    beside
        Page values of a step, and how many images each key has there → the same, those that belong to images
        with the key of these.
    styles
        Its style sheets.
    """

    name: str
    many: str
    one: str
    place: Literal["first", "before images", "after images"]
    shown: Callable[[Iterable[Any], str, Draw], tuple[Any, ...]]
    opened: Callable[[runlog.RunReader, Any, int], Any] = lambda reader, record, rows: record
    pictures: Callable[[Any], Iterable[runlog.ImageRecord]] = _nothing
    files: Callable[[Any], Iterable[PurePosixPath]] = _nothing
    searched: Callable[[tuple[Any, ...]], Found] = lambda values: []
    words: Callable[[Any], Iterable[str]] = _nothing
    has_latest: bool = True
    leads: bool = False
    most_latest: int = 24
    beside: Callable[[tuple[Any, ...], Mapping[str, int]], tuple[Any, ...]] = lambda values, images: values
    styles: str = ""

    @property
    def kind(self) -> Any:
        """What it is in the run folder."""
        return _ROW_KINDS[self.name]

    @property
    def template(self) -> str:
        """The template with its markup."""
        return f"kinds/{self.name}.html"

    def count(self, record: runlog.StepRecord) -> int:
        """Return how many values of this kind a step has."""
        return int(getattr(record, f"{self.name}_count"))

    def keys(self, counts: runlog.RunCounts) -> Mapping[str, int]:
        """Return how many values of this kind each key of a run has."""
        keys: Mapping[str, int] = getattr(counts, self.many)
        return keys


VALUE_KINDS: tuple[ValueKind, ...] = (
    ValueKind(
        name="text",
        many="texts",
        one="text",
        place="first",
        shown=lambda records, to_run_folder, draw: logged_texts.shown(records, to_run_folder),
        searched=logged_texts.searched,
        leads=True,
        beside=logged_texts.beside,
        styles="texts",
    ),
    ValueKind(
        name="file",
        many="files",
        one="key",
        place="first",
        shown=lambda records, to_run_folder, draw: logged_files.shown(records, to_run_folder),
        files=lambda record: (record.path,),
        most_latest=100,
        styles="files",
    ),
    ValueKind(
        name="table",
        many="tables",
        one="table",
        place="before images",
        shown=tables.shown,
        opened=lambda reader, record, rows: TableRows.first(reader.read_table(record), rows),
        pictures=TableRows.pictures,
        words=lambda record: [column.name for column in record.columns],
        leads=True,
        styles="sort_heads logged_tables",
    ),
    ValueKind(
        name="histogram",
        many="histograms",
        one="histogram",
        place="after images",
        shown=lambda records, to_run_folder, draw: histograms.shown(records, to_run_folder),
        has_latest=False,
        styles="histograms",
    ),
)

"""What a page shows, as frozen values: every number already formatted, nothing escaped yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from runlog_viewer.pages.masks import MaskFilter

Shape = Literal["wide", "tall", "even"]


class DrawnBox(NamedTuple):
    """One box as a rectangle in the picture's pixels: a tuple, since a gallery makes thousands.

    `tag_x` and `tag_y` say where its text goes, in percent of the picture; `tag_from` is the width of the
    picture on screen, in px, from which there is room for it. `tag_class` has ``under`` where it goes below
    `tag_y` and not above, ``end`` where there is no room to the right, ``dark`` for a dark colour, and
    ``cramped`` where the picture's default width is less than `tag_from`.
    """

    class_id: str
    label: str
    caption: str | None
    colour: str
    score_attributes: tuple[tuple[str, str], ...]
    x: str
    y: str
    width: str
    height: str
    tag: str
    tag_from: int
    tag_x: str
    tag_y: str
    tag_class: str


@dataclass(frozen=True, slots=True)
class BoxLayer:
    """The boxes of one layer that can be drawn; `line` counts the box layers of the gallery."""

    name: str
    line: int
    boxes: tuple[DrawnBox, ...]


@dataclass(frozen=True, slots=True)
class MaskLayer:
    """One mask over a picture.

    `ids_href` links to the data script with the class id of each pixel; `filter` is the id of the filter that
    colours it, or None.
    """

    name: str
    href: str
    ids_href: str
    filter: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One image with everything that is drawn over it and said about it.

    `href` links to the media file, `thumbnail` to a small copy where there is one. `shape` and `is_small`
    decide how large it is shown; `hint` says in a few words that its pixels may not be what was meant.
    `box_facts` has a line of text for each box, by layer; `boxes` and `not_drawn` count them.
    """

    key: str
    step: int
    index: int
    grouping: int | None
    href: str
    thumbnail: str | None
    width: int
    height: int
    shape: Shape
    is_small: bool
    is_missing: bool
    alt: str
    caption: str | None
    is_long: bool
    box_layers: tuple[BoxLayer, ...]
    mask_layers: tuple[MaskLayer, ...]
    box_facts: tuple[Fact, ...]
    boxes: int
    not_drawn: int
    facts: tuple[Fact, ...]
    hint: str | None


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """Images of one grouping; or, where `grouping` is None, neighbours that have none."""

    grouping: int | None
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class KeySection:
    """The images of one key, those of a step, and the links to its page and to all its steps.

    They are in list order, but for those of one grouping, which follow its first.
    """

    key: str
    step: int
    href: str
    all_steps: str
    groups: tuple[FigureGroup, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All images, in the order they are shown."""
        return tuple(figure for group in self.groups for figure in group.figures)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that can be switched on and off; `line` tells box layers apart."""

    kind: Literal["boxes", "masks"]
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A class that appears in the gallery.

    Layers may call it differently: `label` has all its names. `boxes` is how many boxes are of it, `masks`
    how many masks hold it.
    """

    class_id: int
    label: str
    colour: str
    boxes: int
    masks: int


@dataclass(frozen=True, slots=True)
class Text:
    """One text, and the links to the page of its step and to all its steps.

    `start` is what shows of a long one until it is opened, `has_more` whether that is less than all,
    `is_brief` whether the page of its key shows all of it unopened; `length` are words for how long it is.
    One that is very long has a `digest`: only the page of its step has it whole, others load it.
    """

    key: str
    step: int
    text: str
    start: str | None
    has_more: bool
    is_brief: bool
    length: str
    digest: str | None
    href: str
    all_steps: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The images of one step, or the latest of each key as of a step; `filters` are what its masks need."""

    step: int
    numbers: tuple[Fact, ...]
    texts: tuple[Text, ...]
    sections: tuple[KeySection, ...]
    layers: tuple[Layer, ...]
    legend: tuple[LegendEntry, ...]
    filters: tuple[MaskFilter, ...]


@dataclass(frozen=True, slots=True)
class RunHead:
    """What names a run on each of its pages."""

    id: str
    name: str
    state: str
    revision: int
    has_overview: bool


@dataclass(frozen=True, slots=True)
class StepPage:
    """The gallery page of one step; neighbours as they were when it was rendered."""

    run: RunHead
    step: int
    revision: int
    previous: int | None
    next: int | None
    logged: str
    gallery: Gallery


@dataclass(frozen=True, slots=True)
class Tick:
    """A round number at an axis, and where it is, in percent from the left or from the top."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One scalar series as a line: SVG paths in a 0…300 × 0…100 box, and the numbers around it.

    `line` breaks at values that are NaN or infinite, `dots` are the points between two breaks, and `breaks`
    marks those values; `gaps` is their number. `over` is the key of the step metric that it is drawn
    over, None for steps; `start` and `end` are the first and the last place along it, and `missing` is the
    number of values without one.
    """

    key: str
    line: str
    dots: str
    breaks: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    over: str | None
    start: str
    end: str
    low: str
    high: str
    last: str
    gaps: int
    missing: int


@dataclass(frozen=True, slots=True)
class ChartSection:
    """The series whose keys share a prefix: `charts`, and those past what a page draws as numbers."""

    prefix: str
    charts: tuple[Chart, ...]
    others: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything on the page of one run but its list of steps.

    `more_keys` have images that are not in `latest`, `more_texts` have texts that are not in `texts`.
    """

    run: RunHead
    project: str | None
    group: str | None
    tags: tuple[str, ...]
    notes: str | None
    created: str
    duration: str | None
    steps: int
    images: int
    latest: Gallery | None
    more_keys: int
    chart_sections: tuple[ChartSection, ...]
    texts: tuple[Text, ...]
    more_texts: int
    summary: tuple[Fact, ...]
    config: tuple[Fact, ...]
    environment: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RunCard:
    """One run in the overview.

    Attributes
    ----------
    folder
        The name of its run folder.
    started, seconds
        When it was created, in seconds since 1970, and how long it took: numbers to sort by.
    results
        A few numbers of its summary.
    columns
        What else can be shown of it, and sorted by.
    """

    folder: str
    href: str
    name: str
    state: str
    revision: int
    project: str | None
    group: str | None
    tags: tuple[str, ...]
    created: str
    started: float
    duration: str | None
    seconds: float | None
    steps: int
    images: int
    results: tuple[Fact, ...]
    columns: tuple[tuple[str, str | int | float], ...]
    picture: Figure | None
    filters: tuple[MaskFilter, ...]


@dataclass(frozen=True, slots=True)
class BrokenRun:
    """A run folder that cannot be read, and why."""

    folder: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The page of all runs."""

    title: str
    cards: tuple[RunCard, ...]
    broken: tuple[BrokenRun, ...]
    filters: tuple[MaskFilter, ...]

"""What a page shows, as frozen values: every number already formatted, nothing escaped yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Shape = Literal["wide", "tall", "even"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that can be switched on and off in a gallery.

    `kind` is the name of one of `runlog_viewer.pages.layers.KINDS`; `line` counts the layers of a kind, and
    tells those apart that are drawn as lines.
    """

    kind: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class MaskFilter:
    """One SVG filter that colours masks: `id`, and the table values of each channel as SVG writes them.

    `ids` are the class ids by table entry, or empty where entry n is class n; `off` are those that are not
    drawn at first.
    """

    id: str
    ids: tuple[int, ...]
    off: tuple[int, ...]
    red: str
    green: str
    blue: str
    alpha: str


@dataclass(frozen=True, slots=True)
class Canvas:
    """What layers are drawn on: a picture in its pixels.

    `least_width` is how wide it is on screen at least, in px, as long as nobody asks for another size;
    `to_run_folder` is the relative link from the page to the run folder, ``""`` or ending in ``/``.
    """

    width: int
    height: int
    least_width: float
    to_run_folder: str


class Spot(NamedTuple):
    """How wide a tag is on screen, in px, and where it belongs.

    `left` and `edge` are parts of the width and the height of the picture; `is_low` says that the edge is the
    lower one of its box.
    """

    width: float
    left: float
    edge: float
    is_low: bool


class Tag(NamedTuple):
    """What can be written at a box: the place of the box in its layer, the text, and what it is ordered by.

    `is_dark` says that the colour of the box is, which is around the text.
    """

    box: int
    colour: str
    is_dark: bool
    text: str
    score: float
    spot: Spot


class PlacedTag(NamedTuple):
    """A tag that has room, and its upper left corner in percent of the picture.

    That is so as long as nobody asks for another size.
    """

    tag: Tag
    x: str
    y: str


class DrawnLayer(NamedTuple):
    """A layer on one image: a tuple, since a run has tens of thousands.

    Attributes
    ----------
    shapes
        What is drawn, as the kind has it: `runlog_viewer.pages.boxes.DrawnBox` or
        `runlog_viewer.pages.masks.DrawnMask`.
    listed
        A line of text for each shape in it, where things are listed.
    not_drawn
        A line of text for each thing in it that has no shape.
    tags, placed
        What can be written at its shapes, and what of that is: of all of a picture what has room, by score.
    facts
        What is known of it as a whole.
    filters
        What its shapes need.
    """

    layer: Layer
    shapes: tuple[Any, ...]
    listed: tuple[str, ...] = ()
    not_drawn: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    placed: tuple[PlacedTag, ...] = ()
    facts: tuple[Fact, ...] = ()
    filters: tuple[MaskFilter, ...] = ()


class Listing(NamedTuple):
    """All things in the layers of one kind on an image: how many, and by layer a line of text for each.

    Of a layer `drawn` has the lines of what has a shape, `not_drawn` those of the rest.
    """

    kind: str
    how_many: str
    layers: tuple[ListedLayer, ...]


class ListedLayer(NamedTuple):
    """What is listed of one layer."""

    name: str
    drawn: tuple[str, ...]
    not_drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One image with everything that is drawn over it and said about it.

    `id` says which picture it is, None where only its place does.
    `href` links to the media file, `thumbnail` to a small copy where there is one; `pixels` is the same for
    the same pixels in all runs. `shape` and `is_small` decide how large it is shown; `hint` says in a few
    words that its pixels may not be what was meant. `layers` are in the order to draw them; `least_width` is
    as of its `Canvas`.
    """

    key: str
    step: int
    index: int
    id: str | None
    grouping: int | None
    href: str
    thumbnail: str | None
    pixels: str
    width: int
    height: int
    least_width: float
    shape: Shape
    is_small: bool
    is_missing: bool
    alt: str
    caption: str | None
    is_long: bool
    layers: tuple[DrawnLayer, ...]
    listings: tuple[Listing, ...]
    facts: tuple[Fact, ...]
    hint: str | None


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """Images of one grouping; or, where `grouping` is None, neighbours that have none."""

    grouping: int | None
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many boxes have a verdict: its name, as stored, and in words."""

    verdict: str
    words: str
    count: int


class ConfusionClass(NamedTuple):
    """A row and a column of a confusion: a class id, or what stands in its place, and what it is called."""

    id: str
    label: str


class Confusion(NamedTuple):
    """How often each true class, a row, was taken for which, a column; `unit` is ``boxes`` or ``pixels``."""

    unit: str
    classes: tuple[ConfusionClass, ...]
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of the images of a key: at the least score that they were judged with.

    Attributes
    ----------
    about
        How many images were.
    overlap, threshold, counts, precision, recall
        Of boxes: the least overlap and the least score in words, and what is said there; empty without any.
    confusions
        Of boxes, and of the pixels of masks.
    data
        JSON: what scripts judge by at another threshold.
    """

    about: str
    overlap: str
    threshold: str
    counts: tuple[VerdictCount, ...]
    precision: str
    recall: str
    confusions: tuple[Confusion, ...]
    data: str


@dataclass(frozen=True, slots=True)
class KeySection:
    """The images of one key, those of a step, and the links to its page and to all its steps.

    They are in list order, but for those of one grouping, which follow its first. `cell` is how wide a figure
    is, in px; `judgement` is None where no image was judged.
    """

    key: str
    step: int
    href: str
    all_steps: str
    cell: int
    groups: tuple[FigureGroup, ...]
    judgement: Judgement | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All images, in the order they are shown."""
        return tuple(figure for group in self.groups for figure in group.figures)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A class that appears in the gallery.

    `is_off` says that it is not drawn at first, as some of masks are. Layers may call it differently: `label`
    has all its names. `counts` has each kind of layers, and how many things of that kind are of the class;
    `in_words` says the same, `count` is the one to show.
    """

    class_id: int
    is_off: bool
    label: str
    colour: str
    counts: tuple[tuple[str, int], ...]
    count: int
    in_words: str


@dataclass(frozen=True, slots=True)
class Words:
    """One entry of a text: its place among them, and what shows.

    `start` is what shows of a long one until it is opened, `has_more` whether that is less than all,
    `is_brief` whether the page of its key shows all of it unopened; `length` are words for how long it is.
    One that is very long has a `digest`: only the page of its step has it whole, others load it. Where
    `are_numbers`, it is a list of numbers in words.
    """

    index: int
    text: str
    start: str | None
    has_more: bool
    is_brief: bool
    length: str
    digest: str | None
    are_numbers: bool


@dataclass(frozen=True, slots=True)
class Text:
    """What was logged as text under a key at a step, and the links to the pages of the step and the key.

    `beside` is the key of the images that its entries belong to, place by place.
    """

    key: str
    step: int
    entries: tuple[Words, ...]
    href: str
    all_steps: str
    beside: str | None = None


class TableCell(NamedTuple):
    """A cell of a table as text, and its kind: number, bool, text, numbers, image or none.

    That of a picture has a `figure`.
    """

    kind: str
    text: str
    figure: Figure | None = None


class HeadCell(NamedTuple):
    """The head of a column: its name, what its cells are, and whether they stand at the right."""

    name: str
    type: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A table at a step with its first rows, and links to the page of its step and to all its steps.

    Tables of one `data_id` have the same rows, as far as they go. `height` is how high each row is: ``low``,
    ``middle`` or ``tall``.
    """

    key: str
    step: int
    data_id: int
    row_count: int
    heads: tuple[HeadCell, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    height: str
    href: str
    all_steps: str


@dataclass(frozen=True, slots=True)
class Bars:
    """One histogram, drawn: the outline of its bins in a 0…300 × 0…100 box, and what is said of it.

    `bins` is the JSON of edges and counts, as in ``run.db``; `low` and `high` are its ends, `peak` the
    greatest count in words, and `about` what it holds in all.
    """

    key: str
    step: int
    outline: str
    bins: str
    low: str
    high: str
    peak: str
    about: str
    beside: tuple[Fact, ...]
    href: str
    all_steps: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A round number at an axis, and where it is, in percent from the left or from the top.

    A label that is `before` its place ends there: centred on it, it would leave the chart.
    """

    at: str
    label: str
    before: bool


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The histograms of one key over the steps: a picture of cells, and the numbers around it.

    `cells` is a data URL, whose columns are steps and whose rows are numbers, the greatest on top;
    `breaks` marks the steps with numbers that are not finite, of which there are `gaps`. `steps` are those
    that are drawn, of `count`; `start` and `end` are where the columns begin and end. `last` is the latest
    one.
    """

    key: str
    cells: str
    breaks: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_offset: str
    y_offset: str
    steps: tuple[int, ...]
    count: int
    start: float
    end: float
    low: str
    high: str
    gaps: int
    last: Bars


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file that is kept as it is.

    `index` is its place in the list that was logged, None for a file of the run as a whole. `path` is
    relative to the run folder; `in_words` is what it is and how large; `href` links to one that a browser
    plays, and is None for any other.
    """

    index: int | None
    path: str
    kind: str
    in_words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files of a key at a step, and the links to the pages of the step and the key."""

    key: str
    step: int
    files: tuple[NamedFile, ...]
    href: str
    all_steps: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The images of one step, or the latest of each key as of a step.

    Attributes
    ----------
    rows
        The values of each of `runlog_viewer.pages.value_kinds.VALUE_KINDS` by its name, as a page shows them.
    filters
        What its masks need.
    """

    step: int
    numbers: tuple[Fact, ...]
    rows: Mapping[str, tuple[Any, ...]]
    sections: tuple[KeySection, ...]
    layers: tuple[Layer, ...]
    legend: tuple[LegendEntry, ...]
    filters: tuple[MaskFilter, ...]


@dataclass(frozen=True, slots=True)
class RunHead:
    """What names a run on each of its pages; where it `shares_assets`, styles and scripts are not its own."""

    id: str
    name: str
    has_overview: bool
    shares_assets: bool = False


@dataclass(frozen=True, slots=True)
class StepPage:
    """The gallery page of one step; neighbours as they were when it was rendered.

    `tables` are the first rows of its images, for those who read it without scripts.
    """

    step: int
    revision: int
    previous: int | None
    next: int | None
    logged: str
    gallery: Gallery
    tables: tuple[TableView, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """One scalar series as a line: SVG paths in a 0…300 × 0…100 box, and the numbers around it.

    Where points stand close, `line` is their mean and `band` goes from the lowest to the highest. `line`
    breaks at values that are NaN or infinite, `dots` are the points between two breaks, and `breaks` marks
    those values; `gaps` is their number. The offsets are to be added to what the ticks say. `over` is the key
    of the step metric that it is drawn over, None for steps; `start` and `end` are the first and the last
    place along it, and `missing` is the number of values without one.
    """

    key: str
    band: str
    line: str
    dots: str
    breaks: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_offset: str
    y_offset: str
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


class HeadlineNumber(NamedTuple):
    """A number that says the result of a run: its last value, its best and at which step, and its line.

    `line` and `dots` are those of its `Chart`; `best` and `best_step` are None where it is not known whether
    less or more is better, or where no value is finite.
    """

    key: str
    last: str
    best: str | None
    best_step: int | None
    line: str
    dots: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything on the page of one run but its list of steps.

    `more_keys` have images that are not in `latest`, which is None where no key has any; `rows` are the
    latest values of other kinds as a `Gallery` has them, `more_rows` the number of keys that have others;
    `filters` are what the masks of all these need. `more_histograms` are keys of histograms without a heat
    map. `files` are those of the run as a whole, `more_files` are not among these. `ranks` are those that it
    was joined of, as a `RunCard` has them.
    """

    run: RunHead
    state: str
    revision: int
    project: str | None
    group: str | None
    tags: tuple[str, ...]
    notes: str | None
    created: str
    duration: str | None
    steps: int
    images: int
    ranks: tuple[tuple[int, str, str], ...]
    latest: Gallery | None
    more_keys: int
    headline: tuple[HeadlineNumber, ...]
    chart_sections: tuple[ChartSection, ...]
    rows: Mapping[str, tuple[Any, ...]]
    more_rows: Mapping[str, int]
    filters: tuple[MaskFilter, ...]
    heat_maps: tuple[HeatMap, ...]
    more_histograms: int
    files: tuple[NamedFile, ...]
    more_files: int
    system: tuple[Chart, ...]
    console: str
    summary: tuple[Fact, ...]
    config: tuple[Fact, ...]
    environment: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ReportSection:
    """The pictures of one key in a report.

    Attributes
    ----------
    cell
        How wide a figure is, in px.
    shown, count
        How many are in the report, and how many were asked for.
    legend
        The classes of those in it.
    judgement
        What is said of all images of the last of its steps that was judged; None without any.
    """

    key: str
    cell: int
    shown: int
    count: int
    layers: tuple[Layer, ...]
    legend: tuple[LegendEntry, ...]
    judgement: Judgement | None


class RunLine(NamedTuple):
    """A number of a run by ascending step, thinned to few points."""

    key: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


class Column(NamedTuple):
    """A column of the table of all runs: ``summary.NAME`` or ``config.NAME``.

    `aim` says whether its least or its most is best; None where neither is known.
    """

    name: str
    is_number: bool
    aim: Literal["min", "max"] | None

    @property
    def label(self) -> str:
        """What it is called in its section."""
        return self.name.partition(".")[2]


class Cell(NamedTuple):
    """A value of a run in the table of all runs; `is_best` of all in its column."""

    column: str
    text: str
    is_number: bool
    is_best: bool

    @property
    def label(self) -> str:
        """What its column is called in its section."""
        return self.column.partition(".")[2]


@dataclass(frozen=True, slots=True)
class RunCard:
    """One run in the overview.

    Attributes
    ----------
    folder
        The name of its run folder.
    started, seconds
        When it was created, in seconds since 1970, and how long it took: numbers to sort by.
    headline
        The columns of the numbers that say its result, the first first.
    columns
        What can be shown of it in the table, and sorted by.
    aims
        Of which columns the least or the most is best.
    rank
        Which of the processes of a launch logged it, where that was recorded.
    ranks
        Of the run of all ranks of a launch, those: which, its run folder, its state.
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
    headline: tuple[str, ...]
    columns: tuple[tuple[str, str | int | float], ...]
    aims: tuple[tuple[str, Literal["min", "max"]], ...]
    rank: int | None = None
    ranks: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenRun:
    """A run folder that cannot be read, and why."""

    folder: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The page of all runs: `rows` are the cells of each card, one for each of the columns."""

    title: str
    cards: tuple[RunCard, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    aims: Mapping[str, Literal["min", "max"]]
    broken: tuple[BrokenRun, ...]

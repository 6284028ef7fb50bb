"""`CustomChart`: a table, what kind of chart it is of, and the picture of those kinds that are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from PIL import Image as PILImage

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.image import Image
from runlog.storage.kinds import is_number
from runlog.wandb.data_table import Table
from runlog.wandb.plot.curves import confusion, pr_curves, roc_curves
from runlog.wandb.plot.drawing import Axes, bars, lines, matrix, points

_MOST_BARS = 64


class CustomChart:
    """A chart of a table, to be logged: its picture under the key, the table under ``KEY_table``.

    Attributes
    ----------
    table
        The table.
    spec_name
        What kind of chart it is, such as ``wandb/line/v0``.
    fields
        Which column is what: ``x``, ``y``, ``label`` …
    string_fields
        Its texts: ``title`` …
    """

    def __init__(
        self,
        spec_name: str,
        table: Table,
        fields: Mapping[str, str],
        string_fields: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(table, Table):
            raise InvalidTypeError(f"the data of a chart must be a Table, but got {shown(table)}")
        if unknown := [column for column in fields.values() if column not in table.columns]:
            raise InvalidValueError(
                f"the fields of a chart must be columns of {shown(table.columns)}, "
                f"but got {shown(unknown[0])}"
            )
        self.table, self.spec_name = table, spec_name
        self.fields, self.string_fields = dict(fields), dict(string_fields or {})

    @property
    def kind(self) -> str:
        """The kind alone: ``line`` of ``wandb/line/v0``."""
        parts = self.spec_name.split("/")
        return parts[1] if len(parts) == 3 else self.spec_name

    def picture(self) -> Image | None:
        """Return the chart as it is drawn; None for a kind that is not."""
        draw = _DRAWN.get(self.kind)
        if draw is None or not self.table.data:
            return None
        return Image(draw(self), caption=f"{self.string_fields.get('title') or self.kind}")

    def logged_values(self, key: str) -> dict[str, Any]:
        """Return what is logged of it under a key."""
        shown_as = self.picture()
        said = ", ".join(f"{field}={column}" for field, column in self.fields.items())
        table = {f"{key}_table": self.table.as_stored()}
        return {key: f"{self.spec_name} ({said}) of {key}_table" if shown_as is None else shown_as, **table}

    def column(self, field: str) -> list[Any]:
        """Return the cells of the column that a field names; of none, as many None as there are rows."""
        name = self.fields.get(field)
        return [None] * len(self.table.data) if name is None else self.table.get_column(name)

    def axes(self) -> Axes:
        """Return what stands beside the drawing."""
        strings = self.string_fields
        return Axes(
            strings.get("title", ""),
            strings.get("x-axis-title") or strings.get("xname") or self.fields.get("x", ""),
            strings.get("y-axis-title") or self.fields.get("y", ""),
        )


class Visualize(CustomChart):
    """A table under the name of a kind of chart."""


def plot_table(
    vega_spec_name: str,
    data_table: Table,
    fields: Mapping[str, str],
    string_fields: Mapping[str, str] | None = None,
    split_table: bool = False,
) -> CustomChart:
    """Return a chart of a table."""
    return CustomChart(vega_spec_name, data_table, fields, string_fields)


def visualize(id: str, value: Table) -> Visualize:
    """Return a table as the chart of a kind."""
    return Visualize(id, value, {})


def line(
    table: Table, x: str, y: str, stroke: str | None = None, title: str = "", split_table: bool = False
) -> CustomChart:
    """Return a line chart of two columns, a line for each value of a third one."""
    fields = {"x": x, "y": y} | ({} if stroke is None else {"stroke": stroke})
    return CustomChart("wandb/line/v0", table, fields, {"title": title})


def scatter(table: Table, x: str, y: str, title: str = "", split_table: bool = False) -> CustomChart:
    """Return a chart of points."""
    return CustomChart("wandb/scatter/v0", table, {"x": x, "y": y}, {"title": title})


def bar(table: Table, label: str, value: str, title: str = "", split_table: bool = False) -> CustomChart:
    """Return a chart of bars, one a row."""
    return CustomChart("wandb/bar/v0", table, {"label": label, "value": value}, {"title": title})


def histogram(table: Table, value: str, title: str = "", split_table: bool = False) -> CustomChart:
    """Return how many values of a column lie in each of some bins."""
    return CustomChart("wandb/histogram/v0", table, {"value": value}, {"title": title})


def line_series(
    xs: Iterable[Any],
    ys: Iterable[Iterable[Any]],
    keys: Iterable[str] | None = None,
    title: str = "",
    xname: str = "x",
    split_table: bool = False,
) -> CustomChart:
    """Return a chart of several lines, over the same numbers or each over its own."""
    listed_ys = [list(series) for series in ys]
    listed = list(xs)
    of_each = listed if listed and isinstance(listed[0], (list, tuple)) else repeat(listed)
    names = [f"line_{place}" for place in range(len(listed_ys))] if keys is None else list(map(str, keys))
    if len(names) != len(listed_ys):
        raise InvalidValueError(f"keys must be as many as ys, but are {len(names)} and {len(listed_ys)}")
    table = Table(["step", "lineKey", "lineVal"])
    for name, own, series in zip(names, of_each, listed_ys, strict=False):
        for x, y in zip(own, series, strict=False):
            table.add_data(x, name, y)
    fields = {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"}
    return CustomChart("wandb/lineseries/v0", table, fields, {"title": title, "xname": xname})


def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str = "ROC Curve",
    split_table: bool = False,
) -> CustomChart:
    """Return the ROC curve of each class: samples × probabilities of the classes."""
    return _curves(
        roc_curves(y_true, y_probas, labels, classes_to_plot),
        ("fpr", "tpr"),
        {"title": title, "x-axis-title": "False positive rate", "y-axis-title": "True positive rate"},
    )


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,
) -> CustomChart:
    """Return precision over recall of each class: samples × probabilities of the classes."""
    return _curves(
        pr_curves(y_true, y_probas, labels, classes_to_plot, interp_size),
        ("recall", "precision"),
        {"title": title, "x-axis-title": "Recall", "y-axis-title": "Precision"},
    )


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix",
    split_table: bool = False,
) -> CustomChart:
    """Return how often each class was taken for each: by predictions, or the most probable class."""
    if y_true is None or (probs is None) == (preds is None):
        raise InvalidValueError("y_true must be given, and either preds or probs, but not both")
    names, counts = confusion(y_true, preds, probs, class_names)
    table = Table(["Actual", "Predicted", "nPredictions"])
    for row, actual in enumerate(names):
        for column, predicted in enumerate(names):
            table.add_data(actual, predicted, int(counts[row, column]))
    fields = {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"}
    return CustomChart("wandb/confusion_matrix/v1", table, fields, {"title": title})


def _curves(curves: Any, columns: tuple[str, str], strings: dict[str, str]) -> CustomChart:
    table = Table(["class", *columns])
    for name, xs, ys in curves:
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            table.add_data(name, round(x, 6), round(y, 6))
    return CustomChart(
        "wandb/area-under-curve/v0", table, {"x": columns[0], "y": columns[1], "class": "class"}, strings
    )


def _drawn_lines(chart: CustomChart, x: str, y: str, name: str) -> PILImage.Image:
    series: dict[str, list[tuple[float, float]]] = {}
    for of, at, value in zip(chart.column(name), chart.column(x), chart.column(y), strict=True):
        if is_number(at) and is_number(value) and math.isfinite(at) and math.isfinite(value):
            series.setdefault("" if of is None else str(of), []).append((float(at), float(value)))
    return lines(series, chart.axes())


def _drawn_points(chart: CustomChart) -> PILImage.Image:
    pairs = zip(chart.column("x"), chart.column("y"), strict=True)
    return points(
        [(float(x), float(y)) for x, y in pairs if is_number(x) and is_number(y) and math.isfinite(x + y)],
        chart.axes(),
    )


def _drawn_bars(chart: CustomChart) -> PILImage.Image:
    pairs = zip(chart.column("label"), chart.column("value"), strict=True)
    values = [
        (str(label), float(value)) for label, value in pairs if is_number(value) and math.isfinite(value)
    ]
    return bars(values[:_MOST_BARS], chart.axes())


def _drawn_matrix(chart: CustomChart) -> PILImage.Image:
    cells = list(
        zip(chart.column("Actual"), chart.column("Predicted"), chart.column("nPredictions"), strict=True)
    )
    names = list(dict.fromkeys(str(actual) for actual, _, _ in cells))
    counts = {(str(actual), str(predicted)): float(count) for actual, predicted, count in cells}
    return matrix(
        names, [[counts.get((row, column), 0.0) for column in names] for row in names], chart.axes()
    )


def _drawn_histogram(chart: CustomChart) -> PILImage.Image:
    from runlog.values.histogram import Histogram

    values = [float(value) for value in chart.column("value") if is_number(value)]
    counted = Histogram(values, num_bins=20)
    middles = [f"{(low + high) / 2:.3g}" for low, high in zip(counted.edges, counted.edges[1:], strict=False)]
    return bars(list(zip(middles, counted.counts.tolist(), strict=True)), chart.axes())


_DRAWN: dict[str, Callable[[CustomChart], PILImage.Image]] = {
    "line": lambda chart: _drawn_lines(chart, "x", "y", "stroke"),
    "lineseries": lambda chart: _drawn_lines(chart, "step", "lineVal", "lineKey"),
    "area-under-curve": lambda chart: _drawn_lines(chart, "x", "y", "class"),
    "scatter": _drawn_points,
    "bar": _drawn_bars,
    "histogram": _drawn_histogram,
    "confusion_matrix": _drawn_matrix,
}

"""Charts of tables: each is logged as its table and, where it is drawn, as a picture of it."""

from __future__ import annotations

from runlog.wandb.plot.charts import (
    CustomChart,
    Visualize,
    bar,
    confusion_matrix,
    histogram,
    line,
    line_series,
    plot_table,
    pr_curve,
    roc_curve,
    scatter,
    visualize,
)

__all__ = [
    "CustomChart",
    "Visualize",
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
    "visualize",
]

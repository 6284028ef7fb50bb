"""Log two steps of every kind of value with trackio itself, into ``TRACKIO_DIR``.

The folder in ``frozen/`` was made by this with trackio 0.43.0.
"""

import math

import numpy as np
import trackio

run = trackio.init(
    project="shapes", name="first", group="pairs", config={"rate": 0.1, "net": {"depth": 3}}, embed=False
)
rows = np.arange(6 * 8).reshape(6, 8)
for step in range(2):
    pixels = np.stack([rows * 5, rows * 3, rows + 40 * step], 2).astype(np.uint8)
    trackio.log(
        {
            "loss": 1 / (step + 1),
            "bad": math.nan,
            "far": -math.inf,
            "nested": {"a": step},
            "val/one": trackio.Image(pixels, caption=f"step {step}"),
            "rows": trackio.Table(
                columns=["word", "number", "picture"],
                data=[["a", 1, trackio.Image(pixels)], ["b", 2.5 + step, trackio.Image(255 - pixels)]],
            ),
            "weights": trackio.Histogram(np_histogram=([1, 0, 2], [0.0, 0.5, 1.0, 2.0])),
            "say": f"step {step}",
            "note": trackio.Markdown("*hi*"),
            "page": trackio.Html("<b>hi</b>"),
        },
        step=10 * step,
    )
trackio.finish()
trackio.init(project="shapes", name="second", config={"rate": 0.2}, embed=False)
trackio.log({"loss": 3})
trackio.finish()
